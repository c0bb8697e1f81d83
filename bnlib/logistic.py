"""Logistic regression by gradient descent, and the curvature that decides its speed.

Everywhere ``x`` is (m, n), ``y`` (m,) holds 0 and 1, and ``theta`` (n + 1,) holds the n weights
followed by the bias: p = σ(x·w + b) and the loss is −mean(y log p + (1 − y) log(1 − p)).
"""

from numbers import Real

import numpy as np

from .activations import Sigmoid
from .standardizer import Standardizer
from .validation import as_array, as_count, as_floats, as_number, as_room, quietly, same_shape


@quietly
def logistic_loss(theta, x, y) -> float:
    """The mean cross-entropy, in nats, at theta (n + 1,)."""
    x, y = _examples(x, y)
    return float(_loss(_theta(theta, x), _with_bias(x), y))


@quietly
def logistic_gradient(theta, x, y):
    """Its gradient (n + 1,): Xᵀ(p − y) / m, where X is x with a column of ones."""
    x, y = _examples(x, y)
    return _gradient(_theta(theta, x), _with_bias(x), y)


@quietly
def logistic_hessian(theta, x, y):
    """Its matrix of second derivatives (n + 1, n + 1): Xᵀ diag(p(1 − p)) X / m."""
    x, y = _examples(x, y)
    design = _with_bias(x)
    p = Sigmoid.g(design @ _theta(theta, x))
    return (design.T * (p * (1 - p))) @ design / len(y)


@quietly
def logistic_optimum(x, y, steps=100):
    """The theta (n + 1,) of least loss, by Newton's method with step halving.

    Raises ValueError where no finite theta is best: the classes can be told apart without error.
    """
    x, y = _examples(x, y)
    if y.min() == y.max():
        raise ValueError("y must hold both classes; the loss has no minimum otherwise")
    # In standardized coordinates Newton's equations are well conditioned.
    scale, theta = Standardizer().fit(x), np.zeros(x.shape[1] + 1)
    z = scale.transform(x)
    for _ in range(as_count(steps, "steps")):
        gradient, hessian = logistic_gradient(theta, z, y), logistic_hessian(theta, z, y)
        step = np.linalg.lstsq(hessian, gradient, rcond=None)[0]
        most, size = logistic_loss(theta, z, y) * (1 + 1e-14), 1.0  # equal up to rounding
        while logistic_loss(theta - size * step, z, y) > most and size > 1e-8:
            size /= 2
        theta = theta - size * step
        if np.abs(gradient).max() < 1e-12:
            break
    else:
        raise ValueError(f"no optimum within {steps} steps: the classes may be separable")
    if np.abs(step).max() > 1e-9 + 1e-4 * np.abs(theta).max():  # flat, and still on its way
        raise ValueError("no finite theta is best: the two classes are separable without error")
    weights = theta[:-1] / scale.std_
    return np.append(weights, theta[-1] - weights @ scale.mean_)


@quietly
def condition_number(hessian) -> float:
    """λmax / λmin of a symmetric matrix (n, n); infinite where it is singular up to
    rounding (λmin is no more than n · 2e-16 of the largest; in float32, n · 1e-7)."""
    hessian = as_array(hessian, "hessian")
    same_shape(hessian, "hessian", (hessian.shape[0],) * 2)
    if np.abs(hessian - hessian.T).max() > 1e-6 * np.abs(hessian).max():
        raise ValueError("hessian must be symmetric")
    values = np.linalg.eigvalsh(hessian)
    rounding = len(values) * np.finfo(hessian.dtype).eps * np.abs(values).max()
    return float(values[-1] / values[0]) if values[0] > rounding else np.inf


@quietly
def gradient_descent(x, y, learning_rate, steps, start):
    """Full-batch gradient descent on the logistic loss.

    Parameters
    ----------
    x : array (m, n), or (k, m, n): k versions of the same examples, descended side by side
    y : array (m,)
    learning_rate : float > 0, or one for each of the k versions
    steps : int
    start : array (n + 1,), or (k, n + 1)

    Returns the path, an array (steps + 1, n + 1), or (k, steps + 1, n + 1): every theta, the start
    included. Where the descent diverges its entries may become infinite.
    """
    x = _one_or_more(x, "x", 2)
    versions = x if x.ndim == 3 else x[None]
    k, m, n = versions.shape
    y = _labels(y, m)
    rates = learning_rate
    if not isinstance(rates, str | Real):
        rates = as_floats(rates, "learning_rate").ravel().tolist()
    rates = rates if isinstance(rates, list) else [rates]
    rates = [[as_number(rate, "learning_rate", low=0, open_low=True)] for rate in rates]
    if len(rates) not in (1, k):
        raise ValueError(f"learning_rate must be 1 number or {k}, got {len(rates)}")
    theta = _one_or_more(start, "start", 1)
    if theta.ndim == 1:
        theta = np.tile(same_shape(theta, "start", (n + 1,)), (k, 1))
    same_shape(theta, "start", (k, n + 1))
    design = _with_bias(versions)
    steps = as_count(steps, "steps", low=0)
    path = np.empty(as_room((k, steps + 1, n + 1), "the path of so many steps"))
    path[:, 0] = theta
    with np.errstate(over="ignore", invalid="ignore"):
        for t in range(1, path.shape[1]):
            theta = theta - rates * _gradient(theta, design, y)
            path[:, t] = theta
    return path if x.ndim == 3 else path[0]


def path_losses(path, x, y):
    """The loss (steps + 1,) at every theta of a path (steps + 1, n + 1)."""
    x, y = _examples(x, y)
    path = same_shape(as_array(path, "path", finite=False), "path", (len(path), x.shape[1] + 1))
    with np.errstate(over="ignore", invalid="ignore"):
        return _loss(path, _with_bias(x), y)


def _loss(theta, design, y):
    z = theta @ design.T  # −log p = log(1 + e^−z) and −log(1 − p) = log(1 + e^z)
    return (np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z)))).mean(axis=-1)


def _gradient(theta, design, y):
    p = Sigmoid.g((design @ theta[..., None])[..., 0])
    return ((p - y)[..., None, :] @ design)[..., 0, :] / y.size


def _with_bias(x):
    return np.concatenate([x, np.ones_like(x[..., :1])], axis=-1)


def _one_or_more(value, name, ndim):
    """An array of ``ndim`` dimensions, or of one more: k versions side by side."""
    more = as_floats(value, name).ndim == ndim + 1
    return as_array(value, name, ndim=ndim + more).astype(float)


def _labels(y, m):
    y = same_shape(as_array(y, "y", ndim=1), "y", (m,))
    if not np.isin(y, (0, 1)).all():
        other = y[~np.isin(y, (0, 1))][0]
        raise ValueError(f"y must hold only 0 and 1, got values such as {other}")
    return y.astype(float)


def _examples(x, y):
    x = as_array(x, "x").astype(float, copy=False)
    return x, _labels(y, len(x))


def _theta(theta, x):
    return same_shape(as_array(theta, "theta", ndim=1), "theta", (x.shape[1] + 1,))
