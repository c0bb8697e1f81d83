"""A notebook in a browser, driven as a person would: mouse, keyboard, eyes.

What the page shows is compared with what the kernel holds: `Notebook.ask` runs code in the
notebook's own kernel. Nothing waits for ever; the seconds are generous, for slow machines.
"""

from __future__ import annotations

import ast
import itertools
import json
import math
import re
import time
from contextlib import contextmanager
from decimal import Decimal
from urllib.parse import quote

CELLS = "jupyterapp.shell.currentWidget.content"
WORKSPACES = itertools.count()
SESSION = "jupyterapp.shell.currentWidget.context.sessionContext"
ANOTHER = 600  # seconds for an answer that makes another explorer and runs it to its end

# Runs once in the kernel: what an explorer holds, and what another one that is made anew and given
# the same values has to say.
KERNEL_CODE = """
def _controls(explorer):
    shown = lambda control: control.label if hasattr(control, "label") else control.value
    return {c.description: shown(c) for c in explorer.controls.values()}

def _words(explorer):
    return " ".join(explorer.alternative_text.removeprefix(explorer.title + ".").split())

def _look(explorer):
    import hashlib
    picture = hashlib.sha256(explorer.png()).hexdigest()
    return {"controls": _controls(explorer), "words": _words(explorer), "picture": picture,
            "words of another": _expect(explorer)}

_others, _defaults, _told = {}, {}, {}

def _other(explorer):
    import bnlib
    name = explorer.name
    if name not in _others:
        _others[name] = bnlib.demos.REGISTRY[name]()
        _defaults[name] = _others[name].values
    return _others[name]

def _expect(explorer):
    key = explorer.name, _cuts.get(explorer.name), *explorer.values.items()
    if key not in _told:
        other = _other(explorer)
        other.set(**explorer.values)
        _told[key] = _words(other)
    return _told[key]

def _preset(explorer, name):
    other = _other(explorer)
    other._restart = lambda: None  # its values are asked for, not what comes of them
    other.preset(name)
    del other._restart
    return other.values

def _default(explorer):
    _other(explorer)
    return _defaults[explorer.name]

def _reaches(explorer, name):
    return not explorer.controls[name].disabled

# Runs that are cut short, or that go on for as long as they are wanted to.
_cuts, _open = {}, []

def _whole(explorer):
    vars(explorer).setdefault("_whole", explorer._compute_with)
    return explorer._whole

def _cut(explorer, results):
    import contextlib, itertools
    if explorer.keeps:  # where it is after so many results depends on what it kept
        return
    _cuts[explorer.name] = results
    for each in (explorer, _other(explorer)):
        compute = _whole(each)
        def short(compute=compute, **values):
            with contextlib.closing(compute(**values)) as made:
                yield from itertools.islice(made, results)
        each._compute_with = short if results else compute

def _hold_open(explorer, wanted):
    import time
    compute = _whole(explorer)
    _open[:] = [wanted]
    def unending(**values):
        for result in compute(**values):
            yield result
        while _open[0]:
            time.sleep(0.02)
            yield result
    explorer._compute_with = unending if wanted else compute

def _several(explorer):
    import itertools
    made = explorer._run({}, **explorer.values)
    return len(list(itertools.islice(made, 2))) == 2

def _ends(control):
    if hasattr(control, "options"):
        return control._options_labels[0], control._options_labels[-1]
    base = getattr(control, "base", None)
    return [base**end if base else end for end in (control.min, control.max)]

def _options(control):
    return list(control._options_labels) if hasattr(control, "options") else [False, True]
"""

PAGE_CODE = """
window.look = async (cell) => {
    const text = node => node?.innerText.trim();
    const controls = {};
    for (const c of cell.querySelectorAll('.widget-slider'))
        controls[text(c.querySelector('.widget-label'))] = text(c.querySelector('.widget-readout'));
    for (const c of cell.querySelectorAll('.widget-dropdown'))
        controls[text(c.querySelector('.widget-label'))] = c.querySelector('select').value;
    for (const c of cell.querySelectorAll('.widget-toggle-buttons'))
        controls[text(c.querySelector('.widget-label'))] = text(c.querySelector('.mod-active'));
    for (const c of cell.querySelectorAll('.widget-checkbox'))
        controls[text(c.querySelector('span'))] = c.querySelector('input').checked;
    const image = cell.querySelector('img.widget-image');
    const bytes = await (await fetch(image.src)).arrayBuffer();
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
    return {
        controls,
        words: cell.querySelector('[role=status], [role=alert]').innerText
            .split(/\\s+/).filter(Boolean).join(' '),
        picture: Array.from(digest, byte => byte.toString(16).padStart(2, '0')).join(''),
        pixels: image.naturalWidth, width: image.clientWidth,
    };
};
"""


class Notebook:
    """A notebook page whose kernel is ready."""

    def __init__(
        self, browser, address, token, name, *, width=1400, height=1000, density=1, code=""
    ):
        self.context = browser.new_context(
            viewport={"width": width, "height": height}, device_scale_factor=density
        )
        self.context.add_init_script(PAGE_CODE + code)
        self.page = self.context.new_page()
        self.page.set_default_timeout(30_000)
        self.problems = []
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.goto(f"{address}/{self.path(quote(name))}?token={token}")
        self.wait_for_kernel()

    @staticmethod
    def path(name):
        """Where JupyterLab shows it: pages that share a workspace open each other's notebooks."""
        return f"lab/workspaces/test-{next(WORKSPACES)}/tree/{name}"

    def density(self, pixels):
        """Show the page as a screen with so many pixels to the CSS pixel does."""
        size = self.page.viewport_size
        self.context.new_cdp_session(self.page).send(
            "Emulation.setDeviceMetricsOverride",
            {**size, "deviceScaleFactor": pixels, "mobile": False},
        )

    def close(self):
        self.js(f"() => {SESSION}.shutdown()")
        self.context.close()

    def js(self, code, *arguments, seconds=30):
        """What a JavaScript function returns, or its promise brings within some seconds."""
        return self.page.evaluate(
            f"""given => Promise.race([
                Promise.resolve(({code})(...given)),
                new Promise((_, fail) => setTimeout(() => fail(new Error('too late')), {seconds}e3))
            ])""",
            list(arguments),
        )

    def wait_for_kernel(self):
        # The toolbar says idle before the session exists, so ask the session itself.
        self.page.wait_for_function(
            f"() => window.jupyterapp && jupyterapp.shell.currentWidget?.context?.isReady"
            f" && {SESSION}.session?.kernel?.status === 'idle'"
            f" && {CELLS}.widgets.length >= {CELLS}.model.cells.length",
            timeout=120_000,
        )

    def ask(self, expression, seconds=60):
        """The value of a Python expression in the kernel."""
        reply = self.js(
            f"""async (code, asked) => (await {SESSION}.session.kernel.requestExecute({{
                code, silent: true, store_history: false, user_expressions: {{asked}}
            }}).done).content""",
            "" if self.ask_ready else KERNEL_CODE,
            f"__import__('json').dumps({expression})",
            seconds=seconds,
        )
        self.ask_ready = True
        answer = reply["user_expressions"]["asked"]
        assert answer["status"] == "ok", answer
        return json.loads(ast.literal_eval(answer["data"]["text/plain"]))

    ask_ready = has_run = False

    def command(self, name, seconds=60):
        self.js(f"() => jupyterapp.commands.execute('{name}').then(() => null)", seconds=seconds)

    def run_all(self, seconds=600):
        """Run every cell from the top, and wait until the last is done."""
        self.js(f"() => {{ {CELLS}.activeCellIndex = 0 }}")
        self.command("notebook:run-all-cells", seconds)
        self.has_run = True

    def trust(self):
        """Trust the notebook, as the menu does, and confirm."""
        self.js("() => { jupyterapp.commands.execute('notebook:trust') }")
        self.page.locator(".jp-Dialog button.jp-mod-accept").click()
        self.page.locator(".jp-Dialog").wait_for(state="detached")

    def save_and_reload(self):
        self.command("docmanager:save")
        self.page.reload()
        self.wait_for_kernel()

    def errors(self) -> list[str]:
        """Errors and text on stderr in the cells' outputs, JavaScript errors, broken widgets."""
        broken = self.page.locator(".jupyter-widgets-error-widget").all_inner_texts()
        if self.page.get_by_text("Error displaying widget").count():
            broken.append("Error displaying widget")
        told = self.js(
            f"""() => {CELLS}.model.sharedModel.toJSON().cells
                .flatMap(cell => cell.outputs ?? [])
                .filter(output => output.output_type === 'error' || output.name === 'stderr')
                .map(output => output.ename ?? [output.text].flat().join(''))"""
        )
        return self.problems + broken + told

    def stored_picture(self, cell_id) -> dict:
        """What the file says about the picture in a cell's output: width, height, alt."""
        return self.js(
            f"""id => {CELLS}.widgets.find(w => w.model.id === id).model.toJSON()
                .outputs.map(output => output.metadata['image/png']).find(Boolean)""",
            cell_id,
        )

    def cell(self, cell_id):
        """Scroll to a cell, make it the active one and return its element."""
        self.js(
            f"""async (id) => {{
                const content = {CELLS};
                const index = content.widgets.findIndex(w => w.model.id === id);
                content.activeCellIndex = index;
                content.widgets[index].node.dataset.id = id;
                await content.scrollToItem(index, 'start');
            }}""",
            cell_id,
        )
        return self.page.locator(f'.jp-Notebook-cell[data-id="{cell_id}"]')

    def run(self, cell_id, seconds=120):
        """Run one cell and wait until it is done; returns its element."""
        element = self.cell(cell_id)
        self.command("notebook:run-cell", seconds)
        self.has_run = True
        return element

    def retype(self, cell_id, source):
        """Replace a cell's source by keyboard, run it the same way; returns what it prints."""
        element = self.cell(cell_id)
        element.locator(".cm-content").click()
        for key in ("ControlOrMeta+a", "Delete"):
            self.page.keyboard.press(key)
        self.page.keyboard.insert_text(source)
        before = self.number(cell_id)
        self.page.keyboard.press("ControlOrMeta+Enter")
        wait_until(lambda: self.number(cell_id) not in (None, before), "the cell does not run")
        return element.locator(".jp-OutputArea-output").inner_text()

    @contextmanager
    def answered(self, seconds=60):
        """Ends when the kernel has done what the page's widgets asked of it within the block.

        Where they are answered by a thread of their own, a cell says nothing about that.
        """
        self.js(
            f"""() => {{
                window.asked = new Set();
                window.listen = (_, {{msg, direction}}) => {{
                    if (direction === 'send' && msg.header.msg_type === 'comm_msg')
                        window.asked.add(msg.header.msg_id);
                    else if (msg.content.execution_state === 'idle')
                        window.asked.delete(msg.parent_header.msg_id);
                }};
                {SESSION}.session.kernel.anyMessage.connect(window.listen);
            }}"""
        )
        yield
        wait_until(lambda: self.js("() => !window.asked.size"), "a widget has no answer", seconds)
        self.js(f"() => {{ {SESSION}.session.kernel.anyMessage.disconnect(window.listen) }}")

    def number(self, cell_id) -> int | None:
        """The number in brackets beside a cell; None while it runs."""
        return self.js(
            f"id => {CELLS}.widgets.find(w => w.model.id === id).model.executionCount", cell_id
        )


class Demo:
    """The controls and the picture in one cell's output."""

    def __init__(self, notebook: Notebook, cell_id: str):
        self.notebook, self.page = notebook, notebook.page
        self.cell_id = cell_id
        self.element = notebook.cell(cell_id)
        self.image = self.element.locator("img.widget-image")
        self.image.first.wait_for()
        self.explorer = f"Out[{notebook.number(cell_id)}]"
        self.image.scroll_into_view_if_needed()
        self.trains = bool(self.button("Run again").count())

    # -- eyes ------------------------------------------------------------------------------

    def seen(self) -> dict:
        """What the page shows: controls, words, picture (its hash), pixels and width."""
        return self.notebook.js("look", self.element.element_handle())

    def picture(self) -> str:
        """The address of the picture on show: a new one for every frame."""
        return self.image.get_attribute("src")

    def frames(self, seconds) -> int:
        """How often the picture changes within some seconds."""
        with self.watched() as count:
            self.page.wait_for_timeout(seconds * 1000)
            return count()

    @contextmanager
    def watched(self):
        """Gives a function that says how often the picture has changed within the block."""
        self.notebook.js(
            """image => {
                window.changes = 0;
                window.watch = new MutationObserver(found => { window.changes += found.length });
                window.watch.observe(image, {attributes: true, attributeFilter: ['src']});
            }""",
            self.image.element_handle(),
        )
        yield lambda: self.notebook.js("() => window.changes")
        self.notebook.js("() => window.watch.disconnect()")

    def settled(self, seconds=None) -> dict:
        """Wait until the page rests at what the kernel holds, sharp, and return what it shows.

        The kernel's controls, words and picture are compared, and the words of a second explorer
        that is given the same values.
        """
        last = None
        end = time.monotonic() + (seconds or (120 if self.trains else 30))
        if self.trains:  # no pictures are compared before the run is over
            busy = f"{self.explorer}.busy"
            wait_until(lambda: not self.notebook.ask(busy), "it trains for ever", seconds or 120)
        while True:
            page = self.seen()
            difference = self._difference(page) if page == last else "the picture still moves"
            if difference is None:
                return page
            last = page
            assert time.monotonic() < end, f"{self.explorer} does not come to rest: {difference}"
            self.page.wait_for_timeout(40)

    def arrived(self) -> dict:
        """What the page shows once the kernel has every setting; at rest unless it trains."""
        return self.taken() if self.trains else self.settled()

    def taken(self) -> dict:
        """What the page shows once the kernel has every setting, at rest or not yet."""
        question = f"_controls({self.explorer})"
        wait_until(
            lambda: controls_differ(self.seen()["controls"], self.notebook.ask(question)) is None,
            "a setting is not taken",
        )
        return self.seen()

    def _difference(self, page):
        if page["pixels"] < 2 * page["width"]:
            return f"{page['pixels']} pixels at a width of {page['width']}"
        kernel = self.notebook.ask(f"_look({self.explorer})", seconds=ANOTHER)
        if difference := controls_differ(page["controls"], kernel["controls"]):
            return difference
        for what, other in (
            ("words", "words"),
            ("picture", "picture"),
            ("words", "words of another"),
        ):
            if page[what] != kernel[other]:
                return f"{what}: {page[what]}; in the kernel, {other}: {kernel[other]}"
        return None

    def resting_picture(self, seconds=10) -> str:
        """The address of the picture once it is sharp, as it is at rest and while held."""
        wait_until(self.is_sharp, "the picture stays plain", seconds)
        return self.picture()

    def is_sharp(self):
        return self.image.evaluate("image => image.naturalWidth >= 2 * image.clientWidth")

    def short_runs(self, results=4):
        """Where it trains, end every run after so many results; None: runs are whole again.

        Not where it keeps what it has computed: that decides how far so many results go.
        """
        if self.trains:
            self.notebook.ask(f"_cut({self.explorer}, {results})", seconds=ANOTHER)

    def hold_open(self, wanted):
        """A run begun from now on goes on, its last result again and again, while it is wanted."""
        self.notebook.ask(f"_hold_open({self.explorer}, {wanted})")

    def several(self) -> bool:
        """Whether a run at these values has more than one result."""
        return self.notebook.ask(f"_several({self.explorer})", seconds=ANOTHER)

    def enabled(self, name) -> bool:
        return self.notebook.ask(f"_reaches({self.explorer}, {name!r})")

    def values(self) -> dict:
        return self.notebook.ask(f"{self.explorer}.values")

    def presets(self) -> list[str]:
        return self.notebook.ask(f"{self.explorer}.presets")

    def kinds(self, *kinds) -> dict:
        """Name and description of the controls of some widget classes."""
        return self.notebook.ask(
            f"{{n: c.description for n, c in {self.explorer}.controls.items()"
            f" if type(c).__name__ in {kinds!r}}}"
        )

    def options(self, name) -> list:
        """The labels of a menu's or a choice's options; False and True for a switch."""
        return self.notebook.ask(f"_options({self.explorer}.controls[{name!r}])")

    def ends(self, name) -> list:
        """A slider's lowest and highest value."""
        return self.notebook.ask(f"_ends({self.explorer}.controls[{name!r}])")

    # -- hands -----------------------------------------------------------------------------

    def control(self, description):
        """The control with a description."""
        label = self.page.get_by_text(description, exact=True)
        kinds = ".widget-slider, .widget-dropdown, .widget-toggle-buttons, .widget-checkbox"
        return self.element.locator(kinds).filter(has=label)

    def drag(self, description, share, moves=8):
        """Drag a slider's handle to a share of its track; the picture follows before it ends."""
        slider = self.control(description)
        slider.scroll_into_view_if_needed()
        track = slider.locator(".noUi-base").bounding_box()
        handle = slider.locator(".noUi-handle").bounding_box()
        y = handle["y"] + handle["height"] / 2
        x = handle["x"] + handle["width"] / 2
        end = track["x"] + share * track["width"]
        before = self.picture()
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        for k in range(1, moves + 1):
            self.page.mouse.move(x + (end - x) * k / moves, y)
            self.page.wait_for_timeout(15)
        wait_until(lambda: self.picture() != before, "the picture does not follow the mouse")
        self.page.mouse.up()

    def share(self, description) -> float:
        """Where on its track a slider's handle is: 0 to 1."""
        slider = self.control(description)
        track = slider.locator(".noUi-base").bounding_box()
        handle = slider.locator(".noUi-handle").bounding_box()
        return (handle["x"] + handle["width"] / 2 - track["x"]) / track["width"]

    def press(self, description, key):
        """Press a key on a slider's handle."""
        self.control(description).locator(".noUi-handle").press(key)

    def choose(self, description, option):
        """Take an option of a menu, a choice or a switch, with the mouse."""
        control = self.control(description)
        if isinstance(option, bool):
            control.locator("input").set_checked(option)
        elif control.locator("select").count():
            control.locator("select").select_option(option)
        else:
            control.get_by_role("button", name=option, exact=True).click()

    def readout(self, description) -> str:
        return self.control(description).locator(".widget-readout").inner_text()

    def button(self, text):
        """A button above the picture, by its text."""
        exactly = re.compile(rf"^{re.escape(text)}$")
        return self.element.locator("button.widget-button").filter(has_text=exactly)


def equal(values, others) -> bool:
    """Whether two explorers' values are the same, numbers to nine digits: the browser computes
    powers of ten by itself."""
    return values.keys() == others.keys() and all(
        math.isclose(value, others[name], rel_tol=1e-9)
        if isinstance(value, float)
        else value == others[name]
        for name, value in values.items()
    )


def controls_differ(shown, values) -> str | None:
    """In words what is not the same on the page and in the kernel, or None."""
    names = shown.keys() == values.keys()
    if names and all(same(text, values[name]) for name, text in shown.items()):
        return None
    return f"controls {shown} and in the kernel {values}"


def same(shown, value) -> bool:
    """Whether a readout says what the kernel holds, to the digits that it shows."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return shown == value
    number = Decimal(shown.replace("−", "-").replace(",", ""))
    last_digit = 10.0 ** number.as_tuple().exponent
    return math.isclose(number, value, rel_tol=0.006, abs_tol=0.51 * last_digit)


def wait_until(condition, complaint, seconds=20):
    """Ask again and again, until the condition holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, complaint
        time.sleep(0.02)
