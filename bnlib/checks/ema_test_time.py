"""The exercises of notebook 05."""

import math

import numpy as np

from ..averaging import ExponentialMovingAverage
from .table import Part, Several, When, exercise

rng = np.random.default_rng(5)
BATCHES = [rng.normal([1.0, -3.0], [2.0, 0.5], (6, 2)) + k / 4 for k in range(7)]
W, MEAN = np.random.default_rng(6).normal(size=(23, 3))[20:], np.array([1.0, -2.0, 0.5])
GAMMA, BETA, VAR = np.array([[1.5, -0.5, 0.8], [0.2, 0.5, -1.0], [4.0, 0.3, 1.0]])


@exercise(
    cases=[(BATCHES, 0.8)],
    also={"After one batch the averages should be those of that batch.": (BATCHES[:1], 0.8)},
    changed="The batches you were given have changed.",
    praise="After one batch they are that batch's, after seven an average of the seven alone.",
)
def track(batches, decay):
    """``track(batches, decay)`` returns the bias-corrected averages of μ and σ² of the batches."""

    def average(of, decay=decay, correction=True, **options):
        running = ExponentialMovingAverage(decay, correction)
        for batch in batches:
            running.update(of(batch, axis=0, **options))
        return running.value

    from_zero, new = average(np.mean, correction=False), average(np.mean, 1 - decay)
    std, start = average(np.std), average(np.var, correction=False)
    mean = Part("the mean", average(np.mean)) | {
        "The start at 0 still has decay⁷ = 21 % of the weight. Divide by 1 − decay^t.": from_zero,
        "You correct for t − 1 = 6 batches, but 7 have gone in.": from_zero / (1 - decay**6),
        "decay is the share of the old average that is kept: decay · old + (1 − decay) · new.": new,
        "That is the plain mean of all batches.": np.mean(batches, axis=(0, 1)),
        "That is the last batch alone: keep a share of the old one.": batches[-1].mean(axis=0),
    }
    var = Part("the variance", average(np.var)) | {
        "The mean is right. The variance divides by m − 1, as in PyTorch; here it divides by m.": (
            average(np.var, ddof=1)
        ),
        "The mean is right. Average the variances, not the standard deviations.": [std, std**2],
        "The mean is right. The variance starts from 0 too: it needs the same correction.": start,
        "The mean is right. The variance is {got:3}, wanted is {wanted:3}.": ...,
    }
    return Several("the running mean and the running variance", (mean, var))


@exercise(
    cases=[(0.1, 0.01), (0.01, 0.01), (0.1, 0.5), (0.3, 0.001)],
    also={
        "0.9³ = 0.729: for momentum 0.1 and that share 3 steps are enough. The computer finds a "
        "bit more than 3, and np.ceil makes it 4: round(…, 9) first.": (0.1, 0.729),
    },
    praise="With PyTorch's default of 0.1 that is 44 steps for one percent; with 0.01 it is 459.",
)
def steps_to_forget(momentum, share):
    """``steps_to_forget(momentum, share)``: PyTorch's momentum, steps until the start is gone."""
    exact = math.log(share) / math.log(1 - momentum)
    wanted = next(t for t in range(10_000) if (1 - momentum) ** t <= share * (1 + 1e-12))
    less = When(math.floor(exact), lambda got: got < wanted and {"left": (1 - momentum) ** got})
    broken = When(exact + 0.5, lambda got: got != np.round(got))
    where = f"For momentum {momentum:g} and a share of {share:g}: "
    return Part("the number of steps", wanted, tolerance=0) | {
        f"{where}you take momentum for the share that is kept. In PyTorch it is the share of the "
        "new batch.": math.ceil(math.log(share) / math.log(momentum)),
        f"{where}1/momentum is the window: after it about a third is left.": 1 / momentum,
        f"{where}after {{got:g}} steps {{left:.3g}} of the start is still there.": less,
        f"{where}{{got:.4g}} is no whole number of steps. Round it up.": broken,
        f"{where}{{wanted:.0f}} steps are enough, yours are {{got:g}}.": ...,
    }


@exercise(
    cases=[(W, GAMMA, BETA, MEAN, VAR, 0.2)],
    changed="The W you were given has changed: return a new one.",
    praise="One Linear layer gives what Linear and BatchNorm gave, for every example.",
)
def fold_into_linear(W, gamma, beta, mean, var, eps):
    """``fold_into_linear(W, gamma, beta, mean, var, eps)`` returns weights and bias without BN."""
    scale = gamma / np.sqrt(var + eps)
    row, scaled = W * scale[:, None], scale * (beta - mean)
    weights = Part("the folded weights", W * scale) | {
        "You scale the rows of W. A unit of z is a column: W * scale, not W * scale[:, None].": row,
        "The root of σ² + ε is missing.": W * gamma / (var + eps),
        "Here ε = 0.2, under the root.": W * gamma / np.sqrt(var),
        "The weights lack γ.": W / np.sqrt(var + eps),
        "The weights stay as they are? Each column is scaled.": W,
        "The weights are not right: what stands before aW?": ...,
    }
    bias = Part("the folded bias", beta - scale * mean) | {
        "The weights are right. μ is scaled before it arrives in the bias.": beta - mean,
        "The weights are right. The sign: μ is subtracted.": beta + scale * mean,
        "The weights are right. The bias still lacks what subtracting μ does.": beta,
        "The weights are right. The bias lacks β.": -scale * mean,
        "The weights are right. β is added at the very end: it is not scaled.": scaled,
        "The weights are right, the bias is not: outputs differ by up to {off:.3g}.": ...,
    }
    return Several("the folded weights and the folded bias", (weights, bias))
