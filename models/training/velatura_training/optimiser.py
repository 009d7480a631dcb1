"""Muon (Jordan et al., 2024) for convolutions, whose kernels are matrices, and Adam for everything else, as one optimiser."""

from __future__ import annotations

import torch
from torch import Tensor

from .config import Schedule

# Of a quintic that takes any singular value in (0, 1] to about 1 in five rounds (Jordan et al.).
QUINTIC = (3.4445, -4.7750, 2.0315)
ROUNDS = 5
MOMENTUM = 0.95


def orthogonalised(matrix: Tensor) -> Tensor:
    """The matrix [m, n] with all singular values brought near 1, by Newton and Schulz's iteration.

    In fp32, which PyTorch's own Muon leaves for bf16: many CPUs have no bf16.
    """
    x = matrix if matrix.shape[0] <= matrix.shape[1] else matrix.T
    x = x / (x.norm() + 1e-7)
    a, b, c = QUINTIC
    for _ in range(ROUNDS):
        gram = x @ x.T
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x if matrix.shape[0] <= matrix.shape[1] else x.T


class Muon(torch.optim.Optimizer):
    """Steps of one length in every direction that the gradient has, so that what matters little is learned, too."""

    @torch.no_grad()
    def step(self) -> None:
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is None:
                    continue
                momentum = self.state[parameter].setdefault("momentum", torch.zeros_like(parameter))
                momentum.mul_(MOMENTUM).add_(parameter.grad)
                ahead = (parameter.grad + MOMENTUM * momentum).flatten(1)
                length = group["lr"] * max(1.0, ahead.shape[0] / ahead.shape[1]) ** 0.5
                parameter.add_(orthogonalised(ahead).view_as(parameter), alpha=-length)


def is_matrix(parameter: Tensor) -> bool:
    """A convolution's kernel of all its inputs, [outputs, inputs * places]; not one of each channel by itself."""
    return parameter.ndim == 4 and min(parameter.shape[:2]) > 1


class Optimiser:
    """Both, with the groups of either. Its state is Adam's: Muon's momentum is of the last twenty steps and starts again in a new leg."""

    def __init__(self, groups: list[dict], schedule: Schedule, fused: bool) -> None:
        def split(matrices: bool) -> list[dict]:
            chosen = [{**group, "params": [p for p in group["params"] if (is_matrix(p) and schedule.matrix_rate > 0) == matrices]} for group in groups]
            return [group for group in chosen if group["params"]]

        relative = schedule.matrix_rate / schedule.learning_rate
        matrices = [{**group, "rate": relative * group.get("rate", 1.0)} for group in split(True)]
        self.muon = Muon(matrices, {"lr": schedule.matrix_rate}) if matrices else None
        self.adam = torch.optim.AdamW(split(False), lr=schedule.learning_rate, betas=(0.9, 0.99), weight_decay=schedule.weight_decay,
                                      fused=fused)

    @property
    def param_groups(self) -> list[dict]:
        return (self.muon.param_groups if self.muon else []) + self.adam.param_groups

    def set_rate(self, rate: float) -> None:
        """For all groups, times the rate of each."""
        for group in self.param_groups:
            group["lr"] = group.get("rate", 1.0) * rate

    def step(self) -> None:
        self.adam.step()
        if self.muon:
            self.muon.step()

    def zero_grad(self) -> None:
        self.adam.zero_grad()
        if self.muon:
            self.muon.zero_grad()

    def state_dict(self) -> dict:
        return self.adam.state_dict()

    def load_state_dict(self, state: dict) -> None:
        try:
            self.adam.load_state_dict(state)
        except ValueError:
            raise SystemExit("the resume point was made with another matrix_rate; set it as it was, or begin a new training") from None
