"""Demo of notebook 01: four measurements as recorded and standardized, and a test set."""

from functools import cache

import numpy as np

from ... import datasets, live
from ...live.style import BLUE, GREY, ORANGE
from ...logistic import logistic_optimum
from ...standardizer import Standardizer
from .. import demo

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


TEST_SETS = {  # name -> which of the patients, by what they have
    "all 142 patients": lambda y: slice(None),
    "only malignant": lambda y: y == 1,
    "the first 10": lambda y: slice(10),
    "a single patient": lambda y: slice(1),
}


def standardize_units(feature, unit, converted, test_set):
    """Training and test set in the chosen unit, standardized; a dict of the numbers on show."""
    x_train, _, x_test, y_test = _patients()
    rows = TEST_SETS[test_set](y_test)
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
        "x_train": x_train, "z_train": train.transform(x_train),
        "mean": train.mean_, "std": train.std_,
        "patients": len(y_test), "y_test": y_test, "z_test": z,
        "accuracy": {s: float(share) for s, share in right.items()},
    }  # fmt: skip


@demo
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
    after = live.Histogram(
        canvas, middle, np.linspace(-4, 6, 41), FEATURES, ylim=(0, 0.3), filled=False,
        title="Standardized", xlabel="standard deviations from the mean",
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

    def show(result, setting):
        for k, name in enumerate(FEATURES):
            before.update(np.log10(np.maximum(result["x_train"][:, k], 1e-30)), name)
            after.update(result["z_train"][:, k], name)
        chosen = FEATURES.index(setting.feature)
        lift = 0.22 * np.sin(7.0 * np.arange(result["patients"]))  # so that dots do not coincide
        for kind, name in enumerate(("benign", "malignant")):
            mask = result["y_test"] == kind
            x = [result["z_test"][statistics][mask, chosen] for statistics in rows]
            y = [row + lift[mask] for row in rows.values()]
            test.update(np.clip(np.concatenate(x), -3.95, 5.95), np.concatenate(y), name)

    def describe(result, setting):
        k, right = FEATURES.index(setting.feature), result["accuracy"]
        return (
            f"Training set: {setting.feature} has mean {result['mean'][k]:.4g} and standard "
            f"deviation {result['std'][k]:.4g}. Of {result['patients']} test "
            f"patient{'s' if result['patients'] > 1 else ''} "
            f"{right['training']:.0%} are classified correctly with the training set's statistics "
            f"and {right['own']:.0%} with the test set's own."
        )

    return live.Explorer(
        "feature_histograms",
        title="Histograms of four measurements as recorded and standardized, and of a test set "
        "standardized with the training set's and with its own statistics",
        controls={
            "feature": live.menu("measurement", FEATURES[0], FEATURES),
            "unit": live.slider("its unit × 10^", 0.0, -3.0, 3.0, 0.1, format=".1f"),
            "converted": live.choice("unit changes in", "both sets", ("both sets", "test set only")),  # noqa: E501
            "test_set": live.menu("test set", "only malignant", list(TEST_SETS)),
        },
        canvas=canvas, compute=standardize_units, show=show, describe=describe,
        applies={"converted": lambda setting: setting.unit != 0},
        presets={
            "From millimetres to metres": {"unit": -3.0},
            "A test set like the training set": {"test_set": "all 142 patients"},
            "A single patient": {"test_set": "a single patient"},
            "A wrong unit in the clinic": {"unit": 1.0, "converted": "test set only",
                                           "test_set": "all 142 patients"},
        },
    )  # fmt: skip
