"""Words in pictures have a contrast of 4.5, lines 3; nothing is told by colour alone.

Of every demo's picture as it opens, and of the inks for eyes that lack one of the three cones. SKY
and YELLOW, which are lighter (2.3), follow only where a panel has more than four names, and no demo
uses them.
"""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from matplotlib.colors import to_rgba

import bnlib as bn
import bnlib.live.explorer
from bnlib.live import Canvas, Heatmap, style
from bnlib.live.runner import Runner

from .colors import DEFICIENCIES, contrast, distance

WORDS, GRAPHICS = 4.5, 3.0  # WCAG 2.2, criteria 1.4.3 and 1.4.11
INKS = ("INK", "GREY", "BLUE", "ORANGE", "GREEN", "PINK")


@pytest.mark.parametrize("name", INKS)
def test_inks_stand_out_from_white(name):
    assert contrast(getattr(style, name), "white") >= GRAPHICS


@pytest.mark.parametrize("name", ["INK", "QUIET", "RUST", "BLUE"])
def test_inks_of_words_are_readable(name):
    assert contrast(getattr(style, name), "white") >= WORDS


@pytest.mark.parametrize("seen", DEFICIENCIES)
def test_coloured_inks_differ_for_every_eye(seen):
    """The first four of the series, which are all that demos use; two that are just told apart
    differ by some 2.3. Grey is not in it: for an eye without green it is close to pink and green,
    and stands for what is behind, with a dash or a marker of its own."""
    for one, other in itertools.combinations(style.SERIES[:4], 2):
        assert distance(one, other, seen) > 15, f"{one} and {other} for {seen}"


def test_words_on_a_map_are_readable():
    shares = np.linspace(0, 1, 101)
    canvas = Canvas(12, 2)
    (axes,) = canvas.axes()
    panel = Heatmap(canvas, axes, ["a"], [""] * len(shares), low=0, high=1)
    panel.update(shares[None])
    cells = panel.cells.to_rgba(shares)
    for words, cell in zip(panel.words, cells, strict=True):
        assert contrast(words.get_color(), cell) >= WORDS


@pytest.fixture(scope="module", params=list(bn.demos.REGISTRY))
def picture(request):
    """A demo's explorer; where it trains, after the first two results."""

    def shortened(compute, *arguments, generates):
        short = (lambda: itertools.islice(compute(), 2)) if generates else compute
        return Runner(short, *arguments, generates=generates)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bnlib.live.explorer, "Runner", shortened)
        explorer = bn.demos.REGISTRY[request.param]()
    yield explorer
    explorer.close()


@pytest.mark.slow
def test_words_and_lines_of_pictures_have_contrast(picture, tried):
    """Words 4.5 on white; lines and markers 3, but for what is faint because it stands back: the
    ghost of an earlier setting, threads and clouds of many."""
    words = lines = 0
    for axes in picture.canvas.figure.axes:
        on_cells = {id(each) for panel in maps(picture, axes) for each in panel.words}
        texts = [*axes.texts, axes.title, axes._left_title, axes.xaxis.label, axes.yaxis.label]
        texts += [*axes.get_xticklabels(), *axes.get_yticklabels()]
        texts += axes.get_legend().get_texts() if axes.get_legend() else []
        for text in texts:
            if id(text) not in on_cells:
                words += 1
                assert contrast(text.get_color(), "white") >= WORDS, text
        for line in axes.lines:
            ink = to_rgba(line.get_color(), line.get_alpha())
            if ink[3] == 1 and ink != to_rgba(style.FAINT) and not is_white(ink):
                lines += 1
                assert contrast(ink, "white") >= GRAPHICS, line
    assert words > 5, "no words were looked at"
    assert lines + len(list(maps(picture))), "no lines were looked at"
    tried("words", words)
    tried("lines", lines)


def maps(explorer, axes=None):
    """The panels of coloured cells, in these axes or in all."""
    return (
        panel for panel in explorer.canvas.panels
        if isinstance(panel, Heatmap) and axes in (None, panel.axes)
    )  # fmt: skip


def is_white(ink):
    return ink[:3] == (1, 1, 1)


@pytest.mark.slow
def test_no_two_curves_of_a_panel_differ_by_colour_alone(picture):
    """Lines that have a name: another colour comes with another dash, marker or width."""
    for panel in picture.canvas.panels:
        named = {}
        for kind in ("lines", "points", "steps"):
            named |= getattr(panel, kind, {})
        for (a, one), (b, other) in itertools.combinations(named.items(), 2):
            assert look(one) != look(other), f"{a} and {b} in {panel.axes.get_title(loc='left')}"


def look(drawn):
    """All of a line, or of the outline of a histogram, but its colour."""
    marker = drawn.get_marker() if hasattr(drawn, "get_marker") else None
    return drawn._unscaled_dash_pattern, marker
