"""The numbers of notebook 01's demos against formulas that share no code with them."""

import math

import numpy as np
import pytest

import bnlib as bn

SCALINGS = ("raw", "centred", "standardized")


@pytest.fixture(scope="module")
def contours():
    return bn.demos.loss_contours()


@pytest.fixture(scope="module")
def histograms():
    return bn.demos.feature_histograms()


def inputs(pair, scaling):
    """The training set's two measurements with a column of ones, and the labels."""
    data = bn.datasets.breast_cancer()
    columns = [data.feature_names.index(f"mean {name}") for name in pair.split(", ")]
    x = data.x_train[:, columns].astype(float)
    if scaling != "raw":
        x = x - x.sum(axis=0) / len(x)
    if scaling == "standardized":
        x = x / np.sqrt((x**2).sum(axis=0) / len(x))
    return np.column_stack([x, np.ones(len(x))]), data.y_train


def slopes(theta, x, y):
    p = 1 / (1 + np.exp(-(x @ theta)))
    return x.T @ (p - y) / len(y), np.einsum("i,ij,ik->jk", p * (1 - p), x, x) / len(y)


def loss(theta, x, y):
    z = x @ theta
    return np.mean(np.logaddexp(0, z) - y * z)


def optimum(pair, scaling):
    """Newton's method in standardized coordinates, then the coordinates asked for."""
    x, y = inputs(pair, "standardized")
    theta = np.zeros(3)
    for _ in range(30):
        gradient, hessian = slopes(theta, x, y)
        theta = theta - np.linalg.solve(hessian, gradient)
    if scaling == "standardized":
        return theta
    raw, _ = inputs(pair, "raw")
    mean, std = raw[:, :2].mean(axis=0), raw[:, :2].std(axis=0)
    weights = theta[:2] / std
    return np.append(weights, theta[2] - (weights @ mean if scaling == "raw" else 0))


# contours of the loss


@pytest.mark.parametrize("pair", ["texture, area", "radius, area", "concavity, symmetry"])
@pytest.mark.parametrize("scaling", SCALINGS)
def test_curvature_numbers_are_those_of_the_hessian_at_the_optimum(contours, pair, scaling):
    contours.set(pair=pair)
    _, hessian = slopes(optimum(pair, scaling), *inputs(pair, scaling))
    curvatures = np.linalg.svd(hessian, compute_uv=False)
    result = contours.result
    assert result["bound"][scaling] == pytest.approx(2 / curvatures[0], rel=1e-6)
    number = curvatures[0] / curvatures[-1]
    assert result["condition_number"][scaling] == pytest.approx(number, rel=1e-4)


@pytest.mark.parametrize("scaling", SCALINGS)
def test_the_measured_bound_is_the_theory_up_to_the_bisection(contours, scaling):
    for pair in ("texture, area", "radius, texture", "smoothness, texture"):
        contours.set(pair=pair)
        result = contours.result
        assert result["measured_bound"][scaling] == pytest.approx(
            result["bound"][scaling], rel=0.02
        )


@pytest.mark.parametrize("scaling", SCALINGS)
@pytest.mark.parametrize(
    ("rates", "rate", "start"),
    [("half its bound", 1e-3, 180), ("the same", 1e-4, 45), ("the same", 3.0, 300)],
)
def test_the_path_is_that_of_a_plain_loop(contours, scaling, rates, rate, start):
    contours.set(pair="texture, area", rates=rates, learning_rate=rate, start=start)
    result = contours.result
    x, y = inputs("texture, area", scaling)
    _, hessian = slopes(optimum("texture, area", scaling), x, y)
    used = rate if rates == "the same" else 1 / np.linalg.eigvalsh(hessian)[-1]
    assert result["learning_rate"][scaling] == pytest.approx(used, rel=1e-6)
    theta = result["path"][scaling][0]
    with np.errstate(over="ignore"):
        for shown in result["path"][scaling][:15]:  # a loop that runs away doubles its rounding
            np.testing.assert_allclose(shown, theta, rtol=1e-5, atol=1e-9 * np.abs(theta).max())
            theta = shown - result["learning_rate"][scaling] * slopes(shown, x, y)[0]


@pytest.mark.parametrize("start", [0, 90, 180, 255])
@pytest.mark.parametrize("scaling", SCALINGS)
def test_every_start_has_the_same_excess_loss_and_the_best_bias(contours, scaling, start):
    contours.set(pair="radius, texture", start=start)
    result = contours.result
    x, y = inputs("radius, texture", scaling)
    best = optimum("radius, texture", scaling)
    begin = result["path"][scaling][0]
    assert loss(begin, x, y) - loss(best, x, y) == pytest.approx(0.3, abs=1e-6)
    assert begin[2] == pytest.approx(best[2], rel=1e-6)
    assert result["excess"][scaling][0] == pytest.approx(1.0, abs=1e-5)


def test_start_directions_are_the_flat_and_the_steep_one(contours):
    """0° lies along the least curvature over the two weights, 90° along the largest."""
    x, y = inputs("texture, area", "raw")
    best = optimum("texture, area", "raw")
    _, hessian = slopes(best, x, y)
    _, directions = np.linalg.eigh(hessian[:2, :2])
    for degrees, k in ((0, 0), (90, 1), (180, 0), (270, 1)):
        contours.set(pair="texture, area", start=degrees)
        way = (contours.result["path"]["raw"][0] - best)[:2]
        assert abs(way @ directions[:, k]) == pytest.approx(np.linalg.norm(way), rel=1e-4)


def test_steps_are_counted_until_one_percent_is_left(contours):
    contours.set(pair="texture, area", rates="half its bound", start=180)
    result = contours.result
    for scaling in SCALINGS:
        x, y = inputs("texture, area", scaling)
        least = loss(optimum("texture, area", scaling), x, y)
        count = None
        for step, theta in enumerate(result["path"][scaling]):
            if loss(theta, x, y) - least <= 0.01 * 0.3 * (1 + 1e-9):
                count = step
                break
        assert result["steps"][scaling] == count
    assert result["steps"]["raw"] is None
    assert result["steps"]["standardized"] == 3


def test_a_descent_that_ends_higher_than_it_began_is_said_to_diverge(contours):
    contours.set(pair="texture, area", rates="the same", learning_rate=100.0, start=180)
    result = contours.result
    assert result["diverged"] == {name: bool(result["excess"][name][-1] > 1) for name in SCALINGS}
    assert result["diverged"]["raw"]
    assert "Raw: diverges" in contours.alternative_text


def test_one_learning_rate_for_all_or_one_for_each(contours):
    contours.set(pair="texture, area", rates="the same", learning_rate=0.01)
    assert set(contours.result["learning_rate"].values()) == {0.01}
    assert not contours.controls["learning_rate"].disabled
    contours.set(rates="half its bound")
    result = contours.result
    for scaling in SCALINGS:
        assert result["learning_rate"][scaling] == pytest.approx(result["bound"][scaling] / 2)
    assert contours.controls["learning_rate"].disabled


def test_a_case_where_the_condition_number_does_not_decide(contours):
    contours.preset("Badly conditioned and fast")
    result = contours.result
    assert result["condition_number"]["raw"] > 1e6 * result["condition_number"]["standardized"]
    assert result["steps"]["raw"] < result["steps"]["standardized"]


def test_standardized_is_not_whitened(contours):
    contours.preset("Standardized, not whitened")
    x, _ = inputs("radius, area", "standardized")
    assert np.corrcoef(x[:, 0], x[:, 1])[0, 1] > 0.98
    assert contours.result["condition_number"]["standardized"] > 100


def test_the_words_are_those_of_the_numbers(contours):
    contours.reset()
    result = contours.result
    for scaling in SCALINGS:
        assert f"condition number {result['condition_number'][scaling]:.2g}." in (
            contours.alternative_text
        )
        if result["steps"][scaling] is not None:
            assert f"{scaling.capitalize()}: arrives in {result['steps'][scaling]} step" in (
                contours.alternative_text
            )


# histograms of the measurements

FEATURES = ("mean radius", "mean texture", "mean area", "mean smoothness")


def patients(part, feature="mean radius", factor=1.0):
    data = bn.datasets.breast_cancer()
    columns = [data.feature_names.index(name) for name in FEATURES]
    x = getattr(data, f"x_{part}")[:, columns].astype(float)
    x[:, FEATURES.index(feature)] *= factor
    return x, getattr(data, f"y_{part}")


def statistics(x):
    mean = x.sum(axis=0) / len(x)
    std = np.sqrt(((x - mean) ** 2).sum(axis=0) / len(x))
    return mean, np.where(std < 1e-12 * np.abs(mean), 1, std)


def weights():
    """Of a logistic regression on the standardized training set: Newton's method."""
    x, y = patients("train")
    mean, std = statistics(x)
    design, theta = np.column_stack([(x - mean) / std, np.ones(len(x))]), np.zeros(5)
    for _ in range(40):
        gradient, hessian = slopes(theta, design, y)
        theta = theta - np.linalg.solve(hessian, gradient)
    return theta


ROWS = {
    "all 142 patients": lambda y: np.arange(142),
    "only malignant": lambda y: np.flatnonzero(y == 1),
    "the first 10": lambda y: np.arange(10),
    "a single patient": lambda y: np.arange(1),
}


@pytest.mark.parametrize("test_set", ROWS)
@pytest.mark.parametrize("converted", ["both sets", "test set only"])
@pytest.mark.parametrize(("feature", "unit"), [("mean radius", 0.0), ("mean area", -3.0),
                                               ("mean smoothness", 1.5)])  # fmt: skip
def test_standardized_values_and_shares_of_correct_patients(
    histograms, test_set, converted, feature, unit
):
    histograms.set(feature=feature, unit=unit, converted=converted, test_set=test_set)
    result = histograms.result
    factor = 10.0**unit
    x_train, _ = patients("train", feature, factor if converted == "both sets" else 1.0)
    x_test, y_test = patients("test", feature, factor)
    rows = ROWS[test_set](y_test)
    x_test, y_test = x_test[rows], y_test[rows]
    mean, std = statistics(x_train)
    own_mean, own_std = statistics(x_test)
    np.testing.assert_allclose(result["mean"], mean, rtol=1e-10)
    np.testing.assert_allclose(result["std"], std, rtol=1e-10)
    np.testing.assert_allclose(result["x_train"], x_train, rtol=1e-12)
    np.testing.assert_allclose(result["z_train"], (x_train - mean) / std, atol=1e-9)
    z = {"training": (x_test - mean) / std, "own": (x_test - own_mean) / own_std}
    theta = weights()
    for name, values in z.items():
        np.testing.assert_allclose(result["z_test"][name], values, atol=1e-8)
        right = sum(
            (row @ theta[:-1] + theta[-1] > 0) == label
            for row, label in zip(values, y_test, strict=True)
        )
        assert result["accuracy"][name] == pytest.approx(right / len(rows))
    assert result["patients"] == len(rows)
    noun = "patients" if len(rows) > 1 else "patient"
    told = f"Of {len(rows)} test {noun} {result['accuracy']['training']:.0%} are classified"
    assert told in histograms.alternative_text


def test_the_training_sets_own_unit_makes_no_difference(histograms):
    histograms.reset()
    before = histograms.result["z_train"]
    for unit in (-3.0, 2.5):
        histograms.set(unit=unit)
        np.testing.assert_allclose(histograms.result["z_train"], before, atol=1e-9)


def test_a_single_patient_by_her_own_statistics_is_the_point_zero(histograms):
    histograms.preset("A single patient")
    np.testing.assert_array_equal(histograms.result["z_test"]["own"], np.zeros((1, 4)))


def test_a_wrong_unit_is_hidden_by_the_test_sets_own_statistics(histograms):
    histograms.preset("A wrong unit in the clinic")
    accuracy = histograms.result["accuracy"]
    assert accuracy["own"] > 0.85
    _, y_test = patients("test")
    assert accuracy["training"] <= np.mean(y_test == 0)  # no better than calling all benign


def test_the_dots_are_all_patients_at_their_values(histograms):
    histograms.reset()
    result = histograms.result
    scatter = histograms.canvas.panels[2]
    x = np.concatenate([line.get_xdata() for line in scatter.points.values()])
    k = FEATURES.index(histograms.values["feature"])
    wanted = np.concatenate([result["z_test"][name][:, k] for name in ("training", "own")])
    np.testing.assert_allclose(np.sort(x), np.sort(np.clip(wanted, -3.95, 5.95)))
    assert math.isclose(len(x), 2 * result["patients"])
