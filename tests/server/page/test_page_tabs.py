"""Tabs, files, voices and models in a real browser; keyboard, narrow screens, accessibility."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.server.page.scripted_server import ScriptedServer

pytestmark = [pytest.mark.contract, pytest.mark.enable_socket]

TABS = ("live", "files", "rooms", "voices", "models")
STEADY = """() => Promise.all(
  document.getAnimations().map(({ finished }) => finished.catch(() => {})))"""
"""Waits until no colour changes any more: the colours of buttons change in steps."""


def choose_file(page: Page, name: str) -> None:
    page.get_by_role("tab", name="Files").click()
    page.locator("#file-input").set_input_files(
        {"name": name, "mimeType": "audio/mpeg", "buffer": b"sound"}
    )


def test_the_tabs_are_reached_by_keyboard(page: Page) -> None:
    page.get_by_role("tab", name="Live").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Files")).to_be_focused()
    expect(page.get_by_role("tabpanel", name="Files")).to_be_visible()
    expect(page.get_by_role("tabpanel", name="Live")).to_be_hidden()
    page.keyboard.press("End")
    expect(page.get_by_role("tab", name="Models")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Live")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Spoken language")).to_be_focused()


def test_without_models_the_page_says_what_to_type(page: Page, server: ScriptedServer) -> None:
    server.languages = {**server.languages, "sources": [], "targets": []}
    page.reload()
    expect(page.locator("#page-fault")).to_contain_text("type `stslocal models pull starter`")
    expect(page.get_by_role("button", name="Start")).to_be_disabled()


def test_every_control_has_a_name_and_can_be_reached(page: Page) -> None:
    page.locator("#live details summary").click()
    reached = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("() => document.activeElement.id"))
    assert {"source", "target", "start", "spoken", "translated", "audience", "echo"} <= reached


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious(page: Page, theme: str) -> None:
    page.get_by_label("Colours").select_option(theme)
    ground = {"light": "rgb(246, 247, 249)", "dark": "rgb(15, 18, 23)"}[theme]
    expect(page.locator("body")).to_have_css("background-color", ground)
    page.locator("#live details summary").click()
    serious, passed = {}, 0
    for tab in TABS:
        page.locator(f"#tab-{tab}").click()
        page.evaluate(STEADY)
        found = Axe().run(page).response
        passed += len(found["passes"])
        serious.update(
            {
                f"{tab}: {row['id']}": [node["html"][:120] for node in row["nodes"]]
                for row in found["violations"]
                if row["impact"] in ("serious", "critical")
            }
        )
    assert serious == {}
    assert passed > 50


def test_a_screen_of_320_pixels_shows_everything(page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 568})
    for tab in TABS:
        page.locator(f"#tab-{tab}").click()
        assert page.evaluate("() => document.documentElement.scrollWidth") <= 320
        assert outside(page, tab) == []


def outside(page: Page, tab: str) -> list[str]:
    """The elements of a tab and of the head that stand beyond the right edge."""
    found: list[str] = page.evaluate(
        """(tab) => [...document.querySelectorAll(`#${tab} *, header *`)]
          .filter((element) => element.checkVisibility() && !element.closest('.visually-hidden'))
          .filter((element) => element.getBoundingClientRect().right > 320.5)
          .map((element) => element.outerHTML.slice(0, 100))""",
        tab,
    )
    return found


def test_a_file_is_translated_and_its_results_are_saved(
    page: Page, server: ScriptedServer, tmp_path: Path
) -> None:
    server.holds = True
    choose_file(page, "talk.mp3")
    row = page.locator("#job-list li")
    expect(row).to_contain_text("talk.mp3")
    expect(row.get_by_role("progressbar", name="Progress of talk.mp3")).to_be_visible()
    expect(row).to_contain_text("75 %")
    server.holds = False
    expect(row).to_contain_text("is translated")
    expect(page.locator("#files-state")).to_have_text("talk.mp3 is translated")
    with page.expect_download() as download:
        row.get_by_role("button", name="Save talk.pt.srt").click()
    download.value.save_as(tmp_path / "saved.srt")
    assert "Olá." in (tmp_path / "saved.srt").read_text(encoding="utf-8")
    assert download.value.suggested_filename == "talk.pt.srt"
    assert server.forms == [{"to": "pt", "file": "talk.mp3"}]
    row.get_by_role("button", name="Delete talk.mp3").click()
    expect(page.locator("#job-list li")).to_have_count(0)
    assert server.jobs == {}


def test_files_may_be_dropped(page: Page, server: ScriptedServer) -> None:
    page.get_by_role("tab", name="Files").click()
    page.evaluate(
        """() => { const data = new DataTransfer();
          data.items.add(new File(['x'], 'one.wav', { type: 'audio/wav' }));
          data.items.add(new File(['x'], 'two.wav', { type: 'audio/wav' }));
          document.getElementById('drop').dispatchEvent(
            new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true })); }"""
    )
    expect(page.locator("#job-list li")).to_have_count(2)
    assert [form["file"] for form in server.forms] == ["one.wav", "two.wav"]


def test_a_refused_file_is_one_sentence(page: Page) -> None:
    choose_file(page, "notes.txt")
    expect(page.locator("#files-fault")).to_have_text(
        "notes.txt: notes.txt is no recording: send sound or a video"
    )


def test_jobs_are_there_again_after_a_reload(page: Page) -> None:
    choose_file(page, "talk.mp3")
    expect(page.locator("#job-list li")).to_contain_text("is translated")
    page.reload()
    page.locator("html[data-ready]").wait_for()
    expect(page.get_by_role("tab", name="Files")).to_have_attribute("aria-selected", "true")
    expect(page.locator("#job-list li")).to_contain_text("talk.mp3")


def test_a_voice_needs_consent(page: Page, server: ScriptedServer) -> None:
    page.get_by_role("tab", name="Voices").click()
    expect(page.locator("#voice-list li")).to_contain_text("consent: Maria: for our lectures")
    page.get_by_label("Name", exact=True).fill("jo")
    page.get_by_label("Recordings of one speaker").set_input_files(
        {"name": "jo.wav", "mimeType": "audio/wav", "buffer": b"sound"}
    )
    page.get_by_label("Whose voice it is").fill("Jo: for this meeting")
    page.get_by_role("button", name="Make the voice").click()
    assert server.forms == []
    page.get_by_label("The speaker agrees").check()
    page.get_by_role("button", name="Make the voice").click()
    expect(page.locator("#voices-state")).to_contain_text("jo is saved")
    expect(page.locator("#voice-list li")).to_have_count(2)
    assert server.forms[0]["agreed"] == "true"
    assert server.forms[0]["consent"] == "Jo: for this meeting"


def test_a_voice_is_deleted_after_a_question(page: Page, server: ScriptedServer) -> None:
    page.get_by_role("tab", name="Voices").click()
    questions: list[str] = []

    def answer(dialog: object) -> None:
        questions.append(dialog.message)  # type: ignore[attr-defined]
        dialog.accept()  # type: ignore[attr-defined]

    page.on("dialog", answer)
    page.get_by_role("button", name="Delete maria").click()
    expect(page.locator("#voice-list li")).to_have_count(0)
    expect(page.locator("#no-voices")).to_be_visible()
    assert questions == ["Delete the voice maria? It cannot be brought back."]
    assert server.voices == []


def test_models_are_listed_with_licences_and_what_to_type(page: Page) -> None:
    page.get_by_role("tab", name="Models").click()
    expect(page.locator("#models-installed li")).to_contain_text("whisper-base")
    expect(page.locator("#models-more li")).to_have_count(4)
    expect(page.locator("#models-more")).to_contain_text("not for commercial use")
    page.get_by_label("Search").fill("french")
    expect(page.locator("#models-more li")).to_have_count(1)
    expect(page.locator("#models-more code")).to_have_text("stslocal models pull firefox-en-fr")
