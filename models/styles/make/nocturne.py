"""nocturne: a night of turning winds over a bay, in long oil strokes laid thick."""

import numpy as np

from .brush import Canvas
from .field import N, X, Y, blur, curve, fbm, inks, mix, ramp, smooth

TITLE = "Nocturne"
DESCRIPTION = "A night sky turning over a lit bay: long impasto strokes in ultramarine, cobalt and lamp yellow."

# Column, row, size of each light in the sky; the first is the moon.
LIGHTS = [(0.77, 0.17, 0.062), (0.13, 0.13, 0.030), (0.36, 0.07, 0.022), (0.50, 0.22, 0.030), (0.10, 0.40, 0.024),
          (0.30, 0.44, 0.020), (0.93, 0.41, 0.026), (0.62, 0.44, 0.022), (0.57, 0.06, 0.018), (0.95, 0.06, 0.02)]
# Column, row, size and turn of the great eddies.
EDDIES = [(0.33, 0.27, 0.15, 1), (0.58, 0.34, 0.10, -1), (0.86, 0.47, 0.09, 1), (0.08, 0.28, 0.09, -1)]


def flow(rng):
    """Wind: a rolling current, wound up by the eddies and by each light."""
    u = 1.0 + 0 * X
    v = 0.55 * np.sin(X * 9 + 2.5 * Y) + 0.6 * (fbm(rng, 3, 3) - 0.5)
    for cx, cy, size, turn in EDDIES + [(x, y, 2.1 * s, 1) for x, y, s in LIGHTS]:
        dx, dy = X - cx, Y - cy
        r = np.hypot(dx, dy) + 1e-4
        pull = 4.5 * np.exp(-((r / size) ** 2))
        u, v = u - turn * pull * dy / r, v + turn * pull * dx / r
    return np.arctan2(v, u).astype(np.float32)


def paint(rng):
    wind = flow(rng)
    tone = fbm(rng, 4, 4) * 0.5 + 0.5 * Y / 0.6
    for cx, cy, size, _ in EDDIES:
        r = np.hypot(X - cx, Y - cy) / size
        arm = 0.5 + 0.5 * np.cos(r * 7 - np.arctan2(Y - cy, X - cx) * 1.0)
        tone = tone + (arm - 0.35) * np.exp(-((r / 1.1) ** 2)) * 0.8
    sky = ramp(np.clip(tone, 0, 1.15) / 1.15, inks("0c1440 14296e 1f4796 2f6db4 5b9ecb a9cfd2"))
    for cx, cy, size in LIGHTS:
        r = np.hypot(X - cx, Y - cy) / size
        halo = ramp(np.clip(r / 3.2, 0, 1), inks("fff6c0 ffd84a f6b52b d7c46a 7fb4a8 3a78b4"))
        sky = mix(sky, halo, np.clip(1.25 - r / 3.2, 0, 1) * (0.72 + 0.28 * np.cos(r * 5)))
    moon = np.hypot(X - 0.77, Y - 0.17) < 0.058
    bite = np.hypot(X - 0.795, Y - 0.158) < 0.046
    sky = mix(sky, inks("ffe98a")[0], (moon & ~bite).astype(np.float32))
    sky = mix(sky, inks("e79a23")[0], (moon & bite).astype(np.float32) * 0.8)

    picture, angle, fine = sky, wind, smooth(0.1, 0.0, np.min([np.hypot(X - a, Y - b) - c for a, b, c in LIGHTS], 0))
    hills = [(0.56, 0.10, "1b3f86 4a86b4"), (0.62, 0.09, "14306a 3a78a0"), (0.68, 0.07, "0c1a3c 2a6a70")]
    for base, rise, shades in hills:
        ridge = curve(rng, base, rise, 3, 4)[None]
        inside = smooth(0, 0.004, Y - ridge)
        slope = np.gradient(blur(np.repeat(ridge, 8, 0), 20)[0]) * N
        body = ramp(np.clip((Y - ridge) / 0.1 + 0.5 * (fbm(rng, 9, 3) - 0.5), 0, 1), inks(shades)[::-1])
        picture = mix(picture, body, inside)
        angle = np.where(inside > 0.5, np.arctan(slope)[None] + 0.5 * (Y - ridge) * 4 * np.sin(X * 20), angle)
    shore = 0.715 + 0.012 * np.sin(X * 7)
    bay = smooth(0, 0.003, Y - shore)
    water = ramp(np.clip((Y - 0.7) / 0.3 + 0.4 * (fbm(rng, 6, 4, stretch=(0.4, 4)) - 0.5), 0, 1), inks("2a64a4 173f86 0f2460 0a1438"))
    for k in range(17):
        cx, hue = rng.random(), inks("ffd75a f59a32 ffe9a0 f2c23c")[rng.integers(4)]
        window = (np.abs(X - cx) < 0.007) & (np.abs(Y - (0.700 - 0.025 * rng.random())) < 0.007)
        picture = mix(picture, hue, window.astype(np.float32))
        reach, wave = 0.05 + 0.16 * rng.random(), 0.008 * np.sin(Y * 160 + k)
        glow = np.exp(-(((X - cx + wave) / 0.012) ** 2)) * smooth(0.72 + reach, 0.72, Y) * bay
        water = mix(water, hue, np.clip(glow, 0, 1) * 0.9)
    picture = mix(picture, water, bay)
    angle = np.where(bay > 0.5, 0.18 * np.sin(X * 18 + Y * 40), angle)
    for cx, top, wide in ((0.075, 0.34, 0.045), (0.135, 0.47, 0.034), (0.19, 0.57, 0.026)):
        h = np.clip((Y - top) / (0.93 - top), 0, 1)
        body = wide * np.sin(np.pi * np.clip(h, 0.02, 1) ** 0.7) * (1 + 0.25 * np.sin(Y * 70 + cx * 90))
        tree = smooth(0.004, -0.004, np.abs(X - cx - 0.012 * np.sin(Y * 15)) - body) * (Y > top) * (Y < 0.96)
        bark = ramp(np.clip(fbm(rng, 22, 3, stretch=(2, 0.5)), 0, 1), inks("071018 0f2b28 1f4a34 3a5a2a"))
        picture = mix(picture, bark, tree)
        angle = np.where(tree > 0.5, -np.pi / 2 + 0.55 * np.sin(Y * 42 + X * 60), angle)
        fine = np.maximum(fine, tree)
    fine = np.clip(np.maximum(fine, smooth(0.66, 0.69, Y) * smooth(0.74, 0.71, Y)), 0, 1)

    canvas = Canvas(rng, inks("16254f")[0])
    canvas.paint(picture, angle, 5000, 30, 120, hue=0.03)
    canvas.paint(picture, angle, 12000, 17, 84, spread=0.1, hue=0.035, dry=0.25)
    canvas.paint(picture, angle, 6000, 12, 62, spread=0.16, hue=0.05, dry=0.3)
    canvas.paint(picture, angle, 22000, 9, 40, where=fine, spread=0.09, hue=0.03, body=1.3)
    hearts = np.min([np.hypot(X - a, Y - b) / c for a, b, c in LIGHTS], 0)
    still = np.min([np.hypot(X - a, Y - b) / c for a, b, c, _ in EDDIES], 0)
    where = np.maximum(smooth(0.45, 0.25, hearts), smooth(0.16, 0.08, still))
    near = lambda rng, c: np.clip(c * np.exp(rng.normal(0, 0.06, (len(c), 1))), 0, 1)
    canvas.dabs(picture, 90000, 7, near, where=where * (bay < 0.5), body=1.2)
    return canvas.done(relief=0.55, shine=0.16)
