"""Bad input: 179 values at every public argument: an error that names it, or a right result.

A clear error is a ValueError or a TypeError that names the argument. The right result is that of
the well-formed value which the unusual one is equivalent to. Whatever comes of it, nothing that was
handed over has changed; where it was refused, neither has the object or the network; no
RuntimeWarning is given; a value that claims a terabyte takes none.
"""

import inspect
import math
import numbers
import re
import sys
import time
import warnings
from pathlib import Path

import ipywidgets as widgets
import numpy as np
import pytest

import bnlib as bn
from tests.proof.bad_calls import CALLS, LAYERS
from tests.proof.bad_values import FINE, VALUES
from tests.proof.odd_objects import FailingSequence

NOTHING = object()
MOST_SECONDS = 20  # of processor time for one call; what hangs takes longer
MOST_BYTES = 4 << 30  # beyond what the process has when the test begins
FEW = (
    "None", "text", "nan", "inf", "big-endian", "with gaps", "ragged", "masked all",
    "claims a terabyte", "complex128",
)  # fmt: skip
QUICK = (
    "moments", "batch_norm", "conv2d", "softmax_cross_entropy", "Linear", "BatchNorm.forward",
    "ExponentialMovingAverage.update",
)  # fmt: skip
# What the argument is made of, and is named instead of it.
NAMED = {
    "data": "xy", "dy": ("dz", "da"), "count": ("in_browser",),
    "low": ("high", "value"), "high": ("value",), "options": ("value",),
    "job": ("kind", "statistics", "batch_size", "lr", "seed"),
}  # fmt: skip
# Values that are taken where nothing tells what they are equivalent to: a function, say.
TEXTS = {each for each in VALUES if "text" in each} | {"dtype name"}
TAKEN = {
    "description": TEXTS, "format": TEXTS,
    "step": {"None"}, "b": {"None"}, "parts_of": {"None"}, "init_scale": {"None"},
    "alpha": {"None"}, "workers": {"None"}, "dtype": {"dtype"},
    "seed": {"random generator", "list beyond 64 bit", "list beyond float"},
    "learning_rate": {"deep"},
    "batch_norm": {"true", "false"}, "sizes": {"generator", "iterator", "keys"},
    "jobs": set(VALUES),  # whatever has members
}  # fmt: skip
# Where more than so many are not tried: it takes as many as are asked for, or processes.
LONG = {("train", "steps"): 10**6, ("fit", "steps"): 10**6, ("in_parallel", "workers"): 0}


def role(name, value):
    """What belongs in an argument, by what is in it when all is right."""
    if isinstance(value, np.ndarray):
        return "labels" if value.dtype.kind == "i" else "array"
    kinds = {bool: "flag", int: "count", float: "number"}
    return kinds.get(type(value), "object")


def well_formed(wanted, value, equivalent):
    """What is equivalent to a value where ``wanted`` belongs; NOTHING where nothing is."""
    if wanted == "flag":
        given = isinstance(value, numbers.Integral | np.bool_) and value in (0, 1)
        return bool(value) if given else NOTHING
    if wanted == "count" and isinstance(value, numbers.Integral):
        return NOTHING if isinstance(value, bool) else int(value)
    if equivalent is None or wanted == "object":
        return NOTHING
    if wanted == "array":
        return equivalent
    if wanted == "labels":
        whole = np.isfinite(equivalent).all() and (equivalent == equivalent.round()).all()
        return equivalent.astype(np.intp) if whole else NOTHING
    return float(equivalent) if equivalent.ndim == 0 and wanted == "number" else NOTHING


def held(value, seen=()):
    """What a value holds, however deep, as something to compare; of others, which one it is."""
    if value is np.ma.masked or isinstance(value, FailingSequence):
        return id(value)
    if isinstance(value, np.ndarray):
        return (str(value.dtype), value.shape, value.strides, contents(value))
    if isinstance(value, list | tuple):
        return [held(each, seen) for each in value]
    if isinstance(value, dict):
        return {name: held(each, seen) for name, each in value.items() if name != "_cache"}
    if isinstance(value, np.random.Generator):
        return value.bit_generator.state
    ours = type(value).__module__.startswith("bnlib.") and hasattr(value, "__dict__")
    return held(vars(value), (*seen, id(value))) if ours and id(value) not in seen else id(value)


def contents(array):
    """The bytes of an array; of one that claims more than there is, its first ones."""
    few = array[tuple(slice(None, 100) for _ in array.shape)] if array.size > 1e6 else array
    return few.tobytes()


def parts(value, seen=()):
    """The numbers and texts in a result, one after the other."""
    if isinstance(value, widgets.Widget):
        names = ("value", "min", "max", "step", "description")
        value = [getattr(value, name, None) for name in names]
    if isinstance(value, np.ndarray | numbers.Number | str):
        return [np.asarray(value)]
    if isinstance(value, dict):
        value = [each for name, each in value.items() if name != "_cache"]
    if isinstance(value, list | tuple):
        return [part for each in value for part in parts(each, seen)]
    ours = type(value).__module__.startswith("bnlib.") and hasattr(value, "__dict__")
    return parts(vars(value), (*seen, id(value))) if ours and id(value) not in seen else []


def alike(one, other) -> bool:
    """Whether two results hold the same numbers, up to rounding in their dtype."""
    one, other = parts(one), parts(other)
    return len(one) == len(other) and all(map(close, one, other))


def close(one, other) -> bool:
    if one.shape != other.shape or {one.dtype.kind, other.dtype.kind} & set("USO"):
        return np.array_equal(one, other)
    digits = 1e-5 if np.float32 in (one.dtype, other.dtype) else 1e-9
    finite = np.abs(other[np.isfinite(other)], dtype=float)
    near = digits * finite.max(initial=0.0)
    return bool(np.allclose(one, other, rtol=digits, atol=near, equal_nan=True))


def of_a_layer(name) -> bool:
    """Whether it is one of the quick looks that a layer takes, entries unexamined."""
    owner, _, method = name.partition(".")
    return owner in LAYERS and method not in ("set_statistics", "")


def quiet_is_wanted(name, equivalent) -> bool:
    """False where a layer is handed what overflows: nothing looks at it, and NumPy may warn."""
    if equivalent is None or not of_a_layer(name):
        return True
    return bool((np.abs(equivalent) < (1e15 if equivalent.dtype == np.float32 else 1e100)).all())


def outcome(name, change, quiet=True):
    """What comes of a call with ``change``: the result or the error, and what has changed that was
    to stay."""
    function, given = CALLS[name]()
    given |= change
    owner = getattr(function, "__self__", None)
    owner = vars(owner) if hasattr(owner, "__dict__") else None
    before, state, result, refused = held(given), held(owner), None, None
    begun = time.process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("error" if quiet else "ignore", RuntimeWarning)
        warnings.simplefilter("error", np.exceptions.ComplexWarning)
        warnings.simplefilter("error", UserWarning)
        try:
            result = function(**given)
        except Exception as error:
            refused = error
    changed = []
    if time.process_time() - begun > MOST_SECONDS:
        changed.append(f"takes {time.process_time() - begun:.0f} s")
    after = held(given)
    for argument in given:
        trained = refused is None and argument in ("network", "optimizer", "layers", "seed")
        if not trained and before[argument] != after[argument]:
            changed.append(f"has changed {argument}")
    if refused is not None and held(owner) != state:
        changed.append("has changed its object")
    return result, refused, changed


def complaints(name, argument, value_name):
    """What is wrong with how a value is met, in words; nothing where all is well."""
    _, given = CALLS[name]()
    wanted = role(argument, given[argument])
    arrays = wanted in ("array", "labels")
    a = np.array(given[argument], float) if arrays else np.random.default_rng(5).normal(size=(4, 3))
    value, equivalent = VALUES[value_name](a)
    right = well_formed(wanted, value, equivalent)
    if (name, argument) in LONG and right is not NOTHING and right > LONG[name, argument]:
        return []
    quiet = quiet_is_wanted(name, equivalent)
    result, refused, changed = outcome(name, {argument: value}, quiet)
    told = [*changed]
    if argument in ("step", "function") and callable(value):
        return [f"{name}({argument}={value_name}) {each}" for each in told]  # its own errors
    if refused is not None:
        # Where an array does not fit the others, the error may say which of them it does not fit.
        fits = wanted == "array" and equivalent is not None
        told += named(refused, *(given if fits else [argument]))
        if value_name in FINE and wanted == "array":
            _, also, _ = outcome(name, {argument: right}, quiet=False)
            told += [] if also is not None else [f"is refused: {refused}"]
    elif value_name not in TAKEN.get(argument, ()):
        if right is NOTHING:
            told.append("is taken, and equivalent to nothing")
        else:
            wanted_result, also, _ = outcome(name, {argument: right}, quiet=False)
            if also is not None:
                told.append(f"is taken, but not what it is equivalent to: {also}")
            elif not alike(result, wanted_result):
                told.append("gives another result than what it is equivalent to")
    return [f"{name}({argument}={value_name}) {each}" for each in told]


def named(error, *arguments) -> list[str]:
    """Whether it is an error in words that name one of the arguments."""
    if not isinstance(error, ValueError | TypeError):
        return [f"raises {type(error).__name__}: {str(error)[:150]}"]
    words = str(error)
    names = [each for a in arguments for each in (a, *NAMED.get(a, ()))]
    if not any(re.search(rf"\b{re.escape(each)}\b", words) for each in names):
        return [f"is refused without its name: {type(error).__name__}: {words[:150]}"]
    return [f"is refused in {len(words)} characters"] if len(words) > 1500 else []


@pytest.fixture
def little_memory():
    """What takes more than a few gigabytes raises MemoryError, where the system can see to it."""
    if sys.platform != "linux":
        yield
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    now = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (now + MOST_BYTES, hard))
    yield
    resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def arguments(name):
    return list(CALLS[name]()[1])


@pytest.mark.parametrize("name", QUICK)
def test_ten_values(name, tried, little_memory):
    told = [c for a in arguments(name) for value in FEW for c in complaints(name, a, value)]
    assert told == []
    tried("calls", len(arguments(name)) * len(FEW))


@pytest.mark.proof
@pytest.mark.parametrize("name", CALLS)
def test_all_values(name, tried, little_memory):
    assert len(VALUES) >= 150
    told = [c for a in arguments(name) for value in VALUES for c in complaints(name, a, value)]
    assert told == [], f"{len(told)} complaints"
    tried("calls", len(arguments(name)) * len(VALUES))


def test_every_public_function_and_argument_is_called():
    missing = []
    for name in bn.__all__:
        public = getattr(bn, name)
        if inspect.ismodule(public):
            continue
        missing += lacks(name, public)
        for method, of in inspect.getmembers(public, callable) if inspect.isclass(public) else ():
            if not method.startswith("_"):
                missing += lacks(f"{name}.{method}", of)
    # What stands for train_step in train gets what train has looked at.
    assert set(missing) == {"step_without_noise"}


def lacks(name, public):
    """The name where it has arguments and is not called, or what it is called without."""
    wanted = [
        each.name for each in inspect.signature(public).parameters.values()
        if each.kind not in (each.VAR_KEYWORD, each.VAR_POSITIONAL) and each.name != "self"
    ]  # fmt: skip
    if not wanted:
        return []
    if name not in CALLS:
        return [name]
    return [f"{name}: {each}" for each in wanted if each not in arguments(name)]


def test_what_is_right_is_taken():
    for name in CALLS:
        _, refused, changed = outcome(name, {})
        assert refused is None, (name, refused)
        assert changed == [], name


# -- exercises and demos ---------------------------------------------------------------------


def verdicts(name, value_name):
    """What a check says to a value as an answer, and to a function that returns it."""
    value, _ = VALUES[value_name](np.random.default_rng(5).normal(size=(4, 3)))
    before = held(value)
    for answer in (value, lambda *_: value):
        verdict = getattr(bn.checks, name)(answer)
        assert isinstance(verdict, bn.checks.Verdict)
        assert str(verdict).startswith(("Right. ", "Not yet. "))
        assert len(str(verdict)) < 2000, value_name
        yield verdict
    assert held(value) == before, value_name


EXERCISES = [name for name in bn.checks.__all__ if name != "Verdict"]


def check_the_check(name, value_names):
    of_one_number = bn.checks.table.REGISTRY[name].cases == [()]  # some number may be the right one
    for value_name in value_names:
        for verdict in verdicts(name, value_name):
            assert not verdict or of_one_number, value_name


@pytest.mark.parametrize("name", ["standardize", "two_examples", "farthest"])
def test_a_check_says_not_yet_to_a_few(name):
    check_the_check(name, FEW)


@pytest.mark.proof
@pytest.mark.parametrize("name", EXERCISES)
def test_a_check_says_not_yet_and_never_raises(name, tried):
    check_the_check(name, VALUES)
    tried("answers", 2 * len(VALUES))


@pytest.fixture(scope="module")
def explorers():
    names = ("loss_contours", "pull_one_gradient", "temperatures", "translator")
    made = [bn.demos.REGISTRY[name]() for name in names]
    yield made
    for explorer in made:
        explorer.close()


def test_an_explorer_looks_at_a_few(explorers):
    look_at(explorers[0], "set", FEW)


@pytest.mark.proof
@pytest.mark.parametrize("way", ["set", "result_at", "preset"])
def test_an_explorer_takes_only_what_its_control_takes(explorers, way, tried):
    tried("values of controls", sum(look_at(each, way, VALUES) for each in explorers))


def look_at(explorer, way, value_names) -> int:
    """Hand each value to each control; how many there were."""
    explorer.reset()
    for name, control in explorer.controls.items():
        for value_name in value_names:
            value, _ = VALUES[value_name](np.random.default_rng(5).normal(size=(4, 3)))
            before, picture = explorer.values, explorer._image.value
            given = ((value,), {}) if way == "preset" else ((), {name: value})
            refused = attempt(getattr(explorer, way), *given)
            if refused is not None:
                assert named(refused, "preset" if way == "preset" else name) == [], value_name
                assert explorer.values == before
                assert explorer._image.value == picture
            elif way == "set":
                assert taken(explorer.values[name], control, value), value_name
            else:
                assert way == "result_at", value_name
    return len(explorer.controls) * len(value_names)


def attempt(function, arguments, named):
    """The error that comes of a call, or None."""
    try:
        function(*arguments, **named)
    except Exception as error:
        return error
    return None


def taken(now, control, value) -> bool:
    """Whether the value of a control is one that it may have, and the one that it was given."""
    options = [o[1] if isinstance(o, tuple) else o for o in getattr(control, "options", ())]
    of_its_own = now in options or type(now) in (int, float, bool)
    return of_its_own and now == value and not (isinstance(now, float) and not math.isfinite(now))
