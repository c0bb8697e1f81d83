"""Random mini-batches of one unit's z over the digits, and one example among its companions."""

from functools import cache, lru_cache

import numpy as np

from ...datasets import standardized_digits
from ...network import mlp
from ...optimizers import SGD
from ...training import fit
from .batch_laws import BatchLaws

BATCHES = 300
SIZES = (2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256)
EPS = 1e-5
# (layer, unit) of a trained network whose z over the digits is close to Gaussian, and is not.
UNITS = {"nearly Gaussian": (3, 39), "skewed, heavy tails": (0, 27)}
POPULATIONS = {"all 1347 digits": 1347, "256 digits": 256}


@cache
def hidden_units():
    """z (1347,) of the two units over the training digits, in float64."""
    data = standardized_digits()
    network = mlp([64, 50, 50, 10], batch_norm=True, dtype="float64", seed=0)
    fit(network, data, SGD(0.3), steps=200, batch_size=60, seed=0)
    z = network.activations(data.x_train)
    return {name: z[layer][:, unit].copy() for name, (layer, unit) in UNITS.items()}


@lru_cache(maxsize=8)
def standardized_unit(unit, size):
    """The unit's z over the first ``size`` digits, with mean 0 and variance 1; in rising order."""
    z = np.sort(hidden_units()[unit][:size])
    return (z - z.mean()) / z.std()


@lru_cache(maxsize=4)
def drawings(size, replacement, seed):
    """Rows of indices into ``size`` examples; the first m of a row are a random batch of m.

    (BATCHES, 256). Without replacement a row is the beginning of a random order (Fisher and
    Yates), so that a batch grows by new examples when m does.
    """
    rng, most = np.random.default_rng(seed), SIZES[-1]
    if replacement:
        return rng.integers(0, size, (BATCHES, most))
    order = np.tile(np.arange(size, dtype=np.int32), (BATCHES, 1))
    swaps, rows = rng.integers(np.arange(most), size, (BATCHES, most)), np.arange(BATCHES)
    for k, swap in enumerate(swaps.T):
        order[rows, k], order[rows, swap] = order[rows, swap], order[rows, k]
    return order[:, :most]


def batch_moments(values):
    """Mean and biased variance (SIZES, rows) of the first m columns of values, for every m."""
    m = np.array(SIZES)
    mean, square = (np.cumsum(v, axis=1)[:, m - 1].T / m[:, None] for v in (values, values**2))
    return mean, np.maximum(square - mean**2, 0)


def one_example(unit, example, batch_size, population, drawn, redraw):
    """One example in BATCHES random batches of every size; a dict of the numbers on show."""
    size, replacement = POPULATIONS[population], drawn == "with replacement"
    z = standardized_unit(unit, size)
    chosen = round(example / 100 * (size - 1))
    rows = drawings(size, replacement, redraw)
    mean, var = batch_moments(z[rows])

    companions = rows[:, :-1]
    if not replacement:  # the example is in its batch once: the row's last one stands in for it
        companions = np.where(companions == chosen, rows[:, -1:], companions)
    own = np.full((BATCHES, 1), z[chosen])
    its_mean, its_var = batch_moments(np.hstack([own, z[companions]]))
    z_norm = (z[chosen] - its_mean) / np.sqrt(its_var + EPS)

    laws, m, k = BatchLaws.of(z, replacement), np.array(SIZES), SIZES.index(batch_size)
    low, centre, high = laws.band(z[chosen], m[1:])
    return {
        "sizes": m, "skewness": laws.skewness, "kurtosis": laws.kurtosis,
        "z": float(z[chosen]), "all_z_norm": z_norm, "z_norm": z_norm[k],
        "mean": mean[k], "var": var[k],
        "measured": {"mean_std": mean.std(axis=1), "var_mean": var.mean(axis=1),
                     "var_std": var.std(axis=1)},
        "law": {"mean_std": laws.mean_std(m), "var_mean": laws.var_mean(m),
                "var_std": laws.var_std(m)},
        "band": {"low": low, "centre": centre, "high": high},
    }  # fmt: skip
