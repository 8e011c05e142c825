"""How to compute is measured once for a machine and a model, and then kept."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from stslocal.engines.nllb.translator import NllbTranslator
from stslocal.engines.seq2seq import compute_choice
from stslocal.engines.seq2seq.compute_choice import candidates, choose, time_tokens
from stslocal.machine import Memory, Processor
from tests.tiny_nllb import make_tiny_nllb

pytestmark = pytest.mark.unit


class Machine:
    """A trial with given times, which records its calls."""

    def __init__(self, **seconds: float) -> None:
        self._seconds = seconds
        self.asked: list[str] = []

    def __call__(self, compute_type: str, threads: int) -> Sequence[float]:
        self.asked.append(f"{compute_type}_{threads}")
        quickest = self._seconds[self.asked[-1]]
        return [3 * quickest, quickest, 2 * quickest]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A model's folder, on a machine with four cores and a cache of its own."""
    monkeypatch.setenv("STSLOCAL_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(compute_choice, "processor", lambda: Processor("A CPU", 4, ()))
    monkeypatch.setattr(compute_choice, "memory", lambda: Memory(10**9, 10**9))
    monkeypatch.setattr(
        "ctranslate2.get_supported_compute_types", lambda device: {"int8", "float32"}
    )
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "model.bin").write_bytes(bytes(1000))
    return tmp_path / "model"


def test_the_quickest_is_chosen_and_remembered(folder: Path) -> None:
    trial = Machine(int8_4=1.0, float32_4=0.5, float32_2=0.6)
    chosen = choose(folder, trial)
    assert (chosen.compute_type, chosen.threads) == ("float32", 4)
    assert chosen.seconds == {"float32 x 4": 0.5, "int8 x 4": 1.0, "float32 x 2": 0.6}
    assert str(chosen).startswith("float32 with 4 threads (float32 x 4 0.50 s, int8 x 4 1.00 s")
    asked = len(trial.asked)
    assert choose(folder, trial) == chosen
    assert len(trial.asked) == asked


def test_the_type_with_less_memory_is_chosen_unless_another_is_clearly_faster(folder: Path) -> None:
    chosen = choose(folder, Machine(int8_4=1.0, float32_4=0.95, int8_2=0.7))
    assert (chosen.compute_type, chosen.threads) == ("int8", 2)


@pytest.mark.parametrize("change", ["model", "processor", "library", "nothing kept", "damaged"])
def test_another_machine_or_model_is_measured_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    trial = Machine(int8_4=1.0, float32_4=2.0, int8_2=2.0)
    choose(folder, trial)
    if change == "model":
        (folder / "model.bin").write_bytes(bytes(999) + b"x")
    elif change == "processor":
        monkeypatch.setattr(compute_choice, "processor", lambda: Processor("Another", 4, ()))
    elif change == "library":
        monkeypatch.setattr("ctranslate2.__version__", "5.0")
    elif change == "nothing kept":
        monkeypatch.setenv("STSLOCAL_CACHE", "")
    else:
        (folder.parent / "cache" / "compute.json").write_text('{"A CPU": 3')
    asked = len(trial.asked)
    choose(folder, trial)
    assert len(trial.asked) == 2 * asked


def test_a_measurement_is_announced_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trial = Machine(int8_4=1.0, float32_4=2.0, int8_2=2.0)
    said: list[str] = []
    for _ in range(2):
        choose(folder, trial, announce=said.append)
    choose(folder, trial, compute_type="int8", threads=4, announce=said.append)
    line = "measuring how model computes fastest on this processor"
    assert said == [f"{line}, for the next times too ..."]
    monkeypatch.setenv("STSLOCAL_CACHE", "")
    choose(folder, trial, announce=said.append)
    assert said[1:] == [f"{line} ..."]


def test_given_settings_are_not_measured(folder: Path) -> None:
    trial = Machine(int8_4=1.0, int8_2=0.5)
    chosen = choose(folder, trial, compute_type="int16", threads=3)
    assert (chosen.compute_type, chosen.threads, chosen.seconds) == ("int16", 3, {})
    assert trial.asked == []
    assert choose(folder, trial, compute_type="int8").threads == 2


def test_choices_for_other_machines_stay_in_the_file(folder: Path) -> None:
    path = folder.parent / "cache" / "compute.json"
    path.parent.mkdir()
    path.write_text('{"Another machine": {"m": {"auto x 0": {}}}}')
    choose(folder, Machine(int8_4=1.0, float32_4=2.0, int8_2=2.0))
    document = json.loads(path.read_text(encoding="utf-8"))
    assert document.pop("Another machine") == {"m": {"auto x 0": {}}}
    assert len(document) == 1


def test_a_type_that_would_not_fit_into_memory_is_no_candidate(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert candidates(folder) == ["int8", "float32"]
    monkeypatch.setattr(compute_choice, "memory", lambda: Memory(10**9, 5_000))
    assert candidates(folder) == ["int8"]
    monkeypatch.setattr(compute_choice, "memory", lambda: None)
    assert candidates(folder) == ["int8", "float32"]


def test_a_real_model_is_timed_and_loaded_as_chosen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STSLOCAL_CACHE", str(tmp_path / "cache"))
    folder = make_tiny_nllb(tmp_path / "nllb")
    times = time_tokens(folder, ["eng_Latn", "</s>"], ["por_Latn"])("float32", 1)
    assert len(times) == 3
    assert all(seconds > 0 for seconds in times)
    engine = NllbTranslator.load(folder)
    (table,) = json.loads((tmp_path / "cache" / "compute.json").read_text()).values()
    (row,) = table.values()
    assert row["auto x 0"]["compute_type"] in compute_choice.CANDIDATES
    assert engine.translate(["Good morning."], source="en", target="pt")
