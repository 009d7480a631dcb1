"""Slow references, as in the paper's comparison: Gatys' optimisation (2016), and the same with Liu's depth loss (2017).

The picture's own pixels are optimised, from the photo, by Adam: content at the deepest layer, Gram matrices at all, and for Liu the
difference of the depth network's outputs. Liu trained a network with that loss; here the loss itself is what is compared. Needs
PyTorch, which nothing else here does.
"""

from __future__ import annotations

import time
from argparse import Namespace
from pathlib import Path

import numpy as np
import onnx
from PIL import Image

from .features import Features
from .painting import Painted, own_peak_mib

CONTENT, STYLE, DEPTH, RATE = 1.0, 30.0, 3.0, 0.02


def references(args: Namespace, features: Features, pairs: list[tuple[Path, Path]]) -> dict[str, Painted]:
    """Both references for every pair."""
    try:
        import torch  # noqa: F401
    except ImportError:
        raise SystemExit("--slow needs PyTorch in the evaluation's Python: install torch there, or leave --slow out") from None
    if args.features.is_dir():
        raise SystemExit("--slow needs a feature network: name vgg16x_encoder4.npz or squeezenet10.npz with --features")
    depth = onnx.load(args.depth_pack / "depth.onnx")
    done = {}
    for name, weight in (("Gatys", 0.0), ("Gatys, Liu's depth loss", DEPTH)):
        folder = args.out / name.replace(", ", "-").replace(" ", "-").replace("'", "")
        folder.mkdir(exist_ok=True)
        began, pictures = time.monotonic(), {}
        for photo, style in pairs:
            print(f"optimising: {name}, {photo.stem} in {style.stem}", flush=True)
            path = folder / f"{photo.stem}.{style.stem}.png"
            result = optimised(_read(photo, args.size), _read(style, 512), features.model, depth, weight, args.slow_steps)
            Image.fromarray(result).save(path)
            pictures[photo.stem, style.stem] = path
        done[name] = Painted(pictures, (time.monotonic() - began) / len(pairs), own_peak_mib())
    return done


def _read(path: Path, size: int) -> np.ndarray:
    with Image.open(path) as image:
        image = image.convert("RGB")
        image.thumbnail((size, size), Image.Resampling.LANCZOS)
        width, height = (max(n // 32, 1) * 32 for n in image.size)
        return np.asarray(image.resize((width, height), Image.Resampling.LANCZOS))


def optimised(
    photo: np.ndarray, style: np.ndarray, features: onnx.ModelProto, depth: onnx.ModelProto, depth_weight: float, steps: int
) -> np.ndarray:
    """The picture u8 [H, W, 3] after so many steps."""
    import torch

    from .torch_graph import TorchGraph

    feature_net, depth_net = TorchGraph(features), TorchGraph(depth)
    start = torch.from_numpy(photo.copy()).float()[None] / 255
    with torch.no_grad():
        content = feature_net(start * 255)
        wanted = [gram(m) for m in feature_net(torch.from_numpy(style.copy()).float()[None])]
        scale = [w.square().mean() for w in wanted]
        near = depth_net(start * 255)[0]
    picture = start.clone().requires_grad_(True)
    adam = torch.optim.Adam([picture], RATE)
    for _ in range(steps):
        adam.zero_grad()
        own = feature_net(picture * 255)
        loss = CONTENT * (own[-1] - content[-1]).square().mean() / content[-1].square().mean()
        loss = loss + STYLE * sum((gram(m) - w).square().mean() / s for m, w, s in zip(own, wanted, scale)) / len(wanted)
        if depth_weight:
            loss = loss + depth_weight * (depth_net(picture * 255)[0] - near).square().mean() / near.var()
        loss.backward()
        adam.step()
        with torch.no_grad():
            picture.clamp_(0, 1)
    return (picture.detach()[0] * 255 + 0.5).clamp(0, 255).byte().numpy()


def gram(m):  # noqa: ANN001, ANN201 - a tensor of a library that may not be there
    """[1, C, h, w] to [C, C], per cell."""
    flat = m[0].flatten(1)
    return flat @ flat.T / flat.shape[1]
