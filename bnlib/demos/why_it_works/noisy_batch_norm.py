"""Batch normalization that is disturbed on purpose: in every step another mean and spread."""

import numpy as np

from ...layers import BatchNorm
from ...network import Network
from ...validation import as_number

JITTER = 0.1  # from example to example


class NoisyBatchNorm(BatchNorm):
    """Batch normalization of n units, then y ← s·y + r with noise that is new in every step.

    In training each unit draws a shift from the uniform distribution over −mean … mean and a
    factor from that over 1 … 1 + spread. For each example r is that shift ± ``JITTER`` (uniform)
    and s that factor ± ``JITTER`` (normal, its standard deviation). In inference s and r have their
    expected values, 1 + spread / 2 and 0.

    Parameters
    ----------
    n : int
        Number of units.
    mean, spread : float ≥ 0
        The sizes of the noise, in units of what BN gives at γ = 1. 0 and 0: no noise, no jitter.
    seed : int, sequence of int or numpy.random.Generator
        Of the noise. ``options``: eps, decay, bias_correction and dtype, as ``BatchNorm`` takes.

    Source: Santurkar, Tsipras, Ilyas and Madry (2018), section 2.1.
    """

    def __init__(self, n, mean=0.5, spread=0.25, seed=0, **options):
        super().__init__(n, **options)
        self.mean = as_number(mean, "mean", low=0.0)
        self.spread = as_number(spread, "spread", low=0.0)
        self._rng = np.random.default_rng(seed)
        self._factor = None

    def _noise(self, m):
        """The factor s and the shift r, each (m, n)."""
        if not (self.mean or self.spread):
            return np.ones((1, self.n_in)), np.zeros((1, self.n_in))
        each, draw = (m, self.n_in), self._rng
        factor = draw.uniform(1, 1 + self.spread, self.n_in) + JITTER * draw.standard_normal(each)
        shift = draw.uniform(-self.mean, self.mean, self.n_in) + draw.uniform(-JITTER, JITTER, each)
        return factor, shift

    def _disturbed(self, y):
        factor, shift = (noise.astype(y.dtype, copy=False) for noise in self._noise(len(y)))
        return factor * y + shift, factor

    def forward(self, z, training=False):
        y = super().forward(z, training)
        if not training:
            return y * y.dtype.type(1 + self.spread / 2)
        y, self._factor = self._disturbed(y)
        return y

    def batch_forward(self, z, parts_of=None):
        """What training would see, with noise drawn for this call."""
        return self._disturbed(super().batch_forward(z, parts_of))[0]

    def backward(self, dy):
        self._cached()
        return super().backward(dy * self._factor)

    def __repr__(self):
        return f"Noisy{super().__repr__()[:-1]}, mean={self.mean:g}, spread={self.spread:g})"


def with_noise(network, mean, spread, seed):
    """``network`` with a NoisyBatchNorm in the place of every BatchNorm: the same start."""
    layers = [
        NoisyBatchNorm(layer.n_out, mean, spread, [seed, k], dtype=network.dtype.name)
        if isinstance(layer, BatchNorm)
        else layer
        for k, layer in enumerate(network.layers)
    ]
    return Network(layers)
