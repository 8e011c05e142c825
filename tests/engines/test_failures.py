"""What a library raises becomes an EngineError; errors of our own pass as they are."""

from __future__ import annotations

import pytest

from stslocal.engines.failures import as_engine_error
from stslocal.errors import EngineError, SettingsError, StslocalError

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("raised", [RuntimeError("bad shape"), MemoryError("bad shape")])
def test_what_a_library_raises_is_an_engine_error_with_its_words(raised: Exception) -> None:
    expected = pytest.raises(EngineError, match=r"^the voice failed: bad shape$")
    with expected as caught, as_engine_error("the voice failed"):
        raise raised
    assert caught.value.__cause__ is raised


@pytest.mark.parametrize("raised", [SettingsError("no such speed"), EngineError("no voice in it")])
def test_our_own_errors_pass(raised: StslocalError) -> None:
    with pytest.raises(type(raised)) as caught, as_engine_error("the voice failed"):
        raise raised
    assert caught.value is raised


def test_an_interrupt_passes() -> None:
    with pytest.raises(KeyboardInterrupt), as_engine_error("the voice failed"):
        raise KeyboardInterrupt
