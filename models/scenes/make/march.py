"""A small ray marcher: what a scene is, first hits, soft shadows, contact shading, slopes.

Pixels are done in tiles; for each bundle of rays only the objects whose bounding
sphere some ray touches are looked at, so that a scene may have hundreds.
"""

from dataclasses import dataclass, field
from typing import Callable

import numpy as np

F = np.float32


@dataclass
class Surface:
    """What a material says of its points: everything may be a number or an array."""

    colour: np.ndarray
    gloss: object = 0.0        # strength of the sun's highlight
    tight: object = 40.0       # its exponent
    mirror: object = 0.0       # reflectance head-on; grows with grazing
    glow: object = 0.0         # light it gives off, same shape as the colour


@dataclass
class Scene:
    """All that the renderer must know; lengths in metres, directions of unit length."""

    size: tuple
    eye: tuple
    look: tuple
    fov: float                                   # vertical, degrees
    objects: list
    sun: tuple
    sun_light: tuple
    sky: Callable                                # directions (x, y, z) -> colours (n, 3)
    sky_light: tuple
    ground_light: tuple
    haze: Callable | None = None                 # (points, distance, directions) -> (amount, colours)
    lamps: list = field(default_factory=list)    # (place, colour, reach)
    far: float = 400.0
    steps: int = 110
    softness: float = 12.0                       # larger: harder sun shadows
    occlusion: float = 0.6                       # reach of contact shading
    exposure: float = 1.0


def unit(v):
    n = np.sqrt(v[0] ** 2 + v[1] ** 2 + v[2] ** 2) + F(1e-9)
    return v[0] / n, v[1] / n, v[2] / n


def dot(a, b):
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def along(o, d, t):
    return o[0] + d[0] * t, o[1] + d[1] * t, o[2] + d[2] * t


def touched(objects, o, d, margin):
    """The objects whose bounding sphere a ray of the bundle comes near."""
    keep = []
    for thing in objects:
        if thing.centre is not None:
            q = [F(thing.centre[k]) - o[k] for k in range(3)]
            t = np.maximum(dot(q, d), 0)
            gap = dot(q, q) - 2 * t * dot(q, d) + t * t
            if not (gap < (thing.radius + margin) ** 2).any():
                continue
        keep.append(thing)
    return keep


def nearest(objects, p):
    """Distance to the nearest of the objects."""
    best = np.full(p[0].shape, 1e9, F)
    for thing in objects:
        best = np.minimum(best, thing.distance(p))
    return best


def march(scene, o, d, near=0.02):
    """First hit along each ray: distance (inf: none) and the object's number."""
    n = d[0].size
    things = touched(scene.objects, o, d, 0.05)
    t, hit = np.full(n, near, F), np.full(n, np.inf, F)
    who, live = np.full(n, -1, np.int32), np.arange(n)
    if not things:
        return hit, who
    for step in range(scene.steps):
        ol, dl = [c[live] for c in o], [c[live] for c in d]
        p = along(ol, dl, t[live])
        gap = nearest(things, p)
        close = gap < 0.0009 * t[live] + 0.0003
        hit[live[close]] = t[live[close]]
        t[live] += gap * (1.0 if step < 70 else 1.25)
        live = live[~close & (t[live] < scene.far)]
        if not live.size:
            break
    late = live[t[live] < scene.far]
    hit[late] = t[late]
    found = np.isfinite(hit)
    p = along([c[found] for c in o], [c[found] for c in d], hit[found])
    best, mine = np.full(p[0].shape, 1e9, F), np.full(p[0].shape, -1, np.int32)
    for thing in things:
        g = thing.distance(p)
        mine = np.where(g < best, scene.objects.index(thing), mine)
        best = np.minimum(best, g)
    who[found] = mine
    return hit, who


def shadow(scene, p, towards, reach=None):
    """How much of the sun is seen from the points (0..1), with penumbrae."""
    light = np.ones(p[0].size, F)
    d = [np.full(p[0].size, c, F) for c in towards]
    things = [o for o in touched(scene.objects, p, d, 1.0) if o.casts]
    if not things:
        return light
    t, live, limit = np.full(p[0].size, 0.015, F), np.arange(p[0].size), min(reach or scene.far, scene.far)
    for _ in range(48):
        gap = nearest(things, along([c[live] for c in p], [c[live] for c in d], t[live]))
        light[live] = np.minimum(light[live], np.clip(0.5 + 0.5 * gap * scene.softness / t[live], 0, 1))
        t[live] += np.clip(gap, 0.012 + 0.02 * t[live], 8 + 0.2 * t[live])
        live = live[(light[live] > 0.02) & (t[live] < limit)]
        if not live.size:
            break
    light = np.clip(light, 0, 1)
    return light * light * (3 - 2 * light)


def contact(scene, p, n):
    """Ambient occlusion from five looks along the normal."""
    reach = scene.occlusion
    things = []
    for thing in scene.objects:
        if thing.centre is not None:
            q = [p[k] - F(thing.centre[k]) for k in range(3)]
            if not (dot(q, q) < (thing.radius + reach) ** 2).any():
                continue
        things.append(thing)
    shade, weight = np.zeros(p[0].size, F), 1.0
    for k in range(5):
        h = reach * (0.02 + 0.98 * (k / 4) ** 1.6)
        gap = nearest(things, along(p, n, F(h)))
        shade += weight * np.clip(h - gap, 0, h) / reach
        weight *= 0.72
    return np.clip(1 - 1.15 * shade, 0.06, 1)


def normal(thing, p, t):
    """The slope of the distance, with the object's relief added."""
    e = np.maximum(0.0007 * t, 0.0006).astype(F)

    def f(q):
        g = thing.distance(q)
        return g - thing.bump(q) if thing.bump else g

    out = [0.0, 0.0, 0.0]
    for sx, sy, sz in ((1, -1, -1), (-1, -1, 1), (-1, 1, -1), (1, 1, 1)):
        v = f((p[0] + sx * e, p[1] + sy * e, p[2] + sz * e))
        out = [out[0] + sx * v, out[1] + sy * v, out[2] + sz * v]
    return unit(out)
