"""The loss of a network as a function of γ and β of one unit.

Everything else is held: the weights before the unit and all that comes after it. The examples are
real, the weights come from a short training run. What no slider changes is computed once.
"""

from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np

from ... import datasets
from ...activations import ACTIVATIONS, ReLU, Sigmoid
from ...batch_statistics import moments
from ...network import mlp
from ...normalization import normalize
from ...optimizers import SGD
from ...standardizer import Standardizer
from ...training import fit

UNITS = ("output: is it an 8?", "hidden, tanh", "hidden, ReLU")
EXAMPLES = 300  # of the training set, for the loss
GAMMAS, BETAS = (-3.5, 7.5), (-10.0, 4.5)  # the part of the surface that is drawn


@dataclass(frozen=True, eq=False)
class Unit:
    """One unit of a network with two classes, of which only γ and β are free.

    The logit of an example is ``rest + weight · g(γ z_norm + β)``.
    """

    z: np.ndarray  # (m,)
    y: np.ndarray  # (m,): 0 or 1
    rest: np.ndarray  # (m,): what all other units contribute to the logit
    weight: float  # of this unit's activation in the logit
    activation: type | None  # g, of bnlib.activations; None: g(z̃) = z̃

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
            p_wrong = Sigmoid.g(self._wrong_logit(a, rows))
            d_shifted = p_wrong * (self._pull[rows] / len(z_norm))
            if self.activation is not None:
                d_shifted *= self.activation.slope(a)
            slopes = np.empty((2, len(d_shifted)))
            np.matmul(d_shifted, z_norm, out=slopes[0])
            np.add.reduce(d_shifted, axis=1, out=slopes[1])
            return slopes

    def _activation(self, gamma, beta, z_norm):
        shifted = np.multiply.outer(gamma, z_norm) + beta[:, None]
        return shifted if self.activation is None else self.activation.g(shifted)

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
        data = datasets.standardized_digits()
        x, y = data.x_train, (data.y_train == 8).astype(int)
        network = mlp([64, 2], dtype="float64")
        fit(network, (x, y), SGD(0.1), steps=100, batch_size=60)
        w = network.layers[0].params["W"]
        x, y = x[:EXAMPLES], y[:EXAMPLES]
        return Unit(x @ (w[:, 1] - w[:, 0]), y, np.zeros(len(y)), 1.0, None)
    data = datasets.breast_cancer()
    x, y = Standardizer().fit_transform(data.x_train), data.y_train
    activation, width, seed = {UNITS[1]: ("tanh", 2, 1), UNITS[2]: ("relu", 3, 4)}[name]
    network = mlp([30, width, 2], activation, batch_norm=True, dtype="float64", seed=seed)
    fit(network, (x, y), SGD(0.3), steps=100, batch_size=60)
    z, _, a, logits = network.batch_activations(x[:EXAMPLES])
    w = network.layers[-1].params["W"]
    weight = float(w[0, 1] - w[0, 0])
    rest = logits[:, 1] - logits[:, 0] - weight * a[:, 0]
    return Unit(z[:, 0], y[:EXAMPLES], rest, weight, ACTIVATIONS[activation])


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
    return np.stack([here.loss(*row) for row in zip(gamma, beta, strict=True)])


def _curvatures(here, optimum, h=1e-4):
    steps = optimum + h * np.array([[1, 0], [-1, 0], [0, 1], [0, -1]])
    slopes = here.slopes(*steps.T).T
    hessian = np.stack([slopes[0] - slopes[1], slopes[2] - slopes[3]]) / (2 * h)
    return np.linalg.eigvalsh((hessian + hessian.T) / 2)


def dead_corner(name: str):
    """Three corners (3, 2) of the wedge in which a ReLU is 0 for every example; else None.

    There γ z_norm + β ≤ 0 for the largest and the smallest z_norm, and so for all between.
    """
    here = unit(name)
    if here.activation is not ReLU:
        return None
    low, high = here.z_norm.min(), here.z_norm.max()
    return np.array([[0.0, 0.0], [-BETAS[0] / low, BETAS[0]], [-BETAS[0] / high, BETAS[0]]])
