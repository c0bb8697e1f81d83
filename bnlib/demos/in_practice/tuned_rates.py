"""Learning rates of the networks of small_images.py, picked on digits that are kept aside.

Each is the one of 0.02, 0.05, 0.1, … 4 with which most of 347 kept digits are right after 200 steps
on 1000 others, mean of three seeds and cuts; the rate falls to 0 along a line
(benchmarks/tune_small_images.py). Four convolutions deep, with four groups or by instance, the
network cannot learn, whatever the rate: there it is 0.1. For none in batches of 64 three seeds
chose 1.0, where one run in five fails; twelve choose 0.5.
"""

from .small_images import SIZES

RATES = {  # kind (or number of groups), convolutions: a rate for each batch size of SIZES
    ("none", 2): (0.05, 0.05, 0.2, 0.2, 0.2, 0.5, 0.5),
    ("none", 3): (0.1, 0.1, 0.2, 0.2, 0.5, 0.5, 0.5),
    ("none", 4): (0.1, 0.1, 0.1, 0.2, 0.2, 0.5, 0.5),
    ("batch", 2): (0.2, 0.2, 0.2, 0.5, 0.5, 1.0, 1.0),
    ("batch", 3): (0.1, 0.2, 0.5, 1.0, 0.5, 1.0, 2.0),
    ("batch", 4): (0.5, 0.1, 0.5, 0.5, 1.0, 2.0, 2.0),
    ("layer", 2): (0.1, 0.1, 0.2, 0.5, 0.5, 0.5, 0.5),
    ("layer", 3): (0.1, 0.1, 0.2, 0.5, 0.5, 1.0, 1.0),
    ("layer", 4): (0.05, 0.2, 0.2, 0.5, 0.5, 0.5, 0.5),
    ("instance", 2): (0.1, 0.2, 0.2, 0.5, 1.0, 1.0, 1.0),
    ("instance", 3): (0.1, 0.2, 0.2, 0.2, 1.0, 0.5, 2.0),
    ("instance", 4): (0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1),
    ("RMS", 2): (0.1, 0.1, 0.2, 0.5, 0.5, 1.0, 0.5),
    ("RMS", 3): (0.1, 0.1, 0.2, 0.2, 0.5, 1.0, 1.0),
    ("RMS", 4): (0.05, 0.05, 0.2, 0.2, 0.5, 1.0, 1.0),
    ("group 2", 2): (0.1, 0.2, 0.2, 0.2, 0.5, 0.5, 1.0),
    ("group 2", 3): (0.1, 0.2, 0.2, 0.5, 0.5, 0.5, 0.5),
    ("group 2", 4): (0.02, 0.1, 0.5, 0.5, 0.5, 0.5, 1.0),
    ("group 4", 2): (0.1, 0.1, 0.2, 0.5, 0.5, 0.5, 1.0),
    ("group 4", 3): (0.1, 0.2, 0.5, 0.5, 0.5, 0.5, 1.0),
    ("group 4", 4): (0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1),
}


def tuned_rate(kind, batch_size, depth, groups=4):
    """The rate picked for this kind; one group is layer, eight are instance normalization."""
    of_group = {1: "layer", 2: "group 2", 4: "group 4", 8: "instance"}
    name = of_group[groups] if kind == "group" else kind
    return RATES[name, depth][SIZES.index(batch_size)]
