"""Judges packs over photos and styles: `cargo xtask evaluate -- [options]`.

Every photo is painted in every style by the program itself, once a run: each pack with its depth, and each at alpha = 1 everywhere.
The table's means, every picture's figures and a contact sheet are written below --out.
"""

from __future__ import annotations

import argparse
import os
import sys
import tomllib
from pathlib import Path

import numpy as np
from PIL import Image

from . import report
from .features import Features
from .judge import DepthNetwork, Judge
from .painting import Painted, Run, paint

MODELS = Path(__file__).resolve().parents[2]
SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="cargo xtask evaluate --", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--velatura", type=Path, required=True, help="the program (cargo xtask gives it)")
    parser.add_argument("--photos", type=Path, default=MODELS / "scenes", help="a folder of photos [the house scenes]")
    parser.add_argument("--styles", type=Path, default=MODELS / "styles", help="a folder of styles [the house styles]")
    parser.add_argument("--only", nargs="*", metavar="STYLE", help="only these styles, by file name without ending")
    parser.add_argument("--packs", type=Path, nargs="*", help="folders of packs [all that are installed]")
    parser.add_argument("--features", type=Path, default=MODELS / "velatura-light",
                        help="squeezenet10.npz or vgg16x_encoder4.npz; else the light pack's encoder,\nwhich favours that pack")  # fmt: skip
    parser.add_argument("--depth-pack", type=Path, default=MODELS / "velatura-light", help="whose depth network judges")
    parser.add_argument("--size", type=int, default=512, help="long side at which to paint and compare [512]")
    parser.add_argument("--out", type=Path, default=Path("target/evaluation"))
    parser.add_argument("--slow", action="store_true", help="also Gatys' optimisation, without and with Liu's depth loss (PyTorch)")
    parser.add_argument("--slow-steps", type=int, default=200)
    return parser.parse_args()


def pictures(folder: Path) -> list[Path]:
    found = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)
    if not found:
        raise SystemExit(f"there is no picture in {folder}")
    return found


def installed() -> list[Path]:
    """Packs that paint, the light pack first."""
    own = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share") / "velatura/models"
    folders = [path.parent for root in (MODELS, own) if root.is_dir() for path in sorted(root.glob("*/pack.toml"))]
    return [folder for folder in folders if "paint" in tomllib.loads((folder / "pack.toml").read_text(encoding="utf-8"))]


def runs(packs: list[Path]) -> list[Run]:
    """With depth and without, each pack, called by its name and, where that is not enough, its version."""
    about = [tomllib.loads((folder / "pack.toml").read_text(encoding="utf-8")) for folder in packs]
    names = [pack["name"] for pack in about]
    if len(set(names)) < len(names):
        names = [f"{pack['name']} {pack['version']}" for pack in about]
    if len(set(names)) < len(names):
        raise SystemExit(f"two of the packs are of one name and version: {', '.join(sorted(names))}")
    rows = []
    for name, folder in zip(names, packs):
        rows += [Run(name, str(folder)), Run(f"{name}, α = 1", str(folder), ("--depth-mode", "off"))]
    return rows


def mean(figures: list[dict[str, float]]) -> dict[str, float]:
    return {key: float(np.mean([f[key] for f in figures])) for key in figures[0]}


def main() -> int:
    args = arguments()
    photos, styles = pictures(args.photos), pictures(args.styles)
    if args.only:
        if unknown := sorted(set(args.only) - {style.stem for style in styles}):
            raise SystemExit(f"there is no style {', '.join(unknown)} in {args.styles}")
        styles = [style for style in styles if style.stem in args.only]
    args.out.mkdir(parents=True, exist_ok=True)
    features, depth = Features(args.features), DepthNetwork(args.depth_pack)
    judge = Judge(features, depth)
    pairs = [(photo, style) for photo in photos for style in styles]
    painted: dict[str, Painted] = {}
    for run in runs(args.packs or installed()):
        print(f"painting {len(pairs)} pictures: {run.name}", flush=True)
        folder = args.out / run.name.replace(", α = 1", "-plain")
        painted[run.name] = paint(args.velatura, run, photos, styles, args.size, folder)
    if args.slow:
        from .slow import references

        painted |= references(args, features, pairs)

    rows, each = {}, {}
    untouched = [judge.figures(_resized(photo, args.size), photo, style) for photo, style in pairs]
    rows["the photo itself"] = mean(untouched) | {"depth-aware": None, "seconds": None, "peak_mib": None}
    for name, run in painted.items():
        print(f"judging: {name}", flush=True)
        figures = {}
        for photo, style in pairs:
            with Image.open(run.pictures[photo.stem, style.stem]) as image:
                figures[f"{photo.stem}, {style.stem}"] = judge.figures(np.asarray(image.convert("RGB")), photo, style)
        rows[name] = mean(list(figures.values())) | {"seconds": run.seconds, "peak_mib": run.peak_mib}
        each[name] = figures
    about = [
        f"{len(photos)} photos × {len(styles)} styles at a long side of {args.size} pixels, means over all pictures.",
        f"Features: {features.name}. Depth: {depth.name}.",
    ]
    report.write(args.out, rows, about, each)
    heads = ["photo", "style", *painted]
    shown = [(photo, styles[i * 5 % len(styles)]) for i, photo in enumerate(photos[:8])]
    sheet = [[photo, style, *(run.pictures[photo.stem, style.stem] for run in painted.values())] for photo, style in shown]
    report.contact_sheet(args.out / "sheet.jpg", heads, sheet)
    print(report.markdown(rows, about))
    print(f"{args.out}: table.md, table.json, sheet.jpg")
    return 0


def _resized(path: Path, size: int) -> np.ndarray:
    with Image.open(path) as image:
        image = image.convert("RGB")
        image.thumbnail((size, size), Image.Resampling.LANCZOS)
        return np.asarray(image)


if __name__ == "__main__":
    sys.exit(main())
