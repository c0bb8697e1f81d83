"""`make notebooks`: what is stored, what is refused, what counts as a difference."""

import nbformat
import pytest
import refresh_notebooks
from nbformat.v4 import new_code_cell, new_notebook

PICTURE = """
from IPython.display import display
import ipywidgets
class Picture(ipywidgets.HTML):
    def _repr_mimebundle_(self, **kwargs):
        widget = super()._repr_mimebundle_(**kwargs)
        return {**widget, "image/png": "iVBORw0KGgo=", "text/plain": "a picture"}
display(Picture(), metadata={"image/png": {"alt": "words"}})
"""


def saved(path, *sources):
    nbformat.write(new_notebook(cells=[new_code_cell(source) for source in sources]), path)
    return path


@pytest.mark.slow
def test_a_refreshed_notebook_is_clean_and_up_to_date(tmp_path, capsys):
    path = saved(tmp_path / "a.ipynb", PICTURE, "import os\nprint('x')\nos.getcwd()[:0]", "x = 1")
    ids = [cell.id for cell in nbformat.read(path, as_version=4).cells]
    assert refresh_notebooks.main([str(path)]) == 0
    notebook = nbformat.read(path, as_version=4)
    assert notebook.metadata == refresh_notebooks.SAVED_METADATA
    assert [cell.id for cell in notebook.cells] == ids
    assert [cell.execution_count for cell in notebook.cells] == [1, 2, 3]
    assert all(cell.metadata == {} for cell in notebook.cells)
    picture = notebook.cells[0].outputs[0]
    assert picture.data == {"image/png": "iVBORw0KGgo=", "text/plain": "a picture"}
    assert picture.metadata["image/png"] == {"alt": "words"}

    assert refresh_notebooks.main(["--check", str(path)]) == 0
    assert "is up to date" in capsys.readouterr().out
    notebook.cells[0].outputs[0].data["image/png"] = "AAAA"
    notebook.cells[1].outputs[0].text = "y\n"
    nbformat.write(notebook, path)
    before = path.read_bytes()
    assert refresh_notebooks.main(["--check", str(path)]) == 1
    said = capsys.readouterr().out
    assert "cell 1 differs" in said
    assert "cell 0" not in said
    assert path.read_bytes() == before


@pytest.mark.slow
@pytest.mark.parametrize(
    ("source", "said"),
    [("1 / 0", "ZeroDivisionError"), ("import sys; print('oh', file=sys.stderr)", "stderr: oh")],
)
def test_errors_and_stderr_are_refused(tmp_path, capsys, source, said):
    path = saved(tmp_path / "a.ipynb", source)
    before = path.read_bytes()
    assert refresh_notebooks.main([str(path)]) == 1
    assert said in capsys.readouterr().out
    assert path.read_bytes() == before


def test_text_is_compared_however_the_stream_was_cut():
    def cell(*outputs):
        return new_code_cell("x", execution_count=1, outputs=list(outputs))

    def stream(text):
        return nbformat.v4.new_output("stream", name="stdout", text=text)

    whole = new_notebook(cells=[cell(stream("one\ntwo\n"))])
    in_two = new_notebook(cells=[cell(stream("one\n"), stream("two\n"))])
    other = new_notebook(cells=[cell(stream("one\n"))])
    assert refresh_notebooks.differences(whole, in_two) == []
    assert len(refresh_notebooks.differences(whole, other)) == 1


def test_a_cell_saved_without_execution_is_a_difference():
    never, fresh = (
        new_notebook(cells=[new_code_cell("x = 1", execution_count=n)]) for n in (None, 1)
    )
    assert "without having been executed" in refresh_notebooks.differences(never, fresh)[0]
