"""Handwritten digits: 8×8 (UCI) and 28×28 (MNIST)."""

import io
from dataclasses import replace
from functools import cache

import numpy as np

from ..standardizer import Standardizer
from ..validation import as_count
from .dataset import Dataset
from .files import about, read


@cache
def digits() -> Dataset:
    """1797 images of handwritten digits, 8×8 pixels of 0 (paper) to 16 (ink).

    Each pixel counts the inked dots in a 4×4 block of a 32×32 scan. 1347 images to train with, 450
    to test with, about 75 % and 25 % of every digit. The 13 writers are not kept apart.

    x_train (1347, 64) and x_test (450, 64): float32, the rows of the image one after another.
    y_train (1347,) and y_test (450,): the digit. image_shape is (8, 8).

    Source: Alpaydin & Kaynak (1998), Optical Recognition of Handwritten Digits, the test part of
    the set at the UCI Machine Learning Repository. CC BY 4.0.
    """
    return _images("digits", (8, 8), "inked dots (0 to 16)")


@cache
def standardized_digits() -> Dataset:
    """:func:`digits`, every pixel minus its mean and divided by its standard deviation over the
    training images, in both parts. The pixels without ink in all of these become 0 there. The unit
    of x_train and x_test is one standard deviation.
    """
    data = digits()
    scale = Standardizer().fit(data.x_train)
    return replace(
        data,
        name="standardized_digits",
        x_train=scale.transform(data.x_train),
        x_test=scale.transform(data.x_test),
        units=("standard deviation",) * len(data.units),
    )


def few_digits(size, seed):
    """``size`` digits to train on, 300 to tune with and all others to test with, cut anew a seed.

    All 1797, standardized with the mean and the standard deviation of the part to train on.

    ``size`` is from 1 to 1496. Returns a dict of "train", "tune", "test" to (x, y): x (m, 64)
    float32, y (m,) the digit; read-only.
    """
    return dict(_few_digits(as_count(size, "size", high=1496), as_count(seed, "seed", low=0)))


@cache
def _few_digits(size, seed):
    data, tune = digits(), 300
    x, y = np.concatenate([data.x_train, data.x_test]), np.concatenate([data.y_train, data.y_test])
    order = np.random.default_rng(seed).permutation(len(x))
    parts = np.split(order, [size, size + tune])
    scale, names = Standardizer().fit(x[parts[0]]), ("train", "tune", "test")
    cut = {name: (scale.transform(x[p]), y[p]) for name, p in zip(names, parts, strict=True)}
    for array in (each for pair in cut.values() for each in pair):
        array.setflags(write=False)  # every caller gets the same
    return cut


@cache
def mnist_5k() -> Dataset:
    """5000 of the 60 000 training images of MNIST, 28×28 pixels of 0 (paper) to 255 (ink).

    500 images of every digit: 400 to train with, 100 to test with. Both come from the training part
    of MNIST, so the same people may have written in both: an accuracy here is not to be compared
    with published ones, which are measured on MNIST's own test part.

    x_train (4000, 784) and x_test (1000, 784): float32, the rows of the image one after another.
    y_train (4000,) and y_test (1000,): the digit. image_shape is (28, 28).

    Source: LeCun, Cortes & Burges, The MNIST database of handwritten digits. Its authors' page
    states no licence; it is passed on by others as CC BY-SA 3.0, and so it is here.
    """
    return _images("mnist_5k", (28, 28), "grey level (0 to 255)")


def _images(name: str, image_shape: tuple[int, int], unit: str) -> Dataset:
    height, width = image_shape
    with np.load(io.BytesIO(read(f"{name}.npz")), allow_pickle=False) as stored:
        arrays = {
            key: stored[key].astype(np.float32 if key.startswith("x_") else np.int64)
            for key in stored.files
        }
    return Dataset(
        name,
        **arrays,
        feature_names=tuple(f"pixel_{i}_{j}" for i in range(height) for j in range(width)),
        units=(unit,) * (height * width),
        class_names=tuple("0123456789"),
        image_shape=image_shape,
        **about(name),
    )
