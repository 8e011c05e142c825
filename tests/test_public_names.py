from __future__ import annotations

import pytest

import stslocal

pytestmark = pytest.mark.unit

PUBLIC = """
AudioDecodeError AudioDeviceError AudioError EngineError ModelDownloadError ModelError
ModelIntegrityError ModelNotFoundError OutputError PlacedSegment Session SettingsError
SpeechTranslator StageError StslocalError TranslatedSpeech __version__
""".split()


def test_the_public_names_are_these() -> None:
    assert sorted(stslocal.__all__) == sorted(PUBLIC)


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_name_is_there_and_documented(name: str) -> None:
    assert getattr(stslocal, name).__doc__


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="nothing_like_this"):
        _ = stslocal.nothing_like_this
