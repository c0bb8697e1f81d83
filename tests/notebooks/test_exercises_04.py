"""Wrong answers to the exercises of notebook 04, and the words that each is given."""

import numpy as np
import pytest

import bnlib as bn


def mean_noise(factor, ddof=0):
    return lambda z, m: z.std(axis=0, ddof=ddof) * factor(len(z), m)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda z, m: ..., "Replace the dots"),
        (lambda z, m: None, "None"),
        (lambda z, m: z.std() / np.sqrt(m), "axis=0"),
        (lambda z, m: z.std(axis=1) / np.sqrt(m), "3 units"),
        (mean_noise(lambda N, m: 1), "spread of the examples"),
        (mean_noise(lambda N, m: 1 / m), "You divide by m"),
        (lambda z, m: z.var(axis=0) / m, "take the root"),
        (mean_noise(lambda N, m: m**-0.5), "with replacement"),
        (mean_noise(lambda N, m: m**-0.5 * (N - m) / (N - 1)), "Take its root"),
        (mean_noise(lambda N, m: m**-0.5 * np.sqrt(1 - m / N)), "1 − m/N"),
        (mean_noise(lambda N, m: m**-0.5 * np.sqrt((40 - 5) / 39)), "for m = N"),
        (mean_noise(lambda N, m: 2 * m**-0.5), "yours is"),
        (lambda z, m: z[1000], "raised IndexError"),
    ],
)
def test_mean_noise_says_what_is_wrong(answer, words):
    verdict = bn.checks.mean_noise(answer)
    assert not verdict
    assert words in verdict.message


def test_mean_noise_takes_the_other_convention():
    """σ² that divides by N − 1 with 1 − m/N is the same number."""
    assert bn.checks.mean_noise(mean_noise(lambda N, m: np.sqrt((1 - m / N) / m), ddof=1))


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda z, noise: ..., "Replace the dots"),
        (lambda z, noise: int(np.ceil(1 / noise**2)), "leave out the noise of σ_B"),
        (lambda z, noise: int(np.ceil((1 + z**2) / noise**2)), "too large"),
        (lambda z, noise: int(np.ceil(np.sqrt(1 + z**2 / 2) / noise)), "so square"),
        (lambda z, noise: int(np.ceil((1 + abs(z) ** 2 * np.sign(z) / 2) / noise**2)), "yours is"),
        (lambda z, noise: int((1 + z**2 / 2) / noise**2), "round up"),
        (lambda z, noise: (1 + z**2 / 2) / noise**2 + 0.01, "whole number"),
        (lambda z, noise: 10**6, "the smallest batch is 12"),
        (lambda z, noise: np.ones(3), "shape"),
        (lambda z, noise: 1 / 0, "raised ZeroDivisionError"),
    ],
)
def test_smallest_batch_says_what_is_wrong(answer, words):
    verdict = bn.checks.smallest_batch(answer)
    assert not verdict
    assert words in verdict.message


def whole(z, size, eps, axis=0):
    return (z - z.mean(axis=axis)) / np.sqrt(z.var(axis=axis) + eps)


def in_parts(cut, norm=whole):
    def ghost_normalize(z, size, eps):
        out = np.empty_like(z)
        for rows in cut(len(z), size):
            out[rows] = norm(z[rows], size, eps)
        return out

    return ghost_normalize


def consecutive(m, size):
    return [slice(k, k + size) for k in range(0, m, size)]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda z, size, eps: ..., "Replace the dots"),
        (whole, "cut it into parts"),
        (in_parts(lambda m, size: [slice(k, None, m // size) for k in range(m // size)]), "every"),
        (in_parts(lambda m, size: consecutive(m, m // size)), "parts of `size` rows"),
        (in_parts(consecutive, lambda z, s, e: whole(z, s, e, axis=None)), "axis=0"),
        (in_parts(consecutive, lambda z, s, e: z), "parts' means reach"),
        (in_parts(consecutive, lambda z, s, e: whole(z, s, 2 * e)), "standard deviations not"),
        (in_parts(lambda m, size: consecutive(m, 4)), "not for parts of 2"),
        (lambda z, size, eps: z.__iadd__(1), "has changed"),
        (lambda z, size, eps: z.reshape(-1, size, 3), "has shape"),
    ],
)
def test_ghost_normalize_says_what_is_wrong(answer, words):
    verdict = bn.checks.ghost_normalize(answer)
    assert not verdict
    assert words in verdict.message


def test_the_library_passes():
    def with_the_layer(z, size, eps):
        return bn.GhostBatchNorm(3, size, eps=eps, dtype="float64").forward(z, training=True)

    assert bn.checks.ghost_normalize(with_the_layer)
