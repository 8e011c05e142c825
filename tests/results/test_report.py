"""The report of a translation, as a page in Chromium."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from stslocal.results.report import Track, report_page
from stslocal.results.session import Session
from stslocal.results.session_segment import Span, SpeechCheck
from stslocal.types import Dropped
from tests.results.test_session import SEGMENT, SESSION
from tests.server.page.browser import chromium

pytestmark = pytest.mark.unit

HOSTILE = "</style><script>document.title = 1</script><img src=x onerror=alert(1)> & \u202eabc"
TRACK = Track([0.1, 0.9, 0.4, 0.0] * 20, 0.05)


def session() -> Session:
    """A sentence as it should be, a doubtful one, one said again, and a silent one."""
    return replace(
        SESSION,
        segments=[
            SEGMENT,
            replace(
                SEGMENT,
                index=1,
                check=SpeechCheck("a number is missing or wrong in it", "vinte", 2),
                source=Span(2.5, 3.0),
                target=Span(2.7, 3.2),
            ),
            replace(SEGMENT, index=2, check=SpeechCheck("", "Ele disse que não.", 1)),
            replace(SEGMENT, index=3, translation="", target=None),
        ],
        warnings=["1 sentence is doubtful in the translated speech: at 0:02"],
    )


def test_a_page_has_what_is_known_of_each_sentence() -> None:
    page = report_page(session(), TRACK, TRACK)
    assert page.count("<li id=") == 4
    assert "0:02.5 to 0:03.0" in page
    assert "spoken 0:02.7 to 0:03.2" in page
    assert "starts +0.2 s" in page
    assert "speed 1.12 ×" in page
    assert "<b>Doubtful:</b> a number is missing or wrong in it." in page
    assert "Said again once." in page
    assert "not spoken" in page
    assert "0:01 to 0:03: repetition (não não)" in page
    assert "English (en) → Portuguese (pt)" in page


def test_nothing_of_the_page_comes_from_elsewhere() -> None:
    page = report_page(session(), TRACK, TRACK)
    assert not re.findall(r"(?:src|href|action)=|url\(|@import", page)
    assert "<script" not in page
    assert "default-src 'none'" in page


@pytest.mark.parametrize("length_s", [0.0, 5.0, 7200.0])
def test_any_length_of_recording_has_few_rows(length_s: float) -> None:
    track = Track([0.5] * round(length_s / 5), 5.0)
    page = report_page(replace(session(), segments=[]), track, track)
    assert 1 <= page.count("<figure>") <= 12
    assert "Nobody speaks in this recording." in page


def hostile() -> Session:
    segment = replace(
        SEGMENT, text=HOSTILE, translation=HOSTILE, check=SpeechCheck(HOSTILE, HOSTILE, 1)
    )
    return replace(
        SESSION,
        source=replace(SESSION.source, name=HOSTILE),
        segments=[segment],
        warnings=[HOSTILE],
        dropped=[Dropped(0.0, 1.0, HOSTILE, HOSTILE)],
        voice=replace(SESSION.voice, name=HOSTILE),
        program=HOSTILE,
    )


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


def opened(browser: Browser, folder: Path, shown: Session, **how: object) -> Page:
    """The page, in a browser without a network."""
    path = folder / "talk.pt.report.html"
    path.write_text(report_page(shown, TRACK, TRACK), encoding="utf-8")
    context = browser.new_context(offline=True, **how)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(path.as_uri())
    return page


def test_text_of_a_recording_is_shown_and_never_run(browser: Browser, tmp_path: Path) -> None:
    faults: list[str] = []
    page = opened(browser, tmp_path, hostile())
    page.on("console", lambda message: faults.append(message.text))
    page.reload()
    assert page.locator("script, img").count() == 0
    assert page.title().startswith("</style><script>")
    assert page.locator(".texts p").first.inner_text().startswith("</style><script>")
    assert "\u202e" not in page.content()
    assert faults == []


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1100])
def test_axe_finds_nothing_and_no_line_is_cut(
    browser: Browser, tmp_path: Path, colours: str, width: int
) -> None:
    page = opened(
        browser,
        tmp_path,
        session(),
        color_scheme=colours,
        viewport={"width": width, "height": 700},
    )
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert len(found.response["passes"]) > 10
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= width
    style = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert style == ("rgb(246, 247, 249)" if colours == "light" else "rgb(15, 18, 23)")
