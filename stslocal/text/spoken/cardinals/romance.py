"""Cardinal and ordinal numbers in French, Italian, Portuguese and Spanish."""

from __future__ import annotations

_FRENCH = (
    "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze "
    "seize dix-sept dix-huit dix-neuf"
).split()
_FRENCH_TENS = {20: "vingt", 30: "trente", 40: "quarante", 50: "cinquante", 60: "soixante"}
_ITALIAN = (
    "zero uno due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici "
    "quindici sedici diciassette diciotto diciannove"
).split()
_ITALIAN_TENS = "venti trenta quaranta cinquanta sessanta settanta ottanta novanta".split()
_ITALIAN_ORDINALS = "primo secondo terzo quarto quinto sesto settimo ottavo nono decimo".split()
_PORTUGUESE = (
    "zero um dois três quatro cinco seis sete oito nove dez onze doze treze catorze quinze "
    "dezesseis dezessete dezoito dezenove"
).split()
_PORTUGUESE_TENS = "vinte trinta quarenta cinquenta sessenta setenta oitenta noventa".split()
_PORTUGUESE_HUNDREDS = (
    "cento duzentos trezentos quatrocentos quinhentos seiscentos setecentos oitocentos novecentos"
).split()
_EUROPEAN = {"dezesseis": "dezasseis", "dezessete": "dezassete", "dezenove": "dezanove"}
_PORTUGUESE_ORDINALS = (
    "primeiro segundo terceiro quarto quinto sexto sétimo oitavo nono".split(),
    "décimo vigésimo trigésimo quadragésimo quinquagésimo sexagésimo septuagésimo octogésimo "
    "nonagésimo".split(),
    "centésimo ducentésimo trecentésimo quadringentésimo quingentésimo sexcentésimo "
    "septingentésimo octingentésimo noningentésimo".split(),
)
_SPANISH = (
    "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince "
    "dieciséis diecisiete dieciocho diecinueve veinte veintiuno veintidós veintitrés veinticuatro "
    "veinticinco veintiséis veintisiete veintiocho veintinueve"
).split()
_SPANISH_TENS = "treinta cuarenta cincuenta sesenta setenta ochenta noventa".split()
_SPANISH_HUNDREDS = (
    "ciento doscientos trescientos cuatrocientos quinientos seiscientos setecientos ochocientos "
    "novecientos"
).split()


def french(number: int, gender: str = "") -> str:
    """A cardinal number in French: soixante et onze, quatre-vingts, deux cent un."""
    words = _french(number)
    return f"{words}e" if gender == "f" and words.endswith("un") else words


def _french(number: int) -> str:
    if number < 20:
        return _FRENCH[number]
    if number < 100:
        tens, ones = number // 10 * 10, number % 10
        if tens in (70, 90):
            tens, ones = tens - 10, ones + 10
        if tens == 80:
            return f"quatre-vingt-{_FRENCH[ones]}" if ones else "quatre-vingts"
        joint = " et " if ones in (1, 11) else "-"
        return _FRENCH_TENS[tens] + (f"{joint}{_FRENCH[ones]}" if ones else "")
    if number < 1000:
        count, rest = divmod(number, 100)
        hundreds = "cent" if count == 1 else f"{_FRENCH[count]} cent"
        return f"{hundreds} {_french(rest)}" if rest else hundreds + "s" * (count > 1)
    for size, name in ((10**12, "billion"), (10**9, "milliard"), (10**6, "million")):
        if number >= size:
            count, rest = divmod(number, size)
            words = f"{_french(count)} {name}{'s' * (count > 1)}"
            return f"{words} {_french(rest)}" if rest else words
    count, rest = divmod(number, 1000)
    before = _french(count)
    if before.endswith(("cents", "vingts")):
        before = before[:-1]  # quatre-vingt mille
    words = f"{before} mille" if count > 1 else "mille"
    return f"{words} {_french(rest)}" if rest else words


def italian(number: int, gender: str = "") -> str:
    """A cardinal number in Italian: ventuno, trentatré, duemila."""
    if number == 1:
        return {"m": "un", "f": "una"}.get(gender, "uno")
    for size, one, several in (
        (10**12, "bilione", "bilioni"),
        (10**9, "miliardo", "miliardi"),
        (10**6, "milione", "milioni"),
    ):
        if number >= size:
            count, rest = divmod(number, size)
            words = f"un {one}" if count == 1 else f"{italian(count)} {several}"
            return f"{words} {italian(rest)}" if rest else words
    words = _italian_word(number)
    return (
        words[:-3] + "tré" if number > 3 and number % 10 == 3 and words.endswith("tre") else words
    )


def italian_ordinal(number: int, feminine: bool = False) -> str:
    """An ordinal number in Italian: primo, ventitreesimo."""
    if 0 < number <= len(_ITALIAN_ORDINALS):
        words = _ITALIAN_ORDINALS[number - 1]
    else:
        words = _italian_word(number)
        keeps = number % 100 != 13 and number % 10 in (3, 6) and number % 100 not in (16,)
        words = f"{words if keeps else words[:-1]}esimo"
    return f"{words[:-1]}a" if feminine else words


def _italian_word(number: int) -> str:
    if number < 20:
        return _ITALIAN[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        name = _ITALIAN_TENS[tens - 2]
        return (name[:-1] if ones in (1, 8) else name) + (_ITALIAN[ones] if ones else "")
    if number < 1000:
        count, rest = divmod(number, 100)
        return (_ITALIAN[count] if count > 1 else "") + "cento" + (
            _italian_word(rest) if rest else ""
        )  # fmt: skip
    count, rest = divmod(number, 1000)
    words = "mille" if count == 1 else f"{_italian_word(count)}mila"
    return words + (_italian_word(rest) if rest else "")


def portuguese(number: int, gender: str = "") -> str:
    """A cardinal number in Portuguese of Brazil: mil duzentos e trinta e quatro."""
    return _portuguese(number, gender, ((10**12, "trilhão"), (10**9, "bilhão"), (10**6, "milhão")))


def european_portuguese(number: int, gender: str = "") -> str:
    """A cardinal number in Portuguese of Portugal: dezasseis, mil milhões."""
    words = _portuguese(number, gender, ((10**12, "bilião"), (10**6, "milhão")))
    return " ".join(_EUROPEAN.get(word, word) for word in words.split())


def _portuguese(number: int, gender: str, scales: tuple[tuple[int, str], ...]) -> str:
    for size, name in scales:
        if number >= size:
            count, rest = divmod(number, size)
            plural = f"{name.removesuffix('ão')}ões"
            words = f"{_portuguese(count, '', scales)} {name if count == 1 else plural}"
            return _portuguese_joined(words, rest, _portuguese(rest, gender, scales))
    if number >= 1000:
        count, rest = divmod(number, 1000)
        words = "mil" if count == 1 else f"{_portuguese(count, gender, scales)} mil"
        return _portuguese_joined(words, rest, _portuguese(rest, gender, scales))
    if number > 100:
        count, rest = divmod(number, 100)
        words = _PORTUGUESE_HUNDREDS[count - 1]
        if gender == "f" and count > 1:
            words = f"{words[:-2]}as"
        return f"{words} e {_portuguese(rest, gender, scales)}" if rest else words
    if number == 100:
        return "cem"
    if gender == "f" and number in (1, 2):
        return ("uma", "duas")[number - 1]
    if number < 20:
        return _PORTUGUESE[number]
    tens, ones = divmod(number, 10)
    words = _PORTUGUESE_TENS[tens - 2]
    return f"{words} e {_portuguese(ones, gender, scales)}" if ones else words


def _portuguese_joined(words: str, rest: int, said: str) -> str:
    """`e` stands before a last group below 100 or of whole hundreds: mil e duzentos."""
    while rest >= 1000 and rest % 1000 == 0:
        rest //= 1000
    if not rest:
        return words
    last = rest < 100 or (rest < 1000 and rest % 100 == 0)
    return f"{words} e {said}" if last else f"{words} {said}"


_SPANISH_ORDINALS = (
    "primero segundo tercero cuarto quinto sexto séptimo octavo noveno".split(),
    "décimo vigésimo trigésimo cuadragésimo quincuagésimo sexagésimo septuagésimo octogésimo "
    "nonagésimo".split(),
    "centésimo ducentésimo tricentésimo cuadringentésimo quingentésimo sexcentésimo "
    "septingentésimo octingentésimo noningentésimo".split(),
)


def portuguese_ordinal(number: int, feminine: bool = False) -> str:
    """An ordinal number in Portuguese: vigésimo terceiro. From a thousand on, the cardinal."""
    if not 0 < number < 1000:
        return portuguese(number)
    ones, tens, hundreds = _PORTUGUESE_ORDINALS
    digits = ((hundreds, number // 100), (tens, number // 10 % 10), (ones, number % 10))
    words = [names[digit - 1] for names, digit in digits if digit]
    return " ".join(f"{word[:-1]}a" if feminine else word for word in words)


def spanish_ordinal(number: int, feminine: bool = False) -> str:
    """An ordinal number in Spanish: vigésimo primero. From a thousand on, the cardinal."""
    if not 0 < number < 1000:
        return spanish(number)
    ones, tens, hundreds = _SPANISH_ORDINALS
    digits = ((hundreds, number // 100), (tens, number // 10 % 10), (ones, number % 10))
    words = [names[digit - 1] for names, digit in digits if digit]
    if number % 100 in (11, 12):
        words[-2:] = ["undécimo" if number % 100 == 11 else "duodécimo"]
    return " ".join(f"{word[:-1]}a" if feminine else word for word in words)


def spanish(number: int, gender: str = "") -> str:
    """A cardinal number in Spanish: veintiún, treinta y una, mil millones."""
    for size, one, several in ((10**12, "billón", "billones"), (10**6, "millón", "millones")):
        if number >= size:
            count, rest = divmod(number, size)
            words = f"{spanish(count, 'm')} {one if count == 1 else several}"
            return f"{words} {spanish(rest, gender)}" if rest else words
    if number >= 1000:
        count, rest = divmod(number, 1000)
        words = "mil" if count == 1 else f"{spanish(count, gender or 'm')} mil"
        return f"{words} {spanish(rest, gender)}" if rest else words
    if number > 100:
        count, rest = divmod(number, 100)
        words = _SPANISH_HUNDREDS[count - 1]
        if gender == "f" and count > 1:
            words = f"{words[:-2]}as"
        return f"{words} {spanish(rest, gender)}" if rest else words
    if number == 100:
        return "cien"
    if number < 30:
        words = _SPANISH[number]
    else:
        tens, ones = divmod(number, 10)
        words = _SPANISH_TENS[tens - 3] + (f" y {_SPANISH[ones]}" if ones else "")
    if gender and words.endswith("uno"):
        words = f"{words[:-1]}a" if gender == "f" else words[:-1]
        words = "veintiún" if words == "veintiun" else words
    return words
