"""The sentences of a translation on the page: listened to, corrected, spoken again.

A real browser and the whole server, on fake engines.
"""

from __future__ import annotations

import io
import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
import soundfile
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from stslocal.server import page_api
from stslocal.server.options import ServerOptions
from stslocal.types import RECOGNITION_RATE
from tests.fake_engines import fake_engines
from tests.fakes import Lexicon
from tests.server.jobs_kit import HeldSynthesizer
from tests.server.kit import TOKEN, Served, served
from tests.server.page.test_page_tabs import outside

pytestmark = [pytest.mark.contract, pytest.mark.enable_socket]

LINES = ((0.2, "good day to you."), (4.0, "it rains and rains."), (8.0, "we go home now."))


@pytest.fixture
def lexicon() -> Lexicon:
    return Lexicon()


@pytest.fixture
def synthesizer(lexicon: Lexicon) -> HeldSynthesizer:
    return HeldSynthesizer(lexicon=lexicon)


@pytest.fixture
def server(
    lexicon: Lexicon,
    synthesizer: HeldSynthesizer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Served]:
    monkeypatch.setattr(page_api, "_pairs", lambda settings: {"en": ["pt"], "pt": ["en", "pt"]})
    engines = fake_engines(lexicon, synthesizer=synthesizer, models=defaultdict(list))
    options = ServerOptions(token=TOKEN, max_sessions=4, folder=tmp_path)
    with served(engines, options=options) as running:
        yield running
        synthesizer.may_go_on.set()


@pytest.fixture
def page(browser: Browser, server: Served, lexicon: Lexicon) -> Iterator[Page]:
    """The page with a translated recording."""
    context = browser.new_context(viewport={"width": 1200, "height": 900})
    context.set_default_timeout(15_000)
    found = context.new_page()
    errors: list[str] = []
    found.on("pageerror", lambda error: errors.append(str(error)))
    found.goto(f"http://127.0.0.1:{server.port}/#token={TOKEN}")
    found.locator("html[data-ready]").wait_for()
    found.get_by_role("tab", name="Files").click()
    found.locator("#file-source").select_option("en")
    found.get_by_text("Sound, speakers and results").click()
    found.locator("#file-subtitles").select_option("all")
    found.locator("#file-second").select_option("pt")
    found.get_by_label("Both languages in the subtitles").check()
    recording = io.BytesIO()
    samples = lexicon.script(*LINES)
    soundfile.write(recording, samples, RECOGNITION_RATE, format="WAV", subtype="FLOAT")
    found.locator("#file-input").set_input_files(
        {"name": "talk.wav", "mimeType": "audio/wav", "buffer": recording.getvalue()}
    )
    expect(found.locator("#job-list li")).to_contain_text("is translated")
    yield found
    context.close()
    assert errors == []


def job_of(server: Served) -> dict[str, object]:
    answer = server.get("/v1/jobs", authorization=f"Bearer {TOKEN}")
    job: dict[str, object] = json.loads(answer.body)["data"][0]
    return job


@pytest.mark.usefixtures("kept_levels")
def test_sentences_are_corrected_with_the_keyboard_alone(
    page: Page, server: Served, synthesizer: HeldSynthesizer
) -> None:
    job = job_of(server)
    assert (job["from"], job["choices"]) == ("en,pt", {"bilingual": True})
    expect(page.get_by_role("button", name="Save talk.pt.ass")).to_be_visible()

    opener = page.get_by_role("button", name="Correct the sentences of talk.wav")
    opener.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Sentences of talk.wav")).to_be_focused()
    second = page.get_by_label("Translation, sentence 2", exact=True)
    expect(second).to_have_value("pt:it pt:rains pt:and pt:rains.")
    expect(second).to_have_attribute("lang", "pt")
    save = page.get_by_role("button", name="Save and speak again")
    expect(save).to_be_disabled()
    expect(page.get_by_role("columnheader", name="Translation into Portuguese")).to_be_visible()

    for _ in range(9):  # the first sentence has seven controls
        page.keyboard.press("Tab")
    expect(second).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.type("chove muito.")
    expect(page.locator("#lines-state")).to_have_text("1 sentence is changed.")
    expect(page.locator("#lines-body tr.changed th")).to_contain_text("2")
    page.get_by_label("Leave out, sentence 3").focus()
    page.keyboard.press("Space")
    synthesizer.holds_at = len(synthesizer.sentences)
    page.keyboard.press("Control+Enter")
    assert synthesizer.holding.wait(20)
    expect(page.locator("#lines-state")).to_have_text("Spoken again: 0 of 1.")
    expect(page.locator("#job-list li")).to_contain_text("sentences are spoken again")
    expect(second).to_be_disabled()
    synthesizer.may_go_on.set()
    expect(page.locator("#lines-state")).to_contain_text("Done")
    expect(second).to_have_value("chove muito.")
    expect(second).to_be_enabled()
    expect(page.get_by_label("Leave out, sentence 3")).to_be_checked()
    listen = page.get_by_role("button", name="Listen to the translation of sentence 3")
    expect(listen).to_be_disabled()
    assert synthesizer.sentences[-1] == "chove muito."
    with page.expect_download() as download:
        page.get_by_role("button", name="Save talk.pt.srt").click()
    saved = Path(download.value.path()).read_text(encoding="utf-8")
    assert "chove muito.\nit rains and rains." in saved
    assert "home" not in saved

    page.get_by_role("button", name="Close").click()
    expect(page.locator("#lines")).to_be_hidden()
    expect(opener).to_be_focused()


def test_a_sentence_is_listened_to(page: Page) -> None:
    page.get_by_role("button", name="Correct the sentences of talk.wav").click()
    for of in ("translation", "original"):
        with page.expect_response(lambda answer: answer.url.endswith(".wav")) as response:
            page.get_by_role("button", name=f"Listen to the {of} of sentence 2").click()
        assert response.value.status == 200
        assert response.value.url.endswith(f"/lines/2/{of}.wav")
    expect(page.locator("#lines-fault")).to_be_hidden()


def test_a_wrong_correction_is_a_sentence_and_nothing_is_lost(page: Page) -> None:
    page.get_by_role("button", name="Correct the sentences of talk.wav").click()
    first = page.get_by_label("Translation, sentence 1", exact=True)
    first.fill("...")
    page.get_by_role("button", name="Save and speak again").click()
    expect(page.locator("#lines-fault")).to_contain_text("line 1: its translation has no words")
    expect(first).to_have_value("...")
    page.get_by_label("Speed, sentence 1").fill("9")
    page.get_by_role("button", name="Save and speak again").click()
    expect(page.get_by_label("Speed, sentence 1")).to_be_focused()

    questions: list[str] = []

    def answer(dialog: object) -> None:
        questions.append(dialog.message)  # type: ignore[attr-defined]
        dialog.dismiss()  # type: ignore[attr-defined]

    page.on("dialog", answer)
    page.get_by_role("button", name="Close").click()
    assert questions == ["Close the sentences? What you changed is not saved."]
    expect(first).to_have_value("...")


@pytest.mark.parametrize(("theme", "width"), [("light", 1200), ("dark", 320)])
def test_the_table_is_for_everybody(page: Page, theme: str, width: int) -> None:
    page.get_by_label("Colours").select_option(theme)
    page.set_viewport_size({"width": width, "height": 700})
    page.get_by_role("button", name="Correct the sentences of talk.wav").click()
    page.get_by_label("Translation, sentence 2", exact=True).fill("chove.")
    page.wait_for_timeout(200)  # the colours of buttons change in steps
    found = Axe().run(page).response
    assert {
        row["id"]: [node["html"][:120] for node in row["nodes"]]
        for row in found["violations"]
        if row["impact"] in ("serious", "critical")
    } == {}
    assert len(found["passes"]) > 15
    expect(page.get_by_role("row")).to_have_count(4)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    if width == 320:
        assert outside(page, "files") == []
