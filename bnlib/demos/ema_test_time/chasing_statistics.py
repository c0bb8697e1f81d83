"""Demo of notebook 05: running statistics that chase the true ones while a network trains."""

from functools import partial

import numpy as np

from ... import live
from ...live.style import GREY, INK, ORANGE
from .. import demo
from ..common.lines import DOTS, SMALL_LEGEND
from ..common.race import FIRST
from ..common.race_panels import over_steps
from .recording import WIDTH, recordings
from .temperatures import window_length, with_window

DECAYS = (0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999)
STARTS = {"0 and 1": (0.0, 1.0), "0 and 0": (0.0, 0.0), "corrected": None}
KINDS = ("running average", "whole training set")
VARIANCES = {1: (0.2, 20), 2: (0.01, 10)}  # hidden layer -> what the picture has room for
EVERY = 5  # steps between two sets of parameters that are kept
LOOKS = 10  # at the whole training set, in a run


def spacing(steps):
    """Steps between two looks at the whole training set."""
    return EVERY * max(1, steps // (EVERY * LOOKS))


def numbers(recording, decay, start, layer, unit, steps):
    """What the recording holds so far, as a dict of the numbers on show."""
    done = min(recording.step, steps)
    looks = sorted({*range(0, done, spacing(steps)), done})
    averages = recording.averages(decay, STARTS[start], done)
    true = np.array([recording.true(step) for step in looks])
    given = dict(zip(KINDS, (averages[looks], true), strict=True))
    here = np.s_[:, layer - 1, :, unit - 1]
    return {
        "step": done, "diverged": recording.diverged, "window": window_length(decay),
        "start_left": 0.0 if STARTS[start] is None else decay**done,
        "batches": np.array(recording.batches[:done]).reshape(done, 2, 2, WIDTH)[here],
        "running": averages[here], "looks": np.array(looks), "true": true[here],
        "accuracy": {
            kind: np.array([recording.accuracy(*each) for each in zip(looks, of, strict=True)])
            for kind, of in given.items()
        },
    }  # fmt: skip


def chase(decay, start, batch_size, layer, unit, learning_rate, steps, kept):
    """What does not touch the training is computed from the recording at once."""
    (recording,) = recordings(kept, 1, batch_size=batch_size, learning_rate=learning_rate)
    show = partial(numbers, recording, decay, start, layer, unit, steps)
    yield show
    while recording.step < steps and not recording.diverged:
        stop = min(max(FIRST, recording.step + spacing(steps)), steps)
        for each in range(recording.step + EVERY, stop + 1, EVERY):
            recording.advance(each)
        yield show


@demo
def chasing_statistics() -> live.Explorer:
    """Running mean and variance of one unit against those over the whole training set.

    ``result`` holds batches (steps, 2), running (steps + 1, 2) and true (looks, 2): mean and
    variance of the chosen unit for each mini-batch, as averaged, and over the training set at the
    steps ``looks``; accuracy (kind → array at looks) on the test digits with either.
    """
    canvas = live.Canvas(9.6, 3.4)
    axes = canvas.axes(1, 3)
    look = {"colors": (ORANGE, INK), "dashes": ("-", (0, (5, 2))), "xlabel": "step", "grows": True}
    views = (
        {"title": "Mean of the unit's z", "ylim": (-1.5, 1.5), "legend": None},
        {"title": "Its variance", "ylim": VARIANCES[2], "yscale": "log", "legend": None},
        {"title": "Test digits right with it", "ylim": (0, 1), "legend": "lower right"},
    )
    panels = [live.Curves(canvas, axes[k], KINDS, **look, **view) for k, view in enumerate(views)]
    small = DOTS | {"ghost": False, "color": GREY, "markersize": 2.2, "alpha": 0.7}
    dots = [panel.line(**small) for panel in panels[:2]]
    law = panels[1].line(ghost=False, color=INK, linewidth=1.0, linestyle=(0, (1, 2)), zorder=4)
    handles = [dots[1], *panels[1].lines.values(), law]
    names = ["σ² of one mini-batch", *KINDS, "(m − 1)/m of it"]
    axes[1].legend(handles, names, loc="upper right", **SMALL_LEGEND)

    def another_layer(setting):
        panels[1].limits(ylim=VARIANCES[setting.layer])
        for panel in panels[:2]:
            panel.forget()

    def show(result, setting):
        t = np.arange(1, result["step"] + 1)
        for k, panel in enumerate(panels[:2]):
            panel.update(KINDS[0], np.append(0, t), result["running"][:, k])
            panel.update(KINDS[1], result["looks"], result["true"][:, k])
            dots[k].set_data(t, result["batches"][:, k])
        for kind in KINDS:
            panels[2].update(kind, result["looks"], result["accuracy"][kind])
        m = setting.batch_size
        law.set_data(result["looks"], result["true"][:, 1] * (m - 1) / m)

    def describe(result, setting):
        no_minus_0 = (np.round(result[of][-1], 2) + 0.0 for of in ("running", "true"))
        running, true = no_minus_0
        told = "The run has diverged. " if result["diverged"] else ""
        return (
            f"{told}Step {result['step']} of {setting.steps}; the averages look back about "
            f"{result['window']:.0f} steps, and {result['start_left']:.0%} is still their start.\n"
            f"Mean: running {running[0]:.2f}, true {true[0]:.2f}. "
            f"Variance: running {running[1]:.2f}, true {true[1]:.2f}.\n"
            f"Test digits right: {result['accuracy'][KINDS[0]][-1]:.0%} with the running averages, "
            f"{result['accuracy'][KINDS[1]][-1]:.0%} with the statistics of the training set."
        )

    return live.Explorer(
        "chasing_statistics",
        title="Mean and variance of one hidden unit: of every mini-batch, as running averages and "
        "over the whole training set while the network trains; and the test accuracy with either",
        controls={
            "decay": live.steps_slider("decay (≈ steps)", 0.99, with_window(DECAYS)),
            "start": live.choice("averages start", "0 and 1", list(STARTS)),
            "batch_size": live.steps_slider("batch size", 32, (2, 4, 8, 16, 32, 64, 128, 256)),
            "layer": live.choice("hidden layer", 2, (1, 2)),
            "unit": live.int_slider("unit", 1, 1, WIDTH),
            "learning_rate": live.log_slider("learning rate", 0.3, -2, 1, per_decade=10),
            "steps": live.steps_slider("steps", 100, (50, 100, 200, 400)),
        },
        canvas=canvas, compute=chase, show=show, describe=describe,
        still={"layer": another_layer, "steps": over_steps(*panels)},
        presets={
            "Bias-corrected": {"start": "corrected"},
            "Too long a memory": {"start": "corrected", "learning_rate": 2.0},
            "Too short a memory": {"start": "corrected", "decay": 0.5, "batch_size": 8},
            "Batches of four": {
                "start": "corrected", "decay": 0.98, "batch_size": 4, "learning_rate": 0.1,
                "steps": 200, "layer": 1,
            },
        },
    )  # fmt: skip
