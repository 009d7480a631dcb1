"""The four graphs of the style network: style, encode, decode and paint.

They are built from named weights alone (`full.0.weight`, ...; see `style_net.StyleNet`), so a network of the same outline with other
channel counts, kernel sizes or layers a block gives graphs of the same contract. `content` and `code` are, for each level in order,
the means and then the deviations of its channels. Level 0 is the features followed by the photo, 4x4 pixels a place.
"""

from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto
from velatura_convert.graph import Graph, Weights, upsample

from ..style_net import CELL, PHOTO

F32, U8 = TensorProto.FLOAT, TensorProto.UINT8
IMAGE = ("N", "H", "W", 3)
EPSILON = 1e-5


def channels(weights: Weights) -> tuple[int, int]:
    """Channels of level 0 (stride 4), with the photo's, and of level 1 (stride 8)."""
    return weights["skip4.weight"].shape[1] + PHOTO, weights["up8.0.weight"].shape[1]


def code_size(weights: Weights) -> int:
    return 2 * sum(channels(weights))


def feature_shapes(weights: Weights) -> list[tuple]:
    return [("N", count, f"h{i}", f"w{i}") for i, count in enumerate(channels(weights))]


def layers(weights: Weights, name: str) -> list[str]:
    """The convolutions `name.0`, `name.2`, ... of the weights; none is fine."""
    numbers = (k.split(".")[1] for k in weights if k.startswith(f"{name}.") and k.endswith(".weight"))
    return [f"{name}.{n}" for n in sorted(numbers, key=int)]


def block(g: Graph, x: str, name: str) -> str:
    """Rectified convolutions over reflected borders."""
    for layer in layers(g.weights, name):
        x = g.conv(x, layer, "reflect")
    return x


def pool(g: Graph, x: str) -> str:
    return g.op("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2])


def encoder(g: Graph, image: str) -> list[str]:
    """Both levels, level 0 with the photo in [-1, 1]."""
    picture = g.picture_in(image)
    x = block(g, picture, "full")
    x = block(g, pool(g, x), "halved")
    level_0 = block(g, pool(g, x), "quarter")
    level_1 = block(g, pool(g, block(g, level_0, "quarter_deep")), "eighth")
    return [g.op("Concat", level_0, g.op("SpaceToDepth", picture, blocksize=CELL), axis=1), level_1]


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
    coarse = g.op("AveragePool", alpha, kernel_shape=[2, 2], strides=[2, 2])
    parts = [[without_photo(g, part)[0] for part in group[:2]] + group[2:] for group in (content, style)]
    level_0, level_1 = without_photo(g, levels[0])[0], levels[1]
    return [
        blend(g, level_0, adain(g, level_0, parts[0][:2], parts[1][:2]), alpha),
        blend(g, level_1, adain(g, level_1, parts[0][2:], parts[1][2:]), coarse),
    ]


def modulations(g: Graph, code: str) -> dict[str, tuple[str, str]]:
    """Scale and shift [N, C, 1, 1] of the output of each modulated layer, by the layer's name."""
    hidden = g.op("Relu", g.linear(code, "modulate.0"))
    values = g.op("Unsqueeze", g.linear(hidden, "modulate.2"), g.constant([2, 3]))
    names = [layer for part in ("up4", "up2", "out") for layer in layers(g.weights, part)]
    sizes = [g.weights[f"{name}.weight"].shape[0] for name in names for _ in range(2)]
    parts = g.op("Split", values, g.constant(sizes), outputs=len(sizes), axis=1)
    return {name: (g.op("Add", parts[2 * i], g.constant(1.0)), parts[2 * i + 1]) for i, name in enumerate(names)}


def modulated(g: Graph, x: str, name: str, given: dict[str, tuple[str, str]], last_relu: bool = True) -> str:
    """A block whose layers' outputs are scaled and shifted before they are rectified."""
    names = layers(g.weights, name)
    for layer in names:
        scale, shift = given[layer]
        x = g.op("Add", g.op("Mul", g.conv(x, layer, "reflect", relu=False), scale), shift)
        x = g.op("Relu", x) if last_relu or layer != names[-1] else x
    return x


def decoder(g: Graph, levels: list[str], given: dict[str, tuple[str, str]]) -> str:
    """f32 [N, 3, H, W] in about [-1, 1], neither gated nor clipped."""
    skip = g.conv(levels[0], "skip4", "reflect", relu=False)
    x = modulated(g, g.op("Add", upsample(g, block(g, levels[1], "up8")), skip), "up4", given)
    return modulated(g, upsample(g, modulated(g, upsample(g, x), "up2", given)), "out", given, last_relu=False)


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
    painted = decoder(g, restyle(g, levels, content, split_code(g, code), alpha), modulations(g, code))
    return g.picture_out(gate(g, painted, without_photo(g, levels[0])[1], alpha))


def style_graph(weights: Weights, stored: type = np.float16) -> onnx.ModelProto:
    """image -> code."""
    g = Graph("style", weights, stored)
    levels = encoder(g, g.input("image", U8, IMAGE))
    parts = [part for level in levels for part in statistics(g, level)]
    g.output("code", g.op("Flatten", g.op("Concat", *parts, axis=1)), F32, ("N", code_size(weights)))
    return g.model()


def encode_graph(weights: Weights, stored: type = np.float16) -> onnx.ModelProto:
    """image -> features_0, features_1."""
    g = Graph("encode", weights, stored)
    levels = encoder(g, g.input("image", U8, IMAGE))
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
    levels = encoder(g, g.input("image", U8, IMAGE))
    code = g.input("code", F32, ("N", code_size(weights)))
    alpha = g.input("alpha", F32, ("N", 1, "h0", "w0"))
    content = [part for level in levels for part in statistics(g, level)]
    g.output("painted", painting(g, levels, content, code, alpha), U8, IMAGE)
    return g.model()


STYLE_GRAPHS = {"style": style_graph, "encode": encode_graph, "decode": decode_graph, "paint": paint_graph}
