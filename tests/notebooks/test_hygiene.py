"""What every saved notebook must be: executed, clean, readable without a kernel, complete."""

import ast
import builtins
import re
import struct
import sys
from base64 import b64decode
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import unquote

import nbformat
import pytest

import bnlib as bn

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
NOTEBOOKS = sorted(path.name for path in FOLDER.glob("*.ipynb"))
ROOMS = (
    "Predict", "The idea", "Code it", "Play", "What you saw", "Careful", "Exercises", "Recap",
)  # fmt: skip
MACHINE = re.compile(
    r"(?<![\w.])/(?:work|root|home|Users|tmp|private|mnt|usr|opt)/|[A-Za-z]:\\|file://"
)
LOCAL = re.compile(r"https?://(?:localhost|127\.|0\.0\.0\.0|\[::1\])")


@pytest.fixture(scope="module", params=NOTEBOOKS)
def notebook(request):
    """A notebook's name, its path, all of it, and its cells."""
    path = FOLDER / request.param
    whole = nbformat.read(path, as_version=4)
    return SimpleNamespace(name=request.param, path=path, whole=whole, cells=whole.cells)


def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def text(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "markdown"]


def outputs(notebook):
    return [(cell, output) for cell in code(notebook) for output in cell.outputs]


def printed(output):
    """The words of an output."""
    return output.get("text", "") + output.get("data", {}).get("text/plain", "")


def headings(notebook, level):
    found = [
        re.findall(rf"^{'#' * level} +(.+)$", cell.source, re.MULTILINE) for cell in text(notebook)
    ]
    return [heading for each in found for heading in each]


def test_there_are_notebooks():
    assert NOTEBOOKS


def test_it_is_valid_and_small(notebook):
    nbformat.validate(notebook.whole)
    assert notebook.path.stat().st_size < 1_500_000
    assert notebook.path.read_text(encoding="utf-8").endswith("}\n")


def test_it_was_executed_from_top_to_bottom(notebook):
    counts = [cell.execution_count for cell in code(notebook)]
    assert counts == list(range(1, len(counts) + 1))
    for cell, output in outputs(notebook):
        assert output.get("execution_count", cell.execution_count) == cell.execution_count


def test_nothing_went_wrong_while_it_ran(notebook):
    for cell, output in outputs(notebook):
        assert output.output_type != "error", cell.id
        assert output.get("name") != "stderr", cell.id


def test_its_metadata_is_the_kernel_and_nothing_else(notebook):
    assert set(notebook.whole.metadata) == {"kernelspec", "language_info"}
    assert notebook.whole.metadata.kernelspec.name == "python3"
    for cell in notebook.cells:
        assert set(cell.metadata) <= {"tags"}, cell.id
    for cell, output in outputs(notebook):
        assert "application/vnd.jupyter.widget-view+json" not in output.get("data", {}), cell.id


def test_cells_have_words_for_names(notebook):
    names = [cell.id for cell in notebook.cells]
    assert len(set(names)) == len(names)
    for name in names:
        assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name), name
        assert not re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}.*)?", name), name  # made by a program


def test_code_cells_are_short_and_end_without_a_semicolon(notebook):
    for cell in code(notebook):
        assert len(cell.source.splitlines()) <= 15, cell.id
        assert not cell.source.rstrip().endswith(";"), cell.id
        assert max(map(len, cell.source.splitlines()), default=0) <= 110, cell.id
        assert cell.source.strip(), cell.id


def test_a_demo_needs_the_first_cell_alone(notebook):
    """So that a reader may go to it at once."""
    imported = {
        alias.asname or alias.name
        for node in ast.walk(ast.parse(code(notebook)[0].source))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    for cell in code(notebook):
        if re.search(r"\bbn\.demos\.\w+\(\)", cell.source):
            names = [n for n in ast.walk(ast.parse(cell.source)) if isinstance(n, ast.Name)]
            own = {n.id for n in names if isinstance(n.ctx, ast.Store)}
            read = {n.id for n in names} - own - set(dir(builtins))
            assert read <= imported, cell.id


def test_it_imports_numpy_bnlib_and_what_python_has(notebook):
    """The browser tests run it where there is nothing else, though not all of its cells."""
    for cell in code(notebook):
        for node in ast.walk(ast.parse(cell.source)):
            names = [node.module] if isinstance(node, ast.ImportFrom) else []
            names += [each.name for each in node.names] if isinstance(node, ast.Import) else []
            for name in names:
                top = name.partition(".")[0]
                assert top in {"numpy", "bnlib"} | sys.stdlib_module_names, cell.id


def test_pictures_have_words_and_a_size(notebook):
    for cell, output in outputs(notebook):
        data = output.get("data", {})
        assert "text/html" not in data, cell.id
        if "image/png" in data:
            about = output.metadata["image/png"]
            assert len(about["alt"].split()) > 10, cell.id
            assert not re.search(r"\b(nan|inf|None)\b", about["alt"]), cell.id
            assert data["text/plain"], cell.id
            png = b64decode(data["image/png"])
            assert png[:8] == b"\x89PNG\r\n\x1a\n", cell.id
            width, height = struct.unpack(">II", png[16:24])
            assert (about["width"], about["height"]) == (width // 2, height // 2), cell.id
    for cell in text(notebook):
        for alt in re.findall(r"!\[([^\]]*)\]\(", cell.source):
            assert len(alt.split()) > 1, cell.id
        for image in re.findall(r"<img[^>]*>", cell.source):
            assert re.search(r'alt="[^"]{5,}"', image), cell.id


def test_it_holds_no_machine_and_no_local_address(notebook):
    for cell in notebook.cells:
        words = [cell.source, *(printed(output) for output in cell.get("outputs", []))]
        for each in words:
            assert not MACHINE.search(each), cell.id
            assert not LOCAL.search(each), cell.id
            assert not re.search(r"\b0x[0-9a-f]{6,}", each), cell.id


def test_stored_numbers_have_no_more_digits_than_are_certain(notebook):
    for cell, output in outputs(notebook):
        for number in re.findall(r"(?<![\w.])\d+\.\d+(?![\w.]*\.)", printed(output)):
            digits = number.replace(".", "").lstrip("0")
            assert len(digits) <= 4, f"{cell.id}: {number}"


def test_cells_that_take_fewer_seeds_in_the_browser_are_marked(notebook):
    """Those that ask for them, and those that tell what came of it: no other text differs there."""
    made = set()
    for cell in code(notebook):
        nodes = list(ast.walk(ast.parse(cell.source)))
        names = [node for node in nodes if isinstance(node, ast.Name)]
        asks, marked = "bn.seeds(" in cell.source, cell.metadata.get("tags") == ["fewer-in-browser"]
        reads = {name.id for name in names if isinstance(name.ctx, ast.Load)}
        assert marked or not asks, cell.id
        assert asks or reads & made or not marked, cell.id
        if marked:
            made |= {name.id for name in names if isinstance(name.ctx, ast.Store)}
            made |= {node.name for node in nodes if isinstance(node, ast.FunctionDef)}


# the rooms


def test_the_rooms_are_there_in_their_order(notebook):
    found = headings(notebook, 2)
    places = []
    for room in ROOMS:
        at = [k for k, heading in enumerate(found) if heading.startswith(room)]
        assert at, f"no room {room!r} among {found}"
        places.append(at[0])
    assert places == sorted(places)
    assert found[0] == "Predict"
    assert found[-1] == "Recap"


def test_the_title_says_what_the_reader_can_do_afterwards_and_how_long_it_takes(notebook):
    first = text(notebook)[0].source
    number = notebook.name[:2]
    assert first.startswith(f"# {number} · ")
    assert len(headings(notebook, 1)) == 1
    assert "**Afterwards you can**" in first
    assert re.search(r"About \d+ minutes", first)


def test_it_asks_before_it_tells(notebook):
    (predict,) = [cell.source for cell in text(notebook) if cell.source.startswith("## Predict")]
    question, answer = predict.split("<details>", maxsplit=1)
    assert "?" in question
    assert "<summary>Answer</summary>" in answer


def test_folded_parts_can_be_unfolded(notebook):
    """Markdown inside <details> is rendered only after an empty line."""
    for cell in text(notebook):
        assert cell.source.count("<details>") == cell.source.count("</details>"), cell.id
        for after in re.findall(r"</summary>(\n*)", cell.source):
            assert len(after) >= 2, cell.id


def test_every_play_room_has_a_demo_and_something_to_try(notebook):
    demos = [cell for cell in code(notebook) if "bn.demos." in cell.source]
    assert demos
    for cell in demos:
        assert any("image/png" in output.get("data", {}) for output in cell.outputs), cell.id
    assert "Try this" in "".join(cell.source for cell in text(notebook))


def test_three_exercises_each_with_hint_solution_and_check(notebook):
    cells = notebook.cells
    starts = [
        k for k, cell in enumerate(cells)
        if cell.cell_type == "markdown" and re.search(r"^### \d · ", cell.source, re.MULTILINE)
    ]  # fmt: skip
    assert len(starts) == 3
    for number, k in enumerate(starts, start=1):
        asked, answer = cells[k].source, cells[k + 1]
        assert re.search(rf"^### {number} · ", asked, re.MULTILINE)
        hint, solution = asked.index("<summary>Hint"), asked.index("<summary>Solution")
        assert hint < solution
        (name,) = re.findall(r'`bn\.solution\("(.+)"\)`', asked)
        assert name == f"{notebook.name[:2]}_{number}"
        assert bn.solution(name)
        assert re.search(r"^bn\.checks\.\w+\(\w+\)$", answer.source.splitlines()[-1])
        assert "..." in answer.source


def test_the_recap_has_five_lines(notebook):
    (recap,) = [cell.source for cell in text(notebook) if cell.source.startswith("## Recap")]
    assert re.findall(r"^(\d)\. ", recap, re.MULTILINE) == list("12345")


# links


def test_links_to_files_lead_somewhere(notebook):
    for cell in text(notebook):
        for target in re.findall(r"\]\(([^)\s]+)\)", cell.source):
            if re.match(r"[a-z]+:|#|attachment:", target):
                continue
            assert (FOLDER / unquote(target.split("#")[0])).exists(), f"{cell.id}: {target}"


def test_it_links_to_its_neighbours(notebook):
    last = text(notebook)[-1].source.splitlines()[-1]
    at = NOTEBOOKS.index(notebook.name)
    assert "[All notebooks](../README.md)" in last
    for word, place in (("previous", at - 1), ("next", at + 1)):
        neighbour = NOTEBOOKS[place] if 0 <= place < len(NOTEBOOKS) else None
        linked = re.search(rf"{word}: \[[^\]]+\]\(([^)]+)\)", last)
        assert (linked and linked.group(1)) == neighbour


def test_the_first_cell_of_code_imports_all_that_is_needed(notebook):
    assert "import bnlib as bn" in code(notebook)[0].source
