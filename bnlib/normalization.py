"""Normalization: from the inputs of a network to the units inside it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .batch_statistics import _centre, _mean_over, _sum_over
from .validation import as_array, as_number, as_per_unit, same_shape


def normalize(z, mean, var, eps=1e-5):
    """z_norm = (z − μ) / √(σ² + ε), unit by unit.

    Parameters
    ----------
    z : array (m, n)
    mean, var : array (n,)
        Of this batch, or of whatever the units are to be compared with.
    eps : float ≥ 0
        Keeps the quotient defined for a unit that is constant (σ² = 0).

    Returns
    -------
    z_norm : array (m, n), the dtype of z

    Raises
    ------
    ValueError
        Where σ² + ε is not positive: a negative variance, or σ² = 0 with ε = 0.
    """
    z = as_array(z, "z")
    eps = as_number(eps, "eps", low=0.0)
    mean = as_per_unit(mean, "mean", z.shape[1], z.dtype)
    var = as_per_unit(var, "var", z.shape[1], z.dtype)
    if var.min() < 0:
        raise ValueError(f"var must not be negative, got {var.min():g}")
    scale = var + z.dtype.type(eps)
    if scale.min() <= 0:
        raise ValueError("var + eps is 0 for a constant unit; give eps > 0")
    return (z - mean) / np.sqrt(scale)


class BatchNormCache(NamedTuple):
    """What ``batch_norm`` leaves for ``batch_norm_backward`` and for the running averages."""

    centred: np.ndarray  # (m, n) z − μ
    moments: np.ndarray  # (2, n) μ and σ² of the batch
    inv_std: np.ndarray  # (n,) 1 / √(σ² + ε)
    scale: np.ndarray  # (n,) γ / √(σ² + ε)

    @property
    def mean(self):
        """(n,) μ of the batch"""
        return self.moments[0]

    @property
    def var(self):
        """(n,) σ² of the batch, the biased one"""
        return self.moments[1]

    @property
    def z_norm(self):
        """(m, n) (z − μ) / √(σ² + ε)"""
        return self.centred * self.inv_std


def batch_norm(z, gamma, beta, eps=1e-5):
    """y = γ z_norm + β with the mean and variance of this batch.

    Parameters
    ----------
    z : array (m, n)
        A mini-batch. With m = 1 every unit is its own mean: y = β.
    gamma, beta : array (n,)
        The scale and the shift that the network learns.
    eps : float ≥ 0

    Returns
    -------
    y : array (m, n)
    cache : BatchNormCache
        For ``batch_norm_backward``; ``.mean`` and ``.var`` are those of the batch.

    Raises
    ------
    ValueError
        Where σ² + ε is 0: a unit that is constant over the batch, with ε = 0.

    Source: Ioffe and Szegedy (2015), algorithm 1.
    """
    z = as_array(z, "z")
    gamma = as_per_unit(gamma, "gamma", z.shape[1], z.dtype)
    beta = as_per_unit(beta, "beta", z.shape[1], z.dtype)
    eps = as_number(eps, "eps", low=0.0)
    with np.errstate(all="ignore"):
        y, cache = _batch_norm(z, gamma, beta, z.dtype.type(eps))
    if eps == 0 and cache.var.min() == 0:
        raise ValueError("var + eps is 0 for a constant unit; give eps > 0")
    return y, cache


def _batch_norm(z, gamma, beta, eps):
    centred, moments, y = _centre(z, _mean_over(len(z), z.dtype))
    inv_std = np.reciprocal(np.sqrt(moments[1] + eps))
    scale = gamma * inv_std
    np.multiply(centred, scale, out=y)
    y += beta
    return y, BatchNormCache(centred, moments, inv_std, scale)


def batch_norm_backward(dy, cache):
    """From ∂loss/∂y to ∂loss/∂z, ∂loss/∂γ and ∂loss/∂β.

    Every example moves the mean and the variance of its batch, so dz of one depends on dy of all;
    what is left of dy has no part along 1 and none along z_norm:

        dβ = Σ dy,   dγ = Σ dy · z_norm,   dz = γ/√(σ² + ε) · (dy − dβ/m − z_norm · dγ/m)

    Parameters
    ----------
    dy : array (m, n)
    cache : BatchNormCache
        From ``batch_norm``.

    Returns
    -------
    dz : array (m, n)
    dgamma, dbeta : array (n,), sums over the batch

    Source: Ioffe and Szegedy (2015), section 3, simplified.
    """
    if not isinstance(cache, BatchNormCache):
        raise TypeError(f"cache must be what batch_norm returned, got {type(cache).__name__}")
    dy = same_shape(as_array(dy, "dy"), "dy", cache.centred.shape)
    return _batch_norm_backward(dy, cache)


def _batch_norm_backward(dy, cache):
    # The formula above, with centred · inv_std for z_norm.
    centred, _, inv_std, scale = cache
    m, sum_over = np.array(len(dy), dy.dtype), _sum_over(len(dy), dy.dtype)
    dbeta = sum_over(dy)
    dz = dy * centred
    dgamma = sum_over(dz) * inv_std
    np.multiply(centred, dgamma * inv_std / m, out=dz)
    dz += dbeta / m
    np.subtract(dy, dz, out=dz)
    dz *= scale
    return dz, dgamma, dbeta


def batch_norm_inference(z, mean, var, gamma, beta, eps=1e-5):
    """y = γ (z − μ) / √(σ² + ε) + β with a given mean and variance: each example by itself.

    Parameters
    ----------
    z : array (m, n)
    mean, var, gamma, beta : array (n,)
    eps : float ≥ 0

    Returns
    -------
    y : array (m, n)

    Raises
    ------
    ValueError
        Where σ² + ε is not positive.

    Source: Ioffe and Szegedy (2015), algorithm 2.
    """
    z_norm = normalize(z, mean, var, eps)
    gamma = as_per_unit(gamma, "gamma", z_norm.shape[1], z_norm.dtype)
    beta = as_per_unit(beta, "beta", z_norm.shape[1], z_norm.dtype)
    return gamma * z_norm + beta


def _batch_norm_inference(z, mean, var, gamma, beta, eps):
    return (z - mean) * (gamma / np.sqrt(var + eps)) + beta
