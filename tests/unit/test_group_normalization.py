import numpy as np
import pytest
from numerics import numerical_gradient, reference, relative_error

import bnlib as bn

RNG = np.random.default_rng(0)
Z, DY = RNG.normal(2, 3, (5, 6)), RNG.normal(0.3, 1, (5, 6))
GAMMA, BETA = RNG.normal(1, 0.5, 6), RNG.normal(size=6)


@pytest.mark.parametrize("groups", [1, 2, 3])
def test_each_group_of_an_example_is_normalized_by_itself(groups):
    y, _ = bn.group_norm(Z, groups, GAMMA, BETA, eps=0.1)
    size = 6 // groups
    for i in range(len(Z)):
        for start in range(0, 6, size):
            part = slice(start, start + size)
            z_norm = (Z[i, part] - Z[i, part].mean()) / np.sqrt(Z[i, part].var() + 0.1)
            np.testing.assert_allclose(y[i, part], GAMMA[part] * z_norm + BETA[part], rtol=1e-12)


def test_layer_norm_is_batch_norm_of_the_transposed():
    ones, zeros = np.ones(6), np.zeros(6)
    y, cache = bn.layer_norm(Z, ones, zeros)
    other, other_cache = bn.batch_norm(Z.T, np.ones(5), np.zeros(5))
    np.testing.assert_allclose(y, other.T, rtol=1e-12)
    dz, _, _ = bn.layer_norm_backward(DY, cache)
    other_dz, _, _ = bn.batch_norm_backward(DY.T, other_cache)
    np.testing.assert_allclose(dz, other_dz.T, rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize("groups", [1, 2, 3, 6])
@pytest.mark.parametrize("eps", [1e-5, 0.5])
def test_backward_agrees_with_finite_differences(groups, eps):
    def loss():
        return float(np.sum(DY * bn.group_norm(z, groups, gamma, beta, eps)[0]))

    z, gamma, beta = Z.copy(), GAMMA.copy(), BETA.copy()
    found = bn.group_norm_backward(DY, bn.group_norm(z, groups, gamma, beta, eps)[1])
    for got, array in zip(found, (z, gamma, beta), strict=True):
        assert relative_error(got, numerical_gradient(loss, array)) < 1e-6


@pytest.mark.parametrize("name", reference("torch", "group_norm"))
def test_pytorch_has_the_same_numbers(name):
    given, made = reference("torch", "group_norm")[name]
    z, gamma, beta, dy = (np.array(given[k]) for k in ("z", "gamma", "beta", "dy"))
    y, cache = bn.group_norm(z, given["groups"], gamma, beta, given["eps"])
    made_here = y, *bn.group_norm_backward(dy, cache)
    for key, value in zip(("y", "dz", "dgamma", "dbeta"), made_here, strict=True):
        np.testing.assert_allclose(value, made[key], rtol=1e-9, atol=1e-12)
    if given["groups"] == 1:
        np.testing.assert_array_equal(bn.layer_norm(z, gamma, beta, given["eps"])[0], y)


def test_no_example_depends_on_another():
    whole, _ = bn.layer_norm(Z, GAMMA, BETA)
    alone, _ = bn.layer_norm(Z[:1], GAMMA, BETA)
    np.testing.assert_array_equal(alone[0], whole[0])


def test_a_unit_that_is_its_own_group_gives_beta():
    y, cache = bn.group_norm(Z, 6, GAMMA, BETA)
    np.testing.assert_array_equal(y, np.broadcast_to(BETA, Z.shape))
    assert not bn.group_norm_backward(DY, cache)[0].any()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_dtype_in_dtype_out(dtype):
    y, cache = bn.group_norm(1e4 + Z.astype(dtype), 2, GAMMA, BETA)
    assert y.dtype == dtype
    assert {each.dtype for each in bn.group_norm_backward(DY.astype(dtype), cache)} == {y.dtype}
    exact, _ = bn.group_norm((1e4 + Z.astype(dtype)).astype("float64"), 2, GAMMA, BETA)
    np.testing.assert_allclose(y, exact, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ((Z, 4, GAMMA, BETA), ValueError, "groups must divide the 6 units, got 4"),
        ((Z, 0, GAMMA, BETA), ValueError, "groups"),
        ((Z, 1.5, GAMMA, BETA), TypeError, "groups"),
        ((Z, 2, GAMMA[:3], BETA), ValueError, "gamma"),
        ((Z, 2, GAMMA, BETA, -1.0), ValueError, "eps"),
        ((np.ones((3, 6)), 2, GAMMA, BETA, 0.0), ValueError, "equal numbers"),
        ((np.where(Z > 0, np.nan, Z), 2, GAMMA, BETA), ValueError, "z"),
    ],
)
def test_bad_input_is_told(arguments, error, words):
    with pytest.raises(error, match=words):
        bn.group_norm(*arguments)


def test_backward_refuses_the_cache_of_another_normalization():
    _, cache = bn.batch_norm(Z, GAMMA, BETA)
    with pytest.raises(TypeError, match="got BatchNormCache"):
        bn.group_norm_backward(DY, cache)
    with pytest.raises(ValueError, match="dy"):
        bn.layer_norm_backward(DY[:2], bn.layer_norm(Z, GAMMA, BETA)[1])
