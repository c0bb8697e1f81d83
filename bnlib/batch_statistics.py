"""Mean and variance over a mini-batch: what every normalization starts from."""

import numpy as np

from .validation import as_array


def moments(z):
    """Mean and variance of every unit over the batch.

    Of z (m, n), m examples (rows) of n units (columns), it returns μ = Σz / m (n,) and
    σ² = Σ(z − μ)² / m (n,), the *biased* variance: it divides by m, not by m − 1. It takes two
    passes, so that it stays right where |μ| is much larger than σ.

    Both have the dtype of z, in which a large mean is rounded: a float32 mean is known to
    6e-8 · |μ|. (Where that matters, take ``moments(z.astype("float64"))``.)

    Raises ValueError where σ² is too large for the dtype of z.
    """
    z = as_array(z, "z")
    mean, var = in_float64(z)
    if var.max() > np.finfo(z.dtype).max:
        raise ValueError(f"the variance of z is too large for {z.dtype}; scale z down")
    return mean.astype(z.dtype), var.astype(z.dtype)


def in_float64(z, name="z"):
    """μ and σ² of z, a checked array, before they are rounded to its dtype."""
    z = z.astype(np.float64, copy=False)
    with np.errstate(over="ignore", invalid="ignore"):
        mean = z.mean(axis=0)
        mean += (z - mean).mean(axis=0)  # what rounding left: of a constant unit all, so σ² is 0
        var = ((z - mean) ** 2).mean(axis=0)
    if not np.isfinite(var).all():
        raise ValueError(f"the variance of {name} is too large for float64; scale {name} down")
    return mean, var
