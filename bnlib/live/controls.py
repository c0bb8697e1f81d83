"""Controls: core ipywidgets with one look, and a check of the values that code gives them."""

import math

import ipywidgets as widgets
import traitlets

from ..validation import as_count, as_number, one_of


class Picture(widgets.Image):
    """An image whose ``tooltip`` the front end can show: it wants a description to go with it."""

    description = traitlets.Unicode("").tag(sync=True)


def _control(kind, description, style=(), **options):
    style = {"description_width": "9em"} | dict(style)
    layout = widgets.Layout(width="auto", min_width="0")
    return kind(description=description, style=style, layout=layout, **options)


def slider(description, value, low, high, step, *, format=".2f"):
    """A slider for a number in [low, high]."""
    options = {"min": low, "max": high, "step": step, "readout_format": format}
    return _control(widgets.FloatSlider, description, value=value, **options)


def log_slider(description, value, low, high, *, per_decade=20, format=".3g"):
    """A slider for a positive number, even in its logarithm; low and high are powers of ten."""
    options = {"min": low, "max": high, "step": 1 / per_decade, "readout_format": format}
    made = _control(widgets.FloatLogSlider, description, value=10.0**low, base=10, **options)
    made.value = nearest(made, value)
    return made


def int_slider(description, value, low, high, step=1):
    """A slider for a whole number in [low, high]."""
    options = {"min": low, "max": high, "step": step}
    return _control(widgets.IntSlider, description, value=value, **options)


def steps_slider(description, value, options):
    """A slider over a few given values (a sequence, or pairs of label and value)."""
    made = _control(widgets.SelectionSlider, description, options=options)
    made.value = value  # given at once, the first of the options would have no label
    return made


def choice(description, value, options):
    """Buttons side by side, of which one is pressed: for two to four short options."""
    style = {"button_width": "auto"}
    made = _control(widgets.ToggleButtons, description, style, options=options, value=value)
    made.tooltip = ""  # the front end would show "null"
    for name in ("jupyter-widgets", "widget-inline-hbox"):  # which all other controls have
        made.add_class(name)
    return made


def menu(description, value, options):
    """A drop-down menu: for many options or long ones."""
    return _control(widgets.Dropdown, description, options=options, value=value)


def switch(description, value):
    """A check box."""
    return _control(widgets.Checkbox, description, value=value)


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
        raise ValueError(f"{name} must be a value of a {kind}, got {value!r}: {error}") from error
    if taken != value or (several and any(each != each for each in taken)):  # NaN
        raise ValueError(f"{name} must be a value of a {kind}, got {value!r}; it takes {taken!r}")
    return taken
