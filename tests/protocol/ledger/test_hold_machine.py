"""Holds against a count of their own, over long random histories: what is set aside, what ended, and the sum."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from protocol.ledger import Instruction
from tests.ledger_builders import UNIT, consent, named, opening, transfer
from tests.protocol.ledger.test_holds import Ledger, hold, resolution

PEOPLE = ("ana", "bento", "carla")
EVERYBODY = (*PEOPLE, "mara", "nilo")
LIMIT = 100
DONE = {"post": "posted", "void": "voided"}


class Holds(RuleBasedStateMachine):
    """Three members set aside, pay, give back, dispute and wait; a plain count says what must be there."""

    @initialize()
    def begin(self) -> None:
        """Open the accounts, with limits that are soon reached."""
        self.ledger = Ledger(*(opening(name, low=-LIMIT, high=LIMIT) for name in PEOPLE))
        self.now_ms = 2_000
        self.made: list[Instruction] = []
        self.ended: dict[bytes, tuple[str, int]] = {}
        self.proposed: list[Instruction] = []
        self.balances = dict.fromkeys(PEOPLE, 0)

    @rule(
        pair=st.permutations(PEOPLE), amount=st.integers(1, 60), life_ms=st.integers(1, 50),
        early=st.booleans(), mediated=st.booleans(),
    )  # fmt: skip
    def set_aside(self, pair: list[str], amount: int, life_ms: int, early: bool, mediated: bool) -> None:
        """A member sets something aside for another."""
        made = hold(
            amount,
            payer=named(pair[0]),
            payee=named(pair[1]),
            expires_ms=self.now_ms + life_ms,
            payee_posts_from_ms=self.now_ms + life_ms // 2 if early and life_ms > 1 else None,
            mediators=(named("mara"), named("nilo")) if mediated else (),
        )
        # Each record has a salt of its own, so no two have one id, whatever they say.
        made = Instruction(named(f"hold {self.ledger.book.size}"), made.author, made.created_ms, made.body)
        if self.do(made) == "held":
            self.made.append(made)

    @rule(which=st.integers(0, 99), by=st.sampled_from(EVERYBODY), action=st.sampled_from(("post", "void", "dispute")),
          amount=st.none() | st.integers(1, 60))  # fmt: skip
    def resolve(self, which: int, by: str, action: str, amount: int | None) -> None:
        """Somebody says what is to become of one."""
        if not self.made:
            return
        of = self.made[which % len(self.made)]
        asked = resolution(of, by, action, amount if action == "post" else None, again=str(self.ledger.book.size))
        outcome = self.do(asked)
        if outcome == "proposed":
            self.proposed.append(asked)
        self.note(asked, outcome)

    @rule(which=st.integers(0, 99), by=st.sampled_from(EVERYBODY), agree=st.booleans())
    def answer(self, which: int, by: str, agree: bool) -> None:
        """Somebody answers what waits."""
        if self.proposed:
            act = self.proposed[which % len(self.proposed)]
            about = consent(by, act, agree=agree)
            again = Instruction(named(f"{about.id.hex()} {self.ledger.book.size}"), about.author, 1_000, about.body)
            self.note(act, self.do(again))

    @rule(pair=st.permutations(PEOPLE), amount=st.integers(1, 60))
    def pay(self, pair: list[str], amount: int) -> None:
        """A plain payment goes between."""
        paid = transfer(pair[0], pair[1], amount, nonce=named(str(self.ledger.book.size)))
        if self.do(paid) == "posted":
            self.balances[pair[0]] -= amount
            self.balances[pair[1]] += amount

    @rule(wait_ms=st.integers(1, 30))
    def wait(self, wait_ms: int) -> None:
        """Time goes by."""
        self.now_ms += wait_ms
        self.ledger.tick(self.now_ms)

    @invariant()
    def counts_agree(self) -> None:
        """What is set aside is the sum of the open holds; balances are what was posted; nothing passes a limit."""
        open_holds = [item for item in self.ledger.book.items() if item.kind == "hold"]
        assert not {item.id for item in open_holds} & self.ended.keys()
        for name in PEOPLE:
            account = self.ledger.book.account(named(name), UNIT)
            assert account is not None
            pending = (account.debits_pending, account.credits_pending)
            assert pending == (
                sum(item.amount for item in open_holds if item.payer == named(name)),
                sum(item.amount for item in open_holds if item.payee == named(name)),
            )
            assert account.balance == self.balances[name]
            assert -LIMIT <= account.balance - pending[0] <= account.balance + pending[1] <= LIMIT
        assert self.ledger.book.trial_balance() == {UNIT: 0}

    @invariant()
    def none_outlives_its_end(self) -> None:
        """What is open has its end ahead, or is disputed with mediators; what has ended stays as it ended."""
        for item in self.ledger.book.items():
            waits = item.state == "disputed" and item.instruction.body.mediators
            assert waits or (item.until_ms is not None and item.until_ms > self.ledger.book.time_ms)
        for identifier, (state, done) in self.ended.items():
            kept = self.ledger.ended[identifier]
            assert (kept.state, kept.done, kept.is_open) == (state, done, False)

    def do(self, instruction: Instruction) -> str:
        """Apply an instruction now."""
        return self.ledger.do(instruction, self.now_ms)

    def note(self, asked: Instruction, outcome: str) -> None:
        """Count what a resolution did."""
        if outcome != DONE.get(asked.body.action):
            return
        of = next(each for each in self.made if each.id == asked.body.hold)
        assert of.id not in self.ended, "a hold ended twice"
        moved = 0 if outcome == "voided" else asked.body.amount or of.body.amount
        self.ended[of.id] = (outcome, moved)
        names: Mapping[bytes, str] = {named(name): name for name in PEOPLE}
        self.balances[names[of.body.payer]] -= moved
        self.balances[names[of.body.payee]] += moved


TestHolds = Holds.TestCase
