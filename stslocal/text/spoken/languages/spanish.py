"""The words of Spanish."""

from __future__ import annotations

from stslocal.text.spoken.languages import halves, romance_genders
from stslocal.text.spoken.languages.romance import (
    PRONOUNCED,
    fractions,
    in_centuries,
    letters_only,
    rulers,
)
from stslocal.text.spoken.words import RomanNumeral, Words

_ORDINALS = "primero segundo tercero cuarto quinto sexto séptimo octavo noveno décimo".split()
_LAST_ORDINAL = 10
"""Kings and centuries after it have cardinal numbers."""
_NUMBERED = frozenset(
    "capítulo volumen parte acto escena artículo tomo libro tipo "
    "fase clase título anexo grupo".split()
)
_HALVES = {"hora": "media hora", "libra": "media libra", "pulgada": "media pulgada",
           "milla": "media milla", "tonelada": "media tonelada", "onza": "media onza"}  # fmt: skip


def _ordinal(number: int, feminine: bool) -> str:
    """In words up to ten: espeak-ng stresses "5º" on its last syllable."""
    if number <= len(_ORDINALS):
        name = _ORDINALS[number - 1]
        return name[:-1] + "a" if feminine else name
    return f"{number}{'ª' if feminine else 'º'}"


def _date(day: int, month: str, year: str, before: str) -> str:
    name = _ordinal(1, False) if day == 1 else str(day)
    return f"{name} de {month}" + (f" de {year}" if year else "")


_CENTURIES = frozenset("siglo siglos s ss".split())


def _clock(hours: int, minutes: int, before: str) -> str:
    name = {1: "una", 21: "veintiuna"}.get(hours, str(hours))
    if minutes:
        return f"{name} y {minutes}"
    return f"{name} hora" if hours == 1 else f"{name} horas"


def _roman(numeral: RomanNumeral) -> str | None:
    if numeral.after.lower() in ("guerra", "república"):
        return _ordinal(numeral.value, True)
    ruler = rulers(numeral)
    if ruler or in_centuries(numeral, _CENTURIES):
        ordinal = numeral.value <= _LAST_ORDINAL
        return _ordinal(numeral.value, ruler == "queen") if ordinal else str(numeral.value)
    return letters_only(numeral, _NUMBERED)


SPANISH = Words(
    point=",",
    group=".",
    spaced_groups=True,
    digits=tuple("cero uno dos tres cuatro cinco seis siete ocho nueve".split()),
    small={"1": ("un", "una")},
    feminine=frozenset("milla libra onza tonelada hora pulgada yarda rupia hectárea".split()),
    gender_before=romance_genders.spanish,
    point_word="coma",
    dot="punto",
    to="a",
    by="por",
    times="por",
    of=lambda noun: f"de {noun}",
    units={
        "mm²": "milímetro cuadrado/milímetros cuadrados",
        "°N": "grado norte/grados norte", "°S": "grado sur/grados sur",
        "°E": "grado este/grados este", "°O": "grado oeste/grados oeste",
        "°W": "grado oeste/grados oeste", "° N": "grado norte/grados norte",
        "° S": "grado sur/grados sur", "° E": "grado este/grados este",
        "° O": "grado oeste/grados oeste", "° W": "grado oeste/grados oeste",
        "km/h": "kilómetro por hora/kilómetros por hora", "mph": "milla por hora/millas por hora",
        "m/s": "metro por segundo/metros por segundo",
        "km²": "kilómetro cuadrado/kilómetros cuadrados",
        "m²": "metro cuadrado/metros cuadrados",
        "cm²": "centímetro cuadrado/centímetros cuadrados",
        "m³": "metro cúbico/metros cúbicos", "km": "kilómetro/kilómetros", "m": "metro/metros",
        "cm": "centímetro/centímetros", "mm": "milímetro/milímetros", "ft": "pie/pies",
        "in": "pulgada/pulgadas", "milla": "milla/millas", "yd": "yarda/yardas",
        "kg": "kilo/kilos", "g": "gramo/gramos",
        "mg": "miligramo/miligramos", "t": "tonelada/toneladas", "lb": "libra/libras",
        "lbs": "libra/libras", "oz": "onza/onzas", "l": "litro/litros", "L": "litro/litros",
        "ml": "mililitro/mililitros", "mL": "mililitro/mililitros", "ha": "hectárea/hectáreas",
        "h": "hora/horas", "hr": "hora/horas", "hrs": "hora/horas", "min": "minuto/minutos",
        "min.": "minuto/minutos", "s": "segundo/segundos", "seg": "segundo/segundos",
        "sec": "segundo/segundos", "ms": "milisegundo/milisegundos",
        "kWh": "kilovatio hora/kilovatios hora", "kW": "kilovatio/kilovatios",
        "MW": "megavatio/megavatios", "W": "vatio/vatios", "V": "voltio/voltios",
        "A": "amperio/amperios", "Hz": "hercio/hercios", "kHz": "kilohercio/kilohercios",
        "MHz": "megahercio/megahercios", "GHz": "gigahercio/gigahercios",
        "dB": "decibelio/decibelios", "kB": "kilobyte/kilobytes", "KB": "kilobyte/kilobytes",
        "MB": "megabyte/megabytes", "GB": "gigabyte/gigabytes", "TB": "terabyte/terabytes",
        "°C": "grado Celsius/grados Celsius", "°F": "grado Fahrenheit/grados Fahrenheit",
        "º C": "grado Celsius/grados Celsius",
        "° C": "grado Celsius/grados Celsius", "ºC": "grado Celsius/grados Celsius",
        "°": "grado/grados",
    },
    money={
        "R$": "real/reales|centavo/centavos", "BRL": "real/reales|centavo/centavos",
        "US$": "dólar/dólares|centavo/centavos",
        "US $": "dólar/dólares|centavo/centavos", "USD": "dólar/dólares|centavo/centavos",
        "$": "dólar/dólares|centavo/centavos", "€": "euro/euros|céntimo/céntimos",
        "EUR": "euro/euros|céntimo/céntimos", "£": "libra/libras|penique/peniques",
        "GBP": "libra/libras|penique/peniques", "¥": "yen/yenes", "JPY": "yen/yenes",
        "₹": "rupia/rupias", "CHF": "franco suizo/francos suizos", "₽": "rublo/rublos",
        "MXN": "peso mexicano/pesos mexicanos|centavo/centavos",
    },
    cents="con",
    height_joint="y",
    scales={
        "mil": "mil/mil", "mil millones": "mil millones/mil millones",
        "millón": "millón/millones", "millones": "millón/millones", "billón": "billón/billones",
        "billones": "billón/billones", "k": "mil/mil", "K": "mil/mil", "M": "millón/millones",
        "m": "millón/millones", "MM": "millón/millones", "mill.": "millón/millones",
        "bn": "mil millones/mil millones", "B": "mil millones/mil millones",
    },
    bare_scales=frozenset({"k", "M", "bn", "mill."}),
    counted_scales=frozenset({"mil millones", "millón", "millones", "billón", "billones"}),
    percent="por ciento",
    per="por",
    and_="y",
    half="un medio",
    mixed_half="y medio",
    fraction=fractions(
        "tercio cuarto quinto sexto séptimo octavo noveno décimo",
        "un dos tres cuatro cinco seis siete ocho nueve", 0, "", "s",
    ),
    part_of=lambda unit: f"de {unit}",
    half_of=lambda unit: _HALVES.get(unit, f"medio {unit}"),
    halved=halves.spanish,
    months=tuple(
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre "
        "diciembre".split()
    ),
    day_first=True,
    date_contexts=frozenset("día el hasta desde".split()),
    date=_date,
    clock=_clock,
    half_days=("de la mañana", "de la tarde"),
    half_day_drops=r" horas?$",
    ordinal=_ordinal,
    ordinal_signs=(r"\.?º|o|os|ro|do|to|mo|vo|no", r"\.?ª|a|as|ra|da|ta|ma|va|na"),
    roman=_roman,
    pronounced=PRONOUNCED,
    call_words=frozenset(
        "llame llama llamar llámame llámanos marque teléfono tel móvil celular whatsapp".split()
    ),
    code_words=frozenset("código pin cp dni cuenta contraseña".split()),
    symbols={
        "&": "y", "+": "más", "=": "igual a", "@": "arroba", "#": "número", "%": "por ciento",
        "±": "más o menos", "~": "unos", "≈": "unos", "<": "menor que", ">": "mayor que",
        "≤": "como máximo", "≥": "como mínimo", "×": "por", "÷": "dividido por",
        "§": "párrafo", "^": "elevado a", "minus": "menos", "plus": "más",
        "$": "dólares", "€": "euros",
        "°": "grados",
    },
    dash="guion",
    underscore="guion bajo",
    slash="barra",
    abbreviations={
        "1er": "primer", "3er": "tercer", "1.er": "primer", "3.er": "tercer",
        "Dr.": "Doctor", "Dra.": "Doctora", "Sr.": "Señor", "Sra.": "Señora",
        "Sres.": "Señores", "Srta.": "Señorita", "Prof.": "Profesor", "Av.": "Avenida",
        "Avda.": "Avenida", "C/": "Calle", "D.": "Don", "Dña.": "Doña", "nº": "número",
        "n.º": "número", "n°": "número", "núm.": "número", "No.": "número", "pág.": "página",
        "págs.": "páginas", "p.": "página", "p. ej.": "por ejemplo", "p.ej.": "por ejemplo",
        "EE. UU.": "Estados Unidos", "EE.UU.": "Estados Unidos", "EEUU": "Estados Unidos",
        "JJ. OO.": "Juegos Olímpicos", "JJ.OO.": "Juegos Olímpicos",
        "Ud.": "usted", "Uds.": "ustedes", "vs.": "contra", "vs": "contra",
        "a. C.": "antes de Cristo", "d. C.": "después de Cristo", "a.C.": "antes de Cristo",
        "d.C.": "después de Cristo", "aprox.": "aproximadamente", "etc.": "etcétera",
        "tel.": "teléfono", "Tel.": "teléfono", "art.": "artículo", "cap.": "capítulo",
        "s.": "siglo", "S.": "siglo", "Gral.": "General", "Cía.": "Compañía",
        "Sta.": "Santa", "Sto.": "Santo", "St.": "Saint",
        "Jr.": "Júnior",
    },
    numbered=frozenset({"s.", "S.", "No.", "p.", "art.", "cap."}),
    closing=frozenset({"etc.", "a. C.", "d. C.", "a.C.", "d.C.", "Cía."}),
)  # fmt: skip
