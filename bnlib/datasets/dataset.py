"""What a data set is: its arrays, and what there is to say about them."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, repr=False, eq=False)
class Dataset:
    """Examples of known class, split once and for all into a training and a test part.

    The split is stratified: each class has the same share in both parts. Within a part the order
    is shuffled (and fixed), so that the first rows are a fair sample.

    Attributes
    ----------
    name : str
    x_train, x_test : array (m, n), read-only
        One row an example, one column a feature, in the units of the source: not normalized
        (but in ``standardized_digits``).
    y_train, y_test : int64 array (m,), read-only
        The class of each example: an index of ``class_names``.
    rows_train, rows_test : int64 array (m,), read-only
        The row of the source (counted from 0) that each example was.
    feature_names : tuple of n str
    units : tuple of n (str or None)
        None where the source states no unit.
    class_names : tuple of str
    image_shape : (height, width) or None
        ``x_train[i].reshape(image_shape)`` is the image; None where the rows are not images.
    source, citation, licence : str
    """

    name: str
    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    rows_train: np.ndarray
    rows_test: np.ndarray
    feature_names: tuple[str, ...]
    units: tuple[str | None, ...]
    class_names: tuple[str, ...]
    source: str
    citation: str
    licence: str
    image_shape: tuple[int, int] | None = None

    def __post_init__(self):
        _make_read_only(self)

    def __repr__(self):
        return (
            f"Dataset({self.name}: {len(self.x_train)} training + {len(self.x_test)} test examples,"
            f" {self.x_train.shape[1]} features, {len(self.class_names)} classes)"
        )


@dataclass(frozen=True, repr=False, eq=False)
class DailyTemperature:
    """One temperature a day, no day missing.

    Attributes
    ----------
    name : str
    dates : datetime64[D] array (days,), read-only
    celsius : float64 array (days,), read-only
        In °C.
    source, citation, licence : str
    """

    name: str
    dates: np.ndarray
    celsius: np.ndarray
    source: str
    citation: str
    licence: str

    def __post_init__(self):
        _make_read_only(self)

    def __repr__(self):
        return (
            f"DailyTemperature({self.name}: {len(self.dates)} days,"
            f" {self.dates[0]} to {self.dates[-1]},"
            f" {self.celsius.min():g} to {self.celsius.max():g} °C)"
        )


def _make_read_only(data):
    """All callers share the arrays, so NumPy is to refuse every change of them."""
    for value in vars(data).values():
        if isinstance(value, np.ndarray):
            value.setflags(write=False)
