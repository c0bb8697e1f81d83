"""What theory says about the mean, the variance and one example's z_norm of a random mini-batch.

All laws are for standardized values: a population of N values with mean 0 and variance 1 (divided
by N). ``m`` may be an array. Drawn *with* replacement means N = ∞ with the same moments.
"""

import math
from dataclasses import dataclass, replace

import numpy as np


@dataclass(frozen=True)
class BatchLaws:
    """The laws for batches drawn from one population.

    Parameters
    ----------
    size : int or None
        N where batches are drawn without replacement; None: with replacement.
    skewness, kurtosis : float
        Σ z³ / N and Σ z⁴ / N of the standardized values: 0 and 3 for a Gaussian.
    """

    size: int | None
    skewness: float = 0.0
    kurtosis: float = 3.0

    @classmethod
    def of(cls, z, replacement: bool):
        """The laws for batches drawn from the standardized values z (N,)."""
        return cls(None if replacement else len(z), float(np.mean(z**3)), float(np.mean(z**4)))

    def mean_std(self, m):
        """std(μ_B) = 1/√m, times √((N − m)/(N − 1)) without replacement."""
        return np.sqrt(self._left(m) / m)

    def var_mean(self, m):
        """E[σ²_B] = (m − 1)/m, times N/(N − 1) without replacement."""
        return (m - 1) / m * self._mean_of_s2()

    def var_std(self, m):
        """std(σ²_B), which the kurtosis decides; exact, m ≥ 2.

        With s² = σ²_B m/(m − 1): Var s² = (kurtosis − 3)/m + 2/(m − 1). Without replacement the
        same with the polykays K4, K22 of the population (Tukey, 1950):
        Var s² = K4 (1/m − 1/N) + 2 K22 (1/(m − 1) − 1/(N − 1)).
        """
        return (m - 1) / m * np.sqrt(self._variance_of_s2(m))

    def band(self, z_norm, m, share=0.95):
        """Where one example's z_norm lies in ``share`` of all batches of m ≥ 3.

        The example has the value ``z_norm`` in the whole population and m − 1 random companions of
        mean M and variance s² (divided by m − 2). With T = (z_norm − M)/s it becomes exactly
        √(m − 1) T / √(m (m − 2)/(m − 1) + T²) in its batch. For a Gaussian unit √(m − 1) T has a
        noncentral t distribution with m − 2 degrees of freedom, and the band is exact. Else the
        degrees are those that give s² its variance, and the distances from z_norm are stretched to
        the variance of T, to first order: an approximation.

        Returns
        -------
        low, centre (the median), high : arrays like m
        """
        m = np.asarray(m, float)
        laws, z = self, z_norm
        if self.size is not None:  # the companions come from the other N − 1
            n = self.size
            mean, var = -z / (n - 1), (n - z**2) / (n - 1) - (z / (n - 1)) ** 2
            laws, z = replace(self, size=n - 1), (z - mean) / np.sqrt(var)
        k2 = laws._mean_of_s2()
        of_mean = np.maximum(laws._left(m - 1) / (m - 1), 1e-9)
        of_s2 = np.maximum(laws._variance_of_s2(m - 1), 1e-9)
        spread = np.maximum(laws._variance_of_ratio(z, m - 1), 0)
        stretch = np.sqrt(spread / (of_mean + z**2 / 4 * of_s2))
        parts = (1 - share) / 2, 0.5, (1 + share) / 2
        scale = np.sqrt(of_mean)
        t = scale * np.stack([noncentral_t(p, 2 * k2**2 / of_s2, z / scale) for p in parts])
        t = (z + stretch * (t - z)) / np.sqrt(k2)
        return np.sqrt(m - 1) * t / np.sqrt(m * (m - 2) / (m - 1) + t**2)

    def _variance_of_ratio(self, z, m):
        """Var (z − M)/√V over random samples of m, to first order."""
        left = self._left(m) / m
        return left * (1 + z * self.skewness) + z**2 / 4 * self._variance_of_s2(m)

    def _mean_of_s2(self):
        return 1.0 if self.size is None else self.size / (self.size - 1)

    def _left(self, m):
        """The finite population correction (N − m)/(N − 1); 1 with replacement."""
        return 1.0 if self.size is None else (self.size - m) / (self.size - 1)

    def _variance_of_s2(self, m):
        m = np.asarray(m, float)
        if self.size is None:
            return (self.kurtosis - 3) / m + 2 / (m - 1)
        n = self.size
        k4 = n**2 * ((n + 1) * self.kurtosis - 3 * (n - 1)) / ((n - 1) * (n - 2) * (n - 3))
        k22 = (n - 1) / (n + 1) * (self._mean_of_s2() ** 2 - k4 / n)
        return k4 * (1 / m - 1 / n) + 2 * k22 * (1 / (m - 1) - 1 / (n - 1))


_X = np.linspace(-6, 6, 1201)
_BELOW = np.array([math.erfc(-x / math.sqrt(2)) / 2 for x in _X])


def noncentral_t(p, nu, delta):
    """The p-quantile of (Z + δ)/s: Z Gaussian, s² = χ²/ν with ν degrees of freedom; δ, ν (k,).

    P((Z + δ)/s < t) is the mean of Φ(t s − δ) over s, here over a grid of log s; then bisection.
    """
    log_s = np.linspace(-12 / nu - 6 / np.sqrt(nu), 4 / np.sqrt(nu), 50)
    weight = np.exp(nu * (log_s - np.expm1(2 * log_s) / 2))
    weight /= weight.sum(axis=0)
    s, scale = np.exp(log_s), 1 + np.abs(delta)
    low, high = -np.ones_like(nu), np.ones_like(nu)
    for _ in range(24):
        middle = (low + high) / 2
        t = scale * middle / np.sqrt(1 - middle**2)
        below = (weight * np.interp(t * s - delta, _X, _BELOW)).sum(axis=0) < p
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return t


def normal(x, std):
    """Density of a Gaussian with mean 0; nothing where the spread is 0."""
    return np.exp(-((x / std) ** 2) / 2) / (std * math.sqrt(2 * math.pi)) if std > 0 else 0 * x


def gamma(x, mean, std):
    """Density of a gamma distribution; for σ²_B of Gaussian values it is exact (χ² with m − 1)."""
    if std < 1e-6 * mean:
        return 0 * x
    shape, scale = (mean / std) ** 2, std**2 / mean
    return np.exp((shape - 1) * np.log(x / scale) - x / scale - math.lgamma(shape)) / scale
