"""The words of French."""

from __future__ import annotations

import re

from stslocal.text.spoken.languages import halves, romance_genders
from stslocal.text.spoken.languages.romance import PRONOUNCED, fractions, letters_only, rulers
from stslocal.text.spoken.tokens import stop_after, word_before
from stslocal.text.spoken.words import RomanNumeral, Words

_ORDINALS = (
    "premier deuxième troisième quatrième cinquième sixième septième huitième neuvième dixième "
    "onzième douzième treizième quatorzième quinzième seizième dix-septième dix-huitième "
    "dix-neuvième vingtième"
).split()
_COUNTS = "zéro un deux trois quatre cinq six sept huit neuf".split()
_TENS = {20: "vingt", 30: "trente", 40: "quarante", 50: "cinquante", 60: "soixante"}
_NUMBERED = frozenset(
    "chapitre volume partie acte scène article tome livre type phase classe titre annexe groupe "
    "guerre".split()
)
_FEMININE_NOUNS = ("guerre", "république", "partie", "fois")
_VOWELS = "aeiouyéèêh"


def _ordinal(number: int, feminine: bool) -> str:
    """In words: espeak-ng reads "19e" as a number and a letter."""
    if number == 1:
        return "première" if feminine else "premier"
    if number <= len(_ORDINALS):
        return _ORDINALS[number - 1]
    if number >= 100:
        count = number // 100
        hundreds = "cent" if count == 1 else f"{_COUNTS[count]} cent"
        rest = number % 100
        last = "unième" if rest == 1 else _ordinal(rest, False) if rest else ""
        return f"{hundreds} {last}" if rest else f"{hundreds}ième"
    tens, ones = number // 10 * 10, number % 10
    if tens in (70, 90):
        tens, ones = tens - 10, ones + 10
    name = "quatre-vingt" if tens == 80 else _TENS[tens]
    if ones == 0:
        return f"{name.removesuffix('e')}ième"
    unit = "unième" if ones == 1 else _ORDINALS[ones - 1]
    return f"{name}{' et ' if ones in (1, 11) and tens != 80 else '-'}{unit}"


def _date(day: int, month: str, year: str, before: str) -> str:
    name = "premier" if day == 1 else str(day)
    return f"{name} {month}" + (f" {year}" if year else "")


def _clock(hours: int, minutes: int, before: str) -> str:
    name = {1: "une heure", 21: "vingt et une heures"}.get(hours, f"{hours} heures")
    return f"{name} {minutes}" if minutes else name


def _roman(numeral: RomanNumeral) -> str | None:
    before = numeral.before[-1].lower() if numeral.before else ""
    after = numeral.after.lower()
    if numeral.suffix and not _has_its_suffix(numeral):
        return None
    if after in ("siècle", "siècles", "s"):
        return _ordinal(numeral.value, False)
    if after in _FEMININE_NOUNS:
        return _ordinal(numeral.value, True)
    ruler = rulers(numeral)
    if ruler or (numeral.suffix and numeral.before and numeral.before[-1][:1].isupper()):
        if numeral.value == 1:
            return _ordinal(1, ruler == "queen" or numeral.suffix in ("re", "ère"))
        return str(numeral.value)
    if numeral.suffix:
        return _ordinal(numeral.value, numeral.suffix in ("re", "ère"))
    if before == "siècle":
        return _ordinal(numeral.value, False)
    return letters_only(numeral, _NUMBERED)


def _century(match: re.Match[str]) -> str | None:
    """XIXe s.: the abbreviation of siècle."""
    numbered = re.fullmatch("[IVXL]+(?:er|e)", word_before(match))
    return f"siècle{stop_after(match)}" if numbered else None


def _has_its_suffix(numeral: RomanNumeral) -> bool:
    """Whether the letters are a numeral with its suffix (Ier, Ve) and no word (Le, Mer)."""
    if numeral.letters == "I":
        return numeral.suffix in ("er", "re", "ère")
    return numeral.suffix in ("e", "ème", "ᵉ") and numeral.letters not in ("L", "C", "D", "M")


def _of(noun: str) -> str:
    return f"d'{noun}" if noun[0] in _VOWELS else f"de {noun}"


def _half(unit: str) -> str:
    feminine = unit.split()[0] in ("heure", "livre", "tonne", "once")
    return f"une demi-{unit}" if feminine else f"un demi-{unit}"


FRENCH = Words(
    point=",",
    group=".",
    spaced_groups=True,
    digits=tuple(_COUNTS),
    small={"1": ("un", "une")},
    feminine=frozenset("heure minute seconde livre tonne once roupie".split()),
    gender_before=romance_genders.french,
    point_word="virgule",
    dot="point",
    to="à",
    by="par",
    times="fois",
    of=_of,
    units={
        "mm²": "millimètre carré/millimètres carrés",
        "°N": "degré nord/degrés nord", "°S": "degré sud/degrés sud",
        "°E": "degré est/degrés est", "°O": "degré ouest/degrés ouest",
        "°W": "degré ouest/degrés ouest", "° N": "degré nord/degrés nord",
        "° S": "degré sud/degrés sud", "° E": "degré est/degrés est",
        "° O": "degré ouest/degrés ouest", "° W": "degré ouest/degrés ouest",
        "km/h": "kilomètre-heure/kilomètres-heure", "mph": "mille à l'heure/milles à l'heure",
        "m/s": "mètre par seconde/mètres par seconde",
        "km²": "kilomètre carré/kilomètres carrés", "m²": "mètre carré/mètres carrés",
        "cm²": "centimètre carré/centimètres carrés", "m³": "mètre cube/mètres cubes",
        "km": "kilomètre/kilomètres", "m": "mètre/mètres", "cm": "centimètre/centimètres",
        "mm": "millimètre/millimètres", "ft": "pied/pieds", "in": "pouce/pouces",
        "yd": "yard/yards", "kg": "kilo/kilos", "g": "gramme/grammes",
        "mg": "milligramme/milligrammes", "t": "tonne/tonnes", "lb": "livre/livres",
        "lbs": "livre/livres", "oz": "once/onces", "l": "litre/litres", "L": "litre/litres",
        "ml": "millilitre/millilitres", "mL": "millilitre/millilitres",
        "cl": "centilitre/centilitres", "ha": "hectare/hectares", "h": "heure/heures",
        "hr": "heure/heures", "hrs": "heure/heures", "min": "minute/minutes",
        "mn": "minute/minutes", "min.": "minute/minutes", "s": "seconde/secondes",
        "sec": "seconde/secondes", "ms": "milliseconde/millisecondes",
        "kWh": "kilowattheure/kilowattheures", "kW": "kilowatt/kilowatts",
        "MW": "mégawatt/mégawatts", "W": "watt/watts", "V": "volt/volts", "A": "ampère/ampères",
        "Hz": "hertz/hertz", "kHz": "kilohertz/kilohertz", "MHz": "mégahertz/mégahertz",
        "GHz": "gigahertz/gigahertz", "dB": "décibel/décibels", "Ko": "kilooctet/kilooctets",
        "Mo": "mégaoctet/mégaoctets", "Go": "gigaoctet/gigaoctets", "KB": "kilooctet/kilooctets",
        "MB": "mégaoctet/mégaoctets", "GB": "gigaoctet/gigaoctets", "TB": "téraoctet/téraoctets",
        "°C": "degré Celsius/degrés Celsius", "°F": "degré Fahrenheit/degrés Fahrenheit",
        "º C": "degré Celsius/degrés Celsius",
        "° C": "degré Celsius/degrés Celsius", "ºC": "degré Celsius/degrés Celsius",
        "°": "degré/degrés",
    },
    money={
        "R$": "réal/réaux|centavo/centavos", "BRL": "réal/réaux|centavo/centavos",
        "US$": "dollar/dollars|cent/cents",
        "US $": "dollar/dollars|cent/cents", "USD": "dollar/dollars|cent/cents",
        "$": "dollar/dollars|cent/cents", "€": "euro/euros|centime/centimes",
        "EUR": "euro/euros|centime/centimes", "£": "livre/livres|penny/pence",
        "GBP": "livre/livres|penny/pence", "¥": "yen/yens", "JPY": "yen/yens",
        "₹": "roupie/roupies", "CHF": "franc suisse/francs suisses|centime/centimes",
        "₽": "rouble/roubles",
    },
    cents="",
    height_joint="",
    scales={
        "mille": "mille/mille", "million": "million/millions", "millions": "million/millions",
        "milliard": "milliard/milliards", "milliards": "milliard/milliards",
        "k": "mille/mille", "K": "mille/mille", "M": "million/millions",
        "m": "million/millions", "Md": "milliard/milliards", "Mds": "milliard/milliards",
        "Mrd": "milliard/milliards", "bn": "milliard/milliards", "B": "milliard/milliards",
    },
    bare_scales=frozenset({"k", "M", "bn", "Md", "Mds", "Mrd"}),
    counted_scales=frozenset({"million", "millions", "milliard", "milliards"}),
    percent="pour cent",
    per="par",
    singular_below_two=True,
    and_="et",
    half="un demi",
    mixed_half="et demi",
    fraction=fractions(
        "tiers quart cinquième sixième septième huitième neuvième dixième",
        "un deux trois quatre cinq six sept huit neuf", 0, "", "s",
    ),
    part_of=_of,
    half_of=_half,
    halved=halves.french,
    months=tuple(
        "janvier février mars avril mai juin juillet août septembre octobre novembre "
        "décembre".split()
    ),
    day_first=True,
    date_contexts=frozenset("le".split()),
    date=_date,
    clock=_clock,
    bare_hours=True,
    half_days=("du matin", "de l'après-midi"),
    ordinal=_ordinal,
    ordinal_signs=("er|ers|e|es|ème|èmes|eme|d|º|°|ᵉ", "re|res|ère|ères|nde|ª"),
    roman=_roman,
    own=(
        (r"s\.", _century),
        (r"M\.(?= (?:l[ea] |l'))", lambda match: "Monsieur"),
        (r"24 ?h/24", lambda match: "vingt-quatre heures sur vingt-quatre"),
        (r"7 ?j/7", lambda match: "sept jours sur sept"),
    ),
    pronounced=PRONOUNCED,
    roman_suffixes="er|re|ère|e|ème|ᵉ",
    call_words=frozenset(
        "appelez appelle appeler téléphone tél tel composez mobile whatsapp".split()
    ),
    telephone_pairs=True,
    code_words=frozenset("code pin compte".split()),
    symbols={
        "&": "et", "+": "plus", "=": "égale", "@": "arobase", "#": "numéro", "%": "pour cent",
        "±": "plus ou moins", "~": "environ", "≈": "environ", "<": "inférieur à",
        ">": "supérieur à", "≤": "au plus", "≥": "au moins", "×": "fois", "÷": "divisé par",
        "§": "paragraphe", "^": "puissance", "minus": "moins", "plus": "plus",
        "$": "dollars", "€": "euros",
        "°": "degrés",
    },
    dash="tiret",
    underscore="tiret bas",
    slash="barre oblique",
    abbreviations={
        "J.-C.": "Jésus-Christ", "M.": "Monsieur", "M. et Mme": "Monsieur et Madame",
        "MM.": "Messieurs",
        "Mme": "Madame", "Mmes": "Mesdames",
        "Mlle": "Mademoiselle", "Dr": "Docteur", "Dr.": "Docteur", "Pr": "Professeur",
        "nº": "numéro", "n°": "numéro", "No.": "numéro", "N°": "numéro",
        "av. J.-C.": "avant Jésus-Christ", "apr. J.-C.": "après Jésus-Christ",
        "p. ex.": "par exemple", "env.": "environ", "St": "Saint", "Ste": "Sainte",
        "St.": "Saint", "vs.": "contre", "vs": "contre", "etc.": "et cetera", "p.": "page",
        "av.": "avenue", "bd": "boulevard", "tél.": "téléphone", "art.": "article",
        "chap.": "chapitre", "vol.": "volume", "Jr.": "Junior", "Cie": "Compagnie",
    },
    numbered=frozenset({"No.", "p.", "art.", "vol.", "chap."}),
    closing=frozenset({"etc.", "av. J.-C.", "apr. J.-C."}),
)  # fmt: skip
