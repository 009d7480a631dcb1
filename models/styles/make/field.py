"""Fields: noise, blur, palettes and curves, all on one square working canvas.

Every style is painted at twice its final size (`N` pixels a side) and reduced
at the end, so that hairs and cracks come out soft-edged.  A field is a float32
array of N x N; a colour field has a third axis of three, in 0..1.
"""

import numpy as np
from PIL import Image

N = 1280
Y, X = np.mgrid[0:N, 0:N].astype(np.float32) / N


def resize(a, height, width):
    """A field brought to another size with a smooth (bicubic) kernel."""
    image = Image.fromarray(np.asarray(a, np.float32), "F")
    return np.asarray(image.resize((width, height), Image.BICUBIC), np.float32)


def fbm(rng, cells, octaves=5, gain=0.5, stretch=(1.0, 1.0), size=N):
    """Fractal noise in 0..1; `cells` lattice cells across, `stretch` = (x, y) factor of cells."""
    total, weight = np.zeros((size, size), np.float32), 1.0
    for octave in range(octaves):
        across = int(np.clip(cells * stretch[0] * 2**octave, 2, size))
        down = int(np.clip(cells * stretch[1] * 2**octave, 2, size))
        lattice = rng.random((down + 3, across + 3), np.float32) - 0.5
        big = resize(lattice, int(size * (down + 3) / down) + 1, int(size * (across + 3) / across) + 1)
        oy, ox = int(size / down), int(size / across)
        total += weight * big[oy : oy + size, ox : ox + size]
        weight *= gain
    low, high = np.percentile(total, (0.5, 99.5))
    return np.clip((total - low) / (high - low), 0, 1)


def blur(a, sigma):
    """Gaussian blur with mirrored borders."""
    pad = int(3 * sigma) + 1
    p = np.pad(a, ((pad, pad), (pad, pad)) + ((0, 0),) * (a.ndim - 2), "reflect")
    fy = np.exp(-2 * (np.pi * sigma * np.fft.fftfreq(p.shape[0])) ** 2)
    fx = np.exp(-2 * (np.pi * sigma * np.fft.rfftfreq(p.shape[1])) ** 2)
    kernel = np.outer(fy, fx).reshape((len(fy), len(fx)) + (1,) * (a.ndim - 2))
    out = np.fft.irfft2(np.fft.rfft2(p, axes=(0, 1)) * kernel, p.shape[:2], axes=(0, 1))
    return out[pad:-pad, pad:-pad].astype(np.float32)


def sample(a, y, x):
    """Nearest sample of a field at pixel coordinates, clamped at the border."""
    return a[np.clip(y, 0, N - 1).astype(np.int32), np.clip(x, 0, N - 1).astype(np.int32)]


def warp(a, dy, dx):
    """A field pulled about by two displacement fields given in pixels."""
    return sample(a, Y * N + dy, X * N + dx)


def smooth(low, high, v):
    """Smoothstep from 0 at `low` to 1 at `high` (which may be the smaller)."""
    t = np.clip((v - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def mix(a, b, t):
    """Blend of two fields or colours; a two-dimensional `t` is spread over colours."""
    t = np.asarray(t, np.float32)
    if t.ndim == 2 and (np.ndim(a) in (1, 3) or np.ndim(b) in (1, 3)):
        t = t[..., None]
    return a * (1 - t) + b * t


def inks(text):
    """A palette from words such as 'e8c25a 1b2a4d', as rows of 0..1."""
    return np.array([[int(w[i : i + 2], 16) / 255 for i in (0, 2, 4)] for w in text.split()], np.float32)


def ramp(t, palette):
    """Colours along a palette, evenly spaced over t in 0..1."""
    at = np.linspace(0, 1, len(palette))
    return np.stack([np.interp(t, at, palette[:, c]) for c in range(3)], -1).astype(np.float32)


def curve(rng, base, rise, cells, octaves=5, gain=0.5):
    """A ridge line: its height (0 = top of the canvas) for every column."""
    line, weight, at = np.zeros(N), 1.0, np.linspace(0, 1, N)
    for octave in range(octaves):
        knots = int(cells * 2**octave) + 2
        values = rng.random(knots) - 0.5
        soft = np.interp(np.linspace(0, 1, knots * 8), np.linspace(0, 1, knots), values)
        soft = np.convolve(np.pad(soft, 6, "edge"), np.hanning(13) / np.hanning(13).sum(), "valid")
        line += weight * np.interp(at, np.linspace(0, 1, len(soft)), soft)
        weight *= gain
    return (base + rise * line).astype(np.float32)


def cells(rng, across, jitter=0.9, metric=2.0):
    """Worley cells: (cell number, distance to the wall, seed's row and column in 0..1)."""
    k = across + 2
    sy = (np.mgrid[0:k, 0:k][0] + 0.5 + jitter * (rng.random((k, k)) - 0.5) - 1) / across
    sx = (np.mgrid[0:k, 0:k][1] + 0.5 + jitter * (rng.random((k, k)) - 0.5) - 1) / across
    cy, cx = (Y * across).astype(int) + 1, (X * across).astype(int) + 1
    near = np.full((N, N), 9.0, np.float32)
    second, number = near.copy(), np.zeros((N, N), np.int32)
    for dy in (-1, 0, 1):
        for dx in (-1, 0, 1):
            j, i = np.clip(cy + dy, 0, k - 1), np.clip(cx + dx, 0, k - 1)
            d = (np.abs(Y - sy[j, i]) ** metric + np.abs(X - sx[j, i]) ** metric) ** (1 / metric)
            closer = d < near
            second = np.where(closer, near, np.minimum(second, d))
            number = np.where(closer, j * k + i, number)
            near = np.where(closer, d, near)
    return number, (second - near) * across, sy.ravel()[number], sx.ravel()[number]
