"""Our separation beside that of sherpa-onnx, with the same files."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.extras import need
from tests.tiny_spleeter import build

pytestmark = pytest.mark.contract


def test_the_voice_is_that_of_sherpa_onnx(tmp_path: Path) -> None:
    need("sherpa_onnx")
    from separation import difference

    assert difference(build(tmp_path)) < 1e-5
