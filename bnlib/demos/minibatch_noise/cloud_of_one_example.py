"""Demo of notebook 04: one example's z_norm in many mini-batches, and the laws of the noise."""

from __future__ import annotations

import numpy as np

from ... import live
from ...live.style import BLUE, GREY, INK, ORANGE
from .. import demo
from .batch_laws import gamma, normal
from .random_batches import BATCHES, POPULATIONS, SIZES, UNITS, one_example

DRAWN = [("with replacement", "with replacement"), ("without", "without replacement")]


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
        ["in one batch", "over the whole set", "theory, 95 of 100 batches"],
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
        m, here, band = result["sizes"], setting.batch_size, result["band"]
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
        m, z_norm = setting.batch_size, result["z_norm"]
        k = SIZES.index(m)
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
            f"Batches of {m} {setting.drawn} from {setting.population}; the unit has skewness "
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
