"""Judges packs by what the program really paints with them: style, content, structure, depth, time and memory.

What builds and runs graphs is shared with the converters and lies beside this folder, in `../convert`.
"""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2] / "convert"))
