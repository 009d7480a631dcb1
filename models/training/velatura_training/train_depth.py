"""Trains the depth network on the arrays of `depth_labels`; run again with the same checkpoint to go on."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from . import loop
from .config import DepthSettings, load_settings
from .depth_data import DepthLabels, random_batch
from .depth_loss import depth_loss, hint_loss
from .depth_net import STAGES, DepthNet, load_depth
from .depth_teacher import SEEN, TEACHER_LONG_SIDE, TEACHER_MULTIPLE, open_teacher, teacher_depth
from .evaluate_depth import agreement, predict_with
from .images import fit_long_side, list_pictures, read_rgb
from .record import Watch
from .sheets import grid, near_is_bright
from .split import judges

WATCHED = 24  # held-out pictures that judge while training
SHOWN = 12  # of them on the sample sheet
CROP = 192 * 256  # pixels of what settings call a crop; of larger ones there are fewer a step


def step_maker(settings: DepthSettings, folders: list[Path]) -> loop.MakeStep:
    """First each part by itself, one a step, then all together."""

    def make_step(device: torch.device) -> loop.Step:
        labels = [DepthLabels(folder) for folder in folders]
        spread = labels[0].spread(device)

        def terms(seen: dict[str, Tensor], given: dict[str, Tensor]) -> dict[str, tuple[float, Tensor]]:
            """What can be said of what the network has seen."""
            found = {name: (settings.hints, hint_loss(seen[name], given[name], spread[name])) for name in SEEN if name in seen}
            if "head" in seen:
                found["depth"] = settings.depth, depth_loss(seen["head"].float(), given["depth"], settings.edges, settings.rows)
            return found

        def alone(net: nn.Module, part: str, rng: torch.Generator) -> dict[str, tuple[float, Tensor]]:
            stages = part.split()
            wanted = {source for stage in stages for source in STAGES[stage]} | {"depth" if stage == "head" else stage for stage in stages}
            given = random_batch(labels, settings.apart[part] * CROP, rng, device, wanted)
            with torch.autocast(device.type, torch.bfloat16):
                return terms(net.seen(given, stages), given)

        def together(net: nn.Module, rng: torch.Generator) -> dict[str, tuple[float, Tensor]]:
            given = random_batch(labels, settings.schedule.batch * CROP, rng, device, ("image", "depth", *SEEN))
            with torch.autocast(device.type, torch.bfloat16):
                return terms(net.seen(given), given)

        def step(net: nn.Module, rng: torch.Generator, device: torch.device, progress: float) -> tuple[Tensor, dict[str, Tensor]]:
            if progress < settings.apart_share:
                parts = list(settings.apart)
                found = alone(net, parts[int(torch.randint(len(parts), (), generator=rng))], rng)
            else:
                found = together(net, rng)
            return sum(weight * term for weight, term in found.values()), {name: term.detach() for name, (_, term) in found.items()}

        return step

    return make_step


def depth_watch(photos: Path, teacher: Path) -> Watch:
    """Compares the network with the teacher on held-out photos, as `evaluate_depth` does."""
    session = open_teacher(teacher)
    chosen = judges(list_pictures(photos))
    pictures = [fit_long_side(read_rgb(p), TEACHER_LONG_SIDE, TEACHER_MULTIPLE) for p in chosen[:: max(1, len(chosen) // WATCHED)]]
    wanted = [teacher_depth(session, picture) for picture in pictures]

    def watch(net: nn.Module) -> tuple[dict[str, float], Image.Image]:
        predict = predict_with(net)
        pairs = [(predict(picture), map_) for picture, map_ in zip(pictures, wanted)]
        scores = [agreement(*pair) for pair in pairs]
        figures = {name: float(np.nanmean([score[name] for score in scores])) for name in scores[0]}
        shown = [(np.asarray(picture), *map(near_is_bright, reversed(pair))) for picture, pair in zip(pictures[:SHOWN], pairs)]
        cells = [[np.asarray(fit_long_side(Image.fromarray(cell), 192, 8)) for cell in row] for row in shown]
        return figures, grid([sum(cells[i : i + 3], []) for i in range(0, len(cells), 3)])

    return watch


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    loop.add_arguments(parser)
    parser.add_argument("--labels", type=Path, nargs="+", required=True, help="folders written by depth_labels, drawn by their sizes")
    parser.add_argument("--photos", type=Path, required=True, help="folder whose held-out photos judge while training")
    parser.add_argument("--teacher", type=Path, required=True, help="tiefenrausch.onnx, to judge with")
    parser.add_argument("--start-from", type=Path, help="resume point of another training, to begin with its weights")
    args = parser.parse_args()
    settings = load_settings(args.config, DepthSettings)
    if unknown := {stage for part in settings.apart for stage in part.split()} - set(STAGES):
        raise SystemExit(f"{args.config}: no stage is called {', '.join(sorted(unknown))}; there are {', '.join(STAGES)}")
    torch.manual_seed(settings.schedule.seed)
    run = loop.Run(settings.schedule, args.checkpoint, args.device, args.workers, args.leg_seconds)
    net = load_depth(args.start_from) if args.start_from else DepthNet()
    loop.train(run, net, step_maker(settings, args.labels), depth_watch(args.photos, args.teacher))


if __name__ == "__main__":
    main()
