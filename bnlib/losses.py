"""The loss of a classifier, and its gradient."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from .validation import as_array, as_labels


def softmax_cross_entropy(logits, y):
    """Mean cross-entropy −log p_y of the softmax p of the logits, and its gradient.

    Parameters
    ----------
    logits : array (m, k)
        One row per example, one column per class; any size: the softmax is taken of
        logits − max, which changes nothing but the danger of overflow.
    y : array (m,) of integers
        The true class of every example, 0 … k − 1.

    Returns
    -------
    loss : float
        In nats; log k for a guess that favours no class.
    dlogits : array (m, k)
        ∂loss/∂logits = (p − onehot(y)) / m.
    """
    logits = as_array(logits, "logits")
    y = as_labels(y, "y", *logits.shape)
    return _softmax_cross_entropy(logits, y)


def _softmax_cross_entropy(logits, y):
    # One column per example: NumPy reduces a short first axis much faster than a short last one.
    m, k = logits.shape
    onehot = _identity(k, logits.dtype).take(y, axis=1)
    z = logits.T.copy()
    z -= np.maximum.reduce(z, axis=0)
    z_of_true_class = float(np.vdot(onehot, z))  # summed over the batch
    p = np.exp(z, out=z)
    total = np.add.reduce(p, axis=0)
    loss = (float(np.add.reduce(np.log(total))) - z_of_true_class) / m
    p /= total
    p -= onehot
    p *= logits.dtype.type(1 / m)
    return loss, p.T


@lru_cache(maxsize=32)
def _identity(k, dtype):
    return np.eye(k, dtype=dtype)
