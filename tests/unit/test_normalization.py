import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numerics import awkward, batch, exact_moments, numerical_gradient, reference, relative_error

import bnlib as bn

ONE = np.ones(3)


def plain_batch_norm(z, gamma, beta, eps):
    """The formula, in the widest floats there are."""
    z = z.astype(np.longdouble)
    z_norm = (z - z.mean(axis=0)) / np.sqrt(z.var(axis=0) + eps)
    return gamma * z_norm + beta, z_norm


def plain_batch_norm_backward(dy, z_norm, gamma, std):
    m = len(dy)
    dbeta, dgamma = dy.sum(axis=0), (dy * z_norm).sum(axis=0)
    return gamma / std * (dy - dbeta / m - z_norm * dgamma / m), dgamma, dbeta


def parameters(n, seed=1):
    rng = np.random.default_rng(seed)
    return rng.normal(1, 0.5, n), rng.normal(0, 0.5, n)


# moments


@settings(max_examples=40, deadline=None)
@given(
    m=st.integers(1, 40),
    n=st.integers(1, 4),
    mean=st.sampled_from([0.0, 1.0, -1e4, 1e8]),
    spread=st.sampled_from([1e-3, 1.0, 1e3]),
    dtype=st.sampled_from(["float32", "float64"]),
    seed=st.integers(0, 99),
)
def test_moments_are_those_of_exact_arithmetic(m, n, mean, spread, dtype, seed):
    z = (mean + spread * np.random.default_rng(seed).standard_normal((m, n))).astype(dtype)
    got_mean, got_var = bn.moments(z)
    exact_mean, exact_var = exact_moments(z)
    rounding = np.finfo(dtype).eps
    assert got_mean.dtype == got_var.dtype == z.dtype
    np.testing.assert_allclose(got_mean, exact_mean, rtol=4 * rounding, atol=4 * rounding * spread)
    # A mean rounded in float64 leaves its square in the variance.
    left = (abs(mean) * np.finfo(np.float64).eps) ** 2
    np.testing.assert_allclose(got_var, exact_var, rtol=1e-14 + rounding, atol=left)


@pytest.mark.parametrize("m", [60, 5_000, 300_000])
def test_moments_of_float32_far_from_zero(m):
    z = (1e4 + np.random.default_rng(0).standard_normal((m, 3))).astype(np.float32)
    mean, var = bn.moments(z)
    np.testing.assert_allclose(mean, z.mean(axis=0, dtype=np.float64), rtol=1e-7)
    np.testing.assert_allclose(var, z.var(axis=0, dtype=np.float64), rtol=1e-6)


def test_moments_keep_the_input_and_its_dtype():
    for z in awkward(batch(6, 3, dtype="float32")).values():
        before = z.copy()
        mean, var = bn.moments(z)
        assert mean.dtype == var.dtype == np.float32
        np.testing.assert_array_equal(z, before)
        np.testing.assert_allclose(var, before.var(axis=0), rtol=1e-6)


@pytest.mark.parametrize("name", reference("tensorflow", "batch_norm"))
def test_tensorflow_agrees(name):
    given, made = reference("tensorflow", "batch_norm")[name]
    z, dy = np.array(given["z"]), np.array(given["dy"])
    mean, var = bn.moments(z)
    np.testing.assert_allclose(mean, made["mean"], rtol=1e-12)
    np.testing.assert_allclose(var, made["var"], rtol=1e-12)
    inference = bn.batch_norm_inference(z, mean, var, given["gamma"], given["beta"], given["eps"])
    np.testing.assert_allclose(inference, made["y"], rtol=1e-10, atol=1e-12)
    check_against(given, made, z, dy)


@pytest.mark.parametrize("name", reference("torch", "batch_norm"))
def test_pytorch_agrees(name):
    given, made = reference("torch", "batch_norm")[name]
    check_against(given, made, np.array(given["z"]), np.array(given["dy"]))


def check_against(given, made, z, dy):
    y, cache = bn.batch_norm(z, given["gamma"], given["beta"], given["eps"])
    np.testing.assert_allclose(y, made["y"], rtol=1e-10, atol=1e-12)
    for got, name in zip(bn.batch_norm_backward(dy, cache), ("dz", "dgamma", "dbeta"), strict=True):
        np.testing.assert_allclose(got, made[name], rtol=1e-8, atol=1e-10, err_msg=name)


# batch_norm: the plain formula, finite differences


@pytest.mark.parametrize("order", awkward(batch(5, 3)))
@pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 1e-5), ("float64", 1e-13)])
@pytest.mark.parametrize("m", [2, 3, 5, 60, 3000])
def test_forward_and_backward_are_the_plain_formulas(order, dtype, tolerance, m):
    z, dy = batch(m, 3, dtype=dtype), batch(m, 3, seed=9, dtype=dtype)
    gamma, beta = (p.astype(dtype) for p in parameters(3))
    plain_y, z_norm = plain_batch_norm(z, gamma, beta, 1e-3)
    std = np.sqrt(z.astype(np.longdouble).var(axis=0) + 1e-3)
    plain = plain_batch_norm_backward(dy.astype(np.longdouble), z_norm, gamma, std)
    y, cache = bn.batch_norm(awkward(z)[order], gamma, beta, 1e-3)
    got = bn.batch_norm_backward(awkward(dy)[order], cache)
    assert y.dtype == z.dtype
    assert {g.dtype for g in got} == {z.dtype}
    np.testing.assert_allclose(y, plain_y, rtol=0, atol=10 * tolerance)
    for a, b in zip(got, plain, strict=True):
        assert relative_error(a, b) < tolerance * np.sqrt(m)


@settings(max_examples=40, deadline=None)
@given(
    m=st.integers(2, 9),
    n=st.integers(1, 4),
    eps=st.sampled_from([0.0, 1e-8, 1e-5, 1e-3, 1e-1]),
    order=st.sampled_from(["C", "Fortran", "strided", "reversed"]),
    seed=st.integers(0, 999),
)
def test_backward_is_the_slope_of_forward(m, n, eps, order, seed):
    rng = np.random.default_rng(seed)
    z = np.linspace(-1, 1, m)[:, None] * rng.uniform(0.5, 2, n) + rng.normal(0, 0.2, (m, n))
    gamma, beta = parameters(n, seed)
    dy = rng.standard_normal((m, n))

    def loss():
        return np.sum(dy * bn.batch_norm(awkward(z)[order], gamma, beta, eps)[0])

    _, cache = bn.batch_norm(awkward(z)[order], gamma, beta, eps)
    for got, moved in zip(
        bn.batch_norm_backward(awkward(dy)[order], cache), (z, gamma, beta), strict=True
    ):
        assert relative_error(got, numerical_gradient(loss, moved, 2e-4)) < 1e-6


def test_float32_gradients_are_those_of_float64():
    z, dy = batch(60, 5), batch(60, 5, seed=3)
    gamma, beta = parameters(5)
    results = []
    for dtype in (np.float32, np.float64):
        _, cache = bn.batch_norm(z.astype(dtype), gamma, beta)
        results.append(bn.batch_norm_backward(dy.astype(dtype), cache))
    for low, high in zip(*results, strict=True):
        assert low.dtype == np.float32
        assert relative_error(low, high) < 3e-5


# identities


@settings(max_examples=40, deadline=None)
@given(m=st.integers(1, 50), n=st.integers(1, 5), eps=st.floats(1e-8, 0.1), seed=st.integers(0, 99))
def test_gradients_of_a_batch_sum_to_zero(m, n, eps, seed):
    rng = np.random.default_rng(seed)
    z, dy = rng.normal(2, 3, (m, n)), rng.standard_normal((m, n))
    _, cache = bn.batch_norm(z, *parameters(n), eps)
    dz, _, _ = bn.batch_norm_backward(dy, cache)
    assert np.abs(dz.sum(axis=0)).max() <= 1e-12 * max(1.0, np.abs(cache.scale).max()) * m


def test_normalized_units_have_mean_0_and_variance_var_over_var_plus_eps():
    z = batch(40, 3)
    z_norm, cache = bn.batch_norm(z, ONE, 0 * ONE, eps=0.1)
    np.testing.assert_allclose(z_norm.mean(axis=0), 0, atol=1e-14)
    np.testing.assert_allclose(z_norm.var(axis=0), cache.var / (cache.var + 0.1), rtol=1e-12)


def test_gamma_std_and_beta_mean_recover_the_identity():
    z = batch(40, 3)
    mean, var = bn.moments(z)
    y, _ = bn.batch_norm(z, np.sqrt(var + 1e-5), mean)
    np.testing.assert_allclose(y, z, rtol=1e-13)
    other = batch(40, 3, seed=5)  # … for this batch only
    assert np.abs(bn.batch_norm(other, np.sqrt(var + 1e-5), mean)[0] - other).max() > 0.1
    # With the same fixed mean and var, inference is the identity for any example.
    same = bn.batch_norm_inference(other, mean, var, np.sqrt(var + 1e-5), mean)
    np.testing.assert_allclose(same, other, rtol=1e-12)


def test_a_shift_and_a_scale_of_z_change_nothing():
    z = batch(20, 3)
    gamma, beta = parameters(3)
    y, _ = bn.batch_norm(z, gamma, beta, eps=0)
    np.testing.assert_allclose(bn.batch_norm(7 * z + 4, gamma, beta, eps=0)[0], y, atol=1e-12)


# the edges


def test_a_batch_of_one_gives_beta_and_no_gradient():
    gamma, beta = parameters(3)
    y, cache = bn.batch_norm(batch(1, 3), gamma, beta)
    np.testing.assert_array_equal(y, [beta])
    dy = batch(1, 3, seed=2)
    dz, dgamma, dbeta = bn.batch_norm_backward(dy, cache)
    np.testing.assert_array_equal(dz, 0)
    np.testing.assert_array_equal(dgamma, 0)
    np.testing.assert_array_equal(dbeta, dy[0])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("constant", [0.0, 0.1, 1e4 / 3, -1e30])
def test_a_constant_unit_is_exactly_beta(dtype, constant):
    z = batch(7, 3, dtype=dtype)
    z[:, 1] = constant
    gamma, beta = (p.astype(dtype) for p in parameters(3))
    y, cache = bn.batch_norm(z, gamma, beta)
    assert cache.var[1] == 0
    np.testing.assert_array_equal(y[:, 1], beta[1])
    dz, dgamma, _ = bn.batch_norm_backward(batch(7, 3, seed=4, dtype=dtype), cache)
    assert np.isfinite(dz).all()
    assert dgamma[1] == 0
    with pytest.raises(ValueError, match=r"var \+ eps is 0 for a constant unit; give eps > 0"):
        bn.batch_norm(z, gamma, beta, eps=0)


@pytest.mark.parametrize("m", [2, 60, 2000, 100_000])
def test_float32_of_mean_1e4_and_std_1(m):
    z = (1e4 + np.random.default_rng(m).standard_normal((m, 4))).astype(np.float32)
    gamma, beta = (p.astype(np.float32) for p in parameters(4))
    exact, _ = plain_batch_norm(z, gamma.astype(float), beta.astype(float), 1e-5)
    y, cache = bn.batch_norm(z, gamma, beta)
    assert np.abs(y - exact).max() < 1e-5
    np.testing.assert_allclose(cache.var, z.var(axis=0, dtype=np.float64), rtol=1e-5)


def test_one_example_far_from_the_others():
    for place in (0, 30):
        z = batch(60, 2, dtype="float32")
        z[place] = 1e6
        exact, _ = plain_batch_norm(z, 1, 0, 1e-5)
        y, _ = bn.batch_norm(z, np.ones(2), np.zeros(2))
        assert np.abs(y - exact).max() < 1e-4


# what is refused, and in which words

Z = batch(4, 3)
BAD = {
    "gamma too short": (
        lambda: bn.batch_norm(Z, [1, 1], ONE),
        ValueError,
        r"gamma .*\(3,\).*\(2,\)",
    ),
    "beta 2-D": (lambda: bn.batch_norm(Z, ONE, Z), ValueError, r"beta must be 1-D.*\(4, 3\)"),
    "eps negative": (lambda: bn.batch_norm(Z, ONE, ONE, -1), ValueError, r"eps .*\[0, inf\].*-1"),
    "eps a word": (
        lambda: bn.batch_norm(Z, ONE, ONE, "a"),
        TypeError,
        r"eps must be a number.*str",
    ),
    "z 1-D": (lambda: bn.batch_norm(ONE, ONE, ONE), ValueError, r"z must be 2-D.*\(3,\)"),
    "z empty": (lambda: bn.batch_norm(Z[:0], ONE, ONE), ValueError, r"z is empty: shape \(0, 3\)"),
    "z NaN": (
        lambda: bn.batch_norm(Z * np.nan, ONE, ONE),
        ValueError,
        r"z must be finite; 12 of 12",
    ),
    "z complex": (lambda: bn.batch_norm(Z * 1j, ONE, ONE), TypeError, r"z must hold real numbers"),
    "z ragged": (lambda: bn.moments([[1, 2], [3]]), ValueError, r"z must be a rectangular array"),
    "dy shape": (
        lambda: bn.batch_norm_backward(Z[:2], bn.batch_norm(Z, ONE, ONE)[1]),
        ValueError,
        r"dy must have shape \(4, 3\); got \(2, 3\)",
    ),
    "no cache": (lambda: bn.batch_norm_backward(Z, None), TypeError, r"cache .*NoneType"),
    "var negative": (
        lambda: bn.batch_norm_inference(Z, ONE, -ONE, ONE, ONE),
        ValueError,
        r"var must not be negative, got -1",
    ),
    "var + eps 0": (lambda: bn.normalize(Z, ONE, 0 * ONE, 0), ValueError, r"var \+ eps is 0"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_wrong_is_said(name):
    call, error, words = BAD[name]
    with pytest.raises(error, match=words):
        call()


def test_integers_become_float64():
    y, _ = bn.batch_norm([[1, 2], [3, 6]], [1, 1], [0, 0], eps=0)
    assert y.dtype == np.float64
    np.testing.assert_allclose(y, [[-1, -1], [1, 1]])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_inference_is_normalize_then_gamma_and_beta(dtype):
    z = batch(6, 3, dtype=dtype)
    gamma, beta = parameters(3)
    mean, var = bn.moments(batch(50, 3, seed=8))
    y = bn.batch_norm_inference(z, mean, var, gamma, beta, 1e-3)
    exact = gamma * (z.astype(float) - mean) / np.sqrt(var + 1e-3) + beta
    assert y.dtype == z.dtype
    np.testing.assert_allclose(y, exact, atol=2e-6)
    one_by_one = [
        bn.batch_norm_inference(z[[i]], mean, var, gamma, beta, 1e-3)[0] for i in range(6)
    ]
    np.testing.assert_array_equal(y, one_by_one)


# magnitudes


@pytest.mark.parametrize("place", [0, 1, 2, 3, 30])
@pytest.mark.parametrize("sign", [-1, 1])
def test_an_example_far_from_the_others_costs_them_no_more_in_the_first_rows(place, sign):
    z = batch(60, 2, dtype="float32")
    z[place] = sign * 1e6
    others = np.arange(60) != place
    exact, _ = plain_batch_norm(z, 1, 0, 1e-5)
    layer = bn.BatchNorm(2)
    for y in (bn.batch_norm(z, np.ones(2), np.zeros(2))[0], layer.forward(z, training=True)):
        difference = (y - y[others][0])[others] - (exact - exact[others][0])[others]
        spread = np.ptp(exact[others], axis=0)
        assert (np.abs(difference).max(axis=0) / spread).max() < 3e-3  # float32 resolves 2e-3


def test_normalize_is_as_precise_as_the_mean_it_is_given():
    z = (1e6 + np.random.default_rng(0).standard_normal((60, 3))).astype(np.float32)
    exact, _ = plain_batch_norm(z, 1, 0, 1e-5)
    fine = bn.moments(z.astype(np.float64))
    for z_norm in (bn.normalize(z, *fine), bn.batch_norm(z, ONE, 0 * ONE)[0]):
        assert z_norm.dtype == np.float32
        assert np.abs(z_norm - exact).max() < 3e-6
    inference = bn.batch_norm_inference(z, *fine, ONE, 0 * ONE)
    assert np.abs(inference - exact).max() < 3e-6
    mean, var = bn.moments(z)  # rounded to float32, and z_norm with it: as documented
    bound = 6e-8 * np.abs(mean) / np.sqrt(var)
    assert (np.abs(bn.normalize(z, mean, var) - exact).max(axis=0) < bound + 3e-6).all()


@pytest.mark.parametrize(("dtype", "size"), [("float32", 1e20), ("float32", 1e30)])
def test_float32_is_right_where_its_own_squares_would_overflow(dtype, size):
    z = (size * batch(20, 3)).astype(dtype)
    exact, _ = plain_batch_norm(z, 2, 1, 1e-5)
    y, cache = bn.batch_norm(z, 2 * ONE, ONE)
    np.testing.assert_allclose(y, exact, rtol=1e-6, atol=1e-6)
    dz, _, _ = bn.batch_norm_backward(batch(20, 3, 1, dtype), cache)
    assert np.isfinite(dz).all()
    with pytest.raises(ValueError, match="variance of z is too large for float32; scale z down"):
        bn.moments(z)


def test_a_variance_too_large_or_too_small_for_float64_is_no_result():
    for call in (bn.moments, lambda z: bn.batch_norm(z, ONE, ONE)):
        for size in (1e200, 5e307):
            with pytest.raises(ValueError, match="variance of z is too large for float64"):
                call(size * Z / np.abs(Z).max())
    with pytest.raises(ValueError, match="variance of z is too small for float64; scale z up"):
        bn.batch_norm(1e-170 * Z, ONE, ONE, eps=0)
    exact, _ = plain_batch_norm(Z, ONE, ONE, 0)
    for size, dtype in ((1e-150, "float64"), (1e-35, "float32")):
        z = (size * Z).astype(dtype)
        np.testing.assert_allclose(bn.batch_norm(z, ONE, ONE, eps=0)[0], exact, atol=1e-4)
    np.testing.assert_allclose(bn.batch_norm(1e-170 * Z, ONE, 2 * ONE)[0], 2)  # eps rules


def test_an_eps_that_is_0_in_float32_is_0():
    z = np.full((4, 3), 7, np.float32)
    for call in (
        lambda: bn.batch_norm(z, ONE, ONE, eps=1e-50),
        lambda: bn.normalize(z, 7 * ONE, 0 * ONE, eps=1e-50),
        lambda: bn.batch_norm_inference(z, 7 * ONE, 0 * ONE, ONE, ONE, eps=1e-50),
    ):
        with pytest.raises(ValueError, match=r"var \+ eps is 0 .*float32"):
            call()
    y, _ = bn.batch_norm(z.astype(float), ONE, ONE, eps=1e-50)
    np.testing.assert_array_equal(y, 1)


def test_a_masked_array_is_refused():
    masked = np.ma.masked_array(Z, Z > 0)
    for call in (
        lambda: bn.moments(masked),
        lambda: bn.batch_norm(Z, masked[0], ONE),
        lambda: bn.Standardizer().fit(masked),
        lambda: bn.Linear(3, 2).forward(masked),
        lambda: bn.ExponentialMovingAverage(0.9).update(masked),
        lambda: bn.softmax_cross_entropy(Z, np.ma.masked_array([0, 1, 2, 0], [0, 0, 1, 0])),
    ):
        with pytest.raises(TypeError, match="must not be a masked array"):
            call()
