"""The formula of most exercises, with what their mistakes do to it."""

import numpy as np


def z_norm(z, eps=0.0, axis=0, ddof=0):
    """(z − μ)/√(σ² + ε), averaged over ``axis``, σ² divided by m − ``ddof``."""
    mean, var = z.mean(axis, keepdims=True), z.var(axis, ddof=ddof, keepdims=True)
    return (z - mean) / np.sqrt(var + eps)
