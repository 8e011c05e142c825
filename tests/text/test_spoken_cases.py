"""Numbers in the case and the gender that the words around them ask for; written by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stslocal.text.spoken.cardinals.slavic import czech, polish, russian
from stslocal.text.spoken.cardinals.slavic_cases import OBLIQUE, czech_in, polish_in, russian_in
from stslocal.text.spoken.text import spoken_text

pytestmark = pytest.mark.unit

SAID = {
    "ru": {
        # A preposition that leaves no doubt.
        "около 5 км, до 100 метров": "около пяти километров, до ста метров",
        "от 5 до 10 тысяч человек": "от пяти до десяти тысяч человек",
        "к 8 часам, к 5000 ₽, к 40 годам": "к восьми часам, к пяти тысячам рублей, к сорока годам",
        "при 3 °C, между 5 км и 10 км": "при трёх градусах Цельсия, между пятью километрами и "
        "десятью километрами",
        "от $5, около €200, до 1 млн руб.": "от пяти долларов, около двухсот евро, до одного "
        "миллиона рублей.",
        "в течение 30 минут, из 5-7 стран": "в течение тридцати минут, из пяти — семи стран",
        "до 21 000 человек, до 1250 рублей": "до двадцати одной тысячи человек, до тысячи двухсот "
        "пятидесяти рублей",
        # The ending of the noun, where a preposition has two readings.
        "с 2 детьми, с 5 рублей, с 5 до 7": "с двумя детьми, с пяти рублей, с пяти до семи",
        "в 3 комнатах, в 3 больших городах": "в трёх комнатах, в трёх больших городах",
        "в 3 больших города, по 5 рублей": "в три больших города, по пять рублей",
        "в 3 км от города, владеет 3 языками": "в трёх километрах от города, владеет тремя языками",
        "между 2 и 3 часами, более чем 20": "между двумя и тремя часами, более чем двадцать",
        # One has a gender in each case.
        "через 1 минуту, за 21 минуту, через 1 т": "через одну минуту, за двадцать одну минуту, "
        "через одну тонну",
        "до 1 часа, до 1 минуты, с 1 ребёнком": "до одного часа, до одной минуты, с одним ребёнком",
        # Dates, years, compounds.
        "с 1 января по 5 мая, к 5 мая": "с первого января по пятое мая, к пятому мая",
        "с 1999 по 2005 год": "с тысяча девятьсот девяносто девятого по две тысячи пятый год",
        "с 5 по 12 мая, с 5 по 12 человек": "с пятого по двенадцатое мая, с пяти по двенадцать "
        "человек",
        "между 1941 и 1945 годами": "между тысяча девятьсот сорок первым и тысяча девятьсот сорок "
        "пятым годами",
        "в 2 из 3 случаев, о 3 псах и 7 гномах": "в двух из трёх случаев, о трёх псах и семи "
        "гномах",
        "из 5 стран и 3 города": "из пяти стран и три города",
        "10-летний, 25-летие, 100-летие": "десятилетний, двадцатипятилетие, столетие",
        # Not known, so as it is alone.
        "5 цунами, около 1,5 км": "пять цунами, около одна целая пять десятых километра",
    },
    "pl": {
        "około 5 km, od 5 do 10 tysięcy osób": "około pięciu kilometrów, od pięciu do dziesięciu "
        "tysięcy osób",
        "poniżej 1 zł, do 5000 zł, do 121 osób": "poniżej jednego złotego, do pięciu tysięcy "
        "złotych, do stu dwudziestu jeden osób",
        "przed 2 laty, przy 25 °C": "przed dwoma laty, przy dwudziestu pięciu stopniach Celsjusza",
        "z 2 dziećmi, z 15 krajów, 5 z 10.": "z dwoma dziećmi, z piętnastu krajów, pięć z "
        "dziesięciu.",
        "w 5 krajach, w 3 dużych miastach": "w pięciu krajach, w trzech dużych miastach",
        "ponad 20 krajów, o 5 %": "ponad dwadzieścia krajów, o pięć procent",
        "za 1 minutę, do 1 minuty, z 1 dzieckiem": "za jedną minutę, do jednej minuty, z jednym "
        "dzieckiem",
        "1 godzinę temu, 1 imię": "jedną godzinę temu, jedno imię",
        "przed 5 maja, po 5 maja, do 5 maja": "przed piątym maja, po piątym maja, do piątego maja",
        "w latach 90., lata 80. XX wieku": "w latach dziewięćdziesiątych, lata osiemdziesiąte "
        "dwudziestego wieku",
        "o godz. 18:45, od godz. 8": "o godzinie osiemnastej czterdzieści pięć, od godziny ósmej",
        "przed godz. 21": "przed godziną dwudziestą pierwszą",
        "od 5 do 12 maja, w 2 z 3 przypadków": "od piątego do dwunastego maja, w dwóch z trzech "
        "przypadków",
        "10-letni, 25-letni, 100-metrowy": "dziesięcioletni, dwudziestopięcioletni, stumetrowy",
        "od 1999 do 2005 roku": "od tysiąc dziewięćset dziewięćdziesiątego dziewiątego do dwa "
        "tysiące piątego roku",
    },
    "cs": {
        "do 100 metrů, od 5 do 10 tisíc osob": "do sta metrů, od pěti do deseti tisíc osob",
        "před 5 min, mezi 5 km a 10 km": "před pěti minutami, mezi pěti kilometry a deseti "
        "kilometry",
        "při 5 m², s 10 %, kolem 2 mil. Kč": "při pěti metrech čtverečních, s deseti procenty, "
        "kolem dvou milionů korun",
        "s 2 dětmi ve 3 pokojích, z 15 zemí": "s dvěma dětmi ve třech pokojích, z patnácti zemí",
        "sešlo se 5 lidí, se 4 lidmi": "sešlo se pět lidí, se čtyřmi lidmi",
        "za 1 minutu, do 1 roku, před 1 hodinou": "za jednu minutu, do jednoho roku, před jednou "
        "hodinou",
        "pod 100 Kč, o 5 %, více než 20 zemí": "pod sto korun, o pět procent, více než dvacet zemí",
        "v 90. letech, 80. léta, z 60. let": "v devadesátých letech, osmdesátá léta, z šedesátých "
        "let",
        "před 5. květnem, k 5. květnu": "před pátým květnem, k pátému květnu",
        "ve 2 ze 3 případů, mezi 5 a 7": "ve dvou ze tří případů, mezi pěti a sedmi",
        "10letý chlapec, 100metrový, 3členná": "desetiletý chlapec, stometrový, tříčlenná",
    },
    "de": {
        "mit 1 Kind, von 1 Frau, in 1 Stunde": "mit einem Kind, von einer Frau, in einer Stunde",
        "nach 1 km, von 1 bis 10, nach 1 Uhr": "nach einem Kilometer, von eins bis zehn, nach ein "
        "Uhr",
    },
    "pt": {
        "1 casa, 1 vez, 1 dia, 2 vezes": "uma casa, uma vez, um dia, duas vezes",
        "200 mulheres, 2 cidades, 1 problema": "duzentas mulheres, duas cidades, um problema",
        "O grupo 1 ganha por 1 hora, 1 de 3": "O grupo um ganha por uma hora, um de três",
    },
    "es": {
        "1 casa, 1 año, 1 vez, 1 de cada 3": "una casa, un año, una vez, uno de cada tres",
        "El grupo 1 gana y tiene 1 hija": "El grupo uno gana y tiene una hija",
    },
    "fr": {
        "1 page, 21 pages, 1 jour, 1 fois": "une page, vingt et une pages, un jour, une fois",
        "le groupe 1 gagne, il a 1 fille": "le groupe un gagne, il a une fille",
    },
    "it": {
        "1 anno, 1 casa, 1 zaino, 1 su 3": "un anno, una casa, uno zaino, uno su tre",
        "il gruppo 1 vince": "il gruppo uno vince",
    },
}


@pytest.mark.parametrize(
    ("language", "written", "spoken"),
    [(language, *pair) for language, pairs in SAID.items() for pair in pairs.items()],
)
def test_a_number_agrees_with_the_words_around_it(language: str, written: str, spoken: str) -> None:
    assert spoken_text(written, language) == spoken


@given(st.integers(0, 10**15 - 1), st.sampled_from(["", "m", "f", "n"]))
def test_without_a_case_a_number_is_as_it_was(number: int, gender: str) -> None:
    assert russian_in(number, gender) == russian(number, gender)
    assert polish_in(number, gender) == polish(number, gender)
    assert czech_in(number, gender) == czech(number, gender)


@pytest.mark.parametrize("cardinal", [russian_in, polish_in, czech_in])
@pytest.mark.parametrize("case", OBLIQUE)
def test_different_numbers_stay_different_in_every_case(cardinal: object, case: str) -> None:
    assert callable(cardinal)
    values = [*range(3_000), *range(3_000, 20_000, 7), 10**6, 10**6 + 1, 10**9, 10**12 + 1]
    assert len({cardinal(value, case) for value in values}) == len(values)
