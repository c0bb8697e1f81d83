"""What the notebooks say about training, one function a claim, for seeds to choose.

A function marked ``@claim(name, cell, text)`` takes ``Seeds`` and yields what it measured: a value
for each seed, and the bound that the claim sets. ``new_seeds.py`` runs them and writes the table.
Accuracies are test digits right in percent, differences are paired by seed, in points.
Where a rate is tuned it is picked on examples neither trained on nor tested with, and by other
seeds than those of the measurement; the grids are coarser than the notebooks' own.
"""

from __future__ import annotations

import copy
import functools
from typing import NamedTuple

import numpy as np

import bnlib as bn
from bnlib.demos.backward_pass import leave_out_a_path

CLAIMS = {}
HALF_DECADES = (0.01, 0.03, 0.1, 0.3, 1, 3, 10)


class Seeds(NamedTuple):
    """Seeds that measure, and others that pick the rates."""

    test: range
    tune: range

    @classmethod
    def new(cls, first, count):
        return cls(range(first, first + count), range(first + 10_000, first + 10_000 + 6))


class Check(NamedTuple):
    """A value for each seed, what is asked of them, and whether it is so."""

    what: str
    values: np.ndarray
    bound: str
    holds: bool

    @property
    def measured(self):
        values = self.values.round(9) + 0.0  # no -0, no 1e-16
        low, high, mean = values.min(), values.max(), values.mean().round(9)
        return f"{mean:.3g} ± {error(values).round(9):.1g} ({low:.3g} to {high:.3g})"


class Claim(NamedTuple):
    name: str
    cell: str
    text: str
    function: object

    def checks(self, seeds):
        return list(self.function(seeds))


def claim(name, cell, text):
    """Enter a function into CLAIMS; ``cell`` is "notebook cell", for example "00 try-1"."""

    def enter(function):
        CLAIMS[name] = Claim(name, cell, text, function)
        return function

    return enter


def error(values):
    return np.std(values, ddof=1) / np.sqrt(len(values))


def above(what, values, bound, by=3):
    """Shown to be larger: the mean, less so many standard errors, is above the bound."""
    values = np.asarray(values, float)
    holds = values.mean() - by * error(values) > bound
    return Check(what, values, f"mean − {by} s.e. > {bound:g}", bool(holds))


def below(what, values, bound, by=3):
    values = np.asarray(values, float)
    holds = values.mean() + by * error(values) < bound
    return Check(what, values, f"mean + {by} s.e. < {bound:g}", bool(holds))


def about(what, values, low, high):
    """Not contradicted: mean ± 3 standard errors reaches into low … high."""
    values = np.asarray(values, float)
    slack = 3 * error(values)
    holds = low - slack <= values.mean() <= high + slack
    return Check(what, values, f"mean ± 3 s.e. meets {low:g} to {high:g}", bool(holds))


def each(what, values, low, high):
    """So with every seed."""
    values = np.asarray(values, float)
    holds = np.all((low <= values) & (values <= high))
    return Check(what, values, f"every seed within {low:g} to {high:g}", bool(holds))


# --- data, networks, training ---------------------------------------------------------------------


def train_set():
    data = bn.datasets.standardized_digits()
    return data.x_train, data.y_train


def test_set():
    data = bn.datasets.standardized_digits()
    return data.x_test, data.y_test


@functools.cache
def cut(seed, size=1000):
    """The training digits in two parts, cut anew a seed: to fit and to tune on."""
    x, y = train_set()
    order = np.random.default_rng([7, seed]).permutation(len(x))
    fit, kept = order[:size], order[size:]
    return (x[fit], y[fit]), (x[kept], y[kept])


def deep(g="sigmoid", batch_norm=False, seed=0, depth=6, scale=None, dtype="float64"):
    sizes = [64, *[50] * depth, 10]
    return bn.mlp(sizes, g, batch_norm, init_scale=scale, dtype=dtype, seed=seed)


def fitted(network, data, lr, seed, steps=100, m=60, make=bn.SGD):
    bn.fit(network, data, make(lr), steps=steps, batch_size=m, seed=seed)
    return network


def falling(network, data, lr, seed, steps, m=60, step=None):
    """Trained with a rate that falls to 0 along a line."""
    optimizer, options = bn.SGD(lr), dict(steps=steps, batch_size=m, seed=seed, every=2, step=step)
    for snapshot in bn.train(network, data, optimizer, **options):
        optimizer.lr = lr * (1 - snapshot.step / steps)
    return network


def right(network, examples=None):
    return 100 * bn.evaluate(network, *(examples or test_set())).accuracy


def loss(network, examples):
    return np.nan_to_num(bn.evaluate(network, *examples).loss, nan=99.0, posinf=99.0)


def over(seeds, function, *arguments):
    """function(*arguments, seed) for all seeds that measure."""
    return np.array([function(*arguments, seed) for seed in seeds.test])


def best_rate(rates, seeds, score):
    """The rate with the best mean of score(rate, seed) over the seeds that tune."""
    return max(rates, key=lambda lr: np.mean([score(lr, seed) for seed in seeds.tune]))


def tuned(seeds, rates, train, test=None):
    """Test digits right at the best rate for kept-aside digits.

    ``train(lr, seed, data)`` gives a network. Measured after training on all training digits, or
    with ``test="cut"`` on the part that is not kept aside.
    """
    lr = best_rate(rates, seeds, lambda lr, s: right(train(lr, s, cut(s)[0]), cut(s)[1]))
    data = (lambda s: cut(s)[0]) if test == "cut" else lambda s: train_set()
    return np.array([right(train(lr, s, data(s))) for s in seeds.test])


def plain_run(g, batch_norm, lr, depth, steps, seed, scale=None, dtype="float32", m=60):
    network = deep(g, batch_norm, seed, depth, scale, dtype)
    return right(fitted(network, train_set(), lr, seed, steps, m))


# --- 00 · Tour ------------------------------------------------------------------------------------


@claim(
    "00-opening",
    "00 predict",
    "Six sigmoid layers, rate 1, 200 steps: about 95 % with BN, 10 % without.",
)
def opening(seeds):
    plain, normalized = (
        over(seeds, plain_run, "sigmoid", batch_norm, 1.0, 6, 200) for batch_norm in (False, True)
    )
    yield about("with BN", normalized, 93, 97)
    yield each("with BN", normalized, 75, 100)
    yield each("without", plain, 5, 16)


@claim(
    "00-no-rate",
    "00 saw-read",
    "At no rate from .003 to 100 does the plain six-layer sigmoid network leave 10 % within 200 "
    "steps.",
)
def no_rate(seeds):
    rates = (0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100)
    best = [
        max(plain_run("sigmoid", False, lr, 6, 200, s, dtype="float64") for lr in rates)
        for s in seeds.test
    ]
    yield each("best of ten rates", best, 8, 16)


@claim(
    "00-tuned",
    "00 tuned",
    "Each at its own tuned rate, six layers, 100 steps: BN gets sigmoid from 10 to 94 %; ReLU "
    "gains a point, tanh nothing.",
)
def tuned_rates(seeds):
    gain = {}
    for g in ("sigmoid", "relu", "tanh"):
        scores = {}
        for batch_norm in (False, True):

            def train(lr, seed, data, g=g, batch_norm=batch_norm):
                return fitted(deep(g, batch_norm, seed), data, lr, seed)

            scores[batch_norm] = tuned(seeds, (0.03, 0.1, 0.2, 0.3, 0.6, 1, 3), train)
        gain[g] = scores[True] - scores[False]
        if g == "sigmoid":
            yield about("sigmoid, BN", scores[True], 92, 96)
    yield above("sigmoid, BN − plain", gain["sigmoid"], 75)
    yield about("ReLU, BN − plain", gain["relu"], 0.4, 2.5)
    yield about("tanh, BN − plain", gain["tanh"], -0.5, 0.5)


@claim(
    "00-baseline",
    "00 baseline-read",
    "Softmax regression gets 95 to 97 % in 100 steps at rate 1, which the six-layer sigmoid "
    "network with BN nearly reaches.",
)
def baseline(seeds):
    def linear(seed):
        network = bn.mlp([64, 10], dtype="float64", seed=seed)
        return right(fitted(network, train_set(), 1.0, seed))

    scores = over(seeds, linear)
    yield each("softmax regression", scores, 94, 97.5)
    network = over(seeds, plain_run, "sigmoid", True, 0.3, 6, 100)
    yield about("softmax regression − BN network", scores - network, 0.5, 2.5)


@claim(
    "00-depth",
    "00 try-1",
    "Sigmoid, rate 1, 200 steps, without BN: up to three layers learn, four do not; with BN all.",
)
def depth(seeds):
    for layers, low, high in [(1, 93, 99), (2, 90, 98), (3, 60, 96), (4, 5, 30)]:
        scores = over(seeds, plain_run, "sigmoid", False, 1.0, layers, 200)
        yield each(f"{layers} without BN", scores, low, high)
        yield above(
            f"{layers} with BN", over(seeds, plain_run, "sigmoid", True, 1.0, layers, 200), 90
        )


@claim(
    "00-scale",
    "00 try-1",
    "ReLU, rate .1, 200 steps, weights × 2.5: without BN the runs explode; with BN they train "
    "and lose about 7 points, most of which a tuned rate (100 steps) wins back; at × 1 both "
    "learn.",
)
def scale(seeds):
    root = np.sqrt(2)
    runs = {
        (b, c): over(seeds, lambda s, b=b, c=c: plain_run("relu", b, 0.1, 6, 200, s, c * root))
        for b in (False, True)
        for c in (1, 2.5)
    }
    yield about("× 1 without BN", runs[False, 1], 93, 96)
    yield about("× 1 with BN", runs[True, 1], 93, 96)
    yield below("× 2.5 without BN", runs[False, 2.5], 20)
    yield about("BN, × 2.5 − × 1", runs[True, 2.5] - runs[True, 1], -9, -5)
    again = {}
    for c in (1, 2.5):

        def train(lr, seed, data, c=c):
            return fitted(deep("relu", True, seed, scale=c * root), data, lr, seed)

        again[c] = tuned(seeds, (0.1, 0.3, 1, 3), train)
    yield about("BN, tuned, × 2.5 − × 1", again[2.5] - again[1], -3, 0)


@claim(
    "00-too-large",
    "00 try-1",
    "ReLU, six layers, rate 10, 200 steps: without BN every run explodes; with BN none does, and "
    "it learns nothing all the same (about 10 %).",
)
def too_large(seeds):
    def run(batch_norm, lr, seed):
        network, data = deep("relu", batch_norm, seed, dtype="float32"), train_set()
        end = bn.fit(network, data, bn.SGD(lr), steps=200, batch_size=60, seed=seed)
        return end.diverged, end.step, right(network)

    plain, normalized = (over(seeds, run, batch_norm, 10).T for batch_norm in (False, True))
    yield each("plain: diverged (1) or not (0)", plain[0], 1, 1)
    yield each("plain: in step", plain[1], 1, 20)
    yield each("BN: diverged (1) or not (0)", normalized[0], 0, 0)
    yield each("BN: right", normalized[2], 0, 35)


@claim(
    "00-range",
    "00 try-2",
    "From four layers on BN widens the range of rates that work, for each g; with one layer of "
    "sigmoid or tanh it narrows it at the large end (60 steps).",
)
def workable_range(seeds):
    rates = (0.01, 0.0316, 0.1, 0.316, 1, 3.16, 10, 31.6)  # the map's
    for g in ("sigmoid", "tanh", "relu"):
        works = {
            b: np.sum([over(seeds, plain_run, g, b, lr, 4, 60) > 80 for lr in rates], axis=0)
            for b in (False, True)
        }
        yield above(f"4 layers, {g}: rates above 80 %, more with BN", works[True] - works[False], 0)
    for g in ("sigmoid", "tanh"):
        plain, normalized = (over(seeds, plain_run, g, b, 31.6, 1, 60) for b in (False, True))
        yield below(f"1 layer, {g}, rate 32: BN − plain", normalized - plain, 0)


@claim(
    "00-small-rates",
    "00 rates-read",
    "At small rates (100 steps) BN helps sigmoid and tanh and slows ReLU down a little.",
)
def small_rates(seeds):
    def gain(g, lr, layers):
        return over(seeds, plain_run, g, True, lr, layers, 100) - over(
            seeds, plain_run, g, False, lr, layers, 100
        )

    yield below("ReLU, 2 layers, rate .01: BN − plain", gain("relu", 0.01, 2), 0)
    yield about("ReLU, 6 layers, rate .03: BN − plain", gain("relu", 0.03, 6), -5, -1)
    yield above("tanh, 6 layers, rate .01: BN − plain", gain("tanh", 0.01, 6), 5)
    yield above("sigmoid, 2 layers, rate .01: BN − plain", gain("sigmoid", 0.01, 2), 10)
    yield above("sigmoid, 6 layers, rate .03: BN − plain", gain("sigmoid", 0.03, 6), 40)


@claim(
    "00-gradient",
    "00 gradients",
    "At the start the first layer's gradient is 10⁻⁴ of the last one's without BN and about a "
    "fifth with it; the slopes of the sigmoids are the same in both.",
)
def gradient(seeds):
    slopes = {}
    for batch_norm, low, high in [(False, 2e-5, 5e-4), (True, 0.08, 0.4)]:
        ratios, slopes[batch_norm] = [], []
        for seed in seeds.test:
            x, y = (each[:60] for each in cut(seed)[0])
            network = deep("sigmoid", batch_norm, seed)
            outputs = network.activations(x, training=True)
            network.backward(bn.softmax_cross_entropy(outputs[-1], y)[1])
            sizes = [np.abs(a.grads["W"]).mean() for a in network.layers if "W" in a.grads]
            ratios.append(sizes[0] / sizes[-1])
            after = [i for i, a in enumerate(network.layers) if isinstance(a, bn.Sigmoid)]
            slopes[batch_norm].append(np.mean([outputs[i] * (1 - outputs[i]) for i in after]))
        yield each(f"{'BN' if batch_norm else 'plain'}: first / last", ratios, low, high)
    yield about("mean slope, plain", slopes[False], 0.2, 0.25)
    yield about("mean slope, BN", slopes[True], 0.19, 0.25)


class ForwardOnly(bn.BatchNorm):
    """Normalizes on the way forward; on the way back the factor 1/σ is left out."""

    def forward(self, z, training=False):
        self.sigma = np.sqrt(z.var(axis=0) + self.eps)
        return super().forward(z, training)

    def backward(self, dy):
        return super().backward(dy) * self.sigma


@claim(
    "00-forward-half",
    "00 half-read",
    "Normalizing the forward pass alone, with a gradient that vanishes as before, brings most of "
    "the gain (100 steps, tuned); the factor on the way back adds the rest.",
)
def forward_half(seeds):
    def half(lr, seed, data):
        layers = deep("sigmoid", True, seed).layers
        layers = [
            ForwardOnly(a.n_in, dtype="float64") if isinstance(a, bn.BatchNorm) else a
            for a in layers
        ]
        return fitted(bn.Network(layers), data, lr, seed)

    def both(lr, seed, data):
        return fitted(deep("sigmoid", True, seed), data, lr, seed)

    half = tuned(seeds, (1, 3), half)
    yield above("forward only", half, 75)
    yield above("BN − forward only", tuned(seeds, (0.2, 0.5, 1), both) - half, 2)


@claim(
    "00-adam",
    "00 half-read",
    "Without BN Adam (rate .01) is still far behind after 100 steps, and gets there with many "
    "more.",
)
def adam(seeds):
    def run(steps, seed):
        return right(fitted(deep(seed=seed), train_set(), 0.01, seed, steps, make=bn.Adam))

    yield below("100 steps", over(seeds, run, 100), 60)
    yield above("1500 steps", over(seeds, run, 1500), 80)


@claim(
    "00-very-deep",
    "00 try-2",
    "32 layers, 60 steps: ReLU gets no further than about a third, with BN or without; sigmoid "
    "with BN 83 %, tanh with orthogonal weights and no BN 90 %.",
)
def very_deep(seeds):
    def orthogonal(seed):
        network, rng = deep("tanh", False, seed, 32, dtype="float32"), np.random.default_rng(seed)
        for layer in network.layers[:-1]:
            if isinstance(layer, bn.Linear):
                side = max(layer.n_in, layer.n_out)
                q, r = np.linalg.qr(rng.standard_normal((side, side)))
                layer.params["W"][...] = (q * np.sign(np.diag(r)))[: layer.n_in, : layer.n_out]
        return right(fitted(network, train_set(), 0.1, seed, 60))

    yield about(
        "sigmoid, BN, rate .1", over(seeds, plain_run, "sigmoid", True, 0.1, 32, 60), 79, 86
    )
    yield about("tanh, orthogonal, rate .1", over(seeds, orthogonal), 86, 92)
    for batch_norm in (True, False):
        runs = [over(seeds, plain_run, "relu", batch_norm, lr, 32, 60) for lr in (0.03, 0.1, 0.3)]
        best = max(runs, key=np.median)
        yield below(f"ReLU, {'BN' if batch_norm else 'plain'}, best rate", best, 40)


@claim(
    "00-deep-relu",
    "00 try-2",
    "ReLU, tuned, 60 steps: with one layer BN gains nothing, with two to four one or two points, "
    "with eight it is another matter (93 against 78).",
)
def deep_relu(seeds):
    rates = (0.03, 0.06, 0.1, 0.2, 0.3, 0.6, 1, 2)
    for layers in (1, 2, 4, 8):
        scores = {}
        for batch_norm in (False, True):

            def train(lr, seed, data, layers=layers, batch_norm=batch_norm):
                network = deep("relu", batch_norm, seed, layers, dtype="float32")
                return fitted(network, data, lr, seed, 60)

            scores[batch_norm] = tuned(seeds, rates, train)
        gain, what = scores[True] - scores[False], f"{layers} layers, BN − plain"
        if layers == 8:
            yield above(what, gain, 5)
        else:
            yield about(what, gain, *((-0.5, 0.7) if layers == 1 else (0.8, 2.5)))


@claim(
    "00-defaults",
    "00 defaults-read",
    "Six sigmoid layers, rate .2, 100 steps: batches from 32 on do, batches of two break it; ε "
    "only has to be small beside σ²; the decay hardly matters.",
)
def defaults(seeds):
    def run(m, options, seed):
        layers = deep("sigmoid", True, seed).layers
        options = dict(options, dtype="float64")
        layers = [bn.BatchNorm(50, **options) if isinstance(a, bn.BatchNorm) else a for a in layers]
        return right(fitted(bn.Network(layers), train_set(), 0.2, seed, m=m))

    start = over(seeds, run, 60, {})
    yield below("m = 2", over(seeds, run, 2, {}), 30)
    yield above("m = 32", over(seeds, run, 32, {}), 88)
    yield below("ε = 1", over(seeds, run, 60, {"eps": 1.0}), 20)
    yield about("ε = 10⁻³ − 10⁻⁵", over(seeds, run, 60, {"eps": 1e-3}) - start, -0.5, 0.5)
    yield about("decay .5 − .9", over(seeds, run, 60, {"decay": 0.5}) - start, -1, 1)
    yield about("decay .99 − .9", over(seeds, run, 60, {"decay": 0.99}) - start, -3, 0.5)


@claim(
    "00-exercise-2",
    "00 exercise-2",
    "Two sigmoid layers without BN get at least 70 % in 60 steps at a fitting rate (3).",
)
def exercise_2(seeds):
    yield each("rate 3", over(seeds, plain_run, "sigmoid", False, 3.0, 2, 60), 70, 100)


# --- 01 · Input normalization ---------------------------------------------------------------------


def patients(scaling, where, lr, seed):
    """Test patients right after 200 steps; BN ``where``: nowhere, on the "input" or "hidden"."""
    data = bn.datasets.breast_cancer()
    mu, sigma = data.x_train.mean(axis=0), data.x_train.std(axis=0)
    scales = {"raw": (0, 1), "standardized": (mu, sigma), "by variance": (mu, sigma**2)}
    shift, factor = scales[scaling]
    network = bn.mlp([30, 16, 2], "tanh", where == "hidden", dtype="float64", seed=seed)
    if where == "input":
        network = bn.Network([bn.BatchNorm(30, dtype="float64"), *network.layers])
    fitted(network, ((data.x_train - shift) / factor, data.y_train), lr, seed, 200, 64)
    return right(network, ((data.x_test - shift) / factor, data.y_test))


@claim(
    "01-network",
    "01 network-seeds",
    "30–16–2, tanh, 200 steps, rates .01, .1 and 1: standardized inputs get above 90 %, raw ones "
    "and those divided by the variance do not; with rates from .01 on most raw runs learn no "
    "more than 'benign' (63 %).",
)
def input_network(seeds):
    for lr in (0.01, 0.1, 1):
        yield above(f"standardized, rate {lr}", over(seeds, patients, "standardized", "", lr), 90)
        yield below(f"by variance, rate {lr}", over(seeds, patients, "by variance", "", lr), 90)
        raw = over(seeds, patients, "raw", "", lr)
        yield below(f"raw, rate {lr}", raw, 80)
        yield each(f"raw, rate {lr}: median", np.full_like(raw, np.median(raw)), 60, 66)


# --- 02 · Normalizing z ---------------------------------------------------------------------------


def normalize_once(network, x):
    """Give every z mean 0 and σ 1 over x, by W and b; returns what W has been divided by."""
    a, sigmas = x.astype("float64"), []
    for layer in network.layers[:-1]:
        if isinstance(layer, bn.Linear):
            mu, var = bn.moments(layer.forward(a))
            sigmas.append(np.sqrt(var + 1e-12))
            layer.params["W"] /= sigmas[-1]
            layer.params["b"][...] = -mu / sigmas[-1]
        a = layer.forward(a)
    return sigmas


def larger_steps(sigmas):
    """A step for ``bn.train`` as large as if σ still divided z."""

    def step(network, x, y, rows, optimizer):
        loss, dlogits = bn.softmax_cross_entropy(network.forward(x[rows], training=True), y[rows])
        if np.isfinite(loss):
            network.backward(dlogits)
            hidden = [a for a in network.layers[:-1] if isinstance(a, bn.Linear)]
            for layer, sigma in zip(hidden, sigmas, strict=True):
                layer.grads["W"] /= sigma**2
            optimizer.step(network)
        return loss

    return step


def six_layers(version, g, lr, seed, data):
    """version: "nothing", "once", "once, larger steps" or "every step"; the rate falls to 0."""
    network, step = deep(g, version == "every step", seed), None
    if version.startswith("once"):
        sigmas = normalize_once(network, data[0])
        step = larger_steps(sigmas) if "larger" in version else None
    return falling(network, data, lr, seed, 100, 50, step)


@claim(
    "02-once",
    "02 once-read",
    "Normalizing once is most of it: 95 % for six sigmoid layers that learn nothing without. At "
    "the best falling rate of each, 100 steps, every step is level or half a point ahead for "
    "sigmoid, two points for ReLU, there about three points ahead of a plain network.",
)
def once(seeds):
    for g, low, high in [("sigmoid", 0, 0.7), ("relu", 1.5, 2.5)]:
        scores = {}
        for version in ("nothing", "once", "every step") if g == "relu" else ("once", "every step"):

            def train(lr, seed, data, version=version, g=g):
                return six_layers(version, g, lr, seed, data)

            scores[version] = tuned(seeds, (0.1, 0.3, 1, 3), train, test="cut")
        if g == "sigmoid":
            yield above("sigmoid, once", scores["once"], 93)
        yield about(f"{g}, every step − once", scores["every step"] - scores["once"], low, high)
    yield above("relu, every step − nothing", scores["every step"] - scores["nothing"], 1, by=2)


@claim(
    "02-every-step",
    "02 once-read",
    "Every step adds room at large rates: ReLU trains at 1 and 3, sigmoid at 10, where once "
    "falls apart. At small rates its advantage for sigmoid is a step size: larger steps alone do "
    "as well at .03. ReLU it sets back at .03 and .1.",
)
def every_step(seeds):
    def gain(g, lr, other):
        def run(version, seed):
            return right(six_layers(version, g, lr, seed, cut(seed)[0]))

        return over(seeds, run, "every step") - over(seeds, run, other)

    for lr in (1, 3):
        yield above(f"ReLU, rate {lr}: every step − once", gain("relu", lr, "once"), 20)
    yield above("sigmoid, rate 10: every step − once", gain("sigmoid", 10, "once"), 20)
    yield about("sigmoid, rate 3: every step − once", gain("sigmoid", 3, "once"), -5, 0.5)
    yield above("sigmoid, rate .03: every step − once", gain("sigmoid", 0.03, "once"), 10)
    larger = gain("sigmoid", 0.03, "once, larger steps")
    yield about("sigmoid, rate .03: every step − larger steps", larger, -3, 1)
    for lr in (0.03, 0.1):
        yield below(f"ReLU, rate {lr}: every step − once", gain("relu", lr, "once"), 0)


@claim(
    "02-z-or-a",
    "02 fresh-seeds-read",
    "Four layers, tuned, 100 steps: a is half a point to a point ahead of z for sigmoid, ReLU "
    "shows no difference of a point; z is four to five points ahead of a tuned plain sigmoid "
    "network (4 W), for ReLU a point at most.",
)
def z_or_a(seeds):
    versions = {
        "sigmoid, 4 W": ("sigmoid", False, 4, (0.3, 1, 2)),
        "sigmoid, a": ("sigmoid", "a", 1, (0.1, 0.2, 0.3, 0.5)),
        "sigmoid, z": ("sigmoid", "z", 1, (0.2, 0.3, 0.5, 1)),
        "relu, nothing": ("relu", False, None, (0.1, 0.2, 0.3)),
        "relu, a": ("relu", "a", None, (0.2, 0.3, 0.5, 1)),
        "relu, z": ("relu", "z", None, (0.2, 0.3, 0.5, 1)),
    }
    scores = {}
    for name, (g, batch_norm, init, rates) in versions.items():

        def train(lr, seed, data, g=g, batch_norm=batch_norm, init=init):
            return fitted(deep(g, batch_norm, seed, 4, init), data, lr, seed, m=50)

        scores[name] = tuned(seeds, rates, train, test="cut")
    yield about("sigmoid, a − z", scores["sigmoid, a"] - scores["sigmoid, z"], 0.4, 1.1)
    yield about("ReLU, a − z", scores["relu, a"] - scores["relu, z"], -0.8, 0.8)
    yield above("sigmoid, z − plain 4 W", scores["sigmoid, z"] - scores["sigmoid, 4 W"], 1)
    yield about("ReLU, z − plain", scores["relu, z"] - scores["relu, nothing"], -0.3, 1)


@claim(
    "02-scale",
    "02 careful-scale-trained",
    "Hidden weights × 4, sigmoid with BN: about 20 points less after 100 steps at rate .1, "
    "nothing at rate 1.",
)
def weights_times_4(seeds):
    def run(factor, lr, seed):
        network = deep("sigmoid", "z", seed, 4)
        for layer in network.layers[:-1]:
            if "W" in layer.params:
                layer.params["W"] *= factor
        fit, kept = cut(seed)
        return right(fitted(network, fit, lr, seed, m=50), kept)

    for lr, low, high in [(0.1, -23, -17), (1, -1, 1)]:
        yield about(
            f"× 4 − × 1, rate {lr}", over(seeds, run, 4, lr) - over(seeds, run, 1, lr), low, high
        )


@claim(
    "02-inputs",
    "02 careful-inputs",
    "BN on raw inputs does what standardizing does; BN of the hidden z alone does not.",
)
def on_the_inputs(seeds):
    for lr in (0.01, 0.1):
        standardized = over(seeds, patients, "standardized", "", lr)
        inputs = over(seeds, patients, "raw", "input", lr)
        yield about(f"rate {lr}: BN on the inputs − standardized", inputs - standardized, -0.7, 0.7)
        hidden = over(seeds, patients, "raw", "hidden", lr)
        yield below(f"rate {lr}: BN on hidden z − standardized", hidden - standardized, 0)


@claim(
    "02-output",
    "02 careful-output",
    "BN on the output (two tanh layers, 200 steps) costs no accuracy that shows, and some loss.",
)
def on_the_output(seeds):
    def run(on_output, seed):
        network, (fit, kept) = deep("tanh", True, seed, 2), cut(seed)
        if on_output:
            network = bn.Network([*network.layers, bn.BatchNorm(10, dtype="float64")])
        fitted(network, fit, 0.1, seed, 200, 50)
        return loss(network, kept), right(network, kept)

    difference = over(seeds, run, True) - over(seeds, run, False)
    yield above("loss", difference[:, 0], 0.02)
    yield about("accuracy", difference[:, 1], -0.6, 0.6)


# --- 03 · γ and β ---------------------------------------------------------------------------------


def part_of(network, kind):
    """``network`` of which only a part is trained."""
    for layer in network.layers:
        is_bn, is_last = isinstance(layer, bn.BatchNorm), layer is network.layers[-1]
        moves = {"everything": True, "all but γ, β": not is_bn, "only γ, β": is_bn}
        layer.frozen = not moves.get(kind, is_last)
    return network


def pairs(rng, x, y, count):
    """Two images side by side, each a 3 or an 8: (count, 128), and 1 where the digits differ."""
    images = [x[y == 3], x[y == 8]]
    first, differ = rng.integers(0, 2, (2, count))
    second = np.where(differ, 1 - first, first)
    halves = [
        [images[digit][rng.integers(len(images[digit]))] for digit in side]
        for side in (first, second)
    ]
    return np.hstack(halves), differ


@functools.cache
def same_digit(seed):
    """Pairs to fit, to tune on and to test with: no image is in two of the three."""
    rng = np.random.default_rng([17, seed])
    fit, kept = cut(seed)
    parts = [pairs(rng, *fit, 1000), pairs(rng, *kept, 500), pairs(rng, *test_set(), 1000)]
    scale = bn.Standardizer().fit(parts[0][0])
    return [(scale.transform(x), y) for x, y in parts]


@claim(
    "03-same-digit",
    "03 careful-same-digit-read",
    "Same digit or not (300 steps, each at its tuned rate): without γ and β a sigmoid network is "
    "little better than chance, with them it gets more than nine in ten, with β held about "
    "eight; 1000 steps without bring it to about three quarters. ReLU misses neither.",
)
def needs_g(seeds):
    def run(held, g, lr, seed, part, steps=300):
        network = bn.mlp([128, 50, 50, 2], g, True, dtype="float64", seed=seed)
        data, options = same_digit(seed), dict(steps=steps, batch_size=50, seed=seed)
        for _ in bn.train(network, data[0], bn.SGD(lr), **options):
            for layer in (network.layers[1], network.layers[4]):
                for name in held:
                    layer.params[name][...] = 1 if name == "gamma" else 0
        return right(network, data[part])

    def at_best(held, g):
        lr = best_rate((0.3, 1, 3, 10), seeds, lambda lr, s: run(held, g, lr, s, 1))
        return np.array([run(held, g, lr, s, 2) for s in seeds.test])

    both = ("gamma", "beta")
    free, neither = at_best((), "sigmoid"), at_best(both, "sigmoid")
    yield above("sigmoid, nothing held", free, 90)
    yield below("sigmoid, γ and β held", neither, 65)
    yield above("sigmoid, both held: what it loses", free - neither, 25)
    yield about("sigmoid, β held", at_best(("beta",), "sigmoid"), 74, 84)
    longer = [run(both, "sigmoid", 1, s, 2, 1000) for s in seeds.test]
    yield about("sigmoid, γ and β held, 1000 steps", longer, 72, 80)
    yield about("ReLU: what it loses", at_best((), "relu") - at_best(both, "relu"), -1, 0.7)


@claim(
    "03-linear",
    "03 careful-pairs-read",
    "Without g (one layer, 300 steps) the digits are within a point or two of the networks, and "
    "same or different cannot be told at all.",
)
def without_g(seeds):
    def run(data, tested, seed):
        sizes = [data[0].shape[1], int(data[1].max()) + 1]
        network = bn.mlp(sizes, dtype="float64", seed=seed)
        return right(fitted(network, data, 0.3, seed, 300, 50), tested)

    digits = [run(cut(s)[0], test_set(), s) for s in seeds.test]
    yield above("which digit", digits, 94)
    paired = [run(same_digit(s)[0], same_digit(s)[2], s) for s in seeds.test]
    yield about("same digit", paired, 49, 51)


def digits_in_part(kind, g, optimizer, seed):
    network = part_of(deep(g, True, seed, 2), kind)
    bn.fit(network, cut(seed)[0], optimizer, steps=100, batch_size=50, seed=seed)
    return network


def by_kept_loss(kind, g, make, rates, seeds):
    """The rate with the least loss on kept-aside digits, and test digits right with it."""
    lr = best_rate(
        rates, seeds, lambda lr, s: -loss(digits_in_part(kind, g, make(lr), s), cut(s)[1])
    )
    return lr, np.array([right(digits_in_part(kind, g, make(lr), s)) for s in seeds.test])


@claim(
    "03-held",
    "03 do-they-help-read",
    "On the digits (two layers, 100 steps) learned γ, β are ahead for sigmoid, by up to half "
    "a point at .3 and 1, by about a point at 3; for ReLU less than half a point either way, "
    "at 3 a point or two behind. γ, β alone get about 60 %, the last layer alone more.",
)
def held(seeds):
    def gain(g, lr):
        scores = [
            np.array([right(digits_in_part(kind, g, bn.SGD(lr), s)) for s in seeds.test])
            for kind in ("everything", "all but γ, β")
        ]
        return scores[0] - scores[1]

    for g, lr, low, high in [
        ("sigmoid", 0.3, 0.1, 0.5),
        ("sigmoid", 1, 0.1, 0.5),
        ("sigmoid", 3, 0.7, 1.5),
        ("relu", 0.3, -0.5, 0.5),
        ("relu", 1, -0.5, 0.5),
        ("relu", 3, -2, -1),
    ]:
        yield about(f"{g}, rate {lr}: everything − all but γ, β", gain(g, lr), low, high)
    for g, low, high in [("relu", 60, 67), ("sigmoid", 54, 62)]:
        only = by_kept_loss("only γ, β", g, bn.SGD, (10, 30, 100), seeds)[1]
        last = by_kept_loss("only the last layer", g, bn.SGD, (0.5, 1, 2), seeds)[1]
        yield about(f"{g}, only γ, β", only, low, high)
        yield above(f"{g}, only the last layer − only γ, β", last - only, 10)


@claim(
    "03-four-optimizers",
    "03 four-on-network-read",
    "Tuned, the four optimizers cannot be told apart by more than half a point; Momentum's and "
    "Nesterov's best rates are about 1 − β₁ = 0.1 of gradient descent's.",
)
def four_optimizers(seeds):
    base = np.array([0.18, 0.32, 0.56, 1, 1.8])
    makes = [(bn.SGD, 1), (bn.Momentum, 0.1), (bn.Nesterov, 0.1), (bn.Adam, 0.01)]
    found = {
        make.__name__: by_kept_loss("everything", "relu", make, tuple(share * base), seeds)
        for make, share in makes
    }
    rate, scores = found["SGD"]
    for name in ("Momentum", "Nesterov", "Adam"):
        yield about(f"{name} − SGD", found[name][1] - scores, -0.5, 0.5)
    for name in ("Momentum", "Nesterov"):
        ratio = np.full(len(seeds.test), found[name][0] / rate)
        yield each(f"rate of {name} / of SGD", ratio, 0.03, 0.35)


@claim(
    "03-decay",
    "03 careful-decay-read",
    "ReLU, decay .01: that of γ in the last BN more than doubles the training loss; that of γ in "
    "the first, which the next BN divides out, leaves it as it was; that of W changes it by a "
    "quarter at most (rather lower than higher).",
)
def decay(seeds):
    def run(name, layers, seed):
        network, fit = deep("relu", True, seed, 2), cut(seed)[0]
        for _ in bn.train(network, fit, bn.SGD(0.3), steps=200, batch_size=50, seed=seed):
            for i in layers:
                network.layers[i].params[name] *= 1 - 0.3 * 0.01
        bn.recompute_statistics(network, fit[0])
        return loss(network, fit)

    nothing = over(seeds, run, "W", ())
    yield above("γ of the last, as a multiple", over(seeds, run, "gamma", (4,)) / nothing, 2)
    yield about(
        "γ of the first, as a multiple", over(seeds, run, "gamma", (1,)) / nothing, 0.9, 1.1
    )
    yield about("W, as a multiple", over(seeds, run, "W", (0, 3)) / nothing, 0.7, 1.1)


@claim(
    "03-divided-out",
    "03 careful-divided-out",
    "In a trained ReLU network γ₁, β₁ × 0.18 moves a logit by less than a thousandth of the "
    "largest; γ₂, β₂ × 0.18 by more than a third.",
)
def divided_out(seeds):
    def moved(layer, seed):
        network = fitted(deep("relu", True, seed, 2), train_set(), 0.3, seed, 200, 50)
        x = train_set()[0][:200]
        before = network.batch_activations(x)[-1]
        for name in ("gamma", "beta"):
            network.layers[layer].params[name] *= 0.18
        return np.abs(network.batch_activations(x)[-1] - before).max() / np.abs(before).max()

    yield each("γ₁, β₁: share of the largest logit", over(seeds, moved, 1), 0, 0.001)
    yield each("γ₂, β₂: share of the largest logit", over(seeds, moved, 4), 0.33, 1)


# --- 04 · The noise of mini-batches ---------------------------------------------------------------

PICKED = {4: (0.1, 0.3), 16: (0.3, 1), 64: (1, 3), 256: (1, 3)}


def small(seeds, kind, statistics, m, rates=None):
    """Test digits right of ``small_run`` at the rate best for the 300 kept aside."""
    rates = rates or PICKED[m]
    runs = {lr: [small_run((kind, statistics, m, lr, s)) for s in seeds.test] for lr in rates}
    best = max(rates, key=lambda lr: np.mean([run["tune"] for run in runs[lr]]))
    return np.array([100 * run["test"] for run in runs[best]])


small_run = functools.cache(bn.small_run)


@claim(
    "04-noise",
    "04 pairs-read",
    "256 digits, tuned: BN without noise is a point or a little more ahead of neither. Its own "
    "noise adds half a point in batches of 16 and a third in batches of 64, less than half of "
    "its gain; noise of 16 or of 8 in batches of 64 nearly a whole point, more than in batches "
    "of 16.",
)
def noise(seeds):
    none, plain, own, eight = (
        {m: small(seeds, kind, statistics, m) for m in (16, 64)}
        for kind, statistics in [("BN", "all"), ("neither", "batch"), ("BN", "batch"), ("BN", 8)]
    )
    sixteen = small(seeds, "BN", 16, 64)
    for m in (16, 64):
        yield above(f"{m}: BN without noise − neither", none[m] - plain[m], 0)
    yield about("64: noise of 64 − none", own[64] - none[64], 0.2, 0.5)
    yield above("64: noise of 16 − none", sixteen - none[64], 0, by=2)
    yield about("64: noise of 16 − none", sixteen - none[64], 0.6, 1.1)
    yield about("64: noise of 8 − noise of 16", eight[64] - sixteen, -0.25, 0.25)
    yield about("16: noise of 16 − none", own[16] - none[16], 0.4, 0.8)
    yield about("noise of 16: batches of 64 − of 16", sixteen - own[16], 0.15, 0.6)
    share = own[16] - none[16] - (own[16] - plain[16]) / 2
    yield about("16: noise's part − half of BN's gain", share, -0.5, -0.1)


@claim(
    "04-both",
    "04 both-read",
    "BN and dropout together are ahead of the better one by about half a point at 64, level with "
    "dropout or a little ahead at 256, level with BN at 16, and two points behind each at 4, where "
    "the noise costs half a point or more.",
)
def both(seeds):
    scores = {
        (m, kind): small(seeds, kind, "batch", m)
        for m in (4, 16, 64, 256)
        for kind in ("BN", "dropout", "both")
    }
    for m, better, low, high in [(64, "BN", 0.3, 0.7), (256, "dropout", 0.0, 0.5)]:
        yield about(f"{m}: both − {better}", scores[m, "both"] - scores[m, better], low, high)
    yield about("16: both − BN", scores[16, "both"] - scores[16, "BN"], -0.3, 0.3)
    for kind in ("BN", "dropout"):
        yield below(f"4: both − {kind}", scores[4, "both"] - scores[4, kind], 0)
        yield about(f"4: both − {kind}", scores[4, "both"] - scores[4, kind], -3, -1.5)
    bn_without_noise = small(seeds, "BN", "all", 4, rates=(0.3,))
    yield about("4: BN − BN without noise", scores[4, "BN"] - bn_without_noise, -1.1, -0.4)


@claim(
    "04-neither",
    "04 noise-share-read",
    "BN is ahead of neither in batches of 16, 64 and 256, in batches of 4 by less than a point "
    "if at all; dropout gains about a point at every size.",
)
def neither(seeds):
    for m in (4, 16, 64, 256):
        plain = small(seeds, "neither", "batch", m)
        gain, what = small(seeds, "BN", "batch", m) - plain, f"{m}: BN − neither"
        yield about(what, gain, 0, 0.8) if m == 4 else above(what, gain, 0)
        dropout = small(seeds, "dropout", "batch", m) - plain
        yield about(f"{m}: dropout − neither", dropout, 0.7, 1.5)


@claim(
    "04-batch-size",
    "04 careful-knob",
    "From batches of 16 to 256 BN loses at the fixed rate 1; about half of that is the rate's.",
)
def batch_size(seeds):
    fixed, best = (
        small(seeds, "BN", "batch", 16, r16) - small(seeds, "BN", "batch", 256, r256)
        for r16, r256 in [((1,), (1,)), (None, None)]
    )
    yield above("lost at rate 1", fixed, 0.5)
    yield above("due to the rate", fixed - best, 0)
    yield about("due to the rate − half of what is lost", fixed / 2 - best, -0.1, 0.4)


@claim(
    "04-dropout-shift",
    "04 careful-shift-read",
    "Dropout makes BN remember a variance 1.25 (rate .3) and 1.5 (.6) times too large; the test "
    "digits do not notice.",
)
def dropout_shift(seeds):
    for rate, low, high in [(0, 0.98, 1.02), (0.3, 1.2, 1.3), (0.6, 1.42, 1.6)]:
        ratios, gain = [], []
        for seed in seeds.test:
            data = bn.datasets.few_digits(256, seed)
            network = bn.small_network("both", seed, rate=rate, dtype="float64")
            fitted(network, data["train"], 0.3, seed, 400, 64)
            second = [a for a in network.layers if isinstance(a, bn.BatchNorm)][1]
            remembered, score = second.running_var.copy(), right(network, data["test"])
            bn.recompute_statistics(network, data["train"][0])
            ratios.append(np.median(remembered / second.running_var))
            gain.append(right(network, data["test"]) - score)
        yield about(f"rate {rate}: remembered / true", ratios, low, high)
        yield about(f"rate {rate}: recomputed − remembered", gain, -0.2, 0.2)


@claim(
    "04-sorted",
    "04 careful-order-read",
    "At .1 sorted batches ruin BN alone, at .5 both (fewer than three quarters right), and at "
    "neither rate do mixed ones.",
)
def sorted_batches(seeds):
    def run(kind, in_order, lr, seed):
        data = bn.datasets.few_digits(256, seed)
        (x, y), rng = data["train"], np.random.default_rng(seed)
        order = np.argsort(y, kind="stable") if in_order else rng.permutation(256)
        batches = order.reshape(16, 16)
        network, optimizer = bn.small_network(kind, seed, dtype="float64"), bn.SGD(lr)
        for _ in range(400):
            rows = rng.choice(batches)
            if not np.isfinite(bn.train_step(network, x[rows], y[rows], optimizer)):
                return 0.0
        bn.recompute_statistics(network, x)
        return right(network, data["test"])

    for lr in (0.1, 0.5):
        for kind in ("neither", "BN"):
            fails = kind == "BN" or lr == 0.5
            low, high = (0, 75) if fails else (75, 100)
            yield each(f"{lr}: {kind}, sorted", over(seeds, run, kind, True, lr), low, high)
            yield each(f"{lr}: {kind}, mixed", over(seeds, run, kind, False, lr), 75, 100)


# --- 05 · Test time -------------------------------------------------------------------------------


@functools.cache
def network_of_05(seed, decay=0.9, correction=True, steps=200, m=32, lr=0.3):
    rng, layers = np.random.default_rng(seed), []
    options = dict(decay=decay, bias_correction=correction, dtype="float64")
    for n_in in (64, 50):
        layers += [bn.Linear(n_in, 50, bias=False, dtype="float64", seed=rng)]
        layers += [bn.BatchNorm(50, **options), bn.Sigmoid()]
    network = bn.Network([*layers, bn.Linear(50, 10, dtype="float64", seed=rng)])
    return fitted(network, train_set(), lr, seed, steps, m)


def recomputed(network):
    network = copy.deepcopy(network)
    bn.recompute_statistics(network, train_set()[0])
    return network


def in_batches(network, m, order, x=None):
    """Test digits right in training mode, by the statistics of the test batches."""
    x, y = test_set()[0] if x is None else x, test_set()[1]
    batches = np.split(order, range(m, len(order), m))
    hits = [network.batch_activations(x[b])[-1].argmax(axis=1) == y[b] for b in batches]
    return 100 * np.mean(np.concatenate(hits))


def mixed(seed):
    return np.random.default_rng(seed).permutation(len(test_set()[1]))


def by_digit():
    return np.argsort(test_set()[1], kind="stable")


@claim(
    "05-batch-size",
    "05 batch-size-read",
    "Inference mode gets 96 %. With test-batch statistics a batch of one gives everybody the "
    "same answer; mixed, 62 % at two, 84 at four, 95 at 64; sorted by digit, half at 64.",
)
def test_batches(seeds):
    networks = [(s, network_of_05(s)) for s in seeds.test]
    yield about("inference", [right(n) for _, n in networks], 95, 97)
    for m, low, high in [(2, 60, 65), (4, 82, 86), (16, 92, 95), (64, 94, 97)]:
        scores = [in_batches(n, m, mixed(s)) for s, n in networks]
        yield about(f"mixed, {m}", scores, low, high)
    yield each("one", [in_batches(n, 1, mixed(s)) for s, n in networks], 7, 13)
    for m, low, high in [(16, 15, 30), (64, 45, 65)]:
        yield each(f"by digit, {m}", [in_batches(n, m, by_digit()) for _, n in networks], low, high)


@claim(
    "05-steps",
    "05 steps-read",
    "Averages of decay .99 from 0 and 1 make the network of step 50 look much worse than it is, "
    "and after 200 steps still cost about a point; corrected ones are as good as recomputed "
    "ones.",
)
def steps_trained(seeds):
    for steps in (50, 200):
        start = np.array([right(network_of_05(s, 0.99, False, steps)) for s in seeds.test])
        fair = np.array(
            [right(recomputed(network_of_05(s, 0.99, True, steps))) for s in seeds.test]
        )
        corrected = np.array([right(network_of_05(s, 0.99, True, steps)) for s in seeds.test])
        if steps == 50:
            yield above("50 steps: recomputed − from 0 and 1", fair - start, 15)
        else:
            yield about("200 steps: recomputed − from 0 and 1", fair - start, 0.3, 2)
        yield about(f"{steps} steps: corrected − recomputed", corrected - fair, -0.5, 0.5)


@claim(
    "05-ones",
    "05 careful-mode",
    "Fifty batches of ones in training mode, and nothing else, cost the trained network more "
    "than ten points.",
)
def after_ones(seeds):
    x, y = test_set()

    def lost(seed):
        used = copy.deepcopy(network_of_05(seed))
        for k in range(50):
            rows = np.random.default_rng([seed, k]).choice(np.flatnonzero(y == 1), 8)
            used.forward(x[rows], training=True)
        return right(network_of_05(seed)) - right(used)

    yield above("before − after", over(seeds, lost), 10)


@claim(
    "05-faint",
    "05 careful-drifted",
    "Faint ink: test-batch statistics repair it in mixed batches of 32 (95 %), the running "
    "averages do not (77 %), and in batches sorted by digit it is worst (33 %).",
)
def faint_ink(seeds):
    paper = train_set()[0].min(axis=0)
    x, y = paper + 0.3 * (test_set()[0] - paper), test_set()[1]
    inference = np.array([right(network_of_05(s), (x, y)) for s in seeds.test])
    scores = np.array([in_batches(network_of_05(s), 32, mixed(s), x) for s in seeds.test])
    ordered = np.array([in_batches(network_of_05(s), 32, by_digit(), x) for s in seeds.test])
    yield about("inference", inference, 73, 81)
    yield about("mixed", scores, 94, 96)
    yield above("mixed − inference", scores - inference, 8)
    yield each("by digit", ordered, 25, 42)


@claim(
    "05-unbiased",
    "05 careful-unbiased-read",
    "Trained with batches of 4, the unbiased variance (× 4/3) predicts about a point worse than "
    "the biased one the network has learned with.",
)
def unbiased(seeds):
    def change(lr, seed):
        network = copy.deepcopy(network_of_05(seed, 0.99, True, 300, 4, lr))
        before = right(network)
        for layer in network.layers:
            if isinstance(layer, bn.BatchNorm):
                layer.set_statistics(layer.running_mean, layer.running_var * 4 / 3)
        return right(network) - before

    for lr in (0.03, 0.1, 0.3):
        gain = over(seeds, change, lr)
        yield below(f"rate {lr}: unbiased − biased", gain, 0, by=2)
        yield about(f"rate {lr}: unbiased − biased", gain, -1.5, -0.6)


@claim(
    "05-second-layer",
    "05 second-layer-read",
    "E[σ²_B]/σ² in batches of 4: (m − 1)/m in layer 1 always; in layer 2 above 1, in a trained "
    "network less so than in an untrained one.",
)
def second_layer(seeds):
    def ratios(network, seed):
        x = train_set()[0]
        rows = np.random.default_rng(seed).permutation(1344).reshape(-1, 4)
        seen = [network.batch_activations(x[batch]) for batch in rows]
        variances = [np.mean([a[k].var(axis=0) for a in seen], axis=0) for k in (0, 3)]
        true = [recomputed(network).layers[k].running_var for k in (1, 4)]
        return [np.median(v / t) for v, t in zip(variances, true, strict=True)]

    trained = np.array([ratios(network_of_05(s), s) for s in seeds.test])
    fresh = np.array([ratios(network_of_05(s, steps=1), s) for s in seeds.test])
    yield each("layer 1, trained", trained[:, 0], 0.72, 0.78)
    yield above("layer 2, trained", trained[:, 1], 1.02)
    yield above("layer 2, untrained − trained", fresh[:, 1] - trained[:, 1], 0.03)


# --- 06 -------------------------------------------------------------------------------------------


@claim(
    "06-growth",
    "06 growth-read",
    "At the start, fifty layers with BN: per layer the squared gradient grows by what the law "
    "says, within a few hundredths.",
)
def growth(seeds):
    x, y = train_set()

    def per_layer(name, m, seed):
        rows = np.random.default_rng(seed).permutation(len(x))[:m]
        network = bn.mlp([64, *[100] * 50, 10], name, True, dtype="float64", seed=seed)
        dy = bn.softmax_cross_entropy(network.forward(x[rows], training=True), y[rows])[1]
        sizes = []
        for layer in reversed(network.layers):
            if isinstance(layer, bn.Linear):
                sizes.append(np.mean(dy**2))
            dy = layer.backward(dy)
        return (sizes[-2] / sizes[1]) ** (1 / 48)

    for name, sixty, ten in [("relu", 1.49, 1.68), ("tanh", 1.20, 1.35), ("sigmoid", 1.05, 1.18)]:
        for m, law in ((60, sixty), (10, ten)):
            factors = over(seeds, per_layer, name, m)
            yield about(f"{name}, batches of {m}, measured − law", factors - law, -0.06, 0.06)


def leaving_out(kind, lr, seed, data, steps=200, m=50, **options):
    """A network of 06 that does not follow all paths, and its loss on the data, recomputed."""
    options = {"depth": 4, "activation": "sigmoid", "dtype": "float64"} | options
    network = leave_out_a_path.network_of(kind, seed, **options)
    return fitted(network, data, lr, seed, steps, m)


def recomputed_and_as_it_is(network, x):
    as_it_is = right(network)
    bn.recompute_statistics(network, x)
    return [as_it_is, right(network)]


@claim(
    "06-leave-out",
    "06 leave-read",
    "Four layers of sigmoids, each kind at its own rate: without μ's path about ten points worse "
    "or more, of which recomputed statistics win back some; directly only several, of which they "
    "win back a part; without σ²'s path less than a point, if at all.",
)
def leave_out(seeds):
    def at_its_rate(kind):
        rates = (0.003, 0.01, 0.03, 0.1, 0.3, 1, 3)

        def score(lr, seed):
            fit, kept = cut(seed)
            return right(leaving_out(kind, lr, seed, fit), kept)

        lr = best_rate(rates, seeds, score)
        runs = [leaving_out(kind, lr, s, cut(s)[0]) for s in seeds.test]
        pairs = zip(runs, seeds.test, strict=True)
        return np.array([recomputed_and_as_it_is(run, cut(s)[0][0]) for run, s in pairs]).T, lr

    (whole, whole_anew), lr = at_its_rate("all paths")
    yield each("all paths: the best rate", [lr] * 2, 0.3, 1)
    (mean, mean_anew), lr = at_its_rate("without μ's")
    yield each("without μ's: the best rate", [lr] * 2, 0.01, 0.1)
    yield above("all − without μ's", whole - mean, 8)
    yield above("without μ's: recomputed − as it is", mean_anew - mean, 1)
    (var, _), lr = at_its_rate("without σ²'s")
    yield each("without σ²'s: the best rate", [lr] * 2, 0.3, 3)
    yield about("all − without σ²'s", whole - var, 0, 0.8)
    (direct, direct_anew), _ = at_its_rate("directly only")
    yield above("all − directly only", whole - direct, 3)
    yield above("directly only: recomputed − as it is", direct_anew - direct, 0)
    yield above("all − directly only, recomputed", whole_anew - direct_anew, 0)


@claim(
    "06-leave-out-demo",
    "06 leave-try",
    "The demo's networks: at a rate of 0.3 the losses are close, the network without μ's path gets "
    "less than two thirds of the digits right, and nearly all with recomputed statistics; at ten "
    "times the rate, and with ReLU, its loss is higher.",
)
def leave_out_demo(seeds):
    def run(kind, lr, seed, activation="sigmoid"):
        network = leaving_out(kind, lr, seed, train_set(), m=60, activation=activation)
        as_it_is, anew = recomputed_and_as_it_is(network, train_set()[0])
        return as_it_is, anew, loss(network, train_set())

    def both(*arguments):
        pairs = [[run(kind, *arguments[:1], s, *arguments[1:]) for s in seeds.test]
                 for kind in ("all paths", "without μ's")]  # fmt: skip
        return np.array(pairs).transpose(0, 2, 1)

    (_, whole_anew, whole_loss), (mean, mean_anew, mean_loss) = both(10**-0.5)
    yield below("without μ's, inference mode", mean, 66)
    yield about("all − without μ's, recomputed", whole_anew - mean_anew, 0, 2.5)
    yield about("loss: without μ's − all", mean_loss - whole_loss, 0, 0.12)
    (_, _, whole_loss), (_, _, mean_loss) = both(10**0.5)
    yield above("a rate of 3: loss without μ's − all", mean_loss - whole_loss, 0.5)
    (_, _, whole_loss), (_, _, mean_loss) = both(10**-0.5, "relu")
    yield above("ReLU: loss without μ's − all", mean_loss - whole_loss, 0.03)

    def length(seed, train_beta):
        options = {"m": 60, "train_beta": train_beta}
        network = leaving_out("without μ's", 1.0, seed, train_set(), **options)
        return leave_out_a_path.lengths(network)[0]

    held, learned = (over(seeds, lambda s, b=b: length(s, b)) for b in (False, True))
    yield above("a rate of 1: length of b, β held / learned", held / learned, 1.2)


@claim(
    "06-shares",
    "06 shares-read",
    "Trained with all paths, about a thousandth of the squared gradient lies along (1, …, 1), less "
    "than one direction's share of 1/60.",
)
def shares(seeds):
    x, y = train_set()

    def along(steps, seed):
        network = leaving_out("all paths", 0.3, seed, cut(seed)[0], steps)
        dy = bn.softmax_cross_entropy(network.forward(x[:60], training=True), y[:60])[1]
        found = []
        for layer in reversed(network.layers):
            passed = layer.backward(dy)
            if isinstance(layer, bn.BatchNorm):
                found.append(100 * np.sum(layer.grads["beta"] ** 2) / 60 / np.sum(dy**2))
            dy = passed
        return np.median(found)

    for steps in (1, 50, 200):
        yield each(f"after {steps} steps, %", over(seeds, along, steps), 0.02, 0.5)


@claim(
    "06-very-deep",
    "06 very-deep-read",
    "BN, 100 steps, each at its own rate: with ten layers all get nine tenths of the digits; with "
    "forty sigmoid is better than tanh, and tanh than ReLU.",
)
def forty_layers(seeds):
    def run(name, depth, lr, seed, data):
        network = bn.mlp([64, *[50] * depth, 10], name, True, seed=seed)
        bn.fit(network, data, bn.SGD(lr), steps=100, batch_size=50, seed=seed)
        bn.recompute_statistics(network, data[0])
        return network

    found = {}
    for name in ("relu", "tanh", "sigmoid"):
        for depth in (10, 40):
            train = functools.partial(run, name, depth)
            found[name, depth] = tuned(seeds, (0.01, 0.03, 0.1, 0.3, 1, 3), train, "cut")
        yield above(f"{name}, ten layers", found[name, 10], 88)
    yield above("forty: sigmoid − tanh", found["sigmoid", 40] - found["tanh", 40], 5)
    yield above("forty: tanh − ReLU", found["tanh", 40] - found["relu", 40], 10)
    yield below("ReLU, forty layers", found["relu", 40], 40)
