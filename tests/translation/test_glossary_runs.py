"""A glossary from the settings, in file and live translation, and the reports about it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import soundfile

from stslocal.api import SpeechTranslator
from stslocal.cli import main
from stslocal.engines.protocols import TextTranslator
from stslocal.errors import SettingsError
from stslocal.files.options import FileOptions
from stslocal.files.translation import FileTranslation
from stslocal.loading.engines import Engines
from stslocal.metrics import Notice, SegmentTranslated
from stslocal.settings import Settings
from stslocal.types import RECOGNITION_RATE, Samples, VoiceProfile
from tests.fake_engines import NAMES, fake_engines
from tests.fakes import (
    FakeRecognizer,
    FakeSynthesizer,
    FakeTranslator,
    Lexicon,
)

pytestmark = pytest.mark.unit


class LosingTranslator(FakeTranslator):
    """Loses the terms and the codes that a glossary puts in."""

    def translate(
        self, texts: Sequence[str], *, source: str, target: str, quick: bool = False
    ) -> list[str]:
        made = super().translate(texts, source=source, target=target)
        return [text.replace("malha", "?").replace("X1", "?") for text in made]


@pytest.fixture
def lexicon() -> Lexicon:
    return Lexicon()


@pytest.fixture
def terms(tmp_path: Path) -> Path:
    path = tmp_path / "terms.tsv"
    path.write_text("net\tmalha\n", encoding="utf-8")
    return path


@pytest.fixture
def recording(tmp_path: Path, lexicon: Lexicon) -> Path:
    path = tmp_path / "talk.wav"
    said = lexicon.script((0.5, "the net is here."), (4.5, "the net is there."))
    soundfile.write(path, said, RECOGNITION_RATE, subtype="FLOAT")
    return path


def translated(
    lexicon: Lexicon, recording: Path, terms: Path, translator: TextTranslator, source: str = "en"
) -> tuple[list[str], list[str]]:
    """The translations of a recording's segments, and the warnings."""
    settings = Settings(source=source, target="pt" if source == "en" else "en", glossary=str(terms))
    running = FileTranslation(
        fake_engines(lexicon, translators={"words": translator}),
        recording,
        FileOptions.from_settings(settings),
    )
    return [placed.spoken.translated.text for placed in running.segments()], running.warnings


class TestFiles:
    def test_the_glossary_is_applied(self, lexicon: Lexicon, recording: Path, terms: Path) -> None:
        assert translated(lexicon, recording, terms, FakeTranslator()) == (
            ["pt:the pt:malha pt:is pt:here.", "pt:the pt:malha pt:is pt:there."],
            [],
        )

    def test_lost_terms_are_reported(self, lexicon: Lexicon, recording: Path, terms: Path) -> None:
        texts, warnings = translated(lexicon, recording, terms, LosingTranslator())
        assert texts[0] == "pt:the pt:net pt:is pt:here."
        assert warnings == ["terms of the glossary that were translated freely: 'net' 2 x"]

    def test_whispers_own_translation_is_refused(
        self, lexicon: Lexicon, recording: Path, terms: Path
    ) -> None:
        with pytest.raises(SettingsError, match="a glossary needs a translator"):
            translated(lexicon, recording, terms, FakeTranslator(), source="de")
        with pytest.raises(SettingsError, match="a glossary needs a translator"):
            NAMES.check(Settings(target="en", mt="whisper", glossary=str(terms)))

    def test_another_glossary_gives_another_fingerprint(self, terms: Path) -> None:
        def fingerprint(glossary: str = "") -> object:
            settings = Settings(target="pt", glossary=glossary)
            return FileOptions.from_settings(settings).fingerprint(NAMES)

        before = fingerprint(str(terms))
        assert before != fingerprint()
        terms.write_text("# the same\nnet\tmalha\n", encoding="utf-8")
        assert fingerprint(str(terms)) == before
        terms.write_text("net\trede\n", encoding="utf-8")
        assert fingerprint(str(terms)) != before


class NotingSynthesizer(FakeSynthesizer):
    """Keeps what it was to say."""

    def __init__(self, lexicon: Lexicon) -> None:
        FakeSynthesizer.__init__(self, lexicon=lexicon)
        self.said: list[str] = []

    def synthesize(
        self, text: str, *, language: str, voice: VoiceProfile | None = None, speed: float = 1.0
    ) -> Iterator[Samples]:
        self.said.append(text)
        return FakeSynthesizer.synthesize(self, text, language=language, voice=voice, speed=speed)


def test_a_term_is_spoken_as_the_glossary_says(lexicon: Lexicon, recording: Path) -> None:
    """In a file and live; what is written stays."""
    terms = recording.with_name("said.tsv")
    terms.write_text("net\tmalha\tmalia\nhere\t\tir\n", encoding="utf-8")
    voice = NotingSynthesizer(lexicon)
    engines = replace(fake_engines(lexicon), synthesizer=voice)
    settings = Settings(source="en", target="pt", glossary=str(terms))
    running = FileTranslation(engines, recording, FileOptions.from_settings(settings))
    texts = [placed.spoken.translated.text for placed in running.segments()]
    assert texts[0] == "pt:the pt:malha pt:is pt:here."
    assert voice.said[0] == "pt:the pt:malia pt:is pt:ir."
    voice.said.clear()
    live = SpeechTranslator(engines, settings)
    events = list(live.stream(spoken(lexicon.script((0.2, "the net is here.")))))
    assert texts[0] in [event.text for event in events if isinstance(event, SegmentTranslated)]
    assert " ".join(voice.said).replace(",", "") == "pt:the pt:malia pt:is pt:ir."


def spoken(samples: Samples) -> Iterator[Samples]:
    """Chunks of 0.1 s, at their pace."""
    step = RECOGNITION_RATE // 10
    for start in range(0, len(samples), step):
        time.sleep(0.1)
        yield samples[start : start + step]


@pytest.mark.parametrize(
    ("translator", "text", "notices"),
    [
        (FakeTranslator(), "pt:the pt:malha pt:is pt:here.", []),
        (
            LosingTranslator(),
            "pt:the pt:net pt:is pt:here.",
            ["'net' of the glossary was translated freely"],
        ),
    ],
)
def test_live_applies_the_glossary_and_reports_lost_terms(
    lexicon: Lexicon, terms: Path, translator: TextTranslator, text: str, notices: list[str]
) -> None:
    settings = Settings(source="en", target="pt", glossary=str(terms))
    live = SpeechTranslator(fake_engines(lexicon, translators={"words": translator}), settings)
    events = list(live.stream(spoken(lexicon.script((0.2, "the net is here.")))))
    assert [event.text for event in events if isinstance(event, SegmentTranslated)] == [text]
    assert [event.text for event in events if isinstance(event, Notice)] == notices


def test_live_refuses_a_glossary_where_the_recognizer_translates(
    lexicon: Lexicon, terms: Path
) -> None:
    settings = Settings(source="de", target="en", glossary=str(terms))
    live = SpeechTranslator(fake_engines(lexicon), settings)
    with pytest.raises(SettingsError, match="a glossary needs a translator"):
        list(live.stream(iter(())))


def test_live_reports_once_that_the_glossary_is_not_used_for_a_detected_language(
    lexicon: Lexicon, terms: Path
) -> None:
    settings = Settings(source="auto", target="en", glossary=str(terms))
    all_engines = fake_engines(lexicon)
    german = replace(all_engines, recognizer=FakeRecognizer(lexicon=lexicon, language="de"))
    live = SpeechTranslator(german, settings)
    said = lexicon.script((0.2, "das net ist hier."), (2.6, "das net ist da."))
    events = list(live.stream(spoken(said)))
    texts = [event.text for event in events if isinstance(event, SegmentTranslated)]
    assert texts == ["en:das en:net en:ist en:hier.", "en:das en:net en:ist en:da."]
    assert [event.text for event in events if isinstance(event, Notice)] == [
        "German (de) is translated by Whisper itself: the glossary is not used for it"
    ]


class TestCommandLine:
    @pytest.mark.parametrize("command", ["translate", "live"])
    def test_a_glossary_that_cannot_be_used_is_reported_before_anything_loads(
        self,
        command: str,
        recording: Path,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        def load(*_: object, **__: object) -> Engines:
            raise AssertionError("it loads")

        monkeypatch.setattr("stslocal.loading.load.load_engines", load)
        inputs = [str(recording)] if command == "translate" else []
        code = main(
            [command, *inputs, "--from", "en", "--to", "pt", "--glossary", str(tmp_path / "x.tsv")]
        )
        assert code == 2
        assert "x.tsv does not exist: check the name" in capsys.readouterr().err

    def test_the_environment_may_name_it(self, terms: Path) -> None:
        assert Settings.load(environ={"STSLOCAL_GLOSSARY": str(terms)}).glossary == str(terms)
