"""Fixtures, and the rules for every test."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Generator
from pathlib import Path

import hypothesis
import pytest
from corpus import LARGER, OWN, Clip, Corpus

from stslocal.models.manifest_file import load_manifest
from stslocal.models.store import ModelStore
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


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let a report go to another process, also where a test wrote characters that UTF-8 lacks."""
    report = yield
    report.sections = [
        (title, text.encode("utf-8", "backslashreplace").decode())
        for title, text in report.sections
    ]
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say why tests were skipped, a line a reason. pytest's own list has a line a test."""
    reasons = Counter(
        report.longrepr[2].removeprefix("Skipped: ")
        for report in terminalreporter.stats.get("skipped", [])
    )
    if reasons:
        terminalreporter.write_sep("=", "skipped tests")
        for reason, tests in reasons.most_common():
            terminalreporter.write_line(f"{tests:4}  {reason}")


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
    monkeypatch.setenv("STSLOCAL_SERVER", str(nowhere / "server"))
    monkeypatch.setenv("STSLOCAL_CACHE", "")
    # What is measured is not kept on a busy machine, and CI's may be one.
    monkeypatch.setattr(os, "getloadavg", lambda: (0.0, 0.0, 0.0), raising=False)


def _skip_or_fail(reason: str) -> None:
    """Skip the test; in CI, where everything must be present, fail it."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def starter_models() -> Path:
    """The folder that holds the starter pack: STSLOCAL_MODELS, else the checkout's models/."""
    folder = Path(os.environ.get("STSLOCAL_MODELS", CHECKOUT / "models"))
    store = ModelStore(folder, load_manifest())
    missing = [model for model in STARTER_PACK if not store.installed(model)]
    if missing:
        _skip_or_fail(f"{folder} has no {', '.join(missing)}: run `stslocal models pull starter`")
    return folder


@pytest.fixture(scope="session")
def recordings() -> Corpus:
    """The project's own recordings, tests/data/recordings."""
    return Corpus.read(OWN)


@pytest.fixture(scope="session")
def larger_recordings() -> Corpus:
    """The larger set beside the checkout. It is not part of the project, so it may be absent."""
    if not (LARGER / "manifest.jsonl").is_file():
        pytest.skip("the larger set of recordings is not at ../shared/data, beside the checkout")
    return Corpus.read(LARGER)


@pytest.fixture(params=["own", "larger"])
def corpus(request: pytest.FixtureRequest) -> Corpus:
    """One set of recordings, then the other."""
    return _corpus(request, request.param)


@pytest.fixture
def clip(request: pytest.FixtureRequest) -> Clip:
    """The clip that `parametrize(..., indirect=["clip"])` names: `own/jfk`, `larger/noise2`."""
    name, _, clip = request.param.partition("/")
    return _corpus(request, name).named(clip)[0]


def _corpus(request: pytest.FixtureRequest, name: str) -> Corpus:
    found = request.getfixturevalue({"own": "recordings", "larger": "larger_recordings"}[name])
    assert isinstance(found, Corpus)
    return found


@pytest.fixture(scope="session")
def bundled_clip() -> BundledClip:
    """The English recording that ships with the package, with its text and a translation."""
    return bundled_clips()[0]


@pytest.fixture
def kept_levels(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the loudness of the speech as it is: the words of the fakes are levels."""
    monkeypatch.setattr(
        "stslocal.files.mixdown.sentence_gains",
        lambda sentences, recording: [1.0] * len(sentences),
    )
    monkeypatch.setattr(
        "stslocal.files.redo.sound.OldSound.levelled", lambda self, number, piece: piece
    )
    monkeypatch.setattr(
        "stslocal.files.stream_levels.StreamLevels.levelled",
        lambda self, placed: placed.spoken.samples,
    )
