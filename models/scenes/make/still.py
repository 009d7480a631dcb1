"""still: a vase, a bowl of fruit and a jug on a table, in the light of a window."""

import numpy as np

from . import matter as m
from .noise import fbm3, noise3
from .march import F, Scene, Surface, unit
from .solid import Object, at, ball, box, egg, melt, post, rod, turned

TITLE = "Fruit by the window"


def peel(base, blush, spots=0.0, scale=9.0):
    """Fruit skin: two tones blending around it, freckles, a waxy gloss."""
    a, b = m.rgb(base), m.rgb(blush)

    def material(p, n):
        v = fbm3(p, scale, 4)
        streak = noise3(p[0] * 70, p[1] * 14, p[2] * 70)
        c = m.blend((v - 0.3) * 2.2 + 0.35 * n[1] + 0.25 * (streak - 0.5), a, b)
        if spots:
            c = m.over(c, m.rgb("e8d9a0"), m.step(0.80, 0.88, noise3(*[q * 120 for q in p])) * spots)
        return Surface(c, 0.35, 46, 0.025)

    return material


def apple(x, y, z, r, skin):
    def shape(p):
        q = at(p, x, y, z)
        flat = np.sqrt(q[0] ** 2 + q[2] ** 2)
        dent = np.exp(-((flat / (0.32 * r)) ** 2)) * 0.24 * r * np.sign(q[1])
        body = (np.sqrt(flat**2 + ((q[1] + dent) * 1.08) ** 2) - r) * 0.8
        return np.minimum(body, rod(q, (0, 0.62 * r, 0), (0.16 * r, 1.25 * r, 0.05 * r), 0.045 * r))

    return Object(shape, skin, (x, y, z), r * 1.35)


def pear(x, y, z, r, lean, skin):
    def shape(p):
        q = at(p, x, y, z)
        body = melt(ball(q, r), ball((q[0] - lean * r, q[1] - 1.25 * r, q[2]), 0.52 * r), 0.9 * r)
        return np.minimum(body * 0.9, rod(q, (lean * r, 1.7 * r, 0), (lean * r * 1.6, 2.15 * r, 0), 0.045 * r))

    return Object(shape, skin, (x, y + 0.5 * r, z), r * 1.9)


def glaze(p, n):
    """Blue and white ware: bands, and a running pattern under the glaze."""
    y, turn = p[1], np.arctan2(p[2] - 0.02, p[0] + 0.30)
    band = (np.abs(y - 0.295) < 0.007) | (np.abs(y - 0.085) < 0.006) | (np.abs(y - 0.105) < 0.003)
    wave = np.abs(y - 0.19 - 0.045 * np.sin(turn * 6)) < 0.010 + 0.004 * np.sin(turn * 18)
    dots = np.hypot(((turn * 6 / np.pi) % 1 - 0.5) * 0.09, y - 0.19) < 0.012
    c = np.broadcast_to(m.rgb("e9e6dc"), (p[0].size, 3))
    c = m.over(c, m.rgb("24407e"), 0.9 * (band | wave | dots) * (0.75 + 0.4 * fbm3(p, 40, 2)))
    return Surface(c, 0.8, 120, 0.045)


def cloth(p, n):
    weave = 0.5 + 0.25 * np.sin(p[0] * 700) + 0.25 * np.sin(p[2] * 700)
    stripe = (np.abs(np.abs(p[0] - 0.16) - 0.20) < 0.012) | (np.abs(np.abs(p[0] - 0.16) - 0.225) < 0.004)
    c = m.over(np.broadcast_to(m.rgb("ddd3bf"), (p[0].size, 3)), m.rgb("9a3b2c"), stripe * 0.85)
    return Surface(c * (0.78 + 0.3 * weave * noise3(p[0] * 200, p[1], p[2] * 200))[:, None])


def scene():
    rng = np.random.default_rng(3)
    sun = unit((F(-0.78), F(0.50), F(-0.30)))
    heights = [0, 0.012, 0.05, 0.13, 0.21, 0.27, 0.315, 0.35, 0.375]
    radii = [0.055, 0.062, 0.085, 0.118, 0.110, 0.072, 0.044, 0.046, 0.060]
    things = [
        Object(lambda p: box(at(p, 0, -0.04, 0.1), 1.15, 0.04, 0.62, 0.008), m.wood("4a2c16", "9a6535", 2.2, 0, 0.22), None, 0, lambda p: 0.0006 * fbm3((p[0] * 3, p[1], p[2] * 60), 1.0, 3)),
        Object(lambda p: 1.05 - p[2], m.plain("a9a594", 0.16, 3.0), None, 0, lambda p: 0.006 * fbm3(p, 12, 4), casts=False),
        Object(lambda p: turned(at(p, -0.30, 0, 0.02), heights, radii), glaze, (-0.30, 0.2, 0.02), 0.26),
        Object(lambda p: (np.maximum(np.maximum(np.abs(np.sqrt(at(p, 0.13)[0] ** 2 + (p[2] + 0.02) ** 2 + ((p[1] - 0.20) * 1.25) ** 2) - 0.205) - 0.006, p[1] - 0.125), 0.008 - p[1])) * 0.8,
               m.plain("b5562e", 0.22, 14.0, 0.5, 60, 0.03), (0.13, 0.1, -0.02), 0.30, lambda p: 0.0012 * np.sin(p[1] * 420)),
        Object(lambda p: post(at(p, 0.13, 0.012, -0.02), 0.075, 0.012) - 0.002, m.plain("b5562e", 0.2, 14.0, 0.5, 60, 0.03), (0.13, 0.01, -0.02), 0.09),
        Object(lambda p: (p[1] - 0.004 - 0.012 * np.maximum(0, np.sin(p[0] * 34 + 4 * p[2]) * np.sin(p[2] * 21 + 3)) * np.clip((p[0] - 0.32) * 8, 0, 1) + 0 * p[0]) * 0.8
               + np.maximum(0, np.maximum(np.abs(p[0] - 0.16) - 0.46, np.abs(p[2] + 0.06) - 0.27)), cloth, (0.16, 0, -0.06), 0.60),
    ]
    red, green, gold, orange = peel("8a1218", "d8962f", 0.35), peel("7f9a24", "c9c050", 0.3), peel("c9a83a", "8a8a2a", 0.5), peel("e07a10", "f09a24", 0.0, 30)
    for x, y, z, r, skin in [(0.03, 0.128, -0.05, 0.062, red), (0.21, 0.128, -0.07, 0.060, green), (0.14, 0.13, 0.08, 0.062, red), (0.125, 0.200, -0.015, 0.058, orange),
                             (-0.08, 0.055, -0.19, 0.055, red), (0.445, 0.058, -0.10, 0.056, orange)]:
        things.append(apple(x, y, z, r, skin))
    things += [pear(0.38, 0.062, -0.21, 0.058, 0.25, gold), pear(0.57, 0.066, 0.06, 0.062, -0.2, green)]
    for k, (x, y, z, r) in enumerate([(-0.42, 0.70, 0.02, 0.062), (-0.27, 0.78, 0.05, 0.066), (-0.16, 0.66, -0.02, 0.058), (-0.34, 0.60, -0.09, 0.056), (-0.50, 0.57, 0.06, 0.05), (-0.10, 0.545, 0.08, 0.05)]):
        stem = lambda p, x=x, y=y, z=z: np.minimum(rod(p, (-0.30, 0.33, 0.02), ((x - 0.30) / 2 - 0.01, (y + 0.36) / 2 + 0.03, z * 0.6), 0.0055), rod(p, ((x - 0.30) / 2 - 0.01, (y + 0.36) / 2 + 0.03, z * 0.6), (x, y - 0.02, z), 0.0055, 0.004))

        def petals(p, x=x, y=y, z=z, r=r):
            q = at(p, x, y, z, 0.7 * x * 9)
            turn, wide = np.arctan2(q[2], q[0]), np.sqrt(q[0] ** 2 + q[2] ** 2)
            out = np.minimum(egg(q, r * 0.62, r, r * 0.62), 9)
            cup = (np.abs(np.sqrt(wide**2 + (q[1] * 0.72) ** 2) - r * (0.80 + 0.10 * np.cos(turn * 6))) - 0.004)
            cut = q[1] - r * (0.75 + 0.35 * np.abs(np.cos(turn * 3)))
            return np.maximum(np.minimum(cup, out + 0.012), cut) * 0.6

        tone = peel(*[("c23a4a", "f0a0a0"), ("e8d8d0", "f4ece0"), ("d8662a", "f6c060")][k % 3], 0.0, 14)
        things += [Object(stem, m.plain("4f6a2a", 0.3, 20), (-0.3, 0.55, 0), 0.45), Object(petals, tone, (x, y, z), r * 1.6)]
    for k in range(11):
        a, up, long = rng.uniform(0, 6.3), rng.uniform(0.40, 0.56), rng.uniform(0.07, 0.11)
        cx, cz = -0.30 + 0.10 * np.cos(a), 0.02 + 0.09 * np.sin(a)
        leaf = lambda p, cx=cx, cz=cz, up=up, long=long, a=a: egg((lambda q: (q[0], q[1] - 0.9 * q[0] + 3.5 * q[0] * q[0], q[2]))(at(p, cx, up, cz, a)), long, 0.007, long * 0.32) * 0.5
        things.append(Object(leaf, m.leaves("2a3f18", "6f8f3a", 22), (cx, up, cz), long * 1.6))
    frame = lambda p: np.maximum(np.abs(p[0] + 1.75) - 0.02, np.minimum(np.minimum(np.abs(p[1] - 1.45) - 0.025, np.abs(p[2] + 0.42) - 0.025),
                                 -box((p[0] * 0, p[1] - 1.45, p[2] + 0.42), 9, 0.62, 0.62)))
    things.append(Object(frame, m.plain("e8e2d4"), None))

    def dim(d):
        return np.broadcast_to(F((0.30, 0.31, 0.33)), (d[0].size, 3)) * (1 + 5.0 * m.step(0.72, 0.8, -d[0]) * (np.abs(d[1] - 0.35) < 0.33))[:, None]

    return Scene((1080, 810), (0.10, 0.52, -1.62), (0.07, 0.305, 0.05), 37, things, sun, (5.6, 4.7, 3.5), dim,
                 (0.42, 0.46, 0.54), (0.20, 0.15, 0.10), None, [((-1.5, 0.9, -0.6), (0.55, 0.62, 0.75), 1.5)],
                 far=9, softness=9, occlusion=0.14, exposure=0.62)
