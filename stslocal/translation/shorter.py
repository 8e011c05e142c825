"""Finds a shorter way to say a sentence, where the best translation takes too long to speak.

Nothing of the source may be lost by it: a way that a rule doubts is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from stslocal.translation.additions import without_additions
from stslocal.translation.faithful import count_faults
from stslocal.translation.losses import doubt, may_lack_a_part
from stslocal.translation.numbers_held import Texts
from stslocal.translation.numbers_repaired import repair
from stslocal.translation.proportion import weight


def shorter_ways(alternatives: Sequence[str], texts: Texts) -> list[str]:
    """The `alternatives` that are shorter than the translation of `texts`, the longest first.

    Each has all numbers, addresses and names of the source, and is not so short that a part of it
    may be missing.
    """
    found = {way for way in _held(alternatives, texts) if weight(way) < weight(texts.translation)}
    return sorted(found, key=lambda way: (-weight(way), way))


def _held(alternatives: Sequence[str], texts: Texts) -> Iterator[str]:
    source = texts.source
    for alternative in alternatives:
        way = without_additions(source, alternative, texts.target_language)
        way = repair(Texts(source, way, texts.source_language, texts.target_language))
        other = Texts(source, way, texts.source_language, texts.target_language)
        if way and not (doubt(other) or may_lack_a_part(other) or count_faults(other)):
            yield way
