"""Activations: layers without parameters, a = g(z) entry by entry.

Each states g, its slope (as a function of a = g(z)), the range of a, and the steepest slope.
"""

import numpy as np

from . import _fast
from .layers import Layer
from .validation import as_flag, as_floats, as_gradient


class Activation(Layer):
    """What the three share: forward is g, backward multiplies by the slope.

    The output of a training forward is read-only: backward computes the slope from it.
    """

    def forward(self, z, training=False):
        if not (z := as_floats(z, "z")).ndim:
            raise ValueError(f"z must be an array, got the number {z}; for one there is g")
        a = self._g(z)
        if as_flag(training, "training"):
            a.setflags(write=False)
        self._cache = a if training else None
        return a

    def backward(self, da):
        a = self._cached()
        return self._times_slope(as_gradient(da, "da", a.shape), a)

    def _g(self, z):
        return self.g(z)

    def _times_slope(self, da, a):
        return da * self.slope(a)


class Sigmoid(Activation):
    """a = 1 / (1 + e^−z), computed as (1 + tanh(z/2)) / 2, which cannot overflow."""

    range, steepest = (0.0, 1.0), 0.25

    @staticmethod
    def g(z):
        z = as_floats(z, "z")
        return 0.5 + 0.5 * np.tanh(0.5 * z)

    @staticmethod
    def slope(a):
        a = as_floats(a, "a")
        return a * (1 - a)

    _g, _times_slope = staticmethod(_fast.sigmoid), staticmethod(_fast.sigmoid_backward)


class Tanh(Activation):
    """a = tanh(z)."""

    range, steepest = (-1.0, 1.0), 1.0

    @staticmethod
    def g(z):
        z = as_floats(z, "z")
        return np.tanh(z)

    @staticmethod
    def slope(a):
        a = as_floats(a, "a")
        return 1 - a * a


class ReLU(Activation):
    """a = max(z, 0); its derivative at 0 is taken as 0."""

    range, steepest = (0.0, np.inf), 1.0

    @staticmethod
    def g(z):
        z = as_floats(z, "z")
        return np.maximum(z, 0)

    @staticmethod
    def slope(a):
        a = as_floats(a, "a")
        return np.heaviside(a, 0)

    _times_slope = staticmethod(_fast.relu_backward)


ACTIVATIONS = {"relu": ReLU, "sigmoid": Sigmoid, "tanh": Tanh}
