"""What the series brings along beside the code: notebooks, settings, the exercises' solutions."""

from pathlib import Path

from .validation import one_of, shown

HERE = Path(__file__).resolve().parent


def source(name: str) -> Path:
    """A folder of the series: inside the installed package, or beside it in the repository."""
    installed = HERE / name
    return installed if installed.is_dir() else HERE.parent / name


class Solution(str):
    """The code of a solution; a notebook shows it with colours, and says what to do with it."""

    __slots__ = ()

    def __repr__(self):
        return str(self)

    def _repr_markdown_(self):
        then = "Put these lines in place of yours, above `bn.checks`, and run that cell."
        return f"```python\n{self}\n```\n\n{then}"


def solution(name: str) -> Solution:
    """Show the solution of an exercise: ``bn.solution("00_1")`` of exercise 1 of notebook 00.

    Parameters
    ----------
    name : str
        The numbers of the notebook and of the exercise, or the whole name of the solution's file:
        ``"00_1"``, ``"00_1_saturated_share"``.

    Returns
    -------
    Solution
        The lines of code, a ``str``; a notebook shows them with colours.

    Raises
    ------
    TypeError, ValueError
        Where ``name`` is not a string, or not the name of a solution: all names are listed.
    """
    paths = {path.stem[:4]: path for path in sorted(source("notebooks").glob("solutions/*.py"))}
    if not isinstance(name, str):
        wanted = f"a string, one of {', '.join(map(repr, paths))}"
        raise TypeError(f"name must be {wanted}; got {type(name).__name__}: {shown(name)}")
    stems = {path.stem: path for path in paths.values()}
    path = stems.get(name) or paths[one_of(name, "name", paths)]
    return Solution(path.read_text(encoding="utf-8").strip())
