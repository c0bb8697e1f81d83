"""The exercises of notebook 00."""

from __future__ import annotations

import numpy as np

from ..network import mlp
from ..optimizers import SGD
from ..training import evaluate, train
from .verdict import as_numbers, close, exercise, expect


@exercise
def saturated_share(answer):
    """``saturated_share(a)`` returns the share of sigmoid outputs below 0.05 or above 0.95."""
    a = np.array([[0.01, 0.5, 0.97], [0.2, 0.03, 0.6], [0.04, 0.96, 0.99], [0.5, 0.5, 0.5]])
    got = float(as_numbers(answer(a), "the share", ()))
    expect(abs(got - 3 / 12) > 1e-9, "You count one side only: below 0.05 is saturated as well.")
    expect(got <= 1, f"A share lies between 0 and 1, got {got:g}: divide by how many there are.")
    expect(abs(got - 6 / 12) < 1e-9, f"For the check's 12 activations it is 0.5; yours is {got:g}.")
    expect(abs(answer(a[:1]) - 2 / 3) < 1e-9, "Right for 12 activations, not for 3 of them.")
    return "Half of the check's activations sit in the flat parts of the sigmoid."


@exercise
def working_rate(answer):
    """A learning rate at which two hidden sigmoid layers without BN train within 60 steps."""
    from ..demos.common.race import standardized_digits  # the check trains what the map trains

    rate = float(as_numbers(answer, "the learning rate", ()))
    expect(rate > 0, f"A learning rate is positive, got {rate:g}.")
    x_train, y_train, x_test, y_test = standardized_digits()
    right = []
    for seed in range(5):
        network = mlp([64, 50, 50, 10], activation="sigmoid", seed=seed)
        for _ in train(
            network, (x_train, y_train), SGD(rate), steps=60, batch_size=60, seed=seed, every=60
        ):
            pass
        right.append(evaluate(network, x_test, y_test).accuracy)
    median = np.median(right)
    expect(
        median >= 0.7, f"At {rate:g} the median of five runs is {median:.0%} right; wanted: 70 %."
    )
    return "The median of five runs is above 70 % right."


@exercise
def training_losses(answer):
    """``training_losses(network, data, lr, steps)`` returns the mini-batch losses of a run."""
    rng = np.random.default_rng(4)
    x, y = rng.normal(size=(40, 5)), rng.integers(0, 3, 40)
    wanted = [s.loss for s in train(_small(), (x, y), SGD(0.5), steps=12, batch_size=10, seed=0)]
    got = as_numbers(answer(_small(), (x, y), 0.5, 12), "the list of losses")
    expect(got.shape == (12,), f"12 steps give 12 losses; yours has shape {got.shape}.")
    expect(
        not close(got, np.full(12, wanted[0])) and got.std() > 1e-6,
        "All losses are the same: the network does not change.",
    )
    expect(
        close(got, wanted, 1e-5),
        f"The losses begin {got[:2].round(3)}, wanted is {np.round(wanted[:2], 3)}: "
        "use bn.SGD(lr), batch_size=10 and seed=0.",
    )
    return "Every step's loss, in order."


def _small():
    return mlp([5, 8, 3], activation="tanh", batch_norm=True, dtype="float64", seed=1)
