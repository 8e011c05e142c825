"""Several languages that a person names (`--from en,pt`): no other one is detected."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import pytest

from stslocal.cli.file_options import listed_languages
from stslocal.errors import SettingsError
from stslocal.files.options import FileOptions
from stslocal.files.plan import FileTask
from stslocal.files.translation import FileTranslation
from stslocal.loading.engines import Engines
from stslocal.translation.request import TranslationRequest
from tests.fakes import FakeRecognizer

pytestmark = pytest.mark.unit

REQUEST = TranslationRequest("pt")


def run(engines: Engines, task: FileTask, spoken: str, *languages: str) -> FileTranslation:
    recognizer = cast("FakeRecognizer", engines.recognizer)
    engines = replace(engines, recognizer=replace(recognizer, language=spoken))
    running = FileTranslation(engines, task.source, FileOptions(REQUEST, languages=languages))
    assert list(running.segments())
    return running


def test_what_sounds_like_another_language_is_taken_for_one_that_is_named(
    engines: Engines, task: FileTask
) -> None:
    assert run(engines, task, "es", "pt", "en").source_language == "en"


def test_a_language_that_is_named_is_detected(engines: Engines, task: FileTask) -> None:
    running = run(engines, task, "en", "pt", "en")
    assert (running.source_language, running.source_probability) == ("en", 0.99)


def test_a_rerun_with_other_languages_is_another_translation(engines: Engines) -> None:
    options = FileOptions(REQUEST, languages=("en", "pt"))
    assert options.fingerprint(engines.selection)["languages"] == ["en", "pt"]
    assert "languages" not in FileOptions(REQUEST).fingerprint(engines.selection)


def test_languages_are_listed_by_code_or_name() -> None:
    assert listed_languages("en, Portuguese,eng") == ("en", "pt")
    assert listed_languages("en") == ()
    assert listed_languages("auto") == ()
    assert listed_languages(None) == ()
    for wrong in ("en,", "en,xx", ",", "auto,en"):
        with pytest.raises(SettingsError, match="is not a language"):
            listed_languages(wrong)
