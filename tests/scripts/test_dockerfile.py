"""The Dockerfile, read and followed step by step: a builder needs an image that no test can fetch.

What a builder would copy is copied into a clean folder, what it would install is made into a wheel
there, and the command and the check of health are run with the environment of the image.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.extras import need
from tests.server.kit import served

pytestmark = pytest.mark.unit

CHECKOUT = Path(__file__).resolve().parents[2]
Steps = list[tuple[str, str]]


@pytest.fixture(scope="module")
def steps() -> Steps:
    """The instructions of the Dockerfile: name and rest, continued lines joined."""
    text = (CHECKOUT / "Dockerfile").read_text(encoding="utf-8")
    lines = re.sub(r"\\\n\s*", "", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE)).splitlines()
    return [
        (name, rest.strip()) for name, _, rest in (line.partition(" ") for line in lines if line)
    ]


def of(steps: Steps, name: str) -> list[str]:
    return [rest for kind, rest in steps if kind == name]


@pytest.fixture(scope="module")
def source(steps: Steps, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder /source of the image, with what .dockerignore lets through."""
    allowed = [
        line[1:] for line in (CHECKOUT / ".dockerignore").read_text("utf-8").splitlines()
        if line.startswith("!")
    ]  # fmt: skip
    folder = tmp_path_factory.mktemp("source")
    for copy in of(steps, "COPY"):
        if copy.startswith("--from"):
            continue
        *names, target = copy.split()
        for name in names:
            assert name in allowed, f"{name} is not in .dockerignore"
            into = folder / target / (name if target == "./" else Path(name).name)
            if (CHECKOUT / name).is_dir():
                into = folder / target
                shutil.copytree(CHECKOUT / name, into, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                into.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(CHECKOUT / name, into)
    return folder


def test_what_is_copied_makes_the_whole_package(source: Path, tmp_path: Path) -> None:
    hatchling = need("hatchling.build")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(source)
        here = str(hatchling.build_wheel(str(tmp_path)))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(CHECKOUT)
        there = str(hatchling.build_wheel(str(tmp_path / "whole")))
    assert (tmp_path / here).stat().st_size == (tmp_path / "whole" / there).stat().st_size


def test_the_extra_and_the_constraints_exist(steps: Steps, source: Path) -> None:
    (install,) = [run for run in of(steps, "RUN") if "--constraint" in run]
    assert (source / "constraints.txt").is_file()
    assert install.endswith('".[server]"')
    text = (source / "pyproject.toml").read_text(encoding="utf-8")
    assert re.search(r"^server = \[", text, re.MULTILINE)


def test_nobody_is_root_and_all_that_is_written_is_in_a_volume(steps: Steps) -> None:
    (user,) = of(steps, "USER")
    assert int(user) > 0
    volumes = [Path(one) for one in json.loads(of(steps, "VOLUME")[0])]
    environment = dict(one.split("=", 1) for one in of(steps, "ENV")[0].split())
    written = {name: value for name, value in environment.items() if name.startswith("STSLOCAL_")}
    named = set(
        re.findall(r"STSLOCAL_[A-Z]+", (CHECKOUT / "stslocal/storage.py").read_text("utf-8"))
    )
    assert named <= set(written), "a folder of storage.py that the image does not name"
    for value in [*written.values(), environment["HOME"]]:
        assert any(volume == Path(value) or volume in Path(value).parents for volume in volumes)


def test_the_command_is_one_that_stslocal_knows(steps: Steps, tmp_path: Path) -> None:
    entry, command = json.loads(of(steps, "ENTRYPOINT")[0]), json.loads(of(steps, "CMD")[0])
    assert entry == ["stslocal"]
    token = tmp_path / "token"
    token.write_text("too short\n", encoding="utf-8")
    arguments = [str(token) if "/run/secrets" in one else one for one in command]
    done = subprocess.run(
        [sys.executable, "-m", "stslocal", *arguments],
        capture_output=True, text=True, check=False, timeout=300,
        env={**os.environ, "STSLOCAL_SERVER": str(tmp_path / "server")},
    )  # fmt: skip
    assert done.returncode == 2
    assert "token" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.enable_socket
def test_the_check_of_health(steps: Steps, tmp_path: Path) -> None:
    (check,) = of(steps, "HEALTHCHECK")
    program, *arguments = json.loads(check.partition("CMD ")[2])
    assert program == "python"
    with served() as server:
        for port, code in ((server.port, 0), (1, 1)):
            asked = [one.replace(":8790", f":{port}") for one in arguments]
            done = subprocess.run(
                [sys.executable, *asked], capture_output=True, check=False, timeout=60
            )
            assert done.returncode == code
