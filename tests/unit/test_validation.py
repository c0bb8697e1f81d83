from itertools import count

import numpy as np
import pytest

from bnlib import validation as v


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_floats_keep_their_dtype_and_are_not_copied(dtype):
    x = np.ones((2, 3), dtype)
    assert v.as_array(x, "x") is x
    assert v.as_batch(x, "x", 3) is x


@pytest.mark.parametrize("value", [[[1, 2]], [[True, False]], np.ones((1, 2), np.uint8)])
def test_integers_and_booleans_become_float64(value):
    assert v.as_array(value, "x").dtype == np.float64
    assert v.as_batch(value, "x", 2).dtype == np.float64


def test_the_other_byte_order_is_turned_round():
    for dtype in (">f4", "<f8", ">f8"):
        x = v.as_array(np.array([[1.5, 2.0]], dtype), "x")
        assert x.dtype.isnative
        np.testing.assert_array_equal(x, [[1.5, 2.0]])


def test_infinities_pass_where_they_are_asked_for():
    assert v.as_array([[np.inf]], "x", finite=False)[0, 0] == np.inf
    assert np.isnan(v.as_batch(np.array([[np.nan]]), "x", 1)).all()


class Failing:
    def __array__(self, dtype=None, copy=None):
        raise OSError("the file is gone")


class Unseen:
    def __repr__(self):
        raise RuntimeError("it has no text")


LARGE = np.broadcast_to(1.0, (10**6, 10**6))
WRONG = [
    (lambda: v.as_array("abc", "x"), TypeError, r"x must hold real numbers .*got str"),
    (lambda: v.as_array([[1j]], "x"), TypeError, r"dtype complex128"),
    (lambda: v.as_array(np.ones((1, 1), np.float16), "x"), TypeError, r"dtype float16"),
    (lambda: v.as_array([[1], [1, 2]], "x"), ValueError, r"x must be a rectangular array"),
    (
        lambda: v.as_array(1.0, "x"),
        ValueError,
        r"x must be 2-D, \(examples, units\); got shape \(\)",
    ),
    (lambda: v.as_array(np.ones((0, 3)), "x"), ValueError, r"x is empty: shape \(0, 3\)"),
    (lambda: v.as_array([[1, np.nan]], "x"), ValueError, r"1 of 2 entries are NaN or infinite"),
    (lambda: v.as_per_unit([1, 2], "g", 3), ValueError, r"g must have .*\(3,\); got \(2,\)"),
    (lambda: v.as_number(True, "a"), TypeError, r"a must be a number, got bool: True"),
    (lambda: v.as_number(np.nan, "a"), ValueError, r"a must be a finite number .*nan"),
    (
        lambda: v.as_number(1.0, "a", low=0, high=1, open_high=True),
        ValueError,
        r"\[0, 1\), got 1.0",
    ),
    (lambda: v.as_number(0.0, "a", low=0, open_low=True), ValueError, r"\(0, inf\], got 0.0"),
    (lambda: v.as_count(2.0, "k"), TypeError, r"k must be an integer, got float: 2.0"),
    (lambda: v.as_count(0, "k"), ValueError, r"k must be at least 1, got 0"),
    (lambda: v.as_count(9, "k", high=4), ValueError, r"k must be between 1 and 4, got 9"),
    (lambda: v.one_of("x", "g", ("a", "b")), ValueError, r"g must be one of 'a', 'b'; got 'x'"),
    (lambda: v.one_of(1, "g", (True, False)), ValueError, r"g must be one of True, False; got 1"),
    (
        lambda: v.same_shape(np.ones(2), "d", (3,)),
        ValueError,
        r"d must have shape \(3,\); got \(2,\)",
    ),
    (
        lambda: v.as_batch(np.ones((2, 3)), "z", 4),
        ValueError,
        r"z must have shape \(m, 4\).*\(2, 3\)",
    ),
    (lambda: v.as_batch(np.ones((0, 4)), "z", 4), ValueError, r"z must have .*m ≥ 1; got \(0, 4\)"),
    (lambda: v.as_labels([0.0], "y", 1, 2), TypeError, r"y must hold class numbers .*float64"),
    (
        lambda: v.as_labels([0, 1], "y", 3, 2),
        ValueError,
        r"y must have one label .*\(3,\); got \(2,\)",
    ),
    (lambda: v.as_labels([0, 2], "y", 2, 2), ValueError, r"between 0 and 1.*values from 0 to 2"),
    (lambda: v.as_labels([-1, 0], "y", 2, 2), ValueError, r"values from -1 to 0"),
    (lambda: v.as_labels([[0], [0, 1]], "y", 2, 2), ValueError, r"y must be a rectangular array"),
    (lambda: v.as_array(Failing(), "x"), TypeError, r"x must be an array .*Failing: the file"),
    (lambda: v.as_array(LARGE, "x"), ValueError, r"x is too large: .* 1.0e\+12 numbers"),
    (lambda: v.as_number(10**400, "a"), ValueError, r"a must be a finite number"),
    (lambda: v.as_number("x" * 9999, "a"), TypeError, r"^.{1,300}$"),
    (lambda: v.as_count(Unseen(), "k"), TypeError, r"k must .* Unseen: a value that cannot be s"),
    (lambda: v.as_flag(2, "training"), TypeError, r"training must be True or False, got int: 2"),
    (lambda: v.as_flag(np.ones(2), "bias"), TypeError, r"bias must be True or False, got ndarray"),
    (lambda: v.as_text(3, "format"), TypeError, r"format must be a text, got int: 3"),
    (lambda: v.as_dtype("abc"), ValueError, r"dtype must be one of 'float32'.*; got 'abc'"),
    (lambda: v.as_dtype(None), ValueError, r"dtype must be one of .*; got None"),
    (lambda: v.as_generator("abc"), TypeError, r"seed must be an integer, got str: 'abc'"),
    (lambda: v.as_generator([1, -1]), ValueError, r"seed must be at least 0, got -1"),
    (lambda: v.as_room((10**9, 9), "W"), ValueError, r"W would take 1000000000 × 9 numbers"),
    (lambda: v.as_list(3, "layers", " of layers"), TypeError, r"layers must be a list of layers"),
    (lambda: v.as_list(count(), "jobs", ""), ValueError, r"jobs must have no more than 100000"),
    (lambda: v.as_list(b"ab", "jobs", ""), TypeError, r"jobs must be a list, got bytes: b'ab'"),
]


@pytest.mark.parametrize(("call", "error", "words"), WRONG)
def test_what_is_wrong_is_said(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_what_is_right_passes():
    assert [v.as_flag(each, "training") for each in (np.True_, 1, 0)] == [True, True, False]
    assert [v.as_dtype(each) for each in ("float32", np.float64, np.dtype("f4"))] == [
        "float32", "float64", "float32",
    ]  # fmt: skip
    generator = np.random.default_rng(3)
    assert v.as_generator(generator) is generator
    assert v.as_generator(3).random() == np.random.default_rng(3).random()
    for given in ([3, 1], np.array([3, 1]), np.random.SeedSequence([3, 1])):
        assert v.as_generator(given).random() == np.random.default_rng([3, 1]).random()
    assert v.as_list(iter("ab"), "jobs", "") == ["a", "b"]
    assert v.as_room((2, 3), "W") == (2, 3)
    assert v.as_number(np.float32(0.5), "a", low=0, high=1) == 0.5
    assert v.as_count(np.int64(3), "k") == 3
    assert v.one_of("b", "g", ("a", "b")) == "b"
    np.testing.assert_array_equal(v.as_labels(np.array([1, 0], np.uint8), "y", 2, 2), [1, 0])
