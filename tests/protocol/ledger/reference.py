"""A small model of the ledger that the state machines hold it against.

It keeps every posted movement in a list and sums it each time it is asked; it shares no code with the ledger and no
idea of it beyond the rules of docs/spec/04-ledger.md.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from protocol.kinds.ledger import Account, AccountKind, Transfer
from tests.ledger_builders import LEDGER, UNIT

TOP = 2**53 - 1
MOST = 10_000_000_000_000

Reason = tuple[bool, str]
"""Whether a refusal applies, and its code."""


@dataclass
class Reference:
    """Movements in a list; limits and states in dicts; every question is answered by adding up."""

    moves: list[tuple[bytes, bytes, str, int]] = field(default_factory=list)
    limits: dict[tuple[bytes, str], tuple[int, int]] = field(default_factory=dict)
    open: dict[tuple[bytes, str], bool] = field(default_factory=dict)
    kinds: dict[tuple[bytes, str], AccountKind | None] = field(default_factory=dict)
    clock: int = 0

    def balance(self, agent: bytes, unit: str) -> int:
        """Add up what an agent received and gave."""
        return sum(
            amount * ((payee == agent) - (payer == agent))
            for payer, payee, moved, amount in self.moves
            if moved == unit
        )

    def transfer(self, asked: Transfer, now: int) -> str:
        """Say what must become of a transfer, and post it."""
        self.clock = max(self.clock, now)
        reasons = [
            *self.said(asked.ledger, asked.payer, asked.payee, asked.unit, asked.amount),
            (asked.expires_ms <= self.clock, "expired"),
            (self.kinds.get((asked.payer, asked.unit)) is AccountKind.FUND, "fund_needs_minutes"),
            *self.found(asked.payer, asked.payee, asked.unit, asked.amount),
        ]
        for applies, code in reasons:
            if applies:
                return code
        self.moves.append((asked.payer, asked.payee, asked.unit, asked.amount))
        return "posted"

    def said(self, ledger: bytes, payer: bytes, payee: bytes, unit: str, amount: int) -> list[Reason]:
        """List what may be wrong with what a movement says of itself."""
        units = {UNIT} | {unit for _, unit in self.open}
        return [
            (ledger != LEDGER, "wrong_ledger"),
            (unit not in units, "unknown_unit"),
            (amount < 1, "amount_not_positive"),
            (amount > MOST, "amount_too_large"),
            (payer == payee, "self_payment"),
        ]

    def found(self, payer: bytes, payee: bytes, unit: str, amount: int) -> list[Reason]:
        """List what may be wrong with the accounts of a movement."""
        giving, taking = (payer, unit), (payee, unit)
        low, high = self.limits.get(giving, (0, 0))[0], self.limits.get(taking, (0, 0))[1]
        return [
            (giving not in self.open, "unknown_payer"),
            (taking not in self.open, "unknown_payee"),
            (not self.open.get(giving), "payer_closed"),
            (not self.open.get(taking), "payee_closed"),
            (self.balance(*giving) - self.set_aside(*giving)[0] - amount < low, "debit_limit"),
            (self.balance(*taking) + self.set_aside(*taking)[1] + amount > high, "credit_limit"),
        ]

    def set_aside(self, agent: bytes, unit: str) -> tuple[int, int]:
        """Give what an account may have to give and may receive; nothing where nothing is held."""
        return 0, 0

    def change(self, asked: Account, now: int) -> str:
        """Say what must become of an account change, and make it."""
        self.clock = max(self.clock, now)
        unit = asked.unit or UNIT
        key = (asked.account, unit)
        low, high = asked.limit_low or 0, asked.limit_high or 0
        is_open = self.open.get(key)
        opening, closing = asked.action == "open", asked.action == "close"
        reasons = [
            (not unit.startswith("agent:"), "unknown_unit"),
            (opening and asked.type in ("line", "conversion"), "kind_not_in_use"),
            (low > 0 or high < 0 or low < -TOP or high > TOP, "limits_out_of_range"),
            (opening and bool(is_open), "account_exists"),
            (not opening and is_open is None, "unknown_account"),
            (not opening and is_open is False, "account_closed"),
            (closing and (self.balance(*key) != 0 or self.set_aside(*key) != (0, 0)), "balance_not_zero"),
        ]
        for applies, code in reasons:
            if applies:
                return code
        self.open[key] = not closing
        if opening:
            self.kinds[key] = asked.type
        self.limits[key] = (low, high)
        return {"open": "opened", "limit": "changed", "close": "closed"}[asked.action]
