"""The forced prefix and the held words, by the real search on a small model that copies."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from stslocal.engines.nllb.translator import NllbTranslator
from stslocal.engines.protocols import Continuation
from stslocal.engines.seq2seq.continuation import held_from, split
from stslocal.errors import EngineError, SettingsError
from stslocal.translation.continuing import CutSentences
from stslocal.types import Segment
from tests.fakes import only_translator
from tests.tiny_nllb import make_tiny_nllb

pytestmark = pytest.mark.contract

SENTENCE = "The train leaves at noon, and it is late."


@pytest.fixture(scope="module")
def translator(tmp_path_factory: pytest.TempPathFactory) -> NllbTranslator:
    folder = make_tiny_nllb(tmp_path_factory.mktemp("models") / "nllb-tiny")
    return NllbTranslator.load(folder, compute_type="float32", threads=1)


def continued(
    translator: NllbTranslator, text: str, spoken: str, *, may_hold: bool = False
) -> Continuation | None:
    return translator.continue_translation(
        text, spoken, source="en", target="pt", may_hold=may_hold
    )


@pytest.mark.parametrize("count", range(9))
def test_the_translation_goes_on_behind_the_spoken_words(
    translator: NllbTranslator, count: int
) -> None:
    words = SENTENCE.split()
    spoken, rest = " ".join(words[:count]), " ".join(words[count:])
    assert continued(translator, SENTENCE, spoken) == Continuation(rest)


def test_spoken_words_stay_as_they_are(translator: NllbTranslator) -> None:
    """The model copies by position, so other words of as many pieces are followed by the same."""
    found = continued(translator, "It is late, my friends.", "is It late,")
    assert found == Continuation("my friends.")


@pytest.mark.parametrize(
    ("text", "spoken", "now", "held"),
    [
        ("The train", "", "The", "train"),
        ("The train leaves at", "The", "train leaves", "at"),
        ("The train leaves at noon", "The train leaves", "at", "noon"),
    ],
)
def test_the_words_of_the_last_source_word_are_held(
    translator: NllbTranslator, text: str, spoken: str, now: str, held: str
) -> None:
    assert continued(translator, text, spoken, may_hold=True) == Continuation(now, held)
    assert continued(translator, text, spoken) == Continuation(f"{now} {held}")


def test_there_is_no_continuation_where_nothing_is_left_or_a_word_would_change(
    translator: NllbTranslator,
) -> None:
    assert continued(translator, SENTENCE, SENTENCE) is None
    assert continued(translator, SENTENCE, "The train lea") is None
    assert continued(translator, "1964", "") is None
    assert continued(translator, "abcdefghij " * 60, "") is None, "longer than the model takes"


def test_it_refuses_and_fails_as_translation_does(
    translator: NllbTranslator, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SettingsError, match="does not have German"):
        translator.continue_translation("a", "", source="en", target="de", may_hold=False)

    class Broken:
        def translate_batch(self, *_: object, **__: object) -> None:
            raise RuntimeError("out of memory")

    monkeypatch.setattr(translator, "_model", Broken())
    with pytest.raises(EngineError, match="out of memory"):
        continued(translator, SENTENCE, "")


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_every_word_is_spoken_once_however_a_sentence_is_cut(
    translator: NllbTranslator, size: int
) -> None:
    words = SENTENCE.split()
    sentences = CutSentences(only_translator(translator), target="pt")
    said = [
        sentences.translate(
            Segment(
                at, at + 0.0, at + 0.5, " ".join(words[at : at + size]), "en",
                complete=at + size >= len(words), followed=True,
            )
        ).text
        for at in range(0, len(words), size)
    ]  # fmt: skip
    assert " ".join(filter(None, said)) == SENTENCE


# The pieces


def decode(pieces: Sequence[str]) -> str:
    return "".join(pieces).replace("\u2581", " ").strip()


def rows(*looks_at: int, of: int) -> list[list[float]]:
    return [[float(at == one) for one in range(of)] for at in looks_at]


def test_held_words_become_fewer_as_the_attention_moves_away_from_the_last_word() -> None:
    source = ["\u2581the", "\u2581old", "\u2581hou", "se"]
    assert held_from(rows(0, 1, 2, 3, of=4), source) == 2
    assert held_from(rows(0, 0, 1, 3, of=4), source) == 3
    assert held_from(rows(0, 0, 1, 1, of=4), source) == 4
    assert held_from([], source) == 0
    assert held_from([[0.1, 0.5, 0.2, 0.1, 9.0]], source) == 1, "the end sign does not count"


def test_no_word_is_torn() -> None:
    pieces = ["\u2581a", "\u2581ca", "sa", "\u2581velha"]
    assert split(pieces, [], decode, hold_from=2, spaced=True) == ("a", "casa velha")
    assert split(pieces, [], decode, hold_from=2, spaced=False) == ("a ca", "sa velha")
    assert split(["s", "\u2581a"], ["\u2581casa"], decode, hold_from=2, spaced=True) is None
    assert split([",", "\u2581a"], ["\u2581casa"], decode, hold_from=2, spaced=True) == ("a", "")
