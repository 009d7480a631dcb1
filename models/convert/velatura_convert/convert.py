"""From a network's files to its pack."""

from __future__ import annotations

import hashlib
from pathlib import Path

from . import adain_vgg, depth_onnx, ghiasi, johnson, microast
from .catalogue import Entry
from .pack import Manifest, write_pack
from .torch_file import Unreadable

PAINTERS = {"adain-vgg19": adain_vgg, "microast": microast, "ghiasi": ghiasi, "johnson": johnson}
ARCHITECTURES = {name: module.FILES for name, module in PAINTERS.items()} | {"depth": depth_onnx.FILES}


def digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def source(entry: Entry, files: dict[str, Path], sums: dict[str, str]) -> list[str]:
    """What the manifest says of where the weights come from, with what was really read."""
    addresses = {file.role: file.url for file in entry.files}
    lines = ["Converted from:"]
    lines += [f"  {role}: {addresses.get(role, path.name)}, sha256 {sums[role]}" for role, path in files.items()]
    return lines + ([f"  See {entry.page}"] if entry.page else [])


def convert(entry: Entry, files: dict[str, Path], out: Path) -> int:
    """Writes the pack of a network whose files are here; returns the bytes of its graphs."""
    roles = ARCHITECTURES.get(entry.architecture)
    if roles is None:
        raise Unreadable(f"there is no architecture {entry.architecture!r}; there are: {', '.join(ARCHITECTURES)}")
    if set(files) != set(roles):
        raise Unreadable(f"{entry.architecture} is made of these files: {', '.join(roles)}; given: {', '.join(files) or 'none'}")
    sums = {role: digest(path) for role, path in files.items()}
    for file in entry.files:
        if file.sha256 not in ("unknown", sums[file.role]):
            raise Unreadable(f"{files[file.role].name} has the sha256 {sums[file.role]}, but {file.sha256} was published")
    paint = depth = None
    if entry.architecture == "depth":
        depth, graphs = depth_onnx.convert(files, entry.long_side, entry.multiple, entry.unit_pixels)
    else:
        paint, graphs = PAINTERS[entry.architecture].convert(files)
    about = source(entry, files, sums)
    manifest = Manifest(entry.name, entry.version, entry.licence, entry.description, paint, depth, about)
    return write_pack(out, manifest, graphs)
