import copy

import numpy as np
import pytest
from numerics import batch, reference
from test_network import like_torch, torch_params

import bnlib as bn

MAKE = {
    "SGD": bn.SGD,
    "Momentum": bn.Momentum,
    "Nesterov": bn.Nesterov,
    "Adam": bn.Adam,
}


@pytest.mark.parametrize("name", MAKE)
def test_every_step_is_that_of_pytorch(name):
    given, made = reference("torch", "optimizer")[name]
    net = like_torch("tanh", "z", given["params"])
    optimizer = MAKE[name](given["lr"])
    for step, (loss, params) in enumerate(zip(made["losses"], made["path"], strict=True)):
        optimizer.lr = given["lr"] if step < given["halved_after"] else given["lr"] / 2
        ours, dlogits = bn.softmax_cross_entropy(net.forward(given["x"], training=True), given["y"])
        net.backward(dlogits)
        optimizer.step(net)
        assert ours == pytest.approx(loss, rel=1e-9)
        for their_name, (layer, key) in torch_params(net).items():
            np.testing.assert_allclose(
                layer.params[key].T, params[their_name], rtol=1e-8, atol=1e-10, err_msg=their_name
            )


def trained(optimizer, steps=5):
    net = bn.mlp([4, 6, 3], "tanh", batch_norm=True, dtype="float64")
    data = batch(12, 4), np.arange(12) % 3
    list(bn.train(net, data, optimizer, steps=steps, batch_size=12))
    return net.flat_params


def test_momentum_of_the_course_is_the_same_path_with_lr_over_1_minus_beta():
    net = bn.mlp([4, 6, 3], "tanh", batch_norm=True, dtype="float64")
    x, y = batch(12, 4), np.arange(12) % 3
    velocity, lr, beta = np.zeros_like(net.flat_params), 1.0, 0.9
    for _ in range(5):
        net.backward(bn.softmax_cross_entropy(net.forward(x, training=True), y)[1])
        velocity = beta * velocity + (1 - beta) * net.flat_grads
        net.flat_params[...] -= lr * velocity
    np.testing.assert_allclose(trained(bn.Momentum(lr * (1 - beta))), net.flat_params, rtol=1e-9)


def test_momentum_with_beta_0_is_sgd():
    np.testing.assert_allclose(trained(bn.Momentum(0.1, beta=0)), trained(bn.SGD(0.1)), rtol=1e-12)
    np.testing.assert_allclose(trained(bn.Nesterov(0.1, beta=0)), trained(bn.SGD(0.1)), rtol=1e-12)


@pytest.mark.parametrize("name", MAKE)
def test_gamma_and_beta_are_trained_as_W_is(name):
    net = bn.mlp([4, 6, 3], "tanh", batch_norm=True)
    list(bn.train(net, (batch(12, 4), np.arange(12) % 3), MAKE[name](0.1), steps=3, batch_size=12))
    assert (net.layers[1].params["gamma"] != 1).all()
    assert (net.layers[1].params["beta"] != 0).all()


@pytest.mark.parametrize("name", MAKE)
def test_lr_0_moves_nothing(name):
    before = bn.mlp([4, 6, 3], "tanh", batch_norm=True, dtype="float64").flat_params
    np.testing.assert_array_equal(trained(MAKE[name](0.0)), before)


def test_the_state_belongs_to_one_network():
    one, two = bn.mlp([4, 3]), bn.mlp([4, 3])
    plain = bn.SGD(0.1)
    plain.step(one)
    plain.step(two)
    for name in ("Momentum", "Nesterov", "Adam"):
        optimizer = MAKE[name](0.1)
        optimizer.step(one)
        with pytest.raises(ValueError, match=f"this {name} has the state of another network"):
            optimizer.step(two)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: bn.SGD(-1), ValueError, r"lr must be .*\[0, inf\], got -1"),
        (lambda: bn.SGD("0.1"), TypeError, "lr must be a number, got str"),
        (lambda: setattr(bn.SGD(1), "lr", np.nan), ValueError, "lr must be a finite number"),
        (lambda: bn.Momentum(0.1, beta=1), ValueError, r"beta must be .*\[0, 1\), got 1"),
        (lambda: bn.Adam(0.1, beta2=-1), ValueError, "beta2"),
        (lambda: bn.Adam(0.1, eps=-1), ValueError, "eps"),
    ],
)
def test_what_is_wrong_is_said(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_the_state_starts_anew_when_the_layers_change():
    x, y = batch(12, 4), np.arange(12) % 3
    for make in MAKE.values():
        net, optimizer = bn.mlp([4, 3], dtype="float64"), make(0.1)
        list(bn.train(net, (x, y), optimizer, steps=2, batch_size=12))
        net.layers.append(bn.Linear(3, 3, dtype="float64"))
        fresh = copy.deepcopy(net)
        list(bn.train(net, (x, y), optimizer, steps=2, batch_size=12))
        list(bn.train(fresh, (x, y), make(0.1), steps=2, batch_size=12))
        np.testing.assert_allclose(net.flat_params, fresh.flat_params, rtol=1e-12)


def test_repr():
    assert [repr(make(0.1)) for make in MAKE.values()] == [f"{name}(lr=0.1)" for name in MAKE]
