"""The cells of a saved notebook as HTML, with nbconvert and the template cells.html.j2."""

import re
from pathlib import Path

import make_links
import series
from nbconvert import HTMLExporter
from prose import Prose

TEMPLATES = Path(__file__).resolve().parent / "templates"
DEMO = re.compile(r"<\w+: [\w, ]+>")  # what a saved demo says of itself instead of its sliders
BADGES = re.compile(f"{make_links.OPEN}.*?{make_links.CLOSE}", re.DOTALL)
NEIGHBOURS = re.compile(rf"\n+(---\n+)?[^\n]*{re.escape(series.ALL)}[^\n]*\Z")
SOLUTION = re.compile(r'^Run `bn\.solution\("(\d\d_\d)"\)`.*$', re.MULTILINE)


def cells(notebook, page, prose: Prose, folder: Path) -> tuple[str, dict[str, bytes]]:
    """The cells of a notebook as HTML, and its pictures: name as seen from read/ -> bytes.

    Badges and the line of neighbours are left out, as the page has its own; a solution that the
    notebook would show, a file in `folder`, is shown where it is folded away.
    """
    for cell in series.text_cells(notebook):
        cell.source = NEIGHBOURS.sub("", BADGES.sub("", cell.source))
        cell.source = SOLUTION.sub(lambda found: solution(folder, found[1]), cell.source)
    exporter = HTMLExporter(
        template_name="base", template_file="cells.html.j2", extra_template_paths=[str(TEMPLATES)]
    )
    exporter.register_preprocessor(
        "nbconvert.preprocessors.ExtractOutputPreprocessor", enabled=True
    )
    exporter.register_filter("prose", prose.convert)
    exporter.register_filter("is_demo", lambda text: bool(DEMO.fullmatch(text)))
    resources = {"unique_key": page.entry.file[:-6], "output_files_dir": "pictures", "page": page}
    body, resources = exporter.from_notebook_node(notebook, resources)
    return body, resources.get("outputs", {})


def solution(folder: Path, exercise: str) -> str:
    """What stands in a solution's file, as Markdown: `exercise` is "00_1"."""
    (path,) = (folder / "solutions").glob(f"{exercise}_*.py")
    code = path.read_text(encoding="utf-8").strip()
    return f"It is in `{path.parent.name}/{path.name}`:\n\n```python\n{code}\n```"


def place(notebook, words: str) -> str:
    """The #id of the first text cell that has these words in a heading or else in bold type."""
    for pattern in (r"^#+ (.+)$", r"\*\*(.+?)\*\*"):
        for cell in series.text_cells(notebook):
            found = re.findall(pattern, cell.source, re.MULTILINE)
            if any(words.lower() in each.lower() for each in found):
                return f"#cell-{cell.id}"
    return ""
