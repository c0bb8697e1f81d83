"""What lies along the gradient: loss and gradient for a range of step lengths, in three units."""

from dataclasses import dataclass

import numpy as np

from ...layers import Linear
from ...losses import softmax_cross_entropy
from ...threads import one_blas_thread

RATES = np.logspace(-4, 3, 22)  # step lengths as learning rates


@dataclass(frozen=True)
class Line:
    """The loss along the gradient from one point; ``rates`` (k,) are the step lengths.

    ``loss``, ``gradient`` and ``weights``: the loss there, the length of the gradient, and that of
    all hidden W (all but the last). ``losses`` and ``changes`` (k,): the loss after each step, and
    the length of the difference between the gradient after it and the one before it. Infinite
    where they overflow.
    """

    rates: np.ndarray
    loss: float
    gradient: float
    weights: float
    losses: np.ndarray
    changes: np.ndarray

    @property
    def units(self):
        """What a rate is multiplied by to be a step length in each unit: name → number.

        "learning rate": as it is. "share of ‖W‖": the length of the step over that of the weights.
        "promised fall": what a straight line along the gradient promises, lr·‖dw‖², as a share of
        the loss.
        """
        return {
            "learning rate": 1.0,
            "share of ‖W‖": self.gradient / self.weights,
            "promised fall": self.gradient**2 / self.loss,
        }

    @property
    def turned(self):
        """The change of the gradient as a share of the gradient (k,)."""
        return self.changes / self.gradient

    def roughness(self, unit, step):
        """The largest change of the gradient (a share of it) per unit of step length, over the
        steps from a tenth of ``step`` to ``step``.

        With the learning rate as the unit it is max ‖Δdw‖ / ‖Δw‖, the effective β-smoothness of
        Santurkar and others (2018, figure 4c). No shorter steps: where a ReLU switches the gradient
        jumps, and no constant bounds its change over arbitrarily short ones.
        """
        steps = step * np.logspace(-1, 0, 4)
        return float((self.at(unit, steps, self.turned) / steps).max())

    def at(self, unit, steps, values):
        """``values`` (k,) of the line at these step lengths in the unit, by interpolation."""
        known = np.log(self.rates * self.units[unit])
        return np.interp(np.log(steps), known, values, left=np.nan, right=np.nan)

    def trusted(self, unit):
        """The longest step up to which every one gives at least half of the promised fall."""
        share = (self.loss - self.losses) / (self.rates * self.gradient**2)
        short = np.flatnonzero(~(share >= 0.5))
        k = short[0] if len(short) else len(share)
        if k in (0, len(share)):
            return float(self.rates[max(k - 1, 0)] * self.units[unit])
        drop = np.clip((share[k - 1] - 0.5) / max(share[k - 1] - share[k], 1e-12), 0, 1)
        log = np.log(self.rates[k - 1 : k + 1])
        return float(np.exp(log[0] + drop * (log[1] - log[0])) * self.units[unit])


def along_the_gradient(network, x, y, rates=RATES) -> Line:
    """The Line from where the network stands, for the loss of x (m, n), y (m,) in training mode.

    The network is as before afterwards (but for its running averages, which do not matter here).
    """
    with one_blas_thread(), np.errstate(all="ignore"):
        params = network.flat_params.copy()
        loss, gradient = loss_and_gradient(network, x, y)
        losses, changes = [], []
        for rate in rates:
            network.flat_params[...] = params - rate * gradient
            there = loss_and_gradient(network, x, y)
            losses.append(there[0])
            changes.append(np.linalg.norm(there[1] - gradient))
        network.flat_params[...] = params
        length = np.sqrt(sum(np.vdot(W, W) for W in hidden_weights(network)))
    finite = (np.nan_to_num(each, nan=np.inf, posinf=np.inf) for each in (losses, changes))
    return Line(np.asarray(rates), loss, np.linalg.norm(gradient), length, *finite)


def loss_and_gradient(network, x, y):
    """In training mode; the gradient flat, a copy."""
    logits = network.forward(x, training=True)
    if not np.isfinite(logits).all():
        return np.inf, np.full_like(network.flat_params, np.inf)
    loss, dlogits = softmax_cross_entropy(logits, y)
    network.backward(dlogits, input_gradient=False)
    return loss, network.flat_grads.copy()


def hidden_weights(network):
    """Every W but the last."""
    return [a.params["W"] for a in network.layers[:-1] if isinstance(a, Linear)]


def times_hidden(network, factor):
    """Multiply every W but the last by ``factor``: with BN before each g the outputs stay."""
    for W in hidden_weights(network):
        W *= factor
