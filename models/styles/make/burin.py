"""burin: a castle over a gorge, engraved: every tone is lines, and lines upon lines."""

import numpy as np

from .field import X, Y, blur, curve, fbm, inks, mix, ramp, smooth, warp

TITLE = "Burin"
DESCRIPTION = "A castle above a stormy gorge, engraved in sepia: swelling lines, cross-hatching and a foxed sheet."


def hatch(phase, tone, start, full, thick):
    """Lines along the whole numbers of `phase` that swell from tone `start` to `full`."""
    swell = np.clip((tone - start) / (full - start), 0, 1) * thick
    away = np.abs(phase - np.round(phase))
    gy, gx = np.gradient(phase)
    per_pixel = np.hypot(gy, gx) + 1e-6
    return np.clip((swell / 2 - away) / per_pixel + 0.5, 0, 1) * (swell > 0.04)


def paint(rng):
    cloud = fbm(rng, 3, 5, stretch=(0.8, 1.5))
    rays = 0.5 + 0.5 * np.sin(np.arctan2(Y - 0.12, X - 0.72) * 26)
    tone = np.clip(0.30 + 0.75 * (cloud - 0.35) + 0.35 * (0.35 - Y) - 0.12 * rays * smooth(0.7, 0.1, np.hypot(X - 0.72, Y - 0.12)), 0.03, 1)
    tone = tone * smooth(0.02, 0.28, np.hypot(X - 0.72, Y - 0.14))
    form = Y * 110 + 13 * blur(cloud, 14) + 2.5 * np.sin(X * 7)
    billow = fbm(rng, 4, 3)
    for base, rise, shade in ((0.50, 0.14, 0.30), (0.57, 0.16, 0.45)):
        ridge = curve(rng, base, rise, 4, 6)[None]
        inside = Y > ridge
        relief = fbm(rng, 7, 4)
        tone = np.where(inside, np.clip(shade + 0.55 * (relief - 0.5) - 0.6 * (Y - ridge), 0.05, 1), tone)
        form = np.where(inside, (X * 0.7 + Y * 0.5) * 110 + 6 * blur(relief, 8), form)

    sea = Y > 0.70
    glint = smooth(0.16, 0.02, np.abs(X - 0.68) * (0.9 - 0.5 * (Y - 0.7)))
    swell = fbm(rng, 6, 4, stretch=(0.5, 5))
    tone = np.where(sea, np.clip(0.62 - 0.55 * glint + 0.9 * (swell - 0.5), 0.02, 1), tone)
    form = np.where(sea, Y * 120 + 2.5 * blur(swell, 4), form)

    rough = fbm(rng, 5, 6, 0.55)
    crag = np.minimum(0.46 + 0.95 * np.clip(X - 0.42, 0, 1) + 0.5 * np.clip(0.10 - X, 0, 1), 0.98) + 0.13 * (rough - 0.5)
    rock = smooth(0, 0.003, Y - crag)
    strata = fbm(rng, 10, 5, stretch=(1.6, 0.8))
    lit = np.clip(0.60 - 1.0 * (strata - 0.5) + 0.5 * (0.28 - X) + 0.35 * (Y - 0.6), 0.06, 1)
    tone, form = np.where(rock > 0.5, lit, tone), np.where(rock > 0.5, (X * 0.9 - Y * 0.45) * 105 + 11 * blur(strata, 9), form)
    edge = np.abs(Y - crag) < 0.0016

    for cx, wide, top, foot in ((0.27, 0.075, 0.22, 0.60), (0.15, 0.045, 0.31, 0.60), (0.375, 0.038, 0.33, 0.62), (0.205, 0.10, 0.40, 0.60)):
        u = (X - cx) / wide
        battle = top + 0.016 * (np.floor((u + 1) * 4.5) % 2)
        inside = (np.abs(u) < 1 + 0.06 * (Y - top) / 0.3) & (Y > battle) & (Y < np.minimum(foot, crag + 0.03))
        course = np.round((Y - top) * 46)
        stone = np.abs((X * 60 + 0.5 * (course % 2)) % 1 - 0.5) > 0.47
        stone |= np.abs((Y - top) * 46 - course) > 0.45
        lit = np.clip(0.18 + 0.42 * (u + 0.45) ** 2 * np.sign(u + 0.45).clip(0, 1) + 0.35 * (u + 0.6 > 1) + 0.25 * (rough - 0.5) + 0.25 * stone, 0.03, 1)
        slit = (np.abs(u + 0.1) < 0.11) & (np.abs((Y - top) % 0.105 - 0.06) < 0.016)
        tone = np.where(inside, np.where(slit, 1.0, lit), tone)
        form = np.where(inside, Y * 105 + 5 * u**2, form)
        edge = np.where(inside, False, edge) | (inside & (np.abs(np.abs(u) - 1) < 0.003 / wide))
        edge |= (np.abs(Y - battle) < 0.0016) & (np.abs(u) < 1)

    leaf = fbm(rng, 26, 3)
    for cx, cy, size in ((0.90, 0.74, 0.16), (1.0, 0.60, 0.14), (0.80, 0.88, 0.12), (0.06, 0.90, 0.15), (0.22, 0.98, 0.14)):
        ball = np.hypot(X - cx, (Y - cy) * 0.95) / size - 0.65 - 0.55 * leaf
        shade = np.clip(0.62 + 0.9 * (0.5 - leaf) + 0.5 * (X - cx) / size + 0.4 * (Y - cy) / size, 0.1, 1)
        tone, form = np.where(ball < 0, shade, tone), np.where(ball < 0, X * 70 + Y * 70 + 9 * blur(leaf, 6), form)
        edge = (edge & (ball > 0)) | ((np.abs(ball) < 0.018) & (ball < 0.018))

    tone = np.clip(tone * (0.93 + 0.14 * fbm(rng, 120, 2)), 0, 1)
    hand = 0.30 * (fbm(rng, 30, 3) - 0.5)
    tilt = 0.42
    across = (X * np.cos(tilt) + Y * np.sin(tilt)) * 118 + 5 * billow + hand
    counter = (X * np.cos(-0.7) + Y * np.sin(-0.7)) * 118 - 4 * billow + hand
    ink = hatch(form + hand, tone, 0.05, 0.95, 0.80)
    ink = np.maximum(ink, hatch(across, tone, 0.42, 1.1, 0.70))
    ink = np.maximum(ink, hatch(counter, tone, 0.62, 1.2, 0.75))
    ink = np.maximum(ink, blur(edge.astype(np.float32), 1.0) * 2.2)
    ink = np.clip(warp(ink, 1.4 * (fbm(rng, 180, 2) - 0.5), 1.4 * (fbm(rng, 180, 2) - 0.5)), 0, 1)
    ink *= 0.84 + 0.16 * smooth(0.25, 0.45, fbm(rng, 260, 2))

    paper = ramp(np.clip(0.6 * fbm(rng, 3, 5) + 0.4 * fbm(rng, 220, 2), 0, 1), inks("cfb283 e2cb9f f0dfbd"))
    foxed = smooth(0.80, 0.95, fbm(rng, 34, 2)) * smooth(0.5, 0.8, fbm(rng, 4, 3))
    paper = mix(paper, inks("a8713a")[0], foxed * 0.5)
    edge_burn = smooth(0.10, 0.0, np.minimum(np.minimum(X, 1 - X), np.minimum(Y, 1 - Y)) + 0.05 * (fbm(rng, 8, 3) - 0.5))
    paper = mix(paper * (1 - 0.16 * blur(tone, 5))[..., None], inks("9a6a38")[0], edge_burn * 0.5)
    sepia = ramp(fbm(rng, 6, 3), inks("1d100a 3a1f12 4f2c18"))
    return np.clip(mix(paper, sepia, ink * 0.95), 0, 1)
