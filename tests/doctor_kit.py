"""A fake machine for `stslocal doctor`: small models, fake engines, chosen sound cards."""

from __future__ import annotations

import builtins
import sys
from pathlib import Path
from typing import Any

import pytest
import soundfile

from stslocal.audio import devices
from stslocal.clock import VirtualClock
from stslocal.doctor import examination, sentence_times
from stslocal.loading import load as loading
from stslocal.loading.engines import Engines, Threads
from stslocal.loading.selection import EngineSelection
from stslocal.machine import Memory, Processor
from stslocal.models import store as model_store
from stslocal.models.manifest_file import load_manifest
from stslocal.models.store import ModelStore
from stslocal.samples import BundledClip
from stslocal.types import RECOGNITION_RATE
from tests.fake_sounddevice import FakeCard, FakeSoundDevice
from tests.fakes import (
    Cost,
    FakeCloner,
    FakeRecognizer,
    FakeSynthesizer,
    FakeTranslator,
    FakeVad,
    Lexicon,
)
from tests.models.download.kit import model_text, npm, write_manifest

STARTER = ("whisper-base", "bergamot-en-pt", "kokoro-82m-int8", "kokoro-voices", "ge2e")
"""The models that the default engines load."""
SPARE = "spare"
"""A model that the default engines do not need."""


def model_files(model_id: str) -> dict[str, bytes]:
    return {"model.bin": model_id.encode() * 100_000, "config.json": b"{}"}


def make_store(folder: Path) -> ModelStore:
    """Return an empty store with a manifest of all these models."""
    models = (model_text(name, model_files(name), npm(f"{name}@1.0")) for name in (*STARTER, SPARE))
    manifest = write_manifest(folder / "m.toml", *models, packs={"starter": STARTER})
    return ModelStore(folder / "models", load_manifest(manifest))


def install(store: ModelStore, *model_ids: str) -> None:
    for model_id in model_ids or STARTER:
        folder = store.root / model_id
        folder.mkdir(parents=True)
        for name, data in model_files(model_id).items():
            (folder / name).write_bytes(data)


def damage(store: ModelStore, model_id: str) -> Path:
    """Change a bit of an installed model. Returns the damaged file."""
    path = store.root / model_id / "model.bin"
    data = path.read_bytes()
    path.write_bytes(bytes([data[0] ^ 1]) + data[1:])
    return path


def make_engines(clock: VirtualClock, lexicon: Lexicon) -> Engines:
    """Return fake engines that take as long as those of a good laptop."""
    return Engines(
        vad=FakeVad(),
        recognizer=FakeRecognizer(clock, Cost(call_s=0.4), lexicon=lexicon),
        translators={"bergamot-en-pt": FakeTranslator(clock, Cost(call_s=0.05))},
        synthesizer=FakeSynthesizer(clock, Cost(per_audio_s=0.4), lexicon=lexicon),
        cloner=FakeCloner(clock, Cost(call_s=0.25)),
        selection=EngineSelection("whisper-base", "auto", "kokoro-82m-int8", ("bergamot-en-pt",)),
        threads=Threads(recognition=1, synthesis=1, synthesis_workers=1),
    )


def make_sample(folder: Path, lexicon: Lexicon) -> BundledClip:
    """Write a recording of two sentences that the fakes can recognize."""
    recording = lexicon.script(
        (0.5, "good day to you and welcome to the first sentence."), (5.0, "it rains.")
    )
    path = folder / "sample.wav"
    soundfile.write(path, recording, RECOGNITION_RATE, subtype="FLOAT")
    return BundledClip(path, "en", "", {"pt": ""})


class Machine:
    """The machine that `examine` checks. It has no fault, but no model is installed.

    A test changes it before the examination.
    """

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        monkeypatch.chdir(folder)
        self.store = make_store(Path())
        self.clock = VirtualClock()
        self.lexicon = Lexicon()
        self.engines = make_engines(self.clock, self.lexicon)
        self.sample = make_sample(folder, self.lexicon)
        self.processor = Processor("Fast One", 8, ("AVX2", "AVX-512", "VNNI"), 0.3)
        self.memory: Memory | None = Memory(16_000_000_000, 9_400_000_000)
        self.free_disk = 80_000_000_000
        self.gpus = 0
        self.loaded_with: list[Any] = []
        """The settings that engines were loaded with."""
        self.cards = FakeSoundDevice(
            [FakeCard("Webcam", inputs=1), FakeCard("Headphones", outputs=2)],
            default_input="Webcam",
            default_output="Headphones",
        )
        monkeypatch.setenv("STSLOCAL_MODELS", str(self.store.root))
        monkeypatch.setitem(sys.modules, "sounddevice", self.cards)
        monkeypatch.setattr(devices, "_SYSTEM", "linux")
        monkeypatch.setattr(model_store, "load_manifest", lambda: self.store.manifest)
        monkeypatch.setattr(examination, "RealClock", lambda: self.clock)
        monkeypatch.setattr(examination, "processor", lambda: self.processor)
        monkeypatch.setattr(examination, "memory", lambda: self.memory)
        monkeypatch.setattr(examination, "cuda_devices", lambda: self.gpus)
        monkeypatch.setattr("stslocal.doctor.hardware.free_disk", lambda folder: self.free_disk)
        monkeypatch.setattr(sentence_times, "bundled_clips", lambda: (self.sample,))
        monkeypatch.setattr(loading, "load_engines", self._load)

    def remove_portaudio(self) -> None:
        """Make PortAudio missing, as on a Linux machine without libportaudio2."""
        real_import = builtins.__import__

        def without_portaudio(name: str, *rest: Any) -> Any:
            if name == "sounddevice":
                raise OSError("PortAudio library not found")
            return real_import(name, *rest)

        self._monkeypatch.setattr(builtins, "__import__", without_portaudio)

    def disconnect(self, *names: str) -> None:
        """Disconnect the named sound cards."""
        self.cards.plugged = [card for card in self.cards.plugged if card.name not in names]
        self.cards._initialize()

    def _load(self, settings: Any, store: ModelStore, **how: Any) -> Engines:
        self.clock.work(2.5)
        self.loaded_with.append(settings)
        return self.engines
