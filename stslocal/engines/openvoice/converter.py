"""OpenVoice v2's converter: takes a voice out of speech, and puts another one in.

Three ONNX graphs, made from the published checkpoint when the model is installed. `embedding`
makes 256 numbers of a voice; `latent` and `sound` convert. Speech is converted in windows that give
the same samples as a run over the whole; the noise that the model adds is the same every time.

Source: Qin et al. 2023, "OpenVoice: Versatile Instant Voice Cloning" (arXiv 2312.01479);
https://huggingface.co/myshell-ai/OpenVoiceV2 (MIT).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from stslocal.audio.resample import Resampler, resample
from stslocal.engines.failures import as_engine_error
from stslocal.engines.openvoice.spectrogram import BINS, SAMPLE_RATE, Spectrogram, spectrogram
from stslocal.engines.openvoice.windows import Windows
from stslocal.errors import EngineError, ModelNotFoundError, SettingsError
from stslocal.types import Embedding, Samples

Floats = NDArray[np.float32]

FILES = ("embedding.onnx", "latent.onnx", "sound.onnx")
LATENT_CONTEXT = 96
"""Frames: 16 layers of the encoder and twice 16 of the flow, each of 5 taps."""
SOUND_CONTEXT = 14
"""Frames: 13.3 by the kernels, dilations and rates of the vocoder's layers."""
_LATENT_SIZES, _MOST_LATENT = (43, 128), 256
_SOUND_SIZES = (43, 86, 172)
"""Frames of 11.6 ms: the first sound is half a second, so that it comes early. The vocoder is nine
tenths of the work; what is before it is done at once for 3 s, if they are there."""
_SEED = 0


class OpenVoiceConverter:
    """A `VoiceConverter`, safe to share between threads."""

    sample_rate = SAMPLE_RATE

    def __init__(
        self,
        embedding: onnxruntime.InferenceSession,
        latent: onnxruntime.InferenceSession,
        sound: onnxruntime.InferenceSession,
    ) -> None:
        """Use `load`."""
        self._embedding = embedding
        self._latent = latent
        self._sound = sound
        (self._embedding_size,) = embedding.get_outputs()[0].shape[1:]
        self._channels = sound.get_inputs()[0].shape[1]

    @classmethod
    def load(cls, folder: Path, *, threads: int = 0) -> OpenVoiceConverter:
        """Load the graphs in `folder`. `threads` 0 leaves their number to onnxruntime (all cores).

        Raises ModelNotFoundError when files are missing, EngineError when they cannot be read.
        """
        paths = [folder / name for name in FILES]
        if not all(path.is_file() for path in paths):
            raise ModelNotFoundError(
                "openvoice-v2 is not installed: run `stslocal models pull openvoice`"
            )
        with as_engine_error(f"The voice converter {folder} cannot be loaded"):
            return cls(*(_session(path, threads) for path in paths))

    def embed(self, audio: Samples, sample_rate: int) -> Embedding:
        """The voice of a recording, shape (256,). Cut long pauses before: they are embedded too.

        Raises EngineError for a recording without any sound.
        """
        if not audio.any():
            raise EngineError("The voice converter finds no voice in this audio")
        frames = spectrogram(resample(audio, sample_rate, SAMPLE_RATE))
        made = _run(self._embedding, {"spectrogram": frames[np.newaxis]})
        return np.asarray(made[0], np.float32)

    def convert(
        self, speech: Iterable[Samples], sample_rate: int, *, source: Embedding, target: Embedding
    ) -> Iterator[Samples]:
        """Yield the speech in the voice `target`, at 22 050 Hz; `source` is the voice that it has.

        It needs 1.3 s of speech after a window, or the end of the speech. The result is as long as
        the speech, but for less than 12 ms. Raises SettingsError for an embedding of another size.
        """
        for embedding in (source, target):
            if embedding.shape != (self._embedding_size,):
                raise SettingsError(
                    f"a voice of OpenVoice has {self._embedding_size} numbers and not the shape "
                    f"{embedding.shape}: make it again"
                )
        return self._convert(speech, sample_rate, source, target)

    def _convert(
        self, speech: Iterable[Samples], sample_rate: int, source: Embedding, target: Embedding
    ) -> Iterator[Samples]:
        voices = {
            "source": source[np.newaxis, :, np.newaxis],
            "target": target[np.newaxis, :, np.newaxis],
        }

        def latent(frames: Floats) -> Floats:
            given = {"spectrogram": _frames_last(frames[:, :BINS])}
            given["noise"] = _frames_last(frames[:, BINS:])
            made: Floats = _run(self._latent, {**given, **voices})[0].T
            return made

        def sound(frames: Floats) -> Floats:
            made: Floats = _run(self._sound, {"latent": _frames_last(frames)})[0, 0]
            return made

        resampler = Resampler(sample_rate, SAMPLE_RATE)
        frames = Spectrogram()
        latents = Windows(latent, context=LATENT_CONTEXT, sizes=_LATENT_SIZES, most=_MOST_LATENT)
        sounds = Windows(sound, context=SOUND_CONTEXT, sizes=_SOUND_SIZES)
        random = np.random.default_rng(_SEED)

        def converted(samples: Samples, *, last: bool = False) -> Iterator[Samples]:
            known = frames.push(samples, last=last)
            noise = random.standard_normal((len(known), self._channels), np.float32)
            for made in latents.push(np.concatenate([known, noise], axis=1), last=last):
                yield from sounds.push(made)
            if last:
                yield from sounds.push(np.zeros((0, self._channels), np.float32), last=True)

        for samples in speech:
            yield from converted(resampler.process(samples))
        yield from converted(resampler.flush(), last=True)


def _frames_last(frames: Floats) -> Floats:
    return np.ascontiguousarray(frames.T[np.newaxis])


def _session(path: Path, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 4
    # A plan of all buffers for a length places them side by side and makes them larger.
    options.enable_mem_pattern = False
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def _run(session: onnxruntime.InferenceSession, inputs: Mapping[str, Floats]) -> Floats:
    with as_engine_error("The voice converter failed"):
        (made,) = session.run(None, inputs)
    return np.asarray(made, np.float32)
