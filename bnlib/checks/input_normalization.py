"""The exercises of notebook 01."""

import numpy as np

from ..logistic import gradient_descent, logistic_hessian, logistic_optimum, path_losses
from .answer import close
from .formula import z_norm
from .table import Part, Several, When, exercise

rng = np.random.default_rng(1)
TRAIN = rng.normal([3.0, -200.0, 0.5], [2.0, 50.0, 0.01], (60, 3))
TEST = rng.normal([4.0, -100.0, 0.5], [1.0, 50.0, 0.02], (20, 3))

rng = np.random.default_rng(2)
X = rng.normal([0.0, 2.0], [1.0, 3.0], (80, 2))
Y = (X @ [1.0, -0.5] + rng.logistic(size=80) > 0).astype(int)
OPTIMUM = logistic_optimum(X, Y)

RAW = np.random.default_rng(3).normal([5.0, -80.0, 0.1], [2.0, 30.0, 0.05], (50, 3))


@exercise(cases=[(TRAIN, TEST)], praise="Both sets are measured with the training set's ruler.")
def standardize(x_train, x_test):
    """``standardize(x_train, x_test)`` returns both, standardized with the training statistics."""
    mean, std = x_train.mean(axis=0), x_train.std(axis=0)
    by_var, by_less = (x_train - mean) / std**2, z_norm(x_train, ddof=1)
    moved = When(x_train / std, lambda got: np.abs(got.mean(axis=0)).max() > 1e-6)
    with_eps = (x_train - mean) / (std + 1e-5)
    added = When(with_eps, lambda got: close(got, z_norm(x_train), 0.1))
    train = Part("the training array", z_norm(x_train)) | {
        "All features share one mean and one standard deviation. Each feature needs its own: "
        "average over the examples, axis=0.": z_norm(x_train, axis=None),
        "You divide by the variance. Divide by its square root, the standard deviation.": by_var,
        "You divide by m − 1. Here the variance divides by m, the number of examples.": by_less,
        "The training features have mean {mean:3}, wanted is 0.": moved,
        "Nearly: do you add something (an ε) to the standard deviation? Divide by σ itself.": added,
        "The training features have standard deviation {std:3}, wanted is 1.": ...,
    }
    test = Part("the test array", (x_test - mean) / std) | {
        "The test set uses its own mean and standard deviation. Use those of the training set.": (
            z_norm(x_test)
        ),
        "The training set is right, the test set is not.": ...,
    }
    return Several("the training and the test array", (train, test))


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
    above = When(2.03 / high, lambda got: _leaves(0.99 * got))
    below = When(1.97 / high, lambda got: not _leaves(1.01 * got))
    return Part("the learning rate", 2 / high) | {
        "A learning rate is positive, got {got:.3g}.": When(-0.1, lambda got: got <= 0),
        "That is 2/λmin. The steepest direction decides: λmax.": 2 / low,
        "That is 1/λmax: stable, but twice as much still is.": 1 / high,
        "At 0.99 × {got:.4g} the descent already leaves the optimum.": above,
        "At 1.01 × {got:.4g} the descent still settles: more is possible.": below,
        "Close, but {got:.6g} is not exactly 2/λmax.": ...,
    }


@exercise(
    cases=[(np.array([1.5, -0.7, 2.0]), 0.3, RAW.mean(axis=0), RAW.std(axis=0))],
    praise="The raw and the standardized model give the same output for every x.",
)
def fold(w, b, mean, std):
    """``fold(w, b, mean, std)`` returns weights and bias for the raw inputs."""
    weights = Part("the weights", w / std) | {
        "The weights are multiplied by std: divide instead.": w * std,
        "The weights are not right: what stands before x in w·(x − mean)/std?": ...,
    }
    bias = Part("the bias", b - w / std @ mean) | {
        "The weights are right. The bias must change as well.": b,
        "The weights are right, the bias is not: the outputs for raw x differ by {diff:.3g}.": ...,
    }
    return Several("the weights and the bias", (weights, bias))
