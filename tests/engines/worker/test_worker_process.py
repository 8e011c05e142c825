"""A process that works for us: asked by threads, killed, started again, gone when we are."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stslocal.engines.worker.messages import MOST_ARRAY_BYTES, Message, RefusedError
from stslocal.engines.worker.process import WorkerProcess
from stslocal.errors import EngineError
from tests.conftest import CHECKOUT

pytestmark = pytest.mark.unit

SCRIPTED = "tests.engines.worker.scripted_worker"


@pytest.fixture
def worker() -> Iterator[WorkerProcess]:
    with WorkerProcess(SCRIPTED, "turns words round", attempts=2) as process:
        yield process


@pytest.fixture
def once() -> Iterator[WorkerProcess]:
    with WorkerProcess(SCRIPTED, "turns words round") as process:
        yield process


def ask(worker: WorkerProcess, words: str, about: str = "words") -> str:
    return str(worker.ask(Message({"words": words}), about).fields["words"])


def running(pid: int) -> bool:
    """Whether a process runs. One that has ended and that nobody has asked for does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state not in "ZX"


def wait_until(condition: Any, what: str) -> None:
    for _ in range(1000):
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError(f"never: {what}")


class TestAsking:
    def test_it_is_started_when_it_is_needed(self, worker: WorkerProcess) -> None:
        assert worker.pid is None

    def test_one_process_answers_all(self, worker: WorkerProcess) -> None:
        assert ask(worker, "abc") == "cba"
        pid = worker.pid or 0
        assert ask(worker, "ação") == "oãça"
        assert worker.pid == pid != os.getpid()

    def test_arrays_go_there_and_come_back(self, worker: WorkerProcess) -> None:
        sound = np.linspace(-1, 1, 88_200, dtype=np.float32).reshape(2, -1)
        empty = np.zeros((0, 3), np.float32)
        reply = worker.ask(Message({"words": "ab"}, (sound, sound[:, ::2], empty)), "sound")
        assert reply.fields == {"words": "ba"}
        for found, sent in zip(reply.arrays, (sound, sound[:, ::2], empty), strict=True):
            assert found.dtype == np.float32
            np.testing.assert_array_equal(found, 2 * sent)

    def test_what_is_refused_is_said_and_the_process_goes_on(self, worker: WorkerProcess) -> None:
        assert ask(worker, "abc") == "cba"
        pid = worker.pid
        with pytest.raises(RefusedError, match=r"^no such file$"):
            ask(worker, "refuse no such file")
        assert ask(worker, "abc") == "cba"
        assert worker.pid == pid

    def test_what_a_library_prints_is_logged_and_is_no_answer(
        self, worker: WorkerProcess, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG, "stslocal.engines.worker")
        assert ask(worker, "print this") == "siht tnirp"
        assert ask(worker, "abc") == "cba"
        worker.close()  # all that it printed is read then
        assert [record.getMessage() for record in caplog.records] == [
            "the process that turns words round prints: this"
        ]

    def test_threads_get_their_own_answers(self, worker: WorkerProcess) -> None:
        found: dict[int, str] = {}

        def work(index: int) -> None:
            found[index] = "".join(ask(worker, f"{index}.{number}") for number in range(20))

        threads = [threading.Thread(target=work, args=(index,)) for index in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found == {
            index: "".join(f"{index}.{number}"[::-1] for number in range(20)) for index in range(4)
        }

    def test_a_closed_process_is_started_again(self, worker: WorkerProcess) -> None:
        ask(worker, "remember")
        assert ask(worker, "remember") == "2"
        worker.close()
        assert worker.pid is None
        assert ask(worker, "remember") == "1"

    def test_too_much_for_a_message_is_refused(self, once: WorkerProcess) -> None:
        too_much = np.zeros(MOST_ARRAY_BYTES // 4 + 1, np.float32)
        ask(once, "remember")
        with pytest.raises(RefusedError, match="too long for a message"):
            once.ask(Message({"words": "remember"}, (too_much,)), "words")
        assert ask(once, "remember") == "2"


def test_many_requests_have_one_process(worker: WorkerProcess) -> None:
    ask(worker, "abc")
    pid = worker.pid
    for number in range(5000):
        assert ask(worker, f"{number} word") == f"{number} word"[::-1]
    assert worker.pid == pid


class TestDying:
    def test_the_request_in_flight_is_sent_again(
        self, worker: WorkerProcess, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.WARNING)
        words = f"die once {tmp_path / 'marker'}"
        announced: list[str] = []
        reply = worker.ask(Message({"words": words}), "words", announced.append)
        assert reply.fields == {"words": words[::-1]}
        assert announced == [
            "the process that turns words round has ended (exit code 7): it is started again, and "
            "nothing is lost"
        ]
        assert [record.getMessage() for record in caplog.records] == announced

    @pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
    def test_killed_while_it_works(
        self, worker: WorkerProcess, caplog: pytest.LogCaptureFixture
    ) -> None:
        ask(worker, "abc")
        pid = worker.pid
        assert pid is not None
        killer = threading.Timer(0.2, os.kill, (pid, signal.SIGKILL))
        killer.start()
        assert ask(worker, "slow 3 word") == "slow 3 word"[::-1]
        killer.join()
        assert worker.pid != pid
        assert [record.getMessage()[:52] for record in caplog.records] == [
            "the process that turns words round has ended (SIGKIL"
        ]

    def test_what_ends_it_twice_is_one_error(self, worker: WorkerProcess) -> None:
        with pytest.raises(EngineError) as caught:
            ask(worker, "die", "firefox-en-fr")
        assert str(caught.value) == (
            "the process that turns words round ends each time with firefox-en-fr (exit code 7): "
            "check the models with `stslocal models verify`"
        )
        assert ask(worker, "abc") == "cba", "others go on"

    def test_one_that_remembers_is_not_asked_again(
        self, once: WorkerProcess, tmp_path: Path
    ) -> None:
        with pytest.raises(EngineError) as caught:
            ask(once, f"die once {tmp_path / 'marker'}", "talk.mp3")
        assert str(caught.value) == (
            "the process that turns words round has ended at talk.mp3 (exit code 7): check the "
            "models with `stslocal models verify`"
        )
        assert ask(once, "abc") == "cba"

    @pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
    def test_one_that_the_system_killed_says_what_helps(self, once: WorkerProcess) -> None:
        ask(once, "abc")
        killer = threading.Timer(0.2, os.kill, (once.pid, signal.SIGKILL))
        killer.start()
        with pytest.raises(EngineError, match=r"\(SIGKILL\): memory may be short, so close other"):
            ask(once, "slow 60 word")
        killer.join()

    def test_no_python_is_one_error(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "executable", "/no/such/python")
        with pytest.raises(EngineError, match="turns words round cannot be started"):
            ask(WorkerProcess(SCRIPTED, "turns words round"), "abc")

    @pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signal")
    @pytest.mark.parametrize("words", ["slow 60 word", "hold"])
    def test_ctrl_c_ends_what_it_does(self, worker: WorkerProcess, words: str) -> None:
        """At once, and no answer is taken for another one's."""
        ask(worker, "abc")
        pid = worker.pid

        def interrupt(number: int, frame: object) -> None:
            raise KeyboardInterrupt

        before = signal.signal(signal.SIGALRM, interrupt)
        try:
            signal.setitimer(signal.ITIMER_REAL, 0.1)
            with pytest.raises(KeyboardInterrupt):
                ask(worker, words)
        finally:
            signal.signal(signal.SIGALRM, before)
        assert worker.pid is None
        assert pid is not None
        assert not running(pid)
        assert ask(worker, "abc") == "cba"

    @pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
    @pytest.mark.parametrize("words", ["abc", "slow 60 word", "hold"])
    def test_no_orphan_is_left_where_we_are_killed(self, words: str) -> None:
        """Also in the middle of a call that holds Python's lock."""
        program = (
            "import threading, time; from stslocal.engines.worker.messages import Message; "
            "from stslocal.engines.worker.process import WorkerProcess; "
            f"w = WorkerProcess({SCRIPTED!r}, 'works'); w.ask(Message({{'words': 'abc'}}), ''); "
            f"threading.Thread(target=w.ask, args=(Message({{'words': {words!r}}}), ''), "
            "daemon=True).start(); time.sleep(0.5); print(w.pid, flush=True); time.sleep(60)"
        )
        parent = subprocess.Popen(
            [sys.executable, "-c", program], stdout=subprocess.PIPE, cwd=CHECKOUT
        )
        with parent:
            assert parent.stdout is not None
            pid = int(parent.stdout.readline())
            assert running(pid)
            parent.kill()
        try:
            wait_until(lambda: not running(pid), "the process that works ends")
        finally:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    @pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
    def test_it_ends_with_a_program_that_ends(self) -> None:
        program = (
            "from stslocal.engines.worker.messages import Message; "
            "from stslocal.engines.worker.process import WorkerProcess; "
            f"w = WorkerProcess({SCRIPTED!r}, 'works'); w.ask(Message({{'words': 'abc'}}), ''); "
            "print(w.pid)"
        )
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", program],
            capture_output=True,
            text=True,
            check=True,
            cwd=CHECKOUT,
        )
        assert done.stderr == ""
        assert not running(int(done.stdout))
