"""Trains the depth network on the arrays of `depth_labels`; run again with the same checkpoint to go on."""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from . import loop
from .config import DepthSettings, load_settings
from .depth_data import DepthLabels, random_batch
from .depth_loss import depth_loss
from .depth_net import DepthNet, upsample


def step_maker(settings: DepthSettings, folders: list[Path]) -> loop.MakeStep:
    """The step on random crops of the labelled pictures in `folders`."""
    weights = settings.weights[: len(folders)]
    if len(weights) != len(folders):
        raise ValueError("the configuration needs one weight per label folder")

    def make_step(device: torch.device) -> loop.Step:
        sources = [DepthLabels(folder) for folder in folders]

        def step(net: nn.Module, rng: torch.Generator, device: torch.device, progress: float) -> tuple[Tensor, dict[str, float]]:
            image, target = random_batch(sources, weights, settings.schedule.batch, settings.size, settings.max_turn, rng, device)
            with torch.autocast(device.type, torch.bfloat16):
                predicted = net(image.contiguous(memory_format=torch.channels_last))
            loss = depth_loss(upsample(predicted.float()), F.avg_pool2d(target, 2), settings.edges)
            return loss, {"loss": float(loss.detach())}

        return step

    return make_step


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    loop.add_arguments(parser)
    parser.add_argument("--labels", type=Path, nargs="+", required=True, help="folders written by depth_labels")
    args = parser.parse_args()
    settings = load_settings(args.config, DepthSettings)
    torch.manual_seed(settings.schedule.seed)
    run = loop.Run(settings.schedule, args.checkpoint, args.device, args.workers, args.leg_seconds)
    loop.train(run, DepthNet(), step_maker(settings, args.labels))


if __name__ == "__main__":
    main()
