"""What another system recorded: rows of date, from, to, amount and note, cut into postings of a size.

Rules: a row that can't be read stops the whole file, with its place. The parts of a file are numbered, and the ledger
takes each number once under one rule, so that the same file twice changes nothing, whoever sends it.
Source: docs/spec/04-ledger.md L-80 and L-84; docs/reference/csv.md.

Tests: tests/cli/importing/test_history.py
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cli.amounts import CreditUnit
from cli.errors import UsageProblemError
from cli.importing.problems import Problems, shown
from cli.importing.reading import FILE_BYTES_MAX, Row, read_table
from cli.values import ValueProblemError, day_ms, scaled
from protocol import codec
from protocol.errors import RemoteProtocolError
from protocol.identifiers import from_text
from protocol.ledger.accounts import AMOUNT_MAX
from protocol.limits import LINE_CHARS_MAX, POSTING_LINES_MAX, RECORD_BYTES_MAX

COLUMNS = ("date", "from", "to", "amount", "note")
REQUIRED = ("date", "from", "to", "amount")
LINES_BYTES_MAX = RECORD_BYTES_MAX - 1024
"""Bytes of a posting's lines; the rest of the record has room beside them."""

DAY_MS = 24 * 3600 * 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """One row.

    Attributes:
        payer: Who gave, 32 bytes.
        payee: Who received, 32 bytes.
        amount: Minor units.
        at_ms: The beginning of its day, in ms since 1970 in UTC.
        text: What it was for, or None.
    """

    payer: bytes
    payee: bytes
    amount: int
    at_ms: int
    text: str | None

    def line(self) -> dict[str, Any]:
        """Give the line of a posting."""
        line = {"amount": self.amount, "payer": self.payer, "payee": self.payee, "at_ms": self.at_ms}
        return line if self.text is None else {**line, "text": self.text}


def read_history(path: Path, names: Mapping[str, bytes], credit: CreditUnit, problems: Problems) -> list[Movement]:
    """Read a file.

    Args:
        path: of the file.
        names: ids of agents by the names that the file uses; full ids are understood too.
        credit: the network's credit.
        problems: is given everything that is wrong.
    """
    table = read_table(str(path), file_bytes(path), COLUMNS, REQUIRED, problems)
    reader = _Reader(str(path), names, credit, problems, comma_is_decimal=table.separator != ",")
    return [movement for row in table.rows if (movement := reader.movement(row)) is not None]


def file_bytes(path: Path) -> bytes:
    """Give the bytes of a file, at most one more than may be read.

    Raises:
        UsageProblemError: it can't be read.
    """
    try:
        with path.open("rb") as file:
            return file.read(FILE_BYTES_MAX + 1)
    except OSError as error:
        raise UsageProblemError(f"{path} can't be read: {error.strerror}.", next_step="Check the name.") from error


def agent_of(name: str, names: Mapping[str, bytes]) -> bytes | None:
    """Give the agent that a cell names, by a name of the file or by its full id; None where it names none."""
    if name in names or not name.startswith("agent:"):
        return names.get(name)
    try:
        return from_text(name)[1]
    except RemoteProtocolError:
        return None


def parts(movements: Iterable[Movement]) -> Iterator[list[Movement]]:
    """Cut movements into parts of at most 300 rows that fit in a record, in their order; the same rows, the same cuts.

    >>> one = Movement(payer=bytes(32), payee=bytes(32), amount=1, at_ms=0, text=None)
    >>> [len(part) for part in parts([one] * 400)]
    [160, 160, 80]
    """
    part: list[Movement] = []
    size = 0
    for movement in movements:
        bytes_of = len(codec.encode(movement.line()))
        if part and (len(part) == POSTING_LINES_MAX or size + bytes_of > LINES_BYTES_MAX):
            yield part
            part, size = [], 0
        part.append(movement)
        size += bytes_of
    if part:
        yield part


def period_of(number: int) -> str:
    """Give the name of a part, from 1.

    >>> period_of(7)
    'part-0007'
    """
    return f"part-{number:04d}"


def balances(movements: Sequence[Movement]) -> dict[bytes, int]:
    """Give what each account stands at after all movements, in minor units."""
    sums: dict[bytes, int] = {}
    for each in movements:
        sums[each.payer] = sums.get(each.payer, 0) - each.amount
        sums[each.payee] = sums.get(each.payee, 0) + each.amount
    return sums


class _Reader:
    """Reads rows of one file."""

    def __init__(
        self, file: str, names: Mapping[str, bytes], credit: CreditUnit, problems: Problems, *, comma_is_decimal: bool
    ) -> None:
        self._file = file
        self._names = names
        self._credit = credit
        self._problems = problems
        self._comma_is_decimal = comma_is_decimal

    def movement(self, row: Row) -> Movement | None:
        """Give what a row says, or None where something is wrong with it."""
        found = len(self._problems)
        missing = [name for name in REQUIRED if name not in row.cells]
        for name in missing:
            self._problem(row, name, "The cell is empty.", "Fill it in.")
        if missing:
            return None
        payer, payee = self._agent(row, "from"), self._agent(row, "to")
        at_ms, amount = self._date(row), self._amount(row)
        if payer is not None and payer == payee:
            self._problem(row, "to", "Nobody pays themselves.", "Correct one of the two names.")
        if len(self._problems) > found or payer is None or payee is None:
            return None
        text = " ".join(row.cells.get("note", "").split())[:LINE_CHARS_MAX] or None
        return Movement(payer=payer, payee=payee, amount=amount, at_ms=at_ms, text=text)

    def _agent(self, row: Row, column: str) -> bytes | None:
        name = row.cells[column]
        agent = agent_of(name, self._names)
        if agent is None:
            self._problem(row, column, f"{shown(name)} is no account here.", "Import it with agents.csv first.")
        return agent

    def _date(self, row: Row) -> int:
        text = row.cells["date"]
        try:
            return day_ms(text) + 1 - DAY_MS
        except ValueProblemError as error:
            try:
                moment = dt.datetime.fromisoformat(text)
            except ValueError:
                self._problem(row, "date", error.message, error.next_step)
                return 0
        return int(moment.replace(tzinfo=moment.tzinfo or dt.UTC).timestamp() * 1000)

    def _amount(self, row: Row) -> int:
        try:
            amount = scaled(row.cells["amount"], self._credit.exponent, comma_is_decimal=self._comma_is_decimal)
        except ValueProblemError as error:
            self._problem(row, "amount", error.message, error.next_step)
            return 0
        if not 1 <= amount <= AMOUNT_MAX:
            self._problem(row, "amount", f"{shown(row.cells['amount'])} can't be moved.", "Write more than zero.")
        return amount

    def _problem(self, row: Row, column: str, message: str, next_step: str) -> None:
        self._problems.add(self._file, row.line, column, message, next_step)
