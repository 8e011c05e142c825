"""A recognizer that is weak in the language is named, with the command that helps."""

from __future__ import annotations

from pathlib import Path

import pytest

from stslocal.engines import registry
from stslocal.engines.whisper.accuracy import wrong_words
from stslocal.loading.advice import SPEAKING, device_advice, recognizer_advice, region_advice
from stslocal.loading.selection import EngineSelection
from stslocal.models.manifest_file import load_manifest
from stslocal.models.store import ModelStore
from stslocal.settings import Settings

pytestmark = pytest.mark.unit


class Installed(ModelStore):
    """A store in which the named models are installed."""

    def __init__(self, *names: str) -> None:
        super().__init__(Path("nowhere"), load_manifest())
        self._names = names

    def installed(self, model_id: str) -> bool:
        return model_id in self._names


def advice(model: str, source: str, *installed: str) -> str:
    selection = EngineSelection(model, "auto", "kokoro")
    settings = Settings(source=source, target="en")
    return recognizer_advice(selection, settings, Installed(model, *installed))


def test_the_next_better_one_is_advised() -> None:
    assert advice("whisper-base", "pt") == (
        "whisper-base gets about 1 word in 3 of Portuguese wrong: `stslocal models pull "
        "whisper-small` (486 MB) installs a better recognizer, which is used where the machine is "
        "fast enough"
    )
    assert "`stslocal models pull whisper-medium`" in advice("whisper-small", "nl")
    assert "`stslocal models pull whisper-base`" in advice("whisper-tiny", "pl")
    assert advice("whisper-base", "pl").startswith("whisper-base gets many words of Polish wrong")


@pytest.mark.parametrize(
    ("model", "source", "installed"),
    [
        ("whisper-base", "en", ()),
        ("whisper-base", "auto", ()),
        ("whisper-base", "pt", ("whisper-small",)),
        ("whisper-base", "pt", ("whisper-large-v3",)),
        ("whisper-small", "pt", ()),
        ("whisper-large-v3", "nl", ()),
    ],
)
def test_nothing_is_said_where_nothing_helps(
    model: str, source: str, installed: tuple[str, ...]
) -> None:
    assert advice(model, source, *installed) == ""


def test_the_table_names_models_of_the_registry_and_larger_ones_are_better() -> None:
    known = {choice.name for choice in registry.choices(registry.RECOGNIZER)}
    assert {"whisper-base", "whisper-small"} <= known
    assert wrong_words("whisper-tiny", "nl") == "about 1 word in 2"
    assert wrong_words("whisper-base", "nl") == "about 1 word in 3"
    assert wrong_words("whisper-small", "nl") == "about 1 word in 6"
    assert wrong_words("whisper-small", "de") == ""


@pytest.mark.parametrize(
    ("to", "tts", "sentence"),
    [
        ("pt", "kokoro", ""),
        (
            "pt-BR",
            "kokoro",
            "Portuguese of Brazil: the voice is that of Brazil; the words and the spelling are as "
            "the translator gives them",
        ),
        (
            "pt-PT",
            "kokoro",
            "Portuguese of Portugal: no voice here has it, so the voice is that of Brazil; the "
            "words and the spelling are as the translator gives them",
        ),
        (
            "en-AU",
            "kokoro",
            "English of Australia: no voice here has it, so the voice is that of the United "
            "Kingdom or the United States; the words and the spelling are as the translator gives "
            "them",
        ),
        (
            "es-MX",
            "kokoro",
            "Spanish of Mexico: the voice is that of Latin America; the words and the spelling are "
            "as the translator gives them",
        ),
        (
            "fr-CA",
            "xtts",
            "French of Canada: xtts has no regional voices, so it speaks as it does; the words and "
            "the spelling are as the translator gives them",
        ),
    ],
)
def test_one_sentence_says_what_becomes_of_a_region(to: str, tts: str, sentence: str) -> None:
    settings = Settings.load({"target": to}, environ={})
    selection = EngineSelection("whisper-small", "auto", tts, ("nllb-200-distilled-600m",))
    assert region_advice(selection, settings) == sentence


def test_a_region_of_the_speech_is_said_alone() -> None:
    settings = Settings.load({"source": "pt-BR", "target": "en"}, environ={})
    assert region_advice(EngineSelection("whisper-small", "auto", "kokoro"), settings) == (
        "Portuguese of Brazil is recognized as Portuguese of any region"
    )


@pytest.mark.parametrize(
    ("device", "translators", "tts", "converter", "sentence"),
    [
        ("auto", ("bergamot-en-pt",), "kokoro", "", ""),
        ("cpu", ("bergamot-en-pt",), "kokoro", "", ""),
        ("cuda", ("nllb-200-distilled-600m",), "xtts", "", ""),
        (
            "cuda",
            ("nllb-200-distilled-600m",),
            "pocket-fr",
            "",
            "pocket-fr runs on the processor, also with `--device cuda`: it cannot use a GPU",
        ),
        (
            "cuda",
            ("bergamot-en-pt",),
            "kokoro",
            "openvoice",
            "bergamot-en-pt, kokoro-82m-int8 and openvoice-v2 run on the processor, also with "
            "`--device cuda`: they cannot use a GPU",
        ),
    ],
)
def test_one_sentence_says_what_runs_on_the_processor_in_spite_of_a_gpu(
    device: str, translators: tuple[str, ...], tts: str, converter: str, sentence: str
) -> None:
    settings = Settings.load({"target": "pt", "device": device}, environ={})
    selection = EngineSelection("whisper-small", "auto", tts, translators, converter=converter)
    assert device_advice(selection, settings) == sentence


def test_where_only_a_voice_is_needed_only_its_engines_are_named() -> None:
    settings = Settings.load({"target": "pt", "device": "cuda"}, environ={})
    selection = EngineSelection("whisper-small", "auto", "kokoro", ("bergamot-en-pt",))
    assert device_advice(selection, settings, SPEAKING) == (
        "kokoro-82m-int8 runs on the processor, also with `--device cuda`: it cannot use a GPU"
    )
