"""What the ledger service shows: accounts, statements, sums."""

from __future__ import annotations

from pathlib import Path

import pytest

from node.services.views import EntryView
from protocol.errors import RemoteProtocolError
from protocol.identifiers import to_text
from tests.ledger_builders import account_body, named, signed, transfer_body
from tests.ledger_node import UNIT, LedgerNode, payment


async def test_account_shows_balance_limits_and_room(tmp_path: Path) -> None:
    """What a member may still spend is the distance to the lower limit."""
    async with LedgerNode(tmp_path) as node:
        await node.begin("ana", "bento", low=-100_00, high=500_00)
        await node.ledger.submit([payment("ana", "bento", 30_00)])

        view = await node.ledger.account(named("ana"))

        assert (-30_00, -100_00, 500_00, 70_00) == (
            view.balance.amount,
            view.limit_low.amount,
            view.limit_high.amount,
            view.spendable.amount,
        )
        assert ("open", UNIT, to_text("agent", named("ana"))) == (view.state, view.balance.unit, view.account.id)
        assert [view] == await node.ledger.accounts(named("ana"))


async def test_an_account_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    """Whoever has no account gets a code, and none in the list."""
    async with LedgerNode(tmp_path) as node:
        await node.begin("ana")

        with pytest.raises(RemoteProtocolError) as caught:
            await node.ledger.account(named("zeca"))

        assert "not_found" == caught.value.code
        assert [] == await node.ledger.accounts(named("zeca"))
        assert node.ledger.has_account(named("ana"))
        assert not node.ledger.has_account(named("zeca"))


def line(entry: EntryView) -> tuple[int, int, str | None]:
    """Give what an entry moved, what it left, and its words."""
    return entry.amount.amount, entry.balance_after.amount, entry.purpose


async def test_statement_lists_movements_newest_first_page_by_page(tmp_path: Path) -> None:
    """Both sides of each transfer are in the statements, with the balance that it left and what it was for."""
    async with LedgerNode(tmp_path) as node:
        await node.begin("ana", "bento")
        await node.ledger.submit(
            [
                payment("ana", "bento", 10),
                payment("ana", "bento", 20),
                payment("bento", "ana", 5),
                payment("ana", "bento", 50000),
            ]
        )

        first = await node.ledger.statement(named("ana"), limit=2)
        second = await node.ledger.statement(named("ana"), limit=2, cursor=first.cursor)
        other = await node.ledger.statement(named("bento"))

        assert [(5, -25, "bread"), (-20, -30, "bread")] == [line(entry) for entry in first.entries]
        assert [(-10, -10, "bread")] == [line(entry) for entry in second.entries]
        assert second.cursor is None
        assert [(-5, 25, "bread"), (20, 30, "bread"), (10, 10, "bread")] == [line(entry) for entry in other.entries]
        assert to_text("agent", named("bento")) == first.entries[0].other.id
        assert to_text("transfer", payment("bento", "ana", 5).id) == first.entries[0].transfer


@pytest.mark.parametrize("cursor", ["", "x", "-1", "1" * 20, "٣"])
async def test_a_cursor_that_is_not_ours_is_refused(tmp_path: Path, cursor: str) -> None:
    """Any other text than one that a page gave is a clear error."""
    async with LedgerNode(tmp_path) as node:
        await node.begin("ana")

        with pytest.raises(RemoteProtocolError) as caught:
            await node.ledger.statement(named("ana"), cursor=cursor)

        assert "malformed" == caught.value.code


async def test_a_purpose_without_words_is_none(tmp_path: Path) -> None:
    """A transfer may name no purpose, or an order only."""
    async with LedgerNode(tmp_path) as node:
        await node.begin("ana", "bento")
        bodies = [
            transfer_body("ana", "bento", amount, unit=UNIT, purpose=purpose)
            for amount, purpose in ((1, None), (2, {"order": named("order")}))
        ]
        await node.ledger.submit([signed("transfer", "ana", body) for body in bodies])

        assert [None, None] == [entry.purpose for entry in (await node.ledger.statement(named("ana"))).entries]


async def test_the_sums_show_zero_and_what_moved(tmp_path: Path) -> None:
    """Size and root of the feed, number of accounts and transfers, volume, and every balance; the same after a stop."""
    async with LedgerNode(tmp_path) as node:
        await node.begin("ana", "bento")
        await node.ledger.submit([payment("ana", "bento", 10), payment("bento", "ana", 4), payment("ana", "ana", 1)])
        view = await node.ledger.trial_balance()
    async with LedgerNode(tmp_path) as node:
        again = await node.ledger.trial_balance()

    assert view == again
    assert (5, 2, 2) == (view.ledger.size, view.ledger.accounts, view.ledger.transfers)
    assert ([0], [14]) == ([each.amount for each in view.ledger.sums], [each.amount for each in view.ledger.volume])
    assert [-6, 6] == [each.balance.amount for each in view.balances]
    assert 64 == len(view.ledger.root)


async def test_an_empty_ledger_shows_nothing_but_zero(tmp_path: Path) -> None:
    """Before its first leaf a ledger has no accounts, and its sum is zero."""
    async with LedgerNode(tmp_path) as node:
        view = await node.ledger.summary()

        assert (0, 0, 0) == (view.size, view.accounts, view.transfers)
        assert [0] == [each.amount for each in view.sums]


async def test_a_second_unit_is_an_account_of_its_own(tmp_path: Path) -> None:
    """An agent's accounts in two units are shown apart."""
    async with LedgerNode(tmp_path) as node:
        await node.begin("ana")
        unit = to_text("agent", named("serra"))
        await node.ledger.submit([signed("account", "vila", account_body("ana", unit=unit, type="treasury"))])

        assert [UNIT, unit] == [each.balance.unit for each in await node.ledger.accounts(named("ana"))]
        assert unit == (await node.ledger.account(named("ana"), unit)).balance.unit
