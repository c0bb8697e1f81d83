"""Two networks trained at their own rates, and the line along the gradient now and then."""

from functools import partial

import numpy as np

from ...datasets import standardized_digits
from ...network import mlp
from ...optimizers import SGD
from ...training import train
from ..common.race import SEEDS
from .along_the_gradient import along_the_gradient, times_hidden

KINDS = ("no BN", "BN")
UNITS = ("learning rate", "share of ‖W‖", "promised fall")
MEASURES = ("trusted step", "change of the gradient")
LOOKS = (0, 10, 20, 50, 100, 200)  # steps of training
BATCH, PROBE = 60, 200
# Near those with the most digits right that were kept aside, of 0.03 to 5, after 200 steps.
DEPTHS = {"relu": 5, "tanh": 5, "sigmoid": 3}
RATES = {"relu": (0.3, 0.5), "tanh": (1.0, 0.5), "sigmoid": (2.0, 1.0)}


def network_of(kind, activation, seed):
    sizes = [64, *[50] * DEPTHS[activation], 10]
    return mlp(sizes, activation, kind == "BN", dtype="float64", seed=seed)


def trained(kind, activation, seed):
    """The network at its own rate; its parameters after each of LOOKS, and itself."""
    network = network_of(kind, activation, seed)
    params = {0: network.flat_params.copy()}
    optimizer = SGD(RATES[activation][KINDS.index(kind)])
    options = {"steps": LOOKS[-1], "batch_size": BATCH, "seed": seed, "every": LOOKS[1]}
    for snapshot in train(network, standardized_digits(), optimizer, **options):
        if snapshot.step in LOOKS:
            params[snapshot.step] = network.flat_params.copy()
    return network, params


def look_around(activation, look, factor, unit, step, measure, kept):
    """The lines of both kinds at ``look``, and the measure at all looks; seed 0 comes first.

    Networks and lines are kept: the unit, the step and what is measured cost nothing.
    """
    data = standardized_digits()
    x, y = data.x_train[:PROBE], data.y_train[:PROBE]

    def line(kind, seed, at):
        times = factor if kind == "BN" else 1.0
        run, key = (activation, kind, seed), (activation, kind, seed, at, times)
        if run not in kept:
            kept[run] = trained(kind, activation, seed)
        if key not in kept:
            network, params = kept[run]
            network.flat_params[...] = params[at]
            times_hidden(network, times)
            kept[key] = along_the_gradient(network, x, y)
        return kept[key]

    def numbers(seeds, looks):
        told = {"seeds": seeds, "looks": looks}
        told["lines"] = {kind: [line(kind, seed, look) for seed in range(seeds)] for kind in KINDS}
        for name in MEASURES:
            told[name] = {
                kind: np.array([
                    [measured(line(kind, seed, at), name, unit, step) for at in looks]
                    for seed in range(seeds)
                ])
                for kind in KINDS
            }  # fmt: skip
        return told

    yield partial(numbers, 1, [look])
    for seed in range(SEEDS):
        for kind in KINDS:
            for at in LOOKS:
                line(kind, seed, at)
                if seed:  # what there was: so that nobody waits for a seed's lines in one go
                    yield partial(numbers, seed, list(LOOKS))
                elif kind == KINDS[-1]:
                    yield partial(
                        numbers, 1, [each for each in LOOKS if each <= at or each == look]
                    )
    yield partial(numbers, SEEDS, list(LOOKS))


def measured(line, name, unit, step):
    return line.trusted(unit) if name == MEASURES[0] else line.roughness(unit, step)


def along(lines, unit, steps):
    """Loss and predicted loss (as shares of the loss here) and change of the gradient at these step
    lengths: three arrays (seeds, steps), NaN beyond what was tried."""
    real = [line.at(unit, steps, line.losses / line.loss) for line in lines]
    promised = [1 - steps * line.units["promised fall"] / line.units[unit] for line in lines]
    turned = [line.at(unit, steps, line.turned) for line in lines]
    return np.array(real), np.array(promised), np.array(turned)
