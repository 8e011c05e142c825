"""pyproject.toml, constraints.txt and the lock files agree."""

from __future__ import annotations

import re
import sys
from importlib.metadata import requires
from itertools import product
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

pytestmark = pytest.mark.unit

CHECKOUT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
PYTHONS = ("3.10", "3.11", "3.12", "3.13", "3.14")
MACHINES = (
    ("linux", "Linux", "x86_64"),
    ("linux", "Linux", "aarch64"),
    ("darwin", "Darwin", "arm64"),
    ("darwin", "Darwin", "x86_64"),
    ("win32", "Windows", "AMD64"),
)
TARGETS = [
    {
        "python_version": python,
        "python_full_version": f"{python}.1",
        "sys_platform": platform,
        "platform_system": system,
        "platform_machine": machine,
        "platform_python_implementation": "CPython",
        "implementation_name": "cpython",
        "extra": "",
    }
    for python, (platform, system, machine) in product(PYTHONS, MACHINES)
]


@pytest.fixture
def lock(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(CHECKOUT / "scripts"))
    import lock

    return lock


def pins(name: str) -> list[Requirement]:
    text = (CHECKOUT / name).read_text(encoding="utf-8")
    lines = re.findall(r"^([a-z0-9][^\\\n]*)", text, re.MULTILINE)
    return [Requirement(line) for line in lines]


def versions(requirements: list[Requirement], target: dict[str, str]) -> dict[str, str]:
    """The versions that are installed on `target`. Two versions of one package are an error."""
    found: dict[str, str] = {}
    for requirement in requirements:
        if requirement.marker is None or requirement.marker.evaluate(target):
            (version,) = (specifier.version for specifier in requirement.specifier)
            assert found.setdefault(requirement.name, version) == version, requirement
    return found


def unmet(lines: list[str], found: dict[str, str], target: dict[str, str]) -> list[str]:
    """The requirements in `lines` that the versions in `found` do not fulfil on `target`."""
    wanted = [Requirement(line) for line in lines]
    return [
        str(requirement)
        for requirement in wanted
        if (requirement.marker is None or requirement.marker.evaluate(target))
        and not requirement.specifier.contains(
            found.get(canonicalize_name(requirement.name), "0"), prereleases=True
        )
    ]


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: " ".join(target.values()))
def test_the_locks_fulfil_pyproject_with_the_versions_of_the_constraints(
    target: dict[str, str],
) -> None:
    base = versions(pins("requirements.lock"), target)
    dev = base | versions(pins("requirements-dev.lock"), target)
    constraints = versions(pins("constraints.txt"), target)
    extras = PROJECT["project"]["optional-dependencies"]
    assert unmet(PROJECT["project"]["dependencies"], base, target) == []
    assert unmet(PROJECT["build-system"]["requires"], base, target) == []
    assert unmet(extras["dev"], dev, target) == []
    assert unmet(extras["xtts"] + extras["convert"], constraints, target) == []
    assert {name: constraints.get(name) for name in dev} == dev


def test_the_lock_has_every_package_of_the_base_install() -> None:
    """Also the dependencies of dependencies, as the installed packages declare them."""
    locked = versions(pins("requirements.lock"), TARGETS[0] | _this_python())
    todo = [Requirement(line) for line in PROJECT["project"]["dependencies"]]
    seen: set[str] = set()
    while todo:
        requirement = todo.pop()
        if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
            continue
        name = canonicalize_name(requirement.name)
        assert name in locked, name
        if name not in seen:
            seen.add(name)
            todo += [Requirement(line) for line in requires(name) or []]


def _this_python() -> dict[str, str]:
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    return {"python_version": python, "python_full_version": f"{python}.1"}


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_every_pin_of_a_lock_has_hashes_and_no_address(lock: ModuleType, name: str) -> None:
    text = (CHECKOUT / name).read_text(encoding="utf-8")
    blocks = lock.blocks(text.partition("\n\n")[2])
    assert len(blocks) == len(pins(name)) > 40
    assert all(re.search(r"--hash=sha256:[0-9a-f]{64}", block) for block in blocks)
    assert "://" not in text


def test_pytorch_is_pinned_and_not_locked() -> None:
    named = {requirement.name for requirement in pins("constraints.txt")}
    assert {"torch", "pip", "tzdata", "hatchling"} <= named
    locked = pins("requirements.lock") + pins("requirements-dev.lock")
    assert "torch" not in {requirement.name for requirement in locked}


def test_lines_of_hashes_stay_with_their_requirement(lock: ModuleType) -> None:
    text = "a==1 \\\n    --hash=sha256:0\nb==2 ; python_version < '3' \\\n    --hash=sha256:1\n"
    assert lock.blocks(text) == [text[: text.index("b==2")], text[text.index("b==2") :]]
