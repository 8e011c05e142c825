"""torchaudio beside a PyTorch that its compiled part does not fit, with a package made for it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from stslocal.engines.xtts.torch_audio import import_torchaudio

pytestmark = pytest.mark.unit

USES_IT = """
from torchaudio._extension import _IS_ALIGN_AVAILABLE, fail_if_no_align

@fail_if_no_align
def align():
    return "aligned"
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A torchaudio that is found before a real one; its modules are removed after the test."""
    loaded = [name for name in sys.modules if name.partition(".")[0] == "torchaudio"]
    for name in (*loaded, "torchaudio", "torchaudio._extension"):
        monkeypatch.setitem(sys.modules, name, sys)
        monkeypatch.delitem(sys.modules, name)
    folder = tmp_path / "torchaudio"
    folder.mkdir()
    (folder / "__init__.py").write_text(USES_IT, "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    return folder


def test_a_torchaudio_that_loads_is_not_changed(package: Path) -> None:
    compiled = "_IS_ALIGN_AVAILABLE = True\ndef fail_if_no_align(function): return function\n"
    (package / "_extension.py").write_text(compiled, "utf-8")
    assert import_torchaudio()._IS_ALIGN_AVAILABLE
    assert sys.modules["torchaudio._extension"].__file__ == str(package / "_extension.py")


def test_a_compiled_part_that_cannot_be_loaded_is_replaced(package: Path) -> None:
    (package / "_extension.py").write_text("raise OSError('no libc10_cuda.so')", "utf-8")
    module = import_torchaudio()
    assert not module._IS_ALIGN_AVAILABLE
    assert module.align() == "aligned"
    assert import_torchaudio() is module


def test_the_replacement_is_removed_where_it_does_not_help(package: Path) -> None:
    (package / "_extension.py").write_text("raise OSError('no libc10_cuda.so')", "utf-8")
    (package / "__init__.py").write_text(USES_IT + "raise OSError('the disk')", "utf-8")
    with pytest.raises(OSError, match="the disk"):
        import_torchaudio()
    assert "torchaudio._extension" not in sys.modules


def test_a_missing_package_is_an_import_error(package: Path) -> None:
    (package / "_extension.py").write_text("import no_such_package", "utf-8")
    with pytest.raises(ModuleNotFoundError):
        import_torchaudio()
