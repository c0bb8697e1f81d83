"""The numbers of notebook 07's demos against formulas that share no code with them."""

import copy

import numpy as np
import pytest

import bnlib as bn
from bnlib.demos.why_it_works.along_the_gradient import (
    Line,
    along_the_gradient,
    loss_and_gradient,
    times_hidden,
)
from bnlib.demos.why_it_works.noisy_batch_norm import JITTER, NoisyBatchNorm, with_noise
from bnlib.demos.why_it_works.one_step_shift import BEYOND, distribution_shift, one_step_shift
from tests.unit.numerics import numerical_gradient, relative_error


@pytest.fixture
def batch():
    data = bn.datasets.standardized_digits()
    return data.x_train[:60].astype(float), data.y_train[:60]


def digits_network(batch_norm=True, g="tanh", depth=2):
    return bn.mlp([64, *[12] * depth, 10], g, batch_norm, dtype="float64", seed=3)


# -- batch normalization with noise --------------------------------------------------------


def test_the_backward_pass_of_noise_agrees_with_finite_differences():
    rng = np.random.default_rng(0)
    z, dy = rng.normal(2, 3, (7, 4)), rng.normal(size=(7, 4))
    layer = NoisyBatchNorm(4, 2.0, 1.0, seed=1, dtype="float64")
    layer.params["gamma"][:], layer.params["beta"][:] = rng.normal(size=(2, 4))

    def loss():  # the same noise each time: a copy draws it from the same state
        return float((dy * copy.deepcopy(layer).forward(z, training=True)).sum())

    wanted = {name: numerical_gradient(loss, value) for name, value in layer.params.items()}
    wanted_dz = numerical_gradient(loss, z)
    layer.forward(z, training=True)
    assert relative_error(layer.backward(dy), wanted_dz) < 1e-7
    for name, value in wanted.items():
        assert relative_error(layer.grads[name], value) < 1e-7


def test_noise_moves_the_mean_and_the_spread_as_it_says():
    z = np.random.default_rng(0).normal(size=(400, 500))
    plain = bn.BatchNorm(500, dtype="float64").forward(z, training=True)
    layer = NoisyBatchNorm(500, 2.0, 0.5, dtype="float64")
    noisy, again = (layer.forward(z, training=True) for _ in range(2))
    mean, std = noisy.mean(axis=0), noisy.std(axis=0)
    assert -2.1 < mean.min() < -1.9
    assert 1.9 < mean.max() < 2.1
    assert np.sqrt(np.mean(mean**2)) == pytest.approx(2 / np.sqrt(3), rel=0.1)
    factor = (noisy * plain).mean(axis=0)  # of z_norm, whose own std is 1
    assert factor.min() > 0.95
    assert factor.max() < 1.55
    np.testing.assert_allclose(std**2, factor**2 + JITTER**2 * (1 + 1 / 3), rtol=0.1)
    assert abs(np.corrcoef(mean, again.mean(axis=0))[0, 1]) < 0.15  # new in every step


def test_inference_has_the_expected_factor_and_no_noise():
    z = np.random.default_rng(0).normal(size=(50, 3))
    plain, noisy = bn.BatchNorm(3, dtype="float64"), NoisyBatchNorm(3, 2.0, 0.5, dtype="float64")
    for layer in (plain, noisy):
        layer.forward(z, training=True)
    np.testing.assert_allclose(noisy.forward(z), 1.25 * plain.forward(z))
    np.testing.assert_array_equal(noisy.running_var, plain.running_var)


def test_without_noise_it_is_batch_norm_and_trains_alike():
    data = bn.datasets.standardized_digits()
    networks = digits_network(), with_noise(digits_network(), 0.0, 0.0, 5)
    for network in networks:
        bn.fit(network, data, bn.SGD(0.3), steps=20, batch_size=60)
    np.testing.assert_array_equal(*(network.flat_params for network in networks))


@pytest.mark.parametrize("bad", [{"mean": -1.0}, {"spread": -0.1}, {"mean": np.nan}])
def test_a_size_of_noise_that_cannot_be_is_refused(bad):
    with pytest.raises(ValueError, match=next(iter(bad))):
        NoisyBatchNorm(3, **bad)


# -- the shift of a step -------------------------------------------------------------------


def test_the_shift_of_a_distribution_is_that_of_its_moments():
    before = np.random.default_rng(0).normal([0, 5, -3], [1, 2, 0.5], (1000, 3))
    after = (before - before.mean(axis=0)) * [1, 1.5, 1] + before.mean(axis=0) + [0.3, 0, 0]
    wanted = [0.3 / before[:, 0].std(), 0.5, 0]
    np.testing.assert_allclose(distribution_shift(before, after), wanted, atol=1e-12)


@pytest.mark.parametrize("batch_norm", [False, True])
def test_one_step_shift_is_what_a_step_really_does(batch, batch_norm):
    x, y = batch
    network, probe = digits_network(batch_norm), x[:40]
    before = copy.deepcopy(network)
    told = one_step_shift(network, x, y, 0.5, probe)
    np.testing.assert_array_equal(network.flat_params, before.flat_params)
    after = copy.deepcopy(network)
    bn.train_step(after, x, y, bn.SGD(0.5))
    places = [k for k, a in enumerate(network.layers) if isinstance(a, bn.Tanh)]
    pairs = [
        [each.batch_activations(probe)[k - 1] for each in (network, after)] for k in places
    ]  # fmt: skip
    shifts = [np.median(distribution_shift(*pair)) for pair in pairs]
    np.testing.assert_allclose(told["distribution"], shifts)
    np.testing.assert_allclose(told["unit"], [each[:, 0] for each in pairs[-1]])


def test_the_gradient_is_compared_where_only_the_layers_below_have_moved(batch):
    x, y = batch
    network = digits_network()
    told = one_step_shift(network, x, y, 0.5, x)["gradient"]
    second = copy.deepcopy(network)  # the second Linear: what lies below is the first and its BN
    loss_and_gradient(second, x, y)
    before = second.layers[3].grads["W"].copy()
    for layer in second.layers[:3]:
        for name in layer.params:
            layer.params[name] = layer.params[name] - 0.5 * layer.grads[name]
    loss_and_gradient(second, x, y)
    after = second.layers[3].grads["W"]
    wanted = (before * after).sum() / np.sqrt((before**2).sum() * (after**2).sum())
    assert told[0] == pytest.approx(wanted)


def test_a_step_of_length_0_shifts_nothing(batch):
    told = one_step_shift(digits_network(), *batch, 0.0, batch[0])
    np.testing.assert_allclose(told["distribution"], 0, atol=1e-12)
    np.testing.assert_allclose(told["gradient"], 1)


def test_a_network_that_has_diverged_is_shifted_beyond_all_measure(batch):
    network = digits_network(batch_norm=False, g="relu")
    network.flat_params[...] *= 1e120
    told = one_step_shift(network, *batch, 1.0, batch[0])
    assert all(np.isfinite(value).all() for value in told.values())
    assert told["distribution"].max() == BEYOND
    np.testing.assert_array_equal(told["gradient"], 0)


# -- along the gradient --------------------------------------------------------------------


def parabola(curvature, slope=2.0):
    """The line of loss 10 − lr·slope² + ½·curvature·(lr·slope)²."""
    rates = np.logspace(-4, 3, 2200)
    losses = 10 - rates * slope**2 + 0.5 * curvature * (rates * slope) ** 2
    return Line(rates, 10.0, slope, 3.0, losses, curvature * rates * slope)


@pytest.mark.parametrize("curvature", [0.5, 4.0, 30.0])
def test_on_a_parabola_half_of_the_promise_holds_up_to_1_over_the_curvature(curvature):
    line = parabola(curvature)
    assert line.trusted("learning rate") == pytest.approx(1 / curvature, rel=1e-3)
    assert line.trusted("share of ‖W‖") == pytest.approx(2 / 3 / curvature, rel=1e-3)
    assert line.trusted("promised fall") == pytest.approx(0.4 / curvature, rel=1e-3)
    assert line.roughness("learning rate", 0.1) == pytest.approx(curvature, rel=1e-3)


def test_the_line_starts_along_the_tangent_and_leaves_the_network_as_it_was(batch):
    network = digits_network()
    before = network.flat_params.copy()
    line = along_the_gradient(network, *batch, np.array([1e-6, 0.3]))
    np.testing.assert_array_equal(network.flat_params, before)
    assert (line.loss - line.losses[0]) / 1e-6 == pytest.approx(line.gradient**2, rel=1e-3)
    loss, gradient = loss_and_gradient(network, *batch)
    network.flat_params[...] -= 0.3 * gradient
    there, other = loss_and_gradient(network, *batch)
    assert (line.loss, line.losses[1]) == pytest.approx((loss, there))
    assert line.changes[1] == pytest.approx(np.sqrt(((other - gradient) ** 2).sum()))


@pytest.mark.parametrize("factor", [0.1, 10.0])
def test_hidden_weights_times_a_factor_change_the_gradient_and_not_the_loss(batch, factor):
    network = digits_network()
    for layer in network.layers:
        if isinstance(layer, bn.BatchNorm):
            layer.eps = 0.0
    loss, _ = loss_and_gradient(network, *batch)
    before = network.layers[0].grads["W"].copy()
    times_hidden(network, factor)
    assert loss_and_gradient(network, *batch)[0] == pytest.approx(loss)
    np.testing.assert_allclose(network.layers[0].grads["W"], before / factor, atol=1e-12)


def test_a_loss_that_overflows_is_infinite_and_no_error(batch):
    network = digits_network(batch_norm=False, g="relu")
    network.flat_params[...] *= 1e120
    line = along_the_gradient(network, *batch, np.array([1.0]))
    assert not np.isnan(line.losses).any()
