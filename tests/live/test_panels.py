"""The numbers that panels put into their artists."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from toy import canvas_and_axes, pixels

from bnlib import live

BINS = np.linspace(-2.0, 2.0, 9)
ONE_HISTOGRAM = live.Histogram(*canvas_and_axes(), BINS)


def heights(panel, name=""):
    return panel.steps[name].get_data().values


@settings(max_examples=40, deadline=None)
@given(
    values=st.lists(
        st.floats(-1e9, 1e9) | st.sampled_from([np.nan, np.inf, -np.inf, -2.0, 2.0]), max_size=30
    )
)
def test_shares_of_a_histogram_sum_to_one_and_values_outside_count_at_the_ends(values):
    panel = ONE_HISTOGRAM
    panel.update(values)
    known = [v for v in values if np.isfinite(v)]
    shares = heights(panel)
    assert shares.sum() == pytest.approx(1.0 if known else 0.0)
    if known:
        assert shares[0] == pytest.approx(np.mean([v < -1.5 for v in known]))
        assert shares[-1] == pytest.approx(np.mean([v >= 1.5 for v in known]))


def test_a_histogram_takes_any_shape_and_keeps_its_series_apart():
    panel = live.Histogram(*canvas_and_axes(), BINS, ("a", "b"), legend="upper right")
    panel.update(np.full((3, 4, 5), 0.1), "a")
    panel.update([-1.9, 1.9], "b")
    assert heights(panel, "a")[4] == 1
    np.testing.assert_array_equal(heights(panel, "b")[[0, -1]], [0.5, 0.5])


def test_the_ghost_of_a_histogram_is_what_it_showed_when_told_to_remember():
    panel = live.Histogram(*canvas_and_axes(), BINS)
    panel.update([0.1])
    before = heights(panel).copy()
    panel.remember()
    panel.update([1.9])
    ((_, ghost),) = panel._step_ghosts
    np.testing.assert_array_equal(ghost.get_data().values, before)
    panel.forget()
    assert not ghost.get_data().values.any()


def test_rescaled_bins_count_over_the_new_range():
    panel = live.Histogram(*canvas_and_axes(), BINS)
    panel.update([0.1])
    panel.rescale(0.0, 8.0)
    panel.update([0.5, 7.5, 7.6, 100.0])
    np.testing.assert_allclose(heights(panel)[[0, -1]], [0.25, 0.75])
    assert panel.axes.get_xlim() == (0, 8)


def test_curves_hold_their_data_and_leave_out_what_is_not_finite():
    panel = live.Curves(*canvas_and_axes(), ("loss", "other"))
    panel.update("loss", [0, 1, 2], [1.0, np.inf, 3.0])
    np.testing.assert_array_equal(panel.lines["loss"].get_xdata(), [0, 1, 2])
    np.testing.assert_array_equal(panel.lines["loss"].get_ydata(), [1.0, np.nan, 3.0])
    assert len(panel.lines["other"].get_xdata()) == 0


def test_a_band_goes_along_the_low_edge_and_back_along_the_high_one():
    panel = live.Curves(*canvas_and_axes(), ("loss",))
    panel.update("loss", [0, 1, 2], [1, 2, 3], low=[0, np.nan, 2], high=[2, 3, 4])
    (path,) = panel.bands["loss"].get_paths()
    np.testing.assert_array_equal(path.vertices[:4], [[0, 0], [2, 2], [2, 4], [0, 2]])
    panel.update("loss", [0, 1], [1, 2])
    assert panel.bands["loss"].get_paths() == []
    panel.update("loss", [], [], low=[], high=[])
    panel.canvas.frame()


def test_ghosts_of_curves_remember_and_forget():
    panel = live.Curves(*canvas_and_axes(), ("a", "b"))
    panel.update("a", [0, 1], [1, 2])
    panel.remember()
    panel.update("a", [0, 1], [5, 6])
    ghosts = [ghost for _, ghost in panel._ghosts]
    np.testing.assert_array_equal(ghosts[0].get_ydata(), [1, 2])
    assert len(ghosts[1].get_ydata()) == 0
    panel.forget()
    assert len(ghosts[0].get_ydata()) == 0


def test_scatter_puts_each_kind_where_it_belongs():
    panel = live.Scatter(*canvas_and_axes(), ("benign", "malignant"), legend="upper right")
    panel.update([1, 2], [3, 4], "malignant")
    np.testing.assert_array_equal(panel.points["malignant"].get_xydata(), [[1, 3], [2, 4]])
    assert len(panel.points["benign"].get_xdata()) == 0
    assert panel.points["benign"].get_marker() != panel.points["malignant"].get_marker()


def test_contour_lines_lie_where_the_function_has_the_level():
    panel = live.Contours(*canvas_and_axes(), xlim=(-2, 2), ylim=(-2, 2))
    x, y = np.meshgrid(np.linspace(-2, 2, 81), np.linspace(-2, 2, 81))
    panel.surface(x, y, x**2 + y**2, [0.5, 1.0])
    radii = [np.hypot(*segment.T) for segment in panel.contour_lines.get_segments()]
    assert len(radii) == 2
    for radius, level in zip(radii, [0.5, 1.0], strict=True):
        np.testing.assert_allclose(radius, np.sqrt(level), atol=1e-3)


def test_a_path_shows_start_steps_and_optimum_and_stops_where_it_diverges():
    panel = live.Contours(*canvas_and_axes())
    panel.update([[1, 2], [3, 4], [1e30, -np.inf], [np.nan, 0]], [5, 6])
    np.testing.assert_array_equal(
        panel.paths[""].get_xydata(), [[1, 2], [3, 4], [np.nan, np.nan], [np.nan, 0]]
    )
    np.testing.assert_array_equal(panel.starts[""].get_xydata(), [[1, 2]])
    np.testing.assert_array_equal(panel.optimum.get_xydata(), [[5, 6]])
    panel.canvas.frame()


def test_several_paths_go_over_one_surface():
    panel = live.Contours(*canvas_and_axes(), ("one", "two"))
    panel.update([[1, 2], [3, 4]], [5, 6], "one")
    panel.update([[1, 2], [0, 0]], [5, 6], "two")
    np.testing.assert_array_equal(panel.paths["one"].get_xydata(), [[1, 2], [3, 4]])
    np.testing.assert_array_equal(panel.paths["two"].get_xydata(), [[1, 2], [0, 0]])
    looks = {(path.get_color(), path.get_marker()) for path in panel.paths.values()}
    assert len(looks) == 2


def test_spans_end_at_the_theory_and_are_marked_at_the_measurement():
    panel = live.Spans(*canvas_and_axes(), ("raw", "round"), xlim=(1e-6, 1e3), xscale="log")
    panel.update("raw", 0.1, 0.2)
    panel.update("round", 10.0, 11.0)
    assert panel.row["raw"] > panel.row["round"]  # top to bottom
    np.testing.assert_allclose(panel.bars["raw"].get_xdata(), [1e-6, 0.1])
    assert panel.marks["round"].get_xdata() == [11.0]
    panel.at(3.0)
    assert panel.value.get_xdata() == [3.0, 3.0]
    panel.at([3.0, 4.0])
    np.testing.assert_array_equal(panel.value.get_xdata(), [3, 3, 3, 4, 4, 4])
    np.testing.assert_allclose(
        panel.value.get_ydata(), [1.35, 0.65, np.nan, 0.35, -0.35, np.nan], rtol=1e-12
    )


def test_a_map_shows_the_numbers_and_leaves_unknown_cells_empty():
    panel = live.Heatmap(*canvas_and_axes(), ("low", "high"), ("a", "b", "c"), low=0, high=100)
    panel.update([[1, 2.4, np.nan], [99, 50, np.inf]])
    assert [each.get_text() for each in panel.words] == ["1", "2", "", "99", "50", ""]
    np.testing.assert_array_equal(
        np.ma.getmaskarray(panel.cells.get_array()).reshape(2, 3), [[0, 0, 1], [0, 0, 1]]
    )
    panel.canvas.frame()


def test_what_stands_still_is_drawn_anew_only_when_it_changes():
    canvas, axes = canvas_and_axes()
    panel = live.Curves(canvas, axes, ("a",), title="before", xlim=(0, 1), ylim=(0, 1))
    before = canvas.frame()
    kept = dict(canvas._backgrounds)
    panel.title("before")
    panel.limits((0, 1), (0, 1))
    assert dict(canvas._backgrounds) == kept
    panel.title("after")
    titled = canvas.frame()
    panel.limits((0, 2))
    assert len({before, titled, canvas.frame()}) == 3
    assert axes.get_ylim() == (0, 1)


def test_words_on_a_panel_move_with_the_frames():
    canvas, axes = canvas_and_axes()
    told = live.Panel(canvas, axes).text(0.5, 0.5)
    before = pixels(canvas.frame())
    told.set_text("diverged")
    assert (pixels(canvas.frame()) != before).any()


def test_a_curve_that_grows_leaves_the_rest_of_the_earlier_one_until_it_has_passed_it():
    panel = live.Curves(*canvas_and_axes(), "a", xlim=(0, 4), ylim=(0, 4), grows=True)
    rest = panel._rests["a"]
    panel.update("a", [0, 1, 2, 3], [4, 3, 2, 1])
    panel.keep()
    panel.update("a", [0, 1], [0, 0])
    np.testing.assert_array_equal(rest.get_data(), [[2, 3], [2, 1]])
    panel.keep()  # the next value of a drag: still the last curve that was complete
    panel.update("a", [], [])
    np.testing.assert_array_equal(rest.get_data(), [[0, 1, 2, 3], [4, 3, 2, 1]])
    panel.canvas.frame(1)
    assert len(rest.get_xdata()) == 4
    panel.update("a", [0, 1, 2, 3], [1, 1, 1, 1])
    assert len(rest.get_xdata()) == 0
    panel.keep()
    panel.update("a", [0, 1], [0, 0])
    panel.canvas.frame(2)  # the sharp picture shows nothing but the setting's own
    assert len(rest.get_xdata()) == 0
    panel.update("a", [0, 1], [2, 2])
    panel.keep()
    panel.forget()
    assert len(rest.get_xdata()) == 0


def test_bins_of_unequal_width_and_equal_ones_count_alike():
    values = np.random.default_rng(0).normal(size=1000)
    for bins in (BINS, [-2, -1, 0, 0.5, 2], [-2.0, 2.0]):
        panel = live.Histogram(*canvas_and_axes(), bins)
        panel.update(values)
        expected = np.histogram(np.clip(values, -2, 2), bins)[0] / 1000
        np.testing.assert_allclose(heights(panel), expected, rtol=1e-12)
