import math

import numpy as np
import pytest
from numerics import numerical_gradient, reference, relative_error

import bnlib as bn


@pytest.mark.parametrize("name", ["ordinary", "extreme"])
def test_pytorch_agrees(name):
    given, made = reference("torch", "loss")[name]
    loss, dlogits = bn.softmax_cross_entropy(given["logits"], given["y"])
    assert loss == pytest.approx(made["loss"], rel=1e-12)
    np.testing.assert_allclose(dlogits, made["dlogits"], rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("m", [1, 2, 7])
@pytest.mark.parametrize("k", [1, 2, 5])
def test_gradient_is_the_slope(m, k):
    rng = np.random.default_rng(m)
    logits, y = rng.standard_normal((m, k)), rng.integers(0, k, m)
    _, dlogits = bn.softmax_cross_entropy(logits, y)
    numerical = numerical_gradient(lambda: bn.softmax_cross_entropy(logits, y)[0], logits)
    assert dlogits.shape == (m, k)
    assert relative_error(dlogits, numerical) < 1e-6
    np.testing.assert_allclose(dlogits.sum(axis=1), 0, atol=1e-15)


def test_known_values():
    assert bn.softmax_cross_entropy(np.zeros((4, 10)), [0, 3, 9, 9])[0] == pytest.approx(
        math.log(10)
    )
    assert bn.softmax_cross_entropy([[1e4, 0.0]], [0])[0] == 0
    assert bn.softmax_cross_entropy([[1e4, 0.0]], [1])[0] == 1e4
    assert bn.softmax_cross_entropy([[1e300, -1e300]], [0])[0] == 0


def test_dtype_and_input_are_kept():
    logits = np.asfortranarray(np.random.default_rng(0).standard_normal((5, 3)).astype(np.float32))
    before = logits.copy()
    _, dlogits = bn.softmax_cross_entropy(logits, [0, 1, 2, 0, 1])
    assert dlogits.dtype == np.float32
    np.testing.assert_array_equal(logits, before)


def test_what_is_wrong_is_said():
    with pytest.raises(ValueError, match="logits must be finite"):
        bn.softmax_cross_entropy([[np.nan, 0]], [0])
    with pytest.raises(ValueError, match=r"y must lie between 0 and 1.*from 2 to 2"):
        bn.softmax_cross_entropy([[0.0, 0.0]], [2])


@pytest.mark.parametrize(("dtype", "size"), [("float32", 3e38), ("float64", 1.7e308)])
def test_logits_may_be_as_large_as_floats_are(dtype, size):
    logits = np.array([[size, -size, 0], [-size, size, size]], dtype)
    loss, dlogits = bn.softmax_cross_entropy(logits, [0, 1])
    assert loss == pytest.approx(math.log(2) / 2)
    np.testing.assert_allclose(dlogits, [[0, 0, 0], [0, -0.25, 0.25]])
    worst, dlogits = bn.softmax_cross_entropy(logits, [1, 0])
    assert worst == (np.inf if dtype == "float64" else pytest.approx(2 * size, rel=1e-6))
    np.testing.assert_allclose(dlogits, [[0.5, -0.5, 0], [-0.5, 0.25, 0.25]])
