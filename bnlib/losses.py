"""The loss of a classifier, and its gradient."""

from __future__ import annotations

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
    m = len(y)
    examples = np.arange(m)
    shifted = logits - logits.max(axis=1, keepdims=True)
    p = np.exp(shifted)
    total = p.sum(axis=1, keepdims=True)
    loss = float(np.mean(np.log(total[:, 0]) - shifted[examples, y]))
    p /= total
    p[examples, y] -= 1
    p /= m
    return loss, p
