"""Small real data sets inside the package: no download, no network.

    data = bn.datasets.digits()
    data.x_train, data.y_train, data.x_test, data.y_test

Every call gives the same object, whose arrays are read-only because all callers share them: take a
copy before you change one. Nothing is read until a data set is asked for. What each one is, where
it comes from and under which licence: README.md in this folder, and ``source``, ``citation`` and
``licence`` of the object. ``framework_results()`` is of another kind: what the batch normalization
of five frameworks gave.
"""
# ruff: noqa: F401 (what is imported here is public)

from .dataset import DailyTemperature, Dataset
from .frameworks import FrameworkResults, LayerRun, framework_results
from .images import digits, few_digits, mnist_5k, standardized_digits
from .measurements import breast_cancer, seattle_temperature

__all__ = sorted(n for n, v in globals().items() if f"{__name__}." in getattr(v, "__module__", ""))
