"""What an audit finds: one value that is not what the signed records and leaves make it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One value that is wrong, named so that an operator can look at it.

    Attributes:
        table: The table, or the name of a file of the data folder.
        row: The row's key as text; empty where the table as a whole is meant.
        column: The column; empty where the row as a whole is meant.
        what: What stands there and what should.
    """

    table: str
    row: str
    column: str
    what: str

    def __str__(self) -> str:
        """Give the finding as one line: place, colon, what."""
        place = " ".join(part for part in (self.table, self.row, self.column) if part)
        return f"{place}: {self.what}"
