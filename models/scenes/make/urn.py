"""urn: a fluted marble urn on a plinth, planted, in a garden before blue hills."""

import numpy as np

from . import matter as m
from .noise import fbm2, fbm3, noise2
from .photo import air, heaven
from .march import Scene, Surface, unit
from .solid import Object, at, box, egg

TITLE = "An urn in the garden"

# The urn's profile: height above the plinth and radius.
HEIGHTS = [0.0, 0.04, 0.05, 0.09, 0.16, 0.24, 0.27, 0.30, 0.36, 0.46, 0.60, 0.74, 0.84, 0.90, 0.93, 0.98, 1.03, 1.06, 1.08]
RADII = [0.27, 0.27, 0.24, 0.22, 0.12, 0.09, 0.11, 0.10, 0.17, 0.28, 0.36, 0.40, 0.39, 0.34, 0.32, 0.36, 0.43, 0.44, 0.42]


def vessel(p):
    """A body of revolution, fluted below, beaded at the rim, with two looped handles."""
    x, y, z = at(p, 0, 1.155, 0, 0.5)
    turn, wide = np.arctan2(z, x), np.sqrt(x * x + z * z)
    r = np.interp(y, HEIGHTS, RADII).astype(np.float32)
    flute = 0.016 * np.abs(np.sin(turn * 12)) * m.step(0.30, 0.36, y) * m.step(0.62, 0.56, y)
    foot = 0.008 * np.abs(np.sin(turn * 12)) * m.step(0.05, 0.10, y) * m.step(0.24, 0.18, y)
    egg_and_dart = 0.012 * np.abs(np.sin(turn * 20)) * m.step(0.985, 1.0, y) * m.step(1.06, 1.04, y)
    garland = 0.024 * np.clip(1 - np.abs(y - 0.76 + 0.07 * np.abs(np.cos(turn * 3))) / 0.032, 0, 1) * (0.7 + 0.3 * np.sin(turn * 60) * np.sin(y * 150))
    body = np.maximum((wide - r - 0.010 + flute + foot + egg_and_dart - garland) * 0.6, np.maximum(-y, y - 1.08))
    band = np.maximum(np.abs(wide - 0.385) - 0.025, np.abs(y - 0.66) - 0.010)
    hx = np.abs(x)
    loop = np.sqrt((np.sqrt(((hx - 0.42) * 1.1) ** 2 + ((y - 0.72) * 0.8) ** 2) - 0.135) ** 2 + z * z) - 0.030 + 0.005 * np.sin(np.arctan2(y - 0.72, hx - 0.42) * 14)
    bowl = np.maximum(wide - 0.36, 1.00 - y)
    return np.maximum(np.minimum(np.minimum(body, band * 0.9), loop * 0.8), -bowl)


def plants(p):
    x, y, z = at(p, 0, 1.155, 0)
    hang = np.sqrt(x * x + z * z)
    mound = egg((x, y - 1.12, z), 0.42, 0.24, 0.42)
    turn = np.arctan2(z, x)
    trail = np.maximum(np.abs(hang - 0.45) - 0.035, np.maximum(y - 1.08, 0.80 + 0.22 * np.sin(turn * 3 + 1) + 0.06 * np.sin(turn * 8) - y))
    return np.minimum(mound, trail)


def bloom(p, n):
    s = m.leaves("1f3212", "6a8a34", 14)(p, n)
    v = noise2(p[0] * 19 + p[1] * 13, p[2] * 19 - p[1] * 11)
    c = m.over(s.colour, m.rgb("c8324a"), m.step(0.66, 0.72, v) * m.step(2.16, 2.24, p[1]))
    return Surface(m.over(c, m.rgb("f0d8d8"), m.step(0.24, 0.18, v) * m.step(2.18, 2.26, p[1])))


def marble(p, n):
    v = fbm3(p, 1.6, 5)
    vein = np.exp(-np.abs(v - 0.5) * 34)
    stain = m.step(0.5, 0.75, fbm3((p[0] * 3, p[1] * 0.6, p[2] * 3), 1.5, 4)) * np.clip(0.8 - n[1], 0, 1)
    c = m.over(m.blend(v, m.rgb("8f887a"), m.rgb("c4bcac")), m.rgb("6d6a66"), vein * 0.35)
    return Surface(m.over(c, m.rgb("6a6250"), stain * 0.5), 0.25, 24)


def ground(p):
    return (p[1] - 0.12 * (fbm2(p[0] * 0.15, p[2] * 0.15, 3) - 0.5) * np.clip((np.abs(p[2]) - 2) / 6, 0, 1)) * 0.9


def lawn(p, n):
    s = m.grass("33451a", "8a9a3e", "9a9458")(p, n)
    path = m.step(1.25, 1.05, np.abs(p[0] + 0.25 * np.sin(p[2] * 0.5) + 0.2 * (fbm2(p[0] * 3, p[2] * 3, 3) - 0.5)))
    gravel = m.blend(0.4 * noise2(p[0] * 60, p[2] * 60) + 0.6 * fbm2(p[0] * 14, p[2] * 14, 3), m.rgb("6a5c48"), m.rgb("d8c7a4"))
    leaf = m.step(0.70, 0.74, noise2(p[0] * 9 + 40, p[2] * 9)) * m.step(0.45, 0.6, fbm2(p[0], p[2], 3))
    c = s.colour + (gravel - s.colour) * path[:, None]
    return Surface(m.over(c, m.rgb("a5561f"), leaf * 0.8))


def hills(p):
    d = np.sqrt(p[0] ** 2 + p[2] ** 2)
    h = np.clip((d - 70) / 260, 0, 1) ** 1.2 * (14 + 75 * fbm2(p[0] * 0.006 + 4, p[2] * 0.006, 5)) - 2
    return (p[1] - h) * 0.6


def scene():
    rng = np.random.default_rng(5)
    sun = unit((np.float32(-0.62), np.float32(0.52), np.float32(-0.58)))
    things = [
        Object(vessel, marble, (0, 1.75, 0), 0.85, lambda p: 0.003 * fbm3(p, 12, 4)),
        Object(m.shaggy(plants, 9.0, 0.13, 0.55, 4), bloom, (0, 2.15, 0), 0.72, lambda p: 0.03 * fbm3(p, 24, 3)),
        Object(lambda p: np.minimum(box(at(p, 0, 0.62, 0, 0.35), 0.40, 0.46, 0.40, 0.01), np.minimum(box(at(p, 0, 1.10, 0, 0.35), 0.48, 0.055, 0.48, 0.02), np.minimum(box(at(p, 0, 0.14, 0, 0.35), 0.52, 0.10, 0.52, 0.02), box(at(p, 0, 0.02, 0, 0.35), 0.7, 0.06, 0.7, 0.02)))),
               m.stone("6f6a5e", "b8b09c", 2.2, 0.5), (0, 0.55, 0), 1.2, lambda p: 0.010 * fbm3(p, 7, 4)),
        Object(ground, lawn, bump=lambda p: 0.035 * noise2(p[0] * 26, p[2] * 26) * m.step(1.0, 1.6, np.abs(p[0])) + 0.012 * noise2(p[0] * 55, p[2] * 55)),
        Object(hills, m.leaves("1c2c16", "6f7a3c", 0.06), casts=False, bump=lambda p: 1.5 * fbm2(p[0] * 0.09, p[2] * 0.09, 4)),
    ]
    for side in (-1, 1):
        for k in range(9):
            z = 2.0 + 3.1 * k
            x = side * (2.9 + 0.1 * rng.normal())
            shape = lambda p, x=x, z=z: box(at(p, x, 0.45, z), 0.55, 0.62, 1.35, 0.12)
            things.append(Object(m.shaggy(shape, 6.0, 0.12), m.leaves("16260c", "54702a", 6.0), (x, 0.4, z), 1.9))
    for x, z, h, w in [(-5.2, 9, 6.5, 0.75), (5.6, 12, 7.5, 0.85), (-7.0, 17, 7.0, 0.9), (6.8, 20, 8.0, 0.95), (-4.6, 25, 7.5, 0.9), (4.4, 28, 7.0, 0.9)]:
        shape = lambda p, x=x, z=z, h=h, w=w: egg(at(p, x, h * 0.5, z), w, h * 0.52, w)
        things.append(Object(m.shaggy(shape, 3.2, 0.28), m.leaves("0f1c0c", "3c5526", 4.0), (x, h * 0.5, z), h * 0.58))
    for _ in range(16):
        x, z, r = rng.uniform(-34, 34), rng.uniform(34, 62), rng.uniform(2.2, 4.2)
        shape = lambda p, x=x, z=z, r=r: egg(at(p, x, r * 0.95, z), r * 1.05, r, r)
        things.append(Object(m.shaggy(shape, 1.3, 0.9, 0.6, 5), m.leaves("1f2c10", "6a7430" if rng.random() < 0.6 else "a8702a", 3.0), (x, r, z), r * 1.4))
    return Scene((720, 1080), (0.9, 1.75, -3.9), (0.02, 1.52, 0), 42, things, sun, (4.3, 3.6, 2.7),
                 heaven(sun, (0.16, 0.34, 0.78), (0.72, 0.80, 0.88), (0.5, 0.4, 0.25), (1.15, 1.1, 1.05), 0.5, 0.9),
                 (0.50, 0.66, 0.98), (0.30, 0.30, 0.18), air(sun, 0.0045, (0.52, 0.62, 0.78), (0.25, 0.2, 0.1)),
                 far=420, exposure=0.72)
