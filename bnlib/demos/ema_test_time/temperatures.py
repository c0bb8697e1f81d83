"""Demo of notebook 05: an exponentially weighted average of real daily temperatures."""

from functools import lru_cache

import numpy as np

from ... import datasets, live
from ...averaging import ExponentialMovingAverage
from ...live.style import BLUE, FAINT, GREY, INK, ORANGE, QUIET
from .. import demo
from ..common.lines import DOTS, OPEN, SMALL_LEGEND
from .yearly_wave import lag_and_height, yearly_wave

DECAYS = (0, 0.5, 0.7, 0.8, 0.9, 0.93, 0.95, 0.96, 0.97, 0.98, 0.985, 0.99, 0.995)
DAYS = (*range(1, 28), *range(28, 56, 2), *range(56, 85, 7), *range(85, 366, 5))
WINDOWS = {"first 8 weeks": 56, "one year": 365}
LINES = {"without": ("v",), "with": ("corrected",), "both": ("v", "corrected")}
LEGEND = {"v": "without correction", "corrected": "with correction"}
HIGH = 34.5  # °C: where the lag is drawn


def window_length(decay) -> float:
    """1 / (1 − decay): so many values have 1 − 1/e, about 63 %, of the weight."""
    return 1 / (1 - decay)


def with_window(decays):
    """Options of a slider over decays: each says how many values that is."""
    return [(f"{d:g} ≈ {window_length(d):.0f}", d) for d in decays]


@lru_cache(maxsize=64)  # while *today* is dragged nothing else changes
def _averaged(decay, start):
    """A year of temperatures from a first day on, and their corrected average."""
    celsius = datasets.seattle_temperature().celsius[start : start + 365]
    average = ExponentialMovingAverage(decay)
    return celsius, np.array([average.update(value) for value in celsius])


def average_days(decay, correction, start, day, shown):
    """The average from a first day on; a dict of the numbers on show."""
    (celsius, corrected), window = _averaged(decay, start), window_length(decay)
    given_out = 1 - decay ** np.arange(1, len(celsius) + 1)
    measured, theory = lag_and_height(decay)
    return {
        "date": datasets.seattle_temperature().dates[start],
        "celsius": celsius, "season": yearly_wave()[0][start : start + 365],
        "corrected": corrected, "v": corrected * given_out, "weight_given_out": given_out,
        "window": window, "window_weight": 1 - decay**window,
        "lag": measured[0], "height": measured[1],
        "lag_theory": theory[0], "height_theory": theory[1],
    }  # fmt: skip


@demo
def temperatures() -> live.Explorer:
    """Daily temperatures with their exponentially weighted average, and where its weight lies.

    ``result`` holds for 365 days from ``date`` on: celsius, season (the fitted yearly wave), v (no
    correction), corrected and weight_given_out (1 − decay^t); window, lag and height beside
    lag_theory and height_theory.
    """
    canvas = live.Canvas(9.6, 3.5)
    left, right = canvas.axes(1, 2, width_ratios=(2, 1))
    style = {"colors": (ORANGE, BLUE), "dashes": ((0, (5, 2)), "-"), "legend": None}
    days = live.Curves(
        canvas, left, LEGEND, beyond=False, ylim=(-6, 40), xlabel="day since the start",
        ylabel="°C", title="Highest temperature of each day in Seattle", **style,
    )  # fmt: skip
    left.axhline(0, color=FAINT, linewidth=0.8, zorder=1)
    dots = days.line(ghost=False, color=GREY, markersize=2.6, **DOTS)
    season = days.line(ghost=False, color=GREY, linewidth=1.0, linestyle=":")
    today = days.line(ghost=False, color=INK, linewidth=1.0, linestyle=(0, (1, 2)))
    marks = days.line(ghost=False, color=INK, markersize=6, zorder=5, **OPEN)
    behind = days.line(ghost=False, color=INK, marker="|", markersize=9, linewidth=1.2)
    lag_words = days.text(0, HIGH + 1, ha="center", transform=left.transData)
    handles = [dots, season, *days.lines.values()]
    names = ["one day", "yearly wave", *LEGEND.values()]
    left.legend(handles, names, loc="lower right", ncols=2, **SMALL_LEGEND)
    weight = live.Curves(
        canvas, right, LEGEND, beyond=False, xlim=(0, 120), ylim=(0, 1.05),
        xlabel="days back from today", title="Weight of the last days, added up", **style,
    )  # fmt: skip
    right.axhline(1 - np.exp(-1), color=FAINT, linewidth=0.8, zorder=1)
    right.text(119, 1 - np.exp(-1) + 0.02, "63 %", fontsize=8, ha="right", color=QUIET)
    span = weight.line(ghost=False, color=INK, linewidth=1.0, linestyle=":")
    plain = {"facecolor": "white", "edgecolor": "none", "pad": 1}
    missing = weight.text(0.98, 0.06, ha="right", bbox=plain)

    def view(setting):
        """Other days: the ghost would stand beside the wrong ones."""
        days.limits(xlim=(0, WINDOWS[setting.shown]))
        days.forget()

    def show(result, setting):
        names, day, decay = LINES[setting.correction], setting.day, setting.decay
        t, back = np.arange(1, 366), np.arange(day + 1)
        dots.set_data(t, result["celsius"])
        season.set_data(t, result["season"])
        for name in LEGEND:
            shown = name in names
            days.update(name, t if shown else [], result[name] if shown else [])
            share = (1 - decay**back) / (1 if name == "v" else 1 - decay**day)
            x, y = np.append(back, 365), np.append(share, share[-1])
            weight.update(name, x if shown else [], y if shown else [])
        today.set_data([day, day], [-6, 40])
        marks.set_data([day] * len(names), [result[name][day - 1] for name in names])
        span.set_data([result["window"]] * 2, [0, 1.05])
        missing.set_text(f"{decay**day:.0%} still belongs to v₀ = 0" if "v" in names else "")
        warmest = int(t[result["season"].argmax()])
        visible = setting.shown == "one year" and warmest + result["lag"] < 365
        ends = [warmest, warmest + result["lag"]] if visible else []
        behind.set_data(ends, [HIGH] * len(ends))
        lag_words.set_position((warmest + result["lag"] / 2, HIGH + 1))
        lag_words.set_text(f"{result['lag']:.0f} days behind" if visible else "")

    def describe(result, setting):
        day, k = setting.day, setting.day - 1
        date = (result["date"] + np.timedelta64(k, "D")).item()
        beyond = " (off the picture)" if day > WINDOWS[setting.shown] else ""
        return (
            f"Decay {setting.decay:g}: the window 1/(1 − decay) is {result['window']:.3g} days; "
            f"so many have {result['window_weight']:.0%} of the weight.\n"
            f"Day {day}{beyond}, {date:%d %b %Y}: {result['celsius'][k]:.1f} °C, average without "
            f"correction {result['v'][k]:.1f} °C, with {result['corrected'][k]:.1f} °C; "
            f"{result['weight_given_out'][k]:.0%} of the weight is given out.\n"
            f"Behind the yearly wave by {result['lag']:.1f} days (theory "
            f"{result['lag_theory']:.1f}), with {result['height']:.0%} of its height (theory "
            f"{result['height_theory']:.0%})."
        )

    first = np.datetime64("2012-01-01")
    months = np.arange("2012-01", "2015-02", dtype="datetime64[M]")
    starts = [(f"{m.item():%b %Y}", int((m.astype("M8[D]") - first).astype(int))) for m in months]
    return live.Explorer(
        "temperatures",
        title="Daily temperatures with their exponentially weighted average, without and with bias "
        "correction, and the share of its weight that the last days have",
        controls={
            "decay": live.steps_slider("decay (≈ days)", 0.98, with_window(DECAYS)),
            "correction": live.choice("bias correction", "without", list(LINES)),
            "start": live.steps_slider("start", dict(starts)["Jul 2012"], starts),
            "day": live.steps_slider("today is day", 14, DAYS),
            "shown": live.choice("look at", "first 8 weeks", list(WINDOWS)),
        },
        canvas=canvas, compute=average_days, show=show, describe=describe,
        still={("shown", "start"): view},
        presets={
            "With bias correction": {"correction": "both"},
            "The first day": {"correction": "both", "day": 1},
            "A whole year": {"correction": "both", "shown": "one year", "start": 0, "day": 240},
            "Nervous": {"correction": "with", "decay": 0.5, "shown": "one year", "start": 0, "day": 200},  # noqa: E501
            "Sluggish": {"correction": "with", "decay": 0.99, "shown": "one year", "start": 0, "day": 365},  # noqa: E501
        },
    )  # fmt: skip
