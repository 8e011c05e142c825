"""Paths and files that are not what a reader expects: nothing waits, everything is one sentence."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from stslocal import foreign_files
from stslocal.errors import ModelError, SettingsError, StslocalError
from stslocal.foreign_files import (
    PathKind,
    UnreadableFileError,
    kind_of,
    open_file,
    parse_json,
    read_json,
    read_toml,
)
from stslocal.models.manifest_file import load_manifest
from stslocal.results.session import read_session
from stslocal.settings import Settings
from stslocal.translation.glossary import Glossary
from stslocal.voices.store import VoiceStore

pytestmark = [
    pytest.mark.unit,
    pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here"),
]


def make(folder: Path) -> dict[PathKind, Path]:
    """A path of each kind."""
    paths = {kind: folder / kind.name.lower() for kind in PathKind}
    paths[PathKind.FILE].write_text("{}")
    paths[PathKind.FOLDER].mkdir()
    os.mkfifo(paths[PathKind.PIPE])
    paths[PathKind.DEVICE] = Path("/dev/null")
    paths[PathKind.LOOP].symlink_to(paths[PathKind.LOOP])
    paths[PathKind.TOO_LONG] = folder / ("x" * 5000)
    paths[PathKind.UNUSABLE] = folder / "nul\0"
    del paths[PathKind.FORBIDDEN], paths[PathKind.SOCKET]
    return paths


def test_every_kind_of_path_is_known_without_opening_it(tmp_path: Path) -> None:
    for kind, path in make(tmp_path).items():
        assert kind_of(path) is kind, path
    assert kind_of(tmp_path / "file" / "below") is PathKind.MISSING
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    assert kind_of(tmp_path / "dangling") is PathKind.MISSING


def test_a_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "stat", lambda path: os.stat_result((0o140644, *[0] * 9)))
    assert kind_of(tmp_path) is PathKind.SOCKET
    assert socket.AF_UNIX


def test_a_folder_that_may_not_be_entered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(path: object) -> os.stat_result:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "stat", denied)
    assert kind_of(tmp_path / "x") is PathKind.FORBIDDEN
    with pytest.raises(UnreadableFileError, match="may not be read: change its permissions"):
        open_file(tmp_path / "x")


def test_only_files_are_opened_and_nothing_waits(tmp_path: Path) -> None:
    for kind, path in make(tmp_path).items():
        if kind is PathKind.FILE:
            with open_file(path) as file:
                assert file.read() == b"{}"
        else:
            with pytest.raises(UnreadableFileError) as caught:
                open_file(path)
            assert caught.value.kind is kind


def test_a_path_that_becomes_a_pipe_between_two_looks_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    monkeypatch.setattr(foreign_files, "kind_of", lambda _: PathKind.FILE)
    with pytest.raises(UnreadableFileError, match="is a pipe"):
        open_file(path)


DEEP = 20_000


@pytest.mark.parametrize(
    "text",
    [
        "[" * DEEP, "[" * 100 + "]" * 100, '{"a":' * DEEP, "1" * 5000, "1" * 400, "1e999", "NaN",
        "-Infinity", "{", "", "\\ud800",
    ],
)  # fmt: skip
def test_json_that_cannot_be_used_is_one_error(text: str, tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError) as caught:
        parse_json(text)
    assert "\n" not in str(caught.value)


def test_the_size_of_a_file_is_bounded(tmp_path: Path) -> None:
    path = tmp_path / "large.json"
    path.write_text("[1, 2, 3]")
    with pytest.raises(UnreadableFileError, match="larger than"):
        read_json(path, most=8)
    assert read_json(path, most=9) == [1, 2, 3]


@pytest.mark.parametrize(
    "text",
    ["a = " + "[" * DEEP, "a = " + "1" * 5000, "a = " + "1" * 400, "a =", "\udcff"],
)
def test_toml_that_cannot_be_used_is_one_error(text: str, tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(UnreadableFileError):
        read_toml(path)


READERS: dict[str, Callable[[Path], object]] = {
    "settings": lambda path: Settings.load({}, environ={"STSLOCAL_CONFIG": str(path)}),
    "glossary": Glossary.read,
    "manifest": load_manifest,
    "session": read_session,
    "voice": lambda path: VoiceStore(path.parent).import_file(path, name="new"),
}


@pytest.mark.parametrize("reader", READERS)
def test_every_reader_reports_every_kind_of_path(reader: str, tmp_path: Path) -> None:
    for kind, path in make(tmp_path).items():
        if kind in (PathKind.FILE, PathKind.UNUSABLE):
            continue
        if reader == "settings" and kind is PathKind.MISSING:
            continue  # there need not be one
        if (reader, kind) == ("glossary", PathKind.DEVICE):
            with pytest.raises(SettingsError, match="is a device"):
                READERS[reader](Path("/dev/zero"))
        with pytest.raises(StslocalError) as caught:
            READERS[reader](path)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    "data", [b"\xff\xfe\0", b"a = " + b"[" * DEEP, b"[" * DEEP, b"x=" + b"9" * 400]
)
def test_every_reader_reports_foreign_bytes(reader: str, data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(data)
    if reader == "glossary" and b"\xff" not in data and b"=" in data:
        return  # such a line may be a term
    with pytest.raises(StslocalError):
        READERS[reader](path)


@pytest.mark.parametrize(
    "change",
    [
        ("output", []), ("timings", None), ("segments", [1]), ("audio", {"duration_s": []}),
        ("voice", "x"), ("source", None), ("models", [[]]),
    ],
)  # fmt: skip
def test_a_session_with_a_field_of_another_type_is_damaged(
    change: tuple[str, object], tmp_path: Path
) -> None:
    import json

    from stslocal.results.session import SCHEMA, VERSION

    path = tmp_path / "x.session.json"
    path.write_text(json.dumps({"schema": SCHEMA, "version": VERSION, change[0]: change[1]}))
    with pytest.raises(StslocalError, match=r"x\.session\.json"):
        read_session(path)


def test_an_unknown_home_folder_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    from stslocal.storage import models_folder

    monkeypatch.setenv("STSLOCAL_MODELS", "~no-such-user-here/x")
    with pytest.raises(SettingsError, match="STSLOCAL_MODELS: the home folder"):
        models_folder()
    assert issubclass(ModelError, StslocalError)
