"""harvest: sheaves in a burning field, in short loaded strokes that follow the furrows."""

import numpy as np

from .brush import Canvas
from .field import X, Y, curve, fbm, inks, mix, ramp, smooth

TITLE = "Harvest"
DESCRIPTION = "Stubble fields at noon under curling clouds: short loaded strokes of ochre and gold against turquoise."

# Column, foot and size of each stack, far ones first.
STACKS = [(0.60, 0.520, 0.05), (0.86, 0.535, 0.06), (0.40, 0.585, 0.085), (0.75, 0.73, 0.17)]


def paint(rng):
    swirl = fbm(rng, 5, 4, stretch=(0.7, 1.4))
    bank = smooth(0.45, 0.75, swirl + 0.25 * np.sin(X * 6 + 9 * Y))
    sky = ramp(np.clip(Y / 0.46, 0, 1), inks("1e8fa8 3fb0b5 86cdbd d6e3b4 f4df9c"))
    cloud = ramp(np.clip(swirl * 1.3 - 0.2, 0, 1), inks("8fa9c0 d8cfc0 fbf0d2 fffbe8"))
    picture = mix(sky, cloud, bank * 0.85)
    angle = 0.9 * np.sin(X * 8 + 6 * swirl) + 5 * (swirl - 0.5) * (Y < 0.5)
    sun = np.hypot(X - 0.24, Y - 0.17)
    picture = mix(picture, ramp(np.clip(sun / 0.2, 0, 1), inks("fff9d0 ffe372 ffd04a f2d98a")), smooth(0.22, 0.05, sun))
    around = np.arctan2(Y - 0.17, X - 0.24) + np.pi / 2
    angle = np.where(sun < 0.2, around, angle)

    for base, rise, shades in ((0.43, 0.07, "5e7fb0 8aa0c4"), (0.462, 0.05, "3c6a7a 6f9a78"), (0.485, 0.03, "2f5a3c 7f9a3c")):
        ridge = curve(rng, base, rise, 4, 5)[None]
        body = ramp(fbm(rng, 12, 3), inks(shades))
        inside = smooth(0, 0.004, Y - ridge)
        picture, angle = mix(picture, body, inside), np.where(inside > 0.5, 0.5 * np.sin(X * 25), angle)

    field = smooth(0.497, 0.503, Y)
    deep = np.clip((Y - 0.47) / 0.53, 0.02, 1)
    furrow = (X - 0.42) / deep
    rows = 0.5 + 0.5 * np.sin(furrow * 22 + 2 * fbm(rng, 5, 3))
    ground = ramp(np.clip(0.75 * rows + 0.5 * (fbm(rng, 10, 4) - 0.4), 0, 1), inks("6a3a22 a8611f d8942a f0bd3f fbe07c"))
    ground = mix(ground, inks("f6d873")[0], smooth(0.2, 0.0, deep) * 0.6)
    ground = mix(ground, inks("3f7a4a")[0], smooth(0.72, 0.9, fbm(rng, 3, 3, stretch=(0.6, 3))) * 0.7)
    poppies = smooth(0.8, 0.9, fbm(rng, 40, 2)) * smooth(0.62, 0.85, Y)
    ground = mix(ground, inks("d8341f")[0], poppies)
    picture = mix(picture, ground, field)
    toward = np.arctan2(Y - 0.47, X - 0.42)
    angle = np.where(field > 0.5, toward + 0.25 * np.sin(furrow * 30), angle)

    fine = smooth(0.40, 0.46, Y) * smooth(0.56, 0.5, Y)
    for cx, foot, size in STACKS:
        h = (foot - Y) / size
        side = (X - cx) / size
        width = np.where(h < 0.55, 0.62 + 0.1 * h, 0.74 * np.clip((1.15 - h) / 0.6, 0, 1) ** 0.8)
        inside = smooth(0.02, -0.02, np.abs(side) - width) * (h > 0) * (h < 1.15)
        lit = np.clip(0.55 - side * 0.75 + 0.35 * (fbm(rng, 18, 3) - 0.5) - 0.15 * (h < 0.55), 0, 1)
        body = ramp(lit, inks("4a2b52 8a4a34 c97f2c f0b743 fdeaa0"))
        fall = np.exp(-(((side - 0.75 - 0.2 * h) / 0.75) ** 2)) * smooth(-0.28, -0.1, h) * smooth(0.06, 0.0, h)
        picture = mix(mix(picture, inks("4a3a78")[0], fall * 0.85), body, inside)
        angle = np.where(inside > 0.5, np.pi / 2 - side * 1.0 * (h > 0.5) - 0.2 * side, angle)
        fine = np.maximum(fine, np.maximum(inside, fall * 0.7))

    canvas = Canvas(rng, inks("b5793a")[0])
    canvas.paint(picture, angle, 4500, 34, 90, hue=0.04)
    canvas.paint(picture, angle, 13000, 19, 54, spread=0.11, hue=0.045, dry=0.3)
    canvas.paint(picture, angle, 9000, 12, 40, where=0.25 + 0.75 * field, spread=0.17, hue=0.05, dry=0.35)
    canvas.paint(picture, angle, 22000, 9, 27, where=np.clip(fine + poppies * field, 0, 1), spread=0.1, hue=0.04, body=1.3)
    canvas.paint(picture, angle, 9000, 11, 16, where=smooth(0.04, 0.02, sun), spread=0.03, hue=0.02, dry=0.1, body=1.4)
    return canvas.done(relief=0.6, shine=0.18)
