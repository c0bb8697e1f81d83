"""One unit with batch normalization and two inputs: its loss knows the direction of w alone.

    z = x w,  logit = γ z_norm,  loss = mean of the cross-entropy of "is the tumour malignant?"

w and c·w give the same z_norm, so the gradient has no part along w and goes as 1/‖w‖ (van
Laarhoven, 2017). γ is held, ε is 0, and β is not needed.
"""

from functools import cache
from typing import NamedTuple

import numpy as np

from ...activations import Sigmoid
from ...datasets import breast_cancer
from ...standardizer import Standardizer

GAMMA = 2.0
INPUTS = "mean texture", "mean concave points"
TOGETHER = 427  # all training examples


@cache
def examples():
    """x (427, 2), standardized, and y (427,): 1 or −1."""
    data = breast_cancer()
    columns = [data.feature_names.index(name) for name in INPUTS]
    x = Standardizer().fit_transform(data.x_train[:, columns].astype(float))
    return x, 2.0 * data.y_train - 1.0


def loss(w):
    """The loss of all examples for w (points, 2): (points,)."""
    x, y = examples()
    z = np.asarray(w, float) @ x.T
    z_norm = (z - z.mean(axis=1, keepdims=True)) / z.std(axis=1, keepdims=True)
    return np.log1p(np.exp(-GAMMA * y * z_norm)).mean(axis=1)


def gradient(w, x, y):
    """∂loss/∂w (2,) of a mini-batch x (m, 2), y (m,): through z_norm, μ and σ."""
    m, z = len(x), x.dot(w)
    z -= np.add.reduce(z) / m
    std = np.sqrt(z.dot(z) / m)
    z_norm = z / std
    dz_norm = Sigmoid.g(-GAMMA * y * z_norm) * y * (-GAMMA / m)
    dz = dz_norm - np.add.reduce(dz_norm) / m - z_norm * (dz_norm.dot(z_norm) / m)
    return dz.dot(x) / std


@cache
def best_angle():
    """The direction of the smallest loss, in radians, and the smallest and the largest loss."""
    angles = np.linspace(0, 2 * np.pi, 3601)
    losses = loss(np.c_[np.cos(angles), np.sin(angles)])
    return angles[losses.argmin()], losses.min(), losses.max()


class Walk(NamedTuple):
    """w (steps + 1, 2), what each step turned it by (steps,), and ‖dw‖²‖w‖² (steps,)."""

    path: np.ndarray
    turned: np.ndarray
    on_sphere: np.ndarray


def walk(start, lr, weight_decay, batch_size, steps, seed=0):
    """Gradient descent from w = ``start`` (2,): w ← (1 − lr·wd) w − lr dw."""
    x, y = examples()
    rng, keep = np.random.default_rng(seed), 1 - lr * weight_decay
    everybody = batch_size >= len(x)
    rows = None if everybody else rng.integers(len(x), size=(steps, batch_size))
    path, gradients = np.empty((steps + 1, 2)), np.empty((steps, 2))
    path[0] = w = np.array(start, float)
    for k in range(steps):
        batch = (x, y) if everybody else (x[rows[k]], y[rows[k]])
        gradients[k] = dw = gradient(w, *batch)
        path[k + 1] = w = keep * w - lr * dw
    angles = np.arctan2(path[:, 1], path[:, 0])
    turned = np.abs((np.diff(angles) + np.pi) % (2 * np.pi) - np.pi)
    square = np.einsum("ij,ij->i", path[:-1], path[:-1])
    return Walk(path, turned, np.einsum("ij,ij->i", gradients, gradients) * square)


def expected_lengths(start, lr, weight_decay, on_sphere, steps):
    """‖w‖ (steps + 1,) with one number G for ‖dw‖²‖w‖²: ‖w‖² ← (1 − lr·wd)²‖w‖² + lr² G/‖w‖²."""
    square, squares = float(start) ** 2, []
    for _ in range(steps + 1):
        squares.append(square)
        square = (1 - lr * weight_decay) ** 2 * square + lr**2 * on_sphere / square
    return np.sqrt(squares)


def equilibrium(lr, weight_decay, on_sphere):
    """The ‖w‖ that stays, and the angle of a step there: cos(angle) = 1 − lr·wd."""
    keep = 1 - lr * weight_decay
    return (lr**2 * on_sphere / (1 - keep**2)) ** 0.25, float(np.arccos(keep))
