"""What libraries raise while engines are loaded becomes a sentence with the next step."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from stslocal.errors import EngineError, ModelNotFoundError, SettingsError
from stslocal.loading.border import loading_errors

pytestmark = pytest.mark.unit


def engine_error(cause: Exception) -> EngineError:
    error = EngineError("the model cannot be loaded: if it is damaged, pull it")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("raised", "message"),
    [
        (MemoryError(), "too little memory.*smaller model"),
        (RuntimeError("std::bad_alloc"), "too little memory"),
        (engine_error(RuntimeError("mkl_malloc: failed to allocate memory")), "too little memory"),
        (RuntimeError("can't start new thread"), "no more threads.*ulimit -u"),
        (ImportError("libfoo.so.1: cannot open"), "cannot be loaded.*libfoo.*stslocal doctor"),
        (OSError(12, "failed to map segment"), "cannot be loaded.*failed to map segment"),
    ],
)
def test_an_error_of_a_library_is_a_sentence(raised: Exception, message: str) -> None:
    with pytest.raises(EngineError, match=message), loading_errors():
        raise raised


@pytest.mark.parametrize("raised", [SettingsError("a"), ModelNotFoundError("b"), EngineError("c")])
def test_an_error_of_our_own_stays(raised: Exception) -> None:
    with pytest.raises(type(raised), match=str(raised)), loading_errors():
        raise raised


def test_ctrl_c_stays() -> None:
    with pytest.raises(KeyboardInterrupt), loading_errors():
        raise KeyboardInterrupt


@pytest.mark.skipif(os.name != "posix", reason="Windows keeps the folder of a process")
def test_a_working_folder_that_was_deleted_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    with pytest.raises(EngineError, match="does not exist any more"), loading_errors():
        pytest.fail("nothing is loaded there")
