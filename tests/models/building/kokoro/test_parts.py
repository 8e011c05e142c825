"""Kokoro's graph in two parts against the same graph as it is published, on a small one."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray

from stslocal.engines.kokoro import synthesizer
from stslocal.engines.kokoro.exact_products import EXACT_PRODUCTS
from stslocal.models.building.kokoro import parts, product
from stslocal.models.manifest_file import load_manifest
from tests.models.building.kokoro.published_form import HOP, WINDOW, whole

pytestmark = pytest.mark.unit

CHECKOUT = Path(__file__).resolve().parents[4]
FILES = (parts.TIMING_FILE, parts.SOUND_FILE, parts.PRODUCT_FILE)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("published")
    (folder / parts.PUBLISHED_FILE).write_bytes(whole())
    return folder


@pytest.fixture(scope="module")
def built(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built")
    parts.build_kokoro(published, folder)
    return folder


def run(path: Path, inputs: dict[str, NDArray[Any]]) -> dict[str, NDArray[np.float32]]:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.add_session_config_entry(EXACT_PRODUCTS, "1")  # as on a processor without VNNI
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, inputs), strict=True))


def text(tokens: int, speed: float) -> dict[str, NDArray[Any]]:
    random = np.random.default_rng(tokens)
    return {
        "tokens": random.integers(1, 9, (1, tokens)),
        "style": random.normal(0, 0.2, (1, 256)).astype(np.float32),
        "speed": np.array([speed], np.float32),
    }


def spoken(built: Path, inputs: dict[str, NDArray[Any]], f0_scale: float) -> NDArray[np.float32]:
    """What the two parts make of a text, one after the other."""
    between = run(built / parts.TIMING_FILE, inputs)
    given = {name: values for name, values in inputs.items() if name != "speed"}
    scale = {"f0_scale": np.array([f0_scale], np.float32)}
    return run(built / parts.SOUND_FILE, {**given, **between, **scale})["audio"]


def test_the_files_are_the_manifests_and_the_engines(built: Path) -> None:
    names = sorted(FILES)
    assert sorted(path.name for path in built.iterdir()) == names
    model = load_manifest().model("kokoro-82m-int8")
    assert [file.name for file in model.files] == names
    assert [file.name for file in model.fetched] == [parts.PUBLISHED_FILE]
    loaded = (synthesizer._TIMING_FILE, synthesizer._SOUND_FILE, synthesizer._PRODUCT_FILE)
    assert loaded == FILES


def test_the_engine_calls_inputs_and_outputs_by_their_names() -> None:
    for name in "TOKENS STYLE SPEED F0_SCALE DURATIONS FEATURES AUDIO".split():
        assert getattr(synthesizer, f"_{name}") == getattr(parts, name)


@pytest.mark.parametrize("name", FILES)
def test_onnx_finds_the_files_right(built: Path, name: str) -> None:
    onnx.checker.check_model(built / name, full_check=True)
    data = (built / name).read_bytes()
    assert onnx.load_from_string(data).SerializeToString() == data


def test_each_part_has_its_inputs_and_outputs(built: Path) -> None:
    timing, sound = (onnx.load(built / name) for name in FILES[:2])
    assert [value.name for value in timing.graph.input] == ["tokens", "style", "speed"]
    assert [value.name for value in timing.graph.output] == ["durations", "features"]
    given = ["tokens", "style", "durations", "features", "f0_scale"]
    assert [value.name for value in sound.graph.input] == given
    assert [value.name for value in sound.graph.output] == ["audio"]
    operators = {node.op_type for node in sound.graph.node}
    assert "Scan" in operators
    assert all(inside for node in sound.graph.node for inside in products_inside(node))
    assert not {"STFT", "ConvInteger"} & operators


def products_inside(node: Any) -> Iterator[bool]:
    """Whether each 8-bit product of a loop has its matrix in the loop's body.

    Where it lies outside, onnxruntime's option for exact products does not reach it.
    """
    for body in (attribute.g for attribute in node.attribute if attribute.HasField("g")):
        own = {tensor.name for tensor in body.initializer}
        products = [each for each in body.node if each.op_type == "MatMulIntegerToFloat"]
        assert products
        yield from ({each.input[1], each.input[5]} <= own for each in products)


@pytest.mark.parametrize(("tokens", "speed"), [(4, 1.0), (12, 1.0), (40, 1.7)])
def test_the_parts_make_what_the_published_graph_makes(
    published: Path, built: Path, tokens: int, speed: float
) -> None:
    inputs = text(tokens, speed)
    expected = run(published / parts.PUBLISHED_FILE, inputs)["audio"]
    made = spoken(built, inputs, 1.0)
    assert made.shape == expected.shape
    assert len(made) == (10 * tokens - WINDOW) // HOP + 1
    # Eight bits; an F0 that is 2 % higher makes a difference of a third of the deviation.
    assert np.abs(made - expected).max() < 0.03 * expected.std()
    assert np.sqrt(np.mean((made - expected) ** 2)) < 0.01 * expected.std()


def test_speed_changes_the_durations_and_f0_scale_the_sound(built: Path) -> None:
    inputs = text(12, 1.0)
    between = run(built / parts.TIMING_FILE, inputs)
    np.testing.assert_array_equal(between["durations"], inputs["tokens"])
    halved = run(built / parts.TIMING_FILE, text(12, 2.0))["durations"]
    np.testing.assert_array_equal(halved, np.maximum(1, np.round(inputs["tokens"] / 2)))
    one, two = (spoken(built, inputs, scale) for scale in (1.0, 1.5))
    assert np.abs(one - two).max() > 0.5 * one.std()


def test_the_bytes_depend_neither_on_protobufs_code_nor_on_the_order_of_sets(
    published: Path, built: Path, tmp_path: Path
) -> None:
    program = """
import sys
from pathlib import Path
from google.protobuf.internal import api_implementation
from stslocal.models.building.kokoro.parts import build_kokoro
build_kokoro(Path(sys.argv[1]), Path(sys.argv[2]))
print(api_implementation.Type())
"""
    other = {"PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION": "python", "PYTHONHASHSEED": "17"}
    done = subprocess.run(
        [sys.executable, "-c", program, str(published), str(tmp_path)],
        cwd=CHECKOUT, env={**os.environ, **other}, capture_output=True, check=True, text=True,
    )  # fmt: skip
    assert done.stdout.strip() == "python"
    for name in FILES:
        assert (tmp_path / name).read_bytes() == (built / name).read_bytes()


def test_the_fourier_basis_is_the_same_float32_whatever_computes_the_cosines() -> None:
    """Over the published window. A thousand times the error of the worst library changes none."""
    window = np.asarray(0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW), np.float32)
    basis = parts.fourier_basis(window)
    error = 4000 * np.spacing(np.abs(basis))
    rounded = basis.astype(np.float32)
    np.testing.assert_array_equal((basis + error).astype(np.float32), rounded)
    np.testing.assert_array_equal((basis - error).astype(np.float32), rounded)


def test_the_largest_product_is_the_manifests() -> None:
    (file,) = (
        file
        for file in load_manifest().model("kokoro-82m-int8").files
        if file.name == parts.PRODUCT_FILE
    )
    made = product.product_of_largest()
    assert (len(made), hashlib.sha256(made).hexdigest()) == (file.bytes, file.sha256)
