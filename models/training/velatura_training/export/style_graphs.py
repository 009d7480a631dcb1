"""The four graphs of the style network: style, encode, decode and paint.

They are built from named weights alone; see `style_net.StyleNet`. `content` and `code` are, for each level in order, the means and then
the deviations of its channels. Level 0 is the features followed by the picture, 4x4 pixels a place.
"""

from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto
from velatura_convert.graph import Graph, Weights, upsample

from ..style_net import CELL, PHOTO, WEIGHED

F32, U8 = TensorProto.FLOAT, TensorProto.UINT8
IMAGE = ("N", "H", "W", 3)
EPSILON = 1e-5


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


def statistics(g: Graph, level: str) -> list[str]:
    """Mean and sqrt(biased variance + 1e-5), each [N, C, 1, 1]."""
    axes = g.constant([2, 3])
    mean = g.op("ReduceMean", level, axes)
    centred = g.op("Sub", level, mean)
    variance = g.op("ReduceMean", g.op("Mul", centred, centred), axes)
    return [mean, g.op("Sqrt", g.op("Add", variance, g.constant(EPSILON)))]


def split_code(g: Graph, code: str) -> list[str]:
    """[N, K] to mean and deviation of level 0, then of level 1, each [N, C, 1, 1]."""
    c0, c1 = channels(g.weights)
    parts = g.op("Split", code, g.constant([c0, c0, c1, c1]), outputs=4, axis=1)
    return [g.op("Unsqueeze", part, g.constant([2, 3])) for part in parts]


def adain(g: Graph, x: str, content: list[str], style: list[str]) -> str:
    """Equation (4): sigma_s * (x - mu_c) / sigma_c + mu_s."""
    norm = g.op("Div", g.op("Sub", x, content[0]), content[1])
    return g.op("Add", g.op("Mul", style[1], norm), style[0])


def blend(g: Graph, x: str, restyled: str, alpha: str) -> str:
    """Equation (6): alpha * restyled + (1 - alpha) * x, exact at both ends."""
    kept = g.op("Mul", g.op("Sub", g.constant(1.0), alpha), x)
    return g.op("Add", g.op("Mul", alpha, restyled), kept)


def without_photo(g: Graph, level_0: str) -> tuple[str, str]:
    """Level 0's features, or their moments, and what belongs to the photo."""
    count = channels(g.weights)[0] - PHOTO
    return tuple(g.op("Split", level_0, g.constant([count, PHOTO]), outputs=2, axis=1))


def restyle(g: Graph, levels: list[str], content: list[str], style: list[str], alpha: str) -> list[str]:
    """AdaIN of the features of both levels, blended by alpha [N, 1, h0, w0]."""
    parts = [[without_photo(g, part)[0] for part in group[:2]] + group[2:] for group in (content, style)]
    features = [without_photo(g, levels[0])[0], levels[1]]
    return [
        blend(g, x, adain(g, x, *(group[2 * i : 2 * i + 2] for group in parts)), alpha) for i, x in enumerate(features)
    ]


def scales_and_shifts(g: Graph, code: str) -> dict[str, tuple[str, str]]:
    """Scale and shift [N, C, 1, 1] of each layer that the painting weighs, by the layer's name."""
    values = g.op("Unsqueeze", g.linear(code, "weigh"), g.constant([2, 3]))
    sizes = [count for count in WEIGHED.values() for _ in range(2)]
    parts = g.op("Split", values, g.constant(sizes), outputs=len(sizes), axis=1)
    return {name: (g.op("Add", parts[2 * i], g.constant(1.0)), parts[2 * i + 1]) for i, name in enumerate(WEIGHED)}


def decoder(g: Graph, levels: list[str], given: dict[str, tuple[str, str]]) -> str:
    """f32 [N, 3, H, W] in about [-1, 1], neither gated nor clipped."""

    def weighed(x: str, layer: str, shifted: str | None = None) -> str:
        """scale * layer(x) + shift, or, of a residual block, + shift * x."""
        scale, shift = given[layer]
        shift = g.op("Mul", shift, shifted) if shifted else shift
        return g.op("Add", g.op("Mul", scale, g.conv(x, f"decoder.{layer}", "reflect", relu=False)), shift)

    def filtered(x: str, name: str) -> str:
        inner = g.op("Relu", weighed(x, f"{name}.first", x))
        return g.op("Add", x, weighed(inner, f"{name}.second", inner))

    x = filtered(g.op("Add", filtered(levels[1], "deep"), weighed(levels[0], "join")), "shallow")
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
    painted = decoder(g, restyle(g, levels, content, split_code(g, code), alpha), scales_and_shifts(g, code))
    return g.picture_out(gate(g, painted, without_photo(g, levels[0])[1], alpha))


def style_graph(weights: Weights, stored: type = np.float16) -> onnx.ModelProto:
    """image -> code."""
    g = Graph("style", weights, stored)
    levels = encoder(g, g.input("image", U8, IMAGE), "painting")
    parts = [part for level in levels for part in statistics(g, level)]
    g.output("code", g.op("Flatten", g.op("Concat", *parts, axis=1)), F32, ("N", code_size(weights)))
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
    content = [part for level in levels for part in statistics(g, level)]
    g.output("painted", painting(g, levels, content, code, alpha), U8, IMAGE)
    return g.model()


STYLE_GRAPHS = {"style": style_graph, "encode": encode_graph, "decode": decode_graph, "paint": paint_graph}
