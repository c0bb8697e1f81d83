"""How far two colours are apart: in lightness, and for eyes that lack one of the three cones.

Contrast as WCAG 2.2 defines it; the simulation of Machado, Oliveira and Fernandes (2009), at its
full severity, in linear RGB; the distance is that of CIE 1976 L*a*b* under D65.
"""

import numpy as np
from matplotlib.colors import to_rgb

XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
     [0.0193339, 0.1191920, 0.9503041]]
)  # fmt: skip
WHITE = XYZ.sum(axis=1)
DEFICIENCIES = {
    "three cones": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}  # fmt: skip


def linear(color):
    """Linear RGB of a colour that is not transparent."""
    value = np.array(to_rgb(color))
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def contrast(one, other) -> float:
    """From 1 (the same lightness) to 21 (black on white)."""
    low, high = sorted(float(XYZ[1] @ linear(each)) for each in (one, other))
    return (high + 0.05) / (low + 0.05)


def distance(one, other, seen="three cones") -> float:
    """CIE 1976 colour difference, for eyes of one of ``DEFICIENCIES``."""
    places = [_lab(np.array(DEFICIENCIES[seen]) @ linear(each)) for each in (one, other)]
    return float(np.linalg.norm(places[0] - places[1]))


def _lab(value):
    share = XYZ @ np.clip(value, 0, 1) / WHITE
    x, y, z = np.where(share > (6 / 29) ** 3, np.cbrt(share), share / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])
