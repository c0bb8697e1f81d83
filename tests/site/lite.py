"""The same notebooks in JupyterLite, where the kernel is a Python in the browser."""

from __future__ import annotations

import json

from tests.browser.driver import CELLS, KERNEL_CODE, PAGE_CODE, SESSION, Notebook

ANSWER = "the answer: "
SCREEN = {"viewport": {"width": 1400, "height": 1000}}


class LiteNotebook(Notebook):
    """A notebook page of the web edition at ``address``, whose kernel is ready."""

    def __init__(self, context, address, name, *, app="notebooks", code=""):
        self.context = context
        self.context.add_init_script(PAGE_CODE + code)
        self.page = self.context.new_page()
        self.page.set_default_timeout(30_000)
        self.problems = []
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.goto(f"{address}/lite/{app}/index.html?path={name}")
        self.wait_for_kernel()

    def close(self):
        self.context.close()  # and with it the kernel, which lives in the page

    def show(self, notebook):
        """Put other cells in place of those on the page; none of them has run."""
        self.js(
            f"made => {{ {CELLS}.model.fromJSON(made) }}",
            notebook,
        )
        self.page.wait_for_function(f"() => {CELLS}.widgets.length === {len(notebook.cells)}")

    def outputs(self, cell_id) -> list[dict]:
        """The outputs of a cell, as they would be saved."""
        return self.js(
            f"id => {CELLS}.widgets.find(w => w.model.id === id).model.toJSON().outputs", cell_id
        )

    def ask(self, expression, seconds=60):
        """The value of a Python expression in the kernel, which answers in print alone."""
        code = "" if self.ask_ready else KERNEL_CODE
        printed = self.js(
            f"""async (code) => {{
                const asked = {SESSION}.session.kernel.requestExecute({{
                    code, silent: false, store_history: false, stop_on_error: false
                }});
                let printed = '';
                asked.onIOPub = message => {{
                    const said = message.content;
                    printed += said.text ?? [said.ename, said.evalue].filter(Boolean).join(': ');
                }};
                await asked.done;
                return printed;
            }}""",
            # Nothing tells this kernel not to count, and its pages count the cells alone.
            f"{code}\nprint({ANSWER!r} + __import__('json').dumps({expression}))\n"
            "get_ipython().execution_count -= 1",
            seconds=seconds,
        )
        assert ANSWER in printed, printed
        self.ask_ready = True
        return json.loads(printed.split(ANSWER)[1])
