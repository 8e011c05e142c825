"""The process that translates: asked by threads, killed, started again, gone when we are."""

from __future__ import annotations

import io
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stslocal.engines.firefox.frames import MOST_BYTES, read_message, write_message
from stslocal.engines.firefox.worker import Models, Translator, answer, serve
from stslocal.engines.firefox.worker_process import WorkerProcess
from stslocal.errors import EngineError
from tests.conftest import CHECKOUT

pytestmark = pytest.mark.unit

SCRIPTED = "tests.engines.firefox.scripted_worker"


@pytest.fixture
def worker() -> Iterator[WorkerProcess]:
    process = WorkerProcess(SCRIPTED)
    yield process
    process.close()


def request(text: str | None, model: str = "m") -> dict[str, Any]:
    return {"files": [f"{model}/model.bin", "vocab", "vocab", None], "text": text}


def ask(worker: WorkerProcess, text: str | None, model: str = "m") -> str:
    return str(worker.ask(request(text, model), model)["text"])


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
        assert ask(worker, "abc") == "[m](cba)"
        pid = worker.pid or 0
        assert ask(worker, "ação", "other") == "[other](oãça)"
        assert worker.pid == pid != os.getpid()

    def test_a_model_is_loaded_without_a_text(self, worker: WorkerProcess) -> None:
        assert ask(worker, None) == ""

    def test_what_a_library_prints_is_no_answer(self, worker: WorkerProcess) -> None:
        assert ask(worker, "print this") == "[m](siht tnirp)"
        assert ask(worker, "abc") == "[m](cba)"

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
            index: "".join(f"[m]({f'{index}.{number}'[::-1]})" for number in range(20))
            for index in range(4)
        }

    def test_a_closed_process_is_started_again(self, worker: WorkerProcess) -> None:
        ask(worker, "abc")
        worker.close()
        assert worker.pid is None
        assert ask(worker, "abc") == "[m](cba)"


class TestDying:
    def test_the_sentence_in_flight_is_translated_again(
        self, worker: WorkerProcess, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.WARNING)
        text = f"die once {tmp_path / 'marker'}"
        announced: list[str] = []
        reply = worker.ask(request(text), "m", announced.append)
        assert reply == {"text": f"[m]({text[::-1]})"}
        assert announced == [
            "the process that translates has ended (exit code 7): it is started again, and "
            "nothing is lost"
        ]
        assert [record.getMessage() for record in caplog.records] == announced

    @pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
    def test_killed_while_it_translates(
        self, worker: WorkerProcess, caplog: pytest.LogCaptureFixture
    ) -> None:
        ask(worker, None)
        pid = worker.pid
        assert pid is not None
        killer = threading.Timer(0.2, os.kill, (pid, signal.SIGKILL))
        killer.start()
        assert ask(worker, "slow 3 word") == f"[m]({'slow 3 word'[::-1]})"
        killer.join()
        assert worker.pid != pid
        assert [record.getMessage()[:44] for record in caplog.records] == [
            "the process that translates has ended (SIGKI"
        ]

    def test_what_ends_it_twice_is_one_error(self, worker: WorkerProcess) -> None:
        with pytest.raises(EngineError) as caught:
            worker.ask(request("die"), "firefox-en-fr")
        assert str(caught.value) == (
            "the process that translates ends each time with firefox-en-fr (exit code 7): check "
            "the models with `stslocal models verify`"
        )
        assert ask(worker, "abc") == "[m](cba)", "others go on"

    def test_a_model_that_ends_it_twice_is_one_error(self, worker: WorkerProcess) -> None:
        with pytest.raises(EngineError, match="ends each time with deadly"):
            ask(worker, None, "deadly")
        assert ask(worker, "abc") == "[m](cba)"

    def test_no_python_is_one_error(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "executable", "/no/such/python")
        with pytest.raises(EngineError, match="cannot be started"):
            ask(WorkerProcess(SCRIPTED), "abc")

    @pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signal")
    def test_after_ctrl_c_no_answer_is_taken_for_another(self, worker: WorkerProcess) -> None:
        ask(worker, None)

        def interrupt(number: int, frame: object) -> None:
            raise KeyboardInterrupt

        before = signal.signal(signal.SIGALRM, interrupt)
        try:
            signal.setitimer(signal.ITIMER_REAL, 0.1)
            with pytest.raises(KeyboardInterrupt):
                ask(worker, "slow 0.4 word")
        finally:
            signal.signal(signal.SIGALRM, before)
        assert ask(worker, "abc") == "[m](cba)"

    @pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
    @pytest.mark.parametrize("text", ["abc", "slow 1 word"])
    def test_no_orphan_is_left_where_we_are_killed(self, text: str) -> None:
        """Also in the middle of a sentence."""
        program = (
            "import threading, time; from stslocal.engines.firefox.worker_process import "
            f"WorkerProcess; w = WorkerProcess({SCRIPTED!r}); r = {request(None)!r}; w.ask(r, ''); "
            f"threading.Thread(target=w.ask, args=({request(text)!r}, ''), daemon=True).start(); "
            "print(w.pid, flush=True); time.sleep(60)"
        )
        parent = subprocess.Popen(
            [sys.executable, "-c", program], stdout=subprocess.PIPE, cwd=CHECKOUT
        )
        with parent:
            assert parent.stdout is not None
            pid = int(parent.stdout.readline())
            assert running(pid)
            parent.kill()
        wait_until(lambda: not running(pid), "the process that translates ends")

    @pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
    def test_it_ends_with_a_program_that_ends(self) -> None:
        program = (
            "from stslocal.engines.firefox.worker_process import WorkerProcess; "
            f"w = WorkerProcess({SCRIPTED!r}); w.ask({request('abc')!r}, ''); print(w.pid)"
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


class TestMessages:
    @pytest.mark.parametrize("message", [{}, {"text": "ação 日本 😀 \x00"}, {"a": [1, None]}])
    def test_are_read_as_they_were_written(self, message: dict[str, Any]) -> None:
        pipe = io.BytesIO()
        write_message(pipe, message)
        write_message(pipe, {"next": 1})
        pipe.seek(0)
        assert [read_message(pipe), read_message(pipe), read_message(pipe)] == [
            message,
            {"next": 1},
            None,
        ]

    @pytest.mark.parametrize("cut", [1, 4, 6])
    def test_a_pipe_that_ends_within_one_has_ended(self, cut: int) -> None:
        pipe = io.BytesIO()
        write_message(pipe, {"text": "abc"})
        assert read_message(io.BytesIO(pipe.getvalue()[:cut])) is None

    @pytest.mark.parametrize(
        "data",
        [b"HTTP/1.1 200 OK", b"\0\0\0\2[]", b"\0\0\0\2{x", b"\0\0\0\1\xff"],
    )
    def test_others_are_refused(self, data: bytes) -> None:
        with pytest.raises(ValueError, match=r"."):
            read_message(io.BytesIO(data))

    def test_one_that_is_too_long_is_refused(self) -> None:
        with pytest.raises(ValueError, match="too long"):
            write_message(io.BytesIO(), {"text": "x" * MOST_BYTES})


class TestModels:
    class Named(Models):
        def __init__(self, most: int) -> None:
            super().__init__(most)
            self.loads: list[str | None] = []

        def load(self, files: tuple[str | None, ...]) -> Translator:
            self.loads.append(files[0])
            if files[0] == "bad":
                raise ValueError("no model")
            return self

        def translate(self, text: str) -> str:
            return text.upper()

    def test_the_one_used_longest_ago_makes_room(self) -> None:
        models = self.Named(2)
        for name in ("a", "b", "a", "c", "a", "b"):
            models.get((name,))
        assert models.loads == ["a", "b", "c", "b"]

    def test_a_request_is_answered_or_refused_with_a_sentence(self) -> None:
        models = self.Named(2)
        assert answer({"files": ["a"], "text": "x"}, models) == {"text": "X"}
        assert answer({"files": ["a"], "text": None}, models) == {"text": ""}
        assert answer({"files": ["bad"], "text": "x"}, models) == {"error": "no model"}

    def test_requests_are_answered_until_they_end(self) -> None:
        requests, answers = io.BytesIO(), io.BytesIO()
        for text in ("x", "y"):
            write_message(requests, {"files": ["a"], "text": text})
        requests.seek(0)
        serve(requests, answers, self.Named(1))
        answers.seek(0)
        assert [read_message(answers), read_message(answers)] == [{"text": "X"}, {"text": "Y"}]
