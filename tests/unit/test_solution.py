"""`bn.solution`: every solution, by its numbers, in whatever shows it."""

import subprocess
import sys
from pathlib import Path

import pytest

import bnlib as bn

FILES = sorted((Path(__file__).resolve().parents[2] / "notebooks/solutions").glob("*.py"))


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_it_is_found_by_its_numbers_and_by_its_name(file):
    code = file.read_text(encoding="utf-8").strip()
    assert bn.solution(file.stem[:4]) == bn.solution(file.stem) == code
    assert repr(bn.solution(file.stem)) == code


def test_a_notebook_shows_it_with_colours_and_says_what_to_do_with_it():
    formatter = pytest.importorskip("IPython.core.formatters").DisplayFormatter()
    shown = bn.solution("00_1")
    bundle, _ = formatter.format(shown)
    assert bundle == {"text/plain": shown, "text/markdown": shown._repr_markdown_()}
    assert bundle["text/markdown"].startswith(f"```python\n{shown}\n```\n\nPut these lines in ")
    assert "def saturated_share(a):\n    return np.mean(" in shown


@pytest.mark.parametrize(
    ("name", "error", "given"),
    [
        ("00_4", ValueError, "'00_4'"),
        ("0_1", ValueError, "'0_1'"),
        ("", ValueError, "''"),
        ("00_1_saturated", ValueError, "'00_1_saturated'"),
        ("00_1_saturated_share.py", ValueError, "'00_1_saturated_share.py'"),
        ("../solutions/00_1", ValueError, "'../solutions/00_1'"),
        (1, TypeError, "int: 1"),
        (None, TypeError, "NoneType: None"),
        (["00_1"], TypeError, "list: ['00_1']"),
    ],
)
def test_another_name_is_told_what_there_is(name, error, given):
    with pytest.raises(error, match=r"name must be .*one of '00_1', .*'08_3'; got ") as caught:
        bn.solution(name)
    assert str(caught.value).endswith(f"got {given}")


def test_it_needs_no_notebook():
    code = (
        "import sys, bnlib as bn; print(bn.solution('00_1')); assert 'IPython' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == bn.solution("00_1")
