"""The exercises of notebook 04."""

from __future__ import annotations

import numpy as np

from .table import Part, When, exercise


def _units():
    """z (40, 3), and the generator that goes on."""
    rng = np.random.default_rng(1)
    return rng.gamma(2.0, [1.0, 3.0, 0.2], (40, 3)), rng


def _measured(got, z, m):
    z, rng = _units()
    batches = np.array([rng.permutation(z)[:m].mean(axis=0) for _ in range(4000)])
    measured = batches.std(axis=0)
    return f"4000 batches of 5 measure {measured.round(3)}; you predict {got.round(3)}."


@exercise(
    cases=[(_units()[0], 5)],
    also={"Right for m = 5; for m = N it must be 0.": (_units()[0], 40)},
    praise=_measured,
)
def mean_noise(z, m):
    """``mean_noise(z, m)`` returns std(μ_B) per unit for batches drawn without replacement."""
    size, std, replaced = len(z), z.std(axis=0), z.std(axis=0) / np.sqrt(m)
    left = np.sqrt((size - m) / (size - 1))
    mistakes = {
        "One number, {got}, for all units. Each has its own σ: use axis=0.": (
            When(z.std() / np.sqrt(m), lambda got: got.ndim == 0)
        ),
        "There are 3 units; your answer has shape {got.shape}.": (
            When(z.std(axis=1) / np.sqrt(m), lambda got: got.shape != (3,))
        ),
        "That is σ, the spread of the examples. A mean of m spreads less.": std,
        "You divide by m. Variances add up to mσ², divided by m² that is σ²/m: take the root.": (
            [std / m, std / m * left]
        ),
        "That is the variance of μ_B. Its standard deviation is asked for: take the root.": (
            [replaced**2, (replaced * left) ** 2]
        ),
        "Right for batches drawn with replacement. Without, the last batch must leave no noise: "
        "what is the factor for N = 40 and m = 40?": replaced,
        "The factor (N − m)/(N − 1) belongs to the variance. Take its root, too.": (
            replaced * left**2
        ),
        "Nearly: you use 1 − m/N, which goes with a σ² that divides by N − 1. With NumPy's σ² it "
        "is (N − m)/(N − 1).": replaced * np.sqrt(1 - m / size),
        "For the check's 40 examples and m = 5 it is {wanted:4}; yours is {got:4}.": ...,
    }
    return Part("std(μ_B)", replaced * left, mistakes)


@exercise(
    cases=[(0.0, 0.3), (2.0, 0.3), (1.0, 0.21), (-3.0, 0.17), (2.0, 0.07)],
    praise="Four times less noise costs sixteen times the batch.",
)
def smallest_batch(z_norm, noise):
    """``smallest_batch(z_norm, noise)``: the least m whose noise on an example is at most that."""
    exact = (1 + z_norm**2 / 2) / noise**2
    root, signed = np.ceil(exact**0.5), (1 + z_norm / 2) / noise**2 if z_norm < 0 else exact
    where = f"At {z_norm:g} standard deviations and noise {noise:g} "
    mistakes = {
        f"{where}you leave out the noise of σ_B, which grows with z_norm.": np.ceil(1 / noise**2),
        f"{where}the part of σ_B is too large: σ_B spreads by σ/√(2m), μ_B by σ/√m.": (
            np.ceil((1 + z_norm**2) / noise**2)
        ),
        f"{where}you give √m: the noise falls with the root of m, so square.": root,
        f"{where}the sign must not matter: z_norm enters squared.": np.ceil(signed),
        f"{where}a batch of {{got:g}} is still too noisy: round up.": (
            When(np.floor(exact), lambda got: 0 < exact - got < 1)
        ),
        "A batch size is a whole number, got {got:g}.": (
            When(exact + 0.01, lambda got: got != np.round(got))
        ),
        f"{where}the smallest batch is {{wanted:.0f}}; yours is {{got:g}}.": ...,
    }
    return Part("the batch size", np.ceil(exact), mistakes, tolerance=0)


def _noisy():
    z = np.random.default_rng(3).normal([0.0, 5.0, -2.0], [1.0, 0.1, 3.0], (12, 3))
    return z + np.repeat([0.0, 2.0, -1.0], 4)[:, None]


def _normalized(z, parts, eps, axis=0):
    out = np.empty_like(z)
    for rows in parts:
        out[rows] = (z[rows] - z[rows].mean(axis=axis)) / np.sqrt(z[rows].var(axis=axis) + eps)
    return out


def _rows(m, size):
    """Consecutive parts."""
    return [slice(k, k + size) for k in range(0, m, size)]


@exercise(
    cases=[(_noisy(), 4, 1e-3)],
    also={"Right for parts of 4 rows, not for parts of 2.": (_noisy()[:6], 2, 1e-3)},
    changed="The array you were given has changed: compute a new one instead.",
    praise="Each part has its own mean and variance: the noise of 4 in a batch of 12.",
)
def ghost_normalize(z, size, eps):
    """``ghost_normalize(z, size, eps)``: consecutive parts of ``size`` rows, each by itself."""
    m, parts = len(z), _rows(len(z), size)

    def farthest(got):
        return np.abs([got[rows].mean(axis=0) for rows in parts]).max()

    mistakes = {
        "The whole batch is normalized together: cut it into parts of `size` rows first.": (
            _normalized(z, [slice(None)], eps)
        ),
        "The parts are right in size, but they take every third row. Take consecutive rows.": (
            _normalized(z, [slice(k, None, m // size) for k in range(m // size)], eps)
        ),
        "You make `size` parts. Make parts of `size` rows.": (
            _normalized(z, _rows(m, m // size), eps)
        ),
        "All units share one mean and one variance. Each unit needs its own: axis=0 of a part.": (
            _normalized(z, parts, eps, axis=None)
        ),
        "The parts' means reach {farthest:.2g}, wanted is 0 in every part and unit.": (
            When(z, lambda got: farthest(got) >= 1e-9 and {"farthest": farthest(got)})
        ),
        "The parts' means are right, their standard deviations not.": ...,
    }
    return Part("z_norm", _normalized(z, parts, eps), mistakes)
