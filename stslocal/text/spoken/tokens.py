"""Classes of tokens: a pattern that fits whole tokens only, and how such a token is said.

A pattern can take several words ("5 May 2024"). It never begins or ends inside a word or a
number, so no part of a token is ever said apart from the rest.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

_OPENING = " (\"'—…"
"""A token begins after a space, an opening mark or a dash."""
_END = r"(?=(?:'[^\W\d_]{1,6})?[.,;:!?…)\"'—،؛؟]*(?:\s|—|$)|-[^\W\d_]|\()"
"""It ends before a space with or without marks, before a bracket, or before a hyphen and a word."""
_MARKS = ".,;:!?…()\"'—،؛؟"
_STOPS = ".!?…؟"
_CONTEXT = 200
"""Characters before a token that are looked at."""


@dataclass(frozen=True, slots=True)
class TokenClass:
    """Tokens of one kind."""

    pattern: re.Pattern[str]
    say: Callable[[re.Match[str]], str | None]
    """The words for a token. None: the token is of another class after all."""


def token_class(pattern: str, say: Callable[[re.Match[str]], str | None]) -> TokenClass:
    """The class of the whole tokens that fit `pattern`."""
    return TokenClass(re.compile(f"(?:{pattern}){_END}"), say)


def said(text: str, classes: Iterable[TokenClass]) -> str:
    """`text` with the words for each token that is of one of the `classes`.

    The first class that takes a token says it. What is said is not looked at again.
    """
    classes = tuple(classes)
    parts: list[str] = []
    at = 0
    while at < len(text):
        for kind in classes if at == 0 or text[at - 1] in _OPENING else ():
            found = kind.pattern.match(text, at)
            words = kind.say(found) if found else None
            if found and words is not None:
                parts.append(words)
                at = found.end()
                break
        else:
            parts.append(text[at])
            at += 1
    return "".join(parts)


def word_before(match: re.Match[str]) -> str:
    """The word before a token, without marks; empty at the start of a sentence or clause."""
    before = words_before(match).rstrip()
    if not before or before[-1] in _MARKS.replace("(", ""):
        return ""
    return before.split()[-1].strip(_MARKS)


def labels_before(match: re.Match[str], count: int) -> set[str]:
    """The last words before a token in small letters, whatever marks stand between."""
    return {word.strip(_MARKS).lower() for word in words_before(match).split()[-count:]}


def words_before(match: re.Match[str]) -> str:
    """What stands before a token, as far as it matters."""
    return match.string[max(0, match.start() - _CONTEXT) : match.start()]


def word_after(match: re.Match[str]) -> str:
    """The word after a token, without marks; empty where a mark or the end follows."""
    after = match.string[match.end() : match.end() + _CONTEXT]
    if not after[:1].isspace():
        return ""
    return after.split()[0].strip(_MARKS) if after.strip() else ""


def begins_sentence(match: re.Match[str]) -> bool:
    """Whether the word before a token is the first of its sentence."""
    words = words_before(match).split()
    return len(words) < 2 or words[-2][-1] in _STOPS


def stop_after(match: re.Match[str], *, capital_nouns: bool = False) -> str:
    """The full stop of an abbreviation where it ends a sentence too, else nothing.

    A capital after it begins a sentence, except in a language with `capital_nouns`.
    """
    after = match.string[match.end() :]
    if not match[0].endswith(".") or after[:1] in tuple(_MARKS):
        return ""
    following = after.split()
    if following and capital_nouns:
        return ""
    return "." if not following or following[0].lstrip("\"'")[:1].isupper() else ""


def alternatives(names: Iterable[str]) -> str:
    """A pattern for any of `names`, the longest first."""
    return "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
