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
LOG_EVERY = 50


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


class Recorder:
    """Averages, prints and saves for the first process of a leg."""

    def __init__(self, run: Run, net: nn.Module, average: nn.Module, optimiser: torch.optim.Optimizer) -> None:
        self.run, self.net, self.average, self.optimiser = run, net, average, optimiser
        self.figures: dict[str, list[float]] = defaultdict(list)
        self.saved_at = time.monotonic()

    def after_step(self, done: checkpoint.Progress, figures: dict[str, float]) -> None:
        follow(self.average, self.net, self.run.schedule.average, done.iterations)
        for name, figure in figures.items():
            self.figures[name].append(figure)
        if done.iterations % LOG_EVERY == 0:
            means = " ".join(f"{name} {sum(seen) / len(seen):.4f}" for name, seen in self.figures.items())
            print(f"{done.seconds:7.0f}s it {done.iterations} lr {self.optimiser.param_groups[0]['lr']:.1e} {means}", flush=True)
            self.figures.clear()
        if time.monotonic() - self.saved_at > self.run.schedule.save_every_seconds:
            self.save(done)

    def save(self, done: checkpoint.Progress) -> None:
        checkpoint.save(self.run.checkpoint, self.net, self.average, self.optimiser, done)
        self.saved_at = time.monotonic()


def work(rank: int, run: Run, make_step: MakeStep, net: nn.Module, average: nn.Module, optimiser_state: dict | None,
         before: checkpoint.Progress) -> None:
    """One training process; only the first records."""
    schedule, device = run.schedule, torch.device(run.device)
    if run.device == "cpu":
        torch.set_num_threads(1)
    seed = schedule.seed + 1000 * rank + before.iterations
    rng = torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)
    step = make_step(device)
    optimiser = torch.optim.AdamW(net.parameters(), lr=schedule.learning_rate, weight_decay=schedule.weight_decay)
    if optimiser_state:
        optimiser.load_state_dict(copy.deepcopy(optimiser_state))
    recorder = Recorder(run, net, average, optimiser)
    done, started = checkpoint.Progress(before.seconds, before.iterations), time.monotonic()
    while done.seconds < min(schedule.budget_seconds, before.seconds + run.leg_seconds):
        progress = done.seconds / schedule.budget_seconds
        for group in optimiser.param_groups:
            group["lr"] = learning_rate(schedule, done.iterations, progress)
        loss, figures = step(net, rng, device, progress)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), schedule.clip_norm)
        optimiser.step()
        done.iterations += 1
        done.seconds = before.seconds + time.monotonic() - started
        if rank == 0:
            recorder.after_step(done, figures)
    if rank == 0:
        recorder.save(done)
        print(f"leg ended after {done.seconds:.0f} s, {done.iterations} iterations", flush=True)


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
