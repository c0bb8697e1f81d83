"""Several kinds of network, several seeds each, trained side by side: step by step, not in turn."""

from __future__ import annotations

from functools import cache

import numpy as np

from ... import datasets
from ...training import evaluate, train

SEEDS = 5


@cache
def standardized_digits():
    """x_train (1347, 64), y_train, x_test (450, 64), y_test of the digits, as notebook 01 does."""
    data = datasets.standardized_digits()
    return data.x_train, data.y_train, data.x_test, data.y_test


class Race:
    """Trains every kind of network from every seed; iterate to advance them all together.

    Parameters
    ----------
    make : function of (kind, seed)
        Returns a network and an optimizer.
    kinds : sequence of str
    data : (x, y)
    steps, batch_size, seeds : int
    every : int
        Steps between two stops of the iterator.
    trainer : function like :func:`bnlib.train`
        What advances a network.

    Attributes
    ----------
    step : int
        Steps taken so far.
    steps : list of int
        Where the losses were noted.
    networks : dict of kind to list of networks, one a seed
    losses : dict of kind to list of lists
        ``losses[kind][seed]``: the mini-batch's loss at each of ``steps``, infinite once diverged.
    """

    def __init__(
        self, make, kinds, data, *, steps, batch_size, seeds=SEEDS, every=5, trainer=train
    ):
        self.step, self.steps, self.last = 0, [], steps
        self.networks, self.losses, self._runs = {}, {}, {}
        for kind in kinds:
            made = [make(kind, seed) for seed in range(seeds)]
            self.networks[kind] = [network for network, _ in made]
            self.losses[kind] = [[] for _ in made]
            self._runs[kind] = [
                trainer(
                    network, data, optimizer, steps=steps, batch_size=batch_size, seed=seed,
                    every=every,
                )
                for seed, (network, optimizer) in enumerate(made)
            ]  # fmt: skip
        self._every = every

    def __iter__(self):
        while self.step < self.last:
            self.step = min(self.step + self._every, self.last)
            self.steps.append(self.step)
            for kind, runs in self._runs.items():
                for seed, run in enumerate(runs):
                    snapshot = next(run, None)  # a run ends when it diverges
                    fine = snapshot is not None and not snapshot.diverged
                    self.losses[kind][seed].append(snapshot.loss if fine else np.inf)
            yield self

    def spread(self, kind):
        """Median, lowest and highest loss (points,) over the seeds."""
        losses = np.array(self.losses[kind])
        return np.median(losses, axis=0), losses.min(axis=0), losses.max(axis=0)

    def diverged(self, kind) -> int:
        """How many of the seeds have diverged."""
        return sum(bool(losses) and not np.isfinite(losses[-1]) for losses in self.losses[kind])

    def progress(self) -> dict:
        """The numbers that every picture of a race shows; nothing in ``loss`` before a step."""
        lost = {kind: self.diverged(kind) for kind in self.networks}
        return {
            "step": self.step,
            "steps": self.last,
            "loss_steps": self.steps,
            "loss": {kind: self.spread(kind) for kind in self.networks} if self.steps else {},
            "diverged_runs": lost,
            "diverged": any(lost.values()),
        }

    def accuracy(self, kind, x, y) -> np.ndarray:
        """The share of x classified as y, in inference mode, for each seed."""
        return np.array([evaluate(network, x, y).accuracy for network in self.networks[kind]])
