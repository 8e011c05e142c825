"""The log records of the package and their levels; texts are logged at DEBUG only."""

from __future__ import annotations

import ast
import logging
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stslocal.audio.card import SoundCard
from stslocal.clock import VirtualClock
from stslocal.engines import registry
from stslocal.engines.nllb.translator import NllbTranslator
from stslocal.engines.protocols import Capabilities
from stslocal.engines.seq2seq import compute_choice
from stslocal.engines.xtts.guards import TailTrimmer
from stslocal.loading.speeds import Speeds
from stslocal.machine import Processor
from stslocal.translation.glossary import Glossary, Term
from stslocal.translation.glossary_translator import GlossaryTranslator
from stslocal.voices.choose import VoiceEngines
from stslocal.voices.store import VoiceStore
from tests.extras import need
from tests.fake_sounddevice import FakeCard, FakeSoundDevice
from tests.fakes import FakeCloner, FakeSynthesizer
from tests.tiny_nllb import make_tiny_nllb

pytestmark = pytest.mark.unit

PACKAGE = Path(__file__).resolve().parent.parent / "stslocal"
SECRET = "The train leaves at noon."


@pytest.fixture(autouse=True)
def _every_record(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "stslocal")


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Callable[[int], list[str]]:
    """The messages of one level. A message above DEBUG must not have the text of speech."""

    def messages(level: int) -> list[str]:
        for record in caplog.records:
            assert record.name.startswith("stslocal.")
            assert record.levelno == logging.DEBUG or SECRET not in record.getMessage()
        return [record.getMessage() for record in caplog.records if record.levelno == level]

    return messages


Logged = Callable[[int], list[str]]


class TestRules:
    def test_a_program_without_logging_set_up_shows_nothing(self) -> None:
        program = (
            "import logging, stslocal\n"
            "logging.getLogger('stslocal.engines.x').warning('float32')\n"
            "logging.getLogger('a.host').warning('mine')\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", program],
            cwd=PACKAGE.parent,
            capture_output=True,
            text=True,
            check=True,
        )
        assert (done.stdout, done.stderr) == ("", "mine\n")

    def test_every_module_logs_under_its_own_name(self) -> None:
        for path in PACKAGE.rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            if re.search(r"\b_log\.(debug|info|warning|error|exception)\(", text):
                assert "\n_log = logging.getLogger(__name__)\n" in text, path

    def test_code_in_portaudios_callback_cannot_log(self) -> None:
        for name in ("audio/streams.py", "rings/samples.py"):
            tree = ast.parse((PACKAGE / name).read_text(encoding="utf-8"))
            imported = {
                alias.name
                for node in ast.walk(tree)
                if isinstance(node, ast.Import)
                for alias in node.names
            }
            assert "logging" not in imported, name


class TestLoading:
    def test_a_loaded_engine_is_logged_with_its_time(
        self, monkeypatch: pytest.MonkeyPatch, logged: Logged
    ) -> None:
        clock = VirtualClock()

        class Slow:
            @classmethod
            def load(cls) -> Slow:
                clock.work(0.11)
                return cls()

        row = registry.EngineEntry("slow", registry.VAD, "x:X")
        monkeypatch.setattr(registry, "ENGINES", (row,))
        monkeypatch.setattr(registry, "_import", lambda entry, target: Slow)
        monkeypatch.setattr(registry, "perf_counter", clock.now)
        registry.create(registry.VAD, "slow", None)  # type: ignore[arg-type]
        assert logged(logging.INFO) == ["voice activity detector slow is loaded in 0.1 s"]

    def test_the_compute_type_of_a_translator_is_logged(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, logged: Logged
    ) -> None:
        monkeypatch.setenv("STSLOCAL_CACHE", str(tmp_path / "cache"))
        folder = make_tiny_nllb(tmp_path / "tiny")
        NllbTranslator.load(folder, device="cpu", compute_type="float32", threads=1)
        assert logged(logging.INFO) == ["tiny computes on cpu in float32, threads 1"]

    def test_a_measurement_is_logged_once(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, logged: Logged
    ) -> None:
        monkeypatch.setenv("STSLOCAL_CACHE", str(tmp_path / "cache"))
        monkeypatch.setattr(compute_choice, "processor", lambda: Processor("A CPU", 2, ()))
        (tmp_path / "model.bin").write_bytes(bytes(100))
        for _ in range(2):
            compute_choice.choose(tmp_path, lambda kind, threads: [0.5], compute_type="int8")
        figures = "int8 with 2 threads (int8 x 2 0.50 s, int8 x 1 0.50 s)"
        assert logged(logging.INFO) == [f"{tmp_path.name} computes fastest here as {figures}"]

    def test_the_speed_of_an_engine_is_logged(self, logged: Logged) -> None:
        Speeds(None, "laptop").keep("whisper-base, cpu auto, all threads", 0.234)
        assert logged(logging.INFO) == [
            "the speed of whisper-base, cpu auto, all threads: 0.23 x real time"
        ]

    def test_a_lower_precision_than_the_settings_ask_for_is_a_warning(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, logged: Logged
    ) -> None:
        need("TTS")
        from stslocal.engines.xtts import synthesizer

        loaded: list[Any] = []
        monkeypatch.setattr(synthesizer, "load_checkpoint", lambda folder: None)
        monkeypatch.setattr(synthesizer, "load_speakers", lambda folder: {})
        monkeypatch.setattr(synthesizer, "float16_is_fast", lambda: False)
        monkeypatch.setattr(
            synthesizer.XttsSynthesizer, "__init__", lambda self, *_, **options: loaded.append(1)
        )
        for kind in ("auto", "float16"):
            synthesizer.XttsSynthesizer.load(tmp_path, device="cpu", compute_type=kind)
        assert len(loaded) == 2
        assert logged(logging.INFO) == 2 * [
            f"{tmp_path.name} computes on cpu with matrices in torch.float32"
        ]
        assert logged(logging.WARNING) == [
            f"{tmp_path.name} computes in float32: float16 is slower here"
        ]


class TestGuards:
    def test_a_translation_that_is_searched_again_is_logged(
        self, tmp_path: Path, logged: Logged
    ) -> None:
        folder = make_tiny_nllb(tmp_path / "tiny", ends=False)
        translator = NllbTranslator.load(folder, compute_type="int8", threads=1)
        (made,) = translator.translate([SECRET], source="en", target="pt", quick=True)
        (message,) = logged(logging.DEBUG)
        assert message.startswith(f"'{SECRET}' became '")
        assert "and after a wider search" in message
        assert repr(made) in message
        assert "score -" in message

    def test_sound_dropped_after_the_last_word_is_logged(self, logged: Logged) -> None:
        rate = 24_000
        time_s = np.arange(rate) / rate
        voice = sum(np.sin(2 * np.pi * 120 * n * time_s) / n for n in range(1, 8))
        trimmer = TailTrimmer(rate)
        trimmer.push(np.concatenate([0.1 * voice, np.zeros(rate)]).astype(np.float32))
        trimmer.finish()
        (message,) = logged(logging.DEBUG)
        assert message.endswith(" s after the last word are dropped")
        assert 0.7 < float(message.split()[0]) < 0.8

    def test_a_term_that_is_translated_freely_is_logged(self, logged: Logged) -> None:
        class IgnoringTranslator:
            capabilities = Capabilities(pairs=frozenset({("en", "pt")}))

            def translate(self, texts: Sequence[str], **_: object) -> list[str]:
                return ["O comboio parte." for _ in texts]

        translator = GlossaryTranslator(IgnoringTranslator(), Glossary([Term("train", "trem")]))
        translator.translate([SECRET], source="en", target="pt")
        assert logged(logging.DEBUG) == [
            f"'{SECRET}' lacks terms in 'O comboio parte.': tried with ['X1']",
            f"'{SECRET}' is translated freely: 'O comboio parte.'",
        ]
        assert logged(logging.INFO) == []


def test_a_voice_like_the_speakers_is_logged(tmp_path: Path, logged: Logged) -> None:
    engines = VoiceEngines(FakeSynthesizer(), FakeCloner(), "fake", saved=VoiceStore(tmp_path))
    engines.like(np.ones(16_000, np.float32), 16_000, language="pt")
    (message,) = logged(logging.INFO)
    assert message.startswith("a voice like the speaker's: ")


class TestDevices:
    @pytest.fixture
    def card(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[FakeSoundDevice, SoundCard]]:
        fake = FakeSoundDevice([FakeCard("Webcam", inputs=1)], default_input="Webcam")
        monkeypatch.setitem(sys.modules, "sounddevice", fake)
        card = SoundCard("webcam", "input", buffer_s=1.0, retry_s=0.0)
        card.open()
        yield fake, card
        card.close()

    def test_a_device_that_is_lost_and_comes_back_is_logged(
        self, card: tuple[FakeSoundDevice, SoundCard], logged: Logged
    ) -> None:
        fake, webcam = card
        away = fake.plugged.pop()
        fake.streams[0].vanish()
        assert webcam.check() is None
        assert logged(logging.INFO) == ["the microphone 'Webcam' is gone"]
        closed, failed = logged(logging.DEBUG)
        assert closed == "the stream of the microphone is closed: it ended"
        assert failed.startswith("attempt 1 failed: ")
        fake.plugged.append(away)
        for _ in range(100):
            if len(fake.streams) < 2:
                assert webcam.check() is None
        fake.streams[1].capture(np.zeros((9600, 1), np.float32))
        assert webcam.check() is not None
        assert logged(logging.INFO)[1:] == ["the microphone 'Webcam' is back"]
