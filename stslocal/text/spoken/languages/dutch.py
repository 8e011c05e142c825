"""The words of Dutch. Numbers are in words: its voices read no digits reliably."""

from __future__ import annotations

from stslocal.text.spoken.cardinals.germanic import dutch, dutch_ordinal, dutch_year
from stslocal.text.spoken.languages.rulers import KINGS, QUEENS
from stslocal.text.spoken.languages.spellings import spelled
from stslocal.text.spoken.words import Numerals, RomanNumeral, Words

_NUMBERED = frozenset("hoofdstuk deel akte artikel type fase klasse bijlage boek".split())
_KINGS = KINGS | frozenset("Lodewijk Karel Filips Hendrik Johannes Paulus Frans Frederik".split())
_NEUTER = frozenset("uur pond jaar kilo kilogram procent".split())


def _date(day: int, month: str, year: str, before: str) -> str:
    return f"{day} {month} {year}".rstrip()


def _clock(hours: int, minutes: int, before: str) -> str:
    return f"{hours} uur {minutes}" if minutes else f"{hours} uur"


def _roman(numeral: RomanNumeral) -> str | None:
    before = numeral.before[-1] if numeral.before else ""
    if numeral.suffix and numeral.letters in "LCDM" and numeral.after != "eeuw":
        return None  # "De", "Me": words, no numerals
    if numeral.suffix or numeral.after == "eeuw":
        return dutch_ordinal(numeral.value)
    if before in _KINGS | QUEENS and len(numeral.letters) > 1:
        return f"de {dutch_ordinal(numeral.value)}"
    if before.lower() in _NUMBERED or before.endswith("oorlog"):
        return str(numeral.value)
    several = len(numeral.letters) > 1 and set(numeral.letters) <= set("IVX")
    return str(numeral.value) if several and before[:1].isupper() else None


def _fraction(top: int, bottom: int) -> str:
    name = {4: "kwart"}.get(bottom) or dutch_ordinal(bottom)
    return f"{dutch(top)} {name}"


def _half(unit: str) -> str:
    half = "half" if unit.partition(" ")[0] in _NEUTER else "halve"
    return f"een {half} {unit}"


DUTCH = Words(
    point=",",
    group=".",
    spaced_groups=True,
    digits=tuple("nul één twee drie vier vijf zes zeven acht negen".split()),
    numerals=Numerals(cardinal=dutch, year=dutch_year),
    point_word="komma",
    dot="punt",
    to="tot",
    ratio="tegen",
    by="bij",
    times="keer",
    of=lambda noun: noun,
    units=spelled({
        "mm²": "vierkante millimeter", "cm²": "vierkante centimeter", "m²": "vierkante meter",
        "km²": "vierkante kilometer", "m³": "kubieke meter", "cm³": "kubieke centimeter",
        "°N": "graad noord/graden noord", "°S": "graad zuid/graden zuid",
        "°E": "graad oost/graden oost", "°O": "graad oost/graden oost",
        "°W": "graad west/graden west",
        "km/h": "kilometer per uur", "mph": "mijl per uur", "m/s": "meter per seconde",
        "km": "kilometer", "m": "meter", "cm": "centimeter", "mm": "millimeter", "ft": "voet",
        "in": "inch", "yd": "yard", "mi": "mijl", "kg": "kilo", "g": "gram", "mg": "milligram",
        "t": "ton", "lb": "pond", "oz": "ons", "l": "liter", "ml": "milliliter",
        "cl": "centiliter", "ha": "hectare", "h": "uur", "min": "minuut/minuten",
        "s": "seconde/seconden", "ms": "milliseconde/milliseconden", "kWh": "kilowattuur",
        "kW": "kilowatt", "MW": "megawatt", "W": "watt", "V": "volt", "A": "ampère", "Hz": "hertz",
        "kHz": "kilohertz", "MHz": "megahertz", "GHz": "gigahertz", "dB": "decibel", "pk": "pk",
        "kB": "kilobyte", "MB": "megabyte", "GB": "gigabyte", "TB": "terabyte",
        "°C": "graad Celsius/graden Celsius", "°F": "graad Fahrenheit/graden Fahrenheit",
        "°": "graad/graden",
    }, {"h": "u.", "km/h": "km/u", "min": "min.", "s": "sec."}),
    money={
        "€": "euro|cent", "EUR": "euro|cent", "US$": "Amerikaanse dollar|cent",
        "USD": "Amerikaanse dollar|cent", "US $": "Amerikaanse dollar|cent", "$": "dollar|cent",
        "£": "pond|penny/pence", "GBP": "pond|penny/pence", "R$": "real|centavo/centavo's",
        "¥": "yen", "JPY": "yen", "CHF": "Zwitserse frank", "₹": "roepie", "₽": "roebel",
        "ƒ": "gulden|cent",
    },
    cents="en",
    height_joint="",
    scales={
        "duizend": "duizend", "miljoen": "miljoen", "miljard": "miljard", "biljoen": "biljoen",
        "mln.": "miljoen", "mln": "miljoen", "mld.": "miljard", "mld": "miljard", "mrd.": "miljard",
        "mrd": "miljard", "k": "duizend", "K": "duizend", "M": "miljoen", "m": "miljoen",
        "bn": "miljard", "B": "miljard",
    },
    bare_scales=frozenset("mln. mln mld. mld mrd. mrd k M bn".split()),
    percent="procent",
    per="per",
    and_="en",
    half="een half",
    mixed_half="en een half",
    fraction=_fraction,
    part_of=lambda unit: unit,
    half_of=_half,
    months=tuple(
        "januari februari maart april mei juni juli augustus september oktober november "
        "december".split()
    ),
    month_abbreviations={
        "jan.": 1, "feb.": 2, "febr.": 2, "mrt.": 3, "apr.": 4, "jun.": 6, "jul.": 7, "aug.": 8,
        "sep.": 9, "sept.": 9, "okt.": 10, "nov.": 11, "dec.": 12,
    },
    day_first=True,
    date=_date,
    clock=_clock,
    clock_contexts=frozenset("om van rond tot vanaf".split()),
    clock_tail="(?: uur| u)?",
    clock_noun="(?:uur|u)",
    half_days=("'s ochtends", "'s middags"),
    ordinal=lambda number, _: dutch_ordinal(number),
    ordinal_signs=("ste|de|e", "(?!)"),
    roman=_roman,
    roman_suffixes="e|de|ste",
    call_words=frozenset("bel bellen tel telefoon nummer fax mobiel telefoonnummer".split()),
    code_words=frozenset("code pincode postcode wachtwoord rekening rekeningnummer".split()),
    symbols={
        "&": "en", "+": "plus", "=": "is gelijk aan", "@": "apenstaartje", "#": "nummer",
        "%": "procent", "±": "plus of min", "~": "ongeveer", "≈": "ongeveer",
        "<": "kleiner dan", ">": "groter dan", "≤": "hoogstens", "≥": "minstens", "×": "keer",
        "÷": "gedeeld door", "§": "paragraaf", "^": "tot de macht", "minus": "min",
        "plus": "plus", "$": "dollar", "€": "euro", "£": "pond", "°": "graden",
    },
    dash="streepje",
    underscore="liggend streepje",
    slash="schuine streep",
    abbreviations={
        "bijv.": "bijvoorbeeld", "bv.": "bijvoorbeeld", "d.w.z.": "dat wil zeggen",
        "o.a.": "onder andere", "enz.": "enzovoort", "etc.": "et cetera", "ca.": "circa",
        "vgl.": "vergelijk", "evt.": "eventueel", "incl.": "inclusief", "excl.": "exclusief",
        "max.": "maximaal", "min.": "minimaal", "nl.": "namelijk", "a.u.b.": "alstublieft",
        "m.b.t.": "met betrekking tot", "t/m": "tot en met", "i.p.v.": "in plaats van",
        "m.a.w.": "met andere woorden", "z.o.z.": "zie ommezijde", "vs.": "tegen",
        "dr.": "doctor", "Dr.": "Doctor", "prof.": "professor", "Prof.": "Professor",
        "dhr.": "de heer", "Dhr.": "De heer", "mevr.": "mevrouw", "mw.": "mevrouw",
        "Mw.": "Mevrouw", "Mevr.": "Mevrouw", "ir.": "ingenieur", "drs.": "doctorandus",
        "str.": "straat", "nr.": "nummer", "Nr.": "Nummer", "nº": "nummer", "tel.": "telefoon",
        "Tel.": "Telefoon", "blz.": "bladzijde", "p.": "pagina", "art.": "artikel",
        "hfst.": "hoofdstuk", "St.": "Sint", "v.Chr.": "voor Christus", "n.Chr.": "na Christus",
        "v. Chr.": "voor Christus", "n. Chr.": "na Christus", "jr.": "junior", "Jr.": "Junior",
    },
    numbered=frozenset({"p.", "blz.", "art.", "hfst.", "nº", "min."}),
    closing=frozenset({"enz.", "etc.", "a.u.b.", "str.", "v.Chr.", "n.Chr.", "v. Chr."}),
)  # fmt: skip
