"""Diarization by sherpa-onnx: pyannote's segmentation (MIT) and embeddings of TitaNet (CC-BY-4.0).

The segmentation finds in each 10 s who of up to three persons speaks when, also two at once. The
embeddings of their voices say which of them are the same person all over the recording. All of it
runs in a process of its own (`worker`), which has the recording in memory: 0.7 GB for an hour.

Source: github.com/k2-fsa/sherpa-onnx; Plaquet and Bredin, "Powerset multi-class cross entropy loss
for neural speaker diarization", 2023.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stslocal.audio.blocks import in_blocks
from stslocal.engines.worker.messages import Message, RefusedError
from stslocal.engines.worker.process import WorkerProcess
from stslocal.errors import EngineError, ModelNotFoundError
from stslocal.machine import processor
from stslocal.types import RECOGNITION_RATE, Samples, Turn

_log = logging.getLogger(__name__)

FILE = "model.onnx"
LEAST_S = 2.8
"""Seconds for which a person speaks at least, where their number is not given. What a shorter one
says is left to the person before or behind it."""
_SENT_S = 60.0
"""Seconds of the recording that are sent to the process together."""
_DOES = "finds the speakers"


class SherpaDiarizer:
    """A `SpeakerDiarizer`. Turns of two persons may overlap."""

    def __init__(self, segmentation: Path, embedding: Path, threads: int, worker: str) -> None:
        """Use `load`."""
        self._segmentation = segmentation
        self._embedding = embedding
        self._threads = threads
        self._worker = worker

    @classmethod
    def load(
        cls,
        segmentation: Path,
        embedding: Path,
        *,
        threads: int = 0,
        worker: str = "stslocal.engines.sherpa.worker",
    ) -> SherpaDiarizer:
        """Take the models in these folders, which each recording's process loads.

        `threads` 0 takes all cores; `worker` is the module that the process runs. Raises
        ModelNotFoundError where a file is missing.
        """
        for folder in (segmentation, embedding):
            if not (folder / FILE).is_file():
                raise ModelNotFoundError(
                    f"{folder.name} is not installed: run `stslocal models pull speakers`"
                )
        cores = threads or processor().cores
        return cls(segmentation / FILE, embedding / FILE, cores, worker)

    def diarize(
        self, blocks: Iterable[Samples], *, speakers: int | Callable[[], int] | None = None
    ) -> tuple[Turn, ...]:
        """The turns of a recording in the order of their starts.

        `speakers` may also be a function, which is asked behind the last block. Raises EngineError
        for models that cannot be used, and where the process ends.
        """
        settings = {
            "segmentation": str(self._segmentation),
            "embedding": str(self._embedding),
            "threads": self._threads,
        }
        models = f"{self._segmentation} and {self._embedding}"
        with WorkerProcess(self._worker, _DOES) as worker:
            try:
                worker.ask(Message(settings), models)
                for piece in in_blocks(iter(blocks), round(_SENT_S * RECOGNITION_RATE)):
                    worker.ask(Message({}, (piece,)), "the recording")
                count = speakers() if callable(speakers) else speakers
                find = Message({"find": True, "speakers": count})
                reply = worker.ask(find, "the recording")
            except RefusedError as error:
                raise EngineError(
                    f"sherpa cannot use {models} ({error}): check them with "
                    "`stslocal models verify`"
                ) from error
        (rows,) = reply.arrays
        return _turns(rows, LEAST_S if count is None else 0.0)


def _turns(rows: NDArray[np.float32], least_s: float) -> tuple[Turn, ...]:
    """The turns in order, with names, without persons who speak for less than `least_s`.

    `rows` has the shape (n, 3): start, end, number of the person. Somebody is left.
    """
    spoken_s: defaultdict[int, float] = defaultdict(float)
    for start_s, end_s, person in rows.tolist():
        spoken_s[int(person)] += end_s - start_s
    kept = {person for person, seconds in spoken_s.items() if seconds >= least_s}
    if spoken_s and not kept:
        kept = {max(spoken_s, key=lambda person: spoken_s[person])}
    if left_out := len(spoken_s) - len(kept):
        _log.info("%d persons speak for less than %.1f s: they are left out", left_out, least_s)
    ordered = sorted((row for row in rows.tolist() if int(row[2]) in kept), key=lambda row: row[:2])
    names = {person: f"S{at}" for at, person in enumerate(dict.fromkeys(r[2] for r in ordered), 1)}
    return tuple(Turn(start_s, end_s, names[person]) for start_s, end_s, person in ordered)
