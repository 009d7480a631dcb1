"""lagoon: sails before a pink evening, built up from touches of complementary colours."""

import numpy as np

from .brush import Canvas
from .field import X, Y, curve, fbm, inks, mix, ramp, smooth

TITLE = "Lagoon"
DESCRIPTION = "Sails on still water in thousands of touches: turquoise against coral, lilac against lemon."

# Column, waterline and size of each boat.
BOATS = [(0.30, 0.50, 0.05), (0.45, 0.492, 0.032), (0.86, 0.505, 0.06), (0.62, 0.60, 0.19)]


def paint(rng):
    air = fbm(rng, 4, 4, stretch=(0.6, 2))
    sky = ramp(np.clip(Y / 0.48 + 0.3 * (air - 0.5), 0, 1), inks("5a8fd6 86b4e0 c3c4e4 f3bfc4 fbcf9a fff0a8"))
    sun = np.hypot(X - 0.28, Y - 0.36)
    sky = mix(sky, inks("fff6c0")[0], smooth(0.09, 0.03, sun))
    sky = mix(sky, inks("ffd486")[0], smooth(0.3, 0.05, sun) * 0.6)
    picture = sky
    for base, rise, shades in ((0.435, 0.09, "8a86cc b59ad0"), (0.465, 0.05, "4a78b8 7ab0b0")):
        ridge = curve(rng, base, rise, 3, 4)[None]
        picture = mix(picture, ramp(fbm(rng, 12, 3), inks(shades)), smooth(0, 0.004, Y - ridge))
    sea = smooth(0.486, 0.49, Y)
    swell = fbm(rng, 5, 4, stretch=(0.5, 6))
    water = ramp(np.clip((Y - 0.48) / 0.5 + 0.5 * (swell - 0.5), 0, 1), inks("f6d9b0 9fd6cc 4fbcc4 1f94b4 1a6aa6 20428c"))
    water = mix(water, inks("ffc890")[0], np.exp(-(((X - 0.28) / (0.03 + 0.2 * (Y - 0.48))) ** 2)) * smooth(0.4, 0.6, swell))
    picture = mix(picture, water, sea)
    detail = np.zeros_like(X)
    for cx, line, size in BOATS:
        u, v = (X - cx) / size, (line - Y) / size
        hull = (np.abs(u) < 0.55 - 0.5 * (0.16 - v)) & (v > 0) & (v < 0.16)
        main = (u > 0.02) & (u < 0.62 * (1 - (v - 0.2) / 1.25)) & (v > 0.2) & (v < 1.45)
        jib = (u < -0.02) & (-u < 0.5 * (1 - (v - 0.22) / 1.0)) & (v > 0.22) & (v < 1.22)
        glass = (v < 0) & (v > -1.3) & (np.abs(u + 0.1 * np.sin(v * 24)) < 0.5 * (1 + v / 1.4))
        sail = ramp(np.clip(0.5 + u * 0.9 + 0.2 * (fbm(rng, 20, 2) - 0.5), 0, 1), inks("fffbe6 ffe0b0 f0a880 b888b0"))
        picture = mix(picture, mix(water, sail, 0.65), glass.astype(np.float32))
        picture = mix(picture, sail, (main | jib).astype(np.float32))
        picture = mix(picture, ramp(np.clip(v / 0.16, 0, 1), inks("3a1f4a 9c2f3f e0603c")), hull.astype(np.float32))
        mast = (np.abs(u) < 0.016) & (v > 0) & (v < 1.55)
        picture = mix(picture, inks("4a2f4a")[0], mast.astype(np.float32))
        detail = np.maximum(detail, (main | jib | hull | mast).astype(np.float32))
    beach = curve(rng, 0.93, 0.10, 2, 3)[None] - 0.25 * smooth(0.55, 1.0, X) ** 2
    bank = smooth(0, 0.006, Y - beach)
    picture = mix(picture, ramp(np.clip(fbm(rng, 14, 3) + 0.8 * (Y - beach) / 0.3, 0, 1), inks("fff0c0 f4cf90 c8a06a 4f8a4a 2a5a5a")), bank)
    leaf = fbm(rng, 18, 3)
    pine = np.zeros_like(X)
    for cx, cy, w, h in ((0.93, 0.10, 0.24, 0.09), (0.76, 0.05, 0.2, 0.06), (0.98, 0.24, 0.16, 0.06), (0.83, 0.175, 0.13, 0.045)):
        pine = np.maximum(pine, smooth(0.1, -0.1, np.hypot((X - cx) / w, (Y - cy) / h) - 0.7 - 0.5 * leaf))
    stem = np.abs(X - 0.955 - 0.05 * np.sin((Y - 0.1) * 4)) < 0.012 + 0.014 * Y
    picture = mix(picture, ramp(leaf, inks("5a2f5a a8503f e08a4a")), (stem & (Y > 0.08) & (Y < 0.78)).astype(np.float32))
    picture = mix(picture, ramp(np.clip(leaf * 1.2 + (0.1 - Y), 0, 1), inks("14385a 1f6a5a 5aa04a c8d05a")), pine)

    def touch(amount):
        """A chooser of pigment: most near the tone, some pure, some the complement."""

        def choose(rng, c):
            mean = c.mean(1, keepdims=True)
            pure = np.clip(mean + (c - mean) * rng.uniform(0.9, 2.1, mean.shape) + rng.normal(0, 0.045, c.shape), 0, 1)
            other = np.clip(mean * 1.02 - (c - mean) * 1.1 + 0.06, 0, 1)
            pick = rng.random(mean.shape)
            out = np.where(pick < amount, other, np.where(pick > 0.9, pure * 0.4 + 0.6, pure))
            return out.astype(np.float32)

        return choose

    canvas = Canvas(rng, inks("efe2c6")[0])
    canvas.paint(picture, 0 * X, 3500, 40, 60, hue=0.03, body=0.3)
    canvas.dabs(picture, 26000, 11, touch(0.16))
    canvas.dabs(picture, 30000, 8, touch(0.13))
    canvas.dabs(picture, 40000, 6, touch(0.05), where=0.25 + 0.75 * detail)
    return canvas.done(relief=0.45, shine=0.08, weave=0.0)
