"""Write what the terminal shows at moments of live sessions, as text and as pictures.

    python scripts/terminal_picture.py

The events in docs/pictures go through the same view that the command uses, in terminals of 80
columns and 24 lines and of 120 and 40. `live.events.jsonl` is what
`stslocal live --from en --to pt --simulate talk.mp3 --json` printed; the others are written by hand
or go on with it by hand. For each of `PICTURES` the script writes NAME.txt and NAME.svg beside
them; README.md and docs/live.md show these.
"""

from __future__ import annotations

import argparse
import io
import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.text import Text

from stslocal.cli.live_lines import summary_lines
from stslocal.cli.live_screen import ScreenView
from stslocal.cli.output import Printer
from stslocal.cli.wrapping import wrapped
from stslocal.live.lag import RELIEFS, Relief
from stslocal.live.options import LiveOptions
from stslocal.metrics import Event, ReliefChanged, SegmentPaced, StageBusy, read_json_lines
from stslocal.translation.request import TranslationRequest

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "pictures"
FONT_FROM_A_SERVER = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
NORMAL, WIDE = (80, 24), (120, 40)
MICROPHONE, HEADPHONES = "Built-in Audio Analog Stereo", "USB headphones"


@dataclass(frozen=True, slots=True)
class Picture:
    """A moment of a session."""

    name: str
    events: str
    at_s: float | None
    """Seconds since the start of the session; None: it is over, and summed up."""
    size: tuple[int, int] = NORMAL
    """Columns and lines."""
    microphone: str = MICROPHONE
    loudspeaker: str | None = HEADPHONES


PICTURES = (
    Picture("live", "live", 13.5, microphone="talk.mp3", loudspeaker=None),
    Picture("silent", "silent", 6.0),
    Picture("silent-120x40", "silent", 6.0, WIDE),
    Picture("speaking", "live", 9.4),
    Picture("speaking-120x40", "live", 9.4, WIDE),
    Picture("behind", "behind", 27.0),
    Picture("behind-120x40", "behind", 27.0, WIDE),
    Picture("end", "behind", None),
    Picture("end-120x40", "behind", None, WIDE),
)


def screen(picture: Picture) -> Console:
    """The console at that moment."""
    columns, lines = picture.size
    console = Console(
        width=columns,
        height=lines,
        file=io.TextIOWrapper(io.BytesIO(), encoding="utf-8"),
        force_terminal=True,
        color_system="truecolor",
        legacy_windows=False,
        record=True,
    )
    options = LiveOptions(TranslationRequest("pt", "en"), duplex="full")
    view = ScreenView(Printer(), console)
    view.announce(picture.microphone, picture.loudspeaker, options)
    events = read_json_lines(FOLDER / f"{picture.events}.events.jsonl")
    for event in events:
        if not isinstance(event, StageBusy) and event.at_s <= (picture.at_s or math.inf):
            view.show(event)
    if picture.at_s is not None:
        console.print(view.moving_lines())
    else:
        for line in summary_lines(events, _reliefs(events)):
            console.print(Text(wrapped(line, columns)))
    return console


def as_text(console: Console) -> str:
    """The text on the screen, without trailing blanks."""
    lines = console.export_text(clear=False).splitlines()
    return "".join(line.rstrip() + "\n" for line in lines)


def as_svg(console: Console) -> str:
    """The screen as a picture that fetches nothing."""
    picture = console.export_svg(title="stslocal live --from en --to pt", unique_id="live")
    return FONT_FROM_A_SERVER.sub("", picture)


def _reliefs(events: Sequence[Event]) -> Counter[Relief]:
    """The segments for which each relief was in force: they are paced just before a relief
    begins, and while it is.
    """
    taken: set[str] = set()
    counts: Counter[Relief] = Counter()
    for event in sorted(events, key=lambda event: getattr(event, "at_s", 0.0)):
        if isinstance(event, ReliefChanged):
            (taken.add if event.taken else taken.discard)(event.relief)
        elif isinstance(event, SegmentPaced):
            counts.update(name for name in RELIEFS if name in taken)
    return counts


def main() -> None:
    """Write both files of each picture, and print the screens."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.parse_args()
    for picture in PICTURES:
        console = screen(picture)
        text = as_text(console)
        (FOLDER / f"{picture.name}.txt").write_text(text, encoding="utf-8")
        (FOLDER / f"{picture.name}.svg").write_text(as_svg(console), encoding="utf-8")
        print(f"{picture.name}:\n{text}")


if __name__ == "__main__":
    main()
