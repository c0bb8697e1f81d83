"""The notebooks print the saved text with the oldest packages allowed, and with the newest."""

import pytest

from tests.proof import elsewhere
from tests.proof.elsewhere import NOTEBOOKS, ROOT
from tests.proof.environments import (
    WHICH_PACKAGES,
    asked,
    environment,
    interpreter,
    newest_interpreter,
)

__all__ = ["environment"]  # a fixture


@pytest.mark.proof
@pytest.mark.parametrize("which", ["lowest", "newest"])
@pytest.mark.parametrize("name", NOTEBOOKS)
def test_other_packages(which, name, environment, tmp_path, tried):
    """numpy, matplotlib, ipywidgets as old as pyproject.toml allows, and the newest there are."""
    if which == "lowest":
        base, choice = interpreter("3.11"), ("--resolution", "lowest-direct")
    else:
        base, choice = newest_interpreter(), ("--upgrade",)
    if base is None:
        pytest.skip("Python 3.11 is not on this machine")
    python = environment(which, base, *choice, "-r", ROOT / "pyproject.toml", pinned=False)
    versions = asked(python, WHICH_PACKAGES)
    if which == "lowest":
        bounds = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
        packages = ("numpy", "matplotlib", "ipywidgets")
        for package, version in zip(packages, versions.split()[2:], strict=True):
            wanted = bounds.partition(f'"{package}>=')[2].partition('"')[0]
            assert f"{version}.".startswith(f"{wanted}."), (package, version, wanted)
    checkout = elsewhere.copy_of(name, folder=tmp_path)
    env = elsewhere.surroundings(checkout)
    elsewhere.check(python, checkout, name, ask=WHICH_PACKAGES, answer=versions, env=env)
    tried(f"notebooks with the {which} packages")
