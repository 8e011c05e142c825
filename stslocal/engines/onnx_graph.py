"""ONNX graphs read, changed and written without the onnx package.

ONNX files are protocol buffers. Only the fields that are used here are declared; what is not
declared passes through unchanged. protobuf comes with onnxruntime.

Source: onnx.proto of ONNX 1.16 (field numbers and types).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from io import BytesIO
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
    model = _class("Model")()
    model.ParseFromString(data)
    return model


def new_model(opsets: Sequence[tuple[str, int]]) -> Any:
    """Start a model with an empty graph that uses the operator sets (domain, version)."""
    model = _class("Model")(ir_version=9)
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
    made = _class("Node")(op_type=operator, input=inputs, output=outputs, domain=domain)
    for name, value in attributes.items():
        if isinstance(value, float):
            made.attribute.add(name=name, f=value, type=_FLOAT_ATTRIBUTE)
        elif isinstance(value, int):
            made.attribute.add(name=name, i=value, type=_INT_ATTRIBUTE)
        elif isinstance(value, _class("Graph")):
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
    return _class("Tensor")(
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


class _Builder:
    """Nodes that are added one after another, each named by what it makes."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._added: dict[str, Any] = {}

    def add(
        self,
        operator: str,
        inputs: Sequence[str],
        *,
        output: str = "",
        domain: str = "",
        **attributes: Any,
    ) -> str:
        """Add a node with one output and name that output."""
        name = output or f"{self._prefix}{len(self._added)}"
        self._added[name] = node(operator, inputs, [name], domain=domain, **attributes)
        return name

    def add_several(
        self, operator: str, inputs: Sequence[str], outputs: int, **attributes: Any
    ) -> list[str]:
        """Add a node with several outputs and name them."""
        names = [f"{self._prefix}{len(self._added)}/{output}" for output in range(outputs)]
        made = node(operator, inputs, names, **attributes)
        self._added.update(dict.fromkeys(names, made))
        return names


class Body(_Builder):
    """The body of a loop under construction: a graph that also sees the tensors around it."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name}/")
        self._graph = _class("Graph")(name=name)

    def input(self, shape: Shape, dtype: type[np.generic] = np.float32) -> str:
        """Add an input and name it."""
        name = f"{self._prefix}input/{len(self._graph.input)}"
        declare(self._graph.input, name, shape, dtype)
        return name

    def graph(self, outputs: Sequence[tuple[str, Shape]]) -> Any:
        """The finished graph, with `outputs` of float32."""
        self._graph.node.extend({id(made): made for made in self._added.values()}.values())
        for name, shape in outputs:
            declare(self._graph.output, name, shape)
        return self._graph


class GraphEditor(_Builder):
    """A graph under change: look nodes up, add new ones, then take out what is wanted.

    A new node that is given the name of an existing tensor as its output takes the place of
    the node that made it.
    """

    def __init__(self, model: Any) -> None:
        super().__init__("added/")
        self._model = model
        self._constants = {tensor.name: tensor for tensor in model.graph.initializer}
        self.nodes: list[Any] = list(model.graph.node)
        """As they were at the start."""
        self.producer = {output: made for made in self.nodes for output in made.output}
        self.consumers: dict[str, list[Any]] = defaultdict(list)
        for made in self.nodes:
            for name in made.input:
                self.consumers[name].append(made)

    def is_constant(self, name: str) -> bool:
        return name in self._constants

    def values(self, name: str) -> NDArray[Any]:
        """The values of a constant."""
        return array(self._constants[name])

    def constant(self, values: NDArray[Any] | float | Sequence[int]) -> str:
        """Name a constant; a float becomes float32, a list of ints int64."""
        if isinstance(values, float):
            values = np.array(values, np.float32)
        name = f"added/constant/{len(self._constants)}"
        self._constants[name] = tensor(name, np.asarray(values))
        return name

    def extract(self, inputs: Mapping[str, Shape], outputs: Mapping[str, Shape]) -> bytes:
        """The part of the graph that makes `outputs` from `inputs`, as a model of its own.

        Both may be tensors inside the graph; their shapes are those of float32 tensors.
        Raises LookupError when an output needs an input that is not given.
        """
        producer = {name: made for name, made in self._makers() if name not in inputs}
        ordered: dict[int, Any] = {}
        open_nodes = [producer[name] for name in outputs]
        while open_nodes:
            made = open_nodes[-1]
            before = (producer[name] for name in _needs(made) if name in producer)
            missing = [needed for needed in before if id(needed) not in ordered]
            if missing:
                open_nodes.extend(missing)
            else:
                ordered[id(made)] = made
                open_nodes.pop()
        used = {name for made in ordered.values() for name in _needs(made)}
        unknown = used - producer.keys() - inputs.keys() - self._constants.keys()
        if unknown:
            raise LookupError(f"the graph needs {', '.join(sorted(unknown))}")
        part = _class("Model")(ir_version=self._model.ir_version)
        part.opset_import.extend(self._model.opset_import)
        part.graph.name = self._model.graph.name
        part.graph.node.extend(ordered.values())
        given = {value.name: value for value in self._model.graph.input}
        for name, shape in inputs.items():
            if name in given:
                part.graph.input.append(given[name])
            else:
                declare(part.graph.input, name, shape)
        for name, shape in outputs.items():
            declare(part.graph.output, name, shape)
        written = BytesIO()
        written.write(part.SerializeToString())
        # Messages written one after another are read as one. So there are never all the
        # constants in memory a third time.
        for name, constant in self._constants.items():
            if name in used:
                alone = _class("Model")()
                alone.graph.initializer.append(constant)
                written.write(alone.SerializeToString())
        return written.getvalue()

    def _makers(self) -> Iterator[tuple[str, Any]]:
        yield from self.producer.items()
        yield from self._added.items()


def declare(values: Any, name: str, shape: Shape, dtype: type[np.generic] = np.float32) -> None:
    """Add an input or output (`graph.input`, `graph.output`)."""
    added = values.add(name=name)
    added.type.tensor_type.elem_type = _code(np.dtype(dtype))
    for size in shape:
        if isinstance(size, int):
            added.type.tensor_type.shape.dim.add(dim_value=size)
        else:
            added.type.tensor_type.shape.dim.add(dim_param=size)


def _needs(made: Any) -> Iterator[str]:
    """The tensors that a node reads, those that only its body reads included."""
    yield from filter(None, made.input)
    for attribute in made.attribute:
        if attribute.HasField("g"):
            inside = {value.name for value in [*attribute.g.input, *attribute.g.initializer]}
            for inner in attribute.g.node:
                yield from (name for name in _needs(inner) if name not in inside)
                inside.update(inner.output)


def _code(dtype: np.dtype[Any]) -> int:
    return next(code for code, known in _DTYPES.items() if np.dtype(known) == dtype)


@cache
def _class(name: str) -> Any:
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
            described.field.add(
                name=field,
                number=number,
                label=3 if repeats else 1,
                type=_SCALARS.get(kind, _MESSAGE),
                type_name=None if kind in _SCALARS else f".{_PACKAGE}.{kind}",
            )
    pool.Add(file)
    return pool
