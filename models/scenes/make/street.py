"""street: a narrow street of old houses at dusk, lamps and windows lit, cobbles after rain."""

import numpy as np

from . import matter as m
from .noise import fbm2, fbm3, noise2
from .photo import air, heaven
from .march import F, Scene, Surface, unit
from .solid import Object, at, box, egg, post, prism_roof, rod

TITLE = "The street at dusk"
LAMP = (3.6, 2.0, 0.85)


def front(side, z, long, tall, colour, trim, roof, seed):
    """One house of the row: wall with real recesses, sills and a door, and its roof."""
    x = side * 6.6
    wall_at = side * 3.4
    storey, bay = 2.85, long / max(round(long / 1.75), 2)

    def grid(p):
        """Across, up and storey of each point on the front."""
        u, v = (p[2] - z + long / 2) / bay, (p[1] - 0.35) / storey
        return u - np.floor(u) - 0.5, v - np.floor(v) - 0.52, np.floor(v), np.floor(u)

    def walls(p):
        q = at(p, x, tall / 2, z)
        solid = box(q, 3.2, tall / 2, long / 2)
        u, v, _, _ = grid(p)
        hole = np.maximum(np.abs(u) * bay - 0.44, np.abs(v) * storey - 0.74)
        hole = np.maximum(hole, np.abs(p[0] - wall_at) - 0.12)
        sill = np.maximum(np.maximum(np.abs(u) * bay - 0.56, np.abs(v * storey + 0.80) - 0.05), np.abs(p[0] - wall_at) - 0.13)
        ledge = np.maximum(np.abs(p[1] - tall + 0.12) - 0.12, np.maximum(np.abs(p[0] - wall_at) - 0.22, np.abs(q[2]) - long / 2))
        belt = np.maximum(np.abs(p[1] - storey - 0.22) - 0.08, np.maximum(np.abs(p[0] - wall_at) - 0.08, np.abs(q[2]) - long / 2))
        sill = np.maximum(sill, np.maximum(p[1] - tall + 0.4, np.abs(q[2]) - long / 2))
        return np.minimum(np.minimum(np.maximum(solid, -hole), sill), np.minimum(ledge, belt)) * 0.85

    base, edge, wood = m.rgb(colour), m.rgb(trim), m.rgb(["3a4a3c", "5a2a22", "2f3f52", "4a3626"][seed % 4])

    def face(p, n):
        u, v, floor, column = grid(p)
        deep = np.abs(p[0] - wall_at) > 0.09
        inside = (np.abs(u) * bay < 0.45) & (np.abs(v) * storey < 0.75)
        damp = m.step(1.6, 0.1, p[1] + 1.2 * (fbm3(p, 1.5, 3) - 0.5))
        c = base * (0.62 + 0.72 * fbm3(p, 1.1, 5, 0.6))[:, None] * (1 - 0.45 * damp)[:, None]
        frame = (np.abs(u) * bay < 0.58) & (np.abs(v) * storey < 0.88)
        shutter = (np.abs(np.abs(u) * bay - 0.70) < 0.23) & (np.abs(v) * storey < 0.76) & (floor > 0) & (p[1] < tall - 0.4)
        slat = 0.7 + 0.3 * ((p[1] * 14) % 1 > 0.35)
        c = np.where((frame & (p[1] < tall - 0.35))[:, None], edge * (0.7 + 0.5 * fbm3(p, 3, 3))[:, None], c)
        c = np.where(shutter[:, None], wood * slat[:, None], c)
        pane = inside & deep
        bars = (np.abs(u) * bay < 0.028) | (np.abs(v * storey - 0.2) < 0.022) | (np.abs(u) * bay > 0.385) | (np.abs(v) * storey > 0.69)
        dice = noise2(column * 5.3 + seed * 11.7, floor * 7.1 + seed * 3.9)
        door = (floor == 0) & (np.mod(column + seed, 3) == 0)
        lit = ((dice > 0.44) & ~door) & pane & ~bars
        curtain = 0.55 + 0.45 * noise2(p[2] * 22, p[1] * 1.5) * m.step(-0.5, 0.3, v)
        c = np.where((pane & bars)[:, None], edge * 0.8, np.where(pane[:, None], m.rgb("141a22"), c))
        c = np.where((inside & door)[:, None], wood * (0.8 + 0.3 * noise2(p[2] * 40, p[1] * 2))[:, None], c)
        glow = (lit * curtain * (0.6 + 0.9 * dice))[:, None] * F((2.1, 1.15, 0.42))
        return Surface(c, 0.0, 40, (pane & ~bars & ~door) * 0.08, glow)

    def cover(p):
        q = at(p, x, tall, z)
        return np.minimum(prism_roof((q[0], q[1], q[2]), 3.55, 2.6, long / 2 + 0.04) * 0.9, box((q[0] + side * 0.7, q[1] - 2.2, q[2] - long * 0.28), 0.38, 1.0, 0.5))

    tiles = lambda p: 0.04 * np.abs(np.sin(p[2] * 13)) + 0.05 * ((p[1] * 4.5) % 1)
    reach = np.sqrt(3.6**2 + (long / 2) ** 2 + (tall / 2) ** 2) + 0.3
    return [Object(walls, face, (x, tall / 2, z), reach, lambda p: 0.010 * fbm3(p, 5, 4)),
            Object(cover, m.plain(roof, 0.5, 2.4), (x, tall + 1.3, z), np.hypot(4.6, long / 2 + 0.2) + 0.6, tiles)]


def level(p):
    kerb = m.step(1.95, 2.0, np.abs(p[0])) * 0.13
    return (p[1] - kerb) * 0.9


def setts(p):
    """Cobbles in rows that bow across the street: 1 on the stone, 0 in the joint; and its number."""
    x, z = p[0], p[2] + 0.035 * p[0] ** 2
    row = np.floor(z / 0.155)
    u = x / 0.21 + 0.5 * (row % 2) + 0.35 * noise2(row * 3.1, row * 1.7)
    a, b = np.abs(z / 0.155 - row - 0.5), np.abs(u - np.floor(u) - 0.5)
    return m.step(0.5, 0.34, a) * m.step(0.5, 0.38, b), row * 13.7 + np.floor(u) * 5.1


def paving(p, n):
    stone, number = setts(p)
    v = noise2(number, number * 0.31 + 4)
    c = m.blend(0.7 * v + 0.4 * fbm3(p, 9, 3) - 0.05, m.rgb("2f2e30"), m.rgb("5f5a56"), m.rgb("857a6c"))
    c = c * (0.35 + 0.65 * stone)[:, None]
    walk = m.step(1.93, 1.97, np.abs(p[0]))
    slab = np.abs((p[2] / 0.9) % 1 - 0.5) < 0.485
    flag = m.blend(fbm2(p[0] * 2, p[2] * 2, 5), m.rgb("4a4642"), m.rgb("8a8278")) * np.where(slab, 1, 0.4)[:, None]
    wet = m.step(0.46, 0.62, fbm2(p[0] * 0.55 + 3, p[2] * 0.35, 4)) * (1 - 0.65 * walk)
    c = (c + (flag - c) * walk[:, None]) * (1 - 0.45 * wet)[:, None]
    return Surface(c, 0.3 * wet, 80, 0.015 + 0.10 * wet)


def relief(p):
    stone, number = setts(p)
    flat = m.step(1.97, 1.93, np.abs(p[0])) * (1 - 0.55 * m.step(0.46, 0.62, fbm2(p[0] * 0.55 + 3, p[2] * 0.35, 4)))
    return flat * (0.016 * stone + 0.010 * noise2(number, 3.3 + 0 * number)) + 0.003 * fbm3(p, 16, 3)


def lamp(x, z):
    """A lamp-post with a lantern; the lantern glows and lights what is near."""
    def iron(p):
        q = at(p, x, 0, z)
        d = rod(q, (0, 0, 0), (0, 3.3, 0), 0.055, 0.038)
        d = np.minimum(d, post((q[0], q[1] - 0.35, q[2]), 0.10, 0.35))
        d = np.minimum(d, rod(q, (-0.26, 3.05, 0), (0.26, 3.05, 0), 0.02))
        d = np.minimum(d, post((q[0], q[1] - 3.36, q[2]), 0.13, 0.025))
        return np.minimum(d, np.maximum(np.sqrt(q[0] ** 2 + q[2] ** 2) - np.clip(4.08 - q[1], 0, 0.5) * 0.62, np.abs(q[1] - 3.94) - 0.10))

    light = lambda p: egg(at(p, x, 3.62, z), 0.135, 0.22, 0.135)
    shine = lambda p, n: Surface(np.broadcast_to(F((0.9, 0.85, 0.7)), (p[0].size, 3)), glow=np.broadcast_to(F((7.5, 4.6, 2.0)), (p[0].size, 3)))
    return [Object(iron, m.plain("1c2422", 0.2, 5, 0.5, 40, 0.02), (x, 2.0, z), 2.3), Object(light, shine, (x, 3.62, z), 0.24, casts=False)], ((x - 0.25 * np.sign(x), 3.5, z), LAMP, 2.3)


def scene():
    rng = np.random.default_rng(17)
    sun = unit((F(0.25), F(0.16), F(0.95)))
    things = [Object(level, paving, bump=relief, casts=False)]
    paints = ["b98f5c", "8f5240", "b8a888", "6f7f82", "a8794a", "9a8f80", "7a4a3c", "a5a084", "b08858", "84705c", "996a4a", "8a8a80"]
    for side, z in ((-1, -2.5), (1, -3.5)):
        for k in range(8):
            long, tall = rng.uniform(4.6, 7.2), rng.uniform(6.6, 10.2)
            n = (k * 2 + (side > 0)) % 12
            things += front(side, z + long / 2, long - 0.02, tall, paints[n], ["d8cfbc", "b8ae9a", "e2d8c4"][k % 3], ["5a3a30", "6a4032", "4a4240"][(k + side) % 3], k * 2 + (side > 0))
            z += long
    lamps = []
    for x, z in ((-2.35, 6.2), (2.35, 12.5), (-2.35, 19.5), (2.35, 27)):
        parts, light = lamp(x, z)
        things += parts
        lamps.append(light)
    church = lambda p: np.minimum(np.minimum(box(at(p, 0.6, 9, 58), 3.4, 10, 3.4), box(at(p, 0.6, 19.1, 58), 3.7, 0.3, 3.7)),
                                  np.maximum((np.abs(at(p, 0.6, 0, 58)[0]) + np.abs(p[2] - 58) - (32 - p[1]) * 0.36) * 0.62, 19.2 - p[1]))
    def belfry(p, n):
        arch = (np.abs(np.abs(p[0] - 0.6) - 1.2) < 0.5) & (np.abs(p[1] - 15.5) < 1.7)
        clock = np.hypot(p[0] - 0.6, p[1] - 11.6) < 1.15
        c = m.stone("5a5048", "9a8c7a", 0.7)(p, n).colour
        c = m.over(c, m.rgb("15161a"), (arch & (n[2] < -0.5)) * 1.0)
        c = m.over(c, m.rgb("3a3f48"), (p[1] > 19.4) * 0.85)
        return Surface(c, glow=(clock & (n[2] < -0.5))[:, None] * F((1.5, 1.15, 0.6)))
    things.append(Object(church, belfry, (0.6, 16, 58), 18))
    for x, z, r, hue in ((2.75, 4.3, 0.30, "b5502f"), (-2.9, 9.4, 0.34, "a05a3a"), (2.8, 8.6, 0.28, "b5502f"), (-2.85, 3.2, 0.30, "8a5a42")):
        things.append(Object(lambda p, x=x, z=z, r=r: np.maximum(np.sqrt((p[0] - x) ** 2 + (p[2] - z) ** 2) - r * (0.75 + 0.35 * (p[1] - 0.13)), np.abs(p[1] - 0.36) - 0.24), m.plain(hue, 0.25, 8), (x, 0.4, z), 0.6))
        bush = lambda p, x=x, z=z, r=r: egg(at(p, x, 0.95, z), r * 1.25, 0.48, r * 1.25)
        things.append(Object(m.shaggy(bush, 7, 0.20), m.leaves("14220e", "4f6a2c", 8), (x, 0.95, z), 0.75))
    return Scene((640, 960), (-0.55, 1.75, -1.6), (0.15, 3.75, 20), 55, things, sun, (0.55, 0.28, 0.15),
                 heaven(sun, (0.055, 0.10, 0.30), (0.62, 0.36, 0.26), (0.85, 0.40, 0.14), (0.62, 0.34, 0.28), 0.46, 0.9, 0.0, 0.55),
                 (0.27, 0.31, 0.50), (0.13, 0.11, 0.10), air(sun, 0.0028, (0.24, 0.20, 0.26), (0.22, 0.11, 0.04)), lamps,
                 far=120, steps=110, softness=8, occlusion=0.7, exposure=1.2)
