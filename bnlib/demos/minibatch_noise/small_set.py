"""A few hundred digits to train on: with batch normalization, dropout, both or neither; and batch
normalization whose statistics come from more, or fewer, examples than the optimizer's batch."""

from __future__ import annotations

import math
from functools import cache

import numpy as np

from ... import datasets
from ..._fast import softmax_cross_entropy
from ...ghost_batches import GhostBatchNorm
from ...inference import recompute_statistics
from ...layers import BatchNorm
from ...network import Network, mlp
from ...optimizers import SGD
from ...standardizer import Standardizer
from ...threads import one_blas_thread
from ...training import Snapshot, _batches, evaluate, train

KINDS = ("neither", "BN", "dropout", "both")
TUNING = 300  # examples to choose a learning rate with


@cache
def small_set(size, seed):
    """``size`` digits to train on, 300 to tune with and all others to test with, cut anew a seed.

    Returns
    -------
    dict of "train", "tune", "test" to (x, y); standardized as the training digits are.
    """
    data = datasets.digits()
    x, y = np.concatenate([data.x_train, data.x_test]), np.concatenate([data.y_train, data.y_test])
    order = np.random.default_rng(seed).permutation(len(x))
    parts = np.split(order, [size, size + TUNING])
    scale = Standardizer().fit(x[parts[0]])
    names = "train", "tune", "test"
    return {n: (scale.transform(x[p]), y[p]) for n, p in zip(names, parts, strict=True)}


def small_network(kind, seed, *, rate=0.3, parts_of=None, dtype="float32"):
    """64-50-50-10, ReLU: one of KINDS; ``parts_of``: BN over parts of so many examples."""
    network = mlp(
        [64, 50, 50, 10],
        batch_norm=kind in ("BN", "both"),
        dropout=rate if kind in ("dropout", "both") else 0.0,
        dtype=dtype,
        seed=seed,
    )
    if parts_of is None:
        return network
    return Network(
        [
            GhostBatchNorm(layer.n_out, parts_of, dtype=dtype)
            if isinstance(layer, BatchNorm)
            else layer
            for layer in network.layers
        ]
    )


def train_without_noise(network, data, optimizer, *, steps, batch_size, seed=0, every=1):
    """As :func:`bnlib.train` with the same mini-batches, but μ and σ² of the whole training set.

    In each step every example goes through the network, so that BatchNorm computes μ and σ² of all
    of them; only the mini-batch's examples count in the loss. Its gradient goes through μ and σ²,
    as in batch normalization.
    """
    x, y = data[0].astype(network.dtype), data[1]
    batches, step, loss = _batches(np.random.default_rng(seed), len(x), batch_size), 0, 0.0
    while step < steps and math.isfinite(loss):
        with one_blas_thread(), np.errstate(all="ignore"):
            loss = _step_without_noise(network, x, y, next(batches), optimizer)
        step += 1
        if step % every == 0 or step == steps or not math.isfinite(loss):
            yield Snapshot(step, loss, not math.isfinite(loss))


def _step_without_noise(network, x, y, batch, optimizer):
    logits = network._forward(x, training=True)
    loss, dlogits = softmax_cross_entropy(logits[batch], y[batch])
    if math.isfinite(loss):
        dy = np.zeros_like(logits)
        dy[batch] = dlogits
        network.backward(dy, input_gradient=False)
        optimizer.step(network)
    return loss


def small_run(job):
    """Train one float64 network on its own 256 digits, and test it.

    Parameters
    ----------
    job : (kind, statistics, batch_size, lr, seed)
        ``statistics``: what BN normalizes with in training: ``"batch"``, ``"all"`` (the whole
        training set) or a number (parts of so many examples). 300 steps, or 15 epochs where that
        is more; the learning rate falls from ``lr`` to 0 along a line, so that the last steps' own
        noise does not blur the comparison.

    Returns
    -------
    dict of "train", "tune", "test" to the share classified correctly
    """
    kind, statistics, batch_size, lr, seed = job
    data = small_set(256, seed)
    parts_of = statistics if isinstance(statistics, int) else None
    network = small_network(kind, seed, parts_of=parts_of, dtype="float64")
    steps, optimizer = max(300, 15 * 256 // batch_size), SGD(lr)
    run = train_without_noise if statistics == "all" else train
    for snapshot in run(
        network, data["train"], optimizer, steps=steps, batch_size=batch_size, seed=seed, every=10
    ):
        optimizer.lr = lr * (1 - snapshot.step / steps)
    return {name: each.accuracy for name, each in evaluate_all(network, data).items()}


def evaluate_all(network, data, most=None):
    """``evaluate`` on every part of a small set, on at most ``most`` examples of each.

    μ and σ² are computed anew over the training set, so that trainings are compared and not the
    quality of the running averages.
    """
    with np.errstate(all="ignore"), one_blas_thread():
        if np.isfinite(network.flat_params).all():
            recompute_statistics(network, data["train"][0])
    return {name: evaluate(network, x[:most], y[:most]) for name, (x, y) in data.items()}
