"""Breaks lines of text between words, for a terminal of any width."""

from __future__ import annotations

import os
import re
import textwrap
from contextlib import suppress
from typing import TextIO

USUAL_COLUMNS = 80
_BOUND = "\0"
_UNBROKEN = re.compile(r"`[^`]*`|\d (?:s|ms|%|dB|MB|GB|Hz)\b|\d %")
"""Commands, and numbers with their unit."""
_CANNOT_DRAW = ("dumb", "unknown")


def columns_of(stream: TextIO) -> int:
    """The width of the terminal behind a stream, or that in COLUMNS."""
    with suppress(ValueError):
        columns = int(os.environ.get("COLUMNS", ""))
        if columns > 0:
            return columns
    with suppress(OSError, ValueError, AttributeError):
        return os.get_terminal_size(stream.fileno()).columns or USUAL_COLUMNS
    return USUAL_COLUMNS


def can_draw(stream: TextIO) -> bool:
    """Whether a stream is a terminal that can draw a line again."""
    return stream.isatty() and os.environ.get("TERM", "") not in _CANNOT_DRAW


def wrapped(text: str, columns: int, indent: str = "  ") -> str:
    """Break each line of `text` that is longer than `columns`; what follows has an indent.

    A command in backquotes stays on one line, so that it can be copied, and a number stays with its
    unit. A word that is longer than
    the terminal is wide is left to the terminal.
    """
    return "\n".join(_wrapped_line(line, columns, indent) for line in text.split("\n"))


def _wrapped_line(line: str, columns: int, indent: str) -> str:
    if len(line) <= columns:
        return line
    indent = line[: len(line) - len(line.lstrip(" "))] + indent
    bound = _UNBROKEN.sub(lambda match: match[0].replace(" ", _BOUND), line)
    pieces = textwrap.wrap(
        bound,
        max(columns, 2 * len(indent), 1),
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
        drop_whitespace=True,
    )
    return "\n".join(pieces).replace(_BOUND, " ")
