"""The words of Polish. Numbers are in words, with their gender, and dates in the genitive."""

from __future__ import annotations

import re

from stslocal.text.spoken.cardinals.slavic import polish, polish_form, polish_ordinal
from stslocal.text.spoken.cardinals.slavic_cases import polish_in, polish_prefix
from stslocal.text.spoken.languages import endings
from stslocal.text.spoken.languages.rulers import KINGS, QUEENS
from stslocal.text.spoken.languages.slavic_cases import POLISH_CASES
from stslocal.text.spoken.languages.slavic_rulers import POLISH_RULERS
from stslocal.text.spoken.languages.spellings import joined, paired, prefixed, spelled
from stslocal.text.spoken.names import roman_value
from stslocal.text.spoken.tokens import stop_after, word_before
from stslocal.text.spoken.words import Numerals, RomanNumeral, Words

_METRE, _GRAM = "metr/metry/metrów/metra", "gram/gramy/gramów/grama"
_LITRE, _WATT = "litr/litry/litrów/litra", "wat/waty/watów/wata"
_BYTE, _HERTZ = "bajt/bajty/bajtów/bajta", "herc/herce/herców/herca"
_SQUARE = "kwadratowy/kwadratowe/kwadratowych/kwadratowego"
_CUBIC = "sześcienny/sześcienne/sześciennych/sześciennego"
_DEGREE, _DOLLAR = "stopień/stopnie/stopni/stopnia", "dolar/dolary/dolarów/dolara"
_CENT, _ZLOTY = "cent/centy/centów/centa", "złoty/złote/złotych/złotego"
_GROSZ = "grosz/grosze/groszy/grosza"
_THOUSAND, _MILLION = "tysiąc/tysiące/tysięcy/tysiąca", "milion/miliony/milionów/miliona"
_BILLION, _TRILLION = "miliard/miliardy/miliardów/miliarda", "bilion/biliony/bilionów/biliona"
_LOCATIVE = frozenset("w we na po przy o".split())
_HOURS_WITH_OBLIQUE = frozenset("o od do po przed około między".split())
_PAGES = {
    **dict.fromkeys(("na", "po"), "stronie"), **dict.fromkeys(("z", "ze", "do", "od"), "strony"),
}  # fmt: skip
_BEFORE_STREETS = frozenset("przy na w z ze do od po u".split())
_MONTHS = tuple(
    "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października "
    "listopada grudnia".split()
)
_HOUR_CASES = {
    **dict.fromkeys(("o", "po"), ("godzinie", "f locative")), "przed": ("godziną", "f"),
    **dict.fromkeys(("od", "do", "około"), ("godziny", "f locative")),
}  # fmt: skip
_RULERS = {**dict.fromkeys(KINGS, "m"), **dict.fromkeys(QUEENS, "f"), **POLISH_RULERS}
_ORDERED = ("wojn", "połow", "rzesz", "rzecz", "lig", "miejsc", "kadencj", "edycj", "kwarta", "tur")
"""Beginnings of nouns before which a Roman numeral is an ordinal: II wojna światowa."""


def _date(day: int, month: str, year: str, before: str) -> str:
    # The instrumental is as the locative.
    case = "locative" if before in ("przed", "po", "między", "pomiędzy") else "genitive"
    return f"{polish_ordinal(day, case)} {month} {_year(year)}".rstrip()


def _year(year: str) -> str:
    return f"{polish_ordinal(int(year), 'genitive')} roku" if year else ""


def _clock(hours: int, minutes: int, before: str) -> str:
    case = "f locative" if before in _HOURS_WITH_OBLIQUE else "f"
    return f"{polish_ordinal(hours, case)} {f'{minutes:02d}' if minutes else ''}".rstrip()


def _with_year(match: re.Match[str]) -> str:
    before = match.string[: match.start()].split()[-1:]
    locative = bool(before) and before[0].lower() in ("w", "we", "po", "o")
    return f"{polish_ordinal(int(match[1]), 'locative' if locative else 'genitive')} roku"


def _decade(match: re.Match[str]) -> str:
    """Lata dziewięćdziesiąte, w latach dziewięćdziesiątych."""
    case = "plural" if match[1].lower() == "lata" else "plural genitive"
    after = match.string[match.end() :].lstrip()
    stop = "." if not after or (after[0].isupper() and not after.startswith(("X", "V"))) else ""
    return f"{match[1]} {polish_ordinal(int(match[2]), case)}{stop * match[0].endswith('.')}"


def _hour(match: re.Match[str]) -> str:
    """O godzinie osiemnastej czterdzieści pięć."""
    before = (match[1] or "").lower()
    noun, case = _HOUR_CASES.get(before, ("godzina", "f"))
    hour = polish_ordinal(int(match[2]), case)
    if before == "przed":
        hour = " ".join(f"{word[:-1]}ą" for word in hour.split())
    minutes = polish(int(match[3])) if int(match[3] or 0) else ""
    return " ".join(f"{match[1] or ''} {noun} {hour} {minutes}".split())


def _compound(match: re.Match[str]) -> str:
    """Dziesięcioletni, stumetrowy: a number written in one word with what follows it."""
    return f"{polish_prefix(int(match[1]))}{match[2]}"


def _century(match: re.Match[str]) -> str:
    """XX w.: dwudziestego wieku, after w: dwudziestym wieku."""
    before = match.string[: match.start()].split()[-1:]
    locative = bool(before) and before[0].lower() in ("w", "we", "po", "o")
    case = "locative" if locative else "genitive"
    return f"{polish_ordinal(roman_value(match[1]), case)} wieku{stop_after(match)}"


def _centuries(match: re.Match[str]) -> str:
    """W XIX i XX wieku: both are ordinals in the same case."""
    inside = word_before(match).lower() in ("w", "we", "po", "o")
    case = "locative" if inside else "genitive"
    first, last = (polish_ordinal(roman_value(letters), case) for letters in match.group(1, 3))
    return f"{first} {match[2]} {last} {match[4]}"


def _first_of_span(match: re.Match[str]) -> str:
    return polish_ordinal(int(match[1]), "genitive")


def _after_year(match: re.Match[str]) -> str:
    case = {"rok": "m", "roku": "genitive"}[match[1]]
    return f"{match[1]} {polish_ordinal(int(match[2]), case)}"


def _dotted(number: int, before: tuple[str, ...], after: str) -> str | None:
    if not after[:1].islower():
        return None
    return polish_ordinal(number, _case(before, after))


def _case(before: tuple[str, ...], after: str) -> str:
    """The form of an ordinal before a noun, by the noun's last letter and the preposition."""
    feminine = after.endswith(("a", "ie", "ji")) and not after.endswith("isie")
    if after.endswith(("ę", "ą")):
        return "f accusative"  # the instrumental is the same
    if before and before[-1] in _LOCATIVE:
        return "f locative" if feminine else "locative"
    return "f" if after.endswith("a") else "n" if after.endswith(("o", "e", "um")) else "m"


def _roman(numeral: RomanNumeral) -> str | None:
    before = numeral.before[-1] if numeral.before else ""
    if numeral.after in ("wiek", "wieku"):
        case = "locative" if before.lower() in ("w", "we") else "genitive"
        return polish_ordinal(numeral.value, "m" if numeral.after == "wiek" else case)
    if before in _RULERS:
        return polish_ordinal(numeral.value, _RULERS[before]).title()
    if numeral.after.lower().startswith(_ORDERED):
        words = tuple(word.lower() for word in numeral.before[-2:])
        genitive = numeral.after.endswith(("y", "ji", "ej"))  # drugiej wojny
        case = "f locative" if genitive else _case(words, numeral.after)
        return polish_ordinal(numeral.value, case)
    several = len(numeral.letters) > 1 and set(numeral.letters) <= set("IVX")
    return str(numeral.value) if several else None


def _fraction(top: int, bottom: int) -> str:
    name = polish_ordinal(bottom, "f")
    if top > 1:
        name = name[:-1] + ("ie" if name.endswith("ga") else "e")
        if polish_form(top) == 2:
            name = polish_ordinal(bottom, "m") + "ch"
    return f"{polish(top, 'f')} {name}"


POLISH = Words(
    point=",",
    group=" ",
    spaced_groups=True,
    digits=tuple("zero jeden dwa trzy cztery pięć sześć siedem osiem dziewięć".split()),
    numerals=Numerals(cardinal=polish_in, pairs_after_point=True),
    plural=polish_form,
    after_scale=2,
    after_fraction=3,
    feminine=frozenset(
        "tona mila uncja godzina minuta sekunda milisekunda kilowatogodzina korona rupia".split()
    ),
    gender_before=endings.polish,
    cases=POLISH_CASES,
    point_word="przecinek",
    dot="kropka",
    to="—",
    ratio="do",
    by="na",
    times="razy",
    of=lambda noun: noun,
    units=spelled({
        "mm²": paired(prefixed("mili", _METRE), _SQUARE),
        "cm²": paired(prefixed("centy", _METRE), _SQUARE), "m²": paired(_METRE, _SQUARE),
        "km²": paired(prefixed("kilo", _METRE), _SQUARE), "m³": paired(_METRE, _CUBIC),
        "km/h": joined(prefixed("kilo", _METRE), "na godzinę"),
        "mph": joined("mila/mile/mil/mili", "na godzinę"), "m/s": joined(_METRE, "na sekundę"),
        "km": prefixed("kilo", _METRE), "m": _METRE, "cm": prefixed("centy", _METRE),
        "mm": prefixed("mili", _METRE), "ft": "stopa/stopy/stóp/stopy",
        "in": "cal/cale/cali/cala", "mi": "mila/mile/mil/mili", "kg": prefixed("kilo", _GRAM),
        "g": _GRAM, "dag": prefixed("deka", _GRAM), "mg": prefixed("mili", _GRAM),
        "t": "tona/tony/ton/tony", "lb": "funt/funty/funtów/funta",
        "oz": "uncja/uncje/uncji/uncji", "l": _LITRE, "ml": prefixed("mili", _LITRE),
        "ha": "hektar/hektary/hektarów/hektara", "h": "godzina/godziny/godzin/godziny",
        "min": "minuta/minuty/minut/minuty", "s": "sekunda/sekundy/sekund/sekundy",
        "ms": "milisekunda/milisekundy/milisekund/milisekundy", "W": _WATT,
        "kW": prefixed("kilo", _WATT), "MW": prefixed("mega", _WATT),
        "V": "wolt/wolty/woltów/wolta",
        "A": "amper/ampery/amperów/ampera", "Hz": _HERTZ, "kHz": prefixed("kilo", _HERTZ),
        "kWh": "kilowatogodzina/kilowatogodziny/kilowatogodzin/kilowatogodziny",
        "MHz": prefixed("mega", _HERTZ), "GHz": prefixed("giga", _HERTZ),
        "dB": "decybel/decybele/decybeli/decybela", "kB": prefixed("kilo", _BYTE),
        "MB": prefixed("mega", _BYTE), "GB": prefixed("giga", _BYTE), "TB": prefixed("tera", _BYTE),
        "°C": joined(_DEGREE, "Celsjusza"), "°F": joined(_DEGREE, "Fahrenheita"), "°": _DEGREE,
    }, {"h": "godz. godz", "min": "min.", "s": "sek. sek"}),
    money={
        "zł": f"{_ZLOTY}|{_GROSZ}", "PLN": f"{_ZLOTY}|{_GROSZ}", "$": f"{_DOLLAR}|{_CENT}",
        "US$": f"{_DOLLAR}|{_CENT}", "US $": f"{_DOLLAR}|{_CENT}", "USD": f"{_DOLLAR}|{_CENT}",
        "€": f"euro|{_CENT}", "EUR": f"euro|{_CENT}",
        "£": "funt/funty/funtów/funta|pens/pensy/pensów",
        "GBP": "funt/funty/funtów/funta|pens/pensy/pensów", "R$": "real/reale/reali/reala",
        "¥": "jen/jeny/jenów/jena", "JPY": "jen/jeny/jenów/jena",
        "CHF": "frank/franki/franków/franka", "₹": "rupia/rupie/rupii/rupii",
        "₽": "rubel/ruble/rubli/rubla", "Kč": "korona/korony/koron/korony",
    },
    cents="",
    height_joint="",
    scales={
        **dict.fromkeys("tysiąc tysiące tysięcy tys. tys k K".split(), _THOUSAND),
        **dict.fromkeys("milion miliony milionów miliona mln mln. M".split(), _MILLION),
        **dict.fromkeys("miliard miliardy miliardów miliarda mld mld. bn B".split(), _BILLION),
        **dict.fromkeys("bilion biliony bilionów bln".split(), _TRILLION),
    },
    bare_scales=frozenset("tys. tys mln mln. mld mld. bln k M bn".split()),
    percent="procent/procent/procent/procenta",
    per="na",
    and_="i",
    half="jedna druga",
    mixed_half="i pół",
    fraction=_fraction,
    part_of=lambda unit: unit,
    half_of=lambda unit: f"pół {unit}",
    months=_MONTHS,
    month_abbreviations={"stycz.": 1, "lut.": 2, "mar.": 3, "kwiet.": 4, "czerw.": 6, "sierp.": 8,
                         "wrzes.": 9, "paźdz.": 10, "listop.": 11, "grudz.": 12},
    day_first=True,
    date=_date,
    date_tail=r"(?: (?:roku|r\.))?",
    clock=_clock,
    clock_contexts=frozenset("o od do godz godzinie godziny około".split()),
    half_days=("rano", "po południu"),
    ordinal=lambda number, feminine: polish_ordinal(number, "f" if feminine else "m"),
    ordinal_signs=("", ""),
    dotted_ordinal=_dotted,
    roman=_roman,
    own=(
        (r"([12]\d{3}) (?:roku|r\.)", _with_year),
        (r"([IVX]{1,5}) w\.", _century),
        (r"([IVX]{1,5}) (i|lub|oraz) ([IVX]{1,5}) (wieku|wiekach|wieków)", _centuries),
        (r"([IVX]{1,5})-?(wieczn[a-ząćęłńóśźż]*)",
         lambda match: f"{polish_prefix(roman_value(match[1]))}{match[2]}"),
        (r"str\.(?= \d)", lambda match: _PAGES.get(word_before(match).lower())),
        (r"(?<!\w)ul\.", lambda match: "ulicy" if word_before(match) in _BEFORE_STREETS else None),
        (r"(roku?) ([12]\d{3})", _after_year),
        (rf"(?<=[dD] )([1-9]|[12]\d|3[01])(?= do \d\d? (?:{'|'.join(_MONTHS)}))", _first_of_span),
        (r"(?<=[dD] )([12]\d{3})(?= do [12]\d{3}(?: r|[.,;!?]|$))", _first_of_span),
        (r"([Ll]ata|[Ll]at|[Ll]atach|latom|latami) ([2-9]0)\.?(?= |[,;:!?)]|$)", _decade),
        (r"(?:([oO]|[pP]o|[oO]d|[dD]o|[pP]rzed|[oO]koło) )?godz\. ?([01]?\d|2[0-4])"
         r"(?:[.:]([0-5]\d))?", _hour),
        (r"([1-9]\d{0,2})[- ]?((?:letn|dniow|godzinn|minutow|sekundow|piętrow|metrow|kilometrow|"
         r"procentow|krotn|osobow|pokojow|stopniow|calow|tonow)[a-ząćęłńóśźż]*)", _compound),
    ),
    call_words=frozenset("telefon tel zadzwoń dzwonić numer faks".split()),
    code_words=frozenset("kod pin hasło konto".split()),
    symbols={
        "&": "i", "+": "plus", "=": "równa się", "@": "małpa", "#": "numer", "%": "procent",
        "±": "plus minus", "~": "około", "≈": "około", "<": "mniejsze niż", ">": "większe niż",
        "≤": "najwyżej", "≥": "co najmniej", "×": "razy", "÷": "podzielić przez",
        "§": "paragraf", "^": "do potęgi", "minus": "minus", "plus": "plus", "$": "dolarów",
        "€": "euro", "£": "funtów", "°": "stopni",
    },
    dash="myślnik",
    underscore="podkreślenie",
    slash="ukośnik",
    abbreviations={
        "np.": "na przykład", "tzn.": "to znaczy", "tj.": "to jest", "itd.": "i tak dalej",
        "itp.": "i tym podobne", "m.in.": "między innymi", "ok.": "około", "Ok.": "Około",
        "tzw.": "tak zwany",
        "ww.": "wyżej wymieniony", "dr": "doktor", "prof.": "profesor", "mgr": "magister",
        "inż.": "inżynier", "ul.": "ulica", "al.": "aleja", "pl.": "plac", "nr": "numer",
        "nº": "numer", "tel.": "telefon", "str.": "strona", "s.": "strona", "rozdz.": "rozdział",
        "art.": "artykuł", "św.": "święty", "zob.": "zobacz", "por.": "porównaj",
        "p.n.e.": "przed naszą erą", "n.e.": "naszej ery", "wg": "według", "max.": "maksymalnie",
    },
    numbered=frozenset({"s.", "str.", "art.", "rozdz.", "nº", "nr"}),
    closing=frozenset({"itd.", "itp.", "p.n.e.", "n.e."}),
)  # fmt: skip
