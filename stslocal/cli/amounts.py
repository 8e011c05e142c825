"""Amounts as a person reads them, also beside a progress bar."""

from __future__ import annotations

from typing import Literal

from stslocal.text import figures

Unit = Literal["bytes", "audio", "items"]


def format_amount(value: float, unit: Unit) -> str:
    """Write an amount for a person: `145 MB`, `3:07` or `12`."""
    if unit == "audio":
        return format_duration(value)
    if unit == "items":
        return f"{value:g}"
    return figures.size(value)


def format_duration(seconds: float) -> str:
    """Write seconds as `0:07`, `3:07` or `1:02:03`."""
    return figures.clock(round(seconds))


def amounts(done: float, total: float | None, unit: Unit) -> str:
    """How much is done, and of how much where that is known."""
    if total is None:
        return format_amount(done, unit)
    return f"{format_amount(done, unit)} / {format_amount(total, unit)}"
