"""The exercises of notebook 04."""

from copy import deepcopy

import numpy as np

from .formula import z_norm
from .table import Part, When, exercise

RNG = np.random.default_rng(1)
UNITS = RNG.gamma(2.0, [1.0, 3.0, 0.2], (40, 3))
NOISY = np.random.default_rng(3).normal([0.0, 5.0, -2.0], [1.0, 0.1, 3.0], (12, 3))
NOISY += np.repeat([0.0, 2.0, -1.0], 4)[:, None]


def _measured(got, z, m):
    rng = deepcopy(RNG)  # the same batches each time
    measured = np.std([rng.permutation(z)[:m].mean(axis=0) for _ in range(4000)], axis=0)
    return f"4000 batches of 5 measure {measured.round(3)}; you predict {got.round(3)}."


@exercise(
    cases=[(UNITS, 5)],
    also={"Right for m = 5; for m = N it must be 0.": (UNITS, 40)},
    praise=_measured,
)
def mean_noise(z, m):
    """``mean_noise(z, m)`` returns std(μ_B) per unit for batches drawn without replacement."""
    size, std, replaced = len(z), z.std(axis=0), z.std(axis=0) / np.sqrt(m)
    left = np.sqrt((size - m) / (size - 1))
    no_root, squares = replaced * left**2, [replaced**2, (replaced * left) ** 2]
    one = When(z.std() / np.sqrt(m), lambda got: got.ndim == 0)
    odd = When(z.std(axis=1) / np.sqrt(m), lambda got: got.shape != (3,))
    return Part("std(μ_B)", replaced * left) | {
        "One number, {got}, for all units. Each has its own σ: use axis=0.": one,
        "There are 3 units; your answer has shape {got.shape}.": odd,
        "That is σ, the spread of the examples. A mean of m spreads less.": std,
        "You divide by m. Variances add up to mσ², divided by m² that is σ²/m: take the root.": (
            [std / m, std / m * left]
        ),
        "That is the variance of μ_B. Its standard deviation is asked for: take the root.": squares,
        "Right for batches drawn with replacement. Without, the last batch must leave no noise: "
        "what is the factor for N = 40 and m = 40?": replaced,
        "The factor (N − m)/(N − 1) belongs to the variance. Take its root, too.": no_root,
        "Nearly: you use 1 − m/N, which goes with a σ² that divides by N − 1. With NumPy's σ² it "
        "is (N − m)/(N − 1).": replaced * np.sqrt(1 - m / size),
        "For the check's 40 examples and m = 5 it is {wanted:4}; yours is {got:4}.": ...,
    }


@exercise(
    cases=[(0.0, 0.3), (2.0, 0.3), (1.0, 0.21), (-3.0, 0.17), (2.0, 0.07)],
    praise="Four times less noise costs sixteen times the batch.",
)
def smallest_batch(z_norm, noise):
    """``smallest_batch(z_norm, noise)``: the least m whose noise on an example is at most that."""
    exact, doubled = (1 + z_norm**2 / 2) / noise**2, np.ceil((1 + z_norm**2) / noise**2)
    root, signed = np.sqrt(exact), (1 + z_norm / 2) / noise**2 if z_norm < 0 else exact
    where = f"At {z_norm:g} standard deviations and noise {noise:g} "
    below = When(np.floor(exact), lambda got: 0 < exact - got < 1)
    broken = When(exact + 0.01, lambda got: got != np.round(got))
    return Part("the batch size", np.ceil(exact), tolerance=0) | {
        f"{where}you leave out the noise of σ_B, which grows with z_norm.": np.ceil(1 / noise**2),
        f"{where}the part of σ_B is too large: σ_B spreads by σ/√(2m), μ_B by σ/√m.": doubled,
        f"{where}you give √m: the noise falls with the root of m, so square.": np.ceil(root),
        f"{where}the sign must not matter: z_norm enters squared.": np.ceil(signed),
        f"{where}a batch of {{got:g}} is still too noisy: round up.": below,
        "A batch size is a whole number, got {got:g}.": broken,
        f"{where}the smallest batch is {{wanted:.0f}}; yours is {{got:g}}.": ...,
    }


@exercise(
    cases=[(NOISY, 4, 1e-3)],
    also={"Right for parts of 4 rows, not for parts of 2.": (NOISY[:6], 2, 1e-3)},
    changed="The array you were given has changed: compute a new one instead.",
    praise="Each part has its own mean and variance: the noise of 4 in a batch of 12.",
)
def ghost_normalize(z, size, eps):
    """``ghost_normalize(z, size, eps)``: consecutive parts of ``size`` rows, each by itself."""
    parts, whole = len(z) // size, z_norm(z, eps)

    def cut(n, m, axis):
        return z_norm(z.reshape(n, m, -1), eps, axis).reshape(z.shape)

    def farthest(got):
        return np.abs(got.reshape(parts, size, -1).mean(axis=1)).max()

    moved = When(z, lambda got: farthest(got) >= 1e-9 and {"farthest": farthest(got)})
    return Part("z_norm", cut(parts, size, 1)) | {
        "The whole batch is normalized together: cut it into parts of `size` rows first.": whole,
        "The parts are right in size, but they take every third row. Take consecutive rows.": (
            cut(size, parts, 0)
        ),
        "You make `size` parts. Make parts of `size` rows.": cut(size, parts, 1),
        "All units share one mean and one variance. Each unit needs its own: axis=0 of a part.": (
            cut(parts, size, (1, 2))
        ),
        "The parts' means reach {farthest:.2g}, wanted is 0 in every part and unit.": moved,
        "The parts' means are right, their standard deviations not.": ...,
    }
