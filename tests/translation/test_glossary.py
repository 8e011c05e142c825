from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stslocal.engines.protocols import Capabilities
from stslocal.errors import SettingsError
from stslocal.translation.glossary import Glossary, Term
from stslocal.translation.glossary_translator import GlossaryTranslator

pytestmark = pytest.mark.unit


def glossary(*terms: tuple[str, str]) -> Glossary:
    return Glossary(Term(*term) for term in terms)


def found(terms: Glossary, text: str) -> list[tuple[str, str]]:
    return [(text[found.start : found.end], found.translation) for found in terms.occurrences(text)]


class TestReading:
    def read(self, tmp_path: Path, text: str) -> Glossary:
        path = tmp_path / "terms.tsv"
        path.write_text(text, encoding="utf-8")
        return Glossary.read(path)

    def test_terms_comments_and_terms_that_are_not_translated(self, tmp_path: Path) -> None:
        terms = self.read(
            tmp_path,
            "\ufeff# a comment\n\nneural  network\trede neural\nKubernetes\nHelm\t\t\n C#\tC#\n",
        ).terms
        assert set(terms) == {
            Term("neural network", "rede neural"),
            Term("Kubernetes", "Kubernetes"),
            Term("Helm", "Helm"),
            Term("C#", "C#"),
        }

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("a\tb\nw\tx\ty\tz\n", r"line 2: it has 4 columns: write a term, a tab"),
            ("# c\n\trede\n", r"line 2: the term before the tab has no letter"),
            ("a\tb\n\na\tc\n", r"line 3: 'a' was 'b' in line 1: keep one of them"),
            ("# nothing\n", r"has no terms: write one a line"),
        ],
    )
    def test_a_line_that_cannot_be_used_is_named(
        self, tmp_path: Path, text: str, message: str
    ) -> None:
        with pytest.raises(SettingsError, match=message):
            self.read(tmp_path, text)

    def test_the_same_line_twice_is_one_term(self, tmp_path: Path) -> None:
        assert self.read(tmp_path, "a\tb\na\tb\n").terms == (Term("a", "b"),)

    def test_a_file_that_cannot_be_read(self, tmp_path: Path) -> None:
        with pytest.raises(SettingsError, match=r"none.tsv does not exist: check the name"):
            Glossary.read(tmp_path / "none.tsv")
        (tmp_path / "old.tsv").write_bytes("ação\n".encode("latin-1"))
        with pytest.raises(SettingsError, match="is not UTF-8: save it as UTF-8"):
            Glossary.read(tmp_path / "old.tsv")

    def test_the_digest_is_of_the_terms_alone(self, tmp_path: Path) -> None:
        one = self.read(tmp_path, "a\tb\nc\td\n").digest
        assert one == self.read(tmp_path, "# the same\nc\td\na\tb\n").digest
        assert one != self.read(tmp_path, "a\tb\nc\te\n").digest


class TestFinding:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("a network", [("network", "rede")]),
            ("The neural network's networks", [("neural network", "rede neural")]),
            ("Network first", [("Network", "rede")]),
            ("the Network", [("Network", "Rede")]),
            ("THE NETWORK", [("NETWORK", "REDE")]),
            ("neural\n network", [("neural\n network", "rede neural")]),
            ("(network)-network", [("network", "rede"), ("network", "rede")]),
            ("subnetwork network2 net_network", []),
        ],
    )
    def test_whole_words_the_longest_term_first(
        self, text: str, expected: list[tuple[str, str]]
    ) -> None:
        terms = glossary(("network", "rede"), ("neural network", "rede neural"))
        assert found(terms, text) == expected

    def test_a_term_with_a_capital_is_found_only_as_it_is_written(self) -> None:
        terms = glossary(("Apple", "Apple"), ("eBay", "eBay"))
        assert found(terms, "Apple, apple, APPLE, eBay, Ebay") == [
            ("Apple", "Apple"),
            ("eBay", "eBay"),
        ]

    def test_marks_and_letters_of_other_scripts_belong_to_words(self) -> None:
        assert found(glossary(("किताब", "book")), "किताब किताबें") == [("किताब", "book")]
        assert found(glossary(("año", "ano")), "año años") == [("año", "ano")]

    def test_scripts_without_spaces_have_no_word_ends(self) -> None:
        terms = glossary(("GitHub", "GitHub"), ("朋友", "amigo"), ("서울", "Seul"))
        assert [text for text, _ in found(terms, "GitHubを使う我的朋友们 서울은")] == [
            "GitHub",
            "朋友",
            "서울",
        ]

    @given(st.lists(st.text("ab .", max_size=6), max_size=4), st.text("aAbB .\t", max_size=30))
    def test_occurrences_are_in_order_and_never_overlap(self, terms: list[str], text: str) -> None:
        known = Glossary(Term(term.strip(), "x") for term in terms if term.strip(" ."))
        end = 0
        for found in known.occurrences(text):
            assert end <= found.start < found.end
            end = found.end


class ScriptedTranslator:
    """Translates with a function that a test gives, and keeps the texts that it was given."""

    capabilities = Capabilities(pairs=frozenset({("en", "pt")}))

    def __init__(self, translate: Callable[[str], str] = str.upper) -> None:
        self._translate = translate
        self.given: list[str] = []
        self.quick: list[bool] = []

    def translate(
        self, texts: Sequence[str], *, source: str, target: str, quick: bool = False
    ) -> list[str]:
        self.given += texts
        self.quick.append(quick)
        return [self._translate(text) for text in texts]


TERMS = glossary(("network", "rede"), ("Kubernetes", "Kubernetes"))


def translated(
    text: str, translate: Callable[[str], str], terms: Glossary = TERMS
) -> tuple[str, list[str], list[str]]:
    """The translation, the texts that the translator was given, and the terms that were lost."""
    translator, lost = ScriptedTranslator(translate), list[str]()
    with_glossary = GlossaryTranslator(
        translator, terms, on_lost=lambda term: lost.append(term.source)
    )
    (made,) = with_glossary.translate([text], source="en", target="pt")
    return made, translator.given, lost


class TestTranslating:
    def test_the_translated_term_is_tried_first(self) -> None:
        made, given, lost = translated(
            "A network of Kubernetes.", lambda text: text.replace("A", "Uma").replace("of", "de")
        )
        assert made == "Uma rede de Kubernetes."
        assert given == ["A rede of Kubernetes."]
        assert lost == []

    def test_then_a_code_for_each_term_is_tried(self) -> None:
        def loses_rede(text: str) -> str:
            return text.replace("rede", "malha").replace("The", "O").replace("of", "de")

        made, given, lost = translated("The network of Kubernetes.", loses_rede)
        assert made == "O rede de Kubernetes."
        assert given == ["The rede of Kubernetes.", "The X1 of X2."]
        assert lost == []

    def test_codes_may_come_back_in_another_order(self) -> None:
        def turns(text: str) -> str:
            return "X2 é X1." if "X1" in text else "?"

        assert translated("My network is Kubernetes.", turns)[0] == "Kubernetes é rede."

    def test_a_term_that_never_comes_back_is_translated_freely_and_reported(self) -> None:
        def own_way(text: str) -> str:
            return "A malha Kubernetes." if "network" in text else "X1 X1"

        made, given, lost = translated("The network Kubernetes.", own_way)
        assert made == "A malha Kubernetes."
        assert given[-1] == "The network Kubernetes."
        assert lost == ["network"]

    @pytest.mark.parametrize("answer", ["X1", "X1 X1 X2", "X12 X2", "X2 x1", ""])
    def test_each_code_must_come_back_exactly_once(self, answer: str) -> None:
        def answers(text: str) -> str:
            return answer if "X1" in text else "livre"

        made, _, lost = translated("The network Kubernetes.", answers)
        assert made == "livre"
        assert lost == ["network", "Kubernetes"]

    def test_codes_that_the_text_has_are_not_used(self) -> None:
        def loses_rede(text: str) -> str:
            return text.replace("rede", "")

        made, given, _ = translated("The BMW X1 and X12 network.", loses_rede)
        assert given[-1] == "The BMW X1 and X12 X2."
        assert made == "The BMW X1 and X12 rede."

    def test_a_term_that_comes_twice_must_come_back_twice(self) -> None:
        def drops_one(text: str) -> str:
            return text.replace(" and rede", "")

        made, given, _ = translated("network and network", drops_one)
        assert given == ["Rede and rede", "X1 and X2"]
        assert made == "Rede and rede"

    def test_a_term_at_the_beginning_has_a_capital(self) -> None:
        assert translated("network is here.", str)[0] == "Rede is here."
        assert translated("Network is Kubernetes.", lambda t: t.replace("Rede", ""))[0] == (
            "Rede is Kubernetes."
        )

    def test_texts_without_terms_pass_in_one_call(self) -> None:
        translator = ScriptedTranslator()
        with_glossary = GlossaryTranslator(translator, TERMS)
        texts = ["One.", "", "Two."]
        assert with_glossary.translate(texts, source="en", target="pt", quick=True) == [
            "ONE.",
            "",
            "TWO.",
        ]
        assert translator.given == texts
        assert translator.quick == [True]
        assert with_glossary.capabilities == translator.capabilities

    def test_a_longer_term_does_not_count_as_the_shorter_one_in_it(self) -> None:
        terms = glossary(("network", "rede"), ("neural network", "rede neural"))
        made, given, _ = translated("a neural network and a network", str, terms)
        assert made == "a rede neural and a rede"
        assert len(given) == 1
