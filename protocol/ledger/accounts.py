"""The accounts of a mutual-credit ledger: who holds one, in which unit, and how far it may go.

An account belongs to one agent and one unit. Its balance is what the agent received minus what it gave: a
credit raises it, a debit lowers it. The balances of all accounts in one unit sum to zero, because every
transfer debits one account and credits another by the same amount. Each account has a hard limit both ways:
no transfer may leave the payer below `limit_low` or the payee above `limit_high`.

Amounts are whole minor units within ±(2^53 - 1), the range that every client (JavaScript too) holds exactly.
Source: docs/spec/04-ledger.md, L-1 to L-6.
"""

from dataclasses import dataclass
from enum import StrEnum

from protocol.identifiers import to_text
from protocol.kinds.ledger import AccountKind

BALANCE_MAX = 2**53 - 1
"""Largest balance, limit or amount in minor units, both ways: the integers of the canonical codec."""

AMOUNT_MAX = 10**13
"""Largest amount of one transfer: a hundred thousand million credits of two decimals; above it, a zero too many."""

AccountKey = tuple[bytes, str]
"""Agent id (32 bytes) and unit: what names an account."""


KINDS_IN_USE = frozenset({AccountKind.MEMBER, AccountKind.FUND, AccountKind.TREASURY})
"""Kinds that may be opened today; lines and conversions need the payments between networks."""


class AccountState(StrEnum):
    """Whether an account takes part in transfers."""

    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Account:
    """One account as it stands after some leaf.

    Attributes:
        number: ordinal of its opening in this ledger, from 1; it never changes and is never given twice.
        agent: id of the agent that holds it, 32 bytes.
        unit: the unit that it counts in, such as `agent:<base32 of the network>`.
        kind: what it is for.
        state: open or closed; a closed account has balance 0.
        balance: credits minus debits, in minor units.
        limit_low: lowest balance that a payment may leave, at most 0.
        limit_high: highest balance that a receipt may leave, at least 0.
        debits_pending: minor units set aside by holds that it may have to give; at least 0.
        credits_pending: minor units set aside by holds that it may receive; at least 0.
        soft_low: balance below which its owner is warned; None: no warning.
        soft_high: balance above which its owner is warned; None: no warning.
    """

    number: int
    agent: bytes
    unit: str
    kind: AccountKind
    state: AccountState
    balance: int
    limit_low: int
    limit_high: int
    debits_pending: int = 0
    credits_pending: int = 0
    soft_low: int | None = None
    soft_high: int | None = None

    @property
    def key(self) -> AccountKey:
        """Agent and unit, under which a book holds the account."""
        return (self.agent, self.unit)

    @property
    def room_to_pay(self) -> int:
        """How much it can give before its lower limit; 0 when it stands at or below it."""
        return max(0, self.balance - self.debits_pending - self.limit_low)

    @property
    def room_to_receive(self) -> int:
        """How much it can take before its upper limit; 0 when it stands at or above it."""
        return max(0, self.limit_high - self.balance - self.credits_pending)

    @property
    def has_pending(self) -> bool:
        """Whether a hold still counts on either side of it."""
        return bool(self.debits_pending or self.credits_pending)

    def with_balance(self, balance: int) -> "Account":
        """Return the same account at another balance (faster than `dataclasses.replace`, used once a side)."""
        return Account(
            self.number,
            self.agent,
            self.unit,
            self.kind,
            self.state,
            balance,
            self.limit_low,
            self.limit_high,
            self.debits_pending,
            self.credits_pending,
            self.soft_low,
            self.soft_high,
        )


def credit_unit(network: bytes) -> str:
    """Return the code of a network's own credit: `agent:` and the base32 of its id (32 bytes)."""
    return to_text("agent", network)


def are_limits_in_range(limit_low: int, limit_high: int) -> bool:
    """Tell whether a pair of limits can stand: low at most 0, high at least 0, both within ±(2^53 - 1)."""
    return -BALANCE_MAX <= limit_low <= 0 <= limit_high <= BALANCE_MAX


def are_soft_limits_in_range(limit_low: int, limit_high: int, soft_low: int | None, soft_high: int | None) -> bool:
    """Tell whether soft limits (None: none) lie within the hard ones, on their own side of zero."""
    low = limit_low if soft_low is None else soft_low
    high = limit_high if soft_high is None else soft_high
    return limit_low <= low <= 0 <= high <= limit_high
