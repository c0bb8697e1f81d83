"""A run of 300 steps beside JAX jit, the time JAX takes to compile included.

    python benchmarks/jax_compare.py [--print-only]

The network and the data are those of training_step.py; the optimizer is SGD. JAX compiles one
function for forward, gradient, running averages and update; both go over the same mini-batches.
"""

from __future__ import annotations

import statistics

import numpy as np
from report import in_turn, publish, ratio, table
from training_step import SIZES, M, examples, have

import bnlib as bn

STEPS, LR, DECAY, EPS = 300, 0.05, 0.9, 1e-5


def our_run(x, y):
    net = bn.mlp(SIZES, "sigmoid", batch_norm=True)
    return [s.loss for s in bn.train(net, (x, y), bn.SGD(LR), steps=STEPS, batch_size=M)]


def jax_run(x, y):
    """Builds, compiles and runs the same training; returns the losses and seconds per part."""
    import jax
    import jax.numpy as jnp

    net = bn.mlp(SIZES, "sigmoid", batch_norm=True)
    params = [
        {k: jnp.array(v) for k, v in layer.params.items()} for layer in net.layers if layer.params
    ]
    averages = [(jnp.zeros(n), jnp.ones(n)) for n in SIZES[1:-1]]

    def loss(params, averages, x, y):
        new = []
        for i, (mean, var) in enumerate(averages):
            z = x @ params[2 * i]["W"]
            batch_mean, batch_var = z.mean(axis=0), z.var(axis=0)
            z_norm = (z - batch_mean) / jnp.sqrt(batch_var + EPS)
            x = jax.nn.sigmoid(params[2 * i + 1]["gamma"] * z_norm + params[2 * i + 1]["beta"])
            new.append(
                (DECAY * mean + (1 - DECAY) * batch_mean, DECAY * var + (1 - DECAY) * batch_var)
            )
        log_p = jax.nn.log_softmax(x @ params[-1]["W"] + params[-1]["b"])
        return -jnp.take_along_axis(log_p, y[:, None], axis=1).mean(), new

    @jax.jit
    def step(params, averages, x, y):
        (value, averages), grads = jax.value_and_grad(loss, has_aux=True)(params, averages, x, y)
        return jax.tree.map(lambda p, g: p - LR * g, params, grads), averages, value

    rng = np.random.default_rng(0)
    losses = []
    while len(losses) < STEPS:
        order = rng.permutation(len(x))
        for start in range(0, len(x) - M + 1, M):
            batch = order[start : start + M]
            params, averages, value = step(params, averages, x[batch], y[batch])
            losses.append(value)
    return [float(value) for value in losses[:STEPS]]


def jax_fresh(x, y):
    """A run with nothing compiled before it."""
    import jax

    jax.clear_caches()
    return jax_run(x, y)


if __name__ == "__main__":
    x, y = examples(1200)
    actions = {"bnlib": lambda: our_run(x, y)}
    if have("jax"):
        np.testing.assert_allclose(our_run(x, y), jax_run(x, y), rtol=2e-2)  # the same training
        actions["JAX"] = lambda: jax_fresh(x, y)
    times = in_turn(actions, rounds=7)
    rows = [
        [name, f"{1e3 * statistics.median(t):.0f}", f"{ratio(t, times['bnlib']):.1f}"]
        for name, t in times.items()
    ]
    version = f" JAX {have('jax')}, jit on the CPU." if have("jax") else " JAX is not installed."
    text = (
        f"{STEPS} steps of {'-'.join(map(str, SIZES))}, sigmoid, batch normalization, "
        f"{M} examples, float32, SGD, from nothing compiled to the last loss; "
        f"without the imports.{version}\n\n" + table(["run", "ms, median", "beside bnlib"], rows)
    )
    publish("jax_compare", "A run of 300 steps and JAX", text)
