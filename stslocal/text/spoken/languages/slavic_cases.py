"""What says the case of a number in Czech, Polish and Russian, and the cases of units' nouns.

Left out is whatever has two readings: "в 5 км" may be a place or a measure, and "z 5 km" may be
"from" or "with". There the number stays in the nominative.
"""

from __future__ import annotations

import re

from stslocal.text.spoken.cardinals.slavic_cases import ends_in_one, is_one
from stslocal.text.spoken.cases import Cases

_G, _D, _A, _I, _L = "genitive", "dative", "accusative", "instrumental", "locative"
_ADJECTIVE = {_D: ("ым", "ym", "ým"), _I: ("ыми", "ymi", "ými"), _L: ("ых", "ych", "ých")}


def _after(words: str, case: str) -> dict[str, str]:
    """The case after each of some words, or pairs of words with a low line between them."""
    return {word.replace("_", " "): case for word in words.split()}


_Rules = tuple[tuple[tuple[str, ...], str], ...]


def _rules(*rows: tuple[str, str, str]) -> dict[str, _Rules]:
    """By word: the rules of all rows, each of words, endings (none: any) and the case."""
    rules: dict[str, _Rules] = {}
    for words, endings, case in rows:
        for word in words.split():
            rules[word] = (*rules.get(word, ()), (tuple(endings.split()) or ("",), case))
    return rules


def _russian(one: str, two: str, case: str) -> str | None:
    if one == two:
        return one
    if one.endswith("ый"):
        return one[:-2] + _ADJECTIVE[case][0]
    vowel = "я" if one[-1] in "ья" else "а"
    stem = one[:-1] if one[-1] in "аья" else one
    return stem + vowel + {_D: "м", _I: "ми", _L: "х"}[case]


def _polish(one: str, two: str, case: str) -> str | None:
    if one == two:
        return one
    if one.endswith("y"):
        return one[:-1] + _ADJECTIVE[case][1]
    return two[:-1] + {_D: "om", _I: "ami", _L: "ach"}[case]


def _czech(one: str, two: str, case: str) -> str | None:
    if one.endswith("ční"):
        return one + {_D: "m", _I: "mi", _L: "ch"}[case]
    if one == two:
        return one
    if one.endswith("ý"):
        return one[:-1] + _ADJECTIVE[case][2]
    if one.endswith("a"):
        return one[:-1] + {_D: "ám", _I: "ami", _L: "ách"}[case]
    if one.endswith("o"):
        return one[:-1] + {_D: "ům", _I: "y", _L: "ech"}[case]
    if two.endswith("y") and one[-1] not in "kghz":
        return one + {_D: "ům", _I: "y", _L: "ech"}[case]
    if one.endswith("eň"):
        return one[:-2] + {_D: "ňům", _I: "ni", _L: "ních"}[case]
    return None


def _changed(pairs: str, noun: str) -> str:
    """A noun, or the first word of several, with another ending."""
    first, space, rest = noun.partition(" ")
    for pair in pairs.split():
        old, new = pair.split("-")
        if first.endswith(old):
            return f"{first.removesuffix(old)}{new}{space}{rest}"
    return noun


RUSSIAN_CASES = Cases(
    by_word={
        **_after(
            "от до из без для около после вместо против среди кроме возле вокруг свыше более менее "
            "больше меньше старше младше выше ниже у изо ото в_течение на_протяжении в_возрасте "
            "в_размере в_пределах в_количестве в_объёме в_сумме порядка",
            _G,
        ),
        **_after("к ко благодаря", _D),
        **_after("между перед", _I),
        **_after("при о об обо", _L),
    },
    by_ending=_rules(
        ("с со над под за", "ами ями ьми ыми ими", _I),
        ("с со", "ом ем ём ой", _I),
        ("с со", "ов ев ей лет часа минут", _G),
        ("в во на о об при", "ах ях", _L),
        ("между перед", "ами ями ьми", _I),
        ("к ко", "ам ям", _D),
        ("по", "ам ям", _D),
        ("через за спустя про в на", "у ю", _A),
    ),
    everywhere=((("ами", "ями"), _I),),
    invariable=frozenset("цунами татами оригами".split()),
    by_rest={
        **dict.fromkeys(("с", "со"), ((re.compile(r"(?: [^\d\s]+){0,2} (?:до|по) \d"), _G),)),
        "в": ((re.compile(r" (?:от|к) [^\W\d_]| из \d"), _L),),
        **dict.fromkeys(
            ("через", "за", "спустя"), ((re.compile(r"(?! [^ ]+(?:ом|ем|ой|ей|ью|ми)\b)"), _A),)
        ),
    },
    adjectives=("ых", "их", "ым", "им"),
    joints=frozenset("и или либо".split()),
    feminine={_G: ("ы", "и"), _D: ("е", "и"), _I: ("ой", "ей", "ью"), _A: ("у", "ю")},
    is_one=ends_in_one,
    forms_of_one={_G: 1},
    declined=_russian,
    object_of_one=lambda noun: _changed("а-у я-ю", noun),
)
POLISH_CASES = Cases(
    by_word={
        **_after(
            "od do bez dla koło około oprócz podczas wśród spośród według zamiast powyżej poniżej "
            "u w_ciągu w_wieku w_trakcie w_wysokości w_odległości w_granicach w_okresie",
            _G,
        ),
        **_after("dzięki ku przeciw przeciwko wbrew", _D),
        **_after("przed między pomiędzy", _I),
        **_after("przy", _L),
    },
    by_ending=_rules(
        ("z ze nad pod za", "mi", _I),
        ("z ze", "ą em", _I),
        ("z ze", "", _G),
        ("w we na po o", "ach", _L),
        ("za na w przez o", "ę", _A),
    ),
    everywhere=((("ami",), _I),),
    invariable=frozenset("salami tsunami origami".split()),
    by_rest={
        **dict.fromkeys(
            ("z", "ze"),
            ((re.compile(r"(?: [^\d\s]+){0,2} (?:do|na) \d|[.,;:!?)]|$"), _G),),
        ),
        "w": ((re.compile(r" z \d"), _L),),
        **dict.fromkeys(("za", "przez"), ((re.compile("(?! [^ ]+(?:em|ą|mi)\\b)"), _A),)),
    },
    adjectives=("ych", "ich"),
    joints=frozenset("i lub a albo".split()),
    feminine={_G: ("y", "i"), _D: ("e", "y", "i"), _I: ("ą",), _A: ("ę",)},
    is_one=is_one,
    forms_of_one={_G: 3},
    declined=_polish,
    object_of_one=lambda noun: _changed("a-ę", noun),
)
CZECH_CASES = Cases(
    by_word={
        **_after(
            "od do z ze bez u kolem okolo během podle vedle kromě ohledně ve_věku ve_výši "
            "v_průběhu po_dobu v_délce v_rozmezí uprostřed",
            _G,
        ),
        **_after("k ke ku proti kvůli díky vůči", _D),
        **_after("s před mezi", _I),
        **_after("při", _L),
    },
    by_ending=_rules(
        ("se nad pod za", "mi", _I),
        ("v ve na po o", "ech ách ích ých", _L),
        ("za na přes o", "u", _A),
    ),
    everywhere=((("ami", "emi", "ěmi"), _I),),
    invariable=frozenset("salami tsunami origami".split()),
    by_rest={
        **dict.fromkeys(("za", "přes"), ((re.compile("(?! [^ ]+(?:em|ou|mi)\\b)"), _A),)),
        **dict.fromkeys(("v", "ve"), ((re.compile(r" ze? \d"), _L),)),
    },
    adjectives=("ých", "ích"),
    joints=frozenset("a nebo i až".split()),
    feminine={_G: ("y", "e", "ě"), _D: ("ě", "e", "i"), _I: ("ou", "í"), _A: ("u",)},
    is_one=is_one,
    forms_of_one={_G: 3},
    declined=_czech,
    object_of_one=lambda noun: _changed("a-u", noun),
)
