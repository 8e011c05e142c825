"""The options of Kokoro's onnxruntime sessions, without its weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from stslocal.engines.kokoro import synthesizer as kokoro
from stslocal.engines.kokoro.exact_products import fast_products_overflow
from stslocal.errors import EngineError, ModelNotFoundError
from stslocal.models.building.kokoro.product import DEPTH, ROWS, product_of_largest

pytestmark = pytest.mark.unit

LARGEST = np.full((40, DEPTH), 255, np.uint8)


@pytest.fixture
def product(tmp_path: Path) -> Path:
    path = tmp_path / "largest_product.onnx"
    path.write_bytes(product_of_largest())
    return path


def test_eight_bit_products_are_exact_with_the_options_for_this_processor(product: Path) -> None:
    session = kokoro._session(product, 1, exact=fast_products_overflow(product))
    (made,) = session.run(None, {ROWS: LARGEST})
    assert made.shape == (40, 16)
    assert (made == DEPTH * 255 * 127).all()


def test_the_slow_product_is_selected_only_where_the_fast_one_overflows(
    product: Path,
) -> None:
    options = onnxruntime.SessionOptions()
    options.add_session_config_entry("session.x64quantprecision", "0")
    session = onnxruntime.InferenceSession(product, options, providers=["CPUExecutionProvider"])
    (made,) = session.run(None, {ROWS: LARGEST})
    exact = bool((made == DEPTH * 255 * 127).all())
    assert fast_products_overflow(product) is not exact


@pytest.fixture
def voices(tmp_path: Path) -> Path:
    folder = tmp_path / "voices"
    folder.mkdir()
    (folder / "af_heart.bin").touch()
    return folder


@pytest.mark.parametrize("missing", ["timing.onnx", "sound.onnx", "largest_product.onnx"])
def test_a_graph_that_is_missing_names_the_command(
    product: Path, voices: Path, missing: str
) -> None:
    for name in {"timing.onnx", "sound.onnx"} - {missing}:
        product.with_name(name).touch()
    if missing == product.name:
        product.unlink()
    with pytest.raises(ModelNotFoundError, match="run `stslocal models pull starter`"):
        kokoro.KokoroSynthesizer.load(product.parent, voices)


def test_the_published_graph_alone_is_not_loaded(tmp_path: Path, voices: Path) -> None:
    (tmp_path / "kokoro-v1.0.int8.onnx").touch()
    with pytest.raises(ModelNotFoundError, match="kokoro-82m-int8 is not installed"):
        kokoro.KokoroSynthesizer.load(tmp_path, voices)


def test_a_graph_that_cannot_be_read_is_an_engines_error(product: Path, voices: Path) -> None:
    for name in ("timing.onnx", "sound.onnx"):
        product.with_name(name).write_bytes(b"no graph")
    with pytest.raises(EngineError, match=r"The speech model .* cannot be loaded"):
        kokoro.KokoroSynthesizer.load(product.parent, voices)
