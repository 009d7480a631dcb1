"""Converts a published network to a pack.

    python -m velatura_convert adain-vgg19 --file encoder=vgg_normalised.pth --file decoder=decoder.pth --out models/adain-vgg19
    python -m velatura_convert my-style --architecture johnson --licence MIT --file network=my.pth --out models/my-style
    python -m velatura_convert --list

A NAME of the catalogue brings its licence, version and checksums with it; any other needs --architecture and --licence.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from .catalogue import Entry, read_catalogue
from .convert import ARCHITECTURES, convert
from .torch_file import Unreadable


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="velatura_convert", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("name", nargs="?", help="a name of the catalogue, or the new pack's")
    parser.add_argument("--list", action="store_true", help="list the catalogue")
    parser.add_argument("--file", action="append", default=[], metavar="ROLE=PATH", help="a file of the network")
    parser.add_argument("--out", type=Path, help="the pack's folder")
    parser.add_argument("--architecture", choices=sorted(ARCHITECTURES), help="for networks that the catalogue has not")
    parser.add_argument("--licence", help="its licence, an SPDX expression")
    parser.add_argument("--version", default="1.0.0")
    parser.add_argument("--description", default="Converted from a published network.")
    parser.add_argument("--long-side", type=int, default=384, help="pixels at which a depth network runs")
    parser.add_argument("--multiple", type=int, default=32, help="sides a depth network takes")
    parser.add_argument("--unit-pixels", action="store_true", help="a depth network takes RGB / 255, not normalised any further")
    return parser.parse_args()


def entry_of(args: argparse.Namespace) -> Entry:
    if args.architecture:
        if not args.licence:
            raise Unreadable("say under which licence the weights are, with --licence (LicenseRef-unknown if nobody knows)")
        about = (args.name, args.architecture, args.version, args.licence, args.description)
        return Entry(*about, long_side=args.long_side, multiple=args.multiple, unit_pixels=args.unit_pixels)
    catalogue = read_catalogue()
    if args.name not in catalogue:
        raise Unreadable(f"there is no {args.name!r} in the catalogue ({', '.join(catalogue)}): name its --architecture")
    return catalogue[args.name]


def main() -> int:
    args = arguments()
    if args.list:
        for entry in read_catalogue().values():
            print(f"{entry.name: <24} {entry.licence: <14} {entry.description}")
        return 0
    try:
        if not args.name or not args.out:
            raise Unreadable("say which network and where to: NAME --file ROLE=PATH --out FOLDER")
        pairs = [text.partition("=") for text in args.file]
        files = {role: Path(path) for role, _, path in pairs}
        if missing := [str(path) for path in files.values() if not path.is_file()]:
            raise Unreadable(f"there is no file {', '.join(missing)}")
        total = convert(entry_of(args), files, args.out)
    except (Unreadable, OSError) as error:
        print(f"velatura_convert: {error}", file=sys.stderr)
        return 2
    print(f"{args.out}: {total} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
