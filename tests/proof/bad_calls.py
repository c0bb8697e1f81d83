"""Every public function, class and method with arguments that are right, to put a bad one in.

``CALLS`` has by name a function without arguments that returns what is called and its arguments by
name, all made anew. What is a method's own object is to be found as its ``__self__``.
"""

import numpy as np

import bnlib as bn

M, N = 4, 3  # examples and units
CALLS: dict = {}


def call(**named):
    for name, make in named.items():
        CALLS[name.replace("__", ".")] = make


def numbers(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def z():
    return numbers(M, N)


def ones(n=N):
    return np.ones(n)


def labels():
    return np.array([0, 1, 1, 0])


def network(**options):
    return bn.mlp([N, 5, 2], batch_norm=True, dtype="float64", **options)


def stepped(optimizer):
    """An optimizer that has taken a step, and the network of that step."""
    of = network()
    bn.train_step(of, z(), labels(), optimizer)
    return {"network": of}, optimizer


def after_forward(layer, x):
    """A layer that waits for a gradient, and a right one."""
    return numbers(*layer.forward(x, training=True).shape, seed=2), layer


def twice(job):
    return [job, job]


# -- functions -------------------------------------------------------------------------------

call(
    moments=lambda: (bn.moments, {"z": z()}),
    normalize=lambda: (bn.normalize, {"z": z(), "mean": ones(), "var": ones(), "eps": 0.1}),
    batch_norm=lambda: (bn.batch_norm, {"z": z(), "gamma": ones(), "beta": ones(), "eps": 0.1}),
    batch_norm_backward=lambda: (
        bn.batch_norm_backward, {"dy": z(), "cache": bn.batch_norm(z(), ones(), ones())[1]},
    ),
    batch_norm_inference=lambda: (
        bn.batch_norm_inference,
        {"z": z(), "mean": ones(), "var": ones(), "gamma": ones(), "beta": ones(), "eps": 0.1},
    ),
    layer_norm=lambda: (bn.layer_norm, {"z": z(), "gamma": ones(), "beta": ones(), "eps": 0.1}),
    layer_norm_backward=lambda: (
        bn.layer_norm_backward, {"dy": z(), "cache": bn.layer_norm(z(), ones(), ones())[1]},
    ),
    group_norm=lambda: (
        bn.group_norm, {"z": z(), "groups": 1, "gamma": ones(), "beta": ones(), "eps": 0.1},
    ),
    group_norm_backward=lambda: (
        bn.group_norm_backward, {"dy": z(), "cache": bn.group_norm(z(), 1, ones(), ones())[1]},
    ),
    rms_norm=lambda: (bn.rms_norm, {"z": z(), "gamma": ones(), "eps": 0.1}),
    rms_norm_backward=lambda: (
        bn.rms_norm_backward, {"dy": z(), "cache": bn.rms_norm(z(), ones())[1]},
    ),
    normalize_over=lambda: (
        bn.normalize_over, {"z": z(), "axes": 0, "eps": 0.1, "center": True},
    ),
    normalize_over_backward=lambda: (
        bn.normalize_over_backward, {"dz_norm": z(), "cache": bn.normalize_over(z(), 0)[1]},
    ),
    conv2d=lambda: (
        bn.conv2d,
        {
            "x": numbers(2, 1, 4, 4), "W": numbers(2, 1, 3, 3), "b": ones(2), "stride": 1,
            "padding": 1,
        },
    ),
    conv2d_backward=lambda: (
        bn.conv2d_backward,
        {
            "dz": numbers(2, 2, 2, 2),
            "cache": bn.conv2d(numbers(2, 1, 4, 4), numbers(2, 1, 3, 3))[1],
        },
    ),
    softmax_cross_entropy=lambda: (bn.softmax_cross_entropy, {"logits": z(), "y": labels()}),
    logistic_loss=lambda: (
        bn.logistic_loss, {"theta": ones(N + 1), "x": z(), "y": labels().astype(float)},
    ),
    logistic_gradient=lambda: (
        bn.logistic_gradient, {"theta": ones(N + 1), "x": z(), "y": labels().astype(float)},
    ),
    logistic_hessian=lambda: (
        bn.logistic_hessian, {"theta": ones(N + 1), "x": z(), "y": labels().astype(float)},
    ),
    logistic_optimum=lambda: (
        bn.logistic_optimum,
        {"x": numbers(20, 2), "y": (numbers(20, seed=3) > 0).astype(float), "steps": 100},
    ),
    condition_number=lambda: (bn.condition_number, {"hessian": np.diag([1.0, 2.0, 3.0])}),
    gradient_descent=lambda: (
        bn.gradient_descent,
        {
            "x": z(), "y": labels().astype(float), "learning_rate": 0.1, "steps": 3,
            "start": ones(N + 1),
        },
    ),
    mlp=lambda: (
        bn.mlp,
        {
            "sizes": [N, 5, 2], "activation": "relu", "batch_norm": True, "dropout": 0.5,
            "init_scale": 1.0, "dtype": "float64", "seed": 0,
        },
    ),
    evaluate=lambda: (bn.evaluate, {"network": network(), "x": z(), "y": labels()}),
    train=lambda: (
        lambda **given: list(bn.train(**given)),
        {
            "network": network(), "data": (z(), labels()), "optimizer": bn.SGD(0.1), "steps": 2,
            "batch_size": 2, "seed": 0, "every": 1, "step": None,
        },
    ),
    fit=lambda: (
        bn.fit,
        {
            "network": network(), "data": (z(), labels()), "optimizer": bn.SGD(0.1), "steps": 2,
            "batch_size": 2, "seed": 0, "step": None,
        },
    ),
    train_step=lambda: (
        bn.train_step,
        {"network": network(), "x": z(), "y": labels(), "optimizer": bn.SGD(0.1)},
    ),
    fold_batch_norm=lambda: (bn.fold_batch_norm, {"network": network()}),
    recompute_statistics=lambda: (bn.recompute_statistics, {"network": network(), "x": z()}),
    seeds=lambda: (bn.seeds, {"count": 5, "in_browser": 2, "first": 0}),
    solution=lambda: (bn.solution, {"name": "00_1"}),
    in_parallel=lambda: (
        lambda **given: list(bn.in_parallel(**given)),
        {"function": twice, "jobs": [1.0, 2.0], "workers": 0},
    ),
    small_network=lambda: (
        bn.small_network,
        {"kind": "both", "seed": 0, "rate": 0.3, "parts_of": 2, "dtype": "float64"},
    ),
    small_run=lambda: (bn.small_run, {"job": ("BN", "batch", 250, 0.1, 0)}),
    datasets__few_digits=lambda: (bn.datasets.few_digits, {"size": 20, "seed": 0}),
)  # fmt: skip

# -- classes ---------------------------------------------------------------------------------

NORM = {"eps": 0.1, "decay": 0.9, "bias_correction": True, "dtype": "float64"}
call(
    Linear=lambda: (
        bn.Linear,
        {
            "n_in": N, "n_out": 2, "bias": True, "init_scale": 1.0, "dtype": "float64", "seed": 0,
        },
    ),
    BatchNorm=lambda: (bn.BatchNorm, {"n": N, **NORM}),
    BatchNorm2d=lambda: (bn.BatchNorm2d, {"shape": (1, 2, 2), **NORM}),
    BatchRenorm=lambda: (bn.BatchRenorm, {"n": N, "r_max": 2.0, "d_max": 1.0, **NORM}),
    GhostBatchNorm=lambda: (bn.GhostBatchNorm, {"n": N, "size": 2, **NORM}),
    GroupNorm=lambda: (bn.GroupNorm, {"shape": N, "groups": 1, "eps": 0.1, "dtype": "float64"}),
    RMSNorm=lambda: (bn.RMSNorm, {"shape": N, "eps": 0.1, "dtype": "float64"}),
    Conv2d=lambda: (
        bn.Conv2d,
        {
            "shape": (1, 3, 3), "channels": 2, "size": 3, "stride": 1, "bias": True,
            "init_scale": 1.0, "dtype": "float64", "seed": 0,
        },
    ),
    Dropout=lambda: (bn.Dropout, {"rate": 0.5, "seed": 0}),
    Residual=lambda: (bn.Residual, {"layers": [bn.Linear(N, N, dtype="float64")], "alpha": 1.0}),
    Network=lambda: (bn.Network, {"layers": [bn.Linear(N, 2), bn.ReLU()]}),
    ExponentialMovingAverage=lambda: (
        bn.ExponentialMovingAverage, {"decay": 0.9, "bias_correction": True, "start": ones()},
    ),
    SGD=lambda: (bn.SGD, {"lr": 0.1}),
    Momentum=lambda: (bn.Momentum, {"lr": 0.1, "beta": 0.5}),
    Nesterov=lambda: (bn.Nesterov, {"lr": 0.1, "beta": 0.5}),
    Adam=lambda: (bn.Adam, {"lr": 0.1, "beta1": 0.5, "beta2": 0.5, "eps": 0.1}),
)  # fmt: skip

# -- methods ---------------------------------------------------------------------------------

LAYERS = {
    "Linear": lambda: bn.Linear(N, 2, dtype="float64"),
    "BatchNorm": lambda: bn.BatchNorm(N, dtype="float64"),
    "BatchNorm2d": lambda: bn.BatchNorm2d((1, 1, N), dtype="float64"),
    "BatchRenorm": lambda: bn.BatchRenorm(N, dtype="float64"),
    "GhostBatchNorm": lambda: bn.GhostBatchNorm(N, 2, dtype="float64"),
    "GroupNorm": lambda: bn.GroupNorm(N, 1, dtype="float64"),
    "RMSNorm": lambda: bn.RMSNorm(N, dtype="float64"),
    "Conv2d": lambda: bn.Conv2d((1, 1, N), 2, dtype="float64"),
    "Dropout": lambda: bn.Dropout(0.5),
    "Residual": lambda: bn.Residual([bn.Linear(N, N, dtype="float64")], 1.0),
    "Sigmoid": bn.Sigmoid, "Tanh": bn.Tanh, "ReLU": bn.ReLU,
}  # fmt: skip
OF_X = {"Linear", "Conv2d", "Dropout", "Residual"}
OF_DZ, OF_DA = {"Linear", "Conv2d"}, {"Sigmoid", "Tanh", "ReLU"}


def method(name, of, x, **others):
    """A method of a layer of the kind ``of``, whose first argument ``x`` is a mini-batch."""

    def make():
        return getattr(LAYERS[of](), name), {x: z(), **others}

    CALLS[f"{of}.{name}"] = make


def backward(name, of, dy):
    def make():
        gradient, layer = after_forward(LAYERS[of](), z())
        return getattr(layer, name), {dy: gradient}

    CALLS[f"{of}.{name}"] = make


for _of, _make in LAYERS.items():
    _x = "x" if _of in OF_X else "z"
    method("forward", _of, _x, training=True)
    backward("backward", _of, "dz" if _of in OF_DZ else "da" if _of in OF_DA else "dy")
    if hasattr(_make(), "backward_params"):
        backward("backward_params", _of, "dz")
    if hasattr(_make(), "batch_forward"):
        method("batch_forward", _of, _x, parts_of=2)
    if hasattr(_make(), "rows"):
        method("rows", _of, _x)
    if hasattr(_make(), "set_statistics"):
        CALLS[f"{_of}.set_statistics"] = lambda make=_make: (
            (layer := make()).set_statistics,
            {"mean": ones(len(layer.running_mean)), "var": ones(len(layer.running_mean))},
        )
    if _of in OF_DA:
        CALLS[f"{_of}.g"] = lambda make=_make: (make().g, {"z": z()})
        CALLS[f"{_of}.slope"] = lambda make=_make: (make().slope, {"a": z()})

for _kind in (bn.SGD, bn.Momentum, bn.Nesterov, bn.Adam):

    def _step(kind=_kind):
        given, optimizer = stepped(kind(0.1))
        return optimizer.step, given

    CALLS[f"{_kind.__name__}.step"] = _step


def fitted():
    return bn.Standardizer().fit(z())


call(
    Standardizer__fit=lambda: (bn.Standardizer().fit, {"x": z()}),
    Standardizer__fit_transform=lambda: (bn.Standardizer().fit_transform, {"x": z()}),
    Standardizer__transform=lambda: (fitted().transform, {"x": z()}),
    Standardizer__inverse_transform=lambda: (fitted().inverse_transform, {"x": z()}),
    ExponentialMovingAverage__update=lambda: (
        bn.ExponentialMovingAverage(0.9).update, {"x": ones()},
    ),
    Network__forward=lambda: (network().forward, {"x": z(), "training": True}),
    Network__activations=lambda: (network().activations, {"x": z(), "training": True}),
    Network__batch_activations=lambda: (network().batch_activations, {"x": z(), "parts_of": 2}),
)  # fmt: skip


def _backward_of_a_network():
    gradient, of = after_forward(network(), z())
    return of.backward, {"dy": gradient, "input_gradient": True}


def attribute(of, name, value):
    """What may be set on an object."""

    def make():
        layer = of()

        def setting(**given):
            setattr(layer, name, given[name])
            return getattr(layer, name)

        setting.__self__ = layer
        return setting, {name: value}

    CALLS[f"{type(of()).__name__}.{name} ="] = make


CALLS["Network.backward"] = _backward_of_a_network
attribute(lambda: bn.SGD(0.1), "lr", 0.2)
attribute(LAYERS["BatchNorm"], "eps", 0.2)
attribute(LAYERS["BatchRenorm"], "r_max", 2.0)
attribute(LAYERS["BatchRenorm"], "d_max", 2.0)

# -- controls --------------------------------------------------------------------------------

OPTIONS = ("one", "other")
call(
    live__slider=lambda: (
        bn.live.slider,
        {
            "description": "γ", "value": 0.5, "low": 0.0, "high": 1.0, "step": 0.1,
            "format": ".2f",
        },
    ),
    live__log_slider=lambda: (
        bn.live.log_slider,
        {
            "description": "rate", "value": 0.1, "low": -3.0, "high": 1.0, "per_decade": 20.0,
            "format": ".3g",
        },
    ),
    live__int_slider=lambda: (
        bn.live.int_slider, {"description": "m", "value": 5, "low": 1, "high": 9, "step": 2},
    ),
    live__steps_slider=lambda: (
        bn.live.steps_slider, {"description": "m", "value": "one", "options": OPTIONS},
    ),
    live__choice=lambda: (
        bn.live.choice, {"description": "g", "value": "one", "options": OPTIONS},
    ),
    live__menu=lambda: (bn.live.menu, {"description": "g", "value": "one", "options": OPTIONS}),
    live__switch=lambda: (bn.live.switch, {"description": "g", "value": True}),
)  # fmt: skip
