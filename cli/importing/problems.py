"""What is wrong with a row, said so that the person who typed it finds it.

Rules: a problem names file, line and column, what stands there and what to do; reading goes on after a problem, so
that one run shows them all. Source: issue "The spine", docs/reference/csv.md.

Tests: tests/cli/importing/test_folder.py
"""

from dataclasses import dataclass
from typing import Any

PROBLEMS_SHOWN_MAX = 50
VALUE_SHOWN_MAX = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that keeps a file from being imported.

    Args:
        file: the file's name as the person gave it.
        line: the line of the file in which the row begins, from 1; 0 for the whole file.
        column: the column's name, or "" for the whole row.
        message: what stands there and what was wanted.
        next_step: what to change.
    """

    file: str
    line: int
    column: str
    message: str
    next_step: str

    def __str__(self) -> str:
        place = self.file
        if self.line:
            place += f", line {self.line}"
        if self.column:
            place += f", column {self.column}"
        return f"{place}: {self.message} {self.next_step}".rstrip()

    def as_json(self) -> dict[str, Any]:
        """The problem for programs."""
        return {
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "message": self.message,
            "next_step": self.next_step,
        }


class Problems:
    """The list that everything which reads a file adds to."""

    def __init__(self) -> None:
        self.found: list[Problem] = []

    def add(self, file: str, line: int, column: str, message: str, next_step: str) -> None:
        """Note one problem, in the words of `Problem`."""
        self.found.append(Problem(file=file, line=line, column=column, message=message, next_step=next_step))

    def __bool__(self) -> bool:
        return bool(self.found)

    def __len__(self) -> int:
        return len(self.found)


def shown(value: str) -> str:
    """Quote a cell for a message, shortened."""
    if len(value) > VALUE_SHOWN_MAX:
        value = value[: VALUE_SHOWN_MAX - 1] + "…"
    return f"“{value}”"
