"""Wrong answers to the exercises of notebook 02, and the words that each is given."""

import numpy as np
import pytest

import bnlib as bn


def _layer(mean=lambda z: z.mean(axis=0), var=lambda z: z.var(axis=0), divide=None, change=None):
    divide = divide or (lambda var, eps: np.sqrt(var + eps))

    def normalize_layer(a, W, eps):
        if change:
            a *= change
        z = a @ W
        return (z - mean(z)) / divide(var(z), eps)

    return normalize_layer


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda a, W, eps: ..., "Replace the dots"),
        (lambda a, W, eps: None, "None"),
        (lambda a, W, eps: W @ a, "raised ValueError"),
        (lambda a, W, eps: (a @ W).T, "shape (6, 30)"),
        (_layer(mean=lambda z: z.mean(), var=lambda z: z.var()), "All units share"),
        (
            _layer(
                mean=lambda z: z.mean(axis=1, keepdims=True),
                var=lambda z: z.var(axis=1, keepdims=True),
            ),
            "axis=1",
        ),
        (_layer(divide=lambda var, eps: 1.0), "Now divide"),
        (_layer(divide=lambda var, eps: var + eps), "the root is missing"),
        (_layer(divide=lambda var, eps: np.sqrt(var) + eps), "stands under the root"),
        (_layer(divide=lambda var, eps: np.sqrt(var)), "NaN"),
        (_layer(divide=lambda var, eps: np.sqrt(var + 1e-5)), "Take the argument"),
        (_layer(var=lambda z: z.var(axis=0, ddof=1)), "m − 1"),
        (_layer(mean=lambda z: 0.0), "have means"),
        (_layer(divide=lambda var, eps: np.sqrt(var + 2 * eps)), "standard deviations"),
        (_layer(change=2), "have changed"),
        (_layer(mean=lambda z: 1 / 0), "raised ZeroDivisionError"),
    ],
)
def test_normalize_layer_says_what_is_wrong(answer, words):
    verdict = bn.checks.normalize_layer(answer)
    assert not verdict
    assert words in verdict.message


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda m: ..., "Replace the dots"),
        (lambda m: np.ones(m), "σ = 0"),
        (lambda m: -np.eye(m)[0], "Turn it round"),
        (lambda m: np.eye(m + 1)[0], "shape"),
        (lambda m: np.r_[1e3, np.linspace(0, 1, m - 1)], "the first z_norm is"),
        (lambda m: np.eye(m)[-1], "the other end"),
        (lambda m: [float("nan")] * m, "NaN"),
    ],
)
def test_farthest_says_what_is_wrong(answer, words):
    verdict = bn.checks.farthest(answer)
    assert not verdict
    assert words in verdict.message


@pytest.mark.parametrize(
    "answer", [lambda m: 5 - 3 * (np.arange(m) > 0), lambda m: list(np.eye(m)[0])]
)
def test_farthest_takes_every_right_answer(answer):
    assert bn.checks.farthest(answer)


def _mean(m1, mean1, m2, mean2):
    return (m1 * mean1 + m2 * mean2) / (m1 + m2)


def _between(m1, mean1, m2, mean2):
    return m1 * m2 / (m1 + m2) ** 2 * (mean1 - mean2) ** 2


def _one_pass(m1, mean1, var1, m2, mean2, var2):
    mean = _mean(m1, mean1, m2, mean2)
    return mean, _mean(m1, var1 + mean1**2, m2, var2 + mean2**2) - mean**2


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda *a: ..., "Replace the dots"),
        (lambda *a: (..., ...), "Replace the dots"),
        (lambda m1, mu, v, m2, nu, w: mu, "Return two things"),
        (lambda m1, mu, v, m2, nu, w: ((mu + nu) / 2, v), "12 examples"),
        (lambda m1, mu, v, m2, nu, w: (mu, v), "wanted is"),
        (
            lambda m1, mu, v, m2, nu, w: (_mean(m1, mu, m2, nu), _mean(m1, v, m2, w)),
            "how far apart",
        ),
        (lambda m1, mu, v, m2, nu, w: (_mean(m1, mu, m2, nu), (v + w) / 2), "weigh them"),
        (
            lambda m1, mu, v, m2, nu, w: (
                _mean(m1, mu, m2, nu),
                (v + w) / 2 + _between(m1, mu, m2, nu),
            ),
            "weigh them",
        ),
        (lambda m1, mu, v, m2, nu, w: (_mean(m1, mu, m2, nu), v + w), "The variance is"),
        (_one_pass, "Right on paper"),
    ],
)
def test_merge_says_what_is_wrong(answer, words):
    verdict = bn.checks.merge(answer)
    assert not verdict
    assert words in verdict.message
