"""The exercises of notebook 02."""

from __future__ import annotations

import numpy as np

from .verdict import as_numbers, as_pair, close, exercise, expect


@exercise
def normalize_layer(answer):
    """``normalize_layer(a, W, eps)`` returns z_norm of z = aW, unit by unit over the batch."""
    rng = np.random.default_rng(1)
    a, eps = rng.random((30, 4)), 1e-3
    weights = rng.normal(0, [1.0, 0.05, 8.0, 1.0, 0.5, 2.0], (4, 6))
    weights[:, 3] = 0.0  # a unit that is constant
    kept = a.copy(), weights.copy()
    with np.errstate(all="ignore"):
        got = answer(a, weights, eps)
    same = np.array_equal(a, kept[0]) and np.array_equal(weights, kept[1])
    expect(same, "The arrays you were given have changed: compute new ones instead.")
    expect(
        not (isinstance(got, np.ndarray) and got.dtype.kind == "f" and np.isnan(got).any()),
        "There is NaN in a unit that is constant over the batch: 0/0. Where does ε belong?",
    )
    got = as_numbers(got, "z_norm", (30, 6))

    z = a @ weights
    mean, var = z.mean(axis=0), z.var(axis=0)
    expect(
        not close(got, (z - z.mean()) / np.sqrt(z.var() + eps)),
        "All units share one mean and one variance. Each unit needs its own: axis=0.",
    )
    rows = z.mean(axis=1, keepdims=True), z.var(axis=1, keepdims=True)
    expect(
        not close(got, (z - rows[0]) / np.sqrt(rows[1] + eps)),
        "You average over the units of each example (axis=1). Average over the batch: axis=0.",
    )
    expect(not close(got, z - mean), "The mean is right. Now divide by √(σ² + ε).")
    expect(not close(got, (z - mean) / (var + eps)), "You divide by σ² + ε: the root is missing.")
    expect(
        not close(got, (z - mean) / (np.sqrt(var) + eps)),
        "You divide by σ + ε. ε stands under the root, beside the variance: √(σ² + ε).",
    )
    expect(
        not close(got, (z - mean) / np.sqrt(z.var(axis=0, ddof=1) + eps)),
        "You divide by m − 1. The variance of batch normalization divides by m.",
    )
    expect(
        not close(got, (z - mean) / np.sqrt(var + 1e-5)),
        "You use an ε of 1e-5, whatever is given. Take the argument.",
    )
    expect(
        np.abs(got.mean(axis=0)).max() < 1e-9,
        f"The units have means {got.mean(axis=0).round(3)}, wanted is 0 for each.",
    )
    expect(
        close(got, (z - mean) / np.sqrt(var + eps)),
        f"The units have standard deviations {got.std(axis=0).round(3)}, wanted are "
        f"{np.sqrt(var / (var + eps)).round(3)}: σ/√(σ² + ε).",
    )
    return "Six units, one of them constant, each with its own μ and σ."


@exercise
def farthest(answer):
    """``farthest(m)`` returns a batch z (m,) of one unit whose first z_norm is √(m − 1)."""
    for m in (2, 3, 10, 200):
        z = as_numbers(answer(m), f"the batch for m = {m}", (m,))
        std = z.std()
        expect(std > 0, f"m = {m}: all values are equal, so σ = 0 and every z_norm is 0.")
        first, bound = (z[0] - z.mean()) / std, np.sqrt(m - 1)
        expect(
            first > -bound + 1e-9,
            f"m = {m}: the first example is at −√(m − 1), the other end. Turn it round.",
        )
        expect(
            first > bound - 1e-6,
            f"m = {m}: the first z_norm is {first:.6g}, and √(m − 1) = {bound:.6g}. "
            "In the proof, when is (Σ of the others)² as large as it can be?",
        )
    return "The others stand on one point: then how far away the first one is does not matter."


@exercise
def merge(answer):
    """``merge(m1, mean1, var1, m2, mean2, var2)`` returns mean and variance of both together."""

    def both(centre, spread, sizes=(12, 5)):
        rng = np.random.default_rng(3)
        first = rng.normal(centre, spread, (sizes[0], 3))
        second = rng.normal(centre + np.array([2.0, -1.0, 0.5]), 2 * spread, (sizes[1], 3))
        parts = [(len(z), z.mean(axis=0), z.var(axis=0)) for z in (first, second)]
        mean, var = as_pair(answer(*parts[0], *parts[1]), "the mean and the variance")
        return (
            parts,
            np.concatenate([first, second]),
            as_numbers(mean, "the mean", (3,)),
            as_numbers(var, "the variance", (3,)),
        )

    parts, z, mean, var = both(0.0, 1.0)
    (m1, mean1, var1), (m2, mean2, var2) = parts
    expect(
        not close(mean, (mean1 + mean2) / 2),
        "The mean counts both halves alike, but one has 12 examples and the other 5.",
    )
    expect(close(mean, z.mean(axis=0)), f"The mean is {mean.round(3)}, wanted is "
           f"{z.mean(axis=0).round(3)}.")  # fmt: skip
    between = m1 * m2 / (m1 + m2) ** 2 * (mean1 - mean2) ** 2
    expect(
        not close(var, (m1 * var1 + m2 * var2) / (m1 + m2)),
        "You average the variances. That leaves out how far apart the two means are.",
    )
    expect(
        not close(var, (var1 + var2) / 2) and not close(var, (var1 + var2) / 2 + between),
        "The mean is right. The variance counts both halves alike: weigh them with 12 and 5.",
    )
    expect(
        close(var, z.var(axis=0)),
        f"The mean is right. The variance is {var.round(3)}, wanted is {z.var(axis=0).round(3)}.",
    )
    _, z, mean, var = both(1e8, 1.0)
    expect(
        close(var, z.var(axis=0), 1e-4),
        "Right on paper, but wrong in floats where the mean is 10⁸ and σ is 1: "
        f"{var.round(2)} instead of {z.var(axis=0).round(2)}. Take the difference of the means "
        "before you square.",
    )
    return "Exact for parts of any sizes, and it keeps its digits far from zero."
