"""Turns what a library raises into an EngineError: the border between an engine and its vendor."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from stslocal.errors import EngineError, StslocalError


@contextmanager
def as_engine_error(failure: str) -> Iterator[None]:
    """Raise EngineError, with `failure` and the library's words, for what a library raises.

    Errors of our own pass. Do not put it around a `yield`: an error of the caller is not the
    engine's.
    """
    try:
        yield
    except StslocalError:
        raise
    except Exception as exc:  # PyTorch, onnxruntime, CTranslate2 and others raise unrelated types
        raise EngineError(f"{failure}: {str(exc).strip()}") from exc
