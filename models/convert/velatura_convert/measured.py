"""The graphs of a network that normalises over the whole picture: measure, tile and paint, all from one description."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import onnx
from onnx import TensorProto

from .graph import Graph, Weights
from .layers import Statistics, blend

F32, U8 = TensorProto.FLOAT, TensorProto.UINT8
IMAGE = ("N", "H", "W", 3)
ALPHA = ("N", 1, "ha", "wa")

# (graph, statistics, image, code or None, alpha) to the picture as u8 [N, H, W, 3]
Network = Callable[[Graph, Statistics, str, str | None, str], str]


def measured_graphs(weights: Weights, network: Network, code: int) -> tuple[dict[str, onnx.ModelProto], int]:
    """The three graphs, and how many numbers the statistics have. `code` 0: the style is in the weights."""
    graphs, count = {}, 0
    for name in ("measure", "tile", "paint"):
        g = Graph(name, weights, np.float32)
        image = g.input("image", U8, IMAGE)
        given = g.input("statistics", F32, ("N", count)) if name == "tile" else None
        style = g.input("code", F32, ("N", code)) if code else None
        statistics = Statistics(g, given)
        painted = network(g, statistics, image, style, g.input("alpha", F32, ALPHA))
        count = statistics.count
        if name == "measure":
            g.output("statistics", statistics.output(), F32, ("N", count))
        else:
            g.output("painted", painted, U8, IMAGE)
        graphs[name] = g.model()
    return graphs, count


def over_photo(g: Graph, photo: str, painted: str, alpha: str, white: float) -> str:
    """A painting without a feature space to blend in: alpha * painting + (1 - alpha) * photo, pixel by pixel."""
    painted = g.op("Clip", painted, g.constant(0.0), g.constant(white))
    return g.picture_out(blend(g, photo, painted, alpha), white)
