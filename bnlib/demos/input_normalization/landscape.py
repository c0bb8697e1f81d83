"""The loss of a logistic regression on two real measurements, and gradient descent on it.

The same model in three choices of coordinates: the measurements as recorded, minus their mean, and
also divided by their standard deviation. Everything that no slider changes is computed once.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from ... import datasets
from ...logistic import (
    condition_number,
    gradient_descent,
    logistic_gradient,
    logistic_hessian,
    logistic_loss,
    logistic_optimum,
    path_losses,
)
from ...standardizer import Standardizer

SCALINGS = ("raw", "centred", "standardized")
PAIRS = {
    "texture, area": ("mean texture", "mean area"),
    "radius, texture": ("mean radius", "mean texture"),
    "radius, area": ("mean radius", "mean area"),
    "smoothness, texture": ("mean smoothness", "mean texture"),
    "concavity, symmetry": ("mean concavity", "mean symmetry"),
}
STEPS = 100
EXCESS = 0.3  # of the loss at every start point over the least loss, in nats
REACHED = 0.01  # of that excess left counts as "the optimum is reached"


@dataclass(frozen=True, eq=False)
class Landscape:
    """A logistic regression on two measurements, in one choice of coordinates."""

    x: np.ndarray  # (m, 2)
    y: np.ndarray  # (m,)
    optimum: np.ndarray  # (3,): two weights and the bias
    least: float  # the loss there
    condition_number: float
    bound: float  # 2 / λmax: no larger step is stable close to the optimum
    axes: np.ndarray  # (2, 2): columns reach from the optimum to the start contour's parabola


@cache
def landscape(pair: str, scaling: str) -> Landscape:
    """The loss of the training set as a function of two weights and a bias."""
    data = datasets.breast_cancer()
    columns = [data.feature_names.index(name) for name in PAIRS[pair]]
    x = data.x_train[:, columns]
    scale = Standardizer().fit(x)
    x = {"raw": x, "centred": x - scale.mean_, "standardized": scale.transform(x)}[scaling]
    optimum = logistic_optimum(x, data.y_train)
    hessian = logistic_hessian(optimum, x, data.y_train)
    curvatures, directions = np.linalg.eigh(hessian[:2, :2])
    largest = np.abs(directions).argmax(axis=0)
    directions = directions * np.sign(directions[largest, [0, 1]])  # the same sign on any machine
    return Landscape(
        x, data.y_train, optimum, logistic_loss(optimum, x, data.y_train),
        condition_number(hessian), 2 / np.linalg.eigvalsh(hessian)[-1],
        directions * np.sqrt(2 * EXCESS / curvatures),
    )  # fmt: skip


@cache
def start_point(pair: str, scaling: str, degrees: int) -> np.ndarray:
    """Where (3,) the loss exceeds the least by EXCESS, in a direction: 0° flat, 90° steep."""
    land, angle = landscape(pair, scaling), np.deg2rad(degrees)
    direction = np.append(land.axes @ [np.cos(angle), np.sin(angle)], 0.0)

    def beyond(theta):
        return logistic_loss(theta, land.x, land.y) - land.least - EXCESS

    far = 1.0
    while beyond(land.optimum + far * direction) < 0:
        far *= 2
    for _ in range(20):  # Newton from outside: the loss is convex, so it cannot overshoot
        theta = land.optimum + far * direction
        step = beyond(theta) / (logistic_gradient(theta, land.x, land.y) @ direction)
        far -= step
        if step < 1e-12 * far:
            break
    return land.optimum + far * direction


def start_contour(pair: str, scaling: str) -> np.ndarray:
    """The two weights (24, 2) of start points all around."""
    return np.array([start_point(pair, scaling, degrees)[:2] for degrees in range(0, 360, 15)])


@cache
def surface(pair: str, scaling: str):
    """Two weights and the excess loss, each (61, 61), with the bias fixed at the optimum's.

    The grid follows the axes of the start contour, so that a needle is drawn as well as a circle.
    """
    land = landscape(pair, scaling)
    points = start_contour(pair, scaling)
    along = np.linalg.solve(land.axes, (points - land.optimum[:2]).T)  # in units of the axes
    low, high = along.min(axis=1), along.max(axis=1)
    margin = 0.5 * (high - low)
    u, v = np.meshgrid(*np.linspace(low - margin, high + margin, 61).T)
    w1, w2 = land.optimum[:2, None, None] + np.tensordot(land.axes, np.stack([u, v]), axes=1)
    theta = np.stack([w1, w2, np.full_like(w1, land.optimum[2])], axis=-1)
    loss = path_losses(theta.reshape(-1, 3), land.x, land.y).reshape(w1.shape)
    return w1, w2, loss - land.least


@cache
def window(pair: str, scaling: str):
    """Middle (2,) and half width (2,) of a picture that holds the start contour."""
    points = start_contour(pair, scaling)
    low, high = points.min(axis=0), points.max(axis=0)
    return (low + high) / 2, 0.65 * (high - low)


@cache
def measured_bound(pair: str, scaling: str) -> float:
    """The largest learning rate at which 400 steps from next to the optimum do not lead away."""
    land = landscape(pair, scaling)
    curvatures, directions = np.linalg.eigh(logistic_hessian(land.optimum, land.x, land.y))
    shift = 1e-4 * directions @ (np.random.default_rng(0).normal(size=3) / np.sqrt(curvatures))
    low, high = 0.1 * land.bound, 10 * land.bound
    for _ in range(12):
        rate = np.sqrt(low * high)
        path = gradient_descent(land.x, land.y, rate, 400, land.optimum + shift)
        excess = path_losses(path[[0, -1]], land.x, land.y) - land.least
        low, high = (rate, high) if excess[1] <= excess[0] else (low, rate)
    return float(np.sqrt(low * high))


def descend(pair, rates, learning_rate, start):
    """The same number of steps in all three coordinates; a dict of the numbers on show."""
    lands = [landscape(pair, scaling) for scaling in SCALINGS]
    used = [learning_rate if rates == "the same" else land.bound / 2 for land in lands]
    begin = np.stack([start_point(pair, scaling, start) for scaling in SCALINGS])
    paths = gradient_descent(np.stack([land.x for land in lands]), lands[0].y, used, STEPS, begin)
    result = {}
    for scaling, land, path, rate in zip(SCALINGS, lands, paths, used, strict=True):
        left = (path_losses(path, land.x, land.y) - land.least) / EXCESS
        left = np.where(np.isfinite(left), np.maximum(left, 0), np.inf)
        reached = np.nonzero(left <= REACHED)[0]
        numbers = {
            "path": path, "learning_rate": float(rate),
            "excess": left,  # as a share of the excess at the start
            "steps": int(reached[0]) if reached.size else None,
            "diverged": bool(left[-1] > 1),
            "condition_number": land.condition_number,
            "bound": land.bound, "measured_bound": measured_bound(pair, scaling),
        }  # fmt: skip
        for name, value in numbers.items():
            result.setdefault(name, {})[scaling] = value
    return result
