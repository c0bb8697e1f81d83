import copy

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numerics import awkward, batch, numerical_gradient, reference, relative_error

import bnlib as bn

LAYERS = {
    "Linear": lambda dtype: bn.Linear(4, 3, dtype=dtype),
    "Linear without b": lambda dtype: bn.Linear(4, 3, bias=False, dtype=dtype),
    "BatchNorm": lambda dtype: bn.BatchNorm(4, dtype=dtype),
    "BatchNorm eps=0": lambda dtype: bn.BatchNorm(4, eps=0, dtype=dtype),
    "BatchNorm eps=0.1": lambda dtype: bn.BatchNorm(4, eps=0.1, dtype=dtype),
    "Sigmoid": lambda dtype: bn.Sigmoid(),
    "Tanh": lambda dtype: bn.Tanh(),
    "ReLU": lambda dtype: bn.ReLU(),
    "Dropout": lambda dtype: bn.Dropout(0.3),
}


def filled(layer, seed=0):
    """The layer with parameters that are no special values."""
    rng = np.random.default_rng(seed)
    for value in layer.params.values():
        value[...] = rng.normal(0.5, 1.0, value.shape)
    return layer


def forward(layer, x):
    """A training forward of a copy: the same dropout mask every time, no average moves."""
    return copy.deepcopy(layer).forward(x, training=True)


@pytest.mark.parametrize("m", [2, 3, 8])
@pytest.mark.parametrize("order", ["C", "Fortran", "strided", "reversed"])
@pytest.mark.parametrize("name", LAYERS)
def test_backward_is_the_slope_of_forward(name, order, m):
    layer = filled(LAYERS[name]("float64"))
    x = batch(m, 4, seed=3)
    fresh = copy.deepcopy(layer)
    y = layer.forward(awkward(x)[order], training=True)
    dy = np.random.default_rng(9).standard_normal(y.shape)
    dx = layer.backward(awkward(dy)[order])

    def loss():
        return np.sum(dy * forward(fresh, x))

    assert relative_error(dx, numerical_gradient(loss, x, 2e-4)) < 1e-6
    assert layer.grads.keys() == layer.params.keys()
    for key, gradient in layer.grads.items():
        assert gradient.shape == layer.params[key].shape
        numerical = numerical_gradient(loss, fresh.params[key], 2e-4)
        assert relative_error(gradient, numerical) < 1e-6, key


@pytest.mark.parametrize("name", LAYERS)
def test_float32_stays_float32_and_close_to_float64(name):
    results = []
    for dtype in ("float32", "float64"):
        layer = filled(LAYERS[name](dtype))
        if name == "Dropout":
            kept = bn.Dropout(0.3).forward(np.ones((9, 4), "float32"), training=True) > 0
            layer._rng = FixedMask(kept)
        y = layer.forward(batch(9, 4, dtype=dtype), training=True)
        dx = layer.backward(batch(*y.shape, seed=5, dtype=dtype))
        assert {y.dtype, dx.dtype, *(g.dtype for g in layer.grads.values())} == {np.dtype(dtype)}
        results.append([y, dx, *layer.grads.values()])
    for low, high in zip(*results, strict=True):
        assert relative_error(low, high) < 1e-5


@pytest.mark.parametrize("given", ["float64", "list", "integers"])
@pytest.mark.parametrize("name", LAYERS)
def test_a_float32_layer_computes_in_the_dtype_it_is_given(name, given):
    layer = filled(LAYERS[name]("float32"))
    x = np.rint(5 * batch(6, 4))
    x = {"float64": x, "list": x.tolist(), "integers": x.astype(int)}[given]
    y = layer.forward(x, training=True)
    assert y.dtype == np.float64
    assert layer.backward(batch(*y.shape, seed=4)).dtype == np.float64
    assert {value.dtype for value in layer.grads.values()} <= {np.dtype("float32")}
    assert layer.forward(x).dtype == np.float64


@pytest.mark.parametrize("name", LAYERS)
def test_words_are_no_input(name):
    with pytest.raises(TypeError, match=r"must hold real numbers .*got str"):
        LAYERS[name]("float32").forward("abcd")


class FixedMask:
    def __init__(self, kept):
        self.kept = kept

    def random(self, shape, dtype):
        return self.kept.astype(dtype)


@pytest.mark.parametrize("name", LAYERS)
def test_input_and_incoming_gradient_are_left_alone(name):
    layer = filled(LAYERS[name]("float64"))
    x = batch(6, 4)
    x_before = x.copy()
    y = layer.forward(x, training=True)
    y_before = y.copy()
    dy = batch(*y.shape, seed=2)
    dy_before = dy.copy()
    layer.backward(dy)
    layer.forward(batch(6, 4, seed=7), training=True)
    np.testing.assert_array_equal(x, x_before)
    np.testing.assert_array_equal(dy, dy_before)
    np.testing.assert_array_equal(y, y_before)


@pytest.mark.parametrize("name", LAYERS)
def test_backward_needs_a_training_forward(name):
    layer = LAYERS[name]("float64")
    with pytest.raises(ValueError, match=r"backward needs a forward\(x, training=True\)"):
        layer.backward(np.ones((2, 4)))
    layer.forward(batch(2, 4), training=True)
    layer.forward(batch(2, 4))
    with pytest.raises(ValueError, match=r"backward needs a forward\(x, training=True\)"):
        layer.backward(np.ones((2, 4)))


# Linear


def test_linear_is_x_W_plus_b():
    layer = filled(bn.Linear(4, 3, dtype="float64"))
    x = batch(5, 4)
    expected = [
        [x[i] @ layer.params["W"][:, j] + layer.params["b"][j] for j in range(3)] for i in range(5)
    ]
    np.testing.assert_allclose(layer.forward(x), expected, rtol=1e-13)


@pytest.mark.parametrize("scale", [0.0, 0.5, 1.0, 3.0])
def test_weights_start_with_deviation_init_scale_over_root_n_in(scale):
    W = bn.Linear(400, 300, init_scale=scale, dtype="float64").params["W"]
    assert W.std() == pytest.approx(scale / 20, rel=0.02)
    assert abs(W.mean()) <= scale / 20 / 50


def test_a_shift_before_batch_norm_has_no_gradient():
    linear, norm = (
        filled(bn.Linear(4, 3, dtype="float64")),
        filled(bn.BatchNorm(3, dtype="float64")),
    )
    norm.forward(linear.forward(batch(8, 4), training=True), training=True)
    linear.backward(norm.backward(batch(8, 3, seed=4)))
    np.testing.assert_allclose(linear.grads["b"], 0, atol=1e-13)


@settings(max_examples=30, deadline=None)
@given(scale=st.floats(0.01, 100), seed=st.integers(0, 99))
def test_rescaled_weights_before_batch_norm(scale, seed):
    """BN(s·W) = BN(W), and the gradient of s·W is that of W divided by s (eps = 0)."""
    x, dy = batch(8, 4, seed), batch(8, 3, seed + 1)
    outputs, gradients = [], []
    for s in (1.0, scale):
        linear, norm = (
            bn.Linear(4, 3, bias=False, dtype="float64"),
            bn.BatchNorm(3, eps=0, dtype="float64"),
        )
        linear.params["W"] *= s
        outputs.append(norm.forward(linear.forward(x, training=True), training=True))
        linear.backward(norm.backward(dy))
        gradients.append(linear.grads["W"])
    np.testing.assert_allclose(outputs[1], outputs[0], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(scale * gradients[1], gradients[0], rtol=1e-7, atol=1e-9)


def test_batch_norm_folds_into_linear_for_inference():
    linear, norm = (
        filled(bn.Linear(4, 3, dtype="float64")),
        filled(bn.BatchNorm(3, dtype="float64")),
    )
    for seed in range(5):
        norm.forward(linear.forward(batch(20, 4, seed)), training=True)
    folded = bn.Linear(4, 3, dtype="float64")
    scale = norm.params["gamma"] / np.sqrt(norm.running_var + norm.eps)
    folded.params["W"][...] = linear.params["W"] * scale
    folded.params["b"][...] = (linear.params["b"] - norm.running_mean) * scale + norm.params["beta"]
    x = batch(7, 4, seed=50)
    np.testing.assert_allclose(
        folded.forward(x), norm.forward(linear.forward(x)), rtol=1e-11, atol=1e-12
    )


# BatchNorm: its averages, and the frameworks' conventions


def running(given, bias_correction=False):
    layer = bn.BatchNorm(
        3, eps=given["eps"], decay=given["decay"], bias_correction=bias_correction, dtype="float64"
    )
    layer.params["gamma"][...] = given["gamma"]
    layer.params["beta"][...] = given["beta"]
    history = []
    for z in np.array(given["batches"]):
        y = layer.forward(z, training=True)
        history.append((y, layer.running_mean, layer.running_var))
    return layer, history


@pytest.mark.parametrize(
    ("framework", "tolerance"),
    [("keras", 1e-9), ("onnx", 1e-6)],  # ONNX keeps momentum and epsilon as float32
)
@pytest.mark.parametrize("decay", ["decay=0.9", "decay=0.6"])
def test_keras_and_onnx_keep_the_same_fraction_of_the_biased_variance(framework, tolerance, decay):
    given, made = reference(framework, "running")[decay]
    layer, history = running(given)
    for t, (y, mean, var) in enumerate(history):
        np.testing.assert_allclose(y, made["outputs"][t], rtol=tolerance, atol=1e-12)
        np.testing.assert_allclose(mean, made["running_mean"][t], rtol=tolerance)
        np.testing.assert_allclose(var, made["running_var"][t], rtol=tolerance)
    np.testing.assert_allclose(layer.forward(np.array(given["x"])), made["y"], rtol=tolerance)


@pytest.mark.parametrize("decay", ["decay=0.9", "decay=0.6"])
def test_pytorch_averages_the_unbiased_variance_with_momentum_1_minus_decay(decay):
    given, made = reference("torch", "running")[decay]
    m = len(given["batches"][0])
    _, history = running(given)
    for t, (_, mean, var) in enumerate(history, start=1):
        np.testing.assert_allclose(mean, made["running_mean"][t - 1], rtol=1e-9)
        left = given["decay"] ** t  # what is left of the start, 1, which knows no m
        np.testing.assert_allclose(
            (var - left) * m / (m - 1) + left, made["running_var"][t - 1], rtol=1e-9
        )


def test_bias_correction_takes_the_start_out():
    given, made = reference("keras", "running")["decay=0.9"]
    _, history = running(given, bias_correction=True)
    for t, (_, mean, var) in enumerate(history, start=1):
        left = given["decay"] ** t
        np.testing.assert_allclose(mean, np.array(made["running_mean"][t - 1]) / (1 - left))
        np.testing.assert_allclose(var, (np.array(made["running_var"][t - 1]) - left) / (1 - left))
    first = np.array(given["batches"][0])
    np.testing.assert_allclose(history[0][1], first.mean(axis=0))
    np.testing.assert_allclose(history[0][2], first.var(axis=0))


@pytest.mark.parametrize("bias_correction", [True, False])
def test_inference_before_training_assumes_mean_0_and_variance_1(bias_correction):
    layer = filled(bn.BatchNorm(3, bias_correction=bias_correction, dtype="float64"))
    np.testing.assert_array_equal(layer.running_mean, 0)
    np.testing.assert_array_equal(layer.running_var, 1)
    z = batch(4, 3)
    expected = layer.params["gamma"] * z / np.sqrt(1 + 1e-5) + layer.params["beta"]
    np.testing.assert_allclose(layer.forward(z), expected, rtol=1e-12)


def test_inference_moves_no_average_and_looks_at_each_example_alone():
    layer = filled(bn.BatchNorm(3, dtype="float64"))
    layer.forward(batch(20, 3), training=True)
    mean, var = layer.running_mean, layer.running_var
    z = batch(6, 3, seed=2)
    together = layer.forward(z)
    np.testing.assert_allclose(together, [layer.forward(z[[i]])[0] for i in range(6)], rtol=1e-13)
    np.testing.assert_array_equal(layer.running_mean, mean)
    np.testing.assert_array_equal(layer.running_var, var)


def test_a_batch_of_one_gives_beta_and_enters_the_average_with_variance_0():
    layer = filled(bn.BatchNorm(3, decay=0.9, dtype="float64"))
    first, second = batch(10, 3), batch(1, 3, seed=1)
    layer.forward(first, training=True)
    np.testing.assert_array_equal(layer.forward(second, training=True), [layer.params["beta"]])
    np.testing.assert_array_equal(layer.backward(np.ones((1, 3))), 0)
    np.testing.assert_allclose(layer.running_var, 0.09 * first.var(axis=0) / 0.19, rtol=1e-12)
    np.testing.assert_allclose(
        layer.running_mean, (0.09 * first.mean(axis=0) + 0.1 * second[0]) / 0.19, rtol=1e-12
    )


def test_a_constant_unit_is_beta_in_training_and_finite_in_inference():
    layer = filled(bn.BatchNorm(3))
    z = batch(10, 3, dtype="float32")
    z[:, 1] = 1e4
    y = layer.forward(z, training=True)
    np.testing.assert_array_equal(y[:, 1], layer.params["beta"][1])
    assert np.isfinite(layer.backward(np.ones_like(z))).all()
    assert layer.running_var[1] == 0
    np.testing.assert_allclose(layer.forward(z)[:, 1], layer.params["beta"][1], rtol=1e-6)


def test_eps_0_and_a_constant_unit_give_nan_in_that_unit_only():
    layer = bn.BatchNorm(2, eps=0)
    z = batch(5, 2, dtype="float32")
    z[:, 1] = 3
    with np.errstate(all="ignore"):
        y = layer.forward(z, training=True)
    assert np.isfinite(y[:, 0]).all()
    assert np.isnan(y[:, 1]).all()


def test_float32_of_mean_1e4_and_deviation_1():
    layer = bn.BatchNorm(3)
    z = (1e4 + np.random.default_rng(0).standard_normal((60, 3))).astype(np.float32)
    high = z.astype(np.float64)
    for _ in range(30):
        y = layer.forward(z, training=True)
    exact = (high - high.mean(axis=0)) / np.sqrt(high.var(axis=0) + 1e-5)
    assert np.abs(y - exact).max() < 1e-5
    # A float32 mean of 1e4 is itself known to 5e-4 only.
    np.testing.assert_allclose(layer.running_mean, high.mean(axis=0), atol=2e-3)
    np.testing.assert_allclose(layer.running_var, high.var(axis=0), rtol=1e-5)
    assert np.abs(layer.forward(z) - exact).max() < 3e-3


def test_eps_may_be_changed_and_decay_may_not():
    layer, z = bn.BatchNorm(3, dtype="float64"), batch(6, 3)
    layer.eps = 0.5
    assert layer.eps == 0.5
    expected, _ = bn.batch_norm(z, np.ones(3), np.zeros(3), eps=0.5)
    np.testing.assert_allclose(layer.forward(z, training=True), expected)
    with pytest.raises(ValueError, match="eps must be"):
        layer.eps = -1
    with pytest.raises(AttributeError, match="decay"):
        layer.decay = 0.5


# activations, Dropout


def test_activations_are_their_formulas():
    z = np.linspace(-8, 8, 41)[:, None]
    np.testing.assert_allclose(bn.Sigmoid().forward(z), 1 / (1 + np.exp(-z)), rtol=1e-12)
    np.testing.assert_array_equal(bn.Tanh().forward(z), np.tanh(z))
    np.testing.assert_array_equal(bn.ReLU().forward(z), np.where(z > 0, z, 0))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_sigmoid_does_not_overflow(dtype):
    z = np.array([[-1e30, -200, 0, 200, 1e30]], dtype)
    with np.errstate(over="raise"):
        np.testing.assert_allclose(bn.Sigmoid().forward(z), [[0, 0, 0.5, 1, 1]], atol=1e-30)


def test_dropout_keeps_the_mean_and_is_silent_in_inference():
    layer, x = bn.Dropout(0.25, seed=3), np.ones((200, 500), np.float32)
    y = layer.forward(x, training=True)
    assert set(np.unique(y)) == {np.float32(0), np.float32(1 / 0.75)}
    assert y.mean() == pytest.approx(1, abs=0.01)
    np.testing.assert_array_equal(layer.backward(x), y)
    assert layer.forward(x) is x
    assert (layer.forward(x, training=True) != y).any()
    np.testing.assert_array_equal(bn.Dropout(0.25, seed=3).forward(x, training=True), y)


WRONG = [
    (lambda: bn.Linear(0, 3), ValueError, "n_in must be at least 1, got 0"),
    (lambda: bn.Linear(2, 3.0), TypeError, "n_out must be an integer, got float"),
    (lambda: bn.Linear(2, 3, init_scale=-1), ValueError, "init_scale"),
    (
        lambda: bn.Linear(2, 3, dtype="int64"),
        ValueError,
        "dtype must be one of 'float32', 'float64'",
    ),
    (lambda: bn.BatchNorm(3, eps=-1e-5), ValueError, r"eps must be .*got -1e-05"),
    (lambda: bn.BatchNorm(3, decay=1), ValueError, r"decay must be .*\[0, 1\), got 1"),
    (lambda: bn.Dropout(1.0), ValueError, r"rate must be .*\[0, 1\), got 1.0"),
    (
        lambda: bn.Linear(2, 3).forward(np.ones((4, 5))),
        ValueError,
        r"x must have shape \(m, 2\).*\(4, 5\)",
    ),
    (
        lambda: bn.BatchNorm(3).forward(np.ones(3)),
        ValueError,
        r"z must have shape \(m, 3\).*\(3,\)",
    ),
]


@pytest.mark.parametrize(("call", "error", "words"), WRONG)
def test_what_is_wrong_is_said(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_a_gradient_of_another_shape_is_refused():
    for layer in (bn.Linear(3, 3), bn.BatchNorm(3)):
        layer.forward(np.ones((4, 3)), training=True)
        with pytest.raises(ValueError, match=r"must have shape \(4, 3\); got \(1, 3\)"):
            layer.backward(np.ones((1, 3)))


def test_layers_pass_nan_on():
    x = np.full((4, 3), np.nan, np.float32)
    for layer in (bn.Linear(3, 3), bn.BatchNorm(3), bn.Sigmoid(), bn.Tanh(), bn.ReLU()):
        assert np.isnan(layer.forward(x, training=True)).all()


def test_repr():
    listed = [
        bn.Linear(2, 3),
        bn.Linear(2, 3, bias=False),
        bn.BatchNorm(3),
        bn.Dropout(0.2),
        bn.ReLU(),
    ]
    assert [repr(layer) for layer in listed] == [
        "Linear(2, 3)",
        "Linear(2, 3, bias=False)",
        "BatchNorm(3, eps=1e-05, decay=0.9)",
        "Dropout(0.2)",
        "ReLU()",
    ]


@pytest.mark.parametrize("name", bn.activations.ACTIVATIONS)
def test_slope_range_and_steepest_are_those_of_g(name):
    activation = bn.activations.ACTIVATIONS[name]
    z, h = np.linspace(-30, 30, 6001), 1e-6
    a, (low, high) = activation.g(z), activation.range
    measured = (activation.g(z + h) - activation.g(z - h)) / (2 * h)
    away_from_the_kink = np.abs(z) > 1e-3 if name == "relu" else np.full(z.shape, True)
    slope = activation.slope(a)
    np.testing.assert_allclose(slope[away_from_the_kink], measured[away_from_the_kink], atol=1e-9)
    assert slope.max() == activation.steepest
    assert a.min() == pytest.approx(low, abs=1e-9)
    assert a.max() == pytest.approx(high, abs=1e-9) if np.isfinite(high) else a.max() == 30


# what is remembered between forward and backward


@pytest.mark.parametrize("name", LAYERS)
def test_editing_what_went_in_or_came_out_leaves_the_gradient(name):
    layer = filled(LAYERS[name]("float64"))
    twin, x = copy.deepcopy(layer), batch(6, 4)
    dy = batch(*twin.forward(x.copy(), training=True).shape, seed=2)
    wanted = twin.backward(dy)
    y = layer.forward(x, training=True)
    x[...] = 7
    if y.flags.writeable:
        y[...] = 7
    else:
        with pytest.raises(ValueError, match="read-only"):
            y[...] = 7
    np.testing.assert_array_equal(layer.backward(dy), wanted)
    for key, gradient in twin.grads.items():
        np.testing.assert_array_equal(layer.grads[key], gradient)


@pytest.mark.parametrize("name", LAYERS)
def test_backward_takes_a_list_and_no_other_shape(name):
    layer = filled(LAYERS[name]("float64"))
    y = layer.forward(batch(6, 4), training=True)
    dy = batch(*y.shape, seed=2)
    np.testing.assert_array_equal(layer.backward(dy.tolist()), layer.backward(dy))
    for wrong in (dy[:1], dy[:, :1], dy[0], 1.0, dy[None]):
        with pytest.raises(ValueError, match=r"must have shape \(6, \d\); got"):
            layer.backward(wrong)
    with pytest.raises(TypeError, match="must hold real numbers"):
        layer.backward("a")


def test_running_statistics_are_changed_by_set_statistics_alone():
    layer = bn.BatchNorm(3)
    for _ in range(2):
        for statistic in (layer.running_mean, layer.running_var):
            with pytest.raises(ValueError, match="read-only"):
                statistic[...] = 7
        layer.forward(batch(5, 3, dtype="float32"), training=True)
    for name in ("running_mean", "running_var"):
        with pytest.raises(AttributeError, match="set_statistics"):
            setattr(layer, name, np.ones(3))


@pytest.mark.parametrize("kind", ["BatchNorm", "GhostBatchNorm"])
def test_a_variance_that_overflows_is_nan_and_not_beta(kind):
    layer = bn.BatchNorm(3) if kind == "BatchNorm" else bn.GhostBatchNorm(3, 5)
    z = (1e20 * batch(10, 3)).astype(np.float32)
    with np.errstate(all="ignore"):
        assert np.isnan(layer.forward(z, training=True)).all()
        assert np.isnan(layer.forward(z)).all()  # the average is infinite by now
