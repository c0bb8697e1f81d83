"""Normalization within an example: over the units of a group, or over all of them.

Batch normalization takes mean and variance of one unit over the examples. Here they are taken of
one example over its units, so no example depends on another, and prediction needs no averages.
"""

from typing import NamedTuple

import numpy as np

from .validation import as_array, as_count, as_number, as_per_unit, same_shape


class GroupNormCache(NamedTuple):
    """What ``group_norm`` and ``layer_norm`` leave for their backward passes, in float64."""

    z_norm: np.ndarray  # (m, groups, n / groups)
    std: np.ndarray  # (m, groups, 1) √(σ² + ε)
    gamma: np.ndarray  # (n,)


def group_norm(z, groups, gamma, beta, eps=1e-5):
    """y = γ z_norm + β with mean and variance of each example over each group of its units.

    Parameters
    ----------
    z : array (m, n)
    groups : int
        The n units are cut into so many groups of equal size, one after the other. 1 is layer
        normalization; with n every unit is its own mean, and y = β.
    gamma, beta : array (n,)
        A scale and a shift for each unit, as in batch normalization.
    eps : float ≥ 0

    Returns
    -------
    y : array (m, n), the dtype of z
    cache : GroupNormCache
        For ``group_norm_backward``.

    Raises ValueError where ``groups`` does not divide n, and where σ² + ε is 0 (a group whose units
    are equal, with ε = 0).

    Source: Wu and He, "Group normalization" (2018), equations 1, 2 and 7.
    """
    z = as_array(z, "z")
    m, n = z.shape
    groups = as_count(groups, "groups")
    if n % groups:
        raise ValueError(f"groups must divide the {n} units, got {groups}")
    gamma = as_per_unit(gamma, "gamma", n, np.float64)
    beta = as_per_unit(beta, "beta", n, np.float64)
    eps = float(z.dtype.type(as_number(eps, "eps", low=0.0)))

    parts = z.reshape(m, groups, n // groups).astype(np.float64)
    centred = parts - parts.mean(axis=2, keepdims=True)
    var = np.mean(centred**2, axis=2, keepdims=True)
    if (var + eps).min() <= 0:
        raise ValueError(f"var + eps is 0 where a group is constant; give eps > 0 (in {z.dtype})")
    std = np.sqrt(var + eps)
    z_norm = centred / std
    y = gamma * z_norm.reshape(m, n) + beta
    return y.astype(z.dtype), GroupNormCache(z_norm, std, gamma)


def group_norm_backward(dy, cache):
    """From ∂loss/∂y to ∂loss/∂z, ∂loss/∂γ and ∂loss/∂β.

    The way back of batch normalization, along the units of a group instead of the examples: with
    dz_norm = γ dy, and means over the group,

        dz = (dz_norm − mean(dz_norm) − z_norm · mean(dz_norm · z_norm)) / √(σ² + ε)

    dy is (m, n), ``cache`` what ``group_norm`` or ``layer_norm`` left. Returns dz (m, n), dγ (n,)
    and dβ (n,), in the dtype of dy; the latter two are sums over the batch.
    """
    if not isinstance(cache, GroupNormCache):
        given = type(cache).__name__
        raise TypeError(f"cache must be what group_norm or layer_norm returned, got {given}")
    z_norm, std, gamma = cache
    m, n = len(z_norm), len(gamma)
    dy = same_shape(as_array(dy, "dy"), "dy", (m, n))
    dtype, dy = dy.dtype, dy.astype(np.float64)

    dbeta = dy.sum(axis=0)
    dgamma = (dy * z_norm.reshape(m, n)).sum(axis=0)
    dz_norm = (gamma * dy).reshape(z_norm.shape)
    along_1 = dz_norm.mean(axis=2, keepdims=True)
    along_z_norm = z_norm * (dz_norm * z_norm).mean(axis=2, keepdims=True)
    dz = ((dz_norm - along_1 - along_z_norm) / std).reshape(m, n)
    return dz.astype(dtype), dgamma.astype(dtype), dbeta.astype(dtype)


def layer_norm(z, gamma, beta, eps=1e-5):
    """y = γ z_norm + β with mean and variance of each example over all its units.

    ``group_norm`` with one group: z is (m, n), gamma and beta (n,). Returns y and the cache for
    ``layer_norm_backward``.

    Source: Ba, Kiros and Hinton, "Layer normalization" (2016), equation 3.
    """
    return group_norm(z, 1, gamma, beta, eps)


def layer_norm_backward(dy, cache):
    """``group_norm_backward`` of what ``layer_norm`` left: dz (m, n), dγ (n,) and dβ (n,)."""
    return group_norm_backward(dy, cache)
