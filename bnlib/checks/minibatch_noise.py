"""The exercises of notebook 04."""

from __future__ import annotations

import math

import numpy as np

from .verdict import as_numbers, close, exercise, expect


@exercise
def mean_noise(answer):
    """``mean_noise(z, m)`` returns std(μ_B) per unit for batches drawn without replacement."""
    rng = np.random.default_rng(1)
    z = rng.gamma(2.0, [1.0, 3.0, 0.2], (40, 3))
    m, size, std = 5, len(z), z.std(axis=0)
    got = as_numbers(answer(z.copy(), m), "std(μ_B)")
    expect(got.shape != (), f"One number, {got}, for all units. Each has its own σ: use axis=0.")
    expect(got.shape == (3,), f"There are 3 units; your answer has shape {got.shape}.")
    left = np.sqrt((size - m) / (size - 1))
    expect(not close(got, std), "That is σ, the spread of the examples. A mean of m spreads less.")
    expect(
        not (close(got, std / m) or close(got, std / m * left)),
        "You divide by m. Variances add up to mσ², divided by m² that is σ²/m: take the root.",
    )
    expect(
        not (close(got, std**2 / m) or close(got, (std * left) ** 2 / m)),
        "That is the variance of μ_B. Its standard deviation is asked for: take the root.",
    )
    expect(
        not close(got, std / np.sqrt(m)),
        "Right for batches drawn with replacement. Without, the last batch must leave no noise: "
        "what is the factor for N = 40 and m = 40?",
    )
    expect(
        not close(got, std / np.sqrt(m) * left**2),
        "The factor (N − m)/(N − 1) belongs to the variance. Take its root, too.",
    )
    expect(
        not close(got, std / np.sqrt(m) * np.sqrt(1 - m / size)),
        "Nearly: you use 1 − m/N, which goes with a σ² that divides by N − 1. With NumPy's σ² it "
        "is (N − m)/(N − 1).",
    )
    expect(
        close(got, std / np.sqrt(m) * left),
        f"For the check's 40 examples and m = 5 it is {(std / np.sqrt(m) * left).round(4)}; "
        f"yours is {got.round(4)}.",
    )
    all_of_them = as_numbers(answer(z.copy(), size), "the answer for m = N", (3,))
    expect(np.abs(all_of_them).max() < 1e-12, "Right for m = 5; for m = N it must be 0.")
    batches = np.array([rng.permutation(z)[:m].mean(axis=0) for _ in range(4000)])
    measured = batches.std(axis=0)
    return f"4000 batches of 5 measure {measured.round(3)}; you predict {got.round(3)}."


@exercise
def smallest_batch(answer):
    """``smallest_batch(z_norm, noise)``: the least m whose noise on an example is at most that."""
    cases = [(0.0, 0.3), (2.0, 0.3), (1.0, 0.21), (-3.0, 0.17), (2.0, 0.07)]
    for z_norm, noise in cases:
        got = float(as_numbers(answer(z_norm, noise), "the batch size", ()))
        exact = (1 + z_norm**2 / 2) / noise**2
        where = f"At {z_norm:g} standard deviations and noise {noise:g} "
        expect(
            z_norm == 0 or got != math.ceil(1 / noise**2),
            f"{where}you leave out the noise of σ_B, which grows with z_norm.",
        )
        expect(
            z_norm == 0 or got != math.ceil((1 + z_norm**2) / noise**2),
            f"{where}the part of σ_B is too large: σ_B spreads by σ/√(2m), μ_B by σ/√m.",
        )
        expect(
            got != math.ceil(math.sqrt(exact)),
            f"{where}you give √m: the noise falls with the root of m, so square.",
        )
        expect(
            z_norm >= 0 or got != math.ceil((1 + z_norm / 2) / noise**2),
            f"{where}the sign must not matter: z_norm enters squared.",
        )
        expect(
            not 0 < exact - got < 1,
            f"{where}a batch of {got:g} is still too noisy: round up.",
        )
        expect(got == round(got), f"A batch size is a whole number, got {got:g}.")
        expect(
            got == math.ceil(exact),
            f"{where}the smallest batch is {math.ceil(exact)}; yours is {got:g}.",
        )
    return "Four times less noise costs sixteen times the batch."


@exercise
def ghost_normalize(answer):
    """``ghost_normalize(z, size, eps)``: consecutive parts of ``size`` rows, each by itself."""
    rng = np.random.default_rng(3)
    size, eps = 4, 1e-3
    z = rng.normal([0.0, 5.0, -2.0], [1.0, 0.1, 3.0], (12, 3))
    z += np.repeat([0.0, 2.0, -1.0], size)[:, None]
    kept = z.copy()
    got = as_numbers(answer(z, size, eps), "z_norm", z.shape)
    expect(
        np.array_equal(z, kept), "The array you were given has changed: compute a new one instead."
    )

    def norm(part, axis=0):
        mean, var = part.mean(axis=axis, keepdims=True), part.var(axis=axis, keepdims=True)
        return (part - mean) / np.sqrt(var + eps)

    def parts(how):
        wanted = np.empty_like(z)
        for rows in how:
            wanted[rows] = norm(z[rows])
        return wanted

    consecutive = parts(slice(k, k + size) for k in range(0, len(z), size))
    expect(
        not close(got, norm(z)),
        "The whole batch is normalized together: cut it into parts of `size` rows first.",
    )
    expect(
        not close(got, parts(slice(k, None, len(z) // size) for k in range(len(z) // size))),
        "The parts are right in size, but they take every third row. Take consecutive rows.",
    )
    expect(
        not close(got, parts(slice(k, k + 3) for k in range(0, len(z), 3))),
        "You make `size` parts. Make parts of `size` rows.",
    )
    expect(
        not close(got, np.concatenate([norm(z[k : k + size], None) for k in range(0, 12, size)])),
        "All units share one mean and one variance. Each unit needs its own: axis=0 of a part.",
    )
    means = np.array([got[k : k + size].mean(axis=0) for k in range(0, len(z), size)])
    expect(
        np.abs(means).max() < 1e-9,
        f"The parts' means reach {np.abs(means).max():.2g}, wanted is 0 in every part and unit.",
    )
    expect(close(got, consecutive), "The parts' means are right, their standard deviations not.")
    again = as_numbers(answer(z[:6], 2, eps), "z_norm of another batch", (6, 3))
    wanted = np.concatenate([norm(z[k : k + 2]) for k in (0, 2, 4)])
    expect(close(again, wanted), "Right for parts of 4 rows, not for parts of 2.")
    return "Each part has its own mean and variance: the noise of 4 in a batch of 12."
