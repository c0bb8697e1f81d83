"""Demo of notebook 03: where γ and β put a batch on the nonlinearity that comes next."""

import math
from functools import cache
from statistics import NormalDist

import numpy as np

from ... import datasets, live
from ...activations import ACTIVATIONS
from ...batch_statistics import moments
from ...live.style import BLUE, FAINT, GREY, ORANGE
from ...network import mlp
from ...normalization import batch_norm
from ...optimizers import SGD
from ...training import fit
from .. import demo
from ..common.lines import DOTS

BATCH, BATCHES, UNITS = 128, 10, 30
EPS = 1e-5
FLAT = 0.1  # of its largest slope: where g has less it counts as saturated
SOURCES = ("the sliders", "undo for batch 1")
# Where the slope is below FLAT of the steepest: z̃ < low or z̃ > high
_EDGE = math.atanh(math.sqrt(1 - FLAT))  # of tanh; the sigmoid of z is a tanh of z/2
EDGES = {"sigmoid": (-2 * _EDGE, 2 * _EDGE), "tanh": (-_EDGE, _EDGE), "relu": (0.0, math.inf)}
# What an example on such a flat part is called
FLAT_WORDS = {"sigmoid": "saturated", "tanh": "saturated", "relu": "zero"}
WIDEST = 10.0


@cache
def batches():
    """z of a trained network's second hidden layer (10, 128, 30), without batch normalization."""
    data = datasets.standardized_digits()
    network = mlp([64, 30, UNITS, 10], "sigmoid", dtype="float64")
    fit(network, data, SGD(3.0), steps=300, batch_size=60)
    z = network.activations(data.x_train[: BATCH * BATCHES])[2]
    return z.reshape(BATCHES, BATCH, UNITS)


def normal_share(low, high, mean, std):
    """The share of a normal distribution below low or above high."""
    if std == 0:
        return float(not low <= mean <= high)
    law = NormalDist(mean, std)
    return law.cdf(low) + 1 - law.cdf(high)


def transform(activation, source, unit, batch, gamma, beta):
    """One unit's batch through BN and g; a dict of the numbers on show."""
    layer, k = batches()[batch - 1], unit - 1
    z = layer[:, k]
    if source == SOURCES[1]:
        (mean,), (var,) = moments(batches()[0][:, [k]])
        gamma, beta = float(np.sqrt(var + EPS)), float(mean)
    shifted, cache = batch_norm(layer, np.full(UNITS, gamma), np.full(UNITS, beta), EPS)
    g = ACTIVATIONS[activation]
    a = g.g(shifted)
    slope = g.slope(a)
    flat = slope < FLAT * g.steepest
    straight = None
    if a[:, k].std() > 1e-9 and shifted[:, k].std() > 1e-9:
        straight = float(np.corrcoef(shifted[:, k], a[:, k])[0, 1] ** 2)
    return {
        "used": (gamma, beta),
        "z": z, "mean": float(cache.mean[k]), "std": float(np.sqrt(cache.var[k])),
        "shifted": shifted[:, k], "a": a[:, k],
        "flat": float(flat[:, k].mean()),
        "flat_normal": normal_share(*EDGES[activation], beta, abs(gamma)),
        "dead_units": int(flat.all(axis=0).sum()),
        "straight": straight,
        "slope": float(slope[:, k].mean()),
        "distance": float(np.abs(shifted[:, k] - z).max()),
    }  # fmt: skip


def describe(result, setting):
    """Four lines: the batch, the identity, the flat parts, the straight line."""
    (gamma, beta), straight = result["used"], result["straight"]
    flat, steepest = FLAT_WORDS[setting.activation], ACTIVATIONS[setting.activation].steepest
    line = "All of a is the same: there is nothing to explain."
    if straight is not None:
        line = f"A straight line explains {straight:.1%} of what g makes of the batch."
    return (
        f"Batch {setting.batch}: z has μ = {result['mean']:.2f} and σ = {result['std']:.2f}. "
        f"z̃ = γ z_norm + β with γ = {gamma:.3g}, β = {beta:.3g}; "
        f"largest |z̃ − z| = {result['distance']:.3f}.\n"
        f"{flat.capitalize()}: {result['flat']:.0%} of the batch; "
        f"{result['flat_normal']:.0%} if z were normally distributed. "
        f"Average slope of g: {result['slope']:.3f} (at most {steepest:g}).\n"
        f"{line}\n"
        f"With this γ and β, {result['dead_units']} of the layer's {UNITS} units would be "
        f"{flat} for the whole batch."
    )


@demo
def gamma_beta_nonlinearity() -> live.Explorer:
    """A unit's batch before and after sigmoid, tanh or ReLU, over γ and β.

    ``result`` holds used (γ and β, wherever they come from), z, its mean and std, shifted (z̃) and a
    (128,), flat (the share where g has less than a tenth of its largest slope; for ReLU where
    a = 0), flat_normal (the same for a normal distribution), dead_units, straight (R² of a straight
    line), slope (mean g'), distance (largest |z̃ − z|).
    """
    canvas = live.Canvas(9.6, 3.6)
    left, middle, right = canvas.axes(1, 3, width_ratios=(1.15, 1.15, 0.9))
    bins = np.linspace(-WIDEST, WIDEST, 51)
    before = live.Histogram(
        canvas, left, bins, ("z̃ = γ z_norm + β", "z, as computed"), colors=(BLUE, GREY),
        ylim=(0, 0.32), legend="upper left", xlabel="z and z̃", title="Before g (dashes: a normal)",
    )  # fmt: skip
    normal = before.line(color=BLUE, linestyle="--", linewidth=1.1, zorder=4, ghost=False)
    curve = live.Curves(
        canvas, middle, ("g", "best straight line"), colors=(GREY, ORANGE), legend="upper left",
        xlim=(-WIDEST, WIDEST), xlabel="z̃", ylabel="a = g(z̃)", title="On the curve", beyond=False,
    )  # fmt: skip
    examples = curve.line(color=BLUE, markersize=4, alpha=0.5, markeredgewidth=0, zorder=4, **DOTS)
    after = live.Histogram(
        canvas, right, np.linspace(0, 1, 21), colors=(BLUE,), ylim=(0, 0.6), xlabel="a",
        title="After g",
    )  # fmt: skip
    share = after.text(0.5, 0.97, ha="center", va="top", fontsize=9, fontweight="bold")
    shades, line = [], np.linspace(-WIDEST, WIDEST, 301)

    def view(setting):
        """Another g: its curve, its flat parts in grey, and its range."""
        g, edges = ACTIVATIONS[setting.activation], EDGES[setting.activation]
        while shades:
            shades.pop().remove()
        for axes in (left, middle):
            for low, high in ((-WIDEST, edges[0]), (edges[1], WIDEST)):
                if low < high:
                    shades.append(axes.axvspan(low, high, color=FAINT, alpha=0.4, zorder=0))
        low, high = np.minimum(g.range, WIDEST)
        curve.limits(ylim=(low - 0.08 * (high - low), high + 0.35 * (high - low)))
        curve.update("g", line, g.g(line))
        before.forget()
        curve.forget()
        after.rescale(low, high)

    def by_hand(setting):
        return setting.source == SOURCES[0]

    def show(result, setting):
        shifted, a = result["shifted"], result["a"]
        before.update(result["z"], "z, as computed")
        before.update(shifted, "z̃ = γ z_norm + β")
        gamma, beta = result["used"]
        std = max(abs(gamma), 1e-3)
        density = np.exp(-0.5 * ((line - beta) / std) ** 2) / (std * math.sqrt(2 * math.pi))
        normal.set_data(line, density * (bins[1] - bins[0]))
        examples.set_data(shifted, a)
        after.update(a)
        share.set_text(f"{FLAT_WORDS[setting.activation]}: {result['flat']:.0%}")
        fitted = [np.nan] if result["straight"] is None else np.polyfit(shifted, a, 1)
        curve.update("best straight line", line, np.polyval(fitted, line))

    return live.Explorer(
        "gamma_beta_nonlinearity",
        title="Histograms of a unit's batch before and after the nonlinearity, and the batch on "
        "the curve of the nonlinearity",
        controls={
            "activation": live.choice("g", "sigmoid", tuple(ACTIVATIONS)),
            "source": live.choice("γ, β from", SOURCES[0], SOURCES),
            "gamma": live.slider("γ", 1.0, -6.0, 6.0, 0.1, format=".1f"),
            "beta": live.slider("β", 0.0, -6.0, 6.0, 0.1, format=".1f"),
            "unit": live.int_slider("unit", 14, 1, UNITS),
            "batch": live.int_slider("batch", 1, 1, BATCHES),
        },
        canvas=canvas, compute=transform, show=show, describe=describe,
        still={"activation": view},
        applies={"gamma": by_hand, "beta": by_hand},
        presets={
            "Undo the normalization": {"source": SOURCES[1]},
            "… and the next batch": {"source": SOURCES[1], "batch": 2},
            "A switch": {"gamma": 6.0},
            "A dead ReLU": {"activation": "relu", "beta": -4.0},
            "A ReLU without a kink": {"activation": "relu", "beta": 4.0},
        },
    )  # fmt: skip
