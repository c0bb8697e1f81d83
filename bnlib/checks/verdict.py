"""What an exercise is told: right, or what is not right yet."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Verdict:
    """The outcome of a check; true where the answer is right."""

    passed: bool
    message: str

    def __bool__(self):
        return self.passed

    def __repr__(self):
        return f"{'Right.' if self.passed else 'Not yet.'} {self.message}"


class NotYet(Exception):
    """Raised inside a check with the words for the learner and the row that they are from."""

    def __init__(self, words, row=None):
        super().__init__(words)
        self.row = row
