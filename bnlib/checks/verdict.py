"""What an exercise is told: right, or what is not right yet."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Verdict:
    """The outcome of a check; true where the answer is right."""

    passed: bool
    message: str

    def __bool__(self):
        return self.passed

    def __repr__(self):
        return f"{'Right.' if self.passed else 'Not yet.'} {self.message}"


class NotYet(Exception):
    """Raised inside a check with the words for the learner."""


def expect(condition, message: str):
    """Go on where the condition holds; otherwise the verdict is "not yet" with this message."""
    if not condition:
        raise NotYet(message)


def exercise(check):
    """Make a check of a function of a learner's answer.

    The function says with ``expect`` what must hold and returns the words of praise. Whatever the
    learner's code raises becomes part of the verdict: a check itself never raises.
    """

    @functools.wraps(check)
    def checked(answer):
        try:
            return Verdict(True, check(answer))
        except NotYet as told:
            return Verdict(False, str(told))
        except Exception as error:
            return Verdict(False, f"Your code raised {type(error).__name__}: {error}")

    return checked


def as_numbers(value, name: str, shape=None) -> np.ndarray:
    """The learner's value as a float array of the shape wanted, or "not yet" in words."""
    unwritten = value is None or value is Ellipsis
    expect(not unwritten, f"Nothing to check: {name} is {value!r}. Replace the dots.")
    name = "The" + name[3:] if name.startswith("the ") else name
    try:
        array = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        raise NotYet(f"{name} must be numbers, got {type(value).__name__}.") from None
    if shape is not None:
        expect(array.shape == shape, f"{name} has shape {array.shape}, wanted is {shape}.")
    expect(np.isfinite(array).all(), f"{name} holds NaN or infinity: is something divided by 0?")
    return array


def as_pair(value, names: str) -> tuple:
    """Two returned values, or "not yet" in words."""
    unwritten = value is None or value is Ellipsis
    expect(not unwritten, f"Nothing to check: the function returns {value!r}. Replace the dots.")
    is_pair = isinstance(value, tuple | list) and len(value) == 2
    expect(is_pair, f"Return two things, {names}; got {type(value).__name__}.")
    return tuple(value)


def close(value, wanted, tolerance=1e-6) -> bool:
    """Whether two arrays agree up to a share of the largest entry wanted."""
    wanted = np.asarray(wanted, float)
    return bool(np.abs(value - wanted).max() <= tolerance * max(np.abs(wanted).max(), 1e-12))
