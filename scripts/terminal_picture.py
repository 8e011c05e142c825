"""Write what the terminal shows at one moment of a live session, as text and as a picture.

    stslocal live --from en --to pt --simulate talk.mp3 --json > live.events.jsonl
    python scripts/terminal_picture.py live.events.jsonl --at 13.5

The events go through the same view that the command uses, 80 columns wide. The script writes
live.txt and live.svg beside the events; README.md shows those in docs/pictures.
"""

from __future__ import annotations

import argparse
import io
import re
from pathlib import Path

from rich.console import Console

from stslocal.cli.live_lines import ready_line
from stslocal.cli.live_screen import ScreenView
from stslocal.cli.output import Printer
from stslocal.live.options import LiveOptions
from stslocal.metrics import Event, StageBusy, read_json_lines
from stslocal.translation.request import TranslationRequest

COLUMNS = 80
FONT_FROM_A_SERVER = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)


def screen(events: list[Event], at_s: float, options: LiveOptions) -> Console:
    """The console as it is `at_s` seconds after the start of a session."""
    console = Console(
        width=COLUMNS,
        file=io.TextIOWrapper(io.BytesIO(), encoding="utf-8"),
        force_terminal=True,
        color_system="truecolor",
        legacy_windows=False,
        record=True,
    )
    view = ScreenView(Printer(), console)
    console.print(ready_line("talk.mp3", None, options), style="bold", highlight=False)
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
    parser.add_argument("--from", dest="source", default="en")
    parser.add_argument("--to", dest="target", default="pt")
    arguments = parser.parse_args()
    options = LiveOptions(TranslationRequest(arguments.target, arguments.source), duplex="full")
    console = screen(read_json_lines(arguments.events), arguments.at, options)
    stem = arguments.events.name.partition(".")[0]
    text = as_text(console)
    arguments.events.with_name(f"{stem}.txt").write_text(text, encoding="utf-8")
    title = f"stslocal live --from {arguments.source} --to {arguments.target}"
    picture = FONT_FROM_A_SERVER.sub("", console.export_svg(title=title, unique_id="live"))
    arguments.events.with_name(f"{stem}.svg").write_text(picture, encoding="utf-8")
    print(text, end="")


if __name__ == "__main__":
    main()
