"""Exponentially weighted averages: how batch normalization remembers the batches it has seen."""

from copy import copy

import numpy as np

from .validation import as_flag, as_floats, as_is, as_number, quietly


class ExponentialMovingAverage:
    """v_t = decay · v_{t−1} + (1 − decay) · x_t, starting from v_0 = start (0).

    It averages over about 1 / (1 − decay) values. Because v_0 = 0, the first averages are too
    small. *Bias correction* takes out what is left of the start and divides by the weights given
    out so far, (v_t − decay^t v_0) / (1 − decay^t): an average of x_1 … x_t alone.

    Parameters
    ----------
    decay : float in [0, 1)
        Fraction of the old average that is kept: 0.9 is nine tenths old, one tenth new. It stays
        what it is: the correction counts on it.
    bias_correction : bool
        Whether ``value`` is corrected or v_t itself.
    start : float or array
        What ``value`` is before the first update. Where it is an array, every x has its shape.

    Attributes
    ----------
    steps : int
        How many values it has seen (t).
    value : float or array
        The average; ``start`` before the first value. An array is a copy, the caller's to change.

    Source: Kingma and Ba, "Adam" (2015), section 3, for the correction.
    """

    def __init__(self, decay, bias_correction=True, start=0.0):
        self._decay = as_number(decay, "decay", low=0.0, high=1.0, open_high=True)
        self.bias_correction = as_flag(bias_correction, "bias_correction")
        self.steps = 0
        start = as_floats(start, "start")
        if not np.isfinite(start).all():
            raise ValueError("start must be finite, got NaN or infinite entries")
        self._start = start.copy() if start.ndim else float(start)
        self._average = self._start * 0.0 if bias_correction else self._start
        self._new = np.array(1 - self._decay, start.dtype)

    @property
    def decay(self):
        return self._decay

    @quietly
    def update(self, x):
        """Take in the next value x (a number, or an array whose shape stays the same).

        Returns the new ``value``. Raises ValueError for NaN, infinities or another shape.
        """
        x = as_is(x, "x")
        if x.dtype.kind not in "biuf":
            raise TypeError(f"x must be a number or an array of numbers, got dtype {x.dtype}")
        shape = np.shape(self._average)
        if (self.steps or shape) and x.shape != shape:
            as_what = "before" if self.steps else "start"
            raise ValueError(f"x must have shape {shape}, as {as_what}; got {x.shape}")
        x = x if x.dtype.char in "fd" else x.astype(np.float64)
        if not np.isfinite(x).all():
            raise ValueError("x must be finite, got NaN or infinite entries")
        self._update(x)
        return self.value

    def _update(self, x):
        change = x - self._average
        change *= self._new
        self._average = self._average + change
        self.steps += 1

    @property
    def value(self):
        if self.steps == 0:
            return copy(self._start)
        if not self.bias_correction:
            return copy(self._average)
        return self._average / (1 - self.decay**self.steps)

    def __repr__(self):
        correction = "" if self.bias_correction else ", bias_correction=False"
        return f"ExponentialMovingAverage(decay={self.decay:g}{correction}), {self.steps} steps"
