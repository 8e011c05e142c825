"""The pictures of the terminal in README.md and docs/live.md show what the program draws."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from stslocal.live.options import LiveOptions
from stslocal.metrics import read_json_lines
from stslocal.translation.request import TranslationRequest

pytestmark = pytest.mark.unit

CHECKOUT = Path(__file__).resolve().parents[2]
PICTURES = CHECKOUT / "docs" / "pictures"


MICROPHONE = "Built-in Audio Analog Stereo"


@pytest.mark.parametrize(
    ("stem", "at_s", "names"),
    [("live", 13.5, ("talk.mp3", None)), ("silent", 6, (MICROPHONE, "USB headphones"))],
)
def test_the_program_still_draws_the_screen_in_the_picture(
    stem: str, at_s: float, names: tuple[str, str | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(CHECKOUT / "scripts"))
    import terminal_picture

    events = read_json_lines(PICTURES / f"{stem}.events.jsonl")
    console = terminal_picture.screen(
        events, at_s, LiveOptions(TranslationRequest("pt", "en"), duplex="full"), names=names
    )
    shown = terminal_picture.as_text(console)
    given = f" --input '{names[0]}' --output '{names[1]}'" if names[1] else ""
    assert shown == (PICTURES / f"{stem}.txt").read_text(encoding="utf-8"), (
        f"run scripts/terminal_picture.py docs/pictures/{stem}.events.jsonl --at {at_s:g}{given}"
    )


@pytest.mark.parametrize("stem", ["live", "silent"])
def test_the_picture_shows_that_text_and_fetches_nothing(stem: str) -> None:
    picture = (PICTURES / f"{stem}.svg").read_text(encoding="utf-8")
    written = "".join(ET.fromstring(picture).itertext()).replace("\xa0", " ")
    for line in (PICTURES / f"{stem}.txt").read_text(encoding="utf-8").splitlines():
        assert all(word in written for word in line.split())
    assert "url(http" not in picture
    assert f"pictures/{stem}.svg" in (CHECKOUT / "docs" / "live.md").read_text(encoding="utf-8")
