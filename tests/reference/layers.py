"""The batch-normalization layer of each framework, trained on some batches in its own words.

Each function takes ``batches`` (steps, m, n), γ, β (n,) and the arguments as the framework names
them (none: its defaults). It returns ``outputs`` of the batches in training mode, ``running_mean``
and ``running_var`` after each of them, and ``y``, what the layer then makes of ``x`` in inference
mode; all in float64.
"""

import numpy as np


def torch_layer(batches, gamma, beta, x, **arguments):
    import torch

    layer = torch.nn.BatchNorm1d(len(gamma), dtype=torch.float64, **arguments)
    made = dict(outputs=[], running_mean=[], running_var=[])
    with torch.no_grad():
        layer.weight.copy_(torch.tensor(gamma))
        layer.bias.copy_(torch.tensor(beta))
        for batch in batches:
            made["outputs"].append(layer(torch.tensor(batch)).tolist())
            made["running_mean"].append(layer.running_mean.tolist())
            made["running_var"].append(layer.running_var.tolist())
        return made | dict(y=layer.eval()(torch.tensor(x)))


def torch_functional(batches, gamma, beta, x, **arguments):
    import torch
    from torch.nn.functional import batch_norm

    gamma, beta = torch.tensor(gamma), torch.tensor(beta)
    mean, var = torch.zeros_like(beta), torch.ones_like(beta)
    made = dict(outputs=[], running_mean=[], running_var=[])
    for batch in batches:
        y = batch_norm(torch.tensor(batch), mean, var, gamma, beta, training=True, **arguments)
        made["outputs"].append(y)
        made["running_mean"].append(mean.tolist())
        made["running_var"].append(var.tolist())
    eps = {"eps": arguments["eps"]} if "eps" in arguments else {}
    return made | dict(y=batch_norm(torch.tensor(x), mean, var, gamma, beta, **eps))


def keras_layer(batches, gamma, beta, x, **arguments):
    import keras

    layer = keras.layers.BatchNormalization(dtype="float64", **arguments)
    layer.build((None, len(gamma)))
    layer.gamma.assign(gamma)
    layer.beta.assign(beta)
    made = dict(outputs=[], running_mean=[], running_var=[])
    for batch in batches:
        made["outputs"].append(keras.ops.convert_to_numpy(layer(batch, training=True)))
        made["running_mean"].append(keras.ops.convert_to_numpy(layer.moving_mean))
        made["running_var"].append(keras.ops.convert_to_numpy(layer.moving_variance))
    return made | dict(y=layer(x, training=False))


def tensorflow_functions(batches, gamma, beta, x, decay, variance_epsilon):
    """``tf.nn`` has no layer: the averages are two lines of one's own."""
    import tensorflow as tf

    mean_so_far = tf.Variable(tf.zeros(len(beta), tf.float64))
    var_so_far = tf.Variable(tf.ones(len(beta), tf.float64))
    made = dict(outputs=[], running_mean=[], running_var=[])
    for batch in batches:
        mean, var = tf.nn.moments(tf.constant(batch), axes=[0])
        y = tf.nn.batch_normalization(batch, mean, var, beta, gamma, variance_epsilon)
        mean_so_far.assign(decay * mean_so_far + (1 - decay) * mean)
        var_so_far.assign(decay * var_so_far + (1 - decay) * var)
        made["outputs"].append(y)
        made["running_mean"].append(mean_so_far.numpy())
        made["running_var"].append(var_so_far.numpy())
    y = tf.nn.batch_normalization(x, mean_so_far, var_so_far, beta, gamma, variance_epsilon)
    return made | dict(y=y)


def flax_layer(batches, gamma, beta, x, **arguments):
    import jax

    jax.config.update("jax_enable_x64", True)
    import jax.numpy as jnp
    from flax import linen

    double = dict(param_dtype=jnp.float64, force_float32_reductions=False)
    layer = linen.BatchNorm(**arguments, **double)
    variables = layer.init(jax.random.key(0), jnp.array(x), use_running_average=False)
    params = {"scale": jnp.array(gamma), "bias": jnp.array(beta)}
    stats = variables["batch_stats"]
    made = dict(outputs=[], running_mean=[], running_var=[])
    for batch in batches:
        y, updated = layer.apply(
            {"params": params, "batch_stats": stats},
            jnp.array(batch),
            use_running_average=False,
            mutable=["batch_stats"],
        )
        stats = updated["batch_stats"]
        made["outputs"].append(y)
        made["running_mean"].append(stats["mean"])
        made["running_var"].append(stats["var"])
    trained = {"params": params, "batch_stats": stats}
    return made | dict(y=layer.apply(trained, jnp.array(x), use_running_average=True))


def onnx_operator(batches, gamma, beta, x, **arguments):
    """Training by the reference evaluator (the specification), inference by onnxruntime."""
    import onnxruntime
    from onnx import TensorProto, helper
    from onnx.reference import ReferenceEvaluator

    def model(training):
        inputs, outputs = ["x", "gamma", "beta", "mean", "var"], ["y"]
        if training:
            outputs += ["running_mean", "running_var"]
        node = helper.make_node(
            "BatchNormalization", inputs, outputs, training_mode=int(training), **arguments
        )
        shapes = {"x": [None, len(gamma)], "y": [None, len(gamma)]}
        info = [
            [
                helper.make_tensor_value_info(
                    name, TensorProto.DOUBLE, shapes.get(name, [len(gamma)])
                )
                for name in names
            ]
            for names in (inputs, outputs)
        ]
        graph = helper.make_graph([node], "batch_norm", *info)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)

    step = ReferenceEvaluator(model(training=True))
    mean, var = np.zeros(len(gamma)), np.ones(len(gamma))
    made = dict(outputs=[], running_mean=[], running_var=[])
    for batch in batches:
        y, mean, var = step.run(None, dict(x=batch, mean=mean, var=var, gamma=gamma, beta=beta))
        made["outputs"].append(y)
        made["running_mean"].append(mean)
        made["running_var"].append(var)
    session = onnxruntime.InferenceSession(model(training=False).SerializeToString())
    (y,) = session.run(None, dict(x=x, mean=mean, var=var, gamma=gamma, beta=beta))
    return made | dict(y=y)
