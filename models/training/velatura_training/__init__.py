"""Trains and exports Velatura's own networks: `velatura-light`'s style network and its depth network.

What builds graphs and writes packs is shared with the converters and lies beside this folder, in `../convert`.
"""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2] / "convert"))
