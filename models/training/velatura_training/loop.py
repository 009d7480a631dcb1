"""The training loop of both networks: one process on a GPU, or several single-threaded ones that share parameters (Hogwild) on a CPU."""

from __future__ import annotations

import argparse
import copy
import math
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.multiprocessing as mp
from torch import Tensor, nn

from . import checkpoint
from .config import Schedule

# Takes (network, generator, device, progress in [0, 1]); returns the loss and figures to print.
Step = Callable[[nn.Module, torch.Generator, torch.device, float], tuple[Tensor, dict[str, float]]]
# Builds a Step inside a training process, so that each opens its own files and networks.
MakeStep = Callable[[torch.device], Step]
LOG_EVERY = 100


@dataclass(frozen=True)
class Run:
    """Where and how a leg runs."""

    schedule: Schedule
    checkpoint: Path
    device: str
    workers: int
    leg_seconds: float


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", type=Path, required=True, help="TOML file of settings")
    parser.add_argument("--checkpoint", type=Path, required=True, help="resume point; continued if it exists")
    parser.add_argument("--leg-seconds", type=float, default=math.inf, help="stop after this much time; run again to go on")
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    parser.add_argument("--workers", type=int, default=1, help="processes sharing parameters (CPU only)")


def learning_rate(schedule: Schedule, iteration: int, progress: float) -> float:
    """Linear warm-up, then a cosine down to the final rate."""
    cosine = 0.5 + 0.5 * math.cos(math.pi * min(progress, 1.0))
    warm = min(1.0, (iteration + 1) / schedule.warmup_iterations)
    return warm * (schedule.final_learning_rate + (schedule.learning_rate - schedule.final_learning_rate) * cosine)


@torch.no_grad()
def follow(average: nn.Module, net: nn.Module, decay: float, iteration: int) -> None:
    """Moves the exponential average, faster at first."""
    share = 1 - min(decay, (1 + iteration) / (10 + iteration))
    for mean, value in zip(average.state_dict().values(), net.state_dict().values(), strict=True):
        mean.lerp_(value, share) if mean.is_floating_point() else mean.copy_(value)


def work(rank: int, run: Run, make_step: MakeStep, net: nn.Module, average: nn.Module, optimiser_state: dict | None,
         done: checkpoint.Progress) -> None:
    """One training process; the first also averages, prints and saves."""
    schedule, device = run.schedule, torch.device(run.device)
    if run.device == "cpu":
        torch.set_num_threads(1)
    rng = torch.Generator().manual_seed(schedule.seed + 1000 * rank + done.iterations)
    torch.manual_seed(schedule.seed + 1000 * rank + done.iterations)
    step = make_step(device)
    optimiser = torch.optim.AdamW(net.parameters(), lr=schedule.learning_rate, weight_decay=schedule.weight_decay)
    if optimiser_state:
        optimiser.load_state_dict(copy.deepcopy(optimiser_state))
    started, iterations, sums = time.monotonic(), done.iterations, defaultdict(float)
    saved = started

    def seconds() -> float:
        return time.monotonic() - started

    def save() -> None:
        checkpoint.save(run.checkpoint, net, average, optimiser, checkpoint.Progress(done.seconds + seconds(), iterations))

    while seconds() < run.leg_seconds and done.seconds + seconds() < schedule.budget_seconds:
        progress = (done.seconds + seconds()) / schedule.budget_seconds
        rate = learning_rate(schedule, iterations, progress)
        for group in optimiser.param_groups:
            group["lr"] = rate
        loss, figures = step(net, rng, device, progress)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), schedule.clip_norm)
        optimiser.step()
        iterations += 1
        if rank:
            continue
        follow(average, net, schedule.average, iterations)
        for name, figure in figures.items():
            sums[name] += figure
        if iterations % LOG_EVERY == 0:
            means = " ".join(f"{name} {total / LOG_EVERY:.4f}" for name, total in sums.items())
            print(f"{done.seconds + seconds():7.0f}s it {iterations} lr {rate:.1e} {means}", flush=True)
            sums.clear()
        if time.monotonic() - saved > schedule.save_every_seconds:
            save()
            saved = time.monotonic()
    if rank == 0:
        save()
        print(f"leg ended after {done.seconds + seconds():.0f} s, {iterations} iterations", flush=True)


def train(run: Run, net: nn.Module, make_step: MakeStep) -> None:
    """Trains `net` for a leg, from `run.checkpoint` if that exists."""
    average = copy.deepcopy(net)
    state, done = None, checkpoint.Progress()
    if run.checkpoint.exists():
        state, done = checkpoint.restore(run.checkpoint, net, average)
    net.to(run.device, memory_format=torch.channels_last).train()
    average.to(run.device)
    if run.device != "cpu":
        work(0, run, make_step, net, average, state, done)
        return
    net.share_memory()
    average.share_memory()
    context = mp.get_context("fork")
    processes = [context.Process(target=work, args=(k, run, make_step, net, average, state, done)) for k in range(run.workers)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    if any(process.exitcode for process in processes):
        raise SystemExit("a training process failed")
