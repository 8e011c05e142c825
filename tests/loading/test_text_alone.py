"""A translation that is text alone: what it needs, and what is said where no voice speaks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from stslocal.errors import ModelNotFoundError, NotSpokenError
from stslocal.loading.load import check_run
from stslocal.loading.model_names import models_to_pull
from stslocal.loading.parts import selection_of
from stslocal.loading.select import select_engines
from stslocal.models.manifest_file import load_manifest
from stslocal.models.store import ModelStore
from stslocal.settings import Settings

pytestmark = pytest.mark.unit


class Store(ModelStore):
    """The shipped manifest, and some models that count as installed."""

    def __init__(self, *installed: str) -> None:
        super().__init__(Path("nowhere"), load_manifest())
        self.here = installed

    def installed(self, model_id: str) -> bool:
        return model_id in self.here

    is_complete = installed


def pulled(name: str) -> list[str]:
    return [model.id for model in models_to_pull([name], Settings(), Store())]


def test_a_language_without_a_voice_is_translated_into_text() -> None:
    said: list[str] = []
    here = Store()
    models = models_to_pull(["uk"], Settings(), here, say=said.append)
    assert [model.id for model in models] == ["whisper-base", "firefox-en-uk"]
    (sentence,) = said
    assert "no voice speaks Ukrainian (uk): `stslocal translate ... --to uk --tts none`" in sentence
    assert pulled("fr-uk") == ["whisper-base", "firefox-fr-en", "firefox-en-uk"]
    assert pulled("en-sw")[1:] == ["nllb-200-distilled-600m"]


def test_text_alone_needs_no_voice() -> None:
    settings, here = Settings(target="uk"), Store("whisper-base", "firefox-en-uk")
    with pytest.raises(NotSpokenError, match="Ukrainian"):
        check_run(settings, here)
    text = replace(settings, tts="none", voice="pm_alex")
    selection = select_engines(text, here)
    check_run(text, here, selection)
    assert (selection.synthesizer, selection.converter, selection.is_spoken) == ("", "", False)
    assert selection.as_settings()["tts"] == "none"
    assert selection_of({**selection.as_settings()}) == replace(selection, translator="auto")
    with pytest.raises(ModelNotFoundError, match="needs firefox-en-bg, which is not installed"):
        check_run(replace(text, target="bg"), here)
