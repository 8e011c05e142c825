"""Write what the terminal shows at one moment of a live session, as text and as a picture.

    stslocal live --from en --to pt --simulate talk.mp3 --json > live.events.jsonl
    python scripts/terminal_picture.py live.events.jsonl --at 13.5

The events go through the same view that the command uses, in a terminal of 80 columns and 24 lines
unless --size gives another. The script writes
live.txt and live.svg beside the events; README.md and docs/live.md show those in docs/pictures.
"""

from __future__ import annotations

import argparse
import io
import re
from pathlib import Path

from rich.console import Console

from stslocal.cli.live_screen import ScreenView
from stslocal.cli.output import Printer
from stslocal.live.options import LiveOptions
from stslocal.metrics import Event, StageBusy, read_json_lines
from stslocal.translation.request import TranslationRequest

COLUMNS, LINES = 80, 24
FONT_FROM_A_SERVER = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)


def screen(
    events: list[Event],
    at_s: float,
    options: LiveOptions,
    *,
    size: tuple[int, int] = (COLUMNS, LINES),
    names: tuple[str, str | None] = ("talk.mp3", None),
) -> Console:
    """The console as it is `at_s` seconds after the start of a session.

    `size` is in columns and lines; `names` are those of the microphone and the loudspeaker.
    """
    console = Console(
        width=size[0],
        height=size[1],
        file=io.TextIOWrapper(io.BytesIO(), encoding="utf-8"),
        force_terminal=True,
        color_system="truecolor",
        legacy_windows=False,
        record=True,
    )
    view = ScreenView(Printer(), console)
    view.announce(*names, options)
    for event in events:
        if not isinstance(event, StageBusy) and event.at_s <= at_s:
            view.show(event)
    console.print(view.moving_lines())
    return console


def as_text(console: Console) -> str:
    """The text on the screen, without trailing blanks."""
    lines = console.export_text(clear=False).splitlines()
    return "".join(line.rstrip() + "\n" for line in lines)


def main() -> None:
    """Print the screen and write both files."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("events", type=Path, help="output of `stslocal live --json`")
    parser.add_argument("--at", type=float, required=True, help="seconds since the session's start")
    parser.add_argument("--size", default=f"{COLUMNS}x{LINES}", help="columns and lines: 120x40")
    parser.add_argument("--input", default="talk.mp3", help="name of the microphone")
    parser.add_argument("--output", help="name of the loudspeaker (default: none)")
    parser.add_argument("--from", dest="source", default="en")
    parser.add_argument("--to", dest="target", default="pt")
    arguments = parser.parse_args()
    options = LiveOptions(TranslationRequest(arguments.target, arguments.source), duplex="full")
    columns, lines = map(int, arguments.size.split("x"))
    console = screen(
        read_json_lines(arguments.events),
        arguments.at,
        options,
        size=(columns, lines),
        names=(arguments.input, arguments.output),
    )
    stem = arguments.events.name.partition(".")[0]
    text = as_text(console)
    arguments.events.with_name(f"{stem}.txt").write_text(text, encoding="utf-8")
    title = f"stslocal live --from {arguments.source} --to {arguments.target}"
    picture = FONT_FROM_A_SERVER.sub("", console.export_svg(title=title, unique_id="live"))
    arguments.events.with_name(f"{stem}.svg").write_text(picture, encoding="utf-8")
    print(text, end="")


if __name__ == "__main__":
    main()
