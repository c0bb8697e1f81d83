"""Run the unit tests with the oldest versions that pyproject.toml allows, on the oldest Python."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST = "3.11"
TOOLS = ("pytest", "hypothesis", "psutil")
TESTS = ("tests/unit", "tests/demos")


def uv(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "uv", *arguments], cwd=ROOT, check=True)


def main(folder: str, options: list[str]) -> int:
    """Build an environment in `folder` and return pytest's exit status in it."""
    python = Path(folder) / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    uv("venv", "--quiet", "--clear", "--python", OLDEST, folder)
    uv("pip", "install", "--python", str(python), "--resolution", "lowest-direct", "-e", ".")
    # The tools come after, at the versions of `make test`, so that bnlib alone decides the rest.
    pins = (ROOT / "requirements-test.txt").read_text() + (ROOT / "requirements.txt").read_text()
    tools = [re.search(rf"^{tool}==[^\s;]+", pins, re.MULTILINE).group() for tool in TOOLS]
    uv("pip", "install", "--python", str(python), "--quiet", *tools)
    tests = [test for test in TESTS if (ROOT / test).is_dir()]
    return subprocess.run([python, "-m", "pytest", *tests, *options], cwd=ROOT).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
