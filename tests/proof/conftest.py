"""What the modules of the proof share."""

import pytest


@pytest.fixture
def tried(record_property):
    """``tried("settings", 250)``: for the table, so many of these were tried in this test."""

    def count(what: str, number: int = 1):
        record_property(f"tried {what}", number)

    return count
