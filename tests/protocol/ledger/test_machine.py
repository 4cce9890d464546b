"""Transfers and accounts against a small reference model, driven by Hypothesis."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from protocol.kinds.ledger import Account, AccountAction, AccountKind, Transfer
from protocol.ledger import Book, Draft, Instruction, apply
from tests.ledger_builders import FAR_MS, LEDGER, OTHER_UNIT, UNIT, named
from tests.protocol.ledger.reference import MOST, TOP, Reference

AGENTS = ("ana", "bento", "carla", "dora")


agents = st.sampled_from(AGENTS).map(named)
units = st.sampled_from([UNIT, UNIT, UNIT, UNIT, OTHER_UNIT, "BRL"])
amounts = st.one_of(st.integers(-2, 300), st.sampled_from([-TOP, MOST, MOST + 1, TOP]))
lows = st.one_of(st.integers(-300, 1), st.sampled_from([-TOP, -TOP - 1]))
highs = st.one_of(st.integers(-1, 300), st.sampled_from([TOP, TOP + 1]))
expiries = st.sampled_from([FAR_MS, FAR_MS, FAR_MS, FAR_MS, 50])
nows = st.integers(0, 100)

transfers = st.builds(
    Transfer,
    ledger=st.sampled_from([LEDGER] * 9 + [named("serra")]),
    payer=agents,
    payee=agents,
    amount=amounts,
    unit=units,
    expires_ms=expiries,
)
openings = st.builds(
    Account,
    account=agents,
    unit=units,
    type=st.sampled_from([AccountKind.MEMBER, AccountKind.FUND, AccountKind.TREASURY, AccountKind.LINE]),
    action=st.just(AccountAction.OPEN),
    limit_low=lows,
    limit_high=highs,
)
limitings = st.builds(
    Account,
    account=agents,
    unit=units,
    type=st.just(AccountKind.MEMBER),
    action=st.just(AccountAction.LIMIT),
    limit_low=lows,
    limit_high=highs,
)
closings = st.builds(
    Account,
    account=agents,
    unit=units,
    type=st.just(AccountKind.MEMBER),
    action=st.just(AccountAction.CLOSE),
)
instructions = st.one_of(transfers, transfers, transfers, openings, limitings, closings).map(
    lambda body: Instruction(named("id"), body.payer if isinstance(body, Transfer) else LEDGER, 0, body)
)


class LedgerMachine(RuleBasedStateMachine):
    """Batches that are settled, batches that are lost, and what both sides say of them."""

    def __init__(self) -> None:
        """Begin with four open accounts on both sides."""
        super().__init__()
        self.book = Book(ledger=LEDGER, unit=UNIT)
        self.reference = Reference()
        self.journal: list[tuple[Instruction, int]] = []
        first: list[Instruction] = [
            Instruction(named("id"), LEDGER, 0, Account(named(agent), AccountAction.OPEN, -200, 200, unit=UNIT))
            for agent in AGENTS
        ]
        self.settled(first, 1)

    @rule(asked=st.lists(instructions, min_size=1, max_size=6), now=nows)
    def settled(self, asked: list[Instruction], now: int) -> None:
        """Each outcome of a settled batch is the one that the reference gives."""
        draft = self.book.draft()
        outcomes = [apply(draft, each, now_ms=now, keys_at=1).outcome for each in asked]
        draft.settle()
        self.journal += [(each, now) for each in asked]
        assert outcomes == [
            self.reference.transfer(each.body, now)
            if isinstance(each.body, Transfer)
            else self.reference.change(each.body, now)
            for each in asked
        ]

    @rule(asked=st.lists(instructions, min_size=1, max_size=6), now=nows)
    def lost(self, asked: list[Instruction], now: int) -> None:
        """A batch whose commit failed leaves no trace."""
        draft: Draft = self.book.draft()
        for each in asked:
            apply(draft, each, now_ms=now, keys_at=1)

    @invariant()
    def balances_are_those_of_the_reference(self) -> None:
        """Every account stands where the sum of its movements says, under the limits last set."""
        for account in self.book.accounts():
            assert account.balance == self.reference.balance(*account.key)
            assert (account.state == "open") == self.reference.open[account.key]
            assert (account.limit_low, account.limit_high) == self.reference.limits[account.key]
        assert len(self.book) == len(self.reference.open)

    @invariant()
    def every_unit_sums_to_zero(self) -> None:
        """Nothing that was done made or lost credit."""
        assert not any(self.book.trial_balance().values())

    def teardown(self) -> None:
        """The journal folded again, one leaf a draft, gives the same book."""
        again = Book(ledger=LEDGER, unit=UNIT)
        for instruction, now in self.journal:
            draft = again.draft()
            apply(draft, instruction, now_ms=now, keys_at=1)
            draft.settle()
        assert list(again.accounts()) == list(self.book.accounts())
        assert (again.size, again.time_ms) == (self.book.size, self.book.time_ms)


TestLedgerMachine = LedgerMachine.TestCase
TestLedgerMachine.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
