"""The graphs agree with the networks, for random weights and awkward sizes."""

from __future__ import annotations

import tempfile
import unittest
from pathlib import Path

import numpy as np
import torch
from velatura_convert.pack import Depth, Levels, Manifest, write_pack
from velatura_convert.runtime import Pack

from velatura_training.depth_net import DepthNet
from velatura_training.export.depth_graph import depth_graph
from velatura_training.export.style_graphs import STYLE_GRAPHS, channels
from velatura_training.export.weights import style_weights
from velatura_training.style_net import StyleNet


def rounded(net: torch.nn.Module) -> torch.nn.Module:
    """Weights as the graphs store them."""
    net.load_state_dict({k: v.half().float() if v.is_floating_point() else v for k, v in net.state_dict().items()})
    return net.eval()


class Export(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        torch.manual_seed(1)
        cls.style, cls.depth = StyleNet(), DepthNet()
        torch.nn.init.normal_(cls.style.weigh.weight, std=0.02)  # zero before training
        rounded(cls.style)
        for _ in range(20):  # running statistics that are not the initial ones
            cls.depth(torch.rand(2, 3, 64, 64))
        cls.depth.eval()
        weights = {k: v.numpy() for k, v in cls.style.state_dict().items()}
        graphs = {name: build(weights) for name, build in STYLE_GRAPHS.items()} | {"depth": depth_graph(cls.depth, np.float32)}
        paint = Levels(multiple=4, minimum=16, halo=48, levels=tuple((count, 4) for count in channels(weights)))
        manifest = Manifest("test", "0.0.0", "Apache-2.0", "Random.", paint, Depth("nearer-is-larger", 384, 32))
        cls.folder = tempfile.TemporaryDirectory()
        write_pack(Path(cls.folder.name), manifest, graphs)
        cls.pack = Pack(Path(cls.folder.name))
        cls.rng = np.random.default_rng(2)

    @classmethod
    def tearDownClass(cls) -> None:
        cls.folder.cleanup()

    def pixels(self, height: int, width: int) -> np.ndarray:
        return self.rng.integers(0, 256, (height, width, 3), np.uint8)

    def test_paint_is_the_network(self) -> None:
        for height, width in ((16, 16), (40, 64), (104, 72)):
            photo, painting = self.pixels(height, width), self.pixels(48, 56)
            alpha = self.rng.uniform(0, 1, (height // 4, width // 4)).astype(np.float32)
            painted = self.pack.paint(photo, self.pack.code(painting), alpha)
            c, s = (torch.from_numpy(p.copy()).permute(2, 0, 1)[None] / 255 for p in (photo, painting))
            large = torch.from_numpy(alpha)[None, None].repeat_interleave(4, 2).repeat_interleave(4, 3)
            with torch.no_grad():
                own = (self.style(c, self.style.style(s), large)[0].clamp(0, 1) * 255 + 0.5).floor()
            self.assertLessEqual(np.abs(own.permute(1, 2, 0).numpy() - painted).max(), 1)

    def test_a_pack_gives_its_weights_back(self) -> None:
        weights = style_weights(Path(self.folder.name))
        self.assertEqual(set(weights), set(self.style.state_dict()))
        for name, value in self.style.state_dict().items():
            self.assertTrue(np.array_equal(weights[name], value.numpy()), name)

    def test_depth_is_the_network(self) -> None:
        for height, width in ((32, 32), (32, 128), (96, 160)):
            photo = self.pixels(height, width)
            with torch.no_grad():
                own = self.depth(torch.from_numpy(photo.copy()).permute(2, 0, 1)[None] / 255)[0, 0].numpy()
            exported = self.pack.depth(photo)
            self.assertEqual(exported.shape, (height // 4, width // 4))
            self.assertLess(np.abs(exported - own).max(), 1e-3 * max(own.std(), 0.1))

    def test_strength_zero_is_the_photo(self) -> None:
        photo, painting = self.pixels(40, 64), self.pixels(48, 56)
        self.assertTrue(np.array_equal(self.pack.paint(photo, self.pack.code(painting), 0.0), photo))

    def test_constant_pictures_stay_finite(self) -> None:
        flat = np.full((16, 24, 3), 77, np.uint8)
        self.assertTrue(np.isfinite(self.pack.code(flat)).all())
        self.assertEqual(self.pack.paint(flat, self.pack.code(flat)).shape, flat.shape)

    def test_batches_equal_single_pictures(self) -> None:
        photos = np.stack([self.pixels(32, 40) for _ in range(3)])
        codes = self.pack.run("style", image=photos)[0]
        alpha = np.ones((3, 1, 8, 10), np.float32)
        together = self.pack.run("paint", image=photos, code=codes, alpha=alpha)[0]
        for i in range(3):
            single = self.pack.paint(photos[i], codes[i : i + 1])
            self.assertLessEqual(np.abs(together[i].astype(int) - single).max(), 1)


if __name__ == "__main__":
    unittest.main()
