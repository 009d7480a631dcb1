"""Contact sheets to look at: photos by paintings, strength maps from depth, and the depth maps themselves."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from PIL import Image
from velatura_convert.runtime import Pack

from .images import fit_long_side, list_pictures, read_rgb

GAP = 4


def grid(rows: list[list[np.ndarray]]) -> Image.Image:
    """Pictures u8 [h, w, 3] in rows, each centred in a cell of the largest size."""
    height = max(cell.shape[0] for row in rows for cell in row) + GAP
    width = max(cell.shape[1] for row in rows for cell in row) + GAP
    sheet = np.full((height * len(rows), width * max(map(len, rows)), 3), 255, np.uint8)
    for i, row in enumerate(rows):
        for j, cell in enumerate(row):
            y, x = i * height + (height - cell.shape[0]) // 2, j * width + (width - cell.shape[1]) // 2
            sheet[y : y + cell.shape[0], x : x + cell.shape[1]] = cell
    return Image.fromarray(sheet)


def near_is_bright(depth: np.ndarray) -> np.ndarray:
    """Percentile-normalised depth as a grey picture."""
    low, high = np.percentile(depth, (1, 99))
    grey = np.clip((depth - low) / max(high - low, 1e-6), 0, 1) * 255
    return np.repeat(grey.astype(np.uint8)[..., None], 3, 2)


def strength(pack: Pack, photo: Image.Image, height: int, width: int) -> np.ndarray:
    """Alpha [height, width]: 0 at the nearest point of the photo, 1 at the farthest."""
    depth = near_is_bright(pack.depth(np.asarray(fit_long_side(photo, pack.depth_long_side, 32))))
    small = Image.fromarray(255 - depth[..., 0]).resize((width, height), Image.BILINEAR)
    return np.asarray(small, np.float32) / 255


def painted_rows(pack: Pack, photos: list[Path], paintings: list[Path], size: int, by_depth: bool) -> list[list[np.ndarray]]:
    """First row the paintings, then a row for each photo."""
    styles = [np.asarray(fit_long_side(read_rgb(p), size, 8)) for p in paintings]
    codes = [pack.code(style) for style in styles]
    rows = [[np.full((8, 8, 3), 255, np.uint8), *styles]]
    for path in photos:
        photo = fit_long_side(read_rgb(path), size, 8)
        pixels = np.asarray(photo)
        alpha = strength(pack, photo, pixels.shape[0] // 4, pixels.shape[1] // 4) if by_depth else 1.0
        rows.append([pixels, *(pack.paint(pixels, code, alpha) for code in codes)])
    return rows


def depth_rows(pack: Pack, photos: list[Path], size: int) -> list[list[np.ndarray]]:
    """Photo and depth map side by side, four pairs a row."""
    cells = []
    for path in photos:
        photo = read_rgb(path)
        depth = Image.fromarray(near_is_bright(pack.depth(np.asarray(fit_long_side(photo, pack.depth_long_side, 32)))))
        cells += [np.asarray(fit_long_side(p, size, 8)) for p in (photo, depth.resize(photo.size, Image.BILINEAR))]
    return [cells[i : i + 8] for i in range(0, len(cells), 8)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pack", type=Path, required=True)
    parser.add_argument("--kind", choices=("paint", "depth-paint", "depth"), required=True)
    parser.add_argument("--photos", type=Path, nargs="+", required=True, help="files or folders")
    parser.add_argument("--paintings", type=Path, nargs="*", default=[], help="files or folders")
    parser.add_argument("--size", type=int, default=256, help="long side, pixels")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    photos, paintings = ([f for p in paths for f in (list_pictures(p) if p.is_dir() else [p])] for paths in (args.photos, args.paintings))
    pack = Pack(args.pack)
    if args.kind == "depth":
        rows = depth_rows(pack, photos, args.size)
    else:
        rows = painted_rows(pack, photos, paintings, args.size, args.kind == "depth-paint")
    grid(rows).save(args.out)


if __name__ == "__main__":
    main()
