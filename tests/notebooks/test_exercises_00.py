"""Wrong answers to the exercises of notebook 00, and the words that each is given."""

import re

import numpy as np
import pytest

import bnlib as bn


def losses(lr=None, batch_size=10, seed=0, of=lambda snapshot: snapshot.loss, drop=0):
    def training_losses(network, data, given_lr, steps):
        optimizer = bn.SGD(given_lr if lr is None else lr)
        run = bn.train(network, data, optimizer, steps=steps, batch_size=batch_size, seed=seed)
        return [of(snapshot) for snapshot in run][drop:]

    return training_losses


CASES = {
    "saturated_share": {
        "dots": (lambda a: ..., "Nothing to check"),
        "above only": (lambda a: np.mean(a > 0.95), "one side only"),
        "a count": (lambda a: np.sum((a < 0.05) | (a > 0.95)), "divide by how many"),
        "a typed number": (lambda a: 0.5, "Right for 12 activations, not for 3"),
        "a mask": (lambda a: (a < 0.05) | (a > 0.95), r"has shape \(4, 3\)"),
        "above a half": (lambda a: np.mean(a > 0.5), "0.5; yours is"),
        "and": (lambda a: np.mean((a < 0.05) & (a > 0.95)), "0.5; yours is 0"),
    },
    "training_losses": {
        "dots": (lambda network, data, lr, steps: ..., "Nothing to check"),
        "no learning": (losses(lr=0.0), "losses begin"),
        "another rate": (losses(lr=0.1), "losses begin"),
        "another batch": (losses(batch_size=20), "losses begin"),
        "another seed": (losses(seed=3), "losses begin"),
        "one too few": (losses(drop=1), "12 steps give 12 losses"),
        "all the same": (lambda network, data, lr, steps: [1.0] * steps, "All losses are the same"),
        "snapshots": (losses(of=lambda snapshot: snapshot), "12 steps give 12 losses"),
    },
    "working_rate": {
        "dots": (..., "Nothing to check"),
        "zero": (0.0, "is positive"),
        "too small": (1e-4, "median of five runs is"),
        "a word": ("fast", "must be numbers"),
    },
}


@pytest.mark.parametrize(
    ("check", "name"), [(check, name) for check, cases in CASES.items() for name in cases]
)
def test_a_wrong_answer_is_told_apart_in_words(check, name):
    answer, words = CASES[check][name]
    verdict = getattr(bn.checks, check)(answer)
    assert not verdict
    assert re.search(words, verdict.message), verdict
