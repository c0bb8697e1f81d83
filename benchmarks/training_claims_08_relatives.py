"""What notebook 08 says about convolutions and the relatives: claims as in training_claims.py."""

from __future__ import annotations

import functools

import numpy as np
from training_claims import about, above, below, claim, each, falling, over, right, train_set

import bnlib as bn
from bnlib.demos.in_practice.small_images import images_network
from bnlib.demos.in_practice.tuned_rates import tuned_rate


def worth(q):
    """The effective m per image for the mean of q (images, K, pixels): one number a filter."""
    return q.var(axis=(0, 2)) / q.mean(axis=2).var(axis=0)


def of_mean_and_variance(z):
    """Median over the channels of what an image is worth for both; z (images, C, pixels)."""
    squares = (z - z.mean(axis=(0, 2), keepdims=True)) ** 2
    return [np.median(worth(q)) for q in (z, squares)]


def random_filters(images, seed):
    W = np.random.default_rng(seed).normal(size=(8, 1, 3, 3)) / 3
    z, _ = bn.conv2d(images, W, padding=1)
    return of_mean_and_variance(z.reshape(len(z), 8, -1))


@claim(
    "08-effective-m",
    "08 effective-read",
    "Worth of an image behind a random 3 × 3 filter, median of eight: of the digits' 64 pixels, "
    "standardized, about 64 for the mean and 18 for the variance, raw about 150 and 57; of MNIST's "
    "784 some fifty or sixty, for the variance of standardized ones about 100.",
)
def effective_m(seeds):
    mnist = bn.datasets.mnist_5k().x_train[:400] / 255.0
    prepared = {
        "digits": (train_set()[0], (54, 76), (16, 20)),
        "digits, raw": (bn.datasets.digits().x_train / 16, (110, 190), (45, 65)),
        "MNIST": (bn.Standardizer().fit_transform(mnist), (38, 75), (85, 115)),
        "MNIST, raw": (mnist, (50, 75), (50, 70)),
    }
    for name, (x, *limits) in prepared.items():
        side = round(x[0].size ** 0.5)
        images = x.reshape(-1, 1, side, side).astype(float)
        found = over(seeds, lambda seed, images=images: random_filters(images, seed))
        for k, what in enumerate(("mean", "variance")):
            yield about(f"{name}, for the {what}", found[:, k], *limits[k])


@functools.cache
def score(kind, depth, size, seed):
    lr = tuned_rate(kind, size, depth, 2)
    return right(falling(images_network(kind, seed, depth, 2), train_set(), lr, seed, 200, size))


@claim(
    "08-two-convolutions",
    "08 batch-sizes-read",
    "Two convolutions, 4 × 4 pixels at the end, batches of two: the five normalizations are level "
    "(within two points), all ahead of none by more than a point. Batches of one: BN is a point or "
    "two behind instance normalization.",
)
def two_convolutions(seeds):
    two = {
        k: over(seeds, functools.partial(score, k, 2, 2))
        for k in ("none", "batch", "layer", "instance", "group", "RMS")
    }
    for kind in ("layer", "instance", "group", "RMS"):
        yield about(f"batches of 2, {kind} − BN", two[kind] - two["batch"], -1.5, 1.5)
    for kind in ("batch", "layer", "instance", "group", "RMS"):
        yield above(f"batches of 2, {kind} − none", two[kind] - two["none"], 0)
    one = [over(seeds, functools.partial(score, k, 2, 1)) for k in ("batch", "instance")]
    yield about("batches of 1, BN − instance", one[0] - one[1], -2.5, -0.5)
    yield below("batches of 1, BN − instance", one[0] - one[1], 0.5)


@claim(
    "08-four-convolutions",
    "08 batch-sizes-read",
    "Four convolutions, one pixel at the end. Batches of two: BN hardly learns, layer "
    "normalization is ahead by dozens of points. Of four: BN and layer are level "
    "within a few points. Of eight to 64: BN ahead of all others. Two groups behind "
    "layer up to batches of eight. Layer and none within a few points of one another.",
)
def four_convolutions(seeds):
    kinds = "none", "batch", "layer", "group", "RMS"
    by = {
        (k, size): over(seeds, functools.partial(score, k, 4, size))
        for size in (2, 4, 8, 16, 64)
        for k in kinds
    }
    yield below("batches of 2, BN", by["batch", 2], 25)
    yield above("batches of 2, layer − BN", by["layer", 2] - by["batch", 2], 20)
    yield about("batches of 4, BN − layer", by["batch", 4] - by["layer", 4], -6, 3)
    for size in (8, 16, 64):
        for kind in kinds:
            if kind != "batch":
                ahead = by["batch", size] - by[kind, size]
                yield above(f"batches of {size}, BN − {kind}", ahead, 0 if size > 16 else 1)
    for size, least, by_errors in ((2, 0, 2), (4, 5, 3), (8, 3, 3)):
        behind = by["layer", size] - by["group", size]
        yield above(f"batches of {size}, layer − two groups", behind, least, by_errors)
    for size in (2, 4, 8, 16, 64):
        gain = by["layer", size] - by["none", size]
        yield about(f"batches of {size}, layer − none", gain, -4, 5)


@claim(
    "08-nothing-left",
    "08 relatives-try",
    "Four convolutions deep, instance normalization guesses and four groups of two channels hardly "
    "learn, in batches of 2 and of 32.",
)
def nothing_left(seeds):
    def guess(kind, size, seed):
        network = images_network(kind, seed, 4, 4)
        return right(falling(network, train_set(), 0.1, seed, 200, size))

    for kind in ("instance", "group"):
        for size in (2, 32):
            yield each(f"{kind}, batches of {size}", over(seeds, guess, kind, size), 5, 40)
