"""Normalization: from the inputs of a network to the units inside it.

The formulas, computed in float64 and rounded once, at the end. Layers compute the same in the dtype
of the network, by ``_fast``.
"""

from typing import NamedTuple

import numpy as np

from .batch_statistics import in_float64
from .validation import as_array, as_number, as_per_unit, quietly, same_shape


@quietly
def normalize(z, mean, var, eps=1e-5):
    """z_norm = (z − μ) / √(σ² + ε), unit by unit.

    Parameters
    ----------
    z : array (m, n)
    mean, var : array (n,)
        Of this batch, or of whatever the units are to be compared with. They count as precisely as
        they are given: where mean is rounded to float32, z_norm is off by up to 6e-8 · |μ| / σ.
    eps : float ≥ 0
        Keeps the quotient defined for a unit that is constant (σ² = 0); in the dtype of z.

    Returns z_norm (m, n), in the dtype of z. Raises ValueError where σ² + ε is not positive: a
    negative variance, or σ² = 0 with ε = 0.
    """
    z = as_array(z, "z")
    return _normalize(z, mean, var, eps).astype(z.dtype)


def _normalize(z, mean, var, eps):
    mean = as_per_unit(mean, "mean", z.shape[1], np.float64)
    var = as_per_unit(var, "var", z.shape[1], np.float64)
    if var.min() < 0:
        raise ValueError(f"var must not be negative, got {var.min():g}")
    return (z - mean) / _std(var, eps, z)


def _std(var, eps, z):
    """√(σ² + ε) with ε in the dtype of z, where it may be too small to be told from 0."""
    with np.errstate(under="ignore"):
        squared = var + float(z.dtype.type(as_number(eps, "eps", low=0.0)))
    if squared.min() <= 0:
        raise ValueError(f"var + eps is 0 for a constant unit; give eps > 0 (in {z.dtype})")
    return np.sqrt(squared)


class BatchNormCache(NamedTuple):
    """What ``batch_norm`` leaves for ``batch_norm_backward``, in float64."""

    z_norm: np.ndarray  # (m, n) (z − μ) / √(σ² + ε)
    scale: np.ndarray  # (n,) γ / √(σ² + ε)
    mean: np.ndarray  # (n,) μ of the batch
    var: np.ndarray  # (n,) σ² of the batch, the biased one


@quietly
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
    y : array (m, n), the dtype of z
    cache : BatchNormCache
        For ``batch_norm_backward``; ``.mean`` and ``.var`` are those of the batch.

    Raises ValueError where σ² + ε is 0 (a unit that is constant over the batch, with ε = 0), and
    where σ² is too large for float64 or, with ε = 0, too small.

    Source: Ioffe and Szegedy (2015), algorithm 1.
    """
    z = as_array(z, "z")
    gamma = as_per_unit(gamma, "gamma", z.shape[1], np.float64)
    beta = as_per_unit(beta, "beta", z.shape[1], np.float64)
    mean, var = in_float64(z)
    std = _std_of_batch(z, var, eps)

    z_norm = (z - mean) / std
    y = gamma * z_norm + beta
    return y.astype(z.dtype), BatchNormCache(z_norm, gamma / std, mean, var)


def _std_of_batch(z, var, eps):
    eps, varies = as_number(eps, "eps", low=0.0), (z != z[0]).any(axis=0)
    if eps == 0 and var.min(where=varies, initial=1) < np.finfo(np.float64).tiny:
        raise ValueError("the variance of z is too small for float64; scale z up, or give eps > 0")
    return _std(var, eps, z)


@quietly
def batch_norm_backward(dy, cache):
    """From ∂loss/∂y to ∂loss/∂z, ∂loss/∂γ and ∂loss/∂β.

    Every example moves the mean and the variance of its batch, so dz of one depends on dy of all;
    what is left of dy has no part along 1 and none along z_norm:

        dβ = Σ dy,   dγ = Σ dy · z_norm,   dz = γ/√(σ² + ε) · (dy − dβ/m − z_norm · dγ/m)

    dy is (m, n), ``cache`` what ``batch_norm`` left. Returns dz (m, n), dγ (n,) and dβ (n,), in the
    dtype of dy; the latter two are sums over the batch.

    Source: Ioffe and Szegedy (2015), section 3, simplified.
    """
    if not isinstance(cache, BatchNormCache):
        raise TypeError(f"cache must be what batch_norm returned, got {type(cache).__name__}")
    z_norm, scale, *_ = cache
    dy = same_shape(as_array(dy, "dy"), "dy", z_norm.shape)
    dtype, dy, m = dy.dtype, dy.astype(np.float64), len(dy)

    dbeta = dy.sum(axis=0)
    dgamma = (dy * z_norm).sum(axis=0)
    dz = scale * (dy - dbeta / m - z_norm * dgamma / m)
    return dz.astype(dtype), dgamma.astype(dtype), dbeta.astype(dtype)


@quietly
def batch_norm_inference(z, mean, var, gamma, beta, eps=1e-5):
    """y = γ (z − μ) / √(σ² + ε) + β with a given mean and variance: each example by itself.

    z is (m, n); mean, var, gamma and beta are (n,); eps ≥ 0. Returns y (m, n), in the dtype of z.
    Raises ValueError where σ² + ε is not positive.

    Source: Ioffe and Szegedy (2015), algorithm 2; their ``var`` is the mean of σ²·m/(m−1) over
    mini-batches of m, while the ``running_var`` of :class:`BatchNorm` averages the biased σ².
    """
    z = as_array(z, "z")
    gamma = as_per_unit(gamma, "gamma", z.shape[1], np.float64)
    beta = as_per_unit(beta, "beta", z.shape[1], np.float64)
    return (gamma * _normalize(z, mean, var, eps) + beta).astype(z.dtype)
