"""MicroAST: at alpha = 1 the pack paints what the published code computes; at 0 the photo's own code takes the style's place."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from velatura_convert import microast
from velatura_convert.pack import Measured

from .reference import adain, bilinear, conv, mean_std, pixels, planes, relu
from .support import PackCase, picture, random_weights

Array = np.ndarray


class Reference:
    """net_microAST.py's TestNet, layer by layer."""

    def __init__(self, files: dict[str, dict[str, Array]]) -> None:
        self.files = files

    def conv(self, x: Array, part: str, name: str, stride: int = 1, groups: int = 1) -> Array:
        layer = f"{name}.conv_layer"
        return conv(x, self.files[part][f"{layer}.weight"], self.files[part][f"{layer}.bias"], stride, groups)

    def residual(self, x: Array, part: str, name: str) -> Array:
        return x + self.conv(relu(self.conv(x, part, f"{name}.conv1")), part, f"{name}.conv2")

    def encode(self, x: Array, part: str) -> list[Array]:
        x = relu(self.conv(x, part, "enc1.0"))
        x = relu(self.conv(relu(self.conv(x, part, "enc1.2", 2, 16)), part, "enc1.4"))
        x = relu(self.conv(relu(self.conv(x, part, "enc1.6", 2, 32)), part, "enc1.8"))
        first = self.residual(x, part, "enc1.10")
        return [first, self.residual(first, part, "enc2.0")]

    def filters(self, style: list[Array]) -> list[tuple[Array, Array]]:
        pooled = lambda name, x: self.conv(x, "modulator", f"{name}.0", groups=64).mean((1, 2), keepdims=True)  # noqa: E731
        return [(pooled(f"weight{i + 1}", x), pooled(f"bias{i + 1}", x)) for i, x in enumerate(style)]

    def modulated(self, x: Array, name: str, weight: Array, bias: Array) -> Array:
        inner = relu(weight * self.conv(x, "decoder", f"{name}.conv1") + bias * x)
        return x + weight * self.conv(inner, "decoder", f"{name}.conv2") + bias * inner

    def paint(self, photo: Array, painting: Array) -> Array:
        style = self.encode(planes(painting, 1.0), "style_encoder")
        first, second = self.filters(style)
        content = self.encode(planes(photo, 1.0), "content_encoder")
        x = self.modulated(adain(content[1], style[1]), "dec1", *second)
        x = bilinear(self.modulated(adain(x, style[0]), "dec2", *first))
        x = relu(self.conv(relu(self.conv(x, "decoder", "dec3.1", groups=32)), "decoder", "dec3.3"))
        x = relu(self.conv(relu(self.conv(bilinear(x), "decoder", "dec3.6", groups=16)), "decoder", "dec3.8"))
        return pixels(self.conv(x, "decoder", "dec3.10"), 1.0)


class MicroAst(PackCase):
    architecture = "microast"

    @classmethod
    def write_files(cls, folder: Path) -> dict[str, Path]:
        shapes = (microast.ENCODER, microast.ENCODER, microast.MODULATOR, microast.DECODER)
        weights = {part: random_weights(s, i) for i, (part, s) in enumerate(zip(microast.FILES, shapes))}
        weights["decoder"]["dec3.10.conv_layer.weight"] *= 0.05
        weights["decoder"]["dec3.10.conv_layer.bias"][:] = 0.5
        cls.reference = Reference(weights)
        for part, tensors in weights.items():
            np.savez(folder / f"{part}.npz", **tensors)
        return {part: folder / f"{part}.npz" for part in weights}

    def test_painting_is_the_published_computation(self) -> None:
        photo, painting = picture(1, 48, 64), picture(2, 64, 40)
        self.assert_same_pixels(self.pack.paint(photo, self.pack.code(painting)), self.reference.paint(photo, painting))

    def test_without_strength_the_photo_is_its_own_style(self) -> None:
        photo = picture(3, 48, 64)
        painted = self.pack.paint(photo, self.pack.code(picture(4, 40, 40)), 0.0)
        self.assert_same_pixels(painted, self.reference.paint(photo, photo))

    def test_a_code_is_statistics_and_filters(self) -> None:
        painting = picture(5, 40, 48)
        style = self.reference.encode(planes(painting, 1.0), "style_encoder")
        expected = [part for x in style for part in mean_std(x, True)] + [p for pair in self.reference.filters(style) for p in pair]
        np.testing.assert_allclose(self.pack.code(painting)[0], np.concatenate(expected).ravel(), rtol=1e-3, atol=1e-3)

    def test_tiles_equal_the_whole(self) -> None:
        spec: Measured = microast.graphs(microast.load({p: self.folder / f"{p}.npz" for p in microast.FILES}))[0]
        self.assert_tiles_equal_the_whole(spec.halo, spec.alpha_stride, self.pack.code(picture(6, 64, 64)))

    def test_batches_equal_single_pictures(self) -> None:
        self.assert_batches_equal_single_pictures(4, self.pack.code(picture(7, 64, 64)))
