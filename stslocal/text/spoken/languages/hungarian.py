"""The words of Hungarian. Numbers are in words; a noun after a number stays in the singular."""

from __future__ import annotations

import re

from stslocal.text.spoken.cardinals.agglutinative import hungarian, hungarian_ordinal
from stslocal.text.spoken.languages import endings
from stslocal.text.spoken.languages.spellings import spelled
from stslocal.text.spoken.words import Numerals, RomanNumeral, Words

_MONTHS = (
    "január február március április május június július augusztus szeptember október november "
    "december"
).split()
_SHORT_MONTHS = {
    "jan.": 1, "febr.": 2, "márc.": 3, "ápr.": 4, "máj.": 5, "jún.": 6, "júl.": 7, "aug.": 8,
    "szept.": 9, "okt.": 10, "nov.": 11, "dec.": 12,
}  # fmt: skip
_RULERS = frozenset(
    "Albert Alfonz András Béla Bajazid Benedek Dareiosz Edward Eduárd Endre Erik Erzsébet "
    "Ferdinánd Ferenc Frigyes Fülöp Gergely Géza György Gusztáv Henrik Imre Ince István Iván "
    "Jakab János József Károly Katalin Kelemen Konstantin Kristián Lajos László Lipót Margit "
    "Mária Mátyás Mehmed Miklós Miksa Murád Napóleon Ottó Pál Péter Piusz Ramszesz Rudolf "
    "Sándor Szelim Szulejmán Ulászló Viktor Vilmos Zsigmond".split()
)
"""Names before which a single letter with a full stop is an ordinal, and no initial."""
_BACK = "aáoóuú"
_PARTS = {1: "tized", 2: "század", 3: "ezred"}


def _day(day: int, ending: str = "") -> str:
    """The day of a month: harmadika; with an ending as it is written, harmadikán."""
    stem = "else" if day == 1 else hungarian_ordinal(day)
    if not ending:
        last = next(
            letter for letter in reversed(stem) if letter in "aáeéiíoóöőuúüű" and letter != "i"
        )
        ending = "je" if day == 1 else "a" if last in _BACK else "e"
    elif day == 1 and not ending.startswith("j"):
        ending = f"j{ending}"
    return stem + ending


def _date(day: int, month: str, year: str, before: str) -> str:
    return f"{year} {month} {_day(day)}".strip()


def _named(match: re.Match[str]) -> str | None:
    """2024. május 3., május 3-án."""
    year, name, day, ending = match["year"] or "", match["name"], int(match["day"]), match["ending"]
    month = _MONTHS[_SHORT_MONTHS[name] - 1] if name in _SHORT_MONTHS else name
    if not 1 <= day <= 31:
        return None
    return f"{year} {month} {_day(day, ending or '')}".strip()


def _digits(match: re.Match[str]) -> str | None:
    """2024. 05. 03. and 2024.05.03-án."""
    month, day = int(match[2]), int(match[3])
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    return f"{match[1]} {_MONTHS[month - 1]} {_day(day, match[4] or '')}"


def _with_ending(match: re.Match[str]) -> str:
    return f"{hungarian(int(match[1]))}{match[2]}"


def _clock(hours: int, minutes: int, before: str) -> str:
    name = f"{hungarian(hours, 'm')} óra"
    return f"{name} {minutes}" if minutes else name


def _decimal(whole: int, fraction: str) -> str:
    """Three whole fourteen hundredths; digit by digit after more places."""
    if len(fraction) not in _PARTS:
        return f"{hungarian(whole)} egész {' '.join(hungarian(int(digit)) for digit in fraction)}"
    return f"{hungarian(whole)} egész {hungarian(int(fraction), 'm')} {_PARTS[len(fraction)]}"


def _dotted(number: int, before: tuple[str, ...], after: str) -> str | None:
    return hungarian_ordinal(number) if after[:1].islower() else None


def _span(match: re.Match[str]) -> str:
    """3-5. fejezet: from the third to the fifth."""
    return " — ".join(hungarian_ordinal(int(number)) for number in match.groups())


def _clock_with_ending(match: re.Match[str]) -> str:
    """14:30-kor, 9.00-ra: the ending is that of the last word."""
    hours, minutes, ending = int(match[1]), int(match[2] or 0), match[3]
    if minutes:
        return f"{hungarian(hours, 'm')} óra {hungarian(minutes)}{ending}"
    return f"{hungarian(hours, 'm')} {'óra' if ending == 'kor' else 'órá'}{ending}"


def _roman(numeral: RomanNumeral) -> str | None:
    if numeral.suffix:
        named = numeral.after in _RULERS or numeral.after[:1].islower()
        if len(numeral.letters) == 1 and (numeral.letters in "LCDM" or not named):
            return None  # an initial: M. Nagy
        return hungarian_ordinal(numeral.value)
    several = len(numeral.letters) > 1 and set(numeral.letters) <= set("IVX")
    return str(numeral.value) if several else None


def _fraction(top: int, bottom: int) -> str:
    name = {3: "harmad", 4: "negyed", 16: "tizenhatod", 100: "század"}.get(bottom)
    return f"{hungarian(top, 'm')} {name or hungarian_ordinal(bottom).removesuffix('ik')}"


_NAMES = "|".join(map(re.escape, [*_MONTHS, *_SHORT_MONTHS]))
_YEAR = r"(?:(?P<year>[12]\d{3})\. )?"
_ENDING = r"(?:-(?P<ending>j?[aáeé](?:n|ig|t|tól|től|i)?))"

HUNGARIAN = Words(
    point=",",
    group=" ",
    spaced_groups=True,
    digits=tuple("nulla egy kettő három négy öt hat hét nyolc kilenc".split()),
    numerals=Numerals(cardinal=hungarian, decimal=_decimal),
    gender_before=endings.hungarian,
    point_word="egész",
    dot="pont",
    to="—",
    ratio="",
    by="szor",
    times="szeres",
    of=lambda noun: noun,
    units=spelled({
        "mm²": "négyzetmilliméter", "cm²": "négyzetcentiméter", "m²": "négyzetméter",
        "km²": "négyzetkilométer", "m³": "köbméter", "cm³": "köbcentiméter",
        "km/h": "kilométer per óra", "mph": "mérföld per óra", "m/s": "méter per másodperc",
        "km": "kilométer", "m": "méter", "cm": "centiméter", "mm": "milliméter", "ft": "láb",
        "in": "hüvelyk", "yd": "yard", "mi": "mérföld", "kg": "kiló", "g": "gramm",
        "dkg": "deka", "mg": "milligramm", "t": "tonna", "lb": "font", "oz": "uncia", "l": "liter",
        "dl": "deci", "ml": "milliliter", "ha": "hektár", "h": "óra", "min": "perc",
        "s": "másodperc", "ms": "ezredmásodperc", "kWh": "kilowattóra", "kW": "kilowatt",
        "MW": "megawatt", "W": "watt", "V": "volt", "A": "amper", "Hz": "hertz",
        "kHz": "kilohertz", "MHz": "megahertz", "GHz": "gigahertz", "dB": "decibel",
        "kB": "kilobájt", "MB": "megabájt", "GB": "gigabájt", "TB": "terabájt",
        "°C": "Celsius-fok", "°F": "Fahrenheit-fok", "°": "fok",
    }, {"h": "ó", "min": "p", "s": "mp mp."}),
    money={
        "Ft": "forint", "HUF": "forint", "$": "dollár|cent", "US$": "dollár|cent",
        "US $": "dollár|cent", "USD": "dollár|cent", "€": "euró|cent", "EUR": "euró|cent",
        "£": "font|penny", "GBP": "font|penny", "R$": "real", "¥": "jen", "JPY": "jen",
        "CHF": "svájci frank", "₹": "rúpia", "₽": "rubel", "zł": "zloty", "Kč": "cseh korona",
    },
    cents="",
    height_joint="",
    scales={
        "ezer": "ezer", "millió": "millió", "milliárd": "milliárd", "billió": "billió",
        "M": "millió", "Mrd": "milliárd", "mrd": "milliárd", "k": "ezer", "K": "ezer",
        "bn": "milliárd", "B": "milliárd",
    },
    bare_scales=frozenset("M Mrd mrd k bn".split()),
    percent="százalék/százalék",
    per="per",
    and_="egész",
    half="fél",
    mixed_half="és fél",
    fraction=_fraction,
    part_of=lambda unit: unit,
    half_of=lambda unit: f"fél {unit}",
    months=tuple(_MONTHS),
    day_first=True,
    date=_date,
    clock=_clock,
    clock_noun="(?:óra|órakor)",
    half_days=("délelőtt", "délután"),
    ordinal=lambda number, _: hungarian_ordinal(number),
    ordinal_signs=("", ""),
    dotted_ordinal=_dotted,
    roman=_roman,
    roman_suffixes=r"\.",
    own=(
        (r"([01]?\d|2[0-4])(?:[.:]([0-5]\d))? óra(kor)", _clock_with_ending),
        (r"(\d{1,4})\.?[—-](\d{1,4})\.(?= [a-záéíóöőúüű])", _span),
        (r"([01]?\d|2[0-4])[.:]([0-5]\d)-(kor|ra|re|ig|tól|től)", _clock_with_ending),
        (rf"{_YEAR}(?P<name>{_NAMES}) (?P<day>\d\d?)(?:\.|{_ENDING})", _named),
        (r"([12]\d{3})\. ?(\d\d?)\. ?(\d\d?)(?:\.|-(j?[aáeé]n))", _digits),
        (r"(\d{1,9})-([a-záéíóöőúüű]{1,6})", _with_ending),
    ),
    call_words=frozenset("telefon tel hívja szám telefonszám fax".split()),
    code_words=frozenset("kód pin irányítószám jelszó számla".split()),
    symbols={
        "&": "és", "+": "plusz", "=": "egyenlő", "@": "kukac", "#": "szám", "%": "százalék",
        "±": "plusz-mínusz", "~": "körülbelül", "≈": "körülbelül", "<": "kisebb mint",
        ">": "nagyobb mint", "≤": "legfeljebb", "≥": "legalább", "×": "szor", "÷": "osztva",
        "§": "paragrafus", "^": "a hatványon", "minus": "mínusz", "plus": "plusz", "$": "dollár",
        "€": "euró", "£": "font", "°": "fok",
    },
    dash="kötőjel",
    underscore="aláhúzás",
    slash="per",
    abbreviations={
        "pl.": "például", "Pl.": "Például", "stb.": "és így tovább", "kb.": "körülbelül",
        "ill.": "illetve", "ún.": "úgynevezett", "azaz": "azaz", "dr.": "doktor", "Dr.": "Doktor",
        "prof.": "professzor",
        "Prof.": "Professzor", "ifj.": "ifjabb", "id.": "idősebb", "özv.": "özvegy",
        "u.": "utca", "krt.": "körút", "nº": "szám", "sz.": "szám", "tel.": "telefon",
        "o.": "oldal", "vö.": "vesd össze", "ld.": "lásd", "i. e.": "időszámításunk előtt",
        "i. sz.": "időszámításunk szerint", "Kr. e.": "Krisztus előtt",
        "Kr. u.": "Krisztus után", "max.": "maximum", "min.": "minimum",
    },
    numbered=frozenset({"nº", "min."}),
    closing=frozenset({"stb.", "u.", "krt."}),
)  # fmt: skip
