"""Cardinal and ordinal numbers in Hungarian and Turkish."""

from __future__ import annotations

_TURKISH = "sıfır bir iki üç dört beş altı yedi sekiz dokuz".split()
_TURKISH_TENS = "on yirmi otuz kırk elli altmış yetmiş seksen doksan".split()
_TURKISH_SCALES = ((10**12, "trilyon"), (10**9, "milyar"), (10**6, "milyon"))
_TURKISH_ORDINALS = {
    "sıfır": "sıfırıncı", "bir": "birinci", "iki": "ikinci", "üç": "üçüncü", "dört": "dördüncü",
    "beş": "beşinci", "altı": "altıncı", "yedi": "yedinci", "sekiz": "sekizinci",
    "dokuz": "dokuzuncu", "on": "onuncu", "yirmi": "yirminci", "otuz": "otuzuncu",
    "kırk": "kırkıncı", "elli": "ellinci", "altmış": "altmışıncı", "yetmiş": "yetmişinci",
    "seksen": "sekseninci", "doksan": "doksanıncı", "yüz": "yüzüncü", "bin": "bininci",
    "milyon": "milyonuncu", "milyar": "milyarıncı", "trilyon": "trilyonuncu",
}  # fmt: skip
_HUNGARIAN = "nulla egy kettő három négy öt hat hét nyolc kilenc".split()
_HUNGARIAN_TENS = "harminc negyven ötven hatvan hetven nyolcvan kilencven".split()
_HUNGARIAN_SCALES = ((10**12, "billió"), (10**9, "milliárd"), (10**6, "millió"))
_HUNGARIAN_ORDINALS = (
    ("egy", "egyedik"), ("kettő", "kettedik"), ("három", "harmadik"), ("négy", "negyedik"),
    ("öt", "ötödik"), ("hat", "hatodik"), ("hét", "hetedik"), ("nyolc", "nyolcadik"),
    ("kilenc", "kilencedik"), ("tíz", "tizedik"), ("húsz", "huszadik"), ("harminc", "harmincadik"),
    ("negyven", "negyvenedik"), ("ötven", "ötvenedik"), ("hatvan", "hatvanadik"),
    ("hetven", "hetvenedik"), ("nyolcvan", "nyolcvanadik"), ("kilencven", "kilencvenedik"),
    ("száz", "századik"), ("ezer", "ezredik"), ("millió", "milliomodik"),
    ("milliárd", "milliárdodik"), ("billió", "billiomodik"), ("nulla", "nulladik"),
)  # fmt: skip


def turkish(number: int, gender: str = "") -> str:
    """A cardinal number in Turkish: bin dokuz yüz kırk beş."""
    if number < 10:
        return _TURKISH[number]
    for size, name in _TURKISH_SCALES:
        if number >= size:
            return _with_rest(f"{turkish(number // size)} {name}", number % size)
    for size, name in ((1000, "bin"), (100, "yüz")):
        if number >= size:
            count, rest = divmod(number, size)
            return _with_rest(name if count == 1 else f"{turkish(count)} {name}", rest)
    return _with_rest(_TURKISH_TENS[number // 10 - 1], number % 10)


def turkish_ordinal(number: int) -> str:
    """An ordinal number in Turkish: yirmi birinci."""
    before, _, last = turkish(number).rpartition(" ")
    return f"{before} {_TURKISH_ORDINALS[last]}".strip()


def _with_rest(words: str, rest: int) -> str:
    return f"{words} {turkish(rest)}" if rest else words


def hungarian(number: int, gender: str = "") -> str:
    """A cardinal number in Hungarian; before a noun (any `gender`) two is `két`."""
    for size, name in _HUNGARIAN_SCALES:
        if number >= size:
            count, rest = divmod(number, size)
            words = f"{hungarian(count, 'm')}{name}"
            return f"{words}-{hungarian(rest, gender)}" if rest else words
    if number > 2000 and number % 1000:
        count, rest = divmod(number, 1000)
        return f"{hungarian(count, 'm')}ezer-{hungarian(rest, gender)}"
    return _hungarian_word(number, "két" if gender else "kettő")


def _hungarian_word(number: int, two: str) -> str:
    if number >= 1000:
        count, rest = divmod(number, 1000)
        words = "ezer" if count == 1 else f"{hungarian(count, 'm')}ezer"
        return words + (_hungarian_word(rest, two) if rest else "")
    if number >= 100:
        count, rest = divmod(number, 100)
        words = "száz" if count == 1 else f"{_hungarian_word(count, 'két')}száz"
        return words + (_hungarian_word(rest, two) if rest else "")
    tens, ones = divmod(number, 10)
    last = (two if ones == 2 else _HUNGARIAN[ones]) if ones else ""
    if tens == 0:
        return last or _HUNGARIAN[0]
    if tens in (1, 2):
        alone, joined = (("tíz", "tizen"), ("húsz", "huszon"))[tens - 1]
        return f"{joined}{last}" if last else alone
    return f"{_HUNGARIAN_TENS[tens - 3]}{last}"


def hungarian_ordinal(number: int) -> str:
    """An ordinal number in Hungarian: első, huszonharmadik."""
    if number in (1, 2):
        return ("első", "második")[number - 1]
    words = hungarian(number)
    ending = max(
        (pair for pair in _HUNGARIAN_ORDINALS if words.endswith(pair[0])),
        key=lambda pair: len(pair[0]),
    )
    return words.removesuffix(ending[0]) + ending[1]
