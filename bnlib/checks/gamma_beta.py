"""The exercises of notebook 03."""

import numpy as np

from .answer import close
from .formula import z_norm
from .table import Part, Several, When, exercise

B, MEAN = np.array([1.0, -2.0, 0.5]), np.random.default_rng(4).normal(size=3)
GAMMA, BETA, VAR = np.array([[1.5, -0.5, 0.8], [0.2, 0.5, -1.0], [4.0, 0.3, 1.0]])


def _batch(seed):
    """z (40, 3) of units that differ in mean and spread."""
    return np.random.default_rng(seed).normal([2.0, -5.0, 0.3], [3.0, 0.5, 1.0], (40, 3))


def _elsewhere(got, z, eps):
    other = _batch(2)
    away = np.abs(got[0] * z_norm(other, eps) + got[1] - other).max()
    return f"This batch comes back exactly; another batch of the same units is off by {away:.2f}."


@exercise(
    cases=[(_batch(1), 0.5)],  # ε so large that forgetting it shows
    changed="The batch you were given has changed.",
    praise=_elsewhere,
)
def undo(z, eps):
    """``undo(z, eps)`` returns the γ and β with which BN gives this batch back."""
    mean, var, by_less = z.mean(axis=0), z.var(axis=0), z.var(axis=0, ddof=1)
    std = np.sqrt(var + eps)
    one_for_all = "needs one number for each unit, shape (3,): average over the examples, axis=0."
    gamma = Part("gamma", std) | {
        f"gamma {one_for_all}": When(np.sqrt(z.var() + eps), lambda got: got.ndim == 0),
        "γ has to undo a division: multiply.": 1 / std,
        "γ is σ² + ε: the square root is missing.": var + eps,
        "γ is σ. Here ε = 0.5: what exactly was z − μ divided by?": np.sqrt(var),
        "γ is σ + ε. In the formula ε is added to σ², under the root.": np.sqrt(var) + eps,
        "Your variance divides by m − 1. The normalization divides by m.": np.sqrt(by_less + eps),
        "γ is not right: what was z − μ divided by?": ...,
    }
    beta = Part("beta", mean) | {
        f"beta {one_for_all}": When(z.mean(), lambda got: got.ndim == 0),
        "γ is right. β has the wrong sign: μ was subtracted, add it.": -mean,
        "γ is right, β is not: what was subtracted from z?": ...,
    }

    def swapped(got):
        return close(got[0], mean) or (close(got[1], std) and not close(got[0], got[1]))

    return Several("gamma and beta", (gamma, beta)) | {
        "γ and β are swapped: γ stretches, β shifts. Return gamma first.": (
            When((mean, std), swapped)
        ),
    }


@exercise(
    cases=[(np.random.default_rng(3).normal(size=(40, 3)), _batch(3), GAMMA, BETA)],
    praise="Both agree with finite differences of the loss.",
)
def gamma_beta_gradients(da, z, gamma, beta):
    """``gradients(da, z, gamma, beta)`` returns dγ and dβ for a = tanh(γ z_norm + β)."""
    m, normed, h = len(z), z_norm(z, 1e-5), 1e-5
    shifted = gamma * normed + beta
    dz = da * (1 - np.tanh(shifted) ** 2)

    def loss(gamma, beta):
        return (da * np.tanh(gamma * normed + beta)).sum(axis=0)  # of each unit: ∂loss/∂a = da

    by_gamma = (loss(gamma + h, beta) - loss(gamma - h, beta)) / (2 * h)
    by_beta = (loss(gamma, beta + h) - loss(gamma, beta - h)) / (2 * h)
    means = by_gamma / m, by_beta / m
    averaged = When(means, lambda got: close(got[0], means[0]) or close(got[1], means[1]))
    off = " is {got:3}; finite differences of the loss give {wanted:3}."
    dgamma = Part("dgamma", by_gamma) | {
        "dβ is right. γ multiplies z_norm, not z.": (dz * z).sum(axis=0),
        "dβ is right. dγ lacks the slope of the tanh.": (da * normed).sum(axis=0),
        "dβ is right. What multiplies γ is z_norm, before γ and β.": (dz * shifted).sum(axis=0),
        f"dβ is right. dγ{off}": ...,
    }
    dbeta = Part("dbeta", by_beta) | {
        "dβ lacks the slope of the tanh: first go from da to dz̃ = da · (1 − a²).": da.sum(axis=0),
        f"dβ{off}": ...,
    }
    return Several("dgamma and dbeta", (dgamma, dbeta), order=(1, 0)) | {
        "Both are right, but swapped: return dgamma first.": (by_beta, by_gamma),
        "You average over the batch. The gradient is the sum: the 1/m of a mean loss is in da.": (
            averaged
        ),
    }


@exercise(
    cases=[(B, MEAN, VAR, GAMMA, BETA, 0.3)],
    praise="The outputs with b and without it are the same for every example.",
)
def fold_bias(b, mean, var, gamma, beta, eps):
    """``fold_bias(b, mean, var, gamma, beta, eps)`` returns the β of the network without b."""
    std = np.sqrt(var + eps)
    twice = beta + gamma * (b - mean) / std
    return Part("the new beta", beta + gamma * b / std) | {
        "That is the old β. In training it would do, for μ takes b away again. Here the mean is a "
        "stored number, and was measured with b.": beta,
        "b passes through the normalization before it arrives at β: it is divided and "
        "multiplied.": beta + b,
        "b is divided by √(σ² + ε), and then multiplied by?": beta + b / std,
        "b is multiplied by γ, and before that divided by?": beta + gamma * b,
        "The sign: b was added to z, not subtracted.": beta - gamma * b / std,
        "Here ε = 0.3, under the root.": beta + gamma * b / np.sqrt(var),
        "The root of σ² + ε is missing.": beta + gamma * b / (var + eps),
        "μ is subtracted twice: the network without b still subtracts the stored mean.": twice,
        "Without b the outputs differ by up to {off:.3g}.": ...,
    }
