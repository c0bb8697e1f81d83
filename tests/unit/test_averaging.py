import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bnlib as bn


@settings(max_examples=50, deadline=None)
@given(
    decay=st.floats(0, 0.999),
    values=st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=30),
    correction=st.booleans(),
)
def test_it_is_the_weighted_sum_written_out(decay, values, correction):
    average = bn.ExponentialMovingAverage(decay, correction)
    for x in values:
        last = average.update(x)
    t = len(values)
    weights = np.array([(1 - decay) * decay ** (t - 1 - i) for i in range(t)])
    expected = np.dot(weights / (weights.sum() if correction else 1.0), values)
    assert last == average.value
    assert average.value == pytest.approx(expected, rel=1e-9, abs=1e-9)
    assert average.steps == t


def test_the_first_corrected_average_is_the_first_value():
    for decay in (0.0, 0.5, 0.98):
        assert bn.ExponentialMovingAverage(decay).update(40.0) == pytest.approx(40.0)
    assert bn.ExponentialMovingAverage(0.98, bias_correction=False).update(40.0) == pytest.approx(
        0.8
    )


def test_decay_0_keeps_the_last_value_only():
    average = bn.ExponentialMovingAverage(0.0)
    assert [average.update(x) for x in (3.0, -1.0, 7.0)] == [3.0, -1.0, 7.0]


@pytest.mark.parametrize("correction", [True, False])
def test_before_the_first_value_it_is_the_start(correction):
    assert bn.ExponentialMovingAverage(0.9, correction).value == 0.0
    average = bn.ExponentialMovingAverage(0.9, correction, start=np.ones(2))
    np.testing.assert_array_equal(average.value, [1, 1])


def test_a_start_fades_without_correction_and_never_counts_with_it():
    plain = bn.ExponentialMovingAverage(0.9, False, start=np.ones(2))
    corrected = bn.ExponentialMovingAverage(0.9, True, start=np.ones(2))
    for _ in range(5):
        plain.update(np.zeros(2))
        corrected.update(np.zeros(2))
    np.testing.assert_allclose(plain.value, 0.9**5)
    np.testing.assert_array_equal(corrected.value, 0)


def test_arrays_are_averaged_entry_by_entry_and_stay_what_they_are():
    rng = np.random.default_rng(0)
    values = rng.standard_normal((6, 2, 3)).astype(np.float32)
    average = bn.ExponentialMovingAverage(0.7)
    seen = [average.update(x) for x in values]
    single = bn.ExponentialMovingAverage(0.7)
    for x in values[:, 1, 2]:
        single.update(float(x))
    assert average.value[1, 2] == pytest.approx(single.value, rel=1e-6)
    first = seen[0].copy()
    np.testing.assert_array_equal(seen[0], first)  # what was handed out is not written to again
    np.testing.assert_allclose(first, values[0], rtol=1e-6)


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: bn.ExponentialMovingAverage(1.0), ValueError, r"decay .*\[0, 1\).*1\.0"),
        (lambda: bn.ExponentialMovingAverage(-0.1), ValueError, r"decay .*-0\.1"),
        (lambda: bn.ExponentialMovingAverage("0.9"), TypeError, r"decay must be a number.*str"),
        (lambda: bn.ExponentialMovingAverage(0.9).update(np.nan), ValueError, "x must be finite"),
        (lambda: bn.ExponentialMovingAverage(0.9).update("a"), TypeError, "x must be a number"),
    ],
)
def test_what_is_wrong_is_said(make, error, words):
    with pytest.raises(error, match=words):
        make()


def test_another_shape_is_refused():
    average = bn.ExponentialMovingAverage(0.9)
    average.update([1.0, 2.0])
    with pytest.raises(ValueError, match=r"x must have shape \(2,\), as before; got \(3,\)"):
        average.update([1.0, 2.0, 3.0])


def test_repr():
    assert (
        repr(bn.ExponentialMovingAverage(0.98)) == "ExponentialMovingAverage(decay=0.98), 0 steps"
    )


@pytest.mark.parametrize("start", [1, [2, 4], np.array([2, 4]), np.int64(3)])
def test_a_start_of_integers_is_one_of_numbers(start):
    average = bn.ExponentialMovingAverage(0.5, False, start)
    np.testing.assert_array_equal(average.value, start)
    average.update(np.zeros(np.shape(start)))
    np.testing.assert_array_equal(average.value, 0.5 * np.asarray(start))


@pytest.mark.parametrize("correction", [True, False])
def test_what_goes_in_and_what_comes_out_is_the_callers(correction):
    start = np.ones(2)
    average = bn.ExponentialMovingAverage(0.5, correction, start)
    start[...] = 9
    average.value[...] = 9
    np.testing.assert_array_equal(average.value, 1)
    x = np.full(2, 3.0)
    average.update(x)[...] = 9
    x[...] = 9
    average.value[...] = 9
    np.testing.assert_array_equal(average.value, 3 if correction else 2)


def test_the_first_value_has_the_shape_of_the_start():
    average = bn.ExponentialMovingAverage(0.9, start=np.zeros(2))
    for x in (1.0, [[1.0, 2.0]], np.ones((3, 2))):
        with pytest.raises(ValueError, match=r"x must have shape \(2,\), as start; got"):
            average.update(x)
    with pytest.raises(TypeError, match="start must hold real numbers"):
        bn.ExponentialMovingAverage(0.9, start="0")
    with pytest.raises(ValueError, match="start must be finite"):
        bn.ExponentialMovingAverage(0.9, start=np.nan)
    assert bn.ExponentialMovingAverage(0.9).update([1.0, 2.0]).shape == (2,)
