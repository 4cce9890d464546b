"""What officers post in a ledger: opening balances, dues, levies, contributions, fund, write-off, imports and slips."""

from __future__ import annotations

from typing import Any

from node.store import agents
from node.store.agents import Span
from node.store.database import Connection
from protocol.record import Record
from tests.ledger_builders import LEDGER, account_body, named, signed, transfer_body
from tests.ledger_node import UNIT, LedgerNode, word

MINUTES = {"date": "2023-11-10", "number": "7", "hash": named("minutes 7")}
ROLES = {"tereza": "treasurer", "aurora": "auditor", "celia": "clerk"}
DAY_MS = 86_400_000
IN_A_ROUND = {
    "dues": 3,
    "levy": 2,
    "circulation": 1,
    "imported": 4,
    "fund": 1,
    "write_off": 1,
    "slip": 1,
}
"""Movements of each type that a round posts."""


class Officers:
    """Treasurer, auditor and clerk of a ledger, and the rules that they act by.

    Args:
        node: Open, with the accounts of members.
        members: Their names, four at least; the first is assisted.
    """

    def __init__(self, node: LedgerNode, members: tuple[str, ...]) -> None:
        self.node = node
        self.members = members
        self.rules: dict[str, bytes] = {}

    async def begin(self) -> None:
        """Give roles, open the network's and the fund's account, post two opening balances, put rules in force."""
        await self.node.enrol(*ROLES)

        async def job(connection: Connection) -> None:
            spans = {(LEDGER, named(name)): [Span(role, 0, None)] for name, role in ROLES.items()}
            spans[LEDGER, named(self.members[0])] = [Span("assisted", 0, None)]
            await agents.write_roles(connection, spans)

        await self.node.database.write(job)
        wide = {"low": -(10**9), "high": 10**9}
        await self.act("vila", "account", account_body("vila", type="treasury", **wide))
        await self.act("vila", "account", account_body("fund", type="fund", **wide))
        first, second = (named(name) for name in self.members[:2])
        lines = [{"payee": first, "amount": 1234}, {"payer": second, "amount": 1234, "text": "caderno, folha 7"}]
        await self.act("tereza", "posting", {"type": "opening", "lines": lines})
        rules: dict[str, dict[str, Any]] = {
            "dues": {"payee": named("fund"), "amount": 50},
            "levy": {"payee": named("fund"), "per_mille": 20, "base": "received"},
            "circulation": {"payee": named("fund"), "per_mille": 1000},
            "import": {"until_ms": self.node.clock.time_ms + 30 * DAY_MS},
            "assisted": {"amount": 10**6},
        }
        for type_, terms in rules.items():
            body = {"type": type_, "title": f"Regra: {type_}", "minutes": MINUTES, **terms}
            self.rules[type_] = (await self.act("tereza", "rule", body, also="aurora")).id

    async def round(self, number: int) -> None:
        """Post one of everything."""
        ids = [named(name) for name in self.members]
        period = f"r{number}"
        dues = [{"payer": each, "amount": 50} for each in ids[:3]]
        await self._post("dues", dues, rule=self.rules["dues"], period=period)
        levy = [{"payer": each, "amount": 7 + number} for each in ids[1:3]]
        await self._post("levy", levy, rule=self.rules["levy"], period=period, text="2 %; sobre vendas")
        rich, poor = self._extremes()
        await self._post("circulation", [{"payer": rich, "amount": 1}], rule=self.rules["circulation"], period=period)
        old = [
            {"payer": ids[0], "payee": ids[at], "amount": at, "text": "planilha: 1", "at_ms": at * DAY_MS}
            for at in (1, 2, 3, 1)
        ]
        await self._post("imported", old, rule=self.rules["import"], period=period)
        for type_, payee in (("fund", ids[3]), ("write_off", poor)):
            lines = [{"payer": named("fund"), "payee": payee, "amount": 1}]
            await self._post(type_, lines, minutes=MINUTES, also="aurora")
        slip = transfer_body(self.members[0], self.members[1], 3, unit=UNIT, purpose=None, slip=number + 1)
        await self.act("celia", "transfer", slip, also="tereza")

    async def act(self, author: str, kind: str, body: dict[str, Any], *, also: str | None = None) -> Record:
        """Let somebody sign something that is taken, and somebody else consent to it."""
        record = signed(kind, author, body, nonce=str(await self.node.size()))
        assert ["opened"] == [word(each) for each in await self.node.ledger.submit([record])], (kind, body)
        if also is not None:
            await self.act(also, "consent", {"instruction": record.id, "agree": True})
        return record

    async def _post(self, type_: str, lines: list[dict[str, Any]], *, also: str | None = None, **terms: Any) -> None:
        await self.act("tereza", "posting", {"type": type_, "lines": lines, **terms}, also=also)

    def _extremes(self) -> tuple[bytes, bytes]:
        """Give the members who stand highest and lowest."""
        accounts = [self.node.ledger.book.account(named(name), UNIT) for name in self.members]
        ordered = sorted((each for each in accounts if each is not None), key=lambda each: each.balance)
        return ordered[-1].agent, ordered[0].agent
