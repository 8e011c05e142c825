"""Measures once how to compute with a translation model on this processor, and keeps the choice.

Whether 8-bit products are faster than 32-bit ones depends on the processor's instructions and
on the library that multiplies: on AVX-512 with VNNI int8 is faster, on AVX2 float32 may be. So each
type translates the same few tokens with the real model, loading not counted. The fastest is kept in
`compute.json` in STSLOCAL_CACHE, else in the person's cache folder (with an empty STSLOCAL_CACHE
nothing is kept), by processor, version of CTranslate2 and model. The file may be deleted.
"""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeAlias

import ctranslate2

from stslocal.machine import memory, processor
from stslocal.storage import cache_folder, read_cache_json, write_cache_json

_log = logging.getLogger(__name__)

CANDIDATES = ("int8", "float32")
"""The first needs the least memory. It is chosen unless another one is clearly faster."""
_CLEARLY_FASTER = 0.9
"""Share of the first candidate's time below which another one is chosen."""
_MEMORY_FACTOR = 1.5
"""Memory that loading a model needs, as a multiple of its weights."""
_BYTES = {"int8": 1, "float32": 4}
_SAMPLE_BYTES = 1 << 20
_ROUNDS = 3

Trial: TypeAlias = Callable[[str, int], Sequence[float]]
"""Loads the model with a compute type and a number of threads, translates a few tokens several
times, and gives the seconds of each time after the first."""

_measuring = threading.Lock()


@dataclass(frozen=True, slots=True)
class ComputeChoice:
    """How to load a model, with the measured times."""

    compute_type: str
    threads: int
    seconds: dict[str, float]
    """Seconds for the same few tokens, by compute type and threads (`int8 x 2`)."""

    def __str__(self) -> str:
        figures = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in self.seconds.items())
        threads = "1 thread" if self.threads == 1 else f"{self.threads} threads"
        return f"{self.compute_type} with {threads} ({figures})"


def choose(
    folder: Path,
    trial: Trial,
    *,
    compute_type: str = "auto",
    threads: int = 0,
    announce: Callable[[str], None] = lambda text: None,
) -> ComputeChoice:
    """Choose how to compute with the model in `folder`: the kept choice, else a measured one.

    `compute_type` and `threads` are the person's settings; `auto` and 0 are to be chosen.
    `announce` is called with a sentence before a measurement, since that takes a while.
    """
    with _measuring:
        known = remembered(folder, compute_type=compute_type, threads=threads)
        if known is not None:
            return known
        # What is measured on a busy machine must not count for all times.
        file = None if processor().is_busy else _cache_file()
        for_later = ", for the next times too" if file is not None else ""

        def announce_measurement() -> None:
            announce(
                f"measuring how {folder.name} computes fastest on this processor{for_later} ..."
            )

        choice = _measure(folder, trial, compute_type, threads, announce_measurement)
        if choice.seconds:
            _log.info("%s computes fastest here as %s", folder.name, choice)
        if file is not None:
            table = read_cache_json(file)
            models = table.setdefault(_machine(), {}).setdefault(_model(folder), {})
            models[_request_key(compute_type, threads)] = asdict(choice)
            write_cache_json(file, table)
        return choice


def remembered(
    folder: Path, *, compute_type: str = "auto", threads: int = 0
) -> ComputeChoice | None:
    """The choice that was kept for the model in `folder` on this machine; None if none was."""
    with suppress(LookupError, TypeError, ValueError, AttributeError):
        file = _cache_file()
        table = read_cache_json(file) if file else {}
        row = table[_machine()][_model(folder)][_request_key(compute_type, threads)]
        return ComputeChoice(row["compute_type"], int(row["threads"]), dict(row["seconds"]))
    return None


def _request_key(compute_type: str, threads: int) -> str:
    return f"{compute_type} x {threads}"


def _measure(
    folder: Path,
    trial: Trial,
    compute_type: str,
    threads: int,
    announce_measurement: Callable[[], None],
) -> ComputeChoice:
    cores = processor().cores
    counts = [threads] if threads else list(dict.fromkeys([cores, max(1, cores // 2)]))
    types = [compute_type] if compute_type != "auto" else candidates(folder)
    if len(types) == len(counts) == 1:
        return ComputeChoice(types[0], counts[0], {})
    announce_measurement()
    seconds: dict[str, float] = {}

    def time_of(kind: str, count: int) -> float:
        """The shortest of several times: other programs can only make one longer."""
        name = f"{kind} x {count}"
        if name not in seconds:
            seconds[name] = round(min(trial(kind, count)), 4)
        return seconds[name]

    best = types[0]
    for other in types[1:]:
        limit = _CLEARLY_FASTER if best == types[0] else 1.0
        if time_of(other, counts[0]) < limit * time_of(best, counts[0]):
            best = other
    count = min(counts, key=lambda count: time_of(best, count)) if len(counts) > 1 else counts[0]
    return ComputeChoice(best, count, seconds)


def candidates(folder: Path) -> list[str]:
    """The compute types that this processor has and that fit into the memory."""
    supported = ctranslate2.get_supported_compute_types("cpu")
    free = memory()
    weights = (folder / "model.bin").stat().st_size  # assumed to be stored in 8 bits, as most are

    def fits(kind: str) -> bool:
        return free is None or free.available > weights * _BYTES[kind] * _MEMORY_FACTOR

    first, *others = (kind for kind in CANDIDATES if kind in supported)
    return [first, *(kind for kind in others if fits(kind))]


def time_tokens(
    folder: Path, source: Sequence[str], prefix: Sequence[str], *, length: int = 12
) -> Trial:
    """A Trial that translates `source` into exactly `length` tokens after `prefix`, greedily."""

    def run(compute_type: str, threads: int) -> list[float]:
        model = ctranslate2.Translator(
            str(folder),
            device="cpu",
            compute_type=compute_type,
            inter_threads=1,
            intra_threads=threads,
        )
        times = []
        for _ in range(_ROUNDS + 1):
            began_s = time.perf_counter()
            model.translate_batch(
                [list(source)],
                target_prefix=[list(prefix)],
                beam_size=1,
                min_decoding_length=length,
                max_decoding_length=length,
            )
            times.append(time.perf_counter() - began_s)
        return times[1:]

    return run


def _machine() -> str:
    here = processor()
    return f"{here.name}, {here.cores} cores, CTranslate2 {ctranslate2.__version__}"


def _model(folder: Path) -> str:
    """A name for the weights, made of their size and of their first and last bytes."""
    path = folder / "model.bin"
    size = path.stat().st_size
    digest = hashlib.sha256(str(size).encode())
    with path.open("rb") as file:
        digest.update(file.read(_SAMPLE_BYTES))
        file.seek(max(0, size - _SAMPLE_BYTES))
        digest.update(file.read())
    return digest.hexdigest()[:16]


def _cache_file() -> Path | None:
    folder = cache_folder()
    return None if folder is None else folder / "compute.json"
