"""Where there is no Chromium the browser tests are skipped and say so; in CI they fail."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
@pytest.mark.parametrize(("required", "outcome"), [("", "skipped"), ("1", "error")])
def test_no_chromium(required, outcome, tmp_path):
    environment = os.environ | {"PATH": str(tmp_path), "CHROMIUM": ""}
    environment["BNLIB_REQUIRE_BROWSER"] = required
    arguments = [
        "tests/browser/test_notebooks.py",
        "-k",
        "it_runs and 01_",
        "-p",
        "no:cacheprovider",
    ]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *arguments],
        cwd=ROOT, env=environment, capture_output=True, text=True, encoding="utf-8", timeout=120,
    )  # fmt: skip
    assert f"1 {outcome}" in done.stdout
    assert "no Chromium found: install it" in done.stdout
    assert (done.returncode == 0) == (outcome == "skipped")
