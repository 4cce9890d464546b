"""The books over HTTP: officers read all, members their own, strangers nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from protocol.identifiers import to_text
from tests.api_node import BASE, ApiNode, error_of


@pytest.fixture
async def vila(tmp_path: Path) -> AsyncIterator[ApiNode]:
    """A network with three members whose accounts are open, and one payment."""
    async with ApiNode(tmp_path, "vila") as node:
        await node.enrol("maria", "ana", "carla")
        network = node.network
        unit = to_text("agent", network.id)
        accounts = [
            network.by_network(
                "account",
                {"account": network.member(name).id, "action": "open", "limit_low": -1000, "limit_high": 5000},
            )
            for name in ("maria", "ana", "carla")
        ]
        transfer = network.by(
            "maria",
            "transfer",
            {
                "ledger": network.id,
                "payer": network.member("maria").id,
                "payee": network.member("ana").id,
                "amount": 250,
                "unit": unit,
                "expires_ms": node.clock.time_ms + 1000,
                "purpose": {"text": "Pão"},
            },
        )
        await node.publish(*accounts, transfer)
        yield node


def agent(node: ApiNode, name: str) -> str:
    """Give a member's id as text."""
    return to_text("agent", node.network.member(name).id)


async def read(node: ApiNode, path: str, who: str | None, **query: str) -> Any:
    """Read an address below /ledger as a member, or as the network."""
    return await node.get(f"/ledger/{path}", headers=await node.log_in(who), params=query)


async def test_officers_read_every_movement_and_members_their_own(vila: ApiNode) -> None:
    """Without a filter a member sees what they took part in; somebody else's movements are refused."""
    everything = (await read(vila, "transactions", None))["movements"]
    own = (await read(vila, "transactions", "ana"))["movements"]
    none = (await read(vila, "transactions", "carla"))["movements"]
    other = await vila.client.get(
        f"{BASE}/ledger/transactions", headers=await vila.log_in("carla"), params={"agent": agent(vila, "ana")}
    )

    assert [("Pão", 250, None)] == [
        (each["text"], each["amount"]["amount"], each["balance_after"]) for each in everything
    ]
    assert [250] == [each["balance_after"]["amount"] for each in own]
    assert [] == none
    assert (403, "not_yours") == await error_of(other)


@pytest.mark.parametrize("path", ["trial/past", "statistics"])
async def test_the_whole_book_is_for_officers(vila: ApiNode, path: str) -> None:
    """A member is refused, a stranger is asked to log in, the network reads."""
    member = await vila.client.get(f"{BASE}/ledger/{path}", headers=await vila.log_in("ana"))

    assert (403, "not_yours") == await error_of(member)
    assert (401, "session_needed") == await error_of(await vila.client.get(f"{BASE}/ledger/{path}"))
    assert (await read(vila, path, None))["size"] == 4


async def test_a_past_trial_balance_is_read_by_size_and_by_time(vila: ApiNode) -> None:
    """The sum is zero in each; a size that isn't there is refused."""
    before = await read(vila, "trial/past", None, size="3")
    now = await read(vila, "trial/past", None, at_ms=str(vila.clock.time_ms))
    future = await vila.client.get(f"{BASE}/ledger/trial/past", headers=await vila.log_in(), params={"size": "5"})

    assert [0, 0, 0] == [each["balance"]["amount"] for each in before["accounts"]]
    assert [-250, 250, 0] == [each["balance"]["amount"] for each in now["accounts"]]
    assert [0] == [each["amount"] for each in now["sums"]]
    assert "out_of_range" == (await error_of(future))[1]


async def test_a_period_is_for_its_owner_and_the_officers(vila: ApiNode) -> None:
    """Ana reads hers, Carla doesn't read Ana's."""
    path = f"accounts/{agent(vila, 'ana')}/period"
    own = await read(vila, path, "ana", from_ms="0")
    other = await vila.client.get(f"{BASE}/ledger/{path}", headers=await vila.log_in("carla"))

    assert (0, 250, 0, 250) == tuple(own[name]["amount"] for name in ("opening", "received", "given", "closing"))
    assert own == await read(vila, path, None, from_ms="0")
    assert (403, "not_yours") == await error_of(other)


@pytest.mark.parametrize(
    "query", [{"cursor": "x"}, {"limit": "501"}, {"from_ms": "-1"}, {"agent": "ana"}, {"sum": "1"}]
)
async def test_a_filter_that_cannot_be_read_is_refused(vila: ApiNode, query: dict[str, str]) -> None:
    """Bad cursors, bounds, ids and names are errors of the request, never ignored."""
    answer = await vila.client.get(f"{BASE}/ledger/transactions", headers=await vila.log_in(), params=query)

    assert 400 == (await error_of(answer))[0]
