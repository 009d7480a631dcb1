"""Checks a pack against its contract and, if given, against the networks it was exported from.

Every check prints one line; the first failure ends the run with exit status 1.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from velatura_convert.runtime import Pack

from .depth_net import load_depth
from .export.__main__ import HALO, export
from .images import fit_long_side, list_pictures, random_crop
from .sheets import strength
from .style_layers import EPSILON
from .style_net import load_style

SIZE = 256


def report(name: str, passed: bool, detail: str) -> None:
    print(f"{'ok  ' if passed else 'FAIL'} {name}: {detail}", flush=True)
    if not passed:
        raise SystemExit(1)


def steps(a: np.ndarray, b: np.ndarray) -> int:
    """Largest difference of two u8 pictures."""
    return int(np.abs(a.astype(int) - b.astype(int)).max())


def decode(pack: Pack, features: list[np.ndarray], content: np.ndarray, code: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    painted = pack.run("decode", features_0=features[0], features_1=features[1], content=content, code=code, alpha=alpha)
    return painted[0][0]


def measured(features: list[np.ndarray]) -> np.ndarray:
    """What `decode` wants to know of the whole photo [1, 2 C], in fp64."""
    levels = [(x.mean((2, 3), np.float64), np.sqrt(x.var((2, 3), np.float64) + EPSILON)) for x in features]
    return np.concatenate([part for level in levels for part in level], 1).astype(np.float32)


def check_networks(pack: Pack, style: Path, depth: Path, photo: np.ndarray, painting: np.ndarray) -> None:
    """PyTorch in fp32 against the graphs with fp16-stored weights."""
    tensors = [torch.from_numpy(p.copy()).permute(2, 0, 1)[None].float() / 255 for p in (photo, painting)]
    net = load_style(style)
    net.load_state_dict({k: v.half().float() for k, v in net.state_dict().items()})
    with torch.no_grad():
        own = net(tensors[0], net.style(tensors[1]), torch.ones(1, 1, SIZE, SIZE))[0].clamp(0, 1)
    painted = pack.paint(photo, pack.code(painting))
    difference = steps((own * 255 + 0.5).floor().byte().permute(1, 2, 0).numpy(), painted)
    report("PyTorch and paint agree", difference <= 1, f"{difference}/255")
    if depth.suffix == ".onnx":
        return
    with torch.no_grad():
        own_depth = load_depth(depth)(tensors[0])[0, 0].numpy()
    error = np.abs(pack.depth(photo) - own_depth).max() / own_depth.std()
    report("PyTorch and depth agree", error < 0.05, f"{error:.4f} deviations")


def check_precisions(pack: Pack, style: Path, depth: Path, pairs: list[tuple[np.ndarray, np.ndarray]]) -> None:
    """The pack against itself with weights stored in fp32: codes, strength from depth, painting."""
    with tempfile.TemporaryDirectory() as folder:
        export(style, depth, Path(folder), "0.0.0", pack.depth_long_side, np.float32)
        exact = Pack(Path(folder))
        worst = 0
        for photo, painting in pairs:
            for by_depth in (False, True):
                pictures = []
                for one in (pack, exact):
                    alpha = strength(one, Image.fromarray(photo), SIZE // 4, SIZE // 4) if by_depth else 1.0
                    pictures.append(one.paint(photo, one.code(painting), alpha))
                worst = max(worst, steps(*pictures))
    report(f"fp16 and fp32 agree on {len(pairs)} pairs", worst <= 2, f"{worst}/255")


def check_two_passes(pack: Pack, photo: np.ndarray, code: np.ndarray) -> None:
    """encode, statistics and decode against paint, for three strength maps."""
    features = pack.run("encode", image=photo[None])
    content = measured(features)
    ramp = np.linspace(0, 1, SIZE // 4, dtype=np.float32)
    for name, alpha in (("1", 1.0), ("0", 0.0), ("ramp", np.tile(ramp, (SIZE // 4, 1)))):
        whole = pack.paint(photo, code, alpha)
        field = np.broadcast_to(np.float32(alpha), (1, 1, SIZE // 4, SIZE // 4)).copy()
        difference = steps(whole, decode(pack, features, content, code, field))
        report(f"paint = encode + decode, alpha {name}", difference <= 1, f"{difference}/255")
    other = pack.paint(photo, pack.code(photo[::-1, ::-1].copy()), 0.0)
    report("alpha 0 does not depend on the style", steps(other, pack.paint(photo, code, 0.0)) == 0, "equal")


def check_halo(pack: Pack, photo: np.ndarray, code: np.ndarray, halo: int) -> None:
    """A tile in the middle, its borders `halo` wide, against the same place in the whole."""
    large = np.tile(photo, (2, 2, 1))[: 2 * SIZE, : 2 * SIZE]
    content = measured(pack.run("encode", image=large[None]))
    whole = pack.paint(large, code)
    first, last = SIZE // 2 + 32, SIZE // 2 + 96
    tile = large[first - halo : last + halo, first - halo : last + halo]
    features = pack.run("encode", image=tile[None])
    alpha = np.ones((1, 1, *features[0].shape[2:]), np.float32)
    painted = decode(pack, features, content, code, alpha)[halo : halo + last - first, halo : halo + last - first]
    difference = steps(whole[first:last, first:last], painted)
    report(f"tiles with a halo of {halo}", difference <= 1, f"{difference}/255")


def check_extremes(pack: Pack, code: np.ndarray, sides: tuple[int, ...]) -> None:
    """Black, grey, white and noise at several sizes, as photo and as painting: finite, and no picture of one colour from noise."""
    rng = np.random.default_rng(6)
    for side in sides:
        for name, picture in {
            **{f"constant {value}": np.full((side, side, 3), value, np.uint8) for value in (0, 128, 255)},
            "noise": rng.integers(0, 256, (side, side, 3), np.uint8),
        }.items():
            own = pack.code(picture)
            painted = pack.paint(picture, code), pack.paint(picture, own, 0.5)
            depth = pack.depth(np.asarray(fit_long_side(Image.fromarray(picture), pack.depth_long_side, 32)))
            finite = np.isfinite(own).all() and np.isfinite(depth).all()
            lively = name != "noise" or all(p.std() > 1 for p in painted)
            report(f"{name}, {side} px", bool(finite and lively), "finite")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pack", type=Path, required=True)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--paintings", type=Path, required=True)
    parser.add_argument("--style", type=Path, help="what the style graphs were exported from")
    parser.add_argument("--depth", type=Path, help="what the depth graph was exported from")
    parser.add_argument("--pairs", type=int, default=4, help="photos and paintings on which fp16 and fp32 are compared")
    args = parser.parse_args()
    rng = random.Random(5)

    def crops(folder: Path) -> list[np.ndarray]:
        paths = list_pictures(folder)
        return [random_crop(rng.choice(paths), SIZE, 1.0, rng) for _ in range(args.pairs)]

    pairs = list(zip(crops(args.photos), crops(args.paintings)))
    photo, painting = pairs[0]
    pack = Pack(args.pack)
    code = pack.code(painting)
    if args.style and args.depth:
        check_networks(pack, args.style, args.depth, photo, painting)
        check_precisions(pack, args.style, args.depth, pairs)
    check_two_passes(pack, photo, code)
    check_halo(pack, photo, code, HALO)
    check_extremes(pack, code, (16, 64, 1024))


if __name__ == "__main__":
    main()
