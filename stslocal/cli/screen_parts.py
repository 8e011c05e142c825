"""Fits texts into the lines of a terminal. Nothing is cut in the middle of a word or a number.

Widths are in cells: a Chinese character takes two.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

GUTTER = 3
"""Cells at the left of each line: a language or a mark, and a blank."""


def in_gutter(mark: str, text: Text) -> RenderableType:
    """A text whose lines are all indented; `mark` stands in front of the first one."""
    return rows_in_gutter([(mark, text)])


def rows_in_gutter(rows: Sequence[tuple[str, Text]]) -> RenderableType:
    """Several texts below each other, each with its mark."""
    lines = Table.grid(padding=(0, 1, 0, 0))
    lines.add_column(min_width=GUTTER - 1, justify="right", no_wrap=True)
    lines.add_column()
    for mark, text in rows:
        lines.add_row(Text(mark, style="dim"), text)
    return lines


def line_count(words: Sequence[str], columns: int) -> int:
    """How many lines of so many cells the words take."""
    lines, used = 1, 0
    for word in words:
        width = cell_len(word)
        needed = width + (used > 0)
        if used + needed <= columns:
            used += needed
            continue
        lines += used > 0
        # A word that is longer than a line, as in a language without spaces, goes on below.
        lines += max(0, width - 1) // columns
        used = width - max(0, width - 1) // columns * columns
    return lines


def last_words(words: Sequence[str], columns: int, lines: int, dots: str) -> list[str]:
    """The last of the words that fit into so many lines, after `dots` if some are left out."""
    kept = list(words)[-columns * lines :]
    if len(kept) == len(words) and line_count(kept, columns) <= lines:
        return kept
    while len(kept) > 1 and line_count([dots, *kept], columns) > lines:
        del kept[0]
    while kept and len(kept[0]) > 1 and line_count([dots, *kept], columns) > lines:
        kept[0] = kept[0][1:]
    return [dots, *kept]


def first_words(text: str, columns: int, dots: str) -> str:
    """The first words of a text that fit into one line, before `dots` if some are left out."""
    words = text.split()
    if cell_len(" ".join(words)) <= columns:
        return " ".join(words)
    while len(words) > 1 and cell_len(" ".join(words) + dots) > columns:
        words.pop()
    kept = " ".join(words)
    while len(kept) > 1 and cell_len(kept + dots) > columns:
        kept = kept[:-1]
    return kept + dots


def parts_in_lines(parts: Sequence[Text], columns: int) -> list[Text]:
    """Lines of whole parts, with two blanks between them. What is wider than a line is left out."""
    lines: list[Text] = []
    for part in parts:
        if part.cell_len > columns:
            continue
        if lines and lines[-1].cell_len + 2 + part.cell_len <= columns:
            lines[-1].append("  ").append_text(part)
        else:
            lines.append(part.copy())
    return lines
