"""The checks of notebook 05 name the mistakes one by one."""

from pathlib import Path

import numpy as np
import pytest

import bnlib as bn

SOLUTIONS = Path(__file__).parent.parent.parent / "notebooks" / "solutions"
EXERCISES = {
    "track": "05_1_track.py",
    "steps_to_forget": "05_2_steps_to_forget.py",
    "fold_into_linear": "05_3_fold_into_linear.py",
}


@pytest.mark.parametrize("name", EXERCISES)
def test_the_solution_is_right(name):
    space = {"np": np, "bn": bn}
    exec((SOLUTIONS / EXERCISES[name]).read_text(encoding="utf-8"), space)
    verdict = getattr(bn.checks, name)(space[name])
    assert verdict, verdict


@pytest.mark.parametrize("name", EXERCISES)
@pytest.mark.parametrize(
    "answer",
    [
        lambda *given: ...,
        lambda *given: None,
        lambda *given: (..., ...),
        lambda *given: "gamma",
        lambda *given: 1 / 0,
        lambda *given: np.nan,
        lambda *given: (np.full(2, np.nan), np.ones(2)),
        lambda *given: (np.zeros((3, 3)), np.zeros(3)),
        lambda *given: np.zeros(3),
        lambda: None,
        7,
    ],
)
def test_nothing_that_an_answer_does_raises(name, answer):
    verdict = getattr(bn.checks, name)(answer)
    assert not verdict
    assert repr(verdict).startswith("Not yet.")


def tracked(mean=np.mean, var=np.var, correct=True, swap=False, late=0, var_too=True, change=0):
    def track(batches, decay):
        batches[0][...] += change
        kept = 1 - decay if swap else decay
        v = np.zeros(2), np.zeros(2)
        for batch in batches:
            new = mean(batch, axis=0), var(batch, axis=0)
            v = tuple(kept * old + (1 - kept) * each for old, each in zip(v, new, strict=True))
        share = 1 - kept ** (len(batches) - late) if correct else 1
        return v[0] / share, v[1] / (share if var_too else 1)

    return track


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (tracked(correct=False), "21 % of the weight"),
        (tracked(late=1), "t − 1"),
        (tracked(swap=True), "decay · old"),
        (lambda b, d: (np.mean(b, axis=(0, 1)), np.var(b, axis=(0, 1))), "plain mean"),
        (lambda b, d: (b[-1].mean(axis=0), b[-1].var(axis=0)), "last batch alone"),
        (tracked(mean=np.median), "The mean is"),
        (tracked(var=lambda b, axis: b.var(axis, ddof=1)), "m − 1"),
        (tracked(var=np.std), "standard deviations"),
        (tracked(var_too=False), "same correction"),
        (tracked(var=lambda b, axis: b.var(axis) + 1), "The variance is"),
        (tracked(change=1), "have changed"),
        (lambda b, d: np.zeros(2), "Return two things"),
        (lambda b, d: (0.0, 1.0), "shape"),
    ],
)
def test_track_says_what_is_wrong(answer, words):
    verdict = bn.checks.track(answer)
    assert not verdict
    assert words in verdict.message


def test_track_looks_at_one_batch_too():
    right = tracked()
    seven_only = lambda b, d: right(b, d) if len(b) > 1 else (np.zeros(2), np.ones(2))  # noqa: E731
    assert "After one batch" in bn.checks.track(seven_only).message


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda m, s: np.ceil(np.log(s) / np.log(m)), "share of the new batch"),
        (lambda m, s: 1 / m, "1/momentum is the window"),
        (lambda m, s: np.floor(np.log(s) / np.log(1 - m)), "still there"),
        (lambda m, s: np.log(s) / np.log(1 - m), "still there"),
        (lambda m, s: np.log(s) / np.log(1 - m) + 0.5, "no whole number"),
        (lambda m, s: np.ceil(np.log(s) / np.log(1 - m)) + 1, "are enough"),
        (lambda m, s: 44, "For momentum 0.01"),
        (lambda m, s: (1, 2), "shape"),
    ],
)
def test_steps_to_forget_says_what_is_wrong(answer, words):
    verdict = bn.checks.steps_to_forget(answer)
    assert not verdict
    assert words in verdict.message


def folded(W=lambda W, s: W * s, b=lambda beta, s, mean: beta - s * mean, scale=None):
    scale = scale or (lambda gamma, var, eps: gamma / np.sqrt(var + eps))

    def fold_into_linear(weights, gamma, beta, mean, var, eps):
        s = scale(gamma, var, eps)
        return W(weights, s), b(beta, s, mean)

    return fold_into_linear


def in_place(W, s):
    W *= s
    return W


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (folded(W=lambda W, s: W * s[:, None]), "the rows of W"),
        (folded(scale=lambda gamma, var, eps: gamma / (var + eps)), "root of σ² + ε"),
        (folded(scale=lambda gamma, var, eps: gamma / np.sqrt(var)), "ε = 0.2"),
        (folded(scale=lambda gamma, var, eps: 1 / np.sqrt(var + eps)), "lack γ"),
        (folded(W=lambda W, s: W), "stay as they are"),
        (folded(W=lambda W, s: W / s), "what stands before"),
        (folded(W=in_place), "has changed"),
        (folded(b=lambda beta, s, mean: beta - mean), "scaled before"),
        (folded(b=lambda beta, s, mean: beta + s * mean), "The sign"),
        (folded(b=lambda beta, s, mean: beta), "subtracting μ"),
        (folded(b=lambda beta, s, mean: -s * mean), "lacks β"),
        (folded(b=lambda beta, s, mean: s * (beta - mean)), "not scaled"),
        (folded(b=lambda beta, s, mean: 2 * beta), "outputs differ"),
        (folded(b=lambda beta, s, mean: 0.0), "shape"),
    ],
)
def test_fold_into_linear_says_what_is_wrong(answer, words):
    verdict = bn.checks.fold_into_linear(answer)
    assert not verdict
    assert words in verdict.message
