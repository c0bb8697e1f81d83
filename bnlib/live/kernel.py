"""What the explorer asks of the Jupyter kernel it runs in, if it runs in one."""

import re
import sys
from functools import partial

_ALL_STATES = "jupyter.widget.control"  # where a page asks for the state of all widgets

_latest: dict = {}  # (cell, name of the demo) -> (run, explorers that it made there)
_pages: set = set()  # the sessions that ran a demo's cell or asked for the state of all widgets


def kernel():
    """The running IPython kernel, or None in plain Python."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return getattr(shell, "kernel", None)


def _message() -> dict:
    """The message that the kernel is answering on this thread; empty in plain Python."""
    get_parent = getattr(kernel(), "get_parent", None)
    return (get_parent() if get_parent else None) or {}


def from_browser() -> bool:
    """Whether the code that calls was called by a widget in the browser, not by a cell."""
    return _message().get("header", {}).get("msg_type") == "comm_msg"


def in_page() -> bool:
    """Whether the kernel is a Python in the browser: one thread, for cells and sliders alike."""
    return sys.platform == "emscripten" and kernel() is not None


def answer_at_once(widgets):
    """What the front end says to these widgets is heard while a cell computes, too.

    JupyterLab sends it to a thread of its own (a subshell), but ipykernel 7.4 hands it to the one
    that last spoke for the widget: where that was a cell's, a slider waits for the end of all
    cells.
    """
    for widget in widgets:
        if widget.comm is not None:
            getattr(widget.comm, "__dict__", {}).pop("_reply_subshell_id", None)


def _forget_output(value):
    """IPython keeps what a cell showed, in ``Out`` and under its own names: of a closed explorer,
    10 MB for nothing. A name that the user gave it stays."""
    shell = getattr(kernel(), "shell", None)
    if shell is None:
        return
    for names in (shell.user_ns.get("Out", {}), shell.user_ns, shell.user_ns_hidden):
        for name in [name for name, held in names.items() if held is value]:
            if re.fullmatch(r"_{1,3}|_?\d+", str(name)):
                del names[name]
    for name in ("_", "__", "___"):
        if getattr(shell.displayhook, name, None) is value:
            setattr(shell.displayhook, name, None)


def replace_earlier(explorer):
    """Close the explorers that an earlier run of this cell made, so that re-runs do not pile up.

    JupyterLab sends the cell's id with its code; where a front end does not, the code stands for
    the cell. One run may make several of a name. In plain Python one explorer of each name is kept
    open; a closed one still computes.
    """
    message = _message()
    code = message.get("content", {}).get("code")
    cell = message.get("metadata", {}).get("cellId") or code
    run = message.get("header", {}).get("msg_id")
    earlier_run, earlier = _latest.get((cell, explorer.name), (None, []))
    if run is None or run != earlier_run:
        for old in earlier:
            old.close()
            _forget_output(old)
        earlier = []
    _latest[cell, explorer.name] = run, [*earlier, explorer]


def renew_after_a_cut():
    """From now on every open explorer gives its controls new models when a page is back from a cut.

    A page sends a control's next value when the kernel has answered the last one. Where that value
    or its answer was lost with the line between them, the page would wait for ever. It asks for the
    state of all widgets when it opens and when it is connected again; so one that is known and asks
    has been away.
    """
    targets = getattr(getattr(kernel(), "comm_manager", None), "targets", {})
    answer = targets.get(_ALL_STATES)
    if answer is not None:
        _pages.add(_page(_message()))
        if getattr(answer, "func", None) is not _asked_for_all_states:
            targets[_ALL_STATES] = partial(_asked_for_all_states, answer)


def _page(message):
    return message.get("header", {}).get("session")


def _asked_for_all_states(answer, comm, message):
    answer(comm, message)
    known = _page(message) in _pages
    _pages.add(_page(message))
    for _, explorers in list(_latest.values()) if known else ():
        for explorer in explorers:
            explorer.renew_controls()
