"""Trains the depth network, run again with the same checkpoint to go on.

It learns from the arrays of `depth_labels`, or from fresh crops of pictures; there each step asks the teacher, which takes a GPU.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import nn

from . import loop
from .config import DepthSettings, load_settings
from .depth_data import Labelled
from .depth_net import STAGES, DepthNet, load_depth
from .depth_pack import load_pack_depth
from .depth_steps import Crops, step_maker
from .depth_teacher import TEACHER_LONG_SIDE, TEACHER_MULTIPLE, open_teacher, teacher_depth
from .evaluate_depth import agreement, predict_with
from .fresh_crops import FreshCrops
from .images import fit_long_side, list_pictures, read_rgb
from .record import Watch
from .replay import Replay
from .sheets import grid, near_is_bright
from .split import judges

WATCHED = 24  # held-out pictures that judge while training
SHOWN = 12  # of them on the sample sheet


def depth_watch(photos: Path, teacher: Path) -> Watch:
    """Compares the network with the teacher on held-out photos, as `evaluate_depth` does."""
    session = open_teacher(teacher)
    chosen = judges(list_pictures(photos))
    pictures = [fit_long_side(read_rgb(p), TEACHER_LONG_SIDE, TEACHER_MULTIPLE) for p in chosen[:: max(1, len(chosen) // WATCHED)]]
    wanted = [teacher_depth(session, picture) for picture in pictures]

    def watch(net: nn.Module) -> tuple[dict[str, float], Image.Image]:
        predict = predict_with(net)
        pairs = [(predict(picture), map_) for picture, map_ in zip(pictures, wanted)]
        scores = [agreement(*pair) for pair in pairs]
        figures = {name: float(np.nanmean([score[name] for score in scores])) for name in scores[0]}
        shown = [(np.asarray(picture), *map(near_is_bright, reversed(pair))) for picture, pair in zip(pictures[:SHOWN], pairs)]
        cells = [[np.asarray(fit_long_side(Image.fromarray(cell), 192, 8)) for cell in row] for row in shown]
        return figures, grid([sum(cells[i : i + 3], []) for i in range(0, len(cells), 3)])

    return watch


def begin(start_from: Path | None, photos: Path) -> DepthNet:
    if start_from is None:
        return DepthNet()
    return load_pack_depth(start_from, photos) if start_from.suffix == ".onnx" else load_depth(start_from)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    loop.add_arguments(parser)
    chosen = parser.add_mutually_exclusive_group(required=True)
    chosen.add_argument("--labels", type=Path, nargs="+", help="folders written by depth_labels, drawn by their sizes")
    chosen.add_argument("--pictures", type=Path, nargs="+", help="folders of pictures, of which each step draws fresh crops and asks the teacher")
    parser.add_argument("--weights", type=float, nargs="+", help="how often each folder of pictures is drawn; equally often if left away")
    parser.add_argument("--photos", type=Path, required=True, help="folder whose held-out photos judge while training")
    parser.add_argument("--teacher", type=Path, required=True, help="tiefenrausch.onnx, to judge with and to ask")
    parser.add_argument("--start-from", type=Path, help="resume point of another training, or depth.onnx of a pack, to begin with its weights")
    args = parser.parse_args()
    if args.weights and len(args.weights) != len(args.pictures or []):
        parser.error("--weights needs one number for each folder of --pictures")
    settings = load_settings(args.config, DepthSettings)
    if unknown := {stage for part in settings.apart for stage in part.split()} - set(STAGES):
        raise SystemExit(f"{args.config}: no stage is called {', '.join(sorted(unknown))}; there are {', '.join(STAGES)}")
    torch.manual_seed(settings.schedule.seed)
    run = loop.Run(settings.schedule, args.checkpoint, args.device, args.workers, args.leg_seconds)
    net = begin(args.start_from, args.photos)

    def open_crops(device: torch.device) -> Crops:
        if args.labels:
            return Labelled(args.labels, device)
        collections = [list_pictures(folder) for folder in args.pictures]
        return Replay(FreshCrops(collections, args.weights or [1.0] * len(collections), args.teacher, device))

    loop.train(run, net, step_maker(settings, open_crops), depth_watch(args.photos, args.teacher))


if __name__ == "__main__":
    main()
