"""Training as an iterator: one step, then a look; stop whenever you like."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from .losses import _softmax_cross_entropy
from .threads import one_blas_thread
from .validation import as_array, as_count, as_labels


class Snapshot(NamedTuple):
    """Where a training run stands: step (1, 2, …), loss of its mini-batch, whether it diverged."""

    step: int
    loss: float
    diverged: bool


class Evaluation(NamedTuple):
    """Mean cross-entropy (nats) and fraction of examples classified correctly."""

    loss: float
    accuracy: float


def train(network, data, optimizer, *, steps, batch_size, seed=0, every=1):
    """Train ``network`` by mini-batches; yields a Snapshot every ``every`` steps.

    The network is trained while the iterator is consumed, and not otherwise: look at it, or change
    ``optimizer.lr``, between two snapshots; drop the iterator to stop.

    Parameters
    ----------
    network : Network
        Changed in place.
    data : object with ``x_train`` (N, n) and ``y_train`` (N,), or a tuple (x, y)
        Class numbers 0 … k − 1 in y.
    optimizer : SGD, Momentum, Nesterov or Adam
    steps : int
        Number of mini-batches.
    batch_size : int
        Examples in a mini-batch, m ≤ N. The examples are shuffled anew each epoch; the remainder
        of N / m is left out of that epoch, so that every batch has m examples.
    seed : int
        Of the shuffling.
    every : int
        A snapshot each so many steps; the last step always gives one.

    Yields
    ------
    Snapshot
        ``.loss`` is that of the mini-batch before the step is taken. When it is not finite the
        step is not taken, ``.diverged`` is True and the run ends; no warning, no exception.

    Notes
    -----
    BLAS is kept to one thread while a step is computed (small matrices are slower on many), and
    has its own setting back whenever a snapshot is handed out.
    """
    x, y = _examples(network, data)
    steps, every = as_count(steps, "steps", low=0), as_count(every, "every")
    batch_size = as_count(batch_size, "batch_size", high=len(x))
    rng = np.random.default_rng(as_count(seed, "seed", low=0))
    return _run(network, x, y, optimizer, steps, _batches(rng, len(x), batch_size), every)


def _run(network, x, y, optimizer, steps, batches, every):
    step = 0
    while step < steps:
        chunk = min(every - step % every, steps - step)
        with one_blas_thread(), np.errstate(all="ignore"):
            for _ in range(chunk):
                batch = next(batches)
                loss = train_step(network, x.take(batch, axis=0), y.take(batch), optimizer)
                step += 1
                if not math.isfinite(loss):
                    break
        yield Snapshot(step, loss, not math.isfinite(loss))
        if not math.isfinite(loss):
            return


def train_step(network, x, y, optimizer):
    """Forward, loss, backward, update, for one mini-batch; returns the loss before the update.

    Unchecked: ``train`` calls it with arrays it has looked at. No update where the loss is not
    finite.
    """
    loss, dlogits = _softmax_cross_entropy(network._forward(x, training=True), y)
    if math.isfinite(loss):
        network.backward(dlogits, input_gradient=False)
        optimizer.step(network)
    return loss


def evaluate(network, x, y):
    """Loss and accuracy of ``network`` on x (N, n) with labels y (N,), in inference mode.

    An example whose logits are not finite counts as wrong; nothing is warned of.
    """
    x, y = _examples(network, (x, y))
    with one_blas_thread(), np.errstate(all="ignore"):
        logits = network._forward(x, training=False)
        loss, _ = _softmax_cross_entropy(logits, y)
        correct = (logits.argmax(axis=1) == y) & np.isfinite(logits.max(axis=1))
    return Evaluation(loss, float(correct.mean()))


def _examples(network, data):
    """x in the network's dtype and y as class numbers, looked at once."""
    if isinstance(data, tuple) and len(data) == 2:
        x, y = data
    elif hasattr(data, "x_train") and hasattr(data, "y_train"):
        x, y = data.x_train, data.y_train
    else:
        given = f"tuple of {len(data)}" if isinstance(data, tuple) else type(data).__name__
        raise TypeError(f"data must be (x, y) or have x_train and y_train, got {given}")
    x = as_array(x, "x").astype(network.dtype, copy=False)
    n_in = next((layer.n_in for layer in network.layers if hasattr(layer, "n_in")), x.shape[1])
    if x.shape[1] != n_in:
        raise ValueError(f"x must have the network's {n_in} inputs; got shape {x.shape}")
    classes = network.forward(x[:1]).shape[1]
    return x, as_labels(y, "y", len(x), classes)


def _batches(rng, examples, batch_size):
    """Indices of one mini-batch after the other, shuffled anew each epoch, for ever."""
    while True:
        order = rng.permutation(examples)
        for start in range(0, examples - batch_size + 1, batch_size):
            yield order[start : start + batch_size]
