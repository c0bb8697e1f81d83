"""Training that is written down: every mini-batch's μ and σ², and the parameters now and then.

The averages that batch normalization keeps do not touch the training. So one run serves every
decay, every start and every correction: they are computed from what was written down.
"""

from functools import lru_cache

import numpy as np

from ...averaging import ExponentialMovingAverage
from ...datasets import standardized_digits
from ...layers import BatchNorm
from ...network import Network, mlp
from ...optimizers import SGD
from ...threads import one_blas_thread
from ...training import evaluate, train

WIDTH = 50


def sigmoid_network(seed) -> Network:
    """64-50-50-10 with BatchNorm on z of decay 0: its averages are the last mini-batch's."""
    layers = mlp([64, WIDTH, WIDTH, 10], "sigmoid", batch_norm=True, seed=seed).layers
    return Network([BatchNorm(WIDTH, decay=0.0) if isinstance(a, BatchNorm) else a for a in layers])


def recordings(kept, seeds, **options):
    """One Recording a seed, out of an explorer's ``kept`` where the options are those of before."""
    if kept.get("options") != options:
        kept.clear()
        kept |= {"options": options, "runs": [Recording(seed, **options) for seed in range(seeds)]}
    return kept["runs"]


@lru_cache(maxsize=4)
def faint_digits(contrast=1.0):
    """The test digits with their ink weakened, standardized as the training digits were."""
    data = standardized_digits()
    paper = data.x_train.min(axis=0)  # 0 dots of ink in every pixel
    return (paper + contrast * (data.x_test - paper)).astype(paper.dtype), data.y_test


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
        self.network, self._scratch = sigmoid_network(seed), sigmoid_network(seed)
        self._norms = [k for k, a in enumerate(self.network.layers) if isinstance(a, BatchNorm)]
        self.step, self.batches, self.diverged = 0, [], False
        self.params = {0: self.network.flat_params.copy()}
        self._true, self._right = {}, {}
        self._run = train(
            self.network, standardized_digits(), SGD(learning_rate), steps=most,
            batch_size=batch_size, seed=seed,
        )  # fmt: skip

    def advance(self, step):
        """Train until ``step`` (if it is not there yet) and note the parameters there."""
        while self.step < step and not self.diverged:
            self.diverged = next(self._run).diverged
            self.step += 1
            norms = [self.network.layers[k] for k in self._norms]
            batch = np.array([[layer.running_mean, layer.running_var] for layer in norms])
            self.batches.append(np.nan_to_num(batch))
        self.params.setdefault(self.step, self.network.flat_params.copy())

    def true(self, step):
        """Mean and variance over the whole training set after ``step`` steps, for each layer.

        NaN where the parameters are no longer finite.
        """
        if step not in self._true:
            with one_blas_thread(), np.errstate(all="ignore"):
                outputs = self.at(step).batch_activations(standardized_digits().x_train)
                z = np.array([outputs[k - 1] for k in self._norms], np.float64)
                moments = np.stack([z.mean(axis=1), z.var(axis=1)], axis=1)
                self._true[step] = moments.astype(outputs[0].dtype)
        return self._true[step]

    def accuracy(self, step, given, contrast=1.0):
        """The share of the test digits classified correctly with these statistics; found once."""
        key = step, contrast, given.tobytes()
        if key not in self._right:
            self._right[key] = 0.0
            if np.isfinite(given).all():
                self._right[key] = evaluate(self.at(step, given), *faint_digits(contrast)).accuracy
        return self._right[key]

    def at(self, step, given=None):
        """The network after ``step`` steps, with these statistics (layers, 2, units) if given.

        One network serves all calls: use it before the next one.
        """
        self._scratch.flat_params[...] = self.params[step]
        if given is not None:
            for k, (mean, var) in zip(self._norms, given, strict=True):
                self._scratch.layers[k].set_statistics(mean, var)
        return self._scratch

    def averages(self, decay, start, steps=None):
        """The averages after 0, 1, … steps: (steps + 1, layers, 2, units).

        ``start`` is (mean, variance) before the first batch, or None for bias correction.
        """
        batches = self.batches[:steps]
        first = np.zeros((len(self._norms), 2, WIDTH), np.float32)
        first[:, 0], first[:, 1] = (0.0, 1.0) if start is None else start
        average = ExponentialMovingAverage(decay, start is None, first)
        return np.array([first, *(average.update(batch) for batch in batches)])
