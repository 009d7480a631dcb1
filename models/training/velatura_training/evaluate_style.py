"""Judges a pack's painting on every given photo with every given painting, in the proxy-VGG metrics it was trained on.

style: over four layers, MSE of means plus MSE of deviations against the painting; content: relative MSE of the deepest layer's features
against the photo; colour: as in training; woven: what repeats every four pixels in the photo's flat areas, in 1/255; and, once per
photo, the PSNR of the picture at strength 0. Lower is better except for the PSNR.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from velatura_convert.runtime import Pack

from . import style_losses
from .images import list_pictures, read_rgb
from .pairs import Teacher
from .proxy_vgg import LAYERS, ProxyVgg


def tensor(pixels: np.ndarray) -> Tensor:
    """u8 [H, W, 3] to f32 [1, 3, H, W] in [0, 1]."""
    return torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None].float() / 255


@torch.no_grad()
def judge(vgg: ProxyVgg, photo: np.ndarray, painting: np.ndarray, painted: np.ndarray) -> dict[str, float]:
    """The four distances of one painted picture."""
    own, wanted, kept = (tensor(p) for p in (painted, painting, photo))
    features, deepest = vgg(own), LAYERS[-1]
    content = vgg(kept)[deepest]
    return {
        "style": float(style_losses.style_loss(vgg, features, vgg(wanted))),
        "content": float((features[deepest] - content).square().mean() / content.square().mean()),
        "colour": float(style_losses.colour_loss(own, wanted)),
        "woven": 255 * float(style_losses.weave_loss(own, style_losses.flatness(kept))),
    }


def psnr(a: np.ndarray, b: np.ndarray) -> float:
    return float(10 * np.log10(255**2 / np.square(a.astype(float) - b).mean()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pack", type=Path, required=True)
    parser.add_argument("--vgg", type=Path, required=True, help="vgg16x_encoder4.npz")
    parser.add_argument("--teacher", type=Path, help="also judge microast.onnx")
    parser.add_argument("--photos", type=Path, nargs="+", required=True, help="folders")
    parser.add_argument("--paintings", type=Path, nargs="+", required=True, help="folders")
    parser.add_argument("--size", type=int, default=256)
    args = parser.parse_args()
    square = (args.size, args.size)
    photos, paintings = (
        [np.asarray(read_rgb(f).resize(square)) for folder in folders for f in list_pictures(folder)]
        for folders in (args.photos, args.paintings)
    )
    vgg, pack = ProxyVgg(args.vgg).eval(), Pack(args.pack)
    codes = [pack.code(painting) for painting in paintings]
    painters = {"the photo itself": lambda photo, i: photo, "pack": lambda photo, i: pack.paint(photo, codes[i])}
    if args.teacher:
        teacher = Teacher(args.teacher)
        painters["teacher"] = lambda photo, i: teacher.paint(photo, paintings[i])
    for name, paint in painters.items():
        rows = [judge(vgg, photo, p, paint(photo, i)) for photo in photos for i, p in enumerate(paintings)]
        print(f"{name}: " + ", ".join(f"{key} {np.mean([row[key] for row in rows]):.3f}" for key in rows[0]), flush=True)
    print(f"PSNR at strength 0: {np.mean([psnr(pack.paint(photo, codes[0], 0.0), photo) for photo in photos]):.1f} dB")


if __name__ == "__main__":
    main()
