"""Four optimizers on the loss surface of one unit, and the learning rates that are stable there."""

from functools import cache

import numpy as np

from ...layers import BatchNorm
from ...network import Network
from ...optimizers import SGD, Adam, Momentum, Nesterov
from .unit_surface import surface, unit

OPTIMIZERS = ("gradient descent", "Momentum", "Nesterov", "Adam")
VELOCITIES = ("v = β₁v + dW", "v = β₁v + (1−β₁)dW")
MOMENTA = (0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98)
GRADIENTS = ("all examples", "32 at a time")
STEPS = 60
REACHED = 0.01  # of the excess loss at γ = 1, β = 0 counts as arrived


def by_name(*values) -> dict:
    """The name of each of OPTIMIZERS → what it has."""
    return dict(zip(OPTIMIZERS, values, strict=True))


def bounds(largest_curvature, momentum):
    """Up to which lr each optimizer is stable next to the optimum, for v = β₁v + dW.

    For a quadratic loss: 2/λ for gradient descent, 2(1 + β₁)/λ for Momentum and
    2(1 + β₁)/(1 + 2β₁)/λ for Nesterov. Adam's steps do not grow with λ: no such bound.
    """
    plain = 2 / largest_curvature
    nesterov = plain * (1 + momentum) / (1 + 2 * momentum)
    return by_name(plain, plain * (1 + momentum), nesterov, None)


@cache
def measured_bounds(name: str):
    """The same, by bisection over runs that start next to the optimum: momentum → bounds."""
    here, land = unit(name), surface(name)
    lanes = [(momentum, ahead) for momentum in MOMENTA for ahead in (False, True)]
    momentum, ahead = np.array(lanes).T
    low = np.full(len(lanes), 0.1 / land.curvatures[1])
    high = np.full(len(lanes), 10 / land.curvatures[1])
    for _ in range(10):
        rate = np.sqrt(low * high)
        grows = _ends_farther(here, land, rate, momentum, ahead)
        low, high = np.where(grows, low, rate), np.where(grows, rate, high)
    found = dict(zip(lanes, np.sqrt(low * high).tolist(), strict=True))
    return {m: by_name(found[0.0, False], found[m, False], found[m, True], None) for m in MOMENTA}


def _ends_farther(here, land, rate, momentum, ahead, steps=200):
    """Whether Momentum (or Nesterov, where ahead is 1) ends above where it began, lane by lane."""
    point = np.outer(land.optimum + np.array([1e-4, 2e-4]), np.ones_like(rate))
    before = here.loss(*point)
    velocity = np.zeros_like(point)
    with np.errstate(all="ignore"):
        for _ in range(steps):
            slope = here.slopes(*point)
            velocity = momentum * velocity + slope
            point = point - rate * np.where(ahead, slope + momentum * velocity, velocity)
    after = here.loss(*point)
    return ~(after <= before)


def optimizers(learning_rate, momentum, velocity):
    """The four by name. The course's velocity is (1 − β₁) times ours, and so is what lr means."""
    scaled = learning_rate * _share(momentum, velocity)
    heavy, ahead = Momentum(scaled, momentum), Nesterov(scaled, momentum)
    return by_name(SGD(learning_rate), heavy, ahead, Adam(learning_rate, momentum))


def _share(momentum, velocity):
    return 1 - momentum if velocity == VELOCITIES[1] else 1.0


def descend(name, start_gamma, start_beta, learning_rate, momentum, velocity, gradient):
    """The same number of steps with all four optimizers; a dict of the numbers on show."""
    here, land = unit(name), surface(name)
    made = optimizers(learning_rate, momentum, velocity)
    networks = [Network([BatchNorm(1, dtype="float64")]) for _ in made]
    points = [network.flat_params for network in networks]  # γ and β are all that they hold
    grads = [network.flat_grads for network in networks]
    for point in points:
        point[:] = start_gamma, start_beta
    rng, rows = np.random.default_rng(0), slice(None)
    paths = np.empty((STEPS + 1, len(made), 2))
    for step in range(STEPS + 1):
        paths[step] = points
        if gradient == GRADIENTS[1]:
            rows = rng.choice(len(here.z), 32, replace=False)
        slopes = here.slopes(*paths[step].T, rows).T
        for k, optimizer in enumerate(made.values()):
            grads[k][:] = slopes[k]
            optimizer.step(networks[k])
    losses = here.loss(*paths.reshape(-1, 2).T).reshape(STEPS + 1, len(made))
    share = _share(momentum, velocity)
    excess = np.maximum((losses - land.least) / land.scale, 0)
    measured = measured_bounds(name)[momentum]
    scaled, ends = (OPTIMIZERS[1], OPTIMIZERS[2]), here.slopes(*paths[-1].T).T
    result = {"optimum": land.optimum, "curvatures": land.curvatures}
    for k, each in enumerate(OPTIMIZERS):
        bound = bounds(land.curvatures[1], momentum)[each]
        after = max(np.nonzero(~(excess[:, k] <= REACHED))[0].tolist(), default=-1) + 1
        numbers = {
            "path": paths[:, k], "excess": excess[:, k],
            "steps": after if after <= STEPS else None,
            "diverged": bool(~(excess[-1, k] <= max(1.0, excess[0, k]))),
            "stuck": bool((ends[k] == 0).all()),  # no example moves γ or β any more
            "bound": bound / share if each in scaled else bound,
            "measured_bound": measured[each] / share if each in scaled else measured[each],
        }  # fmt: skip
        for key, value in numbers.items():
            result.setdefault(key, {})[each] = value
    return result
