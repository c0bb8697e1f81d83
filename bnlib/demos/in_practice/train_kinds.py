"""Networks with each normalization trained side by side, and what is kept of them."""

import numpy as np

from ...datasets import standardized_digits
from ...optimizers import SGD
from ..common.race import FIRST, Race
from .sharing import shares
from .small_images import CHANNELS, KINDS, images_network, numbers_of_a_mean, pixels
from .tuned_rates import tuned_rate

EVERY, WINDOW = 5, 8  # steps between two points of a curve; points of which the mean is shown


class Falling(SGD):
    """SGD whose rate falls from ``lr`` to 0 along a line, in so many steps."""

    def __init__(self, lr, steps):
        super().__init__(lr)
        self.first, self.steps, self.taken = lr, steps, 0

    def step(self, network):
        super().step(network)
        self.taken += 1
        self.lr = self.first * max(1 - self.taken / self.steps, 0)


def train_all(kind, groups, batch_size, depth, factor, steps, kept):
    """The block, and networks of every kind from five seeds while they train.

    What is finished is kept: the groups change one kind, and who is looked at none.
    """
    rates = {each: factor * tuned_rate(each, batch_size, depth, groups) for each in KINDS}
    numbers = {each: numbers_of_a_mean(each, batch_size, depth, groups) for each in KINDS}
    sets = shares(kind, batch_size, CHANNELS, pixels(depth), groups)
    block = {"sets": sets, "numbers": numbers, "rates": rates}
    options = {
        "steps": steps,
        "batch_size": batch_size,
        "every": EVERY,
        "looks": (FIRST, steps // 2),
    }

    def make(kind, seed):
        return images_network(kind, seed, depth, groups), Falling(rates[kind], steps)

    others, shared = [each for each in KINDS if each != "group"], (batch_size, depth, factor, steps)
    keys = {"others": shared, "group": (*shared, groups)}
    done = {name: told for name, (key, told) in kept.items() if key == keys[name]}
    kinds, data = {"others": others, "group": ["group"]}, standardized_digits()
    races = {name: Race(make, kinds[name], data, **options) for name in keys if name not in done}

    def told():
        return block | together([*done.values(), *(race.progress() for race in races.values())])

    if not races:
        yield told
    for _ in zip(*races.values(), strict=True):
        if all(race.step for race in races.values()):
            yield told
    kept |= {name: (keys[name], race.progress()) for name, race in races.items()}


def together(parts):
    """What several races tell, as if it were one."""
    first = min(parts, key=lambda told: (told["step"], told["others"]))
    joined = {
        name: {kind: value for told in parts for kind, value in told[name].items()}
        for name in ("loss", "accuracy", "diverged_runs")
    }
    longest = max((told["loss_steps"] for told in parts), key=len)
    return first | joined | {
        "seeds": max(told["seeds"] for told in parts), "loss_steps": longest,
        "diverged": any(told["diverged"] for told in parts),
    }  # fmt: skip


def smooth(curve):
    """Each row's mean over the last ``WINDOW`` points, at the start over those there are."""
    points = curve.shape[1]
    total = np.cumsum(np.pad(curve, ((0, 0), (1, 0))), axis=1)
    last = np.arange(1, points + 1)
    before = np.maximum(last - WINDOW, 0)
    with np.errstate(invalid="ignore"):  # infinite once diverged, then NaN
        return (total[:, last] - total[:, before]) / (last - before)
