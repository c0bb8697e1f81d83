"""The exercises of notebook 05."""

from __future__ import annotations

import math

import numpy as np

from ..averaging import ExponentialMovingAverage
from .verdict import as_numbers, as_pair, close, exercise, expect


@exercise
def track(answer):
    """``track(batches, decay)`` returns the bias-corrected averages of μ and σ² of the batches."""
    rng = np.random.default_rng(5)
    batches = [rng.normal([1.0, -3.0], [2.0, 0.5], (6, 2)) + k / 4 for k in range(7)]
    kept, decay = [batch.copy() for batch in batches], 0.8
    given = answer(batches, decay)
    mean, var = as_pair(given, "the running mean and the running variance")
    mean, var = as_numbers(mean, "the mean", (2,)), as_numbers(var, "the variance", (2,))
    same = len(batches) == len(kept) and all(map(np.array_equal, batches, kept))
    expect(same, "The batches you were given have changed.")

    def average(values, decay=decay, correction=True):
        running = ExponentialMovingAverage(decay, correction)
        for value in values:
            running.update(value)
        return running.value

    means = [batch.mean(axis=0) for batch in batches]
    expect(
        not close(mean, average(means, correction=False)),
        "The start at 0 still has decay⁷ = 21 % of the weight. Divide by 1 − decay^t.",
    )
    expect(
        not close(mean, average(means, correction=False) / (1 - decay**6)),
        "You correct for t − 1 = 6 batches, but 7 have gone in.",
    )
    expect(
        not close(mean, average(means, 1 - decay)),
        "decay is the share of the old average that is kept: decay · old + (1 − decay) · new.",
    )
    expect(not close(mean, np.mean(means, axis=0)), "That is the plain mean of all batches.")
    expect(not close(mean, means[-1]), "That is the last batch alone: keep a share of the old one.")
    expect(
        close(mean, average(means)),
        f"The mean is {mean.round(3)}, wanted is {average(means).round(3)}.",
    )
    wanted = average([batch.var(axis=0) for batch in batches])
    expect(
        not close(var, average([batch.var(axis=0, ddof=1) for batch in batches])),
        "The mean is right. The variance divides by m − 1, as in PyTorch; here it divides by m.",
    )
    expect(
        not close(var, average([batch.std(axis=0) for batch in batches]))
        and not close(var, average([batch.std(axis=0) for batch in batches]) ** 2),
        "The mean is right. Average the variances, not the standard deviations.",
    )
    expect(
        not close(var, wanted * (1 - decay**7)),
        "The mean is right. The variance starts from 0 too: it needs the same correction.",
    )
    expect(
        close(var, wanted),
        f"The mean is right. The variance is {var.round(3)}, wanted is {wanted.round(3)}.",
    )
    one_mean, one_var = as_pair(answer(batches[:1], decay), "mean and variance of one batch")
    one = close(np.asarray(one_mean, float), means[0]) and close(
        np.asarray(one_var, float), batches[0].var(axis=0)
    )
    expect(one, "After one batch the averages should be those of that batch.")
    return "After one batch they are that batch's, after seven an average of the seven alone."


@exercise
def steps_to_forget(answer):
    """``steps_to_forget(momentum, share)``: PyTorch's momentum, steps until the start is gone."""
    cases = [(0.1, 0.01), (0.01, 0.01), (0.1, 0.5), (0.3, 0.001)]
    for momentum, share in cases:
        got = float(as_numbers(answer(momentum, share), "the number of steps", ()))
        wanted = next(t for t in range(10_000) if (1 - momentum) ** t <= share * (1 + 1e-12))
        setting = f"For momentum {momentum:g} and a share of {share:g}"
        swapped = math.ceil(math.log(share) / math.log(momentum))
        expect(
            got == wanted or got != swapped,
            f"{setting}: you take momentum for the share that is kept. In PyTorch it is the share "
            "of the new batch.",
        )
        expect(
            abs(got * momentum - 1) > 1e-6 or got == wanted,
            f"{setting}: 1/momentum is the window: after it about a third is left.",
        )
        left = (1 - momentum) ** got
        expect(
            got >= wanted, f"{setting}: after {got:g} steps {left:.3g} of the start is still there."
        )
        expect(
            got == int(got),
            f"{setting}: {got:.4g} is no whole number of steps. Round it up.",
        )
        expect(
            got <= wanted,
            f"{setting}: {wanted} steps are enough, yours are {got:g}.",
        )
    return "With PyTorch's default of 0.1 that is 44 steps for one percent; with 0.01 it is 459."


@exercise
def fold_into_linear(answer):
    """``fold_into_linear(W, gamma, beta, mean, var, eps)`` returns weights and bias without BN."""
    rng = np.random.default_rng(6)
    a, W = rng.normal(size=(20, 3)), rng.normal(size=(3, 3))
    gamma, beta = np.array([1.5, -0.5, 0.8]), np.array([0.2, 0.5, -1.0])
    mean, var, eps = np.array([1.0, -2.0, 0.5]), np.array([4.0, 0.3, 1.0]), 0.2
    kept = W.copy()
    got_W, got_b = as_pair(
        answer(W, gamma, beta, mean, var, eps), "the folded weights and the folded bias"
    )
    got_W = as_numbers(got_W, "the folded weights", W.shape)
    got_b = as_numbers(got_b, "the folded bias", beta.shape)
    expect(np.array_equal(W, kept), "The W you were given has changed: return a new one.")
    scale = gamma / np.sqrt(var + eps)
    expect(
        not close(got_W, W * scale[:, None]),
        "You scale the rows of W. A unit of z is a column: W * scale, not W * scale[:, None].",
    )
    expect(not close(got_W, W * gamma / (var + eps)), "The root of σ² + ε is missing.")
    expect(not close(got_W, W * gamma / np.sqrt(var)), "Here ε = 0.2, under the root.")
    expect(not close(got_W, W / np.sqrt(var + eps)), "The weights lack γ.")
    expect(not close(got_W, W), "The weights stay as they are? Each column is scaled.")
    expect(close(got_W, W * scale), "The weights are not right: what stands before aW?")
    expect(
        not close(got_b, beta - mean),
        "The weights are right. μ is scaled before it arrives in the bias.",
    )
    expect(
        not close(got_b, beta + scale * mean),
        "The weights are right. The sign: μ is subtracted.",
    )
    expect(
        not close(got_b, beta),
        "The weights are right. The bias still lacks what subtracting μ does.",
    )
    expect(
        not close(got_b, -scale * mean),
        "The weights are right. The bias lacks β.",
    )
    expect(
        not close(got_b, scale * (beta - mean)),
        "The weights are right. β is added at the very end: it is not scaled.",
    )
    wanted = gamma * (a @ W - mean) / np.sqrt(var + eps) + beta
    off = np.abs(a @ got_W + got_b - wanted).max()
    expect(
        off < 1e-9, f"The weights are right, the bias is not: outputs differ by up to {off:.3g}."
    )
    return "One Linear layer gives what Linear and BatchNorm gave, for every example."
