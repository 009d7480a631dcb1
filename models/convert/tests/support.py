"""Random weights, pictures, and the pack that is made of them."""

from __future__ import annotations

import tempfile
import unittest
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from velatura_convert.catalogue import Entry
from velatura_convert.convert import ARCHITECTURES, convert
from velatura_convert.runtime import Pack

Array = np.ndarray


def random_weights(shapes: Mapping[str, tuple], seed: int) -> dict[str, Array]:
    """He-scaled kernels, small biases, positive scales; what is named after a variance is one."""
    rng = np.random.default_rng(seed)
    weights = {}
    for name, shape in shapes.items():
        if len(shape) == 4:
            weights[name] = rng.normal(0, np.sqrt(2 / np.prod(shape[1:])), shape).astype(np.float32)
        elif name.endswith("variance"):
            weights[name] = rng.uniform(0.5, 2, shape).astype(np.float32)
        elif name.endswith("weight"):
            weights[name] = rng.uniform(0.5, 1.5, shape).astype(np.float32)
        else:
            weights[name] = rng.normal(0, 0.1, shape).astype(np.float32)
    return weights


def picture(seed: int, height: int, width: int) -> Array:
    """Smooth colours, an edge and noise: u8 [height, width, 3]."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width] / 16
    waves = [np.sin(x * a + y * b + c) for a, b, c in rng.uniform(0.2, 2.5, (3, 3))]
    field = np.stack(waves, 2) * 70 + 128 + rng.normal(0, 12, (height, width, 3)) + 40 * (x > y)[..., None]
    return np.clip(field, 0, 255).astype(np.uint8)


class PackCase(unittest.TestCase):
    """A pack of one architecture with random weights in a folder of its own."""

    architecture: str

    @classmethod
    def setUpClass(cls) -> None:
        holder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(holder.cleanup)
        cls.folder = Path(holder.name)
        files = cls.write_files(cls.folder)
        entry = Entry("test", cls.architecture, "0.0.1", "MIT", "Random.", long_side=64, multiple=32)
        assert set(files) == set(ARCHITECTURES[cls.architecture])
        convert(entry, files, cls.folder / "pack")
        cls.pack = Pack(cls.folder / "pack")

    @classmethod
    def write_files(cls, folder: Path) -> dict[str, Path]:
        raise NotImplementedError

    def assert_same_pixels(self, a: Array, b: Array) -> None:
        self.assertEqual(a.shape, b.shape)
        self.assertLessEqual(int(np.abs(a.astype(int) - b.astype(int)).max()), 1)
        within = ((b > 0) & (b < 255)).mean()
        self.assertTrue(b.std() > 8 and within > 0.3, f"a picture with little in it proves little: {b.std()}, {within}")

    def assert_tiles_equal_the_whole(self, halo: int, stride: int, code: Array | None) -> None:
        """Every place of a picture is painted alike in one piece and, given its statistics, in a window with the halo around it."""
        photo = picture(5, 192, 256)
        alpha = np.random.default_rng(6).uniform(0, 1, (1, 1, 192 // stride, 256 // stride)).astype(np.float32)
        look = {"alpha": alpha} | ({} if code is None else {"code": code})
        whole = self.pack.run("paint", image=photo[None], **look)[0][0]
        statistics = self.pack.run("measure", image=photo[None], **look)[0]
        top, left, core = halo, halo, 8
        bottom, right = min(top + core + halo, 192), min(left + core + halo, 256)
        look["alpha"] = alpha[:, :, : bottom // stride, : right // stride]
        part = self.pack.run("tile", image=photo[None, :bottom, :right], statistics=statistics, **look)[0][0]
        self.assert_same_pixels(part[: top + core, : left + core], whole[: top + core, : left + core])
        look["alpha"] = alpha[:, :, (192 - bottom) // stride :, (256 - right) // stride :]
        part = self.pack.run("tile", image=photo[None, 192 - bottom :, 256 - right :], statistics=statistics, **look)[0][0]
        self.assert_same_pixels(part[halo:, halo:], whole[192 - bottom + halo :, 256 - right + halo :])

    def assert_batches_equal_single_pictures(self, stride: int, code: Array | None) -> None:
        photos = np.stack([picture(seed, 96, 128) for seed in (7, 8)])
        alpha = np.random.default_rng(9).uniform(0, 1, (2, 1, 96 // stride, 128 // stride)).astype(np.float32)
        codes = {} if code is None else {"code": np.concatenate([code, code * np.float32(0.9)])}
        together = self.pack.run("paint", image=photos, alpha=alpha, **codes)[0]
        for i in range(2):
            one = {name: value[i : i + 1] for name, value in codes.items()}
            single = self.pack.run("paint", image=photos[i : i + 1], alpha=alpha[i : i + 1], **one)[0][0]
            self.assert_same_pixels(together[i], single)
