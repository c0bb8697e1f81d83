"""Values that a public function may be handed, bad ones and merely unusual ones.

Each is made from what belongs there (an array, or a number): the right numbers in another form, or
something else altogether. ``VALUES`` has them by name, as functions of the array that belongs there
(float64); they return the value, and the well-formed array that it is equivalent to (float64, or
float32 where the value is), or None where it is equivalent to nothing.
"""

import array
import collections
import datetime
import decimal
import fractions
import pathlib
import re
import types

import numpy as np

from tests.proof.odd_objects import (
    AnyAttribute,
    ArrayOf,
    BadArray,
    Colour,
    ComparesToArrays,
    EqualToAll,
    FailingArray,
    FailingSequence,
    Floats,
    Interface,
    LongText,
    NoText,
    OnlyFloat,
    OnlyIndex,
    Pair,
    Point,
    Raises,
    SubArray,
    endless,
)

VALUES: dict = {}
# What has to be taken where an array belongs: the right numbers, laid out in another way.
FINE = set()


def values(**named):
    """Take in values by name; an underscore in a name stands for a space."""
    for name, make in named.items():
        VALUES[name.replace("_", " ").strip()] = make


def nothing(value):
    """A value that is equivalent to nothing, made anew each time."""
    return lambda a: (value(), None)


def same(value):
    """The same numbers in another form."""
    return lambda a: (value(a), a)


def as_given(value):
    """Other numbers: what is equivalent to them is what NumPy reads."""

    def make(a):
        made = value(a)
        return made, np.array(made, float)

    return make


# -- no numbers ----------------------------------------------------------------------------

values(
    None_=nothing(lambda: None),
    dots=nothing(lambda: ...),
    NotImplemented_=nothing(lambda: NotImplemented),
    text=nothing(lambda: "abc"),
    empty_text=nothing(str),
    number_as_text=nothing(lambda: "1.5"),
    text_nan=nothing(lambda: "nan"),
    long_text=nothing(lambda: "x" * 1_000_000),
    text_with_braces=nothing(lambda: "{0} %s {value}"),
    bytes=nothing(lambda: b"abc"),
    bytearray=as_given(lambda a: bytearray(b"abc")),
    set=nothing(lambda: {1.0, 2.0}),
    frozenset=nothing(frozenset),
    dict=nothing(lambda: {"a": 1}),
    empty_dict=nothing(dict),
    keys=nothing(lambda: {"a": 1}.keys()),
    generator=nothing(lambda: (k for k in (1, 2))),
    endless_generator=nothing(endless),
    iterator=nothing(lambda: iter([1, 2])),
    map_=nothing(lambda: map(float, "12")),
    slice_=nothing(lambda: slice(3)),
    object_=nothing(object),
    class_int=nothing(lambda: int),
    class_array=nothing(lambda: np.ndarray),
    class_of_its_own=nothing(lambda: Pair),
    function=nothing(lambda: lambda *a, **k: None),
    failing_function=nothing(lambda: Raises()._refuse),
    builtin=nothing(lambda: len),
    ufunc=nothing(lambda: np.sin),
    module=nothing(lambda: np),
    exception=nothing(ValueError),
    date=nothing(lambda: datetime.date(2020, 1, 1)),
    moment=nothing(lambda: datetime.datetime(2020, 1, 1)),
    timedelta=nothing(lambda: datetime.timedelta(1)),
    path=nothing(lambda: pathlib.Path("x")),
    pattern=nothing(lambda: re.compile("x")),
    enum=nothing(lambda: Colour.RED),
    dataclass=nothing(Pair),
    namespace=nothing(lambda: types.SimpleNamespace(x=1)),
    raises=nothing(Raises),
    no_text=nothing(NoText),
    long_text_of_an_object=nothing(LongText),
    any_attribute=nothing(AnyAttribute),
    equal_to_all=nothing(EqualToAll),
    compares_to_arrays=nothing(ComparesToArrays),
    bad_array=nothing(BadArray),
    failing_array=nothing(FailingArray),
    only_float=nothing(OnlyFloat),
    failing_sequence=nothing(lambda: FailingSequence([1.0])),
    only_index=nothing(OnlyIndex),
    random_generator=nothing(lambda: np.random.default_rng(0)),
    dtype=nothing(lambda: np.dtype("float32")),
    dtype_name=nothing(lambda: "int8"),
    void=nothing(lambda: np.void(b"abc")),
    numpy_text=nothing(lambda: np.str_("abc")),
    numpy_date=nothing(lambda: np.datetime64("2020-01-01")),
    masked_constant=nothing(lambda: np.ma.masked),
)

# -- single numbers --------------------------------------------------------------------------

values(
    **{
        name: as_given(lambda a, value=value: value)
        for name, value in {
            "true": True,
            "false": False,
            "numpy true": np.True_,
            "zero": 0,
            "one": 1,
            "two": 2,
            "minus one": -1,
            "zero point zero": 0.0,
            "minus zero": -0.0,
            "half": 0.5,
            "two point zero": 2.0,
            "nan": np.nan,
            "inf": np.inf,
            "minus inf": -np.inf,
            "largest float": 1.7e308,
            "minus largest float": -1.7e308,
            "smallest float": 5e-324,
            "float32 overflow": 1e39,
            "float16 number": np.float16(0.5),
            "float32 number": np.float32(0.5),
            "longdouble number": np.longdouble("0.5"),
            "int8 number": np.int8(2),
            "uint64 number": np.uint64(2**64 - 1),
            "int64 number": np.int64(3),
            "2^63": 2**63,
            "10^9": 10**9,
            "10^12": 10**12,
            "10^30": 10**30,
            "float of its own": Floats(0.5),
            "0-d array": np.array(0.5),
            "0-d integers": np.array(2),
        }.items()
    }
)
values(
    beyond_float=nothing(lambda: 10**400),
    minus_beyond_float=nothing(lambda: -(10**400)),
    longdouble_beyond_float=nothing(lambda: np.longdouble("1e4000")),
    imaginary=nothing(lambda: 1j),
    complex_but_real=nothing(lambda: 0.5 + 0j),
    fraction=as_given(lambda a: fractions.Fraction(1, 2)),
    decimal_=nothing(lambda: decimal.Decimal("0.5")),
    decimal_nan=nothing(lambda: decimal.Decimal("nan")),
)

# -- arrays: the right numbers in another form -----------------------------------------------


def spread(a):
    """A view with room between the numbers."""
    wide = np.full([2 * n for n in a.shape], 7.0)
    view = wide[tuple(slice(None, None, 2) for _ in a.shape)]
    view[...] = a
    return view


def backwards(a):
    every = tuple(slice(None, None, -1) for _ in a.shape)
    return a[every].copy()[every]


def read_only(a):
    a = a.copy()
    a.setflags(write=False)
    return a


def unaligned(a):
    view = np.zeros(a.nbytes + 1, np.uint8)[1:].view(a.dtype).reshape(a.shape)
    view[...] = a
    return view


def in_float32(change):
    return lambda a: (change(a.astype(np.float32)), a.astype(np.float32))


def whole(change):
    """Whole numbers."""

    def make(a):
        numbers = np.abs(np.round(4 * a)).astype(np.int64)
        return change(numbers), numbers.astype(float)

    return make


FORMS = {
    "float64": same(np.copy),
    "float32": in_float32(np.copy),
    "read-only": same(read_only),
    "Fortran order": same(np.asfortranarray),
    "with gaps": same(spread),
    "backwards": same(backwards),
    "float32 backwards": in_float32(backwards),
    "unaligned": same(unaligned),
    "big-endian": same(lambda a: a.astype(">f8")),
    "little-endian": same(lambda a: a.astype("<f8")),
    "big-endian float32": in_float32(lambda a: a.astype(">f4")),
    "list": same(np.ndarray.tolist),
    "list of arrays": same(list),
    "int64": whole(np.copy),
    "int8": whole(lambda a: a.astype(np.int8)),
    "uint8": whole(lambda a: a.astype(np.uint8)),
    "big-endian int": whole(lambda a: a.astype(">i4")),
    "uint64": whole(lambda a: a.astype(np.uint64)),
    "list of int": whole(np.ndarray.tolist),
    "subclass": same(lambda a: a.copy().view(SubArray)),
    "duck array": same(lambda a: ArrayOf(a.copy())),
    "array interface": same(lambda a: Interface(a.copy())),
    "buffer": same(lambda a: memoryview(a.copy())),
    "subnormal": lambda a: (np.full_like(a, 5e-324), np.full_like(a, 5e-324)),
}
VALUES |= FORMS
FINE |= FORMS.keys()


def nested_tuples(a):
    return tuple(map(nested_tuples, a)) if a.ndim else float(a)


def masked(a, mask):
    return np.ma.MaskedArray(a.copy(), mask=np.full(a.shape, mask))


def with_entry(entry):
    def change(a):
        a = a.copy()
        a.flat[-1] = entry
        return a

    return as_given(change)


def full(entry):
    return as_given(lambda a: np.full_like(a, entry))


values(
    tuples=same(nested_tuples),
    deque=same(lambda a: collections.deque(a.tolist())),
    user_list=same(lambda a: collections.UserList(a.tolist())),
    array_array=as_given(lambda a: array.array("d", a.ravel().tolist())),
    range_=as_given(lambda a: range(3)),
    named_tuple=as_given(lambda a: Point(1.0, 2.0)),
    float16=as_given(lambda a: np.ones((4, 3), np.float16)),
    float16_of_that_shape=lambda a: (a.astype(np.float16), a.astype(np.float16).astype(float)),
    longdouble=same(lambda a: a.astype(np.longdouble)),
    complex128=lambda a: (a.astype(complex), None),
    complex64=lambda a: (a.astype(np.complex64), None),
    booleans=as_given(lambda a: a > 0),
    objects=same(lambda a: a.astype(object)),
    objects_none=lambda a: (np.full(a.shape, None), None),
    fractions=same(
        lambda a: np.array([fractions.Fraction(v) for v in a.flat], object).reshape(a.shape)
    ),
    decimals=same(
        lambda a: np.array([decimal.Decimal(v) for v in a.flat], object).reshape(a.shape)
    ),
    texts=lambda a: (a.astype(str), None),
    byte_texts=lambda a: (a.astype("S8"), None),
    dates=lambda a: (np.full(a.shape, "2020-01-01", "M8[D]"), None),
    timedeltas=lambda a: (np.full(a.shape, 1, "m8[D]"), None),
    structured=lambda a: (np.zeros(a.shape, [("x", float), ("y", int)]), None),
    records=lambda a: (np.zeros(a.shape, [("x", float)]).view(np.recarray), None),
    matrix=as_given(lambda a: np.asmatrix(a.reshape(len(a), -1) if a.ndim > 1 else a)),
    masked_nothing=lambda a: (masked(a, False), None),
    masked_all=lambda a: (masked(a, True), None),
    list_of_text=lambda a: (a.astype(str).tolist(), None),
    list_with_none=lambda a: ([None, *a.tolist()[1:]], None),
    ragged=nothing(lambda: [[1.0, 2.0], [3.0]]),
    deep=as_given(lambda a: [[[[[[[1.0]]]]]]]),
    list_of_dicts=nothing(lambda: [{"a": 1.0}]),
    empty_list=as_given(lambda a: []),
    list_of_empty=as_given(lambda a: [[]]),
    no_rows=as_given(lambda a: a[:0]),
    no_columns=as_given(lambda a: a[..., :0]),
    one_row=as_given(lambda a: a[:1]),
    a_row_less=as_given(lambda a: a[:-1]),
    a_column_more=as_given(lambda a: np.append(a, a[..., :1], -1)),
    first_entry=as_given(lambda a: a[0]),
    an_axis_more=as_given(lambda a: a[None]),
    an_axis_more_at_the_end=as_given(lambda a: a[..., None]),
    turned_round=as_given(lambda a: a.T),
    a_nan=with_entry(np.nan),
    an_inf=with_entry(np.inf),
    a_minus_inf=with_entry(-np.inf),
    all_nan=full(np.nan),
    all_inf=full(np.inf),
    zeros=full(0.0),
    negative=full(-1.0),
    equal=full(3.0),
    huge_numbers=full(1.5e308),
    one_huge_number=with_entry(1.5e308),
    float32_huge=lambda a: (np.full(a.shape, 3e38, np.float32), np.full(a.shape, 3e38, np.float32)),
    whole_huge=lambda a: (np.full(a.shape, 2**63 - 1), np.full(a.shape, float(2**63 - 1))),
    list_beyond_64_bit=as_given(lambda a: [10**30] * 3),
    list_beyond_float=nothing(lambda: [10**400]),
    broadcast=as_given(lambda a: np.broadcast_to(a[:1], a.shape)),
    claims_a_terabyte=lambda a: (np.broadcast_to(a[:1], (10**12, *a.shape[1:])), None),
    claims_a_square=nothing(lambda: np.broadcast_to(1.0, (10**6, 10**6))),
    claims_bytes=nothing(lambda: np.broadcast_to(np.uint8(1), (10**12, 3))),
)
