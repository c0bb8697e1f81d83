import math

import numpy as np
import pytest
from numerics import awkward, batch, exact_moments

import bnlib as bn


def test_fit_learns_the_exact_mean_and_deviation():
    x = batch(31, 4)
    s = bn.Standardizer()
    assert s.fit(x) is s
    mean, var = exact_moments(x)
    np.testing.assert_allclose(s.mean_, mean, rtol=1e-14)
    np.testing.assert_allclose(s.std_, np.sqrt(var), rtol=1e-14)
    assert s.mean_[0] == pytest.approx(math.fsum(x[:, 0]) / 31, rel=1e-14)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_transform_uses_what_was_fitted_and_inverse_returns(dtype):
    train, test = batch(50, 3, dtype=dtype), batch(5, 3, seed=1, dtype=dtype)
    s = bn.Standardizer().fit(train)
    for x in awkward(test).values():
        z = s.transform(x)
        assert z.dtype == dtype
        np.testing.assert_allclose(z, (x - train.mean(axis=0)) / train.std(axis=0), atol=2e-6)
        np.testing.assert_allclose(s.inverse_transform(z), x, rtol=1e-5)
    z = bn.Standardizer().fit_transform(train)
    np.testing.assert_allclose(z.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(z.std(axis=0), 1, rtol=1e-6)


@pytest.mark.parametrize("constant", [0.0, 0.1, 1e4 / 3, -1e6])
def test_a_constant_feature_becomes_0(constant):
    x = batch(30, 3, dtype="float32")
    x[:, 1] = constant
    s = bn.Standardizer()
    np.testing.assert_array_equal(s.fit_transform(x)[:, 1], 0)
    assert s.std_[1] == 1


def test_float32_far_from_zero():
    x = (1e4 + np.random.default_rng(0).standard_normal((100_000, 2))).astype(np.float32)
    s = bn.Standardizer().fit(x)
    np.testing.assert_allclose(s.std_, x.std(axis=0, dtype=np.float64), rtol=1e-6)


def test_what_is_wrong_is_said():
    with pytest.raises(ValueError, match=r"call fit\(x_train\) first"):
        bn.Standardizer().transform(batch(2, 2))
    with pytest.raises(ValueError, match=r"the 2 features it was fitted to; got shape \(4, 3\)"):
        bn.Standardizer().fit(batch(4, 2)).transform(batch(4, 3))
    with pytest.raises(ValueError, match="x must be finite"):
        bn.Standardizer().fit([[np.nan]])


def test_repr():
    assert repr(bn.Standardizer()) == "Standardizer(not fitted)"
    assert repr(bn.Standardizer().fit(batch(4, 2))) == "Standardizer(2 features)"


@pytest.mark.parametrize(("dtype", "mean"), [("float32", 1e6), ("float64", 1e14)])
def test_a_small_spread_far_from_zero_is_still_a_spread(dtype, mean):
    x = (mean + np.random.default_rng(0).standard_normal((500, 2))).astype(dtype)
    s = bn.Standardizer()
    z = s.fit_transform(x)
    assert z.dtype == dtype
    high = x.astype(np.longdouble)
    exact = (high - high.mean(axis=0)) / high.std(axis=0)
    tolerance = {"float32": 1e-6, "float64": 1e-1}[dtype]  # a float64 mean of 1e14: to 0.01
    assert np.abs(z - exact).max() < tolerance
    np.testing.assert_allclose(s.inverse_transform(z), x, rtol=1e-6)


def test_rounding_alone_is_no_spread():
    x = np.tile([[0.3], [0.1 + 0.2]], (10, 1))  # two neighbours
    assert bn.Standardizer().fit(x).std_ == 1
