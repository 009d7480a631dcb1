"""woodblock: a mountain over breaking seas, cut in cherry wood and printed in few colours."""

import numpy as np

from .field import N, X, Y, blur, curve, fbm, inks, mix, ramp, smooth, warp

TITLE = "Woodblock"
DESCRIPTION = "A mountain beyond breaking seas, printed from wood: indigo and vermilion on cream, with cut lines and grain."


def cut(levels, width):
    """Lines cut along the whole numbers of a field, `width` pixels wide whatever its slope."""
    gy, gx = np.gradient(levels)
    away = np.abs(levels - np.round(levels)) / (np.hypot(gy, gx) + 1e-6)
    return smooth(width / 2 + 0.8, width / 2 - 0.8, away)


def paint(rng):
    grain = fbm(rng, 5, 3, stretch=(0.4, 5))
    rings = 0.5 + 0.5 * np.sin(2 * np.pi * (Y * 34 + 5 * fbm(rng, 2, 3, stretch=(0.5, 2)) + 1.2 * grain))
    print_ = 0.80 + 0.14 * rings + 0.12 * fbm(rng, 220, 2)
    fibres = smooth(0.78, 0.92, fbm(rng, 60, 2, stretch=(2.2, 0.5)))
    paper = ramp(np.clip(0.6 * fbm(rng, 6, 4) + 0.4 * fbm(rng, 240, 2), 0, 1), inks("e2d2ac eee0bf f6ecd2"))
    paper = mix(paper, inks("cdb98c")[0], fibres * 0.35)
    key = np.zeros((N, N), np.float32)
    picture = paper

    def block(mask, colour, strength=1.0):
        """Print one colour through a block: the grain lets the paper show."""
        nonlocal picture
        picture = mix(picture, picture * 0.12 + colour * 0.88, np.clip(mask * strength * print_, 0, 1))

    indigo, deep, vermilion = inks("2c5a8c 14284f cf3f26")
    block(smooth(0.30, 0.0, Y) ** 0.8, deep, 1.05)
    block(smooth(0.34, 0.52, Y), inks("e8a060")[0], 0.75)
    sun = smooth(0.118, 0.115, np.hypot(X - 0.70, Y - 0.27))
    block(sun, vermilion, 1.1)
    bands = fbm(rng, 3, 2, stretch=(0.8, 4.5))
    band = smooth(0.60, 0.61, bands) * smooth(0.40, 0.36, Y) * smooth(0.03, 0.06, Y)
    picture = mix(picture, paper * 0.98, band * 0.9)
    key = np.maximum(key, cut(bands * 12.5, 2.4) * (np.abs(bands - 0.61) < 0.05) * (Y < 0.40) * (Y > 0.04))

    slope = np.abs(X - 0.36)
    peak = 0.17 + 0.62 * slope - 0.30 * slope**2 + 0.05 * np.exp(-slope * 22) + 0.012 * (fbm(rng, 20, 3, stretch=(1, 0.01)) - 0.5)
    hill = smooth(0, 0.003, Y - peak)
    picture = mix(picture, paper, hill)
    block(hill * smooth(0.20, 0.62, Y + 0 * X), indigo, 1.15)
    block(hill, inks("7a90a0")[0], 0.35)
    teeth = 0.075 + 0.05 * np.abs(np.sin(X * 55 + 2 * np.sin(X * 23))) * (1 - slope)
    cap = hill * smooth(0.004, -0.004, Y - peak - teeth)
    picture = mix(picture, paper * 1.03, cap)
    gully = (X - 0.36) / (Y - 0.02 + 0.02 * fbm(rng, 12, 3)) * 30
    key = key * (1 - hill)
    key = np.maximum(key, cut(gully, 1.9) * hill * smooth(0.62, 0.45, fbm(rng, 14, 2)) * (Y > peak + 0.02))
    key = np.maximum(key, smooth(0.0035, 0.0020, np.abs(Y - peak)))

    tones = ["9fbac0", "5f8fae", "2c5a8c", "7fa6b6", "1e4478", "14284f"]
    for k, tone in enumerate(tones):
        base, rise, long = 0.50 + 0.085 * k, 0.045 + 0.014 * k, 0.20 + 0.055 * k
        place = X / long + rng.random() + 0.12 * np.sin(X * 9 + k)
        lean = place - 0.20 * np.sin(2 * np.pi * place)
        crest = base - rise * (1 - np.abs(np.sin(np.pi * lean))) ** 1.25 + 0.008 * (curve(rng, 0, 1, 14, 3)[None])
        crest = crest + 0 * Y
        under = Y - crest
        body = smooth(0, 0.003, under)
        picture, key = mix(picture, paper, body), key * (1 - body)
        block(body, inks(tone)[0], 1.1)
        block(body * smooth(0.02, 0.16, under), deep, 0.75)
        scallop = 0.010 + 0.35 * rise * (1 - np.abs(np.sin(np.pi * lean))) ** 2 + 0.010 * np.abs(np.sin(X * (150 - 12 * k) + 2 * np.sin(X * 31)))
        foam = body * smooth(0.002, -0.002, under - scallop)
        level = under / (0.016 + 0.004 * k) + 0.9 * np.sin(X * 20 + k)
        carve = cut(level + 0.5, 2.6 + 2.2 * smooth(0.0, 0.12, under)) * body * (under > scallop + 0.004) * smooth(0.30, 0.42, fbm(rng, 9, 2, stretch=(1, 3)))
        picture = mix(picture, paper * 1.02, np.clip(carve, 0, 1) * 0.92)
        picture = mix(picture, paper * 1.05, foam)
        claws = cut(scallop * 130 + under * 150 + 2 * np.sin(X * 90), 1.8) * foam
        key = np.maximum(key, claws * 0.6)
        key = np.maximum(key, smooth(0.0038, 0.0022, np.abs(under)))
        key = np.maximum(key, smooth(0.0030, 0.0016, np.abs(under - scallop)) * (body > 0.5))
        spray = smooth(0.84, 0.90, fbm(rng, 110, 1)) * np.exp(-np.abs(under + 0.02) / 0.02) * (1 - np.abs(np.sin(np.pi * lean))) ** 1.5
        picture = mix(picture, paper * 1.05, np.clip(spray * 2.0, 0, 1))

    shake = 2.0 * (fbm(rng, 60, 2) - 0.5)
    key = warp(key, shake + 1.5, 1.2 - shake) * (0.80 + 0.2 * rings)
    picture = mix(picture, inks("101c38")[0], np.clip(key, 0, 1) * 0.93)
    edge = np.minimum(np.minimum(X, 1 - X), np.minimum(Y, 1 - Y)) + 0.004 * (fbm(rng, 40, 2) - 0.5)
    picture = mix(paper, picture, smooth(0.016, 0.019, edge))
    picture = mix(picture, inks("101c38")[0], smooth(0.0028, 0.0012, np.abs(edge - 0.019)) * 0.9)
    worn = smooth(0.62, 0.95, fbm(rng, 150, 2)) * smooth(0.35, 0.8, fbm(rng, 5, 3)) * 0.4
    return np.clip(mix(picture, paper, worn) * (0.96 + 0.08 * blur(fbm(rng, 300, 1), 0.8))[..., None], 0, 1)
