"""The numbers of notebook 03's demos, against formulas written anew here."""

import numpy as np
import pytest

import bnlib as bn
from bnlib.demos.gamma_beta import gamma_beta_nonlinearity as gamma_beta
from bnlib.demos.gamma_beta import unit_descent, unit_surface
from bnlib.demos.gamma_beta.gamma_beta_training import (
    KINDS,
    network_of,
    train_three,
    trained_numbers,
)
from bnlib.demos.gamma_beta.unit_descent import (
    OPTIMIZERS,
    VELOCITIES,
    bounds,
    descend,
    measured_bounds,
)
from bnlib.demos.gamma_beta.unit_surface import UNITS, dead_corner, surface, unit

# -- γ, β and the nonlinearity ---------------------------------------------------------------

G = {
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "tanh": np.tanh,
    "relu": lambda z: np.where(z > 0, z, 0.0),
}


def shown(**values):
    setting = {
        "activation": "sigmoid", "source": "the sliders", "unit": 14, "batch": 1,
        "gamma": 1.0, "beta": 0.0,
    }  # fmt: skip
    return gamma_beta.transform(**(setting | values))


@pytest.mark.parametrize("activation", G)
@pytest.mark.parametrize(("gamma", "beta"), [(1.0, 0.0), (-2.5, 1.0), (4.0, -3.0)])
def test_a_batch_goes_through_bn_and_g(activation, gamma, beta):
    got = shown(activation=activation, gamma=gamma, beta=beta, unit=3, batch=4)
    z = gamma_beta.batches()[3][:, 2]
    assert got["used"] == (gamma, beta)
    z_tilde = gamma * (z - np.mean(z)) / np.sqrt(np.var(z) + 1e-5) + beta
    np.testing.assert_allclose(got["shifted"], z_tilde, atol=1e-12)
    np.testing.assert_allclose(got["a"], G[activation](z_tilde), atol=1e-12)
    h = 1e-6
    slope = (G[activation](z_tilde + h) - G[activation](z_tilde - h)) / (2 * h)
    steepest = {"sigmoid": 0.25, "tanh": 1.0, "relu": 1.0}[activation]
    assert got["slope"] == pytest.approx(slope.mean(), rel=1e-6)
    assert got["flat"] == np.mean(slope < 0.1 * steepest)
    line = np.polynomial.Polynomial.fit(z_tilde, G[activation](z_tilde), 1)
    left = np.var(G[activation](z_tilde) - line(z_tilde)) / np.var(G[activation](z_tilde))
    assert got["straight"] == pytest.approx(1 - left, abs=1e-9)


def test_the_normalization_is_undone_for_batch_1_alone():
    undo = {"source": "undo for batch 1"}
    assert shown(**undo)["distance"] < 1e-12
    z = gamma_beta.batches()[0][:, 13]
    assert shown(**undo)["used"] == pytest.approx((np.sqrt(np.var(z) + 1e-5), np.mean(z)))
    for batch in range(2, 11):
        assert shown(**undo, batch=batch)["distance"] > 0.01


def test_the_share_of_a_normal_distribution():
    z = np.linspace(-30, 30, 600_001)
    for mean, std, (low, high) in [(0.0, 1.0, (-1.0, 2.0)), (-2.0, 3.0, (-3.6, 3.6))]:
        density = np.exp(-0.5 * ((z - mean) / std) ** 2) / (std * np.sqrt(2 * np.pi))
        outside = density[(z < low) | (z > high)].sum() * (z[1] - z[0])
        assert gamma_beta.normal_share(low, high, mean, std) == pytest.approx(outside, abs=1e-4)
    assert gamma_beta.normal_share(0.0, np.inf, 0.0, 1.0) == pytest.approx(0.5)
    assert gamma_beta.normal_share(-1.0, 1.0, 2.0, 0.0) == 1
    assert gamma_beta.normal_share(-1.0, 1.0, 0.5, 0.0) == 0


def test_a_dead_relu_and_a_linear_one():
    dead = shown(activation="relu", beta=-6.0)
    assert (dead["flat"], dead["slope"], dead["dead_units"]) == (1, 0, 30)
    assert dead["straight"] is None
    linear = shown(activation="relu", beta=6.0)
    assert (linear["flat"], linear["slope"], linear["dead_units"]) == (0, 1, 0)
    assert linear["straight"] == pytest.approx(1)


def test_gamma_0_makes_a_constant_and_raises_nothing():
    explorer = bn.demos.gamma_beta_nonlinearity()
    for activation in G:
        explorer.set(activation=activation, gamma=0.0, beta=0.0)
        assert np.ptp(explorer.result["shifted"]) == 0
        assert "nothing to explain" in explorer.alternative_text


# -- the loss surface of one unit ------------------------------------------------------------


@pytest.mark.parametrize("name", UNITS)
def test_the_slopes_are_those_of_the_loss(name):
    here, h = unit(name), 1e-6
    gamma, beta = np.array([1.0, -2.03, 3.01]), np.array([0.0, -1.02, 2.04])
    by_gamma, by_beta = here.slopes(gamma, beta)
    difference = (here.loss(gamma + h, beta) - here.loss(gamma - h, beta)) / (2 * h)
    np.testing.assert_allclose(by_gamma, difference, atol=1e-8)
    difference = (here.loss(gamma, beta + h) - here.loss(gamma, beta - h)) / (2 * h)
    np.testing.assert_allclose(by_beta, difference, atol=1e-8)


@pytest.mark.parametrize("name", UNITS)
def test_the_loss_is_the_mean_cross_entropy(name):
    here = unit(name)
    z_norm = (here.z - here.z.mean()) / np.sqrt(here.z.var() + 1e-5)
    g = dict(zip(UNITS, (lambda z: z, np.tanh, G["relu"]), strict=True))[name]
    logit = here.rest + here.weight * g(1.5 * z_norm - 0.5)
    p = 1 / (1 + np.exp(-logit))
    wanted = -np.mean(np.where(here.y == 1, np.log(p), np.log(1 - p)))
    assert here.loss(np.array([1.5]), np.array([-0.5]))[0] == pytest.approx(wanted, rel=1e-12)


def test_a_hidden_unit_is_one_of_a_real_network():
    x, y = bn.datasets.breast_cancer().x_train, bn.datasets.breast_cancer().y_train
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    network = bn.mlp([30, 2, 2], "tanh", batch_norm=True, dtype="float64", seed=1)
    list(bn.train(network, (x, y), bn.SGD(0.3), steps=100, batch_size=60))
    gamma, beta = (network.layers[1].params[name][:1] for name in ("gamma", "beta"))
    here = unit("hidden, tanh")
    loss = bn.softmax_cross_entropy(network.forward(x[:300], training=True), y[:300])[0]
    assert here.loss(gamma, beta)[0] == pytest.approx(loss, rel=1e-9)


def test_the_curvatures_are_those_of_logistic_regression():
    here, land = unit(UNITS[0]), surface(UNITS[0])
    z_norm = here.z_norm[:, None]
    optimum = bn.logistic_optimum(z_norm, here.y)
    np.testing.assert_allclose(land.optimum, optimum, atol=1e-4)
    hessian = bn.logistic_hessian(optimum, z_norm, here.y)
    np.testing.assert_allclose(land.curvatures, np.linalg.eigvalsh(hessian), rtol=1e-3)


@pytest.mark.parametrize("name", UNITS)
def test_nothing_on_the_surface_is_below_the_optimum(name):
    land = surface(name)
    assert land.excess.min() >= 0
    assert np.abs(unit(name).slopes(*land.optimum[:, None])).max() < 1e-5
    assert (land.curvatures > 0).all()


def test_in_the_dead_corner_every_slope_is_0():
    here = unit(UNITS[2])
    apex, left, right = dead_corner(UNITS[2])
    inside = np.array([apex + s * (left - apex) + t * (right - apex)
                       for s in (0.1, 0.4) for t in (0.1, 0.4)])  # fmt: skip
    assert (here.slopes(*inside.T) == 0).all()
    beside = np.array([[-0.1, 0.0], [0.1, 0.0]])
    outside = np.array([left, right]) + beside
    assert (here.slopes(*outside.T)[0] != 0).all()
    assert dead_corner(UNITS[0]) is None
    assert dead_corner(UNITS[1]) is None


# -- four optimizers on it -------------------------------------------------------------------


def paths(here, start, lr, beta, steps, share=1.0):
    """The four paths, from their definitions; ``share`` is what dW is multiplied by in v."""

    def slope(w):
        return here.slopes(w[:1], w[1:])[:, 0]

    def first_order(step):
        w, memory, path = np.array(start), {}, []
        for t in range(steps + 1):
            path.append(w)
            w = w - step(slope(w), memory, t + 1)
        return np.array(path)

    def momentum(g, memory, t):
        memory["v"] = beta * memory.get("v", 0) + share * g
        return lr * memory["v"]

    def nesterov(g, memory, t):
        memory["v"] = beta * memory.get("v", 0) + share * g
        return lr * (share * g + beta * memory["v"])

    def adam(g, memory, t):
        memory["m"] = beta * memory.get("m", 0) + (1 - beta) * g
        memory["s"] = 0.999 * memory.get("s", 0) + 0.001 * g**2
        return lr * (memory["m"] / (1 - beta**t)) / (
            np.sqrt(memory["s"] / (1 - 0.999**t)) + 1e-8
        )  # fmt: skip

    made = (lambda g, memory, t: lr * g, momentum, nesterov, adam)
    return {name: first_order(step) for name, step in zip(OPTIMIZERS, made, strict=True)}


@pytest.mark.parametrize("name", UNITS)
@pytest.mark.parametrize("velocity", VELOCITIES)
def test_the_paths_are_those_of_the_definitions(name, velocity):
    run = descend(name, 1.5, -0.25, 0.3, 0.8, velocity, "all examples")
    share = 1.0 if velocity == VELOCITIES[0] else 1 - 0.8
    for optimizer, path in paths(unit(name), [1.5, -0.25], 0.3, 0.8, 60, share).items():
        np.testing.assert_allclose(run["path"][optimizer], path, atol=1e-9, err_msg=optimizer)
        loss = unit(name).loss(*path.T)
        excess = (loss - surface(name).least) / surface(name).scale
        np.testing.assert_allclose(run["excess"][optimizer], np.maximum(excess, 0), atol=1e-9)


def test_steps_count_until_it_stays_within_1_percent():
    run = descend(UNITS[0], 1.0, 0.0, 1.0, 0.9, VELOCITIES[0], "all examples")
    for optimizer, needed in run["steps"].items():
        excess = run["excess"][optimizer]
        if needed is None:
            assert excess[-1] > 0.01
        else:
            assert (excess[needed:] <= 0.01).all()
            assert needed == 0 or excess[needed - 1] > 0.01


def test_without_momentum_three_paths_are_one():
    run = descend(UNITS[1], 1.0, 0.0, 3.0, 0.0, VELOCITIES[0], "all examples")["path"]
    np.testing.assert_allclose(run["Momentum"], run["gradient descent"], atol=1e-12)
    np.testing.assert_allclose(run["Nesterov"], run["gradient descent"], atol=1e-12)


def test_in_the_dead_corner_nobody_moves():
    run = descend(UNITS[2], 0.5, -4.0, 1.0, 0.9, VELOCITIES[0], "all examples")
    assert all(run["stuck"].values())
    for path in run["path"].values():
        assert (path == [0.5, -4.0]).all()


def largest_root(optimizer, rate, momentum):
    """Of the recursion on a quadratic of curvature 1."""
    q = 1 - rate
    polynomial = {
        "gradient descent": [1, -q],
        "Momentum": [1, -(momentum + q), momentum],
        "Nesterov": [1, -(1 + momentum) * q, momentum * q],
    }[optimizer]
    return np.abs(np.roots(polynomial)).max()


@pytest.mark.parametrize("momentum", unit_descent.MOMENTA)
def test_the_bounds_are_where_a_root_leaves_the_unit_circle(momentum):
    for optimizer, bound in bounds(1.0, momentum).items():
        if optimizer == "Adam":
            assert bound is None
        else:
            assert largest_root(optimizer, 0.999 * bound, momentum) < 1
            assert largest_root(optimizer, 1.001 * bound, momentum) > 1


@pytest.mark.parametrize("name", UNITS)
def test_what_is_measured_is_what_the_bounds_say(name):
    for momentum, measured in measured_bounds(name).items():
        theory = bounds(surface(name).curvatures[1], momentum)
        for optimizer in OPTIMIZERS[:3]:
            assert measured[optimizer] == pytest.approx(theory[optimizer], rel=0.015)


@pytest.mark.parametrize("optimizer", OPTIMIZERS[:3])
def test_the_real_optimizers_have_the_measured_bound(optimizer):
    here, land = unit(UNITS[0]), surface(UNITS[0])
    bound = measured_bounds(UNITS[0])[0.9][optimizer]
    for factor, settles in ((0.98, True), (1.02, False)):
        made = unit_descent.optimizers(factor * bound, 0.9, VELOCITIES[0])[optimizer]
        network = bn.Network([bn.BatchNorm(1, dtype="float64")])
        network.flat_params[:] = land.optimum + 1e-4
        for _ in range(300):
            network.flat_grads[:] = here.slopes(*network.flat_params[:, None])[:, 0]
            made.step(network)
        ends = here.loss(*network.flat_params[:, None])[0] - land.least
        begins = here.loss(*(land.optimum + 1e-4)[:, None])[0] - land.least
        assert (ends < begins) == settles


# -- γ and β of a whole network --------------------------------------------------------------


def moved(kind, held=0):
    network = network_of(kind, 0, depth=2, activation="relu", dtype="float64")
    for layer in network.layers[:held]:
        layer.frozen = True
    before = [{k: v.copy() for k, v in layer.params.items()} for layer in network.layers]
    bn.fit(network, bn.datasets.standardized_digits(), bn.Adam(0.01), steps=3, batch_size=60)
    return {
        (i, name): bool((layer.params[name] != old[name]).any())
        for i, (layer, old) in enumerate(zip(network.layers, before, strict=True))
        for name in old
    }


def test_only_what_is_to_be_trained_moves():
    assert all(moved("everything").values())
    assert {key for key, here in moved("all but γ, β").items() if not here} == {
        (1, "gamma"), (1, "beta"), (4, "gamma"), (4, "beta"),
    }  # fmt: skip
    assert {key for key, here in moved("only γ, β").items() if here} == {
        (1, "gamma"), (1, "beta"), (4, "gamma"), (4, "beta"),
    }  # fmt: skip
    only_the_last_layer = moved("everything", held=6)
    assert {key for key, here in only_the_last_layer.items() if here} == {(6, "W"), (6, "b")}


def test_what_is_held_passes_gradients_on_unchanged():
    data, grads = bn.datasets.standardized_digits(), {}
    x, y = data.x_train[:60], data.y_train[:60]
    for kind in KINDS:
        network = network_of(kind, 0, depth=2, activation="tanh", dtype="float64")
        dlogits = bn.softmax_cross_entropy(network.forward(x, training=True), y)[1]
        network.backward(dlogits)
        grads[kind] = [{k: v.copy() for k, v in layer.grads.items()} for layer in network.layers]
    for i in (0, 3, 6):
        for name, value in grads["all but γ, β"][i].items():
            np.testing.assert_array_equal(value, grads["everything"][i][name])
            assert not grads["only γ, β"][i][name].any()
    for i in (1, 4):
        for name, value in grads["only γ, β"][i].items():
            np.testing.assert_array_equal(value, grads["everything"][i][name])
            assert not grads["all but γ, β"][i][name].any()


def test_the_numbers_trained_are_counted():
    counts = {
        kind: trained_numbers(network_of(kind, 0, depth=3, activation="relu")) for kind in KINDS
    }
    weights = 64 * 50 + 2 * 50 * 50 + 50 * 10 + 10
    assert counts == {
        "everything": weights + 300, "all but γ, β": weights, "only γ, β": 300,
    }  # fmt: skip


def test_the_demo_shows_what_training_alone_gives():
    setting = ("only γ, β", "Momentum", 0.1, 2, "tanh", 60, 30)
    *_, last = (numbers() for numbers in train_three(*setting))
    data = bn.datasets.standardized_digits()
    network = network_of("only γ, β", 0, depth=2, activation="tanh")
    losses = [s.loss for s in bn.train(network, data, bn.Momentum(0.1), steps=30, batch_size=60)]
    np.testing.assert_array_equal(last["gamma"][1], network.layers[4].params["gamma"])
    np.testing.assert_array_equal(last["beta"][0], network.layers[1].params["beta"])
    right = bn.evaluate(network, data.x_test, data.y_test).accuracy
    assert last["accuracy_steps"] == [0, 25, 30]
    assert last["accuracy"]["only γ, β"][-1, 0] == right
    _, low, high = last["loss"]["only γ, β"]
    assert last["loss_steps"] == [5, 10, 15, 20, 25, 30]
    assert (low <= np.array(losses)[4::5]).all()
    assert (np.array(losses)[4::5] <= high).all()


def test_a_run_that_diverges_is_told():
    explorer = bn.demos.gamma_beta_training()
    explorer.set(learning_rate=100.0, steps=50)
    assert explorer.result["diverged"]
    assert "diverged" in explorer.alternative_text


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["gamma_beta_nonlinearity", "four_optimizers", "gamma_beta_training"]
)
def test_the_words_have_four_lines_and_the_presets_differ(name):
    explorer = bn.demos.REGISTRY[name]()
    pictures = {explorer.png()}
    for preset in explorer.presets:
        explorer.preset(preset)
        assert explorer._words.value.count("<br>") == 3
        pictures.add(explorer.png())
    assert 3 <= len(explorer.presets) <= 5
    assert len(pictures) == 1 + len(explorer.presets)


def test_every_optimum_is_in_the_picture():
    for name in UNITS:
        gamma, beta = surface(name).optimum
        assert unit_surface.GAMMAS[0] < gamma < unit_surface.GAMMAS[1]
        assert unit_surface.BETAS[0] < beta < unit_surface.BETAS[1]
