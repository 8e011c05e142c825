"""The picture of the terminal in README.md shows what the program draws."""

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


def test_the_program_still_draws_the_screen_in_the_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(CHECKOUT / "scripts"))
    import terminal_picture

    events = read_json_lines(PICTURES / "live.events.jsonl")
    console = terminal_picture.screen(
        events, 13.5, LiveOptions(TranslationRequest("pt", "en"), duplex="full")
    )
    shown = terminal_picture.as_text(console)
    assert shown == (PICTURES / "live.txt").read_text(encoding="utf-8"), (
        "run scripts/terminal_picture.py docs/pictures/live.events.jsonl --at 13.5"
    )


def test_the_picture_shows_that_text_and_fetches_nothing() -> None:
    picture = (PICTURES / "live.svg").read_text(encoding="utf-8")
    written = "".join(ET.fromstring(picture).itertext()).replace("\xa0", " ")
    for line in (PICTURES / "live.txt").read_text(encoding="utf-8").splitlines():
        assert all(word in written for word in line.split())
    assert "url(http" not in picture
    assert "docs/pictures/live.svg" in (CHECKOUT / "README.md").read_text(encoding="utf-8")
