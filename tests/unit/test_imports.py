"""What ``import bnlib`` loads."""

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
