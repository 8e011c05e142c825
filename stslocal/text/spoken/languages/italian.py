"""The words of Italian."""

from __future__ import annotations

from stslocal.text.spoken.languages import halves, romance_genders
from stslocal.text.spoken.languages.romance import PRONOUNCED, fractions, letters_only, rulers
from stslocal.text.spoken.words import RomanNumeral, Words

_NUMBERED = frozenset(
    "capitolo volume atto articolo tomo libro tipo titolo allegato gruppo fase classe parte "
    "scena".split()
)
_FEMININE_NOUNS = frozenset("fase classe parte scena guerra repubblica".split())


def _ordinal(number: int, feminine: bool) -> str:
    return f"{number}{'ª' if feminine else 'º'}"


def _date(day: int, month: str, year: str, before: str) -> str:
    name = _ordinal(1, False) if day == 1 else str(day)
    return f"{name} {month}" + (f" {year}" if year else "")


def _clock(hours: int, minutes: int, before: str) -> str:
    name = "una" if hours == 1 else str(hours)
    return f"{name} e {minutes}" if minutes else name


def _roman(numeral: RomanNumeral) -> str | None:
    """All Roman numerals are ordinals."""
    before = numeral.before[-1].lower() if numeral.before else ""
    after = numeral.after.lower()
    if after in _FEMININE_NOUNS or before in _FEMININE_NOUNS:
        return _ordinal(numeral.value, True)
    ruler = rulers(numeral)
    if ruler or before in ("secolo", "sec") or after == "secolo":
        return _ordinal(numeral.value, ruler == "queen")
    said = letters_only(numeral, _NUMBERED)
    if said is None or numeral.value > 100:
        return said
    return _ordinal(numeral.value, False)


ITALIAN = Words(
    point=",",
    group=".",
    digits=tuple("zero uno due tre quattro cinque sei sette otto nove".split()),
    small={"1": ("un", "una")},
    feminine=frozenset("libbra oncia tonnellata ora iarda rupia sterlina".split()),
    gender_before=romance_genders.italian,
    point_word="virgola",
    dot="punto",
    to="a",
    by="per",
    times="per",
    of=lambda noun: f"di {noun}",
    units={
        "mm²": "millimetro quadrato/millimetri quadrati",
        "°N": "grado nord/gradi nord", "°S": "grado sud/gradi sud", "°E": "grado est/gradi est",
        "°O": "grado ovest/gradi ovest", "°W": "grado ovest/gradi ovest",
        "° N": "grado nord/gradi nord", "° S": "grado sud/gradi sud",
        "° E": "grado est/gradi est", "° O": "grado ovest/gradi ovest",
        "° W": "grado ovest/gradi ovest",
        "km/h": "chilometro all'ora/chilometri all'ora", "mph": "miglio all'ora/miglia all'ora",
        "m/s": "metro al secondo/metri al secondo",
        "km²": "chilometro quadrato/chilometri quadrati",
        "m²": "metro quadrato/metri quadrati", "mq": "metro quadrato/metri quadrati",
        "cm²": "centimetro quadrato/centimetri quadrati", "m³": "metro cubo/metri cubi",
        "km": "chilometro/chilometri", "m": "metro/metri", "cm": "centimetro/centimetri",
        "mm": "millimetro/millimetri", "ft": "piede/piedi", "in": "pollice/pollici",
        "miglio": "miglio/miglia", "yd": "iarda/iarde", "kg": "chilo/chili", "g": "grammo/grammi",
        "mg": "milligrammo/milligrammi", "t": "tonnellata/tonnellate", "lb": "libbra/libbre",
        "lbs": "libbra/libbre", "oz": "oncia/once", "l": "litro/litri", "L": "litro/litri",
        "ml": "millilitro/millilitri", "mL": "millilitro/millilitri", "ha": "ettaro/ettari",
        "h": "ora/ore", "hr": "ora/ore", "hrs": "ora/ore", "min": "minuto/minuti",
        "min.": "minuto/minuti", "s": "secondo/secondi", "sec": "secondo/secondi",
        "ms": "millisecondo/millisecondi", "kWh": "chilowattora/chilowattora",
        "kW": "chilowatt/chilowatt", "MW": "megawatt/megawatt", "W": "watt/watt",
        "V": "volt/volt", "A": "ampere/ampere", "Hz": "hertz/hertz", "kHz": "chilohertz/chilohertz",
        "MHz": "megahertz/megahertz", "GHz": "gigahertz/gigahertz", "dB": "decibel/decibel",
        "kB": "chilobyte/chilobyte", "KB": "chilobyte/chilobyte", "MB": "megabyte/megabyte",
        "GB": "gigabyte/gigabyte", "TB": "terabyte/terabyte",
        "°C": "grado Celsius/gradi Celsius", "°F": "grado Fahrenheit/gradi Fahrenheit",
        "º C": "grado Celsius/gradi Celsius",
        "° C": "grado Celsius/gradi Celsius", "ºC": "grado Celsius/gradi Celsius",
        "°": "grado/gradi",
    },
    money={
        "R$": "real/real|centavo/centavos", "BRL": "real/real|centavo/centavos",
        "US$": "dollaro/dollari|centesimo/centesimi",
        "US $": "dollaro/dollari|centesimo/centesimi", "USD": "dollaro/dollari|centesimo/centesimi",
        "$": "dollaro/dollari|centesimo/centesimi", "€": "euro/euro|centesimo/centesimi",
        "EUR": "euro/euro|centesimo/centesimi", "£": "sterlina/sterline|penny/pence",
        "GBP": "sterlina/sterline|penny/pence", "¥": "yen/yen", "JPY": "yen/yen",
        "₹": "rupia/rupie", "CHF": "franco svizzero/franchi svizzeri", "₽": "rublo/rubli",
    },
    cents="e",
    height_joint="e",
    scales={
        "mila": "mila/mila", "milione": "milione/milioni", "milioni": "milione/milioni",
        "miliardo": "miliardo/miliardi", "miliardi": "miliardo/miliardi", "k": "mila/mila",
        "K": "mila/mila", "M": "milione/milioni", "m": "milione/milioni",
        "mln": "milione/milioni", "mld": "miliardo/miliardi", "bn": "miliardo/miliardi",
        "B": "miliardo/miliardi",
    },
    bare_scales=frozenset({"k", "M", "bn", "mln", "mld"}),
    counted_scales=frozenset({"milione", "milioni", "miliardo", "miliardi"}),
    percent="per cento",
    per="per",
    and_="e",
    half="un mezzo",
    mixed_half="e mezzo",
    fraction=fractions(
        "terzo quarto quinto sesto settimo ottavo nono decimo",
        "un due tre quattro cinque sei sette otto nove", 0, "", "i",
    ),
    part_of=lambda unit: f"di {unit}",
    half_of=lambda unit: f"{'mezza' if unit in ('ora', 'libbra') else 'mezzo'} {unit}",
    halved=halves.italian,
    months=tuple(
        "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre "
        "dicembre".split()
    ),
    day_first=True,
    date_contexts=frozenset("il".split()),
    date=_date,
    clock=_clock,
    clock_contexts=frozenset({"alle", "ore", "h", "dalle", "fino"}),
    half_days=("di mattina", "di pomeriggio"),
    half_day_drops=r"(?!)",
    ordinal=_ordinal,
    ordinal_signs=("o|°", "a"),
    roman=_roman,
    pronounced=PRONOUNCED,
    call_words=frozenset(
        "chiama chiamate chiami chiamare telefono tel cellulare componi whatsapp".split()
    ),
    code_words=frozenset("codice pin cap conto password".split()),
    symbols={
        "&": "e", "+": "più", "=": "uguale a", "@": "chiocciola", "#": "numero",
        "%": "per cento", "±": "più o meno", "~": "circa", "≈": "circa", "<": "minore di",
        ">": "maggiore di", "≤": "al massimo", "≥": "almeno", "×": "per", "÷": "diviso",
        "§": "paragrafo", "^": "elevato a", "minus": "meno", "plus": "più",
        "$": "dollari", "€": "euro",
        "°": "gradi",
    },
    dash="trattino",
    underscore="trattino basso",
    slash="barra",
    abbreviations={
        "Sig.": "Signor", "Sig.ra": "Signora", "Sig.na": "Signorina", "Sigg.": "Signori",
        "Dott.": "Dottor", "dott.": "dottor", "dott.ssa": "dottoressa", "sig.": "signor",
        "sig.ra": "signora", "prof.": "professor", "prof.ssa": "professoressa", "C.so": "Corso",
        "P.zza": "Piazza", "p.zza": "piazza", "V.le": "Viale",
        "Dott.ssa": "Dottoressa", "Dr.": "Dottor", "Prof.": "Professor",
        "Prof.ssa": "Professoressa", "Avv.": "Avvocato", "Ing.": "Ingegner", "nº": "numero",
        "n.": "numero", "n°": "numero", "N.": "numero", "pag.": "pagina", "p.": "pagina",
        "p. es.": "per esempio", "p.es.": "per esempio", "es.": "esempio", "ecc.": "eccetera",
        "etc.": "eccetera", "a.C.": "avanti Cristo", "d.C.": "dopo Cristo", "vs.": "contro",
        "vs": "contro", "tel.": "telefono", "Tel.": "telefono", "art.": "articolo",
        "cap.": "capitolo", "vol.": "volume", "ca.": "circa", "sec.": "secolo",
        "S.": "San", "St.": "Saint", "Jr.": "Junior",
    },
    numbered=frozenset({"n.", "N.", "p.", "art.", "cap.", "vol."}),
    closing=frozenset({"ecc.", "etc.", "a.C.", "d.C."}),
)  # fmt: skip
