"""Style prediction: the pack paints what Magenta's code computes, from a checkpoint as TensorFlow writes it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from velatura_convert import ghiasi, inception

from .bundle_writer import write_bundle
from .reference import conv, mean_std, nearest, pixels, planes, relu
from .support import PackCase, picture, random_weights

Array = np.ndarray


class Reference:
    """style_prediction and nza_model.transform, with variables as TensorFlow names and shapes them."""

    def __init__(self, variables: dict[str, Array]) -> None:
        self.v = variables

    def conv(self, x: Array, name: str, stride: int = 1, pad: str = "reflect") -> Array:
        """slim.conv2d, with bias or with batch normalisation."""
        y = conv(x, self.v[f"{name}/weights"].transpose(3, 2, 0, 1), self.v.get(f"{name}/biases"), stride, pad=pad)
        if f"{name}/BatchNorm/beta" in self.v:
            beta, mean, variance = (
                self.v[f"{name}/BatchNorm/{p}"].astype(float)[:, None, None] for p in ("beta", "moving_mean", "moving_variance")
            )
            y = (y - mean) / np.sqrt(variance + 1e-3) + beta
        return y

    def branch(self, x: Array, scope: str, layers: list) -> Array:
        for layer in layers:
            if layer == "max":
                rows, columns = ((n - 3) // 2 + 1 for n in x.shape[1:])
                views = [x[:, i : i + 2 * rows : 2, j : j + 2 * columns : 2][:, :rows, :columns] for i in range(3) for j in range(3)]
                x = np.max(views, 0)
            elif layer == "avg":  # TensorFlow does not count the padding
                sums = lambda y: conv(y, np.ones((1, 1, 3, 3)), pad="zero")  # noqa: E731
                x = np.concatenate([sums(channel[None]) for channel in x]) / sums(np.ones((1, *x.shape[1:])))
            else:
                name, _, _, *how = layer
                pad, stride = ("valid" if how else "zero"), (2 if how == ["s"] else 1)
                x = np.clip(self.conv(x, f"{scope}/{name}", stride, pad), 0, 6)
        return x

    def code(self, painting: Array) -> Array:
        x = self.branch(planes(painting, 1.0), "InceptionV3", inception.BEGINNING)
        for block, branches in inception.BLOCKS.items():
            x = np.concatenate([self.branch(x, f"InceptionV3/{block}/Branch_{i}", b) for i, b in enumerate(branches)])
        return self.conv(x.mean((1, 2), keepdims=True), "Conv")

    def paint(self, photo: Array, code: Array) -> Array:
        def styled(x: Array, name: str) -> Array:
            x = self.conv(x, f"transformer/{name}")
            mean, std = mean_std(x, False)
            params = f"style_params/transformer/{name}/StyleNorm"
            return (x - mean) / std * self.conv(code, f"{params}/Conv_1") + self.conv(code, f"{params}/Conv")

        x = relu(self.conv(planes(photo, 1.0), "transformer/contract/conv1"))
        x = relu(self.conv(x, "transformer/contract/conv2", 2))
        x = relu(self.conv(x, "transformer/contract/conv3", 2))
        for r in ghiasi.RESIDUALS:
            x = x + styled(relu(styled(x, f"{r}/conv1")), f"{r}/conv2")
        x = relu(styled(nearest(x), "expand/conv1/conv"))
        x = relu(styled(nearest(x), "expand/conv2/conv"))
        return pixels(1 / (1 + np.exp(-styled(x, "expand/conv3/conv"))), 1.0)


class Ghiasi(PackCase):
    architecture = "ghiasi"

    @classmethod
    def write_files(cls, folder: Path) -> dict[str, Path]:
        rng, variables = np.random.default_rng(1), {}
        for name, shape in ghiasi.shapes().items():
            if name.endswith("weights"):
                variables[name] = rng.normal(0, np.sqrt(2 / np.prod(shape[:3])), shape).astype(np.float32)
            else:
                variables |= random_weights({name: shape}, len(variables))
        cls.reference = Reference(variables)
        return {"checkpoint": write_bundle(folder, variables)}

    def test_a_code_is_what_inception_predicts(self) -> None:
        painting = picture(1, 96, 112)
        expected = self.reference.code(painting).ravel()
        np.testing.assert_allclose(self.pack.code(painting)[0], expected, rtol=1e-3, atol=1e-4 * np.abs(expected).max())

    def test_painting_is_the_published_computation(self) -> None:
        photo = picture(2, 48, 64)
        code = np.random.default_rng(3).normal(0, 1, (1, 100)).astype(np.float32)
        painted = self.pack.run("paint", image=photo[None], code=code, alpha=np.ones((1, 1, 48, 64), np.float32))[0][0]
        self.assert_same_pixels(painted, self.reference.paint(photo, code[0][:, None, None]))

    def test_tiles_equal_the_whole(self) -> None:
        self.assert_tiles_equal_the_whole(60, 1, np.random.default_rng(4).normal(0, 1, (1, 100)).astype(np.float32))

    def test_batches_equal_single_pictures(self) -> None:
        self.assert_batches_equal_single_pictures(1, np.random.default_rng(5).normal(0, 1, (1, 100)).astype(np.float32))
