"""What the pictures of races share: loss, accuracy, who has diverged, and the sentence in words."""

import numpy as np

from ... import live
from .race import SEEDS, over_seeds


class RacePanels:
    """The loss of every kind over the steps (median and range of the seeds), and its accuracy.

    ``colors``: kind → colour; ``loss`` and ``accuracy`` are axes (None: no panel of the accuracy);
    ``top`` is the largest loss in the picture.
    """

    def __init__(self, canvas, colors, loss, accuracy=None, *, top=3.5):
        style = {"colors": colors.values(), "xlabel": "step", "grows": True}
        self.loss = live.Curves(
            canvas, loss, colors, legend="upper right", ylim=(0, top),
            title=f"Loss on the mini-batch, median and range of {SEEDS} seeds", **style,
        )  # fmt: skip
        self.accuracy = accuracy and live.Curves(
            canvas, accuracy, colors, legend=None, ylim=(0, 1), title="Test digits right", **style
        )
        self._note = divergence_note(self.loss)

    def show(self, result):
        """What ``Race.progress`` gave."""
        self._note(result)
        for kind in self.loss.lines:
            self.loss.update(kind, result["loss_steps"], *result["loss"].get(kind, [[]]))
        if self.accuracy:
            for kind, right in result["accuracy"].items():
                known = [seed[np.isfinite(seed)] for seed in right.T]
                self.accuracy.update(kind, result["accuracy_steps"], *over_seeds(known))


def over_steps(*panels):
    """For ``still={"steps": …}``: the panels' x axis ends where the control ``steps`` stands."""

    def room(setting):
        for panel in panels:
            panel.limits(xlim=(0, setting.steps))

    return room


def divergence_note(panel):
    """A function of a race's result that writes into the panel which kinds have diverged."""
    words = panel.text(0.02, 0.95, va="top", fontweight="bold")

    def note(result):
        lost, seeds = result["diverged_runs"].items(), result["seeds"]
        words.set_text("\n".join(f"{kind}: {n} of {seeds} diverged" for kind, n in lost if n))

    return note


def how_far(result, steps) -> str:
    """“Step 20 of 200”, and of which seed as long as not all of them are there."""
    step, others = result["step"], result["others"]
    if step < steps:
        return f"Step {step} of {steps} (seed 0, before the others)."
    return f"Step {step} of {steps}" + (
        f" (seeds 1–{SEEDS - 1}: {others})." if others < step else "."
    )


def fate(result, kind) -> str:
    """How far one kind has come, in words: the loss and the accuracy, as far as they are known."""
    lost, seeds = result["diverged_runs"][kind], result["seeds"]
    if lost == seeds:
        return f"all {seeds} runs have diverged" if seeds > 1 else "the run has diverged"
    told = []
    # Where most have diverged so has the median; and at its end it may be that of seed 0 alone.
    if kind in result["loss"] and 2 * lost < seeds:
        median = result["loss"][kind][0]
        told += [f"loss {value:.2f}" for value in median[np.isfinite(median)][-1:]]
    if kind in result["accuracy"]:
        right = result["accuracy"][kind][-1]
        right = right[np.isfinite(right)]
        told.append(
            f"{np.median(right):.0%} of the test digits right ({right.min():.0%}–{right.max():.0%})"
        )
    more = f" ({lost} of {seeds} runs have diverged)" if lost else ""
    return ", ".join(told) + more
