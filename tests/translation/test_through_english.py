"""A pair that two translators reach together, through English."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from stslocal.engines.protocols import Capabilities
from stslocal.errors import SettingsError
from stslocal.translation.coverage import Coverage
from stslocal.translation.glossary import Glossary, Term
from stslocal.translation.through_english import ThroughEnglish
from stslocal.translation.translators import Translators
from tests.fakes import FakeTranslator

pytestmark = pytest.mark.unit

INTO, OUT_OF = ("af", "en"), ("en", "pl")
RECOGNIZES = Capabilities(languages=frozenset({"af", "en", "pl", "sw"}))


class Scripted(FakeTranslator):
    """Remembers what it was asked for, and writes `words` for it, or the text with its target."""

    words: str = ""

    asked: list[list[str]]

    def translate(
        self, texts: Sequence[str], *, source: str, target: str, quick: bool = False
    ) -> list[str]:
        assert (source, target) in self.capabilities.pairs
        self.asked.append(list(texts))
        return [self.words or f"{target}: {text}" for text in texts]


class BySentence(Scripted):
    """Also takes sentences."""

    def translate_sentences(
        self, sentences: Sequence[str], *, source: str, target: str, quick: bool = False
    ) -> list[str]:
        assert (source, target) in self.capabilities.pairs
        self.asked.append([f"whole: {text}" for text in sentences])
        return [f"{target}: {text}" for text in sentences]


def one(*pairs: tuple[str, str], kind: type[Scripted] = Scripted) -> Scripted:
    is_by_sentence = kind is BySentence
    made = kind(capabilities=Capabilities(pairs=frozenset(pairs), takes_sentences=is_by_sentence))
    made.asked = []
    return made


def coverage(**translators: Scripted) -> Coverage:
    known = {name: each.capabilities for name, each in translators.items()}
    return Coverage("fake", RECOGNIZES, known, "fake", RECOGNIZES)


class TestCoverage:
    def test_one_translator_comes_before_two(self) -> None:
        into, out_of = one(INTO), one(OUT_OF)
        assert coverage(a=into, b=out_of).way("af", "pl") == ("a", "b")
        assert coverage(a=into, b=out_of, c=one(("af", "pl"))).way("af", "pl") == ("c",)
        assert coverage(a=into, b=out_of).way("af", "en") == ("a",)

    def test_it_is_a_pair_like_any_other(self) -> None:
        both = coverage(a=one(INTO), b=one(OUT_OF))
        assert both.has_translator("af", "pl")
        assert both.has_pair("af", "pl")
        assert not both.is_by_ear("af", "pl")
        both.check_pair("af", "pl")

    def test_a_pair_that_they_do_not_reach(self) -> None:
        both = coverage(a=one(INTO), b=one(OUT_OF))
        for source, target in (("pl", "af"), ("sw", "pl"), ("en", "en")):
            assert not both.has_translator(source, target)
        with pytest.raises(SettingsError, match=r"Polish \(pl\) to Afrikaans \(af\) cannot be"):
            both.way("pl", "af")


class TestTranslating:
    def test_the_text_is_split_once(self) -> None:
        into, out_of = one(INTO), one(OUT_OF, kind=BySentence)
        into.words = "One. Two"  # looks like two sentences, and is the English of one
        pair = ThroughEnglish(into, out_of, source="af", target="pl")
        assert pair.translate(["Een twee. Drie vier.", ""], source="af", target="pl") == [
            "pl: One. Two pl: One. Two",
            "",
        ]
        assert into.asked == [["Een twee.", "Drie vier."]]
        assert out_of.asked == [["whole: One. Two", "whole: One. Two"]]

    def test_a_translator_that_splits_by_itself_serves_too(self) -> None:
        pair = ThroughEnglish(one(INTO), one(("en", "ja")), source="af", target="ja")
        (text,) = pair.translate(["Een twee. Drie vier."], source="af", target="ja")
        assert text == "ja: en: Een twee.ja: en: Drie vier."

    @pytest.mark.parametrize("glossary", [None, Glossary([Term("toring", "wieża")])])
    def test_the_pair_is_held_to_its_source(self, glossary: Glossary | None) -> None:
        """Numbers are compared between the source and the last translation, with the glossary."""
        engines = {"a": one(INTO), "b": one(OUT_OF, kind=BySentence)}
        translators = Translators(engines, coverage(**engines), glossary=glossary)
        pair = translators.for_pair("af", "pl")
        assert pair is not None
        assert pair is translators.for_pair("af", "pl")
        (text,) = pair.translate(["toring 1,5 km."], source="af", target="pl")
        assert "1,5 km" in text
        assert ("wieża" in text.lower()) == (glossary is not None)
        parts, continuer = translators.for_parts("af", "pl")
        assert parts.capabilities.pairs == {("af", "pl")}
        found = continuer.continue_translation(
            "Een twee", "", source="af", target="pl", may_hold=False
        )
        assert found is not None
        assert "Een twee" in found.text
