"""The words of Czech. Numbers are in words, with their gender, and dates in the genitive."""

from __future__ import annotations

import re

from stslocal.text.spoken.cardinals.slavic import czech, czech_form, czech_ordinal, czech_year
from stslocal.text.spoken.cardinals.slavic_cases import czech_in
from stslocal.text.spoken.languages import endings
from stslocal.text.spoken.languages.rulers import KINGS, QUEENS
from stslocal.text.spoken.languages.slavic_cases import CZECH_CASES
from stslocal.text.spoken.languages.slavic_rulers import CZECH_RULERS
from stslocal.text.spoken.languages.spellings import joined, paired, prefixed, spelled
from stslocal.text.spoken.tokens import word_after, word_before, words_before
from stslocal.text.spoken.words import Numerals, RomanNumeral, Words

_METRE, _GRAM = "metr/metry/metrů/metru", "gram/gramy/gramů/gramu"
_LITRE, _WATT = "litr/litry/litrů/litru", "watt/watty/wattů/wattu"
_BYTE, _HERTZ = "bajt/bajty/bajtů/bajtu", "hertz/hertzy/hertzů/hertzu"
_SQUARE = "čtvereční/čtvereční/čtverečních/čtverečního"
_CUBIC = "krychlový/krychlové/krychlových/krychlového"
_DEGREE, _DOLLAR = "stupeň/stupně/stupňů/stupně", "dolar/dolary/dolarů/dolaru"
_CENT, _CROWN = "cent/centy/centů/centu", "koruna/koruny/korun/koruny"
_HALER = "haléř/haléře/haléřů/haléře"
_THOUSAND, _MILLION = "tisíc/tisíce/tisíc/tisíce", "milion/miliony/milionů/milionu"
_BILLION, _TRILLION = "miliarda/miliardy/miliard/miliardy", "bilion/biliony/bilionů/bilionu"
_LOCATIVE = frozenset("v ve na po při o".split())
_INSTRUMENTAL = frozenset("před mezi s nad pod za".split())
_DATIVE = frozenset("k ke ku proti kvůli díky vůči".split())
_DECADES = range(20, 100, 10)
_YEARS = {
    "letech": "plural genitive", "let": "plural genitive", "léta": "plural n",
    "lety": "plural instrumental",
    # Before another decade: v 80. a 90. letech.
    "a": "plural genitive", "až": "plural genitive",
}  # fmt: skip
_GENITIVE = frozenset("od do z ze bez během kolem podle".split())
_ON_STREETS = frozenset("v ve na po o".split())
_RULERS = {**dict.fromkeys(KINGS, "m"), **dict.fromkeys(QUEENS, "f"), **CZECH_RULERS}


_ADJECTIVES = {
    "ého": "genitive", "ému": "dative", "ém": "locative", "ým": "instrumental", "á": "f",
    "é": "n", "ý": "m",
}  # fmt: skip
"""By the ending of an adjective behind an ordinal: the form of the ordinal (druhé světové)."""


def _date(day: int, month: str, year: str, before: str) -> str:
    return f"{czech_ordinal(day, 'genitive')} {month} {year}".rstrip()


def _clock(hours: int, minutes: int, before: str) -> str:
    if minutes:
        return f"{hours} {minutes:02d}"
    return f"{czech(hours, 'f')} {'hodina/hodiny/hodin'.split('/')[czech_form(hours)]}"


def _decimal(whole: int, fraction: str) -> str:
    """Three whole five; the first digits of more than two places one by one."""
    name = "celá/celé/celých".split("/")[czech_form(whole)]
    zeros = len(fraction) - len(fraction.lstrip("0"))
    digits = len(fraction) > 2 or zeros
    said = " ".join(map(czech, map(int, fraction))) if digits else czech(int(fraction))
    return f"{czech(whole, 'f')} {name} {said}"


def _dotted(number: int, before: tuple[str, ...], after: str) -> str | None:
    if not after[:1].islower():
        return None
    last = before[-1] if before else ""
    adjective = next((form for end, form in _ADJECTIVES.items() if after.endswith(end)), None)
    if adjective:
        return czech_ordinal(number, adjective)
    if number in _DECADES and after in _YEARS:
        return czech_ordinal(number, _YEARS[after])
    if last in _INSTRUMENTAL:
        return czech_ordinal(number, f"{'f ' if after.endswith('ou') else ''}instrumental")
    if last in _DATIVE:
        return czech_ordinal(number, "f other" if after.endswith(("ě", "e")) else "dative")
    feminine = after.endswith("a") or (last in _LOCATIVE and after.endswith(("ě", "i", "e")))
    if last in _LOCATIVE:
        century = after in ("století", "místě", "patře", "kole")
        return czech_ordinal(number, "f other" if feminine and not century else "locative")
    if last in _GENITIVE or after in ("století", "ročníku", "roku"):
        return czech_ordinal(number, "genitive" if last else "n")
    return czech_ordinal(number, "f" if feminine else "n" if after.endswith(("o", "í")) else "m")


def _compound(match: re.Match[str]) -> str:
    """Desetiletý, stometrový: a number written in one word with what follows it."""
    number = int(match[1])
    prefix = "jedno" if number == 1 else "sto" if number == 100 else czech_in(number, "genitive")
    return f"{prefix.replace(' ', '')}{match[2]}"


def _span(match: re.Match[str]) -> str | None:
    """3.-5. místo: both are ordinals."""
    before, after = words_before(match).lower().split()[-1:], word_after(match)
    said = [_dotted(int(number), tuple(before), after) for number in match.groups()]
    return " až ".join(map(str, said)) if None not in said else None


def _roman(numeral: RomanNumeral) -> str | None:
    before = numeral.before[-1] if numeral.before else ""
    if numeral.after == "století" and numeral.suffix:
        return czech_ordinal(numeral.value, "locative" if before in ("v", "ve") else "genitive")
    if before in _RULERS and (numeral.suffix or len(numeral.letters) > 1):
        return czech_ordinal(numeral.value, _RULERS[before]).title()
    if numeral.suffix:
        words = tuple(word.lower() for word in numeral.before[-2:])
        return _dotted(numeral.value, words, numeral.after)
    several = len(numeral.letters) > 1 and set(numeral.letters) <= set("IVX")
    return str(numeral.value) if several else None


def _fraction(top: int, bottom: int) -> str:
    names = {3: "třetina/třetiny/třetin", 4: "čtvrtina/čtvrtiny/čtvrtin", 5: "pětina/pětiny/pětin",
             6: "šestina/šestiny/šestin", 7: "sedmina/sedminy/sedmin", 8: "osmina/osminy/osmin",
             9: "devítina/devítiny/devítin", 10: "desetina/desetiny/desetin",
             16: "šestnáctina/šestnáctiny/šestnáctin", 100: "setina/setiny/setin"}  # fmt: skip
    return f"{czech(top, 'f')} {names[bottom].split('/')[czech_form(top)]}"


CZECH = Words(
    point=",",
    group=" ",
    spaced_groups=True,
    digits=tuple("nula jedna dva tři čtyři pět šest sedm osm devět".split()),
    numerals=Numerals(cardinal=czech_in, year=czech_year, decimal=_decimal),
    plural=czech_form,
    after_scale=2,
    after_fraction=3,
    feminine=frozenset(
        "tuna míle unce libra hodina minuta sekunda milisekunda kilowatthodina koruna miliarda "
        "stopa rupie".split()
    ),
    neuter=frozenset({"procento", "euro"}),
    gender_before=endings.czech,
    cases=CZECH_CASES,
    point_word="čárka",
    dot="tečka",
    to="až",
    ratio="ku",
    by="krát",
    times="krát",
    of=lambda noun: noun,
    units=spelled({
        "mm²": paired(prefixed("mili", _METRE), _SQUARE),
        "cm²": paired(prefixed("centi", _METRE), _SQUARE), "m²": paired(_METRE, _SQUARE),
        "km²": paired(prefixed("kilo", _METRE), _SQUARE), "m³": paired(_METRE, _CUBIC),
        "km/h": joined(prefixed("kilo", _METRE), "za hodinu"),
        "mph": joined("míle/míle/mil/míle", "za hodinu"), "m/s": joined(_METRE, "za sekundu"),
        "km": prefixed("kilo", _METRE), "m": _METRE, "cm": prefixed("centi", _METRE),
        "mm": prefixed("mili", _METRE), "ft": "stopa/stopy/stop/stopy",
        "in": "palec/palce/palců/palce", "mi": "míle/míle/mil/míle",
        "kg": prefixed("kilo", _GRAM), "g": _GRAM, "dkg": prefixed("deka", _GRAM),
        "mg": prefixed("mili", _GRAM), "t": "tuna/tuny/tun/tuny", "lb": "libra/libry/liber/libry",
        "oz": "unce/unce/uncí/unce", "l": _LITRE, "dl": prefixed("deci", _LITRE),
        "ml": prefixed("mili", _LITRE), "ha": "hektar/hektary/hektarů/hektaru",
        "h": "hodina/hodiny/hodin/hodiny", "min": "minuta/minuty/minut/minuty",
        "s": "sekunda/sekundy/sekund/sekundy",
        "ms": "milisekunda/milisekundy/milisekund/milisekundy",
        "W": _WATT, "kW": prefixed("kilo", _WATT), "MW": prefixed("mega", _WATT),
        "kWh": "kilowatthodina/kilowatthodiny/kilowatthodin/kilowatthodiny",
        "V": "volt/volty/voltů/voltu", "A": "ampér/ampéry/ampérů/ampéru", "Hz": _HERTZ,
        "kHz": prefixed("kilo", _HERTZ), "MHz": prefixed("mega", _HERTZ),
        "GHz": prefixed("giga", _HERTZ), "dB": "decibel/decibely/decibelů/decibelu",
        "kB": prefixed("kilo", _BYTE), "MB": prefixed("mega", _BYTE), "GB": prefixed("giga", _BYTE),
        "TB": prefixed("tera", _BYTE), "°C": joined(_DEGREE, "Celsia"),
        "°F": joined(_DEGREE, "Fahrenheita"), "°": _DEGREE,
    }, {"h": "hod. hod", "min": "min.", "s": "sek. vteř."}),
    money={
        "Kč": f"{_CROWN}|{_HALER}", "CZK": f"{_CROWN}|{_HALER}", "$": f"{_DOLLAR}|{_CENT}",
        "US$": f"{_DOLLAR}|{_CENT}", "US $": f"{_DOLLAR}|{_CENT}", "USD": f"{_DOLLAR}|{_CENT}",
        "€": f"euro/eura/eur/eura|{_CENT}", "EUR": f"euro/eura/eur/eura|{_CENT}",
        "£": "libra/libry/liber/libry|pence/pence/pencí", "zł": "zlotý/zloté/zlotých/zlotého",
        "GBP": "libra/libry/liber/libry|pence/pence/pencí", "R$": "real/realy/realů/realu",
        "¥": "jen/jeny/jenů/jenu", "JPY": "jen/jeny/jenů/jenu", "CHF": "frank/franky/franků/franku",
        "₹": "rupie/rupie/rupií/rupie", "₽": "rubl/rubly/rublů/rublu",
    },
    cents="",
    height_joint="",
    scales={
        **dict.fromkeys("tisíc tisíce tis. k K".split(), _THOUSAND),
        **dict.fromkeys("milion miliony milionů milionu mil. mil M".split(), _MILLION),
        **dict.fromkeys("miliarda miliardy miliard mld. mld bn B".split(), _BILLION),
        **dict.fromkeys("bilion biliony bilionů bil.".split(), _TRILLION),
    },
    bare_scales=frozenset("tis. mil. mil mld. mld bil. k M bn".split()),
    percent="procento/procenta/procent/procenta",
    per="na",
    and_="a",
    half="jedna polovina",
    mixed_half="a půl",
    fraction=_fraction,
    part_of=lambda unit: unit,
    half_of=lambda unit: f"půl {unit}",
    months=tuple(
        "ledna února března dubna května června července srpna září října listopadu "
        "prosince".split()
    ),
    month_abbreviations={"led.": 1, "ún.": 2, "břez.": 3, "dub.": 4, "květ.": 5, "srp.": 8,
                         "říj.": 10, "list.": 11, "pros.": 12},
    day_first=True,
    dotted_dates=True,
    date=_date,
    clock=_clock,
    clock_contexts=frozenset("v ve od do kolem".split()),
    clock_noun="(?:hodin|hod\\.)",
    half_days=("ráno", "odpoledne"),
    ordinal=lambda number, feminine: czech_ordinal(number, "f" if feminine else "m"),
    ordinal_signs=("", ""),
    dotted_ordinal=_dotted,
    own=(
        (r"(?<!\w)ul\.", lambda match: "ulici" if word_before(match) in _ON_STREETS else None),
        (r"(\d{1,3})\.[—-](\d{1,3})\.", _span),
        (
            r"([1-9]\d{0,2})[-]?((?:let[ýáéí]|leto|denn|hodinov|minutov|metrov|kilometrov|procentn|"
            r"patrov|člen|místn|stupňov|kilov|palcov)[a-záčďéěíňóřšťúůýž]*)",
            _compound,
        ),
    ),
    roman=_roman,
    roman_suffixes=r"\.",
    call_words=frozenset("telefon tel volejte zavolejte číslo fax".split()),
    code_words=frozenset("kód pin psč heslo účet".split()),
    symbols={
        "&": "a", "+": "plus", "=": "rovná se", "@": "zavináč", "#": "číslo", "%": "procent",
        "±": "plus minus", "~": "asi", "≈": "asi", "<": "menší než", ">": "větší než",
        "≤": "nejvýše", "≥": "nejméně", "×": "krát", "÷": "děleno", "§": "paragraf",
        "^": "na", "minus": "minus", "plus": "plus", "$": "dolarů", "€": "eur", "£": "liber",
        "°": "stupňů",
    },
    dash="pomlčka",
    underscore="podtržítko",
    slash="lomítko",
    abbreviations={
        "např.": "například", "tj.": "to jest", "tzn.": "to znamená", "atd.": "a tak dále",
        "apod.": "a podobně", "aj.": "a jiné", "tzv.": "takzvaný", "popř.": "popřípadě",
        "resp.": "respektive", "cca": "cirka", "srov.": "srovnej", "viz": "viz",
        "Dr.": "doktor", "prof.": "profesor", "Ing.": "inženýr", "Mgr.": "magistr", "p.": "pan",
        "pí": "paní", "ul.": "ulice", "nám.": "náměstí", "č.": "číslo", "nº": "číslo",
        "tel.": "telefon", "str.": "strana", "s.": "strana", "kap.": "kapitola",
        "obr.": "obrázek", "stol.": "století", "sv.": "svatý", "př. n. l.": "před naším letopočtem",
        "n. l.": "našeho letopočtu", "max.": "maximálně", "min.": "minimálně",
    },
    numbered=frozenset({"s.", "str.", "kap.", "obr.", "nº", "č.", "min."}),
    closing=frozenset({"stol.", "atd.", "apod.", "aj.", "př. n. l.", "n. l."}),
)  # fmt: skip
