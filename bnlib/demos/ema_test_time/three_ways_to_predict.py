"""Demo of notebook 05: a digit predicted among neighbours, and alone."""

import numpy as np

from ... import live
from ...datasets import digits as digit_images
from ...live.style import BLUE, GREEN, INK, ORANGE
from ...threads import one_blas_thread
from .. import demo
from ..common.lines import DOTS, OPEN, SMALL_LEGEND, joined
from ..common.race import SEEDS, over_seeds
from .in_training_mode import DRAWS, SIZES, neighbours, softmax, training_mode_accuracy
from .recording import faint_digits, recordings

MODES = ("training mode", "running averages", "whole training set")
COLORS = (ORANGE, BLUE, GREEN)
AVERAGES = {  # name -> decay, start
    "decay 0.9, corrected": (0.9, None),
    "decay 0.99, corrected": (0.99, None),
    "decay 0.99 from 0 and 1": (0.99, (0.0, 1.0)),
    "decay 0: the last batch": (0.0, None),
}
STEPS = (5, 10, 20, 50, 100, 200, 400)
SHOWN = 8  # neighbours in the picture
MONTAGE = (43, 35)  # its height and width
LEARNING_RATE = 0.3


def montage(rows, contrast):
    """The first image large, up to eight others small below it, in dots of ink: MONTAGE."""
    images = contrast * digit_images().x_test[rows[: SHOWN + 1]].reshape(-1, 8, 8)
    picture = np.zeros(MONTAGE)
    picture[:24, 5:29] = np.kron(images[0], np.ones((3, 3)))
    for k, image in enumerate(images[1:]):
        top, left = 26 + 9 * (k // 4), 9 * (k % 4)
        picture[top : top + 8, left : left + 8] = image
    return picture


def predict(image, draw, batch_size, order, contrast, steps, averages, train_batch, kept):
    """Five runs trained as far as is asked for, then seed after seed what they predict."""
    runs = recordings(kept, SEEDS, batch_size=train_batch, learning_rate=LEARNING_RATE)
    x_test, y_test = faint_digits(contrast)
    batches = neighbours(image, order, batch_size, y_test)
    known = kept.setdefault((contrast, order, averages), {})

    def accuracy(seed, at):
        """The share of the test digits right by mode and over SIZES."""
        if (seed, at) not in known:
            run = runs[seed]
            training = training_mode_accuracy(run.at(at), x_test, y_test, order)
            given = run.averages(*AVERAGES[averages], at)[-1], run.true(at)
            alone = [[run.accuracy(at, each, contrast)] * len(SIZES) for each in given]
            known[seed, at] = training, *alone
        return known[seed, at]

    def numbers(at, seeds):
        with one_blas_thread(), np.errstate(all="ignore"):
            right = np.array([accuracy(seed, at) for seed in range(seeds)])
            network = runs[0].at(at, runs[0].averages(*AVERAGES[averages], at)[-1])
            logits = network.batch_activations(x_test[batches.ravel()], parts_of=batch_size)[-1]
            among_all = softmax(logits[::batch_size])
            alone = softmax(network.forward(x_test[[image]]))[0]
        return {
            "step": at, "seeds": seeds,
            "label": int(y_test[image]), "batch": batches[draw - 1],
            "alone": alone, "among": among_all[draw - 1], "among_all": among_all,
            "accuracy": {mode: right[:, k] for k, mode in enumerate(MODES)},
            "diverged": any(run.diverged for run in runs),
        }  # fmt: skip

    while runs[-1].step < steps and not any(run.diverged for run in runs):
        stops = (stop for stop in STEPS if stop > runs[-1].step)  # what may be asked for later
        at = min(runs[-1].step + 10, *stops)
        for run in runs:
            run.advance(at)
        if at < steps:
            yield numbers(at, 1)
    noted = set.intersection(*(set(run.params) for run in runs))
    done = max(step for step in noted if step <= steps)
    ready = sum((seed, done) in known for seed in range(SEEDS))
    for seeds in range(max(1, ready), SEEDS + 1):
        yield numbers(done, seeds)


@demo
def three_ways_to_predict() -> live.Explorer:
    """Accuracy of three ways to predict over the size of the test batch, and one digit in detail.

    ``result`` holds accuracy (mode → array (seeds, 10) over SIZES), and of the chosen image for
    seed 0: label, batch (rows of the test set, the image first), alone (10,), among (10,) and
    among_all (30, 10): class probabilities with the running averages, in training mode among these
    neighbours, and among each of 30 draws.
    """
    canvas = live.Canvas(9.6, 3.6)
    left, middle, right = canvas.axes(1, 3, width_ratios=(1.15, 0.85, 1.1))
    curves = live.Curves(
        canvas, left, MODES, colors=COLORS, legend="lower right", xlim=(1, 450), ylim=(0, 1),
        xscale="log", xlabel="test images in a batch", title="Test digits right, 5 seeds",
    )  # fmt: skip
    left.set_xticks([1, 4, 16, 64, 256], ["1", "4", "16", "64", "256"])
    left.minorticks_off()
    size = curves.line(ghost=False, color=INK, linewidth=1.0, linestyle=":")
    ink = {"cmap": "gray_r", "vmin": 0, "vmax": 16, "interpolation": "nearest"}
    gallery = canvas.moving(middle.imshow(np.zeros(MONTAGE), zorder=2, **ink))
    images = live.Panel(canvas, middle, title="Image and neighbours")
    middle.set(xticks=[], yticks=[])
    middle.spines[:].set_visible(False)
    more = images.text(0.5, -0.02, ha="center", va="top")
    classes = live.Panel(
        canvas, right, xlim=(-0.6, 9.6), ylim=(-0.02, 1.35), xlabel="digit",
        title="Predicted probabilities of the image",
    )  # fmt: skip
    right.set(xticks=range(10), yticks=np.linspace(0, 1, 6))
    spread = classes.line(ghost=False, color=ORANGE, linewidth=5, alpha=0.3, solid_capstyle="butt")
    alone = classes.line(color=BLUE, markersize=6, **OPEN | {"marker": "s"})
    among = classes.line(color=ORANGE, markersize=5, zorder=4, **DOTS)
    right.legend(
        [among, spread, alone],
        ["training mode, these neighbours", f"range over {DRAWS} draws", "inference mode"],
        loc="upper right", **SMALL_LEGEND,
    )  # fmt: skip

    def show(result, setting):
        for mode in MODES:
            curves.update(mode, SIZES, *over_seeds(result["accuracy"][mode]))
        size.set_data([setting.batch_size] * 2, [0, 1])
        gallery.set_data(montage(result["batch"], setting.contrast))
        hidden = setting.batch_size - 1 - SHOWN
        more.set_text(f"and {hidden} more" if hidden > 0 else "")
        digits = np.arange(10)
        among.set_data(digits + 0.12, result["among"])
        alone.set_data(digits - 0.12, result["alone"])
        low, high = result["among_all"].min(axis=0), result["among_all"].max(axis=0)
        spread.set_data(*joined(digits + 0.12, [low, high]))

    def describe(result, setting):
        at = SIZES.index(setting.batch_size)
        right = {mode: np.median(result["accuracy"][mode][:, at]) for mode in MODES}
        among, alone, label = result["among"], result["alone"], result["label"]
        wrong = int((result["among_all"].argmax(axis=1) != alone.argmax()).sum())
        told = "A run has diverged. " if result["diverged"] else ""
        return (
            f"{told}After {result['step']} steps, test digits right, median of {result['seeds']} "
            f"of {SEEDS} seeds: {right[MODES[0]]:.0%} in training mode in batches of "
            f"{setting.batch_size},\n{right[MODES[1]]:.0%} with the running averages, "
            f"{right[MODES[2]]:.0%} with the statistics of the whole training set.\n"
            f"Image {setting.image} is a {label}. Inference mode says {alone.argmax()} "
            f"(p = {alone.max():.2f}), training mode {among.argmax()} (p = {among.max():.2f}) "
            f"among these neighbours,\nand something else than inference mode for {wrong} of "
            f"{DRAWS} draws."
        )

    return live.Explorer(
        "three_ways_to_predict",
        title="Test accuracy in training mode, with running averages and with the statistics of "
        "the whole training set over the size of the test batch; one digit among its neighbours, "
        "and the probabilities predicted for it",
        controls={
            "image": live.int_slider("image", 229, 0, 449),
            "draw": live.int_slider("neighbours: draw", 13, 1, DRAWS),
            "batch_size": live.steps_slider("test batch", 4, SIZES),
            "order": live.choice("batches", "mixed", ("mixed", "sorted by digit")),
            "contrast": live.slider("test ink ×", 1.0, 0.2, 1.0, 0.05),
            "steps": live.steps_slider("steps trained", 200, STEPS),
            "averages": live.menu("running averages", "decay 0.9, corrected", list(AVERAGES)),
            "train_batch": live.steps_slider("training batch", 32, (2, 4, 8, 16, 32, 64, 128)),
        },
        canvas=canvas, compute=predict, show=show, describe=describe,
        applies={"draw": lambda setting: setting.batch_size > 1},
        presets={
            "A larger test batch": {"batch_size": 64},
            "Alone in training mode": {"batch_size": 1},
            "Only its own kind": {"batch_size": 32, "order": "sorted by digit"},
            "Faint ink": {"batch_size": 64, "contrast": 0.3},
            "Too few steps": {"steps": 20, "averages": "decay 0.99 from 0 and 1"},
        },
    )  # fmt: skip
