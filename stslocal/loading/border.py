"""The border around the loading of engines: what libraries raise there becomes a sentence.

Loading imports packages, opens their native libraries and starts threads. Where memory or threads
are short, or a package is damaged, each of them raises something else.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stslocal.errors import EngineError, StslocalError

_MEMORY = ("allocate memory", "bad_alloc", "out of memory", "bad allocation")


@contextmanager
def loading_errors() -> Iterator[None]:
    """Raise EngineError for what is no StslocalError, and where memory is short."""
    _require_working_folder()
    try:
        yield
    except Exception as error:  # any package may raise anything while it is imported
        if _is_out_of_memory(error):
            raise EngineError(
                "there is too little memory for the models: close other programs, or name a "
                "smaller model with --asr, --mt or --tts"
            ) from error
        if isinstance(error, StslocalError):
            raise
        if isinstance(error, RuntimeError) and "thread" in str(error):
            raise EngineError(
                "the system gives this program no more threads: close other programs, or raise "
                "the limit with `ulimit -u`"
            ) from error
        raise EngineError(
            f"the models cannot be loaded ({type(error).__name__}: {error}): `stslocal doctor` "
            "finds what is missing"
        ) from error


def _is_out_of_memory(error: BaseException | None) -> bool:
    """Whether an error, or one that caused it, says that memory is short."""
    while error is not None:
        text = str(error).lower()
        if isinstance(error, MemoryError) or any(words in text for words in _MEMORY):
            return True
        error = error.__cause__ or error.__context__
    return False


def _require_working_folder() -> None:
    """Intel's library, which Whisper needs, ends the process in a folder that was deleted."""
    try:
        Path.cwd()
    except OSError as error:
        raise EngineError(
            "the folder that you are in does not exist any more: change to another one"
        ) from error
