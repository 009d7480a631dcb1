"""Crops drawn on a device, and the teacher asked about them there."""

from __future__ import annotations

import tempfile
import unittest
from pathlib import Path

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from onnx import TensorProto, helper, numpy_helper
from PIL import Image
from velatura_training.config import DepthSettings, Schedule
from velatura_training.depth_net import STAGES, DepthNet
from velatura_training.depth_steps import Lessons
from velatura_training.depth_teacher import SEEN, ask_teacher, open_teacher
from velatura_training.fresh_crops import SHAPES, FreshCrops, Pictures, random_boxes
from velatura_training.replay import Replay, Shelf
from velatura_training.split import is_judge
from velatura_training.teacher_net import TeacherNet

CPU = torch.device("cpu")


def write_teacher(path: Path) -> None:
    """A graph of the teacher's five kinds of nodes that sees something at all of its places."""
    rng = np.random.default_rng(3)
    nodes, values = [helper.make_node("Identity", ["image"], ["same"])], {"scale": np.array([1, 1, 2, 2], np.float32)}

    def conv(source: str, inputs: int, outputs: int, stride: int, name: str) -> None:
        values[f"{name}_w"] = rng.normal(0, 1 / stride, (outputs, inputs, stride, stride)).astype(np.float32)
        values[f"{name}_b"] = rng.normal(0, 1, outputs).astype(np.float32)
        nodes.append(helper.make_node("Conv", [source, f"{name}_w", f"{name}_b"], [f"{name}_pre"], strides=[stride, stride],
                                      pads=[0, 0, 0, 0], group=1, kernel_shape=[stride, stride], dilations=[1, 1]))
        values[f"{name}_lo"], values[f"{name}_hi"] = np.float32(-1), np.float32(2)
        nodes.append(helper.make_node("Clip", [f"{name}_pre", f"{name}_lo", f"{name}_hi"], [name]))

    for place in SEEN.values():
        conv("same", 3, place.channels, place.stride, place.tensor)
    conv("same", 3, 1, 2, "half")
    nodes.append(helper.make_node("Add", ["half", "half"], ["both"]))
    nodes.append(helper.make_node("Resize", ["both", "", "scale"], ["depth"], mode="nearest", nearest_mode="floor",
                                  coordinate_transformation_mode="asymmetric"))
    graph = helper.make_graph(
        nodes, "teacher", [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, "H", "W"])],
        [helper.make_tensor_value_info("depth", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in values.items()])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), path)


def write_pictures(folder: Path, count: int) -> list[Path]:
    """Of 40 x 60 pixels and noise; some of these names judge."""
    rng = np.random.default_rng(4)
    paths = [folder / f"{index}.png" for index in range(30, 30 + count)]
    for path in paths:
        Image.fromarray(rng.integers(0, 256, (40, 60, 3), np.uint8)).save(path)
    return paths


class FreshCropsOfPictures(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.paths = write_pictures(self.folder, 30)

    def test_a_crop_is_what_lies_in_its_box(self) -> None:
        pictures = Pictures(self.paths[:2], CPU)
        wanted = torch.from_numpy(np.asarray(Image.open(self.paths[1])).copy()).permute(2, 0, 1).float() / 255
        whole, mirrored, part, half = (pictures.crops(torch.tensor([1]), torch.tensor([box]), shape)[0] for box, shape in (
            ((0.0, 0.0, 40.0, 60.0), (40, 60)), ((0.0, 60.0, 40.0, 0.0), (40, 60)), ((8.0, 20.0, 24.0, 52.0), (16, 32)),
            ((0.0, 0.0, 40.0, 60.0), (20, 30))))
        for got, expected in ((whole, wanted), (mirrored, wanted.flip(2)), (part, wanted[:, 8:24, 20:52]), (half, F.avg_pool2d(wanted, 2))):
            self.assertLess(float((got - expected).abs().max()), 1e-5)

    def test_boxes_lie_in_their_pictures_and_nearly_have_their_shape(self) -> None:
        sizes = torch.tensor([[40, 60], [500, 100], [320, 320]]).repeat(200, 1)
        for shape in SHAPES:
            top, left, bottom, right = random_boxes(sizes, shape, torch.Generator().manual_seed(2)).unbind(1)
            width = (right - left).abs()
            self.assertTrue(bool((torch.minimum(left, right) > -1e-3).all() and (torch.maximum(left, right) < sizes[:, 1] + 1e-3).all()))
            self.assertTrue(bool((top > -1e-3).all() and (bottom < sizes[:, 0] + 1e-3).all()))
            stretch = width / (bottom - top) / (shape[1] / shape[0])
            self.assertTrue(bool(((stretch > 0.85) & (stretch < 1.17)).all()))
            self.assertAlmostEqual(float((right < left).float().mean()), 0.5, delta=0.08)

    def test_the_teacher_says_on_a_device_what_it_says_in_its_runtime(self) -> None:
        write_teacher(path := self.folder / "teacher.onnx")
        pixels = np.asarray(Image.open(self.paths[0]).resize((64, 32)))
        answer, *seen = ask_teacher(open_teacher(path, seen=True), pixels)
        said = TeacherNet(path)(torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None].float() / 255)
        for name, wanted in zip(SEEN, seen, strict=True):
            self.assertLess(float((said[name] - torch.from_numpy(wanted)).abs().max()), 1e-5, name)
        self.assertLess(float((said["depth"] - F.avg_pool2d(torch.from_numpy(answer), 4)).abs().max()), 1e-5)

    def test_pictures_that_judge_are_not_drawn(self) -> None:
        write_teacher(path := self.folder / "teacher.onnx")
        crops = FreshCrops([self.paths], [1.0], path, CPU)
        self.assertEqual(len(crops.collections[0]), sum(not is_judge(picture) for picture in self.paths))
        self.assertEqual(len(crops.collections[0]), 27)

    def test_crops_come_back_from_the_shelf_as_they_were_put(self) -> None:
        write_teacher(path := self.folder / "teacher.onnx")
        crops, shelf = FreshCrops([self.paths], [1.0], path, CPU), Shelf(5)
        first, second = (crops.draw((32, 64), 3, torch.Generator().manual_seed(seed)) for seed in (1, 2))
        self.assertEqual([shelf.put(drawn).tolist() for drawn in (first, second)], [[0, 1, 2], [3, 4, 0]])
        taken = shelf.take(torch.tensor([2, 0]), first)
        self.assertEqual(len(shelf), 5)
        for name, got in taken.items():
            wanted = torch.stack((first[name][2], second[name][2]))
            step = SEEN[name].step if name in SEEN else 1 / 255
            self.assertLess(float((got - wanted).abs().max()), 0.51 * step, name)

    def test_a_batch_is_fresh_at_first_and_then_in_part(self) -> None:
        write_teacher(path := self.folder / "teacher.onnx")
        replay, rng = Replay(FreshCrops([self.paths], [1.0], path, CPU), kept=40), torch.Generator().manual_seed(3)
        for _ in range(40):
            batch = replay.batch(4 * 288 * 384, rng, ("image", "deep5"))
        self.assertEqual((set(batch), len(batch["image"])), ({"image", "deep5"}, len(batch["deep5"])))
        for shape, shelf in replay.shelves.items():
            whole = max(1, round(4 * 288 * 384 / (shape[0] * shape[1])))
            self.assertGreater(shelf.put_so_far, 4 * whole)
            self.assertLess(shelf.put_so_far, 8 * whole)

    def test_every_stage_learns_by_itself_and_in_a_row(self) -> None:
        write_teacher(path := self.folder / "teacher.onnx")
        crops = Replay(FreshCrops([self.paths], [1.0], path, CPU), kept=60)
        torch.manual_seed(5)
        net = DepthNet()
        lessons = Lessons(DepthSettings(Schedule(1e-3, budget_seconds=1.0, batch=4), hints=0.5, last_hints=0.1, trendless=1.0), crops)
        apart = lessons.apart(net, torch.Generator().manual_seed(6))
        sum(weight * term for weight, term in apart.values()).backward()
        silent = [name for name, weight in net.named_parameters() if weight.grad is None]
        self.assertEqual((set(apart), silent), (set(STAGES) - {"up16", "head"} | {"depth"}, []))
        together = lessons.together(net, torch.Generator().manual_seed(7), progress=0.5)
        self.assertEqual(set(together), set(SEEN) | {"depth"})
        self.assertAlmostEqual(together["deep5"][0], 0.3)


if __name__ == "__main__":
    unittest.main()
