"""Demos of notebook 01: what subtracting the mean and dividing by the standard deviation do."""

from __future__ import annotations

from functools import cache

import numpy as np

from .. import datasets, live
from ..live.style import BLUE, GREEN, GREY, ORANGE
from ..logistic import logistic_optimum
from ..standardizer import Standardizer
from .landscape import EXCESS, PAIRS, REACHED, SCALINGS, STEPS, descend, landscape, surface, window

LEVELS = EXCESS * np.array([0.01, 0.05, 0.15, 0.4, 1.0, 2.0])
COLORS = (ORANGE, BLUE, GREEN)


def tell(result, scaling):
    """What became of one descent, in words."""
    if result["diverged"][scaling]:
        return "diverges"
    if result["steps"][scaling] is not None:
        steps = result["steps"][scaling]
        return f"arrives in {steps} step{'s' if steps > 1 else ''}"
    return f"{result['excess'][scaling][-1]:.0%} of the excess loss left after {STEPS} steps"


def loss_contours() -> live.Explorer:
    """Contours of a logistic regression's loss with the path of gradient descent over them.

    ``result`` holds for each scaling: path (101, 3), excess (101,) as a share of the start's,
    steps until 1 % is left (or None), diverged, learning_rate, condition_number, bound (2/λmax)
    and measured_bound.
    """
    canvas = live.Canvas(9.6, 3.7)
    left, centre, right = canvas.axes(1, 3, width_ratios=(1, 1.05, 0.85))
    contours = live.Contours(canvas, left, xlabel="w₁", ylabel="w₂")
    left.tick_params(labelsize=7.5)
    left.locator_params(nbins=5)
    losses = live.Curves(
        canvas, centre, SCALINGS, colors=COLORS, legend="upper right", xlim=(0, STEPS),
        ylim=(1e-4, 30), yscale="log", xlabel="step of gradient descent",
        title="Excess loss, 1 at the start",
    )  # fmt: skip
    centre.axhline(REACHED, color=GREY, linewidth=0.8, linestyle=":")
    rates = live.Spans(
        canvas, right, SCALINGS, colors=COLORS, xlim=(1e-6, 1e3), xscale="log",
        xlabel="learning rate", title="Stable learning rates",
    )  # fmt: skip
    right.text(1, 0.97, "bar: up to 2/λmax\n○ measured\n| in use", fontsize=7.5, ha="right",
               va="top", transform=right.transAxes)  # fmt: skip
    controls = {
        "scaling": live.choice("inputs", "raw", SCALINGS),
        "pair": live.menu("measurements", "texture, area", list(PAIRS)),
        "rates": live.choice("rate for all", "the same", ("the same", "half its bound")),
        "learning_rate": live.log_slider("learning rate", 3e-5, -6, 2),
        "start": live.int_slider("start (degrees)", 180, 0, 355, 5),
        "axes": live.choice("axes", "same scale", ("same scale", "stretched to fit")),
    }
    shown = {}

    def view(result):
        """Put the contours of the chosen coordinates on the left; only when they change."""
        chosen = result["pair"], result["scaling"], result["axes"]
        if shown.get("view") == chosen:
            return
        shown["view"] = chosen
        contours.surface(*surface(*chosen[:2]), LEVELS)
        contours.forget()
        names = PAIRS[result["pair"]]
        left.set(xlabel=f"weight of {names[0]}", ylabel=f"weight of {names[1]}")
        middle, half = window(*chosen[:2])
        if result["axes"] == "same scale":
            half = np.full(2, half.max())
        contours.limits(*np.stack([middle - half, middle + half], axis=1))
        contours.title(f"Loss, {result['scaling']} inputs")
        canvas.redraw()

    def compute(scaling, pair, rates, learning_rate, start, axes):
        return descend(pair, rates, learning_rate, start) | {"scaling": scaling, "axes": axes}

    def show(result):
        view(result)
        controls["learning_rate"].disabled = controls["rates"].value != "the same"
        scaling = result["scaling"]
        land = landscape(result["pair"], scaling)
        contours.update(result["path"][scaling][:, :2], land.optimum[:2])
        for name in SCALINGS:
            losses.update(name, np.arange(STEPS + 1), result["excess"][name])
            losses.lines[name].set_linewidth(2.6 if name == scaling else 1.3)
            rates.update(name, result["bound"][name], result["measured_bound"][name])
        rates.at([result["learning_rate"][name] for name in SCALINGS])

    def describe(result):
        return "\n".join(
            f"{name.capitalize()}: {tell(result, name)}. Learning rate "
            f"{result['learning_rate'][name]:.2g} = "
            f"{result['learning_rate'][name] / result['bound'][name]:.2g} × 2/λmax, "
            f"condition number {result['condition_number'][name]:.2g}."
            for name in SCALINGS
        )

    return live.Explorer(
        "loss_contours",
        title="Contours of the loss over two weights with the path of gradient descent, the loss "
        "curves of three scalings, and their largest stable learning rates",
        canvas=canvas,
        panels=(contours, losses, rates),
        controls=controls,
        compute=compute,
        show=show,
        describe=describe,
        presets={
            "Each at its own rate": {"rates": "half its bound"},
            "Round at last": {"rates": "half its bound", "scaling": "standardized"},
            "Inside the needle": {"axes": "stretched to fit", "learning_rate": 5e-5, "start": 65},
            "Badly conditioned and fast": {"rates": "half its bound", "start": 90},
            "Standardized, not whitened": {
                "rates": "half its bound", "scaling": "standardized", "pair": "radius, area",
            },
        },
    )  # fmt: skip


FEATURES = ("mean radius", "mean texture", "mean area", "mean smoothness")


@cache
def _patients():
    """The four measurements: x_train, y_train, x_test, y_test."""
    data = datasets.breast_cancer()
    columns = [data.feature_names.index(name) for name in FEATURES]
    return data.x_train[:, columns], data.y_train, data.x_test[:, columns], data.y_test


@cache
def _classifier():
    """Logistic regression on the standardized training set: its unit makes no difference."""
    x_train, y_train, *_ = _patients()
    return logistic_optimum(Standardizer().fit_transform(x_train), y_train)


TEST_SETS = ("all 142 patients", "only malignant", "the first 10", "a single patient")


def standardize_units(feature, unit, converted, test_set):
    """Training and test set in the chosen unit, standardized; a dict of the numbers on show."""
    x_train, _, x_test, y_test = _patients()
    rows = {
        "all 142 patients": slice(None),
        "only malignant": y_test == 1,
        "the first 10": slice(0, 10),
        "a single patient": slice(0, 1),
    }[test_set]
    x_test, y_test = x_test[rows], y_test[rows]
    factor = np.ones(len(FEATURES))
    factor[FEATURES.index(feature)] = 10.0**unit
    x_test = x_test * factor
    if converted == "both sets":
        x_train = x_train * factor
    train, own = Standardizer().fit(x_train), Standardizer().fit(x_test)
    weights = _classifier()
    z = {"training": train.transform(x_test), "own": own.transform(x_test)}
    right = {s: ((z[s] @ weights[:-1] + weights[-1] > 0) == y_test).mean() for s in z}
    return {
        "feature": feature,
        "unit": unit,
        "patients": len(y_test),
        "y_test": y_test,
        "x_train": x_train,
        "z_train": train.transform(x_train),
        "z_test": z,
        "mean": train.mean_,
        "std": train.std_,
        "accuracy": {s: float(share) for s, share in right.items()},
    }


def feature_histograms() -> live.Explorer:
    """Four measurements before and after standardizing, and a test set under two statistics.

    ``result`` holds x_train and z_train (427, 4), z_test and accuracy for the ``"training"`` and
    the test set's ``"own"`` statistics, mean and std (4,) of the training set.
    """
    canvas = live.Canvas(9.6, 3.5)
    left, middle, right = canvas.axes(1, 3)
    before = live.Histogram(
        canvas, left, np.linspace(-5, 7, 97), FEATURES, ylim=(0, 0.8), legend="upper right",
        title="As recorded", xlabel="value (logarithmic)", filled=False,
    )  # fmt: skip
    decades = np.arange(-4, 8, 2)
    left.set(xticks=decades, xticklabels=[f"$10^{{{d}}}$" for d in decades])
    bins = np.linspace(-4, 6, 41)
    after = live.Histogram(
        canvas, middle, bins, FEATURES, ylim=(0, 0.3), title="Standardized", filled=False,
        xlabel="standard deviations from the mean",
    )  # fmt: skip
    test = live.Scatter(
        canvas, right, ("benign", "malignant"), colors=(BLUE, ORANGE), size=4, ylim=(-0.6, 1.9),
        xlim=(-4, 6), legend="upper right", xlabel="standardized value of the measurement",
        title="The test set, standardized with …",
    )  # fmt: skip
    right.axvline(0, color=GREY, linewidth=0.8, zorder=1)
    right.set(yticks=[])
    rows = {"training": 1.0, "own": 0.0}
    right.text(-3.9, 1.35, "… the training set's μ, σ", fontsize=8.5)
    right.text(-3.9, 0.35, "… its own μ, σ", fontsize=8.5)

    def show(result):
        for k, name in enumerate(FEATURES):
            before.update(np.log10(np.maximum(result["x_train"][:, k], 1e-30)), name)
            after.update(result["z_train"][:, k], name)
        chosen = FEATURES.index(result["feature"])
        lift = 0.22 * np.sin(7.0 * np.arange(result["patients"]))  # so that dots do not coincide
        for kind, name in enumerate(("benign", "malignant")):
            mask = result["y_test"] == kind
            x = [result["z_test"][statistics][mask, chosen] for statistics in rows]
            y = [row + lift[mask] for row in rows.values()]
            test.update(np.clip(np.concatenate(x), -3.95, 5.95), np.concatenate(y), name)

    def describe(result):
        k, right = FEATURES.index(result["feature"]), result["accuracy"]
        return (
            f"Training set: {result['feature']} has mean {result['mean'][k]:.4g} and standard "
            f"deviation {result['std'][k]:.4g}. Of {result['patients']} test "
            f"patient{'s' if result['patients'] > 1 else ''} "
            f"{right['training']:.0%} are classified correctly with the training set's statistics "
            f"and {right['own']:.0%} with the test set's own."
        )

    return live.Explorer(
        "feature_histograms",
        title="Histograms of four measurements as recorded and standardized, and of a test set "
        "standardized with the training set's and with its own statistics",
        canvas=canvas,
        panels=(before, after, test),
        controls={
            "feature": live.menu("measurement", FEATURES[0], FEATURES),
            "unit": live.slider("its unit × 10^", 0.0, -3.0, 3.0, 0.1, format=".1f"),
            "converted": live.choice("unit changes in", "both sets", ("both sets", "test set only")),  # noqa: E501
            "test_set": live.menu("test set", "only malignant", TEST_SETS),
        },
        compute=standardize_units,
        show=show,
        describe=describe,
        presets={
            "From millimetres to metres": {"unit": -3.0},
            "A test set like the training set": {"test_set": "all 142 patients"},
            "A single patient": {"test_set": "a single patient"},
            "A wrong unit in the clinic": {"unit": 1.0, "converted": "test set only",
                                           "test_set": "all 142 patients"},
        },
    )  # fmt: skip
