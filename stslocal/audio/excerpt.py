"""Reads a short part of a recording, without decoding what is before it."""

from __future__ import annotations

from contextlib import closing

import av
import numpy as np

from stslocal.audio.decode import SoundChoice, track_to_read
from stslocal.audio.frames import FrameDecoder, samples_of
from stslocal.audio.mixing import ChannelMix
from stslocal.audio.opening import Source, name_of_source, open_container, open_source
from stslocal.audio.resample import resample
from stslocal.errors import AudioDecodeError
from stslocal.types import Samples

LONGEST_S = 60.0
_BEFORE_S = 0.5
"""Decoders need some sound before the first that is right."""


def read_excerpt(
    source: Source,
    start_s: float,
    end_s: float,
    *,
    sample_rate: int,
    choice: SoundChoice | None = None,
) -> Samples:
    """The sound between two times, at most LONGEST_S of it: mono at `sample_rate`, shape (n,).

    What is not there is silence. Raises AudioDecodeError.
    """
    choice, name = choice or SoundChoice(), name_of_source(source)
    end_s = min(end_s, start_s + LONGEST_S)
    with open_source(source) as file:
        number = track_to_read(file, name, choice) or 1
        with closing(open_container(file, name)) as container:
            stream = container.streams.audio[number - 1]
            rate = stream.codec_context.sample_rate
            zero_s = max(0, container.start_time or 0) / av.time_base
            sound = np.zeros(max(0, round((end_s - start_s) * rate)), np.float32)
            mixing, decoder = ChannelMix(choice.channel), FrameDecoder(stream)
            names = decoder.names
            try:
                container.seek(int(max(0.0, start_s - _BEFORE_S + zero_s) * av.time_base))
                for packet in container.demux(stream):
                    for frame in decoder.decode(packet):
                        at_s = (0.0 if frame.time is None else frame.time) - zero_s
                        if at_s >= end_s:
                            return resample(sound, rate, sample_rate)
                        if frame.sample_rate == rate:
                            part = mixing.mix(samples_of(frame), names, rate)
                            _put(sound, part, round((at_s - start_s) * rate))
            except (av.FFmpegError, KeyError, ValueError) as error:
                raise AudioDecodeError(f"{name} cannot be read at {start_s:.1f} s") from error
            return resample(sound, rate, sample_rate)


def _put(sound: Samples, part: Samples, at: int) -> None:
    """Write what of `part`, which begins at position `at`, belongs to the sound."""
    part = part.reshape(-1)
    first, last = max(0, at), min(len(sound), at + len(part))
    if first < last:
        sound[first:last] = part[first - at : last - at]
