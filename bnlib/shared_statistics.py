"""Normalization over any axes: one formula, and the question who shares μ and σ.

Batch, layer, instance and group normalization differ in nothing but that answer.
"""

from typing import NamedTuple

import numpy as np

from .validation import as_any_array, as_axes, as_flag, as_number, quietly, same_shape


class OverCache(NamedTuple):
    """What ``normalize_over`` leaves for its backward pass, in float64."""

    z_norm: np.ndarray  # the shape of z
    std: np.ndarray  # √(σ² + ε), of length 1 along the axes
    axes: tuple
    center: bool


@quietly
def normalize_over(z, axes, eps=1e-5, center=True):
    """z_norm = (z − μ) / √(σ² + ε), where numbers that differ only along ``axes`` share μ and σ².

    ===================  ============  ==================================
    normalization        of (m, n)     of images (N, C, H, W)
    ===================  ============  ==================================
    batch                0             (0, 2, 3)
    layer                1             (1, 2, 3)
    instance                           (2, 3)
    group                              (2, 3, 4) of (N, G, C / G, H, W)
    ===================  ============  ==================================

    Parameters
    ----------
    z : array of any shape
    axes : int or tuple of int
    eps : float ≥ 0
    center : bool
        False: no mean is subtracted, and σ² is the mean of z² (RMS normalization).

    Returns
    -------
    z_norm : array, the shape and the dtype of z
    cache : OverCache
        For ``normalize_over_backward``.

    Raises ValueError for axes that z does not have, where σ² + ε is 0 (equal numbers, with ε = 0),
    and where σ² is too large for float64.
    """
    z = as_any_array(z, "z")
    axes, center = as_axes(axes, "axes", z.ndim), as_flag(center, "center")
    eps = float(z.dtype.type(as_number(eps, "eps", low=0.0)))
    centred = z.astype(np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(2 if center else 0):  # twice: what rounding left of equal numbers is 0 then
            centred -= centred.mean(axis=axes, keepdims=True)
        var = np.mean(centred**2, axis=axes, keepdims=True)
    if not np.isfinite(var).all():
        raise ValueError("the variance of z is too large for float64; scale z down")
    if (var + eps).min() <= 0:
        raise ValueError(f"var + eps is 0 for equal numbers; give eps > 0 (in {z.dtype})")
    std = np.sqrt(var + eps)
    z_norm = centred / std
    return z_norm.astype(z.dtype), OverCache(z_norm, std, axes, center)


@quietly
def normalize_over_backward(dz_norm, cache):
    """From ∂loss/∂z_norm to ∂loss/∂z, with means over the axes of ``normalize_over``:

        dz = (dz_norm − mean(dz_norm) − z_norm · mean(dz_norm · z_norm)) / √(σ² + ε)

    Where no mean was subtracted (``center=False``) the second term is not there. ``dz_norm`` has
    the shape of z; dz has the dtype of dz_norm.
    """
    if not isinstance(cache, OverCache):
        raise TypeError(f"cache must be what normalize_over returned, got {type(cache).__name__}")
    z_norm, std, axes, center = cache
    dz_norm = same_shape(as_any_array(dz_norm, "dz_norm"), "dz_norm", z_norm.shape)
    dtype, dz_norm = dz_norm.dtype, dz_norm.astype(np.float64)
    dz = dz_norm - z_norm * (dz_norm * z_norm).mean(axis=axes, keepdims=True)
    if center:
        dz -= dz_norm.mean(axis=axes, keepdims=True)
    return (dz / std).astype(dtype)
