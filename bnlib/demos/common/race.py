"""Several kinds of network, several seeds each, trained side by side: step by step, not in turn."""

import numpy as np

from ...training import evaluate, train

SEEDS = 5


class Race:
    """Trains every kind of network from every seed; iterate to advance them all together.

    The first stop is before the first step.

    Parameters
    ----------
    make : function of (kind, seed)
        Returns a network and an optimizer.
    kinds : sequence of str
    data : Dataset, or a list of what :func:`bnlib.train` takes, one a seed
        The accuracy is measured on the test set of a Dataset.
    steps, batch_size, seeds : int
    every : int
        Steps between two stops of the iterator.
    look : int or None
        Steps between two measurements of the accuracy; None: only at the last step.
    step : function or None
        The step of :func:`bnlib.train`, where it is not the usual one.

    Attributes
    ----------
    step : int
        Steps taken so far.
    networks, optimizers : dict of kind to list, one a seed
    losses : dict of kind to list of lists
        ``losses[kind][seed]``: the mini-batch's loss at each of ``loss_steps``, infinite once
        diverged.
    """

    def __init__(
        self, make, kinds, data, *, steps, batch_size, seeds=SEEDS, every=5, look=20, step=None
    ):  # fmt: skip
        self.step, self.last, self.kinds = 0, steps, tuple(kinds)
        self.loss_steps, self.accuracy_steps = [], []
        self._every, self._look = every, look
        several = isinstance(data, list)
        self._test = None if several else (data.x_test, data.y_test)
        sets = data if several else [data] * seeds
        made = {kind: [make(kind, seed) for seed in range(seeds)] for kind in kinds}
        self.networks = {kind: [network for network, _ in pairs] for kind, pairs in made.items()}
        self.optimizers = {kind: [each for _, each in pairs] for kind, pairs in made.items()}
        self.losses = {kind: [[] for _ in range(seeds)] for kind in kinds}
        self._accuracy = {kind: [] for kind in kinds}
        options = {"steps": steps, "batch_size": batch_size, "every": every, "step": step}
        self._runs = {
            kind: [train(network, sets[seed], optimizer, seed=seed, **options)
                   for seed, (network, optimizer) in enumerate(pairs)]
            for kind, pairs in made.items()
        }  # fmt: skip
        if look:
            self._measure()

    def __iter__(self):
        yield self
        while self.step < self.last:
            self.step = min(self.step + self._every, self.last)
            self.loss_steps.append(self.step)
            for kind, runs in self._runs.items():
                for seed, run in enumerate(runs):
                    snapshot = next(run, None)  # a run ends when it diverges
                    fine = snapshot is not None and not snapshot.diverged
                    self.losses[kind][seed].append(snapshot.loss if fine else np.inf)
            if self.step == self.last or (self._look and self.step % self._look == 0):
                self._measure()
            yield self

    def _measure(self):
        if self._test is not None:
            self.accuracy_steps.append(self.step)
            for kind in self.kinds:
                right = [evaluate(network, *self._test).accuracy for network in self.networks[kind]]
                self._accuracy[kind].append(right)

    def progress(self) -> dict:
        """The numbers that every picture of a race shows.

        step; loss (kind → median, lowest, highest (points,) over the seeds, nothing before the
        first step) at loss_steps; accuracy (kind → (points, seeds)) at accuracy_steps;
        diverged_runs (kind → how many of the seeds); diverged.
        """
        lost = {
            kind: sum(bool(run) and not np.isfinite(run[-1]) for run in runs)
            for kind, runs in self.losses.items()
        }
        return {
            "step": self.step,
            "loss_steps": list(self.loss_steps),
            "loss": {kind: over_seeds(runs) for kind, runs in self.losses.items() if self.step},
            "accuracy_steps": list(self.accuracy_steps),
            "accuracy": {kind: np.array(right) for kind, right in self._accuracy.items() if right},
            "diverged_runs": lost,
            "diverged": any(lost.values()),
        }


def over_seeds(runs):
    """Median, lowest and highest (points,) of what the runs (seeds, points) gave."""
    return np.median(runs, axis=0), np.min(runs, axis=0), np.max(runs, axis=0)
