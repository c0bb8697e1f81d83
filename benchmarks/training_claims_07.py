"""What notebook 07 says about training: claims as in training_claims.py."""

from __future__ import annotations

import functools

import numpy as np
from training_claims import (
    about,
    above,
    below,
    best_rate,
    claim,
    cut,
    deep,
    each,
    falling,
    fitted,
    over,
    plain_run,
    right,
    train_set,
    tuned,
)

import bnlib as bn
from bnlib.demos.why_it_works.along_the_gradient import along_the_gradient
from bnlib.demos.why_it_works.lines_in_training import RATES, network_of
from bnlib.demos.why_it_works.noisy_batch_norm import with_noise
from bnlib.demos.why_it_works.one_step_shift import one_step_shift


@functools.cache
def ink():
    """mnist_5k in ink (1) or paper (0): the training part, and the test part."""
    data = bn.datasets.mnist_5k()
    binary = [(x > 127).astype(float) for x in (data.x_train, data.x_test)]
    return (binary[0], data.y_train), (binary[1], data.y_test)


def sigmoids(batch_norm, seed, scale=1.0):
    sizes = [784, 100, 100, 100, 10]
    return bn.mlp(sizes, "sigmoid", batch_norm, init_scale=scale, dtype="float64", seed=seed)


@functools.cache
def figure_1(batch_norm, lr, seed, scale=1.0):
    """3 × 100 sigmoid on them: test digits right and percentiles (3, 100) after 0, 100, …, 800."""
    train, test = ink()
    network, seen = sigmoids(batch_norm, seed, scale), []
    run = bn.train(network, train, bn.SGD(lr), steps=800, batch_size=60, seed=seed, every=100)
    while True:
        into = network.batch_activations(test[0][:200])[-3]
        seen.append((right(network, test), np.percentile(into, (15, 50, 85), axis=0)))
        if next(run, None) is None:
            break
    accuracy, percentiles = zip(*seen, strict=True)
    return np.array(accuracy), np.array(percentiles)


@functools.cache
def figure_1_rate(batch_norm, seeds):
    (x, y), _ = ink()

    def score(lr, seed):
        network = sigmoids(batch_norm, seed)
        return right(fitted(network, (x[:3000], y[:3000]), lr, seed, 600), (x[3000:], y[3000:]))

    return best_rate((0.25, 1, 4, 16), seeds, score)


@claim(
    "07-figure-1-accuracy",
    "07 figure-1-read",
    "3 × 100 sigmoid on 4000 binary digits of MNIST, each at its rate. With BN most test digits "
    "are right after 100 steps, without hardly more than by guessing, and it leaves its plateau "
    "after 200; after 800 steps up to three points apart. Without BN, weights × 4, rate 1: level "
    "or ahead after 400 steps.",
)
def figure_1_accuracy(seeds):
    none, norm = (
        np.array([figure_1(b, figure_1_rate(b, seeds), s)[0] for s in seeds.test])
        for b in (False, True)
    )
    yield below("no BN after 100 steps", none[:, 1], 20)
    yield above("BN after 100 steps", norm[:, 1], 50)
    yield below("no BN after 200 steps", none[:, 2], 45)
    yield about(
        "BN − no BN after 800 steps, median", [np.median(norm[:, 8] - none[:, 8])] * 2, -1, 3.5
    )
    large = np.array([figure_1(False, 1, s, 4.0)[0] for s in seeds.test])
    yield about("BN − no BN with W × 4, after 400 steps", norm[:, 4] - large[:, 4], -2, 1)


def moved(percentiles, first, last):
    """Mean change of the percentiles in 100 steps, from look first to last: in z, and in widths."""
    change = np.abs(np.diff(percentiles[first : last + 1], axis=0)).mean(axis=1)
    width = percentiles[first:last, 2] - percentiles[first:last, 0]
    return np.median(change), np.median(change / width)


@claim(
    "07-figure-1-percentiles",
    "07 figure-1-read",
    "From step 100 to 400 the percentiles without BN move several times as far in z, tens of "
    "times in widths; then about twice or more. In the first 100 steps as far in z as BN at its "
    "own rate or farther, dozens of widths against one. BN at rate 1 stays; no BN with W × 4 "
    "goes on moving.",
)
def figure_1_percentiles(seeds):
    rates = {b: figure_1_rate(b, seeds) for b in (False, True)}
    for first, last, z, widths in ((0, 1, (0.6, 3), (30, 180)), (1, 4, (3, 10), (15, 60)),
                                   (4, 8, (1.6, 7), (1.8, 6))):  # fmt: skip
        none, norm = (
            np.array([moved(figure_1(b, rates[b], s)[1], first, last) for s in seeds.test])
            for b in (False, True)
        )
        when = f"step {100 * first} to {100 * last}"
        yield about(f"no BN over BN, {when}, in z", none[:, 0] / norm[:, 0], *z)
        yield about(f"no BN over BN, {when}, in widths", none[:, 1] / norm[:, 1], *widths)
    still = np.array([moved(figure_1(True, 1, s)[1], 0, 1) for s in seeds.test])
    yield about("BN at rate 1, first 100 steps, in z", still[:, 0], 0.2, 0.4)
    large, norm = (
        np.array([moved(figure_1(*kind, s, *scale)[1], 1, 4) for s in seeds.test])
        for kind, scale in (((False, 1), (4.0,)), ((True, rates[True]), ()))
    )
    yield about("W × 4 over BN, step 100 to 400, in z", large[:, 0] / norm[:, 0], 1.8, 4)


NOISES = {"no BN": None, "BN": (0, 0), "noise of ±0.5": (0.5, 0.25), "noise of ±2": (2, 0.5)}


def disturbed(kind, g, depth, seed):
    network = bn.mlp([64, *[50] * depth, 10], g, kind != "no BN", dtype="float64", seed=seed)
    return network if kind == "no BN" else with_noise(network, *NOISES[kind], seed)


@claim(
    "07-noise",
    "07 noise-read",
    "150 steps, each at its rate. Three sigmoid layers: BN with noise of ±0.5 is level with BN, "
    "noise of ±2 costs a point or less, no BN more than ten. Five ReLU layers: no BN is level, "
    "noise of ±2 costs two or three points, more than no BN.",
)
def noise_on_purpose(seeds):
    bounds = {"sigmoid": (-40, -15, -0.5, 0.3, -1.5, 0), "relu": (-1.5, 0.7, -0.5, 1.2, -4, -1.5)}
    for (g, limits), depth in zip(bounds.items(), (3, 5), strict=True):
        scores = {}
        for kind in NOISES:

            def train(lr, seed, data, kind=kind, g=g, depth=depth):
                return fitted(disturbed(kind, g, depth, seed), data, lr, seed, 150)

            scores[kind] = tuned(seeds, (0.1, 0.3, 1, 3), train)
        plain, norm, small, large = scores.values()
        yield about(f"{g}, no BN − BN", plain - norm, *limits[:2])
        yield about(f"{g}, noise ±0.5 − BN", small - norm, *limits[2:4])
        yield about(f"{g}, noise ±2 − BN", large - norm, *limits[4:])
        if g == "relu":
            yield below("relu, noise ±2 − no BN", large - plain, 0)


@claim(
    "07-shift",
    "07 shift-read",
    "By a step BN moves the distributions far less than no BN in the sigmoid networks; noise of "
    "±2 moves three sigmoid layers farther than no BN does. Cosine of the gradients: with tanh "
    "BN leaves more after 10 steps and less after 150; without BN three sigmoid layers are "
    "undisturbed after 10 steps, five throughout, though a step moves them by σ and more.",
)
def shift_of_a_step(seeds):
    data = bn.datasets.standardized_digits()

    def told(kind, g, depth, lr, seed):
        network, seen = disturbed(kind, g, depth, seed), []
        options = dict(steps=150, batch_size=60, seed=seed, every=10)
        for snapshot in bn.train(network, data, bn.SGD(lr), **options):
            if snapshot.step in (10, 50, 150):
                batch = data.x_train[:60], data.y_train[:60]
                by_step = one_step_shift(network, *batch, lr, data.x_test[:300])
                seen.append([by_step["distribution"].mean(), by_step["gradient"].mean()])
        return np.array(seen)

    def three(g, depth, *rates):
        kinds = "no BN", "BN", "noise of ±2"
        return [over(seeds, told, k, g, depth, lr) for k, lr in zip(kinds, rates, strict=True)]

    plain, norm, noisy = three("sigmoid", 3, 2, 1, 1)
    for k, step in enumerate((10, 50, 150)):
        yield above(f"3 sigmoid, step {step}: no BN over BN, σ", (plain / norm)[:, k, 0], 10)
        yield above(
            f"3 sigmoid, step {step}: noise over no BN, σ", (noisy / plain)[:, k, 0], 1, by=2
        )
    yield above("3 sigmoid, no BN, step 10: cosine", plain[:, 0, 1], 0.99)
    yield below("3 sigmoid, BN − no BN, step 10: cosine", (norm - plain)[:, 0, 1], 0)
    plain, norm, noisy = three("tanh", 5, 1, 0.5, 0.5)
    yield above("5 tanh, step 10: no BN over BN, σ", (plain / norm)[:, 0, 0], 15)
    yield above("5 tanh, step 10: BN − no BN, cosine", (norm - plain)[:, 0, 1], 0.2)
    yield below("5 tanh, step 150: BN − no BN, cosine", (norm - plain)[:, 2, 1], 0, by=2)
    plain, norm, noisy = three("sigmoid", 5, 1, 0.3, 0.3)
    yield each("5 sigmoid, no BN: lowest cosine", plain[:, :, 1].min(axis=1), 0.99, 1)
    yield each("5 sigmoid, no BN: shortest shift, σ", plain[:, :, 0].min(axis=1), 0.7, 50)


@functools.cache
def line_of(kind, g, seed, at):
    data, network = bn.datasets.standardized_digits(), network_of(kind, g, seed)
    if at:
        fitted(network, train_set(), RATES[g][kind == "BN"], seed, at)
    return along_the_gradient(network, data.x_train[:200], data.y_train[:200])


@claim(
    "07-landscape",
    "07 landscape-read",
    "Half of the promise, BN over no BN. ReLU: several times as far as a rate, about 3 times "
    "before training and once after 50 steps as a share of the weights, less than twice as a "
    "promised fall. tanh: about a third as a rate before training, 0.8 to 1.2 as a promised "
    "fall. Sigmoid after 10 and 50 steps: about a fifth as a rate, ten times as a promised "
    "fall. The gradient's change at 10 % promised: ReLU and tanh about equal, sigmoid a third "
    "and less.",
)
def landscape_along_the_gradient(seeds):
    bounds = {  # (g, step): rate, share of ‖W‖, promised fall, change of the gradient
        ("relu", 0): ((4, 8), (2.3, 3.5), (1.3, 2.1), (0.8, 1.4)),
        ("relu", 10): ((2.7, 5.5), (1.4, 2.3), (1.5, 2.4), (0.7, 1.3)),
        ("relu", 50): ((2, 4), (0.8, 1.4), (0.9, 1.4), (0.8, 1.5)),
        ("tanh", 0): ((0.25, 0.35), (0.5, 0.7), (1, 1.25), (0.75, 1)),
        ("tanh", 10): ((0.8, 1.6), (0.6, 0.95), (0.75, 1), (0.9, 1.5)),
        ("tanh", 50): ((0.5, 1), (0.6, 0.95), (0.75, 1), (0.9, 1.5)),
        ("sigmoid", 0): ((1.7, 2.6), (2.4, 4), (3.3, 5.5), (0.25, 0.5)),
        ("sigmoid", 10): ((0.14, 0.28), (0.9, 1.6), (9, 20), (0.05, 0.16)),
        ("sigmoid", 50): ((0.15, 0.35), (0.5, 0.9), (10, 25), (0.03, 0.09)),
    }
    for (g, at), limits in bounds.items():
        lines = {kind: [line_of(kind, g, s, at) for s in seeds.test] for kind in ("no BN", "BN")}
        names = [*lines["BN"][0].units, "gradient"]
        both = [[numbers(line) for line in lines[kind]] for kind in ("BN", "no BN")]
        ratios = np.log(both[0]) - np.log(both[1])
        for name, ratio, (low, high) in zip(names, ratios.T, limits, strict=True):
            yield about(f"{g}, step {at}, {name}: log", ratio, np.log(low), np.log(high))
    plain, norm = ([line_of(k, "sigmoid", s, 10) for s in seeds.test] for k in ("no BN", "BN"))
    gain = [[1 - line.losses.min() / line.loss for line in lines] for lines in (plain, norm)]
    yield each("sigmoid, no BN, step 10: lowest loss along the gradient, fall", gain[0], 0, 0.1)
    yield above("sigmoid, BN, step 10: the same", gain[1], 0.12)


def numbers(line):
    """How far half of the promise holds in the three units; the gradient's change at a tenth."""
    return [*map(line.trusted, line.units), line.at("promised fall", [0.1], line.turned)[0]]


def steps_until_lost(batch_norm, lr, seed, steps=30):
    snapshots = [*bn.train(
        deep("relu", batch_norm, seed, dtype="float32"), train_set(), bn.SGD(lr), steps=steps,
        batch_size=60, seed=seed,
    )]  # fmt: skip
    return snapshots[-1].step if snapshots[-1].diverged else steps + 1


@claim(
    "07-first-steps",
    "07 rates-watch-read",
    "Six ReLU layers, rate 2: nearly every run without BN diverges in seven steps, none with BN.",
)
def first_steps_at_2(seeds):
    plain, normalized = (over(seeds, steps_until_lost, b, 2.0) for b in (False, True))
    yield about("percent diverged within 7 steps, without", 100 * (plain <= 7), 75, 100)
    yield each("steps with BN (31: never)", normalized, 31, 31)


@claim(
    "07-largest-rate",
    "07 rates-demo",
    "The largest rate with half of the digits right after 60 steps: with BN about 5 times as large "
    "in six ReLU layers, more than 10 times in ten.",
)
def largest_rate(seeds):
    rates = 10.0 ** (np.arange(-6, 6) / 3)

    def factor(depth, seed):
        largest = [
            max((r for r in rates if plain_run("relu", b, r, depth, 60, seed) >= 50), default=0.01)
            for b in (False, True)
        ]
        return np.log10(largest[1] / largest[0])

    yield about("six layers: log10 of the factor", over(seeds, factor, 6), 0.5, 0.9)
    yield above("ten layers: log10 of the factor", over(seeds, factor, 10), 0.9)


@claim(
    "07-small-rates",
    "07 rates-tuned-read",
    "ReLU: ahead at tuned rates, more so with ten layers than with six, and behind where both have "
    "0.01. tanh: level at tuned rates (within 2 points), far ahead at 0.01.",
)
def equal_small_rates(seeds):
    ahead = {}
    for g, depth in (("relu", 6), ("relu", 10), ("tanh", 6)):
        gain = {}
        for b in (False, True):
            lr = best_rate(
                (0.05, 0.1, 0.2, 0.4, 0.8, 1.6), seeds,
                lambda lr, s, b=b, g=g, depth=depth: right(
                    fitted(deep(g, b, s, depth), cut(s)[0], lr, s), cut(s)[1]
                ),
            )  # fmt: skip
            for rate in (lr, 0.01):
                networks = {s: deep(g, b, s, depth) for s in seeds.test}
                runs = [right(fitted(each, train_set(), rate, s)) for s, each in networks.items()]
                gain.setdefault(rate if rate == 0.01 else "best", []).append(np.array(runs))
        ahead[g, depth] = {rate: normal - plain for rate, (plain, normal) in gain.items()}
    yield above("ReLU, six: tuned", ahead["relu", 6]["best"], 0)
    yield above("ReLU, ten: tuned", ahead["relu", 10]["best"], 4)
    yield below("ReLU, six: both 0.01", ahead["relu", 6][0.01], 0, by=2)
    yield below("ReLU, ten: both 0.01", ahead["relu", 10][0.01], 0)
    yield about("tanh: tuned", ahead["tanh", 6]["best"], -1, 1)
    yield above("tanh: both 0.01", ahead["tanh", 6][0.01], 5)


@claim(
    "07-sigmoid-small",
    "07 careful-rates-run",
    "Six sigmoid layers at rate 0.03, 400 steps: above 90 % with BN, a tenth without.",
)
def sigmoid_small(seeds):
    plain, normalized = (over(seeds, plain_run, "sigmoid", b, 0.03, 6, 400) for b in (False, True))
    yield above("with BN", normalized, 90)
    yield each("without", plain, 5, 16)


def decaying(wd, told=None, scale=None):
    """A step with weight decay of the W before BN, or (``scale``) at a rate that grows."""

    def step(network, x, y, rows, optimizer):
        layers = [a for a, b in zip(network.layers, network.layers[1:], strict=False)
                  if isinstance(b, bn.BatchNorm)]  # fmt: skip
        before = [layer.params["W"].copy() for layer in layers]
        loss, dlogits = bn.softmax_cross_entropy(network.forward(x[rows], training=True), y[rows])
        network.backward(dlogits)
        for layer in layers:
            layer.grads["W"] *= next(scale) if scale and layer is layers[0] else 1
        optimizer.step(network)
        for layer, old in zip(layers, before, strict=True):
            W = layer.params["W"]
            W -= optimizer.lr * wd * old
            if told is not None:
                sizes = [np.linalg.norm(a, axis=0) for a in (old, W, layer.grads["W"])]
                cos = (old * W).sum(axis=0) / (sizes[0] * sizes[1])
                told.append((sizes[0], sizes[2], np.arccos(np.minimum(cos, 1))))
        return loss

    return step


@claim(
    "07-equilibrium",
    "07 sphere-equilibrium",
    "‖w‖ in equilibrium and the angle of a step: measured over theory 1, within a tenth.",
)
def equilibrium_07(seeds):
    def ratios(lr, wd, seed):
        told, network = [], deep("relu", True, seed, 2)
        bn.fit(network, train_set(), bn.SGD(lr), steps=400, batch_size=60, seed=seed,
               step=decaying(wd, told))  # fmt: skip
        length, size, angle = np.reshape(told, (400, 2, 3, 50))[200:].transpose(2, 0, 1, 3)
        G = (length**2 * size**2).mean(axis=0)
        of_w = ((length**4).mean(axis=0) * 2 * wd / (lr * G)) ** 0.25
        of_angle = np.sqrt((angle**2).mean(axis=0) / (2 * lr * wd))
        return np.median(of_w), np.median(of_angle)

    for lr, wd in ((1.0, 0.01), (0.5, 0.02), (1.0, 0.03)):
        found = over(seeds, ratios, lr, wd)
        yield each(f"lr {lr}, wd {wd}: ‖w‖", found[:, 0], 0.9, 1.1)
        yield each(f"lr {lr}, wd {wd}: angle", found[:, 1], 0.9, 1.1)


def few_right(lr, wd, seed, steps=300):
    digits, network = bn.datasets.few_digits(256, seed), deep("relu", True, seed, 2)
    falling(network, digits["train"], lr, seed, steps, 32, decaying(wd))
    bn.recompute_statistics(network, digits["train"][0])
    return right(network, digits["test"])


@claim(
    "07-weight-decay",
    "07 careful-decay-read",
    "256 digits: at rate 0.1 weight decay 0.1 gains two or three points; ten times the rate gains "
    "as much without; weight decay on top half a point.",
)
def weight_decay(seeds):
    small, decayed, large, both = (
        over(seeds, few_right, *pair) for pair in ((0.1, 0), (0.1, 0.1), (1, 0), (1, 0.01))
    )
    yield above("rate 0.1: with − without", decayed - small, 1)
    yield above("rate 1 without − rate 0.1 without", large - small, 1)
    yield about("rate 1 without − rate 0.1 with", large - decayed, -0.7, 0.7)
    yield about("rate 1: with − without", both - large, 0, 1)


def deep_residual(kind, blocks, seed, n=32):
    rng, norm = np.random.default_rng(seed), "BN" in kind

    def linear(n_in, scale):
        return bn.Linear(n_in, n, not norm, scale, "float64", rng)

    def batch_norm():
        return [bn.BatchNorm(n, dtype="float64")] if norm else []

    layers = [linear(64, 1.0), *batch_norm()]
    for _ in range(blocks):
        branch = [bn.ReLU(), linear(n, 2**0.5), *batch_norm()]
        if "γ = 0" in kind:
            branch[-1].params["gamma"][:] = 0
        alpha = 0 if "α = 0" in kind else None
        layers += branch if "plain" in kind else [bn.Residual(branch, alpha)]
    layers += batch_norm() * ("residual" in kind)
    return bn.Network([*layers, bn.ReLU(), bn.Linear(n, 10, dtype="float64", seed=rng)])


def right_residual(kind, blocks, lr, seed, data=None, test=None, steps=60):
    data = data or train_set()
    network = deep_residual(kind, blocks, seed)
    if bn.fit(network, data, bn.SGD(lr), steps=steps, batch_size=60, seed=seed).diverged:
        return 0.0
    with np.errstate(all="ignore"):
        bn.recompute_statistics(network, data[0])
    return right(network, test)


@claim(
    "07-depth",
    "07 blocks-read",
    "60 steps. Plain BN: good with 10 blocks, a third right with 30, guesses with 100, at its best "
    "rate. Residual blocks alone fail at 30. With BN they train at every depth. One number a block "
    "(α = 0): a few points behind at most, at the rate 0.2 for all; with 200 steps about one.",
)
def depth_07(seeds):
    few = seeds._replace(tune=seeds.tune[:2])

    def tuned_at(blocks, kind, rates, test):
        lr = best_rate(rates, few, lambda lr, s: right_residual(kind, blocks, lr, s, *cut(s)))
        return np.array([right_residual(kind, blocks, lr, s) for s in test])

    for blocks, count, most in ((10, 20, 100), (30, 10, 45), (100, 4, 20)):
        test, rates = seeds.test[:count], (0.03, 0.1, 0.3, 1, 3)
        plain = tuned_at(blocks, "plain, BN", rates, test)
        yield (above if blocks == 10 else below)(f"plain, {blocks}", plain, min(most, 80))
        normal = tuned_at(blocks, "residual, BN", (0.3, 1), test)
        yield above(f"residual, BN, {blocks}", normal, 90)
        zero = tuned_at(blocks, "residual, BN, γ = 0", (0.3, 1), test)
        yield about(f"γ = 0 − BN, {blocks}", zero - normal, 0, 2)
        number = np.array([right_residual("residual, α = 0", blocks, 0.2, s) for s in test])
        yield about(f"α = 0 − BN, {blocks}", number - normal, -5, 0)
    alone = tuned_at(30, "residual", (1e-9, 1e-7, 1e-5, 1e-3), seeds.test[:10])
    yield below("residual, 30", alone, 30)
    longer = [
        [right_residual(kind, 100, lr, s, steps=200) for s in seeds.test[:4]]
        for kind, lr in (("residual, α = 0", 0.1), ("residual, BN", 1))
    ]
    yield about("α = 0 − BN, 100, 200 steps", np.subtract(*longer), -2, 0)


@claim(
    "07-scaled-branches",
    "07 careful-residual-read",
    "30 residual blocks without BN and without α, branches divided by √30 at the start, rate 0.03: "
    "more than 80 % right.",
)
def scaled_branches(seeds):
    def scaled(seed):
        network = deep_residual("residual", 30, seed)
        for block in network.layers[1:-2]:
            block.params["1.W"] /= 30**0.5
        return right(fitted(network, train_set(), 0.03, seed, 60))

    yield above("test digits right", over(seeds, scaled), 80)


def length_and_direction():
    vs = {}

    def unit(v):
        return v / np.linalg.norm(v, axis=0)

    def step(network, x, y, rows, optimizer):
        logits = network.activations(x[rows], training=True)[-1]
        if not np.isfinite(logits).all():
            return np.inf
        loss, dlogits = bn.softmax_cross_entropy(logits, y[rows])
        network.backward(dlogits)
        for layer in network.layers[:-1:2]:
            w, dw, lr = layer.params["W"], layer.grads["W"], optimizer.lr
            v = vs.setdefault(layer, w.copy())
            length, dlength = (w * unit(v)).sum(axis=0), (dw * unit(v)).sum(axis=0)
            v -= lr * length / np.linalg.norm(v, axis=0) * (dw - dlength * unit(v))
            dw[:] = (w - (length - lr * dlength) * unit(v)) / lr
        optimizer.step(network)
        return loss

    return step


@claim(
    "07-split",
    "07 direction-read",
    "Length and direction trained apart, without BN: part of BN's gain in ten ReLU layers at most.",
)
def split(seeds):
    def run(kind, lr, seed, data=None, test=None):
        network = deep("relu", kind == "BN", seed, 10)
        step = length_and_direction() if kind == "split" else None
        bn.fit(network, data or train_set(), bn.SGD(lr), steps=100, batch_size=60, seed=seed,
               step=step)  # fmt: skip
        return right(network, test)

    found = {}
    for kind in ("neither", "split", "BN"):
        lr = best_rate(
            (0.025, 0.05, 0.1, 0.2, 0.4, 0.8), seeds,
            lambda lr, s, kind=kind: run(kind, lr, s, *cut(s)),
        )  # fmt: skip
        found[kind] = np.array([run(kind, lr, s) for s in seeds.test])
    yield about("split − neither", found["split"] - found["neither"], -2, 5)
    yield above("BN − split", found["BN"] - found["split"], 3)
