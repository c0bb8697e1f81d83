"""Wrong answers to the exercises of notebook 01, and the words that each is given."""

import re

import numpy as np
import pytest

import bnlib as bn


def by(mean, std):
    """An answer that takes mean and std from (the set itself, the training set)."""

    def answer(x_train, x_test):
        return tuple((x - mean(x, x_train)) / std(x, x_train) for x in (x_train, x_test))

    return answer


def train_mean(x, train):
    return train.mean(axis=0)


def train_std(x, train):
    return train.std(axis=0)


def in_place(x_train, x_test):
    mean, std = x_train.mean(axis=0), x_train.std(axis=0)
    x_train -= mean
    x_train /= std
    return x_train, (x_test - mean) / std


def together(x_train, x_test):
    both = np.concatenate([x_train, x_test])
    return tuple((x - both.mean(axis=0)) / both.std(axis=0) for x in (x_train, x_test))


def standardizer(x_train, x_test):
    scale = bn.Standardizer().fit(x_train)
    return scale.transform(x_train), scale.transform(x_test)


STANDARDIZE = {
    "dots": (lambda *given: ..., "Nothing to check"),
    "only one": (lambda a, b: (a - a.mean(axis=0)) / a.std(axis=0), "Return two things"),
    "swapped": (lambda a, b: standardizer(a, b)[::-1], r"training array has shape \(20, 3\)"),
    "one mean for all": (by(lambda x, t: t.mean(), lambda x, t: t.std()), "All features share one"),
    "rows": (
        by(lambda x, t: x.mean(axis=1, keepdims=True), lambda x, t: x.std(axis=1, keepdims=True)),
        "have mean",
    ),
    "axis 1": (by(lambda x, t: t.mean(axis=1), lambda x, t: 1), "Your code raised ValueError"),
    "variance": (by(train_mean, lambda x, t: t.var(axis=0)), "divide by the variance"),
    "m − 1": (by(train_mean, lambda x, t: t.std(axis=0, ddof=1)), "divide by m − 1"),
    "not centred": (by(lambda x, t: 0, train_std), "have mean"),
    "only centred": (by(train_mean, lambda x, t: 1), "have standard deviation"),
    "from 0 to 1": (by(lambda x, t: t.min(axis=0), lambda x, t: np.ptp(t, axis=0)), "have mean"),
    "ε": (by(train_mean, lambda x, t: np.sqrt(t.var(axis=0) + 1e-8)), "Nearly.*ε"),
    "large ε": (by(train_mean, lambda x, t: np.sqrt(t.var(axis=0) + 1e-5)), "Nearly.*ε"),
    "own": (by(lambda x, t: x.mean(axis=0), lambda x, t: x.std(axis=0)), "uses its own mean and"),
    "own mean": (by(lambda x, t: x.mean(axis=0), train_std), "training set is right, the test"),
    "own std": (by(train_mean, lambda x, t: x.std(axis=0)), "training set is right, the test"),
    "test as it was": (lambda a, b: (standardizer(a, b)[0], b), "training set is right, the test"),
    "both together": (together, "have mean"),
    "in place": (in_place, "have changed"),
    "σ = 0": (by(train_mean, lambda x, t: 0 * t[0]), "NaN or infinity: is something divided by 0"),
    "words": (lambda a, b: ("a", "b"), "must be numbers"),
}
LARGEST_STEP = {
    "dots": (lambda h: ..., "Nothing to check"),
    "λmin": (lambda h: 2 / np.linalg.eigvalsh(h)[0], "2/λmin"),
    "half": (lambda h: 1 / np.linalg.eigvalsh(h)[-1], "1/λmax: stable, but twice as much"),
    "λmax": (lambda h: np.linalg.eigvalsh(h)[-1], "At 0.99 ×|still settles"),
    "trace": (lambda h: 2 / np.trace(h), "still settles: more is possible"),
    "largest entry": (lambda h: 2 / np.abs(h).max(), "already leaves"),
    "a little less": (lambda h: 1.999 / np.linalg.eigvalsh(h)[-1], "Close, but .* not exactly"),
    "much more": (lambda h: 1e3 / np.linalg.eigvalsh(h)[-1], "already leaves the optimum"),
    "as far as floats go": (lambda h: 1e305, "already leaves the optimum"),
    "negative": (lambda h: -0.1, "is positive, got -0.1"),
    "both": (lambda h: 2 / np.linalg.eigvalsh(h), r"has shape \(3,\)"),
    "not a square": (lambda h: np.linalg.eigvalsh(h[0]), "Your code raised LinAlgError"),
}
FOLD = {
    "dots": (lambda w, b, mean, std: ..., "Nothing to check"),
    "pair of dots": (lambda w, b, mean, std: (..., ...), "Nothing to check"),
    "times std": (lambda w, b, mean, std: (w * std, b), "multiplied by std"),
    "as they were": (lambda w, b, mean, std: (w, b), "weights are not right"),
    "same bias": (lambda w, b, mean, std: (w / std, b), "bias must change as well"),
    "plus": (lambda w, b, mean, std: (w / std, b + w / std @ mean), "bias is not.*differ by"),
    "without std": (lambda w, b, mean, std: (w / std, b - w @ mean), "bias is not.*differ by"),
    "not summed": (lambda w, b, mean, std: (w / std, b - w / std * mean), r"bias has shape \(3,\)"),
    "swapped": (lambda w, b, mean, std: (b - w / std @ mean, w / std), r"weights has shape \(\)"),
    "weights only": (lambda w, b, mean, std: w / std, "Return two things"),
}
CASES = {"standardize": STANDARDIZE, "largest_step": LARGEST_STEP, "fold": FOLD}


@pytest.mark.parametrize(
    ("check", "name"), [(check, name) for check, cases in CASES.items() for name in cases]
)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_wrong_answer_is_told_apart_in_words(check, name):
    answer, words = CASES[check][name]
    verdict = getattr(bn.checks, check)(answer)
    assert not verdict
    assert re.search(words, verdict.message), verdict


@pytest.mark.parametrize(
    "answer",
    [
        standardizer,
        lambda a, b: [(x - a.mean(0)) / np.sqrt(((a - a.mean(0)) ** 2).mean(0)) for x in (a, b)],
        lambda a, b: tuple(((x - a.mean(0)) / a.std(0)).tolist() for x in (a, b)),
        lambda a, b: tuple(((x - a.mean(0)) / a.std(0)).astype("float32") for x in (a, b)),
    ],
)
def test_every_way_to_standardize_rightly_passes(answer):
    assert bn.checks.standardize(answer), bn.checks.standardize(answer)


@pytest.mark.parametrize(
    "answer",
    [
        lambda h: 2 / np.linalg.norm(h, 2),
        lambda h: 2 / max(np.linalg.eig(h)[0]),
        lambda h: np.array(2 / np.linalg.svd(h)[1][0]),
    ],
)
def test_every_way_to_the_largest_step_passes(answer):
    assert bn.checks.largest_step(answer), bn.checks.largest_step(answer)


@pytest.mark.parametrize(
    "answer",
    [
        lambda w, b, mean, std: [w / std, b - sum(w * mean / std)],
        lambda w, b, mean, std: (np.linalg.solve(np.diag(std), w), b - mean @ (w / std)),
    ],
)
def test_every_way_to_fold_rightly_passes(answer):
    assert bn.checks.fold(answer), bn.checks.fold(answer)
