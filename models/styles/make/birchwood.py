"""birchwood: birches in October, knifed on in flat slabs of paint."""

import numpy as np

from .brush import Canvas
from .field import N, X, Y, curve, fbm, inks, mix, ramp, smooth

TITLE = "Birchwood"
DESCRIPTION = "Birches over an autumn stream, laid with the knife: slabs of rust, amber and cream on cold grey-blue."


def paint(rng):
    blot = fbm(rng, 5, 4)
    light = smooth(0.75, 0.0, np.hypot((X - 0.55) * 1.1, Y - 0.30))
    picture = ramp(np.clip(0.55 * light + 0.75 * blot - 0.15, 0, 1), inks("2a2438 5a3030 a3401f d9701f f0a52c f8d45f fdf0b8"))
    cold = smooth(0.55, 0.75, fbm(rng, 4, 4)) * smooth(0.55, 0.2, Y)
    picture = mix(picture, ramp(blot, inks("5f86a0 9cb8bc d8dccb")), cold * 0.85)
    angle = np.where(fbm(rng, 7, 2) > 0.5, 0.6, -0.9) + 0.8 * (blot - 0.5)
    for base, shades in ((0.60, "7a3a28 c8702a"), (0.66, "5a2f2c b04a20")):
        ridge = curve(rng, base, 0.08, 5, 4)[None]
        picture = mix(picture, ramp(fbm(rng, 9, 3), inks(shades)), smooth(0, 0.01, Y - ridge) * 0.8)
    near = np.clip((Y - 0.63) / 0.37, 0, 1)
    bank = 0.52 + 0.13 * np.sin(9 * near**0.45 + 2.6) * near**0.6 + 0.02 * (blot - 0.5)
    stream = smooth(0.012, -0.012, np.abs(X - bank) - 0.30 * near**1.35 - 0.004) * (Y > 0.635)
    mirror = ramp(np.clip(0.6 * fbm(rng, 8, 3, stretch=(2.5, 0.7)) + 0.7 * (0.75 - near), 0, 1), inks("1d2a44 2f5478 5f8ea4 a8bcb4 f0d49a fbeecb"))
    floor = ramp(np.clip(fbm(rng, 10, 4) + 0.1, 0, 1), inks("38222c 7a2f22 b8481c e07c22 f2b53f"))
    ground = smooth(0.64, 0.70, Y + 0.05 * (blot - 0.5))
    picture = mix(mix(picture, floor, ground), mirror, stream)
    angle = np.where(ground > 0.5, 0.25 * np.sin(X * 9), angle)
    angle = np.where(stream > 0.5, 0.06 * np.sin(Y * 60), angle)

    bark = np.zeros((N, N), np.float32)
    trees = [(rng.random(), 0.60 + 0.04 * rng.random(), 0.005 + 0.004 * rng.random()) for _ in range(14)]
    trees += [(0.07, 0.80, 0.020), (0.19, 0.73, 0.012), (0.30, 0.70, 0.010), (0.72, 0.72, 0.012), (0.81, 0.78, 0.017), (0.93, 0.90, 0.030)]
    for cx, foot, wide in trees:
        side = X - cx - 0.02 * (foot - Y) * np.sin(cx * 40) - 0.006 * np.sin(Y * 12 + cx * 50)
        mask = smooth(0.002, -0.002, np.abs(side) - wide * (0.75 + 0.25 * Y / foot)) * (Y < foot)
        close = smooth(0.004, 0.012, wide)
        scar = smooth(0.68, 0.78, fbm(rng, 30, 2, stretch=(0.5, 2.2)))
        tone = ramp(np.clip(0.5 + side / wide * 0.5, 0, 1), inks("fffaf0 efe6d6 c0b4b0 6f7488 4a5068"))
        tone = mix(tone, inks("231f2c")[0], scar * 0.9 * close)
        picture = mix(picture, mix(ramp(blot, inks("a8704a e8c088")), tone, 0.35 + 0.65 * close), mask)
        bark = np.maximum(bark, mask * (0.4 + 0.6 * close))
        glow = smooth(0.012, 0.0, np.abs(X - cx)) * stream * (Y > foot) * close
        picture = mix(picture, inks("e4dcd0")[0], glow * 0.7)
    angle = np.where(bark > 0.3, np.pi / 2, angle)

    canvas = Canvas(rng, inks("5a3428")[0])
    canvas.paint(picture, angle, 2600, 58, 84, hue=0.035, flat=True, dry=0.1)
    canvas.paint(picture, angle, 6000, 36, 46, spread=0.12, hue=0.05, flat=True, dry=0.3, where=1 - 0.9 * bark)
    canvas.paint(picture, angle + 0.5 * (1 - stream), 7000, 20, 26, spread=0.16, hue=0.06, flat=True, dry=0.4, where=1 - 0.9 * bark)
    canvas.paint(picture, angle * 0, 26000, 13, 15, where=np.where(bark > 0.3, bark, 0), spread=0.07, hue=0.02, flat=True, dry=0.25)
    canvas.paint(picture, 0 * X, 22000, 12, 30, where=stream, spread=0.13, hue=0.03, flat=True, dry=0.3)
    leaves = ramp(fbm(rng, 25, 2), inks("a82f18 e0641c f6a824 ffe07a"))
    drift = smooth(0.5, 0.8, fbm(rng, 5, 4)) * smooth(0.62, 0.45, Y) + 0.35 * ground * (1 - stream)
    canvas.paint(leaves, blot * 9, 9000, 10, 14, where=drift, spread=0.12, hue=0.05, flat=True, dry=0.2, body=1.3)
    return canvas.done(relief=0.5, shine=0.2, weave=0.1)
