"""The explorer: controls, a computation and a picture, tied together so that it feels live."""

from __future__ import annotations

import asyncio
import base64
import html
import inspect
import logging

import ipywidgets as widgets

from ..validation import one_of
from . import kernel
from .controls import Picture, button, checked, echoed, grid, nearest, row
from .runner import Runner

log = logging.getLogger("bnlib.live")


class Explorer:
    """Controls above, the state in words, a picture below.

    Parameters
    ----------
    name : str
        What the demo is called; the same for every copy of it.
    title : str
        What the picture shows: the first sentence of its alternative text.
    canvas : Canvas
    panels : sequence of Panel
        Asked to ``remember`` what they show when a new setting replaces it.
    controls : dict of str to widget
        From :mod:`bnlib.live.controls`; their values are the keyword arguments of ``compute``.
    compute : function or generator function of the controls' values
        Returns a result (a dict), or yields better and better ones.
    show : function of a result
        Hands it to the panels.
    describe : function of a result
        The state in words, one to four lines; also part of the alternative text. A run that
        diverged says so here.
    presets : dict of str to dict
        The values that differ from the default, under a name that says what to try.

    Attributes
    ----------
    controls : dict of str to widget
    result : dict
        The numbers on show.
    alternative_text : str
        What the picture shows, in words.
    """

    def __init__(
        self, name, *, title, canvas, panels, controls, compute, show, describe, presets=()
    ):
        self.name, self.title, self.canvas = name, title, canvas
        self.controls, self.result, self.alternative_text = dict(controls), {}, title
        self._panels, self._show, self._describe = panels, show, describe
        self._presets, self._defaults = dict(presets), self.values
        self._held = False  # several controls are being set: compute once, afterwards
        self._sharp = False
        self._runner = Runner(
            lambda: compute(**self.values), self._begin, self._take, self._display, self._failed,
            generates=inspect.isgeneratorfunction(compute),
        )  # fmt: skip
        self._build()
        kernel.replace_earlier(self)
        self._restart()

    # -- what other code calls -------------------------------------------------------------

    @property
    def values(self) -> dict:
        """The controls' values by name."""
        return {name: control.value for name, control in self.controls.items()}

    @property
    def presets(self) -> list[str]:
        """The presets' names."""
        return list(self._presets)

    def set(self, **values):
        """Give several controls their values and compute once.

        Raises ValueError or TypeError, and changes nothing, where a name is unknown or a value is
        not one that the control can take.
        """
        for name in values:
            one_of(name, "control", self.controls)
        values = {name: checked(name, self.controls[name], v) for name, v in values.items()}
        with self._runner.lock:
            self._held = True
            try:
                for name, value in values.items():
                    self.controls[name].value = value
            finally:
                self._held = False
        self._restart()

    def reset(self):
        """Every control back to its default, and no ghost."""
        self.set(**self._defaults)
        with self._runner.lock:
            for panel in self._panels:
                panel.forget()
            self._display(1)

    def preset(self, name):
        """The default with the preset's values."""
        one_of(name, "preset", self._presets)
        values = {n: nearest(self.controls[n], v) for n, v in self._presets[name].items()}
        self.set(**(self._defaults | values))

    def png(self) -> bytes:
        """The picture on show as PNG bytes, sharp."""
        with self._runner.lock:
            self._display(2)
            return bytes(self._image.value)

    async def settled(self):
        """Wait until the run is over (or paused) and its picture is shown sharp."""
        while self._runner.busy:
            await asyncio.sleep(0.01)
        self.png()

    def close(self):
        """Stop what runs and take the widgets out of every notebook that shows them."""
        self._runner.stop()
        with self._runner.lock:
            self._closed = True
            for widget in _all_widgets(self._box):
                widget.close()

    # -- what the notebook shows -----------------------------------------------------------

    def _build(self):
        width = f"{self.canvas.pixels[0]}px"
        fits = widgets.Layout(width=width, max_width="100%", height="auto")
        self._image = Picture(format="png", tooltip=self.title, layout=fits)
        self._words = widgets.HTML(layout=widgets.Layout(min_height="5em", max_width=width))
        for control in self.controls.values():
            control.observe(self._changed, names="value")
        presets = [
            button(name, lambda _, name=name: self.preset(name), tooltip=f"Try: {name}")
            for name in self._presets
        ]
        reset = button("Reset", lambda _: self.reset(), icon="undo", tooltip="every control back")
        rows = [row([widgets.Label("Try this:"), *presets, reset]), grid(self.controls.values())]
        self._run_buttons = {}
        if self._runner.generates:
            self._run_buttons = {
                "again": button("Run again", lambda _: self._restart(), icon="play"),
                "pause": button("Pause", lambda _: self._pause_or_resume(), icon="pause"),
                "step": button("Step", lambda _: self._step(), icon="step-forward"),
            }
            rows.append(row(self._run_buttons.values()))
        rows += [self._words, self._image]
        self._box = widgets.VBox(rows, layout=widgets.Layout(max_width=width))
        self._closed = False

    def _repr_mimebundle_(self, include=None, exclude=None):
        """A widget where there is a kernel, and the picture with alternative text elsewhere."""
        width, height = self.canvas.pixels
        data = {
            "text/plain": repr(self),
            "image/png": base64.b64encode(self.png()).decode("ascii"),
        }
        if not self._closed:
            view = {"version_major": 2, "version_minor": 0, "model_id": self._box.model_id}
            data["application/vnd.jupyter.widget-view+json"] = view
        return data, {"image/png": {"width": width, "height": height, "alt": self.alternative_text}}

    def __repr__(self):
        return f"<{self.name}: {', '.join(self.controls)}>"

    # -- from a change to a picture --------------------------------------------------------

    def _changed(self, change):
        if not (self._held or echoed(change.old, change.new)):
            self._restart()

    def _restart(self):
        in_kernel = kernel.kernel() is not None
        self._runner.restart(live=kernel.from_browser(), background=in_kernel)
        self._label_buttons()

    def _begin(self, at_rest):
        if at_rest:  # in a drag the ghost stays what was there before the drag
            for panel in self._panels:
                panel.remember()

    def _take(self, result):
        self.result = result
        self._show(result)
        self._sharp = False
        words = self._describe(result)
        self.alternative_text = f"{self.title}. {words}".replace("\n", " ")
        lines = html.escape(words).replace("\n", "<br>")
        self._words.value = f'<div role="status" style="line-height: 1.5">{lines}</div>'

    def _display(self, scale):
        if scale == 2 and self._sharp:
            return
        self._image.value = self.canvas.frame(scale)
        self._sharp = scale == 2
        self._label_buttons()

    def _failed(self, error):
        """Nothing raises out of a callback: the state in words says what happened."""
        log.error("%s failed at %s", self.name, self.values, exc_info=error)
        told = html.escape(f"This setting failed: {type(error).__name__}: {error}")
        self._words.value = f'<div role="alert"><b>{told}</b></div>'
        self._label_buttons()

    # -- Pause, Resume, Step ---------------------------------------------------------------

    def _pause_or_resume(self):
        self._runner.pause_or_resume()
        self._label_buttons()

    def _step(self):
        self._runner.step()
        self._label_buttons()

    def _label_buttons(self):
        if self._run_buttons:
            pause, over = self._run_buttons["pause"], self._runner.at_rest
            pause.disabled = over
            held = self._runner.paused and not over
            pause.description, pause.icon = ("Resume", "play") if held else ("Pause", "pause")


def _all_widgets(widget):
    """The widget, all that it holds, and their layouts and styles (models of their own)."""
    for child in getattr(widget, "children", ()):
        yield from _all_widgets(child)
    for name in ("layout", "style"):
        model = getattr(widget, name, None)
        if model is not None:
            yield model
    yield widget
