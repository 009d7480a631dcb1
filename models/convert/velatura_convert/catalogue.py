"""What is published where: `catalogue.toml`, read."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

CATALOGUE = Path(__file__).resolve().parents[1] / "catalogue.toml"


@dataclass(frozen=True)
class Published:
    """One file of a network."""

    role: str
    url: str
    sha256: str  # or "unknown"
    bytes: int  # its size, or a limit if the checksum is unknown


@dataclass(frozen=True)
class Entry:
    """One network."""

    name: str
    architecture: str
    version: str
    licence: str
    description: str
    page: str = ""
    long_side: int = 0  # of depth networks
    multiple: int = 0
    unit_pixels: bool = False  # they want RGB / 255 as it is, not normalised by ImageNet's statistics
    files: tuple[Published, ...] = ()


def read_catalogue(path: Path = CATALOGUE) -> dict[str, Entry]:
    entries = {}
    for table in tomllib.loads(path.read_text(encoding="utf-8"))["pack"]:
        files = tuple(Published(**file) for file in table.pop("file"))
        entries[table["name"]] = Entry(**table, files=files)
    return entries
