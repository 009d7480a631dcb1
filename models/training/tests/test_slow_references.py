"""The evaluation's slow references, which need PyTorch and so are tested here: Gatys' optimisation, and Liu's depth loss with it."""

from __future__ import annotations

import sys
import unittest
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import torch

sys.path.append(str(Path(__file__).resolve().parents[2] / "evaluate"))

from velatura_evaluate.features import vgg_graph  # noqa: E402
from velatura_evaluate.slow import gram, optimised  # noqa: E402
from velatura_evaluate.torch_graph import TorchGraph  # noqa: E402

from velatura_training.depth_net import DepthNet  # noqa: E402
from velatura_training.export.depth_graph import depth_graph  # noqa: E402


def random_features(rng: np.random.Generator) -> onnx.ModelProto:
    """A graph of the feature network's kind, small and random."""
    sizes = {"conv0": (3, 3, 1), "conv11": (8, 3, 3), "conv12": (8, 8, 3), "conv21": (16, 8, 3), "conv22": (16, 16, 3)}
    sizes |= {"conv31": (24, 16, 3)}
    sizes |= {name: (24, 24, 3) for name in ("conv32", "conv33", "conv34", "conv41")}
    sizes |= {f"{name}_aux": (2 * sizes[name][0], sizes[name][0], 1) for name in ("conv11", "conv21", "conv31", "conv41")}
    weights = {}
    for name, (outputs, inputs, kernel) in sizes.items():
        deviation = (2 / (inputs * kernel * kernel)) ** 0.5
        weights[f"{name}.weight"] = rng.normal(0, deviation, (outputs, inputs, kernel, kernel)).astype(np.float32)
        weights[f"{name}.bias"] = rng.normal(0, 0.1, outputs).astype(np.float32)
    return vgg_graph(weights)


class SlowReferences(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        torch.manual_seed(5)
        rng = np.random.default_rng(5)
        cls.features, cls.depth = random_features(rng), depth_graph(DepthNet().eval(), np.float32)
        across = np.linspace(0, 255, 64)
        channels = np.add.outer(across, across) / 2, np.tile(across, (64, 1)), np.tile(255 - across, (64, 1))
        cls.photo = np.stack(channels, 2).astype(np.uint8)
        cls.style = rng.integers(0, 256, (64, 64, 3), np.uint8)

    def test_graphs_compute_in_torch_what_they_compute_in_onnx_runtime(self) -> None:
        for graph in (self.features, self.depth):
            session = ort.InferenceSession(graph.SerializeToString(), providers=["CPUExecutionProvider"])
            wanted = session.run(None, {session.get_inputs()[0].name: self.photo[None]})
            with torch.no_grad():
                own = TorchGraph(graph)(torch.from_numpy(self.photo).float()[None])
            for one, other in zip(own, wanted, strict=True):
                self.assertLess(np.abs(one.numpy() - other).max(), 1e-3 * (1 + np.abs(other).max()))

    def distances(self, picture: np.ndarray) -> tuple[float, float]:
        """To the style by Gram matrices, and to the photo's depth."""
        features, depth = TorchGraph(self.features), TorchGraph(self.depth)
        with torch.no_grad():
            pixels, style, photo = (torch.from_numpy(p.copy()).float()[None] for p in (picture, self.style, self.photo))
            wanted = [gram(m) for m in features(style)]
            to_style = sum((gram(m) - w).square().mean() / w.square().mean() for m, w in zip(features(pixels), wanted))
            return float(to_style), float((depth(pixels)[0] - depth(photo)[0]).square().mean())

    def test_gatys_nears_the_style_and_lius_loss_keeps_the_depth(self) -> None:
        gatys, liu = (optimised(self.photo, self.style, self.features, self.depth, weight, 40) for weight in (0.0, 30.0))
        (start, _), (gatys_style, gatys_depth), (_, liu_depth) = (self.distances(p) for p in (self.photo, gatys, liu))
        self.assertLess(gatys_style, 0.5 * start)
        self.assertLess(liu_depth, 0.5 * gatys_depth)


if __name__ == "__main__":
    unittest.main()
