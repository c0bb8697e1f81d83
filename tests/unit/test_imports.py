"""What ``import bnlib`` loads."""

import os
import subprocess
import sys

import pytest


@pytest.mark.parametrize("name", ["demos", "live", "checks"])
def test_plots_and_widgets_are_loaded_when_they_are_asked_for(name):
    code = (
        "import sys, bnlib as bn\n"
        "bn.fit(bn.mlp([64, 9, 10], batch_norm=True), bn.datasets.standardized_digits(),"
        " bn.SGD(.1), steps=2, batch_size=9)\n"
        "heavy = {'matplotlib', 'ipywidgets', 'IPython', 'bnlib.live', 'bnlib.demos'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
        "assert {'demos', 'live', 'checks', 'mlp'} <= set(dir(bn))\n"
        f"bn.{name}.__all__\n"
        f"assert 'bnlib.{name}' in sys.modules\n"
        "try: bn.nothing\n"
        "except AttributeError as error: assert 'nothing' in str(error)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


def test_a_first_start_without_a_list_of_fonts_says_nothing(tmp_path):
    """In the browser, where no thread waits five seconds, Matplotlib would say so at once."""
    code = (
        "import logging, threading, matplotlib\n"
        "class AtOnce:\n"
        "    def __init__(self, seconds, function): self.function = function\n"
        "    def start(self): self.function()\n"
        "    def cancel(self): pass\n"
        "threading.Timer = AtOnce\n"
        "import bnlib.live\n"
        "assert list(__import__('pathlib').Path(matplotlib.get_cachedir()).glob('fontlist*'))\n"
        "logging.getLogger('matplotlib.font_manager').warning('something else')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | {"MPLCONFIGDIR": str(tmp_path)},
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "something else\n")
