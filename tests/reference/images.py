"""Reference values of PyTorch for images (N, C, H, W): convolution and the normalizations."""

import numpy as np

CONVOLUTIONS = {  # name -> x (N, C, H, W), W (K, C, h, w), stride, padding, whether there is a b
    "3x3, padding 1": ((2, 2, 4, 5), (3, 2, 3, 3), 1, 1, True),
    "3x3, padding 1, stride 2": ((2, 2, 6, 6), (3, 2, 3, 3), 2, 1, True),
    "3x3, padding 1, stride 2, odd": ((2, 1, 5, 7), (2, 1, 3, 3), 2, 1, False),
    "3x3, padding 0": ((2, 1, 5, 4), (2, 1, 3, 3), 1, 0, True),
    "2x3, padding 0, stride 2": ((2, 2, 5, 6), (3, 2, 2, 3), 2, 0, False),
    "1x1": ((2, 4, 3, 3), (2, 4, 1, 1), 1, 0, True),
}
SHAPES = [(2, 4, 2, 3), (1, 3, 2, 2)]
EPSILONS = [1e-5, 1e-1]


def images(rng, shape):
    """Images (N, C, H, W) whose channels differ in mean and spread."""
    spread, mean = rng.uniform(0.3, 3.0, shape[1]), rng.normal(0.0, 4.0, shape[1])
    draws = rng.standard_normal(shape)
    return mean[:, None, None] + spread[:, None, None] * draws


def convolution_cases(torch):
    cases = {}
    for seed, (name, (x_shape, w_shape, stride, padding, bias)) in enumerate(CONVOLUTIONS.items()):
        rng = np.random.default_rng(200 + seed)
        given = dict(x=rng.standard_normal(x_shape), W=rng.standard_normal(w_shape))
        if bias:
            given["b"] = rng.standard_normal(w_shape[0])
        tensors = {k: torch.tensor(v, requires_grad=True) for k, v in given.items()}
        z = torch.nn.functional.conv2d(
            tensors["x"], tensors["W"], tensors.get("b"), stride=stride, padding=padding
        )
        given |= dict(stride=stride, padding=padding, dz=rng.standard_normal(tuple(z.shape)))
        z.backward(torch.tensor(given["dz"]))
        made = dict(z=z) | {f"d{k}": tensor.grad for k, tensor in tensors.items()}
        cases[name] = dict(given=given, made=made)
    return cases


def image_inputs(shapes=SHAPES):
    """Every shape with every ε: name -> z, gamma and beta (C,), dy, eps."""
    for seed, shape in enumerate(shapes):
        rng = np.random.default_rng(300 + seed)
        z, n = images(rng, shape), shape[1]
        gamma, beta, dy = rng.normal(1, 0.5, n), rng.normal(0, 0.5, n), rng.standard_normal(shape)
        for eps in EPSILONS:
            name = f"{'x'.join(map(str, shape))} eps={eps:g}"
            yield name, dict(z=z, gamma=gamma, beta=beta, dy=dy, eps=eps)


def normalized(torch, given, forward):
    """What goes in and comes out, both ways, of ``forward(z, gamma, beta)``."""
    names = [k for k in ("z", "gamma", "beta") if k in given]
    tensors = [torch.tensor(given[k], requires_grad=True) for k in names]
    y = forward(*tensors)
    y.backward(torch.tensor(given["dy"]))
    grads = {f"d{k}": tensor.grad for k, tensor in zip(names, tensors, strict=True)}
    return dict(given=given, made=dict(y=y) | grads)


def normalization_cases(torch):
    F = torch.nn.functional
    kinds = ("batch_norm_images", "group_norm_images", "instance_norm", "layer_norm_images")
    cases = {kind: {} for kind in (*kinds, "rms_norm")}
    for name, given in image_inputs():
        eps = given["eps"]
        cases["batch_norm_images"][name] = normalized(
            torch,
            given,
            lambda z, gamma, beta, eps=eps: F.batch_norm(
                z, None, None, gamma, beta, training=True, eps=eps
            ),
        )
        cases["instance_norm"][name] = normalized(
            torch,
            given,
            lambda z, gamma, beta, eps=eps: F.instance_norm(
                z, weight=gamma, bias=beta, use_input_stats=True, eps=eps
            ),
        )
        channels = given["z"].shape[1]
        for groups in (g for g in sorted({1, 2, channels}) if channels % g == 0):
            cases["group_norm_images"][f"{name}, {groups} groups"] = normalized(
                torch,
                given | dict(groups=groups),
                lambda z, gamma, beta, groups=groups, eps=eps: F.group_norm(
                    z, groups, gamma, beta, eps
                ),
            )
        # nn.LayerNorm([C, H, W]) with its γ = 1 and β = 0 for every pixel: none here.
        plain = {k: given[k] for k in ("z", "dy", "eps")}
        cases["layer_norm_images"][name] = normalized(
            torch, plain, lambda z, eps=eps: F.layer_norm(z, z.shape[1:], eps=eps)
        )
    for seed, (m, n) in enumerate([(3, 1), (5, 6), (4, 3)]):
        rng = np.random.default_rng(400 + seed)
        z, dy = rng.normal(1, 2, (m, n)), rng.standard_normal((m, n))
        for eps in EPSILONS:
            given = dict(z=z, gamma=rng.normal(1, 0.5, n), dy=dy, eps=eps)
            cases["rms_norm"][f"{m}x{n} eps={eps:g}"] = normalized(
                torch, given, lambda z, gamma, eps=eps: F.rms_norm(z, z.shape[1:], gamma, eps)
            )
    return cases


def image_cases(torch):
    """Everything of PyTorch's for images, and RMS normalization of rows: kind -> name -> case."""
    return {"conv2d": convolution_cases(torch)} | normalization_cases(torch)
