"""`stslocal doctor`: checks this machine and the models, and says how to mend what is wrong."""

from __future__ import annotations

import argparse
import re
import shutil
import textwrap
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from stslocal.cli.output import Printer, printable
from stslocal.errors import SettingsError
from stslocal.storage import (
    cache_folder,
    config_path,
    models_folder,
    server_folder,
    voices_folder,
)

if TYPE_CHECKING:
    from stslocal.doctor import Finding

_EPILOG = """\
Nothing is fetched. Models are read and compared with their sha256, and a bundled sentence is
recognized, translated and synthesized, but not played. Only --listen uses the microphone.

The delay to expect of live is the sum of its steps for that sentence, each timed alone:
its end is noticed (after a silence, in which it is recognized once more), it is translated, the
first sound of the voice is made, and the sound cards take their time.

exit code: 0 files can be translated, 1 something is broken, 2 models are missing
"""

_MARKS = {"ok": "✓", "note": "!", "missing": "✗", "broken": "✗"}
_ASCII_MARKS = {"ok": "+", "note": "!", "missing": "x", "broken": "x"}
_WHOLE = r"`[^`]*`|[\d.]+ \w+"
"""Parts that stay on one line: commands, and numbers with their units."""
_INDENT = 15
_NARROWEST, _WIDEST = 40, 100


def add_parser(subparsers: Any) -> None:
    """Add the command to the command line."""
    parser = subparsers.add_parser(
        "doctor",
        help="check this machine, the models and their speed",
        description="Check this machine, the models and how fast they are here.",
        epilog=_EPILOG,
    )
    parser.add_argument(
        "--listen", nargs="?", type=float, const=3.0, default=0.0, metavar="SECONDS",
        help="listen to the microphone too, for SECONDS (3 if none are given), and judge its level",
    )  # fmt: skip
    parser.add_argument(
        "--folders", action="store_true",
        help="only print the folders of settings, models, voices and the cache",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, printer: Printer) -> int:
    """Print each finding as soon as it is there, then the verdict."""
    from stslocal.doctor import examine, exit_code
    from stslocal.models.store import ModelStore

    if arguments.folders:
        return _print_folders(printer)
    if not 0 <= arguments.listen <= 60:
        raise SettingsError(f"--listen takes 0 to 60 seconds, not {arguments.listen:g}")
    marks = _MARKS if printable("".join(_MARKS.values()), "") else _ASCII_MARKS
    findings: list[Finding] = []
    coming = examine(ModelStore.discover(), listen_s=arguments.listen, announce=printer.status)
    while True:
        with printer.progress("checking"):
            finding = next(coming, None)
        if finding is None:
            break
        findings.append(finding)
        _print(f"{marks[finding.state]} {finding.check}", finding.text, printer)
    code = exit_code(findings)
    printer.result("")
    printer.result(_verdict(code, findings))
    has_microphone = ("microphone", "ok") in ((each.check, each.state) for each in findings)
    if code == 0 and has_microphone and not arguments.listen:
        printer.result("`stslocal doctor --listen` checks the microphone's level too.")
    printer.result_json("findings", [asdict(each) for each in findings], exit_code=code)
    return code


def _print_folders(printer: Printer) -> int:
    """Print the paths that a person deletes after uninstalling; they need not exist."""
    folders = {
        "settings": config_path(),
        "models": models_folder(),
        "voices": voices_folder(),
        "cache": cache_folder(),
        "server": server_folder(),
    }
    for name, path in folders.items():
        printer.result(f"{name:<10}{path or 'none'}")
    paths = {name: str(path) if path else None for name, path in folders.items()}
    printer.result_json("folders", paths)
    return 0


def _verdict(code: int, findings: Sequence[Finding]) -> str:
    if code == 1:
        return "Not ready: something is broken."
    if code == 2:
        return "Not ready: models are missing."
    if any(finding.state == "note" for finding in findings):
        return "Ready for files. The lines marked ! concern live or speed."
    return "Ready, for files and live."


def _print(label: str, text: str, printer: Printer) -> None:
    """Print the text beside its label, in lines that fit the terminal."""
    width = max(_NARROWEST, min(shutil.get_terminal_size().columns, _WIDEST))
    # A space that textwrap does not know.
    bound = re.sub(_WHOLE, lambda match: match[0].replace(" ", "\0"), text)
    lines = [
        line
        for paragraph in bound.splitlines()
        for line in textwrap.wrap(
            paragraph, width - _INDENT, break_long_words=False, break_on_hyphens=False
        )
    ]
    for number, line in enumerate(lines):
        start = label if number == 0 else ""
        printer.result(f"{start:{_INDENT}}{line}".rstrip().replace("\0", " "))
