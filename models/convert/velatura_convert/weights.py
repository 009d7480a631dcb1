"""Reads weights by name from the formats in which networks are published."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper

from .tensor_bundle import read_tensorflow
from .torch_file import Unreadable, read_torch

SAFETENSORS = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2", "I64": "<i8", "I32": "<i4", "U8": "u1"}


def read_weights(path: Path) -> dict[str, np.ndarray]:
    """`.npz`, `.safetensors`, a TensorFlow checkpoint (`.tar.gz` or `.index`), or whatever torch.save wrote."""
    try:
        if path.suffix == ".safetensors":
            return _read_safetensors(path)
        if path.name.endswith((".tar.gz", ".tgz", ".index")):
            return read_tensorflow(path)
        if zipfile.is_zipfile(path) and any(name.endswith(".npy") for name in zipfile.ZipFile(path).namelist()):
            with np.load(path, allow_pickle=False) as arrays:
                return dict(arrays)
        return read_torch(path)
    except (Unreadable, OSError, zipfile.BadZipFile) as error:
        raise Unreadable(f"{path.name}: {error}") from error


def _read_safetensors(path: Path) -> dict[str, np.ndarray]:
    data = path.read_bytes()
    length = int.from_bytes(data[:8], "little")
    try:
        header = json.loads(data[8 : 8 + length])
        body = data[8 + length :]
        tensors = {}
        for name, entry in header.items():
            if name == "__metadata__":
                continue
            start, end = entry["data_offsets"]
            array = np.frombuffer(body[start:end], SAFETENSORS[entry["dtype"]])
            if entry["dtype"] == "BF16":
                array = (array.astype(np.uint32) << 16).view(np.float32)
            tensors[name] = array.reshape(entry["shape"])
        return tensors
    except (ValueError, KeyError, TypeError) as error:
        raise Unreadable(f"it is no safetensors file: {error!r}") from error


def read_onnx_layers(path: Path) -> list[tuple[str, list[np.ndarray]]]:
    """The convolutions and instance normalisations of an ONNX file in their order, whatever it calls them: (operator, weights)."""
    try:
        graph = onnx.load(path).graph
    except Exception as error:  # protobuf raises its own
        raise Unreadable(f"{path.name}: it is no ONNX file: {error!r}") from error
    tensors = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    kinds = ("Conv", "InstanceNormalization")
    return [(node.op_type, [tensors[i] for i in node.input[1:] if i in tensors]) for node in graph.node if node.op_type in kinds]


def require(weights: dict[str, np.ndarray], shapes: dict[str, tuple], what: str) -> dict[str, np.ndarray]:
    """The weights of these names as fp32, each of its shape; what else there is is left out."""
    for name, shape in shapes.items():
        if name not in weights:
            raise Unreadable(f"{what} has no {name}: it is another network")
        if tuple(weights[name].shape) != tuple(shape):
            raise Unreadable(f"{what} has {name} of shape {weights[name].shape} instead of {tuple(shape)}: it is another network")
    return {name: np.asarray(weights[name], np.float32) for name in shapes}
