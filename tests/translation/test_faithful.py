"""Translations are held to their source, whatever the translator writes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stslocal.engines.protocols import Capabilities
from stslocal.translation.additions import without_additions
from stslocal.translation.faithful import FaithfulTranslator
from stslocal.translation.losses import LACKS_A_PART as PART
from stslocal.translation.losses import LOST_NAME as NAME
from stslocal.translation.losses import LOST_NUMBER as NUMBER
from stslocal.translation.losses import REPEATS as AGAIN
from stslocal.translation.losses import WRONG_SCRIPT as SCRIPT
from stslocal.translation.losses import doubt
from stslocal.translation.numbers_held import Texts, hold
from stslocal.translation.numbers_repaired import repair
from stslocal.translation.proportion import out_of_proportion

pytestmark = pytest.mark.unit


@dataclass
class Parrot:
    """Gives the translations that it was given, else the text; keeps what it was asked."""

    answers: Mapping[str, str] = field(default_factory=dict)
    spoil: Callable[[str], str] = str
    asked: list[str] = field(default_factory=list)
    capabilities: Capabilities = field(
        default_factory=lambda: Capabilities(pairs=frozenset({("en", "pt"), ("pt", "en")}))
    )

    def translate(
        self, texts: Sequence[str], *, source: str, target: str, quick: bool = False
    ) -> list[str]:
        self.asked += texts
        return [self.answers.get(text, self.spoil(text)) for text in texts]


def held(
    text: str, answers: Mapping[str, str], source: str = "en", target: str = "pt"
) -> tuple[str, list[str]]:
    """The translation, and what the translator was asked."""
    parrot = Parrot(answers)
    (found,) = FaithfulTranslator(parrot).translate([text], source=source, target=target)
    return found, parrot.asked


@pytest.mark.parametrize(
    ("text", "plain", "right"),
    [
        # another value, which is surely the source's
        ("It is 10,000 feet high.", "Tem 10 metros de altura.", "Tem 10.000 pés de altura."),
        ("2,200,112 tons.", "2.200,112 toneladas.", "2.200.112 toneladas."),
        ("The population is 244,890.", "A população é 244,890.", "A população é 244.890."),
        # marks
        ("It costs $1,234.56.", "Custa $1,234.56.", "Custa $1.234,56."),
        ("It costs $15.99.", "Custa US $ 15.99.", "Custa US$ 15,99."),
        ("In 1945.", "Em 1.945.", "Em 1945."),
        ("Version 2.0 of it.", "A versão 2.0.", "A versão 2.0."),
        # units
        ("Ten thousand feet.", "Dez mil metros.", "Dez mil pés."),
        ("Rent is £1,850.", "O aluguel é 1.850 euros.", "O aluguel é 1.850 libras."),
        ("It is 5 miles away.", "Fica a 5 milhas.", "Fica a 5 milhas."),
        # times
        ("At 11:05 p.m.", "Às 11:05 p.m.", "Às 23:05."),
        ("At 3:30 p.m. he", "Às 15h30 ele", "Às 15h30 ele"),
        ("At 7:45 a.m.", "Às 7:45 da manhã.", "Às 7:45 da manhã."),
        # equal in other words
        ("Two dogs, 21st century.", "2 cães, século XXI.", "2 cães, século XXI."),
        ("65,000,000 years", "65 milhões de anos", "65 milhões de anos"),
        ("In the 1990s.", "Nos anos 90.", "Nos anos 90."),
        # signs
        ("To info@acme.org.", "Para info-acme.org.", "Para info@acme.org."),
        ("Use #python.", 'Use "python".', "Use #python."),
        ("DM @joe and @ana.", 'DM -joe e "ana."', "DM @joe e @ana."),
        ("It is ¥10,000.", "São 10.000 euros.", "São 10.000 ienes."),
        # additions
        ("Bill Gates", "Bill Gates (em inglês)", "Bill Gates"),
        ("J.K. Rowling wrote it.", "J.K. (-) Rowling escreveu.", "J.K. Rowling escreveu."),
        ("Hello", "Olá - Olá", "Olá"),
    ],
)
def test_what_is_surely_wrong_is_written_anew(text: str, plain: str, right: str) -> None:
    assert held(text, {text: plain}) == (right, [text])


@pytest.mark.parametrize(
    ("text", "plain", "right"),
    [
        ("Foram 2.200.112 toneladas.", "It was 2,200.112 tonnes.", "It was 2,200,112 tonnes."),
        ("Vendido por R$ 450.000.", "Sold for $450,000.", "Sold for R$450,000."),
        ("Às 15h30.", "At 15:30 a.m.", "At 15:30."),
        ("Às 8h30.", "At 8.30 p.m.", "At 8:30."),
        ("O jantar é às 19h.", "Dinner is at 7 p.m.", "Dinner is at 7 p.m."),
    ],
)
def test_the_other_direction(text: str, plain: str, right: str) -> None:
    assert held(text, {text: plain}, "pt", "en")[0] == right


def test_digits_with_the_targets_marks_are_tried_first() -> None:
    text = "Arrecadamos 3,2 milhões."
    answers = {
        text: "We have 3.9 million up to 3.2 million.",
        "Arrecadamos 3.2 milhões.": "We raised 3.2 million.",
    }
    assert held(text, answers, "pt", "en") == (
        "We raised 3.2 million.",
        [text, "Arrecadamos 3.2 milhões."],
    )


def test_words_are_tried_as_digits() -> None:
    text = "It ended in nineteen forty five."
    answers = {
        text: "Acabou em dezenove e quarenta e cinco.",
        "It ended in 1945.": "Acabou em 1945.",
    }
    assert held(text, answers)[0] == "Acabou em 1945."


def test_then_placeholders_are_tried() -> None:
    text = "Follow @acme on Twitter."
    answers = {text: "Siga o Twitter.", "Follow X1 on Twitter.": "Siga X1 no Twitter."}
    assert held(text, answers)[0] == "Siga @acme no Twitter."
    text = "It has 300 rooms."
    answers = {text: "Tem quartos.", "It has X1 rooms.": "Tem X1 quartos."}
    assert held(text, answers)[0] == "Tem 300 quartos."


def test_a_lost_address_goes_between_the_translations_around_it() -> None:
    class Loses(Parrot):
        def translate(
            self, texts: Sequence[str], *, source: str, target: str, quick: bool = False
        ) -> list[str]:
            words = (text.split() for text in texts)
            return [" ".join(w for w in each if w.isalpha() or w == "now.") for each in words]

    text = "Write to info@acme.org now."
    (found,) = FaithfulTranslator(Loses()).translate([text], source="en", target="pt")
    assert found == "Write to info@acme.org now."


def test_a_number_of_other_digits_is_replaced_when_nothing_else_helps() -> None:
    text = "The river has 6,992 bends."
    answers = {
        text: "O rio tem 6.972 curvas.",
        "The river has 6.992 bends.": "O rio tem curvas.",
        "The river has X1 bends.": "O rio tem curvas.",
    }
    (found, asked) = held(text, answers)
    assert found == "O rio tem 6.992 curvas."
    assert len(asked) == 3


def test_pictures_stay_where_they_were() -> None:
    assert held("😀 hello", {"hello": "olá"})[0] == "😀 olá"
    assert held("♪ We sing ♪", {"We sing": "Cantamos"})[0] == "♪ Cantamos ♪"
    assert held("😀", {}) == ("😀", [])


def test_a_text_without_letters_is_not_translated() -> None:
    assert held("1,234.5", {}) == ("1.234,5", [])
    assert held("", {}) == ("", [])


def test_a_loop_and_a_wrong_length_are_tried_clause_by_clause() -> None:
    text = "We went to the sea, and then we came home again."
    parts = {"We went to the sea,": "Fomos ao mar,", "and then we came home again.": "e voltamos."}
    for wrong in ("Mar.", "", "e mais " * 12, "o mar " * 40):
        assert held(text, {text: wrong, **parts})[0] == "Fomos ao mar, e voltamos."


def test_what_a_translator_dropped_comes_from_the_parts() -> None:
    """A translator dropped the second half of the sentence, or the second sentence."""
    for text, parts in (
        (
            "The ship left the harbour in the morning, and nobody knew where it was going.",
            {
                "The ship left the harbour in the morning,": "O navio deixou o porto de manhã,",
                "and nobody knew where it was going.": "e ninguém sabia para onde ele ia.",
            },
        ),
        (
            "The ship left the harbour. Nobody knew where it was going.",
            {
                "The ship left the harbour.": "O navio deixou o porto.",
                "Nobody knew where it was going.": "Ninguém sabia para onde ele ia.",
            },
        ),
        (
            "The ship left the harbour at dawn and nobody knew where it was going",
            {
                "The ship left the harbour at dawn": "O navio deixou o porto ao amanhecer",
                "and nobody knew where it was going": "e ninguém sabia para onde ele ia",
            },
        ),
    ):
        half = next(iter(parts.values()))
        assert held(text, {text: half, **parts})[0] == " ".join(parts.values())


def test_a_short_translation_stays_where_its_parts_say_no_more() -> None:
    text = "I would like to know, please do answer me, the right time of the day."
    short = "Gostaria de saber as horas, por favor."
    parts = {
        "I would like to know,": "Gostaria,",
        "please do answer me,": "por favor,",
        "the right time of the day.": "saber as horas.",
    }
    assert held(text, {text: short, **parts})[0] == short


def test_a_sentence_that_is_said_again_is_tried_in_parts() -> None:
    text = "We walked along the river for an hour, then we went home."
    parts = {
        "We walked along the river for an hour,": "Andamos ao longo do rio por uma hora,",
        "then we went home.": "depois fomos para casa.",
    }
    again = "Andamos ao longo do rio por uma hora. " * 2
    assert held(text, {text: again, **parts})[0] == " ".join(parts.values())
    text = "We walked along the river, then we went home to our house."
    parts = {
        "We walked along the river,": "我们沿着河走，",
        "then we went home to our house.": "然后回家了。",
    }
    again = "我们沿着河走我们沿着河走我们沿着河走我们"
    assert held(text, {text: again, **parts}, "en", "zh")[0] == "".join(parts.values())


def test_a_lost_sentence_inside_quotation_marks_is_translated_again() -> None:
    text = 'The winner said, "I think that nobody should ever fight. That is my opinion."'
    parts = {
        'The winner said, "I think that nobody should ever fight.': "O vencedor disse: "
        '"Acho que ninguém deveria lutar jamais.',
        'That is my opinion."': 'Essa é a minha opinião."',
    }
    lost = next(iter(parts.values())) + '"'
    assert held(text, {text: lost, **parts})[0] == " ".join(parts.values())
    # Two sentences that became one have lost nothing.
    one = 'O vencedor disse: "Acho que ninguém deveria lutar jamais, e essa é a minha opinião."'
    assert held(text, {text: one, **parts})[0] == one


def test_a_lost_name_is_looked_for_in_the_parts() -> None:
    text = "In the evening we met Angela Merkel, and she read us a long story."
    parts = {
        "In the evening we met Angela Merkel,": "À noite encontramos Angela Merkel,",
        "and she read us a long story.": "e ela nos contou uma longa história.",
    }
    lost = "À noite encontramos a chefe, e ela nos contou uma longa história."
    assert held(text, {text: lost, **parts})[0] == " ".join(parts.values())


def test_a_text_in_the_wrong_script_is_translated_in_parts() -> None:
    text = "We walked along the river, then we went home to our house."
    parts = {
        "We walked along the river,": "Мы шли вдоль реки,",
        "then we went home to our house.": "потом пошли домой.",
    }
    assert held(text, {text: text, **parts}, "en", "ru")[0] == " ".join(parts.values())


@pytest.mark.parametrize(
    ("source", "target", "text", "translation", "found"),
    [
        ("en", "pt", "Good morning to all of you.", "Bom dia a todos.", ""),
        ("en", "pt", "The ship left at dawn and nobody knew why.", "O navio saiu de lá.", PART),
        ("en", "xx", "The ship left at dawn and nobody knew why.", "O navio saiu de manhã", ""),
        ("en", "pt", "We came. We saw it all. We won it.", "Nós viemos e vimos tudo.", PART),
        ("en", "pt", "It has 645 rooms.", "Tem muitos quartos.", NUMBER),
        ("en", "fr", "It has 104,500 rooms.", "Il a 104 500 chambres.", ""),
        ("en", "de", "At 9:30 am he came.", "Er kam um 9 Uhr 30.", ""),
        ("en", "ja", "It has 645 rooms.", "部屋がたくさんあります。", NUMBER),
        ("en", "pt", "Today the great Angela Merkel came.", "Hoje veio a grande chefe.", NAME),
        ("en", "ru", "Today the great Angela Merkel came.", "Сегодня приехала Ангела Меркель.", ""),
        ("en", "ru", "Today the great Angela Merkel came.", "Сегодня она приехала.", NAME),
        ("en", "hi", "Today the great Angela Merkel came.", "आज एंजेला मर्केल आईं।", ""),
        ("en", "pt", "In the United States it rains.", "Nos Estados Unidos chove.", ""),
        ("de", "pt", "Das ist Frau Merkel Straße.", "Esta é a rua dela.", ""),
        ("en", "pt", "All New Songs From Many Lands", "canções novas de muitos países", ""),
        ("en", "pt", "No, no, no.", "Não, não, não.", ""),
        (
            "en",
            "pt",
            "Ana Lima and Otto Kraus met in Rome yesterday.",
            "Ana Lima reuniu-se ontem em Roma.",
            NAME,
        ),
        ("en", "pt", "Thank you very much.", "Obrigado obrigado obrigado obrigado.", AGAIN),
        ("en", "pt", "No, no, no, no.", "Não, não, não, não.", ""),
        ("en", "pt", "He said that it was fine.", "他说没关系。", SCRIPT),
        ("en", "ja", "He said that it was fine.", "He said that it was fine.", SCRIPT),
        ("en", "ru", "Open GitHub Actions with npm.", "Открой GitHub Actions с npm.", ""),
        ("en", "ru", "GitHub Actions, OpenAI.", "GitHub Actions, OpenAI.", ""),
        ("en", "sr", "He said that it was fine.", "Rekao je da je u redu.", ""),
    ],
)
def test_what_is_doubted(source: str, target: str, text: str, translation: str, found: str) -> None:
    assert doubt(Texts(text, translation, source, target)) == found


def test_one_good_text_costs_one_translation() -> None:
    texts = ["Good day.", "It is 5 p.m.", "See example.com."]
    parrot = Parrot()
    FaithfulTranslator(parrot).translate(texts, source="en", target="pt")
    assert parrot.asked == texts


@pytest.mark.parametrize(
    ("source", "translation"),
    [
        ("He (the king) came.", "Ele (o rei) veio."),
        ("It was in 1945.", "Foi no fim da guerra (1945)."),
        ("No, no, no.", "Não, não, não."),
        ("that he had had", "que que ele teve"),
        ("a very long way", "um caminho (o mais longo de todos os caminhos)"),
    ],
)
def test_what_may_be_the_sources_stays(source: str, translation: str) -> None:
    assert without_additions(source, translation, "pt") == translation


def test_languages_that_say_words_twice_may() -> None:
    assert without_additions("children", "anak anak", "id") == "anak anak"


@pytest.mark.parametrize(
    ("source", "translation", "wrong"),
    [
        ("Yes.", "É isso mesmo, sem dúvida.", False),
        ("We went to the sea and came home again.", "Fomos.", True),
        ("Yes.", "É isso mesmo, e não há nenhuma dúvida sobre isso.", True),
        ("The weather is nice in the whole country today.", "今天全国天气晴朗。", False),
        ("今天全国天气晴朗，适合出门。", "The weather is nice in the whole country today.", False),
    ],
)
def test_proportion(source: str, translation: str, wrong: bool) -> None:
    assert out_of_proportion(source, translation) == wrong


@pytest.mark.parametrize(
    ("target", "text", "plain", "right"),
    [
        ("fr", "10,000 people", "10,000 personnes", "10\u202f000 personnes"),
        ("de", "3.5 million", "3.5 Millionen", "3,5 Millionen"),
        ("es", "It is 10,000 feet.", "Tiene 10 metros.", "Tiene 10.000 pies."),
        ("hi", "1,234,567 people", "1,234,567 लोग", "1,234,567 लोग"),
        ("fr", "ten thousand", "dix mille", "dix mille"),
        ("de", "At 3:30 p.m.", "Um 15.30 Uhr.", "Um 15.30 Uhr."),
        ("zh", "12,500 people", "一万两千五百人", "一万两千五百人"),
        ("zh", "3.2 million people", "320万人", "320万人"),
    ],
)
def test_other_languages(target: str, text: str, plain: str, right: str) -> None:
    texts = Texts(text, plain, "en", target)
    assert repair(texts) == right
    assert not hold(Texts(text, right, "en", target)).missing


@given(st.text(max_size=80), st.text(max_size=80), st.sampled_from(["pt", "fr", "zh", "hi", "xx"]))
def test_no_text_is_too_strange(source: str, translation: str, target: str) -> None:
    found, _ = held(source, {source: translation}, "en", target)
    assert isinstance(found, str)


NUMERIC = st.text("0123456789.,:;'’h -–−pamk$€%@#/XIVone two\u00a0\u202f१٣٫", max_size=60)


@given(NUMERIC, NUMERIC, st.sampled_from(["pt", "fr", "zh", "hi", "de", "xx"]))
def test_no_number_is_too_strange(source: str, translation: str, target: str) -> None:
    assert isinstance(held(source, {source: translation}, "en", target)[0], str)


def test_numbers_of_any_length_are_read() -> None:
    text = "It has " + ",".join(["123"] * 2000) + " digits at 5 p.m."
    assert held(text, {text: "Tem dígitos às 17h."})[0].count("123") == 2000


@given(st.lists(st.integers(13, 10**9), min_size=1, max_size=4))
def test_every_number_survives_a_translator_that_loses_them(numbers: list[int]) -> None:
    text = "We saw " + " and ".join(f"{number:,} birds" for number in numbers)

    def lose(given: str) -> str:
        return "".join(letter for letter in given if not letter.isdigit() or "X" in given)

    (found,) = FaithfulTranslator(Parrot(spoil=lose)).translate([text], source="en", target="pt")
    held_numbers = hold(Texts(text, found, "en", "pt"))
    assert not held_numbers.missing
    assert not held_numbers.extra
