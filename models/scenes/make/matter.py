"""Materials that more than one scene uses: stone, wood, plaster, grass, leaves, water."""

import numpy as np

from .noise import fbm2, fbm3, noise2, noise3
from .march import F, Surface


def rgb(text):
    """A hex colour brought to linear light."""
    return (np.array([int(text[i : i + 2], 16) / 255 for i in (0, 2, 4)]) ** 2.2).astype(F)


def blend(t, *colours):
    """Colours spread evenly over t in 0..1."""
    at = np.linspace(0, 1, len(colours))
    t = np.clip(t, 0, 1)
    return np.stack([np.interp(t, at, [c[k] for c in colours]) for k in range(3)], -1).astype(F)


def step(a, b, v):
    t = np.clip((v - a) / (b - a), 0, 1)
    return t * t * (3 - 2 * t)


def over(base, colour, t):
    return base + (colour - base) * np.asarray(t)[:, None]


def stone(dark="5a554e", light="a39a8a", scale=2.0, moss=0.0, grit=0.4):
    """Weathered rock: mottled, gritty, with lichen, and moss on top if asked."""
    a, b, lichen, green = rgb(dark), rgb(light), rgb("b9b48a"), rgb("4f5a22")

    def material(p, n):
        v = fbm3(p, scale, 5, 0.6)
        c = blend((v - 0.25) * 2, a, b)
        c = over(c, lichen, step(0.62, 0.72, fbm3(p, scale * 1.7, 4)) * 0.6)
        c = c * (1 - grit / 2 + grit * noise3(p[0] * scale * 21, p[1] * scale * 21, p[2] * scale * 21))[:, None]
        if moss:
            c = over(c, green * (0.5 + v)[:, None], step(0.45, 0.8, n[1] + 0.8 * (v - 0.5)) * moss)
        return Surface(c, 0.06, 12)

    return material


def wood(dark="3a2414", light="8a5a30", scale=1.0, axis=0, gloss=0.15):
    """Sawn wood with grain along an axis."""
    a, b = rgb(dark), rgb(light)

    def material(p, n):
        q = [c * scale * (0.35 if k == axis else 5.0) for k, c in enumerate(p)]
        v = fbm3(q, 1.0, 4)
        rings = 0.5 + 0.5 * np.sin(38 * v)
        fine = noise3(*[c * scale * (3 if k == axis else 90) for k, c in enumerate(p)])
        return Surface(blend(0.15 + 0.45 * rings + 0.45 * fine, a, b), gloss, 30)

    return material


def plain(colour, mottle=0.15, scale=6.0, gloss=0.0, tight=40, mirror=0.0):
    """Paint or plaster with slight unevenness."""
    c = rgb(colour)

    def material(p, n):
        v = 1 + mottle * 2 * (fbm3(p, scale, 4) - 0.5)
        return Surface(c * v[:, None], gloss, tight, mirror)

    return material


def grass(low="2c3a12", high="7f8a34", dry="a8985a"):
    """Turf: blades as fine noise, dry patches as broad noise."""
    a, b, d = rgb(low), rgb(high), rgb(dry)

    def material(p, n):
        x, z = p[0], p[2]
        v = 0.5 * noise2(x * 37, z * 9) + 0.3 * noise2(x * 90, z * 31) + 0.4 * fbm2(x * 0.7, z * 0.7, 4) - 0.1
        return Surface(over(blend(v, a, b), d, step(0.52, 0.72, fbm2(x * 0.22 + 9, z * 0.22, 4)) * 0.75))

    return material


def leaves(low="1c2a0c", high="5f7a24", scale=5.0):
    """Foliage: clumps of light and dark."""
    a, b = rgb(low), rgb(high)

    def material(p, n):
        v = 0.75 * fbm3(p, scale, 4, 0.6) + 0.3 * noise3(*[c * scale * 9 for c in p]) + 0.22 * n[1] - 0.12
        return Surface(blend(v, a, b))

    return material


def water(deep="0c2426", mirror=0.05):
    c = rgb(deep)

    def material(p, n):
        return Surface(np.broadcast_to(c, (p[0].size, 3)), 1.2, 260, mirror)

    return material


def ripples(height=0.004, scale=3.0, wind=1.0, lean=0.4):
    """Relief of a water surface."""

    def bump(p):
        x, z = p[0] * scale, p[2] * scale
        return height * (fbm2(x * lean, z * wind, 4, 0.5) + 0.35 * noise2(x * 1.7 + 3, z * 3.1))

    return bump


def shaggy(shape, scale, depth, slack=0.6, octaves=3):
    """A solid whose surface is broken up by noise: foliage or rough rock."""

    def distance(p):
        g = shape(p)
        near = np.flatnonzero(g < depth * 1.5)
        out = g - depth * 0.5
        if near.size:
            q = [c[near] for c in p]
            out[near] = g[near] - depth * (fbm3(q, scale, octaves, 0.55) * 1.6 - 0.4)
        return out * slack

    return distance
