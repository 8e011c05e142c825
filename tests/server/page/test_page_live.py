"""The live tab in a real browser, against a server that answers as a test says."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.server.page.conftest import open_page
from tests.server.page.scripted_server import RATE, TONE_HZ, ScriptedServer, live_event, text_event

pytestmark = [pytest.mark.contract, pytest.mark.enable_socket]

RUNNING = re.compile("Speak")


def start(page: Page) -> None:
    page.get_by_role("button", name="Start").click()
    expect(page.locator("#live-state")).to_contain_text(RUNNING)


def cut(page: Page, server: ScriptedServer) -> None:
    """Break the connection, and wait until the page has said so and is connected again."""
    page.evaluate(
        """() => { const state = document.getElementById('live-state'); globalThis.said = [];
          new MutationObserver(() => globalThis.said.push(state.textContent))
            .observe(state, { childList: true }); }"""
    )
    server.cut()
    page.wait_for_function(
        """() => globalThis.said.some((text) => text.startsWith('The connection is lost'))
          && globalThis.said.at(-1).startsWith('Speak')"""
    )


def test_words_of_both_languages_appear(page: Page, server: ScriptedServer) -> None:
    page.get_by_label("Spoken language").select_option("en")
    start(page)
    server.send(text_event("input", "Ask not"))
    server.send(text_event("input", " what your country can do."))
    server.send(text_event("output", "Não perguntem"))
    server.send(text_event("output", " o que o país pode fazer."))
    server.send(live_event("partial_text", utterance=1, text="Ask what"))
    server.send(live_event("lag_measured", at_s=4.0, spoken_s=3.94, played_s=2.1))
    server.send(live_event("playback_started", at_s=5.0, source_end_s=3.8))
    expect(page.locator("#spoken .committed")).to_have_text("Ask not what your country can do.")
    expect(page.locator("#translated .committed")).to_have_text(
        "Não perguntem o que o país pode fazer."
    )
    expect(page.locator("#spoken .partial")).to_have_text("Ask what")
    expect(page.locator("#lag")).to_have_text("1.8 s")
    expect(page.locator("#latency")).to_have_text("1.2 s")
    assert server.queries == [{"model": "stslocal", "events": "all", "source": "en"}]
    assert server.sessions == [
        {"audio": {"input": {"transcription": {"model": "auto"}}, "output": {"language": "pt"}}}
    ]
    server.send(text_event("input", " Ask what you can do."))
    expect(page.locator("#spoken .partial")).to_be_empty()
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("#live-state")).to_contain_text("Stopped")
    expect(page.locator("#translated .committed")).to_contain_text("The end.")


def test_only_languages_that_can_be_translated_are_offered(page: Page) -> None:
    source = page.locator("#source")
    source.select_option("en")
    assert source.locator("option:enabled").evaluate_all("(all) => all.map((it) => it.value)") == [
        "", "en",
    ]  # fmt: skip
    page.locator("#target").select_option("en")
    expect(source).to_have_value("")
    assert source.locator("option:enabled").evaluate_all("(all) => all.map((it) => it.value)") == [
        "", "ar", "pt",
    ]  # fmt: skip


def test_the_microphone_arrives_at_24_khz(page: Page, server: ScriptedServer) -> None:
    start(page)
    for _ in range(200):
        page.wait_for_timeout(100)
        if len(server.captured[0]) >= 2 * RATE:
            break
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("#live-state")).to_contain_text("Stopped")
    samples = np.frombuffer(server.captured[0], "<i2")
    # Chromium's false microphone beeps
    assert len(samples) % (RATE // 10) == 0
    assert len(samples) >= RATE
    assert np.abs(samples).max() > 1000


def test_the_translated_voice_is_played(page: Page, server: ScriptedServer) -> None:
    page.evaluate(
        """() => { const { player } = globalThis.stslocal; globalThis.played = [];
           const open = player.open.bind(player);
           player.open = async () => {
             await open(); player.tap((block) => globalThis.played.push(...block));
           }; }"""
    )
    server.tone_s = 1.0
    start(page)
    page.wait_for_function(
        "() => globalThis.played.length >= 0.95 * globalThis.stslocal.player.rate"
    )
    rate = page.evaluate("() => globalThis.stslocal.player.rate")
    played = np.array(page.evaluate("() => globalThis.played"))
    spectrum = np.abs(np.fft.rfft(played * np.hanning(len(played))))
    assert np.argmax(spectrum) * rate / len(played) == pytest.approx(TONE_HZ, abs=2)
    middle = played[len(played) // 4 : len(played) // 2]
    assert np.abs(middle).max() == pytest.approx(0.5, abs=0.02)


def test_the_resampler_keeps_tones_and_has_no_seams(page: Page) -> None:
    error = page.evaluate(
        """async () => {
          const { Resampler } = await import('/page/resampler.js');
          let worst = 0;
          const rates = [[48000, 24000], [44100, 24000], [16000, 24000], [24000, 48000]];
          for (const [from, to] of rates) {
            const resampler = new Resampler(from, to);
            const made = [];
            for (let block = 0; block < 40; block += 1) {
              const samples = new Float32Array(317);
              for (let at = 0; at < 317; at += 1) {
                samples[at] = 0.8 * Math.sin(2 * Math.PI * 1000 * (block * 317 + at) / from);
              }
              made.push(...resampler.process(samples));
            }
            for (let at = 300; at < made.length; at += 1) {
              const right = 0.8 * Math.sin(2 * Math.PI * 1000 * at / to);
              worst = Math.max(worst, Math.abs(made[at] - right));
            }
          }
          return worst;
        }"""
    )
    assert error < 1e-3


def test_a_lost_connection_comes_back_and_the_text_stays(
    page: Page, server: ScriptedServer
) -> None:
    start(page)
    server.send(text_event("output", "Antes."))
    expect(page.locator("#translated .committed")).to_have_text("Antes.")
    cut(page, server)
    assert server.queries[1]["session"] == "sess_0"
    assert server.queries[1]["after"] == "e"
    assert len(server.sessions) == 1
    server.send(text_event("output", " Depois."))
    expect(page.locator("#translated .committed")).to_have_text("Antes. Depois.")
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("#live-state")).to_contain_text("Stopped")
    assert len(server.captured[1]) > 0


FALSE_SOCKET = """
  const sockets = [];
  globalThis.WebSocket = class {
    static OPEN = 1;
    constructor(url) {
      Object.assign(this, { url, readyState: 1, bufferedAmount: 0, sent: [] });
      sockets.push(this);
    }
    send(text) { this.sent.push(JSON.parse(text)); }
    close() { this.readyState = 3; }
    give(event) { this.onmessage({ data: JSON.stringify(event) }); }
    pieces() {
      return this.sent.filter(({ audio }) => audio).map(({ audio }) => atob(audio).charCodeAt(0));
    }
  };
  const { Realtime } = await import('/page/realtime.js');
  const until = async (found) => {
    while (!found()) await new Promise((resolve) => { setTimeout(resolve, 10); });
  };
  const append = (session, from, to) => {
    for (let at = from; at < to; at += 1) session.append(new Int16Array(4).fill(at % 256));
  };
  const session = new Realtime({});
  session.open({});
  sockets[0].give({ type: 'session.created', event_id: 'e1', session: { id: 'sess_1' } });
  sockets[0].give({ type: 'session.updated', event_id: 'e2' });
"""


def test_what_is_said_while_the_connection_is_lost_is_sent_later(page: Page) -> None:
    first, second, address = page.evaluate(
        """async () => {"""
        + FALSE_SOCKET
        + """append(session, 0, 5);
          await until(() => sockets[0].pieces().length === 5);
          sockets[0].onclose({ code: 1006, reason: '' });
          append(session, 5, 40);
          await until(() => sockets.length === 2);
          sockets[1].onopen();
          sockets[1].give({ type: 'stslocal.resumed', event_id: 'e3', from_ms: 1 });
          await until(() => sockets[1].pieces().length === 35);
          return [sockets[0].pieces(), sockets[1].pieces(), sockets[1].url]; }"""
    )
    assert first + second == list(range(40))
    assert address.endswith("&session=sess_1&after=e2&kept_from_ms=0")


def test_what_was_sent_and_did_not_arrive_is_sent_again(page: Page) -> None:
    first, second, sent = page.evaluate(
        """async () => {"""
        + FALSE_SOCKET
        + """const say = (from, to) => {
            for (let at = from; at < to; at += 1) session.append(new Int16Array(48).fill(at));
          };
          say(0, 10);
          await until(() => sockets[0].pieces().length === 10);
          sockets[0].onclose({ code: 1006, reason: '' });
          say(10, 12);
          await until(() => sockets.length === 2);
          sockets[1].onopen();
          sockets[1].give({ type: 'stslocal.resumed', event_id: 'e3', from_ms: 13 });
          await until(() => sockets[1].pieces().length === 6);
          const lengths = sockets[1].sent.map(({ audio }) => atob(audio ?? '').length / 2);
          return [sockets[0].pieces(), sockets[1].pieces(), [lengths, session.sent]]; }"""
    )
    assert first == list(range(10))
    assert second == [6, 7, 8, 9, 10, 11]  # 13 ms are six pieces of 2 ms and a half
    assert sent == [[24, 48, 48, 48, 48, 48], 12 * 48]


def test_half_a_minute_is_kept_while_the_connection_is_lost(page: Page) -> None:
    kept, lost = page.evaluate(
        """async () => {"""
        + FALSE_SOCKET
        + """sockets[0].onclose({ code: 1006, reason: '' });
          append(session, 0, 310);
          return [session.pending.length, session.lost]; }"""
    )
    assert (kept, lost) == (300, 10)


def test_a_network_that_takes_nothing_is_given_up(page: Page) -> None:
    connections, waiting = page.evaluate(
        """async () => {"""
        + FALSE_SOCKET
        + """sockets[0].bufferedAmount = 1_000_000;
          const wait = globalThis.setTimeout;
          globalThis.setTimeout = (call, ms) => wait(call, ms / 100);
          append(session, 0, 3);
          await until(() => sockets.length === 2);
          return [sockets.length, session.pending.length]; }"""
    )
    assert (connections, waiting) == (2, 3)


def test_a_session_that_is_over_begins_anew(page: Page, server: ScriptedServer) -> None:
    start(page)
    server.send(text_event("output", "Antes."))
    expect(page.locator("#translated .committed")).to_have_text("Antes.")
    server.forgets = True
    cut(page, server)
    assert ["session" in query for query in server.queries] == [False, True, False]
    assert server.sessions[0] == server.sessions[1]
    expect(page.locator("#live-fault")).to_be_hidden()
    expect(page.locator("#translated .committed")).to_have_text("Antes.")


def test_a_refused_session_is_one_sentence(page: Page, server: ScriptedServer) -> None:
    server.refuse = (1013, "this machine serves 2 sessions in real time: try again later")
    page.get_by_role("button", name="Start").click()
    expect(page.locator("#live-fault")).to_have_text(
        "this machine serves 2 sessions in real time: try again later"
    )
    expect(page.get_by_role("button", name="Start")).to_be_enabled()


def test_a_refused_microphone_is_one_sentence(page: Page) -> None:
    page.evaluate(
        """() => { navigator.mediaDevices.getUserMedia = async () => {
             throw new DOMException('Permission denied', 'NotAllowedError'); }; }"""
    )
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_role("alert")).to_have_text(
        "The microphone was refused: allow it for this page in the browser, then press Start."
    )
    expect(page.get_by_role("button", name="Start")).to_be_enabled()


def test_a_reload_keeps_the_settings_and_the_text(page: Page, server: ScriptedServer) -> None:
    page.get_by_label("Spoken language").select_option("en")
    page.locator("#target").select_option("ar")
    page.get_by_label("Colours").select_option("dark")
    start(page)
    server.send(text_event("output", "مرحبا"))
    expect(page.locator("#translated .committed")).to_have_text("مرحبا")
    page.reload()
    page.locator("html[data-ready]").wait_for()
    expect(page.locator("#translated .committed")).to_have_text("مرحبا")
    expect(page.locator("#translated .committed")).to_have_attribute("dir", "rtl")
    expect(page.get_by_label("Spoken language")).to_have_value("en")
    expect(page.locator("#target")).to_have_value("ar")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.get_by_role("button", name="Clear the text").click()
    expect(page.locator("#translated .committed")).to_be_empty()


def test_two_tabs_have_texts_of_their_own(page: Page, server: ScriptedServer) -> None:
    other = page.context.new_page()
    open_page(other, server)
    start(page)
    server.send(text_event("output", "Um."))
    expect(page.locator("#translated .committed")).to_have_text("Um.")
    start(other)
    server.send(text_event("output", "Dois."))
    expect(other.locator("#translated .committed")).to_have_text("Dois.")
    expect(page.locator("#translated .committed")).to_have_text("Um.")
    assert len(server.sockets) == 2


def test_the_token_is_given_once(browser: Browser, server: ScriptedServer) -> None:
    server.token = "a-token-of-letters"
    context = browser.new_context(permissions=["microphone"])
    page = context.new_page()
    open_page(page, server)
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    dialog.get_by_label("Token").fill(server.token)
    dialog.get_by_role("button", name="Use it").click()
    expect(page.locator("#target")).to_have_value("pt")
    page.reload()
    page.locator("html[data-ready]").wait_for()
    expect(dialog).to_be_hidden()
    start(page)
    assert server.protocols == [["realtime", f"openai-insecure-api-key.{server.token}"]]
    context.close()


def test_a_token_in_the_address_leaves_it(browser: Browser, server: ScriptedServer) -> None:
    server.token = "a-token-of-letters"
    context = browser.new_context()
    page = context.new_page()
    open_page(page, server, f"#token={server.token}")
    expect(page.locator("#target")).to_have_value("pt")
    assert page.url == f"{server.address}/"
    context.close()


def test_the_audience_view_shows_the_translation_alone(page: Page, server: ScriptedServer) -> None:
    start(page)
    server.send(text_event("output", "Olá a todos."))
    expect(page.locator("#translated .committed")).to_have_text("Olá a todos.")
    page.get_by_role("button", name="Audience view").click()
    expect(page.get_by_label("Spoken language")).to_be_hidden()
    expect(page.locator("#translated")).to_be_visible()
    size = page.locator("#translated").evaluate("(it) => parseFloat(getComputedStyle(it).fontSize)")
    assert size >= 32
    page.keyboard.press("Escape")
    expect(page.get_by_label("Spoken language")).to_be_visible()
