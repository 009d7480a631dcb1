"""Trains the depth network on the arrays of `depth_labels`; run again with the same checkpoint to go on."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor, nn

from . import loop
from .checkpoint import load_weights
from .config import DepthSettings, load_settings
from .depth_data import DepthLabels, held_out_batch, random_batch
from .depth_loss import depth_loss, hint_loss, within_rows
from .depth_net import HINTS, Apprentice
from .ranks import detrended, rank_correlation, row_accuracy
from .record import Watch
from .sheets import grid, near_is_bright

SHOWN = 12  # held-out pictures on the sample sheet


def step_maker(settings: DepthSettings, folders: list[Path]) -> loop.MakeStep:
    """The step on random crops of the labelled pictures in `folders`."""
    if len(settings.weights) != len(folders):
        raise ValueError(f"the configuration has weights for {len(settings.weights)} label folders, not for {len(folders)}")

    def make_step(device: torch.device) -> loop.Step:
        sources = [DepthLabels(folder) for folder in folders]
        spreads = {stride: [part.to(device) for part in sources[0].spread(stride)] for stride in HINTS}

        def step(net: nn.Module, rng: torch.Generator, device: torch.device, progress: float) -> tuple[Tensor, dict[str, Tensor]]:
            late = progress > 1 - settings.late_share
            size = settings.late_size if late else settings.size
            batch = random_batch(sources, settings.weights, settings.schedule.batch, size, settings.max_turn, rng, device)
            with torch.autocast(device.type, torch.bfloat16):
                predicted, features = net(batch.image.contiguous(memory_format=torch.channels_last))
            wanted = {stride: (batch.hints[stride] - mean) / deviation for stride, (mean, deviation) in spreads.items()}
            depth = depth_loss(predicted.float(), batch.depth, settings.edges, settings.rows)
            hints = hint_loss(features, wanted)
            weight = settings.hints_start + (settings.hints_end - settings.hints_start) * progress
            return depth + weight * hints, {"depth": depth.detach(), "hints": hints.detach()}

        return step

    return make_step


def depth_watch(settings: DepthSettings, folder: Path) -> Watch:
    """Compares the network with the teacher on held-out pictures."""

    def watch(student: nn.Module) -> tuple[dict[str, float], Image.Image]:
        device = next(student.parameters()).device
        batch = held_out_batch(DepthLabels(folder), settings.late_size, device)
        with torch.autocast(device.type, torch.bfloat16):
            predicted = torch.cat([student.net(part) for part in batch.image.split(8)])
        predicted, wanted = predicted.float(), batch.depth
        pairs = [(p.cpu().numpy(), w.cpu().numpy()) for p, w in zip(predicted[:, 0], wanted[:, 0])]
        figures = {
            "depth": float(depth_loss(predicted, wanted, settings.edges, settings.rows)),
            "rows": float((within_rows(predicted) - within_rows(wanted)).abs().mean()),
            "rank correlation, detrended": float(np.mean([rank_correlation(detrended(p), detrended(w)) for p, w in pairs])),
            "row accuracy": float(np.nanmean([row_accuracy(p, np.exp(0.5 * w)) for p, w in pairs])),
        }
        shown = F.avg_pool2d(batch.image[:SHOWN], 4).permute(0, 2, 3, 1).cpu().numpy()
        cells = [[(photo * 255).astype(np.uint8), *map(near_is_bright, reversed(pair))] for photo, pair in zip(shown, pairs)]
        cells = [[cell.repeat(2, 0).repeat(2, 1) for cell in row] for row in cells]
        return figures, grid([sum(cells[i : i + 4], []) for i in range(0, len(cells), 4)])

    return watch


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    loop.add_arguments(parser)
    parser.add_argument("--labels", type=Path, nargs="+", required=True, help="folders written by depth_labels")
    parser.add_argument("--start-from", type=Path, help="resume point of another training, to begin with its weights")
    args = parser.parse_args()
    settings = load_settings(args.config, DepthSettings)
    torch.manual_seed(settings.schedule.seed)
    run = loop.Run(settings.schedule, args.checkpoint, args.device, args.workers, args.leg_seconds)
    net = load_weights(args.start_from, Apprentice()) if args.start_from else Apprentice()
    loop.train(run, net, step_maker(settings, args.labels), depth_watch(settings, args.labels[0]))


if __name__ == "__main__":
    main()
