"""Logistic regression against finite differences, hand-made steps and the theory of descent."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numerics import numerical_gradient, relative_error

import bnlib as bn
from bnlib.logistic import path_losses


def problem(m=40, n=3, seed=0):
    """Examples whose classes overlap in every direction: n + 2 of them occur in both classes."""
    rng = np.random.default_rng(seed)
    x = rng.normal(rng.normal(0, 2, n), rng.uniform(0.5, 2, n), (m, n))
    y = ((x - x.mean(axis=0)) @ rng.normal(0, 0.5, n) + rng.logistic(0, 1, m) > 0).astype(int)
    k = n + 2
    x[:k], y[:k] = x[k : 2 * k], 1 - y[k : 2 * k]
    return x, y


def plain_loss(theta, x, y):
    """The definition, one example at a time."""
    total = 0.0
    for row, label in zip(x, y, strict=True):
        p = 1 / (1 + math.exp(-(row @ theta[:-1] + theta[-1])))
        total -= math.log(p) if label else math.log(1 - p)
    return total / len(y)


seeds = st.integers(0, 999)


# loss, gradient, Hessian


@settings(max_examples=30, deadline=None)
@given(m=st.integers(1, 30), n=st.integers(1, 5), seed=seeds)
def test_loss_is_the_mean_cross_entropy(m, n, seed):
    rng = np.random.default_rng(seed)
    x, y, theta = rng.normal(size=(m, n)), rng.integers(0, 2, m), rng.normal(size=n + 1)
    assert bn.logistic_loss(theta, x, y) == pytest.approx(plain_loss(theta, x, y), rel=1e-12)


@settings(max_examples=30, deadline=None)
@given(m=st.integers(1, 30), n=st.integers(1, 5), seed=seeds)
def test_gradient_and_hessian_are_the_slopes_of_what_they_derive_from(m, n, seed):
    rng = np.random.default_rng(seed)
    x, y, theta = rng.normal(size=(m, n)), rng.integers(0, 2, m), rng.normal(size=n + 1)
    gradient = bn.logistic_gradient(theta, x, y)
    moved = theta.copy()
    numerical = numerical_gradient(lambda: bn.logistic_loss(moved, x, y), moved)
    assert relative_error(gradient, numerical) < 1e-8
    hessian = bn.logistic_hessian(theta, x, y)
    for k in range(n + 1):
        row = numerical_gradient(lambda k=k: bn.logistic_gradient(moved, x, y)[k], moved)
        assert relative_error(hessian[k], row) < 1e-8
    assert np.linalg.eigvalsh(hessian).min() > -1e-15  # the loss is convex


def test_stable_for_huge_logits():
    x, y = np.array([[1.0], [-1.0]]), np.array([1, 0])
    with np.errstate(all="raise", under="ignore"):
        for size in (50.0, 800.0, 1e6, 1e300):
            right, wrong = np.array([size, 0.0]), np.array([-size, 0.0])
            assert 0 <= bn.logistic_loss(right, x, y) < 1e-20
            assert bn.logistic_loss(wrong, x, y) == pytest.approx(size, rel=1e-12)
            np.testing.assert_allclose(bn.logistic_gradient(right, x, y), 0, atol=1e-20)
            np.testing.assert_allclose(bn.logistic_gradient(wrong, x, y), [-1, 0], atol=1e-15)
            np.testing.assert_allclose(bn.logistic_hessian(wrong, x, y), 0, atol=1e-20)


def test_labels_may_be_booleans_floats_or_a_list():
    x, y = problem()
    theta = np.array([0.1, -0.2, 0.3, 0.4])
    wanted = bn.logistic_loss(theta, x, y)
    for labels in (y.astype(bool), y.astype(float), y.astype(np.int8), y.tolist()):
        assert bn.logistic_loss(theta.tolist(), x.tolist(), labels) == wanted


# the optimum


@settings(max_examples=25, deadline=None)
@given(n=st.integers(1, 4), seed=seeds)
def test_gradient_is_zero_at_the_optimum_and_the_loss_least(n, seed):
    x, y = problem(n=n, seed=seed)
    best = bn.logistic_optimum(x, y)
    assert np.abs(bn.logistic_gradient(best, x, y)).max() < 1e-9
    least = bn.logistic_loss(best, x, y)
    for shift in np.random.default_rng(seed).normal(0, 0.1, (10, n + 1)):
        assert bn.logistic_loss(best + shift, x, y) > least


def test_optimum_is_where_plain_descent_ends():
    x, y = problem(n=2)
    theta, curvature = (
        np.zeros(3),
        np.linalg.eigvalsh(np.c_[x, np.ones(40)].T @ np.c_[x, np.ones(40)]),
    )
    for _ in range(20_000):
        p = 1 / (1 + np.exp(-(x @ theta[:-1] + theta[-1])))
        theta = theta - 4 * 40 / curvature[-1] * np.append(x.T @ (p - y), (p - y).sum()) / 40
    np.testing.assert_allclose(bn.logistic_optimum(x, y), theta, rtol=1e-7)


def test_optimum_with_one_yes_or_no_input_has_a_closed_form():
    """The log-odds of each group: 3 of 10 where x is 0, 8 of 10 where it is 1."""
    x = np.repeat([0.0, 1.0], 10)[:, None]
    y = np.r_[np.arange(10) < 3, np.arange(10) < 8]
    at_0, at_1 = math.log(3 / 7), math.log(8 / 2)
    np.testing.assert_allclose(bn.logistic_optimum(x, y), [at_1 - at_0, at_0], rtol=1e-12)


def test_optimum_moves_with_the_coordinates_and_the_least_loss_stays():
    x, y = problem()
    best = bn.logistic_optimum(x, y)
    scale, shift = np.array([1e-4, 1.0, 1e5]), np.array([3.0, -1e3, 1e6])
    moved = bn.logistic_optimum(x * scale + shift, y)
    np.testing.assert_allclose(moved[:-1] * scale, best[:-1], rtol=1e-6)
    loss = bn.logistic_loss(moved, x * scale + shift, y)
    assert loss == pytest.approx(bn.logistic_loss(best, x, y), rel=1e-9)


@pytest.mark.parametrize("constant", [0.0, 1.0, 1e4 / 3])
def test_optimum_gives_a_constant_feature_no_weight(constant):
    x, y = problem(n=2)
    best = bn.logistic_optimum(np.c_[x, np.full(len(x), constant)], y)
    assert abs(best[2]) < 1e-15
    best[3] += best[2] * constant
    np.testing.assert_allclose(np.delete(best, 2), bn.logistic_optimum(x, y), rtol=1e-9)


def test_optimum_is_found_in_every_choice_of_the_thirty_measurements():
    """Rounding in the loss once kept a line search from its last step."""
    data = bn.datasets.breast_cancer()
    for columns in range(1, 21):
        x = data.x_train[:, :columns]
        best = bn.logistic_optimum(x, data.y_train)
        slope = bn.logistic_gradient(best, x, data.y_train) * np.append(x.std(axis=0), 1)
        assert np.abs(slope).max() < 1e-8


@pytest.mark.parametrize(
    ("x", "y"),
    [
        ([0, 1, 2, 3], [0, 0, 1, 1]),
        ([0, 1, 1, 2], [0, 0, 1, 1]),  # they touch
        ([0, 0, 1, 1], [0, 1, 1, 1]),  # one group is pure
        ([1e6, 1e6 + 1, 1e6 + 5, 1e6 + 6], [1, 1, 0, 0]),
    ],
)
def test_separable_classes_have_no_optimum(x, y):
    with pytest.raises(ValueError, match="separable"):
        bn.logistic_optimum(np.array(x, float)[:, None], y)


@pytest.mark.parametrize("label", [0, 1])
def test_one_class_has_no_optimum(label):
    with pytest.raises(ValueError, match="both classes"):
        bn.logistic_optimum([[1.0], [2.0]], [label, label])


# the condition number


@settings(max_examples=30, deadline=None)
@given(values=st.lists(st.floats(1e-3, 1e3), min_size=1, max_size=5), seed=seeds)
def test_condition_number_is_that_of_the_eigenvalues_put_in(values, seed):
    n = len(values)
    q, _ = np.linalg.qr(np.random.default_rng(seed).normal(size=(n, n)))
    matrix = q @ np.diag(values) @ q.T
    assert bn.condition_number(matrix) == pytest.approx(max(values) / min(values), rel=1e-6)


def test_condition_number_of_a_singular_matrix_is_infinite():
    for matrix in ([[1, 0], [0, 0]], [[0]], [[0, 0], [0, 0]], [[1, 0], [0, -1]]):
        assert bn.condition_number(matrix) == np.inf
    assert bn.condition_number([[7]]) == 1


# descent


def test_one_step_by_hand():
    """At theta = 0 every p is ½: the gradient is the mean of (½ − y)·(x, 1)."""
    x, y = [[2.0], [4.0]], [1, 0]
    path = bn.gradient_descent(x, y, 0.1, 1, [0.0, 0.0])
    np.testing.assert_allclose(path, [[0, 0], [-0.05, 0]], atol=1e-16)


def test_the_path_starts_at_the_start_and_follows_the_gradient():
    x, y = problem()
    start = np.array([0.1, -0.2, 0.3, 0.4])
    path = bn.gradient_descent(x, y, 0.3, 7, start)
    assert path.shape == (8, 4)
    np.testing.assert_array_equal(path[0], start)
    for before, after in pairwise(path):
        step = after - before
        np.testing.assert_allclose(step, -0.3 * bn.logistic_gradient(before, x, y), rtol=1e-9)
    np.testing.assert_array_equal(bn.gradient_descent(x, y, 0.3, 0, start), [start])


def test_versions_side_by_side_are_each_alone():
    x, y = problem()
    versions = np.stack([x, 10 * x, x - x.mean(axis=0)])
    rates, starts = [0.1, 0.001, 0.2], np.random.default_rng(3).normal(size=(3, 4))
    together = bn.gradient_descent(versions, y, rates, 30, starts)
    assert together.shape == (3, 31, 4)
    for path, version, rate, start in zip(together, versions, rates, starts, strict=True):
        alone = bn.gradient_descent(version, y, rate, 30, start)
        np.testing.assert_allclose(path, alone, rtol=1e-10)
    same = bn.gradient_descent(versions, y, 0.01, 5, starts[0])
    np.testing.assert_array_equal(same[:, 0], [starts[0]] * 3)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_close_to_the_optimum_each_direction_shrinks_by_one_minus_rate_times_curvature(share):
    x, y = problem(n=2)
    best = bn.logistic_optimum(x, y)
    curvatures, directions = np.linalg.eigh(bn.logistic_hessian(best, x, y))
    rate = share * 2 / curvatures[-1]
    path = bn.gradient_descent(x, y, rate, 10, best + directions @ np.full(3, 1e-6))
    left = (path - best) @ directions / 1e-6
    wanted = (1 - rate * curvatures) ** np.arange(11)[:, None]
    np.testing.assert_allclose(left, wanted, atol=1e-4)


@pytest.mark.parametrize(("factor", "settles"), [(0.99, True), (1.01, False)])
def test_two_over_the_largest_curvature_is_the_border_of_stability(factor, settles):
    x, y = problem(n=2)
    best = bn.logistic_optimum(x, y)
    bound = 2 / np.linalg.eigvalsh(bn.logistic_hessian(best, x, y))[-1]
    path = bn.gradient_descent(x, y, factor * bound, 600, best + 1e-4)
    losses = path_losses(path, x, y)
    assert (losses[-1] < losses[0]) == settles


def test_a_descent_that_runs_away_raises_nothing():
    x, y = problem()
    with np.errstate(all="raise", under="ignore"):
        path = bn.gradient_descent(1e200 * x, y, 1e200, 5, np.zeros(4))
        losses = path_losses(path, 1e200 * x, y)
    assert losses[0] == pytest.approx(math.log(2))
    assert not np.isfinite(losses[-1])


def test_path_losses_are_the_losses_along_the_path():
    x, y = problem()
    path = bn.gradient_descent(x, y, 0.2, 6, np.zeros(4))
    wanted = [bn.logistic_loss(theta, x, y) for theta in path]
    np.testing.assert_allclose(path_losses(path, x, y), wanted, rtol=1e-14)


# what is refused, and in which words

X, Y = problem(8, 2)
BAD_EXAMPLES = {
    "x 1-D": (X[:, 0], Y, ValueError, r"x must be 2-D.*\(8,\)"),
    "x empty": (X[:0], Y[:0], ValueError, r"x is empty: shape \(0, 2\)"),
    "x NaN": (np.where(X[0, 0] == X, np.nan, X), Y, ValueError, r"x must be finite; \d of 16"),
    "x infinite": (X * np.inf, Y, ValueError, r"x must be finite; 16 of 16"),
    "x words": ([["a", "b"]] * 8, Y, TypeError, r"x must hold real numbers"),
    "x None": (None, Y, TypeError, r"x must hold real numbers.*NoneType"),
    "x ragged": ([[1, 2], [3]], Y, ValueError, r"x must be a rectangular array"),
    "y too short": (X, Y[:4], ValueError, r"y must have shape \(8,\); got \(4,\)"),
    "y 2-D": (X, Y[:, None], ValueError, r"y must be 1-D.*\(8, 1\)"),
    "y of three classes": (X, [0, 1, 2, 0, 1, 2, 0, 1], ValueError, r"y must hold only 0 and 1.*2"),
    "y of −1 and 1": (X, 2 * Y - 1, ValueError, r"y must hold only 0 and 1.*-1"),
    "y probabilities": (X, Y * 0.5, ValueError, r"y must hold only 0 and 1.*0\.5"),
    "y NaN": (X, Y * np.nan, ValueError, r"y must be finite; 8 of 8"),
    "y words": (X, ["benign"] * 8, TypeError, r"y must hold real numbers"),
}
ON_EXAMPLES = {
    "logistic_loss": lambda x, y: bn.logistic_loss(np.zeros(3), x, y),
    "logistic_gradient": lambda x, y: bn.logistic_gradient(np.zeros(3), x, y),
    "logistic_hessian": lambda x, y: bn.logistic_hessian(np.zeros(3), x, y),
    "logistic_optimum": bn.logistic_optimum,
    "gradient_descent": lambda x, y: bn.gradient_descent(x, y, 0.1, 2, np.zeros(3)),
    "path_losses": lambda x, y: path_losses(np.zeros((2, 3)), x, y),
}


@pytest.mark.parametrize("name", BAD_EXAMPLES)
@pytest.mark.parametrize("function", ON_EXAMPLES)
def test_examples_that_are_refused(function, name):
    x, y, error, words = BAD_EXAMPLES[name]
    with pytest.raises(error, match=words):
        ON_EXAMPLES[function](x, y)


BAD_THETA = {
    "too short": (np.zeros(2), ValueError, r"theta must have shape \(3,\); got \(2,\)"),
    "2-D": (np.zeros((1, 3)), ValueError, r"theta must be 1-D.*\(1, 3\)"),
    "NaN": ([0, np.nan, 0], ValueError, r"theta must be finite; 1 of 3"),
    "words": (["a", "b", "c"], TypeError, r"theta must hold real numbers"),
    "None": (None, TypeError, r"theta must hold real numbers"),
}


@pytest.mark.parametrize("name", BAD_THETA)
@pytest.mark.parametrize("function", ["logistic_loss", "logistic_gradient", "logistic_hessian"])
def test_thetas_that_are_refused(function, name):
    theta, error, words = BAD_THETA[name]
    with pytest.raises(error, match=words):
        getattr(bn, function)(theta, X, Y)


START, THREE = np.zeros(3), np.stack([X, X, X])


def descent(x=X, rate=0.1, steps=2, start=START):
    return lambda: bn.gradient_descent(x, Y, rate, steps, start)


def matrix(value):
    return lambda: bn.condition_number(value)


def along(path):
    return lambda: path_losses(path, X, Y)


BAD = {
    "rate 0": (descent(rate=0), ValueError, r"learning_rate .*\(0, inf\].* 0"),
    "rate negative": (descent(rate=-1.0), ValueError, r"learning_rate .*-1\.0"),
    "rate NaN": (descent(rate=np.nan), ValueError, "learning_rate .*nan"),
    "rate a word": (descent(rate="fast"), TypeError, "learning_rate .*fast"),
    "rate None": (descent(rate=None), TypeError, "learning_rate .*None"),
    "rates too few": (
        descent(THREE, [0.1, 0.2]),
        ValueError,
        "learning_rate .* 1 number or 3, got 2",
    ),
    "steps negative": (descent(steps=-1), ValueError, "steps .*-1"),
    "steps a float": (descent(steps=1.5), TypeError, "steps .*float"),
    "start too long": (descent(start=np.zeros(4)), ValueError, r"start .*\(3,\); got \(4,\)"),
    "starts too few": (
        descent(THREE, start=np.zeros((2, 3))),
        ValueError,
        r"start .*\(3, 3\); got",
    ),
    "start ragged": (descent(start=[[1], [2, 3]]), ValueError, "start must be a rectangular array"),
    "start infinite": (descent(start=START + np.inf), ValueError, "start must be finite; 3 of 3"),
    "x 4-D": (descent(X[None, None]), ValueError, r"x must be 2-D.*\(1, 1, 8, 2\)"),
    "hessian oblong": (matrix(X), ValueError, r"hessian .*\(8, 8\); got \(8, 2\)"),
    "hessian askew": (matrix([[1, 2], [0, 1]]), ValueError, "hessian must be symmetric"),
    "hessian empty": (matrix(np.empty((0, 0))), ValueError, "hessian is empty"),
    "hessian NaN": (matrix([[np.nan]]), ValueError, "hessian must be finite"),
    "hessian a word": (matrix("steep"), TypeError, "hessian must hold real"),
    "path too wide": (along(np.zeros((2, 4))), ValueError, r"path .*\(2, 3\); got \(2, 4\)"),
    "path 1-D": (along(START), ValueError, r"path must be 2-D.*\(3,\)"),
    "no steps": (lambda: bn.logistic_optimum(X, Y, 0), ValueError, "steps must be at least 1"),
    "too few steps": (
        lambda: bn.logistic_optimum(*problem(), 1),
        ValueError,
        "no optimum within 1 steps",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_wrong_is_said(name):
    call, error, words = BAD[name]
    with pytest.raises(error, match=words):
        call()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("seed", range(10))
def test_the_condition_number_of_a_singular_matrix_is_infinite(dtype, seed):
    rng = np.random.default_rng(seed)
    columns = rng.standard_normal((20, 4)).astype(dtype)
    columns[:, 3] = columns[:, 0] + columns[:, 1]
    hessian = columns.T @ columns
    assert bn.condition_number((hessian + hessian.T) / 2) == np.inf
    assert bn.condition_number(np.zeros((2, 2), dtype)) == np.inf
    assert bn.condition_number(np.diag([1e-12, 1.0])) == pytest.approx(1e12)
