"""The rates of bnlib/demos/in_practice/tuned_rates.py: picked on digits that are kept aside.

    python benchmarks/tune_small_images.py

Each network trains 200 steps on 1000 training digits, with a rate that falls to 0 along a line; the
rate with most of the other 347 right, mean of three seeds and three cuts, is kept (but for none in
batches of 64: see tuned_rates.py). Prints the table and the best of each row, with the mean beside
it. Minutes on one core.
"""

from __future__ import annotations

import numpy as np
from training_claims import cut, falling, right

from bnlib.demos.in_practice.small_images import DEPTHS, SIZES, images_network

RATES = 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 4.0
ROWS = {
    "none": ("none", 4), "batch": ("batch", 4), "layer": ("layer", 4),
    "instance": ("instance", 4), "RMS": ("RMS", 4), "group 2": ("group", 2),
    "group 4": ("group", 4),
}  # fmt: skip


def kept_right(kind, groups, depth, batch_size, rate, seed, steps=200):
    part, kept = cut(seed)
    network = images_network(kind, seed, depth, groups)
    return right(falling(network, part, rate, seed, steps, batch_size), kept)


def main():
    for name, (kind, groups) in ROWS.items():
        for depth in DEPTHS:
            best = []
            for size in SIZES:
                means = [
                    np.mean(
                        [kept_right(kind, groups, depth, size, rate, s) for s in range(100, 103)]
                    )
                    for rate in RATES
                ]
                best.append((RATES[int(np.argmax(means))], round(float(max(means)), 1)))
            rates, scores = zip(*best, strict=True)
            print(f"    ({name!r}, {depth}): {rates},  # {scores}", flush=True)


if __name__ == "__main__":
    main()
