"""Layers: each does one thing forwards, and its derivative backwards (activations: next door).

``forward(x, training=True)`` takes a mini-batch (m, n), remembers what ``backward`` needs and
returns the output; ``backward(dy)`` takes ∂loss/∂output, writes ∂loss/∂parameter (a sum over the
batch) into ``grads`` and returns ∂loss/∂x. ``forward(x)`` alone is inference: nothing is remembered
and no average moves. ``params`` and ``grads`` are dicts of arrays with the same keys. What is
remembered is the layer's own or read-only: nothing done to x or to the output alters the gradient.

A layer looks at shapes, not at entries: NaN goes through it, and where numbers overflow NumPy may
warn of it. A ``Network`` and ``train`` keep that quiet.
"""

import math

import numpy as np

from . import _fast
from .averaging import ExponentialMovingAverage
from .validation import (
    LARGEST,
    as_batch,
    as_count,
    as_dtype,
    as_flag,
    as_floats,
    as_generator,
    as_gradient,
    as_number,
    as_per_unit,
    as_room,
)


class Layer:
    """What all layers share: parameters, gradients, and a cache from forward to backward.

    Attributes
    ----------
    frozen : bool
        True: the parameters stay as they are. Their gradients are 0 and no optimizer moves them;
        what the layer passes back is what it was.
    """

    frozen = False

    def __init__(self, **params):
        self.params = params
        self.grads = {name: np.zeros_like(value) for name, value in params.items()}
        self._cache = None

    def _cached(self):
        if self._cache is None:
            raise ValueError("backward needs a forward(x, training=True) before it")
        return self._cache

    def _no_gradients(self, passed_back):
        for gradient in self.grads.values():
            gradient[...] = 0
        return passed_back

    def __repr__(self):
        return f"{type(self).__name__}()"


class Linear(Layer):
    """z = x W + b.

    Parameters
    ----------
    n_in, n_out : int
    bias : bool
        Whether there is a b. Where batch normalization follows, b is redundant: subtracting the
        mean removes it, β takes its place.
    init_scale : float ≥ 0
        W starts as N(0, init_scale² / n_in): 1 keeps the size of z that of x (Glorot and Bengio,
        2010), √2 does so after ReLU (He et al., 2015). b starts at 0.
    dtype : "float32" or "float64"
    seed : int or numpy.random.Generator

    ``params``: W (n_in, n_out), b (n_out,).
    """

    def __init__(self, n_in, n_out, bias=True, init_scale=1.0, dtype="float32", seed=0):
        shape = as_room((as_count(n_in, "n_in"), as_count(n_out, "n_out")), "W, n_in × n_out,")
        self.n_in, self.n_out = shape
        scale = as_number(init_scale, "init_scale", low=0.0, high=LARGEST) / math.sqrt(self.n_in)
        dtype, rng = as_dtype(dtype), as_generator(seed)
        draw = rng.standard_normal(shape)
        params = {"W": (scale * draw).astype(dtype)}
        if as_flag(bias, "bias"):
            params["b"] = np.zeros(self.n_out, dtype)
        super().__init__(**params)

    def forward(self, x, training=False):
        x, training = as_batch(x, "x", self.n_in), as_flag(training, "training")
        self._cache = (x.copy() if x.flags.writeable else x) if training else None
        z = _fast.product(x, self.params["W"])
        if "b" in self.params:
            z += self.params["b"]
        return z

    def backward(self, dz):
        dz = self.backward_params(dz)
        return _fast.times_transposed(dz, self.params["W"])

    def backward_params(self, dz):
        """∂loss/∂W and ∂loss/∂b only: all that is asked of a network's first layer. Returns dz."""
        x = self._cached()
        dz = as_gradient(dz, "dz", (len(x), self.n_out))
        if self.frozen:
            return self._no_gradients(dz)
        _fast.product_into(x.T, dz, out=self.grads["W"])
        if "b" in self.params:
            self.grads["b"][...] = _fast.sum_over(len(dz), dz.dtype)(dz)
        return dz

    def __repr__(self):
        return f"Linear({self.n_in}, {self.n_out}{'' if 'b' in self.params else ', bias=False'})"


class BatchNorm(Layer):
    """Batch normalization of n units (Ioffe and Szegedy, 2015): y = γ z_norm + β.

    In training z_norm uses the mean and variance of the mini-batch, and their exponentially
    weighted averages are brought up to date; in inference it uses those averages.

    Parameters
    ----------
    n : int
        Number of units.
    eps : float ≥ 0
        Added to the variance. With eps = 0 a unit that is constant over a batch becomes NaN, and
        ``train`` reports that the run diverged.
    decay : float in [0, 1)
        Fraction of the old average kept at each training step. (PyTorch's ``momentum`` is
        1 − decay; Keras's ``momentum`` and ONNX's are decay.)
    bias_correction : bool
        True: after one batch the averages are those of that batch, after t batches an average of
        these t alone. False: as in PyTorch and Keras they start at mean 0 and variance 1, and
        what is left of that start after t batches is decay^t of it.

    ``params``: gamma (n,), starts at 1; beta (n,), starts at 0.

    Attributes
    ----------
    running_mean, running_var : array (n,)
        Averages over the training batches; 0 and 1 before the first one, so that inference then
        gives γ z / √(1 + ε) + β. The variance is the *biased* one of each batch (divided by m), as
        in Keras; PyTorch averages the unbiased one (m − 1), larger by m / (m − 1). Read-only:
        ``set_statistics`` changes them.

    A batch of one example is its own mean: z_norm = 0, y = β whatever the input, dz = 0, and a
    variance of 0 enters the average.
    """

    def __init__(self, n, eps=1e-5, decay=0.9, bias_correction=True, dtype="float32"):
        self.n_in = self.n_out = self._n = as_count(n, "n")
        as_room((n,), "n")
        dtype = as_dtype(dtype)
        super().__init__(gamma=np.ones(n, dtype), beta=np.zeros(n, dtype))
        self.eps = eps
        start = np.array([np.zeros(n), np.ones(n)], dtype)
        self._running = ExponentialMovingAverage(decay, bias_correction, start)

    @property
    def eps(self):
        return self._eps_number

    @eps.setter
    def eps(self, value):
        self._eps_number = as_number(value, "eps", low=0.0, high=LARGEST)
        # An array of one entry: NumPy adds it faster than a float.
        self._eps = np.array(self._eps_number, self.params["gamma"].dtype)

    @property
    def decay(self):
        return self._running.decay

    def _refuse(self, value):
        raise AttributeError("running_mean, running_var are changed by set_statistics(mean, var)")

    running_mean = property(lambda self: self._statistics()[0], _refuse)
    running_var = property(lambda self: self._statistics()[1], _refuse)

    def _statistics(self):
        value = self._running.value
        value.flags.writeable = False
        return value

    def set_statistics(self, mean, var):
        """Use this mean and variance (n,) in inference; further training starts the averages anew
        (without bias correction: from here)."""
        dtype = self.params["gamma"].dtype
        start = np.array([as_per_unit(mean, "mean", self._n), as_per_unit(var, "var", self._n)])
        if start[1].min() < 0:
            raise ValueError(f"var must not be negative, got {start[1].min():g}")
        correction = self._running.bias_correction
        self._running = ExponentialMovingAverage(self.decay, correction, start.astype(dtype))

    def rows(self, z):
        """The inputs (m, n) as the numbers that share μ and σ² see them, in columns: here z."""
        return as_batch(z, "z", self._n)

    def forward(self, z, training=False):
        z = as_batch(z, "z", self._n)
        gamma, beta = self.params["gamma"], self.params["beta"]
        if not as_flag(training, "training"):
            self._cache = None
            return _fast.batch_norm_inference(z, *self._running.value, gamma, beta, self._eps)
        y, self._cache = _fast.batch_norm(z, gamma, beta, self._eps)
        self._running._update(self._cache.moments)
        return y

    def batch_forward(self, z, parts_of=None):
        """y with μ and σ² of z (m, n) itself, as in training; nothing else changes.

        With ``parts_of`` each part of so many consecutive rows is normalized by itself (the last
        one may be shorter).
        """
        z = as_batch(z, "z", self._n)
        gamma, beta = self.params["gamma"], self.params["beta"]
        size = len(z) if parts_of is None else min(as_count(parts_of, "parts_of"), len(z))
        rest = len(z) % size
        parts = [(z[: len(z) - rest], size), (z[len(z) - rest :], rest)][: 2 if rest else 1]
        ys = [_fast.batch_norm_of_parts(z, m, gamma, beta, self._eps)[0] for z, m in parts]
        return np.concatenate(ys)

    def backward(self, dy):
        cache = self._cached()
        dy = as_gradient(dy, "dy", cache.centred.shape)
        dz, self.grads["gamma"][...], self.grads["beta"][...] = _fast.batch_norm_backward(dy, cache)
        return self._no_gradients(dz) if self.frozen else dz

    def __repr__(self):
        return f"BatchNorm({self.n_in}, eps={self.eps:g}, decay={self.decay:g})"


class Dropout(Layer):
    """Inverted dropout (Srivastava et al., 2014): in training each entry is 0 with probability
    ``rate`` and divided by 1 − rate otherwise; in inference nothing happens.

    ``seed``: int, sequence of int or numpy.random.Generator, for the masks.
    """

    def __init__(self, rate, seed=0):
        super().__init__()
        self.rate = as_number(rate, "rate", low=0.0, high=1.0, open_high=True)
        self._rng = as_generator(seed)

    def forward(self, x, training=False):
        x = as_floats(x, "x")
        if not as_flag(training, "training"):
            self._cache = None
            return x
        kept = self._rng.random(x.shape, dtype=x.dtype) >= self.rate
        self._cache = kept * x.dtype.type(1 / (1 - self.rate))
        return x * self._cache

    def backward(self, dy):
        mask = self._cached()
        return as_gradient(dy, "dy", mask.shape) * mask

    def __repr__(self):
        return f"Dropout({self.rate:g})"
