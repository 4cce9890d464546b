"""Official money as treasurers and clerks type it, and the records of the cash book.

Source: docs/spec/04-ledger.md L-85 to L-95; docs/operating/cash.md.

Tests: tests/cli/commands/test_cash.py
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from cli.amounts import CreditUnit, money_of
from cli.errors import UsageProblemError
from cli.records import Author, now_ms
from cli.values import ValueProblemError, scaled
from protocol.currencies import exponent_of

if TYPE_CHECKING:
    from cli.client import Client
    from protocol.record import Record

PAGE = 500
NOON_MS = 12 * 3600 * 1000
_PIECES = re.compile(r"\s*(?P<pieces>\d+)\s*[x×]\s*(?P<value>\d[\d.,]*)\s*")


def official_of(text: str, credit: CreditUnit) -> dict[str, Any]:
    """Read an amount of official money, such as ``120,00 BRL``.

    Raises:
        UsageProblemError: it can't be read, or is credit.
    """
    try:
        money = money_of(text, credit)
    except ValueProblemError as error:
        raise UsageProblemError(error.message, next_step=error.next_step) from error
    if money["unit"] == credit.unit:
        raise UsageProblemError(
            f"“{text[:40]}” is credit; in the cash book stands official money only.",
            next_step="Write the amount with its currency, such as “120,00 BRL”.",
        )
    return money


def pieces_of(texts: Iterable[str], unit: str) -> list[dict[str, int]]:
    """Read notes and coins such as ``3x50,00``.

    Raises:
        UsageProblemError: one can't be read.
    """
    found = []
    for text in texts:
        match = _PIECES.fullmatch(text)
        try:
            if match is None:
                raise ValueProblemError(f"“{text[:40]}” doesn't say how many of which.", "Write it like 3x50,00.")
            value = scaled(match["value"], exponent_of(unit), comma_is_decimal=True)
        except ValueProblemError as error:
            raise UsageProblemError(error.message, next_step=error.next_step) from error
        found.append({"value": value, "pieces": int(match["pieces"])})
    return found


def moment_of(day_start_ms: int | None) -> int:
    """Give the time that stands for a day: noon of it in UTC, now where none is given or it is today."""
    current = now_ms()
    return current if day_start_ms is None else min(day_start_ms + NOON_MS, current)


def agree_record(author: Author, instruction: bytes, *, agree: bool, text: str | None = None) -> Record:
    """Make the answer to an act that waits for signatures.

    Args:
        author: who answers.
        instruction: the act, 32 bytes.
        agree: yes or no.
        text: in words.
    """
    return author.make("consent", {"instruction": instruction, "agree": agree, **({"text": text} if text else {})})


async def read_cash(client: Client) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Read the whole cash book: the boxes, and all lines, the oldest first; the client is logged in."""
    lines: list[dict[str, Any]] = []
    boxes: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        page = await client.get("/ledger/cash", limit=PAGE, cursor=cursor)
        boxes = boxes or list(page["boxes"])
        lines += page["lines"]
        following = page.get("cursor")
        if following is None or not page["lines"] or following == cursor:
            return boxes, lines[::-1]
        cursor = following


def is_within(line: Mapping[str, Any], from_ms: int | None, until_ms: int | None) -> bool:
    """Tell whether a line happened between two times; None is no bound."""
    at_ms = line["at_ms"]
    return (from_ms is None or at_ms >= from_ms) and (until_ms is None or at_ms <= until_ms)


def who_text(line: Mapping[str, Any]) -> str:
    """Write who gave or took the money; of a count, who signed it."""
    if line["kind"] == "count":
        return ", ".join(signer["name"] for signer in line.get("signers", []))
    who = line.get("who")
    return str(who["name"] if who else line.get("name") or "")
