"""Training as an iterator: one step, then a look; stop whenever you like."""

import math
from itertools import islice
from typing import NamedTuple

import numpy as np

from . import _fast
from .losses import softmax_cross_entropy
from .threads import one_blas_thread
from .validation import as_array, as_count, as_labels, as_network, as_optimizer, shown


class Snapshot(NamedTuple):
    """Where a training run stands: step (1, 2, …), loss of its mini-batch, whether it diverged."""

    step: int
    loss: float
    diverged: bool


class Evaluation(NamedTuple):
    """Mean cross-entropy (nats) and fraction of examples classified correctly."""

    loss: float
    accuracy: float


def train(network, data, optimizer, *, steps, batch_size, seed=0, every=1, step=None):
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
    step : function (network, x, y, rows, optimizer) -> loss, or None
        What a step does, if not ``train_step`` on ``x[rows], y[rows]``: x and y are all examples,
        rows (m,) those of the mini-batch. It gives a loss that is not finite where the run is to
        end.

    Yields
    ------
    Snapshot
        ``.loss`` is that of the mini-batch before the step is taken. When it is not finite the
        step is not taken, ``.diverged`` is True and the run ends; no warning, no exception. So it
        does when a snapshot finds a parameter or a running average that is not finite
        (``network.finite``), whatever the loss.

    Notes
    -----
    BLAS is kept to one thread while a step is computed (small matrices are slower on many), and
    has its own setting back whenever a snapshot is handed out.
    """
    x, y = _examples(network, data)
    as_optimizer(optimizer)
    if not (step is None or callable(step)):
        raise TypeError(
            f"step must be a function or None, got {type(step).__name__}: {shown(step)}"
        )
    steps, every = as_count(steps, "steps", low=0), as_count(every, "every")
    batch_size = as_count(batch_size, "batch_size", high=len(x))
    rng = np.random.default_rng(as_count(seed, "seed", low=0))
    batches = _batches(rng, len(x), batch_size)
    return _run(network, x, y, optimizer, steps, batches, every, step or _step_on_rows)


def _run(network, x, y, optimizer, steps, batches, every, step):
    done = 0
    while done < steps:
        chunk = min(every - done % every, steps - done)
        with one_blas_thread(), np.errstate(all="ignore"):
            for rows in islice(batches, chunk):
                loss = step(network, x, y, rows, optimizer)
                done += 1
                if not math.isfinite(loss):
                    break
        diverged = not (math.isfinite(loss) and network.finite)
        yield Snapshot(done, loss, diverged)
        if diverged:
            return


def fit(network, data, optimizer, *, steps, batch_size, seed=0, step=None):
    """Train to the end, as :func:`train` does; returns the last Snapshot."""
    options = dict(steps=as_count(steps, "steps"), batch_size=batch_size, seed=seed, step=step)
    *_, last = train(network, data, optimizer, every=steps, **options)
    return last


def train_step(network, x, y, optimizer):
    """Forward, loss, backward, update, for one mini-batch x (m, n) with labels y (m,).

    Returns the loss (float) before the update; where it is not finite there is no update.
    """
    x, y = _examples(network, (x, y))
    as_optimizer(optimizer)
    with one_blas_thread(), np.errstate(all="ignore"):
        return _step(network, x, y, optimizer)


def _step_on_rows(network, x, y, rows, optimizer):
    x, y = x.take(rows, axis=0), y.take(rows)
    x.flags.writeable = False  # so that Linear need not copy it
    return _step(network, x, y, optimizer)


def _step(network, x, y, optimizer):
    loss, dlogits = _fast.softmax_cross_entropy(network._forward(x, training=True), y)
    if math.isfinite(loss):
        network.backward(dlogits, input_gradient=False)
        optimizer.step(network)
    return loss


def evaluate(network, x, y):
    """Loss and accuracy of ``network`` on x (N, n) with labels y (N,), in inference mode.

    An example whose logits are not finite counts as wrong. The loss of a network that has diverged
    (logits, parameters or averages that are not finite) is NaN; nothing is warned of.
    """
    x, y = _examples(network, (x, y))
    with one_blas_thread(), np.errstate(all="ignore"):
        logits = network._forward(x, training=False)
        fine = np.isfinite(logits).all(axis=1)
        loss = softmax_cross_entropy(logits, y)[0] if network.finite and fine.all() else math.nan
    return Evaluation(loss, float(np.mean(fine & (logits.argmax(axis=1) == y))))


def _examples(network, data):
    """x in the network's dtype and y as class numbers, looked at once."""
    as_network(network)
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
