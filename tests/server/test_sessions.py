"""Many sessions: admission, resuming, idle and lost ones, crashes, and the end of the server."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest
from websockets.exceptions import ConnectionClosed

from stslocal.server.options import ServerOptions
from stslocal.server.sessions import Sessions
from tests.fake_engines import fake_engines
from tests.fakes import FakeTranslator, Lexicon
from tests.server.kit import Served, eventually, served
from tests.server.realtime_kit import (
    choose,
    frames,
    raw,
    receive,
    receive_until,
    send,
    text_of,
    wire,
)

pytestmark = [pytest.mark.contract, pytest.mark.enable_socket]


class SlowTranslator(FakeTranslator):
    """Translates when it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.may_go = threading.Event()

    def translate(
        self, texts: Sequence[str], *, source: str, target: str, quick: bool = False
    ) -> list[str]:
        assert self.may_go.wait(60)
        return super().translate(texts, source=source, target=target, quick=quick)


def figure(server: Served, name: str) -> float:
    """A figure of /metrics."""
    for line in server.get("/metrics").body.decode().splitlines():
        if line.startswith(f"stslocal_{name} "):
            return float(line.split()[1])
    raise AssertionError(f"there is no figure {name}")


def test_the_session_that_is_one_too_many_gets_the_number() -> None:
    options = ServerOptions(max_sessions=2)
    with served(options=options) as server, raw(server) as one, raw(server) as two:
        assert receive(one)["type"] == receive(two)["type"] == "session.created"
        with raw(server) as three:
            error = receive(three)["error"]
            assert error["code"] == "too_many_sessions"
            assert "keeps up with 2 live sessions" in error["message"]
            with pytest.raises(ConnectionClosed) as closed:
                three.recv(timeout=60)
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1013
        send(one, "session.close")
        receive_until(one, "session.closed")
        assert eventually(lambda: figure(server, "sessions_open") == 1)
        with raw(server) as four:
            assert receive(four)["type"] == "session.created"


def test_a_session_for_which_there_is_too_little_memory_is_refused() -> None:
    with served() as server:
        assert figure(server, "session_memory_bytes") == 256e6
        server.state.sessions.session_memory = 1e15
        with raw(server) as connection:
            error = receive(connection)["error"]
            assert (error["code"], error["type"]) == ("too_little_memory", "server_error")
            assert error["message"].startswith("a live session takes up to 1000000000 MB of memory")
        body = server.get("/metrics").body.decode()
        assert 'stslocal_refused_total{code="too_little_memory"} 1.0' in body
        server.state.sessions.session_memory = 1.0
        with raw(server) as connection:
            assert receive(connection)["type"] == "session.created"


def test_a_lost_connection_is_resumed_without_losing_text() -> None:
    lexicon = Lexicon()
    translator = SlowTranslator()
    engines = fake_engines(lexicon, translators={"words": translator})
    with served(engines) as server:
        with raw(server) as first:
            session = receive(first)["session"]["id"]
            choose(first, "pt")
            for frame in frames(wire(lexicon.script((0.2, "Good morning.")))):
                send(first, "session.input_audio_buffer.append", audio=frame)
            before = receive_until(first, "session.input_transcript.delta")
            first.socket.close()  # as when a network goes away
        translator.may_go.set()
        place = server.state.sessions.find(session)
        assert eventually(lambda: place.lost_s is not None)
        assert eventually(lambda: "pt:morning." in "".join(map(str, place.session.outbox.after(0))))
        query = f"?session={session}&after={before[-1]['event_id']}"
        with raw(server, query) as second:
            for frame in frames(wire(lexicon.script((0.2, "Good night.")))):
                send(second, "session.input_audio_buffer.append", audio=frame)
            send(second, "session.close")
            after = receive_until(second, "session.closed")
    both = before + after
    assert text_of(both, "input") == "Good morning. Good night."
    assert text_of(both, "output") == "pt:Good pt:morning. pt:Good pt:night."
    ids = [event["event_id"] for event in both]
    assert len(set(ids)) == len(ids)


def test_a_client_that_says_not_what_it_has_gets_what_was_not_sent() -> None:
    with served() as server:
        with raw(server) as first:
            session = receive(first)["session"]["id"]
            place = server.state.sessions.find(session)
            send(first, "session.input_audio_buffer.append", audio="AAA=")
            assert eventually(lambda: place.session.has_begun)
            first.socket.close()
        assert eventually(lambda: place.lost_s is not None)
        place.session.outbox.put("session.output_transcript.delta", delta="missed")
        with raw(server, f"?session={session}") as second:
            assert receive(second)["delta"] == "missed"


@pytest.mark.parametrize("session", ["sess_0", "", "x" * 500])
def test_a_session_that_is_not_there_cannot_be_resumed(session: str) -> None:
    with served() as server, raw(server, f"?session={session}") as connection:
        error = receive(connection)["error"]
        assert error["code"] == "session_not_found"
        assert "start a new one" in error["message"]


def test_a_newer_connection_takes_the_session_over() -> None:
    lexicon = Lexicon()
    with served(fake_engines(lexicon)) as server, raw(server) as first:
        session = receive(first)["session"]["id"]
        with raw(server, f"?session={session}") as second:
            for frame in frames(wire(lexicon.script((0.2, "Good day.")))):
                send(second, "session.input_audio_buffer.append", audio=frame)
            send(second, "session.close")
            events = receive_until(second, "session.closed")
            assert text_of(events, "output") == "pt:Good pt:day."


def test_a_session_whose_client_does_not_come_back_ends() -> None:
    with served(resume_s=0.1) as server:
        with raw(server) as first:
            send(first, "session.input_audio_buffer.append", audio="AAA=")
            assert eventually(lambda: figure(server, "received_seconds_total") > 0)
            first.socket.close()
        assert eventually(lambda: len(server.state.sessions) == 0)


def test_a_lost_client_that_never_spoke_frees_its_place_at_once() -> None:
    with served() as server:
        with raw(server) as first:
            receive(first)
            first.socket.close()
        assert eventually(lambda: len(server.state.sessions) == 0)


def test_a_client_that_leaves_frees_its_place_at_once() -> None:
    lexicon = Lexicon()
    with served(fake_engines(lexicon)) as server:
        with raw(server) as first:
            receive(first)
            for frame in frames(wire(lexicon.script((0.2, "Good day.")))):
                send(first, "session.input_audio_buffer.append", audio=frame)
        assert eventually(lambda: len(server.state.sessions) == 0)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("session")]


def test_an_idle_session_is_ended_with_a_sentence() -> None:
    with served(idle_s=0.1) as server, raw(server) as connection:
        events = receive_until(connection, "session.closed")
    (error,) = [event["error"] for event in events if event["type"] == "error"]
    assert error["code"] == "idle"
    assert "send silence" in error["message"]


def test_a_session_whose_client_has_ended_the_sound_is_not_idle(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A slow machine speaks for longer than `idle_s` after the last sound."""
    looks: list[float] = []
    look = Sessions.look

    def counted(self: Sessions) -> None:
        look(self)
        looks.append(0.0)

    monkeypatch.setattr(Sessions, "look", counted)
    lexicon, translator = Lexicon(), SlowTranslator()
    engines = fake_engines(lexicon, translators={"words": translator})
    with served(engines) as server, raw(server) as connection:
        receive(connection)
        for frame in frames(wire(lexicon.script((0.2, "Good day.")))):
            send(connection, "session.input_audio_buffer.append", audio=frame)
        send(connection, "session.close")
        (place,) = server.state.sessions._places.values()
        assert eventually(lambda: place.session.is_finishing)
        place.last_sound_s = -1e6
        begun = len(looks)
        assert eventually(lambda: len(looks) > begun + 1)
        translator.may_go.set()
        events = receive_until(connection, "session.closed")
    assert [event["error"] for event in events if event["type"] == "error"] == []
    assert text_of(events, "output") == "pt:Good pt:day."


def test_a_session_that_fails_does_not_touch_the_others() -> None:
    lexicon = Lexicon()
    engines = fake_engines(lexicon, translators={"words": FakeTranslator(fails_at=0)})
    said = list(frames(wire(lexicon.script((0.2, "Good day.")))))
    with served(engines) as server, raw(server) as good, raw(server) as bad:
        receive(good)
        for frame in said:
            send(bad, "session.input_audio_buffer.append", audio=frame)
        events = receive_until(bad, "session.closed")
        (error,) = [event["error"] for event in events if event["type"] == "error"]
        assert (error["type"], error["code"]) == ("server_error", "failed")
        assert "Traceback" not in error["message"]
        for frame in said:
            send(good, "session.input_audio_buffer.append", audio=frame)
        send(good, "session.close")
        assert text_of(receive_until(good, "session.closed"), "output") == "pt:Good pt:day."
        body = server.get("/metrics").body.decode()
        assert 'stslocal_sessions_total{how="failed"} 1.0' in body


def test_at_the_end_what_was_said_is_still_translated() -> None:
    lexicon = Lexicon()
    translator = SlowTranslator()
    engines = fake_engines(lexicon, translators={"words": translator})
    with served(engines) as server, raw(server) as connection:
        for frame in frames(wire(lexicon.script((0.2, "Good day.")))):
            send(connection, "session.input_audio_buffer.append", audio=frame)
        assert eventually(lambda: figure(server, "received_seconds_total") > 1)
        server.server.stop()
        assert eventually(lambda: server.get("/health").status == 503)
        with raw(server) as late:
            assert receive(late)["error"]["code"] == "draining"
        translator.may_go.set()
        events = receive_until(connection, "session.closed")
    assert text_of(events, "output") == "pt:Good pt:day."


def test_a_session_that_never_ends_does_not_hold_up_the_end() -> None:
    lexicon = Lexicon()
    options = ServerOptions(max_sessions=2, drain_s=0.2)
    text = " ".join(f"word{number}" for number in range(60)) + "."
    with served(fake_engines(lexicon), options=options) as server, raw(server) as connection:
        for frame in frames(wire(lexicon.script((0.2, text)))):
            send(connection, "session.input_audio_buffer.append", audio=frame)
        receive_until(connection, "session.output_audio.delta")
        server.server.stop()
        assert receive_until(connection, "session.closed")


def test_the_figures_say_what_happened() -> None:
    lexicon = Lexicon()
    with served(fake_engines(lexicon)) as server, raw(server) as connection:
        for frame in frames(wire(lexicon.script((0.2, "Good day.")))):
            send(connection, "session.input_audio_buffer.append", audio=frame)
        assert figure(server, "sessions_open") == 1
        assert figure(server, "recognitions_waiting") == 0
        send(connection, "session.close")
        receive_until(connection, "session.closed")
        body = server.get("/metrics").body.decode()
    assert "stslocal_sessions_capacity 8.0" in body
    assert "stslocal_segments_total 1.0" in body
    assert "stslocal_end_of_speech_latency_seconds_count 1.0" in body
    assert 'stslocal_stage_busy_seconds_total{stage="recognize"}' in body
    assert 'stslocal_sessions_total{how="finished"} 1.0' in body


def test_many_sessions_one_after_the_other_leave_nothing() -> None:
    lexicon = Lexicon()
    said = list(frames(wire(lexicon.script((0.2, "Good day.")))))
    with served(fake_engines(lexicon)) as server:
        threads = threading.active_count()
        for number in range(12):
            with raw(server) as connection:
                for frame in said[: number + 1]:
                    send(connection, "session.input_audio_buffer.append", audio=frame)
                if number % 2:
                    send(connection, "session.close")
        assert eventually(lambda: len(server.state.sessions) == 0)
        assert eventually(lambda: threading.active_count() <= threads)
