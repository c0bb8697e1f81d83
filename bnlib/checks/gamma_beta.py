"""The exercises of notebook 03."""

from __future__ import annotations

import numpy as np

from .verdict import as_numbers, as_pair, close, exercise, expect


def _batch(seed):
    """z (40, 3) of units that differ in mean and spread."""
    rng = np.random.default_rng(seed)
    return rng.normal([2.0, -5.0, 0.3], [3.0, 0.5, 1.0], (40, 3))


@exercise
def undo(answer):
    """``undo(z, eps)`` returns the γ and β with which BN gives this batch back."""
    z, eps = _batch(1), 0.5  # so large that forgetting it shows
    kept = z.copy()
    gamma, beta = as_pair(answer(z, eps), "gamma and beta")
    expect(np.array_equal(z, kept), "The batch you were given has changed.")
    mean, var = z.mean(axis=0), z.var(axis=0)
    one_for_all = "needs one number for each unit, shape (3,): average over the examples, axis=0."
    expect(np.ndim(gamma) or gamma is None or gamma is ..., f"gamma {one_for_all}")
    expect(np.ndim(beta) or beta is None or beta is ..., f"beta {one_for_all}")
    gamma, beta = as_numbers(gamma, "gamma", mean.shape), as_numbers(beta, "beta", mean.shape)

    swapped = close(gamma, mean) or (close(beta, np.sqrt(var + eps)) and not close(gamma, beta))
    expect(not swapped, "γ and β are swapped: γ stretches, β shifts. Return gamma first.")
    expect(not close(gamma, 1 / np.sqrt(var + eps)), "γ has to undo a division: multiply.")
    expect(not close(gamma, var + eps), "γ is σ² + ε: the square root is missing.")
    expect(
        not close(gamma, np.sqrt(var)),
        "γ is σ. Here ε = 0.5: what exactly was z − μ divided by?",
    )
    expect(
        not close(gamma, np.sqrt(var) + eps),
        "γ is σ + ε. In the formula ε is added to σ², under the root.",
    )
    expect(
        not close(gamma, np.sqrt(z.var(axis=0, ddof=1) + eps)),
        "Your variance divides by m − 1. The normalization divides by m.",
    )
    expect(close(gamma, np.sqrt(var + eps)), "γ is not right: what was z − μ divided by?")
    expect(not close(beta, -mean), "γ is right. β has the wrong sign: μ was subtracted, add it.")
    expect(close(beta, mean), "γ is right, β is not: what was subtracted from z?")
    other = _batch(2)
    z_norm = (other - other.mean(axis=0)) / np.sqrt(other.var(axis=0) + eps)
    away = np.abs(gamma * z_norm + beta - other).max()
    return f"This batch comes back exactly; another batch of the same units is off by {away:.2f}."


@exercise
def gamma_beta_gradients(answer):
    """``gradients(da, z, gamma, beta)`` returns dγ and dβ for a = tanh(γ z_norm + β)."""
    rng = np.random.default_rng(3)
    z, eps = _batch(3), 1e-5
    da, gamma, beta = rng.normal(size=z.shape), np.array([1.5, -0.5, 0.8]), np.array([0.2, 0.5, -1])
    kept = da.copy(), z.copy()
    dgamma, dbeta = as_pair(answer(da, z, gamma, beta), "dgamma and dbeta")
    dgamma = as_numbers(dgamma, "dgamma", gamma.shape)
    dbeta = as_numbers(dbeta, "dbeta", beta.shape)
    same = np.array_equal(da, kept[0]) and np.array_equal(z, kept[1])
    expect(same, "The arrays you were given have changed: compute new ones instead.")

    m, z_norm = len(z), (z - z.mean(axis=0)) / np.sqrt(z.var(axis=0) + eps)

    def loss(gamma, beta):
        return (da * np.tanh(gamma * z_norm + beta)).sum(axis=0)  # of each unit: ∂loss/∂a = da

    h = 1e-5
    by_gamma = (loss(gamma + h, beta) - loss(gamma - h, beta)) / (2 * h)
    by_beta = (loss(gamma, beta + h) - loss(gamma, beta - h)) / (2 * h)
    slope = 1 - np.tanh(gamma * z_norm + beta) ** 2
    swapped = close(dgamma, by_beta) and close(dbeta, by_gamma)
    expect(not swapped, "Both are right, but swapped: return dgamma first.")
    expect(
        not (close(dgamma, by_gamma / m) or close(dbeta, by_beta / m)),
        "You average over the batch. The gradient is the sum: the 1/m of a mean loss is in da.",
    )
    expect(
        not close(dbeta, da.sum(axis=0)),
        "dβ lacks the slope of the tanh: first go from da to dz̃ = da · (1 − a²).",
    )
    expect(close(dbeta, by_beta), _off("dβ", dbeta, by_beta))
    expect(
        not close(dgamma, (da * slope * z).sum(axis=0)),
        "dβ is right. γ multiplies z_norm, not z.",
    )
    expect(
        not close(dgamma, (da * z_norm).sum(axis=0)),
        "dβ is right. dγ lacks the slope of the tanh.",
    )
    expect(
        not close(dgamma, (da * slope * (gamma * z_norm + beta)).sum(axis=0)),
        "dβ is right. What multiplies γ is z_norm, before γ and β.",
    )
    expect(close(dgamma, by_gamma), "dβ is right. " + _off("dγ", dgamma, by_gamma))
    return "Both agree with finite differences of the loss."


def _off(name, got, wanted):
    return f"{name} is {got.round(3)}; finite differences of the loss give {wanted.round(3)}."


@exercise
def fold_bias(answer):
    """``fold_bias(b, mean, var, gamma, beta, eps)`` returns the β of the network without b."""
    rng = np.random.default_rng(4)
    z, eps = _batch(4), 0.3  # a W, without b
    b, mean, var = np.array([1.0, -2.0, 0.5]), rng.normal(size=3), np.array([4.0, 0.3, 1.0])
    gamma, beta = np.array([1.5, -0.5, 0.8]), np.array([0.2, 0.5, -1.0])
    got = as_numbers(answer(b, mean, var, gamma, beta, eps), "the new beta", beta.shape)
    std = np.sqrt(var + eps)
    expect(
        not close(got, beta),
        "That is the old β. In training it would do, for μ takes b away again. Here the mean is a "
        "stored number, and was measured with b.",
    )
    expect(
        not close(got, beta + b),
        "b passes through the normalization before it arrives at β: it is divided and multiplied.",
    )
    expect(not close(got, beta + b / std), "b is divided by √(σ² + ε), and then multiplied by?")
    expect(not close(got, beta + gamma * b), "b is multiplied by γ, and before that divided by?")
    expect(not close(got, beta - gamma * b / std), "The sign: b was added to z, not subtracted.")
    expect(not close(got, beta + gamma * b / np.sqrt(var)), "Here ε = 0.3, under the root.")
    expect(not close(got, beta + gamma * b / (var + eps)), "The root of σ² + ε is missing.")
    expect(
        not close(got, beta + gamma * (b - mean) / std),
        "μ is subtracted twice: the network without b still subtracts the stored mean.",
    )
    before = gamma * (z + b - mean) / std + beta
    after = gamma * (z - mean) / std + got
    off = np.abs(after - before).max()
    expect(close(after, before), f"Without b the outputs differ by up to {off:.3g}.")
    return "The outputs with b and without it are the same for every example."
