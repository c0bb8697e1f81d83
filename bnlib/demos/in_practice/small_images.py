"""Small convolutional networks for the digits, with one normalization or another.

Two to four convolutions of 8 channels: the first sees 8 × 8 pixels, each further one has stride 2.
So the last normalization gets 4 × 4, 2 × 2 or 1 × 1 pixels a channel.
"""

import numpy as np

from ...activations import ReLU
from ...convolution import Conv2d
from ...layers import Linear
from ...network import HE, Network
from ...relatives import BatchNorm2d, GroupNorm, RMSNorm

KINDS = "none", "batch", "layer", "instance", "group", "RMS"
CHANNELS = 8
DEPTHS = 2, 3, 4
GROUPS = 1, 2, 4, 8
SIZES = 1, 2, 4, 8, 16, 32, 64
SHAPE = 1, 8, 8


def normalization(kind, shape, groups=4):
    """The layers, one or none, that normalize images of this shape (C, H, W)."""
    if kind == "none":
        return []
    if kind == "batch":
        return [BatchNorm2d(shape)]
    if kind == "RMS":
        return [RMSNorm(shape)]
    return [GroupNorm(shape, {"layer": 1, "instance": shape[0], "group": groups}[kind])]


def images_network(kind, seed, depth=4, groups=4):
    """A Network for the digits: ``depth`` times convolution, normalization, ReLU; then Linear.

    All kinds start from equal W. Only where nothing is normalized have the convolutions a bias.
    """
    rng, shape, layers = np.random.default_rng(seed), SHAPE, []
    for k in range(depth):
        options = {"stride": 2 if k else 1, "bias": kind == "none", "init_scale": HE, "seed": rng}
        conv = Conv2d(shape, CHANNELS, **options)
        shape = conv.out_shape
        layers += [conv, *normalization(kind, shape, groups), ReLU()]
    return Network([*layers, Linear(conv.n_out, 10, seed=rng)])


def pixels(depth):
    """How many pixels a channel has at the last normalization."""
    return (SHAPE[1] // 2 ** (depth - 1)) ** 2


def numbers_of_a_mean(kind, batch_size, depth, groups):
    """How many numbers share μ and σ at the last normalization; 0 where nothing is normalized."""
    of_channels = {"batch": batch_size, "layer": CHANNELS, "RMS": CHANNELS, "instance": 1}
    of_channels |= {"group": CHANNELS // groups, "none": 0}
    return of_channels[kind] * pixels(depth)
