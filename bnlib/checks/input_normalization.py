"""The exercises of notebook 01."""

from __future__ import annotations

import numpy as np

from ..logistic import gradient_descent, logistic_hessian, logistic_optimum, path_losses
from .answer import close
from .table import Part, Several, When, exercise


def _sets():
    rng = np.random.default_rng(1)
    train = rng.normal([3.0, -200.0, 0.5], [2.0, 50.0, 0.01], (60, 3))
    return train, rng.normal([4.0, -100.0, 0.5], [1.0, 50.0, 0.02], (20, 3))


@exercise(cases=[_sets()], praise="Both sets are measured with the training set's ruler.")
def standardize(x_train, x_test):
    """``standardize(x_train, x_test)`` returns both, standardized with the training statistics."""
    mean, std = x_train.mean(axis=0), x_train.std(axis=0)
    centred = x_train - mean
    wanted, by_less = centred / std, centred / x_train.std(axis=0, ddof=1)
    mistakes = {
        "All features share one mean and one standard deviation. Each feature needs its own: "
        "average over the examples, axis=0.": (x_train - x_train.mean()) / x_train.std(),
        "You divide by the variance. Divide by its square root, the standard deviation.": (
            centred / std**2
        ),
        "You divide by m − 1. Here the variance divides by m, the number of examples.": by_less,
        "The training features have mean {mean:3}, wanted is 0.": (
            When(x_train / std, lambda got: np.abs(got.mean(axis=0)).max() > 1e-6)
        ),
        "Nearly: do you add something (an ε) to the standard deviation? Divide by σ itself.": (
            When(centred / (std + 1e-5), lambda got: close(got, wanted, 0.1))
        ),
        "The training features have standard deviation {std:3}, wanted is 1.": ...,
    }
    train = Part("the training array", wanted, mistakes)
    mistakes = {
        "The test set uses its own mean and standard deviation. Use those of the training set.": (
            (x_test - x_test.mean(axis=0)) / x_test.std(axis=0)
        ),
        "The training set is right, the test set is not.": ...,
    }
    test = Part("the test array", (x_test - mean) / std, mistakes)
    return Several("the training and the test array", train, test)


def _regression():
    """x, y, and the weights where the loss is least."""
    rng = np.random.default_rng(2)
    x = rng.normal([0.0, 2.0], [1.0, 3.0], (80, 2))
    y = (x @ [1.0, -0.5] + rng.logistic(size=80) > 0).astype(int)
    return x, y, logistic_optimum(x, y)


X, Y, OPTIMUM = _regression()


def _leaves(rate):
    """Whether descent from beside the optimum runs away."""
    path = gradient_descent(X, Y, rate, 3000, OPTIMUM + 1e-4)
    start, end = path_losses(path[[0, -1]], X, Y)
    return not end <= start  # infinite or NaN where it has run away


@exercise(
    cases=[(logistic_hessian(OPTIMUM, X, Y),)],
    praise="Descent settles at 0.99 of your rate and leaves at 1.01 of it.",
)
def largest_step(hessian):
    """``largest_step(hessian)`` returns the learning rate above which descent is unstable."""
    low, *_, high = np.linalg.eigvalsh(hessian)
    mistakes = {
        "A learning rate is positive, got {got:.3g}.": When(-0.1, lambda got: got <= 0),
        "That is 2/λmin. The steepest direction decides: λmax.": 2 / low,
        "That is 1/λmax: stable, but twice as much still is.": 1 / high,
        "At 0.99 × {got:.4g} the descent already leaves the optimum.": (
            When(2.03 / high, lambda got: _leaves(0.99 * got))
        ),
        "At 1.01 × {got:.4g} the descent still settles: more is possible.": (
            When(1.97 / high, lambda got: not _leaves(1.01 * got))
        ),
        "Close, but {got:.6g} is not exactly 2/λmax.": ...,
    }
    return Part("the learning rate", 2 / high, mistakes)


def _model():
    x = np.random.default_rng(3).normal([5.0, -80.0, 0.1], [2.0, 30.0, 0.05], (50, 3))
    return np.array([1.5, -0.7, 2.0]), 0.3, x.mean(axis=0), x.std(axis=0)


@exercise(
    cases=[_model()],
    praise="The raw and the standardized model give the same output for every x.",
)
def fold(w, b, mean, std):
    """``fold(w, b, mean, std)`` returns weights and bias for the raw inputs."""
    mistakes = {
        "The weights are multiplied by std: divide instead.": w * std,
        "The weights are not right: what stands before x in w·(x − mean)/std?": ...,
    }
    weights = Part("the weights", w / std, mistakes)
    mistakes = {
        "The weights are right. The bias must change as well.": b,
        "The weights are right, the bias is not: the outputs for raw x differ by {diff:.3g}.": ...,
    }
    bias = Part("the bias", b - w / std @ mean, mistakes)
    return Several("the weights and the bias", weights, bias)
