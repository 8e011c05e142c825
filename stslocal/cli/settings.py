"""`stslocal settings`: shows the settings file, and each setting with where it comes from."""

from __future__ import annotations

import argparse
from dataclasses import fields
from typing import Any

from stslocal.cli.output import Printer
from stslocal.foreign_files import PathKind, kind_of
from stslocal.settings import Settings
from stslocal.storage import config_path
from stslocal.written_settings import WrittenSetting, flag_name

_EPILOG = """\
The file holds a line for each setting that you change, by the name of its flag:

  to = "pt"
  voice = "pm_alex"
  max-lag = 3

An environment variable (STSLOCAL_MAX_LAG) goes over the file, and a flag (--max-lag) over both.
All settings: docs/settings.md.
"""


def add_parser(subparsers: Any) -> None:
    """Add the command to the command line."""
    parser = subparsers.add_parser(
        "settings",
        help="show your settings, and the file where they stand",
        description="Show the settings in force, where each comes from, and the settings file.",
        epilog=_EPILOG,
    )
    parser.add_argument("--json", action="store_true", help="print the settings as JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, printer: Printer) -> int:
    """Print the path of the file, then a line for each setting."""
    path = config_path()
    exists = kind_of(path) is not PathKind.MISSING
    settings, origins = Settings.load_with_origins()
    printer.result(f"file: {path}{'' if exists else ' (not there yet)'}")
    printer.result("")
    rows = []
    attributes = [field.name for field in fields(Settings) if not field.metadata]
    for attribute in attributes:
        value = getattr(settings, attribute)
        if region := getattr(settings, f"{attribute}_region", ""):
            value = f"{value}-{region}"
        written = origins.get(attribute)
        rows.append(
            {
                "name": flag_name(attribute),
                "value": list(value) if isinstance(value, tuple) else value,
                "origin": "default" if written is None else written.origin,
                "written_as": None if written is None else written.key,
            }
        )
        line = f"{flag_name(attribute):14} {_shown(value):18} {_origin(attribute, written)}"
        printer.result(line.rstrip())
    printer.result_json("settings", rows, file={"path": str(path), "exists": exists})
    return 0


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return ",".join(value) or "none"
    if isinstance(value, float):
        return f"{value:g}"
    return str(value) or "-"


def _origin(attribute: str, written: WrittenSetting | None) -> str:
    """Where a value comes from, in a few words."""
    if written is None:
        return "default"
    if written.origin == "environment":
        return f"environment ({written.key})"
    name = flag_name(attribute)
    older = written.key.replace("_", "-") != name
    return f"file (as '{written.key}', an older name: write '{name}')" if older else "file"
