"""The words of German. Numbers are in words: its voices read no digits reliably."""

from __future__ import annotations

import re

from stslocal.text.spoken.cardinals.germanic import german, german_ordinal, german_year
from stslocal.text.spoken.cases import Cases
from stslocal.text.spoken.languages import endings, halves
from stslocal.text.spoken.languages.rulers import KINGS, QUEENS
from stslocal.text.spoken.languages.spellings import spelled
from stslocal.text.spoken.tokens import stop_after
from stslocal.text.spoken.words import Numerals, RomanNumeral, Words

_NOMINATIVE = frozenset("der die das diese dieser dieses jede jeder jedes".split())
_OTHER_CASES = frozenset(
    "am vom zum zur im beim ab bis seit nach vor dem den des einem einen einer eines ihrem ihren "
    "ihrer seinem seinen seiner meinem meinen meiner unserem unserer diesem diesen jedem jeden "
    "ins ans und oder".split()
)
_PREPOSITIONS = frozenset("in mit von bei nach seit zu aus an auf unter vor über während".split())
"""Before `der`, they make it a dative or genitive."""
_ORDERED = {
    **dict.fromkeys("Platz Rang Stock Tag Weltkrieg Akt Teil Preis Gang".split(), "er"),
    **dict.fromkeys("Jahrhundert Mal Kapitel Jahr Semester Quartal Spiel Tor".split(), "es"),
    **dict.fromkeys("Klasse Etage Liga Woche Bundesliga Auflage Stufe Runde".split(), "e"),
}
"""Nouns before which a number with a full stop is an ordinal, and its ending there."""
_KINGS = KINGS | frozenset("Heinrich Ludwigs Johannes Alexander Leopold Philipp Ferdinand".split())
_WEEKDAYS = {
    "Mo": "Montag", "Di": "Dienstag", "Mi": "Mittwoch", "Do": "Donnerstag", "Fr": "Freitag",
    "Sa": "Samstag", "So": "Sonntag",
}  # fmt: skip
_DAYS = "|".join(_WEEKDAYS)
_RULERS = _KINGS | QUEENS
_DATIVE = frozenset("mit von bei nach seit zu aus unter vom zum".split())
_NUMBERED = frozenset("kapitel band teil akt szene artikel typ phase klasse stufe anhang".split())
_FEMININE = frozenset(
    "Stunde Minute Sekunde Millisekunde Tonne Meile Unze Gallone Kilowattstunde Rupie Krone "
    "Million Milliarde Billion Woche".split()
)
_NEUTER = frozenset("Pfund Kilo Gramm Milligramm Prozent Byte Kilobyte Megabyte Grad".split())


def _ending(before: str) -> str:
    return "e" if before in _NOMINATIVE else "en" if before in _OTHER_CASES else "er"


def _date(day: int, month: str, year: str, before: str) -> str:
    return f"{german_ordinal(day, _ending(before))} {month} {year}".rstrip()


def _clock(hours: int, minutes: int, before: str) -> str:
    name = "ein" if hours == 1 else str(hours)
    return f"{name} Uhr {minutes}" if minutes else f"{name} Uhr"


def _dotted(number: int, before: tuple[str, ...], after: str) -> str | None:
    last = before[-1] if before else ""
    if last in ("und", "oder", "bis") and after in _ORDERED:
        return german_ordinal(number, "en" if _ORDERED[after] == "es" else "e")
    if last in _NOMINATIVE:
        dative = last == "der" and len(before) > 1 and before[-2] in _PREPOSITIONS
        return german_ordinal(number, "en" if dative else "e")
    if last in _OTHER_CASES:
        return german_ordinal(number, "en")
    if after not in _ORDERED:
        return None
    return german_ordinal(number, "en" if last.endswith("en") else _ORDERED[after])


def _article(before: tuple[str, ...], queen: bool) -> str:
    """The article of an ordinal behind a ruler's name, by the word before the name."""
    for word in reversed(before[:-1]):
        if word.lower() in ("dem", *_DATIVE):
            return "der" if queen else "dem"
        if word.lower() in ("den", "für", "gegen", "durch", "ohne", "um"):
            return "die" if queen else "den"
        if word.lower() == "des":
            return "der" if queen else "des"
        if word[:1].islower():
            break  # the titles before a name have capitals
    return "die" if queen else "der"


def _roman(numeral: RomanNumeral) -> str | None:
    before = numeral.before[-1] if numeral.before else ""
    if numeral.after in ("Jahrhundert", "Jahrhunderts") and numeral.suffix:
        return german_ordinal(numeral.value, "e" if before == "das" else "en")
    ruler = before if before in _RULERS else before.removesuffix("s")
    if ruler in _RULERS and (numeral.suffix or len(numeral.letters) > 1):
        article = "des" if ruler != before else _article(numeral.before, ruler in QUEENS)
        if article == "des" and ruler in QUEENS:
            article = "der"
        nominative = article in ("der", "die") and ruler == before
        weak = nominative and not (article == "der" and ruler in QUEENS)
        return f"{article} {german_ordinal(numeral.value, 'e' if weak else 'en').capitalize()}"
    if numeral.suffix:
        ordered = len(numeral.letters) > 1 and numeral.after in _ORDERED
        words = tuple(word.lower() for word in numeral.before[-2:])
        return _dotted(numeral.value, words, numeral.after) if ordered else None
    if before.lower() in _NUMBERED or before.endswith("krieg"):
        return str(numeral.value)
    several = len(numeral.letters) > 1 and set(numeral.letters) <= set("IVX")
    return str(numeral.value) if several and before[:1].isupper() else None


def _days(match: re.Match[str]) -> str:
    """Mo.-Fr.: from one weekday to another."""
    return f"{_WEEKDAYS[match[1]]} bis {_WEEKDAYS[match[2]]}"


def _fraction(top: int, bottom: int) -> str:
    name = "Hundertstel" if bottom == 100 else german_ordinal(bottom, "el").capitalize()
    return f"{german(top, 'n')} {name}"


def _half(unit: str) -> str:
    first = unit.partition(" ")[0]
    if first in _FEMININE:
        return f"eine halbe {unit}"
    return f"ein halbes {unit}" if first in _NEUTER else f"ein halber {unit}"


_CASES = Cases(
    by_word=dict.fromkeys("mit nach von aus bei seit zu außer gegenüber".split(), "dative"),
    by_ending=dict.fromkeys(
        ("in", "vor"),
        ((("stunde", "minute", "sekunde", "woche", "monat", "jahr", "tag"), "dative"),),
    ),
    feminine={"dative": tuple(ending.lower() for ending in endings.GERMAN_FEMININE)},
    is_one=lambda number: number == 1,
    forms_of_one={"dative": 0},
    only_one=True,
)

GERMAN = Words(
    point=",",
    group=".",
    spaced_groups=True,
    digits=tuple("null eins zwei drei vier fünf sechs sieben acht neun".split()),
    numerals=Numerals(cardinal=german, year=german_year),
    feminine=_FEMININE,
    gender_before=endings.german,
    cases=_CASES,
    capital_nouns=True,
    point_word="Komma",
    dot="Punkt",
    to="bis",
    ratio="zu",
    by="mal",
    times="mal",
    of=lambda noun: noun,
    units=spelled({
        "mm²": "Quadratmillimeter", "cm²": "Quadratzentimeter", "m²": "Quadratmeter",
        "km²": "Quadratkilometer", "m³": "Kubikmeter", "cm³": "Kubikzentimeter",
        "°N": "Grad Nord", "°S": "Grad Süd", "°E": "Grad Ost", "°O": "Grad Ost", "°W": "Grad West",
        "km/h": "Kilometer pro Stunde", "mph": "Meile pro Stunde/Meilen pro Stunde",
        "m/s": "Meter pro Sekunde", "km": "Kilometer", "m": "Meter", "cm": "Zentimeter",
        "mm": "Millimeter", "ft": "Fuß", "in": "Zoll", "yd": "Yard/Yards", "mi": "Meile/Meilen",
        "kg": "Kilo", "g": "Gramm", "mg": "Milligramm", "t": "Tonne/Tonnen", "lb": "Pfund",
        "oz": "Unze/Unzen", "l": "Liter", "ml": "Milliliter", "cl": "Zentiliter",
        "ha": "Hektar", "h": "Stunde/Stunden", "min": "Minute/Minuten", "s": "Sekunde/Sekunden",
        "ms": "Millisekunde/Millisekunden", "kWh": "Kilowattstunde/Kilowattstunden",
        "kW": "Kilowatt", "MW": "Megawatt", "W": "Watt", "V": "Volt", "A": "Ampere", "Hz": "Hertz",
        "kHz": "Kilohertz", "MHz": "Megahertz", "GHz": "Gigahertz", "dB": "Dezibel", "PS": "PS",
        "kB": "Kilobyte", "MB": "Megabyte", "GB": "Gigabyte", "TB": "Terabyte",
        "°C": "Grad Celsius", "°F": "Grad Fahrenheit", "°": "Grad",
    }, {"h": "Std. Std", "min": "Min. Min min.", "s": "Sek. Sek sek", "km/h": "Stundenkilometer"}),
    money={
        "€": "Euro|Cent", "EUR": "Euro|Cent", "US$": "US-Dollar|Cent", "USD": "US-Dollar|Cent",
        "US $": "US-Dollar|Cent", "$": "Dollar|Cent", "£": "Pfund|Penny/Pence",
        "GBP": "Pfund|Penny/Pence", "R$": "Real|Centavo/Centavos", "¥": "Yen", "JPY": "Yen",
        "CHF": "Schweizer Franken|Rappen", "₹": "Rupie/Rupien", "₽": "Rubel", "Fr.": "Franken",
    },
    cents="und",
    height_joint="",
    scales={
        "tausend": "tausend", "Tausend": "Tausend", "Million": "Million/Millionen",
        "Millionen": "Million/Millionen", "Milliarde": "Milliarde/Milliarden",
        "Milliarden": "Milliarde/Milliarden", "Billion": "Billion/Billionen",
        "Billionen": "Billion/Billionen", "Mio.": "Million/Millionen", "Mio": "Million/Millionen",
        "Mrd.": "Milliarde/Milliarden", "Mrd": "Milliarde/Milliarden", "Tsd.": "tausend",
        "k": "tausend", "K": "tausend", "M": "Million/Millionen", "m": "Million/Millionen",
        "bn": "Milliarde/Milliarden", "B": "Milliarde/Milliarden",
    },
    bare_scales=frozenset("Mio. Mio Mrd. Mrd Tsd. k M bn".split()),
    percent="Prozent/Prozent",
    per="pro",
    and_="und",
    half="ein halb",
    mixed_half="einhalb",
    fraction=_fraction,
    part_of=lambda unit: unit,
    half_of=_half,
    halved=halves.german,
    months=tuple(
        "Januar Februar März April Mai Juni Juli August September Oktober November "
        "Dezember".split()
    ),
    month_abbreviations={
        "Jänner": 1, "Jan.": 1, "Feb.": 2, "Mrz.": 3, "Apr.": 4, "Jun.": 6, "Jul.": 7, "Aug.": 8,
        "Sep.": 9, "Sept.": 9, "Okt.": 10, "Nov.": 11, "Dez.": 12,
    },
    day_first=True,
    dotted_dates=True,
    date=_date,
    clock=_clock,
    clock_contexts=frozenset("um gegen ab bis".split()),
    clock_tail="(?: Uhr)?",
    clock_noun="Uhr",
    half_days=("morgens", "nachmittags"),
    ordinal=lambda number, _: german_ordinal(number),
    ordinal_signs=("", ""),
    dotted_ordinal=_dotted,
    roman=_roman,
    roman_suffixes=r"\.",
    own=((rf"({_DAYS})\.?[-—]({_DAYS})\.?", _days),
         (rf"({_DAYS})\.(?= \d\d?(?:[.:]\d\d)?(?:[-—]\d\d?(?:[.:]\d\d)?)? Uhr)",
          lambda match: _WEEKDAYS[match[1]]),
         (r"(?<=[vV]on )(\d\d?)\.([0-5]\d)(?= bis \d\d?(?:[.:]\d\d)? Uhr)",
          lambda match: _clock(int(match[1]), int(match[2]), "")),
         (r"(\d{1,3})\.(?=-[a-zäöü])", lambda match: german_ordinal(int(match[1]), "")),
         (r"([A-ZÄÖÜ][a-zäöüß]+)str\.", lambda match: f"{match[1]}straße{stop_after(match)}")),
    call_words=frozenset("anrufen rufen tel telefon nummer wähle wählen fax handy mobil".split()),
    code_words=frozenset("code pin plz postleitzahl passwort kennwort konto kundennummer".split()),
    symbols={
        "&": "und", "+": "plus", "=": "gleich", "@": "at", "#": "Nummer", "%": "Prozent",
        "±": "plus minus", "~": "ungefähr", "≈": "ungefähr", "<": "kleiner als",
        ">": "größer als", "≤": "höchstens", "≥": "mindestens", "×": "mal", "÷": "geteilt durch",
        "§": "Paragraf", "^": "hoch", "minus": "minus", "plus": "plus", "$": "Dollar",
        "€": "Euro", "£": "Pfund", "°": "Grad",
    },
    dash="Bindestrich",
    underscore="Unterstrich",
    slash="Schrägstrich",
    abbreviations={
        "z. B.": "zum Beispiel", "z.B.": "zum Beispiel", "d. h.": "das heißt", "d.h.": "das heißt",
        "u. a.": "unter anderem", "u.a.": "unter anderem", "usw.": "und so weiter",
        "etc.": "et cetera", "bzw.": "beziehungsweise", "ca.": "circa", "vgl.": "vergleiche",
        "evtl.": "eventuell", "ggf.": "gegebenenfalls", "inkl.": "inklusive",
        "exkl.": "exklusive", "max.": "maximal", "sog.": "sogenannte", "bspw.": "beispielsweise",
        "vs.": "gegen", "Dr.": "Doktor", "Prof.": "Professor", "Hr.": "Herr", "Fr.": "Frau",
        "Str.": "Straße", "Nr.": "Nummer", "nº": "Nummer", "Tel.": "Telefon", "tel.": "Telefon",
        "S.": "Seite", "Abs.": "Absatz", "Art.": "Artikel", "Kap.": "Kapitel", "Bd.": "Band",
        "Abb.": "Abbildung", "St.": "Sankt", "Jh.": "Jahrhundert", "Jr.": "Junior",
        "v. Chr.": "vor Christus", "n. Chr.": "nach Christus", "v.Chr.": "vor Christus",
        "n.Chr.": "nach Christus", "geb.": "geboren", "gest.": "gestorben",
        "i. d. R.": "in der Regel", "i.d.R.": "in der Regel", "o. Ä.": "oder Ähnliches",
        "zzgl.": "zuzüglich", "mind.": "mindestens", "Mr.": "Mister", "Mrs.": "Missis",
    },
    numbered=frozenset({"S.", "Abs.", "Art.", "Kap.", "Bd.", "Abb.", "nº"}),
    closing=frozenset({"usw.", "etc.", "Str.", "v. Chr.", "n. Chr.", "o. Ä.", "Jh."}),
)  # fmt: skip
