"""A check is a table: what is wanted, and for each likely mistake its words and its value."""

from __future__ import annotations

import inspect
import string
import warnings
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .answer import as_several, call, capital, close, fitting, numbers
from .verdict import NotYet, Verdict

REGISTRY: dict = {}  # name -> exercise
CHANGED = "The arrays you were given have changed: compute new ones instead."


def exercise(*, cases, praise, also=None, changed=CHANGED):
    """Make a check of its table, and register it under the function's name.

        @exercise(cases=[(np.random.default_rng(1).normal(size=(40, 3)), 0.5)], praise="So it is.")
        def spread(z, eps):
            '''``spread(z, eps)`` returns √(σ² + ε) of each unit.'''
            var = z.var(axis=0)
            mistakes = {
                "That is σ² + ε: take the root.": var + eps,
                "A spread of {got:2} is negative.": When(-var, lambda got: (got < 0).any()),
            }
            return Part("the spread", np.sqrt(var + eps), mistakes)

    Then ``bn.checks.spread(answer)`` says "Right." or what is wrong, and the tests feed it every
    row. The function gets what the answer gets and returns the table for it: a :class:`Part`, or
    :class:`Several` for an answer that returns several things. One without arguments stands for an
    exercise whose answer is a value. The answer gets copies and is told where it changes them; it
    may print, warn, raise, return lists or generators.

    **Rows** are ``words: value``, the value that the mistake gives; ``[value, value]`` where either
    does; :class:`When` for a mistake with many values. The first that fits speaks, and only where
    the part is not right. **Words** may quote ``{got}`` and ``{wanted}`` (``{got:2}`` rounds an
    array to 2 digits); ``otherwise``, said where no row fits, may be a function of got, too.

    Parameters
    ----------
    cases : list of tuple
        The arguments that the answer is called with, one tuple after the other.
    praise : str, or function of (got, *arguments of the first case) that returns it
    also : dict of words: (arguments, wrong) or (arguments, wrong, tolerance)
        Further arguments, at which an answer may fail that is right in all cases; ``wrong`` is such
        an answer.
    changed : str
        Said where the answer has changed its arguments.

    Raises
    ------
    ValueError
        Where another exercise has the name.
    """

    def register(table):
        name = table.__name__
        if name in REGISTRY:
            raise ValueError(f"two exercises are called {name!r}")
        REGISTRY[name] = Exercise(table, cases, praise, also or {}, changed)
        return REGISTRY[name]

    return register


@dataclass
class Part:
    """One returned value: its name, what is wanted, its mistakes, and the words for all others.

    ``where`` is said before them. ``tolerance`` is a share of the largest entry wanted, 0 for
    counts; ``right(got)`` says when it is right where several values are.
    """

    name: str
    wanted: Any
    mistakes: dict = field(default_factory=dict)
    otherwise: str | Callable = ""
    where: str = ""
    tolerance: float = 1e-6
    right: Callable | None = None

    def __post_init__(self):
        self.wanted = np.asarray(self.wanted, float)[()]
        name = capital(self.name)
        self.otherwise = self.otherwise or f"{name} is {{got:3}}, wanted is {{wanted:3}}."

    def is_right(self, got) -> bool:
        return self.right(got) if self.right else close(got, self.wanted, self.tolerance)

    def early(self) -> dict:
        """The mistakes of another shape, or with NaN: they are looked for before these are told."""
        return {words: row for words, row in self.mistakes.items() if not self._fits(row)}

    def _fits(self, row) -> bool:
        value = np.asarray(example(row), float)
        return value.shape == np.shape(self.wanted) and bool(np.isfinite(value).all())


class Several:
    """Parts in the order in which they are returned, and mistakes about all, whose values are tuples.

    ``names`` is what they are together, "gamma and beta"; ``order`` is the order in which they are
    judged, where it is another.
    """

    def __init__(self, names, *parts, mistakes=None, order=None):
        self.names, self.parts, self.mistakes = names, parts, mistakes or {}
        self.order = order or range(len(parts))


class When:
    """A mistake with many values: an example, when it is made, and what its words quote of got."""

    def __init__(self, example, made, **quoted):
        self.example, self.made, self.quoted = example, made, quoted


def example(row):
    """A value that a row recognizes."""
    return row.example if isinstance(row, When) else row[0] if isinstance(row, list) else row


@dataclass
class Exercise:
    """Called with an answer it returns a :class:`Verdict`; made by :func:`exercise`."""

    table: Callable
    cases: list
    praise: str | Callable
    also: dict
    changed: str

    def __post_init__(self):
        self.__name__, self.__doc__ = self.table.__name__, self.table.__doc__
        self.__module__ = self.table.__module__

    def __call__(self, answer) -> Verdict:
        try:
            with np.errstate(all="ignore"), warnings.catch_warnings():
                warnings.simplefilter("ignore", RuntimeWarning)
                return Verdict(True, self.judge(answer))
        except NotYet as told:
            return Verdict(False, str(told))

    def judge(self, answer) -> str:
        """The words of praise, or ``NotYet`` with the row that recognizes the answer."""
        takes = answer if inspect.signature(self.table).parameters else lambda: answer
        first, *_ = [self._judge_case(takes, given) for given in self.cases]
        for words, (given, _, *tolerance) in self.also.items():
            table, got = self._outcome(takes, given)
            wanted = tuple(part.wanted for part in table.parts)
            if not close(got, wanted, *tolerance):
                one = len(got) == 1
                told = say(words, got[0] if one else got, wanted[0] if one else wanted)
                raise NotYet(told, (None, words))
        got = first if len(first) > 1 else first[0]
        return self.praise(got, *self.cases[0]) if callable(self.praise) else self.praise

    def table_of(self, given) -> Several:
        table = self.table(*deepcopy(given))
        return table if isinstance(table, Several) else Several("", table)

    def _judge_case(self, answer, given):
        table, got = self._outcome(answer, given)
        k = next((k for k in table.order if not table.parts[k].is_right(got[k])), None)
        if k is not None:
            part = table.parts[k]
            look_for(table.mistakes, got, None, None)
            look_for(part.mistakes, got[k], part, k)
            told = part.where + say(part.otherwise, got[k], part.wanted)
            raise NotYet(told, (k, part.otherwise))
        return got

    def _outcome(self, answer, given):
        """The table for these arguments, and a tuple of what is returned, in the shapes wanted."""
        value, table = call(answer, given, self.changed), self.table_of(given)
        values = as_several(value, table.names, len(table.parts)) if table.names else [value]
        got = []
        for k, (part, each) in enumerate(zip(table.parts, values, strict=True)):
            array = numbers(each, part.name)
            look_for(part.early(), array, part, k)
            fitting(array, part.name, np.shape(part.wanted))
            got.append(array[()])
        return table, tuple(got)


def look_for(mistakes, got, part, k):
    """Raise ``NotYet`` with the words of the first row that fits."""
    for words, row in mistakes.items():
        if isinstance(row, When):
            made, quoted = row.made(got), row.quoted
        else:
            made, quoted = any(close(got, v) for v in (row if isinstance(row, list) else [row])), {}
        if made:
            where, wanted = (part.where, part.wanted) if part else ("", None)
            quoted = {name: of(got) for name, of in quoted.items()}
            raise NotYet(where + say(words, got, wanted, **quoted), (k, words))


def say(words, got, wanted, **quoted) -> str:
    if callable(words):
        return words(got)
    return _Words().format(words, got=got, wanted=wanted, **quoted)


class _Words(string.Formatter):
    def format_field(self, value, spec):
        if isinstance(value, np.ndarray) and value.ndim:
            return str(value.round(int(spec)) if spec else value)
        return super().format_field(value, spec)
