import ipywidgets as widgets
import numpy as np
import pytest

from bnlib import live
from bnlib.live.controls import checked, nearest

CONTROLS = {
    "slider": lambda: live.slider("s", 0.5, -1.0, 1.0, 0.1),
    "log_slider": lambda: live.log_slider("l", 1e-3, -5, 1),
    "int_slider": lambda: live.int_slider("i", 3, 1, 9),
    "steps_slider": lambda: live.steps_slider("b", 60, (2, 5, 60, 300)),
    "choice": lambda: live.choice("c", "raw", ("raw", "centred")),
    "menu": lambda: live.menu("m", "a", ["a", "b", "c"]),
    "menu of pairs": lambda: live.menu("m", 1, [("one", 1), ("two", 2)]),
    "switch": lambda: live.switch("w", True),
}
GOOD = {
    "slider": [-1.0, 1.0, 0.25, 0, 1, np.float64(0.3), np.float32(0.5), np.int64(1)],
    "log_slider": [1e-5, 10.0, 1, 0.003, np.float64(0.3)],
    "int_slider": [1, 9, np.int64(4)],
    "steps_slider": [2, 300],
    "choice": ["raw", "centred"],
    "menu": ["c"],
    "menu of pairs": [2],
    "switch": [True, False],
}
BAD = {
    "slider": [(1.01, ValueError), (-5, ValueError), (np.nan, ValueError), (np.inf, ValueError),
               ("0.5", TypeError), (None, TypeError), (True, TypeError), ([0.5], TypeError)],
    "log_slider": [(10.1, ValueError), (9e-6, ValueError), (0, ValueError), (-1, ValueError),
                   (np.nan, ValueError), ("1", TypeError)],
    "int_slider": [(0, ValueError), (10, ValueError), (2.0, TypeError), ("2", TypeError),
                   (True, TypeError), (None, TypeError)],
    "steps_slider": [(3, ValueError), ("60", ValueError), (None, ValueError)],
    "choice": [("Raw", ValueError), (0, ValueError), (None, ValueError)],
    "menu": [("d", ValueError), (["a"], ValueError)],
    "menu of pairs": [("one", ValueError), (3, ValueError), (True, ValueError)],
    "switch": [(1, ValueError), (0, ValueError), ("True", ValueError), (None, ValueError)],
}  # fmt: skip


@pytest.mark.parametrize(("kind", "value"), [(k, v) for k, values in GOOD.items() for v in values])
def test_a_value_that_a_control_can_take_is_taken_as_it_is(kind, value):
    control = CONTROLS[kind]()
    control.value = checked("it", control, value)
    assert control.value == value


@pytest.mark.parametrize(
    ("kind", "value", "error"), [(k, *case) for k, cases in BAD.items() for case in cases]
)
def test_a_value_that_a_control_cannot_take_is_refused_by_name(kind, value, error):
    with pytest.raises(error, match=r"^it must be"):
        checked("it", CONTROLS[kind](), value)


@pytest.mark.parametrize("kind", CONTROLS)
def test_a_control_starts_at_its_value_and_says_what_it_is(kind):
    control = CONTROLS[kind]()
    assert control.description
    assert checked("it", control, control.value) == control.value
    assert isinstance(control, widgets.DOMWidget)


def test_a_logarithmic_slider_starts_on_its_grid():
    made = live.log_slider("rate", 3e-5, -6, 2, per_decade=20)
    steps = np.log10(made.value) / made.step
    assert steps == pytest.approx(round(steps), abs=1e-9)
    assert made.value == pytest.approx(3e-5, rel=0.06)
    assert made.min == -6
    assert made.max == 2


@pytest.mark.parametrize("per_decade", [1, 5, 10, 20, 50])
def test_nearest_is_a_point_of_the_grid_and_no_other_is_nearer(per_decade):
    made = live.log_slider("rate", 1, -4, 3, per_decade=per_decade)
    grid = 10.0 ** (np.arange(-4 * per_decade, 3 * per_decade + 1) / per_decade)
    for value in np.geomspace(1e-4, 1e3, 37):
        found = nearest(made, value)
        assert np.abs(np.log(found / grid)).min() < 1e-9
        assert abs(np.log(found / value)) <= np.abs(np.log(grid / value)).min() + 1e-9
        assert nearest(made, found) == found


def test_nearest_leaves_the_ends_and_other_controls_alone():
    made = live.log_slider("rate", 1, -4, 3, per_decade=20)
    assert nearest(made, 1e-4) == 1e-4
    assert nearest(made, 1e3) == 1e3
    assert nearest(live.slider("s", 0, 0, 1, 0.1), 0.123) == 0.123
    assert nearest(live.choice("c", "a", "ab"), "b") == "b"


def test_options_may_come_as_lists_iterators_and_numpys_numbers():
    assert live.menu("m", 2, zip("ab", (1, 2), strict=True)).value == 2
    assert live.choice("c", 1, [["one", 1], ["two", 2]]).label == "one"
    steps = live.steps_slider("s", 0.5, np.linspace(0, 1, 11))
    assert steps.value == 0.5
    assert len(steps.options) == 11
    assert live.menu("m", 1.0, [1, 2]).value == 1
    with pytest.raises(ValueError, match="value must be one of 1, 2; got True"):
        live.menu("m", True, [1, 2])
