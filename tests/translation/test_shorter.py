"""Shorter ways to say a sentence, of which nothing may be lost."""

from __future__ import annotations

import pytest

from stslocal.engines.protocols import Capabilities
from stslocal.translation.coverage import Coverage
from stslocal.translation.glossary import Glossary, Term
from stslocal.translation.numbers_held import Texts
from stslocal.translation.shorter import shorter_ways
from stslocal.translation.translators import Translators
from tests.fakes import RECOGNIZES, SPEAKS, FakeTranslator

pytestmark = pytest.mark.unit

SOURCE = "On Monday the committee of the city council discussed 12 new proposals with Anna Schmidt."
BEST = (
    "Na segunda-feira, o comitê do conselho municipal da cidade discutiu 12 novas propostas com "
    "Anna Schmidt."
)
SHORTER = "Segunda, o comitê do conselho discutiu 12 novas propostas com Anna Schmidt."
SHORTEST = "Segunda, o comitê local discutiu 12 novas propostas com Anna Schmidt."


def ways(*alternatives: str) -> list[str]:
    return shorter_ways(alternatives, Texts(SOURCE, BEST, "en", "pt"))


def test_the_longest_of_the_shorter_ones_comes_first() -> None:
    assert ways(SHORTEST, BEST, SHORTER, SHORTER) == [SHORTER, SHORTEST]


@pytest.mark.parametrize(
    ("alternative", "why"),
    [
        (BEST + " Muito bem.", "it is longer"),
        (SHORTER.replace("12 ", ""), "the number is lost"),
        (SHORTER.replace("12", "13"), "the number is another one"),
        (SHORTER.replace(" com Anna Schmidt", ""), "the name is lost"),
        ("Segunda, 12 propostas com Anna Schmidt.", "a part is lost"),
        ("o comitê o comitê o comitê o comitê o comitê 12 Anna Schmidt", "it repeats itself"),
        ("", "it is empty"),
    ],
)
def test_a_way_that_loses_something_is_left_out(alternative: str, why: str) -> None:
    assert ways(alternative) == [], why


class Knows(FakeTranslator):
    """A translator that knows several translations."""

    def alternatives(self, text: str, *, source: str, target: str) -> list[str]:
        assert (text, source, target) == (SOURCE, "en", "pt")
        return [BEST, SHORTER, SHORTEST]


def translators(*, has_alternatives: bool, glossary: Glossary | None = None) -> Translators:
    pairs = frozenset({("en", "pt")})
    engine = Knows(capabilities=Capabilities(pairs=pairs, has_alternatives=has_alternatives))
    coverage = Coverage("fake", RECOGNIZES, {"one": engine.capabilities}, "fake", SPEAKS)
    return Translators({"one": engine}, coverage, glossary=glossary)


def test_a_translator_that_declares_alternatives_is_asked() -> None:
    able = translators(has_alternatives=True)
    assert able.shorter(SOURCE, BEST, "en", "pt") == [SHORTER, SHORTEST]
    assert translators(has_alternatives=False).shorter(SOURCE, BEST, "en", "pt") == []


def test_a_way_without_a_term_of_the_glossary_is_left_out() -> None:
    glossary = Glossary([Term("council", "conselho")])
    able = translators(has_alternatives=True, glossary=glossary)
    assert able.shorter(SOURCE, BEST, "en", "pt") == [SHORTER]
