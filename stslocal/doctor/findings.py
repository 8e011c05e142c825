"""What a check found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

State: TypeAlias = Literal["ok", "note", "missing", "broken"]
"""`note`: files can be translated; it concerns live or speed. `missing`: a model is not
installed. `broken`: anything else that keeps files from being translated."""


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of one check."""

    check: str
    state: State
    text: str
    """For a person; it says what to do unless all is well."""
    figures: Mapping[str, object] = field(default_factory=dict)
    """For a program: amounts in bytes, seconds or as their names say."""


def exit_code(findings: Iterable[Finding]) -> int:
    """0: files can be translated; 1: something is broken; 2: only models are missing."""
    states = {finding.state for finding in findings}
    return 1 if "broken" in states else 2 if "missing" in states else 0


def amount(size: float) -> str:
    """Write bytes for a person: `22.7 GB` or `276 MB`."""
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"
