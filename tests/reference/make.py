"""Reference values from PyTorch, TensorFlow, Keras, ONNX and Flax, stored for the everyday tests.

    pip install -r tests/reference/requirements.txt      (an environment of its own)
    python tests/reference/make.py                       writes torch.json, tensorflow.json, …
    python tests/reference/make.py --check               makes them again and compares

Each file holds the versions that made it and, per case, everything that went in and came out, as
float64. bnlib is not imported here: what is stored owes nothing to it. What notebook 08 shows is
made along with the rest and stored in ``bnlib/datasets/frameworks.json``.
"""

from __future__ import annotations

import json
import os
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
from frameworks import PACKAGES, framework_cases
from images import image_cases
from layers import flax_layer, keras_layer, onnx_operator, torch_layer

os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "0"}
SHAPES = [(2, 3), (3, 1), (7, 4), (20, 5)]
EPSILONS = [0.0, 1e-5, 1e-3, 1e-1]
DECAYS = [0.9, 0.6]


def batches(seed, count, m, n):
    """``count`` batches (m, n) whose units differ in mean and spread."""
    rng = np.random.default_rng(seed)
    spread, mean = rng.uniform(0.3, 3.0, n), rng.normal(0.0, 4.0, n)
    return [mean + spread * rng.standard_normal((m, n)) for _ in range(count)]


def batch_norm_inputs():
    """Every shape with every ε: name -> z, gamma, beta, dy, eps."""
    for seed, (m, n) in enumerate(SHAPES):
        (z,) = batches(seed, 1, m, n)
        rng = np.random.default_rng(100 + seed)
        gamma, beta, dy = rng.normal(1, 0.5, n), rng.normal(0, 0.5, n), rng.standard_normal((m, n))
        for eps in EPSILONS:
            yield f"{m}x{n} eps={eps:g}", dict(z=z, gamma=gamma, beta=beta, dy=dy, eps=eps)


def group_norm_inputs():
    """Six units in one group, in two and in three: name -> z, groups, gamma, beta, dy, eps."""
    (z,) = batches(9, 1, 5, 6)
    rng = np.random.default_rng(109)
    gamma, beta, dy = rng.normal(1, 0.5, 6), rng.normal(0, 0.5, 6), rng.standard_normal((5, 6))
    for groups in (1, 2, 3):
        for eps in EPSILONS[1:]:
            given = dict(z=z, groups=groups, gamma=gamma, beta=beta, dy=dy, eps=eps)
            yield f"{groups} groups, eps={eps:g}", given


def running_inputs():
    """Eight batches per decay and the examples to be normalized afterwards: name -> inputs."""
    for decay in DECAYS:
        given = np.stack(batches(7, 8, 6, 3))
        rng = np.random.default_rng(17)
        gamma, beta = rng.normal(1, 0.5, 3), rng.normal(0, 0.5, 3)
        x = batches(8, 1, 4, 3)[0]
        yield (
            f"decay={decay:g}",
            dict(batches=given, decay=decay, eps=1e-3, gamma=gamma, beta=beta, x=x),
        )


def torch_cases():
    import torch
    from torch.nn.functional import batch_norm, cross_entropy, group_norm

    kinds = ("batch_norm", "group_norm", "running", "loss", "network", "optimizer")
    cases = {kind: {} for kind in kinds}
    for name, given in batch_norm_inputs():
        if given["eps"] == 0:
            continue  # PyTorch refuses it; TensorFlow does not
        z, gamma, beta = (
            torch.tensor(given[k], requires_grad=True) for k in ("z", "gamma", "beta")
        )
        y = batch_norm(z, None, None, gamma, beta, training=True, eps=given["eps"])
        y.backward(torch.tensor(given["dy"]))
        made = dict(y=y, dz=z.grad, dgamma=gamma.grad, dbeta=beta.grad)
        cases["batch_norm"][name] = dict(given=given, made=made)

    for name, given in group_norm_inputs():
        z, gamma, beta = (
            torch.tensor(given[k], requires_grad=True) for k in ("z", "gamma", "beta")
        )
        y = group_norm(z, given["groups"], gamma, beta, given["eps"])
        y.backward(torch.tensor(given["dy"]))
        made = dict(y=y, dz=z.grad, dgamma=gamma.grad, dbeta=beta.grad)
        cases["group_norm"][name] = dict(given=given, made=made)

    for name, given in running_inputs():
        made = trained(torch_layer, given, eps=given["eps"], momentum=1 - given["decay"])
        del made["outputs"]
        cases["running"][name] = dict(given=given, made=made)

    rng = np.random.default_rng(3)
    for name, size in (("ordinary", 1.0), ("extreme", 500.0)):
        given = dict(logits=size * rng.standard_normal((6, 4)), y=rng.integers(0, 4, 6))
        logits = torch.tensor(given["logits"], requires_grad=True)
        loss = cross_entropy(logits, torch.tensor(given["y"]))
        loss.backward()
        cases["loss"][name] = dict(given=given, made=dict(loss=loss, dlogits=logits.grad))

    for activation in ("sigmoid", "tanh", "relu"):
        for place in ("none", "z", "a"):
            x, y, net = torch_network(torch, activation, place)
            before = state(net)
            loss = cross_entropy(net(x), y)
            loss.backward()
            grads = {name: p.grad for name, p in net.named_parameters()}
            cases["network"][f"{activation} {place}"] = dict(
                given=dict(activation=activation, batch_norm=place, x=x, y=y, params=before),
                made=dict(loss=loss, grads=grads),
            )

    optimizers = {
        "SGD": lambda p: torch.optim.SGD(p, lr=0.2),
        "Momentum": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9),
        "Nesterov": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True),
        "Adam": lambda p: torch.optim.Adam(p, lr=0.05),
    }
    for name, make in optimizers.items():
        x, y, net = torch_network(torch, "tanh", "z")
        before, losses, path = state(net), [], []
        optimizer = make(net.parameters())
        lr = optimizer.param_groups[0]["lr"]
        for step in range(6):
            optimizer.param_groups[0]["lr"] = lr if step < 3 else lr / 2  # changed on the way
            optimizer.zero_grad()
            loss = cross_entropy(net(x), y)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
            path.append(state(net))
        cases["optimizer"][name] = dict(
            given=dict(x=x, y=y, lr=lr, halved_after=3, params=before),
            made=dict(losses=losses, path=path),
        )
    return cases | image_cases(torch)


def torch_network(torch, activation, place):
    """4-5-3 with the given activation and BatchNorm nowhere, on z or on a; x and y for it."""
    torch.manual_seed(5)
    rng = np.random.default_rng(5)
    g = {"sigmoid": torch.nn.Sigmoid, "tanh": torch.nn.Tanh, "relu": torch.nn.ReLU}[activation]()
    bn = torch.nn.BatchNorm1d(5, eps=1e-5)
    middle = {"none": [g], "z": [bn, g], "a": [g, bn]}[place]
    net = torch.nn.Sequential(
        torch.nn.Linear(4, 5, bias=place != "z"), *middle, torch.nn.Linear(5, 3)
    ).double()
    with torch.no_grad():  # γ and β off their plain start
        bn.weight.copy_(torch.tensor(rng.normal(1, 0.3, 5)))
        bn.bias.copy_(torch.tensor(rng.normal(0, 0.3, 5)))
    return torch.tensor(rng.standard_normal((9, 4))), torch.tensor(rng.integers(0, 3, 9)), net


def state(net):
    return {name: p.detach().clone() for name, p in net.named_parameters()}


def tensorflow_cases():
    import tensorflow as tf

    cases = {"batch_norm": {}}
    for name, given in batch_norm_inputs():
        z, gamma, beta = (tf.Variable(given[k]) for k in ("z", "gamma", "beta"))
        with tf.GradientTape() as tape:
            mean, var = tf.nn.moments(z, axes=[0])
            y = tf.nn.batch_normalization(z, mean, var, beta, gamma, given["eps"])
        dz, dgamma, dbeta = tape.gradient(y, [z, gamma, beta], output_gradients=given["dy"])
        made = dict(mean=mean, var=var, y=y, dz=dz, dgamma=dgamma, dbeta=dbeta)
        cases["batch_norm"][name] = dict(given=given, made=made)

    # The fused operation for images (N, H, W, C), float32 alone.
    images = np.random.default_rng(6).normal(2, 3, (2, 2, 1, 3)).astype("float32")
    start = tf.zeros(3), tf.ones(3)
    y, mean, var = tf.compat.v1.nn.fused_batch_norm(
        images, tf.ones(3), tf.zeros(3), *start, 1e-3, is_training=True, exponential_avg_factor=0.1
    )
    given, made = dict(x=images, decay=0.9, eps=1e-3), dict(y=y, running_mean=mean, running_var=var)
    return cases | {"fused_batch_norm": {"images": dict(given=given, made=made)}}


def running_cases(layer, **words):
    """The ``running`` kind; ``words`` are the framework's for decay and eps."""
    made = {}
    for name, given in running_inputs():
        arguments = {word: given[ours] for ours, word in words.items()}
        made[name] = dict(given=given, made=trained(layer, given, **arguments))
    return {"running": made}


def trained(layer, given, **arguments):
    return layer(*(given[k] for k in ("batches", "gamma", "beta", "x")), **arguments)


def keras_cases():
    return running_cases(keras_layer, decay="momentum", eps="epsilon")


def onnx_cases():
    return running_cases(onnx_operator, decay="momentum", eps="epsilon")


def flax_cases():
    return running_cases(flax_layer, decay="momentum", eps="epsilon")


HERE = Path(__file__).parent
FILES = {
    HERE / "torch.json": (torch_cases, ["torch", "numpy"]),
    HERE / "tensorflow.json": (tensorflow_cases, ["tensorflow-cpu", "numpy"]),
    HERE / "keras.json": (keras_cases, ["keras", "tensorflow-cpu", "numpy"]),
    HERE / "onnx.json": (onnx_cases, ["onnx", "onnxruntime", "numpy"]),
    HERE / "flax.json": (flax_cases, ["flax", "jax", "numpy"]),
    HERE.parents[1] / "bnlib/datasets/frameworks.json": (framework_cases, PACKAGES),
}


def plain(value):
    """Arrays, tensors and numpy numbers of all frameworks as lists and numbers."""
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if hasattr(value, "detach"):
        value = value.detach()
    return value if isinstance(value, (str, int, float)) else np.asarray(value).tolist()


def text(versions, cases):
    """JSON with one case a line, so that a changed case is one changed line."""
    kinds = [
        f"{json.dumps(kind)}: {{\n"
        + ",\n".join(f"{json.dumps(name)}: {json.dumps(case)}" for name, case in named.items())
        + "\n}"
        for kind, named in cases.items()
    ]
    listed = ",\n".join(kinds)
    return f'{{"versions": {json.dumps(versions)},\n"cases": {{\n{listed}\n}}}}\n'


def differences(stored, made, where=""):
    """Where two nests of dicts, lists and numbers differ by more than rounding."""
    if isinstance(stored, dict) and isinstance(made, dict):
        if stored.keys() != made.keys():
            yield f"{where}: other entries"
            return
        for key in stored:
            yield from differences(stored[key], made[key], f"{where}/{key}")
    elif stored is None or isinstance(stored, str):
        if stored != made:
            yield f"{where}: {stored!r} is stored, {made!r} was made"
    elif isinstance(stored, list) and stored and isinstance(stored[0], dict):
        for i, (a, b) in enumerate(zip(stored, made, strict=True)):
            yield from differences(a, b, f"{where}/{i}")
    else:
        a, b = np.asarray(stored, float), np.asarray(made, float)
        if a.shape != b.shape:
            yield f"{where}: shape {a.shape} is stored, {b.shape} was made"
        elif not np.allclose(a, b, rtol=1e-7, atol=1e-9):
            yield f"{where}: largest difference {np.abs(a - b).max():.2g}"


def unchanged_kept(stored, made):
    """``made``, but each case as it is stored where the two differ by rounding alone."""

    def kept(before, case):
        return case if before is None or any(differences(before, case)) else before

    return {
        kind: {name: kept(stored.get(kind, {}).get(name), case) for name, case in named.items()}
        for kind, named in made.items()
    }


def main(check):
    failed = False
    for path, (make, packages) in FILES.items():
        versions = {package: version(package) for package in packages}
        cases = plain(make())
        if not check:
            if path.exists():
                cases = unchanged_kept(json.loads(path.read_text())["cases"], cases)
            path.write_text(text(versions, cases))
            print(f"{path.name}: written, {path.stat().st_size / 1024:.0f} kB, {versions}")
            continue
        stored = json.loads(path.read_text())
        found = list(differences(stored["cases"], cases, path.stem))
        failed |= bool(found)
        print(f"{path.name}: {'DIFFERS' if found else 'same values'}; made with {versions}", end="")
        print("" if stored["versions"] == versions else f", stored with {stored['versions']}")
        print(*found, sep="\n", end="\n" if found else "")
    return failed


if __name__ == "__main__":
    if sys.argv[1:] not in ([], ["--check"]):
        sys.exit(__doc__)
    sys.exit(main(check=bool(sys.argv[1:])))
