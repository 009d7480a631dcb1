"""The four graphs of the style network: style, encode, decode and paint.

They are built from named weights alone; see `style_net.StyleNet`. `content` and `code` are, for each level in order, the means and then
the deviations of its channels. Level 0 is the features followed by the picture, 4x4 pixels a place.
"""

from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto
from velatura_convert.graph import Graph, Weights, upsample
from velatura_convert.layers import adain, blend, joined, moments, normalised, parts

from ..style_layers import CELL, PHOTO
from ..style_net import WEIGHED

F32, U8 = TensorProto.FLOAT, TensorProto.UINT8
IMAGE = ("N", "H", "W", 3)


def channels(weights: Weights) -> tuple[int, int]:
    """Channels of level 0, with the photo's, and of level 1."""
    return weights["photo.shallow.second.weight"].shape[0] + PHOTO, weights["photo.deep.second.weight"].shape[0]


def code_size(weights: Weights) -> int:
    return 2 * sum(channels(weights))


def feature_shapes(weights: Weights) -> list[tuple]:
    return [("N", count, "h0", "w0") for count in channels(weights)]


def residual(g: Graph, x: str, name: str) -> str:
    return g.op("Add", x, g.conv(g.conv(x, f"{name}.first", "reflect"), f"{name}.second", "reflect", relu=False))


def encoder(g: Graph, image: str, name: str) -> list[str]:
    """Both levels, level 0 with the picture in [-1, 1]."""
    picture = g.picture_in(image)
    x = g.conv(picture, f"{name}.full", "reflect")
    for layer in ("halved", "quarter"):
        x = g.conv(g.op("AveragePool", x, kernel_shape=[2, 2], strides=[2, 2]), f"{name}.{layer}", "reflect")
    level_0 = residual(g, x, f"{name}.shallow")
    return [g.op("Concat", level_0, g.op("SpaceToDepth", picture, blocksize=CELL), axis=1), residual(g, level_0, f"{name}.deep")]


def split_code(g: Graph, code: str) -> list[str]:
    """[N, K] to mean and deviation of level 0, then of level 1, each [N, C, 1, 1]."""
    return parts(g, code, [count for count in channels(g.weights) for _ in range(2)])


def without_photo(g: Graph, level_0: str) -> tuple[str, str]:
    """Level 0's features, or their moments, and what belongs to the photo."""
    count = channels(g.weights)[0] - PHOTO
    return tuple(g.op("Split", level_0, g.constant([count, PHOTO]), outputs=2, axis=1))


def features(g: Graph, code: list[str]) -> list[str]:
    """What of a code's pieces belongs to the features alone."""
    return [without_photo(g, part)[0] for part in code[:2]] + code[2:]


def restyle(g: Graph, levels: list[str], content: list[str], style: list[str], alpha: str) -> list[str]:
    """AdaIN of the features of both levels, blended by alpha [N, 1, h0, w0]."""
    content, style = (features(g, group) for group in (content, style))
    levels = [without_photo(g, levels[0])[0], levels[1]]
    return [blend(g, x, adain(g, x, content[i : i + 2], style[i : i + 2]), alpha) for x, i in zip(levels, (0, 2))]


def scales_and_shifts(g: Graph, code: str) -> dict[str, tuple[str, str]]:
    """Scale and shift [N, C, 1, 1] of each layer that the painting weighs, by the layer's name."""
    pieces = parts(g, g.linear(code, "weigh"), [count for count in WEIGHED.values() for _ in range(2)])
    return {name: (g.op("Add", pieces[2 * i], g.constant(1.0)), pieces[2 * i + 1]) for i, name in enumerate(WEIGHED)}


def decoder(g: Graph, levels: list[str], style: list[str], given: dict[str, tuple[str, str]]) -> str:
    """f32 [N, 3, H, W] in about [-1, 1], neither gated nor clipped."""

    def weighed(x: str, layer: str, shifted: str | None = None) -> str:
        """scale * layer(x) + shift, or, of a residual block, + shift * x."""
        scale, shift = given[layer]
        shift = g.op("Mul", shift, shifted) if shifted else shift
        return g.op("Add", g.op("Mul", scale, g.conv(x, f"decoder.{layer}", "reflect", relu=False)), shift)

    def filtered(x: str, name: str) -> str:
        inner = g.op("Relu", weighed(x, f"{name}.first", x))
        return g.op("Add", x, weighed(inner, f"{name}.second", inner))

    mean_0, deviation_0, mean_1, deviation_1 = features(g, style)
    deep = normalised(g, filtered(levels[1], "deep"), [mean_1, deviation_1])
    shallow = g.conv(normalised(g, levels[0], [mean_0, deviation_0]), "decoder.join", "reflect", relu=False)
    both = g.op("Add", g.op("Add", g.op("Mul", given["deep"][0], deep), given["deep"][1]), shallow)
    x = filtered(g.op("Add", g.op("Mul", deviation_0, both), mean_0), "shallow")
    for layer in ("halved", "full"):
        x = g.op("Relu", weighed(upsample(g, x), layer))
    return weighed(x, "out")


def gate(g: Graph, painted: str, photo: str, alpha: str) -> str:
    """(1 - alpha)^2 of the photo, the rest painted, alpha interpolated; [-1, 1] to [0, 1]."""
    fine = upsample(g, alpha, CELL)
    spared = g.op("Sub", g.constant(1.0), fine)
    kept = g.op("Mul", spared, spared)
    pixels = g.op("DepthToSpace", photo, blocksize=CELL, mode="DCR")
    mixed = g.op("Add", g.op("Mul", kept, pixels), g.op("Mul", g.op("Sub", g.constant(1.0), kept), painted))
    return g.op("Add", g.op("Mul", mixed, g.constant(0.5)), g.constant(0.5))


def painting(g: Graph, levels: list[str], content: list[str], code: str, alpha: str) -> str:
    """Everything after the encoder: u8 [N, H, W, 3]."""
    style = split_code(g, code)
    painted = decoder(g, restyle(g, levels, content, style, alpha), style, scales_and_shifts(g, code))
    return g.picture_out(gate(g, painted, without_photo(g, levels[0])[1], alpha))


def style_graph(weights: Weights, stored: type = np.float16) -> onnx.ModelProto:
    """image -> code."""
    g = Graph("style", weights, stored)
    levels = encoder(g, g.input("image", U8, IMAGE), "painting")
    pieces = [piece for level in levels for piece in moments(g, level)]
    g.output("code", joined(g, pieces), F32, ("N", code_size(weights)))
    return g.model()


def encode_graph(weights: Weights, stored: type = np.float16) -> onnx.ModelProto:
    """image -> features_0, features_1."""
    g = Graph("encode", weights, stored)
    levels = encoder(g, g.input("image", U8, IMAGE), "photo")
    for i, (level, shape) in enumerate(zip(levels, feature_shapes(weights))):
        g.output(f"features_{i}", level, F32, shape)
    return g.model()


def decode_graph(weights: Weights, stored: type = np.float16) -> onnx.ModelProto:
    """features_0, features_1, content, code, alpha -> painted."""
    g = Graph("decode", weights, stored)
    levels = [g.input(f"features_{i}", F32, shape) for i, shape in enumerate(feature_shapes(weights))]
    content, code = (g.input(name, F32, ("N", code_size(weights))) for name in ("content", "code"))
    alpha = g.input("alpha", F32, ("N", 1, "h0", "w0"))
    g.output("painted", painting(g, levels, split_code(g, content), code, alpha), U8, IMAGE)
    return g.model()


def paint_graph(weights: Weights, stored: type = np.float16) -> onnx.ModelProto:
    """image, code, alpha -> painted."""
    g = Graph("paint", weights, stored)
    levels = encoder(g, g.input("image", U8, IMAGE), "photo")
    code = g.input("code", F32, ("N", code_size(weights)))
    alpha = g.input("alpha", F32, ("N", 1, "h0", "w0"))
    content = [part for level in levels for part in moments(g, level)]
    g.output("painted", painting(g, levels, content, code, alpha), U8, IMAGE)
    return g.model()


STYLE_GRAPHS = {"style": style_graph, "encode": encode_graph, "decode": decode_graph, "paint": paint_graph}
