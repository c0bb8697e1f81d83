"""The exercises of notebook 07."""

import numpy as np

from .answer import close
from .table import Part, Several, When, exercise

RNG = np.random.default_rng(7)
W, DW, FACTORS = RNG.normal(size=(3, 3)), RNG.normal(size=(3, 3)), np.array([10.0, 0.5, 3.0])
DW -= W * (W * DW).sum(axis=0) / (W * W).sum(axis=0)  # a right angle, unit by unit


@exercise(
    cases=[(DW, FACTORS)],
    praise="A unit ten times as long has a tenth of the gradient: at the same rate a step turns it "
    "by a hundredth of the angle.",
)
def gradient_when_scaled(dW, c):
    """``gradient_when_scaled(dW, c)``: the gradient where unit j has c[j] times its weights."""
    return Part("the gradient", dW / c) | {
        "That is the gradient as it was. The loss at c·W is the loss at W; but a small change of "
        "c·W turns it less.": dW,
        "You multiply by c. If W is ten times as long, does the same small change turn it more or "
        "less?": dW * c,
        "You divide by c². That is what becomes of the angle of a step; the gradient itself?": (
            dW / c**2
        ),
        "You divide by the root of c. Differentiate loss(c·W) = loss(W) by W on both sides.": (
            dW / np.sqrt(c)
        ),
        "c has a number for each unit, and the units are the columns. Your factors go along the "
        "rows.": dW / c[:, None],
        "One factor for all units. Each unit has its own.": dW / c.mean(),
        "At unit 0, with c = 10, the check has {wanted:3}; yours is {got:3}.": ...,
    }


@exercise(
    cases=[(W, DW, 0.7, 0.3), (2 * W, DW, 0.4, 0.5)],
    also={"Right with weight decay; with wd = 0 nothing must be shortened.": (W, DW, 1.5, 0.0)},
    praise="Pythagoras knows the lengths without the step being taken.",
)
def grown_lengths(W, dW, lr, wd):
    """``grown_lengths(W, dW, lr, wd)``: ‖w‖ (n,) of every unit after a step with weight decay."""
    w, dw, keep = (W**2).sum(axis=0), (dW**2).sum(axis=0), 1 - lr * wd
    right = np.sqrt(keep**2 * w + lr**2 * dw)
    of_rows = np.sqrt(keep**2 * (W**2).sum(axis=1) + lr**2 * (dW**2).sum(axis=1))
    forgotten = "The weight decay is forgotten: before the step w is multiplied by 1 − lr·wd."
    return Part("‖w‖", right) | {
        "One length for the whole matrix. Each unit has its own: the columns, axis=0.": (
            When(np.sqrt((right**2).sum()), lambda got: got.ndim == 0)
        ),
        "Those are the rows' lengths. A unit's weights are a column: axis=0.": of_rows,
        "That is ‖w‖²: take the root.": right**2,
        "You add the lengths. The gradient stands at a right angle to w: add the squares.": (
            keep * np.sqrt(w) + lr * np.sqrt(dw)
        ),
        "You subtract. Whichever way a step at a right angle goes, it makes w longer.": (
            np.sqrt(np.abs(keep**2 * w - lr**2 * dw))
        ),
        "The step is lr·dW, so its square has lr².": np.sqrt(keep**2 * w + lr * dw),
        "1 − lr·wd shortens w; in ‖w‖² it stands squared.": np.sqrt(keep * w + lr**2 * dw),
        "Weight decay multiplies by 1 − lr·wd, not by 1 − wd.": (
            np.sqrt((1 - wd) ** 2 * w + lr**2 * dw)
        ),
        "The step is not shortened by the decay, w alone is.": keep * np.sqrt(w + lr**2 * dw),
        forgotten: np.sqrt(w + lr**2 * dw),
        "Wanted is {wanted:4}; yours is {got:4}.": ...,
    }


@exercise(
    cases=[(0.1, 0.01, 0.7), (0.02, 0.05, 3.0)],
    praise=lambda got, lr, wd, G: (
        f"At lr = {lr:g}, wd = {wd:g}: ‖w‖ = {got[0]:.3g}, and every step "
        f"turns it by {np.degrees(got[1]):.1f} degrees, however long the run."
    ),
)
def equilibrium(lr, wd, G):
    """``equilibrium(lr, wd, G)``: the ‖w‖ that stays and the angle of a step; G is ‖dw‖²‖w‖²."""
    keep, first = 1 - lr * wd, lr * G / (2 * wd)
    exact = (lr**2 * G / (1 - keep**2)) ** 0.25, np.arccos(keep)

    step = lr * np.sqrt(G) / np.array([exact[0] ** 2, np.sqrt(first)])  # its tangent, nearly
    lengths = exact[0], first**0.25
    angles = exact[1], np.sqrt(2 * lr * wd), *step, *np.arctan(step), *np.arctan(step / keep)

    def one_of(values):  # to first order in lr·wd, or exactly
        return lambda got: any(close(got, each) for each in values)

    length = Part("the length", exact[0], right=one_of(lengths)) | {
        "That is ‖w‖⁴: take the fourth root.": first,
        "That is ‖w‖²: ‖dw‖² is G/‖w‖², so the equation has ‖w‖⁴.": np.sqrt(first),
        "The 2 is missing: (1 − lr·wd)² takes away 2·lr·wd of ‖w‖².": (lr * G / wd) ** 0.25,
        "lr and wd are swapped: does a larger decay make w longer?": (wd * G / (2 * lr)) ** 0.25,
        "Per step ‖w‖² gains lr²‖dw‖² and loses 2·lr·wd‖w‖²: one lr stays.": [
            (lr**2 * G / (2 * wd)) ** 0.25, (G / (2 * wd)) ** 0.25, (lr**2 * G / wd) ** 0.25
        ],
        "G is missing.": (lr / (2 * wd)) ** 0.25,
        "The length is {got:.3g}; wanted is {wanted:.3g}.": ...,
    }  # fmt: skip
    angle = Part("the angle", exact[1], right=one_of(angles)) | {
        "The length is right. The angle is wanted in radians; yours is in degrees.": [
            *np.degrees(angles)
        ],
        "The length is right. lr·wd is 1 − cos(angle), and that is about angle²/2.": lr * wd,
        "The length is right. That is the square of the angle: take the root.": 2 * lr * wd,
        "The length is right; in the angle a 2 is missing: lr·√G/‖w‖² with your ‖w‖.": (
            np.sqrt(lr * wd)
        ),
        "The length is right. The angle is lr‖dw‖/‖w‖, and ‖dw‖ is √G/‖w‖.": [
            lr * np.sqrt(G) / exact[0], lr * np.sqrt(G), lr * G / exact[0] ** 2
        ],
        "The length is right; the angle is {got:.3g}, wanted is {wanted:.3g}.": ...,
    }  # fmt: skip
    return Several("the length and the angle", (length, angle)) | {
        "Swapped: return the length first, then the angle.": When(
            exact[::-1], lambda got: close(got, exact[::-1], 3 * lr * wd)
        ),
    }
