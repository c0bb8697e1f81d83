"""The small experiment: digits enough to learn from and few enough to overfit.

A network with batch normalization, dropout, both or neither; and batch normalization whose
statistics come from more, or fewer, examples than the optimizer's batch.
"""

import math
from contextlib import suppress

import numpy as np

from ._fast import softmax_cross_entropy
from .datasets import few_digits
from .ghost_batches import GhostBatchNorm
from .inference import recompute_statistics
from .layers import BatchNorm
from .network import mlp
from .optimizers import SGD
from .threads import one_blas_thread
from .training import evaluate, train
from .validation import as_count, as_number, one_of, shown

KINDS = ("neither", "BN", "dropout", "both")


def small_network(kind, seed, *, rate=0.3, parts_of=None, dtype="float32"):
    """The Network 64-50-50-10 with ReLU.

    ``kind`` is "neither", "BN", "dropout" (of ``rate``) or "both"; ``seed`` that of the weights,
    which are the same for all kinds, and of the dropout masks. With ``parts_of`` BN normalizes
    parts of so many examples, not the whole mini-batch.
    """
    one_of(kind, "kind", KINDS)
    rate = as_number(rate, "rate", low=0.0, high=1.0, open_high=True)
    batch_norm, dropout = kind in ("BN", "both"), rate * (kind in ("dropout", "both"))
    network = mlp([64, 50, 50, 10], "relu", batch_norm, dropout, dtype=dtype, seed=seed)
    if parts_of is not None:
        as_count(parts_of, "parts_of")
        for i, layer in enumerate(network.layers):
            if isinstance(layer, BatchNorm):
                network.layers[i] = GhostBatchNorm(layer.n_out, parts_of, dtype=dtype)
    return network


def step_without_noise(network, x, y, rows, optimizer):
    """A step of :func:`train` whose μ and σ² are those of all of x, whatever the mini-batch.

    Every example goes through the network, so that BatchNorm computes μ and σ² of all of them;
    only the mini-batch's ``rows`` count in the loss. Its gradient goes through μ and σ², as in
    batch normalization.
    """
    logits = network._forward(x, training=True)
    loss, dlogits = softmax_cross_entropy(logits[rows], y[rows])
    if math.isfinite(loss):
        dy = np.zeros_like(logits)
        dy[rows] = dlogits
        network.backward(dy, input_gradient=False)
        optimizer.step(network)
    return loss


class _OnAGrid(SGD):
    """SGD after whose steps every parameter is a whole multiple of 2⁻¹⁶.

    In batches of 4 BN makes differences of 1e-16, as between two processors, grow until the runs
    have nothing in common. Rounded away in every step they do not, and all machines train alike.
    """

    def _step(self, params, grads):
        super()._step(params, grads)
        np.rint(np.multiply(params, 2.0**16, out=params), out=params)
        params *= 2.0**-16


def small_run(job):
    """Train one float64 network on its own 256 digits, and test it.

    ``job`` is (kind, statistics, batch_size, lr, seed): one thing, so that :func:`in_parallel` can
    hand it over. ``statistics``: what BN normalizes with in training: ``"batch"``, ``"all"`` (the
    whole training set) or a number (parts of so many examples). 300 steps, or 15 epochs where that
    is more; the learning rate falls from ``lr`` to 0 along a line, so that the last steps' own
    noise does not blur the comparison.

    Returns a dict of "train", "tune", "test" to the share classified correctly.
    """
    if not (isinstance(job, tuple | list) and len(job) == 5):
        raise TypeError(f"job must be (kind, statistics, batch_size, lr, seed), got {shown(job)}")
    kind, statistics, batch_size, lr, seed = job
    data = few_digits(256, seed)
    if type(statistics) is not int:
        one_of(statistics, "statistics", ("batch", "all"))
    parts_of = statistics if isinstance(statistics, int) else None
    network = small_network(kind, seed, parts_of=parts_of, dtype="float64")
    steps, optimizer = max(300, 15 * 256 // batch_size), _OnAGrid(lr)
    for snapshot in train(
        network, data["train"], optimizer, steps=steps, batch_size=batch_size, seed=seed, every=10,
        step=step_without_noise if statistics == "all" else None,
    ):  # fmt: skip
        optimizer.lr = lr * (1 - snapshot.step / steps)
    return {name: each.accuracy for name, each in evaluate_all(network, data).items()}


def evaluate_all(network, data, most=None):
    """``evaluate`` on every part of ``few_digits``, on at most ``most`` examples of each.

    μ and σ² are computed anew over the training set (unless the network has diverged), so that
    trainings are compared and not the quality of the running averages.
    """
    if network.finite:
        with np.errstate(all="ignore"), one_blas_thread(), suppress(ValueError):  # a σ² too large
            recompute_statistics(network, data["train"][0])
    return {name: evaluate(network, x[:most], y[:most]) for name, (x, y) in data.items()}
