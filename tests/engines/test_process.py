"""`prepare_process` changes the process, and no import does."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import types
from pathlib import Path

import pytest

import stslocal
from stslocal import cli
from stslocal.cli import app
from stslocal.engines import process
from stslocal.engines.process import prepare_process

pytestmark = pytest.mark.unit

PACKAGE = Path(stslocal.__path__[0])
OPENMP = {"OMP_WAIT_POLICY": "ACTIVE", "GOMP_SPINCOUNT": "300000", "KMP_BLOCKTIME": "200"}
BY_OTHERS = {"KMP_INIT_AT_FORK", "RAY_CLIENT_MODE"}
"""Variables that packages set when they are imported (joblib, of some extras, and Ray)."""
OURS = ("ORT_DISABLE_TELEMETRY", "RAY_USAGE_STATS_ENABLED", "HF_HUB_OFFLINE", *OPENMP)

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="libgomp is Linux's OpenMP")

IMPORT_EVERYTHING = """
import importlib, json, logging, os, pkgutil, signal

def state():
    handlers = [str(signal.getsignal(number)) for number in (signal.SIGINT, signal.SIGTERM)]
    levels = [logging.getLogger(name).level for name in ("", "stslocal", "transformers")]
    return dict(os.environ), handlers, levels

before = state()
import stslocal
names = [found.name for found in pkgutil.walk_packages(stslocal.__path__, "stslocal.")]
missing = []
for name in names:
    if name != "stslocal.__main__":
        try:
            importlib.import_module(name)
        except ModuleNotFoundError as error:  # a package of an extra
            assert not error.name.startswith("stslocal"), name
            missing.append(name)
print(json.dumps({"before": before, "after": state(), "names": names, "missing": missing}))
"""

RUN_A_COMMAND = """
import sys, types
from stslocal import cli
from stslocal.cli import app

def run(arguments, printer):
    import ctranslate2
    return 0

def add_parser(subparsers):
    subparsers.add_parser("echo").set_defaults(run=run)

app.COMMANDS = ("echo",)
sys.modules["stslocal.cli.echo"] = types.SimpleNamespace(add_parser=add_parser)
sys.exit(cli.main(["echo"]))
"""


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """Removes the variables before a test, and restores them after it."""
    for name in OURS:
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)


def python(program: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )


def test_importing_every_module_changes_nothing() -> None:
    done = json.loads(python(IMPORT_EVERYTHING).stdout)
    (environment, *others), (environment_after, *others_after) = done["before"], done["after"]
    changed = dict(environment.items() ^ environment_after.items())
    assert changed.keys() <= BY_OTHERS
    assert others_after == others
    assert len(done["names"]) > 150
    assert all(name.startswith("stslocal.engines.xtts.") for name in done["missing"])


def test_prepare_process_sets_the_variables() -> None:
    prepare_process()
    assert os.environ["ORT_DISABLE_TELEMETRY"] == "1"
    assert os.environ["HF_HUB_OFFLINE"] == "1"
    if sys.platform == "linux":
        assert {name: os.environ[name] for name in OPENMP} == OPENMP
    else:
        assert not os.environ.keys() & OPENMP.keys()


def test_variables_that_a_person_has_set_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    monkeypatch.setenv("OMP_WAIT_POLICY", "PASSIVE")
    prepare_process()
    assert os.environ["HF_HUB_OFFLINE"] == "0"
    assert os.environ["OMP_WAIT_POLICY"] == "PASSIVE"
    assert "GOMP_SPINCOUNT" not in os.environ


@pytest.mark.parametrize(("name", "offline"), [("echo", "1"), ("models", None)])
def test_only_the_models_command_may_ask_the_hub(
    monkeypatch: pytest.MonkeyPatch, name: str, offline: str | None
) -> None:
    seen: list[str | None] = []

    def run(arguments: object, printer: object) -> int:
        seen.append(os.environ.get("HF_HUB_OFFLINE"))
        return 0

    module = types.SimpleNamespace(
        add_parser=lambda subparsers: subparsers.add_parser(name).set_defaults(run=run)
    )
    monkeypatch.setattr(app, "COMMANDS", (name,))
    monkeypatch.setitem(sys.modules, f"stslocal.cli.{name}", module)
    assert cli.main([name]) == 0
    assert seen == [offline]


@on_linux
def test_the_command_line_prepares_before_openmp_is_loaded() -> None:
    """OpenMP prints its settings when it is loaded, here by ctranslate2 in a command."""
    said = python(RUN_A_COMMAND, OMP_DISPLAY_ENV="VERBOSE").stderr
    assert "OMP_WAIT_POLICY = 'ACTIVE'" in said
    assert "GOMP_SPINCOUNT = '300000'" in said


@on_linux
def test_the_openmp_settings_of_a_person_and_of_a_host_program_stay() -> None:
    chosen = python(RUN_A_COMMAND, OMP_DISPLAY_ENV="VERBOSE", OMP_WAIT_POLICY="PASSIVE").stderr
    assert "OMP_WAIT_POLICY = 'PASSIVE'" in chosen
    assert "GOMP_SPINCOUNT = '0'" in chosen
    host = "import stslocal.engines.registry, stslocal.engines.nllb.translator"
    assert "OMP_WAIT_POLICY = 'ACTIVE'" not in python(host, OMP_DISPLAY_ENV="VERBOSE").stderr


CHANGES = re.compile(
    r"os\.environ\[[^]]+\]\s*=[^=]|os\.environ\.(update|setdefault|pop|clear)|del os\.environ"
    r"|putenv|set_num_threads|set_num_interop_threads|setlocale|signal\.signal|addaudithook"
    r"|setrlimit|basicConfig|os\.(chdir|umask|nice)|simplefilter|filterwarnings"
)
ELSEWHERE = {
    "pipeline/interrupts.py": "SIGINT, restored at the end of a block",
    "engines/worker/serving.py": "SIGINT, in a process of its own",
    "files/ray_pool.py": "signals that Ray's start replaces, restored behind it",
    "doctor/socket_watch.py": "an audit hook, while the doctor looks for sockets",
}


def test_nothing_else_below_the_command_line_changes_the_process() -> None:
    found = [
        module.relative_to(PACKAGE).as_posix()
        for module in sorted(PACKAGE.rglob("*.py"))
        if CHANGES.search(module.read_text(encoding="utf-8"))
    ]
    below = [name for name in found if not name.startswith("cli/") and name not in ELSEWHERE]
    assert below == [Path(process.__file__).relative_to(PACKAGE).as_posix()]
