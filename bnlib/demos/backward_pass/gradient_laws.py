"""How the gradient grows on its way back through a wide network with random weights.

With u standard normal, a layer a = g(γ z_norm + β), z = aW hands the squared gradient back times

    γ² E[g′(γu)²] / Var(g(γu)),

for large batches (β = 0). That is at least 1 for every g, by the Gaussian Poincaré inequality
Var(g(γu)) ≤ γ² E[g′(γu)²], and 1 for straight lines only; for ReLU it is π/(π − 1). In batches of m
it is (m − 2)/(m − 3) times as much where the examples of a batch are alike in length and at right
angles: of the m − 1 dimensions that the mean leaves, one goes with z_norm, and E[1/σ²] is that of a
chi-squared variable of m − 1. For a straight line that is exact, for other g an approximation.

Yang, Pennington, Rao, Sohl-Dickstein and Schoenholz, "A mean field theory of batch normalization"
(2019), treat it in full: that the gradient grows whatever g is, and the law for small batches.
"""

from functools import lru_cache

import numpy as np

from ...activations import ACTIVATIONS, Activation

_U = np.linspace(-8, 8, 1600)  # no point at 0, where the slope of ReLU jumps
_P = np.exp(-(_U**2) / 2) / np.exp(-(_U**2) / 2).sum()
_FEW, _WEIGHTS = _U[8::16], _P[8::16] / _P[8::16].sum()


class Straight(Activation):
    """a = z: no activation at all."""

    range, steepest = (-np.inf, np.inf), 1.0

    @staticmethod
    def g(z):
        return z + 0.0

    @staticmethod
    def slope(a):
        return np.ones_like(a)


FUNCTIONS = ACTIVATIONS | {"none": Straight}


def over_normal(activation, spread):
    """E[g′²], E[g] and Var(g) for z normal with mean 0 and this standard deviation."""
    kind = FUNCTIONS[activation]
    a = kind.g(spread * _U)
    mean = a @ _P
    return kind.slope(a) ** 2 @ _P, mean, (a - mean) ** 2 @ _P


def growth(activation, gamma=1.0):
    """The factor of the squared gradient per layer with batch normalization, for large batches."""
    slope, _, var = over_normal(activation, gamma)
    return gamma**2 * slope / var


def of_batches(m):
    """What batches of m > 3 multiply it by; infinite for 3, where E[1/σ²] is."""
    return (m - 2) / (m - 3) if m > 3 else np.inf


@lru_cache(maxsize=256)
def expected(normalized, activation, weight_scale, gamma, depth, m, p, delta, eps=1e-5):
    """What every layer passes on forward and gets back, in a wide network with random weights.

    Parameters
    ----------
    normalized : "nothing", "z" or "a"
    activation : one of FUNCTIONS
    weight_scale, gamma : float
        W is drawn from N(0, weight_scale² / n_in); b = β = 0.
    depth, m : int
    p, delta : float
        Of the inputs: the mean square of their means and the mean of their variances.

    Returns
    -------
    passed : array (depth,), the standard deviation over the examples of what is passed on
    gradient : array (depth,), the root mean square of the gradient by z, that of the last is 1
    """
    passed, factors = [], []
    for _ in range(depth):
        var, q = weight_scale**2 * delta, weight_scale**2 * (p + delta)
        if normalized == "z":
            slope, _, delta = over_normal(activation, gamma)
            p, factor = 0.0, gamma**2 * slope * weight_scale**2 / (var + eps)
        else:
            slope, mean, total = over_normal(activation, np.sqrt(q))
            factor = slope * weight_scale**2
            p, delta = _split(activation, q, var, mean, total)
            if normalized == "a":
                factor *= gamma**2 / (delta + eps)
                p, delta = 0.0, gamma**2 * delta / (delta + eps)
        if normalized != "nothing":
            factor *= of_batches(m)
        passed.append(np.sqrt(delta))
        factors.append(np.sqrt(factor))
    # A factor with its layer's slope, σ and the weights above it: from the last to the first.
    return np.array(passed), _back(factors)


def _split(activation, q, var, mean, total):
    """p and δ of a = g(z) where z has the variance q over units and examples, ``var`` of it over
    the examples."""
    if q == 0 or var == q:
        return mean**2, total
    a = FUNCTIONS[activation].g(np.sqrt(q - var) * _FEW[:, None] + np.sqrt(var) * _FEW)
    means = a @ _WEIGHTS
    return _WEIGHTS @ means**2, _WEIGHTS @ ((a - means[:, None]) ** 2 @ _WEIGHTS)


def _back(factors):
    """The product of the factors of all layers from each one to the last but one."""
    return np.append(np.cumprod(factors[-2::-1])[::-1], 1.0)
