"""Networks of one shape trained side by side: many short runs in fewer, wider operations.

Units side by side, k networks are one network whose weights are block-diagonal:

    [z₁ | … | z_k] = [x₁W₁ | … | x_kW_k]

Batch normalization, g and the update work unit by unit, so they do not see where one network ends
and the next begins; only the products and the loss are taken network by network. An operation on
small arrays takes NumPy longer to begin than to do, and here one does for all.
"""

from itertools import islice

import numpy as np

from . import _fast
from .activations import Activation
from .layers import BatchNorm, Layer, Linear
from .network import Network
from .threads import one_blas_thread
from .training import _batches, _examples
from .validation import as_count, as_number


class _Linears(Layer):
    """k Linears on k inputs abreast, or all on one: ``params`` W (k, n_in, n_out), b (k · n_out,).

    W and b are copies.
    """

    def __init__(self, layers):
        params = {"W": np.stack([layer.params["W"] for layer in layers])}
        if "b" in layers[0].params:
            params["b"] = np.concatenate([layer.params["b"] for layer in layers])
        super().__init__(**params)
        self._units_in = layers[0].n_in
        self.n_out = len(layers) * layers[0].n_out

    def forward(self, x, training=False):
        W = self.params["W"]
        self._cache = x
        z = np.empty((len(x), len(W), W.shape[2]), x.dtype)
        np.matmul(_by_network(x, self._units_in), W, out=z.swapaxes(0, 1))
        z = z.reshape(len(x), -1)
        if "b" in self.params:
            z += self.params["b"]
        return z

    def backward(self, dz):
        each, W = self.backward_params(dz), self.params["W"]
        dx = np.empty((len(dz), len(W), self._units_in), dz.dtype)
        np.matmul(each, W.swapaxes(1, 2).copy(), out=dx.swapaxes(0, 1))
        return dx.reshape(len(dz), -1)

    def backward_params(self, dz):
        x, each = (
            _by_network(self._cache, self._units_in),
            _by_network(dz, self.params["W"].shape[2]),
        )
        np.matmul(x.swapaxes(1, 2), each, out=self.grads["W"])
        if "b" in self.params:
            self.grads["b"][...] = _fast.sum_over(len(dz), dz.dtype)(dz)
        return each


def _by_network(x, n):
    """(m, k · n) → (k, m, n), a view."""
    return x.reshape(len(x), -1, n).swapaxes(0, 1)


def _join(layers):
    """One layer that does what the k ``layers`` do, abreast."""
    first = layers[0]
    if isinstance(first, Linear):
        return _Linears(layers)
    if type(first) is BatchNorm:
        joined = BatchNorm(
            len(layers) * first.n_in, first.eps, first.decay, first._running.bias_correction,
            first.params["gamma"].dtype,
        )  # fmt: skip
        for name, value in joined.params.items():
            value[...] = np.concatenate([layer.params[name] for layer in layers])
        averages = [layer._running._average for layer in layers]
        joined._running._average = np.concatenate(averages, axis=1)
        joined._running.steps = first._running.steps
        return joined
    if not isinstance(first, Activation):
        raise TypeError(f"only Linear, BatchNorm and activations stand abreast, not {first!r}")
    return type(first)()


def _together(networks, rates):
    """The networks as one, and the learning rate of each of its parameters."""
    of_layer = zip(*(network.layers for network in networks), strict=True)
    together, k = Network([_join(layers) for layers in of_layer]), len(networks)
    values = [value for layer in together.layers for value in layer.params.values()]
    lr = [np.repeat(np.asarray(rates, value.dtype), value.size // k) for value in values]
    return together, np.concatenate(lr)


def fit_abreast(networks, data, rates, *, steps, batch_size, seed=0):
    """``fit(network, data, SGD(rate), steps=…, batch_size=…, seed=seed)`` for each of the networks.

    ``networks``: a list of Networks of one shape, as ``mlp`` makes them without dropout; they are
    trained. ``rates``: a learning rate for each. The others as ``fit`` takes them: all networks see
    the same mini-batches.

    Returns whether each diverged, a list of bool. The numbers are those of ``fit`` up to rounding.
    """
    x, y = _examples(networks[0], data)
    rates = [as_number(rate, "rate", low=0.0) for rate in rates]
    steps, batch_size = as_count(steps, "steps"), as_count(batch_size, "batch_size", high=len(x))
    if len(rates) != len(networks):
        raise ValueError(f"rates must be one for each network, {len(networks)}; got {len(rates)}")
    running, together = list(range(len(networks))), None
    batches = _batches(np.random.default_rng(seed), len(x), batch_size)
    with one_blas_thread(), np.errstate(all="ignore"):
        for rows in islice(batches, steps):
            if together is None:
                now = [networks[i] for i in running]
                together, lr = _together(now, [rates[i] for i in running])
                params, grads = together._flat()
            logits = together._forward(x.take(rows, axis=0), training=True)
            losses, dlogits = _losses(logits, y.take(rows), len(now))
            fine = np.isfinite(losses)
            if not fine.all():
                _hand_back(together, now, ~fine)  # their last step is not taken
            together.backward(dlogits, input_gradient=False)
            grads *= lr
            params -= grads
            if not fine.all():  # go on without them
                _hand_back(together, now, fine)
                together, running = None, [i for i, good in zip(running, fine, strict=True) if good]
                if not running:
                    break
        if together is not None:
            _hand_back(together, now, fine)
    return [i not in running or not network.finite for i, network in enumerate(networks)]


def _losses(logits, y, k):
    """``softmax_cross_entropy`` for each of k networks: losses (k,), dlogits (m, k · classes)."""
    m = len(y)
    z = logits.reshape(m, k, -1).transpose(2, 1, 0).reshape(-1, k * m)  # a column an example
    z = z - np.maximum.reduce(z, axis=0)
    true = (np.tile(y, k), np.arange(k * m))
    of_true_class = z[true]
    p = np.exp(z, out=z)
    total = np.add.reduce(p, axis=0)
    losses = (np.log(total) - of_true_class).reshape(k, m).mean(axis=1)
    p /= total
    p[true] -= 1
    p *= p.dtype.type(1 / m)
    return losses, p.reshape(-1, k, m).transpose(2, 1, 0).reshape(m, -1)


def _hand_back(together, networks, which):
    """Give those of the networks their parameters and averages."""
    k = len(networks)
    for i in np.flatnonzero(which):
        for joined, layer in zip(together.layers, networks[i].layers, strict=True):
            for name, value in layer.params.items():
                value[...] = joined.params[name].reshape(k, *value.shape)[i]
            if isinstance(layer, BatchNorm):
                average = joined._running._average.reshape(2, k, -1)[:, i]
                layer._running._average = average.copy()
                layer._running.steps = joined._running.steps
