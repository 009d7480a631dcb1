"""Procedural noise for any points in space: smooth, repeatable, and fast on arrays."""

import numpy as np

_rng = np.random.default_rng(20200501)
_GRID2 = _rng.random((256, 256)).astype(np.float32)
_GRID3 = _rng.random((64, 64, 64)).astype(np.float32)


def _cell(v, size):
    whole = np.floor(v)
    part = (v - whole).astype(np.float32)
    low = whole.astype(np.int32) & (size - 1)
    return low, (low + 1) & (size - 1), part * part * (3 - 2 * part)


def noise2(x, y):
    """Value noise over a plane, in 0..1."""
    i, i1, u = _cell(x, 256)
    j, j1, v = _cell(y, 256)
    a, b = _GRID2[j, i], _GRID2[j, i1]
    c, d = _GRID2[j1, i], _GRID2[j1, i1]
    top, low = a + (b - a) * u, c + (d - c) * u
    return top + (low - top) * v


def noise3(x, y, z):
    """Value noise in space, in 0..1."""
    i, i1, u = _cell(x, 64)
    j, j1, v = _cell(y, 64)
    k, k1, w = _cell(z, 64)
    total = 0.0
    for kk, fk in ((k, 1 - w), (k1, w)):
        a, b = _GRID3[kk, j, i], _GRID3[kk, j, i1]
        c, d = _GRID3[kk, j1, i], _GRID3[kk, j1, i1]
        top, low = a + (b - a) * u, c + (d - c) * u
        total = total + (top + (low - top) * v) * fk
    return total


def fbm2(x, y, octaves=5, gain=0.5):
    """Fractal noise over a plane, roughly 0..1; each octave is turned a little."""
    total, weight, norm = 0.0, 1.0, 0.0
    for _ in range(octaves):
        total, norm = total + weight * noise2(x, y), norm + weight
        x, y, weight = 1.6 * x + 1.2 * y + 7.3, 1.6 * y - 1.2 * x + 3.1, weight * gain
    return total / norm


def fbm3(p, scale=1.0, octaves=4, gain=0.5):
    """Fractal noise at points (x, y, z), roughly 0..1."""
    x, y, z = (c * scale for c in p)
    total, weight, norm = 0.0, 1.0, 0.0
    for _ in range(octaves):
        total, norm = total + weight * noise3(x, y, z), norm + weight
        x, y, z, weight = 2.03 * x + 1.7, 2.01 * y + 9.2, 1.98 * z + 5.5, weight * gain
    return total / norm


def ridged2(x, y, octaves=7, gain=0.5):
    """Sharp-crested noise for mountains: crests carry more detail than valleys."""
    total, weight, carry, norm = 0.0, 1.0, 1.0, 0.0
    for _ in range(octaves):
        crest = (1 - np.abs(2 * noise2(x, y) - 1)) ** 2
        total, norm = total + weight * crest * carry, norm + weight
        carry = np.clip(crest * 1.4, 0, 1)
        x, y, weight = 1.6 * x + 1.2 * y + 5.7, 1.6 * y - 1.2 * x + 1.9, weight * gain
    return total / norm


class Relief:
    """Heights worked out once on a grid and read back smoothly: land for the marcher."""

    def __init__(self, height, x0, x1, z0, z1, step):
        self.x0, self.z0, self.per = np.float32(x0), np.float32(z0), np.float32(1 / step)
        z, x = np.mgrid[0 : int((z1 - z0) / step), 0 : int((x1 - x0) / step)].astype(np.float32) * np.float32(step)
        self.grid = height(x + self.x0, z + self.z0).astype(np.float32)
        self.low, self.high = float(self.grid.min()), float(self.grid.max())

    def __call__(self, x, z):
        rows, columns = self.grid.shape
        u = np.clip((x - self.x0) * self.per, 0, columns - 1.01)
        v = np.clip((z - self.z0) * self.per, 0, rows - 1.01)
        i, j = u.astype(np.int32), v.astype(np.int32)
        fu, fv = u - i, v - j
        at = j * columns + i
        flat = self.grid.ravel()
        a, b, c, d = flat[at], flat[at + 1], flat[at + columns], flat[at + columns + 1]
        top, low = a + (b - a) * fu, c + (d - c) * fu
        return top + (low - top) * fv
