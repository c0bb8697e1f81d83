"""The learner's own call, and what came back as arrays that can be compared."""

from collections.abc import Iterator
from contextlib import suppress
from copy import deepcopy
from itertools import islice

import numpy as np

from ..validation import as_is
from .verdict import NotYet

MOST = 10**5  # values that a generator may give: one that never ends would take all memory


def call(answer, given, changed: str):
    """What the learner's function returns; only what it does itself is told as its error."""
    handed = deepcopy(given)
    try:
        value = _held(answer(*handed) if given else answer)
    except Exception as error:
        told = f"Your code raised {type(error).__name__}"
        with suppress(Exception):  # where the error has no text
            told += f": {error}"
        raise NotYet(told) from None
    if not _equal(handed, given):
        raise NotYet(changed)
    return value


def _held(value):
    """Generators, also inside a tuple or a list, become lists: running them is the learner's."""
    if isinstance(value, Iterator):
        value = list(islice(value, MOST + 1))
        if len(value) > MOST:
            raise ValueError(f"a generator gave more than {MOST} values")
    return type(value)(map(_held, value)) if type(value) in (tuple, list) else value


def _equal(handed, given) -> bool:
    """Whether arrays and the lists that hold them are as they were; a network may be trained."""
    if isinstance(given, list | tuple):
        same = isinstance(handed, type(given)) and len(handed) == len(given)
        return same and all(map(_equal, handed, given))
    return not isinstance(given, np.ndarray) or np.array_equal(handed, given)


def as_several(value, names: str, count: int):
    """The values that were returned together, or "not yet" in words."""
    if value is None or value is Ellipsis:
        raise NotYet(f"Nothing to check: the function returns {value!r}. Replace the dots.")
    if not (isinstance(value, tuple | list) and len(value) == count):
        count = {2: "two", 3: "three", 4: "four"}[count]
        raise NotYet(f"Return {count} things, {names}; got {type(value).__name__}.")
    return value


def numbers(value, name: str) -> np.ndarray:
    """A value as a float array of whatever shape it has, or "not yet" in words."""
    if value is None or value is Ellipsis:
        raise NotYet(f"Nothing to check: {name} is {value!r}. Replace the dots.")
    wrong = NotYet(f"{capital(name)} must be numbers, got {type(value).__name__}.")
    try:
        array = as_is(value, name)
        if array.dtype.kind in "US":  # NumPy would read "3" as a number
            raise wrong
        return np.asarray(array, dtype=float)
    except Exception:  # ragged lists, objects, integers beyond every float
        raise wrong from None


def unfit(array, shape) -> str:
    """What is wrong with an array of another shape than the one wanted, or with NaN or infinity."""
    if np.shape(array) != shape:
        return f"has shape {np.shape(array)}, wanted is {shape}."
    return "" if np.isfinite(array).all() else "holds NaN or infinity: is something divided by 0?"


def capital(name: str) -> str:
    """The name at the beginning of a sentence; symbols such as z_norm stay as they are."""
    return "The" + name[3:] if name.startswith("the ") else name


def close(value, wanted, tolerance=1e-6) -> bool:
    """Whether two arrays agree up to a share of the largest entry wanted; of tuples, each pair."""
    if isinstance(wanted, tuple):
        return all(close(*pair, tolerance) for pair in zip(value, wanted, strict=True))
    if np.shape(value) != np.shape(wanted):
        return False
    return bool(np.abs(value - wanted).max() <= tolerance * np.abs(wanted).max() + 1e-12)
