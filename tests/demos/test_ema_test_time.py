"""The numbers of notebook 05's demos against formulas that share no code with them."""

import copy

import numpy as np
import pytest

import bnlib as bn
from bnlib.demos.ema_test_time.in_training_mode import SIZES, batch_order, neighbours
from bnlib.demos.ema_test_time.recording import Recording, faint_digits
from bnlib.demos.ema_test_time.yearly_wave import lag_and_height


@pytest.fixture(scope="module")
def weather():
    return bn.demos.temperatures()


@pytest.fixture(scope="module")
def chasing():
    return bn.demos.chasing_statistics()


@pytest.fixture(scope="module")
def ways():
    return bn.demos.three_ways_to_predict()


# temperatures


@pytest.mark.parametrize("decay", [0, 0.5, 0.9, 0.98, 0.995])
@pytest.mark.parametrize("start", [0, 182])
def test_the_averages_are_weighted_sums_of_the_days(weather, decay, start):
    weather.set(decay=decay, start=start, day=30, shown="one year", correction="both")
    result, celsius = weather.result, bn.datasets.seattle_temperature().celsius[start:]
    for t in (1, 2, 30, 365):
        weights = (1 - decay) * float(decay) ** np.arange(t)[::-1]
        v = weights @ celsius[:t]
        assert result["v"][t - 1] == pytest.approx(v)
        assert result["corrected"][t - 1] == pytest.approx(v / weights.sum())
        assert result["weight_given_out"][t - 1] == pytest.approx(weights.sum())
    assert result["window"] == pytest.approx(1 / (1 - decay))
    share = sum((1 - decay) * decay**k for k in range(round(result["window"])))
    if result["window"] == pytest.approx(round(result["window"])):
        assert result["window_weight"] == pytest.approx(share)


@pytest.mark.parametrize("decay", [0.5, 0.9, 0.98, 0.99])
def test_lag_and_height_are_those_of_an_averaged_sine(decay):
    _, (lag, height) = lag_and_height(decay)
    omega, t = 2 * np.pi / 365.25, np.arange(8000)
    v, averaged = 0.0, []
    for x in np.sin(omega * t):
        v = decay * v + (1 - decay) * x
        averaged.append(v)
    expected = height * np.sin(omega * (t - lag))
    assert np.allclose(averaged[5000:], expected[5000:], atol=1e-6)


def test_the_measured_lag_is_near_the_theory():
    for decay in (0.5, 0.9, 0.95, 0.98):
        (lag, height), (lag_theory, height_theory) = lag_and_height(decay)
        assert lag == pytest.approx(lag_theory, abs=0.1)
        assert height == pytest.approx(height_theory, abs=0.01)


# chasing statistics


def retrained(steps, batch_size, lr):
    """The same run by ``mlp`` and ``train`` alone, with the mini-batches' z put down."""
    data = bn.datasets.standardized_digits()
    x = data.x_train
    network = bn.mlp([64, 50, 50, 10], "sigmoid", True, seed=0)
    run = bn.train(network, data, bn.SGD(lr), steps=steps, batch_size=batch_size, seed=0)
    order = np.random.default_rng(
        0
    )  # the documented shuffling: anew each epoch, remainder left out
    moments, rows = [], []
    for _ in range(steps):
        if len(rows) < batch_size:
            rows = order.permutation(len(x))
        batch, rows = rows[:batch_size], rows[batch_size:]
        before = copy.deepcopy(network).activations(x[batch], training=True)
        moments.append([[before[k].mean(axis=0), before[k].var(axis=0)] for k in (0, 3)])
        next(run)
    return network, np.array(moments)


@pytest.mark.parametrize(
    ("batch_size", "decay", "start"),
    [(32, 0.99, "0 and 1"), (8, 0.9, "corrected"), (64, 0.5, "0 and 0")],
)
def test_the_averages_of_a_run_are_those_of_its_batches(chasing, batch_size, decay, start):
    chasing.set(
        batch_size=batch_size,
        decay=decay,
        start=start,
        steps=50,
        learning_rate=1.0,
        unit=4,
        layer=2,
    )
    network, moments = retrained(50, batch_size, 1.0)
    here = moments[:, 1, :, 3]
    assert np.allclose(chasing.result["batches"], here, rtol=2e-3, atol=2e-4)
    first = {"0 and 1": (0.0, 1.0)}.get(start, (0.0, 0.0))
    weights = (1 - decay) * decay ** np.arange(50)[::-1]
    average = weights @ here + decay**50 * np.array(first)
    if start == "corrected":
        average /= weights.sum()
    assert np.allclose(chasing.result["running"][-1], average, rtol=2e-3, atol=2e-4)
    x = bn.datasets.standardized_digits().x_train
    z = network.activations(x, training=True)[3][:, 3]  # the whole training set as one batch
    assert np.allclose(chasing.result["true"][-1], [z.mean(), z.var()], rtol=2e-3, atol=2e-4)


def test_accuracies_are_those_of_networks_given_the_statistics(chasing):
    chasing.set(batch_size=32, decay=0.9, start="corrected", steps=50, learning_rate=1.0)
    network, _ = retrained(50, 32, 1.0)  # its own averages: decay 0.9, corrected
    data = bn.datasets.standardized_digits()
    x, x_test, y_test = data.x_train, data.x_test, data.y_test
    right = chasing.result["accuracy"]
    wanted = bn.evaluate(network, x_test, y_test).accuracy
    assert right["running average"][-1] == pytest.approx(wanted, abs=0.005)
    bn.recompute_statistics(network, x)
    wanted = bn.evaluate(network, x_test, y_test).accuracy
    assert right["whole training set"][-1] == pytest.approx(wanted, abs=0.005)


def test_the_way_to_a_setting_does_not_matter(chasing):
    there = {"steps": 50, "decay": 0.8, "batch_size": 16}
    chasing.reset()
    chasing.set(steps=400, batch_size=16)
    chasing.set(**there)
    result, fresh = chasing.result, bn.demos.chasing_statistics()
    fresh.set(**there)
    for name in ("looks", "true", "running", "batches"):
        assert np.array_equal(result[name], fresh.result[name])


# three ways to predict


def test_training_mode_is_that_of_the_network():
    run = Recording(0, batch_size=16, learning_rate=0.3)
    run.advance(20)
    x_test, _ = faint_digits(1.0)
    batches = x_test[:30].reshape(5, 6, 64)
    got = run.at(20).batch_activations(x_test[:30], parts_of=6)[-1]
    wanted = [run.at(20).forward(batch, training=True) for batch in batches]
    assert np.allclose(got.reshape(5, 6, 10), wanted, atol=1e-4)


def test_the_three_accuracies_are_those_of_the_networks_own_forward(ways):
    ways.set(steps=50, train_batch=32, averages="decay 0.9, corrected")
    data = bn.datasets.standardized_digits()
    x, x_test, y_test = data.x_train, data.x_test, data.y_test
    order = batch_order("mixed", y_test)
    for seed in (0, 3):
        network = bn.mlp([64, 50, 50, 10], "sigmoid", True, seed=seed)
        bn.fit(network, data, bn.SGD(0.3), steps=50, batch_size=32, seed=seed)
        right = {mode: rows[seed] for mode, rows in ways.result["accuracy"].items()}
        wanted = bn.evaluate(network, x_test, y_test).accuracy
        assert right["running averages"] == pytest.approx(wanted, abs=0.005)
        for m in (1, 4, 64):
            guesses = [
                copy.deepcopy(network).forward(x_test[rows], training=True).argmax(axis=1)
                for rows in order[: 450 // m * m].reshape(-1, m)
            ]
            wanted = np.mean(np.ravel(guesses) == y_test[order[: 450 // m * m]])
            at = SIZES.index(m)
            assert right["training mode"][at] == pytest.approx(wanted, abs=0.01)
        bn.recompute_statistics(network, x)
        wanted = bn.evaluate(network, x_test, y_test).accuracy
        assert right["whole training set"] == pytest.approx(wanted, abs=0.005)


def test_alone_an_image_says_nothing_and_inference_mode_ignores_the_neighbours(ways):
    ways.reset()
    alone, batch = ways.result["alone"], ways.result["batch"]
    ways.set(draw=2)
    assert not np.array_equal(ways.result["batch"], batch)
    assert np.array_equal(ways.result["alone"], alone)
    ways.set(batch_size=1)
    first = ways.result["among"]
    ways.set(image=7)
    assert np.allclose(ways.result["among"], first, atol=1e-6)
    assert ways.result["alone"].argmax() != alone.argmax()


def test_the_probabilities_are_a_softmax_over_the_batch_on_show(ways):
    ways.reset()
    result = ways.result
    assert result["batch"][0] == ways.values["image"]
    assert len(set(result["batch"])) == ways.values["batch_size"]
    assert np.allclose(result["among_all"].sum(axis=1), 1, atol=1e-5)
    assert np.array_equal(result["among"], result["among_all"][ways.values["draw"] - 1])
    assert result["alone"].argmax() == result["label"] == 2
    assert result["among"].argmax() == 3  # the surprise that the demo opens with


def test_faint_ink_is_less_ink():
    digits = bn.datasets.digits()
    scale = bn.Standardizer().fit(digits.x_train)
    x_test, _ = faint_digits(0.3)
    assert np.allclose(scale.inverse_transform(x_test), 0.3 * digits.x_test, atol=1e-4)


@pytest.mark.parametrize("m", [2, 32, 450])
def test_neighbours_sorted_by_digit_are_of_its_kind_first(m):
    _, y_test = faint_digits(1.0)
    for rows in neighbours(5, "sorted by digit", m, y_test):
        assert rows[0] == 5
        assert len(set(rows)) == m
        kind = int((y_test == y_test[5]).sum())
        assert (y_test[rows[: min(m, kind)]] == y_test[5]).all()
