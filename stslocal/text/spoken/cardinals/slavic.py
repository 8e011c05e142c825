"""Numbers in words in Czech, Polish and Russian, and which form of a noun stands after one."""

from __future__ import annotations

_RUSSIAN = (
    "ноль один два три четыре пять шесть семь восемь девять десять одиннадцать двенадцать "
    "тринадцать четырнадцать пятнадцать шестнадцать семнадцать восемнадцать девятнадцать"
).split()
_RUSSIAN_TENS = (
    "двадцать тридцать сорок пятьдесят шестьдесят семьдесят восемьдесят девяносто"
).split()
_RUSSIAN_HUNDREDS = (
    "сто двести триста четыреста пятьсот шестьсот семьсот восемьсот девятьсот".split()
)
_RUSSIAN_SCALES = (
    (10**12, "m", "триллион/триллиона/триллионов"),
    (10**9, "m", "миллиард/миллиарда/миллиардов"),
    (10**6, "m", "миллион/миллиона/миллионов"),
    (1000, "f", "тысяча/тысячи/тысяч"),
)
_RUSSIAN_STEMS = {
    0: "нулев", 1: "перв", 2: "втор", 3: "трет", 4: "четвёрт", 5: "пят", 6: "шест", 7: "седьм",
    8: "восьм", 9: "девят", 10: "десят", 20: "двадцат", 30: "тридцат", 40: "сороков",
    50: "пятидесят", 60: "шестидесят", 70: "семидесят", 80: "восьмидесят", 90: "девяност",
    100: "сот", 200: "двухсот", 300: "трёхсот", 400: "четырёхсот", 500: "пятисот", 600: "шестисот",
    700: "семисот", 800: "восьмисот", 900: "девятисот", 1000: "тысячн", 2000: "двухтысячн",
    3000: "трёхтысячн",
}  # fmt: skip
_RUSSIAN_ENDINGS = {
    "m": "ый", "f": "ая", "n": "ое", "genitive": "ого", "locative": "ом", "f genitive": "ой",
    "f accusative": "ую", "plural": "ые", "plural genitive": "ых", "instrumental": "ым",
    "dative": "ому",
}  # fmt: skip
_RUSSIAN_THIRD = {
    "m": "ий", "f": "ья", "n": "ье", "genitive": "ьего", "locative": "ьем", "f genitive": "ьей",
    "f accusative": "ью", "plural": "ьи", "plural genitive": "ьих", "instrumental": "ьим",
    "dative": "ьему",
}  # fmt: skip
_STRESSED = frozenset({"нулев", "втор", "шест", "седьм", "восьм", "сороков"})

_POLISH = (
    "zero jeden dwa trzy cztery pięć sześć siedem osiem dziewięć dziesięć jedenaście dwanaście "
    "trzynaście czternaście piętnaście szesnaście siedemnaście osiemnaście dziewiętnaście"
).split()
_POLISH_TENS = (
    "dwadzieścia trzydzieści czterdzieści pięćdziesiąt sześćdziesiąt siedemdziesiąt "
    "osiemdziesiąt dziewięćdziesiąt"
).split()
_POLISH_HUNDREDS = (
    "sto dwieście trzysta czterysta pięćset sześćset siedemset osiemset dziewięćset"
).split()
_POLISH_SCALES = (
    (10**12, "bilion/biliony/bilionów"),
    (10**9, "miliard/miliardy/miliardów"),
    (10**6, "milion/miliony/milionów"),
    (1000, "tysiąc/tysiące/tysięcy"),
)
_POLISH_STEMS = {
    0: "zerow", 1: "pierwsz", 2: "drug", 3: "trzeci", 4: "czwart", 5: "piąt", 6: "szóst",
    7: "siódm", 8: "ósm", 9: "dziewiąt", 10: "dziesiąt", 11: "jedenast", 12: "dwunast",
    13: "trzynast", 14: "czternast", 15: "piętnast", 16: "szesnast", 17: "siedemnast",
    18: "osiemnast", 19: "dziewiętnast", 20: "dwudziest", 30: "trzydziest", 40: "czterdziest",
    50: "pięćdziesiąt", 60: "sześćdziesiąt", 70: "siedemdziesiąt", 80: "osiemdziesiąt",
    90: "dziewięćdziesiąt", 100: "setn", 200: "dwusetn", 300: "trzechsetn", 400: "czterechsetn",
    500: "pięćsetn", 600: "sześćsetn", 700: "siedemsetn", 800: "osiemsetn", 900: "dziewięćsetn",
    1000: "tysięczn", 2000: "dwutysięczn", 3000: "trzytysięczn",
}  # fmt: skip
_POLISH_ENDINGS = {
    "m": "y",
    "f": "a",
    "n": "e",
    "genitive": "ego",
    "locative": "ym",
    "f locative": "ej",
    "f accusative": "ą",
    "plural": "e",
    "plural genitive": "ych",
    "dative": "emu",
}

_CZECH = (
    "nula jeden dva tři čtyři pět šest sedm osm devět deset jedenáct dvanáct třináct čtrnáct "
    "patnáct šestnáct sedmnáct osmnáct devatenáct"
).split()
_CZECH_TENS = "dvacet třicet čtyřicet padesát šedesát sedmdesát osmdesát devadesát".split()
_CZECH_HUNDREDS = "sto,dvě stě,tři sta,čtyři sta,pět set,šest set,sedm set,osm set,devět set".split(
    ","
)
_CZECH_SCALES = (
    (10**12, "m", "bilion/biliony/bilionů"),
    (10**9, "f", "miliarda/miliardy/miliard"),
    (10**6, "m", "milion/miliony/milionů"),
    (1000, "m", "tisíc/tisíce/tisíc"),
)
_CZECH_STEMS = {
    0: "nult", 1: "prvn", 2: "druh", 3: "třet", 4: "čtvrt", 5: "pát", 6: "šest", 7: "sedm",
    8: "osm", 9: "devát", 10: "desát", 11: "jedenáct", 12: "dvanáct", 13: "třináct",
    14: "čtrnáct", 15: "patnáct", 16: "šestnáct", 17: "sedmnáct", 18: "osmnáct", 19: "devatenáct",
    20: "dvacát", 30: "třicát", 40: "čtyřicát", 50: "padesát", 60: "šedesát", 70: "sedmdesát",
    80: "osmdesát", 90: "devadesát", 100: "st", 1000: "tisíc",
}  # fmt: skip
_CZECH_ENDINGS = {
    "m": "ý", "f": "á", "n": "é", "genitive": "ého", "dative": "ému", "locative": "ém",
    "instrumental": "ým", "f other": "é", "f instrumental": "ou", "plural genitive": "ých",
    "plural n": "á", "plural instrumental": "ými",
}  # fmt: skip
_CZECH_SOFT = {
    **dict.fromkeys(("m", "f", "n", "f other", "f instrumental", "plural n"), "í"),
    "genitive": "ího", "dative": "ímu", "locative": "ím", "instrumental": "ím",
    "plural genitive": "ích", "plural instrumental": "ími",
}  # fmt: skip
_SOFT = frozenset({"prvn", "třet", "tisíc"})


def russian_form(number: int, fraction: str = "") -> int:
    """The form of a noun after a number: 0 as after one, 1 as after two, 2 as after five."""
    if fraction:
        return 1
    if number % 10 == 1 and number % 100 != 11:
        return 0
    return 1 if number % 10 in (2, 3, 4) and number % 100 not in (12, 13, 14) else 2


def polish_form(number: int, fraction: str = "") -> int:
    """As `russian_form`, but 0 after one alone, and 3 after a decimal."""
    if fraction:
        return 3
    if number == 1:
        return 0
    return 1 if number % 10 in (2, 3, 4) and number % 100 not in (12, 13, 14) else 2


def czech_form(number: int, fraction: str = "") -> int:
    """0 after one, 1 after two to four, 2 after more, 3 after a decimal."""
    if fraction:
        return 3
    return 0 if number == 1 else 1 if number in (2, 3, 4) else 2


def russian(number: int, gender: str = "") -> str:
    """A cardinal number in Russian: одна тысяча двести двадцать два."""
    for size, own, names in _RUSSIAN_SCALES:
        if number >= size:
            count, rest = divmod(number, size)
            words = f"{russian(count, own)} {names.split('/')[russian_form(count)]}"
            return f"{words} {russian(rest, gender)}" if rest else words
    parts = _parts(number, _RUSSIAN, _RUSSIAN_TENS, _RUSSIAN_HUNDREDS)
    last = {"один": {"f": "одна", "n": "одно"}, "два": {"f": "две"}}.get(parts[-1], {})
    return " ".join([*parts[:-1], last.get(gender, parts[-1])])


def russian_ordinal(number: int, case: str = "m") -> str:
    """An ordinal number in Russian; `case` is a key of the endings: m, f, n, genitive, locative."""
    last = _last_part(number, _RUSSIAN_STEMS)
    before = (
        _thousand_alone(russian(number - last), "одна тысяча", "тысяча") if number > last else ""
    )
    if last in _RUSSIAN_STEMS:
        stem = _RUSSIAN_STEMS[last]
    elif last < 20:
        stem = _RUSSIAN[last].removesuffix("ь")
    else:
        return russian(number)
    endings = _RUSSIAN_THIRD if stem == "трет" else _RUSSIAN_ENDINGS
    ending = "ой" if case == "m" and stem in _STRESSED else endings[case]
    return f"{before} {stem}{ending}".strip()


def polish(number: int, gender: str = "") -> str:
    """A cardinal number in Polish: tysiąc dwieście dwadzieścia dwie."""
    for size, names in _POLISH_SCALES:
        if number >= size:
            count, rest = divmod(number, size)
            name = names.split("/")[polish_form(count)]
            words = name if count == 1 else f"{polish(count)} {name}"
            return f"{words} {polish(rest, gender)}" if rest else words
    parts = _parts(number, _POLISH, _POLISH_TENS, _POLISH_HUNDREDS)
    if number == 1:
        return {"f": "jedna", "n": "jedno"}.get(gender, "jeden")
    last = "dwie" if parts[-1] == "dwa" and gender == "f" else parts[-1]
    return " ".join([*parts[:-1], last])


def polish_ordinal(number: int, case: str = "m") -> str:
    """An ordinal number in Polish; tens and ones both have the ending: dwudziesty trzeci."""
    last = _last_part(number, _POLISH_STEMS, most=99)
    if last not in _POLISH_STEMS and last > 99:
        return polish(number)
    before = polish(number - last) if number > last else ""
    digits = [last] if last in _POLISH_STEMS else [last // 10 * 10, last % 10]
    said = [_polish_ending(_POLISH_STEMS[digit], case) for digit in digits]
    return " ".join([before, *said]).strip()


def _polish_ending(stem: str, case: str) -> str:
    ending = _POLISH_ENDINGS[case]
    if stem == "trzeci":
        return stem + ending.removeprefix("y") if case in ("m", "locative") else stem + ending
    if stem == "drug":
        return stem + {"m": "i", "locative": "im", "n": "ie"}.get(
            case, f"i{ending}" if ending[0] == "e" else ending
        )
    return stem + ending


def czech(number: int, gender: str = "") -> str:
    """A cardinal number in Czech: tisíc dvě stě dvacet dva."""
    for size, own, names in _CZECH_SCALES:
        if number >= size:
            count, rest = divmod(number, size)
            name = names.split("/")[czech_form(count)]
            words = name if count == 1 else f"{czech(count, own)} {name}"
            return f"{words} {czech(rest, gender)}" if rest else words
    parts = _parts(number, _CZECH, _CZECH_TENS, _CZECH_HUNDREDS)
    if parts[-1] == "jeden":
        parts[-1] = {"m": "jeden", "n": "jedno"}.get(gender, "jedna") if number == 1 else "jedna"
    if parts[-1] == "dva" and gender in ("f", "n"):
        parts[-1] = "dvě"
    return " ".join(parts)


def czech_year(number: int) -> str:
    """A year in Czech: devatenáct set čtyřicet pět, dva tisíce dvacet čtyři."""
    century, rest = divmod(number, 100)
    if not 1100 <= number < 2000:
        return czech(number)
    return f"{czech(century)} set{f' {czech(rest)}' if rest else ''}"


def czech_ordinal(number: int, case: str = "m") -> str:
    """An ordinal number in Czech; tens and ones both have the ending: dvacátý třetí."""
    last = number if number in _CZECH_STEMS else number % 100
    if last == 0 or (number > 100 and number % 1000 == 0 and number != 1000):
        return czech(number)
    before = czech(number - last) if number > last else ""
    digits = [last] if last in _CZECH_STEMS else [last // 10 * 10, last % 10]
    said = []
    for digit in digits:
        stem = _CZECH_STEMS[digit]
        said.append(stem + (_CZECH_SOFT if stem in _SOFT else _CZECH_ENDINGS)[case])
    return " ".join([before, *said]).strip()


def _parts(number: int, small: list[str], tens: list[str], hundreds: list[str]) -> list[str]:
    """The words of a number below a thousand, in order."""
    words = [hundreds[number // 100 - 1]] if number >= 100 else []
    rest = number % 100
    if rest >= 20:
        words.append(tens[rest // 10 - 2])
        rest %= 10
        if rest:
            words.append(small[rest])
    elif rest or not words:
        words.append(small[rest])
    return words


def _last_part(number: int, stems: dict[int, str], most: int = 19) -> int:
    """The part of a number that has the ending of an ordinal."""
    if number in stems:
        return number
    for size in (100, 1000, 10_000):
        last = number % size
        if last:
            if last <= most or last in stems:
                return last
            ones = last % 10
            return ones if ones and last < 100 else last % 100 or last
    return number


def _thousand_alone(words: str, one: str, alone: str) -> str:
    return words.replace(one, alone, 1) if words.startswith(one) else words
