"""The feature networks are the published ones, on random weights of their shapes."""

from __future__ import annotations

import tempfile
import unittest
from pathlib import Path

import numpy as np
from velatura_evaluate.features import DEVIATION, MEAN, VGG, Features

VGG_SHAPES = {
    "conv0": (3, 3, 1), "conv11": (16, 3, 3), "conv12": (16, 16, 3), "conv21": (32, 16, 3), "conv22": (32, 32, 3), "conv31": (64, 32, 3),
    "conv32": (64, 64, 3), "conv33": (64, 64, 3), "conv34": (64, 64, 3), "conv41": (128, 64, 3),
    "conv11_aux": (64, 16, 1), "conv21_aux": (128, 32, 1), "conv31_aux": (256, 64, 1), "conv41_aux": (512, 128, 1),
}  # fmt: skip
FIRE_SHAPES = {2: (96, 16, 64), 3: (128, 16, 64), 4: (128, 32, 128), 5: (256, 32, 128), 6: (256, 48, 192), 7: (384, 48, 192), 8: (384, 64, 256)}


def conv(x: np.ndarray, weight: np.ndarray, bias: np.ndarray, stride: int = 1, pad: str | None = None) -> np.ndarray:
    border = weight.shape[2] // 2
    if pad and border:
        edges = ((0, 0), (border, border), (border, border))
        x = np.pad(x, edges, mode="reflect") if pad == "reflect" else np.pad(x, edges)
    windows = np.lib.stride_tricks.sliding_window_view(x, weight.shape[2:], (1, 2))[:, ::stride, ::stride]
    return np.einsum("chwyx,ocyx->ohw", windows, weight) + bias[:, None, None]


def max_pool(x: np.ndarray) -> np.ndarray:
    """3x3, stride 2, the last window may stick out."""
    rows, columns = (-(-(n - 3) // 2) + 1 for n in x.shape[1:])
    padded = np.pad(x, ((0, 0), (0, 2 * rows + 1 - x.shape[1]), (0, 2 * columns + 1 - x.shape[2])), constant_values=-np.inf)
    return np.lib.stride_tricks.sliding_window_view(padded, (3, 3), (1, 2))[:, ::2, ::2].max((3, 4))


class FeatureNetworks(unittest.TestCase):
    def setUp(self) -> None:
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder, self.rng = Path(holder.name), np.random.default_rng(1)
        self.picture = self.rng.integers(0, 256, (40, 56, 3), dtype=np.uint8)

    def weights(self, shapes: dict[str, tuple], weight: str, bias: str) -> dict[str, np.ndarray]:
        made = {}
        for name, (outputs, inputs, kernel) in shapes.items():
            scale = np.sqrt(2 / (inputs * kernel * kernel))
            made[f"{name}.{weight}"] = self.rng.normal(0, scale, (outputs, inputs, kernel, kernel)).astype(np.float32)
            made[f"{name}.{bias}"] = self.rng.normal(0, 0.1, outputs).astype(np.float32)
        return made

    def assert_maps(self, found: list[np.ndarray], expected: list[np.ndarray]) -> None:
        self.assertEqual([m.shape for m in found], [m.shape for m in expected])
        for a, b in zip(found, expected):
            np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-3 * np.abs(b).max())

    def test_vgg(self) -> None:
        w = self.weights(VGG_SHAPES, "weight", "bias")
        np.savez(self.folder / "vgg16x_encoder4.npz", **w)
        features = Features(self.folder / "vgg16x_encoder4.npz")
        self.assertEqual(features.name, "vgg16x_encoder4")
        layer = lambda x, n, pad="reflect": conv(x, w[f"{n}.weight"], w[f"{n}.bias"], pad=pad)  # noqa: E731
        x, expected = layer(self.picture.transpose(2, 0, 1) / 255, "conv0"), []
        for name in VGG:
            if name == "pool":
                x = x.reshape(x.shape[0], x.shape[1] // 2, 2, x.shape[2] // 2, 2).max((2, 4))
                continue
            x = np.maximum(layer(x, name), 0)
            if f"{name}_aux" in VGG_SHAPES:
                expected.append(layer(x, f"{name}_aux"))
        self.assert_maps(features.maps(self.picture), expected)

    def test_squeezenet(self) -> None:
        shapes = {"conv1": (96, 3, 7)}
        for number, (inputs, small, large) in FIRE_SHAPES.items():
            shapes |= {f"fire{number}.sq": (small, inputs, 1), f"fire{number}.e1": (large, small, 1), f"fire{number}.e3": (large, small, 3)}
        w = self.weights(shapes, "w", "b")
        np.savez(self.folder / "squeezenet10.npz", **w)
        layer = lambda x, n, **how: np.maximum(conv(x, w[f"{n}.w"], w[f"{n}.b"], **how), 0)  # noqa: E731
        x = (self.picture / 255 - MEAN) / DEVIATION
        x = layer(x.transpose(2, 0, 1), "conv1", stride=2)
        expected, x = [x], max_pool(x)
        for number in FIRE_SHAPES:
            x = max_pool(x) if number == 5 else x
            small = layer(x, f"fire{number}.sq")
            x = np.concatenate([layer(small, f"fire{number}.e1"), layer(small, f"fire{number}.e3", pad="zero")])
            if number in (2, 3, 4, 5, 8):
                expected.append(x)
        self.assert_maps(Features(self.folder / "squeezenet10.npz").maps(self.picture), expected)
