"""The loss of a classifier, and its gradient."""

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
    m, k = logits.shape
    z = logits.astype(np.float64)
    with np.errstate(over="ignore"):  # a difference beyond all floats is −∞, and its p is 0
        z -= z.max(axis=1, keepdims=True)

    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    loss = -log_p[np.arange(m), y].mean()
    dlogits = (np.exp(log_p) - np.eye(k)[y]) / m
    return float(loss), dlogits.astype(logits.dtype)
