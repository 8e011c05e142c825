"""ONNX messages that are read and written here against those of the onnx package."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from stslocal.models.building import onnx_messages

pytestmark = pytest.mark.unit

ARRAYS: list[NDArray[Any]] = [
    np.linspace(-1, 1, 6, dtype=np.float32).reshape(2, 3),
    np.arange(256, dtype=np.uint8),
    np.arange(-128, 128, dtype=np.int8).reshape(16, 16),
    np.array([-(2**31), 2**31 - 1], np.int32),
    np.array([-(2**63), 2**63 - 1], np.int64),
    np.array([True, False]),
    np.array(3, np.int64),
    np.zeros((0, 4), np.float32),
]


def as_bytes(message: Any) -> bytes:
    return bytes(message.SerializeToString())


@pytest.mark.parametrize("values", ARRAYS, ids=lambda values: f"{values.dtype}{values.shape}")
def test_a_tensor_is_the_packages(values: NDArray[Any]) -> None:
    ours = onnx_messages.tensor("weights", values)
    theirs = TensorProto.FromString(as_bytes(ours))
    np.testing.assert_array_equal(numpy_helper.to_array(theirs), values)
    assert theirs == numpy_helper.from_array(values, "weights")
    np.testing.assert_array_equal(onnx_messages.array(ours), values)


@pytest.mark.parametrize("values", ARRAYS, ids=lambda values: f"{values.dtype}{values.shape}")
def test_numbers_that_are_stored_in_lists_are_read(values: NDArray[Any]) -> None:
    """As exporters store small constants."""
    code = helper.np_dtype_to_tensor_dtype(values.dtype)
    listed = helper.make_tensor("weights", code, values.shape, values.reshape(-1).tolist())
    assert not listed.raw_data
    graph = helper.make_graph([], "g", [], [], [listed])
    read = onnx_messages.read(as_bytes(helper.make_model(graph)))
    (found,) = read.graph.initializer
    np.testing.assert_array_equal(onnx_messages.array(found), values)
    assert as_bytes(found) == as_bytes(listed)


def test_a_node_is_the_packages() -> None:
    attributes: dict[str, Any] = {"alpha": 0.5, "axis": -1, "pads": [1, 2]}
    given: tuple[Any, ...] = ("Op", ["a", "", "b"], ["c", "d"])
    ours = onnx_messages.node(*given, domain="com.microsoft", **attributes)
    theirs = helper.make_node(*given, domain="com.microsoft", **attributes)
    assert onnx.NodeProto.FromString(as_bytes(ours)) == theirs
    assert onnx_messages.ints(ours, "pads") == (1, 2)


def test_a_node_holds_the_body_of_a_loop() -> None:
    body = onnx_messages.message("Graph")(name="body")
    ours = onnx_messages.node("Scan", ["x"], ["y"], body=body, num_scan_inputs=1)
    theirs = helper.make_node(
        "Scan", ["x"], ["y"], domain="",
        body=helper.make_graph([], "body", [], []), num_scan_inputs=1,
    )  # fmt: skip
    assert onnx.NodeProto.FromString(as_bytes(ours)) == theirs


def test_inputs_and_outputs_are_declared_as_the_package_does() -> None:
    model = onnx_messages.new_model([("", 17)])
    onnx_messages.declare(model.graph.input, "x", (1, "n"), np.uint8)
    onnx_messages.declare(model.graph.output, "y", ("n",))
    read = onnx.load_from_string(as_bytes(model))
    assert read.graph.input[0] == helper.make_tensor_value_info("x", TensorProto.UINT8, (1, "n"))
    assert read.graph.output[0] == helper.make_tensor_value_info("y", TensorProto.FLOAT, ("n",))
    assert read.opset_import[0] == helper.make_opsetid("", 17)


def test_a_model_made_here_is_right_to_the_checker() -> None:
    model = onnx_messages.new_model([("", 17)])
    onnx_messages.declare(model.graph.input, "x", ("n", 3))
    onnx_messages.declare(model.graph.output, "y", ("n", 2))
    model.graph.initializer.append(onnx_messages.tensor("w", np.ones((3, 2), np.float32)))
    model.graph.node.append(onnx_messages.node("MatMul", ["x", "w"], ["y"]))
    onnx.checker.check_model(as_bytes(model), full_check=True)


def test_what_was_read_is_written_as_it_was() -> None:
    """Strings and tensors among the attributes too, which nothing here makes."""
    nodes = [
        helper.make_node("Pad", ["x", "pads"], ["y"], "pad", mode="reflect"),
        helper.make_node("Constant", [], ["c"], value=numpy_helper.from_array(np.ones(2), "")),
    ]
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, (1, "n"))
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, (1, "m"))
    pads = numpy_helper.from_array(np.array([0, 2, 0, 2]), "pads")
    model = helper.make_model(helper.make_graph(nodes, "g", [x], [y], [pads]), ir_version=9)
    model.producer_name = ""
    data = as_bytes(model)
    read = onnx_messages.read(data)
    assert as_bytes(read.graph) == as_bytes(model.graph)
