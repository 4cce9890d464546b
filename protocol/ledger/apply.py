"""Apply one instruction to a book: the one function that the sequencer, the restart and the audit share.

What a kind of instruction may do stands in its `Rules`, listed here. `apply` lets end what has come to its time, asks
the rules for the first refusal, and then posts, or keeps the instruction as an act that waits for signatures. All of it
looks only at the draft and the instruction, so folding the same leaves gives the same book everywhere. A refusal
changes nothing but size and time: it is a leaf too.
Source: docs/spec/04-ledger.md, L-20 to L-30, L-43 to L-49.
"""

from __future__ import annotations

from dataclasses import dataclass

from protocol.kinds.agents import Role
from protocol.ledger.accounts import Account
from protocol.ledger.book import Draft, Move
from protocol.ledger.cash import CashRules, CountRules
from protocol.ledger.charter import RuleRules
from protocol.ledger.closings import ClosingRules
from protocol.ledger.holds import HoldRules, ResolutionRules
from protocol.ledger.instructions import Instruction
from protocol.ledger.items import ACT, TRANSFER, Item
from protocol.ledger.joint import PROPOSED, ConsentRules, proposed
from protocol.ledger.mandates import MandateRules
from protocol.ledger.openings import OPENED, AccountRules
from protocol.ledger.postings import PostingRules
from protocol.ledger.refusals import LedgerCode
from protocol.ledger.requests import RequestRules
from protocol.ledger.reversals import ReversalRules
from protocol.ledger.rules import NO_ROLES, OPEN_ITEMS_MAX, Context, Roles, Rules
from protocol.ledger.transfers import POSTED, TransferRules

__all__ = [
    "OPENED",
    "OUTCOMES",
    "POSTED",
    "RULES",
    "TIME",
    "Applied",
    "apply",
    "decide",
    "rules_of",
    "tick",
    "transfer_item",
]

TIME = "time"
"""Outcome of a leaf without a record, by which only time goes on."""

RULES: dict[type, Rules] = {}
"""The rules of each kind of instruction, by the class of its bodies."""

RULES.update(
    {
        rules.body: rules
        for rules in (
            TransferRules(),
            AccountRules(),
            ConsentRules(RULES),
            HoldRules(),
            ResolutionRules(),
            RuleRules(),
            PostingRules(),
        )
    }
)
RULES.update({rules.body: rules for rules in (RequestRules(), MandateRules(), ReversalRules())})
RULES.update({rules.body: rules for rules in (CashRules(), CountRules(), ClosingRules())})


OUTCOMES = frozenset({TIME, PROPOSED}).union(*(rules.outcomes for rules in RULES.values()))
"""Every outcome that is no refusal."""


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of one instruction.

    Attributes:
        outcome: a word of its kind, or the code of a refusal; this is what the leaf says.
        refusal: the refusal, when it is one.
        index: index of its leaf.
        time_ms: time of its leaf.
        moves: what it moved, in order; the place in it is the line of its entries.
        accounts: the accounts that it opened, limited or closed, as they stand after it.
        items: the items that it made or changed, those that ended with its time among them, each as it stands after.
    """

    outcome: str
    refusal: LedgerCode | None
    index: int
    time_ms: int
    moves: tuple[Move, ...] = ()
    accounts: tuple[Account, ...] = ()
    items: tuple[Item, ...] = ()


def rules_of(instruction: Instruction) -> Rules:
    """Give the rules of an instruction's kind."""
    return RULES[type(instruction.body)]


def decide(draft: Draft, instruction: Instruction, context: Context) -> LedgerCode | None:
    """Return the first refusal that applies to an instruction, or None when it can be posted."""
    return rules_of(instruction).decide(draft, instruction, context)


def apply(draft: Draft, instruction: Instruction, *, now_ms: int, keys_at: int, roles: Roles = NO_ROLES) -> Applied:
    """Judge one instruction and post it in the draft, as its next leaf.

    The caller has checked the signature, that the author is entitled to sign it (`Rules.is_entitled`), and that no leaf
    holds this id yet; the draft has at hand what its rules refer to (`Rules.references`).

    Args:
        draft: the book so far; it is changed.
        instruction: what is asked.
        now_ms: the sequencer's clock. The leaf takes the later of this and the previous leaf's time (L-24).
        keys_at: size of the trust feed at which the author's keys were read; never lower than before.
        roles: roles of the agents that its rules ask for (`Rules.agents`), as they hold at `keys_at`.

    Returns:
        The outcome, with what it moved and changed.
    """
    context = _begin(draft, now_ms=now_ms, keys_at=keys_at, roles=roles)
    rules = rules_of(instruction)
    refusal = rules.decide(draft, instruction, context)
    is_joint = refusal is None and rules.signatures(draft, instruction, context) is not None
    if (is_joint or (refusal is None and rules.makes_items)) and not _may_open(draft, instruction, context):
        refusal = LedgerCode.TOO_MANY_OPEN
    if refusal is not None:
        outcome = refusal.value
    elif is_joint:
        outcome = proposed(draft, instruction, context)
    else:
        outcome = rules.post(draft, instruction, context)
    return _end(draft, context, outcome, refusal)


def tick(draft: Draft, *, now_ms: int, keys_at: int) -> Applied:
    """Let time go on by a leaf without a record: what has come to its time ends (L-45)."""
    return _end(draft, _begin(draft, now_ms=now_ms, keys_at=keys_at, roles=NO_ROLES), TIME, None)


def transfer_item(instruction: Instruction, *, index: int) -> Item:
    """Give the item that stands for a posted transfer which nothing was done to yet."""
    body = instruction.body
    return Item(
        id=instruction.id,
        kind=TRANSFER,
        state=POSTED,
        is_open=False,
        instruction=instruction,
        opened_leaf=index,
        changed_leaf=index,
        amount=body.amount,
        payer=body.payer,
        payee=body.payee,
        unit=body.unit,
    )


def _may_open(draft: Draft, instruction: Instruction, context: Context) -> bool:
    """Tell whether the author may have one more open item; those in office may have any number."""
    author = instruction.author
    if author == draft.ledger or context.has_role(author, Role.TREASURER, Role.CLERK):
        return True
    return draft.open_count(author) < OPEN_ITEMS_MAX


def _begin(draft: Draft, *, now_ms: int, keys_at: int, roles: Roles) -> Context:
    """Begin a leaf: its time, and the end of what has come to its time."""
    assert keys_at >= draft.keys_at, f"keys_at {keys_at} is lower than {draft.keys_at} of the leaf before"
    context = Context(max(draft.time_ms, now_ms), draft.size, roles)
    draft.begin_leaf()
    # spec/04-ledger L-45
    while (item := draft.due(context.time_ms)) is not None:
        if item.kind == ACT:
            draft.put_item(item.changed(leaf=context.index, is_open=False, state="expired"))
        else:
            RULES[type(item.instruction.body)].expire(draft, item, context)
        after = draft.item(item.id)
        assert after is None or not after.is_open or after.until_ms != item.until_ms, "an item doesn't end"
    draft.time_ms = context.time_ms
    draft.keys_at = keys_at
    return context


def _end(draft: Draft, context: Context, outcome: str, refusal: LedgerCode | None) -> Applied:
    draft.size = context.index + 1
    moves, accounts, items = draft.end_leaf()
    return Applied(outcome, refusal, context.index, context.time_ms, moves, accounts, items)
