"""What several tests lean on: finite differences, exact sums, the stored reference values."""

import json
from fractions import Fraction
from pathlib import Path

import numpy as np

REFERENCE = Path(__file__).parent.parent / "reference"


def reference(framework, kind):
    """name -> (given, made) of one kind of case, as tests/reference/make.py stored them."""
    cases = json.loads((REFERENCE / f"{framework}.json").read_text())["cases"][kind]
    return {name: (case["given"], case["made"]) for name, case in cases.items()}


def numerical_gradient(loss, x, h=1e-3):
    """∂loss()/∂x by central differences of fourth order; x (float64) is moved in place."""
    gradient = np.empty_like(x)
    for i in np.ndindex(x.shape):
        there, at = x[i], {}
        for k in (-2, -1, 1, 2):
            x[i] = there + k * h
            at[k] = loss()
        x[i] = there
        gradient[i] = (8 * (at[1] - at[-1]) - (at[2] - at[-2])) / (12 * h)
    return gradient


def relative_error(a, b, floor=1e-4):
    """Largest difference over the largest entry, or over ``floor`` where both (all but) vanish."""
    return np.abs(a - b).max() / max(np.abs(a).max(), np.abs(b).max(), floor)


def exact_moments(z):
    """Mean and biased variance of every column in exact rational arithmetic."""
    means, variances = [], []
    for column in np.asarray(z).T:
        values = [Fraction(float(v)) for v in column]
        mean = sum(values) / len(values)
        means.append(float(mean))
        variances.append(float(sum((v - mean) ** 2 for v in values) / len(values)))
    return np.array(means), np.array(variances)


def batch(m, n, seed=0, dtype="float64"):
    """m examples of n units that differ in mean and spread."""
    rng = np.random.default_rng(seed)
    spread, mean = rng.uniform(0.5, 2.0, n), rng.normal(0.0, 3.0, n)
    return (mean + spread * rng.standard_normal((m, n))).astype(dtype)


def awkward(x):
    """The same values in memory orders a user may come with."""
    wide = np.repeat(x, 2, axis=1)
    return {
        "C": x,
        "Fortran": np.asfortranarray(x),
        "strided": wide[:, ::2],
        "reversed": np.ascontiguousarray(x[::-1])[::-1],
    }
