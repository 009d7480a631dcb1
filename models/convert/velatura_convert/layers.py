"""Layers that several networks share, as nodes of a graph."""

from __future__ import annotations

from collections.abc import Callable

from .graph import Graph

EPSILON = 1e-5


def pool(g: Graph, x: str) -> str:
    return g.op("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2])


def enlarged(g: Graph, x: str) -> str:
    """Every cell twice in both directions."""
    double = g.constant([1.0, 1.0, 2.0, 2.0])
    return g.op("Resize", x, "", double, mode="nearest", coordinate_transformation_mode="asymmetric", nearest_mode="floor")


def cells(g: Graph, x: str) -> str:
    """The number of cells of a feature map [N, C, h, w], as f32."""
    sides = g.op("Slice", g.op("Shape", x), g.constant([2]), g.constant([4]))
    return g.op("Cast", g.op("ReduceProd", sides, keepdims=0), to=1)


def unbiased(g: Graph, variance: str, x: str) -> str:
    """Bessel's correction n / (n - 1) for the cells of `x`."""
    count = cells(g, x)
    return g.op("Mul", variance, g.op("Div", count, g.op("Sub", count, g.constant(1.0))))


def moments(g: Graph, x: str, bessel: bool = False) -> list[str]:
    """Mean and sqrt(variance + 1e-5) of every channel, each [N, C, 1, 1]; the variance is biased unless `bessel`."""
    axes = g.constant([2, 3])
    mean = g.op("ReduceMean", x, axes)
    centred = g.op("Sub", x, mean)
    variance = g.op("ReduceMean", g.op("Mul", centred, centred), axes)
    if bessel:
        variance = unbiased(g, variance, x)
    return [mean, g.op("Sqrt", g.op("Add", variance, g.constant(EPSILON)))]


def parts(g: Graph, vector: str, lengths: list[int]) -> list[str]:
    """[N, K] cut into pieces, each [N, length, 1, 1]."""
    pieces = g.op("Split", vector, g.constant(lengths), outputs=len(lengths), axis=1) if len(lengths) > 1 else [vector]
    return [g.op("Unsqueeze", piece, g.constant([2, 3])) for piece in pieces]


def joined(g: Graph, pieces: list[str]) -> str:
    """Pieces [N, length, 1, 1] as one vector [N, K]."""
    return g.op("Flatten", g.op("Concat", *pieces, axis=1))


def normalised(g: Graph, x: str, content: list[str]) -> str:
    return g.op("Div", g.op("Sub", x, content[0]), content[1])


def adain(g: Graph, x: str, content: list[str], style: list[str]) -> str:
    """Equation (4): sigma_s * (x - mu_c) / sigma_c + mu_s."""
    return g.op("Add", g.op("Mul", style[1], normalised(g, x, content)), style[0])


def blend(g: Graph, x: str, restyled: str, alpha: str) -> str:
    """Equation (6): alpha * restyled + (1 - alpha) * x, exact at both ends."""
    kept = g.op("Mul", g.op("Sub", g.constant(1.0), alpha), x)
    return g.op("Add", g.op("Mul", alpha, restyled), kept)


class Statistics:
    """What a network wants to know of the whole picture, in the order in which it asks.

    Without `given` it is computed from the picture at hand and kept for `output`; with it (the input of graph `tile`) it is cut
    from there, and what would compute it is never built.
    """

    def __init__(self, g: Graph, given: str | None = None) -> None:
        self.g, self.given = g, given
        self.count = 0
        self._kept: list[str] = []

    def take(self, length: int, compute: Callable[[], list[str]], pieces: int) -> list[str]:
        """`pieces` tensors [N, length, 1, 1]."""
        start = self.count
        self.count += pieces * length
        if self.given is None:
            values = compute()
            self._kept += values
            return values
        bounds = (self.g.constant([start]), self.g.constant([self.count]), self.g.constant([1]))
        return parts(self.g, self.g.op("Slice", self.given, *bounds), [length] * pieces)

    def moments(self, x: str, channels: int, bessel: bool = False) -> list[str]:
        return self.take(channels, lambda: moments(self.g, x, bessel), 2)

    def output(self) -> str:
        return joined(self.g, self._kept)
