"""What an exercise's answer must satisfy: one module a notebook, one table an exercise.

    bn.checks.standardize(my_function)

Each returns a :class:`Verdict` that says "Right." or "Not yet." and why, and is true or false
accordingly. Nothing that an answer does makes a check raise. A check registers itself with
:func:`~bnlib.checks.table.exercise`, whose docstring shows how to write one.
"""

from importlib import import_module
from pkgutil import iter_modules

from .table import REGISTRY
from .verdict import Verdict

for _, _name, _ in iter_modules(__path__, f"{__name__}."):
    import_module(_name)

globals().update(REGISTRY)
__all__ = ["Verdict", *sorted(REGISTRY)]
