"""Numbers in words in the cases of Czech, Polish and Russian."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from stslocal.text.spoken.cardinals.slavic import czech, polish, russian

OBLIQUE = ("genitive", "dative", "instrumental", "locative")


@dataclass(frozen=True, slots=True)
class _Scale:
    """A word for a large number in the oblique cases, after one and after several."""

    size: int
    gender: str
    one: tuple[str, ...]
    several: tuple[str, ...]


def _same(words: str, ending: str, cut: int = 0) -> dict[str, tuple[str, ...]]:
    """Words that have one form for all oblique cases."""
    return {word: (word[: len(word) - cut] + ending,) * 4 for word in words.split()}


def _table(lines: str) -> dict[str, tuple[str, ...]]:
    """Lines of a nominative and its four forms."""
    rows = [line.split() for line in lines.strip().splitlines()]
    return {row[0]: tuple(row[1:]) for row in rows}


def _scale(size: int, gender: str, one: str, several: str) -> _Scale:
    return _Scale(size, gender, tuple(one.split()), tuple(several.split()))


_RUSSIAN = {
    **{
        word: (f"{word[:-1]}и", f"{word[:-1]}и", f"{word}ю", f"{word[:-1]}и")
        for word in (
            "пять шесть семь девять десять одиннадцать двенадцать тринадцать четырнадцать "
            "пятнадцать шестнадцать семнадцать восемнадцать девятнадцать двадцать тридцать"
        ).split()
    },
    **_same("девяносто сто", "а", 1),
    **_same("сорок", "а"),
    **_table("""
        ноль нуля нулю нулём нуле
        один одного одному одним одном
        одно одного одному одним одном
        одна одной одной одной одной
        два двух двум двумя двух
        две двух двум двумя двух
        три трёх трём тремя трёх
        четыре четырёх четырём четырьмя четырёх
        восемь восьми восьми восемью восьми
        пятьдесят пятидесяти пятидесяти пятьюдесятью пятидесяти
        шестьдесят шестидесяти шестидесяти шестьюдесятью шестидесяти
        семьдесят семидесяти семидесяти семьюдесятью семидесяти
        восемьдесят восьмидесяти восьмидесяти восемьюдесятью восьмидесяти
        двести двухсот двумстам двумястами двухстах
        триста трёхсот трёмстам тремястами трёхстах
        четыреста четырёхсот четырёмстам четырьмястами четырёхстах
        пятьсот пятисот пятистам пятьюстами пятистах
        шестьсот шестисот шестистам шестьюстами шестистах
        семьсот семисот семистам семьюстами семистах
        восемьсот восьмисот восьмистам восемьюстами восьмистах
        девятьсот девятисот девятистам девятьюстами девятистах
    """),
}
_RUSSIAN_SCALES = (
    *(
        _scale(
            size,
            "m",
            f"{stem}а {stem}у {stem}ом {stem}е",
            f"{stem}ов {stem}ам {stem}ами {stem}ах",
        )
        for size, stem in ((10**12, "триллион"), (10**9, "миллиард"), (10**6, "миллион"))
    ),
    _scale(1000, "f", "тысячи тысяче тысячей тысяче", "тысяч тысячам тысячами тысячах"),
)
_POLISH = {
    **_same("pięć dziewięć dziesięć sześć", "ciu", 1),
    **_same(
        "jedenaście dwanaście trzynaście czternaście piętnaście szesnaście siedemnaście "
        "osiemnaście dziewiętnaście",
        "stu",
        4,
    ),
    **_same("pięćdziesiąt sześćdziesiąt siedemdziesiąt osiemdziesiąt dziewięćdziesiąt", "ęciu", 2),
    **_table("""
        zero zera zeru zerem zerze
        jeden jednego jednemu jednym jednym
        jedno jednego jednemu jednym jednym
        jedna jednej jednej jedną jednej
        dwa dwóch dwóm dwoma dwóch
        dwie dwóch dwóm dwiema dwóch
        trzy trzech trzem trzema trzech
        cztery czterech czterem czterema czterech
        siedem siedmiu siedmiu siedmiu siedmiu
        osiem ośmiu ośmiu ośmiu ośmiu
        dwadzieścia dwudziestu dwudziestu dwudziestu dwudziestu
        trzydzieści trzydziestu trzydziestu trzydziestu trzydziestu
        czterdzieści czterdziestu czterdziestu czterdziestu czterdziestu
        sto stu stu stu stu
        dwieście dwustu dwustu dwustu dwustu
        trzysta trzystu trzystu trzystu trzystu
        czterysta czterystu czterystu czterystu czterystu
        pięćset pięciuset pięciuset pięciuset pięciuset
        sześćset sześciuset sześciuset sześciuset sześciuset
        siedemset siedmiuset siedmiuset siedmiuset siedmiuset
        osiemset ośmiuset ośmiuset ośmiuset ośmiuset
        dziewięćset dziewięciuset dziewięciuset dziewięciuset dziewięciuset
    """),
}
_MEN = {2: "dwaj", 3: "trzej", 4: "czterej"}
_CHILDREN = {
    2: "dwoje", 3: "troje", 4: "czworo", 5: "pięcioro", 6: "sześcioro", 7: "siedmioro",
    8: "ośmioro", 9: "dziewięcioro", 10: "dziesięcioro",
}  # fmt: skip
_POLISH_PREFIXES = {
    "jeden": "jedno", "dwa": "dwu", "trzy": "trzy", "cztery": "cztero", "sto": "stu",
    "dwieście": "dwustu", "trzysta": "trzystu", "czterysta": "czterystu",
}  # fmt: skip
"""Numbers before an adjective that do not end in o as dziesięcio."""
_POLISH_SCALES = (
    *(
        _scale(size, "m", one, f"{stem}ów {stem}om {stem}ami {stem}ach")
        for size, stem, one in (
            (10**12, "bilion", "biliona bilionowi bilionem bilionie"),
            (10**9, "miliard", "miliarda miliardowi miliardem miliardzie"),
            (10**6, "milion", "miliona milionowi milionem milionie"),
        )
    ),
    _scale(1000, "m", "tysiąca tysiącowi tysiącem tysiącu", "tysięcy tysiącom tysiącami tysiącach"),
)
_CZECH = {
    **_same(
        "pět šest sedm osm jedenáct dvanáct třináct čtrnáct patnáct šestnáct sedmnáct osmnáct "
        "devatenáct dvacet třicet čtyřicet padesát šedesát sedmdesát osmdesát devadesát deset",
        "i",
    ),
    **_table("""
        nula nuly nule nulou nule
        jeden jednoho jednomu jedním jednom
        jedno jednoho jednomu jedním jednom
        jedna jedné jedné jednou jedné
        dva dvou dvěma dvěma dvou
        dvě dvou dvěma dvěma dvou
        tři tří třem třemi třech
        čtyři čtyř čtyřem čtyřmi čtyřech
        devět devíti devíti devíti devíti
        sto sto sto sto sto
        stě set stům sty stech
        sta set stům sty stech
        set set stům sty stech
    """),
}
_CZECH_SCALES = tuple(
    _scale(size, gender, one, several)
    for size, gender, one, several in (
        (10**12, "m", "bilionu bilionu bilionem bilionu", "bilionů bilionům biliony bilionech"),
        (
            10**9,
            "f",
            "miliardy miliardě miliardou miliardě",
            "miliard miliardám miliardami miliardách",
        ),
        (10**6, "m", "milionu milionu milionem milionu", "milionů milionům miliony milionech"),
        (1000, "m", "tisíce tisíci tisícem tisíci", "tisíc tisícům tisíci tisících"),
    )
)


def ends_in_one(number: int) -> bool:
    """Whether a Russian noun after a number is in the singular: 1, 21, but not 11."""
    return number % 10 == 1 and number % 100 != 11


def is_one(number: int) -> bool:
    """The same in Polish and Czech."""
    return number == 1


@dataclass(frozen=True, slots=True)
class _Language:
    words: Mapping[str, tuple[str, ...]]
    """The oblique forms of each word of a number, by its nominative."""
    scales: tuple[_Scale, ...]
    """The largest first."""
    cardinal: Callable[[int, str], str]
    is_one: Callable[[int], bool]

    def declined(self, number: int, gender: str, case: int) -> str:
        """A number with each of its words in a case."""
        for scale in self.scales:
            if number >= scale.size:
                count, rest = divmod(number, scale.size)
                parts = [
                    self.declined(count, scale.gender, case) if count > 1 else "",
                    (scale.one if self.is_one(count) else scale.several)[case],
                    self.declined(rest, gender, case) if rest else "",
                ]
                return " ".join(filter(None, parts))
        return " ".join(self.words[word][case] for word in self.cardinal(number, gender).split())


_IN_RUSSIAN = _Language(_RUSSIAN, _RUSSIAN_SCALES, russian, ends_in_one)
_IN_POLISH = _Language(_POLISH, _POLISH_SCALES, polish, is_one)
_IN_CZECH = _Language(_CZECH, _CZECH_SCALES, czech, is_one)


def russian_in(number: int, form: str = "") -> str:
    """A cardinal number in Russian; `form` has a gender, a case or both: `f genitive`."""
    gender, case = _parsed(form)
    if case in OBLIQUE:
        return _IN_RUSSIAN.declined(number, gender, OBLIQUE.index(case))
    said = russian(number, gender)
    if case != "accusative":
        return said
    said = said.replace("одна тысяча", "одну тысячу")
    return f"{said.removesuffix('одна')}одну" if said.endswith("одна") else said


def polish_in(number: int, form: str = "") -> str:
    """A cardinal number in Polish; `form` has a gender, a case or both.

    It may also be `men` (pięciu mężczyzn), `men nominative` (dwaj mężczyźni) or `children`
    (pięcioro dzieci).
    """
    if form == "children":
        return _CHILDREN.get(number) or polish(number)
    if form.startswith("men"):
        return _of_men(number, nominative=form.endswith("nominative"))
    return _with_last_one(number, form, _IN_POLISH, "jeden", "jedną")


def _of_men(number: int, *, nominative: bool) -> str:
    """A number of men: as the genitive below a thousand."""
    if nominative and number in _MEN:
        return _MEN[number]
    rest = number % 1000
    thousands = polish(number - rest) if number > rest else ""
    return f"{thousands} {polish_in(rest, 'genitive') if rest else ''}".strip()


def polish_prefix(number: int) -> str:
    """A Polish number before an adjective, in one word with it: dziesięcioletni, stumetrowy."""
    return "".join(
        _POLISH_PREFIXES.get(word)
        or (word if word.endswith("set") else f"{_POLISH[word][0].removesuffix('u')}o")
        for word in polish(number).split()
    )


def czech_in(number: int, form: str = "") -> str:
    """A cardinal number in Czech; `form` has a gender, a case or both."""
    case = _parsed(form)[1]
    if number == 100 and case == "genitive":
        return "sta"
    if 1000 < number < 2000 and case in OBLIQUE:
        return f"tisíc {czech_in(number - 1000, form)}"  # tisíc dvou set
    return _with_last_one(number, form, _IN_CZECH, "jedna", "jednu")


def _with_last_one(number: int, form: str, language: _Language, last: str, object_: str) -> str:
    """A number in Polish or Czech, where only one by itself has cases: dwudziestu jeden."""
    gender, case = _parsed(form)
    if case not in OBLIQUE:
        said = language.cardinal(number, gender)
        return object_ if number == 1 and (gender, case) == ("f", "accusative") else said
    if number > 1 and ends_in_one(number):
        return f"{language.declined(number - 1, '', OBLIQUE.index(case))} {last}"
    return language.declined(number, gender, OBLIQUE.index(case))


def _parsed(form: str) -> tuple[str, str]:
    """The gender and the case of a form."""
    gender, _, case = form.rpartition(" ")
    return (case, "") if case in ("m", "f", "n") else (gender, case)
