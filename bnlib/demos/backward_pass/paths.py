"""What comes back to z on each of its three paths to the loss, and what to measure it by."""

import numpy as np

from ...layers import BatchNorm


def by_path(dy, z, gamma=1.0, eps=1e-5):
    """The contributions to dz of one unit: directly, through μ and through σ².

    With y = γ z_norm + β and s = √(σ² + ε) they are γ/s times dy, −Σdy/m and −z_norm Σ(dy z_norm)/m
    (Ioffe and Szegedy, 2015, section 3; the terms of σ² and μ written out).

    dy and z are (m,); returns a dict of three arrays (m,), whose sum is dz.
    """
    centred = z - z.mean()
    std = np.sqrt(z.var() + eps)
    dz_norm = gamma * dy
    dvar = -0.5 * np.sum(dz_norm * centred) / std**3
    dmean = -np.sum(dz_norm) / std  # what σ² has of μ is Σ(z − μ) = 0
    return {
        "directly": dz_norm / std,
        "through μ": np.full(len(z), dmean / len(z)),
        "through σ²": dvar * 2 * centred / len(z),
    }


def by_differences(dy, z, gamma=1.0, eps=1e-5, h=1e-5):
    """dz (m,) of the loss Σ dy y, by central differences of the forward pass alone.

    ``h`` is how far an example is moved, in units of √(σ² + ε).
    """
    h = h * np.sqrt(z.var() + eps)
    moved = z + h * np.array([1.0, -1.0])[:, None, None] * np.eye(len(z))  # (2, m, m): a row each
    mean, var = moved.mean(axis=2, keepdims=True), moved.var(axis=2, keepdims=True)
    above, below = (gamma * (moved - mean) / np.sqrt(var + eps)) @ dy
    return (above - below) / (2 * h)


class WithoutAPath(BatchNorm):
    """BatchNorm whose backward pass may take μ or σ² for constants; forward nothing changes.

    ``mean`` and ``var`` say which of the two paths are followed. Ioffe and Szegedy (2015, section
    2) tell what becomes of a parameter before a layer that ignores them.
    """

    def __init__(self, n, mean=True, var=True, train_beta=True, **options):
        super().__init__(n, **options)
        self.mean, self.var, self.train_beta = mean, var, train_beta

    def backward(self, dy):
        cache = self._cached()
        super().backward(dy)  # dγ and dβ stay what they are
        dbeta, dgamma = (self.grads[name] / len(dy) for name in ("beta", "gamma"))
        dz = dy - dbeta if self.mean else dy
        if self.var:
            dz = dz - cache.centred * (cache.inv_std * dgamma)
        if not self.train_beta:
            self.grads["beta"][:] = 0
        return dz * cache.scale
