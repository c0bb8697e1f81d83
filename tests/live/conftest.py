import pytest

import bnlib.live.explorer
import bnlib.live.kernel
import bnlib.live.runner


@pytest.fixture
def rest_after(monkeypatch):
    """A function that sets the seconds without a new setting after which a picture is sharp."""
    return lambda seconds: monkeypatch.setattr(bnlib.live.runner, "REST_SECONDS", seconds)


@pytest.fixture
def in_kernel(monkeypatch, rest_after):
    """What a cell sees: there is a kernel, and the code that runs is the cell's."""
    rest_after(0.02)
    monkeypatch.setattr(bnlib.live.kernel, "kernel", object)
    monkeypatch.setattr(bnlib.live.explorer, "one_blas_thread_from_now_on", lambda: None)


@pytest.fixture
def from_browser(in_kernel, monkeypatch):
    """What a callback sees: a function that says whether the browser or a cell is calling."""
    state = {"browser": True}
    monkeypatch.setattr(bnlib.live.kernel, "from_browser", lambda: state["browser"])
    return lambda browser: state.update(browser=browser)


@pytest.fixture(scope="module")
def kernel_log(tmp_path_factory):
    """Where a kernel of its own writes."""
    return tmp_path_factory.mktemp("kernel") / "stderr.txt"
