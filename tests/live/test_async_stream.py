"""The Python interface of a live session in an event loop, on fakes and in real time."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Coroutine
from contextlib import aclosing
from typing import Any, TypeVar

import numpy as np
import pytest

from stslocal.api import SpeechTranslator
from stslocal.errors import AudioDecodeError, SettingsError, StageError, StslocalError
from stslocal.metrics import PlaybackEnded, SegmentTranslated, SpeechStarted
from stslocal.settings import Settings
from stslocal.types import RECOGNITION_RATE, Samples
from tests.fake_engines import fake_engines
from tests.fakes import FakeTranslator, Lexicon

pytestmark = pytest.mark.unit

T = TypeVar("T")
STEP = RECOGNITION_RATE // 10
LONG_S = 180


@pytest.fixture
def lexicon() -> Lexicon:
    return Lexicon()


def translator(lexicon: Lexicon, *, fails_at: int | None = None) -> SpeechTranslator:
    engines = fake_engines(lexicon, translators={"words": FakeTranslator(fails_at=fails_at)})
    return SpeechTranslator(engines, Settings(source="en", target="pt"))


def run(program: Coroutine[Any, Any, T]) -> T:
    """Run a program in a loop, with no thread of a session left behind it."""

    async def limited() -> T:
        return await asyncio.wait_for(program, LONG_S)

    before = set(threading.enumerate())
    result = asyncio.run(limited())
    left = {thread.name for thread in set(threading.enumerate()) - before}
    assert left <= {"end of program"}
    return result


async def spoken(samples: Samples) -> AsyncIterator[Samples]:
    """Chunks of 0.1 s in real time."""
    for start in range(0, len(samples), STEP):
        await asyncio.sleep(0.1)
        yield samples[start : start + STEP]


async def silence() -> AsyncIterator[Samples]:
    while True:
        await asyncio.sleep(0.01)
        yield np.zeros(STEP // 10, np.float32)


def test_chunks_become_events_and_speech(lexicon: Lexicon) -> None:
    said = lexicon.script((0.2, "Good morning."), (1.8, "Good night."))
    speech: list[Samples] = []
    threads: set[str] = set()

    async def take(samples: Samples) -> None:
        threads.add(threading.current_thread().name)
        await asyncio.sleep(0)
        speech.append(samples)

    async def program() -> list[object]:
        events = translator(lexicon).astream(spoken(said), on_audio=take)
        return [event async for event in events]

    events = run(program())
    texts = [event.text for event in events if isinstance(event, SegmentTranslated)]
    assert texts == ["pt:Good pt:morning.", "pt:Good pt:night."]
    assert sum(isinstance(event, PlaybackEnded) for event in events) == 2
    words = [word.text for word in lexicon.recognize(np.concatenate(speech), 24_000)]
    assert words == ["pt:morning.", "pt:night."]  # the first word of each text is faded in
    assert threads == {threading.main_thread().name}


def test_plain_chunks_and_a_plain_function(lexicon: Lexicon) -> None:
    said = lexicon.script((0.2, "Good morning."))
    speech: list[Samples] = []

    async def program() -> list[str]:
        events = translator(lexicon).astream([said], on_audio=speech.append)
        return [event.text async for event in events if isinstance(event, SegmentTranslated)]

    assert run(program()) == ["pt:Good pt:morning."]
    assert sum(map(len, speech)) > 0


def test_the_loop_goes_on_while_nothing_comes(lexicon: Lexicon) -> None:
    async def nothing() -> AsyncIterator[Samples]:
        await asyncio.Event().wait()
        yield np.zeros(0, np.float32)

    async def program() -> int:
        turns = 0
        task = asyncio.ensure_future(anext(translator(lexicon).astream(nothing())))
        while turns < 20 and not task.done():
            await asyncio.sleep(0.01)
            turns += 1
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return turns

    assert run(program()) == 20


def test_cancelling_the_task_ends_the_session_and_its_chunks(lexicon: Lexicon) -> None:
    ended: list[str] = []
    began = asyncio.Event()

    async def chunks() -> AsyncIterator[Samples]:
        try:
            async for chunk in silence():
                yield chunk
        finally:
            ended.append("chunks")

    async def consume() -> None:
        async for _ in translator(lexicon).astream(chunks()):
            began.set()

    async def program() -> set[str]:
        task = asyncio.ensure_future(consume())
        await began.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return {thread.name for thread in threading.enumerate() if "live" in thread.name}

    assert run(program()) == set()
    assert ended == ["chunks"]


def test_leaving_the_events_early_ends_the_session(lexicon: Lexicon) -> None:
    said = lexicon.script((0.2, "Good morning."), (5.0, "Never captured."))

    async def program() -> None:
        async with aclosing(translator(lexicon).astream(spoken(said))) as events:
            async for event in events:
                if isinstance(event, SpeechStarted):
                    break
        assert not [one for one in threading.enumerate() if one.name.startswith("live")]

    run(program())


def test_a_listener_that_waits_for_ever_holds_nothing_up(lexicon: Lexicon) -> None:
    said = lexicon.script((0.2, "Good morning."))
    cancelled: list[bool] = []
    waiting = asyncio.Event()

    async def take(samples: Samples) -> None:
        waiting.set()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.append(True)

    async def program() -> None:
        async with aclosing(translator(lexicon).astream([said], on_audio=take)) as events:
            await anext(events)
            await waiting.wait()

    run(program())
    assert cancelled == [True]


def test_failures_are_raised_where_the_events_are_read(lexicon: Lexicon) -> None:
    said = lexicon.script((0.2, "Good morning."))

    async def broken() -> AsyncIterator[Samples]:
        yield said
        raise OSError("the microphone has gone")

    async def fail(samples: Samples) -> None:
        raise OSError("the loudspeaker has gone")

    async def consume(one: SpeechTranslator, chunks: Any, **options: Any) -> None:
        async for _ in one.astream(chunks, **options):
            pass

    with pytest.raises(StageError, match="the microphone has gone"):
        run(consume(translator(lexicon), broken()))
    with pytest.raises((StageError, OSError), match="the loudspeaker has gone"):
        run(consume(translator(lexicon), spoken(said), on_audio=fail))
    with pytest.raises(StageError, match="translate"):
        run(consume(translator(lexicon, fails_at=0), spoken(said)))


def test_what_cannot_begin_is_refused_at_once(lexicon: Lexicon) -> None:
    one = translator(lexicon)
    chunk = np.zeros(9, np.float32)
    for rate in (0, None, "16000"):
        with pytest.raises(AudioDecodeError, match="the stream has the sample rate"):
            one.astream([chunk], rate)  # type: ignore[arg-type]
    for chunks in (None, chunk, b"sound", 7):
        with pytest.raises(AudioDecodeError, match="give an iterable of arrays"):
            one.astream(chunks)  # type: ignore[arg-type]
    with pytest.raises(SettingsError, match="on_audio is None"):
        one.astream([chunk], on_audio=None)  # type: ignore[arg-type]


def test_closing_the_translator_ends_its_streams(lexicon: Lexicon) -> None:
    async def program() -> None:
        with translator(lexicon) as one:
            events = one.astream(silence())
            never_begun = one.astream(silence())
            assert await anext(events)
        assert not [each for each in threading.enumerate() if each.name.startswith("live")]
        assert [event async for event in events] == []
        assert [event async for event in never_begun] == []
        with pytest.raises(StslocalError, match="this translator is closed"):
            one.astream(silence())

    run(program())


def test_several_sessions_in_one_loop(lexicon: Lexicon) -> None:
    said = lexicon.script((0.2, "Good morning."))
    one = translator(lexicon)

    async def session() -> list[str]:
        events = one.astream(spoken(said))
        return [event.text async for event in events if isinstance(event, SegmentTranslated)]

    async def program() -> list[list[str]]:
        return await asyncio.gather(*(session() for _ in range(4)))

    assert run(program()) == [["pt:Good pt:morning."]] * 4
