"""The conventions of the demo ``translator`` against what the frameworks themselves gave."""

import re

import numpy as np
import pytest

import bnlib as bn
from bnlib.demos.in_practice.conventions import (
    FRAMEWORKS,
    STEPS,
    UNITS,
    draws,
    first_of,
    predicted,
    running,
    statistics,
)
from bnlib.demos.in_practice.translator import EPSILONS, NUMBERS
from tests.unit.numerics import reference

STORED = {"PyTorch": "torch", "Keras": "keras", "Flax": "flax", "ONNX": "onnx"}


@pytest.mark.parametrize("name", STORED)
@pytest.mark.parametrize("decay", [0.9, 0.6])
def test_each_convention_is_that_of_the_framework(name, decay):
    given, made = reference(STORED[name], "running")[f"decay={decay:g}"]
    batches = np.array(given["batches"])
    number = 1 - decay if name == "PyTorch" else decay
    convention = first_of(name, number, given["eps"], "m", True)
    for unit in range(batches.shape[2]):
        z = batches[:, :, unit]
        of_batches = np.stack([z.mean(axis=1), z.var(axis=1)], axis=1)
        averages = running(of_batches, convention, z.shape[1])
        tolerance = {"rtol": 1e-6 if name == "ONNX" else 1e-9}
        for k, kind in enumerate(("running_mean", "running_var")):
            stored = np.array(made[kind])[:, unit]
            np.testing.assert_allclose(averages[1:, k], stored, **tolerance)
        y = predicted(np.array(given["x"])[:, unit], averages[-1], convention.eps)
        y = given["gamma"][unit] * y + given["beta"][unit]
        np.testing.assert_allclose(y, np.array(made["y"])[:, unit], **tolerance, atol=1e-7)


@pytest.mark.parametrize("corrected", [True, False])
def test_the_convention_of_bnlib_is_that_of_its_layer(corrected):
    unit, m = "narrow, −1 ± 0.03", 4
    layer = bn.BatchNorm(1, 1e-3, 0.95, bias_correction=corrected, dtype="float64")
    convention = first_of("bnlib", 0.95, 1e-3, "m", corrected)
    averages = running(statistics(unit, m)[:30], convention, m)
    z, x = draws(unit)
    for t in range(30):
        layer.forward(z[t, :m, None], training=True)
        np.testing.assert_allclose(
            averages[t + 1], [layer.running_mean[0], layer.running_var[0]], rtol=1e-9
        )
    np.testing.assert_allclose(
        predicted(x, averages[-1], 1e-3), layer.forward(x[:, None])[:, 0], rtol=1e-9
    )


def test_the_defaults_are_those_of_the_frameworks():
    stored = bn.datasets.framework_results().default
    for name, run in stored.items():
        number, eps = run.arguments.values()
        assert (FRAMEWORKS[name].number, FRAMEWORKS[name].eps) == (number, eps)
    layer = bn.BatchNorm(1)
    assert (FRAMEWORKS["bnlib"].number, FRAMEWORKS["bnlib"].eps) == (layer.decay, layer.eps)


@pytest.fixture(scope="module")
def explorer():
    return bn.demos.translator()


def test_where_nothing_is_missing_the_numbers_agree_and_where_they_differ_it_is_told(explorer):
    rng = np.random.default_rng(0)
    menus = {
        "first": list(FRAMEWORKS), "second": list(FRAMEWORKS), "number": NUMBERS, "eps": EPSILONS,
        "how": ("copied", "its defaults", "translated"), "batch_size": (2, 8, 64),
        "unit": list(UNITS), "divisor": ("m", "m − 1"), "corrected": (True, False),
    }  # fmt: skip
    agreed = 0
    for _ in range(60):
        explorer.set(**{name: given[rng.integers(len(given))] for name, given in menus.items()})
        words, off = explorer.alternative_text, explorer.result["off"]
        if "All is translated" in words:
            agreed += 1
            assert off["output"] < 1e-12
            assert "agree" in words
        else:
            assert "What is missing" in words
            assert (off["output"] < 5e-4) == ("agree" in words)
    assert agreed > 4


def test_the_opening_is_kerass_number_in_pytorch_and_translated_takes_one_minus_it(explorer):
    explorer.reset()
    assert "momentum=0.99, epsilon=0.001" in explorer.result["code"]["first"]
    assert "momentum=0.99, eps=0.001" in explorer.result["code"]["second"]
    last = explorer.result["batches"][-1, 0]
    assert abs(explorer.result["running"]["second"][-1, 0] - last) < 0.05  # the last batch alone
    assert "37% of its start left" in explorer.alternative_text
    explorer.preset("Translated")
    assert "momentum=0.01, eps=0.001" in explorer.result["code"]["second"]
    assert explorer.result["off"]["mean"] == 0
    assert re.search("7/8, which no argument gives", explorer.alternative_text)


def test_the_batches_are_of_the_units_that_they_are_said_to_be():
    for unit, (mean, spread) in UNITS.items():
        z, apart = draws(unit)
        assert z.shape == (STEPS, 64)
        assert abs(z.mean() - mean) < 4 * spread / np.sqrt(z.size)
        assert z.std() == pytest.approx(spread, rel=0.03)
        assert (np.diff(apart) > 0).all()
