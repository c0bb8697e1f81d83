import numpy as np
import pytest
from numerics import numerical_gradient, reference, relative_error

import bnlib as bn

RNG = np.random.default_rng(0)
SHAPE = (4, 3, 2)
IMAGES = RNG.normal(2, 3, (5, *SHAPE))
ROWS = IMAGES.reshape(5, -1)
GAMMA, BETA = RNG.normal(1, 0.5, 4), RNG.normal(size=4)

LAYERS = {
    "batch": lambda dtype: bn.BatchNorm2d(SHAPE, dtype=dtype),
    "layer": lambda dtype: bn.GroupNorm(SHAPE, 1, dtype=dtype),
    "group": lambda dtype: bn.GroupNorm(SHAPE, 2, dtype=dtype),
    "instance": lambda dtype: bn.GroupNorm(SHAPE, 4, dtype=dtype),
    "rms": lambda dtype: bn.RMSNorm(SHAPE, dtype=dtype),
}


def made(kind, dtype="float64"):
    layer = LAYERS[kind](dtype)
    layer.params["gamma"][...] = GAMMA
    if "beta" in layer.params:
        layer.params["beta"][...] = BETA
    return layer


def by_axes(kind):
    """γ z_norm + β by ``normalize_over``."""
    gamma, beta = GAMMA[:, None, None], BETA[:, None, None]
    if kind == "group":
        z_norm, _ = bn.normalize_over(IMAGES.reshape(5, 2, 2, 3, 2), (2, 3, 4))
        return gamma * z_norm.reshape(IMAGES.shape) + beta
    if kind == "rms":
        return gamma * bn.normalize_over(IMAGES, (1, 2, 3), center=False)[0]
    axes = {"batch": (0, 2, 3), "layer": (1, 2, 3), "instance": (2, 3)}[kind]
    return gamma * bn.normalize_over(IMAGES, axes)[0] + beta


@pytest.mark.parametrize("kind", LAYERS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_each_is_a_normalization_over_axes(kind, dtype):
    y = made(kind, dtype).forward(ROWS.astype(dtype), training=True)
    assert y.dtype == dtype
    tolerance = 1e-5 if dtype == "float32" else 1e-12
    np.testing.assert_allclose(y.reshape(IMAGES.shape), by_axes(kind), atol=tolerance)


@pytest.mark.parametrize("kind", LAYERS)
def test_backward_agrees_with_finite_differences(kind):
    layer, z, dy = made(kind), ROWS.copy(), RNG.normal(0.3, 1, ROWS.shape)

    def loss():
        return float(np.sum(dy * layer.forward(z, training=True)))

    loss()
    dz = layer.backward(dy)
    assert relative_error(dz, numerical_gradient(loss, z)) < 1e-6
    for name, array in layer.params.items():
        grad = layer.grads[name].copy()
        assert relative_error(grad, numerical_gradient(loss, array)) < 1e-6


@pytest.mark.parametrize("kind", ["layer", "group", "instance", "rms"])
def test_functions_and_layers_agree_for_images(kind):
    layer, dy = made(kind), RNG.normal(size=IMAGES.shape)
    y = layer.forward(ROWS, training=True).reshape(IMAGES.shape)
    if kind == "rms":
        expected, cache = bn.rms_norm(IMAGES, GAMMA)
        back = bn.rms_norm_backward(dy, cache)
    else:
        expected, cache = bn.group_norm(IMAGES, layer.groups, GAMMA, BETA)
        back = bn.group_norm_backward(dy, cache)
    np.testing.assert_allclose(y, expected, rtol=1e-12)
    mine = layer.backward(dy.reshape(ROWS.shape)).reshape(dy.shape), *layer.grads.values()
    for got, wanted in zip(mine, back, strict=True):
        np.testing.assert_allclose(got, wanted, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (kind, name)
        for kind in ("batch_norm_images", "group_norm_images", "instance_norm", "rms_norm")
        for name in reference("torch", kind)
    ],
)
def test_pytorch_has_the_same_numbers(kind, name):
    given, made = reference("torch", kind)[name]
    z, dy = np.array(given["z"]), np.array(given["dy"])
    shape = z.shape[1:] if z.ndim == 4 else z.shape[1]
    eps = {"eps": given["eps"], "dtype": "float64"}
    layer = {
        "batch_norm_images": lambda: bn.BatchNorm2d(shape, **eps),
        "group_norm_images": lambda: bn.GroupNorm(shape, given["groups"], **eps),
        "instance_norm": lambda: bn.GroupNorm(shape, shape[0], **eps),
        "rms_norm": lambda: bn.RMSNorm(shape, **eps),
    }[kind]()
    for param in layer.params:
        layer.params[param][...] = given[param]
    y = layer.forward(z.reshape(len(z), -1), training=True).reshape(z.shape)
    dz = layer.backward(dy.reshape(len(z), -1)).reshape(z.shape)
    here = {"y": y, "dz": dz} | {f"d{param}": grad for param, grad in layer.grads.items()}
    assert here.keys() == made.keys()
    for key, value in here.items():
        np.testing.assert_allclose(value, made[key], rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("name", reference("torch", "layer_norm_images"))
def test_layer_norm_of_pytorch_normalizes_over_the_same_numbers(name):
    """With a γ and a β for every number, so what is compared is z_norm."""
    given, made = reference("torch", "layer_norm_images")[name]
    z_norm, cache = bn.normalize_over(given["z"], (1, 2, 3), given["eps"])
    np.testing.assert_allclose(z_norm, made["y"], rtol=1e-9, atol=1e-12)
    dz = bn.normalize_over_backward(given["dy"], cache)
    np.testing.assert_allclose(dz, made["dz"], rtol=1e-8, atol=1e-10)


def test_a_layer_of_plain_units():
    layer = bn.GroupNorm(24, 3, dtype="float64")
    expected, _ = bn.group_norm(ROWS, 3, np.ones(24), np.zeros(24))
    np.testing.assert_allclose(layer.forward(ROWS), expected, rtol=1e-12)
    y, _ = bn.rms_norm(ROWS, np.ones(24))
    np.testing.assert_allclose(bn.RMSNorm(24, dtype="float64").forward(ROWS), y, rtol=1e-12)


@pytest.mark.parametrize("kind", ["layer", "group", "instance", "rms"])
def test_training_is_as_inference_and_no_example_depends_on_another(kind):
    layer = made(kind)
    whole = layer.forward(ROWS, training=True)
    np.testing.assert_array_equal(layer.forward(ROWS), whole)
    np.testing.assert_allclose(layer.forward(ROWS[:1])[0], whole[0], rtol=1e-12)


def test_batch_norm_of_images_is_that_of_their_pixels():
    layer, plain = made("batch"), bn.BatchNorm(4, dtype="float64")
    plain.params["gamma"][...], plain.params["beta"][...] = GAMMA, BETA
    pixels = IMAGES.transpose(0, 2, 3, 1).reshape(-1, 4)
    np.testing.assert_array_equal(layer.rows(ROWS), pixels)
    expected = plain.forward(pixels, training=True)
    np.testing.assert_array_equal(layer.rows(layer.forward(ROWS, training=True)), expected)
    np.testing.assert_array_equal(layer.running_mean, plain.running_mean)
    np.testing.assert_array_equal(layer.running_var, plain.running_var)
    np.testing.assert_array_equal(layer.rows(layer.forward(ROWS)), plain.forward(pixels))
    of_two = layer.rows(layer.batch_forward(ROWS, parts_of=2))
    np.testing.assert_array_equal(of_two, plain.batch_forward(pixels, parts_of=2 * 6))


def test_a_convolutional_network_made_ready_for_use():
    layers = [
        bn.Conv2d((1, 8, 8), 4, bias=False, dtype="float64"),
        bn.BatchNorm2d((4, 8, 8), dtype="float64"),
        bn.ReLU(),
        bn.Conv2d((4, 8, 8), 3, stride=2, dtype="float64"),
        bn.ReLU(),
        bn.BatchNorm2d((3, 4, 4), dtype="float64"),
        bn.Linear(48, 12, dtype="float64"),
        bn.BatchNorm2d((3, 2, 2), dtype="float64"),
    ]
    network, x = bn.Network(layers), bn.datasets.standardized_digits().x_train[:50]
    for layer in layers:
        if isinstance(layer, bn.BatchNorm2d):
            layer.params["gamma"][...] = RNG.normal(1, 0.5, layer.shape[0])
            layer.params["beta"][...] = RNG.normal(0, 0.5, layer.shape[0])
    bn.recompute_statistics(network, x)
    np.testing.assert_allclose(network.forward(x), network.batch_activations(x)[-1], rtol=1e-9)
    folded = bn.fold_batch_norm(network)
    assert not any(isinstance(layer, bn.BatchNorm) for layer in folded.layers)
    np.testing.assert_allclose(folded.forward(x), network.forward(x), rtol=1e-9, atol=1e-11)
    in_front = bn.Network([bn.BatchNorm2d((1, 8, 8)), bn.Conv2d((1, 8, 8), 2)])
    with pytest.raises(ValueError, match="nothing beside it"):
        bn.fold_batch_norm(in_front)


@pytest.mark.parametrize("kind", LAYERS)
def test_frozen_it_has_no_gradient_but_passes_on_the_same(kind):
    layer, dy = made(kind), RNG.normal(size=ROWS.shape)
    layer.forward(ROWS, training=True)
    dz = layer.backward(dy)
    layer.frozen = True
    np.testing.assert_array_equal(layer.backward(dy), dz)
    assert not any(grad.any() for grad in layer.grads.values())


def test_how_they_call_themselves():
    told = [repr(make("float32")) for make in LAYERS.values()]
    assert told == [
        "BatchNorm2d((4, 3, 2), eps=1e-05, decay=0.9)",
        "GroupNorm((4, 3, 2), groups=1, eps=1e-05)",
        "GroupNorm((4, 3, 2), groups=2, eps=1e-05)",
        "GroupNorm((4, 3, 2), groups=4, eps=1e-05)",
        "RMSNorm((4, 3, 2), eps=1e-05)",
    ]
    assert repr(bn.GroupNorm(6, 2)) == "GroupNorm(6, groups=2, eps=1e-05)"


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: bn.BatchNorm2d(4), ValueError, r"shape must be \(channels, height, width\)"),
        (lambda: bn.BatchNorm2d(SHAPE).forward(IMAGES), ValueError, r"\(m, 24\)"),
        (lambda: bn.BatchNorm2d(SHAPE).backward(ROWS), ValueError, "backward needs"),
        (lambda: bn.BatchNorm2d(SHAPE).set_statistics([1], [1]), ValueError, r"shape \(4,\)"),
        (lambda: bn.GroupNorm(SHAPE, 3), ValueError, "divide the 4 channels, got 3"),
        (lambda: bn.GroupNorm((4, 3), 2), ValueError, "shape"),
        (lambda: bn.GroupNorm(4.0, 2), TypeError, "shape"),
        (lambda: bn.GroupNorm(4, 2, eps=-1), ValueError, "eps"),
        (lambda: bn.GroupNorm(4, 2, dtype="int"), ValueError, "dtype"),
        (lambda: bn.RMSNorm(4).forward(np.ones((2, 3))), ValueError, r"\(m, 4\)"),
        (lambda: bn.rms_norm(np.ones(3), np.ones(3)), ValueError, "z must be"),
        (lambda: bn.rms_norm(ROWS, np.ones(3)), ValueError, "gamma"),
        (lambda: bn.rms_norm_backward(ROWS, 1), TypeError, "cache"),
    ],
)
def test_bad_input_is_told(call, error, words):
    with pytest.raises(error, match=words):
        call()
