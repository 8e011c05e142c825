"""The pictures of the terminal in README.md and docs/live.md show what the program draws."""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from rich.cells import cell_len

CHECKOUT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(CHECKOUT / "scripts"))
from terminal_picture import FOLDER, PICTURES, Picture, as_text, screen  # noqa: E402

pytestmark = pytest.mark.unit


@pytest.fixture(params=PICTURES, ids=lambda picture: picture.name)
def picture(request: pytest.FixtureRequest) -> Picture:
    assert isinstance(request.param, Picture)
    return request.param


def test_the_program_still_draws_the_screen_in_the_picture(picture: Picture) -> None:
    shown = as_text(screen(picture))
    written = (FOLDER / f"{picture.name}.txt").read_text(encoding="utf-8")
    assert shown == written, "run scripts/terminal_picture.py"


def test_the_screen_fits_its_terminal(picture: Picture) -> None:
    columns, lines = picture.size
    shown = (FOLDER / f"{picture.name}.txt").read_text(encoding="utf-8").splitlines()
    assert len(shown) <= lines
    assert max(map(cell_len, shown)) <= columns


def test_the_picture_shows_that_text_and_fetches_nothing(picture: Picture) -> None:
    drawn = (FOLDER / f"{picture.name}.svg").read_text(encoding="utf-8")
    written = "".join(ET.fromstring(drawn).itertext()).replace("\xa0", " ")
    for line in (FOLDER / f"{picture.name}.txt").read_text(encoding="utf-8").splitlines():
        assert all(word in written for word in line.split())
    assert "url(http" not in drawn
    assert f"pictures/{picture.name}.svg" in (CHECKOUT / "docs" / "live.md").read_text(
        encoding="utf-8"
    )
