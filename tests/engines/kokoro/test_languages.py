from __future__ import annotations

import pytest

from stslocal import languages
from stslocal.engines.kokoro.languages import LANGUAGES
from stslocal.models.manifest_file import load_manifest

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("code", sorted(LANGUAGES))
def test_languages_are_in_the_table_and_voices_in_the_manifest(code: str) -> None:
    assert languages.find(code).code == code
    spoken = LANGUAGES[code]
    names = [file.name for file in load_manifest().models["kokoro-voices"].files]
    assert any(name[0] in spoken.voice_initials for name in names)
    assert f"{spoken.default_voice}.bin" in names
    assert spoken.default_voice[0] in spoken.voice_initials
