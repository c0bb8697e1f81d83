"""Batch renormalization: against its formula, and its gradients with r and d held fixed."""

import copy

import numpy as np
import pytest
from numerics import batch, numerical_gradient, relative_error

import bnlib as bn


def renorm(n, r_max=3.0, d_max=5.0, seed=0, **options):
    """A float64 layer whose γ, β and running averages are not at their start."""
    rng = np.random.default_rng(seed)
    layer = bn.BatchRenorm(n, r_max, d_max, dtype="float64", **options)
    layer.params["gamma"][...] = rng.uniform(0.5, 2, n)
    layer.params["beta"][...] = rng.normal(size=n)
    layer.set_statistics(rng.normal(size=n), rng.uniform(0.5, 3, n))
    return layer


def r_and_d(layer, z):
    std = np.sqrt(layer.running_var + layer.eps)
    r = np.sqrt(z.var(axis=0) + layer.eps) / std
    d = (z.mean(axis=0) - layer.running_mean) / std
    return r.clip(1 / layer.r_max, layer.r_max), d.clip(-layer.d_max, layer.d_max)


@pytest.mark.parametrize("bounds", [(3.0, 5.0), (1.2, 0.4), (1e6, 1e6), (1.0, 0.0)])
def test_forward_is_the_formula(bounds):
    z, layer = batch(7, 5), renorm(5, *bounds)
    r, d = r_and_d(layer, z)
    z_norm = (z - z.mean(axis=0)) / np.sqrt(z.var(axis=0) + layer.eps)
    wanted = layer.params["gamma"] * (z_norm * r + d) + layer.params["beta"]
    np.testing.assert_allclose(layer.batch_forward(z), wanted, rtol=1e-10)
    np.testing.assert_allclose(layer.forward(z, training=True), wanted, rtol=1e-10)


def test_without_bounds_training_computes_what_inference_does():
    z, layer = batch(6, 4), renorm(4, 1e9, 1e9)
    wanted = layer.forward(z)
    np.testing.assert_allclose(layer.forward(z, training=True), wanted, rtol=1e-10)


def test_with_bounds_1_and_0_it_is_batch_norm():
    z, dy, layer = batch(6, 3), batch(6, 3, seed=1), renorm(3, 1, 0)
    plain = bn.BatchNorm(3, dtype="float64")
    plain.params |= {name: value.copy() for name, value in layer.params.items()}
    y = plain.forward(z, training=True)
    np.testing.assert_allclose(layer.forward(z, training=True), y, rtol=1e-12)
    np.testing.assert_allclose(layer.backward(dy), plain.backward(dy), rtol=1e-12)
    np.testing.assert_allclose(layer.grads["gamma"], plain.grads["gamma"], rtol=1e-12)
    np.testing.assert_array_equal(layer.running_var, plain.running_var)


@pytest.mark.parametrize("m", [2, 7])
@pytest.mark.parametrize("bounds", [(3.0, 5.0), (1.2, 0.4)])
def test_gradients_against_finite_differences_with_r_and_d_held_fixed(m, bounds):
    z, dy, layer = batch(m, 4), batch(m, 4, seed=2), renorm(4, *bounds)
    r, d = r_and_d(layer, z)

    def loss():
        z_norm = (z - z.mean(axis=0)) / np.sqrt(z.var(axis=0) + layer.eps)
        y = layer.params["gamma"] * (z_norm * r + d) + layer.params["beta"]
        return float((y * dy).sum())

    layer.forward(z, training=True)
    dz = layer.backward(dy)
    assert relative_error(dz, numerical_gradient(loss, z, h=1e-4)) < 1e-6
    for name in ("gamma", "beta"):
        wanted = numerical_gradient(loss, layer.params[name])
        assert relative_error(layer.grads[name], wanted) < 1e-6


def test_the_first_batch_is_normalized_by_itself():
    z = batch(8, 3)
    layer, plain = bn.BatchRenorm(3, dtype="float64"), bn.BatchNorm(3, dtype="float64")
    np.testing.assert_array_equal(layer.batch_forward(z), plain.batch_forward(z))
    y = layer.forward(z, training=True)
    np.testing.assert_array_equal(y, plain.forward(z, training=True))
    np.testing.assert_array_equal(layer.running_mean, plain.running_mean)
    other = batch(8, 3, seed=5)
    assert not np.allclose(layer.forward(other, training=True), plain.forward(other, training=True))


def test_parts_are_renormalized_by_themselves_and_nothing_changes():
    z, layer = batch(7, 2), renorm(2)
    before = copy.deepcopy(layer)
    y = layer.batch_forward(z, parts_of=3)
    for rows in (slice(0, 3), slice(3, 6), slice(6, 7)):
        np.testing.assert_allclose(y[rows], before.batch_forward(z[rows]))
    np.testing.assert_array_equal(layer.running_var, before.running_var)


def test_frozen_and_bounds_that_change():
    z, layer = batch(5, 2), renorm(2)
    layer.r_max, layer.d_max, layer.frozen = 1, 0, True
    layer.forward(z, training=True)
    layer.backward(batch(5, 2, seed=3))
    assert not layer.grads["gamma"].any()
    assert "BatchRenorm(2, r_max=1, d_max=0, eps=1e-05" in repr(layer)


@pytest.mark.parametrize(("name", "value"), [("r_max", 0.5), ("d_max", -1.0), ("r_max", np.nan)])
def test_bounds_that_make_no_sense(name, value):
    with pytest.raises(ValueError, match=name):
        bn.BatchRenorm(3, **{name: value})
    with pytest.raises(TypeError, match=name):
        bn.BatchRenorm(3, **{name: "3"})


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_in_a_network(dtype):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(64, 6))
    y = x[:, :3].argmax(axis=1)
    network = bn.Network([
        bn.Linear(6, 8, bias=False, dtype=dtype), bn.BatchRenorm(8, dtype=dtype), bn.ReLU(),
        bn.Linear(8, 3, dtype=dtype),
    ])  # fmt: skip
    losses = [s.loss for s in bn.train(network, (x, y), bn.SGD(0.3), steps=100, batch_size=8)]
    assert np.mean(losses[-10:]) < 0.8 * np.mean(losses[:10])
    assert network.forward(x).dtype == dtype
    bn.recompute_statistics(network, x)
    np.testing.assert_allclose(
        bn.fold_batch_norm(network).forward(x), network.forward(x), atol=1e-4
    )
