"""The progress bars at the foot of a terminal, and what is printed above them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from stslocal.cli.amounts import Unit, amounts
from stslocal.cli.visible import visible

_LONGEST_NAME = 28
"""Characters of a name beside a bar, so that all fits into 80 columns."""


class TerminalBars:
    """The bars at the foot of a terminal, one for each open block."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
        from rich.table import Column

        name = Column(no_wrap=True, overflow="ellipsis", max_width=_LONGEST_NAME)
        self._rich = Progress(
            TextColumn("{task.description}", markup=False, table_column=name),
            BarColumn(),
            TextColumn("{task.fields[amounts]}", markup=False),
            TimeRemainingColumn(compact=True),
            TextColumn("{task.fields[note]}", markup=False),
            console=Console(stderr=True),
            transient=True,
        )
        self._open = 0
        self._named = ""
        """The recording whose name was printed last."""

    @property
    def shown(self) -> bool:
        return self._open > 0

    def print_above(self, text: str) -> None:
        self._rich.console.print(text, markup=False, highlight=False, soft_wrap=True)

    def print_sentence(self, time: str, texts: Sequence[tuple[str, str]], name: str = "") -> None:
        """Print a sentence; below the recording's `name` where that is another one than before."""
        from rich.table import Table
        from rich.text import Text

        if name and name != self._named:
            self._named = name
            self._rich.console.print(Text(name, style="bold"), highlight=False)
        lines = Table.grid(padding=(0, 1, 0, 0))
        lines.add_column(min_width=6, justify="right")
        for number, (language, text) in enumerate(texts):
            is_last = number == len(texts) - 1
            style = "cyan" if is_last and number else ""
            lines.add_row(Text("" if number else time), Text(language), Text(text, style=style))
        self._rich.console.print(lines, highlight=False)

    @contextmanager
    def bar(self, name: str, total: float | None, unit: Unit) -> Iterator[TerminalBar]:
        task = self._rich.add_task(name, total=total, amounts="", note="")
        if self._open == 0:
            self._rich.start()
        self._open += 1
        try:
            yield TerminalBar(self._rich, task, total, unit)
        finally:
            self._open -= 1
            if self._open == 0:
                self._rich.stop()
            self._rich.remove_task(task)


class TerminalBar:
    """One bar."""

    def __init__(self, rich: Any, task: Any, total: float | None, unit: Unit) -> None:
        self._rich = rich
        self._task = task
        self._total = total
        self._unit = unit

    def update(self, done: float, *, total: float | None = None, note: str = "") -> None:
        self._total = self._total if total is None else total
        self._rich.update(
            self._task,
            completed=done,
            total=self._total,
            amounts=amounts(done, self._total, self._unit),
            note=visible(note),
        )
