"""The numbers of notebook 02's demos against formulas that share no code with them."""

from statistics import NormalDist

import numpy as np
import pytest

import bnlib as bn
from bnlib.demos.common.expected_spread import after, expected_spread
from bnlib.demos.z_normalization.through_the_depth import KINDS, through


@pytest.fixture(scope="module")
def drag():
    return bn.demos.drag_one_example()


@pytest.fixture(scope="module")
def depth():
    return bn.demos.through_the_depth()


# drag one example


@pytest.mark.parametrize("m", [1, 2, 3, 8, 32])
@pytest.mark.parametrize("eps", [1e-8, 1e-5, 1.0])
def test_the_batch_is_normalized_as_numpy_does_it(drag, m, eps):
    drag.set(m=m, eps=eps, value=-3.7, spread=1.0, example=2)
    z, z_norm = drag.result["z"], drag.result["z_norm"]
    assert len(z) == m
    assert z[min(2, m) - 1] == -3.7
    assert drag.result["mean"] == pytest.approx(np.mean(z), abs=1e-12)
    assert drag.result["std"] == pytest.approx(np.std(z), abs=1e-12)
    np.testing.assert_allclose(z_norm, (z - np.mean(z)) / np.sqrt(np.var(z) + eps), atol=1e-12)
    assert np.abs(z_norm).max() <= drag.result["bound"] + 1e-12
    assert drag.result["bound"] == np.sqrt(m - 1)


@pytest.mark.parametrize("spread", [0.0, 0.1, 3.0])
@pytest.mark.parametrize("m", [1, 2, 5, 32])
def test_the_lines_are_what_moving_the_example_gives(drag, m, spread):
    drag.set(m=m, spread=spread, eps=1e-4, example=1, value=0.0)
    values, paths, z = (drag.result[name] for name in ("values", "paths", "z"))
    assert paths.shape == (len(values), m)
    for k in range(0, len(values), 17):
        moved = z.copy()
        moved[0] = values[k]
        wanted = (moved - moved.mean()) / np.sqrt(moved.var() + 1e-4)
        np.testing.assert_allclose(paths[k], wanted, atol=1e-9)


def test_a_constant_unit_stays_at_zero_and_a_nudge_sends_it_to_the_bound(drag):
    drag.preset("A constant unit")
    assert drag.result["std"] == 0
    assert not drag.result["z_norm"].any()
    drag.preset("Nudged by 0.1")
    assert drag.result["z_norm"][0] == pytest.approx(np.sqrt(7), rel=0.01)
    drag.set(eps=10.0)
    assert abs(drag.result["z_norm"][0]) < 0.05


def test_of_two_examples_a_sign_is_left(drag):
    for value in (-9.0, 9.0):
        drag.set(m=2, value=value, spread=1.0, eps=1e-8, example=1)
        np.testing.assert_allclose(drag.result["z_norm"], np.sign(value) * np.array([1, -1]))


def test_the_words_of_the_drag_keep_their_number_of_lines(drag):
    for preset in drag.presets:
        drag.preset(preset)
        assert drag._words.value.count("<br>") == 3


# what is expected at initialization


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu"])
@pytest.mark.parametrize(("p", "delta"), [(0.0, 1.0), (1.0, 0.25), (4.0, 9.0)])
def test_one_activation_against_random_draws(activation, p, delta):
    rng = np.random.default_rng(0)
    evenly = [NormalDist().inv_cdf((k + 0.5) / 2000) for k in range(2000)]
    unit, example = np.array(evenly)[:, None], rng.standard_normal((2000, 1000))
    z = np.sqrt(p) * unit + np.sqrt(delta) * example
    g = {"sigmoid": lambda z: 1 / (1 + np.exp(-z)), "tanh": np.tanh, "relu": lambda z: z * (z > 0)}
    a = g[activation](z)
    got_p, got_delta = after(activation, p, delta)
    assert got_p == pytest.approx(np.mean(a.mean(axis=1) ** 2), rel=0.05, abs=2e-3)
    assert got_delta == pytest.approx(a.var(axis=1).mean(), rel=0.05)


def test_closed_forms():
    _, passed = expected_spread("z", "relu", 7.0, 5, 0.3, 2.0)
    np.testing.assert_allclose(passed, np.sqrt(0.5 - 0.5 / np.pi), rtol=1e-3)
    into, passed = expected_spread("a", "sigmoid", 3.0, 4, 0.0, 1.0)
    np.testing.assert_allclose(into, 3.0)
    np.testing.assert_allclose(passed, 1.0)
    into, _ = expected_spread("nothing", "relu", np.sqrt(2), 2, 0.0, 1.0)
    np.testing.assert_allclose(into, np.sqrt([2, 2 - 2 / np.pi]), rtol=1e-3)


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("scale", [0.5, 1.0, 2.0])
def test_wide_networks_have_the_spread_expected_of_them(activation, kind, scale):
    x = np.random.default_rng(1).standard_normal((300, 64))
    network = bn.mlp(
        [64, 500, 500, 500, 10], activation, kind if kind != "nothing" else False,
        init_scale=scale, dtype="float64", seed=3,
    )  # fmt: skip
    _, passed = through(network, x)
    got = [np.sqrt(a.var(axis=0).mean()) for a in passed]
    p, delta = (x.mean(axis=0) ** 2).mean(), x.var(axis=0).mean()
    wanted = expected_spread(kind, activation, scale, 3, p, delta)[1]
    np.testing.assert_allclose(got, wanted, rtol=0.1)


# through the depth


@pytest.mark.parametrize("kind", KINDS)
def test_the_layers_on_show_are_those_of_the_network(kind):
    network = bn.mlp(
        [64, 50, 50, 10], "tanh", kind if kind != "nothing" else False, dtype="float64", seed=5
    )
    x = np.random.default_rng(2).standard_normal((40, 64))
    before = [np.copy(layer.running_mean) for layer in network.layers if hasattr(layer, "eps")]
    into, passed = through(network, x)
    after = [layer.running_mean for layer in network.layers if hasattr(layer, "eps")]
    assert all(np.array_equal(b, a) for b, a in zip(before, after, strict=True))
    a = x
    for k, layer in enumerate(layer for layer in network.layers[:-1] if "W" in layer.params):
        z = a @ layer.params["W"]  # b starts at 0
        if kind == "z":
            z = (z - z.mean(axis=0)) / np.sqrt(z.var(axis=0) + 1e-5)
        a = np.tanh(z)
        if kind == "a":
            a = (a - a.mean(axis=0)) / np.sqrt(a.var(axis=0) + 1e-5)
        np.testing.assert_allclose(into[k], z, atol=1e-9)
        np.testing.assert_allclose(passed[k], a, atol=1e-9)
    assert len(into) == len(passed) == 2


def test_before_training_eight_sigmoid_layers_leave_nothing_of_the_digits(depth):
    depth.reset()
    result = depth.result
    assert result["step"] == 0
    assert result["spread"]["nothing"][-1] < 1e-4
    for kind in KINDS:
        np.testing.assert_allclose(result["spread"][kind], result["theory"][kind], rtol=0.4)
    np.testing.assert_allclose(result["spread"]["a"], 1, rtol=0.01)
    np.testing.assert_allclose(result["spread"]["z"], 0.21, rtol=0.1)
    for k, values in enumerate(result["passed"]):
        wanted = np.sqrt(np.mean([np.var(values[:, j].astype(float)) for j in range(50)]))
        assert result["spread"]["nothing"][k] == pytest.approx(wanted, rel=1e-6)


def test_the_initial_scale_does_not_show_where_z_is_normalized(depth):
    depth.reset()
    depth.set(shown="z", initial_scale=1.0)
    before = depth.result["into"]
    depth.set(initial_scale=10.0)
    for one, other in zip(before, depth.result["into"], strict=True):
        np.testing.assert_allclose(one, other, atol=0.02)


def test_training_shows_the_network_that_bnlib_trains(depth):
    depth.reset()
    depth.set(steps=20, depth=2, learning_rate=1.0, shown="a")
    result = depth.result
    data = bn.datasets.standardized_digits()
    for seed in range(5):
        network = bn.mlp([64, 50, 50, 10], "sigmoid", "a", init_scale=1.0, seed=seed)
        run = bn.train(network, data, bn.SGD(1.0), steps=20, batch_size=60, seed=seed)
        losses = [snapshot.loss for snapshot in run]
        right = bn.evaluate(network, data.x_test, data.y_test).accuracy
        assert result["accuracy"]["a"][-1, seed] == pytest.approx(right, abs=0.01)
        _, low, high = result["loss"]["a"]
        assert low[-1] - 1e-3 <= losses[-1] <= high[-1] + 1e-3
    assert result["step"] == result["loss_steps"][-1] == 20
    assert result["accuracy_steps"] == [20]


def test_what_diverges_is_told(depth):
    depth.reset()
    depth.set(activation="relu", initial_scale=10.0, learning_rate=100.0, steps=20, depth=4)
    assert depth.result["diverged"]
    assert depth.result["diverged_runs"]["nothing"] == 5
    assert "diverged" in depth.alternative_text
    assert depth._words.value.count("<br>") == 3
