"""Reads a TensorFlow checkpoint (version 2, the "tensor bundle") without TensorFlow.

`NAME.index` is a sorted table of names and places, `NAME.data-00000-of-00001` holds the numbers. Integers are protobuf's.
"""

from __future__ import annotations

import io
import struct
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np

from .torch_file import Unreadable

MAGIC = 0xDB4775248B80FB57
TYPES = {1: "<f4", 2: "<f8", 3: "<i4", 9: "<i8", 19: "<f2"}


def read_tensorflow(path: Path) -> dict[str, np.ndarray]:
    """Every tensor by name, from `NAME.index` with its data beside it, or from a .tar.gz that holds both."""
    try:
        if path.suffix == ".index":
            with path.with_name(path.name.replace(".index", ".data-00000-of-00001")).open("rb") as data:
                return _read(path.read_bytes(), data)
        with tarfile.open(path) as archive:
            return _read(_member(archive, ".index").read(), io.BytesIO(_member(archive, ".data-00000-of-00001").read()))
    except (struct.error, IndexError, KeyError, tarfile.TarError, EOFError) as error:
        raise Unreadable(f"it is no checkpoint of TensorFlow: {error!r}") from error


def _member(archive: tarfile.TarFile, suffix: str) -> BinaryIO:
    """Read in place: nothing of the archive is unpacked to the disk."""
    for member in archive:
        if member.isfile() and member.name.endswith(suffix):
            return archive.extractfile(member)
    raise Unreadable(f"the archive has no file *{suffix}")


def _read(index: bytes, data: BinaryIO) -> dict[str, np.ndarray]:
    tensors = {}
    for name, value in _entries(index):
        if not name:
            continue  # the header
        entry = _message(value)
        if 7 in entry or int(entry.get(3, [0])[0]) != 0 or entry[1][0] not in TYPES:
            continue  # slices, other shards, strings
        shape = [_message(dim).get(1, [0])[0] for dim in _message(entry.get(2, [b""])[0]).get(2, [])]
        data.seek(entry.get(4, [0])[0])
        size = entry.get(5, [0])[0]
        content = data.read(size)
        if len(content) != size:
            raise Unreadable(f"{name} is cut off")
        tensors[name.decode()] = np.frombuffer(content, TYPES[entry[1][0]]).reshape(shape)
    return tensors


def _entries(table: bytes) -> Iterator[tuple[bytes, bytes]]:
    if len(table) < 48 or struct.unpack("<Q", table[-8:])[0] != MAGIC:
        raise Unreadable("its index is no table")
    position = 0
    handle = []
    for _ in range(4):  # offset and size of the table's meta block, then of its index block
        number, position = _varint(table[-48:], position)
        handle.append(number)
    for _, value in _block(table, handle[2], handle[3]):
        offset, after = _varint(value, 0)
        size, _ = _varint(value, after)
        yield from _block(table, offset, size)


def _block(table: bytes, offset: int, size: int) -> Iterator[tuple[bytes, bytes]]:
    """Keys share a beginning with the key before."""
    if table[offset + size] != 0:
        raise Unreadable("its index is compressed, which checkpoints never were")
    block = table[offset : offset + size]
    (restarts,) = struct.unpack("<I", block[-4:])
    position, end, key = 0, size - 4 * (restarts + 1), b""
    while position < end:
        shared, position = _varint(block, position)
        fresh, position = _varint(block, position)
        length, position = _varint(block, position)
        key = key[:shared] + block[position : position + fresh]
        position += fresh
        yield key, block[position : position + length]
        position += length


def _varint(data: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[position]
        value |= (byte & 0x7F) << shift
        position, shift = position + 1, shift + 7
        if byte < 0x80:
            return value, position


def _message(data: bytes) -> dict[int, list]:
    """The fields of a protobuf message by number."""
    fields, position = {}, 0
    while position < len(data):
        key, position = _varint(data, position)
        number, kind = key >> 3, key & 7
        if kind == 0:
            value, position = _varint(data, position)
        elif kind == 2:
            length, position = _varint(data, position)
            value, position = data[position : position + length], position + length
        else:
            width = {1: 8, 5: 4}[kind]
            value, position = data[position : position + width], position + width
        fields.setdefault(number, []).append(value)
    return fields
