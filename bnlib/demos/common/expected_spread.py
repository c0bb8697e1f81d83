"""How far a unit's outputs spread over the examples of a batch, layer by layer, at initialization.

In a wide network with random weights the z of a unit is close to Gaussian: a part that is the same
for all examples, of variance p over the units, plus a part of variance δ over the examples (Poole
et al., "Exponential expressivity in deep neural networks through transient chaos", 2016, where
q = p + δ). Both follow from layer to layer; no network is needed.
"""

from functools import lru_cache

import numpy as np

from ...activations import ACTIVATIONS

_U = np.linspace(-6, 6, 97)  # a trapezoidal sum: as good as exact for Gaussians, kinks or not
_P = np.exp(-(_U**2) / 2) / np.exp(-(_U**2) / 2).sum()


def after(activation, p, delta):
    """p and δ of a = g(z), where z has ``p`` and ``delta``."""
    a = ACTIVATIONS[activation].g(np.sqrt(p) * _U[:, None] + np.sqrt(delta) * _U)
    mean = a @ _P
    return _P @ mean**2, _P @ ((a - mean[:, None]) ** 2 @ _P)


@lru_cache(maxsize=256)
def expected_spread(normalized, activation, weight_scale, depth, p, delta):
    """√δ of what goes into g and of what is passed on, for each of ``depth`` layers.

    Parameters
    ----------
    normalized : "nothing", "a" or "z"
    activation : "sigmoid", "tanh" or "relu"
    weight_scale : float
        W is drawn from N(0, weight_scale² / n_in), b = 0.
    depth : int
    p, delta : float
        Of the inputs: the mean square of their means and the mean of their variances.

    Returns
    -------
    into, passed : array (depth,)
    """
    spreads = []
    for _ in range(depth):
        p, delta = weight_scale**2 * p, weight_scale**2 * delta
        if normalized == "z":
            p, delta = 0.0, 1.0
        into = delta
        p, delta = after(activation, p, delta)
        if normalized == "a":
            p, delta = 0.0, 1.0
        spreads.append((into, delta))
    into, passed = np.sqrt(spreads).T
    return into, passed
