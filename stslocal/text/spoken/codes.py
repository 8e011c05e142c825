"""Telephone numbers, codes, versions, and addresses of the internet."""

from __future__ import annotations

import re

from stslocal.text.spoken.numbers import (
    Number,
    kind_of_pair,
    parse_number,
    say_digits,
    write_number,
)
from stslocal.text.spoken.tokens import (
    TokenClass,
    alternatives,
    labels_before,
    token_class,
    word_after,
)
from stslocal.text.spoken.words import Words

_TELEPHONES = (
    r"\+\d{1,14}(?:[ .-]?\(\d{1,5}\))?(?:(?:[ .-]|(?<=\)))\d{1,8}){0,6}",
    r"(?:\d{1,3}[ -])?\(\d{2,5}\) ?\d{2,9}(?:[ .-]\d{2,5}){0,3}",
    r"(?:\d[ -])?\(?\d{3}\)?[ -]\d{3}-\d\d-\d\d",
    r"\d{1,4}(?:-\d{2,5}){2,4}",
    r"\d{2,4}(?:\.\d{2,4}){2,4}",
    r"\d{2} \d{4,5}-\d{4}",
    r"(?:\d[ -])?\d{3}[ .-]\d{3}[ .-]\d{4}",
    r"0\d(?: \d\d){4}",
    r"0\d{1,4}(?: \d{2,8}){2,4}",
    r"0\d{1,4}(?: \d{3,8}){1,3}",
    r"3\d\d \d{6,7}",
    r"[6789]\d\d(?: \d\d\d){2}",
    r"[6789]\d\d(?: \d\d){3}",
    r"\d{5} \d{5}",
    r"\d{4}(?: \d{4}){2,3}",
)
_FEWEST_DIGITS, _MOST_DIGITS = 7, 19
_EMERGENCY = (
    "911|999|112|110|119|111|113|114|115|116|117|118|190|191|192|193|198|199|188|180|181|101|102|103"
    "|108|988|211|311|411|511|611|711|811|061|016|017|018"
)
"""Numbers of three digits that are called; others after `call` count something."""
_LABELS = 3
"""Words before a number in which a word such as `call` is looked for ("call me at")."""
_ENDINGS = frozenset(
    "com org net edu gov mil int info biz io co me tv ai app dev uk us br pt es fr it in de eu ca "
    "au mx ar ch nl at pl cz ru tr hu cn jp kr se dk fi "
    "html htm php pdf txt doc docx xls xlsx csv jpg png gif mp3 mp4 wav zip exe py js "
    "json".split()
)
"""Last parts of names of hosts and of files. Other words around a full stop lack their space."""
_LONGEST_PATH = 40


def telephone_classes(words: Words) -> list[TokenClass]:
    """The classes of telephone numbers, by their groups or by the word before."""

    def say(match: re.Match[str]) -> str | None:
        digits = sum(letter.isdigit() for letter in match[0])
        if not _FEWEST_DIGITS <= digits <= _MOST_DIGITS:
            return None
        if words.point == "," and re.fullmatch(r"\d{1,3}(?:\.\d{3})+", match[0]):
            return None  # a number: 12.000.000
        return _say_groups(match[0], words)

    def pair(match: re.Match[str]) -> str | None:
        called = labels_before(match, _LABELS) & words.call_words
        kind = kind_of_pair(Number(match[1]), Number(match[2]))
        if (kind != "telephone" and not called) or word_after(match) in words.units:
            return None
        return _say_groups(match[0], words)

    def called(match: re.Match[str]) -> str | None:
        if not labels_before(match, _LABELS) & words.call_words:
            return None
        return _say_groups(match[0], words)

    def lettered(match: re.Match[str]) -> str:
        return f"{_say_groups(match[1], words)}, {match[2]}"

    return [
        *(token_class(pattern, say) for pattern in _TELEPHONES),
        token_class(r"(\d-\d{3})-([A-Z]{3,})", lettered),
        token_class(r"(\d{3,5})-(\d{4})", pair),
        token_class(rf"{_EMERGENCY}|\d{{6,}}|\d{{2,5}}(?:[ .-]\d{{2,8}}){{1,5}}", called),
    ]


def code_classes(words: Words) -> list[TokenClass]:
    """The classes of versions, of digits with hyphens, and of letters with digits."""

    def version(match: re.Match[str]) -> str:
        return f" {words.dot} ".join(match[0].split("."))

    def models(match: re.Match[str]) -> str:
        return f"{_say_groups(match[1], words)}s"

    def groups(match: re.Match[str]) -> str:
        numbers = [parse_number(part, words.point) for part in match[0].split("/")]
        if len(numbers) == 2 and "-" not in match[0] and not numbers[1].is_padded:
            return " ".join(write_number(number, words) for number in numbers)
        return _say_groups(match[0], words)

    def named(match: re.Match[str]) -> str:
        number = match[2]
        if number.startswith("0") or len(number) > 4:
            number = say_digits(number, words)
        more = match[3].replace("-", " ")
        return f"{match[1]} {number}{more}"

    def mixed(match: re.Match[str]) -> str | None:
        runs = re.findall(r"\d+|[A-Z]+", match[0])
        if len(runs) < 3 and match[0] != "CO2":
            return None
        return " ".join(
            say_digits(run, words) if run.isdigit() and len(run) > 2 else
            run if run.isdigit() else " ".join(run)
            for run in runs
        )  # fmt: skip

    return [
        token_class(r"\d+(?:\.\d+){2,}", version),
        token_class(r"(\d{3}-\d{3})s", models),
        token_class(r"\d+(?:[-./]\d+)+", groups),
        token_class(r"([A-Z][A-Za-z]{0,7}\d{0,3})-(\d+)((?:-\d+)?[A-Za-z]?)", named),
        token_class(r"(?=[A-Z]*\d)(?=\d*[A-Z])[A-Z\d]{3,12}", mixed),
    ]


def address_classes(words: Words) -> list[TokenClass]:
    """The classes of e-mail addresses, of URLs and file names, of handles and tags."""
    host = r"(?P<host>[\w-]+(?:\.[\w-]+)+)"

    def mail(match: re.Match[str]) -> str:
        at = words.symbols["@"].strip()
        return f"{_spell(match['user'], words)} {at} {_spell(match['host'], words)}"

    def link(match: re.Match[str]) -> str | None:
        last = match["host"].rpartition(".")[2]
        if f"{match[0]}." in words.abbreviations:
            return None
        if not match["scheme"] and last.lower() not in _ENDINGS:
            return None
        path = match["path"] or ""
        said = _spell(match["host"], words)
        if 1 < len(path) <= _LONGEST_PATH:
            said = f"{said} {_spell(path.rstrip('/'), words)}"
        return said

    def handle(match: re.Match[str]) -> str:
        name = re.sub(r"[_.]+", " ", match[2])
        return f"{words.symbols[match[1]].strip()} {name}" if match[1] == "@" else name

    return [
        token_class(rf"(?P<user>[\w.+-]+)@{host}", mail),
        token_class(
            rf"(?P<scheme>(?:https?|ftp)://(?:www\.)?|www\.)?{host}(?::\d+)?"
            r"(?P<path>/[\w\-./%~]*[\w/]|/)?(?:[?#]\S*[\w=/&])?",
            link,
        ),
        token_class(r"([@#])([^\W\d][\w.]*\w|[^\W\d])", handle),
    ]


def _say_groups(text: str, words: Words) -> str:
    """Digits one by one, with a short pause between the groups in which they are written."""
    groups = re.findall(r"\d+", text)
    pairs = {len(group) for group in groups} <= {1, 2}  # +33 1 23 45 67 89 too
    if words.telephone_pairs and len(groups) > 2 and pairs:
        said = ", ".join(groups)
    else:
        # An area code of two digits in brackets is said as a number: (11) 98765-4321.
        said = ", ".join(
            group
            if f"({group})" in text and len(group) == 2 and group[0] != "0"
            else say_digits(group, words)
            for group in groups
        )
    return f"{words.symbols['plus'].strip()} {said}" if text.startswith("+") else said


def _spell(address: str, words: Words) -> str:
    signs = {".": words.dot, "-": words.dash, "_": words.underscore, "/": words.slash}
    signs["+"] = words.symbols["plus"].strip()
    parts = re.split(rf"({alternatives(signs)})", address)
    said = [signs.get(part, _label(part)) for part in parts if part]
    return " ".join(said)


def _label(part: str) -> str:
    """A part of an address; a country's code by its letters."""
    return " ".join(part.upper()) if len(part) == 2 and part.isalpha() else part
