"""Directions, the pivot through English and bad models, with scripted models."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from stslocal.direction_tables import Direction
from stslocal.engines.firefox.directions import ModelFiles, find_directions
from stslocal.engines.firefox.entry import weights_of
from stslocal.engines.firefox.translator import FirefoxTranslator
from stslocal.engines.pairs import route
from stslocal.engines.protocols import Capabilities
from stslocal.engines.worker.process import WorkerProcess
from stslocal.errors import EngineError, ModelIntegrityError, SettingsError

pytestmark = pytest.mark.unit


@pytest.fixture(scope="module")
def worker() -> Iterator[WorkerProcess]:
    with WorkerProcess(
        "tests.engines.firefox.scripted_worker", "translates", attempts=2
    ) as process:
        yield process


def model(
    folder: Path, name: str, files: tuple[str, ...] = ("model.bin", "vocab.spm", "lex.bin")
) -> Path:
    (folder / name).mkdir()
    for file in files:
        (folder / name / file).touch()
    return folder / name


def capable(*pairs: tuple[str, str]) -> Capabilities:
    return Capabilities(pairs=frozenset(pairs))


class TestDirections:
    def test_are_in_the_name_of_the_folder(self, tmp_path: Path) -> None:
        names = ["firefox-en-fr", "firefox-fr-en", "firefox-zh-Hant-en", "firefox-en-zh-Hant"]
        names.append("firefox-en-de-tiny")
        found = [pair for name in names for pair in find_directions(model(tmp_path, name))]
        assert found[:2] == [("en", "fr"), ("fr", "en")]
        assert found[2:] == [("zh-Hant", "en"), ("en", "zh-Hant"), ("en", "de")]

    def test_one_vocabulary_or_two(self, tmp_path: Path) -> None:
        (shared,) = find_directions(model(tmp_path, "firefox-en-fr")).values()
        assert shared.source_vocabulary == shared.target_vocabulary
        assert shared.shortlist == tmp_path / "firefox-en-fr" / "lex.bin"
        two = ("model.bin", "srcvocab.spm", "trgvocab.spm")
        (split,) = find_directions(model(tmp_path, "firefox-en-ja", two)).values()
        assert split.source_vocabulary.name == "srcvocab.spm"
        assert split.target_vocabulary.name == "trgvocab.spm"
        assert split.shortlist is None

    def test_a_missing_file_is_named_with_the_command(self, tmp_path: Path) -> None:
        folder = model(tmp_path, "firefox-en-fr", ("vocab.spm",))
        with pytest.raises(
            ModelIntegrityError, match=r"model\.bin is missing: run `stslocal models pull fire"
        ):
            find_directions(folder)

    def test_another_folder_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(ModelIntegrityError, match="its name must be as firefox-en-fr"):
            find_directions(model(tmp_path, "firefox-fr-de"))

    def test_a_pair_is_reached_directly_or_through_english(self, tmp_path: Path) -> None:
        known: dict[Direction, ModelFiles] = {}
        for name in ("firefox-fr-en", "firefox-en-de", "firefox-en-fr"):
            known |= find_directions(model(tmp_path, name))
        assert route("en", "de", known) == [("en", "de")]
        assert route("fr", "de", known) == [("fr", "en"), ("en", "de")]
        assert route("de", "fr", known) == []


class TestTranslating:
    def test_each_sentence_goes_to_the_model(self, tmp_path: Path, worker: WorkerProcess) -> None:
        engine = FirefoxTranslator.load(
            model(tmp_path, "firefox-en-fr"), capabilities=capable(("en", "fr")), worker=worker
        )
        assert engine.translate(["ab. Cd.", "", "ef"], source="en", target="fr") == [
            "[firefox-en-fr](.ba) [firefox-en-fr](.dC)",
            "",
            "[firefox-en-fr](fe)",
        ]

    def test_sentences_are_split_before_the_first_translation_only(
        self, tmp_path: Path, worker: WorkerProcess
    ) -> None:
        folders = [model(tmp_path, name) for name in ("firefox-fr-en", "firefox-en-de")]
        engine = FirefoxTranslator.load(*folders, capabilities=capable(("fr", "de")), worker=worker)
        # Its English, "ab. Cd", looks like two sentences, and stays one.
        assert engine.translate(["dC .ba"], source="fr", target="de") == [
            "[firefox-en-de]()dC .ba(]ne-rf-xoferif[)"
        ]

    def test_a_text_may_be_one_sentence_whatever_its_punctuation(
        self, tmp_path: Path, worker: WorkerProcess
    ) -> None:
        engine = FirefoxTranslator.load(
            model(tmp_path, "firefox-en-fr"), capabilities=capable(("en", "fr")), worker=worker
        )
        sentences = ["ab. Cd.", "ef"]
        assert engine.translate_sentences(sentences, source="en", target="fr") == [
            "[firefox-en-fr](.dC .ba)",
            "[firefox-en-fr](fe)",
        ]
        with pytest.raises(SettingsError):
            engine.translate_sentences(sentences, source="fr", target="en")

    def test_no_space_between_sentences_of_japanese(
        self, tmp_path: Path, worker: WorkerProcess
    ) -> None:
        engine = FirefoxTranslator.load(
            model(tmp_path, "firefox-en-ja"), capabilities=capable(("en", "ja")), worker=worker
        )
        (text,) = engine.translate(["ab. Cd."], source="en", target="ja")
        assert text == "[firefox-en-ja](.ba)[firefox-en-ja](.dC)"

    def test_everyday_utterances_are_those_of_english_and_portuguese_only(
        self, tmp_path: Path, worker: WorkerProcess
    ) -> None:
        folders = [model(tmp_path, name) for name in ("firefox-pt-en", "firefox-en-fr")]
        engine = FirefoxTranslator.load(
            *folders, capabilities=capable(("pt", "fr"), ("en", "fr")), worker=worker
        )
        assert engine.translate(["Socorro!"], source="pt", target="fr") == [
            "[firefox-en-fr](!pleH)"
        ]
        assert engine.translate(["Thank you."], source="en", target="fr") == [
            "[firefox-en-fr](.uoy knahT)"
        ]

    def test_another_pair_is_refused(self, tmp_path: Path, worker: WorkerProcess) -> None:
        engine = FirefoxTranslator.load(
            model(tmp_path, "firefox-en-fr"), capabilities=capable(("en", "fr")), worker=worker
        )
        with pytest.raises(SettingsError, match=r"French.*it translates en to fr"):
            engine.translate(["ab"], source="fr", target="en")

    def test_letters_that_are_no_unicode(self, tmp_path: Path, worker: WorkerProcess) -> None:
        engine = FirefoxTranslator.load(
            model(tmp_path, "firefox-en-fr"), capabilities=capable(("en", "fr")), worker=worker
        )
        assert engine.translate(["a\ud800b"], source="en", target="fr") == ["[firefox-en-fr](b?a)"]

    def test_a_model_that_cannot_be_read_is_one_sentence(
        self, tmp_path: Path, worker: WorkerProcess
    ) -> None:
        (tmp_path / "firefox-en-bad").mkdir()
        folder = model(tmp_path / "firefox-en-bad", "firefox-en-bad")
        with pytest.raises(EngineError) as caught:
            FirefoxTranslator.load(folder, capabilities=capable(("en", "bad")), worker=worker)
        assert str(caught.value) == (
            f"firefox cannot use {folder / 'model.bin'} (no model): check it with "
            "`stslocal models verify`"
        )

    def test_a_model_that_ends_the_process_is_one_sentence(
        self, tmp_path: Path, worker: WorkerProcess
    ) -> None:
        folder = model(tmp_path, "firefox-en-deadly")
        with pytest.raises(EngineError, match=r"ends each time with .*model\.bin \(exit code 9\)"):
            FirefoxTranslator.load(folder, capabilities=capable(("en", "deadly")), worker=worker)


class TestEntry:
    def test_a_pair_through_english_has_both_models(self) -> None:
        listed = {"firefox-en-fr": ("en", "fr"), "firefox-fr-en": ("fr", "en")}
        listed |= {"firefox-de-en": ("de", "en")}
        weights = {each.name: each for each in weights_of(listed, packed=True)}
        assert {name: each.models for name, each in weights.items()} == {
            "firefox-en-fr": ("firefox-en-fr",),
            "firefox-fr-en": ("firefox-fr-en",),
            "firefox-de-en": ("firefox-de-en",),
            "firefox-de-fr": ("firefox-de-en", "firefox-en-fr"),
            "firefox-fr-pt": ("firefox-fr-en", "bergamot-en-pt"),
            "firefox-de-pt": ("firefox-de-en", "bergamot-en-pt"),
            "firefox-pt-fr": ("bergamot-en-pt", "firefox-en-fr"),
            "firefox-en-pt": ("bergamot-en-pt",),
        }
        assert weights["firefox-de-fr"].capabilities().pairs == {("de", "fr")}
        assert weights["firefox-en-pt"].capabilities().pairs == {("en", "pt"), ("pt", "en")}
        assert not any(each.smaller for each in weights.values())

    def test_a_smaller_model_is_behind_the_best_one(self) -> None:
        listed = {
            "firefox-en-fr": ("en", "fr"),
            "firefox-en-fr-tiny": ("en", "fr"),
            "firefox-fr-en": ("fr", "en"),
            "firefox-de-en": ("de", "en"),
            "firefox-de-en-tiny": ("de", "en"),
            "firefox-it-en": ("it", "en"),
        }
        weights = {each.name: each for each in weights_of(listed, packed=True)}
        smaller = {name: each.models for name, each in weights.items() if each.smaller}
        assert smaller == {
            "firefox-en-fr-tiny": ("firefox-en-fr-tiny",),
            "firefox-de-en-tiny": ("firefox-de-en-tiny",),
            "firefox-de-fr-tiny": ("firefox-de-en-tiny", "firefox-en-fr-tiny"),
            "firefox-it-fr-tiny": ("firefox-it-en", "firefox-en-fr-tiny"),
            "firefox-pt-fr-tiny": ("bergamot-en-pt", "firefox-en-fr-tiny"),
            "firefox-de-pt-tiny": ("firefox-de-en-tiny", "bergamot-en-pt"),
        }
        assert weights["firefox-de-fr"].models == ("firefox-de-en", "firefox-en-fr")
        assert weights["firefox-it-fr-tiny"].capabilities().pairs == {("it", "fr")}

    def test_without_the_package_portuguese_is_fetched(self) -> None:
        listed = {"firefox-en-pt": ("en", "pt"), "firefox-pt-en": ("pt", "en")}
        listed |= {"firefox-fr-en": ("fr", "en")}
        weights = {each.name: each for each in weights_of(listed, packed=False)}
        assert {name: each.models for name, each in weights.items()} == {
            "firefox-fr-en": ("firefox-fr-en",),
            "firefox-fr-pt": ("firefox-fr-en", "firefox-en-pt"),
            "firefox-en-pt": ("firefox-en-pt", "firefox-pt-en"),
        }
        assert weights["firefox-en-pt"].auto
