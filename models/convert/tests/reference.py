"""Layers in plain NumPy, in f64 and one after the other: what the graphs are compared with. Maps are [C, h, w]."""

from __future__ import annotations

import numpy as np

Array = np.ndarray


def conv(x: Array, weight: Array, bias: Array | None = None, stride: int = 1, groups: int = 1, pad: str = "reflect") -> Array:
    """Convolution over a border of half the kernel: `reflect`, `zero`, or `valid` for none."""
    outputs, inputs, height, width = weight.shape
    if pad != "valid":
        border = ((0, 0), (height // 2,) * 2, (width // 2,) * 2)
        x = np.pad(x, border, mode="reflect") if pad == "reflect" else np.pad(x, border)
    rows, columns = (x.shape[1] - height) // stride + 1, (x.shape[2] - width) // stride + 1
    weight = weight.astype(np.float64)
    result = np.zeros((groups, outputs // groups, rows, columns))
    split = x.reshape(groups, inputs, *x.shape[1:])
    kernels = weight.reshape(groups, outputs // groups, inputs, height, width)
    for dy in range(height):
        for dx in range(width):
            window = split[:, :, dy : dy + stride * rows : stride, dx : dx + stride * columns : stride][:, :, :rows, :columns]
            flat = window.reshape(groups, inputs, -1)
            result += (kernels[..., dy, dx] @ flat).reshape(groups, -1, rows, columns)
    result = result.reshape(outputs, rows, columns)
    return result if bias is None else result + np.asarray(bias, np.float64)[:, None, None]


def relu(x: Array) -> Array:
    return np.maximum(x, 0)


def max_pool(x: Array) -> Array:
    """2x2, stride 2."""
    c, h, w = x.shape
    return x.reshape(c, h // 2, 2, w // 2, 2).max((2, 4))


def nearest(x: Array) -> Array:
    return x.repeat(2, 1).repeat(2, 2)


def bilinear(x: Array) -> Array:
    """Twice the size, between cell centres, as PyTorch does it without align_corners."""
    for axis in (1, 2):
        n = x.shape[axis]
        place = np.clip((np.arange(2 * n) + 0.5) / 2 - 0.5, 0, n - 1)
        low = np.floor(place).astype(int)
        high, share = np.minimum(low + 1, n - 1), place - low
        share = share.reshape([-1 if i == axis else 1 for i in range(3)])
        x = x.take(low, axis) * (1 - share) + x.take(high, axis) * share
    return x


def mean_std(x: Array, unbiased: bool) -> tuple[Array, Array]:
    """Of every channel, [C, 1, 1], with 1e-5 inside the root."""
    return x.mean((1, 2), keepdims=True), np.sqrt(x.var((1, 2), ddof=int(unbiased), keepdims=True) + 1e-5)


def adain(content: Array, style: Array) -> Array:
    (mean_c, std_c), (mean_s, std_s) = mean_std(content, True), mean_std(style, True)
    return (content - mean_c) / std_c * std_s + mean_s


def planes(picture: Array, white: float) -> Array:
    """u8 [H, W, 3] to [3, H, W] in [0, white]."""
    return picture.transpose(2, 0, 1).astype(np.float64) * (white / 255)


def pixels(x: Array, white: float) -> Array:
    """[3, H, W] to u8 [H, W, 3], clipped and rounded."""
    return np.floor(np.clip(x, 0, white) * (255 / white) + 0.5).astype(np.uint8).transpose(1, 2, 0)
