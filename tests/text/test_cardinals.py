"""Numbers in words: right values by hand, where a well-known library is wrong, and oracles."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from stslocal.text.spoken.cardinals import (
    agglutinative,
    arabic,
    east_asian,
    germanic,
    romance,
    slavic,
)

pytestmark = pytest.mark.unit

Cardinal = Callable[[int, str], str]


@pytest.mark.parametrize(
    ("cardinal", "number", "said"),
    [
        # num2words 1.0.20 says these wrongly.
        (agglutinative.hungarian, 102, "százkettő"),  # százkét
        (agglutinative.turkish, 881_991, "sekiz yüz seksen bir bin dokuz yüz doksan bir"),
        (slavic.czech, 24_197, "dvacet čtyři tisíc sto devadesát sedm"),  # tisíce
        (romance.italian, 118, "centodiciotto"),  # centodicotto
        (romance.italian, 123, "centoventitré"),  # ventitre
        (romance.spanish, 81_894, "ochenta y un mil ochocientos noventa y cuatro"),  # uno mil
        (arabic.arabic, 200, "مئتان"),  # مئتا
        (arabic.arabic, 2_000, "ألفان"),  # ألفا
        (germanic.german, 401_844, "vierhunderteintausendachthundertvierundvierzig"),  # einstausend
        # It has no Chinese.
        (east_asian.chinese, 1_010, "一千零一十"),
        (east_asian.chinese, 100_100, "十万零一百"),
        (east_asian.chinese, 1_002_003_004, "十亿零二百万三千零四"),
        (east_asian.chinese, 20_000, "两万"),
        (east_asian.chinese, 12_000, "一万二千"),
        # Others that are easily wrong.
        (romance.french, 80_080, "quatre-vingt mille quatre-vingts"),
        (romance.portuguese, 1_200_000, "um milhão e duzentos mil"),
        (romance.european_portuguese, 2_000_016, "dois milhões e dezasseis"),
        (romance.spanish, 1_000_000_000, "mil millones"),
        (germanic.dutch, 2_022, "tweeduizend tweeëntwintig"),
        (slavic.russian, 2_002, "две тысячи два"),
        (slavic.polish, 22_000, "dwadzieścia dwa tysiące"),
        (east_asian.japanese, 10_000, "一万"),
        (east_asian.korean, 10_000, "만"),
        (arabic.arabic, 11_000, "أحد عشر ألفًا"),
    ],
)
def test_numbers_by_hand(cardinal: Cardinal, number: int, said: str) -> None:
    assert cardinal(number, "") == said


@pytest.mark.parametrize(
    ("said", "right"),
    [
        (slavic.russian_ordinal(1900, "genitive"), "тысяча девятисотого"),
        (slavic.russian_ordinal(2003, "locative"), "две тысячи третьем"),
        (slavic.polish_ordinal(2000, "genitive"), "dwutysięcznego"),
        (slavic.polish_ordinal(22, "f locative"), "dwudziestej drugiej"),
        (slavic.czech_ordinal(23, "genitive"), "dvacátého třetího"),
        (germanic.german_ordinal(107, "en"), "einhundertsiebten"),
        (germanic.dutch_ordinal(101), "honderdeerste"),
        (germanic.english_ordinal(112), "one hundred and twelfth"),
        (germanic.english_year(1905), "nineteen oh five"),
        (germanic.german_year(1905), "neunzehnhundertfünf"),
        (romance.italian_ordinal(23), "ventitreesimo"),
        (romance.italian_ordinal(16), "sedicesimo"),
        (agglutinative.hungarian_ordinal(102), "százkettedik"),
        (agglutinative.turkish_ordinal(40), "kırkıncı"),
        (arabic.genitive(arabic.arabic(2022, "")), "ألفين واثنين وعشرين"),
        (arabic.arabic_ordinal(12, feminine=True), "الثانية عشرة"),
        (east_asian.korean_native(20), "스무"),
    ],
)
def test_ordinals_years_and_cases(said: str, right: str) -> None:
    assert said == right


@pytest.mark.parametrize(
    ("cardinal", "language"),
    [
        (germanic.english, "en"),
        (romance.french, "fr"),
        (slavic.russian, "ru"),
        (slavic.polish, "pl"),
        (east_asian.korean, "ko"),
    ],
)
def test_the_same_as_num2words_where_that_is_right(cardinal: Cardinal, language: str) -> None:
    num2words = pytest.importorskip("num2words").num2words
    numbers = random.Random(1)
    values = [
        *range(1_200),
        *(numbers.randrange(10 ** numbers.randrange(4, 12)) for _ in range(300)),
    ]

    def plain(text: str) -> str:
        return "".join(letter for letter in text.lower() if letter.isalpha())

    for value in values:
        assert plain(cardinal(value, "")) == plain(num2words(value, lang=language)), value
