"""The residual blocks of Kokoro's generator, where nine tenths of its time go.

Forty-eight convolutions, each after AdaIN and the Snake activation, over tensors of up to 5000
rows of 128 channels a second. Pass after pass over such tensors runs at the speed of memory. So
each convolution is one Scan here: a step takes a tile of rows, does all passes over it in the
cache, multiplies, adds what the result is added to, and adds up the mean and the mean of squares
that the next AdaIN needs. Windows of taps * channels exist for one tile at a time.

Every tile is quantized by its own range, which is never wider than the whole tensor's. Two
waves that differ by a rounding differ audibly in no way, but in every sample: eight bits
carry each difference on to the phases.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from stslocal.models.building.kokoro.convolution import Convolution, other_input
from stslocal.models.building.kokoro.tiles import Tiling
from stslocal.models.building.onnx_graph import Body, GraphEditor

SINE_SQUARED = (9.801772, -30.766958, 30.291921)
"""sin(pi r)^2 for |r| <= 1/2, as a polynomial in r^2 without constant: right to 0.0009."""


@dataclass(frozen=True, slots=True)
class _Front:
    """What comes before a residual block's convolution: AdaIN, then the Snake activation.

    y = gamma * (x - mean) / deviation + beta; output = y + inverse * sin(alpha * y)^2
    """

    x: str
    mean: str
    centred: str
    deviation: str
    gamma: str
    beta: str
    epsilon: str
    alpha: str
    inverse: str


class Blocks:
    """Residual blocks, found by their convolutions."""

    def __init__(self, editor: GraphEditor, convolutions: Iterable[Convolution]) -> None:
        self._editor = editor
        self._convolutions = {c.output: c for c in convolutions}
        self._fronts = {name: _front(editor, c) for name, c in self._convolutions.items()}
        self._normalised = {front.x for front in self._fronts.values()}
        self._sums = self._sums_inside()
        self._tilings: dict[int, Tiling] = {}
        self._tiles: dict[str, str] = {}
        self._moments: dict[str, tuple[str, str]] = {}
        """Mean and mean of squares of each channel, shapes (1, channels)."""
        self._row = editor.constant([1, -1])
        self._powers = [editor.constant(float(c / np.pi)) for c in reversed(SINE_SQUARED)]

    def replace(self) -> None:
        """Make all that the rest of the graph takes from the blocks."""
        inside = {name for front in self._fronts.values() for name in (front.mean, front.centred)}
        inside.update(self._sums)
        for name in [*self._convolutions, *self._sums]:
            if any(user.output[0] not in inside for user in self._editor.consumers[name]):
                channels = self._last_part(name)[0].results
                tiles = self._as_tiles(name, channels)
                self._tilings[channels].leave(tiles, name)

    def _sums_inside(self) -> dict[str, Any]:
        """Sums of block results by name."""
        sums: dict[str, Any] = {}
        for node in self._editor.nodes:
            if node.op_type == "Add" and any(
                name in self._convolutions or name in sums for name in node.input
            ):
                sums[node.output[0]] = node
        return sums

    def _as_tiles(self, name: str, channels: int) -> str:
        if name not in self._tiles:
            if name in self._convolutions or name in self._sums:
                self._tiles[name] = self._added_up(name)
            else:
                self._tiles[name] = self._tiling(channels, name).enter(name)
        return self._tiles[name]

    def _tiling(self, channels: int, name: str) -> Tiling:
        if channels not in self._tilings:
            self._tilings[channels] = Tiling(self._editor, channels, name)
        return self._tilings[channels]

    def _added_up(self, name: str) -> str:
        """`name` in tiles: a sum is made where the last convolution in it is."""
        convolution, others = self._last_part(name)
        x = self._as_tiles(self._fronts[convolution.output].x, convolution.channels)
        addends = [self._as_tiles(other, convolution.results) for other in others]
        return self._scan(convolution, x, addends, name)

    def _last_part(self, name: str) -> tuple[Convolution, list[str]]:
        """A convolution that only `name` needs, and what else is in that sum."""
        others = []
        while name in self._sums:
            made = (i for i in self._sums[name].input if i in self._sums or i in self._convolutions)
            last, *_ = (i for i in made if len(self._editor.consumers[i]) == 1)
            others.append(other_input(self._sums[name], last))
            name = last
        return self._convolutions[name], others

    def _scan(self, convolution: Convolution, x: str, addends: Sequence[str], name: str) -> str:
        """Make `name` in tiles, and its moments where they are needed."""
        editor, constant = self._editor, self._editor.constant
        tiling = self._tilings[convolution.channels]
        front = self._affine_and_period(convolution)
        flat = tiling.flat(x)
        reach = tiling.reach(convolution.before, convolution.after)
        shape = [tiling.rows, convolution.results]
        sums = [[1, convolution.results]] * 2 if name in self._normalised else []

        body = Body(f"tiles/{name}")
        states = [body.input(shape) for shape in sums]
        first, end = body.input([1], np.int64), body.input([1], np.int64)
        missing = body.input([4], np.int64)
        share = body.input([1, tiling.rows])
        parts = [body.input(shape) for _ in addends]

        rows = body.add("Slice", [flat, first, end, constant([0])])
        bent = self._snake(body, rows, *front)
        quantized, scale, zero = body.add_several("DynamicQuantizeLinear", [bent], 3)
        padded = body.add("Pad", [quantized, missing, zero])
        windows = convolution.windows(body, padded, tiling.rows)
        made = convolution.product(body, windows, scale, zero)
        for part in parts:
            made = body.add("Add", [made, part])
        moments = [made, body.add("Mul", [made, made])] if states else []
        grown = [
            body.add("Add", [state, body.add("MatMul", [share, values])])
            for state, values in zip(states, moments, strict=True)
        ]
        scanned = [reach.first, reach.end, reach.missing, tiling.shares, *addends]
        zeros = constant(np.zeros((1, convolution.results), np.float32))
        *totals, tiles = editor.add_several(
            "Scan",
            [*(zeros for _ in states), *scanned],
            len(states) + 1,
            body=body.graph([*zip(grown, sums, strict=True), (made, shape)]),
            num_scan_inputs=len(scanned),
        )
        if totals:
            self._moments[name] = (totals[0], totals[1])
        return tiles

    def _affine_and_period(self, convolution: Convolution) -> tuple[str, str, str]:
        """AdaIN as a slope and an offset that give alpha * y / pi, and pi / alpha.

        All of shape (1, channels).
        """
        editor = self._editor
        front = self._fronts[convolution.output]
        mean, deviation = self._mean_and_deviation(front)
        turns = editor.constant((editor.values(front.alpha) / np.pi).reshape(1, -1))
        period = editor.constant((editor.values(front.inverse) * np.pi).reshape(1, -1))
        gamma = editor.add("Reshape", [front.gamma, self._row])
        beta = editor.add("Reshape", [front.beta, self._row])
        slope = editor.add("Div", [gamma, deviation])
        offset = editor.add("Sub", [beta, editor.add("Mul", [mean, slope])])
        return editor.add("Mul", [slope, turns]), editor.add("Mul", [offset, turns]), period

    def _mean_and_deviation(self, front: _Front) -> tuple[str, str]:
        """Over the length of each channel, shapes (1, channels)."""
        add = self._editor.add
        if front.x not in self._moments:
            names = (front.mean, front.deviation)
            mean, deviation = (add("Reshape", [name, self._row]) for name in names)
            return mean, deviation
        mean, power = self._moments[front.x]
        epsilon = self._editor.constant(self._editor.values(front.epsilon).reshape(-1))
        variance = add("Sub", [power, add("Mul", [mean, mean])])
        above_zero = add("Max", [variance, self._editor.constant(0.0)])
        return mean, add("Sqrt", [add("Add", [above_zero, epsilon])])

    def _snake(self, body: Body, x: str, slope: str, offset: str, period: str) -> str:
        """Activate rows: y + sin(alpha * y)^2 / alpha, where alpha * y / pi is slope * x + offset.

        With v for the latter, that is (v + sin(pi v)^2 / pi) * pi / alpha. onnxruntime's Sin
        takes more time than the polynomial.
        """
        v = body.add("Add", [body.add("Mul", [x, slope]), offset])
        r = body.add("Sub", [v, body.add("Round", [v])])
        square = body.add("Mul", [r, r])
        cubic, quadratic, linear = self._powers
        wave = body.add("Mul", [square, cubic])
        wave = body.add("Mul", [body.add("Add", [wave, quadratic]), square])
        wave = body.add("Mul", [body.add("Add", [wave, linear]), square])
        return body.add("Mul", [body.add("Add", [v, wave]), period])


def _front(editor: GraphEditor, convolution: Convolution) -> _Front:
    """Follow a residual block's convolution back to the input of its AdaIN."""
    snake = editor.producer[convolution.quantize.input[0]]
    wave = _made_by(editor, snake, "Mul")
    y = other_input(snake, wave.output[0])
    squared = _made_by(editor, wave, "Pow")
    sine = editor.producer[squared.input[0]]
    scaled = _made_by(editor, editor.producer[y], "Mul")
    normal = _made_by(editor, scaled, "Div")
    centred, root = (editor.producer[name] for name in normal.input)
    variance = editor.producer[root.input[0]]
    return _Front(
        x=centred.input[0],
        mean=centred.input[1],
        centred=normal.input[0],
        deviation=root.output[0],
        gamma=other_input(scaled, normal.output[0]),
        beta=other_input(editor.producer[y], scaled.output[0]),
        epsilon=next(name for name in variance.input if editor.is_constant(name)),
        alpha=other_input(editor.producer[sine.input[0]], y),
        inverse=other_input(wave, squared.output[0]),
    )


def _made_by(editor: GraphEditor, node: Any, operator: str) -> Any:
    """The one input of `node` that is made by `operator`."""
    makers = (editor.producer.get(name) for name in node.input)
    (maker,) = (maker for maker in makers if maker is not None and maker.op_type == operator)
    return maker
