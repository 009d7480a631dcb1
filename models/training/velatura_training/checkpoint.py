"""Resume points of less than 16 MiB: weights in fp32, their average in fp16, the optimiser's second moments in a few bits, all
compressed.

Adam's first moments start again at zero; they are made of the last ten steps.
"""

from __future__ import annotations

import gzip
import io
import pickle
import zlib
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn


@dataclass
class Progress:
    """How far a training has come, over all its legs."""

    seconds: float = 0.0
    iterations: int = 0


def _as(dtype: torch.dtype, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    # Copies, since other processes go on changing parameters that are shared while they are written.
    return {k: v.detach().to("cpu", dtype if v.is_floating_point() else v.dtype, copy=True) for k, v in tensors.items()}


def _coarse(moments: Tensor) -> Tensor:
    # To 6 %, which moves no step by more than 3 %, and compresses to little more than the exponents.
    return (moments.to(torch.bfloat16).view(torch.int16) & ~0x0F).view(torch.bfloat16)


def _pack_moments(state: dict) -> dict:
    def packed(slot: dict) -> dict:
        return {k: _coarse(v) if isinstance(v, Tensor) and v.ndim else v for k, v in slot.items() if k != "exp_avg"}

    return {**state, "state": {k: packed(slot) for k, slot in state["state"].items()}}


def _unpack_moments(state: dict) -> dict:
    def unpacked(slot: dict) -> dict:
        full = {k: v.float() if isinstance(v, Tensor) and v.ndim else v for k, v in slot.items()}
        return full | ({"exp_avg": torch.zeros_like(full["exp_avg_sq"])} if "exp_avg_sq" in full else {})

    return {**state, "state": {k: unpacked(slot) for k, slot in state["state"].items()}}


def save(path: Path, net: nn.Module, average: nn.Module, optimiser: dict, progress: Progress) -> None:
    """Writes a resume point, with the optimiser's state; a reader never sees half of one."""
    unfinished = path.with_suffix(".part")
    with gzip.open(unfinished, "wb", compresslevel=1) as file:
        torch.save({
            "net": _as(torch.float32, net.state_dict()),
            "average": _as(torch.float16, average.state_dict()),
            "optimiser": _pack_moments(optimiser),
            "progress": vars(progress),
        }, file)
    unfinished.replace(path)


def _read(path: Path) -> dict:
    try:
        return torch.load(io.BytesIO(gzip.decompress(path.read_bytes())), map_location="cpu", weights_only=True)
    except (EOFError, gzip.BadGzipFile, zlib.error, pickle.UnpicklingError, RuntimeError) as error:
        raise SystemExit(f"{path} is damaged, or no resume point ({error}); take another, or remove it to begin anew") from None


def _fill(net: nn.Module, weights: dict[str, Tensor], path: Path) -> None:
    try:
        net.load_state_dict(_as(torch.float32, weights))
    except RuntimeError:
        raise SystemExit(f"{path} is a resume point of another network than this version trains; begin a new one") from None


def restore(path: Path, net: nn.Module, average: nn.Module) -> tuple[dict, Progress]:
    """Fills both networks; returns the optimiser's state and the progress."""
    saved = _read(path)
    _fill(net, saved["net"], path)
    _fill(average, saved["average"], path)
    return _unpack_moments(saved["optimiser"]), Progress(**saved["progress"])


def load_average(path: Path, net: nn.Module) -> nn.Module:
    """The averaged weights of a resume point, to export, to judge or to begin another training with."""
    saved = _read(path)
    _fill(net, saved["average"], path)
    return net.eval()
