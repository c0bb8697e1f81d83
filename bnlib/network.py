"""A network: layers, one after the other."""

import copy
from collections.abc import Callable, Mapping
from itertools import accumulate, pairwise

import numpy as np

from . import _fast
from .activations import ACTIVATIONS
from .layers import BatchNorm, Dropout, Linear
from .validation import (
    as_array,
    as_count,
    as_dtype,
    as_flag,
    as_floats,
    as_list,
    as_number,
    as_room,
    one_of,
    quietly,
    shown,
)

HE, GLOROT = float(np.sqrt(2)), 1.0
LAYER = {"forward": Callable, "backward": Callable, "params": Mapping, "grads": Mapping}
INIT_SCALES = {"relu": HE, "sigmoid": GLOROT, "tanh": GLOROT}


class Network:
    """Layers, one after the other.

    Parameters
    ----------
    layers : list
        Objects with ``forward(x, training)``, ``backward(dy)``, ``params`` and ``grads``; those
        with parameters of one dtype. Where one has ``frozen = True`` no optimizer moves it.

    Attributes
    ----------
    layers : list
    flat_params, flat_grads : array (p,)
        All parameters and all gradients end to end; ``layer.params`` and ``layer.grads`` are
        views into them, so that an optimizer's step is a few operations on one vector.
    """

    def __init__(self, layers):
        self.layers = as_list(layers, "layers", " of layers")
        if not self.layers:
            raise ValueError("layers must hold at least one layer, got an empty list")
        n = None
        for i, layer in enumerate(self.layers):
            for needed, kind in LAYER.items():
                if not isinstance(getattr(layer, needed, None), kind):
                    given = f"it lacks {needed}: {shown(layer)}"
                    raise TypeError(f"layers[{i}] is no layer, {given}")
            if any(layer is other for other in self.layers[:i]):
                raise ValueError(f"layers[{i}] {layer!r} is in the list twice; make another one")
            if n is not None and getattr(layer, "n_in", n) != n:
                raise ValueError(f"layers[{i}] {layer!r} takes {layer.n_in} units but gets {n}")
            n = getattr(layer, "n_out", n)
        self._flatten()

    def _flatten(self):
        """Gather parameters and gradients into one vector each; leave views in the layers."""
        self._flattened = list(self.layers)
        self._names = [(layer, name) for layer in self.layers for name in layer.params]
        dicts = [(layer.params, layer.grads) for layer in self.layers]
        dtypes = {value.dtype for params, _ in dicts for value in params.values()}
        if len(dtypes) > 1:
            given = ", ".join(sorted(str(dtype) for dtype in dtypes))
            raise ValueError(f"the layers of a network must share one dtype, got {given}")
        self.dtype = dtypes.pop() if dtypes else np.dtype(np.float64)
        size = sum(value.size for params, _ in dicts for value in params.values())
        self._params, self._grads = np.empty(size, self.dtype), np.empty(size, self.dtype)
        start = 0
        for params, grads in dicts:
            for name, value in params.items():
                part = slice(start, start + value.size)
                start += value.size
                for flat, arrays in ((self._params, params), (self._grads, grads)):
                    view = flat[part].reshape(value.shape)
                    view[...] = arrays[name]
                    arrays[name] = view

    def _flat(self):
        # Layers may have been exchanged, their arrays replaced, or gathered by another network.
        params, grads = self._params, self._grads
        if self.layers != self._flattened:
            self._flatten()
        for layer, name in self._names:
            if layer.params[name].base is not params or layer.grads[name].base is not grads:
                self._flatten()
                break
        return self._params, self._grads

    @property
    def flat_params(self):
        return self._flat()[0]

    @property
    def flat_grads(self):
        return self._flat()[1]

    @property
    def finite(self) -> bool:
        """Whether every parameter and every running average is finite: False once the network has
        diverged."""
        averages = [a._running._average for a in _each(self.layers) if isinstance(a, BatchNorm)]
        return all(_fast.all_finite(array) for array in (self.flat_params, *averages))

    def forward(self, x, training=False):
        """The last layer's output (logits) for x (m, n_in), in the dtype of the parameters.

        A network that has diverged gives NaN or infinities, without a warning.
        """
        return self.activations(x, training)[-1]

    def _forward(self, x, training):
        for layer in self.layers:
            x = layer.forward(x, training=training)
        return x

    def activations(self, x, training=False):
        """The output of every layer for x: a list of arrays in the order of ``layers``."""
        training = as_flag(training, "training")
        return self._outputs(x, self.layers, lambda a, layer: layer.forward(a, training=training))

    def batch_activations(self, x, parts_of=None):
        """The output of every layer for x (m, n_in), as :meth:`activations` gives them, where each
        BatchNorm uses μ and σ² of its own input: what training would see, and nothing changes.

        With ``parts_of`` it uses those of each part of so many consecutive rows (the last one may
        be shorter); a GhostBatchNorm its own parts, where none are given. Dropout does nothing, as
        in inference. A network that has diverged gives NaN, without a warning.
        """

        parts_of = None if parts_of is None else as_count(parts_of, "parts_of")

        def forward(a, layer):
            of_batch = hasattr(layer, "batch_forward")
            return layer.batch_forward(a, parts_of) if of_batch else layer.forward(a)

        return self._outputs(x, map(copy.copy, self.layers), forward)  # their own caches stay

    def _outputs(self, x, layers, forward):
        x = as_array(x, "x").astype(self.dtype, copy=False)
        with np.errstate(all="ignore"):
            return list(accumulate(layers, forward, initial=x))[1:]

    @quietly
    def backward(self, dy, input_gradient=True):
        """Fill every layer's ``grads`` from dy = ∂loss/∂output; returns ∂loss/∂x.

        With ``input_gradient=False`` the first layer spares itself ∂loss/∂x and the result is None.
        """
        dy, (first, *others) = as_floats(dy, "dy"), self.layers
        input_gradient = as_flag(input_gradient, "input_gradient")
        for layer in reversed(others):
            dy = layer.backward(dy)
        if input_gradient:
            return first.backward(dy)
        getattr(first, "backward_params", first.backward)(dy)
        return None

    def __repr__(self):
        lines = [f"  {i}  {layer!r}" for i, layer in enumerate(self.layers)]
        return "\n".join([f"Network, {self._params.size} parameters, {self.dtype}", *lines])


def _each(layers):
    """The layers, and those of the branches of residual blocks."""
    for layer in layers:
        yield layer
        yield from _each(layer.branch.layers) if hasattr(layer, "branch") else ()


def mlp(
    sizes, activation="relu", batch_norm=False, dropout=0.0, init_scale=None, dtype="float32",
    seed=0,
):  # fmt: skip
    """A fully connected Network: Linear layers with an activation g between them.

    Parameters
    ----------
    sizes : sequence of int
        Units of every layer from the inputs to the classes, for example [64, 100, 100, 10].
    activation : "relu", "sigmoid" or "tanh"
    batch_norm : False, True, "z" or "a"
        True or "z": BatchNorm on z, before g, and no b in the Linear before it. "a": on a, after g.
        Nothing follows the last Linear: its output are the logits.
    dropout : float in [0, 1)
        Rate of a Dropout at the end of every hidden layer; 0 for none.
    init_scale : float or None
        The weights start as N(0, init_scale² / n_in). None takes √2 for relu (He et al., 2015) and
        1 for sigmoid and tanh (Glorot and Bengio, 2010, for layers of equal size).
    dtype : "float32" or "float64"
    seed : int
        The weights follow from ``sizes``, ``init_scale`` and ``seed`` alone: networks with and
        without BatchNorm or Dropout start from the same ones.
    """
    sizes = as_list(sizes, "sizes", " such as [64, 100, 10]")
    sizes = [as_count(n, f"sizes[{i}]") for i, n in enumerate(sizes)]
    if len(sizes) < 2:
        raise ValueError(f"sizes needs at least inputs and classes, two numbers; got {sizes}")
    one_of(activation, "activation", ACTIVATIONS)
    one_of(batch_norm, "batch_norm", (False, True, "z", "a"))
    dropout = as_number(dropout, "dropout", low=0.0, high=1.0, open_high=True)
    dtype = as_dtype(dtype)
    scale = INIT_SCALES[activation] if init_scale is None else init_scale
    seed = as_count(seed, "seed", low=0)
    rng = np.random.default_rng(seed)
    before_g, after_g = batch_norm in (True, "z"), batch_norm == "a"
    layers = []
    *hidden, last = (as_room(pair, "sizes") for pair in pairwise(sizes))
    for i, (n_in, n_out) in enumerate(hidden):
        layers.append(Linear(n_in, n_out, not before_g, scale, dtype, rng))
        if before_g:
            layers.append(BatchNorm(n_out, dtype=dtype))
        layers.append(ACTIVATIONS[activation]())
        if after_g:
            layers.append(BatchNorm(n_out, dtype=dtype))
        if dropout:
            layers.append(Dropout(dropout, seed=[seed, i]))
    return Network([*layers, Linear(*last, True, scale, dtype, rng)])
