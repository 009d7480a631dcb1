"""tarn: snow peaks over a mountain lake, boulders in front, firs along the shore."""

import numpy as np

from . import matter as m
from .noise import Relief, fbm2, fbm3, noise2, ridged2
from .photo import air, heaven
from .march import F, Scene, Surface, unit
from .solid import Object, at, egg

TITLE = "A mountain lake"


def rise(x, z):
    """The land's height: a valley that bends, a lake bed, ridges, and a bank in front."""
    axis = x - 120 * np.sin(z / 420)
    valley = np.clip((np.abs(axis) - 60 - 0.10 * z) / 620, 0, 1) ** 1.15
    head = np.clip((z - 620) / 1500, 0, 1) ** 1.1
    lift = np.clip(valley + head, 0, 1.25)
    ridges = ridged2(x / 1150 + 3.35, z / 1150 + 1.2, 8, 0.5)
    h = lift * (150 + 640 * ridges * (0.45 + 0.75 * head)) - 7
    shore = np.clip((np.abs(axis) - 42 - 0.05 * z) / 40, 0, 1) * 9 + np.clip((z - 430) / 90, 0, 1) * 11
    h += shore * (0.4 + fbm2(x / 60, z / 60, 4)) + 2.2 * np.clip((14 - z) / 14, 0, 1.6) * (0.5 + fbm2(x / 9, z / 9, 4))
    return h


LAND = Relief(rise, -2100, 2100, -100, 4100, 2.4)


def land(p, n):
    x, y, z = p
    broad, fine = fbm2(x / 90, z / 90, 5), fbm2(x / 9, z / 9, 4)
    rock = m.blend(0.5 * broad + 0.6 * fbm2(x / 40, (y * 2.5 + z) / 24, 5) - 0.05, m.rgb("4a4640"), m.rgb("857c70"), m.rgb("a89c8c"))
    turf = m.blend(0.5 * fine + 0.5 * broad, m.rgb("2f3d18"), m.rgb("6f7a34"), m.rgb("a0904a"))
    wood = m.blend(fbm2(x / 5, z / 5, 3), m.rgb("101c10"), m.rgb("2f4424"))
    c = m.over(rock, turf, m.step(0.62, 0.80, n[1] + 0.3 * (broad - 0.5)) * m.step(250, 120, y + 140 * (broad - 0.5)))
    c = m.over(c, wood, m.step(0.50, 0.60, n[1] + 0.2 * (fine - 0.5)) * m.step(120, 60, y + 90 * (broad - 0.5)) * m.step(0.42, 0.5, fbm2(x / 130 + 5, z / 130, 4)) * m.step(3, 9, y))
    snow = m.step(0.46, 0.60, n[1] + 0.28 * (fine - 0.5)) * m.step(190, 330, y + 200 * (broad - 0.5))
    c = m.over(c, F((0.86, 0.89, 0.94)), snow)
    pebbles = m.blend(noise2(x * 7, z * 7) * 0.6 + 0.5 * fbm2(x * 2, z * 2, 3), m.rgb("4a4338"), m.rgb("a89c88"))
    return Surface(c + (pebbles - c) * m.step(1.6, 0.6, y + 0.8 * (fine - 0.5))[:, None])


def rough(p):
    far = np.clip(p[2] / 300, 0, 1)
    return far * 9 * fbm2(p[0] / 26, p[2] / 26, 5, 0.6) + (1 - far) * (0.10 * fbm2(p[0] * 2.2, p[2] * 2.2, 4) + 0.05 * noise2(p[0] * 7, p[2] * 7))


def fir(x, z, h):
    y = float(LAND(np.float32([x]), np.float32([z]))[0])

    def cone(p):
        q = at(p, x, y, z)
        r = np.sqrt(q[0] ** 2 + q[2] ** 2)
        tier = 0.10 * h * np.abs(((q[1] / h * 7) % 1) - 0.2)
        return np.maximum((r - (h - q[1]) * 0.21 + tier * 0.55) * 0.8, np.maximum(-q[1], q[1] - h))

    return Object(m.shaggy(cone, 14.0 / h, 0.07 * h), m.leaves("0a140c", "2f4a26", 16 / h), (x, y + h / 2, z), h * 0.62)


def scene():
    rng = np.random.default_rng(12)
    sun = unit((F(-0.70), F(0.40), F(-0.12)))
    things = [
        Object(lambda p: (p[1] - LAND(p[0], p[2])) * 0.55, land, bump=rough),
        Object(lambda p: p[1], m.water("0a2a33", 0.03), bump=lambda p: (0.012 * fbm2(p[0] * 0.5, p[2] * 1.6, 4) + 0.004 * noise2(p[0] * 5, p[2] * 9)) / (1 + p[2] / 18), casts=False),
    ]
    for x, y, z, r, f in [(-3.6, 0.2, 7.5, 1.5, 0.6), (-1.9, 0.0, 6.0, 0.8, 0.6), (-5.9, 0.4, 9.5, 1.7, 0.7), (3.3, -0.1, 8.3, 1.1, 0.55), (4.9, 0.1, 9.4, 1.5, 0.6),
                          (0.7, -0.1, 7.2, 0.5, 0.5), (1.8, -0.15, 11.5, 0.8, 0.5), (-0.9, -0.15, 10.5, 0.55, 0.5), (7.4, 0.1, 12.5, 1.7, 0.6), (-8.5, 0.3, 14, 1.9, 0.6)]:
        spin = rng.random() * 6
        shape = lambda p, x=x, y=y, z=z, r=r, f=f, s=spin: egg(at(p, x, y, z, s), r, r * f, r * 0.75)
        things.append(Object(m.shaggy(shape, 1.5 / r, 0.45 * r, 0.55, 4), m.stone("55504a", "a59c8e", 1.3, 0.25), (x, y, z), r * 1.5,
                             lambda p: 0.05 * fbm3(p, 4.5, 4, 0.6)))
    for _ in range(46):
        z = rng.uniform(60, 330)
        x = (rng.choice([-1, 1]) * (46 + 0.055 * z + rng.uniform(0, 34))) + 120 * np.sin(z / 420)
        things.append(fir(x, z, rng.uniform(9, 19)))
    return Scene((1056, 704), (0.0, 2.7, -1.5), (1.5, 6.4, 40), 46, things, sun, (4.3, 3.7, 3.0),
                 heaven(sun, (0.13, 0.30, 0.72), (0.70, 0.79, 0.90), (0.55, 0.42, 0.28), (1.2, 1.16, 1.12), 0.53, 1.1),
                 (0.55, 0.74, 1.12), (0.22, 0.20, 0.15), air(sun, 0.00014, (0.40, 0.54, 0.76), (0.2, 0.16, 0.08)),
                 far=4600, steps=150, softness=10, occlusion=0.9, exposure=0.70)
