"""Several kinds of network trained side by side, from one seed and then from several."""

from itertools import pairwise, zip_longest

import numpy as np

from ...training import evaluate, train

SEEDS = 5
FIRST = 20  # steps before the second stop: a curve that can be seen


class Race:
    """Trains every kind of network from every seed; iterate to advance them.

    Seed 0 goes to its end first, all other seeds follow side by side: so the picture has a curve of
    each kind at once, and then the range of the seeds around it. The first stop is before the first
    step, the second one after ``FIRST`` steps.

    Parameters
    ----------
    make : function of (kind, seed)
        Returns a network and an optimizer.
    kinds : sequence of str
    data : Dataset, or a list of what :func:`bnlib.train` takes, one a seed
    steps, batch_size, seeds : int
    every : int
        Steps between two points of a curve, and between two stops of the iterator.
    looks : int, collection of int or None
        The steps after which the networks are measured, or how many lie between two measurements;
        None: only after the last one.
    measure : function of (network, seed)
        What is measured; the accuracy on the test set, where ``data`` is a Dataset.
    rate : function of a step or None
        The learning rate from that step on, where it changes at the stops.
    step : function or None
        The step of :func:`bnlib.train`, where it is not the usual one.

    Attributes
    ----------
    step, others : int
        Steps taken so far from seed 0, and from the other seeds.
    networks, optimizers : dict of kind to list, one a seed that has begun
    losses : dict of kind to list of lists
        ``losses[kind][seed]``: the mini-batch's loss after every ``every`` steps, infinite once
        diverged.
    measured : dict of kind to list of lists
        ``measured[kind][seed]``: what ``measure`` gave at each of ``looks``.
    """

    def __init__(
        self, make, kinds, data, *, steps, batch_size, seeds=SEEDS, every=5, looks=20, measure=None,
        rate=None, step=None,
    ):  # fmt: skip
        self.step = self.others = 0
        self.kinds, self.seeds, self._make, self._rate = tuple(kinds), seeds, make, rate
        self._sets = data if isinstance(data, list) else [data] * seeds
        self._measure = measure or (lambda network, seed: accuracy(network, data))
        self._measures_accuracy = measure is None
        self._options = {"steps": steps, "batch_size": batch_size, "every": every, "step": step}
        self.stops = [*range(every, steps, every), *([steps] if steps else [])]
        if isinstance(looks, int):
            looks = range(0, steps, looks)
        self.looks = sorted({*(look for look in looks or () if look < steps), steps})
        empty = ("networks", "optimizers", "losses", "measured")
        self.networks, self.optimizers, self.losses, self.measured = (
            {kind: [] for kind in kinds} for _ in empty
        )

    def __iter__(self):
        yield from self._go(range(1))
        if self.seeds > 1:
            yield from self._go(range(1, self.seeds))

    def _go(self, seeds):
        """Train these seeds of every kind from their start to their end."""
        runs = [self._begin(kind, seed) for kind in self.kinds for seed in seeds]
        self._look(seeds, 0)
        yield self
        for stop in self.stops:
            for run, optimizer, losses in runs:
                snapshot = next(run, None)  # a run ends when it diverges
                fine = snapshot is not None and not snapshot.diverged
                losses.append(snapshot.loss if fine else np.inf)
                if self._rate:
                    optimizer.lr = self._rate(stop)
            self.step, self.others = (stop, 0) if 0 in seeds else (self.step, stop)
            self._look(seeds, stop)
            if stop >= FIRST or stop == self.stops[-1]:
                yield self

    def _begin(self, kind, seed):
        network, optimizer = self._make(kind, seed)
        for of, value in (
            (self.networks, network), (self.optimizers, optimizer),
            (self.losses, []), (self.measured, []),
        ):  # fmt: skip
            of[kind].append(value)
        run = train(network, self._sets[seed], optimizer, seed=seed, **self._options)
        return run, optimizer, self.losses[kind][-1]

    def _look(self, seeds, step):
        if step in self.looks:
            for kind in self.kinds:
                for seed in seeds:
                    network = self.networks[kind][seed]
                    self.measured[kind][seed].append(self._measure(network, seed))

    def progress(self) -> dict:
        """The numbers that every picture of a race shows.

        step and others, as above; seeds, how many have begun; loss (kind → median, lowest, highest
        (points,) over the seeds, nothing before the first step) at loss_steps; accuracy (kind →
        (points, seeds), NaN where a seed is not there yet) at accuracy_steps, unless something else
        is measured; diverged_runs (kind → how many of the seeds); diverged.
        """
        lost = {
            kind: sum(bool(run) and not np.isfinite(run[-1]) for run in runs)
            for kind, runs in self.losses.items()
        }
        accuracy = self.measured if self._measures_accuracy else {}
        return {
            "step": self.step, "others": self.others, "seeds": len(self.losses[self.kinds[0]]),
            "loss_steps": [stop for stop in self.stops if stop <= self.step],
            "loss": {kind: over_seeds(runs) for kind, runs in self.losses.items() if self.step},
            "accuracy_steps": [look for look in self.looks if look <= self.step],
            "accuracy": {
                kind: np.array([*zip_longest(*seeds, fillvalue=np.nan)])
                for kind, seeds in accuracy.items() if any(seeds)
            },
            "diverged_runs": lost, "diverged": any(lost.values()),
        }  # fmt: skip


def accuracy(network, data) -> float:
    """The share of the test examples of a Dataset that are classified correctly."""
    return evaluate(network, data.x_test, data.y_test).accuracy


def over_seeds(runs):
    """Median, lowest and highest (points,) of the runs, at each point of those that reach it."""
    ends = sorted({0, *(len(run) for run in runs)})
    parts = (
        np.array([run[low:high] for run in runs if len(run) >= high])
        for low, high in pairwise(ends)
    )
    told = [(np.median(part, axis=0), part.min(axis=0), part.max(axis=0)) for part in parts]
    return np.concatenate(told, axis=1) if told else np.empty((3, 0))
