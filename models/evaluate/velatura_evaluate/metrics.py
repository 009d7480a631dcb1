"""What is measured. Pictures are u8 [H, W, 3]; feature maps [C, h, w]; depth maps larger = nearer; alpha 0 nearest to 1 farthest."""

from __future__ import annotations

import numpy as np

Array = np.ndarray
EPSILON = 1e-8


def content_distance(own: list[Array], photo: list[Array]) -> float:
    """At the deepest layer: mean squared difference, relative to the photo's energy there."""
    return float(np.square(own[-1] - photo[-1]).mean() / (np.square(photo[-1]).mean() + EPSILON))


def style_distance(own: list[Array], style: list[Array]) -> float:
    """Mean over the layers: squared differences of channels' means and deviations, relative to the style's own deviations."""
    distances = []
    for a, b in zip(own, style):
        mean, deviation = (np.square(f(a, axis=(1, 2)) - f(b, axis=(1, 2))).mean() for f in (np.mean, np.std))
        distances.append((mean + deviation) / (np.square(b.std((1, 2))).mean() + EPSILON))
    return float(np.mean(distances))


def perceptual_map(own: list[Array], photo: list[Array], height: int, width: int) -> Array:
    """LPIPS without learned weights: squared differences of features of unit length, summed over channels, mean over the layers, at
    the given size."""
    total = np.zeros((height, width))
    for a, b in zip(own, photo):
        a, b = (m / (np.sqrt(np.square(m).sum(0, keepdims=True)) + EPSILON) for m in (a, b))
        difference = np.square(a - b).sum(0)
        rows, columns = (np.arange(n) * m // n for n, m in zip((height, width), difference.shape))
        total += difference[rows][:, columns]
    return total / len(own)


def _blurred(x: Array) -> Array:
    """Gaussian, sigma 1.5, 11 x 11, valid places only."""
    kernel = np.exp(-np.square(np.arange(-5, 6) / 1.5) / 2)
    kernel /= kernel.sum()
    rows = sum(k * x[i : x.shape[0] - 10 + i] for i, k in enumerate(kernel))
    return sum(k * rows[:, i : x.shape[1] - 10 + i] for i, k in enumerate(kernel))


def luminance(picture: Array) -> Array:
    return picture.astype(np.float64) @ np.array([0.2126, 0.7152, 0.0722])


def ssim_map(a: Array, b: Array) -> Array:
    """Structural similarity of luminance, [H - 10, W - 10] (Wang et al. 2004)."""
    x, y = luminance(a), luminance(b)
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    mean_x, mean_y = _blurred(x), _blurred(y)
    var_x, var_y = _blurred(x * x) - mean_x**2, _blurred(y * y) - mean_y**2
    covariance = _blurred(x * y) - mean_x * mean_y
    similar = (2 * mean_x * mean_y + c1) * (2 * covariance + c2)
    return similar / ((mean_x**2 + mean_y**2 + c1) * (var_x + var_y + c2))


def ranks(values: Array) -> Array:
    """Ranks from 0, equal values share their mean rank."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    first = np.cumsum(counts) - counts
    return (first + (counts - 1) / 2)[inverse.ravel()]


def rank_correlation(a: Array, b: Array) -> float:
    """Spearman's; 0 where one of both is constant."""
    x, y = ranks(np.ravel(a)), ranks(np.ravel(b))
    x, y = x - x.mean(), y - y.mean()
    length = np.sqrt((x @ x) * (y @ y))
    return float(x @ y / length) if length > 0 else 0.0


def row_agreement(own: Array, photo: Array, seed: int = 0, pairs: int = 20_000) -> float:
    """Of random pairs in one row, at least 5 % of the width apart, whose depths in the photo differ by more than 15 % of their range
    (1st to 99th percentile): the share that the picture orders the same way. A constant map has 0.5; a vertical ramp helps nobody."""
    rng = np.random.default_rng(seed)
    height, width = photo.shape
    y, a, b = rng.integers(0, height, pairs), rng.integers(0, width, pairs), rng.integers(0, width, pairs)
    low, high = np.percentile(photo, (1, 99))
    wanted, found = photo[y, a] - photo[y, b], own[y, a] - own[y, b]
    judged = (np.abs(a - b) > 0.05 * width) & (np.abs(wanted) > 0.15 * (high - low))
    if not judged.any():
        return 0.5
    agree = np.where(found == 0, 0.5, np.sign(found) == np.sign(wanted))
    return float(agree[judged].mean())


def alpha_of(depth: Array) -> Array:
    """As the engine has it by default: 1st to 99th percentile, nearest 0, farthest 1."""
    low, high = np.percentile(depth, (1, 99))
    if high <= low:
        return np.ones_like(depth)
    return 1 - np.clip((depth - low) / (high - low), 0, 1)


def resized(field: Array, height: int, width: int) -> Array:
    """Nearest cells: for fields that are smooth."""
    rows, columns = ((np.arange(n) + 0.5) * m / n for n, m in zip((height, width), field.shape))
    return field[rows.astype(int)][:, columns.astype(int)]


def local_change(own: Array, photo: Array, cell: int = 16) -> Array:
    """Mean absolute difference of the colours in every cell."""
    change = np.abs(own.astype(float) - photo).mean(2)
    height, width = (n // cell for n in change.shape)
    return change[: height * cell, : width * cell].reshape(height, cell, width, cell).mean((1, 3))


def depth_awareness(own: Array, photo: Array, alpha: Array) -> float:
    """Rank correlation of the strength with how much the picture has changed there."""
    change = local_change(own, photo)
    return rank_correlation(resized(alpha, *change.shape), change)


def thirds(alpha: Array) -> tuple[Array, Array]:
    """Masks of the nearest and of the farthest third of the places."""
    order = ranks(alpha).reshape(alpha.shape) / max(alpha.size - 1, 1)
    return order <= 1 / 3, order >= 2 / 3
