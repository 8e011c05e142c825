"""`stslocal edit`: opens the sentences of a session in an editor, and stores what was corrected."""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import subprocess
from collections.abc import Callable
from glob import escape
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stslocal.cli.arguments import add_json
from stslocal.cli.output import Printer
from stslocal.errors import OutputError, SettingsError, command

if TYPE_CHECKING:
    from stslocal.files.project import Project
    from stslocal.results.lines import Fault, GivenLine

EDITOR_VARIABLES = ("VISUAL", "EDITOR")

_EPILOG = """\
examples:
  stslocal edit talk.pt.session.json
  EDITOR=nano stslocal edit talk.pt.session.json --srt
  stslocal redo talk.pt.session.json

A line of the table is a sentence: when its translation is spoken, in which voice, how fast, what
was said, and its translation. What is wrong when you close the editor is said with the number of
its line, nothing is stored, and the same command opens your text again.
"""


def add_parser(subparsers: Any) -> None:
    """Add the command to the command line."""
    parser = subparsers.add_parser(
        "edit",
        help="correct the sentences of a translation in your editor",
        description="Open the sentences of a session file as a table in $VISUAL or $EDITOR, check "
        "what was changed, and store it in the session file. `stslocal redo` does it.",
        epilog=_EPILOG,
    )
    parser.add_argument(
        "session", type=Path, metavar="SESSION", help="a file such as talk.pt.session.json"
    )
    parser.add_argument(
        "--srt", action="store_true",
        help="as subtitles, with a sentence each: the times and the translation only",
    )  # fmt: skip
    add_json(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, printer: Printer) -> int:
    """Open the editor, and store the corrections; 0 when they are stored."""
    from stslocal.files.project import open_project

    project = open_project(arguments.session)
    project.refuse_without_speech()
    if not project.session.segments:
        raise SettingsError(f"{project.path} has no sentence: nobody speaks in the recording")
    editor = _editor()
    path = _table_path(project, "srt" if arguments.srt else "tsv")
    _write_table(project, path, printer)
    _open_editor(editor, path)
    changed = _stored(project, path, printer)
    path.unlink(missing_ok=True)
    if changed:
        from stslocal.files.redo.plan import numbers_text

        redo = command("redo", arguments.session)
        printer.result(f"{numbers_text(changed)}: stored; {redo} does it")
    else:
        printer.status("nothing is to be done again: all is as it is in the files")
    printer.result_json("changed", changed, session=str(project.path))
    return 0


def _editor() -> list[str]:
    """The command of the editor. Raises SettingsError that says how to name one."""
    for name in EDITOR_VARIABLES:
        if words := _words(os.environ.get(name, "")):
            if shutil.which(words[0]) is None:
                raise SettingsError(
                    f"the editor {words[0]} is not there: name another one with {name}"
                )
            return words
    raise SettingsError(
        "no editor is set: name one, as in `EDITOR=nano stslocal edit ...`, or for always with "
        "`export EDITOR=nano` in your shell's start file"
        if os.name == "posix"
        else "no editor is set: name one with `set EDITOR=notepad`"
    )


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text, posix=os.name == "posix")
    except ValueError as error:
        raise SettingsError(f"the editor {text!r} cannot be run: {error}") from error


def _table_path(project: Project, suffix: str) -> Path:
    """The file that is edited. Its name holds for one state of the session only."""
    state = sha256(project.data).hexdigest()[:8]
    return project.folder / f"{project.stem}.edit-{state}.{suffix}"


def _write_table(project: Project, path: Path, printer: Printer) -> None:
    """Write the file that is edited, unless a text of the person's is there, which is kept."""
    from stslocal.foreign_files import PathKind, kind_of
    from stslocal.results.srt_reading import to_numbered_srt
    from stslocal.results.table import to_table
    from stslocal.storage import write_text

    others = [
        other.name
        for other in project.folder.glob(f"{escape(project.stem)}.edit-????????.*")
        if other != path and other.suffix == path.suffix
    ]
    if others:
        printer.status(
            f"{others[0]} is a text of yours for an earlier state of the session: it stays, and is "
            "not opened"
        )
    if kind_of(path) is not PathKind.MISSING:
        printer.status(f"your text is opened again: {path}")
        return
    render = to_table if path.suffix == ".tsv" else to_numbered_srt
    write_text(path, render(project.session))


def _open_editor(words: list[str], path: Path) -> None:
    """Wait for the editor. Raises OutputError where it fails; the text stays."""
    try:
        code = subprocess.run([*words, str(path)], check=False).returncode
    except OSError as error:
        raise SettingsError(
            f"the editor {words[0]} cannot be run ({error.strerror}): name another one with EDITOR"
        ) from error
    if code:
        raise OutputError(
            f"the editor ended with exit code {code}, so nothing was stored: your text is in {path}"
        )


def _stored(project: Project, path: Path, printer: Printer) -> list[int]:
    """Check the text and store its corrections; returns the lines that are to be done again.

    Raises SettingsError when something is wrong with it. It is kept then.
    """
    from stslocal.files.correcting import voice_fault
    from stslocal.foreign_files import UnreadableFileError, read_text
    from stslocal.results.lines import corrected
    from stslocal.results.srt_reading import read_numbered_srt
    from stslocal.results.table import read_table

    read: Callable[[str], tuple[list[GivenLine], list[Fault]]] = (
        read_table if path.suffix == ".tsv" else read_numbered_srt
    )
    edit = command("edit", project.path)
    again = f"nothing was stored: {edit} opens your text again ({path})"
    try:
        lines, faults = read(read_text(path))
    except UnreadableFileError as error:
        raise SettingsError(f"{path} {error}; {again}") from error
    if lines or not faults:
        session, more = corrected(project.session, lines, voice_fault(project))
        faults += [fault for fault in more if fault.at or not faults]
    if faults:
        for fault in faults[:-1]:
            printer.error(str(fault))
        raise SettingsError(f"{faults[-1]}; {again}")
    if session != project.session:
        project.with_session(session)
    return [number for number, one in enumerate(session.segments, 1) if one.is_changed]
