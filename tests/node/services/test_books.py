"""The treasurer's books: movements by filter, trial balances of the past, periods, statistics."""

from __future__ import annotations

from pathlib import Path

import pytest

from node.services.book_views import MovementPage
from node.services.books import Books
from node.services.ledger import PlainNames
from node.services.movements import Filter
from protocol.errors import RemoteProtocolError
from tests.books_postings import IN_A_ROUND, Officers
from tests.ledger_builders import LEDGER, named, signed, transfer_body
from tests.ledger_node import UNIT, LedgerNode, payment

STEP_MS = 10 * 3_600_000


def books_of(node: LedgerNode) -> Books:
    """Give the books of a ledger, in which agents are named by their ids."""
    return Books(node.database, node.feeds, node.ledger, node.clock, PlainNames(LEDGER))


def amounts(page: MovementPage) -> list[int]:
    """Give the amounts on a page."""
    return [each.amount.amount for each in page.movements]


async def three_times(node: LedgerNode) -> tuple[int, int]:
    """Let four payments be made at three times, hours apart; give the first and last moment of the second."""
    await node.begin("ana", "bento", "carla")
    await node.ledger.submit([payment("ana", "bento", 10)])
    node.clock.time_ms += STEP_MS
    begun = node.clock.time_ms
    words = transfer_body("bento", "carla", 20, unit=UNIT, purpose={"text": "Pão de açúcar"})
    await node.ledger.submit([signed("transfer", "bento", words)])
    node.clock.time_ms += 1000
    await node.ledger.submit([payment("carla", "ana", 30)])
    ended = node.clock.time_ms
    node.clock.time_ms += STEP_MS
    await node.ledger.submit([payment("ana", "bento", 40), payment("ana", "bento", 10**9)])
    return begun, ended


async def test_each_filter_gives_what_fits_it_and_nothing_else(tmp_path: Path) -> None:
    """By agent, time (both ends count), kind, words without accents, amount and size; refusals are no movements."""
    async with LedgerNode(tmp_path) as node:
        begun, ended = await three_times(node)
        books = books_of(node)
        cases = [
            (Filter(), [40, 30, 20, 10]),
            (Filter(agent=named("carla")), [30, 20]),
            (Filter(agent=named("zeca")), []),
            (Filter(from_ms=begun, until_ms=ended), [30, 20]),
            (Filter(from_ms=begun + 1, until_ms=ended - 1), []),
            (Filter(from_ms=ended, until_ms=begun), []),
            (Filter(kind="transfer"), [40, 30, 20, 10]),
            (Filter(kind="posting"), []),
            (Filter(text="ACUCAR"), [20]),
            (Filter(text="bread", amount_low=30), [40, 30]),
            (Filter(amount_low=20, amount_high=30), [30, 20]),
            (Filter(size=4), [10]),
            (Filter(unit=UNIT, size=0), []),
            (Filter(unit="agent:other"), []),
        ]

        assert [expected for _, expected in cases] == [amounts(await books.movements(wanted)) for wanted, _ in cases]


async def test_a_movement_names_both_sides_and_its_cause(tmp_path: Path) -> None:
    """Payer, payee, record, words; seen from an agent it shows the balance that it left there."""
    async with LedgerNode(tmp_path) as node:
        await three_times(node)
        books = books_of(node)
        from_all = (await books.movements(Filter())).movements[1]
        from_ana = (await books.movements(Filter(agent=named("ana")))).movements

        assert (3, 1, "transfer", "bread") == (
            from_all.payer_account,
            from_all.payee_account,
            from_all.kind,
            from_all.text,
        )
        assert from_all.record is not None
        assert from_all.record.startswith("transfer:")
        assert from_all.balance_after is None
        assert [-20, 20, -10] == [each.balance_after.amount for each in from_ana if each.balance_after is not None]


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
async def test_pages_together_give_each_movement_once(tmp_path: Path, limit: int) -> None:
    """Whatever the length of a page, going on by cursors meets every movement once, newest first."""
    async with LedgerNode(tmp_path) as node:
        await node.begin("ana", "bento")
        await node.ledger.submit([payment("ana", "bento", amount) for amount in range(1, 8)])
        books = books_of(node)
        found: list[int] = []
        cursor: str | None = None
        while True:
            page = await books.movements(Filter(amount_high=6), cursor=cursor, limit=limit)
            found += amounts(page)
            assert len(page.movements) <= limit
            cursor = page.cursor
            if cursor is None:
                break

        assert [6, 5, 4, 3, 2, 1] == found


@pytest.mark.parametrize("cursor", ["", "1", "1.", "-1.0", "1.0.0", "a.b", "٣.0"])
async def test_a_cursor_that_is_not_ours_is_refused(tmp_path: Path, cursor: str) -> None:
    """Any other text than one that a page gave is a clear error."""
    async with LedgerNode(tmp_path) as node:
        with pytest.raises(RemoteProtocolError) as caught:
            await books_of(node).movements(Filter(), cursor=cursor)

        assert "malformed" == caught.value.code


async def test_the_trial_balance_of_every_past_size_sums_to_zero(tmp_path: Path) -> None:
    """At each size the balances are those that stood then, debits equal credits, and the last one is that of now."""
    async with LedgerNode(tmp_path) as node:
        begun, ended = await three_times(node)
        books = books_of(node)
        size = await node.size()
        trials = [await books.trial(size=each) for each in range(size + 1)]
        now = await books.trial()
        at = [(await books.trial(at_ms=time_ms)).size for time_ms in (0, begun - 1, begun, ended, ended + 1)]

    assert all(0 == each.amount for trial in trials for each in trial.sums)
    assert [0, 1, 2, 3, 3, 3, 3, 3, 3] == [len(trial.accounts) for trial in trials]
    assert [-10, 10, 0] == [each.balance.amount for each in trials[4].accounts]
    assert [-20, 30, -10] == [each.balance.amount for each in trials[7].accounts]
    assert (now.accounts, now.root) == (trials[-1].accounts, trials[-1].root)
    assert 100 == now.turnover[0].amount
    assert [0, 4, 5, 6, 6] == at
    assert len({trial.root for trial in trials}) == len(trials)


async def test_a_size_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """A trial balance of the future is a clear error."""
    async with LedgerNode(tmp_path) as node:
        await node.begin("ana")
        with pytest.raises(RemoteProtocolError) as caught:
            await books_of(node).trial(size=2)

        assert "out_of_range" == caught.value.code


async def test_a_period_leads_from_its_opening_to_its_closing(tmp_path: Path) -> None:
    """Opening and what was received, less what was given, is the closing; before the account and without end too."""
    async with LedgerNode(tmp_path) as node:
        begun, ended = await three_times(node)
        books = books_of(node)
        cases = [(None, None), (begun, ended), (ended + 1, None), (None, 5)]
        views = [await books.period(named("ana"), from_ms=low, until_ms=high) for low, high in cases]
        with pytest.raises(RemoteProtocolError) as caught:
            await books.period(named("zeca"))

    assert [(0, 30, 50, -20), (-10, 30, 0, 20), (20, 0, 40, -20), (0, 0, 0, 0)] == [
        (view.opening.amount, view.received.amount, view.given.amount, view.closing.amount) for view in views
    ]
    assert "not_found" == caught.value.code


async def test_statistics_tell_volume_hands_and_who_is_stuck(tmp_path: Path) -> None:
    """Months add up, what is new is folded in, and an account without room is named with what was refused."""
    async with LedgerNode(tmp_path) as node:
        await three_times(node)
        books = books_of(node)
        before = await books.statistics.read()
        await node.ledger.submit([payment("carla", "bento", 99_90), payment("carla", "ana", 1000)])
        await node.ledger.submit([payment("carla", "ana", 11)])
        after = await books.statistics.read()
        nothing = await books.statistics.read("agent:other")

    (month,) = before.months
    assert ("2023-11", 4, 3, 100, 30) == (
        month.month,
        month.movements,
        month.active,
        month.volume.amount,
        month.positive.amount,
    )
    assert [] == before.stuck
    assert [100 + 99_90] == [each.volume.amount for each in after.months]
    assert [("low", -100_00, 2, 0)] == [
        (each.side, each.balance.amount, each.refused, each.room.amount) for each in after.stuck
    ]
    assert [node.clock.time_ms] == [each.since_ms for each in after.stuck]
    assert ([], []) == (nothing.months, nothing.stuck)


async def test_an_empty_ledger_has_empty_books(tmp_path: Path) -> None:
    """Before the first leaf there is nothing to show, and no error."""
    async with LedgerNode(tmp_path) as node:
        books = books_of(node)

        assert [] == (await books.movements(Filter())).movements
        assert (0, []) == ((await books.trial()).size, (await books.trial()).accounts)
        assert [] == (await books.statistics.read()).months


async def test_every_past_size_is_the_fold_of_the_movements_before_it(tmp_path: Path) -> None:
    """With postings of many lines, consents, imports and slips among them, account by account and at every size."""
    members = ("ana", "bento", "carla", "dora")
    async with LedgerNode(tmp_path) as node:
        await node.begin(*members)
        officers = Officers(node, members)
        await officers.begin()
        await node.ledger.submit([payment("ana", "bento", 10), payment("bento", "ana", 10**9)])
        await officers.round(0)
        books = books_of(node)
        movements = (await books.movements(Filter(), limit=500)).movements[::-1]
        trials = [await books.trial(size=size) for size in range(await node.size() + 1)]

    for trial in trials:
        folded = {each.number: 0 for each in trial.accounts}
        for movement in movements:
            if movement.leaf_index < trial.size:
                folded[movement.payer_account] -= movement.amount.amount
                folded[movement.payee_account] += movement.amount.amount
        assert folded == {each.number: each.balance.amount for each in trial.accounts}
    assert len(trials) >= 30
    assert 2 + 1 + sum(IN_A_ROUND.values()) == len(movements)
