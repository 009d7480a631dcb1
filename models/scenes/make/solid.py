"""Signed distances of simple solids, and the objects a scene is made of.

Points are three arrays (x, y, z), y up, metres.  An `Object` has a distance, a
sphere that bounds it (None: everywhere) and a material: a function from points
and normals to colour and the rest (see `march.Surface`).
"""

from dataclasses import dataclass
from typing import Callable

import numpy as np


@dataclass
class Object:
    """Something in the scene; `bump` is relief for the normal only, in metres."""

    distance: Callable
    material: Callable
    centre: tuple | None = None
    radius: float = 0.0
    bump: Callable | None = None
    casts: bool = True


def at(p, x=0.0, y=0.0, z=0.0, turn=0.0):
    """Points seen from a place, turned about the upright axis by radians."""
    px, py, pz = p[0] - np.float32(x), p[1] - np.float32(y), p[2] - np.float32(z)
    if turn:
        c, s = np.float32(np.cos(turn)), np.float32(np.sin(turn))
        px, pz = c * px + s * pz, c * pz - s * px
    return px, py, pz


def ball(p, r):
    return np.sqrt(p[0] ** 2 + p[1] ** 2 + p[2] ** 2) - r


def egg(p, rx, ry, rz):
    """An ellipsoid (a near-enough bound of its distance)."""
    k = np.sqrt((p[0] / rx) ** 2 + (p[1] / ry) ** 2 + (p[2] / rz) ** 2) + 1e-6
    k2 = np.sqrt((p[0] / rx**2) ** 2 + (p[1] / ry**2) ** 2 + (p[2] / rz**2) ** 2) + 1e-6
    return k * (k - 1) / k2


def box(p, a, b, c, rim=0.0):
    """A box of half sizes a, b, c with edges rounded by `rim`."""
    qx, qy, qz = np.abs(p[0]) - (a - rim), np.abs(p[1]) - (b - rim), np.abs(p[2]) - (c - rim)
    out = np.sqrt(np.maximum(qx, 0) ** 2 + np.maximum(qy, 0) ** 2 + np.maximum(qz, 0) ** 2)
    return out + np.minimum(np.maximum(qx, np.maximum(qy, qz)), 0) - rim


def post(p, r, h):
    """An upright cylinder of half height h."""
    a, b = np.sqrt(p[0] ** 2 + p[2] ** 2) - r, np.abs(p[1]) - h
    return np.minimum(np.maximum(a, b), 0) + np.sqrt(np.maximum(a, 0) ** 2 + np.maximum(b, 0) ** 2)


def rod(p, a, b, ra, rb=None):
    """A rounded rod from a to b, whose radius goes from ra to rb."""
    rb = ra if rb is None else rb
    dx, dy, dz = b[0] - a[0], b[1] - a[1], b[2] - a[2]
    px, py, pz = p[0] - a[0], p[1] - a[1], p[2] - a[2]
    h = np.clip((px * dx + py * dy + pz * dz) / (dx * dx + dy * dy + dz * dz), 0, 1)
    return np.sqrt((px - dx * h) ** 2 + (py - dy * h) ** 2 + (pz - dz * h) ** 2) - (ra + (rb - ra) * h)


def melt(a, b, k):
    """Union with a fillet of size k."""
    h = np.maximum(k - np.abs(a - b), 0) / k
    return np.minimum(a, b) - h * h * k * 0.25


def turned(p, heights, radii, slack=0.75):
    """A body of revolution with a profile: radius at each height (solid)."""
    r = np.interp(p[1], heights, radii).astype(np.float32)
    side = (np.sqrt(p[0] ** 2 + p[2] ** 2) - r) * slack
    return np.maximum(side, np.maximum(heights[0] - p[1], p[1] - heights[-1]))


def prism_roof(p, half, rise, length):
    """A gable roof: ridge along z, base at y = 0."""
    slope = np.hypot(half, rise)
    side = (np.abs(p[0]) * rise + p[1] * half - half * rise) / slope
    return np.maximum(np.maximum(side, -p[1]), np.abs(p[2]) - length)
