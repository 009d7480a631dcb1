"""glass: a window of cut and leaded glass: a sun, a tree, hills and a river."""

import numpy as np

from .brush import light
from .field import N, X, Y, blur, cells, curve, fbm, inks, mix, ramp, smooth

TITLE = "Glass"
DESCRIPTION = "A leaded window with daylight behind it: ruby, cobalt, emerald and amber pieces between black cames."


def lead(pieces, width):
    """Distance-like field of the came between pieces: 1 on the joint, 0 away from it."""
    joint = np.zeros((N, N), np.float32)
    joint[:, 1:] = pieces[:, 1:] != pieces[:, :-1]
    joint[1:] = np.maximum(joint[1:], pieces[1:] != pieces[:-1])
    near = blur(joint, width / 2)
    return smooth(0.10, 0.42, near * width / 2 * 2.5 / 2)


def paint(rng):
    cx, cy = 0.40, 0.30
    r, turn = np.hypot(X - cx, Y - cy), np.arctan2(Y - cy, X - cx) / (2 * np.pi) + 0.5
    ring = np.searchsorted([0.075, 0.125, 0.20, 0.30, 0.42, 0.56, 0.74, 0.95], r.ravel()).reshape(r.shape)
    parts = np.array([1, 14, 14, 18, 22, 26, 30, 34, 36])[ring]
    sector = np.floor((turn + 0.37 / parts * ring) * parts).astype(int) % parts
    pieces = ring * 100 + sector
    dice = rng.random(2000)
    sky = inks("fff2a0 ffcf3a f79a1e e0521e c42a4a 7a2f9a 2f3fb0 1f5fc4 2a86d0")[ring]
    other = inks("fff8d0 ffe27a ffb84a f58a2a ee6a52 c0489a 5a5fd0 52a0e0 7ac4e0")[ring]
    colour = mix(sky, other, (dice[pieces % 2000] ** 1.3).astype(np.float32))

    number, _, sy, sx = cells(rng, 13, 0.85)
    hues = ["1f7a4a 3fae5a 8fc84a", "0f5a5a 1f8f80 5ac0a0", "5a8a1f a8c22f e0dc5a", "7a1f4a b8305a e06a7a"]
    for k, (base, rise, hue) in enumerate(zip((0.60, 0.68, 0.78, 0.92), (0.14, 0.12, 0.10, 0.06), hues)):
        ridge = curve(rng, base, rise, 2, 2)[None] + 0 * Y
        inside = Y > ridge
        strip = np.floor((Y - ridge) / 0.075).astype(int)
        slice_ = np.floor((X + 0.35 * (Y - ridge) * (-1) ** k) * (9 + k) + 0.5 * (strip % 2)).astype(int)
        own = 10000 * (k + 1) + strip * 100 + slice_ + 50
        shade = rng.random(60000)[own % 60000].astype(np.float32)
        pieces, colour = np.where(inside, own, pieces), mix(colour, ramp(shade, inks(hue)), inside.astype(np.float32))
    bank = 0.47 + 0.18 * np.sin(Y * 8.5 - 1)
    river = (np.abs(X - bank) < 0.02 + 0.42 * (Y - 0.62)) & (Y > 0.63)
    wave = np.floor(np.clip(Y - 0.63 + 0.014 * np.sin(X * 22), 0, 1) ** 0.7 * 26).astype(int)
    side = (X > bank + 0.05 * np.sin(Y * 30)).astype(int)
    own = 90000 + wave * 4 + side
    shade = rng.random(2000)[own % 2000].astype(np.float32)
    pieces, colour = np.where(river, own, pieces), mix(colour, ramp(shade, inks("1a3f9a 2f7fd0 6ac8e6 d8f4f0")), river.astype(np.float32))

    bole = (np.abs(X - 0.80 - 0.035 * np.sin(Y * 9)) < 0.022 + 0.03 * smooth(0.7, 0.95, Y)) & (Y > 0.3) & (Y < 0.93)
    own = 70000 + np.floor(Y * 11).astype(int)
    pieces = np.where(bole, own, pieces)
    colour = mix(colour, ramp(rng.random(2000)[own % 2000].astype(np.float32), inks("5a2a1a 9a4a22 c87a3a")), bole.astype(np.float32))
    leafy = np.min([np.hypot((sx - a), (sy - b)) / s for a, b, s in ((0.80, 0.26, 0.21), (0.92, 0.38, 0.14), (0.68, 0.38, 0.12), (0.82, 0.10, 0.13))], 0) < 1
    shade = rng.random(2000)[number % 2000].astype(np.float32)
    pieces = np.where(leafy, 80000 + number, pieces)
    colour = mix(colour, ramp(shade, inks("0f4a2a 1f8a3a 6ac03a c8dc3a f0a020")), leafy.astype(np.float32))

    frame = np.minimum(np.minimum(X, 1 - X), np.minimum(Y, 1 - Y))
    border = frame < 0.045
    own = 95000 + np.floor(np.where(np.minimum(X, 1 - X) < np.minimum(Y, 1 - Y), Y, X) * 22).astype(int)
    pieces = np.where(border, own + 30 * (X > Y), pieces)
    colour = mix(colour, inks("a01a2f 1f3a9a d8a02a 1a6a5a")[own % 4], border.astype(np.float32))

    joint = lead(pieces, 9)
    streak = fbm(rng, 7, 4, stretch=(0.5, 3))
    ripple = fbm(rng, 45, 3)
    seeds = smooth(0.86, 0.93, fbm(rng, 120, 1))
    grime = blur(joint, 14)
    tilt = rng.random((99999, 2))[pieces % 99999] - 0.5
    sheen = 1 + 0.5 * (tilt[..., 0] * np.sin(X * 40) + tilt[..., 1] * np.sin(Y * 40)).astype(np.float32) * 0.5
    day = 1.12 - 0.45 * np.hypot(X - cx, Y - cy)
    glow = day * sheen * (0.72 + 0.42 * streak + 0.22 * (ripple - 0.5)) * (1.08 - 0.55 * np.clip(grime * 1.3, 0, 1))
    picture = np.clip(colour ** 1.15 * glow[..., None] + 0.10 * smooth(0.72, 0.95, streak)[..., None] + 0.3 * seeds[..., None] * colour, 0, 1)
    wash = smooth(0.52, 0.60, fbm(rng, 90, 2)) * smooth(0.35, 0.7, fbm(rng, 6, 3)) * 0.28
    picture = mix(picture, picture * 0.35, wash)
    picture = picture + 0.5 * np.clip(blur(picture, 12) - 0.45, 0, 1) * (1 - joint[..., None])
    metal = ramp(np.clip(fbm(rng, 80, 3), 0, 1), inks("0c0c12 1c1c24 3a3a42"))
    picture = mix(picture, metal, joint)
    return light(np.clip(picture, 0, 1), 2.2 * blur(joint, 2) + 0.25 * ripple, rng, 0.5, 0.45, 0.0)
