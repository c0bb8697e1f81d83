"""The demo that CONTRIBUTING.md shows, to the letter."""

import re
from pathlib import Path

import pytest
from toy import pixels, words

import bnlib as bn
from bnlib.demos import registry

ROOT = Path(__file__).resolve().parents[2]
SECTION = (
    (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").split("## A demo in twenty lines")[1]
)
TEXT = re.search(r"```python\n(.*?)```", SECTION, re.DOTALL)[1]


def in_a_cell():
    names = {"__name__": "__main__"}
    exec(TEXT, names)
    return names["steep_or_flat"]()


def in_a_file(monkeypatch):
    monkeypatch.setattr(registry, "REGISTRY", {})
    source = "from bnlib.demos import demo\n" + TEXT.replace("def steep", "@demo\ndef steep", 1)
    exec(source, {"__name__": "bnlib.demos.toy.steep_or_flat"})
    return registry.REGISTRY["steep_or_flat"]()


def test_it_has_twenty_lines_at_most():
    assert len(TEXT.splitlines()) <= 20


@pytest.mark.parametrize("where", ["cell", "file"])
def test_it_works_over_the_whole_range_of_both_sliders(where, monkeypatch):
    explorer = in_a_cell() if where == "cell" else in_a_file(monkeypatch)
    start, seen = explorer.png(), set()
    for name, control in explorer.controls.items():
        for k in range(11):
            value = control.min + k / 10 * (control.max - control.min)
            explorer.set(**{name: value})
            assert pixels(explorer.png()).shape == (680, 1920, 3)
            assert "the slope is" in words(explorer)
            assert f"γ = {explorer.values['gamma']:.1f}" in words(explorer)
            seen.add((explorer.png(), words(explorer)))
    assert len(seen) > 15
    explorer.reset()
    assert explorer.png() == start
    assert isinstance(explorer, bn.live.Explorer)
