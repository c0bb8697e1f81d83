"""Any widget of ipywidgets with a value works as a control."""

import datetime

import ipywidgets as widgets
import numpy as np
import pytest
from toy import canvas_and_axes

from bnlib import live
from bnlib.live.controls import checked, echoed

DAY = datetime.date(2020, 1, 1)
WIDGETS = {  # name -> (makes it, values it takes, values it does not)
    "text": (lambda: widgets.Text("a"), ["b", ""], [3, None, ["b"]]),
    "area": (lambda: widgets.Textarea("a"), ["b\nc"], [3, None]),
    "box": (
        lambda: widgets.Combobox(value="a", options=["a", "b"], ensure_option=True),
        ["b"], ["c", 3],
    ),
    "float": (lambda: widgets.FloatText(1.0), [2, -3.5, 1e9], ["2", None, True, np.nan]),
    "int": (lambda: widgets.IntText(1), [-4, 0], [1.5, "1", None, True]),
    "few": (lambda: widgets.BoundedFloatText(value=1, min=0, max=2), [2, 0.5], [3, -1, "a", None]),
    "count": (lambda: widgets.BoundedIntText(value=1, min=0, max=2), [2, 0], [3, -1, 1.5]),
    "several": (
        lambda: widgets.SelectMultiple(options=["a", "b", "c"], value=["a"]),
        [("a", "b"), ["c"], ()], ["ab", ("d",), None, 3],
    ),
    "range": (
        lambda: widgets.FloatRangeSlider(value=(1, 2), min=0, max=5),
        [(0, 5), [1, 3]], [(1, 9), (3, 1), 3, ("a", "b"), (1, np.nan), None, (1, 2, 3)],
    ),
    "whole": (
        lambda: widgets.IntRangeSlider(value=(1, 2), min=0, max=5),
        [(0, 5)], [(1, 9), (3, 1), (1.5, 2), 2],
    ),
    "from_to": (
        lambda: widgets.SelectionRangeSlider(options=[1, 2, 3], index=(0, 1)),
        [(1, 3)], [(1, 7), (3,), 2],
    ),
    "color": (lambda: widgets.ColorPicker(value="red"), ["#123456", "blue"], ["#12", 4, None]),
    "toggle": (lambda: widgets.ToggleButton(), [True], [1, "x", None]),
    "radio": (lambda: widgets.RadioButtons(options=["a", "b"]), ["b"], ["c", None]),
    "select": (lambda: widgets.Select(options=[1, 2]), [2], [3, "1"]),
    "play": (lambda: widgets.Play(min=0, max=5), [3], [9, 1.5]),
    "pairs": (lambda: widgets.Dropdown(options={"x": None, "y": 0.5}), [0.5, None], ["x", 4]),
}  # fmt: skip
if hasattr(widgets, "TagsInput"):  # not in ipywidgets 7, and its DatePicker takes anything
    WIDGETS["day"] = (
        lambda: widgets.DatePicker(value=DAY, min=datetime.date(2019, 1, 1)),
        [None, datetime.date(2021, 5, 5)], [datetime.date(2018, 1, 1), "2020", 3],
    )  # fmt: skip
    WIDGETS["hour"] = (lambda: widgets.TimePicker(), [datetime.time(3), None], ["a", 3])
    WIDGETS["tags"] = (
        lambda: widgets.TagsInput(value=["a"], allowed_tags=["a", "b"]), [["b"], []], [["c"], 3],
    )  # fmt: skip


@pytest.fixture(scope="module")
def explorer():
    canvas, axes = canvas_and_axes()
    words = live.Panel(canvas, axes).text(0.5, 0.5)
    made = live.Explorer(
        "widgets", title="A word", canvas=canvas,
        controls={name: make() for name, (make, *_) in WIDGETS.items()},
        compute=lambda **values: values,
        show=lambda result, setting: words.set_text(f"{setting.text} {setting.range[0]:.1f}"),
        describe=lambda result, setting: f"{setting}",
        presets={name: {name: good[0]} for name, (_, good, _) in WIDGETS.items()},
    )  # fmt: skip
    yield made
    made.close()


def same(value, wanted):
    return value == (tuple(wanted) if isinstance(value, tuple) else wanted)


@pytest.mark.parametrize("name", WIDGETS)
def test_set_preset_and_reset_work_with_any_widget(explorer, name):
    explorer.reset()
    start = explorer.values
    for value in WIDGETS[name][1]:
        explorer.set(**{name: value})
        assert same(explorer.values[name], value)
        assert same(explorer.result[name], value)
    explorer.preset(name)
    assert same(explorer.result[name], WIDGETS[name][1][0])
    explorer.reset()
    assert explorer.values == start == explorer.result


@pytest.mark.parametrize("name", WIDGETS)
def test_what_a_widget_does_not_take_is_refused_and_nothing_changes(explorer, name):
    explorer.reset()
    start = explorer.values
    for value in WIDGETS[name][2]:
        with pytest.raises((ValueError, TypeError), match=f"^{name} must be"):
            explorer.set(**{"text": "changed", name: value})
        assert explorer.values == start


def test_renewed_every_widget_is_another_model_with_the_same_value_and_goes_on(explorer):
    explorer.reset()
    start, old = explorer.values, {each.model_id for each in explorer.controls.values()}
    explorer.renew_controls()
    assert explorer.values == start
    assert not old & {each.model_id for each in explorer.controls.values()}
    for name, (_, (value, *_), _) in WIDGETS.items():
        explorer.controls[name].value = value
        assert same(explorer.result[name], value)


def test_what_has_no_value_is_no_control():
    def made(**controls):
        words = {"show": lambda *_: None, "describe": lambda *_: "", "title": "bad"}
        live.Explorer("bad", canvas=live.Canvas(1, 1), controls=controls, compute=dict, **words)

    with pytest.raises(ValueError, match="'go' cannot be a control: Button"):
        made(go=widgets.Button())
    with pytest.raises(ValueError, match="'kept' cannot be a control"):
        made(kept=widgets.IntText())


def test_only_numbers_are_echoed():
    assert echoed(10**-4.3, 10**-4.3 * (1 + 1e-12))
    assert not echoed(None, 0.5)
    assert not echoed("0.5", 0.5)
    assert not echoed(0.5, 0.6)
    assert checked("it", widgets.IntText(0), -(10**9)) == -(10**9)
