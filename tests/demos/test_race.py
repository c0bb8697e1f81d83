"""Races: seed 0 first, then the others, and the same numbers as training one by one."""

import numpy as np
import pytest

import bnlib as bn
from bnlib.demos.common.race import FIRST, Race, over_seeds
from bnlib.demos.common.race_panels import fate, how_far

KINDS = ("with BN", "without BN")


def make(kind, seed):
    return bn.mlp([64, 8, 10], batch_norm=kind == KINDS[0], seed=seed), bn.SGD(0.1)


@pytest.fixture(scope="module")
def data():
    return bn.datasets.standardized_digits()


def test_seed_0_goes_to_its_end_and_the_others_follow(data):
    race = Race(make, KINDS, data, steps=40, batch_size=30, seeds=3)
    told = [(r["step"], r["others"], r["seeds"]) for r in (each.progress() for each in race)]
    way = [0, *range(FIRST, 41, 5)]
    assert told == [*((step, 0, 1) for step in way), *((40, step, 3) for step in way)]


def test_at_its_end_every_run_is_what_training_alone_gives(data):
    race = Race(make, KINDS, data, steps=23, batch_size=30, seeds=3, looks=10)
    *_, last = race
    told = last.progress()
    assert told["loss_steps"] == [5, 10, 15, 20, 23]
    assert told["accuracy_steps"] == [0, 10, 20, 23]
    for kind in KINDS:
        assert told["accuracy"][kind].shape == (4, 3)
        for seed in range(3):
            network, sgd = make(kind, seed)
            losses = [
                s.loss for s in bn.train(network, data, sgd, steps=23, batch_size=30, seed=seed)
            ]
            np.testing.assert_array_equal(
                race.losses[kind][seed], np.array(losses)[[4, 9, 14, 19, 22]]
            )
            right = bn.evaluate(network, data.x_test, data.y_test).accuracy
            assert told["accuracy"][kind][-1, seed] == right


def test_in_between_a_number_that_is_not_there_yet_is_nan_and_no_median_is_of_it(data):
    race = Race(make, KINDS, data, steps=40, batch_size=30, seeds=3)
    for _ in race:
        if race.others == 25:
            break
    told = race.progress()
    right = told["accuracy"][KINDS[0]]
    assert np.isnan(right[2:, 1:]).all()
    assert np.isfinite(right[:, 0]).all()
    median, low, high = told["loss"][KINDS[0]]
    assert np.isfinite([median, low, high]).all()
    assert (median[5:] == race.losses[KINDS[0]][0][5:]).all()
    assert "seeds 1" in how_far(told, 40)
    assert how_far(told | {"others": 40}, 40) == "Step 40 of 40."


def test_a_seed_0_that_has_diverged_is_not_the_loss_of_all():
    """It alone is at the end while the others are on their way."""
    loss = over_seeds([[2.0, np.inf, np.inf], [2.1, 1.5], [2.2, 1.6], [2.3, 1.4]])
    result = {"loss": {"BN": loss}, "diverged_runs": {"BN": 1}, "seeds": 4, "accuracy": {}}
    assert fate(result, "BN") == "loss 1.55 (1 of 4 runs have diverged)"


def test_over_seeds_of_runs_that_end_at_different_points():
    median, low, high = over_seeds([[1, 2, 3], [3, 4], [8]])
    np.testing.assert_array_equal(median, [3, 3, 3])
    np.testing.assert_array_equal(low, [1, 2, 3])
    np.testing.assert_array_equal(high, [8, 4, 3])
    assert over_seeds([[], []]).shape == (3, 0)


def test_the_rate_changes_at_the_stops(data):
    race = Race(
        make, KINDS, data, steps=20, batch_size=30, seeds=2, looks=(),
        measure=lambda network, seed: seed, rate=lambda step: 0.1 * (1 - step / 20),
    )  # fmt: skip
    *_, last = race
    assert {each.lr for of in last.optimizers.values() for each in of} == {0.0}
    assert last.measured == {kind: [[0], [1]] for kind in KINDS}
    assert last.progress()["accuracy"] == {}
