"""A period of the network's books, as the assembly closes it: balances, what moved, common funds, and cash.

Rules kept here: what anybody reads is computed from the same numbers that the closing names by their hash, so treasurer
and auditors speak of the same balances.
Source: docs/spec/04-ledger.md L-92 to L-95; docs/operating/cash.md.

Tests: tests/cli/commands/test_year.py
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cli.cash import is_within, read_cash
from protocol.identifiers import from_text
from protocol.ledger.closings import balances_hash

if TYPE_CHECKING:
    from cli.client import Client

MEMBER = "member"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An account over a period; amounts as the node shows them.

    Attributes:
        number: The account's.
        name: Whose it is.
        kind: What it is for.
        opening: Balance at the beginning.
        given: What it gave in the period.
        received: What it received in it.
        closing: Balance at the end.
    """

    number: int
    name: str
    kind: str
    opening: Mapping[str, Any]
    given: Mapping[str, Any]
    received: Mapping[str, Any]
    closing: Mapping[str, Any]

    @property
    def is_active(self) -> bool:
        """Whether anything moved."""
        return bool(self.given["amount"] or self.received["amount"])


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxRow:
    """A cash box over a period.

    Attributes:
        box: Its name.
        opening: What it held at the beginning.
        incoming: What went in.
        outgoing: What went out.
        closing: What it held at the end.
        counted: What its last count found; None where it wasn't counted.
        difference: How much more that was than the book said then.
    """

    box: str
    opening: Mapping[str, Any]
    incoming: Mapping[str, Any]
    outgoing: Mapping[str, Any]
    closing: Mapping[str, Any]
    counted: Mapping[str, Any] | None
    difference: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """A period of the books.

    Attributes:
        network: The network's name.
        from_ms: Its first millisecond; None for the beginning.
        until_ms: Its last millisecond.
        size: Entries of the ledger until its end.
        root: Their root, in hexadecimal.
        balances: The hash of the balances, 32 bytes.
        rows: Every account.
        volume: What moved, one amount a unit.
        sums: The sum of all balances, one amount a unit.
        boxes: Every cash box.
        cash: The lines of the cash book, the oldest first.
    """

    network: str
    from_ms: int | None
    until_ms: int
    size: int
    root: str
    balances: bytes
    rows: list[Row]
    volume: list[Mapping[str, Any]]
    sums: list[Mapping[str, Any]]
    boxes: list[BoxRow]
    cash: list[dict[str, Any]]


async def read_year(client: Client, *, network: str, from_ms: int | None, until_ms: int) -> Year:
    """Read a period of the books.

    Args:
        client: With an officer's session.
        network: The network's name.
        from_ms: Its first millisecond; None where it begins with the ledger.
        until_ms: Its last millisecond.
    """
    before = await client.get("/ledger/trial/past", at_ms=from_ms - 1) if from_ms else {"accounts": [], "turnover": []}
    after = await client.get("/ledger/trial/past", at_ms=until_ms)
    earlier = {each["number"]: each for each in before["accounts"]}
    moved = {each["unit"]: each["amount"] for each in before["turnover"]}
    _, lines = await read_cash(client)
    return Year(
        network=network,
        from_ms=from_ms,
        until_ms=until_ms,
        size=after["size"],
        root=after["root"],
        balances=hash_of(after),
        rows=[_row(each, earlier.get(each["number"])) for each in after["accounts"]],
        volume=[_less(each, moved.get(each["unit"], 0)) for each in after["turnover"]],
        sums=after["sums"],
        boxes=_boxes(lines, from_ms, until_ms),
        cash=[line for line in lines if is_within(line, from_ms, until_ms)],
    )


async def begins_ms(client: Client, until_ms: int) -> int | None:
    """Give where a period begins: behind the last closed one that ended before it; None at the beginning."""
    closed = [
        each["until_ms"] for each in (await client.get("/ledger/closings"))["closings"] if each["state"] == "done"
    ]
    return max((each + 1 for each in closed if each < until_ms), default=None)


def hash_of(trial: Mapping[str, Any]) -> bytes:
    """Give the hash that names the balances of a past trial balance (L-94), 32 bytes."""
    return balances_hash(
        (from_text(each["account"]["id"])[1], each["balance"]["unit"], each["balance"]["amount"])
        for each in trial["accounts"]
    )


def _row(after: Mapping[str, Any], before: Mapping[str, Any] | None) -> Row:
    opening = before["balance"]["amount"] if before else 0
    return Row(
        number=after["number"],
        name=after["account"]["name"],
        kind=after["kind"],
        opening={**after["balance"], "amount": opening},
        given=_less(after["debits"], before["debits"]["amount"] if before else 0),
        received=_less(after["credits"], before["credits"]["amount"] if before else 0),
        closing=after["balance"],
    )


def _less(view: Mapping[str, Any], amount: int) -> dict[str, Any]:
    return {**view, "amount": view["amount"] - amount}


def _boxes(lines: list[dict[str, Any]], from_ms: int | None, until_ms: int) -> list[BoxRow]:
    """Add up the boxes by the days on which money changed hands, whenever it was booked."""
    names = dict.fromkeys((line["box"], line["amount"]["unit"]) for line in lines if line["at_ms"] <= until_ms)
    return [
        _box([line for line in lines if (line["box"], line["amount"]["unit"]) == name], from_ms, until_ms)
        for name in names
    ]


def _box(lines: list[dict[str, Any]], from_ms: int | None, until_ms: int) -> BoxRow:
    money = lines[0]["amount"]
    within = [line for line in lines if is_within(line, from_ms, until_ms)]
    earlier = [line for line in lines if from_ms is not None and line["at_ms"] < from_ms]
    opening = _total(earlier, "in") - _total(earlier, "out")
    incoming, outgoing = _total(within, "in"), _total(within, "out")
    last = next((line for line in reversed(within) if line["kind"] == "count"), None)
    return BoxRow(
        box=lines[0]["box"],
        opening={**money, "amount": opening},
        incoming={**money, "amount": incoming},
        outgoing={**money, "amount": outgoing},
        closing={**money, "amount": opening + incoming - outgoing},
        counted=None if last is None else last["amount"],
        difference=None if last is None else last["difference"],
    )


def _total(lines: list[dict[str, Any]], direction: str) -> int:
    return sum(line["amount"]["amount"] for line in lines if line.get("direction") == direction)
