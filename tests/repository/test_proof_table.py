"""The table of the proof keeps what other runs found, and names what was skipped."""

import json

from tests.proof import table


def test_a_row_is_replaced_and_the_others_stay(tmp_path, monkeypatch):
    monkeypatch.setattr(table, "join", lambda: None)
    one, other = "table", "conftest"  # two modules of tests/proof
    row = {"outcomes": {"passed": 2, "skipped": 1}, "seconds": 90.0, "skipped": {"no browser"}}
    table.write({one: row | {"tried": {"rows": 3}}}, tmp_path)
    table.write({other: row | {"tried": {"lines": 1200}}}, tmp_path)
    text = (tmp_path / "proof.md").read_text(encoding="utf-8")
    assert f"| {table.claim(one)} | 3 rows | 2 | 0 | 1 | 1.5 |" in text
    assert f"| {table.claim(other)} | 1,200 lines | 2 |" in text
    assert f"- {table.claim(one)} no browser" in text
    table.write({one: row | {"tried": {"rows": 4}, "skipped": set()}}, tmp_path)
    text = (tmp_path / "proof.md").read_text(encoding="utf-8")
    assert "3 rows" not in text
    assert f"- {table.claim(one)}" not in text
    assert "1,200 lines" in text
    assert set(json.loads((tmp_path / "proof.json").read_text("utf-8"))) == {one, other}
