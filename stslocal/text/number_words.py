"""Reads numbers written in words: English, Portuguese and Spanish; and scales in more languages.

Words up to twelve, bare scales ("a thousand") and fractions may stand for something else ("one",
"um", "the second half"), so they are weak: they explain a number in a translation, and a
translation need not repeat them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

_LEAST_STRONG = 13


@dataclass(frozen=True, slots=True)
class WordNumber:
    """A number in words."""

    start: int
    end: int
    value: Decimal
    strong: bool
    """Whether it is surely a number, whose value a translation must have."""
    is_year: bool = False
    """Whether it was said in two halves, as years are: nineteen forty-five."""


def _table(words: str, first: int = 0, step: int = 1) -> dict[str, int]:
    return {
        word: first + step * at
        for at, forms in enumerate(words.split())
        for word in forms.split("/")
    }


_UNITS: Mapping[str, Mapping[str, int]] = {
    "en": {
        **_table("zero one two three four five six seven eight nine ten eleven twelve thirteen "
                 "fourteen fifteen sixteen seventeen eighteen nineteen"),
        **_table("twenty thirty forty fifty sixty seventy eighty ninety", 20, 10),
    },
    "pt": {
        **_table("zero um/uma dois/duas três quatro cinco seis sete oito nove dez onze doze treze "
                 "catorze/quatorze quinze dezesseis/dezasseis dezessete/dezassete dezoito "
                 "dezenove/dezanove"),
        **_table("vinte trinta quarenta cinquenta/cinqüenta sessenta setenta oitenta noventa",
                 20, 10),
        **_table("cem/cento duzentos/duzentas trezentos/trezentas quatrocentos/quatrocentas "
                 "quinhentos/quinhentas seiscentos/seiscentas setecentos/setecentas "
                 "oitocentos/oitocentas novecentos/novecentas", 100, 100),
    },
    "es": {
        **_table("cero un/uno/una dos tres cuatro cinco seis siete ocho nueve diez once doce trece "
                 "catorce quince dieciséis diecisiete dieciocho diecinueve veinte "
                 "veintiún/veintiuno/veintiuna veintidós veintitrés veinticuatro veinticinco "
                 "veintiséis veintisiete veintiocho veintinueve"),
        **_table("treinta cuarenta cincuenta sesenta setenta ochenta noventa", 30, 10),
        **_table("cien/ciento doscientos/doscientas trescientos/trescientas "
                 "cuatrocientos/cuatrocientas quinientos/quinientas seiscientos/seiscientas "
                 "setecientos/setecientas ochocientos/ochocientas novecientos/novecientas",
                 100, 100),
    },
}  # fmt: skip
_PER, _CENT = ("por", "per"), ("cento", "ciento", "cent")
"""46 por cento is 46 and not 100."""
_HUNDRED = {"en": "hundred"}
_AND = {"en": "and", "pt": "e", "es": "y"}
_POINT = {"en": ("point",), "pt": ("vírgula",), "es": ("coma",)}
_HALF: Mapping[str, Sequence[list[str]]] = {
    "en": [["and", "a", "half"]],
    "pt": [["e", "meio"], ["e", "meia"]],
    "es": [["y", "medio"], ["y", "media"]],
}
_WEAK: Mapping[str, Mapping[str, str]] = {
    "en": {
        "half": "0.5", "quarter": "0.25", "dozen": "12", "dozens": "12", "couple": "2",
        "double": "2", "twice": "2", "both": "2", "pair": "2", "triple": "3", "once": "1",
        "hundreds": "100", "thousands": "1000", "noon": "12", "midnight": "12", "single": "1",
        "first": "1", "second": "2", "third": "3", "fourth": "4", "fifth": "5", "sixth": "6",
        "seventh": "7", "eighth": "8", "ninth": "9", "tenth": "10", "eleventh": "11",
        "twelfth": "12", "thirteenth": "13", "fourteenth": "14", "fifteenth": "15",
        "sixteenth": "16", "seventeenth": "17", "eighteenth": "18", "nineteenth": "19",
        "twentieth": "20", "thirtieth": "30", "hundredth": "100", "a": "1", "an": "1",
        "twenties": "20", "thirties": "30", "forties": "40", "fifties": "50", "sixties": "60",
        "seventies": "70", "eighties": "80", "nineties": "90",
    },
    "pt": {
        "meio": "0.5", "meia": "0.5", "metade": "0.5", "dúzia": "12", "dúzias": "12",
        "dobro": "2", "duplo": "2", "dupla": "2", "ambos": "2", "ambas": "2", "casal": "2",
        "par": "2", "triplo": "3", "centenas": "100", "milhares": "1000", "meio-dia": "12",
        "meia-noite": "12", "primeiro": "1", "primeira": "1", "segundo": "2", "segunda": "2",
        "terceiro": "3", "terceira": "3", "quarto": "4", "quarta": "4", "quinto": "5",
        "quinta": "5", "sexto": "6", "sexta": "6", "sétimo": "7", "sétima": "7", "oitavo": "8",
        "oitava": "8", "nono": "9", "nona": "9", "décimo": "10", "décima": "10",
        "vigésimo": "20", "vigésima": "20", "trigésimo": "30", "centésimo": "100",
    },
    "es": {
        "medio": "0.5", "media": "0.5", "mitad": "0.5", "docena": "12", "docenas": "12",
        "doble": "2", "ambos": "2", "ambas": "2", "par": "2", "triple": "3", "cientos": "100",
        "miles": "1000", "primero": "1", "primera": "1", "primer": "1", "segundo": "2",
        "segunda": "2", "tercero": "3", "tercera": "3", "tercer": "3", "cuarto": "4",
        "cuarta": "4", "quinto": "5", "quinta": "5", "sexto": "6", "séptimo": "7", "octavo": "8",
        "noveno": "9", "décimo": "10",
    },
}  # fmt: skip
"""Words that may explain a number of the other language."""

SCALES: Mapping[str, Mapping[str, int]] = {
    code: {
        word: 10 ** int(power)
        for entry in row.split()
        for words, power in [entry.split("=")]
        for word in words.split("/")
    }
    for code, row in {
        "en": "thousand=3 million/millions=6 billion/billions=9 trillion/trillions=12",
        "pt": "mil=3 milhões/milhão=6 bilhões/bilhão/biliões=9 trilhões/trilhão/triliões=12",
        "es": "mil=3 millones/millón=6 billones/billón=12",
        "fr": "mille=3 millions/million=6 milliards/milliard=9 billions=12",
        "it": "mila/mille=3 milioni/milione=6 miliardi/miliardo=9",
        "de": "tausend=3 millionen/million/mio=6 milliarden/milliarde/mrd=9 billionen/billion=12",
        "nl": "duizend=3 miljoen=6 miljard=9 biljoen=12",
        "sv": "tusen=3 miljoner/miljon=6 miljarder/miljard=9",
        "da": "tusind=3 millioner/million=6 milliarder/milliard=9",
        "nb": "tusen=3 millioner/million=6 milliarder/milliard=9",
        "ru": "тысяч/тысячи/тысяча/тыс=3 миллионов/миллиона/миллион/млн=6 "
        "миллиардов/миллиарда/миллиард/млрд=9 триллионов/триллиона/триллион=12",
        "uk": "тисяч/тисячі/тисяча/тис=3 мільйонів/мільйони/мільйон/млн=6 "
        "мільярдів/мільярди/мільярд/млрд=9",
        "pl": "tysięcy/tysiące/tysiąc/tys=3 milionów/miliony/milion/mln=6 "
        "miliardów/miliardy/miliard/mld=9",
        "cs": "tisíc/tisíce=3 milionů/miliony/milion=6 miliard/miliardy/miliarda=9",
        "ro": "mii/mie=3 milioane/milion=6 miliarde/miliard=9",
        "tr": "bin=3 milyon=6 milyar=9 trilyon=12",
        "id": "ribu=3 juta=6 miliar=9 triliun=12",
        "vi": "nghìn/ngàn=3 triệu=6 tỷ/tỉ=9",
        "hi": "हज़ार/हजार=3 लाख=5 करोड़=7 अरब=9",
        "zh": "千=3 万=4 百万=6 千万=7 亿=8 十亿=9 万亿=12",
        "zh-Hant": "千=3 萬=4 百萬=6 千萬=7 億=8 十億=9 兆=12",
        "ja": "千=3 万=4 百万=6 億=8 兆=12",
        "ko": "천=3 만=4 백만=6 억=8 십억=9 조=12",
    }.items()
}
"""Words after a number that multiply it, by language; the first one of a size is for writing."""


def reads_words(language: str) -> bool:
    """Whether numbers in words are read in this language."""
    return language in _UNITS


def word_numbers(text: str, language: str) -> Iterator[WordNumber]:
    """The numbers in words of a text, from left to right."""
    if language not in _UNITS:
        return
    tokens = [
        (match.start(), match.end(), match[0].casefold())
        for match in re.finditer(r"[^\W\d_]+", text)
    ]
    at = 0
    while at < len(tokens):
        if tokens[at][2] in _PER and at + 1 < len(tokens) and tokens[at + 1][2] in _CENT:
            at += 2
            continue
        found, used = _longest(text, tokens[at:], language)
        if found is None:
            at += 1
        else:
            yield found
            at += used


def _longest(
    text: str, tokens: Sequence[tuple[int, int, str]], language: str
) -> tuple[WordNumber | None, int]:
    """The number that begins at the first token, and how many tokens it has."""
    units, scales = _UNITS[language], SCALES[language]
    hundred = _HUNDRED.get(language, "")
    total = part = Decimal(0)
    used = at = 0
    last = 10**15
    is_year = False
    while at < len(tokens):
        start, end, word = tokens[at]
        if at and not _joined(text[tokens[at - 1][1] : start]):
            break
        if word == _AND[language] and used and at == used:
            at += 1
            continue
        if word in units:
            value = units[word]
            if used and not _follows(part, last, value, language):
                is_year = language == "en" and 10 <= part <= 99 and not total and value >= 10
                if not is_year or used != at:
                    is_year = False
                    break
                part *= 100
            part, last = part + value, value
        elif word == "oh" and language == "en" and 10 <= part <= 99 and at + 1 < len(tokens):
            part, last, is_year = part * 100, 20, True  # nineteen oh five
            at += 1
            continue
        elif word == hundred and used and 0 < part < 100:
            part, last = part * 100, 100
        elif word in scales:
            size = Decimal(scales[word])
            if size == 1000:
                total += (part or 1) * size
            else:
                total = (total + part or 1) * size
            part, last = Decimal(0), 1000
        else:
            break
        at = used = at + 1
    if not used:
        start, end, word = tokens[0]
        weak = _WEAK[language].get(word)
        found = WordNumber(start, end, Decimal(weak), strong=False) if weak else None
        return found, 1
    number, used = _decimals(text, tokens, used, total + part, language)
    scaled_alone = used == 1 and tokens[0][2] in scales
    strong = (number >= _LEAST_STRONG or number != int(number)) and not scaled_alone
    return WordNumber(tokens[0][0], tokens[used - 1][1], number, strong, is_year), used


def _joined(between: str) -> bool:
    return not between.strip(" \u00a0-‑\n")


def _follows(part: Decimal, last: int, value: int, language: str) -> bool:
    """Whether a word of `value` may add to what was read: forty two, not two forty."""
    if last >= 1000:
        return value > 0
    if last >= 100:
        return 0 < value < 100
    if last >= 20 and last % 10 == 0:
        return 0 < value < 10
    return False


def _decimals(
    text: str,
    tokens: Sequence[tuple[int, int, str]],
    used: int,
    value: Decimal,
    language: str,
) -> tuple[Decimal, int]:
    """Read "point five" after a number."""
    units = _UNITS[language]
    if used + 1 < len(tokens) and tokens[used][2] in _POINT[language]:
        digits = ""
        at = used + 1
        while at < len(tokens) and units.get(tokens[at][2], 100) < 100:
            digits += str(units[tokens[at][2]])
            at += 1
        gaps = text[tokens[used - 1][1] : tokens[used + 1][0]]
        if digits and not re.search(r"[,.;]", gaps):
            value += Decimal(f"0.{digits}")
            scale = SCALES[language].get(tokens[at][2], 0) if at < len(tokens) else 0
            return (value * scale, at + 1) if scale else (value, at)
    following = [word for _, _, word in tokens[used : used + 3]]
    for half in _HALF[language]:
        if following[: len(half)] == half:
            scale = SCALES[language].get(tokens[used - 1][2], 1)
            return value + Decimal(scale) / 2, used + len(half)
    return value, used
