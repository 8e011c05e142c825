"""The results of checks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

State: TypeAlias = Literal["ok", "note", "missing", "broken"]
"""`note`: files can be translated, but live or the speed suffers. `missing`: a model is not
installed. `broken`: files cannot be translated, for any other reason."""


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check."""

    check: str
    state: State
    text: str
    """For a person. Unless the state is `ok`, it says what to do."""
    figures: Mapping[str, object] = field(default_factory=dict)
    """For a program. Sizes are in bytes and times in seconds, unless a name gives another unit."""


def exit_code(findings: Iterable[Finding]) -> int:
    """0: files can be translated; 1: something is broken; 2: only models are missing."""
    states = {finding.state for finding in findings}
    return 1 if "broken" in states else 2 if "missing" in states else 0


def format_bytes(size: float) -> str:
    """Write a number of bytes for a person: `22.7 GB` or `276 MB`."""
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"
