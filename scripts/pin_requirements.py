"""Resolve what pyproject.toml asks for into requirements.txt and requirements-test.txt.

Pins that still fit are kept; `--upgrade` (or any other option of `uv pip compile`) is passed on.
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST = "3.11"


def compile_pins(output: str, *arguments: str) -> None:
    """Write `output`: exact versions for every system and every Python from OLDEST on."""
    command = [sys.executable, "-m", "uv", "pip", "compile", "--universal", "--quiet"]
    command += ["--python-version", OLDEST, "--no-header", "pyproject.toml", "-o", output]
    subprocess.run(command + list(arguments), cwd=ROOT, check=True)


def pinned(text: str) -> dict[str, str]:
    """The blocks of a requirements file by package: a pin and the comment lines under it."""
    blocks: dict[str, str] = {}
    for block in re.findall(r"^[A-Za-z0-9].*\n(?:[ #].*\n)*", text, flags=re.MULTILINE):
        name = re.split(r"[=;\s]", block, maxsplit=1)[0]
        blocks[name] = blocks.get(name, "") + block
    return blocks


def main(options: list[str]) -> None:
    learner, tests = ROOT / "requirements.txt", ROOT / "requirements-test.txt"
    compile_pins(learner.name, "--extra", "lab", *options)
    everything = ["--extra", "lab", "--extra", "test", "--constraint", learner.name]
    compile_pins(tests.name, *everything, *options)
    # The tests run in the learner's own environment, so only what they need on top is listed.
    known = pinned(learner.read_text())
    extra = [block for name, block in pinned(tests.read_text()).items() if name not in known]
    tests.write_text(f"-r {learner.name}\n" + "".join(extra), newline="\n")


if __name__ == "__main__":
    main(sys.argv[1:])
