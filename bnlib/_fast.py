"""What the training loop computes with: the formulas next door, in fewer passes over the memory.

Each function gives what its visible formula gives (tests/unit/test_fast.py compares them, in
float32 and float64) and examines nothing. What is not finite comes out as NaN: a variance that
overflows makes its unit NaN, so that the loss tells of it.
"""

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from .browser import IN_BROWSER

# An array of one entry: NumPy multiplies by it faster than by a float.
HALF = {np.dtype(name): np.array(0.5, name) for name in ("float32", "float64")}


class Cache(NamedTuple):
    """What ``batch_norm`` leaves for ``batch_norm_backward`` and for the running averages."""

    centred: np.ndarray  # (m, n) z − μ
    moments: np.ndarray  # (2, n) μ and σ² of the batch
    inv_std: np.ndarray  # (n,) 1 / √(σ² + ε)
    scale: np.ndarray  # (n,) γ / √(σ² + ε)


def batch_norm(z, gamma, beta, eps):
    """``normalization.batch_norm``: y (m, n) and a Cache."""
    mean_over = sum_over(len(z), z.dtype, 1 / len(z))
    # Two passes, on z relative to one of its values: float32 keeps its digits where |μ| is much
    # larger than σ, and a constant unit has σ² = 0 exactly.
    near = _anchor(z)
    centred = z - near
    shift = mean_over(centred)
    centred -= shift
    y = centred * centred
    moments = np.empty((2, len(near)), z.dtype)
    np.add(near, shift, out=moments[0])
    inv_std = _inverse_root(mean_over(y, moments[1]) + eps)
    scale = gamma * inv_std
    np.multiply(centred, scale, out=y)  # in the room that the squares had
    y += beta
    return y, Cache(centred, moments, inv_std, scale)


def batch_norm_of_parts(z, size, gamma, beta, eps):
    """``batch_norm`` of each part of ``size`` rows of z (m, n): they lie side by side in the Cache,
    as if they were further units."""
    parts = len(z) // size
    gamma, beta = np.tile(gamma, parts), np.tile(beta, parts)
    y, cache = batch_norm(abreast(z, size), gamma, beta, eps)
    return one_below_another(y, parts), cache


def abreast(z, size):
    """(m, n) → (size, parts · n): parts of ``size`` rows side by side."""
    return z.reshape(-1, size, z.shape[1]).swapaxes(0, 1).reshape(size, -1)


def one_below_another(y, parts):
    """(size, parts · n) → (m, n): what ``abreast`` did, undone."""
    return y.reshape(len(y), parts, -1).swapaxes(0, 1).reshape(len(y) * parts, -1)


def batch_norm_backward(dy, cache):
    """``normalization.batch_norm_backward``: dz (m, n), dgamma (n,) and dbeta (n,)."""
    centred, _, inv_std, scale = cache
    m, total = np.array(len(dy), dy.dtype), sum_over(len(dy), dy.dtype)
    dbeta = total(dy)
    dz = dy * centred
    dgamma = total(dz) * inv_std
    np.multiply(centred, dgamma * inv_std / m, out=dz)
    dz += dbeta / m
    np.subtract(dy, dz, out=dz)
    dz *= scale
    return dz, dgamma, dbeta


def product_without_blas(a, b, out=None):
    """a b, where NumPy has no BLAS: its own loop adds up one number of the product after the other,
    and every sum waits for the one before. Along a row, as einsum goes, none waits: 0.6 of the time
    for 60 × 100 by 100 × 100, 0.4 where W is 784 × 100. The axis of the row is a long one."""
    (m, k), n = a.shape, b.shape[1]
    if m * k * n < 20_000:  # einsum takes longer to begin
        return np.matmul(a, b, out=out)
    if k >= 32 and a.flags.c_contiguous and b.flags.f_contiguous:
        return np.einsum("ij,kj->ik", a, b.T, out=out, casting="same_kind")
    if n >= 32:
        return np.einsum("ij,jk->ik", a, np.ascontiguousarray(b), out=out, casting="same_kind")
    b = np.ascontiguousarray(b.T)
    if a.flags.c_contiguous:
        return np.einsum("ij,kj->ik", a, b, out=out, casting="same_kind")
    out = None if out is None else out.T
    return np.einsum("kj,ji->ki", b, a.T, out=out, casting="same_kind").T


if IN_BROWSER:
    product = product_into = product_without_blas
else:
    product, product_into = np.dot, np.matmul  # np.matmul takes longer to begin, but casts


def times_transposed(dz, W):
    """dz Wᵀ. Where W is small beside the batch, turning it round first takes a fifth less."""
    return product(dz, W.T.copy() if W.size < 256 * len(dz) else W.T)


def batch_norm_inference(z, mean, var, gamma, beta, eps):
    """``normalization.batch_norm_inference``"""
    return (z - mean) * (gamma * _inverse_root(var + eps)) + beta


def softmax_cross_entropy(logits, y):
    """``losses.softmax_cross_entropy``; logits that differ by more than a float holds give NaN."""
    # One column per example: NumPy reduces a short first axis much faster than a short last one.
    m, k = logits.shape
    onehot = _identity(k, logits.dtype).take(y, axis=1)
    z = logits.T.copy()
    z -= np.maximum.reduce(z, axis=0)
    z_of_true_class = float(np.vdot(onehot, z))  # summed over the batch
    p = np.exp(z, out=z)
    total = sum_over(k, p.dtype)(p)
    loss = (float(np.add.reduce(np.log(total))) - z_of_true_class) / m
    p /= total
    p -= onehot
    p *= logits.dtype.type(1 / m)
    return loss, p.T


def sigmoid(z):
    """``Sigmoid.g``"""
    half = HALF[z.dtype]
    a = z * half
    np.tanh(a, out=a)
    a *= half
    a += half
    return a


def sigmoid_backward(da, a):
    """da · ``Sigmoid.slope(a)``"""
    slope = a * a
    np.subtract(a, slope, out=slope)
    slope *= da
    return slope


def relu_backward(da, a):
    """da · ``ReLU.slope(a)``"""
    return da * (a > 0)


def _anchor(z):
    """A value (n,) near each unit's mean: the larger of two minima of two, so that one example far
    from the others does not decide."""
    if len(z) < 4:
        return z[0]
    return np.maximum(np.minimum(z[0], z[1]), np.minimum(z[2], z[3]))


def _inverse_root(v):
    """1 / √v; NaN, not 0, where v is infinite."""
    root = np.sqrt(v)
    root /= v
    return root


def all_finite(x):
    """Whether an array holds no NaN and no infinity."""
    return math.isfinite(np.vdot(x, x)) or bool(np.isfinite(x).all())


@lru_cache(maxsize=64)
def sum_over(m, dtype, weight=1):
    """A function that sums weight · x (m, n) over its m rows, into an array if one is given.

    As a product with (1/m, …, 1/m) a mean takes a quarter of the time of ``x.mean(axis=0)`` on a
    mini-batch; on a long one float32 needs a float64 sum.
    """
    if m <= 1024 or dtype == np.float64:
        return np.full(m, weight, dtype).dot

    def in_float64(x, out=None):
        total = weight * np.add.reduce(x, axis=0, dtype=np.float64)
        return np.add(total, 0, out=out, dtype=dtype, casting="same_kind")

    return in_float64


@lru_cache(maxsize=32)
def _identity(k, dtype):
    return np.eye(k, dtype=dtype)
