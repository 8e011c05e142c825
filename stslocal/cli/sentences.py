"""Reports each sentence of a file translation as soon as it is ready, and what is kept of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from stslocal.cli.output import Printer
from stslocal.files.plan import FileTask
from stslocal.foreign_files import PathKind, kind_of

if TYPE_CHECKING:
    from stslocal.files.speak import PlacedSegment


def report_sentence(
    printer: Printer, placed: PlacedSegment, *, name: str | None = None, recording: str = ""
) -> None:
    """Show a sentence with its time, its text and its translation; also as JSON, where wanted.

    `name` is that of the recording, where there are several.
    """
    spoken = placed.spoken
    translated = spoken.translated
    segment = translated.segment
    texts = [(segment.language, segment.text), (translated.language, translated.text)]
    printer.sentence(segment.start_s, texts, name=name or "")
    target = {"start_s": round(placed.start_s, 3), "end_s": round(placed.end_s, 3)}
    printer.event_json(
        "sentence",
        input=recording,
        index=segment.index,
        start_s=round(segment.start_s, 3),
        end_s=round(segment.end_s, 3),
        language=segment.language,
        text=segment.text,
        to=translated.language,
        translation=translated.text,
        target=target if len(spoken.samples) else None,
    )


def report_resumed(printer: Printer, task: FileTask, kept: int) -> None:
    """Say that a translation goes on where an earlier run was ended."""
    printer.status(
        f"{task.source.name}: goes on where an earlier run was ended (sentences kept: {kept})"
    )


@contextmanager
def says_what_is_kept(printer: Printer, task: FileTask) -> Iterator[None]:
    """After an error or a signal, say that the same command goes on with what was done."""
    from stslocal.files.claims import ClaimLostError
    from stslocal.files.journal import journal_path

    try:
        yield
    except ClaimLostError:
        raise  # the other process goes on
    except BaseException:
        if kind_of(journal_path(task)) is PathKind.FILE:
            printer.status(
                f"{task.source.name}: what is done is kept; the same command goes on there"
            )
        raise
