"""Training that is written down: every mini-batch's μ and σ², and the parameters now and then.

The averages that batch normalization keeps do not touch the training. So one run serves every
decay, every start and every correction: they are computed from what was written down.
"""

from __future__ import annotations

import numpy as np

from ...activations import Sigmoid
from ...averaging import ExponentialMovingAverage
from ...inference import recompute_statistics
from ...layers import BatchNorm, Linear
from ...network import Network
from ...optimizers import SGD
from ...threads import one_blas_thread
from ...training import evaluate, train
from ..common.race import standardized_digits

WIDTH = 50


def sigmoid_network(seed) -> Network:
    """64-50-50-10 with BatchNorm on z, from the weights that ``mlp`` starts from.

    Its decay is 0: ``running_mean`` and ``running_var`` are those of the last mini-batch.
    """
    rng = np.random.default_rng(seed)
    layers = []
    for n_in in (64, WIDTH):
        layers += [
            Linear(n_in, WIDTH, bias=False, seed=rng),
            BatchNorm(WIDTH, decay=0.0),
            Sigmoid(),
        ]
    return Network([*layers, Linear(WIDTH, 10, seed=rng)])


def norms(network):
    """The BatchNorm layers."""
    return [layer for layer in network.layers if isinstance(layer, BatchNorm)]


def statistics(network):
    """Mean and variance that inference uses: (layers, 2, units)."""
    return np.array([[layer.running_mean, layer.running_var] for layer in norms(network)])


class Recording:
    """Gradient descent on the digits, one seed, that can be continued.

    Attributes
    ----------
    step : int
        Steps taken so far.
    batches : list of array (layers, 2, units)
        μ and σ² of every mini-batch.
    params : dict of step to array (p,)
        The parameters after that many steps, where ``advance`` was told to stop.
    diverged : bool
    """

    def __init__(self, seed, *, batch_size, learning_rate, most=10_000):
        x, y, *_ = standardized_digits()
        self.network, self.scratch = sigmoid_network(seed), sigmoid_network(seed)
        self.step, self.batches, self.diverged = 0, [], False
        self.params = {0: self.network.flat_params.copy()}
        self._x, self._true = x, {}
        self._run = train(
            self.network, (x, y), SGD(learning_rate), steps=most, batch_size=batch_size, seed=seed
        )

    def advance(self, step):
        """Train until ``step`` (if it is not there yet) and note the parameters there."""
        while self.step < step and not self.diverged:
            self.diverged = next(self._run).diverged
            self.step += 1
            batch = statistics(self.network)
            self.diverged |= not np.isfinite(batch).all()
            self.batches.append(np.nan_to_num(batch))
        self.params.setdefault(self.step, self.network.flat_params.copy())

    def true(self, step):
        """Mean and variance over the whole training set after ``step`` steps, for each layer.

        NaN where the parameters are no longer finite.
        """
        if step not in self._true:
            network = self.at(step)
            fine = np.isfinite(network.flat_params).all()
            if fine:
                with one_blas_thread(), np.errstate(all="ignore"):
                    recompute_statistics(network, self._x)
            self._true[step] = statistics(network) if fine else np.full((2, 2, WIDTH), np.nan)
        return self._true[step]

    def accuracy(self, step, given):
        """The share of the test digits classified correctly with these statistics."""
        if not np.isfinite(given).all():
            return 0.0
        _, _, x_test, y_test = standardized_digits()
        return evaluate(self.at(step, given), x_test, y_test).accuracy

    def at(self, step, given=None):
        """The network after ``step`` steps, with these statistics (layers, 2, units) if given.

        One network serves all calls: use it before the next one.
        """
        self.scratch.flat_params[...] = self.params[step]
        if given is not None:
            for layer, (mean, var) in zip(norms(self.scratch), given, strict=True):
                layer.set_statistics(mean, var)
        return self.scratch

    def averages(self, decay, start, steps=None):
        """The averages after 0, 1, … steps: (steps + 1, layers, 2, units).

        ``start`` is (mean, variance) before the first batch, or None for bias correction.
        """
        batches = self.batches[:steps]
        first = np.zeros((2, 2, WIDTH), np.float32)
        first[:, 0], first[:, 1] = (0.0, 1.0) if start is None else start
        average = ExponentialMovingAverage(decay, start is None, first)
        return np.array([first, *(average.update(batch) for batch in batches)])
