"""Reads tensors out of files written by `torch.save`, old and new, without PyTorch and without running anything they hold.

A pickle is a program. This reader knows the dozen names that a dictionary of tensors takes and refuses every other.
"""

from __future__ import annotations

import io
import pickle
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import BinaryIO

import numpy as np

MAGIC = 0x1950A86A20F9469CFC6C
TYPES = {
    "DoubleStorage": np.float64, "FloatStorage": np.float32, "HalfStorage": np.float16, "BFloat16Storage": np.uint16,
    "LongStorage": np.int64, "IntStorage": np.int32, "ShortStorage": np.int16, "CharStorage": np.int8,
    "ByteStorage": np.uint8, "BoolStorage": np.bool_,
}  # fmt: skip


class Unreadable(ValueError):
    """A file that is no dictionary of tensors, or not a whole one."""


class _StorageType:
    def __init__(self, name: str) -> None:
        self.name, self.dtype = name, np.dtype(TYPES[name])


def _tensor(storage: tuple[np.ndarray, bool], offset: int, size: tuple, stride: tuple, *_: object) -> np.ndarray:
    """A view of a storage, which must hold it."""
    flat, is_bfloat = storage
    last = offset + sum((length - 1) * step for length, step in zip(size, stride))
    if offset < 0 or min(stride, default=0) < 0 or (0 not in size and last >= flat.size):
        raise Unreadable("a tensor reaches beyond its storage")
    view = np.lib.stride_tricks.as_strided(flat[offset:], size, [step * flat.itemsize for step in stride], writeable=False)
    return _Late(view, is_bfloat)


class _Late:
    """A tensor whose numbers may still have to be read."""

    def __init__(self, view: np.ndarray, is_bfloat: bool) -> None:
        self.view, self.is_bfloat = view, is_bfloat

    def array(self) -> np.ndarray:
        if self.is_bfloat:
            return (self.view.astype(np.uint32) << 16).view(np.float32)
        return np.array(self.view)


def _parameter(data: object, *_: object) -> object:
    return data


class _Reader(pickle.Unpickler):
    def __init__(self, stream: BinaryIO, storage: object) -> None:
        super().__init__(stream, encoding="latin-1")
        self._storage = storage

    def find_class(self, module: str, name: str) -> object:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if module == "torch._utils" and name in ("_rebuild_tensor_v2", "_rebuild_tensor"):
            return _tensor
        if module == "torch._utils" and name == "_rebuild_parameter":
            return _parameter
        if module in ("torch", "torch.storage") and name in TYPES:
            return _StorageType(name)
        raise Unreadable(f"it holds {module}.{name}, where only tensors are expected: nothing of it was run")

    def persistent_load(self, identity: tuple) -> object:
        kind, storage_type, key, _, count, *_ = identity
        if kind != "storage" or not isinstance(storage_type, _StorageType):
            raise Unreadable("it refers to something that is no storage of numbers")
        return self._storage(storage_type, str(key), int(count))


def read_torch(path: Path) -> dict[str, np.ndarray]:
    """The tensors of a state dictionary by name; one nested under `state_dict`, `model` or `params` is found."""
    try:
        content = _read_zip(path) if zipfile.is_zipfile(path) else _read_legacy(path)
    except Unreadable:
        raise
    except Exception as error:  # a damaged pickle fails in every way there is
        raise Unreadable(f"it can't be read as a file of torch.save: {error!r}") from error
    for key in ("state_dict", "model", "params"):
        if isinstance(content, dict) and isinstance(content.get(key), dict):
            content = content[key]
    if not isinstance(content, dict):
        raise Unreadable("it holds no dictionary of tensors")
    return {str(name): late.array() for name, late in content.items() if isinstance(late, _Late)}


def _read_zip(path: Path) -> object:
    with zipfile.ZipFile(path) as archive:
        program = next((name for name in archive.namelist() if name.endswith("/data.pkl")), None)
        if program is None:
            raise Unreadable("it is a zip archive without data.pkl")
        folder, storages = program[: -len("data.pkl")], {}
        if f"{folder}byteorder" in archive.namelist() and archive.read(f"{folder}byteorder") != b"little":
            raise Unreadable("it was written on a big-endian machine")

        def storage(kind: _StorageType, key: str, count: int) -> tuple[np.ndarray, bool]:
            if key not in storages:
                numbers = np.frombuffer(archive.read(f"{folder}data/{key}"), kind.dtype.newbyteorder("<"))
                if numbers.size != count:
                    raise Unreadable(f"storage {key} has {numbers.size} numbers instead of {count}")
                storages[key] = numbers, kind.name == "BFloat16Storage"
            return storages[key]

        return _Reader(io.BytesIO(archive.read(program)), storage).load()


def _read_legacy(path: Path) -> object:
    """PyTorch before 1.6: five pickles, then the storages one after the other."""
    size, storages = path.stat().st_size, {}

    def storage(kind: _StorageType, key: str, count: int) -> tuple[np.ndarray, bool]:
        if key not in storages:
            if count < 0 or count * kind.dtype.itemsize > size:
                raise Unreadable(f"storage {key} is larger than the file")
            storages[key] = np.zeros(count, kind.dtype.newbyteorder("<")), kind.name == "BFloat16Storage"
        return storages[key]

    with path.open("rb") as stream:
        magic = _Reader(stream, storage).load()
        if magic != MAGIC:
            raise Unreadable("it is no file of torch.save")
        _Reader(stream, storage).load()  # the protocol's version
        _Reader(stream, storage).load()  # sizes of the writer's types
        content = _Reader(stream, storage).load()
        for key in _Reader(stream, storage).load():
            numbers, _ = storages[str(key)]
            (count,) = np.frombuffer(stream.read(8), "<i8")
            data = stream.read(numbers.nbytes)
            if count != numbers.size or len(data) != numbers.nbytes:
                raise Unreadable("it ends before its numbers do")
            numbers[:] = np.frombuffer(data, numbers.dtype)
    return content
