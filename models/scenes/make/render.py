"""From rays to light: sun, sky, lamps, mirrors and haze; the camera; tiles of the picture."""

import numpy as np

from .march import F, along, contact, dot, march, normal, shadow, unit


def trace(scene, o, d, bounce=1):
    """Colours seen along rays, and the distance of the first hit (inf: sky)."""
    hit, who = march(scene, o, d)
    colour = scene.sky(d).astype(F)
    found = np.flatnonzero(np.isfinite(hit))
    if not found.size:
        return colour, hit
    fo, fd, t = [c[found] for c in o], [c[found] for c in d], hit[found]
    p = along(fo, fd, t)
    n = [np.zeros_like(t) for _ in range(3)]
    tint, glow = np.zeros((t.size, 3), F), np.zeros((t.size, 3), F)
    gloss, tight, mirror = np.zeros_like(t), np.full_like(t, 40), np.zeros_like(t)
    for k in np.unique(who[found]):
        sel = np.flatnonzero(who[found] == k)
        thing, q = scene.objects[k], [c[sel] for c in p]
        m = normal(thing, q, t[sel])
        s = thing.material(q, m)
        tint[sel], glow[sel] = s.colour, s.glow
        gloss[sel], tight[sel], mirror[sel] = s.gloss, s.tight, s.mirror
        for c in range(3):
            n[c][sel] = m[c]
    up = along(p, n, np.maximum(0.0015 * t, 0.002).astype(F))
    face = np.clip(dot(n, scene.sun), 0, 1)
    sun, lit = np.zeros_like(t), np.flatnonzero(face > 0)
    sun[lit] = shadow(scene, [c[lit] for c in up], scene.sun)
    ao = contact(scene, up, n)
    dome = (0.5 + 0.5 * n[1]) * ao
    below = (0.5 - 0.5 * n[1]) * (0.3 + 0.7 * ao)
    light = (face * sun)[:, None] * F(scene.sun_light) + dome[:, None] * F(scene.sky_light) + below[:, None] * F(scene.ground_light)
    for place, lamp, reach in scene.lamps:
        v = [F(place[k]) - p[k] for k in range(3)]
        r2 = dot(v, v)
        fall = np.clip(0.25 + dot(n, v) / np.sqrt(r2 + 1e-6), 0, 1) / (1 + r2 / reach**2) ** 1.5
        light += (fall * (0.35 + 0.65 * ao))[:, None] * F(lamp)
    out = tint * light + glow
    half = unit([scene.sun[k] - fd[k] for k in range(3)])
    spark = gloss * np.clip(dot(n, half), 0, 1) ** tight * sun * (face > 0)
    out += spark[:, None] * F(scene.sun_light)
    shiny = np.flatnonzero(mirror > 0)
    if shiny.size:
        cos = np.clip(-dot(fd, n), 0, 1)[shiny]
        amount = mirror[shiny] + (1 - mirror[shiny]) * (1 - cos) ** 5
        back = [fd[c][shiny] + 2 * cos * n[c][shiny] for c in range(3)]
        if bounce:
            seen, _ = trace(scene, [c[shiny] for c in up], unit(back), bounce - 1)
        else:
            seen = scene.sky(unit(back))
        out[shiny] = out[shiny] * (1 - amount)[:, None] + seen * amount[:, None]
    if scene.haze:
        amount, veil = scene.haze(p, t, fd)
        out = out * (1 - amount)[:, None] + veil * amount[:, None]
    colour[found] = out
    return colour, hit


def rays(scene, iy, ix):
    """Origins and directions through places of the picture (in pixels), and the camera's axis."""
    w, h = scene.size
    axis = unit([F(scene.look[k] - scene.eye[k]) for k in range(3)])
    right = unit((-axis[2], F(0), axis[0]))
    upward = (right[1] * axis[2] - right[2] * axis[1], right[2] * axis[0] - right[0] * axis[2], right[0] * axis[1] - right[1] * axis[0])
    scale = np.tan(np.radians(scene.fov) / 2)
    u, v = (ix / h * 2 - w / h) * scale, (1 - iy / h * 2) * scale
    d = unit([(axis[k] + right[k] * u + upward[k] * v).astype(F) for k in range(3)])
    return [np.full(d[0].size, scene.eye[k], F) for k in range(3)], d, axis


def tame(c):
    """Light brought to 0..1 for averaging, so that one bright sample does not make a jag."""
    return c / (1 + c)


def tile(scene, spot, fine=True):
    """Light and depth of a tile; where neighbours differ, two more samples a pixel."""
    y0, y1, x0, x1 = spot
    iy, ix = (c.ravel() for c in np.mgrid[y0:y1, x0:x1].astype(F))
    o, d, axis = rays(scene, iy + F(0.125), ix + F(0.25))
    colour, hit = trace(scene, o, d)
    soft = tame(np.clip(colour * scene.exposure, 0, None))
    if fine:
        g = np.sqrt(soft).mean(1).reshape(y1 - y0, x1 - x0)
        e = np.pad(g, 1, "edge")
        low, high = g.copy(), g.copy()
        for k in (e[:-2, 1:-1], e[2:, 1:-1], e[1:-1, :-2], e[1:-1, 2:]):
            low, high = np.minimum(low, k), np.maximum(high, k)
        rough = np.flatnonzero((high - low).ravel() > 0.06)
        if rough.size:
            total = soft[rough]
            for dy, dx in ((0.875, 0.375), (0.5, 0.875)):
                o2, d2, _ = rays(scene, iy[rough] + F(dy), ix[rough] + F(dx))
                total = total + tame(np.clip(trace(scene, o2, d2)[0] * scene.exposure, 0, None))
            soft[rough] = total / 3
    soft = np.clip(soft, 0, 0.92)
    shape = (y1 - y0, x1 - x0)
    return (soft / (1 - soft)).reshape(*shape, 3), (hit * dot(d, axis)).reshape(shape)
