"""Trains the style network on the triples of `pairs`; run again with the same checkpoint to go on."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from . import loop, style_losses
from .alpha import random_alpha
from .config import StyleSettings, load_settings
from .gradients import gradient_difference
from .pairs import NAMES
from .proxy_vgg import ProxyVgg
from .style_net import StyleNet, load_style


def random_triples(folders: list[list[np.ndarray]], count: int, rng: torch.Generator, device: torch.device) -> list[Tensor]:
    """Photos, paintings and the teacher's pictures [count, 3, S, S] in [0, 1], from one folder."""
    arrays = folders[int(torch.randint(len(folders), (), generator=rng))]
    picks = sorted(int(i) for i in torch.randint(len(arrays[0]), (count,), generator=rng))
    tensors = [torch.from_numpy(array[picks]).to(device).permute(0, 3, 1, 2).float() / 255 for array in arrays]
    return [t.contiguous(memory_format=torch.channels_last) for t in tensors]


def step_maker(settings: StyleSettings, folders: list[Path], vgg_path: Path) -> loop.MakeStep:
    """Distillation under a random strength map, plus the style terms where the strength is 1 everywhere."""

    def make_step(device: torch.device) -> loop.Step:
        arrays = [[np.load(folder / f"{name}.npy", mmap_mode="r") for name in NAMES] for folder in folders]
        vgg = ProxyVgg(vgg_path).to(device).eval()

        def step(net: nn.Module, rng: torch.Generator, device: torch.device, progress: float) -> tuple[Tensor, dict[str, float]]:
            photo, painting, taught = random_triples(arrays, settings.schedule.batch, rng, device)
            alpha = random_alpha(len(photo), photo.shape[2], settings.zeros, rng).to(device)
            flat = style_losses.flatness(photo)
            target = alpha * style_losses.unwoven(taught, flat) + (1 - alpha) * photo
            with torch.autocast(device.type, torch.bfloat16):
                own = net(photo, net.style(painting), alpha)
                features = vgg(own)
                with torch.no_grad():
                    target_features = vgg(target)
            own = own.float()
            terms = {
                "pixel": (settings.pixel, style_losses.pixel_loss(own, target)),
                "gradient": (settings.gradient, gradient_difference(own, target)),
                "feature": (settings.feature, style_losses.feature_loss(features, target_features)),
                "weave": (settings.weave, style_losses.weave_loss(own, flat)),
                "range": (settings.range, style_losses.range_loss(own)),
            }
            whole = [i for i in range(len(photo)) if float(alpha[i].min()) == 1.0]
            if whole:
                with torch.no_grad(), torch.autocast(device.type, torch.bfloat16):
                    style_features = vgg(painting[whole])
                chosen = {layer: f[whole] for layer, f in features.items()}
                weight = settings.style_start + (settings.style_end - settings.style_start) * progress
                terms["style"] = (weight, style_losses.style_loss(vgg, chosen, style_features))
                terms["colour"] = (settings.colour, style_losses.colour_loss(own[whole], painting[whole]))
            loss = sum(weight * term for weight, term in terms.values())
            return loss, {name: float(term.detach()) for name, (_, term) in terms.items()}

        return step

    return make_step


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    loop.add_arguments(parser)
    parser.add_argument("--triples", type=Path, nargs="+", required=True, help="folders written by pairs, drawn equally often")
    parser.add_argument("--vgg", type=Path, required=True, help="vgg16x_encoder4.npz")
    parser.add_argument("--start-from", type=Path, help="resume point or .npz of weights to begin with when there is no checkpoint")
    args = parser.parse_args()
    settings = load_settings(args.config, StyleSettings)
    torch.manual_seed(settings.schedule.seed)
    net = load_style(args.start_from) if args.start_from else StyleNet()
    run = loop.Run(settings.schedule, args.checkpoint, args.device, args.workers, args.leg_seconds)
    loop.train(run, net, step_maker(settings, args.triples, args.vgg))


if __name__ == "__main__":
    main()
