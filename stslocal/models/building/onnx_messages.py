"""ONNX files read and written without the onnx package.

Models are built on the machine of whoever pulls them, so the onnx package (33 MB installed) would
be a dependency of all for what is two hundred lines here; the tests compare with it. ONNX files are
protocol buffers, and protobuf comes with onnxruntime. Every field that the nodes of the graphs
here have is declared: fields that are declared are written in the order of their numbers, so the
same graph is the same bytes with every version of protobuf.

Source: onnx.proto of ONNX 1.16 (field numbers and types).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, TypeAlias

import numpy as np
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from numpy.typing import NDArray

Shape: TypeAlias = "Sequence[int | str]"
"""Sizes; a name stands for one that is only known at run time."""

_PACKAGE = "stslocal.onnx"
_SCALARS = {"int64": 3, "int32": 5, "string": 9, "bytes": 12, "float": 2}
"""Type numbers of descriptor.proto."""
_MESSAGE = 11
_PACKED = {"float_data", "int32_data", "int64_data"}
"""Lists of numbers that are stored as one block."""
_MESSAGES: dict[str, tuple[tuple[str, int, str, bool], ...]] = {
    # name of a field, its number, its type, whether it repeats
    "Model": (
        ("ir_version", 1, "int64", False),
        ("graph", 7, "Graph", False),
        ("opset_import", 8, "OperatorSet", True),
    ),
    "OperatorSet": (("domain", 1, "string", False), ("version", 2, "int64", False)),
    "Graph": (
        ("node", 1, "Node", True),
        ("name", 2, "string", False),
        ("initializer", 5, "Tensor", True),
        ("input", 11, "ValueInfo", True),
        ("output", 12, "ValueInfo", True),
    ),
    "Node": (
        ("input", 1, "string", True),
        ("output", 2, "string", True),
        ("name", 3, "string", False),
        ("op_type", 4, "string", False),
        ("attribute", 5, "Attribute", True),
        ("domain", 7, "string", False),
    ),
    "Attribute": (
        ("name", 1, "string", False),
        ("f", 2, "float", False),
        ("i", 3, "int64", False),
        ("s", 4, "bytes", False),
        ("t", 5, "Tensor", False),
        ("g", 6, "Graph", False),
        ("ints", 8, "int64", True),
        ("type", 20, "int32", False),
    ),
    "Tensor": (
        ("dims", 1, "int64", True),
        ("data_type", 2, "int32", False),
        ("float_data", 4, "float", True),
        ("int32_data", 5, "int32", True),
        ("int64_data", 7, "int64", True),
        ("name", 8, "string", False),
        ("raw_data", 9, "bytes", False),
    ),
    "ValueInfo": (("name", 1, "string", False), ("type", 2, "Type", False)),
    "Type": (("tensor_type", 1, "TensorType", False),),
    "TensorType": (("elem_type", 1, "int32", False), ("shape", 2, "Shape", False)),
    "Shape": (("dim", 1, "Dimension", True),),
    "Dimension": (("dim_value", 1, "int64", False), ("dim_param", 2, "string", False)),
}
_DTYPES = {1: "<f4", 2: "u1", 3: "i1", 6: "<i4", 7: "<i8", 9: "?"}
"""ONNX's numbers of element types, as numpy calls them."""
_FLOAT_ATTRIBUTE, _INT_ATTRIBUTE, _GRAPH_ATTRIBUTE, _INTS_ATTRIBUTE = 1, 2, 5, 7


def read(data: bytes) -> Any:
    """Parse an ONNX file."""
    model = message("Model")()
    model.ParseFromString(data)
    return model


def new_model(opsets: Sequence[tuple[str, int]]) -> Any:
    """Start a model with an empty graph that uses the operator sets (domain, version)."""
    model = message("Model")(ir_version=9)
    model.graph.name = "stslocal"
    for domain, version in opsets:
        model.opset_import.add(domain=domain, version=version)
    return model


def node(
    operator: str,
    inputs: Iterable[str],
    outputs: Iterable[str],
    *,
    domain: str = "",
    **attributes: Any,
) -> Any:
    """Make a node; an attribute is a float, an int, a list of ints or a `Body`'s graph."""
    made = message("Node")(op_type=operator, input=inputs, output=outputs, domain=domain)
    for name, value in attributes.items():
        if isinstance(value, float):
            made.attribute.add(name=name, f=value, type=_FLOAT_ATTRIBUTE)
        elif isinstance(value, int):
            made.attribute.add(name=name, i=value, type=_INT_ATTRIBUTE)
        elif isinstance(value, message("Graph")):
            made.attribute.add(name=name, g=value, type=_GRAPH_ATTRIBUTE)
        else:
            made.attribute.add(name=name, ints=value, type=_INTS_ATTRIBUTE)
    return made


def ints(of: Any, name: str) -> tuple[int, ...]:
    """The list attribute `name` of a node."""
    return next(tuple(a.ints) for a in of.attribute if a.name == name)


def tensor(name: str, values: NDArray[Any]) -> Any:
    """Make an initializer."""
    code = _code(values.dtype)
    return message("Tensor")(
        name=name,
        dims=values.shape,
        data_type=code,
        raw_data=np.ascontiguousarray(values).tobytes(),
    )


def array(of: Any) -> NDArray[Any]:
    """The values of an initializer."""
    dtype = np.dtype(_DTYPES[of.data_type])
    if of.raw_data:
        values = np.frombuffer(of.raw_data, dtype)
    else:
        field = {"f": of.float_data, "i": of.int64_data}.get(dtype.kind, of.int32_data)
        if dtype.itemsize < 8 and dtype.kind != "f":
            field = of.int32_data
        values = np.array(field, dtype)
    return values.reshape(tuple(of.dims))


def declare(values: Any, name: str, shape: Shape, dtype: type[np.generic] = np.float32) -> None:
    """Add an input or output (`graph.input`, `graph.output`)."""
    added = values.add(name=name)
    added.type.tensor_type.elem_type = _code(np.dtype(dtype))
    added.type.tensor_type.shape.SetInParent()  # a single number has a shape too
    for size in shape:
        if isinstance(size, int):
            added.type.tensor_type.shape.dim.add(dim_value=size)
        else:
            added.type.tensor_type.shape.dim.add(dim_param=size)


def _code(dtype: np.dtype[Any]) -> int:
    return next(code for code, known in _DTYPES.items() if np.dtype(known) == dtype)


@cache
def message(name: str) -> Any:
    """The class of the messages `name`: Model, Graph, Node, Tensor."""
    return message_factory.GetMessageClass(_pool().FindMessageTypeByName(f"{_PACKAGE}.{name}"))


@cache
def _pool() -> descriptor_pool.DescriptorPool:
    pool = descriptor_pool.DescriptorPool()
    file = descriptor_pb2.FileDescriptorProto(
        name="stslocal/onnx.proto", package=_PACKAGE, syntax="proto2"
    )
    for message, fields in _MESSAGES.items():
        described = file.message_type.add(name=message)
        for field, number, kind, repeats in fields:
            declared = described.field.add(
                name=field,
                number=number,
                label=3 if repeats else 1,
                type=_SCALARS.get(kind, _MESSAGE),
                type_name=None if kind in _SCALARS else f".{_PACKAGE}.{kind}",
            )
            if field in _PACKED:
                declared.options.packed = True
    pool.Add(file)
    return pool
