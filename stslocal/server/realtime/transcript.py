"""Text that is only appended to, as deltas."""

from __future__ import annotations

import re

_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]"
)
"""Letters and marks of languages that put no space between words or sentences."""


class Transcript:
    """Makes deltas of pieces of text: a space stands between two pieces where the script has it."""

    def __init__(self) -> None:
        self._end = ""

    def delta(self, text: str) -> str:
        """The text to append for the next piece; empty for an empty one."""
        text = text.strip()
        if not text:
            return ""
        joins = not self._end or (_UNSPACED.match(self._end) and _UNSPACED.match(text[0]))
        self._end = text[-1]
        return text if joins else f" {text}"
