"""Writes a TensorFlow checkpoint as TensorFlow lays it out: several blocks, keys that share beginnings, a .tar.gz around."""

from __future__ import annotations

import struct
import tarfile
from pathlib import Path

import numpy as np


def varint(value: int) -> bytes:
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def field(number: int, value: int | bytes) -> bytes:
    if isinstance(value, bytes):
        return varint(number << 3 | 2) + varint(len(value)) + value
    return varint(number << 3) + varint(value)


def entry(array: np.ndarray, offset: int) -> bytes:
    """A BundleEntryProto of fp32: dtype, shape, offset, size, checksum."""
    shape = b"".join(field(2, field(1, length)) for length in array.shape)
    checksum = varint(6 << 3 | 5) + struct.pack("<I", 0xDEADBEEF)
    return field(1, 1) + field(2, shape) + (field(4, offset) if offset else b"") + field(5, array.nbytes) + checksum


def block(entries: list[tuple[bytes, bytes]], interval: int = 16) -> bytes:
    out, restarts, last = bytearray(), [], b""
    for i, (key, value) in enumerate(entries):
        shared = 0
        if i % interval:
            while shared < min(len(key), len(last)) and key[shared] == last[shared]:
                shared += 1
        else:
            restarts.append(len(out))
        out += varint(shared) + varint(len(key) - shared) + varint(len(value)) + key[shared:] + value
        last = key
    return bytes(out) + b"".join(struct.pack("<I", r) for r in restarts or [0]) + struct.pack("<I", len(restarts or [0]))


def write_bundle(folder: Path, variables: dict[str, np.ndarray], per_block: int = 50) -> Path:
    """`model.ckpt` with the variables, packed as Magenta packs its own."""
    data, entries = bytearray(), [(b"", field(1, 1))]
    for name in sorted(variables):
        array = np.ascontiguousarray(variables[name], "<f4")
        entries.append((name.encode(), entry(array, len(data))))
        data += array.tobytes()
    table, handles = bytearray(), []

    def add(content: bytes) -> bytes:
        handle = varint(len(table)) + varint(len(content))
        table.extend(content + b"\0" + struct.pack("<I", 0))  # not compressed; its checksum
        return handle

    for start in range(0, len(entries), per_block):
        part = entries[start : start + per_block]
        handles.append((part[-1][0] + b"\xff", add(block(part))))
    footer = add(block([])) + add(block(handles, 1))
    table += footer.ljust(40, b"\0") + struct.pack("<Q", 0xDB4775248B80FB57)
    (folder / "model.ckpt.index").write_bytes(table)
    (folder / "model.ckpt.data-00000-of-00001").write_bytes(data)
    path = folder / "checkpoint.tar.gz"
    with tarfile.open(path, "w:gz", compresslevel=1) as archive:
        for name in ("model.ckpt.index", "model.ckpt.data-00000-of-00001"):
            archive.add(folder / name, f"arbitrary_style_transfer/{name}")
    return path
