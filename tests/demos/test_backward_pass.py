"""The numbers of notebook 06's demos against formulas that share no code with them."""

import numpy as np
import pytest

import bnlib as bn
from bnlib.demos.backward_pass.gradient_laws import FUNCTIONS, expected, growth, of_batches
from bnlib.demos.backward_pass.gradient_through_the_depth import (
    KINDS,
    forth_and_back,
    look_at_seeds,
    network_of,
    per_layer,
)
from bnlib.demos.backward_pass.leave_out_a_path import FOLLOWS, lengths, train_four
from bnlib.demos.backward_pass.leave_out_a_path import network_of as network_without
from bnlib.demos.backward_pass.paths import WithoutAPath, by_differences, by_path
from bnlib.demos.backward_pass.pull_one_gradient import pull, stacked


def unit(m, seed):
    rng = np.random.default_rng(seed)
    return rng.normal(0.3, 1, m), rng.normal(2, 1.5, m)


# -- the three paths -----------------------------------------------------------------------


@pytest.mark.parametrize("m", [1, 2, 3, 16])
@pytest.mark.parametrize("eps", [1e-8, 1e-5, 0.5])
@pytest.mark.parametrize("gamma", [1.0, -0.7])
def test_the_paths_add_up_to_the_backward_pass(m, eps, gamma):
    dy, z = unit(m, m)
    _, cache = bn.batch_norm(z[:, None], np.array([gamma]), np.zeros(1), eps)
    dz, _, _ = bn.batch_norm_backward(dy[:, None], cache)
    np.testing.assert_allclose(sum(by_path(dy, z, gamma, eps).values()), dz[:, 0], atol=1e-9)
    if m > 1:
        np.testing.assert_allclose(by_differences(dy, z, gamma, eps), dz[:, 0], atol=1e-6)


def test_each_path_is_what_moving_z_on_it_alone_does():
    dy, z = unit(7, 0)
    gamma, eps, h, parts = 1.3, 0.2, 1e-6, by_path(*unit(7, 0), 1.3, 0.2)
    mean, var = z.mean(), z.var()

    def loss(z, mean, var):
        return dy @ (gamma * (z - mean) / np.sqrt(var + eps))

    for i in range(7):
        nudge = h * np.eye(7)[i]
        up, down = z + nudge, z - nudge
        along = {
            "directly": loss(up, mean, var) - loss(down, mean, var),
            "through μ": loss(z, up.mean(), var) - loss(z, down.mean(), var),
            "through σ²": loss(z, mean, up.var()) - loss(z, mean, down.var()),
        }
        for path, change in along.items():
            assert parts[path][i] == pytest.approx(change / (2 * h), abs=1e-7)


@pytest.mark.parametrize("m", [2, 3, 9, 60])
@pytest.mark.parametrize("eps", [1e-5, 0.5])
def test_what_the_sums_over_the_batch_are(m, eps):
    """Σ dz = 0 and Σ z_norm dz = γ/s · dγ · ε/(σ² + ε), and what is left for two."""
    dy, z = unit(m, m)
    gamma = 1.7
    _, cache = bn.batch_norm(z[:, None], np.array([gamma]), np.zeros(1), eps)
    dz, dgamma, _ = bn.batch_norm_backward(dy[:, None], cache)
    std = np.sqrt(z.var() + eps)
    assert dz.sum() == pytest.approx(0, abs=1e-12)
    wanted = gamma / std * dgamma[0] * eps / std**2
    assert cache.z_norm[:, 0] @ dz[:, 0] == pytest.approx(wanted, abs=1e-12)
    assert z @ dz[:, 0] == pytest.approx(gamma * dgamma[0] * eps / std**2, abs=1e-11)
    if m == 2:
        left = gamma * (dy[0] - dy[1]) / 2 * eps / std**3
        np.testing.assert_allclose(dz[:, 0], [left, -left], atol=1e-12)


DEFAULT = {"pulled": 2.0, "m": 8, "example": 6, "value": 1.0, "others": "0", "eps": 1e-5}


@pytest.mark.parametrize("change", [{}, {"m": 2}, {"m": 16, "others": "random"}, {"value": 6.0}])
def test_what_is_pulled(change):
    result = pull(**DEFAULT | change)
    np.testing.assert_allclose(result["dz"], result["differences"], atol=1e-6)
    z_norm = (result["z"] - result["z"].mean()) / result["std"]
    basis = np.stack([np.ones_like(z_norm), z_norm])
    left = result["dy"] - np.linalg.lstsq(basis.T, result["dy"], rcond=None)[0] @ basis
    np.testing.assert_allclose(result["dz"] * result["std"], left, atol=1e-4)
    size = result["dy"] @ result["dy"]
    assert result["shares"].sum() + left @ left / size == pytest.approx(1, abs=1e-4)


def test_the_same_for_all_gives_nothing():
    result = pull(**DEFAULT | {"others": "1", "pulled": 1.0})
    np.testing.assert_allclose(result["dz"], 0, atol=1e-12)


def test_bars_stand_upon_one_another_and_end_apart_by_their_length():
    parts = [np.array([2.0, -1.0]), np.array([1.0, 3.0]), np.array([-0.5, -0.5])]
    for part, corners in zip(parts, bars := stacked(parts, [0.3] * 3), strict=True):
        heights = corners[..., 1]
        np.testing.assert_allclose(heights[:, 2] - heights[:, 0], part)
    assert bars[1][0, 0, 1] == 2.0  # on the first
    assert bars[2][1, 0, 1] == -1.0  # below the first


# -- the laws ------------------------------------------------------------------------------


def test_growth_is_that_of_numerical_integrals():
    assert growth("relu") == pytest.approx(np.pi / (np.pi - 1), rel=1e-4)
    assert growth("relu", 7.0) == pytest.approx(np.pi / (np.pi - 1), rel=1e-4)
    assert growth("none", 0.3) == pytest.approx(1)
    u, weights = np.polynomial.hermite_e.hermegauss(120)
    weights = weights / weights.sum()
    for kind in ("tanh", "sigmoid"):
        for gamma in (0.2, 1.0, 1.5):
            g = FUNCTIONS[kind].g
            slope = (g(gamma * u + 1e-5) - g(gamma * u - 1e-5)) / 2e-5
            a = g(gamma * u)
            wanted = gamma**2 * weights @ slope**2 / (weights @ a**2 - (weights @ a) ** 2)
            assert growth(kind, gamma) == pytest.approx(wanted, rel=1e-6)


@pytest.mark.parametrize("kind", FUNCTIONS)
def test_the_gradient_never_shrinks(kind):
    """Var(g) ≤ E[g′²] (Gaussian Poincaré)."""
    assert all(growth(kind, gamma) >= 1 - 1e-9 for gamma in np.logspace(-2, 1, 13))


@pytest.mark.parametrize("m", [6, 10, 60])
def test_batches_of_m_straight_lines(m):
    z, dy = np.random.default_rng(m).normal(size=(2, m, 40_000))
    _, cache = bn.batch_norm(z, np.ones(40_000), np.zeros(40_000), 0)
    dz, _, _ = bn.batch_norm_backward(dy, cache)
    assert of_batches(m) == (m - 2) / (m - 3)
    assert np.mean(dz**2) / np.mean(dy**2) == pytest.approx(of_batches(m), rel=0.02)
    assert of_batches(3) == np.inf


@pytest.mark.parametrize("normalized", KINDS)
@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid"])
@pytest.mark.parametrize(("scale", "gamma"), [(1.0, 1.0), (2.0, 0.5)])
def test_what_is_expected_comes_out_of_wide_networks(normalized, activation, scale, gamma):
    """Four layers of 600, against networks that are built and differentiated."""
    depth, n, m = 4, 600, 120
    found = []
    for seed in range(2):
        rng, layers = np.random.default_rng(seed), []
        for n_in in (64, n, n, n):
            norm = bn.BatchNorm(n, dtype="float64")
            norm.params["gamma"][:] = gamma
            g = FUNCTIONS[activation]()
            after = {"nothing": [g], "z": [norm, g], "a": [g, norm]}[normalized]
            layers += [bn.Linear(n_in, n, False, scale, "float64", rng), *after]
        network = bn.Network([*layers, bn.Linear(n, 10, False, 1.0, "float64", rng)])
        x, y = rng.normal(size=(m, 64)), rng.integers(10, size=m)
        passed, gradient = forth_and_back(network, x, y)
        found.append((passed, gradient / gradient[-1]))
    got = np.sqrt(np.mean(np.square(found), axis=0))
    # Inputs are centred over all examples, and their mean over the batch is what is left of that.
    theory = expected(normalized, activation, scale, gamma, depth, m, 1 / m, 1 - 1 / m)
    np.testing.assert_allclose(got, theory, rtol=0.12)


def test_the_networks_of_the_demo_give_what_is_on_show():
    *_, last = look_at_seeds("tanh", 1.0, 1.0, 12, 60)
    result = last()
    assert result["seeds"] == 5
    assert not result["diverged"]
    for kind in KINDS:
        theory = per_layer(result["theory"][kind][1])
        assert per_layer(np.median(result["gradient"][kind], axis=0)) == pytest.approx(theory, 0.1)
        assert result["passed"][kind].shape == result["gradient"][kind].shape == (5, 12)
    given = {"depth": 3, "activation": "relu", "weight_scale": 1.0, "gamma": 1.0}
    first, second = (network_of(kind, 4, **given).layers[0].params["W"] for kind in ("a", "z"))
    np.testing.assert_array_equal(first, second)


# -- a path left out -----------------------------------------------------------------------


def one_layer(mean, var, seed=0):
    rng = np.random.default_rng(seed)
    layer = WithoutAPath(5, mean, var, dtype="float64")
    layer.params["gamma"][:] = rng.normal(1, 0.3, 5)
    z, dy = rng.normal(1.5, 2, (9, 5)), rng.normal(0.4, 1, (9, 5))
    layer.forward(z, training=True)
    return layer, z, dy, layer.backward(dy)


def test_with_both_paths_it_is_batch_norm():
    layer, z, dy, dz = one_layer(True, True)
    _, cache = bn.batch_norm(z, layer.params["gamma"], layer.params["beta"])
    wanted = bn.batch_norm_backward(dy, cache)
    np.testing.assert_allclose(dz, wanted[0], atol=1e-12)
    np.testing.assert_allclose(layer.grads["gamma"], wanted[1])
    np.testing.assert_allclose(layer.grads["beta"], wanted[2])


def test_what_drifts_without_a_path():
    """Σ dz = γ/s dβ without μ's, and Σ z dz = γ dγ without σ²'s."""
    layer, z, dy, dz = one_layer(False, True)
    scale = layer.params["gamma"] / np.sqrt(z.var(axis=0) + layer.eps)
    np.testing.assert_allclose(dz.sum(axis=0), scale * dy.sum(axis=0))
    layer, z, dy, dz = one_layer(True, False)
    np.testing.assert_allclose(dz.sum(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose((z * dz).sum(axis=0), layer.params["gamma"] * layer.grads["gamma"])
    parts = [by_path(dy[:, k], z[:, k], layer.params["gamma"][k], layer.eps) for k in range(5)]
    wanted = [part["directly"] + part["through μ"] for part in parts]
    np.testing.assert_allclose(dz.T, wanted, atol=1e-12)


def test_forward_all_four_are_alike_and_only_b_and_W_tell_them_apart():
    x = bn.datasets.standardized_digits().x_train[:50]
    nets = [network_without(kind, 3, depth=2, activation="tanh") for kind in FOLLOWS]
    first, *others = (network.forward(x, training=True) for network in nets)
    assert all(np.array_equal(first, other) for other in others)
    b, W = lengths(nets[0])
    assert b == 0
    assert W > 0
    held = network_without("all paths", 3, depth=2, activation="tanh", train_beta=False)
    held.forward(x, training=True)
    held.backward(np.ones((50, 10), np.float32))
    assert not held.layers[1].grads["beta"].any()
    assert held.layers[1].grads["gamma"].any()


def test_the_race_tells_what_it_measured():
    *_, last = train_four("sigmoid", 1, 0.3, "trained", "recomputed", 60, 40)
    result = last()
    assert result["looks"] == [0, 20, 40]
    for kind in FOLLOWS:
        assert result["b"][kind].shape == result["W"][kind].shape == (3, 3)
        assert result["right"][kind].shape == (5,)
        assert result["W"][kind][0][0] == 1
    assert result["b"]["all paths"][0][-1] < 1e-6 < result["b"]["without μ's"][0][-1]
