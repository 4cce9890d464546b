"""Opening balances of a paper book: rows of account and balance, and whether they come to zero.

Source: docs/spec/04-ledger.md L-81; docs/reference/csv.md.

Tests: tests/cli/commands/test_opening.py

>>> difference([Opening(agent=bytes(32), balance=50), Opening(agent=bytes(32), balance=-30)])
20
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cli.amounts import CreditUnit
from cli.importing.history import agent_of, file_bytes
from cli.importing.problems import Problems, shown
from cli.importing.reading import read_table
from cli.values import ValueProblemError, scaled
from protocol.limits import POSTING_LINES_MAX

COLUMNS = ("account", "balance")


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What an account begins with.

    Attributes:
        agent: Whose account, 32 bytes.
        balance: Minor units, below zero where the member owes.
    """

    agent: bytes
    balance: int

    def line(self) -> dict[str, Any]:
        """Give the line of a posting: received from the network, or given to it."""
        side = "payee" if self.balance > 0 else "payer"
        return {side: self.agent, "amount": abs(self.balance)}


def read_openings(path: Path, names: Mapping[str, bytes], credit: CreditUnit, problems: Problems) -> list[Opening]:
    """Read a file; accounts that begin at zero are left out.

    Args:
        path: of the file.
        names: ids of agents by the names that the file uses; full ids are understood too.
        credit: the network's credit.
        problems: is given everything that is wrong.
    """
    table = read_table(str(path), file_bytes(path), COLUMNS, COLUMNS, problems)
    found: dict[bytes, Opening] = {}
    for row in table.rows:
        name, text = row.cells.get("account", ""), row.cells.get("balance", "")
        agent = agent_of(name, names)
        if agent is None:
            step = "Import it with agents.csv first."
            problems.add(str(path), row.line, "account", f"{shown(name)} is no account here.", step)
            continue
        if agent in found:
            problems.add(str(path), row.line, "account", f"{shown(name)} stands there twice.", "Keep one of the rows.")
        try:
            balance = scaled(text, credit.exponent, comma_is_decimal=table.separator != ",")
        except ValueProblemError as error:
            problems.add(str(path), row.line, "balance", error.message, error.next_step)
            continue
        found[agent] = Opening(agent=agent, balance=balance)
    openings = [each for each in found.values() if each.balance]
    if len(openings) >= POSTING_LINES_MAX:
        step = "Bring over the parts of a book that come to zero one after another."
        problems.add(str(path), 0, "", f"More than {POSTING_LINES_MAX - 1} balances are not one posting.", step)
    return openings


def difference(openings: Sequence[Opening]) -> int:
    """Give by how much balances don't come to zero, in minor units."""
    return sum(each.balance for each in openings)
