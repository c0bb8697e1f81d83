"""The loss of a network as a function of γ and β of one unit, and four optimizers on it.

Everything else is held: the weights before the unit and all that comes after it. The examples are
real, the weights come from a short training run. What no slider changes is computed once.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np

from .. import datasets
from ..batch_statistics import moments
from ..layers import BatchNorm
from ..network import Network, mlp
from ..normalization import normalize
from ..optimizers import SGD, Adam, Momentum, Nesterov
from ..standardizer import Standardizer
from ..training import train
from .race import standardized_digits

UNITS = ("output: is it an 8?", "hidden, tanh", "hidden, ReLU")
OPTIMIZERS = ("gradient descent", "Momentum", "Nesterov", "Adam")
VELOCITIES = ("v = βv + dW", "v = βv + (1−β)dW")
MOMENTA = (0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98)
GRADIENTS = ("all examples", "32 at a time")
STEPS = 80
EXAMPLES = 300  # of the training set, for the loss
REACHED = 0.01  # of the excess loss at γ = 1, β = 0 counts as arrived
GAMMAS, BETAS = (-3.5, 7.5), (-10.0, 4.5)  # the part of the surface that is drawn

FUNCTIONS = {"identity": lambda z: z, "tanh": np.tanh, "relu": lambda z: np.maximum(z, 0)}
SLOPES = {  # as functions of a = g(z̃)
    "identity": lambda a: None,
    "tanh": lambda a: 1 - a * a,
    "relu": lambda a: a > 0,
}


@dataclass(frozen=True, eq=False)
class Unit:
    """One unit of a network with two classes, of which only γ and β are free.

    The logit of an example is ``rest + weight · g(γ z_norm + β)``.
    """

    z: np.ndarray  # (m,)
    y: np.ndarray  # (m,): 0 or 1
    rest: np.ndarray  # (m,): what all other units contribute to the logit
    weight: float  # of this unit's activation in the logit
    activation: str

    def loss(self, gamma, beta):
        """The mean cross-entropy (points,) for gamma and beta (points,)."""
        with np.errstate(all="ignore"):
            wrong = self._wrong_logit(self._activation(gamma, beta, self.z_norm))
            return (np.maximum(wrong, 0) + np.log(1 + np.exp(-np.abs(wrong)))).mean(axis=1)

    def slopes(self, gamma, beta, rows=slice(None)):
        """The derivatives of the loss by γ and by β (2, points) for gamma and beta (points,).

        ``rows`` chooses a mini-batch, which is normalized with its own μ and σ².
        """
        z_norm = self.z_norm if isinstance(rows, slice) else standardize(self.z[rows])
        with np.errstate(all="ignore"):
            a = self._activation(gamma, beta, z_norm)
            p_wrong = 0.5 + 0.5 * np.tanh(0.5 * self._wrong_logit(a, rows))
            d_shifted = p_wrong * (self._pull[rows] / len(z_norm))
            slope = SLOPES[self.activation](a)
            if slope is not None:
                d_shifted *= slope
            return np.stack([d_shifted @ z_norm, d_shifted.sum(axis=1)])

    def _activation(self, gamma, beta, z_norm):
        return FUNCTIONS[self.activation](np.multiply.outer(gamma, z_norm) + beta[:, None])

    def _wrong_logit(self, a, rows=slice(None)):
        """By how much the logit of the wrong class is above that of the right one."""
        return self._pull[rows] * a + self._held[rows]

    @cached_property
    def z_norm(self):
        """Of all examples (m,)."""
        return standardize(self.z)

    @cached_property
    def _pull(self):
        return (1.0 - 2.0 * self.y) * self.weight

    @cached_property
    def _held(self):
        return (1.0 - 2.0 * self.y) * self.rest


def standardize(z):
    """z_norm (m,) of one unit's z (m,)."""
    z = z[:, None]
    return normalize(z, *moments(z))[:, 0]


@cache
def unit(name: str) -> Unit:
    """One of ``UNITS`` after a short training run of the network around it."""
    if name == UNITS[0]:  # a logistic regression on the digits: its only unit is the output
        x_train, y_train, *_ = standardized_digits()
        eight = (y_train == 8).astype(int)
        network = mlp([64, 2], dtype="float64")
        _train(network, x_train, eight, 0.1)
        w = network.layers[0].params["W"]
        x, y = x_train[:EXAMPLES], eight[:EXAMPLES]
        return Unit(x @ (w[:, 1] - w[:, 0]), y, np.zeros(len(y)), 1.0, "identity")
    data = datasets.breast_cancer()
    x, y = Standardizer().fit_transform(data.x_train), data.y_train
    activation, width, seed = {UNITS[1]: ("tanh", 2, 1), UNITS[2]: ("relu", 3, 4)}[name]
    network = mlp([30, width, 2], activation, batch_norm=True, dtype="float64", seed=seed)
    _train(network, x, y, 0.3)
    x, y = x[:EXAMPLES], y[:EXAMPLES]
    outputs, last = network.activations(x, training=True), network.layers[-1].params
    z, a = outputs[0][:, 0], outputs[2][:, 0]
    weight = float(last["W"][0, 1] - last["W"][0, 0])
    logits = outputs[3][:, 1] - outputs[3][:, 0]
    return Unit(z, y, logits - weight * a, weight, activation)


def _train(network, x, y, lr):
    for _ in train(network, (x, y), SGD(lr), steps=100, batch_size=60, every=100):
        pass


@dataclass(frozen=True, eq=False)
class Surface:
    """What does not change while the sliders move."""

    gamma: np.ndarray  # (61, 61)
    beta: np.ndarray  # (61, 61)
    excess: np.ndarray  # (61, 61): as a share of the excess loss at γ = 1, β = 0
    optimum: np.ndarray  # (2,)
    least: float
    scale: float  # the excess loss at γ = 1, β = 0
    curvatures: np.ndarray  # (2,): eigenvalues of the Hessian at the optimum, rising


@cache
def surface(name: str) -> Surface:
    """The loss of a unit over a window of γ and β, its optimum and the curvatures there."""
    here = unit(name)
    gamma, beta = np.meshgrid(np.linspace(*GAMMAS, 61), np.linspace(*BETAS, 61))
    loss = _losses(here, gamma, beta)
    optimum = np.array([gamma.flat[loss.argmin()], beta.flat[loss.argmin()]])
    for shrink in 0.5 ** np.arange(1, 27):  # ever finer grids around the best point so far
        offsets = np.linspace(-1, 1, 7) * shrink
        fine = np.meshgrid(optimum[0] + offsets, optimum[1] + offsets)
        best = _losses(here, *fine).argmin()
        optimum = np.array([fine[0].flat[best], fine[1].flat[best]])
    least = here.loss(*optimum[:, None])[0]
    scale = here.loss(np.ones(1), np.zeros(1))[0] - least
    excess = (loss - least) / scale
    return Surface(gamma, beta, excess, optimum, least, scale, _curvatures(here, optimum))


def _losses(here, gamma, beta):
    rows = zip(gamma, beta, strict=True)
    return np.stack([here.loss(g, b) for g, b in rows])


def _curvatures(here, optimum, h=1e-4):
    steps = optimum + h * np.array([[1, 0], [-1, 0], [0, 1], [0, -1]])
    slopes = here.slopes(*steps.T).T
    hessian = np.stack([slopes[0] - slopes[1], slopes[2] - slopes[3]]) / (2 * h)
    return np.linalg.eigvalsh((hessian + hessian.T) / 2)


def bounds(largest_curvature, momentum):
    """Up to which lr each optimizer is stable next to the optimum, for v = βv + dW.

    For a quadratic loss: 2/λ for gradient descent, 2(1 + β)/λ for Momentum and
    2(1 + β)/(1 + 2β)/λ for Nesterov. Adam's steps do not grow with λ: no such bound.
    """
    gradient_descent = 2 / largest_curvature
    return {
        OPTIMIZERS[0]: gradient_descent,
        OPTIMIZERS[1]: gradient_descent * (1 + momentum),
        OPTIMIZERS[2]: gradient_descent * (1 + momentum) / (1 + 2 * momentum),
        OPTIMIZERS[3]: None,
    }


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
    found = dict(zip(lanes, np.sqrt(low * high), strict=True))
    return {
        momentum: {
            OPTIMIZERS[0]: float(found[0.0, False]),
            OPTIMIZERS[1]: float(found[momentum, False]),
            OPTIMIZERS[2]: float(found[momentum, True]),
            OPTIMIZERS[3]: None,
        }
        for momentum in MOMENTA
    }


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
    """The four by name. The course's velocity is (1 − β) times ours, and so is what lr means."""
    share = 1 - momentum if velocity == VELOCITIES[1] else 1.0
    return {
        OPTIMIZERS[0]: SGD(learning_rate),
        OPTIMIZERS[1]: Momentum(learning_rate * share, momentum),
        OPTIMIZERS[2]: Nesterov(learning_rate * share, momentum),
        OPTIMIZERS[3]: Adam(learning_rate, momentum),
    }


def descend(name, start_gamma, start_beta, learning_rate, momentum, velocity, gradient):
    """The same number of steps with all four optimizers; a dict of the numbers on show."""
    here, land = unit(name), surface(name)
    made = optimizers(learning_rate, momentum, velocity)
    networks = [Network([BatchNorm(1, dtype="float64")]) for _ in made]
    for network in networks:
        network.flat_params[:] = start_gamma, start_beta  # γ and β are all that they hold
    rng, rows = np.random.default_rng(0), slice(None)
    paths = np.empty((STEPS + 1, len(made), 2))
    for step in range(STEPS + 1):
        for k, network in enumerate(networks):
            paths[step, k] = network.flat_params
        if gradient == GRADIENTS[1]:
            rows = rng.choice(len(here.z), 32, replace=False)
        slopes = here.slopes(*paths[step].T, rows).T
        for network, optimizer, slope in zip(networks, made.values(), slopes, strict=True):
            network.flat_grads[:] = slope
            optimizer.step(network)
    losses = here.loss(*paths.reshape(-1, 2).T).reshape(STEPS + 1, len(made))
    share = 1 - momentum if velocity == VELOCITIES[1] else 1.0
    excess = np.maximum((losses - land.least) / land.scale, 0)
    measured = measured_bounds(name)[momentum]
    scaled, ends = (OPTIMIZERS[1], OPTIMIZERS[2]), here.slopes(*paths[-1].T).T
    result = {"name": name, "optimum": land.optimum, "curvatures": land.curvatures}
    for k, each in enumerate(OPTIMIZERS):
        bound = bounds(land.curvatures[1], momentum)[each]
        unsettled = np.nonzero(~(excess[:, k] <= REACHED))[0]
        numbers = {
            "path": paths[:, k],
            "excess": excess[:, k],
            "steps": _after(unsettled),
            "diverged": bool(~(excess[-1, k] <= max(1.0, excess[0, k]))),
            "stuck": bool((ends[k] == 0).all()),  # no example moves γ or β any more
            "bound": bound / share if each in scaled else bound,
            "measured_bound": measured[each] / share if each in scaled else measured[each],
        }
        for key, value in numbers.items():
            result.setdefault(key, {})[each] = value
    return result


def _after(unsettled):
    """The step after the last one that is above the mark, or None where that is the end."""
    last = unsettled[-1] if unsettled.size else -1
    return None if last == STEPS else int(last) + 1
