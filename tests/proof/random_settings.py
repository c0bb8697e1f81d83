"""Random settings of a demo: any value that a control can take, several at once, and presets."""

import re

import ipywidgets as widgets
import numpy as np

from bnlib.live.controls import nearest
from tests.demos.driving import says_diverged, told, values_of

ENDS = 0.15  # how often a slider is at its one end, and how often at the other
# How a demo says in words that a run has diverged, or cannot be computed to its end.
SAYS_DIVERGED = re.compile(r"\bdiverge[ds]\b|than can be computed|higher than it started")


def random_value(control, rng):
    """Any value: of a slider one between two of its points, too; the ends more often."""
    if hasattr(control, "options") or isinstance(control, widgets.Checkbox):
        values = values_of(control, 10**6)
        return values[rng.integers(len(values))]
    share = rng.choice([0.0, 1.0, rng.random()], p=[ENDS, ENDS, 1 - 2 * ENDS])
    value = control.min + share * (control.max - control.min)
    if isinstance(control, widgets.FloatLogSlider):
        return float(control.base**value)
    return round(value) if isinstance(control, widgets.IntSlider) else float(value)


def random_moves(explorer, rng, number):
    """So many moves: a preset's name, None for Reset, or new values for some of the controls."""
    names = list(explorer.controls)
    for _ in range(number):
        kind = rng.random()
        if kind < 0.06:
            yield None
        elif kind < 0.16:
            yield explorer.presets[rng.integers(len(explorer.presets))]
        else:
            few = rng.permutation(names)[: rng.integers(1, len(names) + 1)]
            yield {str(each): random_value(explorer.controls[each], rng) for each in few}


def make(explorer, move):
    """Make a move, as code does."""
    if move is None:
        explorer.reset()
    elif isinstance(move, str):
        explorer.preset(move)
    else:
        explorer.set(**move)


def after(explorer, values, move):
    """The values of all controls after a move, when they were ``values`` before it."""
    if isinstance(move, dict):
        return values | move
    preset = explorer._presets[move] if move else {}
    return explorer._defaults | {n: nearest(explorer.controls[n], v) for n, v in preset.items()}


def check_agreement(explorer):
    """The words are those of the result, and tell of a run that diverged, and only then."""
    result, words = explorer.result, told(explorer._words.value)
    assert explorer.alternative_text.startswith(f"{explorer.title}. ")
    plain = explorer.alternative_text.removeprefix(f"{explorer.title}. ")
    assert plain == explorer._describe(result, explorer._setting).replace("\n", " ")
    said = bool(SAYS_DIVERGED.search(plain))
    assert said == (says_diverged(result) or beyond_numbers(result)), (words, result["diverged"])


def beyond_numbers(result) -> bool:
    """Of a result that does not call it a divergence: something has become too large to compute,
    or so small that it is 0."""
    spread = result.get("unit_std", np.ones(1))[-1]
    gradients = result["gradient"].values() if "theory" in result and "lost" in result else ()
    return not np.isfinite(spread) or any(not np.median(g[:, 1]) > 0 for g in gradients)


def alike(one, other) -> bool:
    """Whether two results hold the same, to the last bit."""
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(alike(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(alike, one, other))
    if isinstance(one, np.ndarray):
        return np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
    if hasattr(one, "__dict__") and type(one) is type(other):
        return alike(vars(one), vars(other))
    return bool(one == other or (one != one and other != other))
