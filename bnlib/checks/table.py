"""A check is a table: what is wanted, and for each likely mistake its words and its value."""

from __future__ import annotations

import inspect
import string
import warnings
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, NamedTuple

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
                "What is added to σ²? Off by up to {off:.2g}.": ...,
            }
            return Part("the spread", np.sqrt(var + eps), mistakes)

    ``bn.checks.spread(answer)`` then says "Right." or what is wrong, and the tests feed it every
    row. The function gets what the answer gets and returns the table for it: a :class:`Part`, or
    :class:`Several` for an answer that returns several things. Without arguments it stands for an
    exercise whose answer is a value. The answer gets copies and is told where it changes them; it
    may print, warn, raise, return lists or generators.

    A row is ``words: value``, what the mistake gives; ``[value, value]`` where either does;
    :class:`When` for one with many values; ``...`` for all else, at the end. The first that fits
    speaks, and only where the part is not right. Words may quote ``{got}``, ``{wanted}``, their
    difference ``{diff}`` and its largest entry ``{off}``, ``{mean}`` and ``{std}`` of got over
    axis 0; ``:2`` rounds an array to 2 digits.

    Parameters
    ----------
    cases : list of tuple
        The arguments that the answer is called with, one tuple after the other.
    praise : str, or function of (got, *arguments of the first case) that returns it
    also : dict of words: arguments
        Further arguments, and the words for an answer that is right in all cases but not there.
    changed : str
        Said where the answer has changed its arguments.

    Two exercises of one name raise ValueError.
    """

    def register(table):
        name = table.__name__
        if name in REGISTRY:
            raise ValueError(f"two exercises are called {name!r}")
        REGISTRY[name] = Exercise(table, cases, praise, also or {}, changed)
        return REGISTRY[name]

    return register


class When(NamedTuple):
    """A mistake with many values: one of them, and ``made(got)``, which says whether it is made.

    It may return a dict of further things that the words quote. Where the example has another shape
    than is wanted, or NaN, it is looked for before these are refused.
    """

    example: Any
    made: Callable


@dataclass
class Part:
    """One returned value: its name, what is wanted, its mistakes.

    ``tolerance`` is a share of the largest entry wanted, 0 for counts; ``right(got)`` says when it
    is right where several values are.
    """

    name: str
    wanted: Any
    mistakes: dict = field(default_factory=dict)
    tolerance: float = 1e-6
    right: Callable | None = None

    def __post_init__(self):
        self.wanted = np.asarray(self.wanted, float)[()]

    def is_right(self, got) -> bool:
        return self.right(got) if self.right else close(got, self.wanted, self.tolerance)

    def early(self) -> dict:
        """The mistakes of another shape than is wanted, or with NaN."""

        def fits(example):
            return np.shape(example) == np.shape(self.wanted) and np.isfinite(example).all()

        whens = {words: row for words, row in self.mistakes.items() if isinstance(row, When)}
        return {words: row for words, row in whens.items() if not fits(row.example)}


class Several:
    """Parts in the order in which they are returned, and the mistakes, as tuples, about all.

    ``names`` is what they are together, "gamma and beta"; ``order`` is the order in which they are
    judged, where it is another.
    """

    def __init__(self, names, *parts, mistakes=None, order=None):
        self.names, self.parts, self.mistakes = names, parts, mistakes or {}
        self.order = order or range(len(parts))


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

    def __call__(self, answer) -> Verdict:
        try:
            with np.errstate(all="ignore"), warnings.catch_warnings():
                warnings.simplefilter("ignore", RuntimeWarning)
                return Verdict(True, self.judge(answer))
        except NotYet as told:
            return Verdict(False, str(told))

    def judge(self, answer) -> str:
        """The words of praise, or ``NotYet`` with the row that the answer is recognized by."""
        takes = answer if inspect.signature(self.table).parameters else lambda: answer
        first, *_ = [self._judge_case(takes, given) for given in self.cases]
        for words, given in self.also.items():
            table, got = self._outcome(takes, given)
            if not all(part.is_right(each) for part, each in zip(table.parts, got, strict=True)):
                look_for({words: ...}, *map(_alone, (got, [part.wanted for part in table.parts])))
        return self.praise if isinstance(self.praise, str) else self.praise(first, *self.cases[0])

    def table_of(self, given) -> Several:
        table = self.table(*deepcopy(given))
        return table if isinstance(table, Several) else Several("", table)

    def _judge_case(self, answer, given):
        table, got = self._outcome(answer, given)
        k = next((k for k in table.order if not table.parts[k].is_right(got[k])), None)
        if k is not None:
            part = table.parts[k]
            look_for(table.mistakes, got, [part.wanted for part in table.parts])
            look_for(part.mistakes, got[k], part.wanted)
            name = capital(part.name)
            look_for({f"{name} is {{got:3}}, wanted is {{wanted:3}}.": ...}, got[k], part.wanted)
        return _alone(got)

    def _outcome(self, answer, given):
        """The table for these arguments, and a list of what is returned, in the shapes wanted."""
        value, table = call(answer, given, self.changed), self.table_of(given)
        values = as_several(value, table.names, len(table.parts)) if table.names else [value]
        got = []
        for part, each in zip(table.parts, values, strict=True):
            array = numbers(each, part.name)
            look_for(part.early(), array, part.wanted)
            fitting(array, part.name, np.shape(part.wanted))
            got.append(array[()])
        return table, got


def _alone(values):
    """A lone part stands for itself."""
    return values if len(values) > 1 else values[0]


def look_for(mistakes, got, wanted):
    """Raise ``NotYet`` with the words of the first row that fits."""
    for words, row in mistakes.items():
        if isinstance(row, When):
            made = row.made(got)
        else:
            made = row is ... or any(close(got, v) for v in (row if type(row) is list else [row]))
        if made:
            quoted = {"got": got, "wanted": wanted} | (made if isinstance(made, dict) else {})
            if isinstance(got, np.ndarray | np.floating) and np.shape(got) == np.shape(wanted):
                diff = got - wanted
                quoted |= {"diff": diff, "off": np.abs(diff).max()}
                quoted |= {"mean": got.mean(axis=0), "std": got.std(axis=0)} if got.ndim else {}
            raise NotYet(_Words().format(words, **quoted), words)


class _Words(string.Formatter):
    def format_field(self, value, spec):
        if isinstance(value, np.ndarray) and value.ndim:
            return str(value.round(int(spec)) if spec else value)
        return super().format_field(value, spec)
