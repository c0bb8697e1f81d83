"""The loss of a classifier, and its gradient."""

import numpy as np

from .validation import as_array, as_labels, quietly


@quietly
def softmax_cross_entropy(logits, y):
    """Mean cross-entropy −log p_y of the softmax p of the logits, and its gradient.

    ``logits`` (m, k), a row an example and a column a class, may be of any size: the softmax is
    taken of logits − max, which changes nothing but the danger of overflow. y (m,) holds the true
    class of every example, 0 … k − 1.

    Returns the loss, a float in nats (log k for a guess that favours no class), and
    ∂loss/∂logits = (p − onehot(y)) / m, an array (m, k).
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
