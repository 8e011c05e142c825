"""Writes text as it is spoken: amounts of money, units, times and abbreviations in words.

espeak-ng reads numbers, percentages and many symbols by itself. The tables here have what it
spells or reads wrongly in the languages of Kokoro (`R$ 20` as "R dollar 20", `km` by its letters,
`3.5` without its point in Portuguese). Other text is not changed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

_PUNCTUATION = str.maketrans(
    {
        "‘": "'", "’": "'", "ʼ": "'", "«": '"', "»": '"', "„": '"', "“": '"', "”": '"',
        "‹": "'", "›": "'", "–": "—", "―": "—", "−": "-", "‐": "-", "‑": "-", "•": ",",
        "。": ". ", "，": ", ", "、": ", ", "！": "! ", "？": "? ", "：": ": ", "；": "; ",
        "।": ". ", "¿": " ", "¡": " ", "[": "(", "]": ")", "{": "(", "}": ")", "|": ", ",
        "*": " ", "_": " ", "~": " ", "\\": " ", "№": "nº ", "½": " 1/2", "\t": " ",
    }
)  # fmt: skip
_NOT_WORDS = frozenset({"So", "Sk", "Cc", "Cf", "Co", "Cs", "Cn"})
"""Unicode categories of emoji, dingbats and invisible characters."""

_UNITS = {
    "km/h": "kilometre an hour/kilometres an hour|quilômetro por hora/quilômetros por hora"
    "|kilómetro por hora/kilómetros por hora|kilomètre-heure/kilomètres-heure"
    "|chilometro all'ora/chilometri all'ora",
    "m/s": "metre a second/metres a second|metro por segundo/metros por segundo"
    "|metro por segundo/metros por segundo"
    "|mètre par seconde/mètres par seconde|metro al secondo/metri al secondo",
    "km²": "square kilometre/square kilometres|quilômetro quadrado/quilômetros quadrados"
    "|kilómetro cuadrado/kilómetros cuadrados|kilomètre carré/kilomètres carrés"
    "|chilometro quadrato/chilometri quadrati",
    "m²": "square metre/square metres|metro quadrado/metros quadrados"
    "|metro cuadrado/metros cuadrados|mètre carré/mètres carrés|metro quadrato/metri quadrati",
    "m³": "cubic metre/cubic metres|metro cúbico/metros cúbicos|metro cúbico/metros cúbicos"
    "|mètre cube/mètres cubes|metro cubo/metri cubi",
    "km": "kilometre/kilometres|quilômetro/quilômetros|kilómetro/kilómetros"
    "|kilomètre/kilomètres|chilometro/chilometri",
    "cm": "centimetre/centimetres|centímetro/centímetros|centímetro/centímetros"
    "|centimètre/centimètres|centimetro/centimetri",
    "mm": "millimetre/millimetres|milímetro/milímetros|milímetro/milímetros"
    "|millimètre/millimètres|millimetro/millimetri",
    "kg": "kilogram/kilograms|quilo/quilos|kilo/kilos|kilo/kilos|chilo/chili",
    "mg": "milligram/milligrams|miligrama/miligramas|miligramo/miligramos"
    "|milligramme/milligrammes|milligrammo/milligrammi",
    "ml": "millilitre/millilitres|mililitro/mililitros|mililitro/mililitros"
    "|millilitre/millilitres|millilitro/millilitri",
    "ha": "hectare/hectares|hectare/hectares|hectárea/hectáreas|hectare/hectares|ettaro/ettari",
    "kWh": "kilowatt hour/kilowatt hours|quilowatt-hora/quilowatts-hora"
    "|kilovatio hora/kilovatios hora|kilowattheure/kilowattheures|chilowattora/chilowattora",
    "GB": "gigabyte/gigabytes|gigabyte/gigabytes|gigabyte/gigabytes|gigaoctet/gigaoctets"
    "|gigabyte/gigabyte",
    "MB": "megabyte/megabytes|megabyte/megabytes|megabyte/megabytes|mégaoctet/mégaoctets"
    "|megabyte/megabyte",
    "°C": "degree Celsius/degrees Celsius|grau Celsius/graus Celsius"
    "|grado Celsius/grados Celsius|degré Celsius/degrés Celsius|grado Celsius/gradi Celsius",
    "°F": "degree Fahrenheit/degrees Fahrenheit|grau Fahrenheit/graus Fahrenheit"
    "|grado Fahrenheit/grados Fahrenheit|degré Fahrenheit/degrés Fahrenheit"
    "|grado Fahrenheit/gradi Fahrenheit",
    "mph": "mile an hour/miles an hour|milha por hora/milhas por hora"
    "|milla por hora/millas por hora"
    "|mille à l'heure/milles à l'heure|miglio all'ora/miglia all'ora",
    "m": "metre/metres|metro/metros|metro/metros|mètre/mètres|metro/metri",
    "g": "gram/grams|grama/gramas|gramo/gramos|gramme/grammes|grammo/grammi",
}
"""Words after a number: one/several in English|Portuguese|Spanish|French|Italian."""
_MONEY = {
    "R$": "real/reals|real/reais|real/reales|réal/réaux|real/real",
    "US$": "US dollar/US dollars|dólar/dólares|dólar/dólares|dollar/dollars|dollaro/dollari",
    "$": "dollar/dollars|dólar/dólares|dólar/dólares|dollar/dollars|dollaro/dollari",
    "€": "euro/euros|euro/euros|euro/euros|euro/euros|euro/euro",
    "£": "pound/pounds|libra/libras|libra/libras|livre/livres|sterlina/sterline",
    "¥": "yen/yen|iene/ienes|yen/yenes|yen/yens|yen/yen",
}
"""The same for money; its sign may stand before or after the amount."""
_ORDER = ("en", "pt", "es", "fr", "it")


@dataclass(frozen=True, slots=True)
class _Words:
    point: str
    """The decimal mark."""
    cents: str
    """Between an amount and its hundredths, and after them, as `and/cents`."""
    time: str
    """Between hours and minutes."""
    hour: str
    """After a full hour."""
    to: str
    """Between two numbers joined by a dash."""
    symbols: Mapping[str, str]
    abbreviations: Mapping[str, str]
    scales: str
    """Words that may stand between an amount and its currency, separated by `|`."""
    with_of: str = ""
    """Those of `scales` after which `of` is added."""
    of: str = " de"


_WORDS = {
    "en": _Words(
        ".", "/cents", " ", " o'clock", " to ",
        {"&": " and ", "+": " plus ", "=": " equals ", "@": " at ", "#": " number "},
        {"No.": "number", "no.": "number", "vs.": "versus", "St.": "Saint", "approx.": "about",
         "Gov.": "Governor", "Gen.": "General", "Sen.": "Senator", "dept.": "department",
         "Prof.": "Professor", "fig.": "figure", "nº": "number"},
        "hundred|thousand|million|billion|trillion",
    ),
    "pt": _Words(
        ",", "e/centavos", " e ", " horas", " a ",
        {"&": " e ", "+": " mais ", "=": " igual a ", "@": " arroba ", "#": " número "},
        {"Dr.": "Doutor", "Dra.": "Doutora", "Sr.": "Senhor", "Sra.": "Senhora",
         "Srs.": "Senhores", "Srta.": "Senhorita", "Prof.": "Professor", "Profa.": "Professora",
         "Av.": "Avenida", "R.": "Rua", "nº": "número", "pág.": "página", "págs.": "páginas",
         "p. ex.": "por exemplo", "vs.": "versus", "Cia.": "Companhia", "séc.": "século",
         "a.C.": "antes de Cristo", "d.C.": "depois de Cristo", "EUA": "Estados Unidos",
         "tel.": "telefone", "aprox.": "aproximadamente"},
        "mil milhões|mil|milhão|milhões|bilhão|bilhões|trilhão|trilhões",
        "mil milhões|milhão|milhões|bilhão|bilhões|trilhão|trilhões",
    ),
    "es": _Words(
        ",", "con/céntimos", " y ", " horas", " a ",
        {"&": " y ", "+": " más ", "=": " igual a ", "@": " arroba ", "#": " número "},
        {"Dr.": "Doctor", "Dra.": "Doctora", "Sr.": "Señor", "Sra.": "Señora",
         "Srta.": "Señorita", "Prof.": "Profesor", "Av.": "Avenida", "nº": "número",
         "n.º": "número", "pág.": "página", "p. ej.": "por ejemplo", "EE. UU.": "Estados Unidos",
         "EE.UU.": "Estados Unidos", "Ud.": "usted", "Uds.": "ustedes", "vs.": "contra",
         "a. C.": "antes de Cristo", "d. C.": "después de Cristo", "aprox.": "aproximadamente"},
        "mil millones|mil|millón|millones|billón|billones",
        "mil millones|millón|millones|billón|billones",
    ),
    "fr": _Words(
        ",", "/centimes", " heures ", " heures", " à ",
        {"&": " et ", "+": " plus ", "=": " égale ", "@": " arobase ", "#": " numéro "},
        {"M.": "Monsieur", "MM.": "Messieurs", "Mme": "Madame", "Mmes": "Mesdames",
         "Mlle": "Mademoiselle", "Dr": "Docteur", "Pr": "Professeur", "nº": "numéro",
         "n°": "numéro", "av. J.-C.": "avant Jésus-Christ", "apr. J.-C.": "après Jésus-Christ",
         "p. ex.": "par exemple", "env.": "environ", "St": "Saint", "Ste": "Sainte",
         "1er": "premier", "1re": "première", "vs.": "contre"},
        "mille|million|millions|milliard|milliards",
        "million|millions|milliard|milliards",
    ),
    "it": _Words(
        ",", "e/centesimi", " e ", "", " a ",
        {"&": " e ", "+": " più ", "=": " uguale a ", "@": " chiocciola ", "#": " numero "},
        {"Sig.": "Signor", "Sig.ra": "Signora", "Sigg.": "Signori", "Dott.": "Dottor",
         "Dott.ssa": "Dottoressa", "Dr.": "Dottor", "Prof.": "Professor", "Avv.": "Avvocato",
         "Ing.": "Ingegner", "nº": "numero", "n.": "numero", "pag.": "pagina",
         "p. es.": "per esempio", "ecc.": "eccetera", "etc.": "eccetera",
         "a.C.": "avanti Cristo", "d.C.": "dopo Cristo", "vs.": "contro"},
        "mila|milione|milioni|miliardo|miliardi",
        "milione|milioni|miliardo|miliardi",
        " di",
    ),
}  # fmt: skip


def spoken_text(text: str, language: str) -> str:
    """Write out the parts of `text` that are not words, in one line with single spaces.

    Emoji and other pictures are dropped. Punctuation becomes ASCII, … and —.
    """
    text = unicodedata.normalize("NFC", text).replace("...", "…")
    text = re.sub(r"https?://(www\.)?|www\.", "", text)
    text = re.sub(r"(?<=\d)[\u00a0\u202f](?=\d{3}\b)", "", text)
    text = re.sub(r"\s+-+\s+|--+", " — ", text.translate(_PUNCTUATION))
    if language in _WORDS:
        for pattern, replacement in _rules(language):
            text = pattern.sub(replacement, text)
    text = re.sub(r"([!?]){2,}", r"\1", text)
    text = re.sub(r"(?<=[^\W\d_])/(?=[^\W\d_])", " ", text)
    kept = (" " if unicodedata.category(c) in _NOT_WORDS else c for c in text)
    return " ".join("".join(kept).split())


@cache
def _rules(language: str) -> tuple[tuple[re.Pattern[str], str | Callable[..., str]], ...]:
    words, column = _WORDS[language], _ORDER.index(language)
    mark = re.escape(words.point)
    group = "," if words.point == "." else r"\."
    number = rf"\d{{1,3}}(?:{group}\d{{3}})+(?:{mark}\d+)?|\d+(?:{mark}\d+)?"
    units = _forms(_UNITS, column)
    money = _forms(_MONEY, column)
    signs = "|".join(re.escape(sign) for sign in sorted(money, key=len, reverse=True))
    joint, hundredths = words.cents.split("/")

    def pay(match: re.Match[str]) -> str:
        sign, amount, scale = match["sign"] or match["after"], match["amount"], match["scale"]
        one, several = money[sign]
        whole, _, rest = amount.partition(words.point)
        name = one if whole == "1" and not scale else several
        if scale:
            return f"{amount} {scale}{words.of if scale in words.with_of.split('|') else ''} {name}"
        if len(rest) == 2 and rest != "00":
            return " ".join(f"{whole} {name} {joint} {int(rest)} {hundredths}".split())
        return f"{whole if rest == '00' else amount} {name}"

    def measure(match: re.Match[str]) -> str:
        one, several = units[match["unit"]]
        return f"{match['amount']} {one if match['amount'] == '1' else several}"

    def clock(match: re.Match[str]) -> str:
        hours, minutes = int(match[1]), int(match[2] or 0)
        return f"{hours}{words.time}{minutes:02d}" if minutes else f"{hours}{words.hour}"

    amount = rf"(?P<amount>{number})(?:\s?(?P<scale>{words.scales})\b)?"
    before = rf"(?P<sign>{signs})\s?{amount}(?P<after>)"
    after = rf"(?<![\d.,])(?P<sign>){amount}\s?(?P<after>{signs})(?!\w)"
    other_mark = "," if words.point == "." else r"\."
    unit_names = "|".join(re.escape(unit) for unit in units)
    rules: list[tuple[str, str | Callable[..., str]]] = [
        # 3.5 in a language that writes 3,5, and the other way round.
        (rf"(?<![\d.,])(\d+){other_mark}(\d{{1,2}})(?![\d.,]\d|\d)", rf"\1{words.point}\2"),
        (before, pay),
        (after, pay),
        (rf"(?<![\w.,])(?P<amount>{number})\s?(?P<unit>{unit_names})(?![\w²³/])", measure),
        (r"\b([01]?\d|2[0-4])(?::|h(?=\d))([0-5]\d)\b(?!:)", clock),
        (r"(?<![\d-])(\d{1,4})[-—](\d{1,4})(?![\d-])", rf"\1{words.to}\2"),
    ]
    if language in ("pt", "fr"):
        rules.append((r"\b([01]?\d|2[0-4])()h\b", clock))
    for short, spoken in words.abbreviations.items():
        rules.append((rf"(?<!\w){re.escape(short)}(?!\w)", spoken))
    for symbol, spoken in words.symbols.items():
        # C# and C++ are names.
        alone = rf"(?<!\w){re.escape(symbol)}(?=\s?\d)" if symbol in "+#" else re.escape(symbol)
        rules.append((alone, spoken))
    return tuple((re.compile(pattern), replacement) for pattern, replacement in rules)


def _forms(table: Mapping[str, str], column: int) -> dict[str, tuple[str, str]]:
    """The words after 1 and after another number, by unit."""
    entries = {unit: row.split("|")[column].split("/") for unit, row in table.items()}
    return {unit: (one, several) for unit, (one, several) in entries.items()}
