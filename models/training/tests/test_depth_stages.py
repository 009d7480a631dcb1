"""What the stages of the depth network learn from: the teacher's features, and their own."""

from __future__ import annotations

import tempfile
import unittest
from pathlib import Path

import numpy as np
import onnx
import torch
from velatura_training.depth_data import DepthLabels, Labelled
from velatura_training.depth_mean import mean
from velatura_training.depth_net import STAGES, ConvNorm, DepthNet
from velatura_training.depth_own import rewrite
from velatura_training.depth_pack import normalised, unfolded
from velatura_training.depth_teacher import SEEN
from velatura_training.export.depth_graph import depth_graph

CPU = torch.device("cpu")


def write_labels(folder: Path, count: int) -> DepthLabels:
    """Random crops of 32 x 64 in which the teacher sees the largest values everywhere."""
    rng = np.random.default_rng(7)
    np.save(folder / "image.npy", rng.integers(0, 256, (count, 32, 64, 3), np.uint8))
    np.save(folder / "depth.npy", rng.normal(0, 1, (count, 8, 16)).astype(np.float16))
    for name, place in SEEN.items():
        np.save(folder / f"{name}.npy", np.full((count, place.channels, 32 // place.stride, 64 // place.stride), 127, np.int8))
    return DepthLabels(folder)


class DepthStages(unittest.TestCase):
    def test_a_stage_starts_from_what_it_is_given(self) -> None:
        torch.manual_seed(6)
        net, image = DepthNet().eval(), torch.rand(1, 3, 64, 96)
        with torch.no_grad():
            known = {"image": image}
            seen = net.seen(known)
            for name, place in SEEN.items():
                self.assertEqual(seen[name].shape, (1, place.channels, 64 // place.stride, 96 // place.stride))
            self.assertTrue(torch.equal(net(image), seen["head"]))
            other = known | seen | {"down16": seen["down16"] + 1}
            differ = {stage for stage in STAGES if not torch.equal(net.seen(other, [stage])[stage], seen[stage])}
        # The next stages see the change, those before and those after them do not.
        self.assertEqual(differ, {"down32", "beside1"})

    def test_folding_a_measured_normalisation_changes_nothing(self) -> None:
        rng = torch.Generator().manual_seed(8)
        for layer in (ConvNorm(6, 24), ConvNorm(24, 24, 3, stride=2, groups=24, relu=False)):
            for values in (layer.norm.weight, layer.norm.bias, layer.norm.running_mean, layer.norm.running_var):
                values.data.uniform_(0.5, 2, generator=rng)
            image = torch.randn(2, layer.conv.in_channels, 7, 10, generator=rng)
            with torch.no_grad():
                wanted = layer.eval().norm(layer.conv(image))
                found = layer(image)
            self.assertLess(float((found - (wanted.relu() if layer.relu else wanted)).abs().max()), 1e-4)

    def test_labels_come_back_as_the_teacher_saw_them(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            labels = write_labels(Path(folder), 3)
            batch = labels.batch([0, 2], CPU)
            drawn = Labelled([Path(folder)], CPU).batch(5 * labels.pixels, torch.Generator().manual_seed(1), ("image", "down32"))
        self.assertEqual((len(labels), batch["image"].shape, batch["depth"].shape), (3, (2, 3, 32, 64), (2, 1, 8, 16)))
        for name, place in SEEN.items():
            self.assertAlmostEqual(float(batch[name].min()), place.range, places=4)
        self.assertEqual((set(drawn), len(drawn["down32"])), ({"image", "down32"}, 5))

    def test_rewritten_labels_have_what_the_first_stages_see_and_all_else_as_it_was(self) -> None:
        torch.manual_seed(9)
        net = DepthNet().eval()
        with tempfile.TemporaryDirectory() as folder:
            (before := Path(folder) / "before").mkdir()
            given = write_labels(before, 10).batch([1, 9], CPU)
            rewrite(net, before, "down8", Path(folder) / "after")
            with self.assertRaisesRegex(SystemExit, "there already"):
                rewrite(net, before, "down8", Path(folder) / "after")
            own = DepthLabels(Path(folder) / "after").batch([1, 9], CPU)
        with torch.no_grad():
            seen = net.seen({"image": given["image"]}, ["down4", "down8"])
        for name in given:
            place, wanted = SEEN.get(name), seen.get(name, given[name])
            if name in seen:
                wanted = wanted.clamp(-place.range, place.range)
            self.assertLess(float((own[name] - wanted).abs().max()), place.step if place else 1e-6, name)

    def test_the_mean_of_two_networks_is_between_them(self) -> None:
        one, other = (torch.nn.Sequential(torch.nn.Conv2d(2, 3, 1), torch.nn.BatchNorm2d(3)) for _ in range(2))
        wanted = (one[0].weight + other[0].weight).detach() / 2
        other[1].running_mean.fill_(4)
        self.assertTrue(torch.allclose(mean(one, other)[0].weight, wanted))
        self.assertTrue(torch.allclose(one[1].running_mean, torch.full((3,), 2.0)))

    def test_a_packs_network_goes_on_from_what_it_does(self) -> None:
        torch.manual_seed(10)
        net, images = DepthNet(), [torch.rand(1, 3, 64, 96) for _ in range(3)]
        for image in images:
            net(image)  # in training, so that its normalisations are no longer what they were
        with tempfile.TemporaryDirectory() as folder, torch.no_grad():
            onnx.save(depth_graph(net.eval(), np.float32), path := Path(folder) / "depth.onnx")
            plain = unfolded(path)
            onnx.save(onnx.helper.make_model(onnx.helper.make_graph([], "other", [], [])), other := Path(folder) / "other.onnx")
            with self.assertRaisesRegex(SystemExit, "other.onnx is no depth network of this version"):
                unfolded(other)
            wanted, found = net(images[0]), plain(images[0])
            self.assertLess(float((wanted - found).abs().max()), 1e-3 * float(wanted.abs().max()))
            again = normalised(plain, images)
            self.assertLess(float((wanted - again(images[0])).abs().max()), 1e-3 * float(wanted.abs().max()))
            # And now it can be trained: normalising by the batch changes nothing, either.
            for norm in (module for module in again.modules() if isinstance(module, torch.nn.BatchNorm2d)):
                self.assertGreater(float((norm.running_var - 1).abs().max()), 1e-3)
            trained = again.train()(torch.cat(images))[:1]
            self.assertLess(float((wanted - trained).abs().max()), 1e-3 * float(wanted.abs().max()))


if __name__ == "__main__":
    unittest.main()
