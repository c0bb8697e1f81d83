"""A small convolution: every patch of an image times the same weights (im2col).

Copied out, the patches of all images are the columns of a matrix, and the convolution is one
product. (What is called convolution here is a cross-correlation, as in all frameworks.)
"""

import math
from typing import NamedTuple

import numpy as np

from . import _fast_convolution
from .layers import Layer
from .validation import (
    LARGEST,
    as_array,
    as_batch,
    as_count,
    as_dtype,
    as_flag,
    as_generator,
    as_gradient,
    as_image_shape,
    as_number,
    as_per_unit,
    as_room,
    quietly,
    same_shape,
)


class ConvCache(NamedTuple):
    """What ``conv2d`` leaves for ``conv2d_backward``."""

    columns: np.ndarray  # (C · h · w, N · H_out · W_out), the patches
    W: np.ndarray  # (K, C, h, w)
    shape: tuple  # of x
    stride: int
    padding: int


@quietly
def conv2d(x, W, b=None, stride=1, padding=0):
    """z[i, k] = Σ_c x[i, c] ⋆ W[k, c] + b[k]

    Parameters
    ----------
    x : array (N, C, H, W)
        Images, channels before pixels, as in PyTorch.
    W : array (K, C, h, w)
    b : array (K,) or None
    stride : int
        How far the window moves.
    padding : int ≥ 0
        Zeros on each side.

    Returns
    -------
    z : array (N, K, (H + 2·padding − h) // stride + 1, …), the dtype of x
    cache : ConvCache
        For ``conv2d_backward``.

    Raises ValueError where the channels of x and W differ, and where the window is larger than the
    padded image.
    """
    x, W = as_array(x, "x", ndim=4), as_array(W, "W", ndim=4)
    if W.shape[1] != x.shape[1]:
        raise ValueError(f"W is for {W.shape[1]} channels, x has {x.shape[1]}")
    stride, padding = as_count(stride, "stride"), as_count(padding, "padding", low=0)
    if min(x.shape[2] - W.shape[2], x.shape[3] - W.shape[3]) + 2 * padding < 0:
        raise ValueError(f"W {W.shape[2:]} is larger than the image {x.shape[2:]} with its padding")
    sides = [each + 2 * padding for each in x.shape[2:]]
    as_room((*x.shape[:2], *sides), "x with its padding")
    b = np.zeros(len(W)) if b is None else as_per_unit(b, "b", len(W), np.float64)

    around, (k, _, h, w) = (padding, padding), W.shape
    padded = np.pad(x.astype(np.float64), [(0, 0), (0, 0), around, around])
    patches = np.lib.stride_tricks.sliding_window_view(padded, (h, w), axis=(2, 3))
    patches = patches[:, :, ::stride, ::stride]  # (N, C, H_out, W_out, h, w)
    columns = patches.transpose(1, 4, 5, 0, 2, 3).reshape(W[0].size, -1)
    cache = ConvCache(columns, W.astype(np.float64), x.shape, stride, padding)
    z = cache.W.reshape(k, -1) @ columns + b[:, None]
    return z.reshape(k, len(x), *_out(cache)).swapaxes(0, 1).astype(x.dtype), cache


@quietly
def conv2d_backward(dz, cache):
    """From ∂loss/∂z to ∂loss/∂x (N, C, H, W), ∂loss/∂W (K, C, h, w) and ∂loss/∂b (K,).

    ``cache`` is what ``conv2d`` left; all three have the dtype of dz.
    """
    if not isinstance(cache, ConvCache):
        raise TypeError(f"cache must be what conv2d returned, got {type(cache).__name__}")
    dz = as_array(dz, "dz", ndim=4)
    same_shape(dz, "dz", (cache.shape[0], len(cache.W), *_out(cache)))
    dtype, dz = dz.dtype, dz.astype(np.float64)
    of_filter = dz.swapaxes(0, 1).reshape(len(cache.W), -1)
    dW, db = (of_filter @ cache.columns.T).reshape(cache.W.shape), of_filter.sum(axis=1)
    return tuple(each.astype(dtype) for each in (_to_image(dz, cache), dW, db))


def _out(cache):
    sides = zip(cache.shape[2:], cache.W.shape[2:], strict=True)
    return tuple((side + 2 * cache.padding - of) // cache.stride + 1 for side, of in sides)


def _to_image(dz, cache):
    """∂loss/∂x: each patch's gradient is added where the patch came from."""
    (n, c, height, width), (k, _, h, w), p = cache.shape, cache.W.shape, cache.padding
    (rows, columns), s = dz.shape[2:], cache.stride
    patches = cache.W.reshape(k, -1).T @ dz.swapaxes(0, 1).reshape(k, -1)
    patches = patches.reshape(c, h, w, n, rows, columns).swapaxes(0, 3)  # (n, h, w, c, …)
    dx = np.zeros((n, c, height + 2 * p, width + 2 * p), dz.dtype)
    for i, j in np.ndindex(h, w):
        dx[:, :, i : i + s * rows : s, j : j + s * columns : s] += patches[:, i, j]
    return dx[:, :, p : p + height, p : p + width]


class Conv2d(Layer):
    """z = x ⋆ W + b for images that are rows of numbers, channel by channel: (m, C · H · W).

    Parameters
    ----------
    shape : tuple (C, H, W)
        Of the images that come in: (1, 8, 8) for the digits.
    channels : int
        K, how many come out.
    size : int
        The window is size × size; the image gets size // 2 zeros on each side, so that an odd
        window with stride 1 gives as many pixels as came in.
    stride : int
    bias : bool
        Redundant where batch normalization follows.
    init_scale : float ≥ 0
        W starts as N(0, init_scale² / (C · size²)), as in ``Linear``; b at 0.
    dtype : "float32" or "float64"
    seed : int or numpy.random.Generator

    ``params``: W (K, C, size, size), b (K,). ``out_shape``: (K, H_out, W_out).
    """

    def __init__(
        self, shape, channels, size=3, stride=1, bias=True, init_scale=1.0, dtype="float32", seed=0
    ):
        self.shape = c, *sides = as_room(as_image_shape(shape, "shape"), "shape")
        channels, size = as_count(channels, "channels"), as_count(size, "size")
        of_W = as_room((channels, c, size, size), "W, of channels and size,")
        self.stride, self.padding = as_count(stride, "stride"), size // 2
        moves = [(side + 2 * self.padding - size) // self.stride for side in sides]
        self.out_shape = (channels, moves[0] + 1, moves[1] + 1)
        self.n_in, self.n_out = math.prod(self.shape), math.prod(self.out_shape)
        scale = as_number(init_scale, "init_scale", low=0.0, high=LARGEST) / math.sqrt(c * size**2)
        dtype, rng = as_dtype(dtype), as_generator(seed)
        draw = rng.standard_normal(of_W)
        params = {"W": (scale * draw).astype(dtype)}
        bias = as_flag(bias, "bias")
        super().__init__(**params | ({"b": np.zeros(channels, dtype)} if bias else {}))

    def forward(self, x, training=False):
        x, training = as_batch(x, "x", self.n_in), as_flag(training, "training")
        W, b = self.params["W"], self.params.get("b")
        z, patches = _fast_convolution.conv2d(x, W, b, self.shape, self.out_shape, self.stride)
        self._cache = patches if training else None
        return z

    def backward(self, dz):
        dz = self.backward_params(dz)
        of = self.params["W"], self.shape, self.out_shape, self.stride
        return _fast_convolution.to_image(dz, *of)

    def backward_params(self, dz):
        """∂loss/∂W and ∂loss/∂b only: all that is asked of a network's first layer. Returns dz."""
        patches = self._cached()
        dz = as_gradient(dz, "dz", (patches.shape[2], self.n_out))
        if self.frozen:
            return self._no_gradients(dz)
        dW, db = _fast_convolution.gradients(dz, patches)
        self.grads["W"][...] = dW.reshape(self.params["W"].shape)
        if "b" in self.params:
            self.grads["b"][...] = db
        return dz

    def __repr__(self):
        bias = "" if "b" in self.params else ", bias=False"
        size, stride = self.params["W"].shape[-1], self.stride
        return f"Conv2d({self.shape}, {self.out_shape[0]}, size={size}, stride={stride}{bias})"
