"""Judges a pack's depth: same-row order on Middlebury views, rank correlation with the teacher on pictures held out from training.

Rank correlation alone rewards a network that knows nothing but "lower is nearer"; order within a row gives such a ramp 0.5.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
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


def pack_depth(folder: Path) -> Predict:
    pack = Pack(folder)
    return lambda picture: pack.depth(np.asarray(picture))


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


def held_out_scores(predict: Predict, teacher: Predict, photos: list[Path], long_side: int) -> dict[str, float]:
    """Means against the teacher (at its own size) over pictures that no training has seen, beside those of a ramp and of the teacher itself
    on the mirrored picture: what agrees better with the teacher than that has learned its moods, too.
    """
    scores = defaultdict(list)
    for path in photos:
        picture = read_rgb(path)
        wanted = teacher(fit_long_side(picture, TEACHER_LONG_SIDE, TEACHER_MULTIPLE))
        mirrored = teacher(fit_long_side(picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT), TEACHER_LONG_SIDE, TEACHER_MULTIPLE))[:, ::-1]
        scores["teacher mirrored, detrended"].append(agreement(mirrored, wanted)["detrended"])
        ramp = np.repeat(np.arange(wanted.shape[0], dtype=np.float32)[:, None], wanted.shape[1], 1)
        scores["of a ramp"].append(rank_correlation(ramp[::4, ::4], wanted[::4, ::4]))
        for name, score in agreement(predict(fit_long_side(picture, long_side, TEACHER_MULTIPLE)), wanted).items():
            scores[name].append(score)
    return {name: float(np.nanmean(values)) for name, values in scores.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    chosen = parser.add_mutually_exclusive_group(required=True)
    chosen.add_argument("--pack", type=Path)
    chosen.add_argument("--checkpoint", type=Path, help="resume point of a training")
    parser.add_argument("--middlebury", type=Path, required=True, help="folder of views and disparities")
    parser.add_argument("--photos", type=Path, help="folder whose held-out photos (see split) are compared with the teacher")
    parser.add_argument("--teacher", type=Path, help="tiefenrausch.onnx; judged too")
    parser.add_argument("--long-sides", type=int, nargs="+", default=[256, 384])
    args = parser.parse_args()
    predict = pack_depth(args.pack) if args.pack else predict_with(load_depth(args.checkpoint))
    for side in args.long_sides:
        print(f"row accuracy at {side}: {middlebury_accuracy(predict, args.middlebury, side):.3f}", flush=True)
    if not args.teacher:
        return
    session = open_teacher(args.teacher)
    photos = judges(list_pictures(args.photos)) if args.photos else []
    for side in args.long_sides if photos else []:
        scores = held_out_scores(predict, lambda p: teacher_depth(session, p), photos, side)
        print(f"{len(photos)} held-out photos at {side}: " + ", ".join(f"{k} {v:.3f}" for k, v in scores.items()), flush=True)
    print(f"teacher's row accuracy at 384: {middlebury_accuracy(lambda p: teacher_depth(session, p), args.middlebury, 384):.3f}")


if __name__ == "__main__":
    main()
