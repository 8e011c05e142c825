"""Ctrl-C is answered at once, whatever runs, and a second one ends the program."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

pytestmark = [
    pytest.mark.unit,
    pytest.mark.skipif(sys.platform == "win32", reason="Windows has other signals"),
]

PROGRAM = """
import os, signal, sys, time, types
from stslocal import cli
from stslocal.cli import app, signals
from stslocal.cli.signals import signal_is_handled

{limits}

def run(arguments, printer):
    {work}
    return 0

def add_parser(subparsers):
    subparsers.add_parser("echo").set_defaults(run=run)

signal.signal(signal.SIGINT, signal.default_int_handler)
app.COMMANDS = ("echo",)
sys.modules["stslocal.cli.echo"] = types.SimpleNamespace(add_parser=add_parser)
sys.argv[1:] = ["echo", *sys.argv[1:]]
sys.exit(cli.main())
"""
READY = "print('ready', flush=True)"
WAITS = "[time.sleep(0.01) for _ in iter(int, 1)]"
"""Short steps, because a signal just before a long sleep is handled after it."""
STUCK = f"""
    try:
        {READY}
        {WAITS}
    finally:
        sum(range(10**12))"""
"""Ends with a call in C that keeps all threads of Python waiting, as the loading of models does."""


ENDS_SOON = "signals._ANSWER_AFTER_S = signals._END_WITHIN_S = 60"
"""Also on a busy machine, where the next step may come later than the answer usually does."""


@contextmanager
def running(work: str, *flags: str, limits: str = "") -> Iterator[subprocess.Popen[str]]:
    """A program that is at work."""
    command = [sys.executable, "-c", PROGRAM.format(work=work, limits=limits), *flags]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "ready\n"
        try:
            yield program
        finally:
            program.kill()


def line_of(program: subprocess.Popen[str]) -> str:
    assert program.stderr is not None
    return program.stderr.readline()


def test_ctrl_c_is_answered_while_a_call_holds_all_threads_and_again_ends() -> None:
    with running(STUCK) as program:
        program.send_signal(signal.SIGINT)
        assert line_of(program).startswith("stopping: ")
        program.send_signal(signal.SIGINT)
        assert program.wait(60) == -signal.SIGKILL
        assert line_of(program) == ""


def test_where_python_runs_a_second_ctrl_c_ends_with_its_own_exit_code() -> None:
    work = f"""
    try:
        {READY}
        {WAITS}
    finally:
        {WAITS}"""
    with running(work, limits="signals._END_WITHIN_S = 60") as program:
        program.send_signal(signal.SIGINT)
        assert "Ctrl-C again to end at once" in line_of(program)
        program.send_signal(signal.SIGINT)
        assert program.wait(60) == 130


def test_a_command_that_ends_soon_only_says_that_it_stopped() -> None:
    with running(f"{READY}; {WAITS}", limits=ENDS_SOON) as program:
        program.send_signal(signal.SIGINT)
        assert program.wait(60) == 130
        assert line_of(program) == "stslocal: stopped\n"
        assert line_of(program) == ""


def test_sigterm_is_answered_too() -> None:
    with running(STUCK) as program:
        program.send_signal(signal.SIGTERM)
        assert line_of(program) == "stopping: the step that runs is finished first\n"


def test_qq_answers_with_the_end_only() -> None:
    work = f"""
    try:
        {READY}
        {WAITS}
    finally:
        time.sleep(0.8)"""
    with running(work, "-qq") as program:
        program.send_signal(signal.SIGINT)
        assert program.wait(60) == 130
        assert line_of(program) == "stslocal: stopped\n"


def test_a_signal_that_a_command_handles_itself_gets_no_answer() -> None:
    work = f"""
    def ending(number, frame):
        signal_is_handled(number)
        signal.signal(number, before)
        print("ending", file=sys.stderr, flush=True)
    before = signal.signal(signal.SIGINT, ending)
    {READY}
    {WAITS}"""
    with running(work, limits=ENDS_SOON) as program:
        program.send_signal(signal.SIGINT)
        assert line_of(program) == "ending\n"
        program.send_signal(signal.SIGINT)
        assert program.wait(60) == 130
        assert line_of(program) == "stslocal: stopped\n"


def test_no_process_is_left_and_no_pipe_is_kept_open() -> None:
    """The child that answers ends with its parent, also when that is killed."""
    with running(STUCK) as program:
        program.send_signal(signal.SIGKILL)
        assert program.wait(60) == -signal.SIGKILL
        assert program.stdout is not None
        assert program.stderr is not None
        # The end of a pipe comes when nobody holds its other end any more.
        assert program.stdout.read() == program.stderr.read() == ""


def test_ctrl_c_while_the_program_itself_is_loading() -> None:
    script = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)

wanted = sys.argv[1]

class Pressed:
    def find_spec(self, name, path, target=None):
        if name == wanted:
            signal.raise_signal(signal.SIGINT)

sys.meta_path.insert(0, Pressed())
from stslocal.cli import main
sys.argv[1:] = ["devices"]
sys.exit(main())
"""
    for module in ("stslocal.cli.app", "stslocal.settings", "stslocal.cli.devices"):
        command = [sys.executable, "-c", script, module]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (130, "stslocal: stopped\n"), module
        assert os.linesep not in done.stdout
