"""Single-style networks: the pack paints what pytorch/examples computes, from a state dictionary and from an exported ONNX file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from velatura_convert import johnson
from velatura_convert.torch_file import Unreadable

from .reference import conv, mean_std, nearest, pixels, planes, relu
from .support import PackCase, picture, random_weights

Array = np.ndarray


def published(weights: dict[str, Array]) -> dict[str, Array]:
    """Names as in the published files, with what old ones hold beside the weights."""
    names = {n: n.replace(".weight", ".conv2d.weight").replace(".bias", ".conv2d.bias") if "conv" in n else n for n in weights}
    return {names[n]: v for n, v in weights.items()} | {"in1.running_mean": np.zeros(32, np.float32)}


def reference(w: dict[str, Array], photo: Array) -> Array:
    """TransformerNet.forward."""

    def norm(x: Array, name: str) -> Array:
        mean, std = mean_std(x, False)
        return (x - mean) / std * w[f"{name}.weight"][:, None, None] + w[f"{name}.bias"][:, None, None]

    layer = lambda x, c, n, stride=1: norm(conv(x, w[f"{c}.weight"], w[f"{c}.bias"], stride), n)  # noqa: E731
    x = relu(layer(planes(photo, 255.0), "conv1", "in1"))
    x = relu(layer(relu(layer(x, "conv2", "in2", 2)), "conv3", "in3", 2))
    for r in johnson.RESIDUALS:
        x = layer(relu(layer(x, f"{r}.conv1", f"{r}.in1")), f"{r}.conv2", f"{r}.in2") + x
    x = relu(layer(nearest(relu(layer(nearest(x), "deconv1", "in4"))), "deconv2", "in5"))
    return pixels(conv(x, w["deconv3.weight"], w["deconv3.bias"]), 255.0)


class Johnson(PackCase):
    architecture = "johnson"

    @classmethod
    def write_files(cls, folder: Path) -> dict[str, Path]:
        cls.weights = random_weights(johnson.shapes(), 1)
        cls.weights["deconv3.weight"] *= 50
        cls.weights["deconv3.bias"][:] = 128
        np.savez(folder / "network.npz", **published(cls.weights))
        return {"network": folder / "network.npz"}

    def paint(self, photo: Array, alpha: Array | float) -> Array:
        field = np.broadcast_to(np.float32(alpha), (1, 1, *photo.shape[:2])).copy()
        return self.pack.run("paint", image=photo[None], alpha=field)[0][0]

    def test_painting_is_the_published_computation(self) -> None:
        photo = picture(1, 40, 52)
        self.assert_same_pixels(self.paint(photo, 1.0), reference(self.weights, photo))

    def test_without_strength_the_photo_stays_as_it_is(self) -> None:
        photo = picture(2, 40, 52)
        np.testing.assert_array_equal(self.paint(photo, 0.0), photo)

    def test_strength_blends_painting_and_photo(self) -> None:
        photo = picture(3, 40, 52)
        half = 0.5 * reference(self.weights, photo).astype(float) + 0.5 * photo
        self.assert_same_pixels(self.paint(photo, 0.5), np.floor(half + 0.5).astype(np.uint8))

    def test_tiles_equal_the_whole(self) -> None:
        self.assert_tiles_equal_the_whole(johnson.graphs(self.weights)[0].halo, 1, None)

    def test_batches_equal_single_pictures(self) -> None:
        self.assert_batches_equal_single_pictures(1, None)

    def test_an_exported_onnx_file_is_read_by_the_order_of_its_layers(self) -> None:
        nodes, tensors, x = [], [], "input1"
        for i, (name, norm, *_) in enumerate(johnson.LAYERS):
            for kind, layer in (("Conv", name), ("InstanceNormalization", norm)):
                if layer:
                    parts = [f"{i}.{kind}.{part}" for part in range(2)]
                    tensors += [numpy_helper.from_array(self.weights[f"{layer}.{p}"], n) for p, n in zip(("weight", "bias"), parts)]
                    nodes.append(helper.make_node(kind, [x, *parts], [f"{kind}_{i}"]))
                    x = f"{kind}_{i}"
        ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in ("input1", x)]
        path = self.folder / "exported.onnx"
        onnx.save(helper.make_model(helper.make_graph(nodes, "exported", ends[:1], ends[1:], tensors)), path)
        loaded = johnson.load({"network": path})
        self.assertEqual(loaded.keys(), self.weights.keys())
        for name, value in loaded.items():
            np.testing.assert_array_equal(value, self.weights[name])

    def test_another_network_is_refused_by_name(self) -> None:
        np.savez(self.folder / "other.npz", **{n: v for n, v in published(self.weights).items() if not n.startswith("res5")})
        with self.assertRaisesRegex(Unreadable, "other.npz has no res5"):
            johnson.load({"network": self.folder / "other.npz"})
