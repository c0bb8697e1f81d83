"""`make series`: each notebook says in its first text cell what is told of it elsewhere."""

import re
import shutil
from pathlib import Path

import make_links
import nbformat
import pytest
import series

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def copy(tmp_path):
    """README, the notebooks and the page that comes from them, to change."""
    shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks")
    (tmp_path / "docs").mkdir()
    shutil.copy(ROOT / series.PAGE, tmp_path / series.PAGE)
    for name in ("README.md", "pyproject.toml"):  # `make links` writes an address into both
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def contents(root):
    files = [root / "README.md", root / series.PAGE, *notebooks(root)]
    return {path.name: path.read_bytes() for path in files}


def notebooks(root):
    return sorted((root / "notebooks").glob("*.ipynb"))


def edit(path, old, new):
    """Replace a text in a notebook's text cells."""
    notebook = nbformat.read(path, as_version=4)
    assert any(old in cell.source for cell in series.text_cells(notebook))
    for cell in series.text_cells(notebook):
        cell.source = cell.source.replace(old, new)
    nbformat.write(notebook, path)


def test_the_repository_lists_the_series_as_its_notebooks_say():
    assert series.stale(ROOT, write=False) == []


def test_a_run_where_nothing_differs_leaves_every_byte(copy):
    before = contents(copy)
    assert series.main([], copy) == 0
    assert contents(copy) == before


def test_what_the_first_cell_says_goes_everywhere(copy, capsys):
    path = notebooks(copy)[3]
    edit(path, "# 03 · γ and β", "# 03 · Two | letters: γ and β")
    edit(path, "About 40 minutes", "About 90 minutes")
    edit(path, "place γ and β, say", "say with $z$\nand |w|")
    edit(path, "in the series: adds γ and β", "in the series: is new.")
    before = contents(copy)
    assert series.main(["--check"], copy) == 1
    assert contents(copy) == before
    assert series.main([], copy) == 0
    changed = [name for name, now in contents(copy).items() if now != before[name]]
    first, _, second, _, fourth, *_ = (each.name for each in notebooks(copy))
    assert sorted(changed) == [first, second, fourth, "README.md"]
    said = capsys.readouterr().out
    assert all(f"{name}: differs" in said and f"{name}: written" in said for name in changed)

    now = {name: content.decode() for name, content in contents(copy).items()}
    row = r"| [03 · Two \| letters](notebooks/03_gamma_beta.ipynb) | say with z and \|w\| what they"
    assert row in now["README.md"]
    assert "| 90 |" in now["README.md"]
    assert "[03](03_gamma_beta.ipynb) is new. [04](" in now[first]
    assert "next: [03 · Two | letters](03_gamma_beta.ipynb)" in now[second]
    assert "previous: [03 · Two | letters](03_gamma_beta.ipynb) · [All" in now[fourth]
    assert series.main(["--check"], copy) == 0


def test_the_page_follows_its_cells(copy, capsys):
    edit(notebooks(copy)[-1], "### Proved", "### Proved, in a table")
    assert series.main([], copy) == 0
    assert capsys.readouterr().out.split() == ["one_page.md:", "written"]
    page = (copy / series.PAGE).read_text(encoding="utf-8")
    assert page.startswith("# The series on one page\n")
    assert "\n## Proved, in a table\n" in page
    assert "](../notebooks/glossary.md)" in page


def test_links_follow_when_a_notebook_goes(copy):
    notebooks(copy)[-1].unlink()
    gone = sorted(each.name for each in (ROOT / "notebooks").glob("*.ipynb"))[-1]
    assert series.main([], copy) == 0
    written = rf"next: \[[^\]]*\]\({gone}\)|\[{gone[:2]}\]\({gone}\)".encode()  # not by the authors
    assert not any(re.search(written, content) for content in contents(copy).values())
    assert b"notebooks/" + gone.encode() not in contents(copy)["README.md"]


def test_badges_neither_get_lost_nor_disturb(copy):
    make_links.main(["ada/batch-norm"], copy)
    before = contents(copy)
    assert series.main(["--check"], copy) == 0
    edit(notebooks(copy)[1], "About 30 minutes", "About 31 minutes")
    assert series.main([], copy) == 0
    badges = {name: now.count(b"mybinder.org/v2") for name, now in contents(copy).items()}
    assert badges == dict.fromkeys(badges, 1) | {series.PAGE.name: 0}
    changed = [name for name, now in contents(copy).items() if now != before[name]]
    assert changed == ["README.md", notebooks(copy)[1].name]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("# 01 · ", "# 02 · ", "'# 01 · Title'"),
        ("**Afterwards you can**", "You can", "'**Afterwards you can** ….'"),
        ("About 30 minutes", "An hour", "'About 50 minutes'"),
        ("in the series:", "", "'<!-- in the series: adds γ and β -->'"),
        ("[All notebooks](../README.md)", "", "0 places match"),
    ],
)
def test_what_is_missing_is_told_and_nothing_is_written(copy, capsys, old, new, told):
    path = notebooks(copy)[1]
    edit(path, old, new)
    before = contents(copy)
    assert series.main([], copy) == 1
    said = capsys.readouterr().out
    assert path.name in said
    assert told in said
    assert contents(copy) == before
