"""Test digits in batches: in which order, among which neighbours, and what training mode says."""

import numpy as np

SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 450)
DRAWS = 30  # of neighbours


def softmax(logits):
    p = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return p / p.sum(axis=-1, keepdims=True)


def batch_order(order, y_test):
    """The order in which test digits are put into batches."""
    shuffled = np.random.default_rng(0).permutation(len(y_test))
    if order == "mixed":
        return shuffled
    return shuffled[np.argsort(y_test[shuffled], kind="stable")]


def training_mode_accuracy(network, x_test, y_test, order):
    """Share of test digits right in batches of each of SIZES, by the batches' own statistics."""
    rows, right = batch_order(order, y_test), []
    for m in SIZES:
        whole = rows[: len(rows) // m * m]
        guess = network.batch_activations(x_test[whole], parts_of=m)[-1].argmax(axis=1)
        right.append(np.mean(guess == y_test[whole]))
    return right


def neighbours(image, order, m, y_test):
    """Rows of the test set for DRAWS batches (DRAWS, m): the image first, then its neighbours.

    Sorted by digit they are images of the same digit, and others where these do not suffice.
    """
    others = np.delete(np.arange(len(y_test)), image)
    rng, drawn = np.random.default_rng(1), []
    for _ in range(DRAWS):
        rows = rng.permutation(others)
        if order != "mixed":
            rows = rows[np.argsort(y_test[rows] != y_test[image], kind="stable")]
        drawn.append(np.append(image, rows[: m - 1]))
    return np.array(drawn)
