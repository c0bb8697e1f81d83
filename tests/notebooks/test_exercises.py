"""Every exercise of every notebook: its solution passes, unwritten it says so, nothing raises; and
every mistake in the table of its check is told in its words."""

import ast
import re
import textwrap
import warnings
from copy import deepcopy
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import nbformat
import numpy as np
import pytest

import bnlib as bn
from bnlib.checks.table import REGISTRY, Part, When, exercise
from bnlib.checks.verdict import NotYet

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
SOLUTIONS = sorted(path.name for path in (FOLDER / "solutions").glob("*.py"))
CHECKS = [name for name in bn.checks.__all__ if name != "Verdict"]


def exercises():
    """file of the solution -> (cell as stored, name of the check, name of the answer)."""
    found = {}
    for path in sorted(FOLDER.glob("*.ipynb")):
        cells = nbformat.read(path, as_version=4).cells
        for asked, cell in pairwise(cells):
            named = re.search(r'`bn\.solution\("(\d\d_\d)"\)`', asked.source)
            call = re.search(r"^bn\.checks\.(\w+)\((\w+)\)$", cell.source, re.MULTILINE)
            if named and call and cell.cell_type == "code":
                (file,) = (FOLDER / "solutions").glob(f"{named.group(1)}_*.py")
                found[file.name] = cell, *call.groups()
    return found


EXERCISES = exercises()


def run(source):
    """The names that a cell defines, and the value of its last expression."""
    space = {"np": np, "bn": bn}
    *lines, last = ast.parse(source).body
    exec(compile(ast.Module(lines, []), "cell", "exec"), space)
    if not isinstance(last, ast.Expr):
        exec(compile(ast.Module([last], []), "cell", "exec"), space)
        return space, None
    return space, eval(compile(ast.Expression(last.value), "cell", "eval"), space)


@pytest.mark.parametrize("file", EXERCISES)
def test_the_solution_is_there_and_right(file):
    _, check, answer = EXERCISES[file]
    space, _ = run((FOLDER / "solutions" / file).read_text(encoding="utf-8"))
    verdict = getattr(bn.checks, check)(space[answer])
    assert verdict, verdict
    assert repr(verdict).startswith("Right. ")


@pytest.mark.parametrize("file", EXERCISES)
def test_unwritten_it_says_not_yet_as_stored(file):
    cell, *_ = EXERCISES[file]
    _, verdict = run(cell.source)
    assert not verdict
    assert repr(verdict).startswith("Not yet. ")
    assert "..." in cell.source
    assert "raised" not in repr(verdict)
    assert [output.data["text/plain"] for output in cell.outputs] == [repr(verdict)]


@pytest.mark.parametrize("file", EXERCISES)
def test_the_solution_fills_in_the_stored_cell(file):
    """The same names and arguments, so that it can take the cell's place."""
    cell, _, answer = EXERCISES[file]
    signatures = []
    for source in (cell.source, (FOLDER / "solutions" / file).read_text(encoding="utf-8")):
        functions = [each for each in ast.parse(source).body if isinstance(each, ast.FunctionDef)]
        signatures.append([ast.unparse(f.args) for f in functions if f.name == answer])
    assert signatures[0] == signatures[1]
    assert len(source.splitlines()) <= 20


def test_every_check_has_an_exercise_and_every_solution_too():
    assert sorted(check for _, check, _ in EXERCISES.values()) == sorted(CHECKS)
    assert list(EXERCISES) == SOLUTIONS


class Mute(Exception):
    """An error without text, also an array that cannot be read."""

    def __str__(self):
        raise KeyError

    __array__ = __str__


def mute(*given):
    raise Mute


NONSENSE = {
    "raises without text": mute,
    "unreadable": lambda *given: (Mute(), Mute()),
    "beyond floats": lambda *given: 10**400,
    "nothing": lambda *given: None,
    "dots": lambda *given: ...,
    "pair of dots": lambda *given: (..., ...),
    "a word": lambda *given: "σ",
    "words": lambda *given: ("a", "b"),
    "three things": lambda *given: (1, 2, 3),
    "NaN": lambda *given: np.nan,
    "infinity": lambda *given: (np.inf, -np.inf),
    "scalar zero": lambda *given: 0,
    "negative": lambda *given: -1.0,
    "huge": lambda *given: 1e200,
    "empty": lambda *given: np.array([]),
    "ragged": lambda *given: [[1], [2, 3]],
    "NaN of the right shape": lambda *given: tuple(np.full(np.shape(g), np.nan) for g in given),
    "what was given": lambda *given: given[0] if len(given) == 1 else given,
    "four dimensions": lambda *given: (np.zeros((2, 2, 2, 2)), np.zeros((1, 1, 1, 1))),
    "an object": lambda *given: object(),
    "a function": lambda *given: len,
    "complex": lambda *given: (1j, 1j),
    "raises": lambda *given: 1 / 0,
    "raises with braces": lambda *given: {}["{}"],
    "no arguments": lambda: 1,
    "not a function": -7,
    "no function at all": None,
    "a class": dict,
}


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("name", NONSENSE)
@pytest.mark.filterwarnings("error")
def test_no_answer_makes_a_check_raise(check, name):
    verdict = getattr(bn.checks, check)(NONSENSE[name])
    assert isinstance(verdict, bn.checks.Verdict)
    assert not verdict
    assert repr(verdict).startswith("Not yet. ")
    assert len(verdict.message.split()) > 3
    assert not verdict.message.startswith("the ")


def test_a_verdict_reads_as_a_sentence_and_counts_as_true_or_false():
    assert repr(bn.checks.Verdict(True, "Well done.")) == "Right. Well done."
    assert repr(bn.checks.Verdict(False, "Why not?")) == "Not yet. Why not?"
    assert bn.checks.Verdict(True, "")
    assert not bn.checks.Verdict(False, "")


# ---- the tables ----


def table_of(check, given):
    """What the answer is measured by where these are its arguments, and its parts."""
    with np.errstate(all="ignore"):
        table = REGISTRY[check].table(*deepcopy(given))
    return table, getattr(table, "parts", (table,))


def answer_of(check, change=lambda values, given: values):
    """What is wanted for whatever is given, changed; a value where the exercise wants a value."""

    def answer(*given):
        table, parts = table_of(check, given)
        values = change([part.wanted for part in parts], given)
        return values[0] if table is parts[0] else tuple(values)

    return answer if len(REGISTRY[check].cases[0]) else answer()


def rows_of(check, given):
    """Every (part or None for all, words, row) of the table; in each case as many."""
    table, parts = table_of(check, given)
    found = [] if table is parts[0] else [(None, *row) for row in table.mistakes.items()]
    return found + [(k, *row) for k, part in enumerate(parts) for row in part.mistakes.items()]


def values_of(row):
    """Values that the row should recognize; None stands for any wrong value."""
    return row if type(row) is list else [None if row is ... else getattr(row, "example", row)]


ROWS = [
    (check, k, i)
    for check in CHECKS
    for k, (_, _, row) in enumerate(rows_of(check, REGISTRY[check].cases[0]))
    for i in range(len(values_of(row)))
]
# One of these misses every other row: what the words for all else are said of.
SPOILT = [lambda v: v + 1, lambda v: 1.5 * v, lambda v: 0.9995 * v, lambda v: v + np.arange(v.size)]


def told(check, answer):
    with np.errstate(all="ignore"), pytest.raises(NotYet) as caught:
        REGISTRY[check].judge(answer)
    verdict = REGISTRY[check](answer)
    assert repr(verdict) == f"Not yet. {caught.value}"
    assert not re.search(r"[{}]", verdict.message)
    return caught.value.row


@pytest.mark.parametrize(("check", "k", "i"), ROWS)
def test_every_mistake_is_recognized_as_itself(check, k, i):
    def wrong(spoil=None):
        def change(values, given):
            part, _, row = rows_of(check, given)[k]
            value = values_of(row)[i]
            if part is None:
                return value
            values[part] = value if spoil is None else spoil(values[part])
            return values

        return answer_of(check, change)

    cases = [rows_of(check, given)[k] for given in REGISTRY[check].cases]
    wrong_answers = [wrong(each) for each in SPOILT] if cases[0][2] is ... else [wrong()]
    found = [told(check, answer) for answer in wrong_answers]
    assert set(found) & {words for _, words, _ in cases}, found


@pytest.mark.parametrize("check", CHECKS)
def test_what_is_wanted_is_right_and_said_the_same_twice(check):
    verdict = REGISTRY[check](answer_of(check))
    assert verdict, verdict
    assert REGISTRY[check](answer_of(check)) == verdict
    assert REGISTRY[check].__doc__


FUNCTIONS = [check for check in CHECKS if len(REGISTRY[check].cases[0])]


@pytest.mark.parametrize(("check", "also"), [(c, w) for c in CHECKS for w in REGISTRY[c].also])
def test_an_answer_may_fail_at_further_arguments_alone(check, also):
    given = REGISTRY[check].also[also]
    own = repr(given)
    wrong = answer_of(check, lambda v, g: [*v[:-1], v[-1] + 1] if repr(g) == own else v)
    assert told(check, wrong) == also


@pytest.mark.parametrize("check", FUNCTIONS)
@pytest.mark.parametrize("array", [0, -1])
def test_an_answer_that_changes_what_it_was_given_is_told_so(check, array):
    def arrays(given):
        for each in given:
            if isinstance(each, np.ndarray):
                yield each
            elif isinstance(each, list | tuple):
                yield from arrays(each)

    right = answer_of(check)

    def change(*given):
        value = right(*given)
        for each in [*arrays(given)][array:][:1]:
            each += 1
        return value

    if [*arrays(REGISTRY[check].cases[0])]:
        assert REGISTRY[check](change) == bn.checks.Verdict(False, REGISTRY[check].changed)


@pytest.mark.parametrize("check", FUNCTIONS)
def test_what_an_answer_raises_is_told_as_its_own(check):
    def fails(*given):
        raise LookupError("of {mine}")

    def later(*given):
        yield 1.0
        fails()

    for answer in (fails, later):
        assert REGISTRY[check](answer).message == "Your code raised LookupError: of {mine}"


@pytest.mark.parametrize("check", CHECKS)
def test_an_error_of_the_check_is_not_told_as_the_learners(check):
    def broken(*given):
        raise LookupError("the check")

    with pytest.raises(LookupError, match="the check"):
        replace(REGISTRY[check], table=broken)(answer_of(check))


AS = {
    "lists": lambda v: np.asarray(v).tolist(),
    "tuples": lambda v: tuple(v) if np.ndim(v) else v.item(),
    "generators": lambda v: iter(v) if np.ndim(v) else v,
    "0-d arrays": np.asarray,
    "matrices": lambda v: np.matrix(v) if np.ndim(v) == 2 else v,
    "objects": lambda v: np.asarray(v, dtype=object),
}


@pytest.mark.parametrize("check", FUNCTIONS)
@pytest.mark.parametrize("kind", AS)
@pytest.mark.filterwarnings("ignore:the matrix subclass")
def test_right_in_another_type_is_right(check, kind, capsys):
    def change(values, given):
        print("on the way")
        warnings.warn("mine", RuntimeWarning, stacklevel=1)
        np.float64(1) / np.zeros(1)
        return [AS[kind](value) for value in values]

    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        verdict = REGISTRY[check](answer_of(check, change))
    assert verdict, verdict
    assert "on the way" in capsys.readouterr().out


def test_a_pair_may_come_from_a_generator():
    assert bn.checks.undo(lambda z, eps: (v for v in (np.sqrt(z.var(0) + eps), z.mean(0))))


def one_pass(m1, mean1, var1, m2, mean2, var2):
    mean = (m1 * mean1 + m2 * mean2) / (m1 + m2)
    return mean, (m1 * (var1 + mean1**2) + m2 * (var2 + mean2**2)) / (m1 + m2) - mean**2


@pytest.mark.parametrize(
    ("check", "answer", "words"),
    [
        ("merge", one_pass, "Right on paper"),
        ("merge", lambda m, mean, var, *other: (mean, var), "The mean is ["),
        ("track", lambda b, d: (np.median(b, axis=(0, 1)), b[0][0]), "The mean is ["),
        ("undo", lambda z, eps: ("γ", "β"), "gamma must be numbers, got str."),
        ("working_rate", "3.0", "The learning rate must be numbers, got str."),
        ("standardize", lambda a, b: (a, b)[::-1], "training array has shape (20, 3)"),
        ("standardize", lambda a, b: a, "Return two things, the training and the test array; got"),
        ("fold", lambda w, b, mean, std: (w / std, b - w / std * mean), "bias has shape (3,)"),
        ("largest_step", lambda h: 1e305, "already leaves the optimum"),
        ("largest_step", lambda h: np.linalg.eigvalsh(h[0]), "Your code raised LinAlgError"),
        ("track", lambda batches, decay: batches.clear(), "The batches you were given have chan"),
        ("track", lambda batches, decay: batches.insert(0, None), "have changed"),
    ],
)
def test_some_answers_that_no_row_gives(check, answer, words):
    verdict = REGISTRY[check](answer)
    assert not verdict
    assert words in verdict.message


@pytest.mark.parametrize(
    ("check", "answer"),
    [
        (
            "standardize",
            lambda a, b: [((x - a.mean(0)) / a.std(0)).astype("float32") for x in (a, b)],
        ),
        ("largest_step", lambda h: 2 / np.linalg.norm(h, 2)),
        ("largest_step", lambda h: np.array(2 / np.linalg.svd(h)[1][0])),
        ("fold", lambda w, b, mean, std: [w / std, b - sum(w * mean / std)]),
        ("farthest", lambda m: 5 - 3 * (np.arange(m) > 0)),
        ("mean_noise", lambda z, m: z.std(axis=0, ddof=1) * np.sqrt((1 - m / len(z)) / m)),
        (
            "ghost_normalize",
            lambda z, size, eps: bn.GhostBatchNorm(3, size, eps=eps, dtype="float64").forward(
                z, training=True
            ),
        ),
    ],
)
def test_there_are_other_ways_to_be_right(check, answer):
    assert REGISTRY[check](answer), REGISTRY[check](answer)


def test_two_exercises_of_one_name_are_refused():
    def undo():
        """Another."""

    with pytest.raises(ValueError, match="two exercises are called 'undo'"):
        exercise(cases=[()], praise="")(undo)
    assert REGISTRY["undo"].cases[0]


def test_checks_are_found_by_their_module():
    assert bn.checks.__all__ == ["Verdict", *sorted(REGISTRY)]
    assert all(getattr(bn.checks, name) is check for name, check in REGISTRY.items())


def test_the_docstring_shows_an_exercise_that_works(monkeypatch):
    monkeypatch.setattr("bnlib.checks.table.REGISTRY", {})
    space = {"np": np, "exercise": exercise, "Part": Part, "When": When}
    shown = re.search(
        r"^( +)@exercise.*?\n\n(?= {4}\S)", exercise.__doc__, re.DOTALL | re.MULTILINE
    )
    exec(textwrap.dedent(shown.group()), space)
    assert str(space["spread"](lambda z, eps: np.sqrt(z.var(axis=0) + eps))) == "Right. So it is."
    for answer, words in [
        (lambda z, eps: z.var(axis=0) + eps, "That is σ² + ε: take the root."),
        (lambda z, eps: -z.std(axis=0), "A spread of [-"),
        (lambda z, eps: z.std(axis=0), "What is added to σ²? Off by up to 0.2"),
    ]:
        assert str(space["spread"](answer)).startswith(f"Not yet. {words}")
