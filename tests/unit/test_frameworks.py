"""bnlib gives every stored number of PyTorch, Keras, TensorFlow, Flax and ONNX."""

import dataclasses

import numpy as np
import pytest
from numerics import reference

import bnlib as bn

FRAMEWORKS = bn.datasets.framework_results()
RUNS = {
    **{f"{name}, default": run for name, run in FRAMEWORKS.default.items()},
    **{f"{name}, same": run for name, run in FRAMEWORKS.same.items()},
    "PyTorch, cumulative": FRAMEWORKS.cumulative,
}
EPS = ("eps", "epsilon", "variance_epsilon")


def trained(batches, gamma, beta, x, *, decay, eps, unbiased=False):
    """Written with bnlib's parts: outputs, running mean and variance of each step, inference."""
    m = len(batches[0])
    average = bn.ExponentialMovingAverage(
        decay, bias_correction=False, start=np.array([0.0 * gamma, 0.0 * gamma + 1])
    )
    outputs, running = [], []
    for z in batches:
        mean, var = bn.moments(z)
        outputs.append(bn.batch_norm(z, gamma, beta, eps)[0])
        running.append(average.update(np.array([mean, var * (m / (m - 1) if unbiased else 1)])))
    y = bn.batch_norm_inference(x, *running[-1], gamma, beta, eps)
    return outputs, np.array(running), y


@pytest.mark.parametrize("name", [name for name in RUNS if "cumulative" not in name])
def test_every_stored_number(name):
    run, torch = RUNS[name], name.startswith("PyTorch")
    momentum = run.arguments["decay" if "decay" in run.arguments else "momentum"]
    (eps,) = [run.arguments[word] for word in EPS if word in run.arguments]
    outputs, running, y = trained(
        FRAMEWORKS.batches, FRAMEWORKS.gamma, FRAMEWORKS.beta, FRAMEWORKS.batches[0],
        decay=1 - momentum if torch else momentum, eps=eps, unbiased=torch,
    )  # fmt: skip
    tolerance = 1e-6 if "ONNX" in name else 1e-10  # ONNX keeps its arguments as float32
    close = {"rtol": tolerance, "atol": tolerance}
    np.testing.assert_allclose(run.training, outputs[0], **close)
    np.testing.assert_allclose(run.running_mean, running[:, 0], **close)
    np.testing.assert_allclose(run.running_var, running[:, 1], **close)
    np.testing.assert_allclose(run.inference, y, **close)


def test_without_a_momentum_pytorch_takes_the_mean_of_all_batches():
    run, steps = FRAMEWORKS.cumulative, np.arange(1, 11)[:, None]
    assert run.arguments["momentum"] is None
    mean = FRAMEWORKS.batches.mean(axis=1).cumsum(axis=0) / steps
    var = FRAMEWORKS.batches.var(axis=1, ddof=1).cumsum(axis=0) / steps
    np.testing.assert_allclose(run.running_mean, mean)
    np.testing.assert_allclose(run.running_var, var)


def test_the_layer_of_bnlib_is_that_of_keras_tensorflow_and_flax():
    layer = bn.BatchNorm(
        2, FRAMEWORKS.eps, FRAMEWORKS.decay, bias_correction=False, dtype="float64"
    )
    layer.params["gamma"][...], layer.params["beta"][...] = FRAMEWORKS.gamma, FRAMEWORKS.beta
    for z in FRAMEWORKS.batches:
        layer.forward(z, training=True)
    for name in ("Keras", "TensorFlow", "Flax"):
        run = FRAMEWORKS.same[name]
        np.testing.assert_allclose(layer.running_mean, run.running_mean[-1])
        np.testing.assert_allclose(layer.running_var, run.running_var[-1])
        np.testing.assert_allclose(layer.forward(FRAMEWORKS.batches[0]), run.inference)


@pytest.mark.parametrize("name", reference("flax", "running"))
def test_flax_keeps_the_same_fraction_of_the_biased_variance(name):
    given, made = reference("flax", "running")[name]
    gamma, beta, x = (np.array(given[k]) for k in ("gamma", "beta", "x"))
    outputs, running, y = trained(
        np.array(given["batches"]), gamma, beta, x, decay=given["decay"], eps=given["eps"]
    )
    np.testing.assert_allclose(made["outputs"], outputs, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(made["running_mean"], running[:, 0], rtol=1e-9)
    np.testing.assert_allclose(made["running_var"], running[:, 1], rtol=1e-9)
    np.testing.assert_allclose(made["y"], y, rtol=1e-9)


def test_only_pytorch_refuses_a_batch_of_one_example():
    for name, outcome in FRAMEWORKS.one_example.items():
        if name == "PyTorch":
            assert outcome.startswith("ValueError: Expected more than 1 value per channel")
        else:
            np.testing.assert_array_equal(outcome, [FRAMEWORKS.beta])


def test_the_results_are_shared_and_cannot_be_changed():
    assert bn.datasets.framework_results() is FRAMEWORKS
    run = FRAMEWORKS.default["Keras"]
    with pytest.raises(ValueError, match="read-only"):
        run.running_mean[0] = 0
    with pytest.raises(TypeError):
        run.arguments["momentum"] = 0.5
    with pytest.raises(TypeError):
        FRAMEWORKS.same["Keras"] = run
    with pytest.raises(dataclasses.FrozenInstanceError):
        run.training = run.inference
    assert repr(FRAMEWORKS).startswith("FrameworkResults(torch 2")
    assert set(FRAMEWORKS.default) == {"PyTorch", "Keras", "Flax", "ONNX"}


def test_tensorflows_fused_operation_averages_the_unbiased_variance():
    given, made = reference("tensorflow", "fused_batch_norm")["images"]
    z = np.array(given["x"]).reshape(-1, 3)  # one row a pixel
    new, eps = 1 - given["decay"], given["eps"]
    np.testing.assert_allclose(made["running_mean"], new * z.mean(axis=0), rtol=1e-5)
    unbiased = given["decay"] + new * z.var(axis=0, ddof=1)
    np.testing.assert_allclose(made["running_var"], unbiased, rtol=1e-5)
    y = (z - z.mean(axis=0)) / np.sqrt(z.var(axis=0) + eps)
    np.testing.assert_allclose(np.reshape(made["y"], (-1, 3)), y, rtol=1e-4, atol=1e-5)
