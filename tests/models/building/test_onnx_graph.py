"""What is taken out of a graph and put into it, against the onnx package."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator
from onnx.utils import Extractor

from stslocal.models.building import onnx_messages
from stslocal.models.building.onnx_graph import Body, GraphEditor

pytestmark = pytest.mark.unit

X = np.linspace(-2, 2, 12, dtype=np.float32).reshape(4, 3)


def small_model() -> Any:
    """`x` times `weights` is `product`; plus `bias` is `sum`; its `Relu` is `y`, `Neg` is `z`."""
    nodes = [
        helper.make_node("MatMul", ["x", "weights"], ["product"], "first"),
        helper.make_node("Add", ["product", "bias"], ["sum"], "second"),
        helper.make_node("Relu", ["sum"], ["y"], "third"),
        helper.make_node("Neg", ["product"], ["z"], "fourth"),
    ]
    weights = numpy_helper.from_array(np.arange(6, dtype=np.float32).reshape(3, 2), "weights")
    bias = numpy_helper.from_array(np.array([1, -1], np.float32), "bias")
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, ("n", 3))
    outputs = [helper.make_tensor_value_info(n, TensorProto.FLOAT, ("n", 2)) for n in ("y", "z")]
    graph = helper.make_graph(nodes, "small", [x], outputs, [weights, bias])
    return helper.make_model(graph, ir_version=9, opset_imports=[helper.make_opsetid("", 17)])


@pytest.fixture
def editor() -> GraphEditor:
    return GraphEditor(onnx_messages.read(small_model().SerializeToString()))


def evaluated(data: bytes, **inputs: NDArray[Any]) -> list[NDArray[Any]]:
    """By the package's own evaluator of operators, after its checks."""
    onnx.checker.check_model(data, full_check=True)
    return list(ReferenceEvaluator(onnx.load_from_string(data)).run(None, inputs))


@pytest.mark.parametrize(
    ("inputs", "outputs"), [(["x"], ["y"]), (["product"], ["y", "z"]), (["x"], ["product"])]
)
def test_a_part_is_what_the_package_extracts(
    editor: GraphEditor, inputs: list[str], outputs: list[str]
) -> None:
    shapes: dict[str, Any] = {"x": ("n", 3)}
    part = onnx.load_from_string(
        editor.extract(
            {name: shapes.get(name, ("n", 2)) for name in inputs},
            dict.fromkeys(outputs, ("n", 2)),
        )
    )
    model = onnx.shape_inference.infer_shapes(small_model())
    theirs = Extractor(model).extract_model(inputs, outputs).graph
    assert {node.name for node in part.graph.node} == {node.name for node in theirs.node}
    assert list(part.graph.initializer) == list(theirs.initializer)
    for ours, reference in ((part.graph.input, theirs.input), (part.graph.output, theirs.output)):
        assert [value.name for value in ours] == [value.name for value in reference]
    onnx.checker.check_model(part, full_check=True)


def test_a_part_that_lacks_an_input_is_refused(editor: GraphEditor) -> None:
    with pytest.raises(LookupError, match="the graph needs x"):
        editor.extract({}, {"y": ("n", 2)})


def test_a_new_node_takes_the_place_of_the_one_that_made_its_output(editor: GraphEditor) -> None:
    doubled = editor.add("Mul", ["product", editor.constant(2.0)])
    editor.add("Add", [doubled, "bias"], output="sum")
    (made,) = evaluated(editor.extract({"x": ("n", 3)}, {"y": ("n", 2)}), x=X)
    product = X @ np.arange(6, dtype=np.float32).reshape(3, 2)
    np.testing.assert_allclose(made, np.maximum(2 * product + [1, -1], 0), rtol=1e-6)


def test_a_tensor_that_is_renamed_is_so_wherever_it_is_used(editor: GraphEditor) -> None:
    before = evaluated(editor.extract({"x": ("n", 3)}, {"y": ("n", 2), "z": ("n", 2)}), x=X)
    editor.rename("product", "plain")
    assert editor.producer["plain"].op_type == "MatMul"
    assert [user.op_type for user in editor.consumers["plain"]] == ["Add", "Neg"]
    data = editor.extract({"x": ("n", 3)}, {"y": ("n", 2), "z": ("n", 2)})
    assert b"product" not in data
    for ours, expected in zip(evaluated(data, x=X), before, strict=True):
        np.testing.assert_array_equal(ours, expected)


def test_a_loop_sees_the_tensors_around_it(editor: GraphEditor) -> None:
    """A sum over the rows of `product`, plus `bias` at each."""
    body = Body("rows")
    total, row = body.input([2]), body.input([2])
    grown = body.add("Add", [total, body.add("Add", [row, "bias"])])
    same = body.add("Identity", [grown])
    zeros = editor.constant(np.zeros(2, np.float32))
    whole, steps = editor.add_several(
        "Scan",
        [zeros, "product"],
        2,
        body=body.graph([(grown, [2]), (same, [2])]),
        num_scan_inputs=1,
    )
    data = editor.extract({"x": ("n", 3)}, {whole: (2,), steps: ("n", 2)})
    last, running = evaluated(data, x=X)
    rows = X @ np.arange(6, dtype=np.float32).reshape(3, 2) + np.array([1, -1], np.float32)
    np.testing.assert_allclose(running, np.cumsum(rows, axis=0), rtol=1e-5)
    np.testing.assert_allclose(last, rows.sum(axis=0), rtol=1e-5)
