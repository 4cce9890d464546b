"""The preview of dues, levies and contributions, and the assembly's rules for readers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from node.audit.ledger import audit_ledger
from node.services.dues import Dues, month_ms
from node.services.ledger import PlainNames
from node.services.rule_views import DuesView
from node.store import agents
from node.store.agents import Span
from node.store.database import Connection, Database
from protocol.errors import RemoteProtocolError
from protocol.record import Record
from tests.ledger_builders import LEDGER, account_body, named, signed, transfer_body
from tests.ledger_node import LedgerNode, payment, word

MINUTES = {"date": "2023-11-10", "number": "7", "hash": named("minutes 7")}
MONTH = "2023-11"


class Town:
    """A ledger node whose officers act."""

    def __init__(self, node: LedgerNode) -> None:
        """Use a node that is open."""
        self.node = node
        self.dues = Dues(node.database, node.feeds, node.ledger, PlainNames(LEDGER))

    async def begin(self) -> None:
        """Enrol three members, a treasurer and an auditor; open the members' accounts, a fund's and the network's."""
        node = self.node
        await node.begin("ana", "bento", "carla", low=-100, high=5_000)
        await node.enrol("tereza", "aurora")

        async def job(connection: Connection) -> None:
            spans = {
                (LEDGER, named("tereza")): [Span("treasurer", 0, None)],
                (LEDGER, named("aurora")): [Span("auditor", 0, None)],
            }
            await agents.write_roles(connection, spans)

        await node.database.write(job)
        await self.act("vila", "account", account_body("fund", type="fund", low=-10_000, high=10_000))

    async def act(self, author: str, kind: str, body: dict[str, Any]) -> Record:
        """Let somebody sign something that is taken."""
        record = signed(kind, author, body, nonce=str(await self.node.size()))
        (outcome,) = await self.node.ledger.submit([record])
        assert word(outcome) == "opened", outcome
        return record

    async def rule(self, **terms: Any) -> bytes:
        """Put a rule for the fund in force."""
        body = {"title": "Contribuição", "minutes": MINUTES, "payee": named("fund"), **terms}
        record = await self.act("tereza", "rule", body)
        await self.act("aurora", "consent", {"instruction": record.id, "agree": True})
        return record.id

    async def collect(self, kind: str, rule: bytes, view: DuesView) -> Record:
        """Post what a preview says."""
        ids = {named(name): name for name in ("ana", "bento", "carla")}
        lines = []
        for line in view.lines:
            name = next(name for agent, name in ids.items() if PlainNames(LEDGER)._ref(agent).id == line.account.id)
            lines.append({"payer": named(name), "amount": line.amount.amount})
        return await self.act("tereza", "posting", {"type": kind, "rule": rule, "period": view.period, "lines": lines})


def amounts(view: DuesView) -> list[tuple[int, int, bool, bool]]:
    """Give base, amount, over limit and posted of each line."""
    return [(line.base.amount, line.amount.amount, line.is_over_limit, line.is_posted) for line in view.lines]


async def test_dues_are_previewed_posted_and_previewed_as_posted(tmp_path: Path) -> None:
    """Each pays the same; who would be over the limit is named; what was taken is seen, also after a new start."""
    async with LedgerNode(tmp_path) as node:
        town = Town(node)
        await town.begin()
        rule = await town.rule(type="dues", amount=60)
        await node.ledger.submit([payment("ana", "bento", 50)])

        before = await town.dues.preview(rule, MONTH)
        assert amounts(before) == [(60, 60, True, False), (60, 60, False, False), (60, 60, False, False)]
        assert [line.balance_after.amount for line in before.lines] == [-110, -10, -60]
        assert before.payee_room.amount == 10_000

        await node.ledger.submit([payment("bento", "ana", 50)])
        await town.collect("dues", rule, await town.dues.preview(rule, MONTH))
        await node.close()
        await node.open()
        town = Town(node)
        after = await town.dues.preview(rule, MONTH)
        assert amounts(after) == [(60, 60, False, True)] * 3
        assert amounts(await town.dues.preview(rule, "2023-12")) == [(60, 60, True, False)] * 3
        assert [await node.balance(name) for name in ("ana", "fund")] == [-60, 180]


async def test_what_was_posted_is_not_posted_again_by_another_record(tmp_path: Path) -> None:
    """The items that say so have closed and are read from the disk, in the same batch and in a later one."""
    async with LedgerNode(tmp_path) as node:
        town = Town(node)
        await town.begin()
        rule = await town.rule(type="dues", amount=10)
        body = {"type": "dues", "rule": rule, "period": MONTH, "lines": [{"payer": named("ana"), "amount": 10}]}
        records = [signed("posting", "tereza", body, nonce=nonce) for nonce in "abc"]

        first = await node.ledger.submit(records[:2])
        later = await node.ledger.submit(records[2:])
        again = await node.ledger.submit(records[:1])

        assert [word(each) for each in (*first, *later, *again)] == [
            "opened",
            "already_posted",
            "already_posted",
            "opened",
        ]
        assert await node.balance("ana") == -10


async def test_a_levy_counts_what_members_traded_in_the_month(tmp_path: Path) -> None:
    """Not what went to the fund, not what was before; given, received or both."""
    async with LedgerNode(tmp_path) as node:
        town = Town(node)
        await town.begin()
        await node.ledger.submit([payment("ana", "bento", 40)])
        both = await town.rule(type="levy", per_mille=100, base="both")
        given = await town.rule(type="levy", per_mille=100, base="given")
        received = await town.rule(type="levy", per_mille=100, base="received", amount=3)
        await node.ledger.submit([payment("ana", "fund", 30)])

        assert amounts(await town.dues.preview(both, MONTH)) == [(40, 4, False, False), (40, 4, False, False)]
        assert amounts(await town.dues.preview(given, MONTH)) == [(40, 4, False, False)]
        assert amounts(await town.dues.preview(received, MONTH)) == [(40, 3, False, False)]
        assert amounts(await town.dues.preview(both, "2023-10")) == []
        with pytest.raises(RemoteProtocolError):
            await town.dues.preview(both, "2023")


async def test_circulation_counts_what_stands_above(tmp_path: Path) -> None:
    """Who has nothing above pays nothing and isn't in the preview."""
    async with LedgerNode(tmp_path) as node:
        town = Town(node)
        await town.begin()
        rule = await town.rule(type="circulation", per_mille=100, above=10)
        await node.ledger.submit([payment("ana", "bento", 75)])

        assert amounts(await town.dues.preview(rule, "q3")) == [(65, 6, False, False)]


async def test_rules_are_shown_with_their_minutes(tmp_path: Path) -> None:
    """Each with its terms; a rule that is no rule about payments has no preview."""
    async with LedgerNode(tmp_path) as node:
        town = Town(node)
        await town.begin()
        rows = [{"policy": "person", "low": -300, "high": 900, "soft_low": -200, "step": 0}]
        await town.rule(type="limits", rows=rows)
        dues = await town.rule(type="dues", amount=60)
        first, second = (await town.dues.rules()).rules

        assert (first.type, first.minutes.number, first.rows[0].low.amount) == ("limits", "7", -300)
        assert (second.type, second.amount is not None and second.amount.amount) == ("dues", 60)
        for unknown in (named("no rule"), dues[:-1] + b"x"):
            with pytest.raises(RemoteProtocolError):
                await town.dues.preview(unknown, MONTH)


@pytest.mark.parametrize("period", ["2027", "2027-13", "2027-00", "March", "2027-1", ""])
def test_a_levy_needs_a_month(period: str) -> None:
    """Nothing else can be counted over."""
    with pytest.raises(RemoteProtocolError):
        month_ms(period)


async def test_the_audit_folds_every_kind_of_posting_again(tmp_path: Path) -> None:
    """Rules, dues, openings, write-offs, imports, slips and policies: what is stored follows from the leaves."""
    async with LedgerNode(tmp_path) as node:
        town = Town(node)
        await town.begin()
        await node.enrol("celia", "vo")

        async def job(connection: Connection) -> None:
            spans = {
                (LEDGER, named("celia")): [Span("clerk", 0, None)],
                (LEDGER, named("vo")): [Span("assisted", 0, None)],
            }
            await agents.write_roles(connection, spans)

        await node.database.write(job)
        await town.act("vila", "account", account_body("vila", type="treasury"))
        dues = await town.rule(type="dues", amount=10)
        await town.rule(type="limits", rows=[{"policy": "person", "low": -50, "high": 900, "soft_low": -20}])
        await town.rule(type="assisted", amount=30)
        moving = await town.rule(type="import", until_ms=node.clock.time_ms + 10**9)
        opened = {"account": named("vo"), "action": "open", "policy": "person", "reason": "ata 7"}
        await town.act("tereza", "account", opened)
        lines = [{"payee": named("carla"), "amount": 70}, {"payer": named("bento"), "amount": 70}]
        await town.act("tereza", "posting", {"type": "opening", "lines": lines})
        paid = [{"payer": named("ana"), "amount": 10}, {"payer": named("carla"), "amount": 9}]
        await town.act("tereza", "posting", {"type": "dues", "rule": dues, "period": MONTH, "lines": paid})
        old = [{"payer": named("ana"), "payee": named("bento"), "amount": 400, "at_ms": 1}]
        await town.act("tereza", "posting", {"type": "imported", "rule": moving, "period": "1", "lines": old})
        owed = [{"payer": named("fund"), "payee": named("ana"), "amount": 19}]
        proposed = await town.act("tereza", "posting", {"type": "write_off", "minutes": MINUTES, "lines": owed})
        await town.act("aurora", "consent", {"instruction": proposed.id, "agree": True})
        slip = await town.act("celia", "transfer", transfer_body("vo", "ana", 25, slip=17, nonce=None))
        await town.act("aurora", "consent", {"instruction": slip.id, "agree": True})
        again = signed("posting", "tereza", {"type": "dues", "rule": dues, "period": MONTH, "lines": paid}, nonce="x")
        assert [word(each) for each in await node.ledger.submit([again])] == ["already_posted"]
        assert [await node.balance(name) for name in ("ana", "bento", "carla", "vo", "fund", "vila")] == [
            -366,
            330,
            61,
            -25,
            0,
            0,
        ]
        assert (await node.ledger.account(named("vo"))).warnings == ["soft_low"]

    database = await Database.open(f"sqlite+aiosqlite:///{tmp_path / 'node.sqlite'}")
    try:
        async with database.read() as connection:
            assert await audit_ledger(connection) == []
    finally:
        await database.close()
