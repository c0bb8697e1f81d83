"""What the_sphere and the_largest_rate compute, against other ways to compute it."""

import numpy as np
import pytest

import bnlib as bn
from bnlib.demos.why_it_works import first_steps as first
from bnlib.demos.why_it_works import one_normalized_unit as one
from bnlib.demos.why_it_works.the_sphere import arrows_along, descend, root_mean_square

W = np.array([0.3, -0.7])


def test_the_gradient_is_the_slope_of_the_loss():
    h = 1e-5
    slope = [(one.loss([W + d])[0] - one.loss([W - d])[0]) / (2 * h) for d in h * np.eye(2)]
    np.testing.assert_allclose(one.gradient(W, *one.examples()), slope, rtol=1e-7)


def test_the_gradient_is_that_of_the_layers():
    x, y = (each[:40] for each in one.examples())
    norm = bn.BatchNorm(1, eps=0, dtype="float64")
    norm.params["gamma"][:] = one.GAMMA
    logit = norm.forward((x @ W)[:, None], training=True)[:, 0]
    dz = norm.backward((-y / (1 + np.exp(y * logit)) / len(x))[:, None])[:, 0]
    np.testing.assert_allclose(one.gradient(W, x, y), dz @ x, rtol=1e-12)


@pytest.mark.parametrize("factor", [0.1, 3.0])
def test_only_the_direction_counts(factor):
    data = one.examples()
    np.testing.assert_allclose(one.loss([factor * W]), one.loss([W]), rtol=1e-12)
    gradient = one.gradient(W, *data)
    np.testing.assert_allclose(one.gradient(factor * W, *data), gradient / factor, rtol=1e-11)
    assert abs(gradient @ W) < 1e-14
    angle, low, _ = one.best_angle()
    assert one.loss([[np.cos(angle), np.sin(angle)]])[0] == pytest.approx(low)


@pytest.mark.parametrize("decay", [0.0, 0.05])
def test_a_step_is_a_right_triangle(decay):
    walked, keep = one.walk([0.5, 0.2], 0.8, decay, 16, 50), 1 - 0.8 * decay
    square = (walked.path**2).sum(axis=1)
    grown = keep**2 * square[:-1] + 0.8**2 * walked.on_sphere / square[:-1]
    np.testing.assert_allclose(square[1:], grown, rtol=1e-12)
    angle = np.arctan2(
        0.8 * np.sqrt(walked.on_sphere) / np.sqrt(square[:-1]), keep * square[:-1] ** 0.5
    )
    np.testing.assert_allclose(walked.turned, angle, rtol=1e-10)


def test_the_expected_length_ends_in_the_equilibrium():
    stays, angle = one.equilibrium(0.5, 0.02, 0.3)
    lengths = one.expected_lengths(2.0, 0.5, 0.02, 0.3, 2000)
    assert lengths[0] == 2.0
    assert lengths[-1] == pytest.approx(stays)
    assert stays == pytest.approx((0.5 * 0.3 / (2 * 0.02)) ** 0.25, rel=0.01)
    assert angle == pytest.approx(np.sqrt(2 * 0.5 * 0.02), rel=0.01)


def test_rate_times_c_squared_and_length_times_c_is_the_same_walk():
    short, long = (one.walk(c * W, c**2 * 0.5, 0.02 / c**2, 16, 100) for c in (1.0, 3.0))
    np.testing.assert_allclose(long.path, 3 * short.path, rtol=1e-9)


def test_only_lr_times_wd_and_the_batches_count_in_the_end():
    results = [descend(lr, wd, 0.5, 16, 300) for lr, wd in ((1.0, 0.03), (10.0, 0.003))]
    np.testing.assert_allclose(results[0]["angle"][-50:], results[1]["angle"][-50:], rtol=1e-9)


def test_measured_beside_theory_with_many_steps():
    result = descend(1.0, 0.03, 0.5, 16, 1000)
    fourth = np.mean(result["length"][500:] ** 4) ** 0.25
    assert fourth == pytest.approx(result["equilibrium_length"], rel=0.15)
    turned = np.sqrt(np.mean(result["angle"][500:] ** 2))
    assert turned == pytest.approx(result["equilibrium_angle"], rel=0.15)


def test_the_root_mean_square_of_the_last_tenth():
    angles = np.random.default_rng(0).uniform(0, 1, 40)
    np.testing.assert_allclose(root_mean_square(angles)[-1], np.sqrt(np.mean(angles[-4:] ** 2)))
    np.testing.assert_allclose(root_mean_square(angles)[1], np.sqrt(np.mean(angles[:2] ** 2)))


def test_an_arrow_ends_where_the_next_begins():
    points = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 2.0]])
    x, y = arrows_along(points)
    tips = np.array([x, y]).T.reshape(2, 6, 2)
    np.testing.assert_array_equal(tips[:, 0], points[:-1])
    np.testing.assert_array_equal(tips[:, 1], points[1:])
    assert np.isnan(tips[:, -1]).all()


SETTING = {"depth": 3, "activation": "relu", "initial_scale": 1.0}


@pytest.mark.parametrize("kind", first.KINDS)
def test_the_first_steps_are_those_of_train(kind):
    taken = first.first_steps(kind, 0.1, **SETTING)
    network, data = first.network_of(kind, 0, **SETTING), bn.datasets.standardized_digits()
    snapshots = bn.train(network, data, bn.SGD(0.1), steps=first.STEPS, batch_size=first.BATCH)
    np.testing.assert_allclose(taken.loss, [each.loss for each in snapshots], rtol=1e-4)
    assert taken.std.shape == taken.mean.shape == (first.STEPS, 3, first.WIDTH)
    assert taken.gradient.shape == (first.STEPS, 3)


def test_a_run_that_diverges_ends_there_and_holds_no_infinity():
    taken = first.first_steps("without BN", 10.0, **SETTING | {"depth": 10})
    assert 1 <= len(taken.loss) < first.STEPS
    assert all(np.isfinite(each).all() for each in taken)
