"""Text as it is spoken: whole tokens by class and language, and what is left as it is."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stslocal.text.spoken.names import roman_value
from stslocal.text.spoken.numbers import Number, kind_of_pair, parse_number
from stslocal.text.spoken.text import WORDS, spoken_text

pytestmark = pytest.mark.unit

SAID = {
    "en": {
        # Telephone numbers and codes: digit by digit, with a pause between groups.
        "Call 555-0199 today.": "Call five five five, zero one nine nine today.",
        "Call 911 now!": "Call nine one one now!",
        "Call 300 people.": "Call 300 people.",
        "(800) 555-1234": "eight zero zero, five five five, one two three four",
        "+44 20 7946 0958": "plus four four, two zero, seven nine four six, zero nine five eight",
        "Dial 0800 1111.": "Dial zero eight zero zero, one one one one.",
        "call me at 5551234": "call me at five five five one two three four",
        "SSN 123-45-6789": "SSN one two three, four five, six seven eight nine",
        "555.867.5309": "five five five, eight six seven, five three zero nine",
        "the Boeing 747-400": "the Boeing seven four seven, four zero zero",
        "737-800, Boeing 737-800s": (
            "seven three seven, eight zero zero, Boeing seven three seven, eight zero zeros"
        ),
        "1-800-FLOWERS": "one, eight zero zero, FLOWERS",
        "the Su-27, Catch-22": "the Su 27, Catch 22",
        "a Boeing 737-800": "a Boeing seven three seven, eight zero zero",
        "the B-52 and an F-16": "the B 52 and an F 16",
        "ISO 9001": "ISO 9001",
        "zip code 90210": "zip code nine zero two one zero",
        "Order 12345678901": "Order one two three four five six seven eight nine zero one",
        "version 1.2.3 at 192.168.1.1": "version 1 dot 2 dot 3 at 192 dot 168 dot 1 dot 1",
        "CO2 and H2O": "C O 2 and H 2 O",
        # Dates and times.
        "on 12/05/2024": "on December 5th, 2024",
        "on 25/12/2024": "on December 25th, 2024",
        "on 05.12.2024": "on December 5th, 2024",
        "by 2024-05-12": "by May 12th, 2024",
        "by 7/4/76": "by July 4th, 1976",
        "5 May 2024, May 5, 2024": "May 5th, 2024, May 5th, 2024",
        "the 24th of May": "the 24th of May",
        "In March 5 people came": "In March 5 people came",
        "at 9:08 AM": "at 9 08 AM",
        "at 3:00 p.m.": "at 3 PM.",
        "at 9 a.m. Saturday. At 9 a.m. He": "at 9 AM Saturday. At 9 AM. He",
        "at 7pm tonight": "at 7 PM tonight",
        "17:00": "17 o'clock",
        "from 9:30-11:00": "from 9 30 to 11 o'clock",
        "10:30:15": "10 30 and 15 seconds",
        "on 3/4, but on 3/4 of it": "on March 4th, but on three quarters of it",
        "5-6pm, 9am-5pm": "5 to 6 PM, 9 AM to 5 PM",
        "Psalm 23:4, John 3:16-18": "Psalm 23 4, John 3 16 to 18",
        "32/13/2024": "32 13 2024",
        # Fractions.
        "3/4 of a cup": "three quarters of a cup",
        "1/2, ½, 5 ½": "one half, one half, 5 and a half",
        "2/3 and 5/8": "two thirds and five eighths",
        "2/5ths, 7 1/2%, a 2½-inch pipe": (
            "two fifths, 7 and a half percent, a 2 and a half inch pipe"
        ),
        "3/4 km": "three quarters of a kilometre",
        "24/7 support": "24 7 support",
        # Ranges ascend; scores need not.
        "10-15 people": "10 to 15 people",
        "1990-1995": "1990 to 1995",
        "1939-45": "1939 to 45",
        "pages 3–7": "pages 3 to 7",
        "500-1000 people": "500 to 1000 people",
        "they won 3-1": "they won 3 to 1",
        "a ratio of 2:1": "a ratio of 2 to 1",
        "5-10%, 5%-10%": "5 to 10 percent, 5 to 10 percent",
        "$5bn-$6bn, 5km-10km": "5 to 6 billion dollars, 5 to 10 kilometres",
        "5mm-10cm": "5 millimetres to 10 centimetres",
        "10-20 km": "10 to 20 kilometres",
        "$10-20, $5-$10": "10 to 20 dollars, 5 to 10 dollars",
        "a 10-year-old": "a 10-year-old",
        # Money.
        "$5M and $3k": "5 million dollars and 3 thousand dollars",
        "$5 million dollars": "5 million dollars",
        "€2bn, £1.5m": "2 billion euros, 1.5 million pounds",
        "$5.5 billion": "5.5 billion dollars",
        "$1,234.56": "1,234 dollars and 56 cents",
        "£5.50, €0.99": "5 pounds and 50 pence, 99 cents",
        "a $5 million deal": "a 5 million dollar deal",
        "$1 or $5-a-day": "1 dollar or 5 dollars-a-day",
        "€27.50, 27,50 €": "27 euros and 50 cents, 27 euros and 50 cents",
        "5 USD, CHF 20": "5 US dollars, 20 Swiss francs",
        "$20/hour, $5k/month": "20 dollars per hour, 5 thousand dollars per month",
        "1.5M views, 10k steps": "1.5 million views, 10 thousand steps",
        "a 4K screen on 5G": "a 4K screen on 5G",
        # Roman numerals.
        "World War II": "World War 2",
        "King Louis XIV": "King Louis the fourteenth",
        "Pope John Paul II's": "Pope John Paul the second's",
        "Chapter IV, Part III": "Chapter 4, Part 3",
        "Elizabeth I of England": "Elizabeth the first of England",
        "I saw John I was": "I saw John I was",
        "the XIX century": "the nineteenth century",
        "World Wars I and II": "World Wars 1 and 2",
        "Type I diabetes, the Part I like": "Type 1 diabetes, the Part I like",
        "Malcolm X and vitamin C": "Malcolm X and vitamin C",
        "MIX, DC, CD and DVD": "mix, D C, C D and DVD",
        "an IV drip": "an I V drip",
        # Units.
        "10m (32ft)": "10 metres (32 feet)",
        "a 40cm gap, 40cm": "a 40 centimetre gap, 40 centimetres",
        "5 lb, 1 lb, 5 min, 3 hrs": "5 pounds, 1 pound, 5 minutes, 3 hours",
        "6'2\" tall": "6 feet 2 inches tall",
        "6’2” tall, 5 ft 6 in": "6 feet 2 inches tall, 5 feet 6 inches",
        'he has "5" and a 5" screen': 'he has "5" and a 5 inch screen',
        "100km/h, -5 °C, 45°": "100 kilometres an hour, minus 5 degrees Celsius, 45 degrees",
        "It took 5 min. Then 3 ft. of it.": "It took 5 minutes. Then 3 feet of it.",
        "10 mg/ml, 5 m2, 12 000 km": (
            "10 milligrams per millilitre, 5 square metres, 12000 kilometres"
        ),
        "the 1990s and the 90s": "the 1990s and the 90s",
        "seat 5A": "seat 5A",
        "5x faster, 3x4": "5 times faster, 3 by 4",
        "5 x 10 cm, 3m x 4m": "5 by 10 centimetres, 3 metres by 4 metres",
        "10m(32ft) [5 km]": "10 metres(32 feet) (5 kilometres)",
        # Abbreviations by context.
        "on Main St. in town": "on Main Street in town",
        "in St. Louis": "in Saint Louis",
        "to Six Flags St. Louis": "to Six Flags Saint Louis",
        "Mount St. Helens": "Mount Saint Helens",
        "on Ocean Dr. with Dr. Lee": "on Ocean Drive with Doctor Lee",
        "Mr. King Jr. said": "Mister King Junior said",
        "No. I said no.": "No. I said no.",
        "No. 5, No 5": "number 5, number 5",
        "fruit, e.g. apples, etc.": "fruit, for example apples, et cetera.",
        "the U.S. economy": "the U S economy",
        # Signs and addresses.
        "AT&T, Q&A, salt & pepper": "A T and T, Q and A, salt and pepper",
        "UTC+1": "UTC plus 1",
        "10-3=7, 3x4=12": "10 minus 3 equals 7, 3 times 4 equals 12",
        "2+2=4, #1, 18+": "2 plus 2 equals 4, number 1, 18 plus",
        "write C# and C++": "write C sharp and C++",
        "~50, ≥ 5": "about 50, at least 5",
        "maria.silva@example.com": "maria dot silva at example dot com",
        "see https://www.example.co.uk/a-b?x=1.": "see example dot C O dot U K slash a dash b.",
        "read report.pdf": "read report dot pdf",
        "@maria_s #travel": "at maria s travel",
        # What is no text of the language is left out.
        "say 日本語 (Привет) now": "say now",
        "日本語": "",
        "fine 👍🏽 1️⃣ ❤️ ok": "fine 1 ok",
        "so\u00adft\u200b\x07 hy\ufeffphen": "soft hyphen",
        "𝐁𝐨𝐥𝐝 and naïve ﬁne": "Bold and naïve fine",
        "- <i>so</i> \x1b[31mred\x1b[0m": "so red",
        # Right before, and unchanged.
        "in 1984, 24th, 1,000,000, 1234567": "in 1984, 24th, 1,000,000, 1234567",
        "it is 09:08 AM": "it is 9 08 AM",
    },
    "en-gb": {
        "on 12/05/2024": "on the 12th of May 2024",
        "the 5 May": "the 5th of May",
        "on 12/25/2024": "on the 25th of December 2024",
    },
    "pt": {
        "(11) 98765-4321": "11, nove oito sete seis cinco, quatro três dois um",
        "0800 123 4567": "zero oito zero zero, um dois três, quatro cinco seis sete",
        "CPF 123.456.789-00": "CPF um dois três, quatro cinco seis, sete oito nove, zero zero",
        "CEP 01310-100": "CEP zero um três um zero, um zero zero",
        "Boeing 747-400": "Boeing sete quatro sete, quatro zero zero",
        "12/05/2024": "12 de maio de 2024",
        "2024-05-12": "12 de maio de 2024",
        "em 05/12, 1 de maio": "em 5 de dezembro, 1º de maio",
        "às 14h30, às 2h, 9:05": "às 14 e 30, às duas horas, 9 e 5",
        "9:08 AM, 9h-17h": "9 e 8 da manhã, 9 horas a 17 horas",
        "dia 3/4, 1° de maio": "dia 3 de abril, 1º de maio",
        "3/4 de xícara, 1/2": "três quartos de xícara, meio",
        "1/2 hora, 2 1/2 km": "meia hora, dois e meio quilômetros",
        "10-15, 1990-1995, páginas 3–7": "10 a 15, 1990 a 1995, páginas 3 a 7",
        "placar 3-1, Brasil 2x1 Peru": "placar 3 a 1, Brasil 2 a 1 Peru",
        "$1,234.56": "1.234 dólares e 56 centavos",
        "R$ 1.234,56": "1.234 reais e 56 centavos",
        "US$ 5M, R$ 3 mi, € 2 bi": (
            "5 milhões de dólares, 3 milhões de reais, dois bilhões de euros"
        ),
        "1,5 milhão, R$ 1,5 mi": "1,5 milhão, 1,5 milhão de reais",
        "R$ 5,5 bilhões, US$ 3 mil": "5,5 bilhões de reais, 3 mil dólares",
        "£2, R$ 1": "duas libras, um real",
        "2,5%, 3.5": "2,5 por cento, 3,5",
        "Luís XIV, D. Pedro I": "Luís 14, Dom Pedro 1º",
        "João Paulo II, Elizabeth II": "João Paulo 2º, Elizabeth 2ª",
        "século V, século XXI": "século 5º, século 21",
        "II Guerra Mundial": "2ª Guerra Mundial",
        "DC, MIX, CV, EU VI": "D C, mix, C V, EU vi",
        "2 horas, 1 km, 5 lb": "duas horas, um quilômetro, 5 libras",
        "6'2\" de altura": "6 pés e duas polegadas de altura",
        "-5 °C": "menos 5 graus Celsius",
        "o 1o e a 2a": "o 1º e a 2ª",
        "R. Augusta, nº 5, EUA": "Rua Augusta, número 5, Estados Unidos",
        "J. R. Silva": "J. R. Silva",
        "maria@exemplo.com.br": "maria arroba exemplo ponto com ponto B R",
        "fim 日本語": "fim",
    },
    "es": {
        "tel. 91 123 45 67": "teléfono nueve uno, uno dos tres, cuatro cinco, seis siete",
        "llame al 912 345 678": "llame al nueve uno dos, tres cuatro cinco, seis siete ocho",
        "12/05/2024, 1 de mayo": "12 de mayo de 2024, primero de mayo",
        "17h30, 1:15": "17 y 30, una y 15",
        "3/4 de taza, ½ hora": "tres cuartos de taza, media hora",
        "10-15, 3-1": "10 a 15, 3 a 1",
        "€2bn, $5M, 3 M€": (
            "2 mil millones de euros, 5 millones de dólares, 3 millones de euros"
        ),
        "1,2 millones, $2300 millones de dólares": "1,2 millones, 2300 millones de dólares",
        "$22 500, EE. UU. (NBA)": "22500 dólares, Estados Unidos (NBA)",
        "10:00 a. m.": "10 de la mañana.",
        "5 mm (1/5 pulgadas), 35° O": (
            "5 milímetros (un quinto de pulgada), 35 grados oeste"
        ),
        "1.234,56 €": "1.234 euros con 56 céntimos",
        "Luis XIV, Isabel II, siglo XXI": "Luis 14, Isabel segunda, siglo 21",
        "-5 °C, 1 km, 1 milla": "menos 5 grados Celsius, un kilómetro, una milla",
        "3,14159": "3 coma uno cuatro uno cinco nueve",
        "Sr. López, EE. UU.": "Señor López, Estados Unidos.",
        "¿cuesta $5M? ¡50%!": "cuesta 5 millones de dólares? 50 por ciento!",
        "1er piso, 3a, 5.º, 12º": "primer piso, tercera, quinto, 12º",
        "s. XIX, art. IV": "siglo 19, artículo 4",
        "ana@ejemplo.es": "ana arroba ejemplo punto E S",
    },
    "fr": {
        "le 01 23 45 67 89": "le 01, 23, 45, 67, 89",
        "12/05/2024, 1 mai": "12 mai 2024, premier mai",
        "17h30, 17 h 30, 1h": "17 heures 30, 17 heures 30, une heure",
        "3/4 de tasse, 2 1/2": "trois quarts de tasse, 2 et demi",
        "10-15, 3-1": "10 à 15, 3 à 1",
        "5 M€, 2 Md€, $5M": "5 millions d'euros, 2 milliards d'euros, 5 millions de dollars",
        "27,50 €, 1 234 567 euros": "27 euros 50 centimes, 1234567 euros",
        "Louis XIV, François Ier": "Louis 14, François premier",
        "Le Mer De Ce Me Ver": "Le Mer De Ce Me Ver",
        "François Ier, Ve République": "François premier, cinquième République",
        "XIXe siècle, XXIe siècle": "dix-neuvième siècle, vingt et unième siècle",
        "le 2e, la 1re, 71e": "le deuxième, la première, soixante et onzième",
        "101e, 190e, 300e": "cent unième, cent quatre-vingt-dixième, trois centième",
        "-5 °C, 1,5 km": "moins 5 degrés Celsius, 1,5 kilomètre",
        "M. Dupont, M. et Mme Roux": "Monsieur Dupont, Monsieur et Madame Roux",
        "n°5, St-Tropez, 2/3": "numéro 5, Saint-Tropez, deux tiers",
        "anne@exemple.fr": "anne arobase exemple point F R",
    },
    "it": {
        "tel. 06 1234567": "telefono zero sei, uno due tre quattro cinque sei sette",
        "12/05/2024, 1 maggio": "12 maggio 2024, 1º maggio",
        "alle 17.30, 17:30": "alle 17 e 30, 17 e 30",
        "3/4 di tazza": "tre quarti di tazza",
        "1° piano": "1º piano",
        "10-15, 3-1": "10 a 15, 3 a 1",
        "$5M, 5 mln di euro, 3 mld €": (
            "5 milioni di dollari, 5 milioni di euro, 3 miliardi di euro"
        ),
        "1.234,56 €": "1.234 euro e 56 centesimi",
        "Luigi XIV, Elisabetta II": "Luigi 14º, Elisabetta 2ª",
        "XXI secolo, capitolo III": "21º secolo, capitolo 3º",
        "-5 °C, 1 km, 1 libbra": "meno 5 gradi Celsius, un chilometro, una libbra",
        "Sig. Rossi, n. 5, ecc.": "Signor Rossi, numero 5, eccetera.",
        "l'1%, 60° gol, 45° di": "l'1 per cento, 60º gol, 45 gradi di",
        "anna@esempio.it": "anna chiocciola esempio punto I T",
    },
    "hi": {
        "+91 98765 43210": (
            "प्लस नौ एक, नौ आठ सात छह पाँच, चार तीन दो एक शून्य"
        ),
        "12/05/2024, 9:30 बजे": "12 मई 2024, 9 बजकर 30 मिनट",
        "3/4, 1/2": "तीन चौथाई, आधा",
        "10-15 लोग": "10 से 15 लोग",
        "₹5,00,000, Rs. 250.50": "500000 रुपये, 250 रुपये 50 पैसे",
        "$5M, 50%": "5 मिलियन डॉलर, 50 प्रतिशत",
        "World War II, Henry VIII": "World War 2, Henry अष्टम",
        "₹2 लाख करोड़": "2 लाख करोड़ रुपये",
        "5 km। 10 kg।": "5 किलोमीटर. 10 किलो.",
        "-5 °C, 5 km": "माइनस 5 डिग्री सेल्सियस, 5 किलोमीटर",
        "डॉ. शर्मा": "डॉक्टर शर्मा",
        "शब्द 日本語": "शब्द",
        "क्\u200dया": "क्या",
    },
    # No words for these: they go through as they are, without what is no text.
    "sv": {"Am 12.05.2024 um 17:30 für 5 €.": "Am 12.05.2024 um 17:30 für 5 €.", "ja 👍": "ja"},
    "uk": {"Привіт, 5 км": "Привіт, 5 км"},
}  # fmt: skip


@pytest.mark.parametrize(
    ("language", "written", "spoken"),
    [(language, *case) for language, cases in SAID.items() for case in cases.items()],
)
def test_a_token_is_said_as_a_whole(language: str, written: str, spoken: str) -> None:
    assert spoken_text(written, language, digits=True) == spoken


@pytest.mark.parametrize("language", sorted(WORDS))
def test_words_alone_stay_as_they_are(language: str) -> None:
    text = "Bom dia, my friend: c'est la vie — va bene! What? (Sí.)"
    assert spoken_text(text, language, digits=True) == text


@pytest.mark.parametrize("language", sorted(WORDS))
def test_every_class_has_words_in_every_language(language: str) -> None:
    """No digit group is torn apart, and no sign stays that a voice cannot say."""
    text = (
        "555-0199; 747-400; 12/05/2024; 17:30; 3/4; 10-15; $5M; €2bn; R$ 1.234,56; 50%; -5 °C; "
        "5 kg; 6'2\"; 2+2=4; a & b; x@y.com; Louis XIV"
    )
    spoken = spoken_text(text, language, digits=True)
    assert not set(spoken) & set('$€£%°&@=+/"'), spoken
    assert not any(mark in spoken for mark in ("-4", "-0", "5M", "bn", "XIV", "kg")), spoken


@given(
    st.lists(
        st.sampled_from(
            [
                *"0123456789.,:/-+$€%°'\"()  aAIVXLDkMm&@#½–—émº日й₹१\u200d👍\n",
                "1/2 ",
                "XIV ",
                "12/05",
                " km",
                "St. ",
            ]
        )
    ).map("".join),
    st.sampled_from(sorted(WORDS)),
)
def test_any_text_becomes_one_line_that_can_be_said(text: str, language: str) -> None:
    spoken = spoken_text(text, language, digits=True)
    assert spoken == " ".join(spoken.split())
    assert not any(unicodedata.category(letter) in ("Cc", "Cf", "So") for letter in spoken)
    assert "日" not in spoken


@pytest.mark.parametrize("unit", ["1,", "+1", "(11) ", "9", "IV", "a.", "1-", "5/", "a@", "$5"])
def test_a_long_token_takes_no_longer_than_its_length(unit: str) -> None:
    """A pattern that tries every division of a token would never end here."""
    text = unit * 2_000 + "z"
    for language in WORDS:
        assert "z" in spoken_text(text, language, digits=True).lower()


@pytest.mark.parametrize(
    ("text", "point", "whole", "fraction"),
    [
        ("1,234.56", ",", "1234", "56"),
        ("1.234,56", ".", "1234", "56"),
        ("1.234.567", ".", "1234567", ""),
        ("1,234", ".", "1234", ""),
        ("1,234", ",", "1", "234"),
        ("3.5", ",", "3", "5"),
        ("0.500", ",", "0", "500"),
        ("5,00,000", ".", "500000", ""),
        ("1'234.5", ".", "1234", "5"),
        (".5", ".", "0", "5"),
    ],
)
def test_a_number_has_its_value(text: str, point: str, whole: str, fraction: str) -> None:
    number = parse_number(text, point)
    assert (number.whole, number.fraction) == (whole, fraction)


@pytest.mark.parametrize(
    ("first", "second", "kind"),
    [
        ("10", "15", "range"),
        ("1990", "1995", "range"),
        ("1939", "45", "range"),
        ("500", "1000", "range"),
        ("3", "1", "score"),
        ("555", "0199", "telephone"),
        ("98765", "4321", "telephone"),
        ("3456", "7890", "telephone"),
        ("747", "400", "code"),
        ("01310", "100", "code"),
        ("05", "12", "code"),
    ],
)
def test_two_numbers_with_a_hyphen(first: str, second: str, kind: str) -> None:
    assert kind_of_pair(Number(first), Number(second)) == kind


@pytest.mark.parametrize(
    ("letters", "value"), [("I", 1), ("IV", 4), ("XIV", 14), ("XXI", 21), ("MCMXCIX", 1999)]
)
def test_a_roman_numeral_has_its_value(letters: str, value: int) -> None:
    assert roman_value(letters) == value
