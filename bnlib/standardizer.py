"""Input normalization: what is learned from the training set is used on every other."""

import numpy as np

from .batch_statistics import in_float64
from .validation import as_array, quietly


class Standardizer:
    """Subtract the mean and divide by the standard deviation of the data it was fitted to.

    ``fit`` on the training set, then ``transform`` everything (training, test, a single new
    example) with the same ``mean_`` and ``std_``.

    Attributes
    ----------
    mean_, std_ : array (n,)
        Of the data given to ``fit``, in float64; std_ is √(Σ(x − μ)²/m). A feature that is constant
        up to rounding (std_ is no more than the step between two floats of x's dtype at its mean)
        carries no information and becomes 0: its ``std_`` is set to 1.
    """

    @quietly
    def fit(self, x):
        """Learn ``mean_`` and ``std_`` from x (m, n); returns self."""
        x = as_array(x, "x")
        self.mean_, var = in_float64(x, "x")
        std, rounding = np.sqrt(var), np.spacing(np.abs(self.mean_).astype(x.dtype))
        self.std_ = np.where(std <= rounding, 1.0, std)
        return self

    @quietly
    def transform(self, x):
        """(x − mean_) / std_ for x (m, n); the dtype of x."""
        x = self._like_fitted(x)
        return ((x - self.mean_) / self.std_).astype(x.dtype, copy=False)

    def fit_transform(self, x):
        """``fit(x)`` and then ``transform(x)``."""
        return self.fit(x).transform(x)

    @quietly
    def inverse_transform(self, x):
        """x · std_ + mean_: back to the units of the data; the dtype of x."""
        x = self._like_fitted(x)
        return (x * self.std_ + self.mean_).astype(x.dtype, copy=False)

    def _like_fitted(self, x):
        if not hasattr(self, "mean_"):
            raise ValueError("this Standardizer has no mean_ and std_ yet: call fit(x_train) first")
        x = as_array(x, "x")
        if x.shape[1] != self.mean_.size:
            n = self.mean_.size
            raise ValueError(f"x must have the {n} features it was fitted to; got shape {x.shape}")
        return x

    def __repr__(self):
        fitted = f"{self.mean_.size} features" if hasattr(self, "mean_") else "not fitted"
        return f"Standardizer({fitted})"
