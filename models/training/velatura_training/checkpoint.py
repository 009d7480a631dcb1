"""Resume points of less than 16 MiB: weights in fp32, their average in fp16, the optimiser's second moments in bf16.

The first moments start again at zero; they are made of the last ten steps.
"""

from __future__ import annotations

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
    return {k: v.detach().cpu().to(dtype) if v.is_floating_point() else v.cpu() for k, v in tensors.items()}


def _pack_moments(state: dict) -> dict:
    def packed(slot: dict) -> dict:
        return {"step": slot["step"], "exp_avg_sq": slot["exp_avg_sq"].to(torch.bfloat16)}

    return {**state, "state": {k: packed(slot) for k, slot in state["state"].items()}}


def _unpack_moments(state: dict) -> dict:
    def unpacked(slot: dict) -> dict:
        second = slot["exp_avg_sq"].to(torch.float32)
        return {"step": slot["step"], "exp_avg": torch.zeros_like(second), "exp_avg_sq": second}

    return {**state, "state": {k: unpacked(slot) for k, slot in state["state"].items()}}


def save(path: Path, net: nn.Module, average: nn.Module, optimiser: torch.optim.Optimizer, progress: Progress) -> None:
    """Writes a resume point; a reader never sees half of one."""
    unfinished = path.with_suffix(".part")
    torch.save({
        "net": _as(torch.float32, net.state_dict()),
        "average": _as(torch.float16, average.state_dict()),
        "optimiser": _pack_moments(optimiser.state_dict()),
        "progress": vars(progress),
    }, unfinished)
    unfinished.replace(path)


def restore(path: Path, net: nn.Module, average: nn.Module) -> tuple[dict, Progress]:
    """Fills both networks; returns the optimiser's state and the progress."""
    saved = torch.load(path, map_location="cpu", weights_only=True)
    net.load_state_dict(saved["net"])
    average.load_state_dict(_as(torch.float32, saved["average"]))
    return _unpack_moments(saved["optimiser"]), Progress(**saved["progress"])


def load_average(path: Path, net: nn.Module) -> nn.Module:
    """The averaged weights of a resume point, for export and evaluation."""
    saved = torch.load(path, map_location="cpu", weights_only=True)
    net.load_state_dict(_as(torch.float32, saved["average"]))
    return net.eval()
