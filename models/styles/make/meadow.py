"""meadow: flowers and a lake in watercolour: glazes that pool, bleed and dry with hard edges."""

import numpy as np

from .field import N, X, Y, blur, curve, fbm, inks, ramp, smooth

TITLE = "Meadow"
DESCRIPTION = "Flowers before a lake in watercolour: rose, sap green and cobalt glazes with pooled edges on rough paper."

ROSE, MADDER, LEMON, VIOLET, COBALT, SAP, VIRIDIAN, OCHRE, SEPIA = inks(
    "e0447a b81f3c f6c81f 7a4fb4 2f62c0 5f9a1f 1f8a72 d08a2a 5a3a34")


class Sheet:
    """Rough paper and the pigment on it, kept as absorbance so that glazes multiply."""

    def __init__(self, rng):
        self.rng, self.load = rng, np.zeros((N, N, 3), np.float32)
        self.tooth = 0.6 * fbm(rng, 150, 3) + 0.4 * fbm(rng, 60, 2)
        self.bleed = fbm(rng, 14, 5)
        self.pool = fbm(rng, 5, 4)

    def glaze(self, shape, colour, depth=0.7, rim=0.55, soft=0.0, at=np.s_[:, :]):
        """Lay a wash where `shape` (signed distance in pixels, negative inside) says."""
        edge = shape + 16 * (self.bleed[at] - 0.5) * (1 + soft)
        inside = smooth(1.0 + 40 * soft, -1.0 - 40 * soft, edge)
        dark = np.exp(-((np.clip(-edge, 0, None) / 3.2) ** 1.2)) * inside * (1 - min(soft * 2, 1))
        body = inside * (0.45 + 0.75 * self.pool[at]) * (0.72 + 0.56 * (1 - self.tooth[at]))
        dry = smooth(0.83, 0.9, self.tooth[at]) * 0.75
        amount = (depth * body + depth * rim * dark) * (1 - dry)
        self.load[at] += amount[..., None] * -np.log(np.clip(colour, 0.03, 0.97))

    def blob(self, x, y, rx, ry, turn, colour, depth=0.7, wave=0.12, lobes=5, **more):
        """A petal, leaf or drop: an ellipse with a wavering outline, drawn in its own window."""
        reach = int(max(rx, ry) * (1 + wave) + 26)
        y0, y1, x0, x1 = max(int(y) - reach, 0), min(int(y) + reach, N), max(int(x) - reach, 0), min(int(x) + reach, N)
        if y0 >= y1 or x0 >= x1:
            return
        gy, gx = np.mgrid[y0:y1, x0:x1].astype(np.float32)
        gx, gy = gx - x, gy - y
        u, v = gx * np.cos(turn) + gy * np.sin(turn), gy * np.cos(turn) - gx * np.sin(turn)
        angle = np.arctan2(v / ry, u / rx)
        limit = 1 + wave * np.sin(lobes * angle + 6 * self.rng.random()) + 0.5 * wave * np.sin(2 * lobes * angle + 6 * self.rng.random())
        self.glaze((np.hypot(u / rx, v / ry) - limit) * min(rx, ry), colour, depth, at=np.s_[y0:y1, x0:x1], **more)


def flower(sheet, x, y, size, colour, heart):
    """Petals in two or three glazes, each a little off the last, and a dotted heart."""
    rng, petals = sheet.rng, int(sheet.rng.integers(5, 8))
    squash, spin = 0.65 + 0.35 * rng.random(), rng.random() * 6
    for layer in range(2):
        for k in range(petals):
            a = spin + 2 * np.pi * (k + 0.4 * layer) / petals + rng.normal(0, 0.08)
            out = size * (0.56 - 0.12 * layer)
            tint = np.clip(colour + rng.normal(0, 0.06, 3), 0.03, 0.97)
            sheet.blob(x + out * np.cos(a), y + out * np.sin(a) * squash, size * (0.50 - 0.12 * layer), size * 0.34, np.arctan2(np.sin(a) * squash, np.cos(a)), tint, 0.42 + 0.25 * rng.random())
    for _ in range(9):
        sheet.blob(x + rng.normal(0, size * 0.13), y + rng.normal(0, size * 0.10), size * 0.07 + 2, size * 0.07 + 2, 0, heart, 1.1)


def paint(rng):
    sheet = Sheet(rng)
    cloud = fbm(rng, 4, 4)
    sheet.glaze(np.maximum((cloud - 0.53) * 300, (Y - 0.27) * 700), COBALT, 0.62, soft=0.12)
    sheet.glaze(np.maximum((cloud - 0.40) * 300, (Y - 0.18) * 500), COBALT * 0.8 + VIOLET * 0.2, 0.5, soft=0.2)
    sheet.glaze(np.maximum((0.60 - cloud) * 500, np.abs(Y - 0.18) * 900 - 90), VIOLET * 0.5 + ROSE * 0.5, 0.22, soft=0.4)
    sheet.glaze(np.abs(Y - 0.31) * N - 60 + 90 * (cloud - 0.5), ROSE * 0.5 + LEMON * 0.5, 0.30, soft=0.7)
    for base, rise, tint, depth in ((0.34, 0.14, COBALT, 0.42), (0.38, 0.09, VIOLET, 0.36), (0.42, 0.06, VIRIDIAN, 0.5)):
        ridge = curve(rng, base, rise, 4, 4)[None]
        sheet.glaze(np.maximum((ridge - Y) * N, (Y - base - 0.08) * N - 60 * (sheet.pool - 0.5)), tint, depth)
    for _ in range(46):
        x, h = rng.random() * N, 20 + 46 * rng.random()
        sheet.blob(x, 0.455 * N - h * 0.5, h * 0.30, h * 0.62, 0, SAP * 0.7 + VIRIDIAN * 0.3, 0.55, 0.2)
    ripple = fbm(rng, 6, 3, stretch=(0.6, 7))
    sheet.glaze(np.maximum(np.abs(Y - 0.525) * N - 84, (ripple - 0.66) * 160), COBALT * 0.7 + VIRIDIAN * 0.3, 0.65)
    sheet.glaze(np.maximum(np.abs(Y - 0.48) * N - 34, (0.5 - ripple) * 200), VIRIDIAN, 0.6)
    grass = fbm(rng, 5, 4, stretch=(1.4, 0.6))
    field = (0.59 - Y) * N + 30 * np.sin(X * 7)
    sheet.glaze(field, SAP * 0.8 + LEMON * 0.2, 0.55)
    sheet.glaze(np.maximum(field + 60, (grass - 0.5) * 300), VIRIDIAN, 0.6, soft=0.15)
    sheet.glaze(np.maximum(field + 160, (0.48 - grass) * 300), SEPIA * 0.5 + SAP * 0.4, 0.75, soft=0.1)
    greens = [SAP, VIRIDIAN, SAP * 0.6 + LEMON * 0.4, COBALT * 0.4 + SAP * 0.5, SAP * 0.55]
    for _ in range(620):
        near = rng.random() ** 0.7
        x, y, long = rng.random() * N, (0.60 + 0.44 * near) * N, (26 + 120 * rng.random()) * (0.3 + near)
        sheet.blob(x, y - long / 2, long * 0.5, 2.4 + 6 * near * rng.random(), -np.pi / 2 + rng.normal(0, 0.35), greens[rng.integers(5)], 0.55 + 0.5 * rng.random(), 0.05)
    tints = [ROSE, MADDER, LEMON, VIOLET, ROSE * 0.6 + LEMON * 0.4, COBALT, OCHRE, inks("f07a2a")[0]]
    places = sorted((rng.random() ** 0.8, rng.random()) for _ in range(95))
    for near, x in places:
        size = 9 + 66 * near**1.7
        x, y = x * N, (0.615 + 0.35 * near) * N
        tint = tints[rng.integers(len(tints))]
        at = np.s_[max(int(y - size), 0) : int(y + size), max(int(x - size), 0) : int(x + size)]
        gy, gx = np.mgrid[at[0].start : min(at[0].stop, N), at[1].start : min(at[1].stop, N)]
        hold = smooth(1.0, 0.75, np.hypot(gx - x, gy - y) / size)
        sheet.load[at] *= (1 - 0.86 * hold)[..., None]
        flower(sheet, x, y, size, tint, OCHRE if tint is not LEMON else SEPIA)
    for _ in range(420):
        s = np.exp(rng.normal(0.9, 0.7))
        sheet.blob(rng.random() * N, rng.random() * N, s, s, 0, tints[rng.integers(len(tints))], 0.7, 0.1)
    for _ in range(26):
        sheet.blob(rng.random() * N, (0.5 + 0.5 * rng.random()) * N, 30 + 50 * rng.random(), 30 + 40 * rng.random(), 0, greens[rng.integers(5)], 0.10, 0.2, rim=1.6)
    paper = ramp(np.clip(fbm(rng, 3, 3) * 0.5 + 0.5 * sheet.tooth, 0, 1), inks("f3ecdc faf5e8"))
    gy, gx = np.gradient(blur(sheet.tooth, 1.0))
    out = paper * np.exp(-0.86 * sheet.load) * (1 + 2.2 * (gx + gy))[..., None]
    return np.clip(out, 0, 1)
