"""Takes the loudspeaker's echo out of what the microphone captures, for a recognizer.

The echo is predicted by a linear filter and subtracted; nothing else is changed. Cancellers for
telephony also suppress what is left of the echo, and with it the words of somebody who speaks at
the same time. While nothing but echo is there, the recognizer gets silence.
"""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np

from stslocal.audio.echo_delay import LATEST, REACH, WINDOW, DelayFinder, DriftTracker
from stslocal.audio.echo_gate import EchoGate, first_with_echo
from stslocal.audio.echo_state import EchoState
from stslocal.audio.kalman_filter import HOP, PARTITIONS, KalmanFilter
from stslocal.audio.played_sound import PlayedSound
from stslocal.types import RECOGNITION_RATE, Samples

_LEAD = 128
"""The filter begins so many samples before the echo that was found: 8 ms."""
_SEARCH = WINDOW
"""New samples between two searches for the echo."""
_LATER_SEARCH = 4 * WINDOW
"""The same, once it was found: 1 s."""
_LOUD_DB = -60.0
"""Played sound above this level can be judged; dB of full scale."""
_JUDGED_S = 4.0
"""Without an echo in so much loud sound, the microphone does not capture the loudspeaker."""
_GONE_S = 20.0
"""The echo is gone if it was not found in so much loud sound, and the filter takes nothing away."""
_TAKEN = 0.02
"""A filter that takes away less than this share of what is captured takes nothing."""
_JUMP_S = 0.05
"""When the times that the output reports jump by more than this, its device began anew."""
_SEAM_S = 0.02
"""Without a position: pieces with at most this much between them are one sound."""
_HISTORY = 16 * WINDOW
"""Captured samples that are kept to learn from when the echo is found."""
_WORKS_DB, _FAILS_DB = 10.0, 5.0
"""Cancelling works if the best hops are reduced by this, and no longer below that."""
_JUDGED_HOPS = 1250
"""It does not fail before so many hops with a loud echo: 20 s. While somebody speaks all the time,
it takes so long to see that a weak echo is taken away."""
_MOST_COUPLING_DB = 20.0
_DRIFT_HOPS = 32
"""The drift is measured after so many hops with a loud echo: 0.5 s."""
_REPORT_HOPS = 8
_FADE = np.linspace(0.0, 1.0, HOP, dtype=np.float32)


class EchoCanceller:
    """A Duplex that takes out the loudspeaker's echo, and delays the input by one hop (16 ms).

    The play thread calls `played`, the capture thread `process`; any thread may read `state`.
    """

    def __init__(self) -> None:
        self.state = EchoState()
        self.muted_s = 0.0
        """Seconds in which the recognizer got silence because only the echo was there."""
        self._sound = PlayedSound()
        self._lock = threading.Lock()
        self._offset: float | None = None
        """Position of the played sound at stream time 0, by what the output reports."""
        self._base = 0.0
        """Added to positions: a device that begins anew counts from another beginning."""
        self._began_anew = False
        self._end = 0.0
        """Without positions: where the last piece ended."""
        self._filter = KalmanFilter()
        self._gate = EchoGate()
        self._finder = DelayFinder()
        self._drift = DriftTracker()
        self._loud_hops = self._judged_hops = 0
        self._delay: float | None = None
        """Played position of captured sample n is n - _delay; None until an echo was found."""
        self._missed_s = 0.0
        """Seconds of loud sound since the echo was found the last time."""
        self._energy = self._left = 0.0
        """Of what was captured since then, and of what is left of it."""
        self._count = 0
        """Captured samples processed so far, in whole hops."""
        self._began = self._searched = 0
        self._has_begun = False
        self._open = np.zeros(0, np.float32)
        """Captured samples that do not fill a hop yet."""
        self._captured = np.zeros(2 * _HISTORY, np.float32)
        """The captured samples; when it is full, the last ones move to its beginning."""
        self._filled = _HISTORY
        self._history = self._captured[:_HISTORY]
        """The last captured samples, before cancelling."""
        self._ready = np.zeros(HOP, np.float32)
        """Cleaned samples that were not returned yet; at the start a hop of silence."""
        self._past: Samples | None = None
        """The captured samples before the hop in which the echo was found, cleaned."""
        self._corrected = np.zeros(0, np.float32)
        self._was_gated = False

    def played(
        self, samples: Samples, sample_rate: int, at_s: float, position: float | None = None
    ) -> None:
        """Take the samples that the loudspeaker plays, shape (n,); they sound from `at_s` on.

        `position` counts the samples that the device has taken before them, its own silence
        included: a better measure than the reported time. None: only the time is known.
        """
        at = at_s * RECOGNITION_RATE
        if position is None:
            begin = self._end if abs(at - self._end) <= _SEAM_S * RECOGNITION_RATE else round(at)
        else:
            begin = position * RECOGNITION_RATE / sample_rate
        with self._lock:
            if self._offset is None:
                self._offset = begin - at
            jump = begin + self._base - at - self._offset
            if abs(jump) > _JUMP_S * RECOGNITION_RATE:
                self._base -= jump
                self._began_anew = True
            else:
                self._offset += 0.1 * jump
        begin = self._sound.add(np.nan_to_num(samples), sample_rate, begin + self._base)
        self._end = begin - self._base + len(samples) * RECOGNITION_RATE / sample_rate

    def process(self, samples: Samples, start_s: float) -> tuple[Samples, bool]:
        """Return as many samples, 16 kHz, shape (n,), and whether some of them were gated."""
        near = np.concatenate([self._open, np.clip(np.nan_to_num(samples), -1.0, 1.0)])
        if not self._has_begun:
            self._has_begun = True
            self._count = round(start_s * RECOGNITION_RATE)
            self._began = self._searched = self._count
        cleaned = [self._ready]
        gated = False
        whole = len(near) // HOP * HOP
        for start in range(0, whole, HOP):
            hop, is_gated = self._process_hop(near[start : start + HOP])
            cleaned = [*self._cleaned_again(cleaned), hop]
            gated |= is_gated
        self._open = near[whole:]
        ready = np.concatenate(cleaned)
        self._ready = ready[len(samples) :]
        return ready[: len(samples)], gated

    def take_corrected(self) -> Samples:
        """Return samples once that replace the last ones that `process` returned before its last
        call, shape (n,): the echo was just found, and it is in those too. Mostly none.
        """
        corrected, self._corrected = self._corrected, np.zeros(0, np.float32)
        return corrected

    def _cleaned_again(self, before: list[Samples]) -> list[Samples]:
        """Replace what was not returned before this hop, if the echo was found in it."""
        past, self._past = self._past, None
        if past is None:
            return before
        waiting = np.concatenate(before)
        count = min(len(waiting), len(past))
        self._corrected = past[: len(past) - count]
        return [waiting[: len(waiting) - count], past[len(past) - count :]]

    def _process_hop(self, captured: Samples) -> tuple[Samples, bool]:
        self._remember(captured)
        first, self._count = self._count, self._count + HOP
        if self._count - self._searched >= (_SEARCH if self._delay is None else _LATER_SEARCH):
            searched_s = (self._count - self._searched) / RECOGNITION_RATE
            self._searched = self._count
            self._search(searched_s)
        if self._delay is None:
            return captured, False
        rate = self._drift.rate
        played = self._sound.read(first - self._delay, HOP, 1 + rate)
        self._delay -= rate * HOP
        echo = self._filter.step(played, captured)
        rest = captured - echo
        gate = self._gate.only_echo(captured, echo)
        if self._gate.loud:
            self._loud_hops += 1
            if self._loud_hops % _DRIFT_HOPS == 0:
                self._drift.add(self._filter.response, _DRIFT_HOPS * HOP)
            if self._loud_hops % _REPORT_HOPS == 0:
                self._report()
        energy, left = float(np.dot(captured, captured)), float(np.dot(rest, rest))
        if left > 2 * energy:
            rest, left = captured, energy  # the filter has gone astray
        self._energy += energy
        self._left += left
        return self._faded(rest, gate)

    def _remember(self, captured: Samples) -> None:
        if self._filled == len(self._captured):
            self._captured[:_HISTORY] = self._captured[_HISTORY:]
            self._filled = _HISTORY
        self._captured[self._filled : self._filled + HOP] = captured
        self._filled += HOP
        self._history = self._captured[self._filled - _HISTORY : self._filled]

    def _faded(self, rest: Samples, gate: bool) -> tuple[Samples, bool]:
        """The hop, or silence; it fades from one to the other."""
        was_gated, self._was_gated = self._was_gated, gate
        if gate:
            self.muted_s += HOP / RECOGNITION_RATE
            rest = rest * _FADE[::-1] if not was_gated else np.zeros(HOP, np.float32)
        elif was_gated:
            rest = rest * _FADE
        return rest, gate

    def _search(self, searched_s: float) -> None:
        """Look for the echo of what was played."""
        with self._lock:
            offset, began_anew, self._began_anew = self._offset, self._began_anew, False
        if began_anew:
            self._finder.forget()
        if offset is None:
            return
        first = self._count - WINDOW
        played = self._sound.read(round(first + offset) - LATEST, REACH)
        if _level_db(played) < _LOUD_DB:
            return
        judged_s = self.state.judged_s + searched_s
        is_audible = self.state.is_audible
        self._missed_s += searched_s
        found = self._finder.add(self._history[-WINDOW:], played)
        if found is not None:
            is_audible = True
            self._missed_s = self._energy = self._left = 0.0
            self._align(found - round(offset))
        elif judged_s >= _JUDGED_S and is_audible is None:
            is_audible = False
        elif is_audible and self._missed_s >= _GONE_S:
            if self._left > (1 - _TAKEN) * self._energy:
                self._begin_anew()
                return
            self._missed_s = self._energy = self._left = 0.0
        self.state = replace(self.state, judged_s=judged_s, is_audible=is_audible)

    def _begin_anew(self) -> None:
        """There is no echo any more, as with headphones: nothing is known, and nothing changed."""
        self._delay = None
        self._was_gated = False
        self._finder.forget()
        self._gate.forget()
        self.state = EchoState()

    def _align(self, delay: float) -> None:
        """Let the filter begin where the echo begins, and learn from what was captured."""
        is_first = self._delay is None
        if self._delay is not None and 0 <= delay - self._delay <= 8 * HOP:
            return
        self._delay = delay - _LEAD
        past = (PARTITIONS + 1) * HOP
        hops = min(_HISTORY, self._count - self._began) // HOP - 1
        first = self._count - (hops + 1) * HOP
        captured = self._history[-(hops + 1) * HOP :]
        sound = self._sound.read(first - self._delay, len(captured))
        louder_db = min(_MOST_COUPLING_DB, _level_db(captured) - _level_db(sound))
        self._gate.forget()
        self._drift.forget()
        self._judged_hops = 0
        self._filter.forget(10 ** (louder_db / 10))
        before = self._sound.read(first - self._delay - past, past)
        self._learn(before, sound, captured, hops)
        if is_first:  # once more, with what was learnt
            cleaned = self._learn(before, sound, captured, hops)
            self._past = cleaned[first_with_echo(captured, cleaned) :]

    def _learn(self, before: Samples, sound: Samples, captured: Samples, hops: int) -> Samples:
        """Let the filter learn from the first `hops` hops, and return them without the echo.

        `before` was played before `sound`.
        """
        self._filter.load(before)
        cleaned = captured[: hops * HOP].copy()
        for start in range(0, hops * HOP, HOP):
            hop = slice(start, start + HOP)
            cleaned[hop] -= self._filter.step(sound[hop], captured[hop])
        return cleaned

    def _report(self) -> None:
        """Publish what the gate has learnt."""
        works = self.state.works
        self._judged_hops += _REPORT_HOPS
        if self._gate.best_db >= _WORKS_DB:
            works = True
        elif self._gate.best_db < _FAILS_DB and self._judged_hops >= _JUDGED_HOPS:
            works = False
        echo_db = 10 * float(np.log10(self._gate.echo_power + 1e-12))
        smooth_db = 0.7 * self.state.echo_db + 0.3 * echo_db
        self.state = replace(
            self.state, works=works, reduction_db=self._gate.reduction_db, echo_db=smooth_db
        )


def _level_db(samples: Samples) -> float:
    return 10 * float(np.log10(np.square(samples).mean() + 1e-12))
