"""Writes samples to audio files."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

import av
import numpy as np

from stslocal.audio.resample import Resampler, to_int16
from stslocal.audio.sinks import sink_for
from stslocal.storage import UnfinishedFile
from stslocal.types import Samples


@dataclass(frozen=True, slots=True)
class _Encoding:
    muxer: str
    codec: str
    bit_rate: int | None = None
    """Bits per second for each channel of a lossy codec, ample for a voice; None for 16-bit PCM."""
    rates: tuple[int, ...] = ()
    """Rates of the codec in hertz; others are converted to 48 kHz. Empty if it takes any rate."""


_MP3_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)

# AAC pads its end to 1024 samples: at 48 kHz that is 21 ms at most.
_ENCODINGS = {
    "wav": _Encoding("wav", "pcm_s16le"),
    "flac": _Encoding("flac", "flac"),
    "mp3": _Encoding("mp3", "libmp3lame", 96_000, _MP3_RATES),
    "ogg": _Encoding("ogg", "libopus", 64_000, (48_000,)),
    "m4a": _Encoding("ipod", "aac", 96_000, (48_000,)),
    "aac": _Encoding("adts", "aac", 96_000, (48_000,)),
}

OUTPUT_FORMATS = ("wav", "flac", "mp3", "ogg", "m4a")
"""Formats of files. Each name is also the file's extension; `ogg` holds Opus."""
STREAM_FORMATS = ("wav", "flac", "mp3", "ogg", "aac")
"""Formats that a stream can take while samples come; `aac` is m4a's codec without an index."""


class AudioWriter:
    """Writes mono or stereo samples to an audio file, a chunk at a time.

    Use it as a context manager: the file gets its name only when the block ends without an
    exception. Until then it has a temporary name in the same folder; an error or Ctrl-C removes
    it. An `UnfinishedFile` is sealed and left to its owner, who publishes it together with other
    files. A target that is a stream, such as standard output, is written as samples come and not
    closed. A WAV header then leaves the length open, unless the stream is a regular file.

    When the file is read back, every sample is at its position and the length is the same; only
    m4a may be up to 21 ms longer. Every step may raise OutputError (no permission, no such
    folder, disk full).
    """

    def __init__(
        self,
        target: Path | UnfinishedFile | BinaryIO,
        sample_rate: int,
        format: str = "wav",
        *,
        channels: int = 1,
    ) -> None:
        """`sample_rate` is in hertz, and converted if the format has no such rate. `format` is one
        of OUTPUT_FORMATS or STREAM_FORMATS. There are 1 or 2 `channels`.
        """
        encoding = _ENCODINGS[format]
        rate = sample_rate if sample_rate in (encoding.rates or (sample_rate,)) else 48_000
        self.sample_rate = sample_rate
        self.position = 0
        """Samples written so far, at `sample_rate`."""
        self._lossy = encoding.bit_rate is not None
        self._layout = "mono" if channels == 1 else "stereo"
        self._resampler = Resampler(sample_rate, rate, channels)
        self._encoded = 0
        self._sink = sink_for(target)
        options = {"fflags": "+bitexact"}  # no version in the file: same samples, same bytes
        if format == "m4a":
            options["movie_timescale"] = str(rate)  # without it lengths are rounded to 1 ms
        if format == "wav" and hasattr(self._sink, "seek"):
            options["rf64"] = "auto"  # leaves room in the header for a length past 4 GB
        self._container = av.open(self._sink, "w", format=encoding.muxer, options=options)
        self._stream: av.AudioStream = self._container.add_stream(  # type: ignore[assignment]
            encoding.codec, rate=rate, layout=self._layout
        )
        if encoding.bit_rate is not None:
            self._stream.bit_rate = encoding.bit_rate * channels
        try:
            with self._sink.checked():
                self._container.start_encoding()
        except BaseException:
            self.abort()
            raise

    def write(self, samples: Samples) -> None:
        """Append samples, shape (n,), or (n, 2) in stereo. Values outside [-1, 1] are clipped."""
        self.position += len(samples)
        self._encode(self._resampler.process(samples))

    def write_silence_until(self, end_s: float) -> None:
        """Append silence until there are `end_s` seconds of mono; none if there are more."""
        missing = round(end_s * self.sample_rate) - self.position
        while missing > 0:
            self.write(np.zeros(min(missing, self.sample_rate), np.float32))
            missing -= self.sample_rate

    def close(self) -> None:
        """Finish the file and give it its name."""
        try:
            self._encode(self._resampler.flush())
            self._mux(None)
            with self._sink.checked():
                self._container.close()
                self._sink.finish()
        except BaseException:
            self.abort()
            raise

    def abort(self) -> None:
        """Delete what was written. Does nothing after `close`."""
        self._sink.discard()
        with suppress(av.FFmpegError):  # FFmpeg raises the earlier error again
            self._container.close()

    def __enter__(self) -> AudioWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.abort()

    def _encode(self, samples: Samples) -> None:
        if not len(samples):
            return
        pcm = np.clip(samples, -1.0, 1.0) if self._lossy else to_int16(samples)  # channels in turn
        width = "flt" if self._lossy else "s16"
        frame = av.AudioFrame.from_ndarray(pcm.reshape(1, -1), format=width, layout=self._layout)
        frame.sample_rate = self._stream.rate
        frame.time_base = Fraction(1, self._stream.rate)
        frame.pts = self._encoded
        self._encoded += len(samples)
        self._mux(frame)

    def _mux(self, frame: av.AudioFrame | None) -> None:
        """Encode and write FFmpeg's frame; None ends the stream."""
        with self._sink.checked():
            self._container.mux(self._stream.encode(frame))
