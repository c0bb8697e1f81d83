"""The exercises of notebook 01."""

from __future__ import annotations

import numpy as np

from ..logistic import gradient_descent, logistic_hessian, logistic_optimum, path_losses
from .verdict import as_numbers, as_pair, close, exercise, expect


@exercise
def standardize(answer):
    """``standardize(x_train, x_test)`` returns both, standardized with the training statistics."""
    rng = np.random.default_rng(1)
    train = rng.normal([3.0, -200.0, 0.5], [2.0, 50.0, 0.01], (60, 3))
    test = rng.normal([4.0, -100.0, 0.5], [1.0, 50.0, 0.02], (20, 3))
    kept = train.copy(), test.copy()
    got_train, got_test = as_pair(answer(train, test), "the training and the test array")
    got_train = as_numbers(got_train, "the training array", train.shape)
    got_test = as_numbers(got_test, "the test array", test.shape)
    same = np.array_equal(train, kept[0]) and np.array_equal(test, kept[1])
    expect(same, "The arrays you were given have changed: compute new ones instead.")

    mean, std = train.mean(axis=0), train.std(axis=0)
    expect(
        not close(got_train, (train - train.mean()) / train.std()),
        "All features share one mean and one standard deviation. Each feature needs its own: "
        "average over the examples, axis=0.",
    )
    expect(
        not close(got_train, (train - mean) / std**2),
        "You divide by the variance. Divide by its square root, the standard deviation.",
    )
    expect(
        not close(got_train, (train - mean) / train.std(axis=0, ddof=1)),
        "You divide by m − 1. Here the variance divides by m, the number of examples.",
    )
    expect(
        close(got_train.mean(axis=0) + 1, 1),
        f"The training features have mean {got_train.mean(axis=0).round(3)}, wanted is 0.",
    )
    expect(
        close(got_train, (train - mean) / std) or not close(got_train, (train - mean) / std, 0.1),
        "Nearly: do you add something (an ε) to the standard deviation? Divide by σ itself.",
    )
    expect(
        close(got_train, (train - mean) / std),
        f"The training features have standard deviation {got_train.std(axis=0).round(3)}, "
        "wanted is 1.",
    )
    expect(
        not close(got_test, (test - test.mean(axis=0)) / test.std(axis=0)),
        "The test set uses its own mean and standard deviation. Use those of the training set.",
    )
    expect(close(got_test, (test - mean) / std), "The training set is right, the test set is not.")
    return "Both sets are measured with the training set's ruler."


@exercise
def largest_step(answer):
    """``largest_step(hessian)`` returns the learning rate above which descent is unstable."""
    rng = np.random.default_rng(2)
    x = rng.normal([0.0, 2.0], [1.0, 3.0], (80, 2))
    y = (x @ [1.0, -0.5] + rng.logistic(size=80) > 0).astype(int)
    optimum = logistic_optimum(x, y)
    hessian = logistic_hessian(optimum, x, y)
    got = float(as_numbers(answer(hessian), "the learning rate", ()))
    expect(got > 0, f"A learning rate is positive, got {got:.3g}.")
    low, *_, high = np.linalg.eigvalsh(hessian)
    expect(abs(got * low / 2 - 1) > 1e-6, "That is 2/λmin. The steepest direction decides: λmax.")
    expect(abs(got * high - 1) > 1e-6, "That is 1/λmax: stable, but twice as much still is.")

    def leaves(rate):
        path = gradient_descent(x, y, rate, 3000, optimum + 1e-4)
        start, end = path_losses(path[[0, -1]], x, y)
        return not end <= start  # infinite or NaN where the descent has run away

    expect(not leaves(0.99 * got), f"At 0.99 × {got:.4g} the descent already leaves the optimum.")
    expect(leaves(1.01 * got), f"At 1.01 × {got:.4g} the descent still settles: more is possible.")
    expect(abs(got * high / 2 - 1) < 1e-6, f"Close, but {got:.6g} is not exactly 2/λmax.")
    return "Descent settles at 0.99 of your rate and leaves at 1.01 of it."


@exercise
def fold(answer):
    """``fold(w, b, mean, std)`` returns weights and bias for the raw inputs."""
    rng = np.random.default_rng(3)
    x = rng.normal([5.0, -80.0, 0.1], [2.0, 30.0, 0.05], (50, 3))
    mean, std = x.mean(axis=0), x.std(axis=0)
    w, b = np.array([1.5, -0.7, 2.0]), 0.3
    got_w, got_b = as_pair(answer(w, b, mean, std), "the weights and the bias")
    got_w, got_b = as_numbers(got_w, "the weights", w.shape), as_numbers(got_b, "the bias", ())
    expect(not close(got_w, w * std), "The weights are multiplied by std: divide instead.")
    expect(
        close(got_w, w / std),
        "The weights are not right: what stands before x in w·(x − mean)/std?",
    )
    expect(abs(got_b - b) > 1e-9, "The weights are right. The bias must change as well.")
    expect(
        close(x @ got_w + got_b, (x - mean) / std @ w + b),
        "The weights are right, the bias is not: the outputs for raw x differ by "
        f"{np.mean(x @ got_w + got_b - ((x - mean) / std @ w + b)):.3g}.",
    )
    return "The raw and the standardized model give the same output for every x."
