"""Signs between or beside words, and characters that are no text of the language."""

from __future__ import annotations

import re
import unicodedata

from stslocal.text.spoken.tokens import TokenClass, alternatives, token_class
from stslocal.text.spoken.words import Words

_PICTURES = frozenset({"So", "Sk", "Cc", "Co", "Cs", "Cn", "Me"})
"""Unicode categories of emoji, dingbats and control characters."""
_MARKS = re.compile("[\ufe00-\ufe0f]")
"""Variation selectors: they ask for a picture or for none."""
_STYLED = re.compile("[\U0001d400-\U0001d7ff\uff01-\uff5e₀-₉ﬀ-ﬆⅠ-ⅿ①-⑳㌀-㏿]")
"""Letters and digits that only look different."""
_CODES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]|</?[A-Za-z][^<>]{0,40}>")
"""Colours of a terminal, and tags of a subtitle."""
_LAST_LATIN = "\u024f"
_ARROWS = re.compile("[←-⇿]")


def sum_classes(words: Words) -> list[TokenClass]:
    """The class of sums: 2+2=4."""
    signs = words.symbols
    operators = {**signs, "-": words.symbols["minus"], "x": signs["×"], "/": signs["÷"]}

    def sum_of(match: re.Match[str]) -> str:
        return re.sub(r" ?([-+=×x÷/]) ?", lambda found: f" {operators[found[1]]} ", match[0])

    return [token_class(r"\d+(?: ?[+=] ?\d+)+|\d+(?: ?[-+×x÷/] ?\d+)+ ?= ?\d+", sum_of)]


def symbol_classes(words: Words) -> list[TokenClass]:
    """The classes of signs: alone between words, between letters, and after a word."""
    signs = {sign: said.strip() for sign, said in words.symbols.items() if len(sign) == 1}

    def alone(match: re.Match[str]) -> str:
        return signs[match[0]]

    def joined(match: re.Match[str]) -> str:
        left, right = (
            " ".join(side) if side.isupper() and len(side) == 2 else side for side in match.groups()
        )
        return f"{left} {signs['&']} {right}"

    def number(match: re.Match[str]) -> str:
        return f"{signs['#']} {match[1]}"

    def plus(match: re.Match[str]) -> str:
        return f"{match[1]} {signs['+']}"

    def power(match: re.Match[str]) -> str:
        minus = f"{words.symbols['minus']} " if match[2] else ""
        return f"{match[1]} {signs['^']} {minus}{match[3]}"

    return [
        token_class(r"(\d+)\^(-?)(\d+)", power),
        token_class(r"C#", lambda _: "C sharp"),
        token_class(alternatives(signs), alone),
        token_class(r"([^\W\d_]+) ?& ?([^\W\d_]+)", joined),
        token_class(r"#(\d+)", number),
        token_class(r"([^\W_]+)\+", plus),
        token_class(r"([A-Z]{2,5})\+(\d+)", lambda match: f"{plus(match)} {match[2]}"),
    ]


def without_styles(text: str) -> str:
    """`text` with letters of a special look as plain letters."""
    return _STYLED.sub(lambda match: unicodedata.normalize("NFKC", match[0]), text)


def without_codes(text: str) -> str:
    """`text` without what only programs read."""
    return _CODES.sub("", text)


def without_pictures(text: str) -> str:
    """`text` without emoji, arrows and characters that are not seen."""
    text = _ARROWS.sub(" ", _MARKS.sub("", text))
    kept = (
        "" if category == "Cf" else " " if category in _PICTURES else letter
        for letter in text
        for category in (unicodedata.category(letter),)
    )
    return "".join(kept)


def without_foreign_script(text: str, scripts: tuple[str, ...]) -> str:
    """`text` without the words of other scripts than `scripts` (as Unicode names letters).

    A voice would spell them or say "Chinese letter". A single Greek letter stays, as in formulas.
    """
    if text.isascii():
        return text

    def keep(match: re.Match[str]) -> str:
        word = match[0]
        names = {
            unicodedata.name(letter, "").split()[0] if unicodedata.name(letter, "") else ""
            for letter in word
            if letter > _LAST_LATIN and unicodedata.category(letter)[0] in "LM"
        }
        combining = {"COMBINING", "MODIFIER", ""}
        greek = len(word) == 1 and names == {"GREEK"}
        return word if greek or names <= combining | set(scripts) else " "

    text = re.sub(r"[^\W\d_](?:[^\W\d_]|[\u0300-\u036f\u0900-\u0fff])*", keep, text)
    return re.sub(r"\(\s*\)|\"\s*\"", " ", text)
