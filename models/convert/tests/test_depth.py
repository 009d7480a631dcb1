"""Depth networks as published: the pack normalises what the file does not, and gives what the file gives."""

from __future__ import annotations

import tempfile
import unittest
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper
from velatura_convert.catalogue import Entry
from velatura_convert.convert import convert
from velatura_convert.depth_onnx import DEVIATION, MEAN
from velatura_convert.runtime import Pack
from velatura_convert.torch_file import Unreadable

from .support import picture


def published(side: int | None, own_normalisation: bool, channel: bool, opset: int) -> onnx.ModelProto:
    """A small network with the interface of MiDaS small (fixed size, normalises itself) or Depth Anything (any size, does not)."""
    rng = np.random.default_rng(1)
    weights = {
        "first": rng.normal(0, 0.3, (8, 3, 3, 3)), "second": rng.normal(0, 0.3, (1, 8, 3, 3)),
        "mean": np.reshape(MEAN, (1, 3, 1, 1)), "deviation": np.reshape(DEVIATION, (1, 3, 1, 1)), "axes": np.array([1]),
    }  # fmt: skip
    tensors = [numpy_helper.from_array(v if n == "axes" else v.astype(np.float32), n) for n, v in weights.items()]
    nodes, x = [], "0"
    if own_normalisation:
        nodes += [helper.make_node("Sub", ["0", "mean"], ["centred"]), helper.make_node("Div", ["centred", "deviation"], ["normal"])]
        x = "normal"
    nodes += [
        helper.make_node("Conv", [x, "first"], ["a"], strides=[2, 2], pads=[1] * 4),
        helper.make_node("Relu", ["a"], ["b"]),
        helper.make_node("Conv", ["b", "second"], ["c"], pads=[1] * 4),
        helper.make_node("Relu", ["c"], ["d"]),
    ]
    answer = "d"
    if not channel:
        axes = {"axes": [1]} if opset < 13 else {}
        nodes.append(helper.make_node("Squeeze", ["d"] if opset < 13 else ["d", "axes"], ["797"], **axes))
        answer = "797"
    batch, size = (1, [side, side]) if side else ("batch", ["height", "width"])
    half = [s // 2 if side else f"{s}/2" for s in size]
    photo = helper.make_tensor_value_info("0", TensorProto.FLOAT, [batch, 3, *size])
    depth = helper.make_tensor_value_info(answer, TensorProto.FLOAT, [batch, *([1] if channel else []), *half])
    graph = helper.make_graph(nodes, "published", [photo], [depth], [t for t in tensors if any(t.name in n.input for n in nodes)])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=6)


class DepthNetworks(unittest.TestCase):
    def setUp(self) -> None:
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = Path(holder.name)

    def convert(self, model: onnx.ModelProto, unit_pixels: bool = False) -> Pack:
        onnx.save(model, self.folder / "published.onnx")
        entry = Entry("test", "depth", "1.0.0", "MIT", "Random.", long_side=112, multiple=14, unit_pixels=unit_pixels)
        convert(entry, {"network": self.folder / "published.onnx"}, self.folder / "pack")
        return Pack(self.folder / "pack")

    def test_a_pack_gives_what_the_file_gives(self) -> None:
        for side, own, channel, opset in ((64, True, False, 10), (64, False, True, 11), (None, False, False, 17), (None, True, True, 18)):
            model = published(side, own, channel, opset)
            photo = picture(2, side or 56, side or 70)
            x = photo.transpose(2, 0, 1)[None].astype(np.float32) / 255
            if not own:
                x = (x - np.reshape(np.float32(MEAN), (1, 3, 1, 1))) / np.reshape(np.float32(DEVIATION), (1, 3, 1, 1))
            expected = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"]).run(None, {"0": x})[0]
            found = self.convert(model).depth(photo)
            np.testing.assert_allclose(found, expected.reshape(found.shape), rtol=1e-4, atol=1e-4 * expected.max())
            self.assertGreater(found.std(), 0.05)

    def test_plain_pixels_are_given_to_networks_that_want_them(self) -> None:
        model, photo = published(None, False, False, 17), picture(3, 56, 70)
        x = photo.transpose(2, 0, 1)[None].astype(np.float32) / 255
        expected = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"]).run(None, {"0": x})[0]
        np.testing.assert_allclose(self.convert(model, unit_pixels=True).depth(photo), expected[0], rtol=1e-4, atol=1e-4)

    def test_the_manifest_says_what_the_file_wants(self) -> None:
        self.convert(published(64, True, False, 10))
        text = (self.folder / "pack" / "pack.toml").read_text()
        self.assertIn('convention = "nearer-is-larger"', text)  # the engine turns inverse depth round
        self.assertRegex(text, r"long_side = 64 .*\nmultiple = 64\n")  # a square: nothing else fits
        self.assertNotIn("[paint]", text)
        self.convert(published(None, False, False, 17))
        self.assertRegex((self.folder / "pack" / "pack.toml").read_text(), r"long_side = 112 .*\nmultiple = 14\n")

    def test_another_network_is_refused(self) -> None:
        wide = published(64, False, True, 18)
        wide.graph.output[0].type.tensor_type.shape.dim.add().dim_value = 7
        with self.assertRaisesRegex(Unreadable, "another network"):
            self.convert(wide)
        (self.folder / "published.onnx").write_text("<html>")
        entry = Entry("test", "depth", "1.0.0", "MIT", "Random.")
        with self.assertRaisesRegex(Unreadable, "published.onnx: it is no ONNX file"):
            convert(entry, {"network": self.folder / "published.onnx"}, self.folder / "pack")
