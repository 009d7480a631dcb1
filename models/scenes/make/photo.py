"""From light to a photograph: sky, haze, tone curve, grain, vignette, and the depth picture."""

import numpy as np
from PIL import Image

from .noise import fbm2
from .march import F, dot


def heaven(sun, zenith, horizon, glow, cloud=None, cover=0.5, scale=1.0, disc=0.0, dark=0.75):
    """A sky: gradient, the sun's glow, and a sheet of clouds lit from the sun's side."""
    zenith, horizon, glow = (F(c) for c in (zenith, horizon, glow))

    def sky(d):
        up = np.clip(d[1], 0, 1)
        out = horizon + (zenith - horizon) * (1 - np.exp(-4.2 * up))[:, None]
        near = np.clip(dot(d, sun), 0, 1)
        out = out + glow * (0.55 * near**6 + 0.9 * near**48)[:, None]
        if disc:
            out = out + glow * disc * np.clip((near - 0.99985) / 0.0001, 0, 1)[:, None]
        if cloud is not None:
            k = scale / (up + 0.12)
            u, v = d[0] * k, d[2] * k
            thick = np.clip((fbm2(u + 31, v + 17, 6, 0.55) - cover) / 0.2, 0, 1)
            toward = np.clip((fbm2(u + 31 + 0.35 * sun[0], v + 17 + 0.35 * sun[2], 4, 0.55) - cover) / 0.3, 0, 1)
            body = F(cloud) * (1 - (1 - dark) * toward)[:, None] + glow * (0.5 * near**8 * (1 - toward))[:, None]
            fade = thick * np.clip(up / 0.10, 0, 1) * 0.92
            out = out * (1 - fade)[:, None] + body * fade[:, None]
        return out.astype(F)

    return sky


def air(sun, density, veil, glow, floor=None, fall=1.0):
    """Haze that grows with distance, warmer towards the sun, denser near the ground if asked."""
    veil, glow = F(veil), F(glow)

    def haze(p, t, d):
        thick = density * t
        if floor is not None:
            thick = thick * (0.25 + np.exp(-np.clip(p[1] - floor, 0, None) / fall))
        near = np.clip(dot(d, sun), 0, 1)
        return (1 - np.exp(-thick)).astype(F), (veil + glow * (near**5)[:, None]).astype(F)

    return haze


def develop(light, scene, rng):
    """Bloom, a film-like curve, vignette and grain; returns 8-bit pixels."""
    w, h = scene.size
    x = light
    spill = np.clip(x - 1.0, 0, 3)
    small = [Image.fromarray(np.ascontiguousarray(spill[..., c]), "F").resize((w // 8, h // 8), Image.BOX) for c in range(3)]
    bloom = []
    for plane in small:
        a = np.asarray(plane)
        for _ in range(6):
            a = sum(np.roll(np.pad(a, 4, "edge"), s, ax)[4:-4, 4:-4] for ax in (0, 1) for s in (-2, -1, 0, 1, 2)) / 10
        bloom.append(np.asarray(Image.fromarray(a.astype(F), "F").resize((w, h), Image.BICUBIC)))
    x = x + 0.35 * np.stack(bloom, -1)
    x = np.clip(x * (2.51 * x + 0.03) / (x * (2.43 * x + 0.59) + 0.14), 0, 1)
    y = x ** (1 / 2.2)
    iy, ix = np.mgrid[0:h, 0:w].astype(F)
    r2 = ((ix / w - 0.5) ** 2 + (iy / h - 0.5) ** 2) * 2
    y = y * (1 - 0.30 * r2)[..., None]
    grain = rng.normal(0, 0.011, (h, w, 1)) + rng.normal(0, 0.004, (h, w, 3))
    y = y + grain * (1.1 - 0.7 * y)
    return (np.clip(y, 0, 1) * 255 + 0.5).astype(np.uint8)


def depth_picture(depth, scene):
    """16-bit depth, v = 1 - near / z: 0 at the nearest sample, 1 at infinity (the sky).

    Halved by taking the nearer of neighbours, so that thin things are kept.
    """
    w, h = scene.size
    z = depth.reshape(h // 2, 2, w // 2, 2).min((1, 3))
    near = float(z.min())
    value = 1 - near / z.astype(np.float64)
    return (np.clip(value, 0, 1) * 65535 + 0.5).astype(np.uint16), near
