"""The exercises of notebook 02."""

from __future__ import annotations

import numpy as np

from .table import Part, Several, When, exercise


def _layer():
    rng = np.random.default_rng(1)
    a = rng.random((30, 4))
    weights = rng.normal(0, [1.0, 0.05, 8.0, 1.0, 0.5, 2.0], (4, 6))
    weights[:, 3] = 0.0  # a unit that is constant
    return a, weights, 1e-3


@exercise(cases=[_layer()], praise="Six units, one of them constant, each with its own μ and σ.")
def normalize_layer(a, W, eps):
    """``normalize_layer(a, W, eps)`` returns z_norm of z = aW, unit by unit over the batch."""
    z = a @ W
    centred, var = z - z.mean(axis=0), z.var(axis=0)
    rows = z.mean(axis=1, keepdims=True), z.var(axis=1, keepdims=True)
    wanted = centred / np.sqrt(var + eps)
    mistakes = {
        "There is NaN in a unit that is constant over the batch: 0/0. Where does ε belong?": When(
            centred / np.sqrt(var),
            lambda got: got.shape == wanted.shape and np.isnan(got).any(),
        ),
        "All units share one mean and one variance. Each unit needs its own: axis=0.": (
            (z - z.mean()) / np.sqrt(z.var() + eps)
        ),
        "You average over the units of each example (axis=1). Average over the batch: axis=0.": (
            (z - rows[0]) / np.sqrt(rows[1] + eps)
        ),
        "The mean is right. Now divide by √(σ² + ε).": centred,
        "You divide by σ² + ε: the root is missing.": centred / (var + eps),
        "You divide by σ + ε. ε stands under the root, beside the variance: √(σ² + ε).": (
            centred / (np.sqrt(var) + eps)
        ),
        "You divide by m − 1. The variance of batch normalization divides by m.": (
            centred / np.sqrt(z.var(axis=0, ddof=1) + eps)
        ),
        "You use an ε of 1e-5, whatever is given. Take the argument.": (
            centred / np.sqrt(var + 1e-5)
        ),
        "The units have means {mean:3}, wanted is 0 for each.": (
            When(z / np.sqrt(var + eps), lambda got: np.abs(got.mean(axis=0)).max() >= 1e-9)
        ),
        "The units have standard deviations {std:3}, wanted are {wanted_std:3}: σ/√(σ² + ε).": (
            When(2 * wanted, lambda got: {"wanted_std": np.sqrt(var / (var + eps))})
        ),
    }
    return Part("z_norm", wanted, mistakes)


@exercise(
    cases=[(2,), (3,), (10,), (200,)],
    praise="The others stand on one point: then how far away the first one is does not matter.",
)
def farthest(m):
    """``farthest(m)`` returns a batch z (m,) of one unit whose first z_norm is √(m − 1)."""
    bound = np.sqrt(m - 1)

    def first(z):
        return (z[0] - z.mean()) / z.std()

    mistakes = {
        f"m = {m}: all values are equal, so σ = 0 and every z_norm is 0.": (
            When(np.ones(m), lambda got: got.std() == 0)
        ),
        f"m = {m}: the first example is at −√(m − 1), the other end. Turn it round.": (
            When(-np.eye(m)[0], lambda got: first(got) <= -bound + 1e-9)
        ),
        f"m = {m}: the first z_norm is {{first:.6g}}, and √(m − 1) = {bound:.6g}. "
        "In the proof, when is (Σ of the others)² as large as it can be?": (
            When(np.arange(m)[::-1] ** 2, lambda got: {"first": first(got)})
        ),
    }
    name = f"the batch for m = {m}"
    return Part(name, np.eye(m)[0], mistakes, right=lambda got: first(got) > bound - 1e-6)


def _halves(centre):
    """m, μ and σ² of 12 examples and of 5."""
    rng = np.random.default_rng(3)
    first = rng.normal(centre, 1.0, (12, 3))
    second = rng.normal(centre + np.array([2.0, -1.0, 0.5]), 2.0, (5, 3))
    return tuple(f for z in (first, second) for f in (len(z), z.mean(axis=0), z.var(axis=0)))


@exercise(
    cases=[_halves(0.0)],
    also={
        "Right on paper, but wrong in floats where the mean is 10⁸ and σ is 1: {got[1]:2} instead "
        "of {wanted[1]:2}. Take the difference of the means before you square.": _halves(1e8),
    },
    praise="Exact for parts of any sizes, and it keeps its digits far from zero.",
)
def merge(m1, mean1, var1, m2, mean2, var2):
    """``merge(m1, mean1, var1, m2, mean2, var2)`` returns mean and variance of both together."""
    m = m1 + m2
    within, between = (m1 * var1 + m2 * var2) / m, m1 * m2 / m**2 * (mean1 - mean2) ** 2
    alike = (mean1 + mean2) / 2, (var1 + var2) / 2
    mistakes = {
        "The mean counts both halves alike, but one has 12 examples and the other 5.": alike[0],
    }
    mean = Part("the mean", (m1 * mean1 + m2 * mean2) / m, mistakes)
    mistakes = {
        "You average the variances. That leaves out how far apart the two means are.": within,
        "The mean is right. The variance counts both halves alike: weigh them with 12 and 5.": (
            [alike[1], alike[1] + between]
        ),
        "The mean is right. The variance is {got:3}, wanted is {wanted:3}.": ...,
    }
    var = Part("the variance", within + between, mistakes, tolerance=1e-4)
    return Several("the mean and the variance", mean, var)
