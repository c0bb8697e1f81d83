"""Controls: core ipywidgets with one look, and a check of the values that code gives them."""

import math
from collections.abc import Mapping
from numbers import Real

import ipywidgets as widgets
import traitlets

from ..validation import as_count, as_flag, as_list, as_number, as_text, one_of, shown


class Picture(widgets.Image):
    """An image whose ``tooltip`` the front end can show: it wants a description to go with it."""

    description = traitlets.Unicode("").tag(sync=True)


MOST = 2**53  # of a whole number that the browser still knows exactly


def _control(kind, description, style=(), **options):
    as_text(description, "description")
    style = {"description_width": "9em"} | dict(style)
    layout = widgets.Layout(width="auto", min_width="0")
    try:
        return kind(description=description, style=style, layout=layout, **options)
    except traitlets.TraitError as error:  # all else has been looked at
        raise ValueError(f"format or options will not do: {str(error)[:200]}") from None


def _among(value, options):
    """The option that is ``value``, and all: a list of values, or of pairs of label and value."""
    options = options.items() if isinstance(options, Mapping) else options
    options = as_list(options, "options", " of values, or of pairs of label and value")
    pairs = all(isinstance(option, tuple | list) and len(option) == 2 for option in options)
    values = [option[1] for option in options] if pairs else options
    if isinstance(value, Real) and not isinstance(value, bool):  # 1 is 1.0, and NumPy's
        same = (v for v in values if isinstance(v, Real) and not isinstance(v, bool) and v == value)
        value = next(same, value)
    return one_of(value, "value", values), list(map(tuple, options)) if pairs else options


def slider(description, value, low, high, step, *, format=".2f"):
    """A slider for a number in [low, high]."""
    low = as_number(low, "low")
    high = as_number(high, "high", low=low)
    value = as_number(value, "value", low=low, high=high)
    options = {
        "min": low, "max": high, "step": as_number(step, "step", low=0, open_low=True),
        "readout_format": as_text(format, "format"),
    }  # fmt: skip
    return _control(widgets.FloatSlider, description, value=value, **options)


def log_slider(description, value, low, high, *, per_decade=20, format=".3g"):
    """A slider for a positive number, even in its logarithm; low and high are powers of ten."""
    low = as_number(low, "low", low=-300, high=300)
    high = as_number(high, "high", low=low, high=300)
    value = as_number(value, "value", low=10**low * (1 - 1e-9), high=10**high * (1 + 1e-9))
    step = 1 / as_number(per_decade, "per_decade", low=1e-3, high=1e6)
    options = {"min": low, "max": high, "step": step, "readout_format": as_text(format, "format")}
    made = _control(widgets.FloatLogSlider, description, value=10.0**low, base=10, **options)
    made.value = nearest(made, value)
    return made


def int_slider(description, value, low, high, step=1):
    """A slider for a whole number in [low, high]."""
    low = as_count(low, "low", low=-MOST, high=MOST)
    high = as_count(high, "high", low=low, high=MOST)
    value = as_count(value, "value", low=low, high=high)
    options = {"min": low, "max": high, "step": as_count(step, "step", high=MOST)}
    return _control(widgets.IntSlider, description, value=value, **options)


def steps_slider(description, value, options):
    """A slider over a few given values (a sequence, or pairs of label and value)."""
    value, options = _among(value, options)
    made = _control(widgets.SelectionSlider, description, options=options)
    made.value = value  # given at once, the first of the options would have no label
    return made


def choice(description, value, options):
    """Buttons side by side, of which one is pressed: for two to four short options."""
    value, options = _among(value, options)
    style = {"button_width": "auto"}
    made = _control(widgets.ToggleButtons, description, style, options=options, value=value)
    made.tooltip = ""  # the front end would show "null"
    for name in ("jupyter-widgets", "widget-inline-hbox"):  # which all other controls have
        made.add_class(name)
    return made


def menu(description, value, options):
    """A drop-down menu: for many options or long ones."""
    value, options = _among(value, options)
    return _control(widgets.Dropdown, description, options=options, value=value)


def switch(description, value):
    """A check box."""
    return _control(widgets.Checkbox, description, value=as_flag(value, "value"))


def nearest(control, value):
    """``value``, or for a logarithmic slider the nearest one that its handle can take.

    The browser would move it there by itself, and report that as a change.
    """
    if isinstance(control, widgets.FloatLogSlider):
        steps = round(math.log(value, control.base) / control.step)
        return float(f"{control.base ** (steps * control.step):.12g}")
    return value


def echoed(old, new) -> bool:
    """Whether a change is the browser's answer to a value that it was given: 10^-4.3 there has
    other last digits than here, and it reports its own."""
    return isinstance(old, float) and isinstance(new, float) and math.isclose(old, new)


def button(description, act, *, icon="", tooltip=""):
    """A button that calls ``act()``."""
    made = widgets.Button(
        description=description, icon=icon, tooltip=tooltip or description,
        layout=widgets.Layout(width="auto"),
    )  # fmt: skip
    made.on_click(lambda _: act())
    return made


def row(children):
    """Widgets side by side, on further lines where the page is narrow."""
    wrap = widgets.Layout(flex_flow="row wrap", align_items="center", max_width="100%")
    return widgets.Box(list(children), layout=wrap)


def grid(children):
    """Controls in two columns, in one where the page is narrow."""
    columns = "repeat(auto-fit, minmax(min(100%, 25em), 1fr))"
    layout = widgets.Layout(grid_template_columns=columns, grid_gap="2px 24px", width="100%")
    return widgets.GridBox(list(children), layout=layout)


def checked(name, control, value):
    """``value`` as the control called ``name`` takes it; otherwise a ValueError or TypeError.

    Any widget of ipywidgets with a value will do. By itself it would silently move a number that
    is out of range to the nearest end.
    """
    trait = control.traits()["value"]
    low, high = (getattr(control, end, None) for end in ("min", "max"))
    low, high = -math.inf if low is None else low, math.inf if high is None else high
    if isinstance(control, widgets.FloatLogSlider):
        low, high = control.base**low, control.base**high
        number = as_number(value, name, low=low * (1 - 1e-9), high=high * (1 + 1e-9))
        return min(max(number, low), high)
    if isinstance(trait, traitlets.Int):
        return as_count(value, name, low=low, high=high)
    if isinstance(trait, traitlets.Float):
        return as_number(value, name, low=low, high=high)
    if isinstance(trait, traitlets.Bool):
        return one_of(value, name, (True, False))
    several = isinstance(trait, traitlets.Container)
    free = several or not getattr(control, "ensure_option", True)
    if hasattr(control, "options") and not free:
        options = control.options.items() if hasattr(control.options, "items") else control.options
        pairs = (o if isinstance(o, tuple) else (o, o) for o in options)  # (label, value)
        return one_of(value, name, [each for _, each in pairs])
    if several and trait.klass is tuple and isinstance(value, list):
        value = tuple(value)
    kind = type(control).__name__
    try:
        taken = trait._validate(control, value)  # as an assignment would, with nothing assigned
    except Exception as error:  # a TraitError, or whatever a widget stumbles over
        raise ValueError(
            f"{name} must be a value of a {kind}, got {shown(value)}: {error}"
        ) from error
    if taken != value or (several and any(each != each for each in taken)):  # NaN
        given = f"got {shown(value)}; it takes {shown(taken)}"
        raise ValueError(f"{name} must be a value of a {kind}, {given}")
    return taken


def anew(control):
    """End the widget's model in every page and open another one with the same state."""
    control.close()
    vars(control).pop("_repr_mimebundle_", None)  # closed widgets are not shown
    control._model_id = None  # else the new model had the name of the old one
    control.open()
