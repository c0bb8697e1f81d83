"""Execute notebooks from a fresh kernel and save them with their outputs.

python scripts/refresh_notebooks.py                          every notebook
python scripts/refresh_notebooks.py notebooks/00_tour.ipynb  only this one
python scripts/refresh_notebooks.py --check                  save nothing, say what would change
"""

import argparse
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"
WIDGET = "application/vnd.jupyter.widget-view+json"
PICTURES = ("image/png", "image/jpeg")
CELL_TIMEOUT = 900  # seconds: on a busy machine a cell of a minute takes many
# The same on every machine, whatever Python executed the notebook.
SAVED_METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
VOLATILE_CELL_METADATA = ("execution", "collapsed", "scrolled", "trusted")


def execute(notebook: nbformat.NotebookNode, folder: Path) -> nbformat.NotebookNode:
    """A copy of `notebook`, executed top to bottom in a fresh kernel that works in `folder`."""
    executed = nbformat.from_dict(notebook)
    NotebookClient(
        executed,
        kernel_name="python3",
        timeout=CELL_TIMEOUT,
        store_widget_state=False,
        record_timing=False,
        coalesce_streams=True,
        resources={"metadata": {"path": str(folder)}},
    ).execute()
    return tidy(executed)


def tidy(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Drop, in place, what changes from run to run or shows nothing without a kernel."""
    notebook.metadata.update(nbformat.from_dict(SAVED_METADATA))
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        for key in VOLATILE_CELL_METADATA:
            cell.metadata.pop(key, None)
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            # Without its kernel a widget is an error message where the picture could be.
            if any(kind in data for kind in PICTURES):
                data.pop(WIDGET, None)
    return notebook


def complaints(notebook: nbformat.NotebookNode) -> list[str]:
    """Errors and lines on stderr that an executed notebook must not have."""
    found = []
    for number, cell in enumerate(notebook.cells):
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                found.append(f"cell {number} raises {output.ename}: {output.evalue}")
            elif output.get("name") == "stderr":
                found.append(f"cell {number} writes to stderr: {output.text.strip()}")
    return found


def stored_text(cell: nbformat.NotebookNode) -> dict[str, list]:
    """What strict nbval compares: the outputs by kind, without pictures and widget numbers."""
    text: dict[str, list] = {}
    for output in cell.get("outputs", []):
        if output.output_type == "stream":
            so_far = "".join(text.get(output.name, []))
            text[output.name] = [so_far + output.text]
        for kind, value in output.get("data", {}).items():
            if kind not in (*PICTURES, WIDGET):
                text.setdefault(kind, []).append(value)
    return text


def differences(saved: nbformat.NotebookNode, fresh: nbformat.NotebookNode) -> list[str]:
    """The code cells whose stored text is not what a fresh execution gives."""
    found = []
    for number, (old, new) in enumerate(zip(saved.cells, fresh.cells, strict=True)):
        if old.cell_type != "code":
            continue
        if old.execution_count is None and old.source.strip():
            found.append(f"cell {number} is saved without having been executed")
            continue
        was, now = stored_text(old), stored_text(new)
        if was != now:
            found.append(f"cell {number} differs:\n    saved {was}\n    fresh {now}")
    return found


def refresh(path: Path, check: bool) -> list[str]:
    """Execute the notebook at `path`, save it unless `check`, and return what is wrong."""
    saved = nbformat.read(path, as_version=4)
    try:
        fresh = execute(saved, path.parent)
    except CellExecutionError as error:
        return [str(error)]
    problems = complaints(fresh)
    if check:
        problems += differences(saved, fresh)
    elif not problems:
        nbformat.write(fresh, path)
    return problems


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("notebooks", nargs="*", type=Path, help="default: notebooks/*.ipynb")
    parser.add_argument("--check", action="store_true", help="compare instead of saving")
    options = parser.parse_args(arguments)
    failed = 0
    for path in options.notebooks or sorted(NOTEBOOKS.glob("*.ipynb")):
        problems = refresh(path.resolve(), options.check)
        done = "is up to date" if options.check else "executed and saved"
        print(f"{path.name}: " + ("\n  ".join(["", *problems]) if problems else done), flush=True)
        failed += bool(problems)
    return failed


if __name__ == "__main__":
    sys.exit(main())
