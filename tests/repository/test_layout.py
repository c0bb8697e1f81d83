"""Imports point one way, and what belongs to a notebook is found by its name."""

import ast
import sys
from pathlib import Path

import nbformat
import pytest

import bnlib as bn

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "bnlib"
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def imported(tree, module=""):
    """Full names of all that a syntax tree imports; `module` is where it stands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = module.split(".")[: -node.level] if node.level else []
            base += (node.module or "").split(".") if node.module else []
            yield from (".".join([*base, each.name]) for each in node.names)


def imports_of(path):
    """What a module of bnlib imports, and of the package which parts: ("demos", "tour", …)."""
    module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    names = set(imported(ast.parse(path.read_text(encoding="utf-8")), module))
    inside = {tuple(name.split(".")[1:]) for name in names if name.startswith("bnlib.")}
    return {name.split(".")[0] for name in names}, inside


def modules(folder, pattern="*.py"):
    return sorted((PACKAGE / folder).glob(pattern))


def parametrize(paths):
    return pytest.mark.parametrize("path", paths, ids=[str(p.relative_to(ROOT)) for p in paths])


MATHEMATICS = [p for p in modules(".") if not p.stem.startswith("__")] + modules("datasets")
DEMOS = modules("demos", "*/*.py")


def test_relative_imports_are_read_right():
    tree = ast.parse(
        "from ... import live\nfrom ..common.race import x\nfrom . import y\nimport z.w"
    )
    found = list(imported(tree, "bnlib.demos.tour.deep"))
    assert found == ["bnlib.live", "bnlib.demos.common.race.x", "bnlib.demos.tour.y", "z.w"]
    assert MATHEMATICS
    assert DEMOS


@parametrize(MATHEMATICS)
def test_the_mathematics_knows_neither_widgets_nor_plots(path):
    packages, inside = imports_of(path)
    assert not packages & {"matplotlib", "ipywidgets", "IPython", "traitlets", "PIL"}
    assert not {parts[0] for parts in inside} & {"live", "demos", "checks"}


@parametrize(modules("live"))
def test_live_knows_nothing_of_batch_normalization(path):
    _, inside = imports_of(path)
    assert {parts[0] for parts in inside} <= {"live", "validation", "threads"}


@parametrize(DEMOS)
def test_no_notebooks_demos_import_anothers(path):
    _, inside = imports_of(path)
    folders = {entry.name for entry in (PACKAGE / "demos").iterdir() if entry.is_dir()}
    used = {parts[1] for parts in inside if parts[0] == "demos"} & folders
    assert used <= {path.parent.name, "common"}
    assert not {parts[0] for parts in inside} & {"checks"}


def code_of(notebook):
    """Everything that a notebook executes, its solutions too, as one syntax tree."""
    cells = nbformat.read(notebook, as_version=4).cells
    sources = [cell.source for cell in cells if cell.cell_type == "code"]
    solutions = sorted((ROOT / "notebooks/solutions").glob(f"{notebook.stem[:2]}_*.py"))
    sources += [path.read_text(encoding="utf-8") for path in solutions]
    return ast.parse("\n".join(sources))


def dotted(node):
    """("bn", "demos", "x") of bn.demos.x; of anything else an empty tuple."""
    if isinstance(node, ast.Name):
        return (node.id,)
    inner = dotted(node.value) if isinstance(node, ast.Attribute) else ()
    return (*inner, node.attr) if inner else ()


def is_public(parts):
    """Whether ("demos", "x") is named in `__all__` at every step into a part of the package."""
    here = bn
    for part in parts:
        if not hasattr(here, "__path__"):
            return True  # an attribute of a class or a function
        if part not in here.__all__:
            return False
        here = getattr(here, part)
    return True


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS])
def test_a_notebook_uses_public_names_only(notebook):
    tree = code_of(notebook)
    names = {tuple(name.split(".")) for name in imported(tree)}
    assert ("bnlib",) in names
    others = {parts[0] for parts in names} - {"bnlib", "numpy"} - sys.stdlib_module_names
    assert not others
    used = {parts[1:] for parts in names if parts[0] == "bnlib"}
    used |= {parts[1:] for parts in map(dotted, ast.walk(tree)) if parts[:1] == ("bn",)}
    assert [".".join(parts) for parts in sorted(used) if not is_public(parts)] == []


def test_each_notebook_has_its_demos_its_checks_and_its_solutions_and_none_is_left_over():
    names = {path.stem[3:] for path in NOTEBOOKS}
    demos = {path.parent.name for path in modules("demos", "*/__init__.py")}
    assert demos - {"common"} == names
    assert names <= {path.stem for path in modules("checks")}
    numbers = {path.name[:2] for path in (ROOT / "notebooks/solutions").glob("*.py")}
    assert numbers == {path.stem[:2] for path in NOTEBOOKS}
