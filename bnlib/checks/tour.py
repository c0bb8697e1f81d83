"""The exercises of notebook 00."""

from functools import lru_cache

import numpy as np

from ..datasets import standardized_digits
from ..network import mlp
from ..optimizers import SGD
from ..training import evaluate, fit, train
from .table import Part, When, exercise

A = np.array([[0.01, 0.5, 0.97], [0.2, 0.03, 0.6], [0.04, 0.96, 0.99], [0.5, 0.5, 0.5]])
rng = np.random.default_rng(4)
DATA = rng.normal(size=(40, 5)), rng.integers(0, 3, 40)
NETWORK = mlp([5, 8, 3], activation="tanh", batch_norm=True, dtype="float64", seed=1)


@exercise(
    cases=[(A,)],
    also={"Right for 12 activations, not for 3 of them.": (A[:1],)},
    praise="Half of the check's activations sit in the flat parts of the sigmoid.",
)
def saturated_share(a):
    """``saturated_share(a)`` returns the share of sigmoid outputs below 0.05 or above 0.95."""
    flat = (a < 0.05) | (a > 0.95)
    number = When(flat.sum(), lambda got: got > 1)
    return Part("the share", flat.mean()) | {
        "You count one side only: below 0.05 is saturated as well.": np.mean(a > 0.95),
        "A share lies between 0 and 1, got {got:g}: divide by how many there are.": number,
        "For the check's 12 activations it is 0.5; yours is {got:g}.": ...,
    }


@lru_cache(1)
def _share_right(rate):
    """The median of five runs of what the map of this notebook trains, without BN."""
    data, shares = standardized_digits(), []
    for seed in range(5):
        network = mlp([64, 50, 50, 10], activation="sigmoid", seed=seed)
        fit(network, data, SGD(rate), steps=60, batch_size=60, seed=seed)
        shares.append(evaluate(network, data.x_test, data.y_test).accuracy)
    return np.median(shares)


@exercise(cases=[()], praise="The median of five runs is above 70 % right.")
def working_rate():
    """A learning rate at which two hidden sigmoid layers without BN train within 60 steps."""

    def right(got):
        return got > 0 and _share_right(float(got)) >= 0.7

    slow = When(1e-4, lambda got: {"share": _share_right(float(got))})
    return Part("the learning rate", 3.0, right=right) | {
        "A learning rate is positive, got {got:g}.": When(-1.0, lambda got: got <= 0),
        "At {got:g} the median of five runs is {share:.0%} right; wanted: 70 %.": slow,
    }


@exercise(cases=[(NETWORK, DATA, 0.5, 12)], praise="Every step's loss, in order.")
def training_losses(network, data, lr, steps):
    """``training_losses(network, data, lr, steps)`` returns the mini-batch losses of a run."""
    run = train(network, data, SGD(lr), steps=steps, batch_size=10, seed=0)
    wanted = np.array([snapshot.loss for snapshot in run])
    one_less = When(wanted[1:], lambda got: got.shape != (12,))
    constant = When(np.full(12, wanted[0]), lambda got: got.std() <= 1e-6)
    return Part("the list of losses", wanted, tolerance=1e-5) | {
        "12 steps give 12 losses; yours has shape {got.shape}.": one_less,
        "All losses are the same: the network does not change.": constant,
        "The losses begin {begin:3}, wanted is {first:3}: use bn.SGD(lr), batch_size=10 and "
        "seed=0.": When(wanted + 1, lambda got: {"begin": got[:2], "first": wanted[:2]}),
    }
