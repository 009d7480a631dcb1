"""embers: a wood on fire with evening, in broad unmixed colours between dark contours."""

import numpy as np

from .brush import Canvas
from .field import N, X, Y, blur, curve, fbm, inks, mix, ramp, smooth

TITLE = "Embers"
DESCRIPTION = "A wood at sundown in unmixed colour: scarlet, orange and magenta planes held by violet contours."


# Foot, crown, lean and half-width of each trunk.
TRUNKS = [(0.12, 0.06, 0.02, 0.022), (0.26, 0.03, 0.05, 0.016), (0.90, 0.05, -0.02, 0.026), (0.76, 0.01, 0.02, 0.013)]


def axis(foot, top, lean, y):
    """Where a trunk's middle is at height y, and how far up it that is (0..1)."""
    h = np.clip((0.98 - y) / (0.98 - top), 0, 1)
    return foot + lean * h + 0.02 * np.sin(h * 7 + foot * 30), h


def boughs(canvas, rng, foot, top, lean, wide):
    """Boughs and twigs of one trunk, each drawn in a single pull of the brush."""
    t = np.linspace(0, 1, 9)
    dark, cool = inks("1a1040 4a3a9a")
    for at in np.linspace(0.42, 0.97, 12):
        y = 0.98 - (0.98 - top) * at
        x = axis(foot, top, lean, y)[0]
        side, reach = rng.choice([-1, 1]), (0.05 + 0.16 * rng.random()) * (1.25 - at)
        bx = x + side * reach * t
        by = y - reach * (0.9 * t - 0.35 * t**2 + 0.05 * np.sin(t * 9))
        canvas.sweep(bx * N, by * N, 11 * (1.3 - at) * (wide / 0.02) + 3, dark, cool, dry=0.2, body=1.2)
        for k in (3, 5, 6, 7):
            out = reach * 0.45 * (0.6 + 0.6 * rng.random())
            lift = rng.choice([-0.2, 0.9, 1.3])
            canvas.sweep((bx[k] + side * out * 0.8 * t) * N, (by[k] - out * lift * t) * N, 5, dark, cool, dry=0.3)


def paint(rng):
    drift = fbm(rng, 3, 4, stretch=(0.6, 2.2))
    sky = ramp(np.clip(Y / 0.55 + 0.55 * (drift - 0.5), 0, 1), inks("5a1a5e 9c1f5e d22a3c f0541f fb9020 ffd045"))
    sun = np.hypot((X - 0.60), (Y - 0.42))
    sky = mix(sky, ramp(np.clip(sun / 0.2, 0, 1), inks("fffbd8 ffe24a ffb02a f6641f")), smooth(0.2, 0.08, sun))
    angle = 0.35 * np.sin(X * 6) + 2.2 * (drift - 0.5)
    angle = np.where(sun < 0.2, np.arctan2(Y - 0.42, X - 0.60) + np.pi / 2, angle)
    picture, edges = sky, np.zeros((N, N), np.float32)
    for base, rise, shades in ((0.46, 0.10, "7a2a8a c23a86"), (0.51, 0.11, "2f2a7a 8a2f8a"), (0.57, 0.10, "e8481f fca02f"),
                               (0.66, 0.12, "a3123c ef3b2a"), (0.76, 0.10, "f08a1c ffd23f"), (0.86, 0.10, "1d5a6a 2f9a86"),
                               (0.95, 0.06, "8a1048 e02f4a")):
        ridge = curve(rng, base, rise, 3, 2)[None]
        inside = smooth(0, 0.004, Y - ridge)
        slope = np.arctan(np.gradient(blur(np.repeat(ridge, 8, 0), 15)[0]) * N)[None]
        body = ramp(np.clip(fbm(rng, 6, 3, stretch=(0.8, 2)) + 2 * (Y - ridge) - 0.2, 0, 1), inks(shades))
        picture = mix(picture, body, inside)
        angle = np.where(inside > 0.5, slope + 0.3 * np.sin(X * 14), angle)
        edges = np.maximum(edges * (1 - inside), smooth(0.007, 0.003, np.abs(Y - ridge)))

    crown = np.zeros((N, N), np.float32)
    puffs = fbm(rng, 16, 3)
    for cx, cy, size in ((0.10, 0.22, 0.17), (0.30, 0.13, 0.13), (0.92, 0.18, 0.18), (0.78, 0.07, 0.10)):
        ball = smooth(0.08, -0.08, np.hypot(X - cx, (Y - cy) * 1.15) / size - 0.75 - 0.5 * puffs) * smooth(0.3, 0.5, puffs)
        shade = np.clip(0.5 + (cy - Y) / size * 0.5 + 0.9 * (puffs - 0.5), 0, 1)
        picture = mix(picture, ramp(shade, inks("4a0f4a 9c1440 dc2a20 f9701c ffc23a")), ball)
        crown = np.maximum(crown, ball)
    angle = np.where(crown > 0.4, puffs * 9, angle)
    wood = np.zeros((N, N), np.float32)
    for foot, top, lean, wide in TRUNKS:
        middle, h = axis(foot, top, lean, Y)
        side = X - middle
        mask = smooth(0.003, -0.003, np.abs(side) - wide * (1 - 0.7 * h) - 0.02 * np.exp(-h * 30)) * (Y < 0.985) * (Y > top)
        lit = np.clip(0.5 + side / wide * (0.5 if foot < 0.6 else -0.5), 0, 1)
        picture = mix(picture, ramp(lit, inks("1a1040 34206a 6a2a8a 2f7a9a")), mask)
        angle, wood = np.where(mask > 0.5, np.pi / 2 + 0.15 * np.sin(Y * 30), angle), np.maximum(wood, mask)

    canvas = Canvas(rng, inks("8a1a2a")[0])
    canvas.paint(picture, angle, 2600, 46, 120, hue=0.05, dry=0.15)
    canvas.paint(picture, angle, 7000, 27, 74, spread=0.12, hue=0.06, dry=0.35, where=1 - wood)
    canvas.paint(picture, angle, 9000, 15, 44, where=0.35 + 0.65 * crown - 0.35 * wood, spread=0.16, hue=0.07, dry=0.4)
    canvas.paint(picture, angle, 30000, 9, 36, where=np.clip(wood + smooth(0.1, 0.06, sun), 0, 1), spread=0.12, hue=0.03, body=1.3)
    dark = np.broadcast_to(inks("26103f")[0], (N, N, 3))
    along = np.arctan2(*[g for g in np.gradient(blur(edges, 6))]) + np.pi / 2
    canvas.paint(dark, along, 26000, 7, 30, where=edges * (wood < 0.5) * (crown < 0.3), spread=0.15, hue=0.03, dry=0.35, body=1.2)
    for each in TRUNKS:
        boughs(canvas, rng, *each)
    fire = ramp(np.clip(puffs + 0.2, 0, 1), inks("9c1440 e8381f ff9420 ffd84a"))
    canvas.paint(fire, puffs * 9, 6000, 15, 26, where=crown * smooth(0.4, 0.7, puffs), spread=0.1, hue=0.05, dry=0.25, body=1.3)
    return canvas.done(relief=0.55, shine=0.12)
