"""The first steps of a run, layer by layer: what z and the gradient do before a run diverges."""

from typing import NamedTuple

import numpy as np

from ...abreast import fit_abreast
from ...datasets import standardized_digits
from ...layers import Linear
from ...losses import softmax_cross_entropy
from ...network import INIT_SCALES, mlp
from ...optimizers import SGD
from ...training import evaluate, train

STEPS, BATCH, WIDTH = 30, 60, 50
RATES = 10.0 ** (np.arange(-9, 7) / 3)  # 0.001 to 100
STRIP_STEPS = 60
KINDS = "without BN", "with BN"


class FirstSteps(NamedTuple):
    """Of each step that was taken, before it: (steps,), or (steps, layers, units) of z."""

    loss: np.ndarray
    mean: np.ndarray  # of z over the mini-batch, one a unit
    std: np.ndarray
    gradient: np.ndarray  # (steps, layers): the root mean square of dW


def network_of(kind, seed, depth, activation, initial_scale):
    """Both kinds start from equal W; the last layer is no hidden one."""
    sizes, scale = [64, *[WIDTH] * depth, 10], initial_scale * INIT_SCALES[activation]
    return mlp(sizes, activation, kind == "with BN", init_scale=scale, seed=seed)


def first_steps(kind, learning_rate, seed=0, **setting) -> FirstSteps:
    """Train for ``STEPS`` steps, or until the loss, a z or a gradient is not finite any more."""
    network = network_of(kind, seed, **setting)
    *hidden, _ = (layer for layer in network.layers if isinstance(layer, Linear))
    told = []

    def step(network, x, y, rows, optimizer):
        a, z = x[rows], []
        for layer in network.layers:
            a = layer.forward(a, training=True)
            if layer in hidden:
                z.append(a)
        if not np.isfinite(a).all():
            return np.inf  # and the run ends
        loss, dlogits = softmax_cross_entropy(a, y[rows])
        network.backward(dlogits, input_gradient=False)
        mean, std = (
            np.array([of(each, axis=0, dtype=float) for each in z]) for of in (np.mean, np.std)
        )
        sizes = [np.sqrt(np.mean(np.square(layer.grads["W"], dtype=float))) for layer in hidden]
        if not np.isfinite([mean.sum(), std.sum(), sum(sizes)]).all():
            return np.inf
        told.append((loss, mean, std, sizes))
        optimizer.step(network)
        return loss

    options = {"steps": STEPS, "batch_size": BATCH, "seed": seed, "every": STEPS, "step": step}
    for _ in train(network, standardized_digits(), SGD(learning_rate), **options):
        pass
    with np.errstate(all="ignore"):
        return FirstSteps(*(np.array(each) for each in zip(*told, strict=True)))


def accuracies(kind, seed, rates, **setting):
    """Percent of the test digits right after ``STRIP_STEPS`` steps at each of ``rates``."""
    data = standardized_digits()
    networks = [network_of(kind, seed, **setting) for _ in rates]
    fit_abreast(networks, data, rates, steps=STRIP_STEPS, batch_size=BATCH, seed=seed)
    return [100 * evaluate(network, data.x_test, data.y_test).accuracy for network in networks]
