"""Sound cards on a machine whose processors others take: sound is lost before it arrives."""

from __future__ import annotations

import contextlib
import functools
import os
from collections.abc import Callable
from typing import Any, ParamSpec

import pytest

P = ParamSpec("P")


def skip_if_others_are_busy() -> None:
    """Skip the test on a machine on which more wants to run than it has processors for."""
    if os.getloadavg()[0] > 1.5 * (os.cpu_count() or 1):
        pytest.skip("other programs are busy: the sound cards would lose sound")


def up_to_three_times(test: Callable[P, None]) -> Callable[P, None]:
    """Repeat a failed test twice: a busy machine may lose sound before it reaches the program.

    A test that fails three times fails, unless other programs are busy. It gets `sound_server`.
    """

    @functools.wraps(test)
    def repeated(*args: P.args, **kwargs: P.kwargs) -> None:
        server: Any = kwargs["sound_server"]
        for _ in range(2):
            with contextlib.suppress(AssertionError):
                test(*args, **kwargs)
                return
            server.end_clients()
        try:
            test(*args, **kwargs)
        except AssertionError:
            skip_if_others_are_busy()
            raise

    return repeated
