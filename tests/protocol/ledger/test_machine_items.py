"""Everything that members can ask of one another against a small reference model, driven by Hypothesis.

Holds, resolutions, requests, mandates, reversals, consents and the end of time, in batches that are settled and batches
that are lost; what each instruction names is drawn from all that was said before.
"""

from __future__ import annotations

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from protocol.kinds.holds import Hold, Resolution, ResolutionAction
from protocol.kinds.joint import Consent
from protocol.kinds.ledger import Account, AccountAction, Purpose, Transfer
from protocol.kinds.requests import Mandate, Period, Request, Reversal
from protocol.ledger import Book, Draft, Instruction, Item, apply, item_id, rules_of, tick, transfer_item
from tests.ledger_builders import FAR_MS, LEDGER, UNIT, named
from tests.protocol.ledger.reference_items import DAY, Model

AGENTS = tuple(named(name) for name in ("ana", "bento", "carla", "dora"))
MEMBERS = frozenset(AGENTS)
ROLES = {agent: frozenset({"member"}) for agent in MEMBERS}
START_MS = 1_795_478_400_000

Asked = tuple[bytes, bytes, Any]
"""Id, author and body."""

agents = st.sampled_from(AGENTS)
pairs = st.sampled_from([(one, other) for one in AGENTS for other in AGENTS if one != other])
amounts = st.one_of(st.integers(0, 90), st.sampled_from([10, 20, 30]))
steps = st.sampled_from([0, 0, 0, 0, 0, 0, 1, 20, 39, -5, DAY, 7 * DAY, 31 * DAY, 367 * DAY])
names = st.integers(0, 2**16)
KINDS = (
    "account", "transfer", "hold", "hold", "resolution", "resolution", "request", "pay", "mandate", "draw", "reversal",
    "reversal", "consent", "consent",
)  # fmt: skip
ANSWERABLE = frozenset({"reversal", "resolution", "request", "mandate", "hold"})
kinds = st.sampled_from(KINDS)
wishes = st.tuples(kinds, pairs, agents, amounts, names, st.booleans(), st.booleans())


class ItemsMachine(RuleBasedStateMachine):
    """What both sides say of the same instructions."""

    def __init__(self) -> None:
        """Begin with an empty ledger."""
        super().__init__()
        self.book = Book(ledger=LEDGER, unit=UNIT)
        self.model = Model(members=MEMBERS)
        self.items: dict[bytes, Item] = {}
        self.said: dict[str, list[Asked]] = {}
        self.journal: list[tuple[Asked | None, int]] = []
        self.clock = START_MS
        self.count = 0

    @initialize()
    def accounts(self) -> None:
        """Open an account for each, and let something of each kind be there to be named."""
        bodies = [Account(agent, AccountAction.OPEN, -100, 100) for agent in AGENTS]
        self._settle([(named(f"{agent!r}"), LEDGER, body) for agent, body in zip(AGENTS, bodies, strict=True)])
        ana, bento, carla, _ = AGENTS
        for kind, yes in (("transfer", True), ("hold", True), ("hold", False), ("request", True), ("mandate", True)):
            self._settle([self._asked(kind, (ana, bento), carla, 20, 31, yes, True)])
        self._settle([self._asked("reversal", (ana, bento), carla, 20, 2, True, True)])

    @rule(wanted=st.lists(wishes, min_size=1, max_size=5), step=steps)
    def settled(self, wanted: list[Any], step: int) -> None:
        """Each outcome of a settled batch is the one that the model gives."""
        self.clock = max(START_MS, self.clock + step)
        self._settle([self._asked(*wish) for wish in wanted])

    @rule(wanted=st.lists(wishes, min_size=1, max_size=3), step=steps)
    def lost(self, wanted: list[Any], step: int) -> None:
        """A batch whose commit failed leaves no trace."""
        draft = self.book.draft()
        items = dict(self.items)
        for wish in wanted:
            self._apply(draft, items, self._asked(*wish), self.clock + max(0, step))

    @rule(step=steps)
    def quiet(self, step: int) -> None:
        """Time alone ends what has come to its time."""
        self.clock = max(START_MS, self.clock + step)
        self._tick(self.book, self.items, self.clock)
        self.journal.append((None, self.clock))
        self.model.pass_to(self.clock)

    @invariant()
    def accounts_are_those_of_the_model(self) -> None:
        """Balances, and what is set aside, are what the model adds up."""
        for account in self.book.accounts():
            assert account.balance == self.model.balance(*account.key)
            assert (account.debits_pending, account.credits_pending) == self.model.set_aside(*account.key)
        assert not any(self.book.trial_balance().values())

    @invariant()
    def items_are_those_of_the_model(self) -> None:
        """The same things are open on both sides, in the same state."""
        for identifier, thing in self.model.things.items():
            item = self.items[identifier]
            assert (item.state, item.is_open) == (thing.state, thing.is_open)
        open_ones = {identifier for identifier, thing in self.model.things.items() if thing.is_open}
        assert {item.id for item in self.book.items()} == open_ones
        assert {item_id("reversed", name) for name in self.model.reversed} <= self.items.keys()

    def teardown(self) -> None:
        """The journal folded again, one leaf a draft, gives the same book and the same items."""
        again, items = Book(ledger=LEDGER, unit=UNIT), dict[bytes, Item]()
        for asked, now in self.journal:
            if asked is None:
                self._tick(again, items, now)
                continue
            draft = again.draft()
            self._apply(draft, items, asked, now)
            draft.settle()
        assert list(again.accounts()) == list(self.book.accounts())
        assert (again.size, again.time_ms, again.due_ms) == (self.book.size, self.book.time_ms, self.book.due_ms)
        assert items == self.items

    def _settle(self, asked: list[Asked]) -> None:
        draft = self.book.draft()
        outcomes = [self._apply(draft, self.items, each, self.clock) for each in asked]
        draft.settle()
        self.journal += [(each, self.clock) for each in asked]
        assert outcomes == [self.model.say(*each, self.clock) for each in asked]

    def _apply(self, draft: Draft, items: dict[bytes, Item], asked: Asked, now: int) -> str:
        instruction = Instruction(asked[0], asked[1], START_MS, asked[2])
        assert rules_of(instruction).is_entitled(instruction, ledger=LEDGER, roles=ROLES)
        draft.know(items.values())
        applied = apply(draft, instruction, now_ms=now, keys_at=1, roles=ROLES)
        items.update((item.id, item) for item in applied.items)
        if applied.outcome == "posted" and isinstance(instruction.body, Transfer):
            items[instruction.id] = transfer_item(instruction, index=applied.index)
        return applied.outcome

    def _tick(self, book: Book, items: dict[bytes, Item], now: int) -> None:
        draft = book.draft()
        applied = tick(draft, now_ms=now, keys_at=1)
        draft.settle()
        items.update((item.id, item) for item in applied.items)

    def _asked(
        self, kind: str, pair: tuple[bytes, bytes], agent: bytes, amount: int, name: int, yes: bool, more: bool
    ) -> Asked:
        """Make an instruction of what was drawn; what it names is one of those that were asked for before."""
        payer, payee = pair
        sides: dict[str, Any] = {"ledger": LEDGER, "payer": payer, "payee": payee, "amount": amount, "unit": UNIT}
        author = payer
        body: Any
        if kind == "hold":
            others = [each for each in AGENTS if each not in pair]
            mediators = (others[0], named("stranger") if name % 11 == 0 else others[1]) if yes else ()
            own_time = self.clock + 20 if more else None
            expires_ms = self.clock + (40 if name % 3 else 0 if not own_time and name % 9 == 0 else 8 * DAY)
            body = Hold(**sides, expires_ms=expires_ms, mediators=mediators, payee_posts_from_ms=own_time)
        elif kind == "request":
            author, body = payee, Request(**sides, due_ms=self.clock + name % 4 * DAY)
        elif kind == "mandate":
            until_ms = self.clock + name % 40 * DAY
            body = Mandate(**sides, period=list(Period)[name % 3], until_ms=until_ms)
        elif kind == "account":
            low, high = (None, None) if yes else (-amount, 100 + amount)
            action = AccountAction.CLOSE if yes else AccountAction.OPEN if more else AccountAction.LIMIT
            author, body = LEDGER, Account(agent, action, low, high)
        elif kind in {"resolution", "reversal", "consent", "pay", "draw"}:
            author, body = self._answer(kind, sides, agent, amount, name, yes, more)
        else:
            body = Transfer(**sides, expires_ms=FAR_MS if name % 9 else self.clock)
        self.count += 1
        asked = (named(f"instruction {self.count}"), author, body)
        self.said.setdefault("transfer" if kind in {"pay", "draw"} else kind, []).append(asked)
        if kind in ANSWERABLE:
            self.said.setdefault("answerable", []).append(asked)
        return asked

    def _answer(
        self, kind: str, sides: dict[str, Any], agent: bytes, amount: int, name: int, yes: bool, more: bool
    ) -> tuple[bytes, Any]:
        """Make an instruction that names another; mostly one that fits it."""
        if kind == "consent":
            acts = [item.id for item in self.book.items() if item.kind == "act"]
            if acts and more:
                return agent, Consent(acts[name % len(acts)], name % 4 != 0)
            return agent, Consent(self._one("answerable", name)[0], yes)
        if kind == "resolution":
            about, _, hold = self._one("hold", name // 16)
            action = list(ResolutionAction)[name % 3]
            part = amount if yes and action is ResolutionAction.POST else None
            people = (agent, *((hold.payer, hold.payee, *hold.mediators) if hold is not None else ()))
            return people[name // 4 % len(people)], Resolution(about, action, part)
        if kind == "reversal":
            about, _, paid = self._one("transfer", name)
            if paid is not None and more:
                sides = {**sides, "payer": paid.payee, "payee": paid.payer, "amount": paid.amount if yes else amount}
            return sides["payer" if name % 2 else "payee"], Reversal(**sides, transfer=about)
        about, _, asked = self._one("request" if kind == "pay" else "mandate", name)
        if asked is not None and more:
            sides = {**sides, "payer": asked.payer, "payee": asked.payee, "amount": asked.amount if yes else amount}
        if kind == "pay":
            return sides["payer"], Transfer(**sides, expires_ms=FAR_MS, purpose=Purpose(request=about))
        return sides["payee"], Transfer(**sides, expires_ms=FAR_MS, mandate=about)

    def _one(self, kind: str, name: int) -> tuple[bytes, bytes, Any]:
        """Give one of the latest that were asked for, mostly one that was not refused; or nothing that is known."""
        said = self.said.get(kind, [])
        if name % 5:
            said = [asked for asked in said if asked[0] in self.items]
        if not said or name % 37 == 0:
            return named("nothing"), AGENTS[0], None
        return said[-1 - (name // 2) % min(len(said), 4)]


TestItemsMachine = ItemsMachine.TestCase
TestItemsMachine.settings = settings(max_examples=80, stateful_step_count=30, deadline=None)
