"""harbour: sailing boats at a wooden pier, houses on the quay, late light."""

import numpy as np

from . import matter as m
from .noise import fbm2, fbm3, noise2
from .photo import air, heaven
from .march import F, Scene, Surface, unit
from .solid import Object, at, box, prism_roof, rod

TITLE = "Boats in the harbour"


def boat(x, z, turn, long, hull, sail, furled=True):
    """A hull, deck, mast, boom and (furled or raised) sail: objects around one place."""
    wide, deep = long * 0.17, long * 0.12

    def shell(p):
        q = at(p, x, 0.02, z, turn)
        k = np.clip(q[0] / (long * 0.5), -1, 1)
        half = wide * np.sqrt(np.clip(1 - np.clip(k + 0.12, 0, 1.12) ** 2 / 1.2544, 0, 1)) * (0.72 + 0.28 * np.clip((k + 1.0) * 2, 0, 1))
        sheer = deep * (0.95 + 0.45 * k * k + 0.12 * k)
        flare = half * np.clip(0.55 + 0.45 * (q[1] + 0.25 * deep) / (sheer + 0.25 * deep), 0.2, 1.05)
        body = np.maximum(np.maximum((np.abs(q[2]) - flare) * 0.8, np.abs(q[0]) - long * 0.5), np.abs(q[1] - 0.3 * deep) - 0.7 * deep - (sheer - deep))
        well = np.maximum(np.maximum((np.abs(q[2]) - flare + 0.05) * 0.8, np.abs(q[0] + 0.04 * long) - long * 0.40), sheer * 0.62 - q[1])
        cabin = box((q[0] - 0.10 * long, q[1] - sheer * 0.92, q[2]), long * 0.13, deep * 0.5, wide * 0.55, 0.05)
        return np.minimum(np.maximum(body, -well) * 0.7, cabin)

    paint, line, deck, trim = m.rgb(hull), m.rgb("c9c2b4"), m.rgb("a5713c"), m.rgb("e8e2d2")

    def colours(p, n):
        q = at(p, x, 0.02, z, turn)
        k = q[0] / (long * 0.5)
        sheer = deep * (0.95 + 0.45 * k * k + 0.12 * k)
        c = np.broadcast_to(paint, (p[0].size, 3)) * (0.8 + 0.4 * fbm3(p, 3, 4))[:, None]
        c = m.over(c, trim, m.step(0.82, 0.86, q[1] / sheer) * (n[1] < 0.7))
        c = m.over(c, line, (np.abs(q[1] - 0.10) < 0.05) * 0.9)
        c = m.over(c, m.rgb("3a2a22"), (q[1] < 0.05) * 0.8)
        planks = 0.75 + 0.25 * m.step(0.06, 0.12, np.abs((q[2] / 0.13) % 1 - 0.5) * 1.0)
        c = np.where((n[1] > 0.6)[:, None], deck * (planks * (0.7 + 0.6 * fbm3(p, 5, 3)))[:, None], c)
        glass = (np.abs(n[1]) < 0.4) & (q[1] > sheer) & (np.abs((q[0] / long * 14) % 1 - 0.5) < 0.28) & (q[1] < sheer * 0.92 + deep * 0.4)
        return Surface(m.over(c, m.rgb("20303a"), glass * 1.0), 0.4, 50, 0.03)

    tall = long * 1.18
    mx = 0.12 * long

    def rig(p):
        q = at(p, x, 0, z, turn)
        d = rod(q, (mx, deep, 0), (mx, tall, 0), 0.045, 0.03)
        d = np.minimum(d, rod(q, (mx, deep + 0.95, 0), (-0.36 * long, deep + 1.0, 0), 0.035))
        d = np.minimum(d, rod(q, (0.48 * long, deep * 1.3, 0), (mx, tall * 0.93, 0), 0.014))
        d = np.minimum(d, rod(q, (-0.48 * long, deep * 1.1, 0), (mx, tall, 0), 0.014))
        d = np.minimum(d, rod(q, (mx, tall * 0.62, -0.5), (mx, tall * 0.62, 0.5), 0.018))
        for s in (-1, 1):
            d = np.minimum(d, rod(q, (mx, deep, s * wide * 0.9), (mx, tall * 0.62, s * 0.5), 0.012))
            d = np.minimum(d, rod(q, (mx, tall * 0.62, s * 0.5), (mx, tall, 0), 0.012))
        return d

    def canvas(p):
        q = at(p, x, 0, z, turn)
        if furled:
            return rod((q[0], (q[1] - deep - 1.13) * 0.8, q[2]), (mx - 0.1, 0, 0), (-0.34 * long, 0, 0), 0.13, 0.09) * 0.9
        u = (q[1] - deep - 1.1) / (tall - deep - 1.3)
        reach = 0.44 * long * np.clip(1 - u, 0, 1)
        belly = 0.30 * np.sin(np.pi * np.clip((mx - q[0]) / np.maximum(reach, 0.2), 0, 1)) * np.sin(np.pi * np.clip(u, 0, 1))
        return np.maximum(np.maximum(np.abs(q[2] - belly) - 0.012, np.maximum(q[0] - mx + 0.05, mx - reach - q[0])), np.maximum(-u, u - 1)) * 0.75

    where = (x, tall / 2, z)
    return [Object(shell, colours, (x, deep / 2, z), long * 0.60), Object(rig, m.plain("c8b490", 0.2, 4, 0.4, 40), where, tall * 0.62 + 0.3),
            Object(canvas, m.plain(sail, 0.12, 3), where, tall * 0.62)]


def house(x, z, wide, tall, colour, roof, turn):
    """A gabled house whose windows, door and shutters are painted on by place."""
    def walls(p):
        return box(at(p, x, tall / 2 + 0.8, z, turn), wide / 2, tall / 2 + 0.8, 4)

    def cover(p):
        q = at(p, x, tall + 1.6, z, turn)
        return np.minimum(prism_roof((q[0], q[1], q[2]), wide / 2 + 0.3, wide * 0.42, 4.3) * 0.9, box((q[0] - wide * 0.22, q[1] - wide * 0.30, q[2] + 1), 0.35, 0.9, 0.35))

    base = m.rgb(colour)

    def face(p, n):
        q = at(p, x, 1.2, z, turn)
        side = np.where(np.abs(n[0] * np.cos(turn) + n[2] * np.sin(turn)) > 0.7, q[2], q[0])
        u, w = (side / 1.9) % 1 - 0.5, (q[1] / 2.7) % 1 - 0.55
        c = base * (0.82 + 0.36 * fbm3(p, 1.2, 4))[:, None]
        frame, pane = (np.abs(u) < 0.24) & (np.abs(w) < 0.29), (np.abs(u) < 0.20) & (np.abs(w) < 0.25)
        shutter = (np.abs(np.abs(u) - 0.335) < 0.09) & (np.abs(w) < 0.28)
        bar = (np.abs(u) < 0.015) | (np.abs(w) < 0.015)
        c = m.over(c, base * 0.45 + m.rgb("2f4a4a") * 0.4, shutter * 1.0)
        c = m.over(c, m.rgb("ece6da"), frame * 1.0)
        lit = noise2(np.floor(side / 1.9) * 7.7 + x, np.floor(q[1] / 2.7) * 3.3 + z) > 0.66
        c = m.over(c, m.rgb("1c2630"), (pane & ~bar) * 1.0)
        return Surface(c, 0.0, 40, (pane & ~bar) * 0.10, (pane & ~bar & lit)[:, None] * F((1.1, 0.68, 0.25)))

    tiles = lambda p: 0.05 * np.abs(np.sin(at(p, x, 0, z, turn)[2] * 11)) + 0.05 * ((p[1] * 4) % 1)
    near = (x, tall / 2, z)
    return [Object(walls, face, near, np.hypot(np.hypot(wide / 2, 4), tall / 2 + 2.2)), Object(cover, m.plain(roof, 0.5, 2.2), (x, tall + 2.2, z), np.hypot(wide / 2 + 1, 5.2), tiles)]


def pier(p):
    q = at(p, -4.6, 0, 0, -0.16)
    deck = np.maximum(np.abs(q[0]) - 1.25, np.maximum(np.abs(q[1] - 1.02) - 0.06, np.abs(q[2] - 9) - 15))
    beam = np.maximum(np.abs(np.abs(q[0]) - 1.05) - 0.1, np.maximum(np.abs(q[1] - 0.83) - 0.13, np.abs(q[2] - 9) - 15))
    k = q[2] - 3 * np.clip(np.round(q[2] / 3), -1, 8)
    piles = np.maximum(np.sqrt((np.abs(q[0]) - 1.32) ** 2 + k**2) - 0.15, np.abs(q[1]) - 1.75 - 0.1 * np.sin(q[2]))
    return np.minimum(np.minimum(deck, beam), piles) * 0.9


def timber(p, n):
    q = at(p, -4.6, 0, 0, -0.16)
    board = np.floor(q[2] / 0.22)
    v = noise2(board * 3.7, board * 1.3 + 2)
    grain = 0.6 * noise2(q[0] * 5 + v * 50, q[2] * 60) + 0.4 * fbm3(p, 4, 4)
    c = m.blend(0.45 * v + 0.65 * grain - 0.05, m.rgb("4a4038"), m.rgb("8a7a68"), m.rgb("b8a890"))
    slit = m.step(0.44, 0.48, np.abs(q[2] / 0.22 - board - 0.5)) * (n[1] > 0.6)
    c = m.over(c, m.rgb("15110d"), slit * 0.95)
    return Surface(m.over(c, m.rgb("2c3a22"), m.step(0.55, 0.1, p[1]) * 0.8), 0.05, 20)


def land(p):
    h = np.clip((p[2] - 62) / 90, 0, 1) ** 0.8 * (9 + 34 * fbm2(p[0] * 0.014 + 8.3, p[2] * 0.014, 5)) * np.clip((p[0] + 62) / 60, 0, 1) - 1.2
    return (p[1] - h) * 0.65


def scene():
    sun = unit((F(0.72), F(0.30), F(-0.30)))
    things = [
        Object(lambda p: p[1], m.water("0e2a33", 0.04), bump=lambda p: (0.022 * fbm2(p[0] * 0.7, p[2] * 1.4, 4) + 0.009 * noise2(p[0] * 4, p[2] * 7)) / (1 + np.clip(p[2], 0, None) / 16), casts=False),
        Object(pier, timber, None, 0, lambda p: 0.004 * fbm3(p, 14, 3)),
        Object(lambda p: box(at(p, 16, 0.2, 60), 58, 1.2, 8, 0.05), m.stone("5a5248", "a2968a", 0.8, 0.0, 0.8), None, 0, lambda p: 0.05 * fbm3(p, 2.5, 4)),
        Object(land, m.leaves("22301a", "74803c", 0.25), None, 0, lambda p: 1.4 * fbm2(p[0] * 0.25, p[2] * 0.25, 4), casts=False),
    ]
    rng = np.random.default_rng(8)
    x = -14.0
    for k, (colour, roof) in enumerate([("d9b07a", "8a4630"), ("b5523c", "5a4a48"), ("e2d6bd", "94502f"), ("7a93a0", "7a4030"), ("cf8a4a", "6a4a42"), ("e6c9a0", "8f4a32"), ("a04436", "5f5450"), ("c9cdb8", "8a4c34"), ("d8a25c", "74443a")]):
        wide, tall = 5.6 + 1.8 * rng.random(), 5.2 + 3.4 * rng.random()
        things += house(x + wide / 2, 64 + 1.2 * rng.random(), wide, tall, colour, roof, 0.0)
        x += wide + 0.15 + (2.2 if k in (2, 6) else 0)
    things += boat(0.4, 13.5, 0.35, 7.4, "1f3f6a", "d8cdb4")
    things += boat(-1.6, 23, -0.2, 8.6, "8f2a22", "e6dcc6")
    things += boat(7.6, 25, 0.7, 7.8, "dcd6c6", "b06a3a")
    things += boat(-15.5, 36, 0.15, 9.5, "2f5a4a", "efe6d2", furled=False)
    things += boat(8.0, 44, -0.3, 8.2, "2a2f3a", "e6dcc6")
    things += boat(17.5, 40, 0.2, 7.2, "c98a2a", "e6dcc6")
    for k, (bx, bz) in enumerate([(3.4, 8.6), (-0.6, 7.2), (6.4, 16)]):
        things.append(Object(lambda p, bx=bx, bz=bz: np.sqrt((p[0] - bx) ** 2 + (p[1] - 0.10) ** 2 + (p[2] - bz) ** 2) - 0.28, m.plain(["d8481f", "e0d8c6", "d8481f"][k], 0.2, 6, 0.5, 50, 0.02), (bx, 0.1, bz), 0.32))
    return Scene((1080, 720), (-2.2, 3.0, -4.6), (-0.6, 3.5, 20), 42, things, sun, (4.8, 3.5, 2.2),
                 heaven(sun, (0.16, 0.32, 0.68), (0.86, 0.76, 0.66), (0.7, 0.42, 0.18), (1.2, 1.0, 0.85), 0.48, 0.9, 0.0, 0.7),
                 (0.50, 0.60, 0.86), (0.24, 0.19, 0.13), air(sun, 0.0022, (0.66, 0.66, 0.70), (0.4, 0.25, 0.10)),
                 far=300, steps=120, softness=11, occlusion=0.8, exposure=0.72)
