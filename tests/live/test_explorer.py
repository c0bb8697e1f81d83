"""The explorer as cells, callbacks and plain Python use it."""

import asyncio
import base64
import gc
import re
import sys
import threading
import tracemalloc

import ipywidgets as widgets
import numpy as np
import pytest
from toy import Stream, closed_form, ghost, pixels, settle, toy, words

from bnlib import live


def final_picture(**values):
    """What an explorer of its own shows for these values, without a ghost."""
    other = toy()
    other.set(**values)
    other.forget()
    return other.png()


# plain Python


def test_a_new_explorer_shows_its_default():
    explorer = toy()
    assert explorer.values == {"height": 1.0, "shape": "plain"}
    assert explorer.result == {"height": 1.0, "shape": "plain", "y": [0.0, 1.0]}
    assert explorer.presets == ["high", "low"]
    assert list(explorer.controls) == ["height", "shape"]
    assert repr(explorer) == "<toy: height, shape>"
    assert pixels(explorer.png()).shape == (400, 600, 3)


def test_set_computes_once_however_many_controls_change():
    calls = []

    def compute(height, shape):
        calls.append((height, shape))
        return closed_form(height, "plain")

    explorer = toy(compute)
    calls.clear()
    explorer.set(height=3.0, shape="broken")
    assert calls == [(3.0, "broken")]
    assert explorer.values == {"height": 3.0, "shape": "broken"}
    explorer.controls["height"].value = 4.0
    assert calls == [(3.0, "broken"), (4.0, "broken")]
    explorer.set()
    assert len(calls) == 3


@pytest.mark.parametrize(
    ("values", "error", "said"),
    [
        ({"height": 2.0, "shape": "round"}, ValueError, "shape must be one of 'plain', 'broken'"),
        ({"height": 2.0, "width": 1}, ValueError, "control must be one of 'height', 'shape'; got"),
        ({"shape": "broken", "height": 9.5}, ValueError, r"height must be .*\[0, 9\], got 9.5"),
        ({"shape": "broken", "height": "2"}, TypeError, "height must be a number, got str"),
        ({"shape": "broken", "height": np.nan}, ValueError, "height must be a finite number"),
    ],
)
def test_set_changes_nothing_where_one_value_is_bad(values, error, said):
    explorer = toy()
    explorer.set(height=5.0)
    before = explorer.values, explorer.result, explorer.png()
    with pytest.raises(error, match=said):
        explorer.set(**values)
    assert (explorer.values, explorer.result, explorer.png()) == before


def test_unknown_presets_are_refused_with_the_known_ones():
    with pytest.raises(ValueError, match="preset must be one of 'high', 'low'; got 'middle'"):
        toy().preset("middle")


def test_a_preset_is_the_default_with_its_values():
    explorer = toy()
    explorer.set(height=3.0)
    explorer.preset("high")
    assert explorer.values == {"height": 8.0, "shape": "plain"}
    assert explorer.result["y"] == [0.0, 8.0]


def test_reset_restores_values_and_picture_without_a_ghost():
    explorer = toy()
    start = explorer.png()
    explorer.set(height=7.0)
    assert explorer.png() != start
    explorer.reset()
    assert explorer.values == {"height": 1.0, "shape": "plain"}
    assert ghost(explorer) == []
    assert explorer.png() == start


def test_the_ghost_is_the_setting_before():
    explorer = toy()
    assert ghost(explorer) == []
    explorer.set(height=7.0)
    assert ghost(explorer) == [0.0, 1.0]
    explorer.set(height=3.0)
    assert ghost(explorer) == [0.0, 7.0]


def test_in_plain_python_a_run_that_fails_raises():
    explorer = toy()
    with pytest.raises(ZeroDivisionError):
        explorer.set(shape="broken")
    explorer.set(shape="plain", height=2.0)
    assert explorer.result["y"] == [0.0, 2.0]
    with pytest.raises(ZeroDivisionError):
        toy(presets={}, controls={"height": live.slider("h", 1.0, 0, 2, 1),
                      "shape": live.menu("s", "broken", ["broken"])})  # fmt: skip


def test_in_plain_python_a_run_goes_to_its_end_before_set_returns():
    stream = Stream(results=6)
    explorer = toy(stream.as_generator())
    assert explorer.result["number"] == 5
    explorer.set(height=2.0)
    assert explorer.result == {"height": 2.0, "number": 5, "y": [0.0, 10.0]}
    assert not explorer.busy


def test_in_plain_python_nothing_is_left_running():
    before = threading.active_count()
    explorer = toy(Stream().as_generator())
    explorer.set(height=2.0)
    asyncio.run(explorer.settled())
    assert threading.active_count() == before


# what is shown


def test_the_state_in_words_is_announced_escaped_and_part_of_the_alternative_text():
    explorer = toy()
    assert words(explorer).startswith('<div role="status"')
    assert "height 1.0<br>ends at 1.0 &amp; &lt;</div>" in words(explorer)
    assert explorer.alternative_text == "A line. height 1.0 ends at 1.0 & <"
    explorer.set(height=2.0)
    assert "height 2.0" in words(explorer)
    assert "height 2.0" in explorer.alternative_text


def test_the_mimebundle_has_widget_picture_words_and_no_html():
    explorer = toy()
    data, metadata = explorer._repr_mimebundle_()
    view = "application/vnd.jupyter.widget-view+json"
    assert set(data) == {"text/plain", "image/png", view}
    assert data[view]["model_id"] == explorer._box.model_id
    assert base64.b64decode(data["image/png"]) == explorer.png()
    assert metadata == {
        "image/png": {"width": 300, "height": 200, "alt": explorer.alternative_text}
    }
    assert data["text/plain"] == "<toy: height, shape>"
    explorer.set(height=4.0)
    assert explorer._repr_mimebundle_()[0]["text/plain"] == data["text/plain"]


def test_a_closed_explorer_shows_its_picture_alone_and_still_computes():
    explorer = toy()
    explorer.close()
    assert set(explorer._repr_mimebundle_()[0]) == {"text/plain", "image/png"}
    explorer.set(height=4.0)
    assert explorer.result["y"] == [0.0, 4.0]
    assert explorer._repr_mimebundle_()[0].keys() == {"text/plain", "image/png"}


def test_every_button_says_what_it_does():
    def buttons(explorer):
        found = [explorer._box]
        for each in found:
            found.extend(getattr(each, "children", ()))
        return {each.description: each for each in found if isinstance(each, widgets.Button)}

    assert set(buttons(toy())) == {"high", "low", "Reset"}
    running = buttons(toy(Stream().as_generator()))
    assert set(running) == {"high", "low", "Reset", "Run again", "Pause", "Step"}
    assert all(each.tooltip for each in running.values())
    explorer = toy()
    buttons(explorer)["high"].click()
    assert explorer.values["height"] == 8.0
    buttons(explorer)["Reset"].click()
    assert explorer.values["height"] == 1.0


# called by a slider in the browser: a closed form


def test_a_move_shows_a_plain_frame_at_once_and_a_sharp_one_at_rest(from_browser):
    explorer = toy()
    explorer.controls["height"].value = 5.0
    assert explorer.result["y"] == [0.0, 5.0]
    assert pixels(explorer._image.value).shape == (200, 300, 3)
    settle(explorer)
    assert pixels(explorer._image.value).shape == (400, 600, 3)


def test_a_cell_in_a_kernel_also_ends_sharp(in_kernel):
    explorer = toy()
    explorer.set(height=5.0)
    settle(explorer)
    assert pixels(explorer._image.value).shape == (400, 600, 3)


def test_settled_waits_for_the_sharp_picture(from_browser):
    explorer = toy()

    async def move():
        explorer.controls["height"].value = 5.0
        await explorer.settled()
        assert not explorer.busy
        return pixels(explorer._image.value).shape

    assert asyncio.run(move()) == (400, 600, 3)


def test_in_a_drag_the_ghost_stays_the_picture_before_the_drag(from_browser, rest_after):
    explorer = toy()
    settle(explorer)
    rest_after(600)
    for height in (2.0, 3.0, 4.0):
        explorer.controls["height"].value = height
    assert ghost(explorer) == [0.0, 1.0]
    rest_after(0.02)
    explorer.controls["height"].value = 5.0
    settle(explorer)
    explorer.controls["height"].value = 6.0
    assert ghost(explorer) == [0.0, 5.0]


def test_reset_in_the_browser_leaves_no_ghost_and_the_default_picture(from_browser):
    explorer = toy()
    settle(explorer)
    start = explorer.png()
    for height in (2.0, 3.0):
        explorer.controls["height"].value = height
    explorer.reset()
    settle(explorer)
    assert explorer.png() == start
    explorer.controls["height"].value = 2.0
    assert ghost(explorer) == [0.0, 1.0]


def test_a_run_that_fails_in_the_browser_is_told_and_stays_told(from_browser, caplog):
    explorer = toy()
    explorer.controls["height"].value = 3.0  # in the midst of a drag
    explorer.controls["shape"].value = "broken"
    told = words(explorer)
    assert 'role="alert"' in told
    assert "This setting failed: ZeroDivisionError: it &lt;broke&gt;" in told
    assert caplog.records[0].exc_info
    settle(explorer)
    asyncio.run(explorer.settled())
    assert words(explorer) == told
    explorer.controls["shape"].value = "plain"
    assert 'role="status"' in words(explorer)
    assert explorer.result["y"] == [0.0, 3.0]
    settle(explorer)


def test_what_fails_while_it_shows_or_describes_is_told_too(from_browser, caplog):
    def broken(result, setting):
        return f"{result['nothing']}"

    for part in ("show", "describe"):
        from_browser(False)
        explorer = toy()
        from_browser(True)
        setattr(explorer, f"_{part}", broken)
        explorer.controls["height"].value = 3.0
        assert "KeyError: &#x27;nothing&#x27;" in words(explorer)
        settle(explorer)
        assert 'role="alert"' in words(explorer)


# a burst of values


@pytest.mark.parametrize("generates", [False, True])
def test_the_latest_values_win_in_a_burst_from_two_threads(from_browser, generates):
    stream = Stream(results=3)

    def height_alone(height, shape):
        yield from (r | {"y": [0.0, height]} for r in stream(height, "plain"))

    explorer = toy(
        height_alone if generates else lambda height, shape: closed_form(height, "plain")
    )
    rng = np.random.default_rng(0)
    heights = [round(float(h), 1) for h in rng.uniform(0, 9, 60)] + [6.5]
    shapes = ["plain", "broken"] * 30 + ["plain"]
    ready = threading.Barrier(2)

    def drag(name, values):
        ready.wait()
        for value in values:
            explorer.controls[name].value = value

    threads = [
        threading.Thread(target=drag, args=arguments)
        for arguments in (("height", heights), ("shape", shapes))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    settle(explorer)
    assert explorer.values == {"height": 6.5, "shape": "plain"}
    assert explorer.result["y"] == [0.0, 6.5]
    assert "height 6.5" in words(explorer)
    explorer.forget()
    assert explorer.png() == final_picture(height=6.5)


def test_a_callback_that_waited_while_a_later_one_came_does_not_compute(from_browser):
    """Two sliders call on two threads; the first to come finds the lock taken and is overtaken."""
    calls = []

    def compute(height, shape):
        calls.append(height)
        return closed_form(height, shape)

    explorer = toy(compute)
    settle(explorer)
    calls.clear()
    threads = []
    with explorer._runner.lock:
        for height in (2.0, 3.0, 4.0):
            version = explorer._runner._version
            thread = threading.Thread(
                target=setattr, args=(explorer.controls["height"], "value", height)
            )
            thread.start()
            threads.append(thread)
            while explorer._runner._version == version:
                pass  # until it has taken its number
    for thread in threads:
        thread.join(20)
    assert calls == [4.0]
    assert explorer.result["y"] == [0.0, 4.0]
    settle(explorer)


# widgets and memory


def registered():
    """All open widgets, as this version of ipywidgets keeps them."""
    instances = getattr(sys.modules["ipywidgets.widgets.widget"], "_instances", None)
    return widgets.Widget.widgets if instances is None else instances


def test_close_closes_every_widget_with_its_layout_and_style():
    before = set(registered())
    explorer = toy(Stream().as_generator())
    made = [widget for key, widget in list(registered().items()) if key not in before]
    assert len(made) > 20
    explorer.close()
    assert not [widget for widget in made if widget.comm is not None]


def bare(name="bare"):
    """An explorer that shows an empty picture."""
    return live.Explorer(
        name, title="Nothing", canvas=live.Canvas(1, 1),
        controls={"height": live.slider("height", 1.0, 0.0, 9.0, 0.1)},
        compute=lambda height: {}, show=lambda *_: None, describe=lambda *_: "empty",
    )  # fmt: skip


def test_remaking_an_explorer_does_not_pile_up_widgets():
    bare()
    before = len(registered())
    for _ in range(50):
        bare()
    assert len(registered()) == before


def test_two_explorers_of_different_names_live_side_by_side():
    one, two = bare("one"), bare("two")
    assert one._box.comm is not None
    assert two._box.comm is not None
    again = bare("one")
    assert one._box.comm is None
    assert two._box.comm is not None
    again.close()
    two.close()


@pytest.mark.slow
@pytest.mark.parametrize("generates", [False, True])
def test_memory_does_not_grow_over_500_moves(generates):
    stream = Stream(results=2)
    explorer = toy(stream.as_generator() if generates else closed_form)
    heights = [round(0.1 * k, 1) for k in range(1, 90)]

    def move(times):
        for k in range(times):
            explorer.controls["height"].value = heights[k % len(heights)]
            stream.started.clear()  # what the test itself notes down
            stream.made.clear()

    move(100)
    tracemalloc.start()
    try:
        move(20)
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        move(500)
        gc.collect()
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert grown < 500 * 500  # bytes: a frame alone has more than 1500


def test_text_plain_holds_no_address_or_number():
    assert not re.search(r"0x|\d", repr(toy()))
