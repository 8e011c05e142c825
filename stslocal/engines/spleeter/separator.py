"""Spleeter with two stems: what in a recording is voice, spoken or sung.

Two U-Nets look at the magnitudes of 512 frames (11.9 s) of stereo up to 11 kHz: one makes those of
the voice, the other those of all else. The voice has the share of a frequency that its power has
in both. The pieces of 512 frames do not depend on one another, so a recording of any length is
separated piece by piece, and gives the same samples as at once.

Source: Hennequin et al. 2020, "Spleeter: a fast and efficient music source separation tool with
pre-trained models", JOSS 5(50) (weights MIT); as ONNX by k2-fsa/sherpa-onnx, scripts/spleeter.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import onnxruntime

from stslocal.engines.failures import as_engine_error
from stslocal.engines.spleeter.frames import BINS, HOP, LAP, Floats, Overlap, spectra_of
from stslocal.errors import EngineError, ModelNotFoundError
from stslocal.types import Samples

FILES = ("vocals.fp16.onnx", "accompaniment.fp16.onnx")
PIECE = 512
"""Frames that the networks see together."""
SEEN = 1024
"""Frequencies that they see, of BINS."""
_HIGHEST = 256
"""Above what they see, the voice has the share that it has in so many of the highest frequencies
together (8 to 11 kHz): an s and a cymbal go on there."""
_NOTHING = 1e-10
"""A power beside which both stems are nothing."""


class SpleeterSeparator:
    """A `SourceSeparator`, safe to share between threads."""

    sample_rate = 44_100

    def __init__(
        self, vocals: onnxruntime.InferenceSession, accompaniment: onnxruntime.InferenceSession
    ) -> None:
        """Use `load`."""
        self._networks = (vocals, accompaniment)

    @classmethod
    def load(cls, folder: Path, *, threads: int = 0) -> SpleeterSeparator:
        """Load the networks in `folder`. `threads` 0 leaves their number to onnxruntime.

        Raises ModelNotFoundError when files are missing, EngineError when they cannot be read or
        are of other networks.
        """
        paths = [folder / name for name in FILES]
        if not all(path.is_file() for path in paths):
            raise ModelNotFoundError(
                "spleeter-2stems is not installed: run `stslocal models pull spleeter-2stems`"
            )
        with as_engine_error(f"The separator in {folder} cannot be loaded"):
            sessions = [_session(path, threads) for path in paths]
        for path, session in zip(paths, sessions, strict=True):
            _check(path, session)
        return cls(*sessions)

    def voices(self, blocks: Iterable[Samples]) -> Iterator[Samples]:
        held: Floats | None = None
        overlap = Overlap(1)
        read, given, is_mono, length = 0, -LAP, True, PIECE * HOP + LAP
        for block in blocks:
            samples = block[np.newaxis] if block.ndim == 1 else block.T
            if held is None:  # silence before the first sample, so that four frames are over it
                is_mono, held = block.ndim == 1, np.zeros((len(samples), LAP), np.float32)
                overlap = Overlap(len(samples))
            held, read = np.concatenate([held, samples], axis=1), read + len(block)
            while held.shape[1] >= length:
                made, held = self._piece(held[:, :length], overlap), held[:, PIECE * HOP :]
                yield _shaped(made[:, max(0, -given) :], is_mono=is_mono)
                given += PIECE * HOP
        while held is not None and given < read:
            rest = held[:, :length]
            rest = np.pad(rest, [(0, 0), (0, length - rest.shape[1])])
            made, held = self._piece(rest, overlap), held[:, PIECE * HOP :]
            yield _shaped(made[:, max(0, -given) : read - given], is_mono=is_mono)
            given += PIECE * HOP

    def _piece(self, samples: Floats, overlap: Overlap) -> Floats:
        """The voice in the samples of PIECE frames, as far as no later frame changes it."""
        spectra = spectra_of(samples)
        return overlap.push(spectra * self._share(np.abs(spectra[:, :, :SEEN])))

    def _share(self, magnitudes: Floats) -> Floats:
        """The share of the voice in each frequency, from 0 to 1: (channels, PIECE, BINS)."""
        channels = len(magnitudes)
        given = np.broadcast_to(magnitudes, (2, PIECE, SEEN))[:, np.newaxis]
        with as_engine_error("The separator failed"):
            voice, rest = (
                np.square(network.run(None, {network.get_inputs()[0].name: given})[0][:, 0])
                for network in self._networks
            )
            if channels == 1:
                voice, rest = (each.mean(axis=0, keepdims=True) for each in (voice, rest))
            whole = np.empty((channels, PIECE, BINS), np.float32)
            whole[:, :, :SEEN] = _of_both(voice, rest)
        highest = (each[:, :, -_HIGHEST:].sum(axis=2, keepdims=True) for each in (voice, rest))
        whole[:, :, SEEN:] = _of_both(*highest)
        return whole


def _of_both(voice: Floats, rest: Floats) -> Floats:
    share: Floats = (voice + np.float32(_NOTHING / 2)) / (voice + rest + np.float32(_NOTHING))
    return share


def _shaped(made: Floats, *, is_mono: bool) -> Samples:
    """Samples of shape (channels, n) in that of the recording's blocks."""
    return made[0] if is_mono else np.ascontiguousarray(made.T)


def _session(path: Path, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 4
    # Both keep the largest buffers: a third more memory, for a few hundredths of the time of a job.
    options.enable_mem_pattern = False
    options.enable_cpu_mem_arena = False
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def _check(path: Path, session: onnxruntime.InferenceSession) -> None:
    """Raise EngineError for a network that takes or gives something else."""
    (taken, *more), (given, *others) = session.get_inputs(), session.get_outputs()
    sizes = [*taken.shape[:1], *taken.shape[2:]]
    if more or others or sizes != [2, PIECE, SEEN] or len(given.shape) != len(taken.shape):
        raise EngineError(
            f"{path} is not a network of Spleeter with two stems: `stslocal models verify "
            "spleeter-2stems` checks it"
        )
