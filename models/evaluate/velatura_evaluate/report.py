"""The table, as Markdown and JSON, and the contact sheet."""

from __future__ import annotations

import json
from pathlib import Path

from PIL import Image, ImageDraw

COLUMNS = {  # figure: (heading, digits)
    "style": ("style ↓", 3), "content": ("content ↓", 3), "ssim": ("SSIM ↑", 3), "ssim near": ("near", 3), "ssim far": ("far", 3),
    "lpips": ("LPIPS-style ↓", 3), "lpips near": ("near", 3), "lpips far": ("far", 3), "depth rows": ("depth: rows ↑", 3),
    "depth rank": ("depth: rank ↑", 3), "depth-aware": ("depth-aware ↑", 2), "seconds": ("s", 2), "peak_mib": ("MiB", 0),
}  # fmt: skip


def markdown(rows: dict[str, dict[str, float | None]], about: list[str]) -> str:
    def cell(row: dict[str, float | None], key: str, digits: int) -> str:
        value = row.get(key)
        return "–" if value is None else f"{value:.{digits}f}"

    head = "| run | " + " | ".join(heading for heading, _ in COLUMNS.values()) + " |\n"
    line = "|---|" + "---:|" * len(COLUMNS) + "\n"
    body = "".join(
        f"| {name} | " + " | ".join(cell(row, key, digits) for key, (_, digits) in COLUMNS.items()) + " |\n" for name, row in rows.items()
    )
    return "\n".join(about) + "\n\n" + head + line + body


def write(out: Path, rows: dict[str, dict], about: list[str], pairs: dict[str, dict[str, dict]]) -> None:
    (out / "table.md").write_text(markdown(rows, about), encoding="utf-8")
    content = {"about": about, "means": rows, "pictures": pairs}
    (out / "table.json").write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def contact_sheet(path: Path, heads: list[str], rows: list[list[Path]], cell: int = 256) -> None:
    """A row a photo: photo, style, then every run's picture."""
    gap, top = 8, 22
    width, height = len(heads) * (cell + gap) + gap, len(rows) * (cell + gap) + gap + top
    sheet = Image.new("RGB", (width, height), (250, 249, 246))
    draw = ImageDraw.Draw(sheet)
    for column, head in enumerate(heads):
        draw.text((gap + column * (cell + gap), 6), head.replace("α", "alpha"), fill=(40, 40, 40))
    for y, row in enumerate(rows):
        for x, picture in enumerate(row):
            with Image.open(picture) as image:
                image = image.convert("RGB")
                image.thumbnail((cell, cell), Image.Resampling.LANCZOS)
                left = gap + x * (cell + gap) + (cell - image.width) // 2
                sheet.paste(image, (left, top + gap + y * (cell + gap) + (cell - image.height) // 2))
    sheet.save(path, quality=88)
