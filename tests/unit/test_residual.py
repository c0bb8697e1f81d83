"""Residual blocks: their formula, their gradients, and what a network does with them."""

import copy

import numpy as np
import pytest
from numerics import batch, numerical_gradient, relative_error

import bnlib as bn


def block(alpha=None, dtype="float64", seed=0):
    rng = np.random.default_rng(seed)
    layers = [bn.Linear(4, 6, dtype=dtype, seed=rng), bn.BatchNorm(6, dtype=dtype), bn.Tanh()]
    made = bn.Residual([*layers, bn.Linear(6, 4, dtype=dtype, seed=rng)], alpha)
    for value in made.params.values():
        value += rng.normal(0, 0.3, value.shape).astype(dtype)
    return made


def residual_network(dtype="float32", alpha=0.5):
    layers = [bn.Linear(64, 4, dtype=dtype), block(alpha, dtype), block(None, dtype, 1)]
    return bn.Network([*layers, bn.ReLU(), bn.Linear(4, 10, dtype=dtype)])


@pytest.mark.parametrize("alpha", [None, 0.0, 0.7])
def test_it_adds_its_branch_to_its_input(alpha):
    made, x = block(alpha), batch(8, 4)
    alone = copy.deepcopy(made.branch).forward(x, training=True)
    share = 1 if alpha is None else made.params["alpha"]
    np.testing.assert_allclose(made.forward(x, training=True), x + share * alone, rtol=1e-14)


@pytest.mark.parametrize("alpha", [None, 0.0, 0.7])
def test_backward_is_the_slope_of_forward(alpha):
    made, x = block(alpha), batch(8, 4)
    fresh = copy.deepcopy(made)
    dy = np.random.default_rng(9).standard_normal(x.shape)
    made.forward(x, training=True)
    dx = made.backward(dy)

    def loss():
        return np.sum(dy * copy.deepcopy(fresh).forward(x, training=True))

    assert relative_error(dx, numerical_gradient(loss, x)) < 1e-7
    assert list(made.grads) == list(made.params)
    for name, gradient in made.grads.items():
        numerical = numerical_gradient(loss, fresh.params[name])
        assert relative_error(gradient, numerical) < 1e-7, name


def test_at_alpha_0_it_is_the_identity_and_only_alpha_has_a_gradient():
    made, x = bn.Residual([bn.Linear(4, 4, dtype="float64"), bn.Tanh()], alpha=0), batch(8, 4)
    np.testing.assert_array_equal(made.forward(x, training=True), x)
    np.testing.assert_array_equal(made.backward(x), x)
    assert made.grads["alpha"] != 0
    assert (made.grads["0.W"] == 0).all()


@pytest.mark.parametrize("make", [bn.SGD, bn.Momentum, bn.Adam])
def test_a_network_trains_it(make):
    data, network = bn.datasets.standardized_digits(), residual_network()
    sizes = [value.size for layer in network.layers for value in layer.params.values()]
    assert network.flat_params.size == sum(sizes)
    before = network.flat_params.copy()
    last = bn.fit(network, data, make(0.01), steps=20, batch_size=60)
    assert not last.diverged
    moved = network.flat_params != before
    assert moved.mean() > 0.8
    assert np.shares_memory(network.layers[1].branch.layers[0].params["W"], network.flat_params)


def test_a_copy_has_parameters_of_its_own():
    network = residual_network()
    other = copy.deepcopy(network)
    other.flat_params[...] = 0
    assert np.all(other.layers[1].params["0.W"] == 0)
    assert np.any(network.layers[1].params["0.W"] != 0)


def test_frozen_it_stays_and_hands_the_same_back():
    x, dy = batch(8, 4), batch(8, 4, seed=1)
    free, frozen = block(0.7), block(0.7)
    frozen.frozen = True
    for each in (free, frozen):
        each.forward(x, training=True)
    np.testing.assert_array_equal(free.backward(dy), frozen.backward(dy))
    assert all((g == 0).all() for g in frozen.grads.values())


def test_statistics_inside_are_recomputed_and_used_like_all_others():
    network, x = residual_network("float64"), bn.datasets.standardized_digits().x_train[:200]
    in_training_mode = network.batch_activations(x)[-1]
    np.testing.assert_allclose(
        copy.deepcopy(network).forward(x, training=True), in_training_mode, rtol=1e-9
    )
    bn.recompute_statistics(network, x)
    predicted = network.forward(x)
    np.testing.assert_allclose(predicted, in_training_mode, rtol=1e-9)
    folded = bn.fold_batch_norm(network)
    np.testing.assert_allclose(folded.forward(x), predicted, rtol=1e-9)
    assert "BatchNorm" not in repr(folded)


def test_a_branch_that_has_diverged_is_found():
    network = residual_network()
    assert network.finite
    norm = network.layers[1].branch.layers[1]
    norm._running._average = np.full_like(norm._running._average, np.nan)
    assert not network.finite


def test_a_branch_of_another_size_is_refused():
    with pytest.raises(ValueError, match="takes 4 units but gives 3"):
        bn.Residual([bn.Linear(4, 3)])
    with pytest.raises(ValueError, match="alpha"):
        bn.Residual([bn.Linear(4, 4)], alpha=np.nan)


def test_it_says_what_it_is():
    assert repr(bn.Residual([bn.ReLU(), bn.Linear(4, 4)], 0)) == (
        "Residual([ReLU(), Linear(4, 4)], alpha=0)"
    )
