"""The explorer: controls, a computation and a picture, tied together so that it feels live."""

import asyncio
import base64
import html
import inspect
import logging
from collections import deque
from functools import partial
from types import SimpleNamespace

import ipywidgets as widgets

from ..threads import one_blas_thread_from_now_on
from ..validation import one_of
from . import kernel
from .controls import Picture, anew, button, checked, echoed, grid, nearest, row
from .runner import Runner
from .spoken import BOX, WORDS, spoken

log = logging.getLogger("bnlib.live")


class Setting(SimpleNamespace):
    """The values of the controls in one run, as attributes that can only be read."""

    def __getattr__(self, name):
        names = ", ".join(map(repr, vars(self)))
        raise AttributeError(f"no control is called {name!r}; there are {names}")

    def __setattr__(self, name, value):
        raise AttributeError(f"a setting can only be read; use explorer.set({name}=...)")


class Explorer:
    """Controls above, the state in words, a picture below.

    From a slider to pixels::

        a handle moves        in the browser; a message, on the main or on a subshell's thread
              |
          _changed            unless it is the browser's echo, or set() is not done yet
              |
        Runner.restart        takes a number and the one lock; what is overtaken ends here
              |
        a setting             of all controls; applies -> which of them are disabled
              |
        compute(**values)     a result, or one after the other (in the background, from the second)
              |
          _take               still(setting) where its controls differ from what is drawn,
              |               show(result, setting), describe(result, setting) -> the words
        Canvas.frame          panels make room; the background, anew if something still has
              |               changed; the moving artists over it; PNG
          Image.value         a message to the browser; 0.15 s later the same, sharp

    Parameters
    ----------
    name : str
        What the demo is called; the same for every copy of it.
    title : str
        What the picture shows: the first sentence of its alternative text.
    canvas : Canvas
        Its panels are asked to ``remember`` what they show when a new setting replaces it.
    controls : dict of str to widget
        From :mod:`bnlib.live.controls`, or any widget of ipywidgets that has a ``value``.
    compute : function or generator function of the controls' values
        Called with them as keyword arguments; returns a result (a dict), or yields better and
        better ones, or functions without arguments that give them: such a one is called before the
        run goes on, and only where its result is shown. A parameter ``kept`` is a dict that lives
        as long as the explorer, for what need not be computed twice; "Run again" empties it.
    show : function of a result and its setting
        Hands it to the panels. ``setting.depth`` is the value of the control ``depth`` in the very
        run that gave the result, wherever the handle is by now.
    describe : function of a result and its setting
        The state in words, one to four lines; also part of the alternative text. A run that
        diverged says so here.
    presets : dict of str to dict
        The values that differ from the default, under a name that says what to try.
    still : dict of a control's name (or a tuple of names) to a function of the setting
        What stands still in the picture but depends on these controls (limits, titles, shades):
        called before ``show`` where their values are not those that are drawn.
    applies : dict of a control's name to a function of the setting
        False where the control has no effect; it is then disabled.

    Attributes
    ----------
    controls : dict of str to widget
    result : dict
        The numbers on show.
    alternative_text : str
        What the picture shows, in words.
    keeps : bool
        Whether ``compute`` keeps something from run to run.
    """

    def __init__(
        self, name, *, title, canvas, controls, compute, show, describe, presets=(), still=(),
        applies=(),
    ):  # fmt: skip
        self.name, self.title, self.canvas = name, title, canvas
        self.controls, self.result, self.alternative_text = dict(controls), {}, title
        self._compute_with, self._show, self._describe = compute, show, describe
        self._still = {(k,) if isinstance(k, str) else k: v for k, v in dict(still).items()}
        self._applies, self._drawn = dict(applies), {}  # controls -> their values as drawn
        self._presets = dict(presets)
        self._check()
        self.keeps, self._kept = "kept" in inspect.signature(compute).parameters, {}
        self._fresh = False  # "Run again": what was kept is to be forgotten
        self._defaults, self._setting = self.values, Setting(**self.values)
        self._held = False  # several controls are being set: compute once, afterwards
        self._sharp = False
        self._runner = Runner(
            self._compute, self._begin, self._take, self._display, self._failed,
            generates=inspect.isgeneratorfunction(compute),
        )  # fmt: skip
        self._build()
        kernel.replace_earlier(self)
        kernel.renew_after_a_cut()
        if kernel.kernel():
            one_blas_thread_from_now_on()
        # There a whole run could take a minute, and the page would stand still.
        self._restart(live=self.generates and kernel.in_page())
        kernel.answer_at_once(_all_widgets(self._box))

    def _check(self):
        """Say now, not in the midst of a drag, what cannot work."""
        for name, control in self.controls.items():
            if name == "kept" or "value" not in control.traits():
                raise ValueError(f"{name!r} cannot be a control: {type(control).__name__}")
        for name in [*self._applies, *(name for names in self._still for name in names)]:
            one_of(name, "control", self.controls)
        for values in self._presets.values():
            self._checked(values)

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
        values = self._checked(values)
        with self._runner.lock:
            self._held, before = True, self.values
            try:
                for name, value in values.items():
                    self.controls[name].value = value
            except Exception as error:  # a widget that looks closer when it is set
                for each in values:
                    self.controls[each].value = before[each]
                raise ValueError(f"{name} must be a value of its control: {error}") from error
            finally:
                self._held = False
        self._restart()

    def _checked(self, values) -> dict:
        for name in values:
            one_of(name, "control", self.controls)
        return {name: checked(name, self.controls[name], v) for name, v in values.items()}

    def reset(self):
        """Every control back to its default, and no ghost."""
        with self._runner.lock:
            self.set(**self._defaults)
            self.forget()

    def forget(self):
        """Take the ghost of the earlier setting out of the picture."""
        with self._runner.lock:
            for panel in self.canvas.panels:
                panel.forget()
            self._display(1)

    def preset(self, name):
        """The default with the preset's values."""
        one_of(name, "preset", self._presets)
        values = {n: nearest(self.controls[n], v) for n, v in self._presets[name].items()}
        self.set(**(self._defaults | values))

    def result_at(self, **values) -> dict:
        """The result for these values of the controls and the default of all others, at the end of
        its run; nothing moves and nothing is drawn."""
        result = self._run({}, **(self._defaults | self._checked(values)))
        result = deque(result, maxlen=1).pop() if self.generates else result
        return result() if callable(result) else result

    def png(self) -> bytes:
        """The picture on show as PNG bytes, sharp."""
        with self._runner.lock:
            self._display(2)
            return bytes(self._image.value)

    @property
    def generates(self) -> bool:
        """Whether a run yields several results, so that it can be paused and stepped."""
        return self._runner.generates

    @property
    def at_rest(self) -> bool:
        """Whether the run is over: its last result is on show, and no other will follow."""
        return self._runner.at_rest

    @property
    def busy(self) -> bool:
        """Whether something goes on in the background: a run, or the sharp picture after it."""
        return self._runner.busy

    async def settled(self):
        """Wait until the run is over (or paused) and its picture is shown sharp."""
        while self.busy:
            await asyncio.sleep(0.01)
        self.png()

    def stop(self):
        """Abandon whatever runs; the picture stays as it is."""
        self._runner.stop()
        self._label_buttons()

    def again(self):
        """Run the present setting anew, with nothing kept of earlier runs."""
        self._fresh = True
        self._restart()

    def frames(self, scale=1):
        """Run the present setting anew, as for a moving picture.

        Yields the picture of each result as PNG bytes, ``scale`` times as many pixels each way and
        without a ghost; ``result``, ``alternative_text`` and the controls' ``values`` belong to it.
        It ends early where another run is begun meanwhile; left early, the run is abandoned. What
        ``compute`` raises is raised here.
        """
        self._fresh = True
        self.forget()
        for _ in self._runner.each(scale):
            yield bytes(self._image.value)
        self._label_buttons()

    def close(self):
        """Stop what runs and take the widgets out of every notebook that shows them."""
        self._runner.stop()
        with self._runner.lock:
            self._closed = True
            for widget in _all_widgets(self._box):
                widget.close()

    def renew_controls(self):
        """New models of the same controls in all pages: one has lost touch with the old ones."""
        with self._runner.lock:
            if self._closed:
                return
            for control in self.controls.values():
                anew(control)
            self._grid.send_state("children")
        kernel.answer_at_once(self.controls.values())

    # -- what the notebook shows -----------------------------------------------------------

    def _build(self):
        width = f"{self.canvas.pixels[0]}px"
        fits = widgets.Layout(width=width, max_width="100%", height="auto")
        self._image = Picture(format="png", tooltip=self.title, layout=fits)
        self._words = widgets.HTML(layout=widgets.Layout(min_height="5em", max_width=width))
        for control in self.controls.values():
            control.observe(self._changed, names="value")
        presets = [button(n, partial(self.preset, n), tooltip=f"Try: {n}") for n in self._presets]
        reset = button("Reset", self.reset, icon="undo", tooltip="every control back")
        self._grid = grid(self.controls.values())
        rows = [row([widgets.Label("Try this:"), *presets, reset]), self._grid]
        self._run_buttons = {}
        if self._runner.generates:
            self._run_buttons = {
                "again": button("Run again", self.again, icon="play"),
                "pause": button("Pause", self._pause_or_resume, icon="pause"),
                "step": button("Step", self._step, icon="step-forward"),
            }
            rows.append(row(self._run_buttons.values()))
        rows += [self._words, self._image, spoken()]
        self._words.add_class(WORDS)
        self._box = widgets.VBox(rows, layout=widgets.Layout(max_width=width))
        self._box.add_class(BOX)
        self._closed = False

    def _repr_mimebundle_(self, include=None, exclude=None):
        """A widget where there is a kernel, and the picture with alternative text elsewhere."""
        width, height = self.canvas.pixels
        picture = base64.b64encode(self.png()).decode("ascii")
        data = {"text/plain": repr(self), "image/png": picture}
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

    def _restart(self, live=False):
        in_kernel = kernel.kernel() is not None
        self._runner.restart(live=live or kernel.from_browser(), background=in_kernel)
        self._label_buttons()
        kernel.answer_at_once(self.controls.values())

    def _begin(self, at_rest):
        for panel in self.canvas.panels:
            panel.keep()
            if at_rest:  # in a drag the ghost stays what was there before the drag
                panel.remember()

    def _compute(self):
        self._setting = Setting(**self.values)
        for name, applies in self._applies.items():
            self.controls[name].disabled = not applies(self._setting)
        if self._fresh:
            self._kept.clear()
        self._fresh = False
        return self._run(self._kept, **vars(self._setting))

    def _run(self, kept, **values):
        return self._compute_with(**values, **({"kept": kept} if self.keeps else {}))

    def _take(self, result):
        self.result = result = result() if callable(result) else result
        for names, view in self._still.items():
            values = [getattr(self._setting, name) for name in names]
            if self._drawn.get(names) != values:
                self._drawn.pop(names, None)  # where it fails, it is half of each
                view(self._setting)
                self._drawn[names] = values
        self._show(result, self._setting)
        self._sharp = False
        words = self._describe(result, self._setting)
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
        if isinstance(error, KeyboardInterrupt):
            told = (
                "Interrupted: the picture is not that of this setting. Any move computes it anew."
            )
        else:
            log.error("%s failed at %s", self.name, self._setting, exc_info=error)
            told = html.escape(f"This setting failed: {type(error).__name__}: {error}")
        self._words.value = f'<div role="alert"><b>{told}</b></div>'
        self._label_buttons()

    # -- Pause, Resume, Step ---------------------------------------------------------------

    def _pause_or_resume(self):
        self._runner.pause_or_resume()
        self._label_buttons()

    def _step(self):
        self._fresh = self._fresh or self.at_rest  # then it begins anew
        self._runner.step()
        self._label_buttons()

    def _label_buttons(self):
        if self._run_buttons:
            pause, over = self._run_buttons["pause"], self._runner.at_rest
            pause.disabled = over
            held = self._runner.paused and not over
            pause.description, pause.icon = ("Resume", "play") if held else ("Pause", "pause")
            kernel.answer_at_once([pause])


def _all_widgets(widget):
    """The widget, all that it holds, and their layouts and styles (models of their own)."""
    for child in getattr(widget, "children", ()):
        yield from _all_widgets(child)
    yield from (getattr(widget, name) for name in ("layout", "style") if hasattr(widget, name))
    yield widget
