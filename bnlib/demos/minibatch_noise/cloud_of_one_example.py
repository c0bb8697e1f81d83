"""Demo of notebook 04: one example's z_norm in many mini-batches, and the laws of the noise."""

import numpy as np

from ... import live
from ...live.style import BLUE, GREY, INK, ORANGE
from .. import demo
from ..common.lines import DOTS, joined
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
        canvas, areas["cloud"], ("theory",), colors=(ORANGE,), legend=None, ylim=(-3.5, 4.5),
        title="One example's z_norm, a dot a batch", ylabel="z_norm", **size_axis,
    )  # fmt: skip
    faint = cloud.line(ghost=False, color=GREY, marker=".", markersize=2, linestyle="none",
                       zorder=1, alpha=0.6)  # fmt: skip
    dots = cloud.line(color=BLUE, markersize=2.6, zorder=4, markeredgewidth=0, **DOTS)
    whole = cloud.line(ghost=False, color=INK, linestyle=":", linewidth=1.2, zorder=5)
    areas["cloud"].legend(
        [dots, whole, cloud.lines["theory"]],
        ["in one batch", "over the whole set", "theory, ± 2 standard deviations"],
        loc="upper right", fontsize=8.5, frameon=False,
    )  # fmt: skip

    views = {  # bins, title and unit of the histogram; options of the panel of its law
        "mean": (np.linspace(-1.65, 1.65, 34), "μ_B of random batches", "standard deviations σ",
                 {"title": "std(μ_B) / σ", "yscale": "log", "ylim": (0.02, 1.5)}),
        "var": (np.linspace(0, 3.3, 34), "σ²_B of random batches", "parts of σ²",
                {"title": "σ²_B / σ²: mean ± std", "ylim": (0, 2.2)}),
    }  # fmt: skip
    histograms, curves, laws, marks, measured = {}, {}, {}, {}, {}
    for name, (bins, title, unit, law) in views.items():
        histograms[name] = live.Histogram(
            canvas, areas[name], bins, colors=(BLUE,), ylim=(0, 0.6), title=title, xlabel=unit
        )
        curves[name] = histograms[name].line(ghost=False, color=ORANGE, zorder=5)
        areas[name].set_yticks([])
        law = law | {"colors": (ORANGE,), "legend": None} | size_axis
        laws[name] = panel = live.Curves(canvas, areas[f"{name}_law"], ("law",), **law)
        measured[name] = panel.line(ghost=False, color=BLUE, markersize=3.5, zorder=4, **DOTS)
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
        k, law, seen = SIZES.index(here), result["law"], result["measured"]
        density = {
            "mean": lambda x: normal(x, law["mean_std"][k]),
            "var": lambda x: gamma(x, law["var_mean"][k], law["var_std"][k]),
        }
        for name, panel in histograms.items():
            panel.update(result[name])
            x = np.linspace(panel.bins[0] + 1e-9, panel.bins[-1], 200)
            curves[name].set_data(x, density[name](x) * np.diff(panel.bins)[0])
            marks[name].set_data([here, here], laws[name].axes.get_ylim())
        shown = np.where(law["mean_std"] > 0.02, law["mean_std"], np.nan)
        laws["mean"].update("law", m, shown)
        measured["mean"].set_data(m, np.maximum(seen["mean_std"], 1e-9))
        mean, std = law["var_mean"], law["var_std"]
        laws["var"].update("law", m, mean, mean - std, mean + std)
        mean, std = seen["var_mean"], seen["var_std"]
        measured["var"].set_data(m, mean)
        bars.set_data(*joined(m, [mean - std, mean + std]))

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
        controls={
            "batch_size": live.steps_slider("batch size m", 8, SIZES),
            "example": live.int_slider("percentile", 85, 1, 99),
            "unit": live.choice("unit", "nearly Gaussian", list(UNITS)),
            "redraw": live.int_slider("redraw batches", 1, 1, 20),
            "population": live.choice("drawn from", "all 1347 digits", list(POPULATIONS)),
            "drawn": live.choice("drawn", "with replacement", DRAWN),
        },
        canvas=canvas, compute=one_example, show=show, describe=describe,
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
