"""Every measure where its value is known."""

from __future__ import annotations

import unittest

import numpy as np
from velatura_evaluate import metrics


def noise(*shape: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 1, shape)


def picture(height: int, width: int, seed: int = 2) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


class Distances(unittest.TestCase):
    def test_equal_features_are_no_distance_apart(self) -> None:
        maps = [noise(8, 20, 24), noise(16, 10, 12)]
        self.assertEqual(metrics.content_distance(maps, maps), 0)
        self.assertEqual(metrics.style_distance(maps, maps), 0)
        self.assertEqual(metrics.perceptual_map(maps, maps, 40, 48).max(), 0)

    def test_content_is_relative_to_the_photos_energy(self) -> None:
        photo = [noise(8, 20, 24)]
        self.assertAlmostEqual(metrics.content_distance([3 * photo[0]], photo), 4, places=6)
        self.assertAlmostEqual(metrics.content_distance([0 * photo[0]], photo), 1, places=6)

    def test_style_does_not_see_where_things_are(self) -> None:
        style = noise(8, 20, 24)
        shuffled = style.reshape(8, -1)[:, np.random.default_rng(3).permutation(480)].reshape(8, 24, 20)
        self.assertAlmostEqual(metrics.style_distance([shuffled], [style]), 0, places=12)
        centred = style - style.mean((1, 2), keepdims=True)
        unit = centred / centred.std((1, 2), keepdims=True)
        self.assertAlmostEqual(metrics.style_distance([unit + 1], [unit]), 1, places=6)
        self.assertAlmostEqual(metrics.style_distance([unit * 3], [unit]), 4, places=6)

    def test_perceptual_distance_sees_direction_and_place_but_not_length(self) -> None:
        photo = np.abs(noise(4, 10, 10)) + 1
        own = photo.copy()
        own[:, :, 5:] *= 7
        self.assertLess(metrics.perceptual_map([own], [photo], 20, 20).max(), 1e-12)
        own = np.zeros((4, 10, 10))
        photo = np.zeros((4, 10, 10))
        photo[0], own[0, :, :5], own[1, :, 5:] = 1, 2, 1
        found = metrics.perceptual_map([own], [photo], 20, 20)
        np.testing.assert_allclose(found[:, :10], 0, atol=1e-6)
        np.testing.assert_allclose(found[:, 10:], 2, atol=1e-6)  # unit vectors at a right angle

    def test_ssim_of_equal_shifted_and_inverted_pictures(self) -> None:
        a = picture(40, 50)
        self.assertAlmostEqual(metrics.ssim_map(a, a).min(), 1, places=9)
        flat, lighter = np.full((40, 50, 3), 100, np.uint8), np.full((40, 50, 3), 120, np.uint8)
        c1 = (0.01 * 255) ** 2
        np.testing.assert_allclose(metrics.ssim_map(flat, lighter), (2 * 100 * 120 + c1) / (100**2 + 120**2 + c1), rtol=1e-9)
        self.assertLess(metrics.ssim_map(a, 255 - a).mean(), -0.8)
        self.assertEqual(metrics.ssim_map(a, a).shape, (30, 40))


class Depth(unittest.TestCase):
    def test_rank_correlation_knows_order_only(self) -> None:
        x = noise(500)
        self.assertAlmostEqual(metrics.rank_correlation(x, np.exp(3 * x)), 1)
        self.assertAlmostEqual(metrics.rank_correlation(x, -(x**3)), -1)
        self.assertLess(abs(metrics.rank_correlation(x, noise(500, seed=9))), 0.15)
        self.assertEqual(metrics.rank_correlation(x, np.ones(500)), 0)

    def test_equal_values_share_their_rank(self) -> None:
        np.testing.assert_array_equal(metrics.ranks(np.array([3, 1, 3, 0])), [2.5, 1, 2.5, 0])
        # By hand: ranks 0 1.5 1.5 3 and 0 1 2 3.
        self.assertAlmostEqual(metrics.rank_correlation(np.array([1, 2, 2, 3]), np.array([1, 2, 3, 4])), 4.5 / np.sqrt(4.5 * 5))

    def test_rows_agree_with_themselves_and_not_with_a_ramp(self) -> None:
        depth = np.tile(np.concatenate([np.zeros(40), np.ones(60), np.full(50, 3.0)]), (80, 1)) + 0.01 * noise(80, 150)
        self.assertEqual(metrics.row_agreement(depth, depth), 1)
        self.assertEqual(metrics.row_agreement(5 * depth - 2, depth), 1)
        self.assertEqual(metrics.row_agreement(-depth, depth), 0)
        ramp = np.tile(np.arange(80.0)[:, None], (1, 150))
        self.assertEqual(metrics.row_agreement(ramp, depth), 0.5)
        self.assertEqual(metrics.row_agreement(depth, np.ones((80, 150))), 0.5)

    def test_alpha_is_the_engines(self) -> None:
        depth = np.linspace(0, 100, 1001)[None]  # larger = nearer
        alpha = metrics.alpha_of(depth)
        self.assertEqual((alpha[0, 0], alpha[0, -1]), (1, 0))
        self.assertAlmostEqual(alpha[0, 500], 0.5)
        self.assertEqual(alpha[0, 10], 1)  # below the 1st percentile
        np.testing.assert_array_equal(metrics.alpha_of(np.ones((3, 4))), np.ones((3, 4)))

    def test_awareness_is_change_where_it_is_far(self) -> None:
        alpha = np.tile(np.linspace(0, 1, 160), (96, 1))
        photo = np.full((96, 160, 3), 100, np.uint8)
        far = np.round(100 + 100 * alpha[..., None] + np.zeros(3)).astype(np.uint8)
        self.assertGreater(metrics.depth_awareness(far, photo, alpha), 0.99)
        self.assertLess(metrics.depth_awareness(far, photo, 1 - alpha), -0.99)
        everywhere = np.clip(photo + 40 * noise(96, 160, 3), 0, 255).astype(np.uint8)
        self.assertLess(abs(metrics.depth_awareness(everywhere, photo, alpha)), 0.35)
        self.assertEqual(metrics.depth_awareness(photo, photo, alpha), 0)

    def test_thirds_are_the_nearest_and_the_farthest(self) -> None:
        alpha = np.tile(np.linspace(0, 1, 90), (30, 1))
        near, far = metrics.thirds(alpha)
        self.assertTrue(near[:, :30].all() and far[:, 60:].all())
        self.assertFalse(near[:, 31:].any() or far[:, :59].any())
