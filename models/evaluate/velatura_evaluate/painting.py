"""Paints through the program, as its users do, and says what it took."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Run:
    """One way of painting: a row of the table."""

    name: str
    pack: str
    flags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Painted:
    """What a run has left: pictures by (photo, style), seconds a picture, peak memory in MiB."""

    pictures: dict[tuple[str, str], Path]
    seconds: float
    peak_mib: float


def _measured(command: list[str]) -> tuple[str, float]:
    """stdout of a command, and the peak memory of that one process in MiB."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        output = child.stdout.read()
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} ended with {child.returncode}")
    return output, usage.ru_maxrss / 1024


def paint(program: Path, run: Run, photos: list[Path], styles: list[Path], size: int, out: Path) -> Painted:
    """Every photo in every style in one process, at a long side of `size`. What an earlier evaluation left is painted again: what
    is skipped takes no time."""
    shutil.rmtree(out, ignore_errors=True)
    command = [str(program), "stylize", *map(str, photos), "--out", str(out), "--template", "{name}.{style}.{ext}"]
    command += ["--pack", run.pack, "--size", str(size), "--output-size", "painted", "--output-format", "png", "--json"]
    command += [word for style in styles for word in ("--style", str(style))] + list(run.flags)
    output, peak = _measured(command)
    lines = [json.loads(line) for line in output.splitlines()]
    summary = next(line for line in lines if "summary" in line)
    pictures = {(Path(line["input"]).stem, line["style"]): Path(line["output"]) for line in lines if "style" in line}
    if len(pictures) != len(photos) * len(styles):
        raise RuntimeError(f"{run.name}: {len(pictures)} pictures instead of {len(photos) * len(styles)}: {output}")
    return Painted(pictures, summary["seconds"] / len(pictures), peak)


def own_peak_mib() -> float:
    """Of this process: for references that are computed here."""
    unit = 1024 if sys.platform == "linux" else 1024**2
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
