import numpy as np
import pytest
from numerics import numerical_gradient, relative_error

import bnlib as bn

RNG = np.random.default_rng(0)
IMAGES = RNG.normal(2, 3, (3, 4, 2, 5))


@pytest.mark.parametrize("axes", [0, 1, -1, (0, 2, 3), (1, 2, 3), (2, 3), (0, 1, 2, 3), (3, -2)])
@pytest.mark.parametrize("center", [True, False])
def test_numbers_that_differ_only_along_the_axes_share_mean_and_variance(axes, center):
    z_norm, _ = bn.normalize_over(IMAGES, axes, 0.1, center)
    several = axes if isinstance(axes, tuple) else (axes,)
    for at in np.ndindex(IMAGES.shape):
        shared = tuple(slice(None) if d in several or d - 4 in several else at[d] for d in range(4))
        mean = IMAGES[shared].mean() if center else 0
        square = ((IMAGES[shared] - mean) ** 2).mean()
        assert np.isclose(z_norm[at], (IMAGES[at] - mean) / np.sqrt(square + 0.1), rtol=1e-12)


@pytest.mark.parametrize("axes", [0, (0, 2, 3), (2, 3), (1, 2, 3)])
@pytest.mark.parametrize("center", [True, False])
@pytest.mark.parametrize("eps", [1e-5, 0.5])
def test_backward_agrees_with_finite_differences(axes, center, eps):
    dz_norm, z = RNG.normal(0.3, 1, IMAGES.shape), IMAGES.copy()

    def loss():
        return float(np.sum(dz_norm * bn.normalize_over(z, axes, eps, center)[0]))

    dz = bn.normalize_over_backward(dz_norm, bn.normalize_over(z, axes, eps, center)[1])
    assert relative_error(dz, numerical_gradient(loss, z)) < 1e-6


def test_batch_normalization_is_one_of_them():
    z, ones, zeros = IMAGES[:, :, 0, 0], np.ones(4), np.zeros(4)
    expected, _ = bn.batch_norm(z, ones, zeros)
    np.testing.assert_allclose(bn.normalize_over(z, 0)[0], expected, rtol=1e-12)


def test_float32_stays_right_far_from_0():
    z = (1e4 + IMAGES).astype("float32")
    z_norm, cache = bn.normalize_over(z, (0, 2, 3))
    assert z_norm.dtype == np.float32
    exact, _ = bn.normalize_over(z.astype("float64"), (0, 2, 3))
    np.testing.assert_allclose(z_norm, exact, rtol=1e-6, atol=1e-6)
    assert bn.normalize_over_backward(z, cache).dtype == np.float32


def test_equal_numbers_become_0():
    z_norm, cache = bn.normalize_over(np.full((3, 4), 0.1), 0)
    assert not z_norm.any()
    assert not bn.normalize_over_backward(np.ones((3, 4)), cache).any()


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ((IMAGES, 4), ValueError, "axes"),
        ((IMAGES, (1, -3)), ValueError, "different ones"),
        ((IMAGES, ()), ValueError, "axes must name"),
        ((IMAGES, 1.0), TypeError, "axes"),
        ((IMAGES, (0, True)), TypeError, "axes"),
        ((IMAGES, 0, -1.0), ValueError, "eps"),
        ((3.0, 0), ValueError, "z must be an array"),
        ((IMAGES * np.nan, 0), ValueError, "z must be finite"),
        ((np.ones((2, 2)), 0, 0.0), ValueError, "equal numbers"),
        ((np.array([1e200, -1e200]), 0), ValueError, "too large"),
    ],
)
def test_bad_input_is_told(arguments, error, words):
    with pytest.raises(error, match=words):
        bn.normalize_over(*arguments)


def test_backward_refuses_another_cache_and_another_shape():
    _, cache = bn.normalize_over(IMAGES, 0)
    with pytest.raises(TypeError, match="got tuple"):
        bn.normalize_over_backward(IMAGES, (1, 2))
    with pytest.raises(ValueError, match="dz_norm must have shape"):
        bn.normalize_over_backward(IMAGES[:2], cache)
