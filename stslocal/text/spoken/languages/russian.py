"""The words of Russian. Numbers are in words, with their gender, and dates in the genitive."""

from __future__ import annotations

import re

from stslocal.text.spoken.cardinals.slavic import russian, russian_form, russian_ordinal
from stslocal.text.spoken.cardinals.slavic_cases import russian_in
from stslocal.text.spoken.languages import endings
from stslocal.text.spoken.languages.russian_years import (
    YEAR_NOUNS,
    centuries,
    century,
    span_of_years,
    two_centuries,
    two_years,
    with_year,
)
from stslocal.text.spoken.languages.slavic_cases import RUSSIAN_CASES
from stslocal.text.spoken.languages.slavic_rulers import RUSSIAN_RULERS
from stslocal.text.spoken.languages.spellings import joined, paired, prefixed, spelled
from stslocal.text.spoken.tokens import word_before
from stslocal.text.spoken.words import Numerals, RomanNumeral, Words

_METRE, _GRAM, _LITRE = "метр/метра/метров", "грамм/грамма/граммов", "литр/литра/литров"
_WATT, _BYTE, _HERTZ = "ватт/ватта/ватт", "байт/байта/байт", "герц/герца/герц"
_SQUARE, _CUBIC = (
    "квадратный/квадратных/квадратных", "кубический/кубических/кубических"
)  # fmt: skip
_DEGREE, _DOLLAR = "градус/градуса/градусов", "доллар/доллара/долларов"
_CENT, _RUBLE, _KOPECK = "цент/цента/центов", "рубль/рубля/рублей", "копейка/копейки/копеек"
_THOUSAND, _MILLION = "тысяча/тысячи/тысяч", "миллион/миллиона/миллионов"
_BILLION, _TRILLION = "миллиард/миллиарда/миллиардов", "триллион/триллиона/триллионов"
_PARTS = {
    1: "десятая/десятых/десятых", 2: "сотая/сотых/сотых", 3: "тысячная/тысячных/тысячных",
}  # fmt: skip
_ENDINGS = {
    "й": "m", "ый": "m", "ой": "m", "ий": "m", "я": "f", "ая": "f", "е": "n", "ое": "n",
    "го": "genitive", "ого": "genitive", "м": "locative", "ом": "locative", "х": "plural genitive",
    "ых": "plural genitive", "ю": "f accusative", "ую": "f accusative", "му": "dative",
}  # fmt: skip
_MONTHS = tuple(
    "января февраля марта апреля мая июня июля августа сентября октября ноября декабря".split()
)
_ORDERED = {
    "место": "n", "места": "genitive", "месте": "locative", "степени": "f genitive",
    "степень": "f", "рейх": "m", "рейха": "genitive", "этап": "m", "этапа": "genitive",
    "группы": "f genitive", "категории": "f genitive", "созыва": "genitive",
}  # fmt: skip
"""By the noun behind a Roman numeral: the form of the ordinal (II место)."""
_STREETS = {
    **dict.fromkeys(("на", "по", "к"), "улице"),
    **dict.fromkeys(("с", "до", "от", "из", "у"), "улицы"),
}  # fmt: skip
_CENTURIES = {"век": "m", "века": "genitive", "веке": "locative", "веку": "dative"}
_DATE_CASES = {
    **dict.fromkeys(("по", "на", "за"), "n"), **dict.fromkeys(("к", "ко"), "dative"),
    **dict.fromkeys(("перед", "между"), "instrumental"),
}  # fmt: skip
_PREFIXES = {1: "одно", 40: "сорока", 90: "девяносто", 100: "сто", 1000: "тысяче"}
"""Numbers that do not stand in the genitive before an adjective: столетний."""
_ADJECTIVES = {
    "ая": "f", "ой": "f genitive", "ую": "f accusative", "ый": "m", "ий": "m", "ого": "genitive",
    "ом": "locative", "ое": "n", "ому": "dative",
}  # fmt: skip
"""By the ending of an adjective behind a numeral: the form of the numeral (II мировая)."""


def _date(day: int, month: str, year: str, before: str) -> str:
    case = _DATE_CASES.get(before, "genitive")
    return f"{russian_ordinal(day, case)} {month} {_year(year)}".rstrip()


def _year(year: str) -> str:
    return f"{russian_ordinal(int(year), 'genitive')} года" if year else ""


def _clock(hours: int, minutes: int, before: str) -> str:
    if minutes:
        return f"{hours} {minutes:02d}"
    return f"{russian(hours, 'm')} {'час/часа/часов'.split('/')[russian_form(hours)]}"


def _decimal(whole: int, fraction: str) -> str:
    """Three whole, fourteen hundredths; digit by digit after more places."""
    one = russian_form(whole) == 0
    count = int(fraction)
    said = f"{russian(whole, 'f')} {'целая' if one else 'целых'}"
    if len(fraction) not in _PARTS:
        return f"{russian(whole)} запятая {' '.join(russian(int(digit)) for digit in fraction)}"
    return f"{said} {russian(count, 'f')} {_PARTS[len(fraction)].split('/')[russian_form(count)]}"


def _suffixed(match: re.Match[str]) -> str:
    number, ending = int(match[1]), match[2]
    case = _ENDINGS[ending]
    if ending == "е" and number % 10 == 0 and number >= 20:
        case = "plural"  # 90-е
    return russian_ordinal(number, case)


def _compound(match: re.Match[str]) -> str:
    """Десятилетний, столетие: a number written in one word with what follows it."""
    number = int(match[1])
    prefix = _PREFIXES.get(number) or russian_in(number, "genitive").replace(" ", "")
    return f"{prefix}{match[2]}"


def _first_of_span(match: re.Match[str]) -> str:
    return russian_ordinal(int(match[1]), "genitive")


def _roman(numeral: RomanNumeral) -> str | None:
    before = numeral.before[-1] if numeral.before else ""
    if numeral.after in _CENTURIES:
        return russian_ordinal(numeral.value, _CENTURIES[numeral.after])
    if before in RUSSIAN_RULERS:
        ordinal = russian_ordinal(numeral.value, RUSSIAN_RULERS[before])
        return " ".join(word.capitalize() for word in ordinal.split())
    adjective = next((end for end in _ADJECTIVES if numeral.after.endswith(end)), "")
    if adjective and numeral.after.startswith(("миров", "международн", "всеросс", "всемирн")):
        return russian_ordinal(numeral.value, _ADJECTIVES[adjective])
    if numeral.after in _ORDERED:
        return russian_ordinal(numeral.value, _ORDERED[numeral.after])
    several = len(numeral.letters) > 1 and set(numeral.letters) <= set("IVX")
    return str(numeral.value) if several else None


def _fraction(top: int, bottom: int) -> str:
    if bottom in (3, 4):
        names = {3: "треть/трети/третей", 4: "четверть/четверти/четвертей"}[bottom]
        return f"{russian(top, 'f')} {names.split('/')[russian_form(top)]}"
    case = "f" if russian_form(top) == 0 else "plural genitive"
    return f"{russian(top, 'f')} {russian_ordinal(bottom, case)}"


RUSSIAN = Words(
    point=",",
    group=" ",
    spaced_groups=True,
    digits=tuple("ноль один два три четыре пять шесть семь восемь девять".split()),
    numerals=Numerals(cardinal=russian_in, decimal=_decimal),
    plural=russian_form,
    after_scale=2,
    after_fraction=1,
    feminine=frozenset(
        "тонна миля унция минута секунда миллисекунда тысяча копейка иена рупия лира".split()
    ),
    gender_before=endings.russian,
    cases=RUSSIAN_CASES,
    point_word="запятая",
    dot="точка",
    to="—",
    ratio="на",
    by="на",
    times="раз",
    of=lambda noun: noun,
    units=spelled({
        "mm²": paired(prefixed("милли", _METRE), _SQUARE, first=True),
        "cm²": paired(prefixed("санти", _METRE), _SQUARE, first=True),
        "m²": paired(_METRE, _SQUARE, first=True), "m³": paired(_METRE, _CUBIC, first=True),
        "km²": paired(prefixed("кило", _METRE), _SQUARE, first=True),
        "km/h": joined(prefixed("кило", _METRE), "в час"),
        "mph": "миля в час/мили в час/миль в час",
        "m/s": joined(_METRE, "в секунду"), "km": prefixed("кило", _METRE), "m": _METRE,
        "cm": prefixed("санти", _METRE), "mm": prefixed("милли", _METRE),
        "ft": "фут/фута/футов", "in": "дюйм/дюйма/дюймов", "mi": "миля/мили/миль",
        "kg": prefixed("кило", _GRAM), "g": _GRAM, "mg": prefixed("милли", _GRAM),
        "t": "тонна/тонны/тонн", "lb": "фунт/фунта/фунтов", "oz": "унция/унции/унций",
        "коп.": _KOPECK, "l": _LITRE, "ml": prefixed("милли", _LITRE),
        "ha": "гектар/гектара/гектаров",
        "h": "час/часа/часов", "min": "минута/минуты/минут", "s": "секунда/секунды/секунд",
        "ms": "миллисекунда/миллисекунды/миллисекунд", "kW": prefixed("кило", _WATT),
        "MW": prefixed("мега", _WATT), "W": _WATT, "V": "вольт/вольта/вольт",
        "A": "ампер/ампера/ампер", "kWh": "киловатт-час/киловатт-часа/киловатт-часов",
        "Hz": _HERTZ, "kHz": prefixed("кило", _HERTZ), "MHz": prefixed("мега", _HERTZ),
        "GHz": prefixed("гига", _HERTZ), "dB": "децибел/децибела/децибел",
        "kB": prefixed("кило", _BYTE), "MB": prefixed("мега", _BYTE),
        "GB": prefixed("гига", _BYTE), "TB": prefixed("тера", _BYTE),
        "°C": joined(_DEGREE, "Цельсия"), "°F": joined(_DEGREE, "Фаренгейта"), "°": _DEGREE,
    }, {
        "mm²": "мм²", "cm²": "см²", "m²": "м² кв.м м2", "m³": "м³ м3", "km²": "км²",
        "km/h": "км/ч", "m/s": "м/с", "km": "км", "m": "м", "cm": "см", "mm": "мм", "kg": "кг",
        "g": "г гр", "mg": "мг", "t": "т", "l": "л", "ml": "мл", "ha": "га", "h": "ч ч.",
        "min": "мин мин.", "s": "сек сек.", "ms": "мс", "kW": "кВт", "MW": "МВт", "W": "Вт",
        "kWh": "кВт·ч", "Hz": "Гц", "kHz": "кГц", "MHz": "МГц", "GHz": "ГГц", "dB": "дБ",
        "kB": "КБ кБ", "MB": "МБ Мб", "GB": "ГБ Гб", "TB": "ТБ",
    }),
    money={
        "₽": f"{_RUBLE}|{_KOPECK}", "руб.": f"{_RUBLE}|{_KOPECK}", "руб": f"{_RUBLE}|{_KOPECK}",
        "RUB": f"{_RUBLE}|{_KOPECK}", "$": f"{_DOLLAR}|{_CENT}", "US$": f"{_DOLLAR}|{_CENT}",
        "US $": f"{_DOLLAR}|{_CENT}", "USD": f"{_DOLLAR}|{_CENT}", "долл.": f"{_DOLLAR}|{_CENT}",
        "€": f"евро|{_CENT}", "EUR": f"евро|{_CENT}", "£": "фунт/фунта/фунтов|пенс/пенса/пенсов",
        "GBP": "фунт/фунта/фунтов|пенс/пенса/пенсов", "R$": "реал/реала/реалов",
        "¥": "иена/иены/иен", "JPY": "иена/иены/иен", "₹": "рупия/рупии/рупий",
        "CHF": "франк/франка/франков", "₴": "гривна/гривны/гривен",
    },
    cents="",
    height_joint="",
    scales={
        "тысяча": _THOUSAND, "тысячи": _THOUSAND, "тысяч": _THOUSAND, "тыс.": _THOUSAND,
        "тыс": _THOUSAND, "миллион": _MILLION, "миллиона": _MILLION, "миллионов": _MILLION,
        "млн": _MILLION, "млн.": _MILLION, "миллиард": _BILLION, "миллиарда": _BILLION,
        "миллиардов": _BILLION, "млрд": _BILLION, "млрд.": _BILLION, "трлн": _TRILLION,
        "триллион": _TRILLION, "триллиона": _TRILLION, "триллионов": _TRILLION,
        "k": _THOUSAND, "K": _THOUSAND, "M": _MILLION, "bn": _BILLION, "B": _BILLION,
    },
    bare_scales=frozenset("тыс. тыс млн млн. млрд млрд. трлн k M bn".split()),
    percent="процент/процента/процентов",
    per="на",
    and_="и",
    half="одна вторая",
    mixed_half="с половиной",
    fraction=_fraction,
    part_of=lambda unit: unit,
    half_of=lambda unit: f"половина {unit}",
    months=_MONTHS,
    month_abbreviations={"янв.": 1, "февр.": 2, "апр.": 4, "авг.": 8, "сент.": 9, "окт.": 10,
                         "нояб.": 11, "дек.": 12},
    day_first=True,
    date=_date,
    date_tail=r"(?: (?:года|г\.))?",
    clock=_clock,
    clock_contexts=frozenset("в к до около".split()),
    half_days=("утра", "вечера"),
    ordinal=lambda number, feminine: russian_ordinal(number, "f" if feminine else "m"),
    ordinal_signs=("", ""),
    roman=_roman,
    own=(
        (r"([IVX]{1,5}) в\.", century),
        (r"([IVX]{1,5}) (и|или) ([IVX]{1,5}) (века|веке|веков|веках)", two_centuries),
        (r"([IVX]{1,5})[-—]([IVX]{1,5}) вв\.", centuries),
        (r"ул\.", lambda match: _STREETS.get(word_before(match).lower())),
        (r"([12]\d{3})-([12]\d{3}) (гг\.|годах|годов|годы)", span_of_years),
        (rf"(\d{{1,4}})-({'|'.join(sorted(_ENDINGS, key=len, reverse=True))})", _suffixed),
        (rf"([12]\d{{3}}) ({YEAR_NOUNS})(?!\w)", with_year),
        (r"([12]\d{3}) и ([12]\d{3}) (год(?:ами|ах|ов|ам))", two_years),
        (rf"(?<=[сСтТ] )([1-9]|[12]\d|3[01])(?= (?:по|до) \d\d? (?:{'|'.join(_MONTHS)}))",
         _first_of_span),
        (r"(?<=[сСтТ] )([12]\d{3})(?= (?:по|до) [12]\d{3}(?: год|[.,;!?]|$))", _first_of_span),
        (r"([1-9]\d{0,2}|1000)-((?:лет|дневн|часов|минутн|секундн|этажн|метров|километров|тонн|"
         r"процентн|кратн|местн|комнатн|градусн|дюймов|значн)[а-яё]*)", _compound),
    ),
    call_words=frozenset("телефон тел звоните позвоните номер факс".split()),
    code_words=frozenset("код пин индекс пароль счёт счет".split()),
    symbols={
        "&": "и", "+": "плюс", "=": "равно", "@": "собака", "#": "номер", "%": "процентов",
        "±": "плюс-минус", "~": "около", "≈": "около", "<": "меньше", ">": "больше",
        "≤": "не больше", "≥": "не меньше", "×": "умножить на", "÷": "разделить на",
        "§": "параграф", "^": "в степени", "minus": "минус", "plus": "плюс", "$": "долларов",
        "€": "евро", "£": "фунтов", "°": "градусов",
    },
    scripts=("LATIN", "CYRILLIC"),
    dash="дефис",
    underscore="подчёркивание",
    slash="косая черта",
    abbreviations={
        "т. е.": "то есть", "т.е.": "то есть", "т. д.": "так далее", "т.д.": "так далее",
        "т. п.": "тому подобное", "т.п.": "тому подобное", "т. к.": "так как", "т.к.": "так как",
        "т. н.": "так называемый", "ок.": "около", "Ок.": "Около",
        "др.": "другие", "пр.": "прочее", "напр.": "например",
        "см.": "смотри", "ср.": "сравни", "стр.": "страница", "рис.": "рисунок", "гл.": "глава",
        "тел.": "телефон", "д.": "дом", "кв.": "квартира",
        "ул.": "улица", "пл.": "площадь", "им.": "имени", "проф.": "профессор",
        "акад.": "академик", "г-н": "господин", "г-жа": "госпожа", "nº": "номер",
        "гг.": "годы", "до н. э.": "до нашей эры", "н. э.": "нашей эры", "до н.э.": "до нашей эры",
        "н.э.": "нашей эры", "США": "США",
    },
    numbered=frozenset({"д.", "кв.", "стр.", "рис.", "гл.", "nº"}),
    closing=frozenset({"т. д.", "т.д.", "т. п.", "т.п.", "др.", "пр.", "н. э.", "н.э."}),
)  # fmt: skip
