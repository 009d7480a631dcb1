"""Draws the figures of a training's log over its iterations, a panel each."""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from pathlib import Path

from PIL import Image, ImageDraw

WIDTH, HEIGHT, MARGIN, COLUMNS = 360, 200, 28, 3
INK, PAPER, GREY = (30, 60, 150), (255, 255, 255), (120, 120, 120)
ASIDE = ("seconds", "iterations")
Series = dict[str, list[tuple[int, float]]]


def read_log(path: Path) -> Series:
    """Every figure of a JSONL log as (iterations, value) pairs."""
    series: Series = defaultdict(list)
    lines = path.read_text().splitlines() if path.exists() else []
    for line in map(json.loads, lines):
        for name, value in line.items():
            if name not in ASIDE:
                series[name].append((line["iterations"], value))
    return series


def draw_panel(name: str, points: list[tuple[int, float]]) -> Image.Image:
    """One curve with its first and last iteration, its range and its last value."""
    panel = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    draw = ImageDraw.Draw(panel)
    left, right = points[0][0], max(points[-1][0], points[0][0] + 1)
    low, high = min(v for _, v in points), max(v for _, v in points)
    span = (high - low) or 1.0

    def place(x: int, y: float) -> tuple[float, float]:
        return (MARGIN + (x - left) / (right - left) * (WIDTH - 2 * MARGIN), HEIGHT - MARGIN - (y - low) / span * (HEIGHT - 2 * MARGIN))

    draw.rectangle((MARGIN, MARGIN, WIDTH - MARGIN, HEIGHT - MARGIN), outline=GREY)
    draw.line([place(x, y) for x, y in points], fill=INK, width=2)
    draw.text((MARGIN, 8), f"{name}: {points[-1][1]:.4g}", fill=INK)
    draw.text((MARGIN, HEIGHT - 20), f"{left} to {right}, {low:.3g} to {high:.3g}", fill=GREY)
    return panel


def draw_curves(path: Path) -> Image.Image:
    """All panels of a log."""
    series = read_log(path)
    rows = -(-max(len(series), 1) // COLUMNS)
    sheet = Image.new("RGB", (COLUMNS * WIDTH, rows * HEIGHT), PAPER)
    for i, (name, points) in enumerate(series.items()):
        sheet.paste(draw_panel(name, points), (i % COLUMNS * WIDTH, i // COLUMNS * HEIGHT))
    return sheet


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("log", type=Path, help="a .jsonl file beside a resume point")
    parser.add_argument("out", type=Path, help="picture to write")
    args = parser.parse_args()
    draw_curves(args.log).save(args.out)


if __name__ == "__main__":
    main()
