"""The exercises of notebook 06."""

import numpy as np

from .answer import close
from .formula import z_norm
from .table import Part, Several, When, exercise

_RNG = np.random.default_rng(6)
DY, Z = _RNG.normal(0.4, 1, (7, 3)), _RNG.normal([2, -5, 0], [1.5, 0.5, 1], (7, 3))
GAMMA, EPS = np.array([1.5, -0.5, 0.8]), 0.3  # an ε so large that forgetting it shows


def _by_differences(dy, z, gamma, eps, h=1e-5):
    """dz of the loss Σ dy y, by moving one example after the other."""

    def loss(z):
        return np.sum(dy * gamma * z_norm(z, eps), axis=0)

    moves = h * np.eye(len(z))[:, :, None]  # one for each example, of all units at once
    return np.array([(loss(z + move) - loss(z - move)) / (2 * h) for move in moves])


@exercise(
    cases=[(DY, Z, GAMMA, EPS)],
    praise="All three agree with finite differences of the forward pass.",
)
def backward_pass(dy, z, gamma, eps):
    """``backward_pass(dy, z, gamma, eps)`` returns dz (m, n), dγ (n,) and dβ (n,)."""
    m, var, normed, centred = len(z), z.var(axis=0), z_norm(z, eps), z - z.mean(axis=0)
    std, by_gamma, by_beta = np.sqrt(var + eps), (dy * normed).sum(axis=0), dy.sum(axis=0)
    mean, spread = by_beta / m, normed * by_gamma / m  # what goes along 1 and along z_norm

    def together(along_1, along_z_norm):
        return gamma / std * (dy - along_1 - along_z_norm)

    def with_std(std):  # the same where √(σ² + ε) is something else
        other = centred / std
        return gamma / std * (dy - mean - other * (dy * other).mean(axis=0))

    whole, one = _by_differences(dy, z, gamma, eps), "dγ and dβ are right. "
    dz = Part("dz", whole) | {
        f"{one}That is the direct path alone: μ and σ² depend on z, too.": together(0, 0),
        f"{one}The path through μ is missing: dz does not add up to 0.": together(0, spread),
        f"{one}The path through σ² is missing.": together(mean, 0),
        f"{one}The path through μ has the wrong sign: μ is subtracted.": together(-mean, spread),
        f"{one}The path through σ² has the wrong sign. The derivative of (σ² + ε)^(−1/2) has a "
        "minus.": together(mean, -spread),
        f"{one}The paths through μ and σ² both have the wrong sign.": together(-mean, -spread),
        f"{one}You divide by m twice: dβ/m and dγ/m are the means already.": (
            [together(mean / m, spread / m), whole / m]
        ),
        f"{one}Inside dz both of them stand divided by m.": together(m * mean, m * spread),
        f"{one}The path through σ² is half of what it should be: the square has a derivative with "
        "a 2.": together(mean, spread / 2),
        f"{one}The path through σ² is twice what it should be: the root has a derivative with a "
        "1/2.": together(mean, 2 * spread),
        f"{one}The path through σ²: the derivative of (σ² + ε)^(−1/2) has the power −3/2.": (
            together(mean, spread * std**2)
        ),
        f"{one}γ is missing in dz.": whole / gamma,
        f"{one}The division by √(σ² + ε) is missing: what a quotient divides, its derivative "
        "divides too.": whole * std,
        f"{one}dz is divided by σ² + ε: take the root.": whole / std,
        f"{one}In dz it is z_norm that dγ/m multiplies, not z.": together(
            mean, z * spread / normed
        ),
        f"{one}In dz it is z_norm that dγ/m multiplies, not z − μ.": together(mean, std * spread),
        f"{one}Here ε = {EPS}, and it belongs under the root in dz.": with_std(np.sqrt(var)),
        f"{one}In dz ε stands outside the root: it is added to σ², not to σ.": (
            [with_std(np.sqrt(var) + eps), gamma / (np.sqrt(var) + eps) * (dy - mean - spread)]
        ),
        f"{one}dz is {{got:2}}; finite differences give {{wanted:2}}.": ...,
    }
    ddof = np.sqrt(z.var(axis=0, ddof=1) + eps)
    dgamma = Part("dgamma", by_gamma) | {
        "dγ = Σ dz̃ · z_norm, not times z.": (dy * z).sum(axis=0),
        "dγ: z − μ still has to be divided by √(σ² + ε).": (dy * centred).sum(axis=0),
        f"dγ: here ε = {EPS}, under the root.": (dy * z_norm(z)).sum(axis=0),
        "dγ: your variance divides by m − 1. The normalization divides by m.": (
            (dy * centred / ddof).sum(axis=0)
        ),
        "dγ is the derivative by γ: γ itself is not in it.": gamma * by_gamma,
        "dγ is {got:3}; finite differences give {wanted:3}.": ...,
    }
    dbeta = Part("dbeta", by_beta) | {
        "dβ: β is added, so γ is not in its gradient.": gamma * by_beta,
        "dβ is {got:3}; finite differences give {wanted:3}.": ...,
    }
    averaged = When(
        (whole, by_gamma / m, by_beta / m),
        lambda got: close(got[1], by_gamma / m) or close(got[2], by_beta / m),
    )
    return Several("dz, dgamma and dbeta", (dz, dgamma, dbeta), order=(2, 1, 0)) | {
        "dγ and dβ are swapped: return dz, dγ, dβ.": When(
            (whole, by_beta, by_gamma),
            lambda got: close(got[1], by_beta) and close(got[2], by_gamma),
        ),
        "You average dγ or dβ over the batch. They are sums: the 1/m of a mean loss is in dz̃.": (
            averaged
        ),
    }


@exercise(
    cases=[
        (np.array([1.0, -0.5]), np.array([2.0, 3.0]), 1.5, 0.4),
        (np.array([0.3, 2.0]), np.array([4.0, -1.0]), -0.7, 2.0),
    ],
    praise="Without ε nothing would be left, and with one of 10⁻⁵ next to nothing is.",
)
def two_examples(dy, z, gamma, eps):
    """``two_examples(dy, z, gamma, eps)`` returns dz (2,) of one unit in a batch of two."""
    (dz,) = _by_differences(dy[:, None], z[:, None], np.array([gamma]), eps, h=1e-4).T
    std, half = np.sqrt(z.var() + eps), (dy[0] - dy[1]) / 2 * np.array([1.0, -1.0])
    wide = np.sqrt((z[0] - z[1]) ** 2 + eps)
    return Part("dz", dz, tolerance=1e-5) | {
        "That holds for ε = 0, where z_norm is −1 and 1 whatever z is. What does ε leave?": (
            np.zeros(2)
        ),
        "That is the direct path alone.": gamma * dy / std,
        "What goes along (1, 1) is gone, but not what goes along z_norm.": gamma * half / std,
        "The sign: turn dz round.": -dz,
        "Of dz̃ only what lies along (1, −1) counts, and that is half of the difference.": 2 * dz,
        "γ is missing.": dz / gamma,
        "The factor ε is missing.": dz / eps,
        "The power of √(σ² + ε) is 3: one from the division, two from 1 − z_norm².": (
            [dz * std, dz * std**2, dz / std]
        ),
        "σ is half of the distance of the two z.": gamma * half * eps / wide**3,
        "dz is {got:4}, finite differences give {wanted:4}.": ...,
    }


def _softplus(z):
    return np.logaddexp(0, z)


def _sigmoid(z):
    return 0.5 + 0.5 * np.tanh(0.5 * z)


def _cosine(z):
    return -np.sin(z)


U = np.random.default_rng(7).standard_normal(4000)


@exercise(
    cases=[
        (np.tanh, lambda z: 1 - np.tanh(z) ** 2, U, 1.0),
        (_softplus, _sigmoid, U, 2.0),
        (np.cos, _cosine, U, 0.5),
    ],
    praise=lambda got, *given: (
        f"For tanh the squared gradient grows × {got:.2f} per layer, × {got**50:.0f} in fifty."
    ),
)
def growth_factor(g, slope, u, gamma):
    """``growth_factor(g, slope, u, gamma)``: γ² E[g′(γu)²] / Var(g(γu)) over the draws u."""
    a, slopes = g(gamma * u), slope(gamma * u)
    top, var = gamma**2 * np.mean(slopes**2), a.var()
    flat = np.mean(slope(u) ** 2) / g(u).var()
    return Part("the factor", top / var) | {
        "That is the factor without γ: z̃ is γu, and the derivative by u has a γ in it.": (
            [flat, np.mean(slopes**2) / var]
        ),
        "γ² is there. g and its slope are to be taken at z̃ = γu, too.": (
            [top / g(u).var(), gamma**2 * flat]
        ),
        "`slope` takes z̃, not what g makes of it.": gamma**2 * np.mean(slope(a) ** 2) / var,
        "Square γ as well as the slope.": gamma * np.mean(slopes**2) / var,
        "Square the slopes first, then take the mean.": gamma**2 * np.mean(slopes) ** 2 / var,
        "That is the mean of the slopes: square them.": gamma**2 * np.mean(slopes) / var,
        "Divide by the variance, not by the standard deviation.": top / a.std(),
        "Subtract the mean of a, as normalization does: its variance counts.": (
            top / np.mean(a**2)
        ),
        "That is the numerator: what does the next normalization divide by?": top,
        "That is the factor of the gradient itself. Leave out the root: its square is asked for.": (
            np.sqrt(top / var)
        ),
        "Turned round: the slopes belong on top.": var / top,
        "The factor is {got:.5g}, wanted is {wanted:.5g}.": ...,
    }
