"""A sentence that is cut into segments reads like one sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stslocal.engines.protocols import Capabilities, Continuation, TextTranslator
from stslocal.metrics import Event, Notice
from stslocal.translation.continuing import CutSentences
from stslocal.translation.coverage import Coverage
from stslocal.translation.glossary import Glossary, Term
from stslocal.translation.retranslation import Retranslation, spoken_end
from stslocal.translation.translate import Translate
from stslocal.translation.translators import Translators
from stslocal.types import ONLY_END, Segment
from tests.fakes import RECOGNIZES, SPEAKS, TRANSLATES, FakeTranslator, only_translator, translated

pytestmark = pytest.mark.unit

CONTINUES = replace(TRANSLATES, continues=True)


@dataclass
class Script(FakeTranslator):
    """Translates what its script has, and anything else word by word in capitals."""

    script: Mapping[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def translate(
        self, texts: Sequence[str], *, source: str, target: str, quick: bool = False
    ) -> list[str]:
        self.asked += texts
        return [self.script.get(text, text.upper()) for text in texts]


@dataclass
class Continuer(Script):
    """Writes a word for a word, and holds the last one while the sentence goes on."""

    capabilities: Capabilities = CONTINUES
    continued: list[tuple[str, str, bool]] = field(default_factory=list)
    gives_up: bool = False

    def continue_translation(
        self, text: str, spoken: str, *, source: str, target: str, may_hold: bool
    ) -> Continuation | None:
        self.continued.append((text, spoken, may_hold))
        if self.gives_up:
            return None
        rest = text.upper().split()[len(spoken.split()) :]
        end = len(rest) - 1 if may_hold else len(rest)
        return Continuation(" ".join(rest[:end]), " ".join(rest[end:]))


@dataclass
class Forgetful(Script):
    """Writes the same word for everything, so that no term comes back."""

    def translate(
        self, texts: Sequence[str], *, source: str, target: str, quick: bool = False
    ) -> list[str]:
        return [" ".join(f"isso{n}" for n, _ in enumerate(text.split())) for text in texts]


def parts(*texts: str, language: str = "en", held: bool = False) -> list[Segment]:
    """Segments of one sentence, and of more where a text ends with a full stop."""
    return [
        Segment(
            number, float(number), number + 0.9, text, language,
            complete=text.endswith((".", "?", "!")), followed=held,
        )
        for number, text in enumerate(texts)
    ]  # fmt: skip


def spoken(
    translator: TextTranslator, segments: Sequence[Segment], glossary: Glossary | None = None
) -> list[str]:
    sentences = CutSentences(translators(translator, glossary), target="pt")
    return [sentences.translate(segment).text for segment in segments]


def translators(translator: TextTranslator, glossary: Glossary | None = None) -> Translators:
    coverage = Coverage("fake", RECOGNIZES, {"one": translator.capabilities}, "fake", SPEAKS)
    return Translators({"one": translator}, coverage, glossary=glossary)


# Translators that cannot continue a sentence


WHOLE = {
    "we saw the old": "vimos a antiga",
    "we saw the old house of cards.": "vimos a velha casa de cartas.",
    "house of cards.": "Casa de cartões.",
}


def test_what_follows_the_spoken_words_is_taken_from_the_whole_sentence() -> None:
    assert spoken(Script(script=WHOLE), parts("we saw the old", "house of cards.")) == [
        "vimos a antiga",
        "casa de cartas.",
    ]


def test_a_sentence_that_reads_differently_now_is_continued_by_its_piece_alone() -> None:
    other = {**WHOLE, "we saw the old house of cards.": "a casa de cartas foi vista por nós."}
    assert spoken(Script(script=other), parts("we saw the old", "house of cards.")) == [
        "vimos a antiga",
        "casa de cartões.",
    ]


def test_words_are_held_while_the_next_one_may_change_them() -> None:
    script = Script(
        script={
            "we saw the old": "vimos a antiga",
            "we saw the": "vimos",
            "we saw the old house.": "vimos a velha casa.",
        }
    )
    first, last = parts("we saw the old", "house.")
    assert spoken(script, [replace(first, followed=True), last]) == ["vimos", "a velha casa."]
    assert spoken(script, [first, last]) == ["vimos a antiga", "casa."], "nothing was coming"


def test_no_word_is_held_behind_a_clause_and_none_where_most_may_change() -> None:
    script = Script(script={"we saw, it seems,": "um dois três,", "a b": "a b c d e f g"})
    assert spoken(script, parts("we saw, it seems,", held=True)) == ["um dois três,"]
    assert script.asked == ["we saw, it seems,"]
    assert spoken(script, parts("a b", held=True)) == ["a b c d e f g"]


def test_a_translated_piece_does_not_end_with_an_article() -> None:
    script = Script(
        script={"he goes to big": "ele vai para o grande", "he goes to": "ele vai para o"}
    )
    assert spoken(script, parts("he goes to big", held=True)) == ["ele vai"]


@pytest.mark.parametrize("complete", [True, False])
def test_held_words_go_out_when_nothing_more_comes(complete: bool) -> None:
    script = Script(script={"we saw the old": "vimos a antiga", "we saw the": "vimos"})
    (first,) = parts("we saw the old", held=True)
    over = Segment(1, 0.9, 0.9, ONLY_END, "en", complete=complete)
    again = replace(over, index=2)
    assert spoken(script, [first, over, again]) == ["vimos", "a antiga", ""]


def test_held_words_go_out_with_another_language_and_after_a_long_silence() -> None:
    script = Script(
        script={"we saw the old": "vimos a antiga", "we saw the": "vimos", "Ciao.": "Olá."}
    )
    (first,) = parts("we saw the old", held=True)
    sentences = CutSentences(translators(script), target="pt")
    assert sentences.translate(first).text == "vimos"
    late = Segment(1, 9.0, 9.5, "Ciao.", "en")
    assert sentences.translate(late).text == "a antiga Olá."
    assert sentences.end() == ""


def test_whole_sentences_are_translated_as_before() -> None:
    script = Script()
    assert spoken(script, parts("Thank you.", "It is late.")) == ["THANK YOU.", "IT IS LATE."]
    assert script.asked == ["Thank you.", "It is late."], "once, and without the other"


def test_the_end_of_a_sentence_and_the_beginning_of_the_next_are_translated_apart() -> None:
    script = Script()
    assert spoken(script, parts("We went", "home. It was", "late.")) == [
        "WE WENT",
        "HOME. IT WAS",
        "LATE.",
    ]
    assert script.asked == ["We went", "We went home.", "It was", "It was late."]


def test_stops_and_capitals_of_a_cut_do_not_reach_the_translator() -> None:
    script = Script()
    segments = parts("We went to the...", "Old house.")
    segments[0] = replace(segments[0], complete=False)
    segments[1] = replace(segments[1], text="The old house.")
    spoken(script, segments)
    assert script.asked == ["We went to the", "We went to the the old house."]


def test_a_very_long_sentence_begins_anew() -> None:
    script = Script()
    many = [" ".join(f"w{number}x{n}" for n in range(10)) for number in range(30)]
    texts = spoken(script, parts(*many))
    assert " ".join(texts).upper() == " ".join(many).upper()
    assert max(map(len, script.asked)) < 520


@given(
    st.lists(st.sampled_from(["one", "two.", "Three", "four,", "12", "a"]), max_size=40),
    st.integers(1, 6),
    st.booleans(),
    st.booleans(),
)
def test_every_word_is_spoken_once_however_a_text_is_cut(
    words: list[str], size: int, held: bool, can_continue: bool
) -> None:
    cut = [words[at : at + size] for at in range(0, len(words), size)]
    segments = parts(*(" ".join(each) for each in cut), held=held)
    segments.append(Segment(len(cut), len(cut) + 0.0, len(cut) + 0.0, ONLY_END, "en"))
    texts = spoken(Continuer() if can_continue else Script(), segments)
    plain = [word.strip(".,").upper() for word in words]
    assert [word.strip(".,").upper() for word in " ".join(texts).split()] == plain


# Translators that can


def test_a_translator_that_can_continues_after_what_was_spoken() -> None:
    engine = Continuer()
    assert spoken(engine, parts("we saw the old", "house of", "cards.", held=True)) == [
        "WE SAW THE",
        "OLD HOUSE",
        "OF CARDS.",
    ]
    assert engine.continued == [
        ("we saw the old", "", True),
        ("we saw the old house of", "WE SAW THE", True),
        ("we saw the old house of cards.", "WE SAW THE OLD HOUSE", False),
    ]
    assert engine.asked == []


def test_held_words_are_not_lost_where_it_finds_no_continuation() -> None:
    engine = Continuer()
    sentences = CutSentences(translators(engine), target="pt")
    first, last = parts("we saw the old", "house of cards.", held=True)
    assert sentences.translate(first).text == "WE SAW THE"
    engine.gives_up = True
    assert sentences.translate(last).text == "OLD HOUSE OF CARDS."


# Numbers and terms


def test_a_number_is_neither_lost_nor_repeated_by_a_cut() -> None:
    script = Script(
        script={
            "in 1939 they sold": "em 1939 venderam",
            "in 1939 they sold 500 cars.": "venderam em 1939 500 carros.",
            "500 cars.": "500 carros.",
        }
    )
    assert spoken(script, parts("in 1939 they sold", "500 cars.")) == [
        "em 1939 venderam",
        "500 carros.",
    ]


def test_a_number_that_may_go_on_is_held() -> None:
    script = Script(
        script={
            "there were 20": "um dois três quatro cinco 20",
            "there were": "havia",
            "there were 20 thousand people.": "havia 20 mil pessoas.",
        }
    )
    assert spoken(script, parts("there were 20", "thousand people.", held=True)) == [
        "",
        "havia 20 mil pessoas.",
    ]


@pytest.mark.parametrize("engine", [Script, Continuer])
def test_the_terms_of_a_glossary_hold_across_cuts(engine: type[Script]) -> None:
    glossary = Glossary([Term("secret service", "serviço secreto")])
    texts = spoken(engine(), parts("we met the", "secret service", "of France."), glossary)
    assert " ".join(texts).lower() == "we met the serviço secreto of france."


def test_a_lost_term_is_reported_once_a_sentence() -> None:
    lost: list[str] = []
    known = Coverage("fake", RECOGNIZES, {"one": TRANSLATES}, "fake", SPEAKS)
    sentences = CutSentences(
        Translators(
            {"one": Forgetful()}, known,
            glossary=Glossary([Term("met", "encontrar"), Term("old", "velho")]),
            on_lost=lambda term: lost.append(term.source),
        ),
        target="pt",
    )  # fmt: skip
    for part in parts("we met", "the", "net.", held=True):
        sentences.translate(part)
    assert lost.count("met") == 1


# The stage


def test_the_stage_translates_across_cuts_only_where_it_is_asked_to() -> None:
    torn = parts("we saw the old", "house of cards.")
    apart = Translate(translators(Script(script=WHOLE)), target="pt")
    across = Translate(translators(Script(script=WHOLE)), target="pt", across_cuts=True)
    assert [item.text for part in torn for item in apart.process(part)] == [
        "vimos a antiga",
        "Casa de cartões.",
    ]
    items = [item for part in torn for item in across.process(part)]
    assert [(item.text, item.is_part) for item in items] == [
        ("vimos a antiga", True),
        ("casa de cartas.", True),
    ]


def test_a_segment_without_words_gives_nothing_when_nothing_is_held() -> None:
    stage = Translate(only_translator(FakeTranslator()), target="pt", across_cuts=True)
    assert list(stage.process(Segment(0, 1.0, 1.0, ONLY_END, "en"))) == []


def test_what_the_recognizer_translated_stays() -> None:
    stage = Translate(only_translator(FakeTranslator()), target="en", across_cuts=True)
    (item,) = stage.process(Segment(0, 0.0, 1.0, "guten", "de", translation="good", complete=False))
    assert (item.text, item.is_part) == ("good", False)


def test_proportion_is_judged_of_the_whole_sentence() -> None:
    long = "a b c d e f g h i j k l m n o p"
    endless = " ".join(f"palavra{letter}ja" for letter in "abcdefghijklmno")
    first = "palavra antes de tudo o que se diz e depois"
    for rest, notices in ((endless, 1), ("sim.", 0)):
        events: list[Event] = []
        script = Script(script={"x": first, f"x {long}.": f"{first} {rest}"})
        stage = Translate(translators(script), target="pt", across_cuts=True, emit=events.append)
        for part in parts("x", f"{long}."):
            list(stage.process(part))
        assert len([event for event in events if isinstance(event, Notice)]) == notices


# The alignment


@pytest.mark.parametrize(
    ("whole", "said", "end", "distance"),
    [
        ("a b c d", "a b", 2, 0),
        ("A, b c d", "a B.", 2, 0),
        ("a x c d", "a b c", 3, 1),
        ("x a b c", "a b", 3, 1),
        ("a b c", "", 0, 0),
        ("x y", "a b c", 2, 3),
        ("", "a", 0, 1),
    ],
)
def test_the_spoken_words_are_found_by_edit_distance(
    whole: str, said: str, end: int, distance: int
) -> None:
    assert spoken_end(whole.split(), said.split()) == (end, distance)


def test_languages_without_spaces_are_aligned_by_letters() -> None:
    @dataclass
    class Chinese(FakeTranslator):
        def translate(
            self, texts: Sequence[str], *, source: str, target: str, quick: bool = False
        ) -> list[str]:
            return ["我们看到了那座老房子。" for _ in texts]

    found = Retranslation(Chinese()).continue_translation(
        "we saw the old house.", "我们看到了", source="en", target="zh", may_hold=False
    )
    assert found == Continuation("那座老房子。")
    assert translated("a b", "pt") == "pt:a pt:b"
