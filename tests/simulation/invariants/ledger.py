"""L1, L3 and L9: balances sum to zero, limits hold after every leaf, and balances are the fold of the leaves.

The fold here is a ledger of its own, a few lines over decoded bodies; it shares nothing with `protocol.ledger`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from protocol.merkle.leaf import decode_ledger_leaf
from protocol.record import decode_record
from tests.simulation.invariants.base import Invariant
from tests.simulation.node import SimulatedNode
from tests.simulation.reading import leaves_of, query

DONE = {"posted", "opened", "changed", "closed"}
"""Outcomes that change something; every other one is the code of a refusal."""


@dataclass(slots=True)
class PlainLedger:
    """Balances and limits by agent, from leaves; one unit."""

    balances: dict[bytes, int] = field(default_factory=dict)
    limits: dict[bytes, tuple[int, int]] = field(default_factory=dict)
    posted: dict[bytes, int] = field(default_factory=dict)
    time_ms: int = 0

    def take(self, leaf_data: bytes, record_data: bytes | None) -> str | None:
        """Take one leaf; say what is wrong with it."""
        leaf = decode_ledger_leaf(leaf_data)
        if leaf.time_ms < self.time_ms:
            return f"its time is {self.time_ms - leaf.time_ms} ms before the one before"
        self.time_ms = leaf.time_ms
        if leaf.record_id is None or record_data is None or leaf.outcome not in DONE:
            return None
        if leaf.record_id in self.posted:
            return "it acts a second time"
        self.posted[leaf.record_id] = len(self.posted)
        body = decode_record(record_data).body_value()
        if "account" in body:
            self.limits[body["account"]] = (body["limit_low"], body["limit_high"])
            self.balances.setdefault(body["account"], 0)
            return None
        for agent, amount in ((body["payer"], -body["amount"]), (body["payee"], body["amount"])):
            self.balances[agent] += amount
            low, high = self.limits[agent]
            if not low <= self.balances[agent] <= high:
                return f"it leaves a balance of {self.balances[agent]} outside {low} to {high}"
        return None


class LedgerAddsUp(Invariant):
    """Sums after every commit; everything at rest."""

    name = "L1-L3-L9-ledger"

    def on_commit(self, node: SimulatedNode) -> None:
        """Add all balances up."""
        if node.running is None:
            return
        sums = node.running.services.ledger.book.trial_balance()
        if any(sums.values()):
            raise self.wrong(f"{node.name}'s balances sum to {sums}")

    async def at_rest(self) -> None:
        """Fold every ledger and compare."""
        for node in self.federation.nodes.values():
            ledger = PlainLedger()
            for index, (leaf, record) in enumerate(await leaves_of(node, "ledger")):
                wrong = ledger.take(leaf, record)
                if wrong is not None:
                    raise self.wrong(f"leaf {index} of {node.name}'s ledger: {wrong}")
            stored = dict(query(node, "SELECT agent, balance FROM account"))
            if stored != ledger.balances:
                raise self.wrong(f"{node.name}'s stored balances are not the fold of its leaves")
            if sum(stored.values()):
                raise self.wrong(f"{node.name}'s balances sum to {sum(stored.values())}")
            assert node.running is not None
            held = {account.agent: account.balance for account in node.running.services.ledger.book.accounts()}
            if held != stored:
                raise self.wrong(f"{node.name} remembers other balances than it stores")
