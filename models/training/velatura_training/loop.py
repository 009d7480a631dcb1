"""The training loop of both networks: one process on a GPU, or several single-threaded ones that share parameters (Hogwild) on a CPU."""

from __future__ import annotations

import argparse
import copy
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.multiprocessing as mp
from torch import Tensor, nn

from . import checkpoint
from .config import Schedule
from .optimiser import Optimiser
from .record import Recorder, Watch

# Takes (network, generator, device, progress in [0, 1]); returns the loss and figures to record.
Step = Callable[[nn.Module, torch.Generator, torch.device, float], tuple[Tensor, dict[str, Tensor]]]
# Builds a Step inside a training process, so that each opens its own files and networks.
MakeStep = Callable[[torch.device], Step]


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


def step_seed(schedule: Schedule, rank: int, iteration: int) -> int:
    """Each step draws anew from its place in the training, so that legs of any length see the same crops."""
    return (schedule.seed * 1_000_003 + rank) * 1_000_003 + iteration


def work(rank: int, run: Run, make_step: MakeStep, net: nn.Module, average: nn.Module, watch: Watch | None, optimiser_state: dict | None,
         before: checkpoint.Progress, groups: list[dict]) -> None:
    """One training process; only the first records."""
    schedule, device = run.schedule, torch.device(run.device)
    if run.device == "cpu":
        torch.set_num_threads(1)
    if schedule.steady_norms:
        for module in net.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.eval()
    rng = torch.Generator()
    step = make_step(device)
    optimiser = Optimiser(groups, schedule, fused=device.type == "cuda")
    if optimiser_state and optimiser_state["state"]:  # the mean of two networks has none
        optimiser.load_state_dict(copy.deepcopy(optimiser_state))
    recorder = Recorder(run.checkpoint, schedule, net, average, optimiser, watch)
    done, started = checkpoint.Progress(before.seconds, before.iterations), time.monotonic()
    while schedule.progress(done) < 1 and done.seconds < before.seconds + run.leg_seconds:
        progress = schedule.progress(done)
        rng.manual_seed(step_seed(schedule, rank, done.iterations))
        optimiser.set_rate(learning_rate(schedule, done.iterations, progress))
        loss, figures = step(net, rng, device, progress)
        optimiser.zero_grad()
        loss.backward()
        length = nn.utils.clip_grad_norm_(net.parameters(), schedule.clip_norm)
        if not torch.isfinite(length):
            raise SystemExit(f"the gradient is not finite at iteration {done.iterations}; {run.checkpoint} is as last saved")
        optimiser.step()
        done.iterations += 1
        done.seconds = before.seconds + time.monotonic() - started
        if rank == 0:
            recorder.after_step(done, figures)
    if rank == 0:
        recorder.save(done)
        print(f"leg ended after {done.seconds:.0f} s, {done.iterations} iterations", flush=True)


def train(run: Run, net: nn.Module, make_step: MakeStep, watch: Watch | None = None, groups: list[dict] | None = None) -> None:
    """Trains `net` for a leg, from `run.checkpoint` if that exists; `watch` judges the average whenever it is saved.

    `groups` are its parameters as the optimiser takes them, each with a `rate` relative to the schedule's if that is not 1.
    """
    groups = groups or [{"params": list(net.parameters())}]
    average = copy.deepcopy(net)
    state, done = None, checkpoint.Progress()
    if run.checkpoint.exists():
        state, done = checkpoint.restore(run.checkpoint, net, average)
    net.to(run.device, memory_format=torch.channels_last).train()
    average.to(run.device, memory_format=torch.channels_last)
    if run.device != "cpu" or run.workers == 1:
        work(0, run, make_step, net, average, watch, state, done, groups)
        return
    net.share_memory()
    average.share_memory()
    context = mp.get_context("fork")
    shared = (run, make_step, net, average, watch, state, done, groups)
    processes = [context.Process(target=work, args=(k, *shared)) for k in range(run.workers)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    if any(process.exitcode for process in processes):
        raise SystemExit("a training process failed")
