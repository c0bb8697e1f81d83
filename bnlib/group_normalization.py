"""Normalization within an example: over the channels of a group, or over all of them.

Batch normalization takes mean and variance of one unit over the examples. Here they are taken of
one example over its units (in images: over channels and pixels), so no example depends on another,
and prediction needs no averages.
"""

from typing import NamedTuple

import numpy as np

from .shared_statistics import OverCache, normalize_over, normalize_over_backward
from .validation import as_any_array, as_count, as_per_unit, quietly, same_shape


class GroupNormCache(NamedTuple):
    """What ``group_norm``, ``layer_norm`` and ``rms_norm`` leave for their backward passes."""

    over: OverCache
    gamma: np.ndarray  # (C,)
    shape: tuple  # of z


@quietly
def group_norm(z, groups, gamma, beta, eps=1e-5):
    """y = γ z_norm + β with mean and variance of each example over each group of its channels.

    Parameters
    ----------
    z : array (m, C) or (N, C, H, W)
        Examples with C units, or images with C channels.
    groups : int
        The C channels are cut into so many groups of equal size, one after the other. 1 is layer
        normalization; with C each channel of an image is by itself (instance normalization), and
        each unit of (m, C) its own mean: y = β.
    gamma, beta : array (C,)
        A scale and a shift for each unit or channel, as in batch normalization. (PyTorch's
        LayerNorm([C, H, W]) has one for every number.)
    eps : float ≥ 0

    Returns
    -------
    y : array, the shape and the dtype of z
    cache : GroupNormCache
        For ``group_norm_backward``.

    Raises ValueError where ``groups`` does not divide C, and where σ² + ε is 0 (a group whose
    numbers are equal, with ε = 0).

    Source: Wu and He, "Group normalization" (2018), equations 1, 2 and 7.
    """
    z = _as_examples(z, "z")
    n = z.shape[1]
    groups = as_count(groups, "groups")
    if n % groups:
        raise ValueError(f"groups must divide the {n} units, got {groups}")
    gamma = as_per_unit(gamma, "gamma", n, np.float64)
    beta = as_per_unit(beta, "beta", n, np.float64)
    _, over = normalize_over(z.reshape(len(z), groups, -1), 2, eps)
    y = over.z_norm.reshape(z.shape) * _each(gamma, z) + _each(beta, z)
    return y.astype(z.dtype), GroupNormCache(over, gamma, z.shape)


@quietly
def group_norm_backward(dy, cache):
    """From ∂loss/∂y to ∂loss/∂z, ∂loss/∂γ and ∂loss/∂β.

    dz_norm = γ dy, and from there ``normalize_over_backward``. dy has the shape of z, ``cache`` is
    what ``group_norm`` or ``layer_norm`` left. Returns dz, dγ (C,) and dβ (C,), in the dtype of dy;
    the latter two are sums over all examples (and pixels).
    """
    if not isinstance(cache, GroupNormCache):
        given = type(cache).__name__
        raise TypeError(f"cache must be what group_norm or layer_norm returned, got {given}")
    over, gamma, shape = cache
    dy = same_shape(_as_examples(dy, "dy"), "dy", shape)
    dtype, dy = dy.dtype, dy.astype(np.float64)
    others = (0, *range(2, dy.ndim))
    dbeta = dy.sum(axis=others)
    dgamma = (dy * over.z_norm.reshape(shape)).sum(axis=others)
    dz_norm = (_each(gamma, dy) * dy).reshape(over.z_norm.shape)
    dz = normalize_over_backward(dz_norm, over).reshape(shape)
    return dz.astype(dtype), dgamma.astype(dtype), dbeta.astype(dtype)


def layer_norm(z, gamma, beta, eps=1e-5):
    """y = γ z_norm + β with mean and variance of each example over all its units.

    ``group_norm`` with one group: z is (m, C) or (N, C, H, W), gamma and beta (C,). Returns y and
    the cache for ``layer_norm_backward``.

    Source: Ba, Kiros and Hinton, "Layer normalization" (2016), equation 3.
    """
    return group_norm(z, 1, gamma, beta, eps)


def layer_norm_backward(dy, cache):
    """``group_norm_backward`` of what ``layer_norm`` left: dz, dγ (C,) and dβ (C,)."""
    return group_norm_backward(dy, cache)


@quietly
def rms_norm(z, gamma, eps=1e-5):
    """y = γ z / √(mean(z²) + ε) with the mean over all units of an example: no μ and no β.

    z is (m, C) or (N, C, H, W), gamma (C,). Returns y and the cache for ``rms_norm_backward``.

    Source: Zhang and Sennrich, "Root mean square layer normalization" (2019), equation 4.
    """
    z = _as_examples(z, "z")
    gamma = as_per_unit(gamma, "gamma", z.shape[1], np.float64)
    _, over = normalize_over(z.reshape(len(z), 1, -1), 2, eps, center=False)
    y = over.z_norm.reshape(z.shape) * _each(gamma, z)
    return y.astype(z.dtype), GroupNormCache(over, gamma, z.shape)


def rms_norm_backward(dy, cache):
    """``group_norm_backward`` of what ``rms_norm`` left: dz and dγ (C,)."""
    return group_norm_backward(dy, cache)[:2]


def _as_examples(value, name):
    array = as_any_array(value, name)
    if array.ndim < 2:
        wanted = "(examples, units) or (images, channels, height, width)"
        raise ValueError(f"{name} must be {wanted}; got shape {array.shape}")
    return array


def _each(per_channel, z):
    """(C,) → (C, 1, 1) for images: what multiplies every channel."""
    return per_channel.reshape(-1, *[1] * (z.ndim - 2))
