"""A check is a table: what is wanted, and for each likely mistake its words and its value."""

import string
import warnings
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field, replace
from functools import update_wrapper
from typing import Any, NamedTuple

import numpy as np

from .answer import as_several, call, capital, close, numbers, unfit
from .verdict import NotYet, Verdict

REGISTRY: dict = {}  # name -> exercise
CHANGED = "The arrays you were given have changed: compute new ones instead."


def exercise(*, cases, praise, also=None, changed=CHANGED):
    """Make a check of its table, and register it under the function's name.

        @exercise(cases=[(np.random.default_rng(1).normal(size=(40, 3)), 0.5)], praise="So it is.")
        def spread(z, eps):
            '''``spread(z, eps)`` returns √(σ² + ε) of each unit.'''
            var = z.var(axis=0)
            return Part("the spread", np.sqrt(var + eps)) | {
                "That is σ² + ε: take the root.": var + eps,
                "A spread of {got:2} is negative.": When(-var, lambda got: (got < 0).any()),
                "What is added to σ²? Off by up to {off:.2g}.": ...,
            }

    ``bn.checks.spread(answer)`` then says "Right." or what is wrong, and the tests feed it every
    row. The function gets what the answer gets and returns what is wanted, a :class:`Part` or
    :class:`Several`, with its mistakes behind ``|``. Without arguments it stands for an exercise
    whose answer is a value. The answer gets copies and is told where it changes them; it may print,
    warn, raise, return lists or generators.

    A row is ``words: value``, what the mistake gives; ``[value, value]`` where either does;
    :class:`When` for one with many values; ``...`` for all else, at the end. The first that fits
    speaks, and only where the part is not right. Words may quote ``{got}``, ``{wanted}``, their
    difference ``{diff}`` and its largest entry ``{off}``, ``{mean}`` and ``{std}`` of got over
    axis 0; ``:2`` rounds an array to 2 digits.

    Parameters
    ----------
    cases : list of tuple, the arguments of one call each
    praise : str, or function of (got, *arguments of the first case) that returns it
    also : dict of words: arguments
        Further arguments, and the words for an answer that is right in all cases but not there.
    changed : str, said where the answer has changed its arguments

    Two exercises of one name raise ValueError.
    """

    def register(table):
        name = table.__name__
        if name in REGISTRY:
            raise ValueError(f"two exercises are called {name!r}")
        REGISTRY[name] = check = Exercise(table, cases, praise, also or {}, changed)
        return update_wrapper(check, table)

    return register


class When(NamedTuple):
    """A mistake with many values: one of them, and ``made(got)``, which says whether it is made.

    It may return a dict of further things that the words quote. Where the example has another shape
    than is wanted, or NaN, it is looked for before these are refused.
    """

    example: Any
    made: Callable


class _Table:
    """What a table of mistakes is added to by ``|``."""

    def __or__(self, mistakes):
        return replace(self, mistakes=self.mistakes | mistakes)


@dataclass
class Part(_Table):
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

    def read(self, value):
        """The value as an array of the shape wanted, or ``NotYet``."""
        got, shape = numbers(value, self.name), self.wanted.shape
        whens = {words: row for words, row in self.mistakes.items() if isinstance(row, When)}
        odd = {words: row for words, row in whens.items() if unfit(row.example, shape)}
        look_for(odd, got, self.wanted)
        if wrong := unfit(got, shape):
            raise NotYet(f"{capital(self.name)} {wrong}")
        return got[()]

    def is_right(self, got) -> bool:
        return self.right(got) if self.right else close(got, self.wanted, self.tolerance)

    def judge(self, got):
        """Nothing where it is right, else ``NotYet`` with the row that it is recognized by."""
        if not self.is_right(got):
            otherwise = f"{capital(self.name)} is {{got:3}}, wanted is {{wanted:3}}."
            look_for(self.mistakes | {otherwise: ...}, got, self.wanted)


@dataclass
class Several(_Table):
    """Parts in the order in which they are returned, and the mistakes, as tuples, about all.

    ``names`` is what they are together, "gamma and beta"; ``order`` is the order in which they are
    judged, where it is another.
    """

    names: str
    parts: tuple
    mistakes: dict = field(default_factory=dict)
    order: tuple = ()

    def read(self, value):
        values = as_several(value, self.names, len(self.parts))
        return tuple(part.read(each) for part, each in zip(self.parts, values, strict=True))

    def judge(self, got):
        order = self.order or range(len(self.parts))
        if not all(self.parts[k].is_right(got[k]) for k in order):
            look_for(self.mistakes, got, tuple(part.wanted for part in self.parts))
        for k in order:
            self.parts[k].judge(got[k])


@dataclass
class Exercise:
    """Called with an answer it returns a :class:`Verdict`; made by :func:`exercise`."""

    table: Callable
    cases: list
    praise: str | Callable
    also: dict
    changed: str

    def __call__(self, answer) -> Verdict:
        try:
            with np.errstate(all="ignore"), warnings.catch_warnings():
                warnings.simplefilter("ignore", RuntimeWarning)
                return Verdict(True, self.judge(answer))
        except NotYet as told:
            return Verdict(False, str(told))

    def judge(self, answer) -> str:
        """The words of praise, or ``NotYet`` with the row that the answer is recognized by."""
        found = []
        for words, given in [*((None, case) for case in self.cases), *self.also.items()]:
            value, table = call(answer, given, self.changed), self.table(*deepcopy(given))
            found.append(table.read(value))
            (replace(table, mistakes={words: ...}) if words else table).judge(found[-1])
        return self.praise(found[0], *self.cases[0]) if callable(self.praise) else self.praise


def look_for(mistakes, got, wanted):
    """Raise ``NotYet`` with the words of the first row that fits."""
    for words, row in mistakes.items():
        if isinstance(row, When):
            made = row.made(got)
        else:
            made = row is ... or any(close(got, v) for v in (row if type(row) is list else [row]))
        if made:
            quoted = {"got": got, "wanted": wanted} | (made if isinstance(made, dict) else {})
            if not isinstance(got, tuple) and got.shape == wanted.shape:
                quoted |= {"diff": got - wanted, "off": np.abs(got - wanted).max()}
                quoted |= {"mean": got.mean(axis=0), "std": got.std(axis=0)} if got.ndim else {}
            raise NotYet(_Words().format(words, **quoted), words)


class _Words(string.Formatter):
    def format_field(self, value, spec):
        if isinstance(value, np.ndarray) and value.ndim:
            return str(value.round(int(spec)) if spec else value)
        return super().format_field(value, spec)
