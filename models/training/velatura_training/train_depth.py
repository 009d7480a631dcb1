"""Trains the depth network on the arrays of `depth_labels`; run again with the same checkpoint to go on."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from . import loop
from .checkpoint import load_weights
from .config import DepthSettings, load_settings
from .depth_data import DepthLabels
from .depth_loss import depth_loss, hint_losses
from .depth_net import DepthNet
from .depth_teacher import TEACHER_LONG_SIDE, TEACHER_MULTIPLE, open_teacher, teacher_depth
from .evaluate_depth import agreement, predict_with
from .images import fit_long_side, list_pictures, read_rgb
from .record import Watch
from .sheets import grid, near_is_bright
from .split import judges

WATCHED = 24  # held-out pictures that judge while training
SHOWN = 12  # of them on the sample sheet


def step_maker(settings: DepthSettings, folders: list[Path], late_folders: list[Path]) -> loop.MakeStep:
    """First each stage by itself, then all together; on the crops of `late_folders`, if any, towards the end."""

    def make_step(device: torch.device) -> loop.Step:
        early, late = ([DepthLabels(folder) for folder in part] for part in (folders, late_folders))
        spread = early[0].spread(device)

        def step(net: nn.Module, rng: torch.Generator, device: torch.device, progress: float) -> tuple[Tensor, dict[str, Tensor]]:
            is_late = bool(late) and progress > 1 - settings.late_share
            sources = late if is_late else early
            sizes = torch.tensor([float(len(labels)) for labels in sources])
            labels = sources[int(torch.multinomial(sizes, 1, generator=rng))]
            given = labels.random_batch(settings.late_batch if is_late else settings.schedule.batch, rng, device)
            apart = progress < settings.apart_share
            with torch.autocast(device.type, torch.bfloat16):
                predicted, seen = net.seen(given.image, given.seen if apart else None)
            depth = depth_loss(predicted.float(), given.depth, settings.edges, settings.rows)
            hints = hint_losses(seen, given.seen, spread)
            loss = settings.depth * depth + settings.hints * sum(hints.values())
            return loss, {"depth": depth.detach()} | {name: hint.detach() for name, hint in hints.items()}

        return step

    return make_step


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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    loop.add_arguments(parser)
    parser.add_argument("--labels", type=Path, nargs="+", required=True, help="folders written by depth_labels, drawn by their sizes")
    parser.add_argument("--late-labels", type=Path, nargs="*", default=[], help="the same, for the last `late_share` of the budget")
    parser.add_argument("--photos", type=Path, required=True, help="folder whose held-out photos judge while training")
    parser.add_argument("--teacher", type=Path, required=True, help="tiefenrausch.onnx, to judge with")
    parser.add_argument("--start-from", type=Path, help="resume point of another training, to begin with its weights")
    args = parser.parse_args()
    settings = load_settings(args.config, DepthSettings)
    torch.manual_seed(settings.schedule.seed)
    run = loop.Run(settings.schedule, args.checkpoint, args.device, args.workers, args.leg_seconds)
    net = load_weights(args.start_from, DepthNet()) if args.start_from else DepthNet()
    loop.train(run, net, step_maker(settings, args.labels, args.late_labels), depth_watch(args.photos, args.teacher))


if __name__ == "__main__":
    main()
