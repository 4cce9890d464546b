"""The rows of the ledger: what a batch leaves in the tables, and what is found wrong when they are read back."""

from __future__ import annotations

from pathlib import Path

import pytest

from node.store.database import Connection
from node.store.ledger import Answer, begin_batch
from protocol.errors import StorageError
from tests.ledger_builders import account_body, named, signed
from tests.ledger_node import LedgerNode, payment


async def rows(node: LedgerNode, query: str) -> list[tuple[object, ...]]:
    """Give the rows of a query."""
    async with node.database.read() as connection:
        return [tuple(row) for row in await connection.exec_driver_sql(query)]


async def test_a_transfer_has_a_debit_and_a_credit(tmp_path: Path) -> None:
    """Each posted transfer has two entries, one a side, with the balances that it left; a refusal has none."""
    async with LedgerNode(tmp_path) as node:
        await node.begin("ana", "bento")
        await node.ledger.submit([payment("ana", "bento", 10), payment("bento", "ana", 4), payment("ana", "ana", 1)])

        assert [
            (1, 2, 2, 10, 0, -10),
            (1, 3, 2, 0, 4, -6),
            (2, 2, 1, 0, 10, 10),
            (2, 3, 1, 4, 0, 6),
        ] == await rows(node, "SELECT account, leaf_index, other, debit, credit, balance FROM entry")
        assert [(1, -6), (2, 6)] == await rows(node, "SELECT number, balance FROM account")


async def test_account_rows_name_the_leaves_that_made_them(tmp_path: Path) -> None:
    """Opening, change of limits, closing and a second opening leave kind, state, limits and their leaves."""
    async with LedgerNode(tmp_path) as node:
        await node.begin("ana", "bento")
        query = (
            "SELECT kind, state, balance, limit_low, limit_high, opened_leaf, changed_leaf FROM account WHERE number=1"
        )
        seen = []
        for body in (
            account_body("ana", "limit", low=-5, high=50),
            account_body("ana", "close"),
            account_body("ana", low=-7, high=70, type="fund"),
        ):
            await node.ledger.submit([signed("account", "vila", body)])
            seen += await rows(node, query)

        assert [
            ("member", "open", 0, -5, 50, 0, 2),
            ("member", "closed", 0, 0, 0, 0, 3),
            ("fund", "open", 0, -7, 70, 4, 4),
        ] == seen


async def test_one_batch_may_open_move_and_close(tmp_path: Path) -> None:
    """Accounts that change more than once in a batch end as its last leaf leaves them."""
    async with LedgerNode(tmp_path) as node:
        await node.enrol("vila", "ana", "bento")
        await node.ledger.submit(
            [
                signed("account", "vila", account_body("ana")),
                signed("account", "vila", account_body("bento")),
                payment("ana", "bento", 10),
                payment("bento", "ana", 10),
                signed("account", "vila", account_body("bento", "close")),
            ]
        )

        assert [("open", 0, 0), ("closed", 0, 4)] == await rows(
            node, "SELECT state, balance, changed_leaf FROM account"
        )


async def test_answers_are_found_by_id(tmp_path: Path) -> None:
    """What was answered is read from the leaf; an id that was never seen has no answer."""
    done, refused, unknown = payment("ana", "bento", 1), payment("ana", "ana", 1), payment("ana", "bento", 3)
    async with LedgerNode(tmp_path) as node:
        await node.begin("ana", "bento")
        await node.ledger.submit([done, refused])

        own = (node.feeds.own("ledger"), node.feeds.own("trust"))
        async with node.database.read() as connection:
            state, _, found = await begin_batch(connection, own, [done.id, refused.id, unknown.id])

    assert state is not None
    assert 4 == state.size
    assert {done.id: Answer(2, "posted"), refused.id: Answer(3, "self_payment")} == found


DAMAGE = [
    ("UPDATE account SET balance = balance + 1 WHERE number = 1", "its last entry left"),
    ("UPDATE entry SET balance = balance + 1 WHERE account = 1", "its last entry left"),
    ("UPDATE account SET changed_leaf = 99 WHERE number = 1", "of leaf 99"),
    ("DELETE FROM entry WHERE account = 1", "its last entry left"),
    ("UPDATE account SET number = 9 WHERE number = 3", "one is missing"),
    ("UPDATE account SET unit = 'agent:other' WHERE number = 1", "sum to zero"),
    ("DELETE FROM leaf WHERE leaf_index = 4", "mutirao verify data"),
]


@pytest.mark.parametrize(("statement", "message"), DAMAGE)
async def test_rows_that_contradict_one_another_stop_the_start(tmp_path: Path, statement: str, message: str) -> None:
    """A book that doesn't add up is not opened, and the message says what to do."""
    async with LedgerNode(tmp_path) as node:
        await node.begin("ana", "bento", "carla")
        await node.ledger.submit([payment("ana", "bento", 10), payment("ana", "bento", 4)])

        async def damage(connection: Connection) -> None:
            await connection.exec_driver_sql(statement)

        await node.database.write(damage)

    with pytest.raises(StorageError, match=message):
        await LedgerNode(tmp_path).open()


async def test_the_network_may_pay_out_of_its_treasury(tmp_path: Path) -> None:
    """A treasury is an account of the network itself, and pays by the network's signature."""
    async with LedgerNode(tmp_path) as node:
        await node.begin("ana")
        await node.ledger.submit(
            [signed("account", "vila", account_body("vila", type="treasury")), payment("vila", "ana", 9)]
        )

        assert 9 == await node.balance("ana")
        assert [("treasury", -9)] == await rows(
            node, f"SELECT kind, balance FROM account WHERE agent = x'{named('vila').hex()}'"
        )
