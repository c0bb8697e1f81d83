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

        With s² = σ²_B m/(m − 1): Var s² = (κ − 3)/m + 2/(m − 1). Without replacement the same with
        the polykays K4, K22 of the population (Tukey, 1950):
        Var s² = K4 (1/m − 1/N) + 2 K22 (1/(m − 1) − 1/(N − 1)).
        """
        return (m - 1) / m * np.sqrt(self._variance_of_s2(m))

    def band(self, z_norm, m, width=2.0):
        """Where one example's z_norm lies, ± ``width`` standard deviations; to first order, m ≥ 3.

        The example has the value ``z_norm`` in the whole population and m − 1 random companions of
        mean M and variance V (divided by m − 2). With u = (z_norm − M)/√V · √((m − 1)/(m − 2)) it
        becomes exactly √(m − 1) u / √(m + u²) in its batch, and (z_norm − M)/√V spreads by
        Var M + z_norm Cov(M, V) + z_norm² Var V / 4.

        Returns
        -------
        low, centre, high : arrays like m
        """
        m = np.asarray(m, float)
        laws, z = self, z_norm
        if self.size is not None:  # the companions come from the other N − 1
            n = self.size
            mean, var = -z / (n - 1), (n - z**2) / (n - 1) - (z / (n - 1)) ** 2
            laws, z = replace(self, size=n - 1), (z - mean) / np.sqrt(var)
        spread = width * np.sqrt(np.maximum(laws._variance_of_ratio(z, m - 1), 0))
        k2 = laws._mean_of_s2()
        u = np.stack([z - spread, z + 0 * spread, z + spread]) * np.sqrt((m - 1) / (m - 2) / k2)
        return np.sqrt(m - 1) * u / np.sqrt(m + u**2)

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


def normal(x, std):
    """Density of a Gaussian with mean 0; nothing where the spread is 0."""
    return np.exp(-((x / std) ** 2) / 2) / (std * math.sqrt(2 * math.pi)) if std > 0 else 0 * x


def gamma(x, mean, std):
    """Density of a gamma distribution; for σ²_B of Gaussian values it is exact (χ² with m − 1)."""
    if std < 1e-6 * mean:
        return 0 * x
    shape, scale = (mean / std) ** 2, std**2 / mean
    return np.exp((shape - 1) * np.log(x / scale) - x / scale - math.lgamma(shape)) / scale
