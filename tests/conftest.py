"""Fixtures, and the rules for every test."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import hypothesis
import pytest

from stslocal.samples import BundledClip, bundled_clips

CHECKOUT = Path(__file__).resolve().parent.parent
KINDS = ("unit", "contract", "real", "device")
STARTER_PACK = ("whisper-base", "kokoro-82m-int8", "kokoro-voices", "ge2e")

# No deadline, because a test machine may be busy. Every run has the same examples.
hypothesis.settings.register_profile("stslocal", deadline=None, derandomize=True, database=None)
hypothesis.settings.load_profile("stslocal")


def pytest_configure() -> None:
    """React to Ctrl-C, which a shell switches off for tests that it starts in the background."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse a test without a kind, and disable sockets for unit and contract tests."""
    unmarked = [
        item.nodeid for item in items if not any(item.get_closest_marker(kind) for kind in KINDS)
    ]
    if unmarked:
        listing = "\n  ".join(unmarked)
        raise pytest.UsageError(f"tests without one of the markers {KINDS}:\n  {listing}")
    for item in items:
        if item.get_closest_marker("unit") or item.get_closest_marker("contract"):
            item.add_marker(pytest.mark.disable_socket)


@pytest.fixture(autouse=True)
def _a_clean_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Hide the person's configuration from the tests, and the variables that a test has set.

    The command line sets HF_HUB_OFFLINE in the environment of the whole process.
    """
    for name in list(os.environ):
        if name.startswith(("STSLOCAL_", "HF_")):
            monkeypatch.delenv(name)
    nowhere = tmp_path_factory.getbasetemp() / "nowhere"
    monkeypatch.setenv("STSLOCAL_CONFIG", str(nowhere / "config.toml"))
    monkeypatch.setenv("STSLOCAL_VOICES", str(nowhere / "voices"))
    monkeypatch.setenv("STSLOCAL_CACHE", "")


def _skip_or_fail(reason: str) -> None:
    """Skip the test; in CI, where everything must be present, fail it."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def starter_models() -> Path:
    """The folder that holds the starter pack: STSLOCAL_MODELS, else the checkout's models/."""
    folder = Path(os.environ.get("STSLOCAL_MODELS", CHECKOUT / "models"))
    missing = [model for model in STARTER_PACK if not (folder / model).is_dir()]
    if missing:
        _skip_or_fail(f"{folder} has no {', '.join(missing)}: run `stslocal models pull starter`")
    return folder


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real recordings beside the checkout; see their README.md and manifest.jsonl."""
    folder = CHECKOUT.parent / "shared" / "data"
    if not (folder / "manifest.jsonl").is_file():
        _skip_or_fail(f"there are no recordings at {folder}")
    return folder


@pytest.fixture(scope="session")
def bundled_clip() -> BundledClip:
    """The English recording that ships with the package, with its text and a translation."""
    return bundled_clips()[0]
