"""MicroAST (Wang et al., AAAI 2023), as EndyWon/MicroAST publishes it: two encoders, a modulator, a decoder.

Its own strength is no way back to the photo: the filters stay the style's. Here the photo's own code, as if it were the style, is
what alpha = 0 means, and codes are blended per pixel. At alpha = 1 it is the published network.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx

from .graph import Graph, Weights, upsample
from .layers import Statistics, adain, blend, joined, moments, parts
from .measured import F32, IMAGE, U8, measured_graphs
from .pack import Measured
from .weights import read_weights, require

FILES = ("content_encoder", "style_encoder", "modulator", "decoder")
C = 64
CODE = 8 * C  # mean and deviation of both levels, then weight and bias of the first and of the second filter


def _layer(name: str, outputs: int, inputs: int, kernel: int) -> dict[str, tuple]:
    return {f"{name}.conv_layer.weight": (outputs, inputs, kernel, kernel), f"{name}.conv_layer.bias": (outputs,)}


def _residual(name: str) -> dict[str, tuple]:
    return _layer(f"{name}.conv1", C, C, 3) | _layer(f"{name}.conv2", C, C, 3)


ENCODER = (
    _layer("enc1.0", 16, 3, 9) | _layer("enc1.2", 32, 1, 3) | _layer("enc1.4", 32, 32, 1) | _layer("enc1.6", 64, 1, 3)
    | _layer("enc1.8", 64, 64, 1) | _residual("enc1.10") | _residual("enc2.0")
)  # fmt: skip
MODULATOR = {k: v for name in ("weight1", "bias1", "weight2", "bias2") for k, v in _layer(f"{name}.0", C, 1, 3).items()}
DECODER = (
    _residual("dec1") | _residual("dec2") | _layer("dec3.1", 32, 2, 3) | _layer("dec3.3", 32, 32, 1)
    | _layer("dec3.6", 16, 2, 3) | _layer("dec3.8", 16, 16, 1) | _layer("dec3.10", 3, 16, 9)
)  # fmt: skip


def load(files: dict[str, Path]) -> dict[str, np.ndarray]:
    """Names with the file's name before them; encoders take pixels in [0, 255]."""
    wanted = {"content_encoder": ENCODER, "style_encoder": ENCODER, "modulator": MODULATOR, "decoder": DECODER}
    weights = {}
    for part, shapes in wanted.items():
        for name, value in require(read_weights(files[part]), shapes, f"the {part}").items():
            weights[f"{part}.{name.replace('.conv_layer', '')}"] = value
    for encoder in ("content_encoder", "style_encoder"):
        weights[f"{encoder}.enc1.0.weight"] = weights[f"{encoder}.enc1.0.weight"] / np.float32(255)
    return weights


def encode(g: Graph, pixels: str, encoder: str) -> list[str]:
    """Features after the first and after the second block, both [N, 64, H/4, W/4]."""
    conv = lambda x, name, **options: g.conv(x, f"{encoder}.{name}", "reflect", **options)  # noqa: E731
    residual = lambda x, name: g.op("Add", x, conv(conv(x, f"{name}.conv1"), f"{name}.conv2", relu=False))  # noqa: E731
    x = conv(conv(conv(pixels, "enc1.0"), "enc1.2", stride=2, groups=16), "enc1.4")
    first = residual(conv(conv(x, "enc1.6", stride=2, groups=32), "enc1.8"), "enc1.10")
    return [first, residual(first, "enc2.0")]


def style_code(g: Graph, pixels: str) -> list[str]:
    """The eight parts of a code, each [N, 64, 1, 1]."""
    first, second = encode(g, pixels, "style_encoder")

    def filters(x: str, which: int) -> list[str]:
        layers = (f"modulator.{kind}{which}.0" for kind in ("weight", "bias"))
        return [g.op("GlobalAveragePool", g.conv(x, layer, "reflect", relu=False, groups=C)) for layer in layers]

    return moments(g, first, bessel=True) + moments(g, second, bessel=True) + filters(first, 1) + filters(second, 2)


def modulated(g: Graph, x: str, layer: str, weight: str, bias: str) -> str:
    """A residual whose convolutions are weighted by the style."""
    filtered = lambda y, of: g.op("Add", g.op("Mul", weight, y), g.op("Mul", bias, of))  # noqa: E731
    inner = g.op("Relu", filtered(g.conv(x, f"decoder.{layer}.conv1", "reflect", relu=False), x))
    return g.op("Add", x, filtered(g.conv(inner, f"decoder.{layer}.conv2", "reflect", relu=False), inner))


def network(g: Graph, statistics: Statistics, image: str, code: str | None, alpha: str) -> str:
    pixels = g.pixels(image)
    own = statistics.take(C, lambda: style_code(g, pixels), 8)
    look = [blend(g, mine, theirs, alpha) for mine, theirs in zip(own, parts(g, code, [C] * 8))]
    mean_1, deviation_1, mean_2, deviation_2, weight_1, bias_1, weight_2, bias_2 = look
    deepest = encode(g, pixels, "content_encoder")[1]
    x = adain(g, deepest, statistics.moments(deepest, C, bessel=True), [mean_2, deviation_2])
    x = modulated(g, x, "dec1", weight_2, bias_2)
    x = adain(g, x, statistics.moments(x, C, bessel=True), [mean_1, deviation_1])
    x = modulated(g, x, "dec2", weight_1, bias_1)
    conv = lambda x, name, **options: g.conv(x, f"decoder.dec3.{name}", "reflect", **options)  # noqa: E731
    x = conv(conv(upsample(g, x), "1", groups=32), "3")
    x = conv(conv(upsample(g, x), "6", groups=16), "8")
    return g.picture_out(conv(x, "10", relu=False))


def graphs(weights: Weights) -> tuple[Measured, dict[str, onnx.ModelProto]]:
    built, count = measured_graphs(weights, network, CODE)
    g = Graph("style", weights, np.float32)
    g.output("code", joined(g, style_code(g, g.pixels(g.input("image", U8, IMAGE)))), F32, ("N", CODE))
    spec = Measured(multiple=4, minimum=32, halo=56, code=CODE, statistics=count, alpha_stride=4)
    return spec, built | {"style": g.model()}


def convert(files: dict[str, Path]) -> tuple[Measured, dict[str, onnx.ModelProto]]:
    return graphs(load(files))
