"""Batch normalization over parts of a batch: against batch_norm of every part."""

import numpy as np
import pytest
from numerics import batch, numerical_gradient, relative_error

import bnlib as bn


def ghost(n, size, seed=0, **options):
    """A layer in float64 whose gamma and beta are not at their start."""
    rng = np.random.default_rng(seed)
    layer = bn.GhostBatchNorm(n, size, dtype="float64", **options)
    layer.params["gamma"][...] = rng.uniform(0.5, 2, n)
    layer.params["beta"][...] = rng.normal(size=n)
    return layer


def test_each_part_is_normalized_by_itself():
    z, layer = batch(12, 5), ghost(5, 4)
    y = layer.forward(z, training=True)
    for rows in (slice(0, 4), slice(4, 8), slice(8, 12)):
        wanted, _ = bn.batch_norm(z[rows], layer.params["gamma"], layer.params["beta"])
        np.testing.assert_allclose(y[rows], wanted, rtol=1e-12)


def test_one_part_is_batch_norm():
    z, layer, plain = batch(6, 3), ghost(3, 6), bn.BatchNorm(3, dtype="float64")
    plain.params |= layer.params
    dy = batch(6, 3, seed=1)
    np.testing.assert_array_equal(layer.forward(z, training=True), plain.forward(z, training=True))
    np.testing.assert_array_equal(layer.backward(dy), plain.backward(dy))
    np.testing.assert_array_equal(layer.grads["gamma"], plain.grads["gamma"])
    np.testing.assert_array_equal(layer.running_var, plain.running_var)


@pytest.mark.parametrize("size", [2, 3, 6, 12])
def test_gradients_against_finite_differences(size):
    z, layer, dy = batch(12, 4), ghost(4, size), batch(12, 4, seed=2)

    def loss():
        return float((layer.forward(z, training=True) * dy).sum())

    loss()
    dz = layer.backward(dy)
    assert relative_error(dz, numerical_gradient(loss, z)) < 1e-6
    for name in ("gamma", "beta"):
        assert (
            relative_error(layer.grads[name], numerical_gradient(loss, layer.params[name])) < 1e-6
        )


def test_averages_are_those_of_the_parts():
    z, layer = batch(8, 2), ghost(2, 4)
    layer.forward(z, training=True)
    parts = [bn.moments(z[:4]), bn.moments(z[4:])]
    np.testing.assert_allclose(layer.running_mean, np.mean([p[0] for p in parts], axis=0))
    np.testing.assert_allclose(layer.running_var, np.mean([p[1] for p in parts], axis=0))


def test_inference_uses_the_averages():
    z, layer = batch(8, 2), ghost(2, 4)
    layer.forward(z, training=True)
    wanted = bn.batch_norm_inference(
        z[:3], layer.running_mean, layer.running_var, layer.params["gamma"], layer.params["beta"]
    )
    np.testing.assert_allclose(layer.forward(z[:3]), wanted)


def test_a_batch_that_cannot_be_cut():
    with pytest.raises(ValueError, match="batch of 10 cannot be cut into parts of 4"):
        ghost(2, 4).forward(batch(10, 2), training=True)
    with pytest.raises(ValueError, match="size"):
        bn.GhostBatchNorm(3, 0)


def test_in_a_network():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(64, 6))
    y = x[:, :3].argmax(axis=1)
    network = bn.Network(
        [bn.Linear(6, 8, bias=False), bn.GhostBatchNorm(8, 4), bn.ReLU(), bn.Linear(8, 3)]
    )
    losses = [s.loss for s in bn.train(network, (x, y), bn.SGD(0.5), steps=100, batch_size=16)]
    assert np.mean(losses[-10:]) < 0.8 * np.mean(losses[:10])
    assert "GhostBatchNorm(8, size=4" in repr(network)
