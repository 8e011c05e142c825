"""Reports each sentence of a file translation as soon as it is ready."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stslocal.cli.output import Printer

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
