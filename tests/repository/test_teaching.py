"""docs/teaching.md names notebooks, demos, buttons and claims that there are."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "teaching.md").read_text(encoding="utf-8")
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
LESSONS = re.findall(
    r"^### ([\d ,and]+) · \[.*?\]\(\.\./notebooks/(\S+?)\)\n(.*?)(?=^##)", TEXT, re.M | re.S
)


def test_the_sizes_are_those_that_were_measured():
    sizes = TEXT.split("<!-- sizing -->")[1].split("<!-- /sizing -->")[0].strip()
    measured = (ROOT / "benchmarks" / "results" / "classroom.md").read_text(encoding="utf-8")
    assert "guaranteed" in sizes
    assert sizes in measured


def test_every_notebook_has_its_lessons_and_each_has_a_number():
    assert [name for _, name, _ in LESSONS] == [path.name for path in NOTEBOOKS]
    numbers = [int(each) for said, *_ in LESSONS for each in re.findall(r"\d+", said)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) == 12
    assert "twelve lessons" in TEXT


@pytest.mark.parametrize(("name", "lesson"), [each[1:] for each in LESSONS])
def test_a_lesson_names_the_demos_of_its_notebook_and_what_is_on_the_page(name, lesson):
    cells = json.loads((ROOT / "notebooks" / name).read_text(encoding="utf-8"))["cells"]
    source = "\n".join("".join(cell["source"]) for cell in cells)
    demos = set(re.findall(r"bn\.demos\.(\w+)\(\)", source))
    rows = "\n".join(line for line in lesson.splitlines() if line.startswith("|"))
    assert demos <= set(re.findall(r"`(\w+)`", rows))
    built = "\n".join(
        path.read_text(encoding="utf-8")
        for path in (ROOT / "bnlib" / "demos").glob("*/*.py")
        if path.stem in demos
    )
    presets = set(re.findall(r'^ +"([^"\n]+)": \{', built, re.M))
    italics = set(re.findall(r"(?<!\*)\*([A-Z…][^*|]{2,}?)\*(?!\*)", rows))
    assert len(italics & presets) >= 3, "a lesson presses some buttons"
    assert not {each for each in italics - presets if each not in source}
    for claim in re.findall(r'^\| \*Careful\* \| "(.+?)"', rows, re.M):
        assert f'**"{claim}' in source
