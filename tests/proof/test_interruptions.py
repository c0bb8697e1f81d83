"""Two tabs, a restart, an interrupt, a cut line and a sleeping machine, each in the midst of work.

In JupyterLab as requirements.txt pins it, with a demo that trains and one that does not. After each
of them page and kernel agree and the next move works.
"""

from __future__ import annotations

import contextlib
import shutil
import signal
import sys

import psutil
import pytest

from tests.browser.conftest import browser, chromium, running_lab
from tests.browser.driver import SESSION, Demo, Notebook, wait_until
from tests.browser.test_notebooks import ROOT, SLIDERS, code_cells

from .line import line_to

__all__ = ["browser", "chromium"]  # fixtures, found by their names

pytestmark = [pytest.mark.browser, pytest.mark.proof]

PATIENCE = 300
TRAINS = "00_tour.ipynb", "deep-network"
AT_ONCE = "02_z_normalization.ipynb", "drag-one-example"
SHARED = "00_tour.ipynb", "workable-range"  # with processes that help
each_kind = pytest.mark.parametrize(("name", "cell"), [TRAINS, AT_ONCE], ids=["trains", "at-once"])
needs_signals = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("lab")


@pytest.fixture(scope="module")
def server(chromium, folder, learners_python):
    shutil.copytree(ROOT / "notebooks", folder / "notebooks")
    with running_lab(folder, learners_python) as found:
        yield found


@pytest.fixture
def opened(browser, server, folder):
    """Opens a notebook, runs its first cell and one demo's, and gives the demo.

    The files are as they were: what a test before this one saved names widgets of a kernel that is
    gone, and JupyterLab shows an error where they were.
    """
    shutil.copytree(ROOT / "notebooks", folder / "notebooks", dirs_exist_ok=True)
    pages = []

    def demo(name, cell, address=server[0], run=True):
        page = Notebook(browser, address, server[1], name)
        pages.append(page)
        if run:
            run_demo(page, name, cell)
        return Demo(page, cell)

    yield demo
    for k, page in enumerate(pages):
        with contextlib.suppress(Exception):
            page.context.close() if k else page.close()


def run_demo(page, name, cell):
    first, *_ = code_cells(ROOT / "notebooks" / name)
    for each in (first[0], cell):
        page.run(each, seconds=600)


def slider(demo) -> str:
    """The description of the first slider that has an effect."""
    return next(d for n, d in demo.kinds(*SLIDERS).items() if demo.enabled(n))


def works(demo):
    """A slider by mouse and by key: the page rests at what the kernel holds, with no error."""
    description = slider(demo)
    demo.short_runs()
    for share in (0.8, 0.3):
        before = demo.readout(description)
        demo.drag(description, share)
        demo.press(description, "ArrowRight")
        wait_until(lambda: demo.readout(description) != before, "the slider stays")  # noqa: B023
    seen = demo.settled(PATIENCE)
    demo.short_runs(None)
    assert demo.notebook.errors() == []
    return seen


@contextlib.contextmanager
def dragged(demo, description, moves=20):
    """Within the block the handle is held: the block gets a function that moves it on a while."""
    control = demo.control(description)
    control.scroll_into_view_if_needed()
    track = control.locator(".noUi-base").bounding_box()
    handle = control.locator(".noUi-handle").bounding_box()
    y = handle["y"] + handle["height"] / 2
    mouse = demo.page.mouse

    def move(start, end):
        for k in range(1, moves + 1):
            mouse.move(track["x"] + (start + (end - start) * k / moves) * track["width"], y)
            demo.page.wait_for_timeout(25)

    mouse.move(handle["x"] + handle["width"] / 2, y)
    mouse.down()
    try:
        yield move
    finally:
        mouse.up()


def kernel_of(demo) -> psutil.Process:
    return psutil.Process(demo.notebook.ask("__import__('os').getpid()"))


def helpers(kernel):
    """The processes that help the kernel with many runs."""
    if not kernel.is_running():
        return []
    return [each for each in kernel.children() if "spawn_main" in " ".join(each.cmdline())]


def alive(process):
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def begin(page, code):
    """Send code to the kernel; what comes of it is looked for in window.reply."""
    page.js(
        f"""code => {{
            window.reply = null;
            {SESSION}.session.kernel.requestExecute({{code, stop_on_error: false}}).done
                .then(reply => {{ window.reply = reply.content.ename ?? reply.content.status }},
                      () => {{ window.reply = 'canceled' }});
        }}""",
        code,
    )
    begun = f"() => window.reply || {SESSION}.session.kernel.status === 'busy'"
    wait_until(lambda: page.js(begun), "the cell does not begin")
    page.page.wait_for_timeout(500)


def reply(page, seconds=60):
    wait_until(lambda: page.js("() => window.reply"), "the cell does not end", seconds)
    return page.js("() => window.reply")


def interrupt(page):
    page.js(f"() => {SESSION}.session.kernel.interrupt()", seconds=60)


def restart(page):
    page.js(f"() => {SESSION}.session.kernel.restart()", seconds=PATIENCE)
    page.ask_ready = False
    page.wait_for_kernel()


# -- two tabs on one kernel -----------------------------------------------------------------


@each_kind
def test_two_tabs_show_the_same(opened, name, cell, tried):
    first = opened(name, cell)
    first.notebook.trust()  # cells that have not been run, too: else the other tab has pictures
    dirty = "() => jupyterapp.shell.currentWidget.context.model.dirty"
    wait_until(lambda: not first.notebook.js(dirty), "it is not saved", 60)  # trusting does it
    second = opened(name, cell, run=False)
    first.notebook.ask("1")
    second.notebook.ask_ready = True  # one kernel: what is said of cut runs holds for both
    description = slider(first)
    assert kernel_of(first) == kernel_of(second)

    def agree():
        one = first.settled(PATIENCE)
        assert second.settled(PATIENCE) == one
        return one

    agree()  # on the cell's own run, which is a whole one
    first.short_runs()
    for here, there, share in ((first, second, 0.8), (second, first, 0.2)):
        before = there.readout(description)
        here.drag(description, share)
        wait_until(lambda: there.readout(description) != before, "one tab does not follow")  # noqa: B023
        agree()
        tried("moves in two tabs")
    for _ in range(5):  # in both at once: whoever comes last wins, in both
        for key in ("ArrowRight", "PageUp", "ArrowRight"):
            first.press(description, key)
            second.press(description, "ArrowLeft")
        with dragged(first, description, 3) as one, dragged(second, description, 3) as other:
            one(0.5, 0.9)
            other(0.5, 0.1)
            one(0.9, 0.6)
        agree()
        tried("bursts in two tabs")
    seen = works(first)
    wait_until(lambda: second.seen() == seen, "the other tab shows something else")
    assert second.notebook.errors() == []


# -- restarted ------------------------------------------------------------------------------


@each_kind
@pytest.mark.parametrize("busy", ["a run", "a cell"])
def test_a_kernel_restarted_in_the_midst(opened, name, cell, busy, tried):
    demo = opened(name, cell)
    page, description = demo.notebook, slider(demo)
    if busy == "a cell":
        begin(page, "import time\nfor _ in range(600): time.sleep(0.1)")
    elif demo.trains:
        demo.hold_open(True)
        demo.button("Run again").click()
    else:
        demo.drag(description, 0.7)
    page.page.wait_for_timeout(300)
    restart(page)
    tried("restarts")
    # What is left of it is a picture; the page says so, and no word or picture changes any more.
    gone = demo.element.locator(".jupyter-widgets-disconnected")
    if demo.image.count():
        wait_until(gone.count, "nothing says that the controls are dead")
        before = demo.seen()
        demo.press(description, "End")
        page.page.wait_for_timeout(500)
        after = demo.seen()
        assert (after["words"], after["picture"]) == (before["words"], before["picture"])
    run_demo(page, name, cell)
    works(Demo(page, cell))


def helped(opened):
    """A demo in the midst of a run, its kernel, and the processes that help."""
    demo = opened(*SHARED)
    kernel = kernel_of(demo)
    demo.button("Run again").click()
    wait_until(lambda: helpers(kernel), "no process helps: one core?", 60)
    return demo, kernel, helpers(kernel)


@needs_signals
def test_a_restart_leaves_no_process_behind(opened, tried):
    demo, kernel, at_work = helped(opened)
    restart(demo.notebook)
    wait_until(lambda: not any(map(alive, [kernel, *at_work])), "a process is left behind", 60)
    tried("restarts")
    tried("processes", len(at_work))
    run_demo(demo.notebook, *SHARED)
    works(Demo(demo.notebook, SHARED[1]))


# -- interrupted ----------------------------------------------------------------------------

SLOW = """
def _slow(explorer, seconds):
    import time
    compute = _whole(explorer)
    def late(**values):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            time.sleep(0.02)
        return compute(**values)
    explorer._compute_with = late if seconds else compute
"""


def slow(demo, seconds):
    """Let the first result come so much later; 0: as it was."""
    demo.values()  # what the driver knows comes first
    demo.notebook.ask(f"exec({SLOW!r}, globals())")
    demo.notebook.ask(f"_slow({demo.explorer}, {seconds})")


def test_an_interrupt_of_the_cell_that_makes_a_demo(opened, tried):
    page = opened(*TRAINS).notebook
    cell = TRAINS[1]
    page.cell(cell)
    page.js("() => { jupyterapp.commands.execute('notebook:run-cell') }")
    wait_until(lambda: page.number(cell) is None, "the cell does not run")
    page.page.wait_for_timeout(300)
    interrupt(page)
    wait_until(lambda: page.number(cell), "the cell does not end", 60)
    assert page.errors() == ["KeyboardInterrupt"]  # the cell's own
    tried("interrupts")
    page.run(cell)
    works(Demo(page, cell))


@each_kind
def test_an_interrupt_of_a_value_set_in_a_cell(opened, name, cell, tried):
    demo = opened(name, cell)
    control = next(n for n in demo.kinds(*SLIDERS) if demo.enabled(n))
    slow(demo, 30)
    lowest = f"_ends({demo.explorer}.controls[{control!r}])[0]"
    begin(demo.notebook, f"{demo.explorer}.set({control}={lowest})")
    interrupt(demo.notebook)
    assert reply(demo.notebook) == "KeyboardInterrupt"
    tried("interrupts")
    slow(demo, 0)
    demo.taken()  # the slider has moved, and the words say that the picture has not
    wait_until(lambda: "Interrupted" in demo.seen()["words"], "nothing says that it is not done")
    works(demo)


@each_kind
def test_an_interrupt_of_a_sliders_run(opened, name, cell, tried):
    demo = opened(name, cell)
    description = slider(demo)
    for seconds in (0, 2):  # in the midst of a run, and before its first picture
        slow(demo, seconds)
        if demo.trains and not seconds:
            demo.hold_open(True)
        demo.press(description, "Home")
        demo.press(description, "ArrowRight")
        demo.page.wait_for_timeout(500)
        interrupt(demo.notebook)
        tried("interrupts")
        demo.page.wait_for_timeout(500)
        if demo.trains and not seconds:
            demo.hold_open(False)
        slow(demo, 0)
        works(demo)


@needs_signals
def test_an_interrupt_leaves_the_processes_that_help_alone(opened, tried):
    demo, _, at_work = helped(opened)
    interrupt(demo.notebook)
    tried("interrupts")
    demo.settled(PATIENCE)
    wait_until(lambda: not any(map(alive, at_work)), "a process is left behind", 60)
    works(demo)


@each_kind
def test_an_interrupt_of_a_long_training_in_a_cell(opened, name, cell, tried):
    demo = opened(name, cell)
    page, description = demo.notebook, slider(demo)
    begin(
        page,
        "import bnlib as bn\ndata = bn.datasets.digits()\n"
        "network = bn.mlp([64, 100, 100, 10], batch_norm=True)\n"
        "for s in bn.train(network, data, bn.Adam(0.01), steps=10**6, batch_size=60): pass",
    )
    for key in ("Home", "ArrowRight"):
        before = demo.picture()
        demo.press(description, key)
        followed = lambda: demo.picture() != before  # noqa: B023, E731
        wait_until(followed, "the picture waits for the end of the cell", 60)
    assert page.js("() => window.reply") is None, "the cell has ended by itself"
    interrupt(page)
    assert reply(page) == "KeyboardInterrupt"
    tried("interrupts")
    demo.taken()
    begin(page, "for s in bn.train(network, data, bn.Adam(0.01), steps=10, batch_size=60): pass")
    assert reply(page) == "ok"
    works(demo)


# -- a line that is cut ---------------------------------------------------------------------


@each_kind
@pytest.mark.parametrize("lost", ["to", "from", "neither"])
def test_a_line_cut_for_five_seconds(opened, server, name, cell, lost, tried):
    """With the last of what was said on one of its ways, or as chance will have it."""
    with line_to(server[0]) as (line, address):
        demo = opened(name, cell, address=address)
        demo.short_runs()
        description = slider(demo)
        connection = f"() => {SESSION}.session.kernel.connectionStatus"
        with dragged(demo, description) as move:
            move(0.5, 0.6)
            line.lost = frozenset({lost})
            move(0.6, 0.9)
            line.cut()
            move(0.9, 0.3)
            demo.page.wait_for_timeout(4500)
            line.restore()
            move(0.3, 0.7)
        assert line.cuts, "nothing was connected through the line"
        tried("cut connections", line.cuts)
        connected = lambda: demo.notebook.js(connection) == "connected"  # noqa: E731
        wait_until(connected, "JupyterLab does not connect again", 90)
        demo.settled(PATIENCE)
        # JupyterLab's own box says that the line was cut: all that a learner does is to close it.
        for _ in range(10):
            if demo.page.locator(".jp-Dialog").count():
                demo.page.locator(".jp-Dialog-footer button").first.click()
            demo.page.wait_for_timeout(500)
        handle = demo.control(description).get_by_role("slider")
        assert handle.get_attribute("aria-label") == description  # a new one has its name, too
        works(demo)
        demo.notebook.close()


# -- a machine that slept -------------------------------------------------------------------


def server_process(address) -> psutil.Process:
    port = int(address.rpartition(":")[2])
    for each in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            if any(c.laddr.port == port for c in each.net_connections("tcp") if not c.raddr):
                return each
    raise AssertionError(f"no process listens at {address}")


@needs_signals
@each_kind
@pytest.mark.parametrize("who", ["the kernel", "the server"])
def test_a_machine_that_slept(opened, server, name, cell, who, tried):
    demo = opened(name, cell)
    demo.short_runs()
    description = slider(demo)
    sleeper = kernel_of(demo) if who == "the kernel" else server_process(server[0])
    with dragged(demo, description) as move:
        move(0.5, 0.9)
        sleeper.send_signal(signal.SIGSTOP)
        try:
            with demo.watched() as changes:
                for _ in range(4):
                    move(0.9, 0.1)
                    move(0.1, 0.9)
                demo.page.wait_for_timeout(1000)
                before = changes()
                sleeper.send_signal(signal.SIGCONT)
                wait_until(lambda: changes() > before, "it does not wake up", 60)
                demo.page.wait_for_timeout(3000)
                late = changes() - before
        finally:
            sleeper.send_signal(signal.SIGCONT)
        # 160 moves: what was under way, and the latest value, plain and sharp.
        assert late <= (12 if demo.trains else 6), f"{late} pictures: it works off a queue"
        move(0.9, 0.4)
    tried("sleeps")
    demo.settled(PATIENCE)
    works(demo)
