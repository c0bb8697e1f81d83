import io

import matplotlib
import numpy as np
import pytest
from PIL import Image
from toy import canvas_and_axes, pixels

from bnlib import live


@pytest.mark.parametrize("scale", [1, 2])
def test_a_frame_is_a_png_of_the_size_in_inches_times_the_scale(scale):
    canvas = live.Canvas(3.2, 1.7, dpi=50)
    canvas.axes(1, 2)
    png = canvas.frame(scale)
    assert pixels(png).shape == (85 * scale, 160 * scale, 3)
    with Image.open(io.BytesIO(png)) as image:
        assert image.format == "PNG"
        image.verify()


def test_axes_are_always_an_array():
    assert live.Canvas(3, 2).axes().shape == (1,)
    assert live.Canvas(3, 2).axes(1, 3).shape == (3,)
    assert live.Canvas(3, 2).axes(2, 3).shape == (2, 3)


@pytest.mark.parametrize("scale", [1, 2])
def test_a_moving_artist_changes_pixels_only_where_it_was_and_is(scale):
    canvas, axes = canvas_and_axes()
    axes.set(xlim=(0, 1), ylim=(0, 1))
    (line,) = axes.plot([], [], color="#0072B2")
    canvas.moving(line)
    nothing = pixels(canvas.frame(scale))
    line.set_data([0.2, 0.8], [0.5, 0.5])
    shown = pixels(canvas.frame(scale))
    rows = np.nonzero((shown != nothing).any(axis=(1, 2)))[0]
    assert 0 < len(rows) <= 5 * scale
    line.set_data([], [])
    np.testing.assert_array_equal(pixels(canvas.frame(scale)), nothing)


def test_equal_frames_have_equal_bytes():
    canvas, axes = canvas_and_axes()
    axes.set_title("still")
    first = canvas.frame(1), canvas.frame(2)
    assert (canvas.frame(1), canvas.frame(2)) == first


def test_both_scales_show_the_same_picture():
    canvas, axes = canvas_and_axes()
    axes.set(title="the same", xlabel="x")
    (line,) = axes.plot([0, 1], [0, 1])
    canvas.moving(line)
    plain, sharp = pixels(canvas.frame(1)).astype(float), pixels(canvas.frame(2)).astype(float)
    halved = (sharp[::2, ::2] + sharp[1::2, ::2] + sharp[::2, 1::2] + sharp[1::2, 1::2]) / 4
    assert np.abs(halved - plain).mean() < 6
    assert canvas.figure.dpi == canvas.dpi  # as it was before


@pytest.mark.parametrize("scale", [1, 2])
def test_the_background_is_drawn_once_and_anew_where_something_still_changes(scale, monkeypatch):
    canvas, axes = canvas_and_axes()
    drawn = []
    draw = canvas.figure.draw
    monkeypatch.setattr(canvas.figure, "draw", lambda renderer: (drawn.append(1), draw(renderer)))
    first = canvas.frame(scale)
    drawn.clear()
    assert canvas.frame(scale) == first
    assert drawn == []
    axes.set_title("changed")
    changed = canvas.frame(scale)
    assert changed != first
    assert canvas.frame(scale) == changed
    assert drawn == [1]
    canvas.redraw()
    assert canvas.frame(scale) == changed
    assert drawn == [1, 1]


@pytest.mark.parametrize("scale", [1, 2])
def test_a_plain_line_moves_like_any_other(scale):
    canvas, axes = canvas_and_axes()
    axes.set(xlim=(0, 1), ylim=(0, 1))
    (line,) = axes.plot([], [], color="#0072B2")
    canvas.moving(axes.plot([0, 1], [0.9, 0.9])[0])
    nothing = pixels(canvas.frame(scale))
    line.set_data([0.2, 0.8], [0.5, 0.5])
    shown = canvas.frame(scale)
    rows = np.nonzero((pixels(shown) != nothing).any(axis=(1, 2)))[0]
    assert 0 < len(rows) <= 5 * scale
    assert canvas.frame(3 - scale) != shown  # the other scale has the line too
    line.set_data([], [])
    np.testing.assert_array_equal(pixels(canvas.frame(scale)), nothing)
    canvas.frame(3 - scale)
    (other,) = axes.plot([0, 1], [0.1, 0.1])  # one that comes and goes
    assert (pixels(canvas.frame(scale)) != nothing).any()
    other.remove()
    np.testing.assert_array_equal(pixels(canvas.frame(scale)), nothing)


def test_axes_stay_where_they_are_when_labels_grow():
    canvas, axes = canvas_and_axes()
    canvas.frame()
    place = axes.get_position().bounds
    axes.set(ylabel="a label\nof three\nlines", title="a title", ylim=(0, 1e6))
    canvas.redraw()
    canvas.frame()
    assert axes.get_position().bounds == place


def test_white_stays_white_in_a_picture_of_more_inks_than_the_palette_has():
    canvas, axes = canvas_and_axes()
    axes.set(xlim=(0, 1), ylim=(0, 1))
    y, x = np.mgrid[0:200, 0:200] / 200
    axes.imshow(np.stack([x, y, 1 - x], axis=-1), extent=(0, 0.9, 0, 0.9), aspect="auto")
    for scale in (1, 2):
        shown = pixels(canvas.frame(scale))
        assert len(np.unique(shown.reshape(-1, 3), axis=0)) <= 256
        corners = shown[[0, 0, -1, -1], [0, -1, 0, -1]]
        assert (corners >= 254).all()


def test_artists_are_drawn_from_back_to_front_whatever_their_order():
    canvas, axes = canvas_and_axes()
    axes.set(xlim=(0, 1), ylim=(0, 1))
    for colour, zorder in (("#ff0000", 9), ("#0000ff", 1), ("#00ff00", 5)):
        canvas.moving(axes.axhspan(0.2, 0.8, color=colour, zorder=zorder))
    middle = pixels(canvas.frame())[100, 150]
    assert middle[0] > 200
    assert middle[1] < 60
    assert middle[2] < 60


def test_canvases_of_one_size_do_not_show_through_one_another():
    (one, first), (two, second) = canvas_and_axes(), canvas_and_axes()
    first.set_title("one")
    second.set_title("two")
    alone = one.frame()
    assert two.frame() != alone
    assert one.frame() == alone


def test_the_style_does_not_leak_into_other_figures():
    before = dict(matplotlib.rcParams)
    canvas, axes = canvas_and_axes()
    live.Curves(canvas, axes, ("a",)).text(0, 0, "words")
    canvas.frame(2)
    assert dict(matplotlib.rcParams) == before


def test_a_failed_frame_leaves_the_canvas_usable():
    canvas, axes = canvas_and_axes()
    whole = canvas.frame(2)
    bad = canvas.moving(axes.text(0, 0, "$\\nonsense$"))
    with pytest.raises(ValueError, match="nonsense"):
        canvas.frame(2)
    bad.set_text("")
    assert canvas.frame(2) == whole
