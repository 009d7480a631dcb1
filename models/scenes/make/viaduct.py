"""viaduct: a stone bridge of many arches over a river in a wooded valley."""

import numpy as np

from . import matter as m
from .noise import Relief, fbm2, fbm3, noise2
from .photo import air, heaven
from .march import F, Scene, Surface, unit
from .solid import Object, at, box, egg

TITLE = "A bridge over the river"
BAY, TURN = 9.0, 0.5


def valley(x, z):
    """The valley: a river bed that winds towards the camera, wooded sides, hills behind."""
    bed = np.abs(x - 5 * np.sin(z * 0.045 + 0.4)) - 8.5
    side = np.clip(bed, -3, 60)
    h = 0.16 * side + 0.0085 * np.clip(side, 0, 60) ** 2 + 0.9 * (fbm2(x * 0.12, z * 0.12, 4) - 0.5) * np.clip(bed / 3, 0, 1)
    far = np.clip((z - 75) / 190, 0, 1)
    return h * (1 - 0.4 * far) + far**1.4 * (6 + 60 * fbm2(x * 0.008 + 2, z * 0.008, 5)) - 0.25


BANK = Relief(valley, -260, 260, -8, 424, 0.35)


def bridge(p):
    x, y, z = at(p, 0, 0, 46, TURN)
    k = x - BAY * np.round(x / BAY)
    r = np.where(y < 9.6, np.abs(k), np.sqrt(k**2 + (y - 9.6) ** 2)) - 3.55
    wall = np.maximum(np.abs(z) - 1.7 + 0.012 * y, y - 14.4)
    out = np.maximum(wall, -r)
    ringing = np.maximum(np.maximum(np.abs(np.sqrt(k**2 + np.maximum(y - 9.6, 0) ** 2) - 3.85) - 0.32, np.abs(z) - 1.72), 9.6 - y)
    out = np.minimum(out, ringing)
    cap = box((x, y - 14.45, z), 200, 0.22, 2.0, 0.03)
    rail = np.maximum(np.abs(np.abs(z) - 1.72) - 0.16, np.abs(y - 15.1) - 0.52)
    foot = np.maximum(np.maximum(np.abs(np.abs(k) - BAY / 2) - 1.25, np.abs(z) - 2.1), y - 1.6)
    impost = np.maximum(np.maximum(np.abs(np.abs(k) - BAY / 2) - 1.10, np.abs(z) - 1.85), np.abs(y - 9.5) - 0.16)
    return np.minimum(np.minimum(np.minimum(out, cap), np.minimum(rail, foot)), impost) * 0.9


def courses(p):
    """Joints between the stones, for relief and for colour: 1 on the stone, 0 in the joint."""
    x, y, z = at(p, 0, 0, 46, TURN)
    row = np.floor(y / 0.48)
    u = (x + z) / 0.95 + 0.5 * (row % 2)
    a, b = np.abs(y / 0.48 - row - 0.5), np.abs(u - np.floor(u) - 0.5)
    return m.step(0.5, 0.43, a) * m.step(0.5, 0.465, b), row * 17.3 + np.floor(u) * 7.7


def masonry(p, n):
    joint, number = courses(p)
    v = noise2(number, number * 0.37 + 5)
    c = m.blend(v * 0.7 + 0.5 * fbm3(p, 0.9, 4) - 0.1, m.rgb("6a5848"), m.rgb("a08868"), m.rgb("c4ad88"))
    c = c * (0.72 + 0.28 * joint + 0.18 * (fbm3(p, 7, 3) - 0.5))[:, None]
    stain = m.step(0.48, 0.75, fbm3((p[0] * 0.9, p[1] * 0.16, p[2] * 0.9), 1.0, 4)) * 0.55
    c = m.over(c, m.rgb("3f3a30"), stain)
    return Surface(m.over(c, m.rgb("5a6628"), m.step(2.6, 0.6, p[1] + 1.5 * (v - 0.5)) * 0.7))


def ground(p, n):
    x, y, z = p
    s = m.grass("2f3f16", "7a8a36", "a59a58")(p, n).colour
    shingle = m.blend(0.6 * noise2(x * 4.1, z * 4.1) + 0.5 * fbm2(x * 1.3, z * 1.3, 4) - 0.1, m.rgb("4d463a"), m.rgb("b5a890"))
    c = s + (shingle - s) * m.step(0.75, 0.25, y + 0.7 * (fbm2(x * 0.8, z * 0.8, 3) - 0.5))[:, None]
    wood = m.blend(fbm2(x * 0.35, z * 0.35, 4), m.rgb("1c2c14"), m.rgb("5f6a2c"), m.rgb("a0702a"))
    return Surface(c + (wood - c) * (m.step(95, 130, z) * m.step(0.42, 0.5, fbm2(x * 0.03, z * 0.03, 4)))[:, None])


def scene():
    rng = np.random.default_rng(21)
    sun = unit((F(-0.66), F(0.46), F(-0.42)))
    things = [
        Object(lambda p: (p[1] - BANK(p[0], p[2])) * 0.6, ground, bump=lambda p: 0.07 * fbm2(p[0] * 2.6, p[2] * 2.6, 4) + np.clip((p[2] - 90) / 60, 0, 1) * 2.2 * fbm2(p[0] * 0.3, p[2] * 0.3, 4)),
        Object(lambda p: p[1], m.water("1c2a1e", 0.04), bump=lambda p: (0.030 * fbm2(p[0] * 0.9, p[2] * 1.5, 4) + 0.008 * noise2(p[0] * 5, p[2] * 8)) / (1 + p[2] / 25), casts=False),
        Object(bridge, masonry, (0, 6, 46), 95, lambda p: 0.030 * courses(p)[0] + 0.02 * fbm3(p, 6, 3)),
    ]
    for x, z, r in [(-7.5, 7.5, 0.7), (-8.8, 9.5, 1.0), (-5.2, 11.5, 0.5), (3.5, 7.6, 0.45), (5.6, 9.6, 0.8), (-2.6, 9.0, 0.4), (7.2, 13, 0.7), (1.0, 13.5, 0.45), (-6.2, 16, 0.6)]:
        shape = lambda p, x=x, z=z, r=r: egg(at(p, x, 0.05, z, x), r, r * 0.6, r * 0.8)
        things.append(Object(m.shaggy(shape, 1.6 / r, 0.4 * r, 0.55, 4), m.stone("4f4a42", "9a9080", 1.6, 0.3, 0.8), (x, 0.05, z), r * 1.5, lambda p: 0.03 * fbm3(p, 6, 3)))
    tones = [("1c2a0e", "5f7a28"), ("26300f", "7f8a30"), ("3a2c0e", "b5802a"), ("172410", "48662a"), ("3f240e", "b0602a")]
    count = 0
    while count < 74:
        z = rng.uniform(14, 98)
        x = 5 * np.sin(z * 0.045 + 0.4) + rng.choice([-1, 1]) * (11.5 + rng.uniform(0, 1) ** 1.5 * (10 + 0.45 * z))
        bz = (z - 46) * np.cos(TURN) - x * np.sin(TURN)  # how far from the bridge
        if abs(bz) < 5.5 or (z < 40 and abs(x) < 14):
            continue
        y, r = float(valley(F(x), F(z))), rng.uniform(2.0, 3.8)
        if bz < 0:
            r *= 0.7
        low, high = tones[rng.integers(5)]
        crown = lambda p, x=x, y=y, z=z, r=r: np.minimum(egg(at(p, x, y + 1.35 * r, z), r, r * 1.15, r), trunk(p, x, y, z, r))
        things.append(Object(m.shaggy(crown, 1.9 / r + 0.25, 0.42 * r, 0.6, 4), m.leaves(low, high, 2.2), (x, y + 1.2 * r, z), r * 1.75))
        count += 1
    return Scene((1080, 720), (-1.5, 3.1, -3.0), (1.5, 7.2, 46), 40, things, sun, (4.4, 3.7, 2.8),
                 heaven(sun, (0.17, 0.36, 0.80), (0.76, 0.82, 0.88), (0.5, 0.4, 0.25), (1.2, 1.15, 1.08), 0.49, 1.0),
                 (0.56, 0.72, 1.02), (0.26, 0.24, 0.14), air(sun, 0.0026, (0.56, 0.65, 0.76), (0.35, 0.28, 0.14)),
                 far=420, steps=120, softness=10, occlusion=1.2, exposure=0.72)


def trunk(p, x, y, z, r):
    """A tree's trunk."""
    q = at(p, x, y, z)
    return np.maximum(np.sqrt(q[0] ** 2 + q[2] ** 2) - 0.10 * r, np.abs(q[1] - 0.4 * r) - 0.8 * r)
