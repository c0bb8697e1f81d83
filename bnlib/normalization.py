"""Normalization: from the inputs of a network to the units inside it."""

from __future__ import annotations

import numpy as np

from .validation import as_array, as_number, as_per_unit


def moments(z):
    """Mean and variance of every unit over the batch.

    Parameters
    ----------
    z : array (m, n)
        m examples (rows) of n units (columns).

    Returns
    -------
    mean : array (n,)
        μ = Σz / m.
    var : array (n,)
        σ² = Σ(z − μ)² / m, the *biased* variance: it divides by m, not by m − 1.
        Two passes, so that it stays right where |μ| is much larger than σ.
    """
    z = as_array(z, "z")
    mean = z.mean(axis=0)
    var = np.square(z - mean).mean(axis=0)
    return mean, var


def normalize(z, mean, var, eps=1e-5):
    """z_norm = (z − μ) / √(σ² + ε), unit by unit.

    Parameters
    ----------
    z : array (m, n)
    mean, var : array (n,)
        Of this batch, or of whatever the units are to be compared with.
    eps : float ≥ 0
        Keeps the quotient defined for a unit that is constant (σ² = 0).

    Returns
    -------
    z_norm : array (m, n), the dtype of z

    Raises
    ------
    ValueError
        Where σ² + ε is not positive: a negative variance, or σ² = 0 with ε = 0.
    """
    z = as_array(z, "z")
    eps = as_number(eps, "eps", low=0.0)
    mean = as_per_unit(mean, "mean", z.shape[1], z.dtype)
    var = as_per_unit(var, "var", z.shape[1], z.dtype)
    if var.min() < 0:
        raise ValueError(f"var must not be negative, got {var.min():g}")
    scale = var + z.dtype.type(eps)
    if scale.min() <= 0:
        raise ValueError("var + eps is 0 for a constant unit; give eps > 0")
    return (z - mean) / np.sqrt(scale)


class Standardizer:
    """Subtract the mean and divide by the standard deviation of the data it was fitted to.

    ``fit`` on the training set, then ``transform`` everything (training, test, a single new
    example) with the same ``mean_`` and ``std_``.

    Attributes
    ----------
    mean_, std_ : array (n,)
        Of the data given to ``fit``; std_ is √(Σ(x − μ)²/m). A feature whose standard deviation
        is 0 up to rounding carries no information and becomes 0: its ``std_`` is set to 1.
    """

    def fit(self, x):
        """Learn ``mean_`` and ``std_`` from x (m, n); returns self."""
        x = as_array(x, "x")
        mean, var = moments(x)
        std = np.sqrt(var)
        rounding = 10 * np.finfo(x.dtype).eps * np.abs(mean)
        self.mean_, self.std_ = mean, np.where(std <= rounding, x.dtype.type(1), std)
        return self

    def transform(self, x):
        """(x − mean_) / std_ for x (m, n); the dtype of x."""
        x = self._like_fitted(x)
        return ((x - self.mean_) / self.std_).astype(x.dtype, copy=False)

    def fit_transform(self, x):
        """``fit(x)`` and then ``transform(x)``."""
        return self.fit(x).transform(x)

    def inverse_transform(self, x):
        """x · std_ + mean_: back to the units of the data; the dtype of x."""
        x = self._like_fitted(x)
        return (x * self.std_ + self.mean_).astype(x.dtype, copy=False)

    def _like_fitted(self, x):
        if not hasattr(self, "mean_"):
            raise ValueError("this Standardizer has no mean_ and std_ yet: call fit(x_train) first")
        x = as_array(x, "x")
        if x.shape[1] != self.mean_.size:
            raise ValueError(
                f"x must have the {self.mean_.size} features it was fitted to; got shape {x.shape}"
            )
        return x

    def __repr__(self):
        fitted = f"{self.mean_.size} features" if hasattr(self, "mean_") else "not fitted"
        return f"Standardizer({fitted})"
