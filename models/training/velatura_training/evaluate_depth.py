"""Judges a pack's depth: same-row order on Middlebury views, rank correlation with the teacher on pictures held out from training.

Rank correlation alone rewards a network that knows nothing but "lower is nearer"; order within a row gives such a ramp 0.5.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image
from velatura_convert.runtime import Pack

from .depth_data import DepthLabels
from .depth_labels import open_teacher, teacher_depth
from .images import fit_long_side, read_rgb

Predict = Callable[[Image.Image], np.ndarray]  # picture with sides in multiples of 32 to depth, larger = nearer


def row_accuracy(predicted: np.ndarray, disparity: np.ndarray, seed: int = 0, count: int = 20_000) -> float:
    """Of random pairs in one row, at least 5 % of the width apart, whose disparities differ by more than 15 %: the share in right order."""
    rng = np.random.default_rng(seed)
    height, width = disparity.shape
    y, a, b = rng.integers(0, height, count), rng.integers(0, width, count), rng.integers(0, width, count)
    d, e = disparity[y, a], disparity[y, b]
    kept = (d > 0) & (e > 0) & (abs(a - b) > 0.05 * width) & (np.maximum(d, e) > 1.15 * np.minimum(d, e))
    p, q = predicted[y, a][kept], predicted[y, b][kept]
    return float(np.mean(np.where(p == q, 0.5, (p > q) == (d > e)[kept])))


def rank_correlation(a: np.ndarray, b: np.ndarray) -> float:
    """Spearman's coefficient of two maps of one shape."""
    ranks = [np.argsort(np.argsort(x.ravel())).astype(np.float64) for x in (a, b)]
    return float(np.corrcoef(ranks[0], ranks[1])[0, 1])


def middlebury_accuracy(predict: Predict, folder: Path, long_side: int) -> float:
    """Mean over all views below `folder` (viewN.png beside dispN.png)."""
    scores = []
    for truth in sorted(folder.rglob("disp*.png")):
        picture = fit_long_side(read_rgb(truth.with_name(truth.name.replace("disp", "view"))), long_side, 32)
        disparity = np.asarray(Image.open(truth).convert("L"), np.float32)
        predicted = Image.fromarray(predict(picture).astype(np.float32)).resize(disparity.shape[::-1], Image.BILINEAR)
        scores.append(row_accuracy(np.asarray(predicted), disparity))
    return float(np.mean(scores))


def held_out_scores(pack: Pack, labels: DepthLabels) -> tuple[float, float]:
    """Mean rank correlation and row accuracy against the teacher's stored maps of pictures that no training has seen."""
    correlations, accuracies = [], []
    for i in labels.held_out:
        target = labels.depth[i].astype(np.float32)
        small = Image.fromarray(pack.depth(labels.images[i]))
        predicted = np.asarray(small.resize(target.shape[::-1], Image.BILINEAR))
        correlations.append(rank_correlation(predicted[::4, ::4], target[::4, ::4]))
        accuracies.append(row_accuracy(predicted, np.exp(0.5 * target)))
    return float(np.mean(correlations)), float(np.nanmean(accuracies))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pack", type=Path, required=True)
    parser.add_argument("--middlebury", type=Path, required=True, help="folder of views and disparities")
    parser.add_argument("--labels", type=Path, help="folder written by depth_labels, for its held-out pictures")
    parser.add_argument("--teacher", type=Path, help="also judge tiefenrausch.onnx")
    parser.add_argument("--long-sides", type=int, nargs="+", default=[256, 384])
    args = parser.parse_args()
    pack = Pack(args.pack)
    for side in args.long_sides:
        print(f"row accuracy at {side}: {middlebury_accuracy(lambda p: pack.depth(np.asarray(p)), args.middlebury, side):.3f}")
    if args.labels:
        correlation, accuracy = held_out_scores(pack, DepthLabels(args.labels))
        print(f"held out, against the teacher: rank correlation {correlation:.3f}, row accuracy {accuracy:.3f}")
    if args.teacher:
        session = open_teacher(args.teacher)
        print(f"teacher's row accuracy at 384: {middlebury_accuracy(lambda p: teacher_depth(session, p), args.middlebury, 384):.3f}")


if __name__ == "__main__":
    main()
