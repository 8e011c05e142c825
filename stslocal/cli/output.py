"""The output of a command: results on stdout, everything else on stderr.

Progress is a moving bar on a terminal and an occasional plain line in a pipe or a log file.
NO_COLOR, TERM=dumb and FORCE_COLOR are respected (by rich).
"""

from __future__ import annotations

import json as json_module
import logging
import sys
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Protocol, TextIO

from stslocal.cli.amounts import Unit as Unit
from stslocal.cli.amounts import amounts
from stslocal.cli.amounts import format_amount as format_amount
from stslocal.cli.amounts import format_duration as format_duration
from stslocal.cli.streams import write_stderr, write_stdout
from stslocal.cli.terminal_bars import TerminalBars
from stslocal.cli.visible import visible, visible_lines
from stslocal.cli.wrapping import columns_of, wrapped
from stslocal.errors import OutputError

if TYPE_CHECKING:
    from stslocal.loading.selection import EngineSelection

_log = logging.getLogger(__name__)


class ProgressBar(Protocol):
    """Shows how far one piece of work has got."""

    def update(self, done: float, *, total: float | None = None, note: str = "") -> None:
        """Show how much is done, in the unit the bar was opened with; `note` ends its line."""


class Printer:
    """Prints all output of a command, and logs all of it but the results.

    Control characters are printed as escapes, because names and texts come from others. Writing
    to stdout raises BrokenPipeError when its reader has ended, and OutputError for a full disk.
    What cannot be written to stderr is dropped.
    """

    def __init__(self, *, verbosity: int = 0, json: bool = False) -> None:
        self.verbosity = verbosity
        """-v adds one, -q takes one."""
        self.json = json
        """Whether the result is one JSON object on stdout instead of lines for a person."""
        self.json_lines = False
        """Whether the result is a stream of JSON objects, one a line."""
        self._unfinished: dict[str, object] = {}
        self._bars: TerminalBars | None = None

    def result(self, text: str) -> None:
        """Print a line of the result, unless the result is JSON."""
        if not self.json:
            write_stdout(f"{visible(text).replace('×', printable('×', 'x'))}\n")

    def result_json(self, name: str, content: object, **more: object) -> None:
        """Print the result, if it is to be JSON: an object whose first key says what it holds."""
        if self.json:
            self._print_json({name: content, **more})

    def unfinished_json(self, name: str, content: object) -> None:
        """Keep what is done, for the object of the error that ends the command."""
        self._unfinished = {name: content}

    def error_json(self, message: str, *, exit_code: int, command: str | None) -> None:
        """Print why the command failed, if the result was to be JSON and stdout takes it."""
        if self.json:
            error = {"message": message, "exit_code": exit_code, "command": command}
            with suppress(BrokenPipeError, OutputError):
                self._print_json({"error": error, **self._unfinished})

    def _print_json(self, document: dict[str, object]) -> None:
        indent = None if self.json_lines else 2
        self.live_json(json_module.dumps(document, indent=indent, ensure_ascii=False))

    def live_result(self, text: str) -> None:
        """Print a line of a result that grows, at once."""
        write_stdout(f"{visible(text)}\n", flush=True)

    def live_json(self, line: str) -> None:
        """Print a line of JSON of a result that grows, at once."""
        write_stdout(f"{line}\n", flush=True)

    def detail(self, text: str) -> None:
        """Print a detail on stderr, with -v only."""
        self._print(text, 1)

    def status(self, text: str) -> None:
        """Print on stderr what the command does now; -q hides it."""
        _log.info("%s", text)
        self.show(text)

    def show(self, text: str) -> None:
        """Print on stderr a state that soon changes, and do not log it; -q hides it."""
        self._print(text, 0)

    def warning(self, text: str) -> None:
        """Print a warning on stderr; -qq hides it."""
        _log.warning("%s", text)
        self._print(f"warning: {text}", -1)

    def error(self, text: str) -> None:
        """Print on stderr why the command failed; nothing hides it."""
        _log.error("%s", text)
        self._print(f"stslocal: {text}", self.verbosity)

    def sentence(self, at_s: float, texts: Sequence[tuple[str, str]], *, name: str = "") -> None:
        """Show a translated sentence on stderr: its time, and its text by language; -q hides it.

        It is not logged. What is in the target language already is shown once, and a text that is
        not known not at all. `name` is the recording's, where there are several.
        """
        if self.verbosity < 0:
            return
        texts = [each for each in dict.fromkeys(texts) if each[1]]
        time = format_duration(at_s)
        if self._bars is not None and self._bars.shown:
            shown = [(language, visible(text)) for language, text in texts]
            self._bars.print_sentence(time, shown, visible(name))
            return
        before = f"{name}: " if name else ""
        for language, text in texts:
            self.show(f"{before}{time} {language} {text}")

    def event_json(self, name: str, **fields: object) -> None:
        """Print an event of a result that grows, if it is to be JSON lines."""
        if self.json_lines:
            self._print_json({"event": name, **fields})

    def traceback(self, error: BaseException) -> None:
        """Print on stderr where an error comes from."""
        for line in "".join(traceback.format_exception(error)).rstrip().split("\n"):
            self._print(line, self.verbosity)

    @contextmanager
    def progress(
        self, name: str, *, total: float | None = None, unit: Unit = "items"
    ) -> Iterator[ProgressBar]:
        """Show the progress of `name` while the block runs. Blocks may be nested."""
        if self.verbosity < 0:
            yield _NoProgress()
        elif not sys.stderr.isatty():
            lines = _PlainProgress(self, name, total, unit)
            yield lines
            lines.close()
        else:
            self._bars = self._bars or TerminalBars()
            with self._bars.bar(visible(name), total, unit) as bar:
                yield bar

    def _print(self, text: str, level: int) -> None:
        if self.verbosity < level:
            return
        # A bar puts another stream in the place of stderr, which knows no encoding.
        text = visible_lines(text).replace("×", printable("×", "x", sys.__stderr__))
        if sys.stderr.isatty():
            text = wrapped(text, columns_of(sys.stderr))
        if self._bars is not None and self._bars.shown:
            self._bars.print_above(text)
        else:
            # In one piece, because threads that load engines print too.
            write_stderr(f"{text}\n")


def report_selection(selection: EngineSelection, printer: Printer) -> None:
    """Print which engines were taken, with -v, and which better ones were not, and why."""
    printer.detail(f"engines: {', '.join(selection.as_settings().values())}")
    for passed in selection.passed_over:
        report = printer.status if passed.notable else printer.detail
        report(f"{passed.role} {passed.name} is not used: {passed.why}")


def printable(text: str, plain: str, stream: TextIO | None = None) -> str:
    """Return `text` where `stream` (stdout by default) can show it, else `plain`, in ASCII."""
    try:
        text.encode((stream or sys.stdout).encoding or "ascii")
    except UnicodeEncodeError:
        return plain
    return text


class _NoProgress:
    def update(self, done: float, *, total: float | None = None, note: str = "") -> None:
        pass


class _PlainProgress:
    """Prints a line every 10 seconds, for pipes and log files."""

    interval_s = 10.0

    def __init__(self, printer: Printer, name: str, total: float | None, unit: Unit) -> None:
        self._printer = printer
        self._name = name
        self._total = total
        self._unit = unit
        self._printed_at = time.perf_counter()
        self._pending = ""

    def update(self, done: float, *, total: float | None = None, note: str = "") -> None:
        self._total = self._total if total is None else total
        parts = [f"{self._name}: {amounts(done, self._total, self._unit)}", note]
        self._pending = ", ".join(part for part in parts if part)
        if time.perf_counter() - self._printed_at >= self.interval_s:
            self.close()

    def close(self) -> None:
        """Print the last state, if it is not printed yet."""
        if self._pending:
            self._printer.show(self._pending)
        self._pending = ""
        self._printed_at = time.perf_counter()
