"""Who speaks when: the turns of a recording, and utterances divided where the speaker changes."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate, pairwise

from stslocal.files.languages import part_of, seconds_of_speech
from stslocal.results.session_segment import Span
from stslocal.translation.dropped import places_of
from stslocal.types import Turn, Utterance

_SHORTEST_S = 0.2
"""Seconds of speech in a part of an utterance. With less it is taken for the neighbour's."""
_REACH_S = 0.4
"""A border may be moved so far into a pause: the times of turns are as exact as that."""
_LEAST_OVERLAP_S = 0.5
"""Seconds for which two persons must speak at once for a warning to say so."""
_LEAST_BESIDE_S = 0.3
"""Seconds within one segment for which it is said: the border of two segments halves the time."""


@dataclass(frozen=True)
class Speakers:
    """Who speaks when in a recording."""

    turns: tuple[Turn, ...]
    """In the order of their starts."""

    @property
    def names(self) -> tuple[str, ...]:
        """The persons, in the order in which they begin to speak."""
        return tuple(dict.fromkeys(turn.speaker for turn in self.turns))

    def changes(self) -> list[tuple[float, str]]:
        """When another person begins to speak, and who.

        The border of two turns lies in the middle of the pause between them, or of the time in
        which both speak. A turn within another one is no change.
        """
        changes: list[tuple[float, str]] = []
        last: Turn | None = None
        for turn in self.turns:
            if last is None:
                changes.append((turn.start_s, turn.speaker))
            elif turn.end_s <= last.end_s:
                continue
            elif turn.speaker != last.speaker:
                changes.append(((last.end_s + turn.start_s) / 2, turn.speaker))
            last = turn
        return changes

    def overlaps(self) -> list[tuple[float, float]]:
        """The times at which two or more persons speak at once, in order."""
        found: list[tuple[float, float]] = []
        open_turns: list[Turn] = []
        for turn in self.turns:
            open_turns = [one for one in open_turns if one.end_s > turn.start_s]
            ends = [one.end_s for one in open_turns if one.speaker != turn.speaker]
            if ends:
                start_s, end_s = turn.start_s, min(turn.end_s, max(ends))
                if found and start_s <= found[-1][1]:
                    start_s, end_s = found[-1][0], max(found.pop()[1], end_s)
                found.append((start_s, end_s))
            open_turns.append(turn)
        return found

    def beside(self, name: str, span: Span) -> tuple[str, ...]:
        """Who else speaks while the person with this name does, in a span of the recording."""
        spoken_s: defaultdict[str, float] = defaultdict(float)
        for begins_s, ends_s in self._at_once:
            start_s, end_s = max(begins_s, span.start_s), min(ends_s, span.end_s)
            for turn in self.turns if start_s < end_s else ():
                within_s = min(end_s, turn.end_s) - max(start_s, turn.start_s)
                spoken_s[turn.speaker] += max(0.0, within_s)
        return tuple(one for one in self.names if one != name and spoken_s[one] >= _LEAST_BESIDE_S)

    @cached_property
    def _at_once(self) -> list[tuple[float, float]]:
        return self.overlaps()

    def alone(self) -> dict[str, list[tuple[float, float]]]:
        """For each person, the times at which nobody else speaks, in order."""
        spans: dict[str, list[tuple[float, float]]] = {name: [] for name in self.names}
        overlaps = self.overlaps()
        for turn in self.turns:
            begins_s = turn.start_s
            for start_s, end_s in overlaps:
                if end_s <= begins_s or start_s >= turn.end_s:
                    continue
                if start_s > begins_s:
                    spans[turn.speaker].append((begins_s, start_s))
                begins_s = end_s
            if turn.end_s > begins_s:
                spans[turn.speaker].append((begins_s, turn.end_s))
        return spans

    def warnings(self) -> Iterator[str]:
        """Say where two persons speak at once, because one of them is lost there."""
        long = [one for one in self.overlaps() if one[1] - one[0] >= _LEAST_OVERLAP_S]
        if long:
            yield (
                f"two people speak at the same time at {places_of(long)}: only one of them may be "
                "translated there; a recording with a channel for each speaker is translated "
                "whole with `--channels speakers`"
            )


class DivideBySpeaker:
    """Gives each utterance its speaker, and divides those in which the speaker changes."""

    name = "divide by speaker"

    def __init__(self, speakers: Speakers) -> None:
        """Take the turns of a recording; there must be one at least."""
        changes = speakers.changes()
        self._times = [time_s for time_s, _ in changes]
        self._names = [name for _, name in changes]

    def process(self, utterance: Utterance) -> Iterator[Utterance]:
        first = max(1, bisect_right(self._times, utterance.start_s))
        behind = max(first, bisect_left(self._times, utterance.end_s))
        borders = [_in_pause(utterance, time_s) for time_s in self._times[first:behind]]
        bounds = list(accumulate([utterance.start_s, *borders, utterance.end_s], max))
        parts: list[Utterance] = []
        for (start_s, end_s), speaker in zip(
            pairwise(bounds), self._names[first - 1 : behind], strict=True
        ):
            part = _said_by(speaker, utterance, start_s, end_s)
            if not parts:
                parts.append(part)
            elif seconds_of_speech(parts[-1]) < _SHORTEST_S:
                parts[-1] = _said_by(speaker, utterance, parts[-1].start_s, end_s)
            elif seconds_of_speech(part) < _SHORTEST_S or speaker == parts[-1].speaker:
                parts[-1] = _said_by(parts[-1].speaker, utterance, parts[-1].start_s, end_s)
            else:
                parts.append(part)
        yield from parts

    def finish(self) -> Iterator[Utterance]:
        yield from ()


def _said_by(speaker: str, whole: Utterance, start_s: float, end_s: float) -> Utterance:
    return replace(part_of(whole, start_s, end_s, whole.language), speaker=speaker)


def _in_pause(utterance: Utterance, time_s: float) -> float:
    """The middle of the nearest pause, where a time is in speech and a pause is near."""
    if not any(start_s < time_s < end_s for start_s, end_s in utterance.speech):
        return time_s
    pauses = [(end_s + start_s) / 2 for (_, end_s), (start_s, _) in pairwise(utterance.speech)]
    nearest = min(pauses, key=lambda pause_s: abs(pause_s - time_s), default=time_s)
    return nearest if abs(nearest - time_s) <= _REACH_S else time_s
