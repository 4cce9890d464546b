"""The statement of an account over a time: what it had, each movement, what it has then.

Source: reference of the addresses in docs/reference/http-api.md; docs/operating/books.md.

Tests: tests/cli/commands/test_books.py
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cli.books.journal import movements

if TYPE_CHECKING:
    from cli.client import Client


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A statement.

    Attributes:
        network: The network's name.
        period: Opening, received, given and closing, as the node gives them.
        balance: The account as it stands now, with its limits.
        entries: The movements, the oldest first: time, other side, signed amount, balance behind it, words, record.
    """

    network: str
    period: Mapping[str, Any]
    balance: Mapping[str, Any]
    entries: list[dict[str, Any]]

    @property
    def name(self) -> str:
        """Whose account it is."""
        return str(self.period["account"]["name"])

    def as_json(self) -> dict[str, Any]:
        """Give all of it for programs."""
        return {**self.period, "balance": self.balance, "entries": self.entries}


async def read_statement(
    client: Client, network: str, agent: str, *, from_ms: int | None, until_ms: int | None
) -> Statement:
    """Read the statement of an agent's account in the network's own credit.

    Args:
        client: With a session of the account's owner or of an officer.
        network: The network's name.
        agent: Whose account.
        from_ms: The first time that counts; None for the beginning.
        until_ms: The last time that counts; None for now.
    """
    period = await client.get(f"/ledger/accounts/{agent}/period", from_ms=from_ms, until_ms=until_ms)
    now = await client.get(f"/ledger/accounts/{agent}", limit=1)
    query = {"agent": agent, "from_ms": from_ms, "until_ms": until_ms, "size": period["size"]}
    unit = period["closing"]["unit"]
    entries = [_entry(view, agent) async for view in movements(client, unit=unit, **query)]
    return Statement(network=network, period=period, balance=now["balance"], entries=entries[::-1])


def _entry(view: Mapping[str, Any], agent: str) -> dict[str, Any]:
    is_payer = view["payer"]["id"] == agent
    amount = dict(view["amount"])
    return {
        "transfer": view.get("record"),
        "kind": view["kind"],
        "time_ms": view["time_ms"],
        "happened_ms": view.get("happened_ms"),
        "other": view["payee"] if is_payer else view["payer"],
        "amount": {**amount, "amount": -amount["amount"] if is_payer else amount["amount"]},
        "balance_after": view["balance_after"],
        "purpose": view.get("text"),
    }
