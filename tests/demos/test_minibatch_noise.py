"""The numbers of notebook 04's demos against formulas that share no code with them."""

import itertools
import math

import numpy as np
import pytest
from bnlib.demos.minibatch_noise.small_set import (
    KINDS,
    evaluate_all,
    small_network,
    small_run,
    small_set,
    train_without_noise,
)

import bnlib as bn
from bnlib.demos.minibatch_noise.batch_laws import BatchLaws
from bnlib.demos.minibatch_noise.cloud_of_one_example import (
    EPS,
    UNITS,
    drawings,
    gamma,
    normal,
    one_example,
    standardized_unit,
)
from bnlib.demos.minibatch_noise.noise_against_fit import train_four


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
@pytest.mark.parametrize(("m", "least"), [(16, 0.78), (64, 0.9), (128, 0.92)])
def test_the_band_holds_about_95_of_100_batches(replacement, rank, m, least):
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
    assert least < np.mean((low <= z_norm) & (z_norm <= high)) < 0.985
    assert abs(centre - np.median(z_norm)) < 0.2


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


# -- the small set -------------------------------------------------------------------------


def test_the_parts_of_a_small_set_do_not_overlap():
    data = small_set(128, 3)
    lengths = {name: len(y) for name, (x, y) in data.items()}
    assert lengths == {"train": 128, "tune": 300, "test": 1797 - 428}
    x = data["train"][0]
    np.testing.assert_allclose(x.mean(axis=0), 0, atol=1e-5)
    together = np.concatenate([x for x, _ in data.values()])
    assert len(np.unique(together.round(4), axis=0)) == 1797
    assert not np.array_equal(small_set(128, 4)["train"][1], data["train"][1])


def test_without_noise_is_the_gradient_of_the_batch_loss_with_everybodys_statistics():
    """Against finite differences of that loss, written out."""
    x, y = (part[:24] for part in small_set(128, 0)["train"])
    x = x[:, x.std(axis=0) > 0][:, :6].astype(np.float64)
    y = y % 3
    layers = [bn.Linear(6, 4, dtype="float64"), bn.BatchNorm(4, dtype="float64"), bn.Tanh(),
              bn.Linear(4, 3, dtype="float64")]  # fmt: skip
    network = bn.Network(layers)
    batch = np.random.default_rng(5).permutation(24)[:7]  # the first that seed 5 gives
    start = network.flat_params.copy()

    def loss(params):
        network.flat_params[...] = params
        return bn.softmax_cross_entropy(network.forward(x, training=True)[batch], y[batch])[0]

    gradient = np.array(
        [(loss(start + h) - loss(start - h)) / 2e-6 for h in 1e-6 * np.eye(start.size)]
    )
    network.flat_params[...] = start
    (snapshot,) = train_without_noise(network, (x, y), bn.SGD(0.1), steps=1, batch_size=7, seed=5)
    np.testing.assert_allclose(snapshot.loss, loss(start))
    network.flat_params[...] = start
    for _ in train_without_noise(network, (x, y), bn.SGD(0.1), steps=1, batch_size=7, seed=5):
        pass
    np.testing.assert_allclose((start - network.flat_params) / 0.1, gradient, atol=1e-7)


@pytest.mark.parametrize("kind", ["neither", "BN"])
def test_one_batch_of_everybody_is_ordinary_training(kind):
    data = small_set(128, 1)["train"]
    told = []
    for run in (bn.train, train_without_noise):
        network = small_network(kind, 1, dtype="float64")
        run = run(network, data, bn.SGD(0.3), steps=6, batch_size=128, seed=1, every=2)
        told.append([(s.step, s.loss) for s in run])
    np.testing.assert_allclose(told[0], told[1], rtol=1e-9)


def test_without_noise_ends_where_it_diverges():
    network = small_network("neither", 0)
    run = list(train_without_noise(network, small_set(128, 0)["train"], bn.SGD(1e4), steps=200,
                                   batch_size=16, every=50))  # fmt: skip
    assert run[-1].diverged
    assert run[-1].step < 200
    with np.errstate(all="ignore"):
        assert evaluate_all(network, small_set(128, 0))["test"].accuracy < 0.3


def test_kinds_have_the_layers_that_they_are_called_after():
    for kind in KINDS:
        layers = [type(layer).__name__ for layer in small_network(kind, 0).layers]
        assert ("BatchNorm" in layers) == (kind in ("BN", "both"))
        assert ("Dropout" in layers) == (kind in ("dropout", "both"))
    assert "size=8" in repr(small_network("BN", 0, parts_of=8))


def test_runs_are_what_training_by_hand_gives():
    data, network = small_set(256, 2), small_network("BN", 2, dtype="float64")
    sgd = bn.SGD(0.3)
    for snapshot in bn.train(network, data["train"], sgd, steps=300, batch_size=32, seed=2):
        if snapshot.step % 10 == 0:
            sgd.lr = 0.3 * (300 - snapshot.step) / 300
    bn.recompute_statistics(network, data["train"][0])
    wanted = {name: bn.evaluate(network, *part).accuracy for name, part in data.items()}
    assert small_run(("BN", "batch", 32, 0.3, 2)) == wanted
    assert small_run(("BN", 32, 32, 0.3, 2)) == pytest.approx(wanted, abs=0.02)


def last(**given):
    given = {"batch_size": 16, "learning_rate": 0.3, "rate": 0.3, "size": 128, "steps": 20,
             "statistics": "its mini-batch"} | given  # fmt: skip
    *_, result = train_four(**given)
    return result


def test_the_curves_are_those_of_five_seeds():
    result = last()
    assert result["looks"][-1] == 20
    for kind in KINDS:
        network = small_network(kind, 4)
        data = small_set(128, 4)
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


def test_a_run_that_diverges_is_told():
    explorer = bn.demos.noise_against_fit()
    explorer.set(learning_rate=10.0, size=128, steps=200)
    assert explorer.result["diverged"]
    assert "diverged" in explorer.alternative_text
