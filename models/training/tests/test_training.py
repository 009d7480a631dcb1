"""Losses, strength maps and resume points behave as documented."""

from __future__ import annotations

import tempfile
import unittest
from pathlib import Path

import numpy as np
import torch

from velatura_training import checkpoint, style_losses
from velatura_training.alpha import random_alpha
from velatura_training.depth_loss import depth_loss
from velatura_training.evaluate_depth import rank_correlation, row_accuracy
from velatura_training.pairs import recolour


class Training(unittest.TestCase):
    def test_depth_loss_ignores_scale_and_shift(self) -> None:
        depth = torch.rand(2, 1, 32, 32)
        self.assertLess(float(depth_loss(3 * depth + 5, depth)), 1e-3)
        self.assertGreater(float(depth_loss(-depth, depth)), 1.0)

    def test_a_ramp_says_nothing_about_rows(self) -> None:
        disparity = np.random.default_rng(1).uniform(20, 200, (60, 80))
        ramp = np.repeat(np.arange(60.0)[:, None], 80, 1)
        self.assertEqual(row_accuracy(ramp, disparity), 0.5)
        self.assertEqual(row_accuracy(disparity, disparity), 1.0)
        self.assertAlmostEqual(rank_correlation(disparity, -disparity), -1.0)

    def test_the_weave_is_seen_and_noise_is_not(self) -> None:
        cell = torch.randn(1, 1, 4, 4) * 0.05
        grid, noise = 0.5 + cell.repeat(1, 3, 16, 16), 0.5 + torch.randn(1, 3, 64, 64) * 0.05
        flat = style_losses.flatness(torch.full((1, 3, 64, 64), 0.5))
        seen, unseen = (float(style_losses.weave_loss(x, flat)) for x in (grid, noise))
        self.assertGreater(seen, 3 * unseen)
        inner = style_losses.unwoven(grid, flat)[..., 8:-8, 8:-8]
        self.assertLess(float(inner.std()), 1e-3)

    def test_strength_maps_stay_in_range(self) -> None:
        alpha = random_alpha(40, 32, 0.2, torch.Generator().manual_seed(3))
        self.assertEqual(alpha.shape, (40, 1, 32, 32))
        self.assertTrue(0 <= float(alpha.min()) and float(alpha.max()) <= 1)

    def test_recolouring_keeps_grey(self) -> None:
        grey = np.full((4, 4, 3), 90, np.uint8)
        self.assertEqual(np.abs(recolour(grey, 1.3, 1.6).astype(int) - 90).max(), 0)

    def test_resume_points_restore_the_training(self) -> None:
        net, average, other = (torch.nn.Linear(4, 3) for _ in range(3))
        optimiser = torch.optim.AdamW(net.parameters())
        net(torch.rand(2, 4)).sum().backward()
        optimiser.step()
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "net.pt"
            checkpoint.save(path, net, average, optimiser, checkpoint.Progress(12.5, 7))
            state, done = checkpoint.restore(path, other, average)
        self.assertTrue(torch.equal(other.weight, net.weight))
        self.assertEqual((done.seconds, done.iterations), (12.5, 7))
        torch.optim.AdamW(other.parameters()).load_state_dict(state)


if __name__ == "__main__":
    unittest.main()
