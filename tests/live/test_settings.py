"""What a demo is told beside the result, and what follows the controls by itself."""

import numpy as np
import pytest
from toy import Stream, canvas_and_axes, closed_form, ghost, pixels, settle, toy, words

from bnlib import live


def test_show_and_describe_get_the_setting_of_the_run():
    seen = []
    explorer = toy(describe=lambda result, setting: seen.append(setting) or f"{setting.height:.1f}")
    explorer.set(height=2.0, shape="plain")
    setting = seen[-1]
    assert repr(setting) == "Setting(height=2.0, shape='plain')"
    with pytest.raises(AttributeError, match="no control is called 'depth'; there are 'height', "):
        setting.depth  # noqa: B018
    with pytest.raises(AttributeError, match="can only be read"):
        setting.height = 3.0
    explorer.set(height=4.0)
    assert setting.height == 2.0
    assert seen[-1].height == 4.0


def test_a_later_value_does_not_change_the_setting_of_the_run_in_hand():
    seen = []

    def compute(height, shape):
        yield {"y": [0, height]}
        explorer._held = True  # a handle moved, whose callback has not come yet
        explorer.controls["height"].value = 9.0
        explorer._held = False
        yield {"y": [0, height]}

    explorer = toy(Stream().as_generator())
    explorer._compute_with = compute
    explorer._describe = lambda result, setting: seen.append(setting.height) or "words"
    explorer.set(height=3.0)
    assert set(seen) == {3.0}
    assert explorer.values["height"] == 9.0


def test_still_is_called_where_its_controls_change_and_only_there():
    calls = []
    explorer = toy(
        still={"shape": lambda s: calls.append(s.shape), ("height", "shape"): lambda s: None},
        presets={}, compute=lambda height, shape: closed_form(height, "plain"),
    )  # fmt: skip
    for height in (2.0, 3.0):
        explorer.set(height=height)
    assert calls == ["plain"]
    explorer.set(shape="broken")
    assert calls == ["plain", "broken"]
    with pytest.raises(ValueError, match="control must be one of"):
        toy(still={"nothing": lambda s: None})


def test_an_error_in_still_or_applies_is_told_and_the_next_setting_works(from_browser, caplog):
    def fails(setting):
        return 1 / (setting.height - 3.0)

    for part in ("still", "applies"):
        from_browser(False)
        explorer = toy(**{part: {"height": fails}})
        from_browser(True)
        explorer.controls["height"].value = 3.0
        assert "This setting failed: ZeroDivisionError" in words(explorer)
        explorer.controls["height"].value = 4.0
        assert "height 4.0" in words(explorer)
        settle(explorer)


def test_a_control_is_disabled_where_it_does_not_apply():
    explorer = toy(
        compute=lambda height, shape: closed_form(height, "plain"),
        applies={"height": lambda setting: setting.shape == "plain"},
    )
    assert not explorer.controls["height"].disabled
    explorer.set(shape="broken")
    assert explorer.controls["height"].disabled
    explorer.reset()
    assert not explorer.controls["height"].disabled


def test_what_is_kept_lives_until_run_again():
    found = []

    def compute(height, shape, kept):
        found.append(dict(kept))
        kept[height] = True
        yield {"height": height, "y": [0, height]}

    explorer = toy(compute)
    explorer.set(height=2.0)
    explorer.set(height=2.0)  # equal values are not "Run again"
    assert found == [{}, {1.0: True}, {1.0: True, 2.0: True}]
    explorer._run_buttons["again"].click()
    explorer.again()
    assert found[3:] == [{}, {}]
    explorer._run_buttons["step"].click()  # over: from the start
    assert found[5:] == [{}]


def test_frames_are_the_pictures_of_a_run_result_by_result():
    stream = Stream(results=4)
    explorer = toy(stream.as_generator())
    explorer.set(height=9.0)
    numbers, pictures = [], set()
    for png in explorer.frames():
        assert pixels(png).shape == (200, 300, 3)
        assert ghost(explorer) == []
        numbers.append(explorer.result["number"])
        pictures.add(png)
    assert numbers == [0, 1, 2, 3]
    assert len(pictures) == 4
    assert explorer.at_rest
    first = next(frames := explorer.frames(scale=2))
    assert pixels(first).shape == (400, 600, 3)
    frames.close()
    assert explorer.at_rest
    assert stream.left == [9.0]


@pytest.mark.parametrize("panel", [live.Curves, live.Scatter, live.Spans, live.Contours])
def test_more_names_than_inks_are_refused(panel):
    with pytest.raises(ValueError, match=r"7 names, but there are \d inks .* pass colors="):
        panel(*canvas_and_axes(), tuple("abcdefg"))
    panel(*canvas_and_axes(), tuple("abcdefg"), colors=["k"] * 7).canvas.frame()
    with pytest.raises(ValueError, match="colors must hold one for each of 2 names: 3"):
        panel(*canvas_and_axes(), ("a", "b"), colors=["k"] * 3)


def test_a_histogram_refuses_them_too():
    with pytest.raises(ValueError, match="7 names"):
        live.Histogram(*canvas_and_axes(), np.arange(5), tuple("abcdefg"))
    with pytest.raises(ValueError, match="markers must hold one for each"):
        live.Scatter(*canvas_and_axes(), ("a", "b"), markers="o")
    with pytest.raises(ValueError, match="name must be one of 'a'"):
        live.Curves(*canvas_and_axes(), "a").update("b", [0], [0])


def test_a_curve_beyond_given_limits_is_told_where_it_leaves():
    panel = live.Curves(*canvas_and_axes(), "a", xlim=(0, 1), ylim=(0, 10))
    panel.update("a", [0, 0.5, 3], [-5, 2e5, 1e9])
    panel.canvas.frame(2)
    assert panel.note.get_text() == "↑ to 2e5, ↓ to -5, → to 3"
    panel.canvas.frame(1)  # while a slider moves, the picture may be plain
    assert not panel.note.get_visible()
    panel.update("a", [-3, 1], [0, 10])
    panel.canvas.frame(2)
    assert panel.note.get_text() == "← to -3"
    panel.update("a", [0, 1], [0, 10])
    panel.canvas.frame(2)
    assert panel.note.get_text() == ""
    panel.update("a", [], [])
    panel.canvas.frame(2)


def test_axes_without_limits_grow_once_in_a_while_and_not_back(monkeypatch):
    drawn, draw = [], live.Canvas._draw_background
    monkeypatch.setattr(
        live.Canvas, "_draw_background", lambda *each: (drawn.append(1), draw(*each))
    )
    panel = live.Curves(*canvas_and_axes(), "a")
    for k in range(1, 101):
        panel.update("a", [0, k], [0, k / 100])
        panel.canvas.frame()
    assert panel.axes.get_xlim() == (0, 100)
    assert panel.axes.get_ylim() == (0, 1)
    assert len(drawn) < 40
    panel.update("a", [0, 1], [0, 0.01])
    panel.canvas.frame()
    assert panel.axes.get_xlim() == (0, 100)
    panel.forget()
    panel.canvas.frame()
    assert panel.axes.get_xlim() == (0, 1)


@pytest.mark.parametrize(
    ("x", "y", "scale", "xlim", "ylim"),
    [
        ([0, 7], [-3, 0.2], "linear", (0, 8), (-3, 1)),
        ([5, 5], [0, 0], "linear", (2, 8), (-0.6, 0.6)),
        ([1, 1000], [0.02, np.nan], "log", (1, 1000), (0.01, 0.1)),
        ([0, 10], [10, np.inf], "log", (10, 100), (10, 100)),
    ],
)
def test_axes_without_limits_end_at_round_numbers(x, y, scale, xlim, ylim):
    panel = live.Scatter(*canvas_and_axes(), xscale=scale, yscale=scale)
    panel.update(x, y)
    panel.canvas.frame()
    assert panel.axes.get_xlim() == pytest.approx(xlim)
    assert panel.axes.get_ylim() == pytest.approx(ylim)
