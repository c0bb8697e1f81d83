import pytest

import bnlib.live.kernel


@pytest.fixture
def in_kernel(monkeypatch):
    """What a cell sees: there is a kernel, and the code that runs is the cell's."""
    monkeypatch.setattr(bnlib.live.kernel, "kernel", object)


@pytest.fixture
def from_browser(in_kernel, monkeypatch):
    """What a callback sees: a function that says whether the browser or a cell is calling."""
    state = {"browser": True}
    monkeypatch.setattr(bnlib.live.kernel, "from_browser", lambda: state["browser"])
    return lambda browser: state.update(browser=browser)
