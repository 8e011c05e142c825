"""The command line: one thin module per command, and the only place that prints."""

from __future__ import annotations

from stslocal.cli.app import main

__all__ = ["main"]
