"""Open a copy of the notebooks in JupyterLab.

    python -m bnlib                      in the folder bnlib-notebooks
    python -m bnlib course               in the folder course
    python -m bnlib -- --port=8899       with options of JupyterLab

The copy is yours: a file that is there stays as it is, only missing ones are added.
"""

import argparse
import importlib.util
import os
import sys
from pathlib import Path

from .series import source

FOLDER = "bnlib-notebooks"  # says where it came from, and no folder of yours is called that
FIRST = "00_tour.ipynb"  # opens with JupyterLab
FILES = ("*.ipynb", "glossary.md", "solutions/*.py")


def add_missing(folder: Path) -> tuple[int, int]:
    """Copy notebooks, glossary and solutions to ``folder``; how many are new, how many were there.

    A file is only ever created, never written over: whatever has its name stays. OSError where a
    folder cannot be made or written to.
    """
    added = kept = 0
    notebooks = source("notebooks")
    files = (path for pattern in FILES for path in notebooks.glob(pattern))
    for original in files:
        copy = folder / original.relative_to(notebooks)
        copy.parent.mkdir(parents=True, exist_ok=True)
        try:
            with copy.open("xb") as new:
                new.write(original.read_bytes())
            added += 1
        except FileExistsError:
            kept += 1
    return added, kept


def report(folder: Path, added: int, kept: int) -> str:
    """What happened to the copy, in one line."""
    if not kept:
        return f"{folder}: a new copy of the notebooks, {added} files"
    if not added:
        return f"{folder}: your copy, all {kept} files kept as they are"
    return f"{folder}: your copy, {kept} files kept as they are, missing ones added: {added}"


def open_lab(folder: Path, options: list[str]) -> None:
    """Run JupyterLab on ``folder`` until it ends; only this machine can reach it, as it stands."""
    from jupyterlab.labapp import main

    paths = (os.environ.get("JUPYTER_CONFIG_PATH"), str(source("lab")))
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(path for path in paths if path)
    if not any(option.startswith(("--ip", "--ServerApp.ip")) for option in options):
        options = ["--ip=localhost", *options]
    if not any(option.startswith("--LabApp.default_url") for option in options):
        options = [f"--LabApp.default_url=/lab/tree/{FIRST}", *options]
    sys.exit(main([str(folder), *options]))


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m bnlib",
        usage="%(prog)s [--help] [--no-browser] [folder] [-- options of JupyterLab]",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER, help=f"default: {FOLDER}")
    parser.add_argument("--no-browser", action="store_true", help="only print the address to open")
    end = arguments.index("--") if "--" in arguments else len(arguments)
    chosen, options = parser.parse_args(arguments[:end]), arguments[end + 1 :]
    if importlib.util.find_spec("jupyterlab") is None:
        python = f'"{sys.executable}"' if " " in sys.executable else sys.executable
        install = f"{python} -m pip install jupyterlab"
        sys.exit(f"JupyterLab is missing in this environment. Install it with\n\n    {install}\n")
    try:
        print(report(chosen.folder, *add_missing(chosen.folder)), flush=True)
    except OSError as error:
        sys.exit(f"cannot copy the notebooks to {chosen.folder}: {error}")
    open_lab(chosen.folder, ["--no-browser"] * chosen.no_browser + options)


if __name__ == "__main__":
    main(sys.argv[1:])
