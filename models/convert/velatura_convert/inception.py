"""Inception-v3 up to Mixed_6e with TF-Slim's names, rectified at 6 as in arbitrary_image_stylization.

A block is a list of branches, a branch a list of layers: (scope, outputs, (height, width)), with "s" behind it for stride 2 without
padding; or "avg" or "max" for pooling.
"""

from __future__ import annotations

from .graph import Graph

BEGINNING = [
    ("Conv2d_1a_3x3", 32, (3, 3), "s"), ("Conv2d_2a_3x3", 32, (3, 3), "valid"), ("Conv2d_2b_3x3", 64, (3, 3)), "max",
    ("Conv2d_3b_1x1", 80, (1, 1)), ("Conv2d_4a_3x3", 192, (3, 3), "valid"), "max",
]  # fmt: skip


def _mixed_5(pooled: int, quirk: bool = False) -> list:
    one, five = ("Conv2d_0b_1x1", "Conv_1_0c_5x5") if quirk else ("Conv2d_0a_1x1", "Conv2d_0b_5x5")
    return [
        [("Conv2d_0a_1x1", 64, (1, 1))],
        [(one, 48, (1, 1)), (five, 64, (5, 5))],
        [("Conv2d_0a_1x1", 64, (1, 1)), ("Conv2d_0b_3x3", 96, (3, 3)), ("Conv2d_0c_3x3", 96, (3, 3))],
        ["avg", ("Conv2d_0b_1x1", pooled, (1, 1))],
    ]


def _mixed_6(width: int) -> list:
    return [
        [("Conv2d_0a_1x1", 192, (1, 1))],
        [("Conv2d_0a_1x1", width, (1, 1)), ("Conv2d_0b_1x7", width, (1, 7)), ("Conv2d_0c_7x1", 192, (7, 1))],
        [("Conv2d_0a_1x1", width, (1, 1)), ("Conv2d_0b_7x1", width, (7, 1)), ("Conv2d_0c_1x7", width, (1, 7)),
         ("Conv2d_0d_7x1", width, (7, 1)), ("Conv2d_0e_1x7", 192, (1, 7))],
        ["avg", ("Conv2d_0b_1x1", 192, (1, 1))],
    ]  # fmt: skip


BLOCKS = {
    "Mixed_5b": _mixed_5(32),
    "Mixed_5c": _mixed_5(64, quirk=True),
    "Mixed_5d": _mixed_5(64),
    "Mixed_6a": [
        [("Conv2d_1a_1x1", 384, (3, 3), "s")],
        [("Conv2d_0a_1x1", 64, (1, 1)), ("Conv2d_0b_3x3", 96, (3, 3)), ("Conv2d_1a_1x1", 96, (3, 3), "s")],
        ["max"],
    ],
    "Mixed_6b": _mixed_6(128),
    "Mixed_6c": _mixed_6(160),
    "Mixed_6d": _mixed_6(160),
    "Mixed_6e": _mixed_6(192),
}


def variables() -> dict[str, tuple]:
    """Every variable's name and shape as TensorFlow has it."""
    result, channels = {}, 3

    def branch(scope: str, layers: list, inputs: int) -> int:
        for layer in layers:
            if not isinstance(layer, str):
                name, outputs, kernel, *_ = layer
                result[f"{scope}/{name}/weights"] = (*kernel, inputs, outputs)
                for part in ("beta", "moving_mean", "moving_variance"):
                    result[f"{scope}/{name}/BatchNorm/{part}"] = (outputs,)
                inputs = outputs
        return inputs

    channels = branch("InceptionV3", BEGINNING, channels)
    for block, branches in BLOCKS.items():
        channels = sum(branch(f"InceptionV3/{block}/Branch_{i}", layers, channels) for i, layers in enumerate(branches))
    return result


def inception_v3(g: Graph, x: str) -> str:
    """f32 [N, 3, H, W] in [0, 1] to [N, 768, h, w]."""
    zero, six = g.constant(0.0), g.constant(6.0)

    def layer(x: str, scope: str, what: object) -> str:
        if what == "max":
            return g.op("MaxPool", x, kernel_shape=[3, 3], strides=[2, 2])
        if what == "avg":
            return g.op("AveragePool", x, kernel_shape=[3, 3], strides=[1, 1], pads=[1, 1, 1, 1])
        name, _, (height, width), *how = what
        pads = [0] * 4 if how else [height // 2, width // 2] * 2
        stride = 2 if how == ["s"] else 1
        parts = (g.weight(f"{scope}/{name}.{part}") for part in ("weight", "bias"))
        return g.op("Clip", g.op("Conv", x, *parts, strides=[stride, stride], pads=pads), zero, six)

    def branch(x: str, scope: str, layers: list) -> str:
        for what in layers:
            x = layer(x, scope, what)
        return x

    x = branch(x, "InceptionV3", BEGINNING)
    for block, branches in BLOCKS.items():
        x = g.op("Concat", *(branch(x, f"InceptionV3/{block}/Branch_{i}", b) for i, b in enumerate(branches)), axis=1)
    return x
