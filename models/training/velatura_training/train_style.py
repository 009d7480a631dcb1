"""Trains the style network on the crops of `style_data`; run again with the same checkpoint to go on."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from . import loop, style_losses
from .config import StyleSettings, load_settings
from .images import center_square, list_pictures
from .proxy_vgg import LAYERS
from .record import Watch
from .sheets import grid
from .split import judges
from .style_data import Batch
from .style_net import StyleNet, load_style
from .style_steps import step_maker
from .style_terms import Losses

WATCHED, SHOWN = 8, 4  # held-out photos and paintings to judge on while training; how many of each are on the sheet
WATCHED_SIZE = 256


def style_watch(settings: StyleSettings, photos: Path, paintings: Path, teachers: Path) -> Watch:
    """Paints some held-out photos each with its own painting and measures; the sheet shows some photos with some paintings."""
    chosen = [judges(list_pictures(folder)) for folder in (photos, paintings)]
    content, style = (torch.stack([center_square(p, WATCHED_SIZE) for p in paths[:: len(paths) // WATCHED][:WATCHED]]) for paths in chosen)

    def watch(net: nn.Module) -> tuple[dict[str, float], Image.Image]:
        device = next(net.parameters()).device
        losses = Losses(settings, teachers, device)
        photo, painting = content.to(device), style.to(device)
        whole = torch.ones_like(photo[:1, :1])

        def paint(i: int, j: int) -> Tensor:
            return net(photo[i : i + 1], net.style(painting[j : j + 1]), whole).clamp(0, 1)

        own = torch.cat([paint(i, i) for i in range(WATCHED)])
        moments = style_losses.style_moments(losses.vgg, losses.vgg(painting), losses.squeezenet(painting))
        given = Batch(photo, painting, losses.vgg(photo)[LAYERS[-1]], moments)
        figures = {name: float(term) for name, (_, term) in losses.direct(own, given, with_squeezenet=True).items()}
        figures["weave"] = 255 * float(style_losses.weave_loss(own, style_losses.flatness(photo)))

        def pixels(image: Tensor) -> np.ndarray:
            return (image.permute(1, 2, 0).cpu().numpy() * 255 + 0.5).astype(np.uint8)

        rows = [[np.full((8, 8, 3), 255, np.uint8), *map(pixels, painting[:SHOWN])]]
        rows += [[pixels(photo[i]), *(pixels(paint(i, j)[0]) for j in range(SHOWN))] for i in range(SHOWN)]
        return figures, grid(rows)

    return watch


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    loop.add_arguments(parser)
    parser.add_argument("--data", type=Path, nargs="+", required=True, help="folders written by style_data")
    parser.add_argument("--teachers", type=Path, required=True, help="folder of microast_*.npz, vgg16x_encoder4.npz and squeezenet10.npz")
    parser.add_argument("--photos", type=Path, required=True, help="folder whose held-out photos judge while training")
    parser.add_argument("--paintings", type=Path, required=True, help="the same for paintings")
    parser.add_argument("--start-from", type=Path, help="resume point or .npz of weights to begin with when there is no checkpoint")
    args = parser.parse_args()
    settings = load_settings(args.config, StyleSettings)
    torch.manual_seed(settings.schedule.seed)
    net = load_style(args.start_from) if args.start_from else StyleNet()
    run = loop.Run(settings.schedule, args.checkpoint, args.device, args.workers, args.leg_seconds)
    watch = style_watch(settings, args.photos, args.paintings, args.teachers)
    # Of hundreds of inputs each: a step as long as the others' would move its outputs by the sum of them all.
    slow = {"params": [net.weigh.weight], "rate": 0.15}
    others = {"params": [p for name, p in net.named_parameters() if name != "weigh.weight"]}
    loop.train(run, net, step_maker(settings, args.data, args.teachers), watch, [slow, others])


if __name__ == "__main__":
    main()
