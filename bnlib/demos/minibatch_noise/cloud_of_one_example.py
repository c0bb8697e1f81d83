"""Demo of notebook 04: one example's z_norm in many mini-batches, and the laws of the noise."""

from __future__ import annotations

import math
from functools import cache, lru_cache

import numpy as np

from ... import live
from ...live.style import BLUE, GREY, INK, ORANGE
from ...network import mlp
from ...optimizers import SGD
from ...training import train
from .. import demo
from ..common.race import standardized_digits
from .batch_laws import BatchLaws

BATCHES = 300
SIZES = (2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256)
EPS = 1e-5
# (layer, unit) of a trained network whose z over the digits is close to Gaussian, and is not.
UNITS = {"nearly Gaussian": (3, 39), "skewed, heavy tails": (0, 27)}
DRAWN = [("with replacement", "with replacement"), ("without", "without replacement")]
POPULATIONS = {"all 1347 digits": 1347, "256 digits": 256}


@cache
def hidden_units():
    """z (1347,) of the two units over the training digits, in float64."""
    x, y, *_ = standardized_digits()
    network = mlp([64, 50, 50, 10], batch_norm=True, dtype="float64", seed=0)
    for _ in train(network, (x, y), SGD(0.3), steps=200, batch_size=60, seed=0, every=200):
        pass
    z = network.activations(x)
    return {name: z[layer][:, unit].copy() for name, (layer, unit) in UNITS.items()}


@lru_cache(maxsize=8)
def standardized_unit(unit, size):
    """The unit's z over the first ``size`` digits, with mean 0 and variance 1; in rising order."""
    z = np.sort(hidden_units()[unit][:size])
    return (z - z.mean()) / z.std()


@lru_cache(maxsize=4)
def drawings(size, replacement, seed):
    """Rows of indices into ``size`` examples; the first m of a row are a random batch of m.

    (BATCHES, 256). Without replacement a row is the beginning of a random order (Fisher and
    Yates), so that a batch grows by new examples when m does.
    """
    rng, most = np.random.default_rng(seed), SIZES[-1]
    if replacement:
        return rng.integers(0, size, (BATCHES, most))
    order = np.tile(np.arange(size, dtype=np.int32), (BATCHES, 1))
    swaps, rows = rng.integers(np.arange(most), size, (BATCHES, most)), np.arange(BATCHES)
    for k, swap in enumerate(swaps.T):
        order[rows, k], order[rows, swap] = order[rows, swap], order[rows, k]
    return order[:, :most]


def batch_moments(values):
    """Mean and biased variance (SIZES, rows) of the first m columns of values, for every m."""
    m = np.array(SIZES)
    mean, square = (np.cumsum(v, axis=1)[:, m - 1].T / m[:, None] for v in (values, values**2))
    return mean, np.maximum(square - mean**2, 0)


def one_example(unit, example, batch_size, population, drawn, redraw):
    """One example in BATCHES random batches of every size; a dict of the numbers on show."""
    size, replacement = POPULATIONS[population], drawn == "with replacement"
    z = standardized_unit(unit, size)
    chosen = round(example / 100 * (size - 1))
    rows = drawings(size, replacement, redraw)
    mean, var = batch_moments(z[rows])

    companions = rows[:, :-1]
    if not replacement:  # the example is in its batch once: the row's last one stands in for it
        companions = np.where(companions == chosen, rows[:, -1:], companions)
    own = np.full((BATCHES, 1), z[chosen])
    its_mean, its_var = batch_moments(np.hstack([own, z[companions]]))
    z_norm = (z[chosen] - its_mean) / np.sqrt(its_var + EPS)

    laws, m, k = BatchLaws.of(z, replacement), np.array(SIZES), SIZES.index(batch_size)
    low, centre, high = laws.band(z[chosen], m[1:])
    return {
        "batch_size": batch_size,
        "population": population,
        "drawn": drawn,
        "sizes": m,
        "z": float(z[chosen]),
        "skewness": laws.skewness,
        "kurtosis": laws.kurtosis,
        "all_z_norm": z_norm,
        "z_norm": z_norm[k],
        "mean": mean[k],
        "var": var[k],
        "measured": {"mean_std": mean.std(axis=1), "var_mean": var.mean(axis=1),
                     "var_std": var.std(axis=1)},
        "law": {"mean_std": laws.mean_std(m), "var_mean": laws.var_mean(m),
                "var_std": laws.var_std(m)},
        "band": {"low": low, "centre": centre, "high": high},
    }  # fmt: skip


def normal(x, std):
    """Density of a Gaussian with mean 0; nothing where the spread is 0."""
    return np.exp(-((x / std) ** 2) / 2) / (std * math.sqrt(2 * math.pi)) if std > 0 else 0 * x


def gamma(x, mean, std):
    """Density of a gamma distribution; for σ²_B of Gaussian values it is exact (χ² with m − 1)."""
    if std < 1e-6 * mean:
        return 0 * x
    shape, scale = (mean / std) ** 2, std**2 / mean
    return np.exp((shape - 1) * np.log(x / scale) - x / scale - math.lgamma(shape)) / scale


@demo
def cloud_of_one_example() -> live.Explorer:
    """One example's z_norm over many batches, and μ_B and σ²_B beside their laws.

    ``result`` holds z (the example in the whole population's standard deviations), z_norm (300,),
    mean and var (300,) of random batches of the chosen size; measured and law (name → (sizes,)):
    mean_std, var_mean, var_std; band (low, centre, high: from m = 3 on); sizes.
    """
    canvas = live.Canvas(9.6, 4.5)
    areas = canvas.mosaic(
        [["cloud", "mean", "mean_law"], ["cloud", "var", "var_law"]], width_ratios=(1.5, 1, 1)
    )
    size_axis = {"xscale": "log", "xlim": (1.6, 330), "xlabel": "batch size m"}
    cloud = live.Curves(
        canvas, areas["cloud"], ("theory",), colors=(ORANGE,),
        ylim=(-3.5, 4.5), legend=None, title="One example's z_norm, a dot a batch",
        ylabel="z_norm", **size_axis,
    )  # fmt: skip
    faint = cloud.line(ghost=False, color=GREY, marker=".", markersize=2, linestyle="none",
                       zorder=1, alpha=0.6)  # fmt: skip
    dots = cloud.line(color=BLUE, marker="o", markersize=2.6, linestyle="none", zorder=4,
                      markeredgewidth=0)  # fmt: skip
    whole = cloud.line(ghost=False, color=INK, linestyle=":", linewidth=1.2, zorder=5)
    areas["cloud"].legend(
        [dots, whole, cloud.lines["theory"]],
        ["in one batch", "over the whole set", "theory, ± 2 standard deviations"],
        loc="upper right", fontsize=8.5, frameon=False,
    )  # fmt: skip

    bins = {"mean": np.linspace(-1.65, 1.65, 34), "var": np.linspace(0, 3.3, 34)}
    titles = {"mean": "μ_B of random batches", "var": "σ²_B of random batches"}
    units = {"mean": "standard deviations σ", "var": "parts of σ²"}
    histograms, curves, laws, marks, measured = {}, {}, {}, {}, {}
    for name in ("mean", "var"):
        histograms[name] = live.Histogram(
            canvas, areas[name], bins[name], colors=(BLUE,), ylim=(0, 0.6), title=titles[name],
            xlabel=units[name],
        )  # fmt: skip
        curves[name] = histograms[name].line(ghost=False, color=ORANGE, zorder=5)
        areas[name].set_yticks([])
    laws["mean"] = live.Curves(
        canvas, areas["mean_law"], ("law",), colors=(ORANGE,), legend=None, yscale="log",
        ylim=(0.02, 1.5), title="std(μ_B) / σ", **size_axis,
    )  # fmt: skip
    laws["var"] = live.Curves(
        canvas, areas["var_law"], ("law",), colors=(ORANGE,), legend=None, ylim=(0, 2.2),
        title="σ²_B / σ²: mean ± std", **size_axis,
    )  # fmt: skip
    for name, panel in laws.items():
        measured[name] = panel.line(ghost=False, color=BLUE, marker="o", markersize=3.5,
                                    linestyle="none", zorder=4)  # fmt: skip
        marks[name] = panel.line(ghost=False, color=INK, linewidth=1, zorder=1.2)
    bars = laws["var"].line(ghost=False, color=BLUE, linewidth=1, zorder=3.5)
    for axes in (areas["cloud"], areas["mean_law"], areas["var_law"]):
        axes.set_xticks([2, 4, 8, 16, 32, 64, 128, 256][:: 1 if axes is areas["cloud"] else 2])
        axes.set_xticks([], minor=True)
        axes.xaxis.set_major_formatter("{x:.0f}")
    scatter = np.random.default_rng(0).uniform(0.94, 1.06, BATCHES)

    def show(result, setting):
        m, here, band = result["sizes"], result["batch_size"], result["band"]
        some = result["all_z_norm"][:, :60]
        faint.set_data(np.outer(m, scatter[:60]).ravel(), np.clip(some, -3.45, 4.45).ravel())
        dots.set_data(here * scatter, np.clip(result["z_norm"], -3.45, 4.45))
        whole.set_data([1.6, 330], [result["z"]] * 2)
        cloud.update("theory", m[1:], band["centre"], band["low"], band["high"])
        k = list(m).index(here)
        x = {name: np.linspace(edges[0] + 1e-9, edges[-1], 200) for name, edges in bins.items()}
        law, seen = result["law"], result["measured"]
        density = {
            "mean": normal(x["mean"], law["mean_std"][k]),
            "var": gamma(x["var"], law["var_mean"][k], law["var_std"][k]),
        }
        for name, panel in histograms.items():
            panel.update(result[name])
            curves[name].set_data(x[name], density[name] * np.diff(bins[name])[0])
            marks[name].set_data([here, here], laws[name].axes.get_ylim())
        shown = np.where(law["mean_std"] > 0.02, law["mean_std"], np.nan)
        laws["mean"].update("law", m, shown)
        measured["mean"].set_data(m, np.maximum(seen["mean_std"], 1e-9))
        spread = law["var_std"]
        laws["var"].update("law", m, law["var_mean"], law["var_mean"] - spread,
                           law["var_mean"] + spread)  # fmt: skip
        measured["var"].set_data(m, seen["var_mean"])
        ends = seen["var_mean"] + np.array([[-1], [1], [np.nan]]) * seen["var_std"]
        bars.set_data(np.repeat(m, 3), ends.T.ravel())

    def describe(result, setting):
        m, z_norm, k = result["batch_size"], result["z_norm"], SIZES.index(result["batch_size"])
        if m == 2:
            told = "only a sign is left"
        else:
            low, high = result["band"]["low"][k - 1], result["band"]["high"][k - 1]
            inside = np.mean((z_norm >= low - 1e-3) & (z_norm <= high + 1e-3))
            told = f"{inside:.0%} between {low:.2f} and {high:.2f} (theory: 95%)"
            if high - low < 1e-6:
                told = "no noise is left"
        law, seen = ({n: v[k] for n, v in result[w].items()} for w in ("law", "measured"))
        return (
            f"Batches of {m} {result['drawn']} from {result['population']}; the unit has skewness "
            f"{result['skewness']:.1f} and kurtosis {result['kurtosis']:.1f}.\n"
            f"z_norm of the example: {result['z']:+.2f} over all; in the batches mean "
            f"{z_norm.mean():.2f}, std {z_norm.std():.2f}, {told}.\n"
            f"std(μ_B) = {seen['mean_std']:.3f} σ (law {law['mean_std']:.3f}). "
            f"σ²_B: mean {seen['var_mean']:.3f} σ² (law {law['var_mean']:.3f}), "
            f"std {seen['var_std']:.3f} σ² (law {law['var_std']:.3f})."
        )

    return live.Explorer(
        "cloud_of_one_example",
        title="The normalized value of one example in three hundred random mini-batches for every "
        "batch size, and the mean and the variance of mini-batches beside their laws",
        canvas=canvas,
        controls={
            "batch_size": live.steps_slider("batch size m", 8, SIZES),
            "example": live.int_slider("percentile", 85, 1, 99),
            "unit": live.choice("unit", "nearly Gaussian", list(UNITS)),
            "redraw": live.int_slider("redraw batches", 1, 1, 20),
            "population": live.choice("drawn from", "all 1347 digits", list(POPULATIONS)),
            "drawn": live.choice("drawn", "with replacement", DRAWN),
        },
        compute=one_example,
        show=show,
        describe=describe,
        presets={
            "Four times the batch, half the noise": {"batch_size": 32},
            "A batch of two": {"batch_size": 2},
            "An outlier": {"batch_size": 16, "example": 99},
            "Heavy tails": {"unit": "skewed, heavy tails", "batch_size": 16},
            "Everybody in one batch": {
                "batch_size": 256, "population": "256 digits", "drawn": "without replacement",
            },
        },
    )  # fmt: skip
