"""The four graphs of the style network: style, encode, decode and paint.

They are built from named weights alone (`full.0.weight`, ...; see `style_net.StyleNet`), so a network of the same outline with other
channel counts, kernel sizes or layers a block gives graphs of the same contract. `content` and `code` are, for each level in order,
the means and then the deviations of its channels.
"""

from __future__ import annotations

import onnx
from onnx import TensorProto
from velatura_convert.graph import Graph, Weights

F32, U8 = TensorProto.FLOAT, TensorProto.UINT8
IMAGE = ("N", "H", "W", 3)
EPSILON = 1e-5


def channels(weights: Weights) -> tuple[int, int]:
    """Channels of level 0 (stride 4) and level 1 (stride 8)."""
    return weights["skip4.weight"].shape[1], weights["up8.0.weight"].shape[1]


def code_size(weights: Weights) -> int:
    return 2 * sum(channels(weights))


def feature_shapes(weights: Weights) -> list[tuple]:
    return [("N", count, f"h{i}", f"w{i}") for i, count in enumerate(channels(weights))]


def block(g: Graph, x: str, name: str, last_relu: bool = True) -> str:
    """The rectified convolutions `name.0`, `name.2`, ... of the weights; none is fine."""
    layers = [k for k in g.weights if k.startswith(f"{name}.") and k.endswith(".weight")]
    numbers = sorted(int(layer.split(".")[1]) for layer in layers)
    for n in numbers:
        x = g.conv(x, f"{name}.{n}", "reflect", relu=last_relu or n != numbers[-1])
    return x


def pool(g: Graph, x: str) -> str:
    return g.op("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2])


def upsample(g: Graph, x: str) -> str:
    return g.op("Resize", x, "", g.constant([1.0, 1.0, 2.0, 2.0]), mode="nearest", coordinate_transformation_mode="asymmetric", nearest_mode="floor")


def encoder(g: Graph, image: str) -> list[str]:
    """Features of both levels."""
    x = block(g, g.picture_in(image), "full")
    x = block(g, pool(g, x), "halved")
    level_0 = block(g, pool(g, x), "quarter")
    return [level_0, block(g, pool(g, block(g, level_0, "quarter_deep")), "eighth")]


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


def restyle(g: Graph, levels: list[str], content: list[str], style: list[str], alpha: str | None) -> list[str]:
    """AdaIN at both levels, blended by alpha [N, 1, h0, w0] unless it is None."""
    result = []
    for i, x in enumerate(levels):
        restyled = adain(g, x, content[2 * i : 2 * i + 2], style[2 * i : 2 * i + 2])
        if alpha is not None:
            level_alpha = alpha if i == 0 else g.op("AveragePool", alpha, kernel_shape=[2, 2], strides=[2, 2])
            restyled = blend(g, x, restyled, level_alpha)
        result.append(restyled)
    return result


def decoder(g: Graph, levels: list[str]) -> str:
    """f32 [N, 3, H, W], nominally in [0, 1], not clipped."""
    skip = g.conv(levels[0], "skip4", "reflect", relu=False)
    x = block(g, g.op("Add", upsample(g, block(g, levels[1], "up8")), skip), "up4")
    x = block(g, upsample(g, block(g, upsample(g, x), "up2")), "out", last_relu=False)
    return g.op("Add", g.op("Mul", x, g.constant(0.5)), g.constant(0.5))


def style_graph(weights: Weights) -> onnx.ModelProto:
    """image -> code."""
    g = Graph("style", weights)
    levels = encoder(g, g.input("image", U8, IMAGE))
    parts = [part for level in levels for part in statistics(g, level)]
    g.output("code", g.op("Flatten", g.op("Concat", *parts, axis=1)), F32, ("N", code_size(weights)))
    return g.model()


def encode_graph(weights: Weights) -> onnx.ModelProto:
    """image -> features_0, features_1."""
    g = Graph("encode", weights)
    levels = encoder(g, g.input("image", U8, IMAGE))
    for i, (level, shape) in enumerate(zip(levels, feature_shapes(weights))):
        g.output(f"features_{i}", level, F32, shape)
    return g.model()


def decode_graph(weights: Weights) -> onnx.ModelProto:
    """features_0, features_1, content, code, alpha -> painted."""
    g = Graph("decode", weights)
    levels = [g.input(f"features_{i}", F32, shape) for i, shape in enumerate(feature_shapes(weights))]
    content, style = (split_code(g, g.input(name, F32, ("N", code_size(weights)))) for name in ("content", "code"))
    alpha = g.input("alpha", F32, ("N", 1, "h0", "w0"))
    g.output("painted", g.picture_out(decoder(g, restyle(g, levels, content, style, alpha))), U8, IMAGE)
    return g.model()


def paint_graph(weights: Weights) -> onnx.ModelProto:
    """image, code, alpha -> painted."""
    g = Graph("paint", weights)
    levels = encoder(g, g.input("image", U8, IMAGE))
    style = split_code(g, g.input("code", F32, ("N", code_size(weights))))
    alpha = g.input("alpha", F32, ("N", 1, "h0", "w0"))
    content = [part for level in levels for part in statistics(g, level)]
    g.output("painted", g.picture_out(decoder(g, restyle(g, levels, content, style, alpha))), U8, IMAGE)
    return g.model()


STYLE_GRAPHS = {"style": style_graph, "encode": encode_graph, "decode": decode_graph, "paint": paint_graph}
