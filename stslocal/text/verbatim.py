"""Finds what a translation must have exactly as its source has it: addresses, handles, codes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

_ENDINGS = (
    "com org net edu gov mil int io ai app dev info biz tv me co uk us br pt es fr it de ch at nl "
    "be eu ru jp cn in au ca mx ar cl pl se no dk fi ie nz za"
).replace(" ", "|")
_WORD = r"[\w\-]{1,64}"
_PATTERNS = (
    rf"\b{_WORD}(?:[.+]{_WORD}){{0,8}}@{_WORD}(?:\.{_WORD})+",
    r"\b(?:https?|ftp)://[^\s<>\"]+|\bwww\.[^\s<>\"]+",
    r"\b[A-Z]:\\[^\s<>\"]+",
    rf"\b(?:{_WORD}\.){{1,8}}(?:{_ENDINGS})\b(?:/[^\s<>\"]*)?(?![\w.]*@)",
    r"(?<![\w.])@\w[\w.]*\w|(?<![\w&/])#(?=\w*[^\W\d])\w+",
    r"(?<!\w)[A-Z]\w?(?:\+\+|#)(?!\w)",
    r"(?<![\w.,])\d+(?:\.\d+){3,}(?!\w|[.,]\d)",
    r"(?<![\w.,])\d+(?:\.\d+)+(?:[-/]\d+)+(?!\w|[.,]\d)",
    r"(?<![\w.,/:-])(?=[A-Z\d/.-]*[A-Z])(?=[A-Z/.-]*\d)[A-Z\d]+(?:[-/.][A-Z\d]+)*(?![\w]|-\w)",
    r"(?<![\w.,])\+?\(?\d{1,4}\)?(?:[ -]\d{2,}){2,}(?!\w|[.,]\d)",
    r"(?<![\w.,])(?:\d{3,5}-\d{4}|\d{5}-\d{3})(?![\w-])",
    r"(?<![\w.,])\(\d{2,3}\) ?\d{3,5}-\d{4}(?!\w)",
    r"(?<![\w.,\-])\d{6,}(?!\w|[.,]\d)",
)
"""E-mail; address with a scheme; Windows path; host and path; handle and hashtag; C++, C#;
IP address or version; register number; code of capitals and digits; telephone numbers; long
numbers."""
_FIND = re.compile("|".join(f"(?:{pattern})" for pattern in _PATTERNS))
_NO_CODE = re.compile(
    r"\d[\d.]*(?:AM|PM|KM|KG|CM|MM|ML|M|K|B|BN|GB|MB|TB|KB|S|TH|ST|ND|RD|H)\d*|(?:US|R)\d+"
    r"|[A-Z]{4,}[-/]\d{4}|(?:19|20)\d\d[-/](?:19|20)?\d\d|[\d.,/:-]+(?:AM|PM)"
    r"|\d{1,3}(?:[. ]\d{3})+|X\d+"
)
"""Times, measures, amounts and years that look like codes: these are translated. X1 and its like
are placeholders, which the one that put them in looks for."""
_YEARS = re.compile(r"(?:1[0-9]|20)\d\d-(?:1[0-9]|20)\d\d")


@dataclass(frozen=True, slots=True)
class Verbatim:
    """A part of a text that a translation must not change."""

    start: int
    end: int
    text: str


def verbatim_parts(text: str) -> list[Verbatim]:
    """The parts of a text that must stay as they are, from left to right."""
    return list(_parts(text))


def _parts(text: str) -> Iterator[Verbatim]:
    for match in _FIND.finditer(text):
        found = match[0].rstrip(".,;:!?'\")")
        if found.count("(") > found.count(")"):
            found = match[0].rstrip(".,;:!?'\"")
        if _NO_CODE.fullmatch(found) or _YEARS.fullmatch(found):
            continue
        yield Verbatim(match.start(), match.start() + len(found), found)


def take_pictures(text: str) -> tuple[str, str, str]:
    """Take emoji and other pictures from a text: those before it, the text, those after it.

    A picture inside the text counts as one after it.
    """
    before = re.match(r"(?:\s|[^\w\s])*", text)
    lead = before[0] if before else ""
    first = "".join(letter for letter in lead if is_picture(letter))
    rest = "".join(letter for letter in text[len(lead) :] if is_picture(letter))
    if not first and not rest:
        return "", text, ""
    kept = "".join(" " if is_picture(letter) else letter for letter in text)
    return first, re.sub(r"\s+(?=[.,!?;:](?:\s|$))", "", " ".join(kept.split())), rest


def is_picture(letter: str) -> bool:
    """Whether a character is an emoji, a part of one, or a sign such as ♪."""
    return (
        (unicodedata.category(letter) == "So" and letter not in "°©®™№")
        or letter in "\u200d\ufe0f\u20e3"
        or "\U0001f3fb" <= letter <= "\U0001f3ff"
    )
