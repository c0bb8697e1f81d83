"""The exercises of notebook 02."""

import numpy as np

from .formula import z_norm
from .table import Part, Several, When, exercise

rng = np.random.default_rng(1)
A, W = rng.random((30, 4)), rng.normal(0, [1.0, 0.05, 8.0, 1.0, 0.5, 2.0], (4, 6))
W[:, 3] = 0.0  # a unit that is constant


@exercise(
    cases=[(A, W, 1e-3)], praise="Six units, one of them constant, each with its own μ and σ."
)
def normalize_layer(a, W, eps):
    """``normalize_layer(a, W, eps)`` returns z_norm of z = aW, unit by unit over the batch."""
    z = a @ W
    var, centred, wanted = z.var(axis=0), z - z.mean(axis=0), z_norm(z, eps)
    alike, by_less = z_norm(z, eps, axis=None), z_norm(z, eps, ddof=1)
    by_var, by_std = centred / (var + eps), centred / (np.sqrt(var) + eps)
    nan = When(z_norm(z), lambda got: got.shape == z.shape and np.isnan(got).any())
    moved = When(z / np.sqrt(var + eps), lambda got: np.abs(got.mean(axis=0)).max() >= 1e-9)
    return Part("z_norm", wanted) | {
        "There is NaN in a unit that is constant over the batch: 0/0. Where does ε belong?": nan,
        "All units share one mean and one variance. Each unit needs its own: axis=0.": alike,
        "You average over the units of each example (axis=1). Average over the batch: axis=0.": (
            z_norm(z, eps, axis=1)
        ),
        "The mean is right. Now divide by √(σ² + ε).": centred,
        "You divide by σ² + ε: the root is missing.": by_var,
        "You divide by σ + ε. ε stands under the root, beside the variance: √(σ² + ε).": by_std,
        "You divide by m − 1. The variance of batch normalization divides by m.": by_less,
        "You use an ε of 1e-5, whatever is given. Take the argument.": z_norm(z, 1e-5),
        "The units have means {mean:3}, wanted is 0 for each.": moved,
        "The units have standard deviations {std:3}, wanted are {wanted_std:3}: σ/√(σ² + ε).": (
            When(2 * wanted, lambda got: {"wanted_std": wanted.std(axis=0)})
        ),
    }


@exercise(
    cases=[(2,), (3,), (10,), (200,)],
    praise="The others stand on one point: then how far away the first one is does not matter.",
)
def farthest(m):
    """``farthest(m)`` returns a batch z (m,) of one unit whose first z_norm is √(m − 1)."""
    bound, name = np.sqrt(m - 1), f"the batch for m = {m}"

    def first(z):
        return (z[0] - z.mean()) / z.std()

    alike = When(np.ones(m), lambda got: got.std() == 0)
    turned = When(-np.eye(m)[0], lambda got: first(got) <= -bound + 1e-9)
    less = When(np.arange(m)[::-1] ** 2, lambda got: {"first": first(got)})
    return Part(name, np.eye(m)[0], right=lambda got: first(got) > bound - 1e-6) | {
        f"m = {m}: all values are equal, so σ = 0 and every z_norm is 0.": alike,
        f"m = {m}: the first example is at −√(m − 1), the other end. Turn it round.": turned,
        f"m = {m}: the first z_norm is {{first:.6g}}, and √(m − 1) = {bound:.6g}. "
        "In the proof, when is (Σ of the others)² as large as it can be?": less,
    }


def _halves(centre):
    """m, μ and σ² of 12 examples and of 5."""
    rng = np.random.default_rng(3)
    halves = (
        rng.normal(centre, 1.0, (12, 3)),
        rng.normal(centre + np.array([2, -1, 0.5]), 2, (5, 3)),
    )
    return tuple(f for z in halves for f in (len(z), z.mean(axis=0), z.var(axis=0)))


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
    m, middle, alike = m1 + m2, (mean1 + mean2) / 2, (var1 + var2) / 2
    within, between = (m1 * var1 + m2 * var2) / m, m1 * m2 / m**2 * (mean1 - mean2) ** 2
    mean = Part("the mean", (m1 * mean1 + m2 * mean2) / m) | {
        "The mean counts both halves alike, but one has 12 examples and the other 5.": middle,
    }
    var = Part("the variance", within + between, tolerance=1e-4) | {
        "You average the variances. That leaves out how far apart the two means are.": within,
        "The mean is right. The variance counts both halves alike: weigh them with 12 and 5.": (
            [alike, alike + between]
        ),
        "The mean is right. The variance is {got:3}, wanted is {wanted:3}.": ...,
    }
    return Several("the mean and the variance", (mean, var))
