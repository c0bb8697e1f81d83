"""A notebook in a browser, driven as a person would: mouse, keyboard, eyes."""

from __future__ import annotations

import time

KERNEL = "jupyterapp.shell.currentWidget.context.sessionContext"
CELLS = "jupyterapp.shell.currentWidget.content"


class Notebook:
    """A notebook page whose kernel is ready."""

    def __init__(self, browser, address, token, name, *, width=1400, height=1000, density=1):
        self.context = browser.new_context(
            viewport={"width": width, "height": height}, device_scale_factor=density
        )
        self.page = self.context.new_page()
        self.problems = []
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.goto(f"{address}/lab/tree/{name}?token={token}&reset")
        self.wait_for_kernel()

    def close(self):
        self.page.evaluate(f"() => {KERNEL}.shutdown()")
        self.context.close()

    def wait_for_kernel(self):
        # The toolbar says idle before the session exists, so ask the session itself.
        self.page.wait_for_function(
            f"() => window.jupyterapp && jupyterapp.shell.currentWidget?.context?.isReady"
            f" && {KERNEL}.session?.kernel?.status === 'idle'",
            timeout=120_000,
        )

    def run_all(self, timeout=240):
        """Run every cell from the top, and wait until the last is done."""
        self.page.evaluate(f"() => {{ {CELLS}.activeCellIndex = 0 }}")
        self.page.evaluate("() => { window.ran = false; jupyterapp.commands.execute("
                           "'notebook:run-all-cells').then(() => { window.ran = true }) }")  # fmt: skip
        self.page.wait_for_function("() => window.ran", timeout=timeout * 1000)

    def errors(self) -> list[str]:
        """The errors and the text on stderr that the cells show, as the notebook's model has them."""
        return self.page.evaluate(
            f"""() => {CELLS}.model.sharedModel.toJSON().cells
                .flatMap(cell => cell.outputs ?? [])
                .filter(output => output.output_type === 'error' || output.name === 'stderr')
                .map(output => output.ename ?? output.text)"""
        )

    def cell(self, cell_id):
        """Scroll to a cell, make it the active one and return its element."""
        self.page.evaluate(
            f"""async (id) => {{
                const content = {CELLS};
                const index = content.widgets.findIndex(w => w.model.id === id);
                content.activeCellIndex = index;
                await content.scrollToItem(index, 'start');
            }}""",
            cell_id,
        )
        return self.page.locator(".jp-Notebook-cell.jp-mod-active").first

    def run(self, cell_id, timeout=120):
        """Run one cell and wait until it is done."""
        self.cell(cell_id)
        self.page.evaluate("() => { window.ran = false; jupyterapp.commands.execute("
                           "'notebook:run-cell').then(() => { window.ran = true }) }")  # fmt: skip
        self.page.wait_for_function("() => window.ran", timeout=timeout * 1000)

    def demo(self, cell_id) -> Demo:
        return Demo(self, cell_id)


class Demo:
    """The controls and the picture in one cell's output."""

    def __init__(self, notebook, cell_id):
        self.page = notebook.page
        self.element = notebook.cell(cell_id)
        self.image = self.element.locator("img.widget-image")
        self.image.wait_for(timeout=30_000)
        self.image.scroll_into_view_if_needed()

    def picture(self) -> str:
        """The address of the picture on show: a new one for every frame."""
        return self.image.get_attribute("src")

    def words(self) -> str:
        """The state in words."""
        return self.element.locator("[role=status]").inner_text()

    def control(self, description):
        """The control with a description."""
        label = self.page.get_by_text(description, exact=True)
        return self.element.locator(".jupyter-widgets", has=label).last

    def sliders(self) -> list[str]:
        """The descriptions of all sliders."""
        return self.element.locator(".widget-slider .widget-label").all_inner_texts()

    def handle(self, description):
        return self.control(description).locator(".noUi-handle")

    def drag(self, description, share, moves=12):
        """Drag a slider's handle with the mouse to a share of its track."""
        slider = self.control(description)
        slider.scroll_into_view_if_needed()
        track, handle = (
            slider.locator(name).bounding_box() for name in (".noUi-base", ".noUi-handle")
        )
        y = handle["y"] + handle["height"] / 2
        x = handle["x"] + handle["width"] / 2
        end = track["x"] + share * track["width"]
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        for k in range(1, moves + 1):
            self.page.mouse.move(x + (end - x) * k / moves, y)
        self.page.mouse.up()

    def press(self, description, key):
        """Press a key on a slider's handle."""
        self.handle(description).focus()
        self.page.keyboard.press(key)

    def value(self, description) -> str:
        """What a slider's readout says."""
        return self.control(description).locator(".widget-readout").inner_text()

    def click(self, button):
        self.element.locator("button", has_text=button).first.click()

    def settled(self, seconds=0.6, timeout=20):
        """Wait until neither picture nor words have changed for a while."""
        last, since, end = None, time.monotonic(), time.monotonic() + timeout
        while time.monotonic() < end:
            now = self.picture(), self.words()
            if now != last:
                last, since = now, time.monotonic()
            elif time.monotonic() - since > seconds:
                return
            self.page.wait_for_timeout(50)
        raise AssertionError("the picture does not come to rest")
