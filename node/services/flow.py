"""How credit flows, folded from movements in their order: volume, hands, positive balances, refusals at limits.

Rules kept here:
- a movement is folded once, so what was folded stays, and only what is new is read;
- whole numbers throughout; a month is one of UTC.
Source: docs/operating/books.md.

Tests: tests/node/services/test_flow.py

    >>> flow = Flow()
    >>> flow.add(time_ms=0, payer=1, payee=2, amount=30)
    >>> flow.add(time_ms=40 * 86_400_000, payer=2, payee=1, amount=10)
    >>> [(month.name, month.volume, month.positive_end, month.turns) for month in flow.months(until_ms=41 * 86_400_000)]
    [('1970-01', 30, 30, 24000), ('1970-02', 10, 20, 4800)]
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

MONTHS_A_YEAR = 12
STUCK_PART = 20
"""An account is stuck at a limit when its room on that side is at most one in so many of the limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """One month.

    Attributes:
        name: Year and month.
        movements: How many there were.
        active: How many accounts took part in one.
        volume: Minor units moved.
        positive_begin: Sum of all balances above zero before it.
        positive_end: The same behind it.
    """

    name: str
    movements: int
    active: int
    volume: int
    positive_begin: int
    positive_end: int

    @property
    def turns(self) -> int | None:
        """How often credit changes hands in a year like this month, in thousandths; None without any credit."""
        twice_mean = self.positive_begin + self.positive_end
        return None if not twice_mean else 2000 * MONTHS_A_YEAR * self.volume // twice_mean


@dataclass(slots=True)
class _Sums:
    movements: int = 0
    volume: int = 0
    active: set[int] = field(default_factory=set)
    positive_end: int = 0


class Flow:
    """The movements of one unit, folded."""

    def __init__(self) -> None:
        """Begin with no movement."""
        self._balances: dict[int, int] = {}
        self._positive = 0
        self._months: dict[str, _Sums] = {}

    def add(self, *, time_ms: int, payer: int, payee: int, amount: int) -> None:
        """Fold the next movement.

        Args:
            time_ms: Its time, not before that of the one before.
            payer: Account that gave.
            payee: Account that received.
            amount: Minor units.
        """
        for account, change in ((payer, -amount), (payee, amount)):
            before = self._balances.get(account, 0)
            self._balances[account] = before + change
            self._positive += max(0, before + change) - max(0, before)
        sums = self._months.setdefault(month_of(time_ms), _Sums())
        sums.movements += 1
        sums.volume += amount
        sums.active |= {payer, payee}
        sums.positive_end = self._positive

    def months(self, *, until_ms: int) -> Iterator[Month]:
        """Yield every month from the first movement to that of `until_ms`, those without movements too."""
        if not self._months:
            return
        name, positive = min(self._months), 0
        last = max(month_of(until_ms), *self._months)
        while name <= last:
            sums = self._months.get(name, _Sums(positive_end=positive))
            yield Month(
                name=name,
                movements=sums.movements,
                active=len(sums.active),
                volume=sums.volume,
                positive_begin=positive,
                positive_end=sums.positive_end,
            )
            name, positive = _next(name), sums.positive_end


def stuck_side(*, room_to_pay: int, limit_low: int, room_to_receive: int, limit_high: int) -> str | None:
    """Tell at which limit an account is stuck: low (can't pay), high (can't receive), or None.

    >>> stuck_side(room_to_pay=5, limit_low=-100, room_to_receive=595, limit_high=500)
    'low'
    """
    if room_to_pay * STUCK_PART <= -limit_low:
        return "low"
    return "high" if room_to_receive * STUCK_PART <= limit_high else None


def month_of(time_ms: int) -> str:
    """Give the month of UTC in which a time lies."""
    moment = datetime.fromtimestamp(time_ms / 1000, UTC)
    return f"{moment.year:04}-{moment.month:02}"


def _next(name: str) -> str:
    year, month = int(name[:4]), int(name[5:])
    return f"{year + month // 12:04}-{month % 12 + 1:02}"
