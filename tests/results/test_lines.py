"""What a person writes in a table or in subtitles becomes corrections; a fault names its line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stslocal.results.corrections import NOTHING, Correction
from stslocal.results.line_times import read_time, written_time
from stslocal.results.lines import corrected
from stslocal.results.session import Session
from stslocal.results.session_segment import Span
from stslocal.results.srt_reading import read_cues, read_numbered_srt, to_numbered_srt
from stslocal.results.table import read_table, to_table
from tests.results.test_session import SEGMENT, SESSION

pytestmark = pytest.mark.unit

THREE = replace(
    SESSION,
    source=replace(SESSION.source, duration_s=62.0),
    segments=[
        replace(SEGMENT, index=0, source=Span(0.5, 2.25), target=Span(0.5, 2.0)),
        replace(SEGMENT, index=1, source=Span(4.0, 6.0), target=Span(4.25, 6.5), text="Two."),
        replace(SEGMENT, index=2, source=Span(8.0, 9.0), target=None, text="Three."),
    ],
)


def after(change: Callable[[str], str], session: Session = THREE) -> tuple[Session, list[str]]:
    lines, faults = read_table(change(to_table(session)))
    found, more = corrected(session, lines, lambda name: "no voice" if name == "nobody" else "")
    return found, [str(fault) for fault in [*faults, *more]]


def cell(number: int, column: str, text: str) -> Callable[[str], str]:
    """A change of one cell of a table."""

    def change(table: str) -> str:
        rows = [row.split("\t") for row in table.splitlines()]
        head = next(row for row in rows if row[0] == "line")
        for row in rows:
            if row[0] == str(number):
                row[head.index(column)] = text
        return "\n".join("\t".join(row) for row in rows)

    return change


def test_a_table_that_was_not_changed_corrects_nothing() -> None:
    assert after(lambda table: table) == (THREE, [])
    assert after(lambda table: table.replace("\n", "\r\n") + "\n\n# mine\n") == (THREE, [])


def test_the_table_shows_a_line_a_sentence() -> None:
    rows = [row for row in to_table(THREE).splitlines() if not row.startswith("#")]
    assert rows[0].split("\t") == [
        "line", "start", "end", "voice", "speed", "skip", "original", "translation",
    ]  # fmt: skip
    assert rows[2].split("\t") == [
        "2", "0:04.250", "0:06.500", "match", "1.12", "", "Two.", "Ele disse que não.",
    ]  # fmt: skip
    assert rows[3].split("\t")[1:3] == ["0:08.000", "0:09.000"], "the times of its source"


@pytest.mark.parametrize(
    ("column", "text", "wanted"),
    [
        ("start", "0:05", Correction(start_s=5.0)),
        ("start", "5,5", Correction(start_s=5.5)),
        ("end", "0:07.5", Correction(end_s=7.5)),
        ("voice", "pm_alex", Correction(voice="pm_alex")),
        ("speed", "0,8", Correction(speed=0.8)),
        ("skip", "yes", Correction(skip=True)),
        ("skip", "X", Correction(skip=True)),
        ("skip", "no", NOTHING),
        ("original", "Two!", Correction(text="Two!")),
        ("translation", "Dois.  E três.", Correction(translation="Dois. E três.")),
        ("voice", "", NOTHING),
    ],
)
def test_a_changed_cell_is_a_correction(column: str, text: str, wanted: Correction) -> None:
    session, faults = after(cell(2, column, text))
    assert faults == []
    assert [one.correction for one in session.segments] == [NOTHING, wanted, NOTHING]


@pytest.mark.parametrize(
    ("column", "text", "fault"),
    [
        ("start", "soon", "its start is 'soon': write a time such as 1:07.250"),
        ("start", "-1", "its start is '-1'"),
        ("start", "0:01", "it starts at 0:01.000, before line 1 is over (0:02.000)"),
        ("start", "0:08.5", "it reaches to 0:08.500, and line 3 starts at 0:08.000"),
        ("end", "0:04.2", "it ends at 0:04.200, and starts at 0:04.250"),
        ("end", "0:08.5", "it reaches to 0:08.500, and line 3 starts at 0:08.000"),
        ("speed", "5", "its speed is '5': write a number from 0.5 to 2"),
        ("speed", "fast", "its speed is 'fast'"),
        ("skip", "perhaps", "`skip` is 'perhaps'"),
        ("voice", "nobody", "no voice"),
        ("original", "", "its original has no words"),
        ("translation", " ... ", "its translation has no words"),
    ],
)
def test_what_is_wrong_in_a_cell_is_said_with_its_line(column: str, text: str, fault: str) -> None:
    _, faults = after(cell(2, column, text))
    at = to_table(THREE).splitlines().index(next(
        row for row in to_table(THREE).splitlines() if row.startswith("2\t"))) + 1  # fmt: skip
    (found,) = faults
    assert found.startswith(f"line {at} of the file: {fault}")


def test_a_start_behind_the_recording() -> None:
    _, (fault,) = after(cell(3, "start", "1:02:00"))
    assert "it starts at 1:02:00.000, and the recording ends at 1:02.000" in fault


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (
            lambda table: table.replace("\n2\t", "\n9\t"),
            "the session has no line 9: it has lines 1",
        ),
        (lambda table: table.replace("\n2\t", "\nb\t"), "the session has no line b"),
        (lambda table: table.replace("\n2\t", "\n1\t"), "line 1 is there twice"),
        (lambda table: table.replace("\n2\t", "\n# 2\t"), "line 2 is missing"),
        (lambda table: table.replace("\n2\t", "\n2 "), "it has 7 columns, and the head has 8"),
        (lambda table: table.replace("\tvoice", "\tvoices"), "there is no column 'voices'"),
        (lambda table: table.replace("line\t", "start\t"), "the head needs the column `line`"),
        (lambda table: "", "the head is missing"),
    ],
)
def test_what_is_wrong_with_a_table(change: Callable[[str], str], fault: str) -> None:
    _, faults = after(change)
    assert any(fault in one for one in faults), faults


def test_columns_may_be_left_out_and_stand_in_another_order() -> None:
    text = "translation\tline\nUm.\t1\nEle disse que não.\t2\nEle disse que não.\t3\n"
    session, faults = after(lambda table: text)
    assert faults == []
    assert session.segments[0].correction == Correction(translation="Um.")
    assert session.segments[1:] == THREE.segments[1:]


def test_what_is_written_as_it_was_takes_a_correction_back() -> None:
    wanted, faults = after(cell(2, "original", "Two!"))
    assert faults == []
    assert after(cell(2, "original", "Two."), wanted) == (THREE, [])
    wanted, _ = after(cell(2, "speed", "1.5"))
    assert after(cell(2, "speed", ""), wanted) == (THREE, [])


def test_subtitles_with_a_number_a_sentence() -> None:
    lines, faults = read_numbered_srt(to_numbered_srt(THREE))
    assert (corrected(THREE, lines), faults) == ((THREE, []), [])
    text = to_numbered_srt(THREE).replace("00:00:04,250", "00:00:05,000")
    text = text.replace("Ele disse que não.", "Não,\ndisse.", 1)
    session, more = corrected(THREE, read_numbered_srt(text)[0])
    assert more == []
    assert session.segments[0].correction == Correction(translation="Não, disse.")
    assert session.segments[1].correction == Correction(start_s=5.0)
    lines, _ = read_numbered_srt(text.replace("2\n00:00:05", "\n00:00:05"))
    _, more = corrected(THREE, lines)
    assert "the session has no line ?" in str(more[1])


def test_webvtt_is_read_like_subrip() -> None:
    text = "WEBVTT\n\n00:01.500 --> 00:02.000 align:start\n<v Ana>R&amp;D\nhoje\n\nNOTE x\n"
    (cue,), faults = read_cues(text)
    assert faults == []
    assert (cue.cue.start_s, cue.cue.end_s, cue.cue.text) == (1.5, 2.0, "R&D hoje")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1\n{0}\nOne.\n\n2\n{1}\nTwo.\n", ["One.", "Two."]),
        ("1\n{0}\nOne.\n\nStill one.\n\n2\n{1}\nTwo.\n\nStill two.\n",
         ["One. Still one.", "Two. Still two."]),
        ("{0}\nOne.\n{1}\nTwo.", ["One.", "Two."]),
        ("1\n{0}\n42\n\n2\n{1}\n43", ["42", "43"]),
        ("{0}\n42\n\n{1}\n43\n", ["42", "43"]),
        ("1\n{0}\n\n2\n\n{1}\nTwo.", ["", "Two."]),
    ],
)  # fmt: skip
def test_no_text_of_subrip_is_lost(text: str, said: list[str]) -> None:
    times = ("00:00:01,000 --> 00:00:02,000", "00:00:03,000 --> 00:00:04,000")
    cues, faults = read_cues(text.format(*times))
    assert faults == []
    assert [each.cue.text for each in cues] == said


@given(st.integers(0, 10**8))
def test_a_time_is_read_as_it_was_written(ms: int) -> None:
    assert read_time(written_time(ms / 1000)) == pytest.approx(ms / 1000)


@given(st.text())
def test_any_text_is_read_without_a_bug(text: str) -> None:
    lines, faults = read_table(text)
    assert lines or faults or text.strip()
    corrected(THREE, lines)
    corrected(THREE, read_numbered_srt(text)[0])
    assert read_time(text) is None or read_time(text) is not None
