"""Networks trained side by side end where each would have ended alone."""

import numpy as np
import pytest

import bnlib as bn
from bnlib.abreast import fit_abreast

DATA = bn.datasets.standardized_digits()


@pytest.mark.parametrize("batch_norm", [False, "z", "a"])
@pytest.mark.parametrize("activation", bn.activations.ACTIVATIONS)
def test_side_by_side_is_one_by_one(activation, batch_norm):
    rates = [0.01, 0.1, 1e9, 0.3] if activation == "relu" and not batch_norm else [0.01, 0.1, 0.3]
    together, alone = (
        [bn.mlp([64, 20, 15, 10], activation, batch_norm, dtype="float64", seed=s)
         for s, _ in enumerate(rates)]
        for _ in range(2)
    )  # fmt: skip
    for steps in (12, 5):  # the second time they are no longer new
        diverged = fit_abreast(together, DATA, rates, steps=steps, batch_size=60, seed=3)
        for network, other, rate, lost in zip(together, alone, rates, diverged, strict=True):
            last = bn.fit(other, DATA, bn.SGD(rate), steps=steps, batch_size=60, seed=3)
            assert lost == last.diverged == (rate == 1e9)
            np.testing.assert_allclose(network.flat_params, other.flat_params, rtol=1e-9, atol=1e-9)
            if not lost:
                logits = other.forward(DATA.x_test)
                np.testing.assert_allclose(network.forward(DATA.x_test), logits, atol=1e-8)
        stays = [i for i, lost in enumerate(diverged) if not lost]
        together, alone, rates = ([each[i] for i in stays] for each in (together, alone, rates))


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"rates": [0.1]}, ValueError, "one for each network, 2; got 1"),
        ({"rates": [0.1, -1]}, ValueError, "rate must be"),
        ({"steps": 0}, ValueError, "steps"),
        ({"batch_size": 5000}, ValueError, "batch_size"),
        ({"dropout": 0.5}, TypeError, "not Dropout"),
    ],
)
def test_what_it_does_not_take(change, error, words):
    options = {"rates": [0.1, 0.2], "steps": 2, "batch_size": 10} | change
    networks = [bn.mlp([64, 5, 10], dropout=options.pop("dropout", 0.0)) for _ in range(2)]
    with pytest.raises(error, match=words):
        fit_abreast(networks, DATA, options.pop("rates"), **options)
