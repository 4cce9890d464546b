"""The cash book over HTTP: for officers and the clerk; closed periods for every member."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.api_node import BASE, ApiNode, error_of


@pytest.fixture
async def vila(tmp_path: Path) -> AsyncIterator[ApiNode]:
    """A network with a treasurer, a clerk and a member, and one line in the cash book."""
    async with ApiNode(tmp_path, "vila") as node:
        await node.enrol("tina", "caio", "ana")
        network = node.network
        await node.publish(
            network.membership(network.member("tina").id, "member", "treasurer"),
            network.membership(network.member("caio").id, "member", "clerk"),
        )
        body = {"box": "Feira", "direction": "in", "amount": 500, "unit": "BRL", "purpose": "arroz"}
        await node.publish(
            network.by("caio", "cash", {**body, "at_ms": node.clock.time_ms, "who": network.member("ana").id})
        )
        yield node


async def test_the_cash_book_is_for_those_who_keep_and_check_it(vila: ApiNode) -> None:
    """Treasurer, clerk and the network read it; a member is refused, a stranger is asked to log in."""
    read = [await vila.get("/ledger/cash", headers=await vila.log_in(who)) for who in ("tina", "caio", None)]
    member = await vila.client.get(f"{BASE}/ledger/cash", headers=await vila.log_in("ana"))

    assert [[box["held"]["amount"] for box in each["boxes"]] for each in read] == [[500]] * 3
    assert [line["direction"] for line in read[0]["lines"]] == ["in"]
    assert (403, "not_yours") == await error_of(member)
    assert (401, "session_needed") == await error_of(await vila.client.get(f"{BASE}/ledger/cash"))


async def test_every_member_may_know_which_periods_are_closed(vila: ApiNode) -> None:
    """None is yet; a stranger is asked to log in."""
    assert await vila.get("/ledger/closings", headers=await vila.log_in("ana")) == {"closings": []}
    assert (401, "session_needed") == await error_of(await vila.client.get(f"{BASE}/ledger/closings"))


async def test_who_gave_the_money_reads_that_and_not_what_the_box_holds(vila: ApiNode) -> None:
    """A member's own line is a receipt in official money; the sum of a box is the cash book's to show."""
    items = (await vila.get("/ledger/items", headers=await vila.log_in("ana")))["items"]

    (line,) = [item for item in items if item["kind"] == "cash"]
    assert (line["amount"]["amount"], line["amount"]["unit"], line["amount"]["is_credit"]) == (500, "BRL", False)
    assert not any("done" in item for item in items)
