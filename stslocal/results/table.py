"""The lines of a session as a table, with tabs between its columns, and the table read again."""

from __future__ import annotations

from stslocal.results.lines import CELLS, Fault, GivenLine, shown_cells
from stslocal.results.session import Session

_NUMBER = "line"
_HEAD = """\
# The sentences of {name}, a line each, with a tab between two columns.
# Change what is wrong, save, and close the editor. Lines that begin with # are not read.
# start, end    when the translation is spoken; what comes after it moves only where it has to
# voice         a name that `stslocal voices list --built-in` shows, or of a voice of yours
# speed         0.5 to 2, where 1 is the voice's own; skip: yes leaves the sentence out
# An empty voice, speed, start or end is chosen by stslocal again.
"""


def to_table(session: Session) -> str:
    """Write the lines of a session as a table."""
    rows = [[_NUMBER, *CELLS]]
    for number, segment in enumerate(session.segments, 1):
        cells = shown_cells(segment)
        rows.append([str(number), *(cells[name] for name in CELLS)])
    return _HEAD.format(name=session.source.name) + "".join("\t".join(row) + "\n" for row in rows)


def read_table(text: str) -> tuple[list[GivenLine], list[Fault]]:
    """Read what a person made of a table: its lines, and those that are none.

    The columns may stand in any order, and some may be left out.
    """
    columns: list[str] | None = None
    lines: list[GivenLine] = []
    faults: list[Fault] = []
    for at, row in enumerate(text.splitlines(), 1):
        if not row.strip() or row.startswith("#"):
            continue
        cells = [cell.strip() for cell in row.split("\t")]
        if columns is None:
            if fault := _head_fault(cells):
                return [], [Fault(at, fault)]
            columns = cells
        elif len(cells) != len(columns):
            faults.append(
                Fault(at, f"it has {len(cells)} columns, and the head has {len(columns)}: put one "
                "tab between two columns")
            )  # fmt: skip
        else:
            named = dict(zip(columns, cells, strict=True))
            lines.append(GivenLine(at, named.pop(_NUMBER), named))
    if columns is None:
        return [], [Fault(0, f"the head is missing: begin with the line `{_NUMBER}`, `start` ...")]
    return lines, faults


def _head_fault(cells: list[str]) -> str:
    """What is wrong with the names of the columns; empty where nothing is."""
    known = (_NUMBER, *CELLS)
    for cell in cells:
        if cell not in known:
            return f"there is no column {cell!r}: the head has the columns {', '.join(known)}"
    if _NUMBER not in cells or len(set(cells)) != len(cells):
        return f"the head needs the column `{_NUMBER}`, and each column once"
    return ""
