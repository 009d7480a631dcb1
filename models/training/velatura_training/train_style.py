"""Trains the style network on the triples of `pairs`; run again with the same checkpoint to go on."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from . import loop, style_losses
from .alpha import random_alpha
from .config import StyleSettings, load_settings
from .gradients import gradient_difference
from .images import center_square, list_pictures
from .pairs import NAMES
from .proxy_vgg import LAYERS, ProxyVgg
from .record import Watch
from .sheets import grid
from .split import judges
from .squeezenet import SqueezeNet
from .style_data import Batch, StyleData, pictures
from .style_net import StyleNet, load_style

Term = tuple[float, Tensor]
WATCHED, SHOWN = 8, 4  # held-out photos and paintings to judge on while training; how many of each are on the sheet
WATCHED_SIZE = 256


class Losses:
    """The terms of the loss, each with its weight, and the networks they need."""

    def __init__(self, settings: StyleSettings, vgg: Path, squeezenet: Path, device: torch.device) -> None:
        self.settings = settings
        self.vgg = ProxyVgg(vgg).to(device).eval()
        self.squeezenet = SqueezeNet(squeezenet).to(device).eval()

    def imitation(self, own: Tensor, target: Tensor) -> dict[str, Term]:
        """How far the pictures are from the teacher's, mixed with the photo."""
        return {
            "taught": (self.settings.taught, style_losses.small_loss(own, target)),
            "pixel": (self.settings.pixel, style_losses.pixel_loss(own, target)),
            "gradient": (self.settings.gradient, gradient_difference(own, target)),
        }

    def direct(self, own: Tensor, given: Batch, with_squeezenet: bool) -> dict[str, Term]:
        """How far the pictures are from the painting's style and from the photo's content; the strength is 1 everywhere."""
        with torch.autocast(own.device.type, torch.bfloat16):
            seen = self.vgg(own)
            squeezed = self.squeezenet(own) if with_squeezenet else None
        moments = style_losses.style_moments(self.vgg, seen, squeezed)
        distance = style_losses.style_distance(moments, given.moments)
        terms = {
            "style root": (self.settings.style, style_losses.style_loss(distance)),
            "style": (self.settings.style_mean, distance.mean()),
            "content": (self.settings.content, style_losses.content_loss(seen[LAYERS[-1]], given.deep)),
            "colour": (self.settings.colour, style_losses.colour_loss(own, given.painting)),
        }
        if with_squeezenet:
            terms["squeeze"] = (self.settings.squeeze, style_losses.squeeze_loss(moments, given.moments))
        return terms

    def clean(self, own: Tensor, flat: Tensor) -> dict[str, Term]:
        """What no picture should have."""
        return {
            "weave": (self.settings.weave, style_losses.weave_loss(own, flat)),
            "roughness": (self.settings.smoothness, style_losses.roughness(own, flat)),
            "range": (self.settings.range, style_losses.range_loss(own)),
        }


def random_triples(arrays: list[np.ndarray], count: int, crop: int, rng: torch.Generator, device: torch.device) -> list[Tensor]:
    """Crops of photos, paintings and the teacher's pictures [count, 3, crop, crop] in [0, 1]."""
    picks = sorted(int(i) for i in torch.randint(len(arrays[0]), (count,), generator=rng))
    y, x = (int(v) * 8 for v in torch.randint((arrays[0].shape[1] - crop) // 8 + 1, (2,), generator=rng))
    photo, taught = (pictures(arrays[k][picks][:, y : y + crop, x : x + crop], device) for k in (0, 2))
    return [photo, pictures(arrays[1][picks], device), taught]


def step_maker(settings: StyleSettings, triples: Path, data: list[Path], vgg: Path, squeezenet: Path) -> loop.MakeStep:
    """A share of the steps imitates the teacher under a strength map; the others follow style and content themselves."""

    def make_step(device: torch.device) -> loop.Step:
        arrays = [np.load(triples / f"{name}.npy", mmap_mode="r") for name in NAMES]
        crops = [StyleData(folder) for folder in data]
        weights = torch.tensor(settings.weights)
        if len(weights) != len(crops):
            raise ValueError(f"the configuration has weights for {len(weights)} folders of crops, not for {len(crops)}")
        losses = Losses(settings, vgg, squeezenet, device)
        batch = settings.schedule.batch

        def paint(net: nn.Module, photo: Tensor, painting: Tensor, alpha: Tensor) -> Tensor:
            with torch.autocast(device.type, torch.bfloat16):
                with torch.no_grad():
                    code = net.style(painting)
                return net(photo, code, alpha).float()

        def imitate(net: nn.Module, rng: torch.Generator) -> dict[str, Term]:
            photo, painting, taught = random_triples(arrays, batch, settings.crop, rng, device)
            alpha = random_alpha(batch, settings.crop, settings.mixed, rng).to(device)
            own, flat = paint(net, photo, painting, alpha), style_losses.flatness(photo)
            target = alpha * style_losses.unwoven(taught, flat) + (1 - alpha) * photo
            return losses.clean(own, flat) | losses.imitation(own, target)

        def follow(net: nn.Module, rng: torch.Generator) -> dict[str, Term]:
            given = crops[int(torch.multinomial(weights, 1, generator=rng))].random_batch(batch, rng, device)
            own = paint(net, given.photo, given.painting, torch.ones_like(given.photo[:, :1]))
            with_squeezenet = float(torch.rand((), generator=rng)) < settings.squeeze_share
            return losses.clean(own, style_losses.flatness(given.photo)) | losses.direct(own, given, with_squeezenet)

        def step(net: nn.Module, rng: torch.Generator, device: torch.device, progress: float) -> tuple[Tensor, dict[str, Tensor]]:
            imitates = float(torch.rand((), generator=rng)) < settings.imitation
            terms = (imitate if imitates else follow)(net, rng)
            return sum(weight * term for weight, term in terms.values()), {name: term.detach() for name, (_, term) in terms.items()}

        return step

    return make_step


def style_watch(settings: StyleSettings, photos: Path, paintings: Path, vgg: Path, squeezenet: Path) -> Watch:
    """Paints some held-out photos each with its own painting and measures; the sheet shows some photos with some paintings."""
    chosen = [judges(list_pictures(folder)) for folder in (photos, paintings)]
    content, style = (torch.stack([center_square(p, WATCHED_SIZE) for p in paths[:: len(paths) // WATCHED][:WATCHED]]) for paths in chosen)

    def watch(net: nn.Module) -> tuple[dict[str, float], Image.Image]:
        device = next(net.parameters()).device
        losses = Losses(settings, vgg, squeezenet, device)
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
    parser.add_argument("--triples", type=Path, required=True, help="folder written by pairs")
    parser.add_argument("--data", type=Path, nargs="+", required=True, help="folders written by style_data")
    parser.add_argument("--vgg", type=Path, required=True, help="vgg16x_encoder4.npz")
    parser.add_argument("--squeezenet", type=Path, required=True, help="squeezenet10.npz")
    parser.add_argument("--photos", type=Path, required=True, help="folder whose held-out photos judge while training")
    parser.add_argument("--paintings", type=Path, required=True, help="the same for paintings")
    parser.add_argument("--start-from", type=Path, help="resume point or .npz of weights to begin with when there is no checkpoint")
    args = parser.parse_args()
    settings = load_settings(args.config, StyleSettings)
    torch.manual_seed(settings.schedule.seed)
    net = load_style(args.start_from) if args.start_from else StyleNet()
    run = loop.Run(settings.schedule, args.checkpoint, args.device, args.workers, args.leg_seconds)
    watch = style_watch(settings, args.photos, args.paintings, args.vgg, args.squeezenet)
    groups = [{"params": net.encoder(), "rate": settings.encoder_rate}, {"params": net.rest()}]
    loop.train(run, net, step_maker(settings, args.triples, args.data, args.vgg, args.squeezenet), watch, groups)


if __name__ == "__main__":
    main()
