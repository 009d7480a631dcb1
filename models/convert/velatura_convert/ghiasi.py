"""Any style through predicted normalisation parameters (Ghiasi et al. 2017), as Magenta's arbitrary_image_stylization publishes it.

Inception-v3 up to Mixed_6e reads the style picture; 100 numbers are its code, mixed like any other. RGB in [0, 1] in and out. Alpha
blends painting and photo pixel by pixel. Variables are named as in the published code.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx

from .graph import Graph, Weights
from .inception import inception_v3, variables
from .layers import Statistics, enlarged, normalised, parts
from .measured import F32, IMAGE, U8, measured_graphs, over_photo
from .pack import Measured
from .weights import read_weights, require

FILES = ("checkpoint",)
CODE = 100
BATCH_NORM = 1e-3
RESIDUALS = [f"residual/residual{i}" for i in range(1, 6)]
CONTRACT = [("contract/conv1", 32, 3, 9), ("contract/conv2", 64, 32, 3), ("contract/conv3", 128, 64, 3)]
STYLED = [(f"{r}/conv{j}", 128, 128, 3) for r in RESIDUALS for j in (1, 2)]
STYLED += [("expand/conv1/conv", 64, 128, 3), ("expand/conv2/conv", 32, 64, 3), ("expand/conv3/conv", 3, 32, 9)]


def shapes() -> dict[str, tuple]:
    """As TensorFlow has them: kernels [height, width, inputs, outputs]."""
    result = dict(variables()) | {"Conv/weights": (1, 1, 768, CODE), "Conv/biases": (CODE,)}
    for name, outputs, inputs, kernel in CONTRACT + STYLED:
        result[f"transformer/{name}/weights"] = (kernel, kernel, inputs, outputs)
    for name, outputs, *_ in CONTRACT:
        result |= {f"transformer/{name}/BatchNorm/{p}": (outputs,) for p in ("beta", "moving_mean", "moving_variance")}
    for name, outputs, *_ in STYLED:
        for part in ("Conv", "Conv_1"):
            result[f"style_params/transformer/{name}/StyleNorm/{part}/weights"] = (1, 1, CODE, outputs)
            result[f"style_params/transformer/{name}/StyleNorm/{part}/biases"] = (outputs,)
    return result


def load(files: dict[str, Path]) -> dict[str, np.ndarray]:
    return prepared(require(read_weights(files["checkpoint"]), shapes(), files["checkpoint"].name))


def prepared(variables: Weights) -> dict[str, np.ndarray]:
    """Layers named as the graphs want them: kernels [outputs, inputs, height, width], batch normalisation folded in."""
    weights = {}
    for name, kernel in variables.items():
        if not name.endswith("/weights"):
            continue
        layer = name.removesuffix("/weights")
        kernel = kernel.transpose(3, 2, 0, 1).astype(np.float64)
        bias = variables.get(f"{layer}/biases", np.zeros(kernel.shape[0])).astype(np.float64)
        if f"{layer}/BatchNorm/beta" in variables:
            beta, mean, variance = (variables[f"{layer}/BatchNorm/{p}"] for p in ("beta", "moving_mean", "moving_variance"))
            scale = 1 / np.sqrt(variance.astype(np.float64) + BATCH_NORM)
            kernel, bias = kernel * scale[:, None, None, None], beta - mean * scale
        weights[f"{layer}.weight"], weights[f"{layer}.bias"] = kernel.astype(np.float32), bias.astype(np.float32)
    return weights


def style_graph(weights: Weights) -> onnx.ModelProto:
    g = Graph("style", weights, np.float32)
    x = inception_v3(g, g.op("Mul", g.pixels(g.input("image", U8, IMAGE)), g.constant(1 / 255)))
    code = g.conv(g.op("GlobalAveragePool", x), "Conv", "reflect", relu=False)
    g.output("code", g.op("Flatten", code), F32, ("N", CODE))
    return g.model()


def network(g: Graph, statistics: Statistics, image: str, code: str | None, alpha: str) -> str:
    (look,) = parts(g, code, [CODE])

    def styled(x: str, name: str, relu: bool = True) -> str:
        channels = next(outputs for layer, outputs, *_ in STYLED if layer == name)
        y = g.conv(x, f"transformer/{name}", "reflect", relu=False)
        params = f"style_params/transformer/{name}/StyleNorm"
        beta, gamma = (g.conv(look, f"{params}/{part}", "reflect", relu=False) for part in ("Conv", "Conv_1"))
        y = g.op("Add", g.op("Mul", normalised(g, y, statistics.moments(y, channels)), gamma), beta)
        return g.op("Relu", y) if relu else y

    photo = g.op("Mul", g.pixels(image), g.constant(1 / 255))
    x = photo
    for (name, *_), stride in zip(CONTRACT, (1, 2, 2)):
        x = g.conv(x, f"transformer/{name}", "reflect", stride=stride)
    for r in RESIDUALS:
        x = g.op("Add", x, styled(styled(x, f"{r}/conv1"), f"{r}/conv2", relu=False))
    x = styled(enlarged(g, styled(enlarged(g, x), "expand/conv1/conv")), "expand/conv2/conv")
    return over_photo(g, photo, g.op("Sigmoid", styled(x, "expand/conv3/conv", relu=False)), alpha, 1.0)


def graphs(weights: Weights) -> tuple[Measured, dict[str, onnx.ModelProto]]:
    built, count = measured_graphs(weights, network, CODE)
    spec = Measured(multiple=4, minimum=96, halo=60, code=CODE, statistics=count, alpha_stride=1)
    return spec, built | {"style": style_graph(weights)}


def convert(files: dict[str, Path]) -> tuple[Measured, dict[str, onnx.ModelProto]]:
    return graphs(load(files))
