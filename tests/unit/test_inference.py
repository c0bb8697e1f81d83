import copy

import numpy as np
import pytest
from numerics import exact_moments

import bnlib as bn


def trained(place, activation="tanh", dropout=0.0, dtype="float64"):
    """A small network after a few steps, and the inputs it was trained on."""
    rng = np.random.default_rng(5)
    x, y = rng.normal(1.0, 3.0, (50, 4)), rng.integers(0, 3, 50)
    network = bn.mlp([4, 6, 5, 3], activation, place, dropout=dropout, dtype=dtype, seed=2)
    for _ in bn.train(network, (x, y), bn.Adam(0.05), steps=20, batch_size=10):
        pass
    return network, x


def norms(network):
    return [layer for layer in network.layers if isinstance(layer, bn.BatchNorm)]


@pytest.mark.parametrize("place", ["z", "a"])
def test_recomputed_statistics_are_those_of_the_whole_set_in_every_layer(place):
    network, x = trained(place)
    params = network.flat_params.copy()
    bn.recompute_statistics(network, x)
    assert np.array_equal(network.flat_params, params)
    # Normalizing with the statistics of all of x is what a training step on all of x does.
    assert np.allclose(network.forward(x), copy.deepcopy(network).forward(x, training=True))
    h = x
    for layer in network.layers:
        if isinstance(layer, bn.BatchNorm):
            mean, var = exact_moments(h)
            assert np.allclose(layer.running_mean, np.array(mean, float), rtol=1e-12)
            assert np.allclose(layer.running_var, np.array(var, float), rtol=1e-12)
        h = layer.forward(h)


def test_training_after_recomputing_starts_the_averages_anew():
    network, x = trained("z")
    bn.recompute_statistics(network, x)
    first = norms(network)[0]
    network.forward(x[:7], training=True)
    mean, var = bn.moments(x[:7] @ network.layers[0].params["W"])
    assert np.allclose(first.running_mean, mean)
    assert np.allclose(first.running_var, var)


def test_without_bias_correction_training_goes_on_from_what_was_set():
    layer = bn.BatchNorm(2, decay=0.75, bias_correction=False, dtype="float64")
    layer.set_statistics([4.0, 8.0], [1.0, 2.0])
    assert np.array_equal(layer.running_mean, [4.0, 8.0])
    layer.forward(np.zeros((3, 2)), training=True)
    assert np.allclose(layer.running_mean, [3.0, 6.0])
    assert np.allclose(layer.running_var, [0.75, 1.5])


@pytest.mark.parametrize(
    ("mean", "var"), [([0.0], [1.0]), ([0, 0], [1, -1]), ([np.nan, 0], [1, 1])]
)
def test_statistics_that_cannot_be(mean, var):
    with pytest.raises(ValueError, match=r"mean|var"):
        bn.BatchNorm(2).set_statistics(mean, var)


@pytest.mark.parametrize("activation", ["relu", "sigmoid", "tanh"])
@pytest.mark.parametrize("dropout", [0.0, 0.3])
@pytest.mark.parametrize("place", [False, "z", "a"])
def test_a_folded_network_gives_the_same_numbers(place, dropout, activation):
    network, x = trained(place, activation, dropout)
    before = network.flat_params.copy()
    folded = bn.fold_batch_norm(network)
    assert not norms(folded)
    assert np.allclose(folded.forward(x), network.forward(x), rtol=1e-11, atol=1e-11)
    assert np.array_equal(network.flat_params, before)
    assert np.array_equal(network.forward(x), network.forward(x, training=False))


def test_a_folded_network_keeps_its_dtype_and_can_be_trained():
    network, x = trained("z", dtype="float32")
    folded = bn.fold_batch_norm(network)
    assert folded.dtype == np.float32
    assert folded.forward(x).dtype == np.float32
    loss, dlogits = bn.softmax_cross_entropy(folded.forward(x, True), np.zeros(50, int))
    folded.backward(dlogits)
    bn.SGD(0.01).step(folded)
    assert bn.evaluate(folded, x, np.zeros(50, int)).loss < loss


def test_two_batch_norms_in_a_row_are_folded_one_after_the_other():
    layers = [bn.Linear(3, 4, dtype="float64"), *(bn.BatchNorm(4, dtype="float64") for _ in "ab")]
    for k, layer in enumerate(layers[1:], 1):
        layer.set_statistics(np.arange(4.0) * k, np.arange(1.0, 5.0) / k)
        layer.params["gamma"][...] = [1.5, -2.0, 0.0, 1.0]
        layer.params["beta"][...] = k
    network, x = bn.Network(layers), np.random.default_rng(0).normal(size=(6, 3))
    folded = bn.fold_batch_norm(network)
    assert len(folded.layers) == 1
    assert np.allclose(folded.forward(x), network.forward(x))


def test_a_batch_norm_without_a_linear_beside_it_is_named():
    network = bn.Network([bn.Linear(3, 4), bn.ReLU(), bn.BatchNorm(4), bn.ReLU()])
    with pytest.raises(ValueError, match=r"layers\[2\] BatchNorm"):
        bn.fold_batch_norm(network)
