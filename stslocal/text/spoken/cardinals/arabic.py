"""Cardinal and ordinal numbers in Modern Standard Arabic, and nouns after a number."""

from __future__ import annotations

_MASCULINE = ("صفر واحد اثنان ثلاثة أربعة خمسة ستة سبعة ثمانية تسعة عشرة").split()
"""Before a masculine noun, from three on, a number has the ending that else is feminine."""
_FEMININE = "صفر واحدة اثنتان ثلاث أربع خمس ست سبع ثمان تسع عشر".split()
_TENS = "عشرون ثلاثون أربعون خمسون ستون سبعون ثمانون تسعون".split()
_HUNDREDS = "مئة مئتان ثلاثمئة أربعمئة خمسمئة ستمئة سبعمئة ثمانمئة تسعمئة".split()
_SCALES = (
    (10**12, "تريليون/تريليونان/تريليونات/تريليونًا"),
    (10**9, "مليار/ملياران/مليارات/مليارًا"),
    (10**6, "مليون/مليونان/ملايين/مليونًا"),
    (1000, "ألف/ألفان/آلاف/ألفًا"),
)
_ORDINALS = "الأول الثاني الثالث الرابع الخامس السادس السابع الثامن التاسع العاشر".split()
_FEMININE_ORDINALS = (
    "الأولى الثانية الثالثة الرابعة الخامسة السادسة السابعة الثامنة التاسعة العاشرة"
).split()
_GENITIVES = (("اثنا عشر", "اثني عشر"), ("اثنتا عشرة", "اثنتي عشرة"))


def arabic_form(number: int, fraction: str = "") -> int:
    """The form of a noun after a number: 0 singular, 1 dual, 2 plural, 3 singular accusative."""
    if fraction:
        return 0
    last = number % 100
    if number in (1, 2):
        return number - 1
    return 2 if 3 <= last <= 10 else 3 if 11 <= last <= 99 else 0


def arabic(number: int, gender: str = "") -> str:
    """A cardinal number in Arabic; `gender` is that of the noun after it."""
    if number == 0:
        return _MASCULINE[0]
    parts = []
    for size, names in _SCALES:
        count, number = divmod(number, size)
        if count:
            parts.append(arabic_counted(count, names, "m", alone=True))
    if number >= 100:
        parts.append(_HUNDREDS[number // 100 - 1])
        number %= 100
    if number:
        parts.append(_below_hundred(number, gender))
    return " و".join(parts)


def arabic_counted(number: int, forms: str, gender: str, *, alone: bool = False) -> str:
    """A number with its noun. One and two are said by the noun: كيلومتر واحد, كيلومتران.

    With `alone`, one is not said at all: ألف.
    """
    noun = forms.split("/")[min(arabic_form(number), forms.count("/"))]
    if number == 1:
        return noun if alone else f"{noun} {arabic(1, gender)}"
    if number == 2 and forms.count("/"):
        return noun
    words = arabic(number, gender)
    if words.endswith(("مئتان", "ألفان")):
        words = words[:-1]  # no ن before a noun
    return f"{words} {noun}"


def arabic_ordinal(number: int, feminine: bool = False) -> str:
    """An ordinal number up to 99 with the article: الثالث والعشرون."""
    names = _FEMININE_ORDINALS if feminine else _ORDINALS
    tens, ones = divmod(number, 10)
    if number <= 10:
        return names[number - 1]
    first = ("الحادية" if feminine else "الحادي") if ones == 1 else names[ones - 1]
    if tens == 1:
        return f"{first} {'عشرة' if feminine else 'عشر'}"
    return f"{first} وال{_TENS[tens - 2]}" if ones else f"ال{_TENS[tens - 2]}"


def genitive(words: str) -> str:
    """A number as it is after a preposition or a noun: ألفين وأربعة وعشرين."""
    for nominative, oblique in _GENITIVES:
        words = words.replace(nominative, oblique)
    return " ".join(_genitive_word(word) for word in words.split())


def _genitive_word(word: str) -> str:
    if word.removeprefix("و").removeprefix("ال") in _TENS:
        return f"{word[:-2]}ين"
    bare = word.removeprefix("و")
    if bare in ("مئتان", "ألفان", "اثنان", "اثنتان", "مليونان", "ملياران"):
        return f"{word[:-2]}ين"
    return word


def _below_hundred(number: int, gender: str) -> str:
    names = _FEMININE if gender == "f" else _MASCULINE
    if number <= 10:
        return names[number]
    tens, ones = divmod(number, 10)
    if tens == 1:
        ten = "عشرة" if gender == "f" else "عشر"
        if ones == 1:
            return f"{'إحدى' if gender == 'f' else 'أحد'} {ten}"
        if ones == 2:
            return f"{'اثنتا' if gender == 'f' else 'اثنا'} {ten}"
        return f"{'ثماني' if names[ones] == 'ثمان' else names[ones]} {ten}"
    if not ones:
        return _TENS[tens - 2]
    first = "إحدى" if ones == 1 and gender == "f" else names[ones]
    return f"{first} و{_TENS[tens - 2]}"
