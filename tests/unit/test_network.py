import copy
import pickle
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numerics import batch, numerical_gradient, reference, relative_error

import bnlib as bn

NAMES = {"W": "weight", "b": "bias", "gamma": "weight", "beta": "bias"}  # PyTorch's


def like_torch(activation, place, params):
    """A 4-5-3 network with the parameters of a torch.nn.Sequential of the same layers."""
    place = False if place == "none" else place
    net = bn.mlp([4, 5, 3], activation, batch_norm=place, dtype="float64")
    for name, theirs in torch_params(net).items():
        layer, key = theirs
        layer.params[key][...] = np.array(params[name]).T
    return net


def torch_params(net):
    """PyTorch's name -> (our layer, our name)."""
    return {
        f"{i}.{NAMES[key]}": (layer, key)
        for i, layer in enumerate(net.layers)
        for key in layer.params
    }


@pytest.mark.parametrize("name", reference("torch", "network"))
def test_loss_and_gradients_are_those_of_pytorch(name):
    given, made = reference("torch", "network")[name]
    net = like_torch(given["activation"], given["batch_norm"], given["params"])
    logits = net.forward(given["x"], training=True)
    loss, dlogits = bn.softmax_cross_entropy(logits, given["y"])
    net.backward(dlogits)
    assert loss == pytest.approx(made["loss"], rel=1e-12)
    ours = torch_params(net)
    assert ours.keys() == made["grads"].keys()
    for their_name, (layer, key) in ours.items():
        np.testing.assert_allclose(
            layer.grads[key].T, made["grads"][their_name], rtol=1e-9, atol=1e-12
        )


@settings(max_examples=15, deadline=None)
@given(
    activation=st.sampled_from(["sigmoid", "tanh"]),
    place=st.sampled_from([False, "z", "a"]),
    m=st.integers(2, 6),
    seed=st.integers(0, 99),
)
def test_backward_of_a_whole_network_is_its_slope(activation, place, m, seed):
    net = bn.mlp([3, 4, 4, 2], activation, batch_norm=place, dtype="float64", seed=seed)
    for layer in net.layers:
        if isinstance(layer, bn.BatchNorm):
            layer.eps = 1e-2
    x, y = batch(m, 3, seed), np.random.default_rng(seed).integers(0, 2, m)

    def loss():
        return bn.softmax_cross_entropy(net.forward(x, training=True), y)[0]

    _, dlogits = bn.softmax_cross_entropy(net.forward(x, training=True), y)
    dx = net.backward(dlogits)
    grads = net.flat_grads.copy()
    assert relative_error(dx, numerical_gradient(loss, x, 1e-4)) < 1e-6
    assert relative_error(grads, numerical_gradient(loss, net.flat_params, 1e-4)) < 1e-6
    assert net.backward(dlogits, input_gradient=False) is None
    np.testing.assert_array_equal(net.flat_grads, grads)


def kinds(net):
    return [type(layer).__name__ for layer in net.layers]


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (False, ["Linear", "Tanh", "Linear"]),
        (True, ["Linear", "BatchNorm", "Tanh", "Linear"]),
        ("z", ["Linear", "BatchNorm", "Tanh", "Linear"]),
        ("a", ["Linear", "Tanh", "BatchNorm", "Linear"]),
    ],
)
def test_mlp_puts_batch_norm_where_it_is_asked_for(place, expected):
    net = bn.mlp([4, 5, 3], "tanh", batch_norm=place)
    assert kinds(net) == expected
    assert ("b" in net.layers[0].params) == (place not in (True, "z"))
    assert "b" in net.layers[-1].params


def test_mlp_dropout_ends_every_hidden_layer():
    net = bn.mlp([4, 5, 6, 3], batch_norm=True, dropout=0.2)
    one = ["Linear", "BatchNorm", "ReLU", "Dropout"]
    assert kinds(net) == [*one, *one, "Linear"]
    masks = [net.layers[i]._rng.random(4).tolist() for i in (3, 7)]
    assert masks[0] != masks[1]


def test_mlp_without_hidden_layers_is_softmax_regression():
    assert kinds(bn.mlp([4, 3])) == ["Linear"]


def test_the_start_depends_on_sizes_scale_and_seed_alone():
    def weights(**options):
        net = bn.mlp([4, 50, 3], "sigmoid", **options)
        return [layer.params["W"] for layer in net.layers if "W" in layer.params]

    plain = weights(seed=3)
    for other in (dict(batch_norm=True), dict(batch_norm="a"), dict(dropout=0.5)):
        for a, b in zip(plain, weights(seed=3, **other), strict=True):
            np.testing.assert_array_equal(a, b)
    assert not np.array_equal(plain[0], weights(seed=4)[0])
    np.testing.assert_allclose(weights(seed=3, dtype="float64")[1], plain[1], rtol=1e-6)


@pytest.mark.parametrize(
    ("activation", "init_scale", "factor"),
    [("relu", None, 2**0.5), ("tanh", None, 1), ("sigmoid", None, 1), ("relu", 0.3, 0.3)],
)
def test_init_scale(activation, init_scale, factor):
    net = bn.mlp([300, 400, 10], activation, init_scale=init_scale)
    assert net.layers[0].params["W"].std() == pytest.approx(factor / 300**0.5, rel=0.02)
    assert net.layers[-1].params["W"].std() == pytest.approx(factor / 20, rel=0.05)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_everything_has_the_dtype_of_the_network(dtype):
    net = bn.mlp([4, 5, 3], batch_norm=True, dropout=0.1, dtype=dtype)
    for x in (batch(6, 4), batch(6, 4, dtype="float32"), [[1, 2, 3, 4]]):
        assert net.forward(x).dtype == dtype
        assert net.forward(x, training=True).dtype == dtype
    assert net.flat_params.dtype == net.flat_grads.dtype == dtype


def test_activations_are_the_outputs_of_the_layers():
    net = bn.mlp([4, 5, 3], batch_norm=True, dtype="float64")
    x = batch(6, 4)
    outputs = net.activations(x)
    assert len(outputs) == len(net.layers)
    np.testing.assert_array_equal(outputs[0], x @ net.layers[0].params["W"])
    np.testing.assert_array_equal(outputs[-1], net.forward(x))


# parameters end to end


def steps_once(net, x):
    """One step of SGD; True if every parameter followed its gradient."""
    before = [{k: v.copy() for k, v in layer.params.items()} for layer in net.layers]
    _, dlogits = bn.softmax_cross_entropy(net.forward(x, training=True), np.arange(len(x)) % 3)
    net.backward(dlogits)
    bn.SGD(0.5).step(net)
    return all(
        np.allclose(layer.params[k], old[k] - 0.5 * layer.grads[k], rtol=1e-12)
        for layer, old in zip(net.layers, before, strict=True)
        for k in old
    )


def test_layers_hold_views_of_the_flat_vectors():
    net = bn.mlp([4, 5, 3], batch_norm=True, dtype="float64")
    assert net.flat_params.size == 4 * 5 + 5 + 5 + 5 * 3 + 3
    net.flat_params[...] = 7
    assert all((value == 7).all() for layer in net.layers for value in layer.params.values())


def test_parameters_may_be_replaced_layers_shared_and_networks_copied():
    x = batch(6, 4)
    net = bn.mlp([4, 5, 3], "tanh", batch_norm=True, dtype="float64")
    assert steps_once(net, x)
    net.layers[1].params["gamma"] = np.full(5, 2.0)
    assert steps_once(net, x)
    assert net.layers[1].params["gamma"].mean() != 2.0
    part = bn.Network(net.layers[:-1])
    part.forward(x)
    assert steps_once(net, x)
    for twin in (copy.deepcopy(net), pickle.loads(pickle.dumps(net))):
        before = net.flat_params.copy()
        assert steps_once(twin, x)
        np.testing.assert_array_equal(net.flat_params, before)
        assert not np.array_equal(twin.flat_params, before)
    net.layers[-1:] = [
        bn.Linear(5, 6, dtype="float64"),
        bn.Tanh(),
        bn.Linear(6, 3, dtype="float64"),
    ]
    assert steps_once(net, x)
    del net.layers[3:5]
    net.layers[-1] = bn.Linear(5, 3, dtype="float64")
    assert steps_once(net, x)
    assert net.flat_params.size == 4 * 5 + 10 + 18


def test_a_layer_of_ones_own_is_welcome():
    class Scale:
        def __init__(self):
            self.params, self.grads = {"s": np.ones(3)}, {"s": np.zeros(3)}

        def forward(self, x, training=False):
            self.x = x
            return x * self.params["s"]

        def backward(self, dy):
            self.grads = {"s": (dy * self.x).sum(axis=0)}
            return dy * self.params["s"]

    net = bn.Network([bn.Linear(4, 3, dtype="float64"), Scale()])
    assert steps_once(net, batch(6, 4))
    assert (net.layers[1].params["s"] != 1).all()


WRONG = [
    (lambda: bn.Network([]), ValueError, "at least one layer"),
    (lambda: bn.Network([bn.ReLU]), TypeError, r"layers\[0\] is no layer, it lacks params"),
    (
        lambda: bn.Network([bn.Linear(2, 3), bn.ReLU(), bn.BatchNorm(4)]),
        ValueError,
        r"layers\[2\] BatchNorm\(4.* takes 4 units but gets 3",
    ),
    (lambda: bn.Network([bn.Tanh()] * 2), ValueError, r"layers\[1\] Tanh\(\) is in the list twice"),
    (
        lambda: bn.Network([bn.Linear(2, 3), bn.BatchNorm(3, dtype="float64")]),
        ValueError,
        "share one dtype, got float32, float64",
    ),
    (lambda: bn.Network(None), TypeError, "layers must be a list of layers, got NoneType"),
    (lambda: bn.Network(bn.ReLU()), TypeError, "layers must be a list of layers, got ReLU"),
    (lambda: bn.mlp(5), TypeError, r"sizes must be a list such as \[64, 100, 10\], got int: 5"),
    (lambda: bn.mlp("64"), TypeError, r"sizes\[0\] must be an integer"),
    (lambda: bn.mlp([4]), ValueError, r"sizes needs .*got \[4\]"),
    (lambda: bn.mlp([4, 0, 2]), ValueError, r"sizes\[1\] must be at least 1, got 0"),
    (lambda: bn.mlp([4, 2.5]), TypeError, r"sizes\[1\] must be an integer"),
    (lambda: bn.mlp([4, 2], "swish"), ValueError, "'relu', 'sigmoid', 'tanh'; got 'swish'"),
    (lambda: bn.mlp([4, 2], batch_norm="x"), ValueError, "False, True, 'z', 'a'; got 'x'"),
    (lambda: bn.mlp([4, 2], batch_norm=1), ValueError, "batch_norm must be one of .*; got 1"),
    (lambda: bn.mlp([4, 2], dropout=1.0), ValueError, "dropout"),
    (lambda: bn.mlp([4, 2], init_scale=-1), ValueError, "init_scale"),
    (lambda: bn.mlp([4, 2], dtype="float16"), ValueError, "dtype must be one of"),
    (lambda: bn.mlp([4, 2], seed=-1), ValueError, "seed"),
    (lambda: bn.mlp([4, 2]).forward([[1, 2, 3]]), ValueError, r"x must have shape \(m, 4\)"),
    (lambda: bn.mlp([2, 2]).forward([[1, np.nan]]), ValueError, "x must be finite"),
]


@pytest.mark.parametrize(("call", "error", "words"), WRONG)
def test_what_is_wrong_is_said(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_repr_lists_the_layers():
    assert repr(bn.mlp([4, 5, 3], "sigmoid", batch_norm=True)).splitlines() == [
        "Network, 48 parameters, float32",
        "  0  Linear(4, 5, bias=False)",
        "  1  BatchNorm(5, eps=1e-05, decay=0.9)",
        "  2  Sigmoid()",
        "  3  Linear(5, 3)",
    ]


# with the statistics of the batch


def normed(net):
    return [layer for layer in net.layers if isinstance(layer, bn.BatchNorm)]


def memory(net):
    """All that a forward pass might change."""
    return copy.deepcopy(
        [(layer._cache, getattr(layer, "_running", None).__dict__ if hasattr(layer, "_running")
          else None) for layer in net.layers]
    )  # fmt: skip


@pytest.mark.parametrize("place", [False, "z", "a"])
def test_batch_activations_are_those_of_training_and_change_nothing(place):
    net, x = bn.mlp([4, 5, 5, 3], "tanh", batch_norm=place), batch(12, 4, dtype="float32")
    net.forward(x, training=True)
    before, there = memory(net), x.copy()
    got = net.batch_activations(x)
    for a, b in zip(memory(net), before, strict=True):
        np.testing.assert_equal(a, b)
    np.testing.assert_array_equal(x, there)
    wanted = copy.deepcopy(net).activations(x, training=True)
    assert len(got) == len(net.layers)
    for ours, theirs in zip(got, wanted, strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("ghost", [False, True])
def test_batch_activations_of_parts_are_those_of_each_part_alone(ghost):
    net, x = bn.mlp([4, 5, 3], batch_norm=True, dtype="float64"), batch(14, 4)
    alone = [net.batch_activations(x[k : k + 4]) for k in (0, 4, 8, 12)]  # the last two rows too
    if ghost:
        net.layers[1] = bn.GhostBatchNorm(5, 4, dtype="float64")
    for ours, parts in zip(
        net.batch_activations(x, parts_of=None if ghost else 4), zip(*alone, strict=True),
        strict=True,
    ):  # fmt: skip
        np.testing.assert_allclose(ours, np.concatenate(parts), rtol=1e-12, atol=1e-14)
    for whole in net.batch_activations(x, parts_of=99), net.batch_activations(x, parts_of=14):
        assert np.abs(whole[1].mean(axis=0)).max() < 1e-12


def test_batch_activations_leave_dropout_out_and_hand_nan_on():
    net = bn.mlp([4, 5, 3], batch_norm=True, dropout=0.5)
    first, again = (net.batch_activations(batch(6, 4))[-1] for _ in range(2))
    np.testing.assert_array_equal(first, again)
    net.layers[0].params["W"][...] = np.inf
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.isnan(net.batch_activations(batch(6, 4))[-1]).all()
    with pytest.raises(ValueError, match="parts_of must be at least 1"):
        net.batch_activations(batch(6, 4), parts_of=0)


# frozen layers


@pytest.mark.parametrize("make", [bn.SGD, bn.Momentum, bn.Nesterov, bn.Adam])
@pytest.mark.parametrize("kind", ["Linear", "BatchNorm", "GhostBatchNorm"])
def test_no_optimizer_moves_a_frozen_layer_and_what_it_passes_back_is_what_it_was(make, kind):
    def network():
        net = bn.mlp([4, 6, 6, 3], "tanh", batch_norm=True, dtype="float64")
        net.layers[4] = bn.GhostBatchNorm(6, 5, dtype="float64")
        return net, next(layer for layer in net.layers[1:] if type(layer).__name__ == kind)

    x, y = batch(20, 4), np.arange(20) % 3
    (free, loose), (held, layer) = network(), network()
    optimizer = make(0.05)
    for _ in range(3):  # a velocity that would go on
        bn.train_step(held, x, y, optimizer)
    layer.frozen = True
    free.flat_params[...] = held.flat_params
    before = {name: value.copy() for name, value in layer.params.items()}
    _, dlogits = bn.softmax_cross_entropy(free.forward(x, training=True), y)
    dx = free.backward(dlogits)
    held.forward(x, training=True)
    np.testing.assert_array_equal(held.backward(dlogits), dx)
    for ours, theirs in zip(held.layers, free.layers, strict=True):
        for name, gradient in ours.grads.items():
            np.testing.assert_array_equal(gradient, 0 if ours is layer else theirs.grads[name])
    for _ in range(3):
        bn.train_step(held, x, y, optimizer)
    for name, value in layer.params.items():
        np.testing.assert_array_equal(value, before[name])
    assert copy.deepcopy(layer).frozen
    layer.frozen = False
    bn.train_step(held, x, y, optimizer)
    assert any((value != before[name]).any() for name, value in layer.params.items())
    assert loose.frozen is False
