"""Activations: layers without parameters, a = g(z) entry by entry."""

from __future__ import annotations

import numpy as np

from .layers import Layer


class Sigmoid(Layer):
    """a = 1 / (1 + e^−z), computed as (1 + tanh(z/2)) / 2, which cannot overflow."""

    def forward(self, z, training=False):
        a = 0.5 * np.tanh(0.5 * z) + 0.5
        self._cache = a if training else None
        return a

    def backward(self, da):
        a = self._cached()
        return da * (a - a * a)


class Tanh(Layer):
    """a = tanh(z)."""

    def forward(self, z, training=False):
        a = np.tanh(z)
        self._cache = a if training else None
        return a

    def backward(self, da):
        a = self._cached()
        return da * (1 - a * a)


class ReLU(Layer):
    """a = max(z, 0); its derivative at 0 is taken as 0."""

    def forward(self, z, training=False):
        a = np.maximum(z, 0)
        self._cache = a if training else None
        return a

    def backward(self, da):
        return da * (self._cached() > 0)
