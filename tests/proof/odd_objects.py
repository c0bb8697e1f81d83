"""Objects that are no numbers, or that are so in a way of their own."""

import collections
import dataclasses
import enum

import numpy as np


class Colour(enum.Enum):
    RED = 1


@dataclasses.dataclass
class Pair:
    x: float = 1.0


Point = collections.namedtuple("Point", "x y")


class Raises:
    """Whatever is asked of it, it refuses."""

    def _refuse(self, *_, **__):
        raise RuntimeError("asked of it")

    __len__ = __iter__ = __getitem__ = __float__ = __index__ = __bool__ = _refuse
    __array__ = __eq__ = __repr__ = __call__ = _refuse
    __hash__ = object.__hash__


class NoText:
    def __repr__(self):
        raise RuntimeError("it has no text")


class LongText:
    def __repr__(self):
        return "long " * 100_000


class AnyAttribute:
    """Has every attribute, of whatever kind."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return self


class EqualToAll:
    def __eq__(self, other):
        return True

    __hash__ = object.__hash__


class ComparesToArrays:
    def __eq__(self, other):
        return np.array([True, False])

    __hash__ = object.__hash__


class ArrayOf:
    """As pandas' Series do it: an array on demand."""

    def __init__(self, held):
        self.held = held

    def __array__(self, dtype=None, copy=None):
        return np.array(self.held, dtype)


class Interface:
    def __init__(self, held):
        self.held, self.__array_interface__ = held, held.__array_interface__


class BadArray:
    def __array__(self, dtype=None, copy=None):
        return [1.0, 2.0]


class FailingArray:
    def __array__(self, dtype=None, copy=None):
        raise OSError("the file is gone")


class Floats(float):
    """A number with a type of its own."""


class OnlyFloat:
    def __float__(self):
        return 1.0


class OnlyIndex:
    def __index__(self):
        return 1


class FailingSequence(list):
    def __iter__(self):
        raise RuntimeError("no way through")

    def __getitem__(self, k):
        raise RuntimeError("nothing there")


class SubArray(np.ndarray):
    """An ndarray with another type."""


def endless():
    while True:
        yield 1.0
