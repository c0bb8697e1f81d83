"""Batch renormalization: in training, too, close to what inference will compute."""

import numpy as np

from . import _fast
from .layers import BatchNorm
from .validation import LARGEST, as_batch, as_count, as_flag, as_gradient, as_number


class BatchRenorm(BatchNorm):
    """Batch renormalization of n units: y = γ (z_norm · r + d) + β, where

        r = √(σ² + ε) / √(running_var + ε),     held within 1/r_max … r_max,
        d = (μ − running_mean) / √(running_var + ε),     held within −d_max … d_max,

    with μ and σ² of the mini-batch and the running averages of the steps before it. Where neither
    bound is met, z_norm · r + d is z normalized by the running averages: training computes what
    inference will. The gradient goes through μ and σ² as in batch normalization; r and d count as
    constants.

    Parameters
    ----------
    n : int
        Number of units.
    r_max : float ≥ 1
    d_max : float ≥ 0
        The bounds; both may be changed between two steps. 1 and 0 are batch normalization. The
        paper starts there and lets them grow to 3 and 5 while it trains.
    options
        eps, decay, bias_correction and dtype, as ``BatchNorm`` takes them.

    ``params``: gamma (n,), beta (n,). Before the first batch there is nothing to compare with, and
    r = 1, d = 0. In inference it is ``BatchNorm``.

    Source: Ioffe, "Batch renormalization" (2017), section 3, which averages σ; here it is σ².
    """

    def __init__(self, n, r_max=3.0, d_max=5.0, **options):
        super().__init__(n, **options)
        self.r_max, self.d_max = r_max, d_max
        self._fresh = True  # no averages yet

    @property
    def r_max(self):
        return self._r_max

    @r_max.setter
    def r_max(self, value):
        self._r_max = as_number(value, "r_max", low=1.0, high=LARGEST)

    @property
    def d_max(self):
        return self._d_max

    @d_max.setter
    def d_max(self, value):
        self._d_max = as_number(value, "d_max", low=0.0, high=LARGEST)

    def set_statistics(self, mean, var):
        super().set_statistics(mean, var)
        self._fresh = False

    def _renormalized(self, z):
        """y (m, n), r (n,), d (n,), and the cache of batch normalization."""
        gamma, beta = self.params["gamma"], self.params["beta"]
        y, cache = _fast.batch_norm(z, gamma, beta, self._eps)
        if self._fresh:
            return y, np.ones_like(gamma), np.zeros_like(gamma), cache
        (batch_mean, batch_var), (mean, var) = cache.moments, self._running.value
        std = np.sqrt(var + self._eps)
        r = np.clip(np.sqrt(batch_var + self._eps) / std, 1 / self._r_max, self._r_max)
        d = np.clip((batch_mean - mean) / std, -self._d_max, self._d_max)
        return cache.centred * (cache.scale * r) + (gamma * d + beta), r, d, cache

    def forward(self, z, training=False):
        if not as_flag(training, "training"):
            return super().forward(z)
        y, r, d, cache = self._renormalized(as_batch(z, "z", self.n_in))
        self._cache = r, d, cache._replace(scale=cache.scale * r)
        self._running._update(cache.moments)
        self._fresh = False
        return y

    def batch_forward(self, z, parts_of=None):
        """y with μ and σ² of z (m, n), or of each part of it, renormalized as in training; nothing
        changes."""
        z = as_batch(z, "z", self.n_in)
        size = len(z) if parts_of is None else as_count(parts_of, "parts_of")
        parts = (z[start : start + size] for start in range(0, len(z), size))
        return np.concatenate([self._renormalized(part)[0] for part in parts])

    def backward(self, dy):
        r, d, cache = self._cached()
        dy = as_gradient(dy, "dy", cache.centred.shape)
        dz, dgamma, dbeta = _fast.batch_norm_backward(dy, cache)
        self.grads["gamma"][...] = dgamma * r + d * dbeta
        self.grads["beta"][...] = dbeta
        return self._no_gradients(dz) if self.frozen else dz

    def __repr__(self):
        bounds = f", r_max={self.r_max:g}, d_max={self.d_max:g}, eps"
        return super().__repr__().replace("BatchNorm", "BatchRenorm").replace(", eps", bounds)
