"""Single-style networks (Johnson et al. 2016, with instance normalisation) as pytorch/examples' fast_neural_style trains them.

RGB in [0, 255] in and out. The style is in the weights; alpha blends painting and photo pixel by pixel.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx

from .graph import Graph, Weights
from .layers import Statistics, enlarged, normalised
from .measured import measured_graphs, over_photo
from .pack import Measured
from .torch_file import Unreadable
from .weights import read_onnx_layers, read_weights, require

FILES = ("network",)
RESIDUALS = [f"res{i}" for i in range(1, 6)]
# (convolution, its normalisation or None, outputs, inputs, kernel), in the order of the network
LAYERS = [("conv1", "in1", 32, 3, 9), ("conv2", "in2", 64, 32, 3), ("conv3", "in3", 128, 64, 3)]
LAYERS += [(f"{r}.conv{j}", f"{r}.in{j}", 128, 128, 3) for r in RESIDUALS for j in (1, 2)]
LAYERS += [("deconv1", "in4", 64, 128, 3), ("deconv2", "in5", 32, 64, 3), ("deconv3", None, 3, 32, 9)]


def shapes() -> dict[str, tuple]:
    result = {}
    for conv, norm, outputs, inputs, kernel in LAYERS:
        result |= {f"{conv}.weight": (outputs, inputs, kernel, kernel), f"{conv}.bias": (outputs,)}
        if norm:
            result |= {f"{norm}.weight": (outputs,), f"{norm}.bias": (outputs,)}
    return result


def load(files: dict[str, Path]) -> dict[str, np.ndarray]:
    """From a state dictionary, or from an exported ONNX file, whose layers come in the same order."""
    path = files["network"]
    if path.suffix == ".onnx":
        named, layers = {}, read_onnx_layers(path)
        names = [("Conv", conv) for conv, *_ in LAYERS]
        norms = [("InstanceNormalization", norm) for _, norm, *_ in LAYERS if norm]
        if [kind for kind, _ in layers].count("Conv") != len(names) or len(layers) != len(names) + len(norms):
            raise Unreadable(f"{path.name} has other layers than a single-style network: it is another network")
        waiting = {"Conv": iter(names), "InstanceNormalization": iter(norms)}
        for kind, tensors in layers:
            _, name = next(waiting[kind])
            named |= {f"{name}.{part}": tensor for part, tensor in zip(("weight", "bias"), tensors)}
    else:
        named = {name.replace(".conv2d.", "."): value for name, value in read_weights(path).items()}
    return require(named, shapes(), path.name)


def network(g: Graph, statistics: Statistics, image: str, _code: str | None, alpha: str) -> str:
    def layer(x: str, conv: str, norm: str, channels: int, stride: int = 1, relu: bool = True) -> str:
        y = g.conv(x, conv, "reflect", stride=stride, relu=False)
        y = normalised(g, y, statistics.moments(y, channels))
        scale, shift = (g.op("Unsqueeze", g.weight(f"{norm}.{part}"), g.constant([0, 2, 3])) for part in ("weight", "bias"))
        y = g.op("Add", g.op("Mul", y, scale), shift)
        return g.op("Relu", y) if relu else y

    photo = g.pixels(image)
    x = layer(layer(layer(photo, "conv1", "in1", 32), "conv2", "in2", 64, stride=2), "conv3", "in3", 128, stride=2)
    for r in RESIDUALS:
        x = g.op("Add", layer(layer(x, f"{r}.conv1", f"{r}.in1", 128), f"{r}.conv2", f"{r}.in2", 128, relu=False), x)
    x = layer(enlarged(g, x), "deconv1", "in4", 64)
    x = layer(enlarged(g, x), "deconv2", "in5", 32)
    return over_photo(g, photo, g.conv(x, "deconv3", "reflect", relu=False), alpha, 255.0)


def graphs(weights: Weights) -> tuple[Measured, dict[str, onnx.ModelProto]]:
    built, count = measured_graphs(weights, network, 0)
    return Measured(multiple=4, minimum=32, halo=60, code=0, statistics=count, alpha_stride=1), built


def convert(files: dict[str, Path]) -> tuple[Measured, dict[str, onnx.ModelProto]]:
    return graphs(load(files))
