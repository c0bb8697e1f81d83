"""Layers that normalize images, and layers that normalize an example by itself.

A row is an image, channel by channel: (m, C · H · W), as ``Conv2d`` gives it; or C units, where
``shape`` is a number.
"""

import math

import numpy as np

from .layers import BatchNorm, Layer
from .validation import (
    LARGEST,
    as_batch,
    as_count,
    as_dtype,
    as_flag,
    as_gradient,
    as_image_shape,
    as_number,
    as_room,
)


class BatchNorm2d(BatchNorm):
    """Batch normalization of images: one γ, β, μ and σ² a channel.

    All pixels of all images share a channel's μ and σ²: it is :class:`BatchNorm` of N · H · W rows
    of C units. ``shape`` is (C, H, W); ``options``: eps, decay, bias_correction, dtype, as
    ``BatchNorm`` takes them. ``params`` and the running averages are (C,).

    Source: Ioffe and Szegedy (2015), section 3.2.
    """

    def __init__(self, shape, **options):
        self.shape = as_room(as_image_shape(shape, "shape"), "shape")
        super().__init__(self.shape[0], **options)
        self.n_in = self.n_out = math.prod(self.shape)

    def rows(self, z):
        """(m, C · H · W) → (m · H · W, C): the numbers that share μ and σ² in a column."""
        z = as_batch(z, "z", self.n_in)
        z = z.reshape(len(z), self.shape[0], -1)
        return z.swapaxes(1, 2).reshape(-1, self.shape[0])

    def _images(self, rows):
        """What ``rows`` did, undone."""
        rows = rows.reshape(-1, self.n_in // self.shape[0], self.shape[0])
        return rows.swapaxes(1, 2).reshape(-1, self.n_in)

    def forward(self, z, training=False):
        return self._images(super().forward(self.rows(z), training))

    def batch_forward(self, z, parts_of=None):
        pixels = self.n_in // self.shape[0]
        parts_of = None if parts_of is None else as_count(parts_of, "parts_of") * pixels
        return self._images(super().batch_forward(self.rows(z), parts_of))

    def backward(self, dy):
        m = len(self._cached().centred) * self.shape[0] // self.n_in
        return self._images(super().backward(self.rows(as_gradient(dy, "dy", (m, self.n_in)))))

    def __repr__(self):
        return f"BatchNorm2d({self.shape}, eps={self.eps:g}, decay={self.decay:g})"


class GroupNorm(Layer):
    """Group normalization of every example by itself (Wu and He, 2018): no averages, and training
    is as inference.

    Parameters
    ----------
    shape : int or tuple (C, H, W)
        C units, or images.
    groups : int
        Into which the C channels are cut. 1 is layer normalization, C is instance normalization.
    eps : float ≥ 0
    dtype : "float32" or "float64"

    ``params``: gamma (C,), starts at 1; beta (C,), starts at 0. Raises ValueError where ``groups``
    does not divide C. The formula is ``group_norm``'s, in the dtype of the network.
    """

    _center = True

    def __init__(self, shape, groups, eps=1e-5, dtype="float32"):
        several = isinstance(shape, (tuple, list))
        self.shape = as_image_shape(shape, "shape") if several else (as_count(shape, "shape"),)
        self.groups, channels = as_count(groups, "groups"), self.shape[0]
        if channels % self.groups:
            raise ValueError(f"groups must divide the {channels} channels, got {groups}")
        self.n_in = self.n_out = math.prod(as_room(self.shape, "shape"))
        self.eps, dtype = as_number(eps, "eps", low=0.0, high=LARGEST), as_dtype(dtype)
        beta = {"beta": np.zeros(channels, dtype)} if self._center else {}
        super().__init__(gamma=np.ones(channels, dtype), **beta)

    def forward(self, z, training=False):
        z, training = as_batch(z, "z", self.n_in), as_flag(training, "training")
        z = z.reshape(len(z), self.groups, -1)
        if self._center:
            z = z - z.mean(axis=2, keepdims=True)
        var = np.einsum("mgn,mgn->mg", z, z)[:, :, None] / z.shape[2]
        inv_std = 1 / np.sqrt(var + z.dtype.type(self.eps))
        z_norm = z * inv_std
        self._cache = (z_norm, inv_std) if training else None
        y = z_norm.reshape(len(z), self.shape[0], -1) * self.params["gamma"][:, None]
        if self._center:
            y += self.params["beta"][:, None]
        return y.reshape(len(z), self.n_in)

    def backward(self, dy):
        z_norm, inv_std = self._cached()
        dy = as_gradient(dy, "dy", (len(z_norm), self.n_in)).reshape(len(z_norm), self.shape[0], -1)
        if not self.frozen:
            self.grads["gamma"][...] = np.einsum("mcp,mcp->c", dy, z_norm.reshape(dy.shape))
            if self._center:
                self.grads["beta"][...] = dy.sum(axis=(0, 2))
        dz = (dy * self.params["gamma"][:, None]).reshape(z_norm.shape)
        along = np.einsum("mgn,mgn->mg", dz, z_norm)[:, :, None] / z_norm.shape[2]
        if self._center:
            dz -= dz.mean(axis=2, keepdims=True)
        dz = ((dz - z_norm * along) * inv_std).reshape(-1, self.n_in)
        return self._no_gradients(dz) if self.frozen else dz

    def __repr__(self):
        of = self.shape if len(self.shape) > 1 else self.shape[0]
        return f"{type(self).__name__}({of}, groups={self.groups}, eps={self.eps:g})"


class RMSNorm(GroupNorm):
    """RMS normalization (Zhang and Sennrich, 2019): every example by itself, divided by the root of
    its mean square over all units. No mean is subtracted and there is no β.

    ``shape`` is C or (C, H, W), ``eps`` and ``dtype`` as in :class:`GroupNorm`. ``params``: gamma.
    """

    _center = False

    def __init__(self, shape, eps=1e-5, dtype="float32"):
        super().__init__(shape, 1, eps, dtype)

    def __repr__(self):
        return super().__repr__().replace("groups=1, ", "")
