"""`make links`: badges in README and notebooks."""

import argparse
import tomllib

import make_links
import nbformat
import pytest


@pytest.fixture
def root(tmp_path):
    (tmp_path / "README.md").write_text("# Title\n\nProse é.\n", encoding="utf-8")
    project = '[project]\nname = "toy"\n\n# why\n[project.urls]\n\n[tool.toy]\na = 1\n'
    (tmp_path / "pyproject.toml").write_text(project, encoding="utf-8")
    (tmp_path / "notebooks").mkdir()
    for name, source in {
        "00_tour": "# Tour\n\n<!-- badges --><!-- /badges -->\n\nYou will.",
        "01_inputs": "# Inputs σ²\nYou will.",
    }.items():
        cells = [nbformat.v4.new_code_cell("1 + 1"), nbformat.v4.new_markdown_cell(source)]
        nbformat.write(
            nbformat.v4.new_notebook(cells=cells), tmp_path / "notebooks" / f"{name}.ipynb"
        )
    return tmp_path


def files(root):
    return {path.name: path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_every_notebook_opens_itself_and_the_readme_opens_the_first(root):
    make_links.main(["ada/batch-norm"], root)
    for name in ("00_tour", "01_inputs"):
        text = nbformat.read(root / "notebooks" / f"{name}.ipynb", as_version=4).cells[1].source
        page = f"urlpath=lab%2Ftree%2Fnotebooks%2F{name}.ipynb"
        assert f"https://mybinder.org/v2/gh/ada/batch-norm/main?{page}" in text
        site = "https://ada.github.io/batch-norm/"
        assert f"[Read]({site}read/{name}.html)" in text
        assert f"[run]({site}lite/notebooks/index.html?path={name}.ipynb)" in text
        colab = "https://colab.research.google.com/github/ada/batch-norm"
        assert f"{colab}/blob/main/notebooks/{name}.ipynb" in text
        assert "%pip install -q git+https://github.com/ada/batch-norm`" in text
        assert text.startswith("# ")
        assert text.endswith("<!-- /badges -->\n\nYou will.")
        assert text.count(make_links.OPEN) == 1
    readme = (root / "README.md").read_text(encoding="utf-8")
    assert readme.startswith("# Title\n\n<!-- badges -->\nthe [web edition](")
    assert readme.endswith("<!-- /badges -->\n\nProse é.\n")
    assert "00_tour.ipynb" in readme


def test_the_package_learns_its_address(root):
    make_links.main(["somebody/else"], root)
    make_links.main(["ada/batch-norm", "--branch", "draft/1"], root)
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    home = "https://github.com/ada/batch-norm"
    urls = {"Homepage": home, "Documentation": "https://ada.github.io/batch-norm/"}
    urls |= {"Source": f"{home}/tree/draft/1", "Issues": f"{home}/issues"}
    assert project == {"project": {"name": "toy", "urls": urls}, "tool": {"toy": {"a": 1}}}


def test_a_page_of_the_owner_has_no_folder():
    assert make_links.site("Ada/Ada.github.io") == "https://ada.github.io/"


def test_a_second_run_changes_nothing(root):
    make_links.main(["ada/batch-norm"], root)
    once = files(root)
    make_links.main(["ada/batch-norm"], root)
    assert files(root) == once


def test_another_address_replaces_the_first(root):
    make_links.main(["somebody/else", "--branch", "draft/1"], root)
    make_links.main(["ada/batch-norm"], root)
    once = files(root)
    assert not any(b"somebody" in content for content in once.values())
    make_links.main(["ada/batch-norm"], root)
    assert files(root) == once


def test_only_the_text_of_the_first_text_cell_changes(root):
    path = root / "notebooks" / "01_inputs.ipynb"
    before = path.read_text(encoding="utf-8").splitlines()
    make_links.main(["ada/batch-norm"], root)
    after = path.read_text(encoding="utf-8")
    assert after.endswith("}\n")
    assert not set(before) - set(after.splitlines())


NOT_REPOSITORIES = """
ada ada/ /b ada/b/c https://github.com/ada/b ada/b.git ada/.. -ada/b ada-/b ada/b) ada/b;ls
"""


@pytest.mark.parametrize("text", ["", "a b/c", "a" * 40 + "/b", *NOT_REPOSITORIES.split()])
def test_what_is_not_owner_and_name_is_refused(text):
    with pytest.raises(argparse.ArgumentTypeError, match="wanted owner/name"):
        make_links.repository(text)


@pytest.mark.parametrize("text", ["ada/b", "Ada-L/batch_norm.notes", "a1/" + "n" * 100])
def test_owner_and_name_are_accepted(text):
    assert make_links.repository(text) == text
