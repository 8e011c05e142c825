"""The gender that the word after a number shows by its ending, for one and two before a noun.

`before` and `after` are the words around the number. Romance languages have a room of their own.

Only endings that are right for most nouns; else nothing, and the number is said as it is alone.
"""

from __future__ import annotations

_SHORTEST_NOUN = 3
_CONJUNCTIONS = frozenset("albo oraz nebo anebo или либо что это és vagy meg az".split())
GERMAN_FEMININE = ("e", "ung", "heit", "keit", "schaft", "ion", "tät", "ik", "in", "frau", "Frau",
                    "stadt", "Stadt", "Zahl", "Hand", "Nacht", "Person", "Woche")  # fmt: skip
_POLISH_FEMININE = frozenset(
    "osoby kobiety książki córki siostry firmy szkoły rzeczy części noce gry bramki drogi głowy "
    "łodzie matki nogi ofiary ręce rodziny rundy szanse sprawy strony sztuki tony wersje wioski "
    "wsie wyspy zasady żony kategorie grupy szóstki drużyny bramy klasy komórki krowy linie "
    "maszyny".split()
)
_POLISH_NEUTER = ("imię", "ramię", "zwierzę", "plemię", "niemowlę", "dziecię", "cielę", "kurczę",
                  "prosię", "jagnię", "znamię")  # fmt: skip
_CZECH_FEMININE = frozenset(
    "osoby ženy knihy dcery sestry firmy školy věci části noci hry branky rodiny strany třídy "
    "skupiny děti ruce nohy oči uši cesty hlavy ceny zprávy otázky chvíle ulice práce stanice "
    "verze kategorie linie stovky".split()
)


def hungarian(number: int, before: str, after: str) -> str:
    """Két ember, and kettő alone."""
    return "m" if len(after) > 1 and after.isalpha() and after not in _CONJUNCTIONS else ""


def german(number: int, before: str, after: str) -> str:
    """Eine Frau, ein Mann; alone, and before a word that is no noun, eins."""
    if number != 1 or not after[:1].isupper():
        return ""
    return "f" if after.endswith(GERMAN_FEMININE) else "m"


def russian(number: int, before: str, after: str) -> str:
    """Две книги, два дома; одна книга, одно окно, один дом."""
    if number % 100 in (11, 12) or len(after) < _SHORTEST_NOUN or after in _CONJUNCTIONS:
        return ""
    if number % 10 == 2:
        return "f" if after.endswith(("и", "ы", "ые", "ие")) else ""
    if number % 10 == 1:
        if after.endswith(("у", "ю")):
            return "f accusative"
        return "f" if after.endswith(("а", "я")) else "n" if after.endswith(("о", "е")) else ""
    return ""


def polish(number: int, before: str, after: str) -> str:
    """Dwie osoby, dwa domy; jedna osoba, jedno miasto, jeden dom."""
    if len(after) < _SHORTEST_NOUN or after in _CONJUNCTIONS:
        return ""
    if number == 1:
        if after.endswith("ę"):
            return "n" if after.endswith(_POLISH_NEUTER) else "f accusative"
        return "f" if after.endswith("a") else "n" if after.endswith(("o", "e")) else ""
    feminine = number % 10 == 2 and number % 100 != 12 and after in _POLISH_FEMININE
    return "f" if feminine else ""


def czech(number: int, before: str, after: str) -> str:
    """Dvě ženy, dvě města, dva domy; jedna žena, jedno město, jeden dům."""
    if len(after) < _SHORTEST_NOUN or after in _CONJUNCTIONS:
        return ""
    if number == 1:
        if after.endswith("u"):
            return "f accusative"
        return "f" if after.endswith("a") else "n" if after.endswith(("o", "í")) else "m"
    if number == 2:
        return "n" if after.endswith("a") else "f" if after in _CZECH_FEMININE else ""
    return ""
