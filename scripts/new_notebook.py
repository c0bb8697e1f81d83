"""Write a notebook to start from: every room, a demo, three exercises, their checks and solutions.

python scripts/new_notebook.py 09_my_notebook "What it tells"

All of it stands in new_notebook.txt: `%%%% path` begins a file, `%% text name` and `%% code name` a
cell. As written it passes every test; then replace it, piece by piece, by what you have to say.
"""

import argparse
import keyword
import re
import sys
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from refresh_notebooks import SAVED_METADATA

ROOT = Path(__file__).resolve().parent.parent
TEMPLATE = Path(__file__).with_suffix(".txt")
CELLS = {"text": new_markdown_cell, "code": new_code_cell}


def files(number: str, name: str, title: str) -> dict[str, str]:
    """The text of every new file by its path in the repository."""
    text = TEMPLATE.read_text(encoding="utf-8")
    for part, value in {"number": number, "name": name, "title": title}.items():
        text = text.replace("{{" + part + "}}", value)
    _, *pairs = re.split(r"^%%%% (.+)\n", text, flags=re.MULTILINE)
    return dict(zip(pairs[::2], pairs[1::2], strict=True))


def notebook(text: str) -> nbformat.NotebookNode:
    """The cells that a text describes, not executed yet."""
    _, *parts = re.split(r"^%% (text|code) (.+)\n", text, flags=re.MULTILINE)
    cells = [
        CELLS[kind](source.strip(), id=name)
        for kind, name, source in zip(parts[::3], parts[1::3], parts[2::3], strict=True)
    ]
    return new_notebook(cells=cells, metadata=SAVED_METADATA)


def taken(root: Path, number: str, name: str) -> list[Path]:
    """What stands already where a notebook of this number or this name would go."""
    patterns = (
        f"notebooks/{number}_*.ipynb", f"notebooks/*_{name}.ipynb", f"bnlib/demos/{name}",
        f"bnlib/demos/{name}.py", f"bnlib/checks/{name}.py", f"notebooks/solutions/{number}_*.py",
    )  # fmt: skip
    return [path for pattern in patterns for path in sorted(root.glob(pattern))]


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("name", help="the notebook's, as in 09_my_notebook")
    parser.add_argument("title", help="as in 'What it tells'")
    options = parser.parse_args(arguments)
    number, _, name = options.name.partition("_")
    if not re.fullmatch(r"\d\d_[a-z][a-z0-9_]*", options.name) or keyword.iskeyword(name):
        parser.error(f"{options.name!r} is not a number and a name as in 09_my_notebook")
    if existing := taken(root, number, name):
        parser.error(f"{existing[0].relative_to(root)} is there already: nothing was written")
    for path, text in files(number, name, " ".join(options.title.split())).items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        if path.endswith(".ipynb"):
            nbformat.write(notebook(text), root / path)
        else:
            (root / path).write_text(text, encoding="utf-8", newline="\n")
        print(path)
    print(f"Now make it yours, and then: make notebooks NOTEBOOKS=notebooks/{options.name}.ipynb")
    return 0


if __name__ == "__main__":
    sys.exit(main())
