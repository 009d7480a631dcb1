"""Losses, strength maps and resume points behave as documented."""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import tempfile
import threading
import unittest
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from velatura_training import checkpoint, split, style_losses
from velatura_training.alpha import random_alpha
from velatura_training.config import DepthSettings, Schedule, StyleSettings, load_settings
from velatura_training.curves import draw_curves
from velatura_training.depth_loss import depth_loss, within_rows, without_trend
from velatura_training.depth_mean import NOT_BEGUN
from velatura_training.depth_net import STAGES
from velatura_training.loop import Run, train
from velatura_training.paintings import recolour
from velatura_training.ranks import detrended, rank_correlation, row_accuracy
from velatura_training.style_net import StyleNet


class Training(unittest.TestCase):
    def test_depth_loss_ignores_scale_and_shift(self) -> None:
        depth = torch.rand(2, 1, 32, 32)
        self.assertLess(float(depth_loss(3 * depth + 5, depth)), 1e-3)
        self.assertGreater(float(depth_loss(-depth, depth)), 1.0)

    def test_a_trend_says_nothing_once_it_is_taken_away(self) -> None:
        depth = torch.rand(2, 1, 32, 48)
        tilted = depth + torch.linspace(-4, 4, 32)[:, None]
        self.assertLess(float((without_trend(tilted) - without_trend(depth)).abs().max()), 1e-4)
        wanted = detrended(tilted[1, 0].numpy())
        self.assertLess(float(np.abs(without_trend(tilted)[1, 0].numpy() - wanted).max()), 1e-4)
        self.assertGreater(float(depth_loss(tilted, depth, trendless=1.0)), float(depth_loss(tilted, depth)))

    def test_a_part_of_the_style_network_starts_from_what_it_is_given(self) -> None:
        torch.manual_seed(8)
        net = StyleNet().eval()
        torch.nn.init.normal_(net.weigh.weight, std=0.02)  # zero before training
        photo, painting = torch.rand(1, 3, 32, 48), torch.rand(1, 3, 40, 40)
        with torch.no_grad():
            picture, seen = net.seen(photo, painting)
            self.assertTrue(torch.allclose(net(photo, net.style(painting), torch.ones(1, 1, 32, 48)), picture, atol=1e-5))
            for place, later in (("photo_1", {"joined"}), ("painting_0", {"joined", "filtered", "picture"}), ("filtered", {"picture"})):
                other, changed = net.seen(photo, painting, seen | {place: seen[place] * 1.5})
                changed["picture"] = other
                differ = {name for name in changed if not torch.equal(changed[name], {**seen, "picture": picture}[name])}
                self.assertEqual(differ, later)

    def test_a_ramp_says_nothing_about_rows(self) -> None:
        disparity = np.random.default_rng(1).uniform(20, 200, (60, 80))
        ramp = np.repeat(np.arange(60.0)[:, None], 80, 1)
        self.assertEqual(row_accuracy(ramp, disparity), 0.5)
        self.assertEqual(row_accuracy(disparity, disparity), 1.0)
        self.assertAlmostEqual(rank_correlation(disparity, -disparity), -1.0)
        self.assertLess(np.abs(detrended(3 * ramp + 2)).max(), 60 * 3)
        self.assertLess(detrended(3 * ramp + 2).std(), 1e-9)
        self.assertLess(float(within_rows(torch.from_numpy(ramp)[None, None]).abs().max()), 1e-9)

    def test_the_weave_is_seen_and_noise_is_not(self) -> None:
        rng = torch.Generator().manual_seed(3)
        cell = torch.randn(1, 1, 4, 4, generator=rng) * 0.05
        grid, noise = 0.5 + cell.repeat(1, 3, 16, 16), 0.5 + torch.randn(1, 3, 64, 64, generator=rng) * 0.05
        flat = style_losses.flatness(torch.full((1, 3, 64, 64), 0.5))
        seen, unseen = (float(style_losses.weave_loss(x, flat)) for x in (grid, noise))
        self.assertGreater(seen, 3 * unseen)
        inner = style_losses.unwoven(grid, flat)[..., 8:-8, 8:-8]
        self.assertLess(float(inner.std()), 1e-3)

    def test_strokes_go_with_the_photo_and_a_grid_does_not(self) -> None:
        rng = torch.Generator().manual_seed(5)
        strokes, grid = torch.rand(1, 3, 64, 64, generator=rng), torch.randn(1, 1, 4, 4, generator=rng).repeat(1, 3, 16, 16) * 0.05
        moved, still = strokes[..., 1:61, 3:63], grid[..., :60, :60]
        self.assertEqual(float(style_losses.steadiness_loss(strokes, moved, (1, 3))), 0.0)
        self.assertGreater(float(style_losses.steadiness_loss(strokes + grid, moved + still, (1, 3))), 0.02)

    def test_strength_maps_stay_in_range(self) -> None:
        alpha = random_alpha(40, 32, 0.2, torch.Generator().manual_seed(3))
        self.assertEqual(alpha.shape, (40, 1, 32, 32))
        self.assertTrue(0 <= float(alpha.min()) and float(alpha.max()) <= 1)

    def test_recolouring_keeps_grey(self) -> None:
        grey = np.full((4, 4, 3), 90, np.uint8)
        self.assertEqual(np.abs(recolour(grey, 1.3, 1.6).astype(int) - 90).max(), 0)

    def test_a_picture_has_one_fate_wherever_it_lies(self) -> None:
        paths = [Path(f"{folder}/{name}.jpg") for folder in ("a", "b") for name in map(str, range(400))]
        self.assertEqual([split.is_judge(p) for p in paths[:400]], [split.is_judge(p) for p in paths[400:]])
        share = len(split.trained_on(paths)) / len(paths)
        self.assertTrue(0.92 < share < 0.98, share)
        self.assertEqual(split.is_judge(Path("adain__12.png")), split.is_judge(Path("12.jpg")))
        hidden = Path("adain__picasso_self_portrait.jpg")
        self.assertFalse(split.is_judge(hidden) or hidden in split.trained_on([hidden]))

    def test_near_copies_do_not_judge(self) -> None:
        rng = np.random.default_rng(4)
        with tempfile.TemporaryDirectory() as folder:
            names = [Path(folder) / f"{n}.png" for n in range(200)]
            judge = next(n for n in names if split.is_judge(n))
            trained = next(n for n in names if not split.is_judge(n))
            pixels = rng.integers(0, 256, (16, 16, 3), np.uint8)
            Image.fromarray(pixels).save(judge)
            Image.fromarray(pixels[:, ::-1]).save(trained)
            self.assertEqual(split.judges([judge, trained]), [])
            Image.fromarray(255 - pixels).save(trained)
            self.assertEqual(split.judges([judge, trained]), [judge])

    def test_legs_go_on_and_leave_their_records(self) -> None:
        def make_step(device: torch.device):
            def step(net, rng, device, progress):
                x = torch.randn(16, 4, generator=rng)
                loss = (net(x) - x.sum(1, keepdim=True)).square().mean()
                return loss, {"loss": loss.detach()}
            return step

        schedule = Schedule(learning_rate=0.05, budget_iterations=400, weight_decay=0.0, average=0.9)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "net.pt"
            for seconds in (0.05, 60.0):
                with contextlib.redirect_stdout(io.StringIO()):
                    train(Run(schedule, path, "cpu", 1, seconds), torch.nn.Linear(4, 1), make_step)
            restored = checkpoint.load_average(path, torch.nn.Linear(4, 1))
            checkpoint.save(mean := Path(folder) / "mean.pt", restored, restored, NOT_BEGUN, checkpoint.Progress())
            with contextlib.redirect_stdout(io.StringIO()):
                train(Run(schedule, mean, "cpu", 1, 0.05), torch.nn.Linear(4, 1), make_step)
            self.assertLess(float((restored.weight.detach() - 1).abs().max()), 0.05)
            with self.assertRaisesRegex(SystemExit, "net.pt is a resume point of another network"):
                checkpoint.load_average(path, torch.nn.Linear(5, 1))
            lines = [json.loads(line) for line in path.with_suffix(".jsonl").read_text().splitlines()]
            self.assertEqual(lines[-1]["iterations"], 400)
            self.assertLess(lines[-1]["loss"], lines[0]["loss"])
            self.assertGreater(draw_curves(path.with_suffix(".jsonl")).width, 100)

    def test_steady_normalisation_stays_as_it_was_measured(self) -> None:
        def make_step(device: torch.device):
            def step(net, rng, device, progress):
                loss = (net(torch.randn(16, 4, 2, 2, generator=rng) + 3) - 1).square().mean()
                return loss, {"loss": loss.detach()}
            return step

        with tempfile.TemporaryDirectory() as folder:
            for steady in (True, False):
                net = torch.nn.Sequential(torch.nn.BatchNorm2d(4), torch.nn.Conv2d(4, 1, 1))
                schedule = Schedule(learning_rate=0.05, budget_iterations=20, steady_norms=steady)
                with contextlib.redirect_stdout(io.StringIO()):
                    train(Run(schedule, Path(folder) / f"{steady}.pt", "cpu", 1, 60.0), net, make_step)
                self.assertEqual(bool((net[0].running_mean == 0).all()), steady)
                self.assertFalse(bool((net[0].bias == 0).any()))

    def test_every_configuration_loads(self) -> None:
        kinds = {"depth": DepthSettings, "style": StyleSettings}
        for path in sorted((Path(__file__).parent.parent / "configs").glob("*.toml")):
            settings = load_settings(path, kinds[path.stem.split("-")[0]])
            for part in getattr(settings, "apart", ()):
                self.assertLessEqual(set(part.split()), set(STAGES), path.name)
            self.assertGreater(settings.schedule.batch, 0)

    def test_a_schedule_has_one_budget(self) -> None:
        for budgets in ({}, {"budget_seconds": 1.0, "budget_iterations": 1}):
            with self.assertRaises(ValueError):
                Schedule(learning_rate=1e-3, **budgets)

    def test_a_resume_point_is_whole_though_others_train_on_meanwhile(self) -> None:
        net, training = torch.nn.Linear(1000, 1000), threading.Event()

        def train_on() -> None:
            while not training.is_set():
                net.weight.data.add_(1e-3)

        other = threading.Thread(target=train_on)
        other.start()
        try:
            with tempfile.TemporaryDirectory() as folder:
                for _ in range(3):
                    checkpoint.save(Path(folder) / "net.pt", net, net, torch.optim.AdamW(net.parameters()).state_dict(), checkpoint.Progress())
                    checkpoint.load_average(Path(folder) / "net.pt", torch.nn.Linear(1000, 1000))
        finally:
            training.set()
            other.join()

    def test_a_damaged_resume_point_says_so(self) -> None:
        net = torch.nn.Linear(40, 30)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "net.pt"
            checkpoint.save(path, net, net, torch.optim.AdamW(net.parameters()).state_dict(), checkpoint.Progress())
            whole = path.read_bytes()
            middle = len(whole) // 2
            for damaged in (b"", b"no resume point", whole[:middle], whole[:middle] + bytes(9) + whole[middle + 9 :], gzip.compress(b"?")):
                path.write_bytes(damaged)
                with self.assertRaisesRegex(SystemExit, "net.pt is damaged"):
                    checkpoint.load_average(path, net)

    def test_resume_points_restore_the_training(self) -> None:
        net, average, other = (torch.nn.Linear(4, 3) for _ in range(3))
        optimiser = torch.optim.AdamW(net.parameters())
        net(torch.rand(2, 4)).sum().backward()
        optimiser.step()
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "net.pt"
            checkpoint.save(path, net, average, optimiser.state_dict(), checkpoint.Progress(12.5, 7))
            state, done = checkpoint.restore(path, other, average)
        self.assertTrue(torch.equal(other.weight, net.weight))
        self.assertEqual((done.seconds, done.iterations), (12.5, 7))
        torch.optim.AdamW(other.parameters()).load_state_dict(state)


if __name__ == "__main__":
    unittest.main()
