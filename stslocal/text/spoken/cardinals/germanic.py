"""Cardinal numbers and years in English, German and Dutch."""

from __future__ import annotations

_ENGLISH = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
).split()
_ENGLISH_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_ENGLISH_SCALES = ((10**12, "trillion"), (10**9, "billion"), (10**6, "million"), (1000, "thousand"))
_IRREGULAR = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth",
    "nine": "ninth", "twelve": "twelfth",
}  # fmt: skip

_GERMAN = (
    "null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn "
    "fünfzehn sechzehn siebzehn achtzehn neunzehn"
).split()
_GERMAN_TENS = "zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig".split()
_GERMAN_SCALES = (
    (10**12, "Billion", "Billionen"),
    (10**9, "Milliarde", "Milliarden"),
    (10**6, "Million", "Millionen"),
)
_DUTCH = (
    "nul een twee drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien vijftien "
    "zestien zeventien achttien negentien"
).split()
_DUTCH_TENS = "twintig dertig veertig vijftig zestig zeventig tachtig negentig".split()
_DUTCH_SCALES = ((10**12, "biljoen"), (10**9, "miljard"), (10**6, "miljoen"))
_DUTCH_ORDINALS = {1: "eerste", 3: "derde", 8: "achtste"}


def english(number: int, gender: str = "") -> str:
    """A cardinal number in English: one hundred and five."""
    if number < 20:
        return _ENGLISH[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return _ENGLISH_TENS[tens - 2] + (f"-{_ENGLISH[ones]}" if ones else "")
    if number < 1000:
        count, rest = divmod(number, 100)
        hundreds = f"{_ENGLISH[count]} hundred"
        return f"{hundreds} and {english(rest)}" if rest else hundreds
    size, name = next(scale for scale in _ENGLISH_SCALES if number >= scale[0])
    count, rest = divmod(number, size)
    joint = " and " if 0 < rest < 100 else " "
    return f"{english(count)} {name}" + (f"{joint}{english(rest)}" if rest else "")


def english_ordinal(number: int) -> str:
    """An ordinal number in English: twenty-first."""
    words = english(number)
    at = max(words.rfind("-"), words.rfind(" ")) + 1
    last = words[at:]
    if last in _IRREGULAR:
        return words[:at] + _IRREGULAR[last]
    return words[:-1] + "ieth" if last.endswith("y") else words + "th"


def english_year(number: int) -> str:
    """A year in English: nineteen oh five, two thousand and one, twenty twenty-four."""
    century, rest = divmod(number, 100)
    if not 1100 <= number < 2100 or 2000 <= number < 2010:
        return english(number)
    if not rest:
        return f"{english(century)} hundred"
    return f"{english(century)} {'oh ' if rest < 10 else ''}{english(rest)}"


_GERMAN_ONE = {
    "f dative": "einer", "m dative": "einem", "n dative": "einem", "dative": "einem",
}  # fmt: skip


def german(number: int, gender: str = "") -> str:
    """A cardinal number in German; `gender` is that of the noun after it, for `ein` and `eine`.

    A case behind it is for one alone: `f dative` is `einer`.
    """
    if number == 1 and gender in _GERMAN_ONE:
        return _GERMAN_ONE[gender]
    gender = gender.partition(" ")[0]
    for size, one, several in _GERMAN_SCALES:
        if number >= size:
            count, rest = divmod(number, size)
            words = f"eine {one}" if count == 1 else f"{german(count, 'f')} {several}"
            return f"{words} {german(rest, gender)}" if rest else words
    return _german_word(number, {"": "eins", "f": "eine"}.get(gender, "ein"))


def german_year(number: int) -> str:
    """A year in German: neunzehnhundertfünf, zweitausendvier."""
    century, rest = divmod(number, 100)
    if not 1100 <= number < 2000:
        return german(number)
    return f"{_german_word(century, 'ein')}hundert{_german_word(rest, 'eins') if rest else ''}"


def german_ordinal(number: int, ending: str = "e") -> str:
    """An ordinal number in German with its ending: dritte, dritten, dritter, drittes."""
    last = number % 100
    if last in (1, 3, 7, 8):
        stem = german(number - last) if number > last else ""
        return stem + {1: "erst", 3: "dritt", 7: "siebt", 8: "acht"}[last] + ending
    return german(number) + ("t" if 0 < last < 20 else "st") + ending


def _german_word(number: int, one: str) -> str:
    """A number below a million as one word that ends in `one` where its last digit says so."""
    if number == 1:
        return one
    if number < 20:
        return _GERMAN[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return (f"{_german_word(ones, 'ein')}und" if ones else "") + _GERMAN_TENS[tens - 2]
    size, name = (100, "hundert") if number < 1000 else (1000, "tausend")
    count, rest = divmod(number, size)
    return f"{_german_word(count, 'ein')}{name}" + (_german_word(rest, one) if rest else "")


def dutch(number: int, gender: str = "") -> str:
    """A cardinal number in Dutch; one alone has accents, so that it is not read as the article."""
    if number == 1:
        return "één"
    for size, name in _DUTCH_SCALES:
        if number >= size:
            count, rest = divmod(number, size)
            return f"{dutch(count)} {name}" + (f" {dutch(rest)}" if rest else "")
    return _dutch_word(number)


def dutch_year(number: int) -> str:
    """A year in Dutch: negentienhonderdvijf, tweeduizend vier."""
    century, rest = divmod(number, 100)
    if not 1100 <= number < 2000:
        return dutch(number)
    return f"{_dutch_word(century)}honderd{_dutch_word(rest) if rest else ''}"


def dutch_ordinal(number: int) -> str:
    """An ordinal number in Dutch: derde, twintigste."""
    last = number % 100
    if last in _DUTCH_ORDINALS:
        stem = dutch(number - last) if number > last else ""
        return stem + _DUTCH_ORDINALS[last]
    return dutch(number) + ("de" if 0 < last < 20 else "ste")


def _dutch_word(number: int) -> str:
    if number < 20:
        return _DUTCH[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        joint = "ën" if _DUTCH[ones].endswith("e") else "en"
        return (f"{_DUTCH[ones]}{joint}" if ones else "") + _DUTCH_TENS[tens - 2]
    if number < 1000:
        count, rest = divmod(number, 100)
        return f"{_DUTCH[count] if count > 1 else ''}honderd{_dutch_word(rest) if rest else ''}"
    count, rest = divmod(number, 1000)
    thousands = f"{_dutch_word(count) if count > 1 else ''}duizend"
    return f"{thousands} {_dutch_word(rest)}" if rest else thousands
