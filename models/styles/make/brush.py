"""The brush: strokes of many bristles, swept along a flow field.

A stroke is a strip of samples (along the path, across the brush).  Every sample
takes its pigment from a streak texture, so that hairs show, its edge from a
ragged tip, and leaves thickness in the canvas's relief, which is lit at the end.
"""

import numpy as np

from .field import N, blur, fbm, sample

PAD = 96


class Canvas:
    """Colour and relief of a picture under the brush, with a margin around it."""

    def __init__(self, rng, ground):
        side = N + 2 * PAD
        self.colour = np.empty((side, side, 3), np.float32)
        self.colour[:] = ground
        self.relief = np.zeros((side, side), np.float32)
        self.rng = rng
        bank = blur(rng.random((1024, 1024)).astype(np.float32), 0.9)
        along = np.exp(-2 * (np.pi * 22 * np.fft.fftfreq(1024)) ** 2)[:, None]
        bank = np.fft.ifft(np.fft.fft(bank, axis=0) * along, axis=0).real
        low, high = np.percentile(bank, (2, 98))
        self.bank = np.clip((bank - low) / (high - low), 0, 1).astype(np.float32)

    def sweep(self, px, py, width, first, second, dry=0.2, body=1.0, flat=False, cover=1.0):
        """One stroke through the points, loaded with two pigments that mix between the hairs."""
        rng = self.rng
        length = np.hypot(np.diff(px), np.diff(py)).sum()
        n, m = max(int(length / 0.75), 4), max(int(width / 0.75), 3)
        s, t = np.linspace(0, 1, n), np.linspace(-1, 1, m)
        at = np.linspace(0, 1, len(px))
        x, y = np.interp(s, at, px), np.interp(s, at, py)
        dx, dy = np.gradient(x), np.gradient(y)
        norm = np.hypot(dx, dy) + 1e-6
        ix = (x[:, None] - (dy / norm)[:, None] * t * width / 2 + PAD + 0.5).astype(np.int32)
        iy = (y[:, None] + (dx / norm)[:, None] * t * width / 2 + PAD + 0.5).astype(np.int32)
        r0, c0 = rng.integers(0, 1024 - 1), rng.integers(0, 1024)
        hair = self.bank[(r0 + np.arange(n))[:, None] % 1024, (c0 + np.arange(m))[None] % 1024]
        ragged = hair[0]
        px_s = s[:, None] * length
        if flat:
            alpha = np.clip(np.minimum(px_s, length - px_s) / 1.5, 0, 1) * np.ones_like(hair)
            ridge = 0.25 * hair + 0.9 * np.exp(-(((1 - np.abs(t)) * width / 2) / 2.2) ** 2)
        else:
            lead = width * 0.35 * t * t
            trail = length - width * (0.3 * t * t + 0.9 * ragged)
            alpha = np.clip((px_s - lead) / 2.5, 0, 1) * np.clip((trail - px_s) / 4, 0, 1)
            alpha = alpha * np.clip((1 - np.abs(t)) * width / 2.5, 0, 1)
            ridge = 0.35 + 0.75 * hair + 0.35 * np.abs(t) ** 3
        worn = dry * (0.35 + 0.65 * s[:, None])
        alpha = cover * alpha * np.clip(1 + (hair - worn) * 6, 0, 1)
        inside = (ix >= 0) & (iy >= 0) & (ix < N + 2 * PAD) & (iy < N + 2 * PAD)
        ix, iy, a, h = ix[inside], iy[inside], alpha[inside], hair[inside][:, None]
        pigment = (first * (1 - h) + second * h) * (0.93 + 0.14 * h)
        self.colour[iy, ix] += (pigment - self.colour[iy, ix]) * a[:, None]
        self.relief[iy, ix] += (self.relief[iy, ix] * 0.45 + body * ridge[inside] - self.relief[iy, ix]) * a

    def paint(self, guide, angle, count, width, length, where=None, spread=0.06, hue=0.05, **stroke):
        """Many strokes along `angle`, coloured from `guide`; `where` weighs the places."""
        rng = self.rng
        x, y = rng.random(count) * (N + 80) - 40, rng.random(count) * (N + 80) - 40
        if where is not None:
            keep = rng.random(count) < sample(where, y, x)
            x, y = x[keep], y[keep]
        widths = width * np.exp(rng.normal(0, 0.22, len(x)))
        lengths = length * np.exp(rng.normal(0, 0.28, len(x)))
        px, py = trace(angle, x, y, lengths, rng)
        base = sample(guide, y, x)
        first = np.clip(base * np.exp(rng.normal(0, spread, (len(x), 1))) + rng.normal(0, hue, base.shape), 0, 1)
        second = np.clip(base * np.exp(rng.normal(0.05, spread * 1.6, (len(x), 1))) + rng.normal(0, hue, base.shape), 0, 1)
        for i in range(len(x)):
            self.sweep(px[:, i], py[:, i], widths[i], first[i], second[i], **stroke)

    def dabs(self, guide, count, radius, choose, where=None, body=0.8):
        """Round touches of the brush; `choose(rng, colours)` sets each one's pigment."""
        rng = self.rng
        x, y = rng.random(count) * N, rng.random(count) * N
        if where is not None:
            keep = rng.random(count) < sample(where, y, x)
            x, y = x[keep], y[keep]
        colours = choose(rng, sample(guide, y, x))
        r = int(radius * 1.6) + 2
        gy, gx = np.mgrid[-r : r + 1, -r : r + 1].astype(np.float32)
        turn, flat = rng.random(len(x)) * np.pi, 0.75 + 0.25 * rng.random(len(x))
        sizes = radius * np.exp(rng.normal(0, 0.18, len(x)))
        for i in range(len(x)):
            c, s = np.cos(turn[i]), np.sin(turn[i])
            d = np.hypot(gx * c + gy * s, (gy * c - gx * s) / flat[i])
            a = np.clip((sizes[i] - d) / 1.5, 0, 1)
            iy, ix = int(y[i]) + PAD, int(x[i]) + PAD
            spot = np.s_[iy - r : iy + r + 1, ix - r : ix + r + 1]
            self.colour[spot] += (colours[i] - self.colour[spot]) * a[..., None]
            dome = body * (0.5 + 0.5 * np.clip(1 - (d / sizes[i]) ** 2, 0, 1))
            self.relief[spot] += (dome - self.relief[spot]) * a

    def done(self, relief=0.5, shine=0.15, weave=0.15):
        """The picture, lit from the upper left, on a weave that shows through thin paint."""
        edge = np.s_[PAD : PAD + N, PAD : PAD + N]
        return light(self.colour[edge], self.relief[edge], self.rng, relief, shine, weave)


def trace(angle, x, y, length, rng, points=9):
    """Paths along the field, centred on the given places: arrays of (points, strokes)."""
    step = np.asarray(length) / (points - 1)
    x, y = np.array(x, float), np.array(y, float)
    for _ in range(points // 2):
        a = sample(angle, y, x)
        x, y = x - np.cos(a) * step, y - np.sin(a) * step
    lean = rng.normal(0, 0.08, x.shape)
    px, py = np.empty((points, len(x))), np.empty((points, len(x)))
    for k in range(points):
        px[k], py[k] = x, y
        a = sample(angle, y, x) + lean
        x, y = x + np.cos(a) * step, y + np.sin(a) * step
    return px, py


def light(colour, relief, rng, strength=0.5, shine=0.15, weave=0.15):
    """Relief lighting: slopes facing the upper left brighten, steep ones glint."""
    y, x = np.mgrid[0:N, 0:N]
    cloth = (np.sin(x * 1.05) * np.sin(y * 1.05) + 0.4 * fbm(rng, 300, 2)) * weave
    soft = blur(relief, 0.8)
    height = soft + cloth * np.clip(1 - soft * 0.6, 0.1, 1)
    gy, gx = np.gradient(height)
    slope = -(gx * 0.7 + gy * 0.7)
    shade = 1 + strength * np.clip(-slope * 1.6, -0.9, 0.9)
    glint = shine * np.clip(-slope * 1.6 - 0.25, 0, 1) ** 2
    return np.clip(colour * shade[..., None] + glint[..., None], 0, 1)
