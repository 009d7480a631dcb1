"""Teaches the style network's encoder to see what the loss network sees; `train_style` goes on from there.

What AdaIN can move is what the encoder keeps apart. A loss network that was trained to tell a thousand kinds of things apart keeps
textures and colours apart too; an encoder that only ever learned to give back pictures does not.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from . import loop
from .config import EncoderSettings, load_settings
from .proxy_vgg import ProxyVgg
from .style_data import pictures
from .style_net import StyleNet

# Where both networks have the same size and number of channels.
PLACES = ("conv12", "conv22", "conv31", "conv34", "conv41")
SILENT = 1e-3  # channels whose root mean square is less than this share of the loudest say nothing, and nothing is asked of ours
MEASURED_ON = 64  # pictures


def seen_by(net: StyleNet, image: Tensor) -> dict[str, Tensor]:
    """Our own features at `PLACES`."""
    full = net.full(image * 2 - 1)
    halved = net.halved(F.max_pool2d(full, 2))
    level_0 = net.quarter(F.max_pool2d(halved, 2))
    deep = net.quarter_deep(level_0)
    return dict(zip(PLACES, (full, halved, level_0, deep, net.eighth(F.max_pool2d(deep, 2)))))


def loudness(features: Tensor) -> Tensor:
    """Root mean square [C, 1, 1] of each channel; infinite for the silent ones."""
    rms = features.float().square().mean((0, 2, 3)).sqrt()
    return torch.where(rms > SILENT * rms.max(), rms, torch.inf)[:, None, None]


def step_maker(settings: EncoderSettings, folders: list[Path], vgg: Path) -> loop.MakeStep:
    """Photos and paintings alike; every channel in units of its own loudness."""

    def make_step(device: torch.device) -> loop.Step:
        arrays = [np.load(folder / f"{kind}.npy", mmap_mode="r") for folder in folders for kind in ("photo", "painting")]
        teacher = ProxyVgg(vgg).to(device).eval()
        with torch.no_grad():
            some = teacher(torch.cat([pictures(array[: MEASURED_ON // len(arrays)], device) for array in arrays]), PLACES)
        units = {name: loudness(features) for name, features in some.items()}

        def step(net: nn.Module, rng: torch.Generator, device: torch.device, progress: float) -> tuple[Tensor, dict[str, Tensor]]:
            array = arrays[int(torch.randint(len(arrays), (), generator=rng))]
            picks = sorted(int(i) for i in torch.randint(len(array), (settings.schedule.batch,), generator=rng))
            image = pictures(array[picks], device)
            with torch.autocast(device.type, torch.bfloat16):
                with torch.no_grad():
                    wanted = teacher(image, PLACES)
                seen = seen_by(net, image)
            terms = {}
            for name, unit in units.items():
                heard = unit.isfinite()
                difference = torch.where(heard, seen[name].float() - wanted[name].float() / unit, 0)
                terms[name] = difference.square().mean() * heard.numel() / heard.sum()
            return sum(terms.values()), {name: term.detach() for name, term in terms.items()}

        return step

    return make_step


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    loop.add_arguments(parser)
    parser.add_argument("--data", type=Path, nargs="+", required=True, help="folders written by style_data")
    parser.add_argument("--vgg", type=Path, required=True, help="vgg16x_encoder4.npz")
    args = parser.parse_args()
    settings = load_settings(args.config, EncoderSettings)
    torch.manual_seed(settings.schedule.seed)
    run = loop.Run(settings.schedule, args.checkpoint, args.device, args.workers, args.leg_seconds)
    loop.train(run, StyleNet(), step_maker(settings, args.data, args.vgg))


if __name__ == "__main__":
    main()
