"""A program ends when its main thread ends, whoever still holds the results of a run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.contract

ROOT = Path(__file__).parents[2]
LONG_S = 180
"""Far longer than any of these programs takes: one that reaches it would never end."""

RUN = """
import itertools, sys, threading, time
from stslocal.pipeline.runner import PipelineRunner
from stslocal.pipeline.stage import chain

class Double:
    name = "double"
    def process(self, item):
        yield 2 * item
    def finish(self):
        yield from ()

def results():
    with PipelineRunner(itertools.count(), chain(Double()), ring_capacity=2) as run:
        yield from run
"""

TRANSLATOR = """
import asyncio, itertools, queue, sys, threading, time
import numpy as np
from stslocal import SpeechTranslator
from stslocal.settings import Settings
from tests.fake_engines import fake_engines
from tests.fakes import Lexicon

lexicon = Lexicon()
said = lexicon.script(*((2.5 * i, "good day to you.") for i in range(60)))
translator = SpeechTranslator(fake_engines(lexicon), Settings(source="en", target="pt"))

def silence():
    while True:
        yield np.zeros(1600, np.float32)
"""


def ending(program: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=LONG_S,
        check=False,
    )


def test_a_run_held_by_a_variable_of_the_module() -> None:
    done = ending(RUN + "held = results(); print(next(held), next(held))")
    assert (done.returncode, done.stdout, done.stderr) == (0, "0 2\n", "")


def test_a_run_held_by_the_traceback_of_an_error() -> None:
    done = ending(RUN + "held = results()\nfor _ in held: raise ValueError('it failed')")
    assert done.returncode == 1
    assert done.stderr.endswith("ValueError: it failed\n")


def test_a_run_whose_consumer_is_another_thread_fails_there() -> None:
    """Not an end of the results: a consumer would take them for all that there are."""
    program = """
def consume():
    try:
        for _ in results(): began.set(); time.sleep(0.01)
    except Exception as error:
        print(error)
began = threading.Event()
threading.Thread(target=consume).start(); began.wait(); time.sleep(0.2)
"""
    done = ending(RUN + program)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "source failed: the program's main thread has ended: let it wait for the result\n"
    )


@pytest.mark.parametrize(
    "program",
    [
        "held = translator.translate_segments((said, 16000)); print(next(held).start_s)",
        "held = translator.stream(silence()); print(next(held).at_s)",
        # More events than the queue for a slow consumer takes.
        "held = translator.stream(silence()); next(held); time.sleep(3)",
        # A microphone that gives nothing any more.
        "held = translator.stream(iter(queue.Queue().get, None)); threading.Thread("
        "target=lambda: next(held, None), daemon=True).start(); time.sleep(1)",
    ],
)
def test_an_iterator_of_a_translator(program: str) -> None:
    done = ending(TRANSLATOR + program)
    assert (done.returncode, done.stderr) == (0, "")


ASYNC = """
async def silence_later():
    while True:
        await asyncio.sleep(0.1)
        yield np.zeros(1600, np.float32)

async def nothing():
    await asyncio.Event().wait()
    yield

async def begin(events):
    return (await anext(events)).at_s
"""


@pytest.mark.parametrize(
    "program",
    [
        "held = translator.astream(silence_later()); print(asyncio.run(begin(held)))",
        # A loop that nobody runs any more, and nobody closes.
        "held = translator.astream(silence_later()); loop = asyncio.new_event_loop()\n"
        "print(loop.run_until_complete(begin(held)))",
        "held = translator.astream(silence()); loop = asyncio.new_event_loop()\n"
        "print(loop.run_until_complete(begin(held)))",
        # Nothing comes, and a task waits for the first event.
        "held = translator.astream(nothing()); loop = asyncio.new_event_loop()\n"
        "task = loop.create_task(begin(held))\n"
        "loop.run_until_complete(asyncio.sleep(1)); print(task.done())",
    ],
)
def test_an_async_iterator_of_a_translator(program: str) -> None:
    done = ending(TRANSLATOR + ASYNC + program)
    assert done.returncode == 0, done.stderr
    assert done.stdout
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("ending_by", ["closing", "the end of the program"])
def test_a_listener_that_waits_for_ever_holds_nothing_up(ending_by: str) -> None:
    program = """
played = queue.Queue(1)
events = translator.stream(iter(np.split(said[:160000], 100)), on_audio=played.put)
for event in events:
    if type(event).__name__ == "FirstAudio": break
time.sleep(1)
"""
    if ending_by == "closing":
        program += "events.close(); print('closed')"
    done = ending(TRANSLATOR + program)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "closed\n" * (ending_by == "closing")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot wait for a pipe")
@pytest.mark.parametrize("buffering", [-1, 0])
@pytest.mark.parametrize("ending_by", ["closing", "the end of the program"])
def test_a_pipe_from_which_nothing_comes_any_more(ending_by: str, buffering: int) -> None:
    program = f"""
import io, os, soundfile
wav = io.BytesIO()
soundfile.write(wav, said[:16000 * 120], 16000, format="WAV")
end, start = os.pipe()
threading.Thread(target=os.write, args=(start, wav.getvalue()), daemon=True).start()
held = translator.translate_segments(os.fdopen(end, "rb", {buffering}))
print(sum(1 for _ in zip(range(2), held)))
time.sleep(2)
"""
    if ending_by == "closing":
        program += "held.close(); print('closed')"
    done = ending(TRANSLATOR + program)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "2\n" + "closed\n" * (ending_by == "closing")


def test_closing_a_stream_does_not_wait_for_its_chunks() -> None:
    program = """
waiting = queue.Queue()
def chunks():
    yield said[:16000]
    yield waiting.get()
events = translator.stream(chunks())
print(next(events).at_s >= 0)
events.close()
print("closed")
"""
    done = ending(TRANSLATOR + program)
    assert (done.returncode, done.stdout) == (0, "True\nclosed\n"), done.stderr
