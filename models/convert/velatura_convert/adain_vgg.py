"""AdaIN on a normalised VGG-19 (Huang & Belongie 2017), as naoto0804/pytorch-AdaIN publishes it: `vgg_normalised.pth`, `decoder.pth`.

RGB in [0, 1]; the network's first layer, a 1x1 convolution to BGR minus mean, is folded into the next one, which is exact because
reflection commutes with it. Variances have Bessel's correction, as there; the engine's content statistics are corrected in `decode`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx

from .graph import Graph, Weights
from .layers import EPSILON, adain, blend, enlarged, joined, moments, parts, pool, unbiased
from .measured import ALPHA, F32, IMAGE, U8
from .pack import Levels
from .weights import read_weights, require

FILES = ("encoder", "decoder")
CHANNELS = 512
# Layers by their number in the published Sequential: (inputs, outputs), or what happens between them.
ENCODER = {2: (3, 64), 5: (64, 64), 7: "pool", 9: (64, 128), 12: (128, 128), 14: "pool", 16: (128, 256), 19: (256, 256),
           22: (256, 256), 25: (256, 256), 27: "pool", 29: (256, 512)}  # fmt: skip
DECODER = {1: (512, 256), 3: "up", 5: (256, 256), 8: (256, 256), 11: (256, 256), 14: (256, 128), 16: "up", 18: (128, 128),
           21: (128, 64), 23: "up", 25: (64, 64), 28: (64, 3)}  # fmt: skip
SPEC = Levels(multiple=8, minimum=16, halo=64, levels=((CHANNELS, 8),))


def shapes(layers: dict[int, object]) -> dict[str, tuple]:
    result = {}
    for number, layer in layers.items():
        if isinstance(layer, tuple):
            result[f"{number}.weight"], result[f"{number}.bias"] = (layer[1], layer[0], 3, 3), (layer[1],)
    return result


def load(files: dict[str, Path]) -> dict[str, np.ndarray]:
    """Names with the prefixes `encoder.` and `decoder.`; the encoder takes pixels in [0, 255]."""
    first = {"0.weight": (3, 3, 1, 1), "0.bias": (3,)}
    encoder = require(read_weights(files["encoder"]), first | shapes(ENCODER), "the encoder")
    decoder = require(read_weights(files["decoder"]), shapes(DECODER), "the decoder")
    mix, offset = encoder.pop("0.weight").astype(np.float64)[:, :, 0, 0], encoder.pop("0.bias").astype(np.float64)
    kernel = encoder["2.weight"].astype(np.float64)
    encoder["2.bias"] = (encoder["2.bias"] + np.einsum("ojyx,j->o", kernel, offset)).astype(np.float32)
    encoder["2.weight"] = (np.einsum("ojyx,ji->oiyx", kernel, mix) / 255).astype(np.float32)
    return {f"encoder.{k}": v for k, v in encoder.items()} | {f"decoder.{k}": v for k, v in decoder.items()}


def run(g: Graph, x: str, part: str, layers: dict[int, object]) -> str:
    last = max(layers)
    for number, layer in layers.items():
        if layer == "pool":
            x = pool(g, x)
        elif layer == "up":
            x = enlarged(g, x)
        else:
            x = g.conv(x, f"{part}.{number}", "reflect", relu=part == "encoder" or number != last)
    return x


def encode(g: Graph) -> str:
    return run(g, g.pixels(g.input("image", U8, IMAGE)), "encoder", ENCODER)


def decode(g: Graph, x: str, content: list[str]) -> str:
    style = parts(g, g.input("code", F32, ("N", 2 * CHANNELS)), [CHANNELS] * 2)
    target = blend(g, x, adain(g, x, content, style), g.input("alpha", F32, ALPHA))
    return g.picture_out(run(g, target, "decoder", DECODER))


def graphs(weights: Weights) -> dict[str, onnx.ModelProto]:
    built = {name: Graph(name, weights, np.float32) for name in ("style", "encode", "decode", "paint")}
    g = built["style"]
    g.output("code", joined(g, moments(g, encode(g), bessel=True)), F32, ("N", 2 * CHANNELS))
    g, cells = built["encode"], ("N", CHANNELS, "h", "w")
    g.output("features_0", encode(g), F32, cells)
    g = built["decode"]
    x = g.input("features_0", F32, cells)
    mean, deviation = parts(g, g.input("content", F32, ("N", 2 * CHANNELS)), [CHANNELS] * 2)
    variance = g.op("Sub", g.op("Mul", deviation, deviation), g.constant(EPSILON))
    corrected = g.op("Sqrt", g.op("Add", unbiased(g, variance, x), g.constant(EPSILON)))
    g.output("painted", decode(g, x, [mean, corrected]), U8, IMAGE)
    g = built["paint"]
    x = encode(g)
    g.output("painted", decode(g, x, moments(g, x, bessel=True)), U8, IMAGE)
    return {name: g.model() for name, g in built.items()}


def convert(files: dict[str, Path]) -> tuple[Levels, dict[str, onnx.ModelProto]]:
    return SPEC, graphs(load(files))
