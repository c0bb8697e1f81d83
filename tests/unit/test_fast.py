"""The kernels of the training loop are the visible formulas, in fewer passes."""

import numpy as np
import pytest
from numerics import awkward, batch, relative_error

import bnlib as bn
from bnlib import _fast

DTYPES = pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 1e-5), ("float64", 1e-13)])


def parameters(n, dtype):
    rng = np.random.default_rng(1)
    return rng.normal(1, 0.5, n).astype(dtype), rng.normal(0, 0.5, n).astype(dtype)


@DTYPES
@pytest.mark.parametrize("m", [1, 2, 3, 60, 3000])
@pytest.mark.parametrize("order", awkward(batch(5, 3)))
def test_batch_norm_there_and_back(dtype, tolerance, m, order):
    z, dy = (awkward(batch(m, 3, seed, dtype))[order] for seed in (0, 9))
    gamma, beta = parameters(3, dtype)
    y, cache = bn.batch_norm(z, gamma, beta, 1e-3)
    fast_y, fast_cache = _fast.batch_norm(z, gamma, beta, z.dtype.type(1e-3))
    assert fast_y.dtype == dtype
    np.testing.assert_allclose(fast_y, y, rtol=0, atol=10 * tolerance)
    mean, var = bn.moments(z)
    np.testing.assert_allclose(fast_cache.moments, [mean, var], rtol=tolerance, atol=tolerance)
    grads = bn.batch_norm_backward(dy, cache)
    for fast, plain in zip(_fast.batch_norm_backward(dy, fast_cache), grads, strict=True):
        assert fast.dtype == dtype
        assert relative_error(fast, plain) < 2 * tolerance * np.sqrt(m)


@DTYPES
@pytest.mark.parametrize(("m", "k", "n"), [(1, 1, 1), (7, 5, 3), (60, 64, 50), (60, 50, 10)])
@pytest.mark.parametrize("order_a", ["C", "F"])
@pytest.mark.parametrize("order_b", ["C", "F"])
def test_product_without_blas(dtype, tolerance, m, k, n, order_a, order_b):
    a = np.asarray(batch(m, k, 0, dtype), order=order_a)
    b = np.asarray(batch(k, n, 1, dtype), order=order_b)
    out, narrower = np.empty((m, n), dtype), np.empty((m, n), "float32")
    _fast.product_without_blas(a, b, out=out)
    _fast.product_without_blas(a, b, out=narrower)
    for found in (_fast.product_without_blas(a, b), out, _fast.product(a, b)):
        assert found.dtype == dtype
        assert found.shape == (m, n)
        assert relative_error(found, a.astype(float) @ b) < tolerance
    assert relative_error(narrower, a.astype(float) @ b) < 1e-5


@DTYPES
def test_batch_norm_in_inference(dtype, tolerance):
    z, (gamma, beta) = batch(20, 3, dtype=dtype), parameters(3, dtype)
    mean, var = bn.moments(batch(50, 3, 5, dtype))
    fast = _fast.batch_norm_inference(z, mean, var, gamma, beta, z.dtype.type(1e-3))
    plain = bn.batch_norm_inference(z, mean, var, gamma, beta, 1e-3)
    np.testing.assert_allclose(fast, plain, rtol=tolerance, atol=10 * tolerance)


@DTYPES
@pytest.mark.parametrize(("m", "k"), [(1, 1), (1, 5), (60, 10), (7, 2)])
def test_softmax_cross_entropy(dtype, tolerance, m, k):
    rng = np.random.default_rng(m)
    logits, y = (30 * rng.standard_normal((m, k))).astype(dtype), rng.integers(0, k, m)
    loss, dlogits = bn.softmax_cross_entropy(logits, y)
    fast_loss, fast_dlogits = _fast.softmax_cross_entropy(logits, y)
    assert isinstance(fast_loss, float)
    assert fast_dlogits.dtype == dtype
    assert fast_loss == pytest.approx(loss, rel=tolerance, abs=tolerance)
    np.testing.assert_allclose(fast_dlogits, dlogits, rtol=0, atol=tolerance)


@DTYPES
@pytest.mark.parametrize("name", bn.activations.ACTIVATIONS)
def test_activations(dtype, tolerance, name):
    layer = bn.activations.ACTIVATIONS[name]()
    z, da = 3 * batch(40, 5, dtype=dtype), batch(40, 5, 1, dtype)
    a = layer.forward(z, training=True)
    np.testing.assert_allclose(a, layer.g(z), rtol=tolerance)
    assert a.dtype == layer.slope(a).dtype == dtype
    np.testing.assert_allclose(
        layer.backward(da), da * layer.slope(a), rtol=tolerance, atol=tolerance
    )


@DTYPES
@pytest.mark.parametrize(("m", "n"), [(1, 40), (60, 3), (60, 100)])
def test_times_transposed(dtype, tolerance, m, n):
    dz, W = batch(m, n, dtype=dtype), batch(50, n, 1, dtype)
    assert relative_error(_fast.times_transposed(dz, W), dz @ W.T) < tolerance
