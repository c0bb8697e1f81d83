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
    # One column per example: NumPy reduces a short first axis much faster than a short last one.
    m = len(y)
    p = logits.T.copy()
    p -= np.maximum.reduce(p, axis=0)
    true_class = y * m + np.arange(m)  # where column i holds class y[i]
    log_p = p.take(true_class)
    np.exp(p, out=p)
    total = np.add.reduce(p, axis=0)
    log_p -= np.log(total)
    p /= total
    p.reshape(-1)[true_class] -= 1
    p *= logits.dtype.type(1 / m)
    return -float(np.add.reduce(log_p)) / m, p.T
