"""Makes foreign text safe to print: names, voices, settings, translations, a hub's answers.

A control character in them may clear the screen, change the title, turn the direction of what
follows, or begin a line that looks like one of ours.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from typing import Any, TypeVar
from unicodedata import combining, normalize

T = TypeVar("T")

_CONTROLS = (
    *range(0x20),
    *range(0x7F, 0xA0),
    0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A),  # Bidi_Control
    0x2028, 0x2029,  # line and paragraph separators
)  # fmt: skip
_ESCAPES = {code: ascii(chr(code))[1:-1] for code in _CONTROLS}
_BEFORE_AN_INDENT = re.compile(r"\\n(?=  \S)")


def visible(text: str) -> str:
    r"""Write control characters, line breaks too, as escapes such as `\x1b` and `\n`."""
    return text.translate(_ESCAPES)


def visible_lines(text: str) -> str:
    """As `visible`, but a line break stays before an indented line, as our lists have them.

    A name in a message can therefore not begin a line that looks like a message.
    """
    return _BEFORE_AN_INDENT.sub("\n", visible(text))


def encodable(text: str, encoding: str) -> str:
    """Write what a terminal cannot show without accents (`acao`), or as a question mark."""
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        plain = "".join(part for part in normalize("NFKD", text) if not combining(part))
        return plain.encode("ascii", "replace").decode()
    return text


def visible_fields(value: T, change: Callable[[str], str] = visible) -> T:
    """Return a dataclass in which all text, in parts of it too, is changed: made visible."""
    if isinstance(value, str):
        return change(value)  # type: ignore[return-value]
    if isinstance(value, tuple):
        return tuple(visible_fields(part, change) for part in value)  # type: ignore[return-value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields: dict[str, Any] = {
            field.name: visible_fields(getattr(value, field.name), change)
            for field in dataclasses.fields(value)
        }
        return dataclasses.replace(value, **fields)
    return value
