"""Residual blocks: a few layers around which the input goes by unchanged."""

from collections.abc import MutableMapping

import numpy as np

from .layers import Layer
from .network import Network
from .validation import as_flag, as_floats, as_gradient, as_number


class Residual(Layer):
    """y = x + F(x), or y = x + α F(x) with a learned number α; F are the ``layers``.

    Parameters
    ----------
    layers : list
        The branch F: layers that hand on as many units as they take.
    alpha : float or None
        Where the learned α starts: at 0 the block begins as the identity (SkipInit; De and Smith,
        2020). None: there is no α.

    ``params``: those of the branch, as ``"0.W"`` or ``"1.gamma"`` (the number of the layer and the
    name), and ``"alpha"`` (1,).

    Attributes
    ----------
    branch : Network

    Raises ValueError where F gives another number of units than it takes.

    Source: He, Zhang, Ren and Sun, "Deep residual learning" (2016), equation 1.
    """

    def __init__(self, layers, alpha=None):
        self.branch = Network(layers)
        takes = [layer.n_in for layer in self.branch.layers if hasattr(layer, "n_in")]
        gives = [layer.n_out for layer in self.branch.layers if hasattr(layer, "n_out")]
        if takes and takes[0] != gives[-1]:
            raise ValueError(f"x + F(x): F takes {takes[0]} units but gives {gives[-1]}")
        if takes:
            self.n_in = self.n_out = takes[0]
        own = {} if alpha is None else {"alpha": as_number(alpha, "alpha")}
        super().__init__(**{name: np.full(1, v, self.branch.dtype) for name, v in own.items()})
        self.params, self.grads = (
            _Together([getattr(layer, of) for layer in self.branch.layers], getattr(self, of))
            for of in ("params", "grads")
        )

    def forward(self, x, training=False):
        x = as_floats(x, "x")
        f = self.branch._forward(x, as_flag(training, "training"))
        self._cache = f if training else None
        return x + self._alpha(f.dtype) * f

    def batch_forward(self, x, parts_of=None):
        """y where each BatchNorm of the branch uses μ and σ² of its own input, as in training."""
        x = as_floats(x, "x")
        f = self.branch.batch_activations(x, parts_of)[-1]
        return x + self._alpha(f.dtype) * f

    def backward(self, dy):
        f = self._cached()
        dy = as_gradient(dy, "dy", f.shape)
        if "alpha" in self.params:
            self.grads["alpha"][...] = np.vdot(dy, f)
        dx = dy + self.branch.backward(self._alpha(dy.dtype) * dy)
        return self._no_gradients(dx) if self.frozen else dx

    def _alpha(self, dtype):
        return self.params["alpha"] if "alpha" in self.params else dtype.type(1)

    def __repr__(self):
        inside = ", ".join(map(repr, self.branch.layers))
        alpha = f", alpha={self.params['alpha'][0]:g}" if "alpha" in self.params else ""
        return f"Residual([{inside}]{alpha})"


class _Together(MutableMapping):
    """The dicts of several layers as one, under "0.W", "1.gamma", …, and one of its own."""

    def __init__(self, dicts, own):
        self._places = {f"{k}.{name}": (d, name) for k, d in enumerate(dicts) for name in d}
        self._places |= {name: (own, name) for name in own}

    def __getitem__(self, key):
        place, name = self._places[key]
        return place[name]

    def __setitem__(self, key, value):
        place, name = self._places[key]
        place[name] = value

    def __delitem__(self, key):
        raise TypeError("the parameters of a Residual are its layers': none can be taken out")

    def __iter__(self):
        return iter(self._places)

    def __len__(self):
        return len(self._places)
