"""The numbers of notebook 04's demos against formulas that share no code with them."""

import itertools
import math

import numpy as np
import pytest

import bnlib as bn
from bnlib.datasets import few_digits
from bnlib.demos.minibatch_noise.batch_laws import BatchLaws, gamma, normal
from bnlib.demos.minibatch_noise.noise_against_fit import train_four
from bnlib.demos.minibatch_noise.random_batches import (
    EPS,
    UNITS,
    drawings,
    one_example,
    standardized_unit,
)
from bnlib.small_runs import KINDS, small_network


def standardized(values):
    return (values - values.mean()) / values.std()


# -- the laws, against every batch that there is -------------------------------------------


@pytest.mark.parametrize("m", [2, 3, 5, 8, 9])
def test_laws_without_replacement_are_exact(m):
    z = standardized(np.random.default_rng(0).exponential(size=9))
    batches = np.array(list(itertools.combinations(z, m)))
    laws = BatchLaws.of(z, replacement=False)
    np.testing.assert_allclose(laws.mean_std(m), batches.mean(axis=1).std(), atol=1e-12)
    np.testing.assert_allclose(laws.var_mean(m), batches.var(axis=1).mean())
    np.testing.assert_allclose(laws.var_std(m), batches.var(axis=1).std(), atol=1e-7)


@pytest.mark.parametrize("m", [2, 3, 5])
def test_laws_with_replacement_are_exact(m):
    z = standardized(np.random.default_rng(1).exponential(size=6))
    batches = np.array(list(itertools.product(z, repeat=m)))
    laws = BatchLaws.of(z, replacement=True)
    np.testing.assert_allclose(laws.mean_std(m), batches.mean(axis=1).std())
    np.testing.assert_allclose(laws.var_mean(m), batches.var(axis=1).mean())
    np.testing.assert_allclose(laws.var_std(m), batches.var(axis=1).std())


@pytest.mark.parametrize("replacement", [True, False])
@pytest.mark.parametrize("rank", [3, 60, 128, 200, 250])
@pytest.mark.parametrize(("m", "most"), [(4, 1), (8, 0.99), (16, 0.985), (64, 0.97), (128, 0.965)])
def test_the_band_holds_95_of_100_batches(replacement, rank, m, most):
    rng = np.random.default_rng(2)
    z = np.sort(standardized(rng.gamma(2.0, size=256)))
    value, others = z[rank], np.delete(z, rank)
    if replacement:
        companions = rng.choice(z, (3000, m - 1))
    else:
        companions = rng.permuted(np.tile(others, (3000, 1)), axis=1)[:, : m - 1]
    batches = np.column_stack([np.full(3000, value), companions])
    z_norm = (value - batches.mean(axis=1)) / batches.std(axis=1)
    low, centre, high = BatchLaws.of(z, replacement).band(value, m)
    assert 0.93 < np.mean((low <= z_norm) & (z_norm <= high)) <= most
    assert abs(centre - np.median(z_norm)) < 0.2


@pytest.mark.parametrize("m", [3, 4, 8, 32, 256])
@pytest.mark.parametrize("value", [0.0, 1.06, -2.5])
def test_for_a_gaussian_unit_the_band_is_exact(value, m):
    batches = np.random.default_rng(m).standard_normal((40_000, m))
    batches[:, 0] = value
    z_norm = (value - batches.mean(axis=1)) / batches.std(axis=1)
    for end, share in zip(BatchLaws(None).band(value, m), (0.025, 0.5, 0.975), strict=True):
        assert np.mean(z_norm < end) == pytest.approx(share, abs=0.004 if share != 0.5 else 0.01)


def test_the_band_closes_where_everybody_is_in_the_batch():
    z = np.sort(standardized(np.random.default_rng(3).gamma(2.0, size=256)))
    band = BatchLaws.of(z, replacement=False).band(z[250], np.array([64, 255, 256]))
    np.testing.assert_allclose(band[:, -1], z[250])
    assert (band[2] > band[0]).tolist() == [True, True, False]


# -- the cloud -----------------------------------------------------------------------------

DEFAULT = {
    "unit": "nearly Gaussian", "example": 85, "batch_size": 8, "population": "all 1347 digits",
    "drawn": "with replacement", "redraw": 1,
}  # fmt: skip
SMALL = {"population": "256 digits", "drawn": "without replacement"}


def test_the_units_are_what_their_names_say():
    gauss, tail = (standardized_unit(name, 1347) for name in UNITS)
    assert abs(np.mean(gauss**3)) < 0.5
    assert 2.7 < np.mean(gauss**4) < 3.3
    assert np.mean(tail**3) > 1
    assert np.mean(tail**4) > 6


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("m", [2, 8, 48, 256])
@pytest.mark.parametrize("how", [{}, SMALL, {"population": "256 digits"}])
def test_the_cloud_is_the_example_in_real_batches(unit, m, how):
    """Every dot again, batch by batch, with batch_norm."""
    given = DEFAULT | {"unit": unit, "batch_size": m} | how
    result = one_example(**given)
    size, replacement = (256 if how else 1347), given["drawn"] == "with replacement"
    z = standardized_unit(unit, size)
    chosen = round(0.85 * (size - 1))
    assert result["z"] == z[chosen]
    for k in range(0, 300, 37):
        row = list(drawings(size, replacement, 1)[k])
        np.testing.assert_allclose(result["mean"][k], z[row[:m]].mean(), atol=1e-12)
        np.testing.assert_allclose(result["var"][k], z[row[:m]].var(), atol=1e-9)
        companions = row[: m - 1]
        if not replacement:
            companions = [row[-1] if c == chosen else c for c in companions]
            assert chosen not in companions
            assert len(set(companions)) == m - 1
        batch = z[[chosen, *companions]][:, None]
        y, _ = bn.batch_norm(batch, np.ones(1), np.zeros(1), EPS)
        np.testing.assert_allclose(result["z_norm"][k], y[0, 0], atol=1e-6)


def test_measured_is_near_the_law():
    for unit in UNITS:
        result = one_example(**DEFAULT | {"unit": unit})
        measured, law = result["measured"], result["law"]
        np.testing.assert_allclose(measured["mean_std"], law["mean_std"], rtol=0.2)
        error = law["var_std"] / math.sqrt(300)
        assert (np.abs(measured["var_mean"] - law["var_mean"]) < 4 * error).all()


def test_everybody_in_one_batch_is_no_noise():
    result = one_example(**DEFAULT | SMALL | {"batch_size": 256})
    assert result["z_norm"].std() < 1e-9
    assert abs(result["z_norm"].mean() - result["z"]) < 1e-4


def test_drawings_without_replacement_are_even():
    rows = np.vstack([drawings(256, False, seed)[:, :16] for seed in range(20)])
    assert all(len(set(row)) == 16 for row in rows[:50])
    counts = np.bincount(rows.ravel(), minlength=256)
    expected = rows.size / 256
    assert ((counts - expected) ** 2 / expected).sum() < 256 + 5 * math.sqrt(2 * 256)


def test_the_curves_are_densities_with_the_moments_asked_for():
    x = np.linspace(-8, 8, 40_001)
    assert np.trapezoid(normal(x, 0.4), x) == pytest.approx(1)
    assert np.trapezoid(x**2 * normal(x, 0.4), x) == pytest.approx(0.16)
    x = np.linspace(1e-9, 20, 200_001)
    density = gamma(x, 0.9, 0.5)
    assert np.trapezoid(density, x) == pytest.approx(1, abs=1e-4)
    assert np.trapezoid(x * density, x) == pytest.approx(0.9, abs=1e-4)
    assert np.trapezoid((x - 0.9) ** 2 * density, x) == pytest.approx(0.25, abs=1e-3)
    assert not gamma(x, 1.0, 0.0).any()


# -- noise against fit ---------------------------------------------------------------------


def last(**given):
    given = {"batch_size": 16, "learning_rate": 0.3, "rate": 0.3, "size": 128, "steps": 20,
             "statistics": "its mini-batch"} | given  # fmt: skip
    *_, numbers = train_four(**given)
    return numbers()


def test_the_curves_are_those_of_five_seeds():
    result = last()
    assert result["looks"][-1] == 20
    for kind in KINDS:
        network = small_network(kind, 4)
        data = few_digits(128, 4)
        sgd = bn.SGD(0.3)
        for snapshot in bn.train(network, data["train"], sgd, steps=20, batch_size=16, seed=4):
            if snapshot.step % 5 == 0:
                sgd.lr = 0.3 * (20 - snapshot.step) / 20
        bn.recompute_statistics(network, data["train"][0])
        told = bn.evaluate(network, *(part[:500] for part in data["test"]))
        assert result["loss"][kind]["test"].shape == (len(result["looks"]), 5)
        np.testing.assert_allclose(result["loss"][kind]["test"][-1, 4], told.loss, rtol=1e-3)
        assert result["accuracy"][kind]["test"][4] == pytest.approx(told.accuracy, abs=0.005)


def test_a_batch_is_no_larger_than_the_set():
    assert last(batch_size=256)["batch_size"] == 128


def test_with_one_batch_of_everybody_the_statistics_make_no_difference():
    batch, everybody = (
        last(batch_size=128, statistics=s) for s in ("its mini-batch", "the whole training set")
    )
    np.testing.assert_allclose(
        batch["loss"]["BN"]["test"], everybody["loss"]["BN"]["test"], rtol=1e-3
    )


@pytest.mark.slow
def test_a_run_that_diverges_is_told():
    explorer = bn.demos.noise_against_fit()
    explorer.set(learning_rate=10.0, size=128, steps=200)
    assert explorer.result["diverged"]
    assert "diverged" in explorer.alternative_text
