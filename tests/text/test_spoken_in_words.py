"""Text for voices that read no digits: numbers in words, with the grammar of each language."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stslocal.text.spoken.numbers import Number, in_words
from stslocal.text.spoken.text import NUMERALS, UNSPACED, WORDS, spoken_text
from stslocal.text.spoken.unspaced import say_number
from stslocal.text.spoken.words import Words
from tests.text.said_in_words import SAID as SAID_ELSEWHERE

pytestmark = pytest.mark.unit

SAID = {
    "de": {
        # Dates: the ordinal has the case that the word before it asks for.
        "am 3. Mai 2024": "am dritten Mai zweitausendvierundzwanzig",
        "der 3. Mai, bis 7. Mai": "der dritte Mai, bis siebten Mai",
        "vom 3.-5. Mai": "vom dritten bis fünften Mai",
        "am 12.05.2024 und am 3.5. um": "am zwölften Mai zweitausendvierundzwanzig "
        "und am dritten Mai um",
        "Im Jahr 1945": "Im Jahr neunzehnhundertfünfundvierzig",
        "im 19. Jahrhundert": "im neunzehnten Jahrhundert",
        "der 3. Platz, auf der 3. Etage": "der dritte Platz, auf der dritten Etage",
        "Der 1. und 2. Weltkrieg": "Der erste und zweite Weltkrieg",
        "im späten 16. Jahrhundert, zum 37.-größten": "im späten sechzehnten Jahrhundert, "
        "zum siebenunddreißigst-größten",
        "Er wurde 3. Dann": "Er wurde drei. Dann",
        "die 1990er Jahre": "die neunzehnhundertneunziger Jahre",
        # Times.
        "um 17:30 Uhr, um 17.30 Uhr": "um siebzehn Uhr dreißig, um siebzehn Uhr dreißig",
        "8:00-17:00 Uhr, 9.00–12.30 Uhr": "acht Uhr bis siebzehn Uhr, neun Uhr bis zwölf Uhr "
        "dreißig",
        "1 Frau, 1 Mann, 1 von 5": "eine Frau, ein Mann, eins von fünf",
        "15,50 Euro, 12.000.000": "fünfzehn Euro und fünfzig Cent, zwölf Millionen",
        "+49 170 1234567": "plus vier neun, eins sieben null, eins zwei drei "
        "vier fünf sechs sieben",
        "um 1 Uhr, um 9:00": "um ein Uhr, um neun Uhr",
        # Amounts: one agrees with its noun.
        "1 km, 1 h, 21 h, 1,5 kg": "ein Kilometer, eine Stunde, einundzwanzig Stunden, "
        "eins Komma fünf Kilo",
        "1.234,56 €": "eintausendzweihundertvierunddreißig Euro und sechsundfünfzig Cent",
        "0,99 €, 1,01 €": "neunundneunzig Cent, ein Euro und ein Cent",
        "5 Mio. Menschen, 1 Mrd. €": "fünf Millionen Menschen, eine Milliarde Euro",
        "50 %, 1 %, 3,5 %": "fünfzig Prozent, ein Prozent, drei Komma fünf Prozent",
        "-5 °C, 100 km/h": "minus fünf Grad Celsius, einhundert Kilometer pro Stunde",
        "10-15 km, 3:1": "zehn bis fünfzehn Kilometer, drei zu eins",
        "3/4, 1/2 l, 1/2 h": "drei Viertel, ein halber Liter, eine halbe Stunde",
        "10 000, 10.000": "zehntausend, zehntausend",
        # Addresses, codes, names, abbreviations.
        "max.muster@firma.de": "max Punkt muster at firma Punkt D E",
        "www.beispiel.de/seite": "beispiel Punkt D E Schrägstrich seite",
        "Tel. 030 1234567": "Telefon null drei null, eins zwei drei vier fünf sechs sieben",
        "H2O, A4, 007": "H zwei O, A vier, null null sieben",
        "Ludwig XIV. kam": "Ludwig der Vierzehnte kam",
        "im XX. Jahrhundert": "im zwanzigsten Jahrhundert",
        "z. B. Dr. Weiß, bzw. § 5 Abs. 2": "zum Beispiel Doktor Weiß, "
        "beziehungsweise Paragraf fünf Absatz zwei",
    },
    "nl": {
        "op 3 mei 2024": "op drie mei tweeduizend vierentwintig",
        "12-05-2024, 17:30 uur": "twaalf mei tweeduizend vierentwintig, zeventien uur dertig",
        "om 17.30 uur, 8.30 u": "om zeventien uur dertig, acht uur dertig",
        "in 1945": "in negentienhonderdvijfenveertig",
        "de 19e eeuw, 1ste, 2de, 3e": "de negentiende eeuw, eerste, tweede, derde",
        "1 km, 21 minuten, 3 h": "één kilometer, eenentwintig minuten, drie uur",
        "1 min, 2 min": "één minuut, twee minuten",
        "1.234,56 €": "duizend tweehonderdvierendertig euro en zesenvijftig cent",
        "5 mln. mensen": "vijf miljoen mensen",
        "3,5%, -5 °C": "drie komma vijf procent, min vijf graden Celsius",
        "10-15 km": "tien tot vijftien kilometer",
        "info@bedrijf.nl": "info apenstaartje bedrijf punt N L",
        "www.voorbeeld.nl": "voorbeeld punt N L",
        "3/4, 2 1/2 km, 1/2 uur": "drie kwart, twee en een half kilometer, een half uur",
        "Lodewijk XIV, hoofdstuk IV": "Lodewijk de veertiende, hoofdstuk vier",
        "d.w.z. max. 5 personen": "dat wil zeggen maximaal vijf personen",
    },
    "en": {
        "On May 5th, 2024": "On May fifth, twenty twenty-four",
        "in 1905, 2001, the 90s": "in nineteen oh five, two thousand and one, the nineties",
        "1,234.56 and 3.14": "one thousand two hundred and thirty-four point five six and "
        "three point one four",
        "$1,234.50": "one thousand two hundred and thirty-four dollars and fifty cents",
        "1 km, 2.5 kg": "one kilometre, two point five kilograms",
        "the 21st of 112": "the twenty-first of one hundred and twelve",
    },
    "pt": {
        "1 hora, 2 horas, 22 milhas": "uma hora, duas horas, vinte e duas milhas",
        "R$ 1.234,56": "mil duzentos e trinta e quatro reais e cinquenta e seis centavos",
        "em 1945, 3,14": "em mil novecentos e quarenta e cinco, três vírgula catorze",
        "1º de maio, a 23ª vez": "primeiro de maio, a vigésima terceira vez",
        "2 casas, 2 dias, 21 mesas": "duas casas, dois dias, vinte e uma mesas",
        "200 libras, 200 km": "duzentas libras, duzentos quilômetros",
    },
    "es": {
        "21 km, 31 horas, 21": "veintiún kilómetros, treinta y una horas, veintiuno",
        "21 años, 21 casas, 21 días, 21": "veintiún años, veintiuna casas, veintiún días, "
        "veintiuno",
        "200 libras, 1.500 €": "doscientas libras, mil quinientos euros",
        "en 1945, 3,05": "en mil novecientos cuarenta y cinco, tres coma cero cinco",
    },
    "fr": {
        "71, 80, 81, 91, 200, 201": "soixante et onze, quatre-vingts, quatre-vingt-un, "
        "quatre-vingt-onze, deux cents, deux cent un",
        "21 heures, 80 000 €": "vingt et une heures, quatre-vingt mille euros",
        "3,14": "trois virgule quatorze",
    },
    "it": {
        "1 km, 1 ora, 23": "un chilometro, una ora, ventitré",
        "1.928": "millenovecentoventotto",
        "il 23º, la 2ª": "il ventitreesimo, la seconda",
    },
    "hi": {"1964, 3.5": "उन्नीस सौ चौंसठ, तीन दशमलव पाँच"},
}
"""Right by the grammar of each language; written by hand."""


@pytest.mark.parametrize(
    ("language", "written", "spoken"),
    [
        (language, *pair)
        for language, pairs in (SAID | SAID_ELSEWHERE).items()
        for pair in pairs.items()
    ],
)
def test_numbers_are_said_with_the_grammar_of_the_language(
    language: str, written: str, spoken: str
) -> None:
    assert spoken_text(written, language) == spoken


def in_words_of(language: str) -> Words:
    from dataclasses import replace

    words = WORDS[language]
    return words if words.numerals else replace(words, numerals=NUMERALS[language])


def has_digit(text: str) -> bool:
    return any(unicodedata.category(letter) in ("Nd", "No") for letter in text)


@pytest.mark.parametrize("language", sorted(WORDS | UNSPACED))
@given(
    st.lists(
        st.sampled_from(
            [
                *"0123456789.,:/-+$€%°'\"() aAIVXLDkMm&@#½–²٣१\n",
                *"年月日点個개시",
                "1/2 ",
                "XIV. ",
                "3. 5. 2024",
                " km",
            ]
        )
    ).map("".join)
)
def test_no_digit_is_left_in_any_text(language: str, text: str) -> None:
    spoken = spoken_text(text, language)
    assert not has_digit(spoken)
    assert spoken == " ".join(spoken.split())


@pytest.mark.parametrize("language", sorted(WORDS))
@given(
    st.integers(0, 10**15 - 1),
    st.sampled_from(["", "m", "f", "n"]),
    st.from_regex(r"\d{0,4}", fullmatch=True),
)
def test_every_number_has_words(language: str, value: int, gender: str, decimals: str) -> None:
    words = in_words_of(language)
    said = in_words(Number(str(value), decimals, grouped=True), words, gender)
    assert said
    assert not has_digit(said)
    assert re.fullmatch(r"[^\W_]+(?:[- ]?[^\W_]+|[\u0900-\u097f\u064b])*", said), said


@pytest.mark.parametrize("language", sorted(WORDS))
def test_different_numbers_have_different_words(language: str) -> None:
    """Nothing is lost: of two numbers below 20 000 or beside a scale, none is said as another."""
    words = in_words_of(language)
    values = [*range(20_000), *(10**power + more for power in range(5, 13) for more in range(3))]
    said = {in_words(Number(str(value), grouped=True), words) for value in values}
    assert len(said) == len(values)


@pytest.mark.parametrize("language", sorted(UNSPACED))
def test_different_numbers_of_the_far_east_have_different_words(language: str) -> None:
    values = [*range(30_000), *(10**power + more for power in range(5, 15) for more in range(3))]
    words = UNSPACED[language]
    said = {say_number(Number(str(value), grouped=True), words) for value in values}
    assert len(said) == len(values)
    assert not any(map(has_digit, said))


@pytest.mark.parametrize("language", sorted(UNSPACED))
def test_text_without_digits_stays_as_it_is(language: str) -> None:
    for text in ("我们去北京", "これは日本語です", "한국어 문장", "Hello my friend"):
        assert spoken_text(text, language) == text


@pytest.mark.parametrize("unit", ["1,", "+1", "9", "1-", "5/", "a@", "$5", "1年", "0 ", "a."])
def test_a_long_token_takes_no_longer_than_its_length(unit: str) -> None:
    for language in (*UNSPACED, "de", "ru", "hu"):
        assert "z" in spoken_text(unit * 1_000 + " z", language).lower()


@pytest.mark.parametrize("language", sorted(WORDS | UNSPACED))
def test_every_kind_has_words_in_every_language(language: str) -> None:
    text = (
        "555-0199; 747-400; 12/05/2024; 17:30; 3/4; 10-15; $5M; €2bn; R$ 1.234,56; 50%; -5 °C; "
        "5 kg; 2+2=4; a & b; x@y.com; www.a.com; 1.5; 1,5; 3 × 4 m; ±2; ≥ 7"
        "; § 5; # 3; +49 30 1234567"
    )
    spoken = spoken_text(text, language)
    assert not set(spoken) & set('$€£%°&@=+/"±≥§#×'), spoken
    assert not has_digit(spoken), spoken
    assert not re.search(r"\b(?:kg|km|bn|M)\b", spoken), spoken
