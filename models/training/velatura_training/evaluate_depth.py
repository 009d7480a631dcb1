"""Judges a pack's depth: same-row order on Middlebury views, rank correlation with the teacher on pictures held out from training.

Rank correlation alone rewards a network that knows nothing but "lower is nearer"; order within a row gives such a ramp 0.5.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import nn
from velatura_convert.runtime import Pack

from .depth_teacher import TEACHER_LONG_SIDE, TEACHER_MULTIPLE, open_teacher, teacher_depth
from .depth_net import load_depth
from .images import fit_long_side, list_pictures, read_rgb
from .ranks import detrended, rank_correlation, row_accuracy
from .split import judges

Predict = Callable[[Image.Image], np.ndarray]  # picture with sides in multiples of 32 to depth, larger = nearer


def predict_with(net: nn.Module) -> Predict:
    @torch.no_grad()
    def predict(picture: Image.Image) -> np.ndarray:
        pixels = torch.from_numpy(np.asarray(picture).copy()).permute(2, 0, 1)[None].float() / 255
        device = next(net.parameters()).device
        return net(pixels.to(device)).float().cpu()[0, 0].numpy()

    return predict


def middlebury_accuracy(predict: Predict, folder: Path, long_side: int) -> float:
    """Mean over all views below `folder` (viewN.png beside dispN.png)."""
    scores = []
    for truth in sorted(folder.rglob("disp*.png")):
        picture = fit_long_side(read_rgb(truth.with_name(truth.name.replace("disp", "view"))), long_side, 32)
        disparity = np.asarray(Image.open(truth).convert("L"), np.float32)
        predicted = Image.fromarray(predict(picture).astype(np.float32)).resize(disparity.shape[::-1], Image.BILINEAR)
        scores.append(row_accuracy(np.asarray(predicted), disparity))
    return float(np.mean(scores))


def agreement(predicted: np.ndarray, wanted: np.ndarray) -> dict[str, float]:
    """How far a map of any size agrees with the teacher's."""
    predicted = np.asarray(Image.fromarray(predicted.astype(np.float32)).resize(wanted.shape[::-1], Image.BILINEAR))
    return {
        "rank correlation": rank_correlation(predicted[::4, ::4], wanted[::4, ::4]),
        "detrended": rank_correlation(detrended(predicted)[::4, ::4], detrended(wanted)[::4, ::4]),
        "row accuracy": row_accuracy(predicted, np.exp(wanted)),
    }


def means(scores: list[dict[str, float]]) -> str:
    """Of the scores of several pictures, to be printed."""
    return ", ".join(f"{name} {float(np.nanmean([score[name] for score in scores])):.3f}" for name in scores[0])


def at_teacher_size(picture: Image.Image) -> Image.Image:
    return fit_long_side(picture, TEACHER_LONG_SIDE, TEACHER_MULTIPLE)


def mirrored(predict: Predict) -> Predict:
    """The same of the mirrored picture, mirrored back."""
    return lambda picture: predict(picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT))[:, ::-1]


def ramp(picture: Image.Image) -> np.ndarray:
    """Nothing but "lower is nearer"."""
    return np.repeat(np.arange(picture.height, dtype=np.float32)[:, None], picture.width, 1)


def compare_with_teacher(predict: Predict, teacher: Predict, photos: list[Path], long_sides: list[int]) -> None:
    """Prints the means over pictures that no training has seen, beside those of a ramp and of the teacher itself on the mirrored picture:
    what agrees better with the teacher than that has learned its moods, too.
    """
    pictures = [read_rgb(path) for path in photos]
    wanted = [teacher(at_teacher_size(picture)) for picture in pictures]
    rivals = {"a ramp": ramp, "the teacher mirrored": mirrored(teacher)}
    for name, rival in rivals.items():
        print(f"{name}: {means([agreement(rival(at_teacher_size(p)), w) for p, w in zip(pictures, wanted)])}", flush=True)
    for side in long_sides:
        scores = [agreement(predict(fit_long_side(p, side, TEACHER_MULTIPLE)), w) for p, w in zip(pictures, wanted)]
        print(f"{len(photos)} held-out photos at {side}: {means(scores)}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    chosen = parser.add_mutually_exclusive_group(required=True)
    chosen.add_argument("--pack", type=Path)
    chosen.add_argument("--checkpoint", type=Path, help="resume point of a training")
    parser.add_argument("--middlebury", type=Path, required=True, help="folder of views and disparities")
    parser.add_argument("--photos", type=Path, help="folder whose held-out photos (see split) are compared with the teacher")
    parser.add_argument("--teacher", type=Path, help="tiefenrausch.onnx; judged too")
    parser.add_argument("--long-sides", type=int, nargs="+", help="pixels; the pack's own, or the teacher's, if left away")
    args = parser.parse_args()
    if args.pack:
        pack = Pack(args.pack)
        predict, own_side = (lambda picture: pack.depth(np.asarray(picture))), pack.depth_long_side
    else:
        predict, own_side = predict_with(load_depth(args.checkpoint)), TEACHER_LONG_SIDE
    long_sides = args.long_sides or [own_side]
    for side in long_sides:
        print(f"row accuracy at {side}: {middlebury_accuracy(predict, args.middlebury, side):.3f}", flush=True)
    if not args.teacher:
        return
    session = open_teacher(args.teacher)
    if photos := judges(list_pictures(args.photos)) if args.photos else []:
        compare_with_teacher(predict, lambda picture: teacher_depth(session, picture), photos, long_sides)
    print(f"teacher's row accuracy at 384: {middlebury_accuracy(lambda p: teacher_depth(session, p), args.middlebury, 384):.3f}")


if __name__ == "__main__":
    main()
