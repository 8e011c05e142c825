"""ONNX graphs under change: nodes looked up, added, replaced, and a part taken out as a model."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stslocal.models.building.onnx_messages import Shape, array, declare, message, node, tensor


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
        self._graph = message("Graph")(name=name)

    def input(self, shape: Shape, dtype: type[np.generic] = np.float32) -> str:
        """Add an input and name it."""
        name = f"{self._prefix}input/{len(self._graph.input)}"
        declare(self._graph.input, name, shape, dtype)
        return name

    def constant(self, values: NDArray[Any]) -> str:
        """Name a constant that only the body has."""
        name = f"{self._prefix}constant/{len(self._graph.initializer)}"
        self._graph.initializer.add().CopyFrom(tensor(name, values))
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

    def rename(self, name: str, new_name: str) -> None:
        """Call a tensor of the graph otherwise, before anything is made from it."""
        makers = [self.producer.pop(name)]
        users = self.consumers.pop(name, [])
        for names in [*(made.output for made in makers), *(user.input for user in users)]:
            names[:] = [new_name if known == name else known for known in names]
        self.producer[new_name] = makers[0]
        self.consumers[new_name] = users

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
        part = message("Model")(ir_version=self._model.ir_version)
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
        part.graph.initializer.extend(
            constant for name, constant in self._constants.items() if name in used
        )
        return bytes(part.SerializeToString())

    def _makers(self) -> Iterator[tuple[str, Any]]:
        yield from self.producer.items()
        yield from self._added.items()


def _needs(made: Any) -> Iterator[str]:
    """The tensors that a node reads, those that only its body reads included."""
    yield from filter(None, made.input)
    for attribute in made.attribute:
        if attribute.HasField("g"):
            inside = {value.name for value in [*attribute.g.input, *attribute.g.initializer]}
            for inner in attribute.g.node:
                yield from (name for name in _needs(inner) if name not in inside)
                inside.update(inner.output)
