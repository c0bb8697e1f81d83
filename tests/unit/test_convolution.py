import numpy as np
import pytest
from numerics import numerical_gradient, reference, relative_error

import bnlib as bn

RNG = np.random.default_rng(0)
X = RNG.normal(1, 2, (2, 3, 5, 4))
W, B = RNG.normal(size=(2, 3, 3, 2)), RNG.normal(size=2)


def by_the_definition(x, W, b, stride, padding):
    """Every number of the result by itself."""
    x = np.pad(x, [(0, 0), (0, 0), (padding, padding), (padding, padding)])
    h, w = W.shape[2:]
    rows, columns = (x.shape[2] - h) // stride + 1, (x.shape[3] - w) // stride + 1
    z = np.empty((len(x), len(W), rows, columns))
    for i, k, r, c in np.ndindex(z.shape):
        patch = x[i, :, r * stride : r * stride + h, c * stride : c * stride + w]
        z[i, k, r, c] = np.sum(patch * W[k]) + b[k]
    return z


@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("padding", [0, 1, 2])
def test_every_patch_is_multiplied_by_the_weights(stride, padding):
    z, _ = bn.conv2d(X, W, B, stride, padding)
    np.testing.assert_allclose(z, by_the_definition(X, W, B, stride, padding), rtol=1e-12)
    without, _ = bn.conv2d(X, W, None, stride, padding)
    np.testing.assert_allclose(without + B[:, None, None], z, rtol=1e-12)


@pytest.mark.parametrize(("stride", "padding"), [(1, 0), (1, 1), (2, 0), (2, 1)])
def test_backward_agrees_with_finite_differences(stride, padding):
    x, weights, b = X.copy(), W.copy(), B.copy()
    dz = RNG.normal(size=bn.conv2d(x, weights, b, stride, padding)[0].shape)

    def loss():
        return float(np.sum(dz * bn.conv2d(x, weights, b, stride, padding)[0]))

    found = bn.conv2d_backward(dz, bn.conv2d(x, weights, b, stride, padding)[1])
    for got, array in zip(found, (x, weights, b), strict=True):
        assert relative_error(got, numerical_gradient(loss, array)) < 1e-8


@pytest.mark.parametrize("name", reference("torch", "conv2d"))
def test_pytorch_has_the_same_numbers(name):
    given, made = reference("torch", "conv2d")[name]
    arrays = {key: np.array(given[key]) for key in ("x", "W", "b") if key in given}
    z, cache = bn.conv2d(**arrays, stride=given["stride"], padding=given["padding"])
    back = bn.conv2d_backward(np.array(given["dz"]), cache)
    here = dict(zip(("z", "dx", "dW", "db"), (z, *back), strict=True))
    for key, value in made.items():
        np.testing.assert_allclose(here[key], value, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("size", "stride"), [(3, 1), (3, 2), (1, 1), (2, 2)])
def test_the_layer_does_the_same_with_rows(dtype, size, stride):
    layer = bn.Conv2d((3, 5, 4), 2, size, stride, dtype=dtype, seed=1)
    layer.params["b"][...] = B
    x = X.astype(dtype)
    z = layer.forward(x.reshape(2, -1), training=True)
    expected, cache = bn.conv2d(x, layer.params["W"], B.astype(dtype), stride, size // 2)
    tolerance = {"rtol": 1e-4, "atol": 1e-4} if dtype == "float32" else {"rtol": 1e-12}
    np.testing.assert_allclose(z.reshape(-1, *layer.out_shape), expected, **tolerance)
    dz = RNG.normal(size=expected.shape).astype(dtype)
    dx = layer.backward(dz.reshape(2, -1))
    by_formula = bn.conv2d_backward(dz, cache)
    for got, wanted in zip((dx, *layer.grads.values()), by_formula, strict=True):
        np.testing.assert_allclose(got.reshape(wanted.shape), wanted, atol=1e-4, rtol=1e-4)
        assert got.dtype == dtype


def test_a_convolutional_network_learns_and_its_gradient_is_right():
    def network(dtype):
        return bn.Network(
            [
                bn.Conv2d((1, 8, 8), 4, bias=False, dtype=dtype, seed=0),
                bn.BatchNorm2d((4, 8, 8), dtype=dtype),
                bn.ReLU(),
                bn.Conv2d((4, 8, 8), 4, stride=2, dtype=dtype, seed=1),
                bn.GroupNorm((4, 4, 4), 2, dtype=dtype),
                bn.ReLU(),
                bn.Linear(64, 10, dtype=dtype, seed=2),
            ]
        )

    data = bn.datasets.standardized_digits()
    trained = network("float32")
    last = bn.fit(trained, data, bn.SGD(0.3), steps=80, batch_size=32)
    assert last.loss < 0.9
    assert bn.evaluate(trained, data.x_test, data.y_test).accuracy > 0.8

    exact, x, y = network("float64"), data.x_train[:6], data.y_train[:6]

    def loss():
        return bn.softmax_cross_entropy(exact.forward(x, training=True), y)[0]

    loss()
    exact.backward(bn.softmax_cross_entropy(exact.forward(x, training=True), y)[1])
    found = exact.flat_grads.copy()
    assert relative_error(found, numerical_gradient(loss, exact.flat_params, h=1e-5)) < 1e-4


def test_frozen_it_has_no_gradient_but_passes_on_the_same():
    layer, x = bn.Conv2d((3, 5, 4), 2, dtype="float64"), X.reshape(2, -1)
    dz = np.ones_like(layer.forward(x, training=True))
    dx = layer.backward(dz)
    assert all(grad.any() for grad in layer.grads.values())
    layer.frozen = True
    np.testing.assert_array_equal(layer.backward(dz), dx)
    assert not any(grad.any() for grad in layer.grads.values())


def test_its_start_keeps_the_size_of_z():
    layer = bn.Conv2d((8, 12, 12), 200, bias=False, dtype="float64", init_scale=2.0)
    x = RNG.normal(size=(20, layer.n_in))
    inner = layer.forward(x).reshape(20, *layer.out_shape)[:, :, 1:-1, 1:-1]
    assert np.isclose(inner.std(), 2.0, rtol=0.05)
    assert layer.params.keys() == {"W"}
    assert repr(layer) == "Conv2d((8, 12, 12), 200, size=3, stride=1, bias=False)"


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: bn.conv2d(X[0], W), ValueError, "x must be 4-D"),
        (lambda: bn.conv2d(X[:, :2], W), ValueError, "W is for 3 channels, x has 2"),
        (lambda: bn.conv2d(X[:, :, :2], W), ValueError, "larger than the image"),
        (lambda: bn.conv2d(X, W, B[:1]), ValueError, "b must have one value per unit"),
        (lambda: bn.conv2d(X, W, stride=0), ValueError, "stride"),
        (lambda: bn.conv2d(X, W, padding=-1), ValueError, "padding"),
        (lambda: bn.conv2d(X * np.inf, W), ValueError, "x must be finite"),
        (lambda: bn.conv2d_backward(X, bn.conv2d(X, W)[1]), ValueError, "dz must have shape"),
        (lambda: bn.conv2d_backward(X, 3), TypeError, "what conv2d returned, got int"),
        (lambda: bn.Conv2d((3, 5), 2), ValueError, "shape must be"),
        (lambda: bn.Conv2d((3, 5, 0), 2), ValueError, r"shape\[2\]"),
        (lambda: bn.Conv2d((3, 5, 4), 2).forward(X), ValueError, r"\(m, 60\)"),
        (lambda: bn.Conv2d((3, 5, 4), 2).backward(X), ValueError, "backward needs a forward"),
        (lambda: bn.Conv2d((3, 5, 4), 2, dtype="int32"), ValueError, "dtype"),
    ],
)
def test_bad_input_is_told(call, error, words):
    with pytest.raises(error, match=words):
        call()
