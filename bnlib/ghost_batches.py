"""Batch normalization over parts of a mini-batch: the noise of small batches at any batch size."""

from . import _fast
from .layers import BatchNorm
from .validation import as_batch, as_count, as_flag, as_gradient


class GhostBatchNorm(BatchNorm):
    """Batch normalization of n units over *ghost batches*: parts of ``size`` examples.

    In training the rows of a mini-batch are cut, in their order, into parts of ``size`` rows, and
    each part is normalized by its own mean and variance. The optimizer's batch and the batch of
    the statistics are then two different sizes. With one part it is ``BatchNorm``.

    The mini-batch must be a multiple of ``size`` (ValueError otherwise). ``options``: eps, decay,
    bias_correction and dtype, as ``BatchNorm`` takes them.

    ``running_mean`` and ``running_var`` average the parts' means and (biased) variances, once a
    step. ``params``: gamma (n,), beta (n,).

    Source: Hoffer, Hubara and Soudry (2017), section 4.
    """

    def __init__(self, n, size, **options):
        super().__init__(n, **options)
        self.size = as_count(size, "size")

    def forward(self, z, training=False):
        if not as_flag(training, "training"):
            return super().forward(z)
        z = as_batch(z, "z", self.n_in)
        if len(z) % self.size:
            given = f"a batch of {len(z)} cannot be cut into parts of {self.size}"
            raise ValueError(f"z does not fit: {given}")
        gamma, beta = self.params["gamma"], self.params["beta"]
        y, self._cache = _fast.batch_norm_of_parts(z, self.size, gamma, beta, self._eps)
        self._running._update(self._cache.moments.reshape(2, -1, self.n_in).mean(axis=1))
        return y

    def batch_forward(self, z, parts_of=None):
        return super().batch_forward(z, self.size if parts_of is None else parts_of)

    def backward(self, dy):
        cache = self._cached()
        dy = as_gradient(dy, "dy", (cache.centred.size // self.n_in, self.n_in))
        dz, dgamma, dbeta = _fast.batch_norm_backward(_fast.abreast(dy, self.size), cache)
        for name, of_parts in (("gamma", dgamma), ("beta", dbeta)):
            of_parts.reshape(-1, self.n_in).sum(axis=0, out=self.grads[name])
        dz = _fast.one_below_another(dz, len(dy) // self.size)
        return self._no_gradients(dz) if self.frozen else dz

    def __repr__(self):
        return "Ghost" + super().__repr__().replace(", eps", f", size={self.size}, eps")
