"""The whole journal of a ledger: every account as it stands, and every movement, the oldest first, up to one size.

Source: docs/spec/08-http.md section 5; docs/operating/books.md.

Tests: tests/cli/books/test_exports.py
"""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cli.books.naming import unit_codes
from cli.errors import FailedCheckError
from cli.values import unscaled

if TYPE_CHECKING:
    from cli.client import Client

PAGE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    """What the exports write.

    Attributes:
        network: The network's name.
        trial: The trial balance, as the node gives it.
        movements: All movements, as the node gives them, the oldest first.
    """

    network: str
    trial: Mapping[str, Any]
    movements: list[Mapping[str, Any]]

    @property
    def accounts(self) -> list[Mapping[str, Any]]:
        """Every account, by number."""
        return list(self.trial["accounts"])

    @property
    def units(self) -> list[Mapping[str, Any]]:
        """Every unit of the ledger."""
        return list(self.trial["units"])

    def codes(self) -> dict[str, str]:
        """Give the code of each unit for programs, by unit."""
        return unit_codes(self.units)

    def first_day(self) -> str:
        """Give the day of the first movement; where there is none, that of the last entry."""
        time_ms = self.movements[0]["time_ms"] if self.movements else self.trial["time_ms"]
        return day_of(time_ms or 0)

    def last_day(self, *, days_later: int = 0) -> str:
        """Give the day of the last entry of the ledger, or one so many days later."""
        return day_of((self.trial["time_ms"] or 0) + days_later * 86_400_000)


async def movements(client: Client, *, limit: int | None = None, **query: str | int | None) -> AsyncIterator[Any]:
    """Go through movements, newest first, to the end of what fits.

    Args:
        client: With a session.
        limit: How many at most; None for all.
        query: The filters of GET /ledger/transactions.

    Yields:
        One view after another.

    Raises:
        FailedCheckError: The node's cursors don't come to an end.
    """
    given, cursor = 0, None
    while True:
        asked = PAGE if limit is None else min(PAGE, limit - given)
        page = await client.get("/ledger/transactions", limit=asked, cursor=cursor, **query)
        for view in page["movements"]:
            yield view
            given += 1
        following = page.get("cursor")
        if following is None or (limit is not None and given >= limit):
            return
        if cursor is not None and _place(following) >= _place(cursor):
            raise FailedCheckError("The node gives the same page again.", code="bad_answer")
        cursor = following


async def read_journal(client: Client, advance: Callable[[int], None] = lambda _: None) -> Journal:
    """Read the whole book of a node, as it stood when the reading began.

    Args:
        client: With an officer's session.
        advance: Is told of each movement that was read.
    """
    trial = await client.get("/ledger/trial/past")
    found = []
    async for view in movements(client, size=trial["size"]):
        found.append(view)
        advance(1)
    return Journal(network=str((await client.network())["name"]), trial=trial, movements=found[::-1])


def amount_text(view: Mapping[str, Any], *, decimal_sign: str = ".", negative: bool = False) -> str:
    """Write an amount as a number, without its unit."""
    return unscaled(-view["amount"] if negative else view["amount"], view["exponent"], decimal_sign=decimal_sign)


def day_of(time_ms: int) -> str:
    """Give the day of UTC in which a time lies, such as 2026-11-24."""
    return dt.datetime.fromtimestamp(time_ms / 1000, dt.UTC).strftime("%Y-%m-%d")


def minute_of(time_ms: int) -> str:
    """Give the minute of UTC in which a time lies, such as 2026-11-24 08:05."""
    return dt.datetime.fromtimestamp(time_ms / 1000, dt.UTC).strftime("%Y-%m-%d %H:%M")


def _place(cursor: str) -> tuple[int, ...]:
    return tuple(int(part) for part in cursor.split("."))
