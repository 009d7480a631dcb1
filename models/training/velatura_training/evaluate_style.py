"""Judges a pack's painting on held-out photos, each with several held-out paintings, beside its rival and the photo itself.

style: over four layers of the normalised VGG, MSE of means plus MSE of deviations against the painting; content: relative MSE of its
deepest features against the photo; squeeze: the style distance in SqueezeNet; colour: as in training; woven: what repeats every four
pixels in the photo's flat areas, in 1/255; and, once per photo, the PSNR of the picture at strength 0. Lower is better except for the
PSNR. The loss networks are those trained with.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from velatura_convert.runtime import Pack

from . import style_losses

from .images import center_square, list_pictures
from .proxy_vgg import LAYERS, ProxyVgg
from .split import judges
from .squeezenet import SqueezeNet
from .style_teacher import StyleTeacher

Paint = Callable[[np.ndarray, np.ndarray], np.ndarray]  # photo and painting to the painted picture, all u8 [S, S, 3]


def tensor(pixels: np.ndarray) -> Tensor:
    """u8 [H, W, 3] to f32 [1, 3, H, W] in [0, 1]."""
    return torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None].float() / 255


def some(paths: list[Path], count: int) -> list[Path]:
    """`count` of the paths, evenly spread."""
    return [paths[i * len(paths) // count] for i in range(min(count, len(paths)))]


def squares(paths: list[Path], size: int) -> list[np.ndarray]:
    """u8 [size, size, 3] about the middle of each picture."""
    return [(center_square(p, size).permute(1, 2, 0).numpy() * 255 + 0.5).astype(np.uint8) for p in paths]


class Judge:
    """The distances of a painted picture."""

    def __init__(self, teachers: Path) -> None:
        self.vgg, self.squeezenet = ProxyVgg(teachers / "vgg16x_encoder4.npz").eval(), SqueezeNet(teachers / "squeezenet10.npz").eval()

    @torch.no_grad()
    def __call__(self, photo: np.ndarray, painting: np.ndarray, painted: np.ndarray) -> dict[str, float]:
        own, wanted, kept = (tensor(p) for p in (painted, painting, photo))
        seen = self.vgg(own)
        moments = style_losses.style_moments(self.vgg, seen, self.squeezenet(own))
        target = style_losses.style_moments(self.vgg, self.vgg(wanted), self.squeezenet(wanted))
        figures = {
            "style": style_losses.style_distance(moments, target)[0],
            "content": style_losses.content_loss(seen[LAYERS[-1]], self.vgg(kept)[LAYERS[-1]]),
            "squeeze": style_losses.squeeze_loss(moments, target),
            "colour": style_losses.colour_loss(own, wanted),
            "woven": 255 * style_losses.weave_loss(own, style_losses.flatness(kept)),
        }
        return {name: float(figure) for name, figure in figures.items()}


def paint_with(teacher: StyleTeacher) -> Paint:
    @torch.no_grad()
    def paint(photo: np.ndarray, painting: np.ndarray) -> np.ndarray:
        return (teacher(tensor(photo), tensor(painting))[0][0].clamp(0, 1).permute(1, 2, 0).numpy() * 255 + 0.5).astype(np.uint8)

    return paint


def psnr(a: np.ndarray, b: np.ndarray) -> float:
    """Infinite for equal pictures."""
    error = np.square(a.astype(float) - b).mean()
    return float(10 * np.log10(255**2 / error)) if error else float("inf")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pack", type=Path, required=True)
    parser.add_argument("--teachers", type=Path, required=True, help="folder of microast_*.npz, vgg16x_encoder4.npz and squeezenet10.npz")
    parser.add_argument("--photos", type=Path, nargs="+", required=True, help="folders")
    parser.add_argument("--paintings", type=Path, nargs="+", required=True, help="folders")
    parser.add_argument("--all", action="store_true", help="every picture of the folders, not only those that `split` holds out")
    parser.add_argument("--most", type=int, nargs=2, default=[24, 10], help="how many photos and paintings")
    parser.add_argument("--size", type=int, default=256)
    args = parser.parse_args()
    torch.set_num_threads(1)
    found = ([p for folder in folders for p in list_pictures(folder)] for folders in (args.photos, args.paintings))
    photos, paintings = (squares(some(p if args.all else judges(p), n), args.size) for p, n in zip(found, args.most))
    print(f"{len(photos)} photos, {len(paintings)} paintings, {args.size} px", flush=True)
    judge, pack = Judge(args.teachers), Pack(args.pack)
    codes = {painting.tobytes(): pack.code(painting) for painting in paintings}
    painters: dict[str, Paint] = {
        "the photo itself": lambda photo, painting: photo,
        str(args.pack): lambda photo, painting: pack.paint(photo, codes[painting.tobytes()]),
        "MicroAST": paint_with(StyleTeacher(args.teachers).eval()),
    }
    for name, paint in painters.items():
        rows = [judge(photo, painting, paint(photo, painting)) for photo in photos for painting in paintings]
        print(f"{name}: " + ", ".join(f"{key} {np.mean([row[key] for row in rows]):.3f}" for key in rows[0]), flush=True)
    print(f"PSNR at strength 0: {min(psnr(pack.paint(photo, next(iter(codes.values())), 0.0), photo) for photo in photos):.1f} dB at least")


if __name__ == "__main__":
    main()
