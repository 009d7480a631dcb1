"""Re-encodes a folder of pictures smaller, so that a training set fits into an upload."""

from __future__ import annotations

import argparse
from pathlib import Path

from PIL import Image

from .images import list_pictures, read_rgb


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--short-side", type=int, default=288, help="pixels; smaller pictures keep their size")
    parser.add_argument("--quality", type=int, default=82, help="JPEG quality")
    args = parser.parse_args()
    total = 0
    for path in list_pictures(args.pictures):
        picture = read_rgb(path)
        scale = min(1.0, args.short_side / min(picture.size))
        target = (args.out / path.relative_to(args.pictures)).with_suffix(".jpg")
        target.parent.mkdir(parents=True, exist_ok=True)
        picture.resize(tuple(round(s * scale) for s in picture.size), Image.LANCZOS).save(target, quality=args.quality)
        total += target.stat().st_size
    print(f"{args.out}: {total / 2**20:.1f} MiB")


if __name__ == "__main__":
    main()
