"""Activations: layers without parameters, a = g(z) entry by entry."""

from __future__ import annotations

import numpy as np

from .layers import Layer
from .validation import as_floats

# Arrays of one entry: NumPy multiplies by them faster than by a float.
HALF = {np.dtype(name): np.array(0.5, name) for name in ("float32", "float64")}


class Sigmoid(Layer):
    """a = 1 / (1 + e^−z), computed as (1 + tanh(z/2)) / 2, which cannot overflow."""

    def forward(self, z, training=False):
        z = as_floats(z, "z")
        half = HALF[z.dtype]
        a = z * half
        np.tanh(a, out=a)
        a *= half
        a += half
        self._cache = a if training else None
        return a

    def backward(self, da):
        a = self._cached()
        slope = a * a
        np.subtract(a, slope, out=slope)
        slope *= da
        return slope


class Tanh(Layer):
    """a = tanh(z)."""

    def forward(self, z, training=False):
        a = np.tanh(as_floats(z, "z"))
        self._cache = a if training else None
        return a

    def backward(self, da):
        a = self._cached()
        return da * (1 - a * a)


class ReLU(Layer):
    """a = max(z, 0); its derivative at 0 is taken as 0."""

    def forward(self, z, training=False):
        a = np.maximum(as_floats(z, "z"), 0)
        self._cache = a if training else None
        return a

    def backward(self, da):
        return da * (self._cached() > 0)
