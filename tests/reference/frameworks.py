"""One layer in five frameworks, for notebook 08: stored in bnlib/datasets/frameworks.json."""

import inspect

import numpy as np
from layers import (
    flax_layer,
    keras_layer,
    onnx_operator,
    tensorflow_functions,
    torch_functional,
    torch_layer,
)

PACKAGES = ["torch", "keras", "tensorflow-cpu", "flax", "jax", "onnx", "onnxruntime", "numpy"]
STEPS, M = 10, 4
SAME = dict(decay=0.9, eps=1e-3)


def inputs():
    """Ten batches of four examples of two units, one far out and wide, one narrow; γ and β."""
    rng = np.random.default_rng(20)
    batches = np.array([5.0, -1.0]) + np.array([2.0, 0.1]) * rng.standard_normal((STEPS, M, 2))
    return batches.round(2), np.array([1.5, 0.5]), np.array([0.0, 1.0])


def defaults():
    """Each framework's own words and values, read from its code."""
    import keras
    import onnx
    import torch
    from flax import linen

    def words(layer, *names):
        parameters = inspect.signature(layer).parameters
        return {name: parameters[name].default for name in names}

    operator = onnx.defs.get_schema("BatchNormalization").attributes
    return {
        "PyTorch": words(torch.nn.BatchNorm1d, "momentum", "eps"),
        "Keras": words(keras.layers.BatchNormalization, "momentum", "epsilon"),
        "Flax": words(linen.BatchNorm, "momentum", "epsilon"),
        "ONNX": {k: round(operator[k].default_value.f, 7) for k in ("momentum", "epsilon")},
    }


def framework_cases():
    batches, gamma, beta = inputs()
    layers = {
        "PyTorch": torch_layer,
        "Keras": keras_layer,
        "TensorFlow": tensorflow_functions,
        "Flax": flax_layer,
        "ONNX": onnx_operator,
    }

    def ran(layer, given=batches, **arguments):
        made = layer(given, gamma, beta, batches[0], **arguments)
        outputs, y = made.pop("outputs"), made.pop("y")
        return dict(arguments=arguments, training=outputs[0], **made, inference=y)

    decay, eps = SAME["decay"], SAME["eps"]
    same = {name: dict(momentum=decay, epsilon=eps) for name in layers}
    same["PyTorch"] = dict(momentum=round(1 - decay, 9), eps=eps)
    same["TensorFlow"] = dict(decay=decay, variance_epsilon=eps)
    alone = {}
    for name, layer in layers.items():
        try:
            alone[name] = dict(y=ran(layer, batches[:1, :1], **same[name])["training"])
        except ValueError as refused:
            alone[name] = dict(error=f"{type(refused).__name__}: {refused}")
    given = dict(batches=batches, gamma=gamma, beta=beta, decay=decay, eps=eps)
    return {
        "given": given,
        "default": {name: ran(layers[name]) | dict(arguments=a) for name, a in defaults().items()},
        "same": {name: ran(layer, **same[name]) for name, layer in layers.items()}
        | {"PyTorch, functional": ran(torch_functional, **same["PyTorch"])},
        "cumulative": {"PyTorch": ran(torch_layer, momentum=None, eps=eps)},
        "one example": alone,
    }
