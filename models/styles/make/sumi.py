"""sumi: peaks, pines and a ferry in ink, from wet wash to a brush run dry."""

import numpy as np

from .brush import PAD, Canvas
from .field import N, X, Y, blur, curve, fbm, inks, mix, ramp, smooth

TITLE = "Sumi"
DESCRIPTION = "Peaks, pines and mist in ink on mulberry paper: granular washes, dry-brush rock and a low red sun."


def pine(canvas, rng, x, y, size, lean):
    """A pine: a trunk in broken strokes, boughs, and fans of needles over them."""
    ink, grey = inks("15161a 4a4a4c")
    t = np.linspace(0, 1, 9)
    px = x + size * (lean * t + 0.10 * np.sin(t * 6))
    py = y - size * t
    for shift in (-0.25, 0.05, 0.3):
        wide = size * 0.055
        canvas.sweep(px + shift * wide, py, wide, ink, grey, dry=0.5, cover=0.9)
    for at in np.linspace(0.38, 1.0, 9):
        side = (-1) ** int(at * 40)
        reach = size * (0.50 * (1.15 - at) + 0.10) * (0.7 + 0.6 * rng.random())
        bx = px[int(at * 8)] + side * reach * t
        by = py[int(at * 8)] - reach * (0.18 * np.sin(t * 3) - 0.1 * t)
        canvas.sweep(bx, by, size * 0.022, ink, grey, dry=0.45)
        for _ in range(int(16 + size / 9)):
            k = rng.integers(2, 9)
            fx, fy = bx[k] + rng.normal(0, size * 0.035), by[k] + rng.normal(0, size * 0.014) - size * 0.02
            tone = ink + (grey - ink) * rng.random() * 1.3
            for turn in np.linspace(-2.7, -0.45, 9) + rng.normal(0, 0.1, 9):
                long = size * 0.05 * (0.7 + 0.5 * rng.random())
                canvas.sweep(fx + np.cos(turn) * long * t[::4], fy + np.sin(turn) * long * t[::4], 2.6, tone, ink, dry=0.3)


def paint(rng):
    paper = ramp(np.clip(0.5 * fbm(rng, 4, 4) + 0.5 * fbm(rng, 200, 2), 0, 1), inks("ddd3bd e8dfca f2ebda"))
    fibre = smooth(0.80, 0.9, fbm(rng, 70, 2, stretch=(1.8, 0.4))) + smooth(0.82, 0.9, fbm(rng, 60, 2, stretch=(0.4, 1.6)))
    paper = mix(paper, inks("bfae88")[0], np.clip(fibre, 0, 1) * 0.35)
    grains = fbm(rng, 260, 2)
    cloud = fbm(rng, 3, 5, stretch=(0.7, 1.6))
    sheet = paper * (1 - 0.42 * smooth(0.45, 0.85, cloud) * smooth(0.55, 0.0, Y) * (0.6 + 0.6 * grains))[..., None]
    sun = smooth(0.070, 0.066, np.hypot(X - 0.73, Y - 0.20) + 0.006 * (fbm(rng, 30, 3) - 0.5))
    sheet = mix(sheet, inks("c43a26")[0] * (0.8 + 0.3 * grains)[..., None], sun * 0.9)

    canvas = Canvas(rng, inks("e8dfca")[0])
    inner = np.s_[PAD : PAD + N, PAD : PAD + N]
    canvas.colour = np.pad(sheet, ((PAD, PAD), (PAD, PAD), (0, 0)), "edge").astype(np.float32)
    ranges = [(0.42, 0.30, 3, 0.30, "8a98a4"), (0.47, 0.42, 2.2, 0.48, "5f6a72"), (0.62, 0.50, 2, 0.72, "33383e"), (0.86, 0.34, 3, 0.92, "1b1d21")]
    for base, rise, knots, dark, hue in ranges:
        ridge = curve(rng, base, rise, knots, 6, 0.48)
        if dark > 0.6:  # the near ranges leave a valley for the water and the ferry
            ridge = ridge + (0.16 + 0.42 * (dark > 0.9)) * np.exp(-(((X[0] - 0.62) / 0.26) ** 4)) + 0.1 * (dark > 0.9)
        deep = Y - ridge[None]
        slope = np.gradient(blur(np.repeat(ridge[None], 8, 0), 6)[0]) * N
        lit = np.clip(0.5 - 0.30 * slope[None] + 0.9 * (fbm(rng, 9, 5, stretch=(1.4, 0.8)) - 0.5), 0, 1)
        mist = smooth(0.26, 0.03, deep + 0.10 * (fbm(rng, 4, 3) - 0.5))
        inside = smooth(0, 0.004, deep)
        rim = smooth(0.014, 0.002, deep) * inside
        wash = inside * mist * dark * (0.25 + 0.75 * lit) * (0.70 + 0.55 * grains) + 0.5 * rim * dark
        canvas.colour[inner] = mix(canvas.colour[inner], inks(hue)[0], np.clip(wash, 0, 0.96))
        fog = inside * smooth(0.16, 0.34, deep)
        canvas.colour[inner] = mix(canvas.colour[inner], sheet * 0.97, fog * 0.75)
        fall = np.pi / 2 - np.arctan(slope)[None] * 0.55 + 0.9 * (fbm(rng, 8, 3) - 0.5)
        ink = np.broadcast_to(inks(hue)[0] * 0.6, (N, N, 3))
        where = smooth(0.015, 0.05, deep) * mist * smooth(0.4, 0.85, lit)
        canvas.paint(ink, fall, int(9000 * dark), 12, 44, where=where, spread=0.2, hue=0.01, dry=0.95, cover=0.4 + 0.4 * dark)
        canvas.paint(ink, fall + 0.4, int(14000 * dark), 6, 24, where=where, spread=0.25, hue=0.01, dry=0.6, cover=0.5 + 0.4 * dark)

    t = np.linspace(0, 1, 9)
    ink, grey = inks("17181b 6a6c6e")
    for k in range(46):
        y = (0.70 + 0.26 * rng.random()) * N
        x, long = rng.random() * N, (40 + 220 * rng.random()) * (y / N)
        canvas.sweep(x + long * t, y + 3 * np.sin(t * 9 + k), 3 + 5 * rng.random(), grey, inks("9aa0a2")[0], dry=0.8, cover=0.6)
    pine(canvas, rng, 170, 1190, 560, 0.10)
    pine(canvas, rng, 60, 1210, 400, -0.05)
    pine(canvas, rng, 330, 1235, 300, 0.22)
    pine(canvas, rng, 1130, 1240, 330, -0.2)
    bx, by = 800, 1010
    canvas.sweep(bx + 150 * t, by + 26 * np.sin(t * np.pi), 15, ink, grey, dry=0.2)
    canvas.sweep(bx + 50 + 52 * t, by - 4 - 34 * np.sin(t * np.pi), 13, ink, inks("7a4a30")[0], dry=0.3)
    canvas.sweep(bx + 122 + 4 * t, by - 52 + 66 * t, 9, ink, grey, dry=0.1)
    canvas.sweep(bx + 112 + 26 * t, by - 56 + 4 * t, 7, grey, ink, dry=0.1)
    canvas.sweep(bx + 100 + 70 * t, by - 62 + 110 * t, 2.5, ink, ink, dry=0.1)
    for k in range(9):
        x, y, s = 560 + 42 * k + 20 * rng.random(), 250 + 26 * abs(k - 3) + 14 * rng.random(), 13
        canvas.sweep(x - s * t, y - s * 0.8 * np.sin(t * 2.2), 3.5, ink, grey, dry=0)
        canvas.sweep(x + s * t, y - s * 0.8 * np.sin(t * 2.2), 3.5, ink, grey, dry=0)
    for k in range(260):
        x, y = 560 + 760 * rng.random() ** 0.8, 1300 - 30 * rng.random()
        long, lean = 60 + 130 * rng.random(), rng.normal(0.1, 0.35)
        canvas.sweep(x + long * lean * t**1.6, y - long * t, 2.5 + 5 * rng.random(), ink, grey, dry=0.4, cover=0.85)
    for k in range(420):
        x, y, s = rng.random() * N, N * (0.35 + 0.6 * rng.random()), np.exp(rng.normal(0.4, 0.5))
        canvas.sweep(x + s * t[::4], y + s * t[::4] * 0.3, s + 1.5, ink, grey, dry=0, cover=0.5)
    out = canvas.colour[inner]
    dark = 1 - out.mean(-1)
    out = out * (1 - 0.34 * (grains - 0.5) * smooth(0.15, 0.5, dark))[..., None]
    return np.clip(out * (0.97 + 0.06 * fbm(rng, 320, 1))[..., None], 0, 1)
