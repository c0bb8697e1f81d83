"""The series on one page: what it points to is there, and docs/ has the same page."""

import re
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
PAGE = (ROOT / "docs" / "one_page.md").read_text(encoding="utf-8")
POINTER = re.compile(r"\[(\d\d), \*([^*]+)\*\]\(\.\./notebooks/([\w.]+)\)")
POINTERS = sorted({(found[2], found[1]) for found in POINTER.findall(PAGE)})


def places(path):
    """What a reader can look for in a notebook: its headings, and what stands in bold."""
    cells = nbformat.read(path, as_version=4).cells
    text = "\n".join(c.source for c in cells if c.cell_type == "markdown")
    found = re.findall(r"^#+ (.+)$|\*\*(.+?)\*\*", text, re.MULTILINE)
    return "\n".join("".join(each) for each in found).lower()


@pytest.mark.parametrize(("file", "words"), POINTERS)
def test_what_it_points_to_is_there(file, words):
    assert words.lower() in places(ROOT / "notebooks" / file)


def test_a_pointer_names_the_notebook_that_it_opens():
    for number, _, file in POINTER.findall(PAGE):
        assert file.startswith(number)


def test_each_notebook_has_its_place_on_it():
    assert {file for file, _ in POINTERS} == {path.name for path in NOTEBOOKS}


def test_every_row_says_where():
    rows = [line for line in PAGE.splitlines() if line.startswith("| ")]
    rows = [row for row in rows if not row.startswith(("| sentence", "| you have"))]
    assert len(rows) > 30
    for row in rows:
        assert POINTER.search(row), row


def test_it_links_the_glossary_and_the_readme_links_it():
    assert "](../notebooks/glossary.md)" in PAGE
    assert "](docs/one_page.md)" in (ROOT / "README.md").read_text(encoding="utf-8")
