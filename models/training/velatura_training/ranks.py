"""How far two depth maps agree in order. Larger is nearer in both, or in neither."""

from __future__ import annotations

import numpy as np


def row_accuracy(predicted: np.ndarray, disparity: np.ndarray, seed: int = 0, count: int = 20_000) -> float:
    """Of random pairs in one row, at least 5 % of the width apart, whose disparities differ by more than 15 %: the share in right order.

    Disparity 0 is unknown. A constant or a vertical ramp scores 0.5.
    """
    rng = np.random.default_rng(seed)
    height, width = disparity.shape
    y, a, b = rng.integers(0, height, count), rng.integers(0, width, count), rng.integers(0, width, count)
    d, e = disparity[y, a], disparity[y, b]
    kept = (d > 0) & (e > 0) & (abs(a - b) > 0.05 * width) & (np.maximum(d, e) > 1.15 * np.minimum(d, e))
    p, q = predicted[y, a][kept], predicted[y, b][kept]
    return float(np.mean(np.where(p == q, 0.5, (p > q) == (d > e)[kept]))) if kept.any() else float("nan")


def rank_correlation(a: np.ndarray, b: np.ndarray) -> float:
    """Spearman's coefficient of two maps of one shape."""
    ranks = [np.argsort(np.argsort(x.ravel())).astype(np.float64) for x in (a, b)]
    return float(np.corrcoef(ranks[0], ranks[1])[0, 1])


def detrended(depth: np.ndarray) -> np.ndarray:
    """The map without its vertical trend: what a straight line in the row number explains is taken away."""
    row = np.arange(depth.shape[0], dtype=np.float64) - (depth.shape[0] - 1) / 2
    slope = (depth.mean(1) * row).sum() / np.square(row).sum()
    return depth - slope * row[:, None]
