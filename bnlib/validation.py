"""What every public function asks of its input, and the words in which it says so.

Each function returns the value in the form the mathematics wants, or raises a ``TypeError`` (not
numbers at all) or ``ValueError`` (numbers of the wrong kind) that names the argument, what was
given and what is wanted.
"""

import math
import numbers
from contextlib import suppress
from itertools import islice

import numpy as np

# An array of more numbers than this is taken for a mistake, before memory is asked for: a view may
# claim any number of them. In float64 it takes 16 GB.
MOST_NUMBERS = 2**31
LARGEST = 1e30  # of a number that is handed to float32, which ends at 3e38
MOST_NEW = 2**28  # of those that bnlib makes itself, for a shape that it is told: 2 GB

# Public functions of the mathematics give infinity where a float can hold no more, without a
# warning; as a decorator.
quietly = np.errstate(over="ignore", invalid="ignore", under="ignore", divide="ignore")


def shown(value) -> str:
    """``value`` in an error: its ``repr``, where it has one, and no more than the beginning."""
    try:
        text = repr(value)
    except Exception:
        return "a value that cannot be shown"
    text = " ".join(text[:1000].split("\n"))
    return text if len(text) <= 200 else f"{text[:200]} …"


def as_is(value, name: str) -> np.ndarray:
    """``value`` as an array; a masked one is refused, since its mask would be lost."""
    if type(value) is np.ndarray:
        array = value
    elif isinstance(value, np.ma.MaskedArray):
        raise TypeError(f"{name} must not be a masked array: fill in or leave out what is missing")
    else:
        try:
            array = np.asarray(value)
        except ValueError as error:
            raise ValueError(f"{name} must be a rectangular array of numbers: {error}") from None
        except Exception as error:  # whatever an object does that is asked for its numbers
            given = f"{type(value).__name__}: {error}"
            raise TypeError(f"{name} must be an array of numbers, got {given}") from None
    if array.size > MOST_NUMBERS:
        raise ValueError(f"{name} is too large: shape {array.shape} has {array.size:.1e} numbers")
    return array


def as_floats(value, name: str) -> np.ndarray:
    """``value`` as a float array of any shape, its entries unexamined.

    float32 and float64 keep their dtype, integers and booleans become float64.
    """
    array = (
        value if type(value) is np.ndarray and value.size <= MOST_NUMBERS else as_is(value, name)
    )
    if array.dtype.char in "fd":
        return array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))
    if array.dtype.kind in "biu":
        return array.astype(np.float64)
    given = f"{type(value).__name__} with dtype {array.dtype}"
    raise TypeError(f"{name} must hold real numbers (float32, float64 or integers), got {given}")


def as_array(value, name: str, *, ndim: int = 2, finite: bool = True) -> np.ndarray:
    """``value`` as a float array of ``ndim`` dimensions, not empty and (by default) finite."""
    array = as_floats(value, name)
    if array.ndim != ndim:
        wanted = {1: "1-D, one value per unit", 2: "2-D, (examples, units)"}.get(ndim, f"{ndim}-D")
        raise ValueError(f"{name} must be {wanted}; got shape {array.shape}")
    if array.size == 0:
        raise ValueError(f"{name} is empty: shape {array.shape}")
    if finite and not np.isfinite(array).all():
        bad = f"{array.size - np.isfinite(array).sum()} of {array.size}"
        raise ValueError(f"{name} must be finite; {bad} entries are NaN or infinite")
    return array


def as_any_array(value, name: str) -> np.ndarray:
    """``value`` as a finite float array of one dimension or more, not empty."""
    array = as_floats(value, name)
    if array.ndim == 0:
        raise ValueError(f"{name} must be an array, got the number {shown(value)}")
    return as_array(array, name, ndim=array.ndim)


def as_axes(value, name: str, ndim: int) -> tuple[int, ...]:
    """``value``, an axis or several, as different numbers from 0 to ``ndim`` − 1."""
    several = as_list(value, name, " of axes") if isinstance(value, (tuple, list)) else [value]
    axes = [as_count(axis, name, low=-ndim, high=ndim - 1) % ndim for axis in several]
    if not axes or len(set(axes)) < len(axes):
        raise ValueError(f"{name} must name one axis or several different ones, got {shown(value)}")
    return tuple(sorted(axes))


def as_image_shape(value, name: str) -> tuple[int, int, int]:
    """``value`` as (channels, height, width)."""
    if not isinstance(value, (tuple, list)) or len(value) != 3:
        raise ValueError(f"{name} must be (channels, height, width), got {shown(value)}")
    sides = as_list(value, name, " of three numbers")
    return tuple(as_count(each, f"{name}[{i}]") for i, each in enumerate(sides))


def as_per_unit(value, name: str, n: int, dtype=None) -> np.ndarray:
    """``value`` as a 1-D array with one finite number for each of ``n`` units."""
    array = as_array(value, name, ndim=1)
    if array.shape != (n,):
        raise ValueError(f"{name} must have one value per unit, shape ({n},); got {array.shape}")
    return array if dtype is None else array.astype(dtype, copy=False)


def as_number(
    value, name: str, *, low=-math.inf, high=math.inf, open_low=False, open_high=False
) -> float:
    """``value`` as a finite float within [low, high] (an end is excluded where it is open)."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise TypeError(f"{name} must be a number, got {type(value).__name__}: {shown(value)}")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    below = number <= low if open_low else number < low
    above = number >= high if open_high else number > high
    if not math.isfinite(number) or below or above:
        interval = f"{'(' if open_low else '['}{low:g}, {high:g}{')' if open_high else ']'}"
        raise ValueError(f"{name} must be a finite number in {interval}, got {shown(value)}")
    return number


def as_count(value, name: str, *, low: int = 1, high: int | None = None) -> int:
    """``value`` as an integer that is at least ``low`` (and at most ``high``)."""
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise TypeError(f"{name} must be an integer, got {type(value).__name__}: {shown(value)}")
    if value < low or (high is not None and value > high):
        wanted = f"at least {low}" if high is None else f"between {low} and {high}"
        raise ValueError(f"{name} must be {wanted}, got {shown(value)}")
    return int(value)


def as_flag(value, name: str) -> bool:
    """``value`` if it is True or False, or 1 or 0; a text or an array is no answer to yes or no."""
    if value is True or value is False:
        return value
    if isinstance(value, (np.bool_, numbers.Integral)) and value in (0, 1):
        return bool(value)
    given = f"{type(value).__name__}: {shown(value)}"
    raise TypeError(f"{name} must be True or False, got {given}")


def as_text(value, name: str) -> str:
    """``value`` if it is a text."""
    if not isinstance(value, str):
        given = f"{type(value).__name__}: {shown(value)}"
        raise TypeError(f"{name} must be a text, got {given}")
    return value


def as_dtype(value, name: str = "dtype") -> str:
    """``value``, a name, a type or a dtype of NumPy, as "float32" or "float64"."""
    with suppress(TypeError):  # a name that NumPy does not know
        value = np.dtype(value).name if isinstance(value, (str, type, np.dtype)) else value
    return one_of(value, name, ("float32", "float64"))


def as_generator(value, name: str = "seed") -> np.random.Generator:
    """A generator from ``value``: an integer ≥ 0, several of them, or what NumPy draws from."""
    if isinstance(value, np.random.Generator):
        return value
    if isinstance(value, (np.random.SeedSequence, np.random.BitGenerator)):
        return np.random.default_rng(value)
    if type(value) is np.ndarray and value.ndim == 1 and value.dtype.kind in "iu":
        value = value.tolist()
    several = isinstance(value, (tuple, list)) and value
    for each in as_list(value, name, " of integers") if several else [value]:
        as_count(each, name, low=0)
    return np.random.default_rng(value)


def as_room(shape, name: str) -> tuple[int, ...]:
    """``shape`` of an array to be made, if there is room for it; ``name`` says what asks for it."""
    if math.prod(shape) > MOST_NEW:
        wide = " × ".join(map(str, shape))
        raise ValueError(f"{name} would take {wide} numbers; there is room for {MOST_NEW:.1e}")
    return shape


def as_list(value, name: str, such_as: str, most: int = 10**5) -> list:
    """The members of ``value``; bytes are none of several, and neither is what never ends."""
    try:
        if isinstance(value, (bytes, bytearray, memoryview)):
            raise TypeError
        members = list(islice(value, most + 1))
    except Exception:  # whatever an object does that is asked for its members
        given = f"{type(value).__name__}: {shown(value)}"
        raise TypeError(f"{name} must be a list{such_as}, got {given}") from None
    if len(members) > most:
        raise ValueError(f"{name} must have no more than {most} members")
    return members


def one_of(value, name: str, choices):
    """``value`` if it is one of ``choices``; otherwise an error that lists them."""
    choices = list(choices)
    if not any(value is c or (type(value) is type(c) and value == c) for c in choices):
        listed = ", ".join(repr(c) for c in choices)
        raise ValueError(f"{name} must be one of {listed}; got {shown(value)}")
    return value


def as_one_of_ours(value, name: str, has: tuple[str, ...], such_as: str):
    """``value`` if it has the methods ``has``; otherwise an error asking for ``such_as``."""
    if isinstance(value, type):
        given = f"the class {value.__name__} itself: call it first"
        raise TypeError(f"{name} must be {such_as}, got {given}")
    if not all(callable(getattr(value, attribute, None)) for attribute in has):
        raise TypeError(f"{name} must be {such_as}, got {type(value).__name__}: {shown(value)}")
    return value


def as_network(value):
    """``value`` if it is a Network."""
    wanted = "a Network, such as bn.mlp([64, 100, 10])"
    as_one_of_ours(value, "network", ("forward", "backward"), wanted)
    if not hasattr(value, "layers"):
        raise TypeError(f"network must be {wanted}, got the layer {shown(value)}")
    return value


def as_optimizer(value):
    """``value`` if it is an optimizer."""
    return as_one_of_ours(value, "optimizer", ("step",), "an optimizer, such as bn.SGD(0.1)")


def same_shape(array: np.ndarray, name: str, shape: tuple[int, ...]) -> np.ndarray:
    """``array`` if it has ``shape``; otherwise an error that names both shapes."""
    if array.shape != shape:
        raise ValueError(f"{name} must have shape {shape}; got {array.shape}")
    return array


def as_gradient(value, name: str, shape: tuple[int, ...]) -> np.ndarray:
    """``value`` as a float array of ``shape``, its entries unexamined: what a backward takes."""
    if type(value) is np.ndarray and value.shape == shape and value.dtype.char in "fd":
        return value
    return same_shape(as_floats(value, name), name, shape)


def as_batch(value, name: str, n: int) -> np.ndarray:
    """``value`` as a float array of m examples of ``n`` units: the quick look a layer takes.

    Its entries are not examined: a network that diverges hands NaN from layer to layer, and
    ``train`` reports it.
    """
    array = as_floats(value, name)
    if array.ndim != 2 or array.shape[1] != n or array.shape[0] == 0:
        raise ValueError(f"{name} must have shape (m, {n}) with m ≥ 1; got {array.shape}")
    return array


def as_labels(value, name: str, m: int, classes: int) -> np.ndarray:
    """``value`` as ``m`` class numbers (integers) from 0 to ``classes`` − 1."""
    array = as_is(value, name)
    if array.dtype.kind not in "iu":
        raise TypeError(f"{name} must hold class numbers (integers), got dtype {array.dtype}")
    if array.shape != (m,):
        raise ValueError(f"{name} must have one label per example, shape ({m},); got {array.shape}")
    if array.min() < 0 or array.max() >= classes:
        given = f"got values from {array.min()} to {array.max()}"
        raise ValueError(
            f"{name} must lie between 0 and {classes - 1}, one of {classes} classes; {given}"
        )
    return array.astype(np.intp, copy=False)
