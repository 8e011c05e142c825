"""`stslocal redo`: does again what was corrected in a translation, and nothing else."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stslocal.cli.arguments import add_json
from stslocal.cli.file_options import add_check
from stslocal.cli.output import Printer
from stslocal.cli.redo_engines import redo_with_engines
from stslocal.errors import SettingsError, command
from stslocal.settings import COMPUTE_TYPES, DEVICES

if TYPE_CHECKING:
    from stslocal.files.project import Project
    from stslocal.files.redo.redo import RedoResult

_EPILOG = """\
examples:
  stslocal redo talk.pt.session.json
  stslocal redo talk.pt.session.json --line 12 --voice pm_alex
  stslocal redo talk.pt.session.json --target-srt talk.pt.srt
  stslocal redo talk.pt.session.json --source-srt talk.en.srt

A corrected text is translated, spoken and placed again; a corrected translation is spoken and
placed; a new time only moves the sentence. The sound of all other sentences stays bit for bit as it
is; a video, and a sound with the original beneath it, is made of the recording again. What is
spoken is checked as `stslocal translate` does. Only the models that this needs are loaded: those
with which the session was made, unless an option names others.
"""


def add_parser(subparsers: Any) -> None:
    """Add the command to the command line."""
    parser = subparsers.add_parser(
        "redo",
        help="do again what you corrected in a translation",
        description="Do again what was corrected in a translation, with `stslocal edit` or in its "
        "subtitles, and nothing else.",
        epilog=_EPILOG,
    )
    parser.add_argument(
        "session", type=Path, metavar="SESSION", help="a file such as talk.pt.session.json"
    )
    which = parser.add_argument_group("what is done again")
    which.add_argument(
        "--line", metavar="NUMBERS",
        help="these sentences, such as 12 or 3,7-9, also where nothing was corrected",
    )  # fmt: skip
    which.add_argument(
        "--changed", action="store_true", help="what was corrected (this is the default)"
    )
    which.add_argument(
        "--source-srt", type=Path, metavar="FILE",
        help="take the texts of corrected subtitles of what was said",
    )  # fmt: skip
    which.add_argument(
        "--target-srt", type=Path, metavar="FILE",
        help="take the texts of corrected subtitles of the translation",
    )  # fmt: skip
    which.add_argument(
        "--overwrite", action="store_true",
        help="replace subtitles that you changed and did not name here, and a report",
    )  # fmt: skip
    voice = parser.add_argument_group("voice")
    voice.add_argument("--voice", metavar="NAME", help="another voice for these sentences")
    voice.add_argument(
        "--reference", type=Path, metavar="FILE",
        help="the recording that was the --reference of the translation",
    )  # fmt: skip
    voice.add_argument(
        "--recording", type=Path, metavar="FILE",
        help="the recording, where it is not beside the session",
    )  # fmt: skip
    add_check(parser.add_argument_group("check of the new speech"))
    engines = parser.add_argument_group("engines")
    engines.add_argument("--mt", metavar="NAME", help="another translator")
    engines.add_argument("--tts", metavar="NAME", help="another synthesizer")
    engines.add_argument(
        "--glossary", metavar="FILE", help="the glossary of the translation, or another one"
    )
    engines.add_argument("--device", choices=DEVICES, help="where to compute (default: auto)")
    engines.add_argument(
        "--compute-type", choices=COMPUTE_TYPES, metavar="TYPE", help="format of the numbers"
    )
    engines.add_argument("--threads", type=int, metavar="N", help="CPU threads in all")
    add_json(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, printer: Printer) -> int:
    """Do it; 0 also where nothing is to be done."""
    from stslocal.files.project import open_project
    from stslocal.files.redo.files import check_files
    from stslocal.files.redo.plan import plan_lines, read_numbers

    if arguments.line is not None and arguments.changed:
        raise SettingsError("--line and --changed exclude each other: leave one of them out")
    numbers = None if arguments.line is None else read_numbers(arguments.line)
    project = open_project(arguments.session)
    project.refuse_without_speech()
    if not project.session.is_spoken:
        _check_without_speech(project, arguments, printer)
    plan_lines(project.session, numbers)  # a wrong number is said before anything is stored
    project = _with_subtitles(project, arguments, printer)
    if arguments.voice is not None:
        project = _with_voice(project, arguments.voice, numbers)
    plans = plan_lines(
        project.session, numbers, translate_again=numbers is not None and arguments.mt is not None
    )
    if not plans:
        printer.status(
            f"nothing is to be done again: {command('edit', arguments.session)} corrects sentences"
        )
        audio = None if project.media is None else str(project.media)
        printer.result_json("redone", [], audio=audio, session=str(project.path))
        return 0
    taken = [path for path in (arguments.source_srt, arguments.target_srt) if path is not None]
    check_files(project, plans, taken, overwrite=arguments.overwrite)
    result = redo_with_engines(project, plans, taken, arguments, printer)
    _report(project, result, printer)
    return 0


def _check_without_speech(
    project: Project, arguments: argparse.Namespace, printer: Printer
) -> None:
    """Refuse the options of speech for a session that is text alone. Raises SettingsError."""
    named = [f"--{name}" for name in ("voice", "reference", "tts") if getattr(arguments, name)]
    if named:
        session = project.session
        speaking = command("translate", session.source.name, "--to", session.target_language)
        raise SettingsError(
            f"{project.path.name} is text alone, so no line of it is spoken: leave out "
            f"{' and '.join(named)}, or run {speaking} for speech"
        )
    if arguments.check == "all":
        printer.status("nothing is spoken, so --check has nothing to recognize again")


def _with_subtitles(project: Project, arguments: argparse.Namespace, printer: Printer) -> Project:
    """Store what was corrected in subtitles."""
    from stslocal.files.redo.subtitles import take_subtitles

    session = project.session
    for path, of_source in ((arguments.source_srt, True), (arguments.target_srt, False)):
        if path is None:
            continue
        before = session
        session = take_subtitles(replace(project, session=session), path, of_source=of_source)
        pairs = zip(before.segments, session.segments, strict=True)
        count = sum(one != other for one, other in pairs)
        printer.status(f"{path}: {count} sentences are corrected" if count != 1 else
                       f"{path}: 1 sentence is corrected")  # fmt: skip
    return project if session == project.session else project.with_session(session)


def _with_voice(project: Project, voice: str, numbers: Sequence[int] | None) -> Project:
    """Store another voice for the lines that are done again."""
    segments = [
        replace(one, correction=replace(one.correction, voice=voice))
        if (one.is_changed if numbers is None else number in numbers)
        else one
        for number, one in enumerate(project.session.segments, 1)
    ]
    return replace(project, session=replace(project.session, segments=segments))


def _report(project: Project, result: RedoResult, printer: Printer) -> None:
    """Say what was done, and what moved."""
    from stslocal.files.redo.plan import numbers_text

    for warning in result.warnings:
        printer.warning(warning)
    for numbers, what in (
        (result.translated, "translated again"),
        (result.spoken, "spoken again"),
        (result.written, "written again"),
        (result.left_out, "left out"),
    ):
        if numbers:
            printer.status(f"{numbers_text(numbers)}: {what}")
    for number, later_s in result.moved:
        way = "later" if later_s > 0 else "earlier"
        printer.status(f"line {number}: starts {abs(later_s):.2f} s {way}")
    for path in result.files:
        printer.result(str(path))
    redone = sorted({*result.translated, *result.spoken, *result.left_out, *result.written})
    printer.result_json(
        "redone",
        [
            {
                "line": number,
                "translated": number in result.translated,
                "spoken": number in result.spoken,
                "left_out": number in result.left_out,
            }
            for number in redone
        ],
        moved=[{"line": number, "later_s": later_s} for number, later_s in result.moved],
        audio=None if result.audio is None else str(result.audio),
        session=str(project.path),
        files=[str(path) for path in result.files],
        warnings=list(result.warnings),
        elapsed_s=round(result.elapsed_s, 3),
    )
    printer.status(f"done in {result.elapsed_s:.1f} s")
