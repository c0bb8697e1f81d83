"""Controls: core ipywidgets with one look, and a check of the values that code gives them."""

from __future__ import annotations

import ipywidgets as widgets

from ..validation import as_count, as_number, one_of

_STYLE = {"description_width": "9.5em"}


def _layout(width="24em"):
    return widgets.Layout(width=width, max_width="100%")


def slider(description, value, low, high, step, *, format=".2f"):
    """A slider for a number in [low, high]."""
    return widgets.FloatSlider(
        value, min=low, max=high, step=step, description=description, readout_format=format,
        style=_STYLE, layout=_layout(),
    )  # fmt: skip


def log_slider(description, value, low, high, *, per_decade=20, format=".3g"):
    """A slider for a positive number, even in its logarithm; low and high are powers of ten."""
    return widgets.FloatLogSlider(
        value, base=10, min=low, max=high, step=1 / per_decade, description=description,
        readout_format=format, style=_STYLE, layout=_layout(),
    )  # fmt: skip


def int_slider(description, value, low, high, step=1):
    """A slider for a whole number in [low, high]."""
    return widgets.IntSlider(
        value, min=low, max=high, step=step, description=description, style=_STYLE, layout=_layout()
    )


def steps_slider(description, value, options):
    """A slider over a few given values (a sequence, or pairs of label and value)."""
    return widgets.SelectionSlider(
        options=options, value=value, description=description, style=_STYLE, layout=_layout()
    )


def choice(description, value, options):
    """Buttons side by side, of which one is pressed: for two to four short options."""
    return widgets.ToggleButtons(
        options=options, value=value, description=description,
        style=_STYLE | {"button_width": "auto"},
        layout=widgets.Layout(width="auto", max_width="100%"),
    )  # fmt: skip


def menu(description, value, options):
    """A drop-down menu: for many options or long ones."""
    return widgets.Dropdown(
        options=options, value=value, description=description, style=_STYLE, layout=_layout()
    )


def switch(description, value):
    """A check box."""
    return widgets.Checkbox(
        value, description=description, indent=False, layout=widgets.Layout(width="auto")
    )


def button(description, act, *, icon="", tooltip=""):
    """A button that calls ``act`` with itself."""
    made = widgets.Button(
        description=description, icon=icon, tooltip=tooltip or description,
        layout=widgets.Layout(width="auto"),
    )  # fmt: skip
    made.on_click(act)
    return made


def row(children):
    """Widgets side by side, on further lines where the page is narrow."""
    wrap = widgets.Layout(flex_flow="row wrap", align_items="center", max_width="100%")
    return widgets.Box(list(children), layout=wrap)


def checked(name, control, value):
    """``value`` as the control called ``name`` takes it; otherwise a ValueError or TypeError.

    ipywidgets itself would silently move a number that is out of range to the nearest end.
    """
    if isinstance(control, widgets.FloatLogSlider):
        low, high = control.base**control.min, control.base**control.max
        number = as_number(value, name, low=low * (1 - 1e-9), high=high * (1 + 1e-9))
        return min(max(number, low), high)
    if isinstance(control, widgets.IntSlider):
        return as_count(value, name, low=control.min, high=control.max)
    if isinstance(control, widgets.FloatSlider):
        return as_number(value, name, low=control.min, high=control.max)
    if isinstance(control, widgets.Checkbox):
        return one_of(value, name, (True, False))
    pairs = (o if isinstance(o, tuple) else (o, o) for o in control.options)  # (label, value)
    return one_of(value, name, [each for _, each in pairs])
