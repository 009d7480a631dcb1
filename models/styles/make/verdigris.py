"""verdigris: an arcade by the sea, a fresco gone green, crazed and flaking."""

import numpy as np

from .brush import Canvas, light
from .field import N, X, Y, blur, cells, curve, fbm, inks, mix, ramp, sample, smooth

TITLE = "Verdigris"
DESCRIPTION = "An old fresco of an arcade by the sea: copper greens over rust, streaked by rain, crazed and flaking."


def crazing(rng, across, reach, width):
    """Fine cracks: the walls of cells, bent by noise; 1 in the crack."""
    dy, dx = reach * (fbm(rng, 8, 4) - 0.5), reach * (fbm(rng, 8, 4) - 0.5)
    wall = cells(rng, across)[1]
    iy, ix = Y * N + dy * N, X * N + dx * N
    return smooth(width, width * 0.3, sample(wall, iy, ix))


def arcade():
    """Openings of three arches, and how far each point is from their rims."""
    opening, rim = np.zeros((N, N), bool), np.full((N, N), 9.0, np.float32)
    for cx in (0.19, 0.52, 0.85):
        u, spring = X - cx, 0.34
        r = np.hypot(u, (Y - spring) * 0.95)
        d = np.where(Y < spring, r - 0.125, np.abs(u) - 0.125)
        opening |= (d < 0) & (Y < 0.80)
        rim = np.minimum(rim, np.abs(d))
    return opening, rim


def paint(rng):
    blot = fbm(rng, 6, 5)
    sky = ramp(np.clip(Y / 0.5 + 0.35 * (blot - 0.5), 0, 1), inks("2a8a92 62b8ac a8d8bc e8e2b4 f2cf92"))
    picture, angle = sky, 0.5 * np.sin(X * 8) + 2 * (blot - 0.5)
    for base, rise, shades in ((0.50, 0.10, "4f9a96 8ac0a8"), (0.545, 0.07, "2f6f6a 5f9f7a")):
        ridge = curve(rng, base, rise, 4, 4)[None]
        picture = mix(picture, ramp(fbm(rng, 12, 3), inks(shades)), smooth(0, 0.004, Y - ridge))
    sea = smooth(0.575, 0.579, Y)
    picture = mix(picture, ramp(np.clip((Y - 0.57) / 0.2 + 0.5 * (fbm(rng, 6, 3, stretch=(0.5, 6)) - 0.5), 0, 1), inks("c8e4c0 4fb8a8 1f7f86 145a6a")), sea)
    for cx, top, wide in ((0.13, 0.36, 0.022), (0.235, 0.43, 0.016), (0.585, 0.33, 0.026), (0.80, 0.42, 0.018), (0.90, 0.37, 0.022)):
        h = np.clip((Y - top) / (0.70 - top), 0, 1)
        tree = smooth(0.003, -0.003, np.abs(X - cx) - wide * np.sin(np.pi * np.clip(h, 0.02, 0.97) ** 0.7)) * (Y > top) * (Y < 0.70)
        picture = mix(picture, ramp(np.clip(0.5 + (X - cx) / wide * 0.4, 0, 1), inks("12332f 1f5a4a 5a9a6a")), tree)
        angle = np.where(tree > 0.5, -np.pi / 2, angle)
    wallside = smooth(0.665, 0.669, Y + 0 * X) * (Y < 0.80)
    picture = mix(picture, ramp(np.clip((Y - 0.66) / 0.12 + 0.4 * (blot - 0.5), 0, 1), inks("e4d6a8 b08a5a 6a4a3a")), wallside)

    opening, rim = arcade()
    plaster = ramp(np.clip(0.25 + 0.75 * fbm(rng, 5, 5) + 0.3 * (0.4 - Y), 0, 1), inks("6a4a3a a8744a cfa46a e2cf9a 9cc4a4"))
    column = np.clip(0.5 + 0.5 * np.cos((X - 0.19) / 0.33 * 2 * np.pi), 0, 1)
    round_ = np.clip(1.1 - 0.75 * np.abs(((X - 0.355) / 0.33 + 0.5) % 1 - 0.42) * 4, 0.35, 1.1)
    shaft = (column < 0.16) & (Y > 0.36) & (Y < 0.80)
    plaster = np.where(shaft[..., None], ramp(np.clip(round_ - 0.25, 0, 1), inks("2f3a3a 6a7a6a b8b48a ece0b4")) , plaster)
    capital = (column < 0.24) & (np.abs(Y - 0.345) < 0.018)
    plaster = np.where(capital[..., None], inks("d8c48a")[0] * (0.7 + 8 * (0.363 - Y))[..., None], plaster)
    voussoir = (rim < 0.045) & (Y < 0.345)
    spokes = np.floor(np.arctan2(Y - 0.34, (X - 0.19 + 0.165) % 0.33 - 0.165) * 7)
    plaster = np.where(voussoir[..., None], inks("b8502f e0c07a")[(spokes % 2).astype(int)], plaster)
    frieze = (Y > 0.085) & (Y < 0.155)
    wave = np.abs((Y - 0.12) / 0.022 - np.sin(X * 60)) < 0.55
    band = np.where(wave[..., None], inks("eadca8")[0], inks("1f6a66")[0])
    plaster = np.where(frieze[..., None], band, plaster)
    plaster = np.where(((np.abs(Y - 0.08) < 0.005) | (np.abs(Y - 0.16) < 0.005))[..., None], inks("a8442a")[0], plaster)
    depth = np.maximum(np.exp(-rim / 0.012) * 0.5, 0)
    floor = Y > 0.80
    deep = (Y - 0.74) / 0.26
    tile = (np.floor((X - 0.5) / deep * 7) + np.floor(1.4 / deep)) % 2
    slab = mix(ramp(blot, inks("8a3f2a b8683a d8945a")), ramp(blot, inks("1f5f5f 3f9a8a a8d0b0")), tile.astype(np.float32))
    picture = np.where(opening[..., None], picture, plaster * (1 - depth[..., None]))
    picture = np.where(floor[..., None], slab * np.clip(0.7 + 0.5 * np.sin((X + 0.6 * Y) * 19), 0.55, 1.1)[..., None], picture)
    angle = np.where(opening, angle, np.where(shaft, np.pi / 2, 3 * (fbm(rng, 5, 3) - 0.5)))

    canvas = Canvas(rng, inks("a88a5a")[0])
    canvas.paint(picture, angle, 5000, 26, 70, spread=0.08, hue=0.025, dry=0.3, body=0.5)
    canvas.paint(picture, angle, 24000, 12, 32, spread=0.10, hue=0.025, dry=0.35, body=0.6)
    canvas.paint(picture, angle, 36000, 7, 17, spread=0.07, hue=0.02, dry=0.3, body=0.5, where=np.where(opening | frieze | voussoir | capital, 1.0, 0.15))
    edge = np.s_[96 : 96 + N, 96 : 96 + N]
    out, relief = canvas.colour[edge], 0.5 * canvas.relief[edge]

    rain = smooth(0.50, 0.85, fbm(rng, 26, 4, stretch=(1.6, 0.12)) * 0.7 + 0.5 * fbm(rng, 4, 4) - 0.1)
    out = mix(out, ramp(fbm(rng, 20, 4), inks("1f6f66 3fae96 8fd8bc")), rain * 0.62)
    rust = smooth(0.60, 0.9, fbm(rng, 22, 4, stretch=(1.6, 0.15)) * 0.7 + 0.4 * fbm(rng, 5, 3))
    out = mix(out, inks("7a3218")[0], rust * 0.5)
    scale = fbm(rng, 7, 6, 0.6) + 0.10 * (fbm(rng, 60, 3) - 0.5)
    bare = smooth(0.735, 0.745, scale)
    lost = smooth(0.86, 0.867, scale)
    under = ramp(fbm(rng, 30, 4), inks("c8b48a e0d2ac f0e6c8"))
    metal = ramp(fbm(rng, 24, 4), inks("5a2414 a8522a d88a4a"))
    out = mix(mix(out, under, bare * 0.95), metal, lost)
    wide, fine = crazing(rng, 11, 0.05, 0.045), crazing(rng, 32, 0.03, 0.07)
    crack = np.clip(wide + 0.75 * fine * smooth(0.3, 0.6, fbm(rng, 5, 3)), 0, 1)
    out = mix(out, inks("1c1a16")[0], crack * 0.75)
    relief = relief - 1.6 * bare - 1.2 * lost - 1.1 * blur(crack, 1) + 0.8 * fbm(rng, 90, 3)
    out = out * (1 - 0.45 * np.clip(blur(bare, 5) - bare, 0, 1))[..., None]
    return light(np.clip(out, 0, 1), relief, rng, 0.55, 0.06, 0.0)
