"""Build the web edition: a folder for any web server.

    python site/build.py                     Pyodide comes from its public network
    python site/build.py --pyodide FOLDER    Pyodide is part of the site, which needs no other host

It writes `site/build/`, of which nothing is kept from an earlier time: `index.html`, `read/` (the
notebooks as pages) and `lite/` (the same notebooks, running).
"""

import argparse
import shutil
from pathlib import Path

import pyodide
from lite import build_lite
from pages import build_pages

OUT = Path(__file__).resolve().parent / "build"


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pyodide", type=Path, help="a folder with Pyodide: see pyodide.py")
    parser.add_argument("--out", type=Path, default=OUT, help="default: site/build")
    options = parser.parse_args(arguments)
    if options.pyodide:
        try:
            pyodide.check(options.pyodide)
        except (FileNotFoundError, ValueError) as error:
            parser.exit(1, f"{error}\n")
    out = options.out.resolve()
    if out.exists():
        if out != OUT and not (out / "lite" / "jupyter-lite.json").exists():
            parser.exit(1, f"{out} is there and is no site: it would be deleted\n")
        shutil.rmtree(out)
    build_pages(out)
    build_lite(out / "lite", options.pyodide)
    size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    print(f"{out}: {size / 1e6:.0f} MB. `make site-serve` shows it.")


if __name__ == "__main__":
    main()
