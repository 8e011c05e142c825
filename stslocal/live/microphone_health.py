"""Finds what is wrong with the sound of a microphone, so that a person is not left to guess.

Four faults are known. Each is reported once, and again only after it was away for REPORT_AGAIN_S:

    silent      no sound at all: muted, the wrong device, or one that only hums to itself
    quiet       speech whose peaks stay below QUIET_DBFS
    too loud    samples at full scale, many at once and again and again: clipped
    telephone   speech without anything above 4 kHz, as from a Bluetooth headset in a call

A quiet room, a pause and a single knock are no faults. While a device is gone nothing is judged.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from stslocal.audio.levels import NOTHING_DBFS, QUIET_DBFS
from stslocal.audio.telephone import bands, is_telephone
from stslocal.metrics import (
    DeviceChanged,
    Emit,
    Event,
    InputLevel,
    MicrophoneFault,
    MicrophoneTrouble,
    SpeechEnded,
    SpeechStarted,
)
from stslocal.types import RECOGNITION_RATE, Samples

_log = logging.getLogger(__name__)

SILENT_S = 5.0
"""Seconds without any sound after which it is reported."""
GATED_S = 30.0
"""The same for a microphone that gives nothing in each pause, as one behind a noise gate does."""
REPORT_AGAIN_S = 120.0

PIECE = 1600
"""Samples that are judged at once: 0.1 s."""
_PIECE_S = PIECE / RECOGNITION_RATE

_NOTHING = 10 ** (NOTHING_DBFS / 20)
_QUIET = 10 ** (QUIET_DBFS / 20)
_NO_LONGER_QUIET = 2 * _QUIET

_STILL = 10 ** (-75 / 20)
"""RMS below that of a quiet room. It is no microphone in a room if it stays the same for `_STILL_S`
at the start of a session, within `_STILL_RANGE`: an input with nothing connected to it."""
_STILL_S = 20.0
_STILL_RANGE = 1.2

_GAPS_OF_A_GATE = 3
_SHORTEST_GAP_S = 0.2

_SPEECH_JUDGED_S = 6.0
_SPEECH_KEPT_S = 10.0
_UNDETECTED_S = 15.0
"""Seconds without detected speech after which the sound is tried again, amplified."""
_UNDETECTED_SPEECH_S = 2.0
"""Seconds of speech that are found then in speech too quiet to be detected as it is."""
_AMPLIFIED_PEAK = 0.25

_FULL_SCALE = 0.98
_CLIPPED_SAMPLES = 8
"""Samples near full scale in a piece that is clipped: the peaks of loud speech are fewer."""
_CLIPPED_PIECES, _CLIPPED_OF_PIECES = 5, 100

_TELEPHONE_S = 8.0


@dataclass(slots=True)
class _Report:
    """When a fault was seen last, and whether it was reported since it came."""

    seen_s: float = -REPORT_AGAIN_S
    is_open: bool = False


class MicrophoneHealth:
    """Takes every block that is captured, and the session's events. One thread adds blocks."""

    def __init__(
        self, emit: Emit, *, speech_in: Callable[[Samples], float] = lambda samples: 0.0
    ) -> None:
        """`speech_in` gives the seconds of speech in samples at 16 kHz, shape (n,)."""
        self._emit = emit
        self._speech_in = speech_in
        self._rest = np.zeros(0, np.float32)
        self._count = 0
        """Samples judged so far: their time is the stream's."""
        self._reports: dict[MicrophoneTrouble, _Report] = {}
        self._is_speech = False
        self._is_muted = False
        self._is_gone = False
        self._silence = _Silence()
        self._speech = _Speech()
        self._undetected = _Undetected()
        self._clipped: deque[bool] = deque(maxlen=_CLIPPED_OF_PIECES)

    def observe(self, event: Event) -> None:
        """Take an event of the session. For any thread."""
        match event:
            case SpeechStarted():
                self._is_speech = True
            case SpeechEnded():
                self._is_speech = False
            case InputLevel():
                self._is_muted = event.muted
            case DeviceChanged(device="input"):
                self._is_gone = not event.present
            case _:
                pass

    def add(self, samples: Samples) -> None:
        """Judge captured samples, mono, at 16 kHz, shape (n,), as the device gave them."""
        stream = np.concatenate([self._rest, samples])
        whole = len(stream) // PIECE * PIECE
        self._rest = stream[whole:]
        for piece in stream[:whole].reshape(-1, PIECE):
            self._count += PIECE
            if not self._is_gone:
                self._judge(piece)

    def _judge(self, piece: Samples) -> None:
        sound = piece - piece.mean(dtype=np.float64)
        peak = float(np.abs(sound).max())
        rms = float(np.sqrt(np.dot(sound, sound) / PIECE))
        self._set("silent", self._silence.add(peak, rms))
        if self._is_muted:
            return
        near_full_scale = int(np.count_nonzero(np.abs(piece) >= _FULL_SCALE))
        self._clipped.append(near_full_scale >= _CLIPPED_SAMPLES)
        self._set("too loud", sum(self._clipped) >= _CLIPPED_PIECES)
        if self._is_speech:
            self._undetected.clear()
            self._speech.add(sound, peak)
            self._set("telephone", self._speech.is_telephone())
            self._set("quiet", self._speech.is_quiet())
        elif (sound_without_speech := self._undetected.add(sound)) is not None:
            found_s = self._speech_in(sound_without_speech)
            self._set("quiet", found_s >= _UNDETECTED_SPEECH_S)

    def _set(self, fault: MicrophoneTrouble, present: bool) -> None:
        report = self._reports.setdefault(fault, _Report())
        now_s = self._count / RECOGNITION_RATE
        if present:
            is_new = not report.is_open and now_s - report.seen_s >= REPORT_AGAIN_S
            report.seen_s = now_s
            if is_new:
                report.is_open = True
                _log.info("the microphone's sound is %s", fault)
                self._emit(MicrophoneFault(now_s, fault, True))
        elif report.is_open and (fault == "silent" or now_s - report.seen_s >= REPORT_AGAIN_S):
            report.is_open = False
            if fault == "silent":
                self._emit(MicrophoneFault(now_s, fault, False))


class _Silence:
    """Whether nothing at all was captured for long."""

    def __init__(self) -> None:
        self._nothing_s = 0.0
        self._had_sound = False
        self._gaps = 0
        """Stretches without any sound between sounds: a noise gate makes one in each pause."""
        self._still_s = 0.0
        self._still = (float("inf"), 0.0)
        """Lowest and highest RMS since the start."""

    def add(self, peak: float, rms: float) -> bool:
        """Take the levels of a piece. Return whether the microphone is silent."""
        if peak < _NOTHING:
            self._nothing_s += _PIECE_S
        else:
            if self._had_sound and self._nothing_s > _SHORTEST_GAP_S:
                self._gaps += 1
            self._nothing_s = 0.0
        limit_s = GATED_S if self._gaps >= _GAPS_OF_A_GATE else SILENT_S
        return self._nothing_s > limit_s - _PIECE_S / 2 or self._is_still(peak, rms)

    def _is_still(self, peak: float, rms: float) -> bool:
        """Whether there was only a very low and even noise since the start."""
        if peak < _NOTHING or self._had_sound:
            return False
        lowest, highest = min(self._still[0], rms), max(self._still[1], rms)
        self._still = lowest, highest
        self._still_s += _PIECE_S
        self._had_sound = highest >= _STILL or highest > _STILL_RANGE * lowest
        return not self._had_sound and self._still_s >= _STILL_S


class _Speech:
    """The last pieces of detected speech."""

    def __init__(self) -> None:
        kept = round(_SPEECH_KEPT_S / _PIECE_S)
        self._peaks: deque[float] = deque(maxlen=kept)
        self._bands: deque[tuple[float, float]] = deque(maxlen=kept)
        """Power of each piece in the low and in the high band."""
        self._was_quiet = False

    def add(self, sound: Samples, peak: float) -> None:
        self._peaks.append(peak)
        self._bands.append(bands(sound, RECOGNITION_RATE))

    def is_quiet(self) -> bool:
        if len(self._peaks) >= _SPEECH_JUDGED_S / _PIECE_S:
            loud = float(np.percentile(self._peaks, 90))
            self._was_quiet = loud < (_NO_LONGER_QUIET if self._was_quiet else _QUIET)
        return self._was_quiet

    def is_telephone(self) -> bool:
        if len(self._bands) < _TELEPHONE_S / _PIECE_S:
            return False
        return is_telephone(self._bands)


class _Undetected:
    """Collects sound in which no speech was detected, and gives it amplified."""

    def __init__(self) -> None:
        self._pieces: list[Samples] = []

    def clear(self) -> None:
        self._pieces.clear()

    def add(self, sound: Samples) -> Samples | None:
        """Return the sound of `_UNDETECTED_S`, if it is quiet and not nothing."""
        self._pieces.append(sound)
        if len(self._pieces) * _PIECE_S < _UNDETECTED_S:
            return None
        sound = np.concatenate(self._pieces).astype(np.float32)
        self._pieces.clear()
        peak = float(np.abs(sound).max())
        return sound * np.float32(_AMPLIFIED_PEAK / peak) if _NOTHING <= peak < _QUIET else None
