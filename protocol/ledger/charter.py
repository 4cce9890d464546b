"""The rules of kind `rule`: what the assembly decided for the books, signed by a treasurer and an auditor.

A rule in force is an open item. Of limits, slips and second signatures one rule is in force at a time, under an id made
of its type; dues, levies, contributions and imports stand beside each other, each under the id of its own instruction.
Source: docs/spec/04-ledger.md, L-70 to L-72.
"""

from __future__ import annotations

from protocol.kinds.agents import Role
from protocol.kinds.postings import ONE_EACH, LevyBase, Rule, RuleType
from protocol.ledger.accounts import AccountState, are_limits_in_range, are_soft_limits_in_range
from protocol.ledger.book import Draft
from protocol.ledger.instructions import Instruction
from protocol.ledger.items import Item, item_id
from protocol.ledger.refusals import LedgerCode
from protocol.ledger.rules import Context, Roles, Rules, Signatures, is_office

RULE = "rule"
"""Kind of an item that stands for a rule."""

IN_FORCE = "in_force"
REPLACED = "replaced"

ONE_AUDITOR = Signatures(roles=frozenset({Role.AUDITOR}), count=1)
"""What cites the assembly's minutes is the treasurer's to sign, and an auditor's."""


class RuleRules(Rules):
    """The rules of `rule`."""

    body = Rule
    outcomes = frozenset({IN_FORCE})

    def is_entitled(self, instruction: Instruction, *, ledger: bytes, roles: Roles) -> bool:
        """A rule is the treasurer's to propose."""
        return is_office(instruction, ledger, roles, Role.TREASURER)

    def parties(self, instruction: Instruction) -> tuple[bytes, ...]:
        """The account that receives what it takes may read it, beside the officers."""
        payee = instruction.body.payee
        return () if payee is None else (payee,)

    def decide(self, draft: Draft, instruction: Instruction, context: Context) -> LedgerCode | None:
        """Check unit, time, limits, the receiving account and what it replaces."""
        body: Rule = instruction.body
        unit = body.unit or draft.unit
        if not draft.has_unit(unit):
            return LedgerCode.UNKNOWN_UNIT
        if body.until_ms is not None and body.until_ms <= context.time_ms:
            return LedgerCode.EXPIRED
        for row in body.rows:
            if not are_limits_in_range(row.low, row.high):
                return LedgerCode.LIMITS_OUT_OF_RANGE
            if not are_soft_limits_in_range(row.low, row.high, row.soft_low, row.soft_high):
                return LedgerCode.LIMITS_OUT_OF_RANGE
        if body.payee is not None:
            payee = draft.account(body.payee, unit)
            if payee is None:
                return LedgerCode.UNKNOWN_PAYEE
            if payee.state is AccountState.CLOSED:
                return LedgerCode.PAYEE_CLOSED
        if body.replaces is not None and find_rule(draft, body.replaces, body.type) is None:
            return LedgerCode.UNKNOWN_RULE
        return None

    def signatures(self, draft: Draft, instruction: Instruction, context: Context) -> Signatures | None:
        """An auditor signs it too."""
        # spec/04-ledger L-70
        return ONE_AUDITOR

    def post(self, draft: Draft, instruction: Instruction, context: Context) -> str:
        """Put it in force, and end the rule whose place it takes."""
        body: Rule = instruction.body
        if body.replaces is not None and (before := find_rule(draft, body.replaces, body.type)) is not None:
            draft.put_item(before.changed(leaf=context.index, is_open=False, state=REPLACED, until_ms=None))
        draft.put_item(
            Item(
                id=item_id(RULE, body.type.value) if body.type in ONE_EACH else instruction.id,
                kind=RULE,
                state=IN_FORCE,
                is_open=True,
                instruction=instruction,
                opened_leaf=context.index,
                changed_leaf=context.index,
                amount=body.amount or 0,
                until_ms=body.until_ms,
                payee=body.payee,
                unit=body.unit or draft.unit,
            )
        )
        return IN_FORCE


def find_rule(draft: Draft, identifier: bytes, *types: RuleType) -> Item | None:
    """Return the rule of that id if it is in force and of one of these types, else None."""
    item = draft.item(identifier)
    if item is None or item.kind != RULE or not item.is_open:
        return None
    return item if item.instruction.body.type in types else None


def rule_of(draft: Draft, kind: RuleType, unit: str) -> Rule | None:
    """Return the one rule in force of a type, for a unit; None where the assembly gave none."""
    assert kind in ONE_EACH, f"there may be several rules about {kind}"
    item = draft.item(item_id(RULE, kind.value))
    if item is None or not item.is_open or item.unit != unit:
        return None
    body: Rule = item.instruction.body
    return body


def base_of(rule: Rule, *, balance: int, received: int, given: int) -> int:
    """Give what a member's part is counted of, in minor units: the dues themselves, what was traded, or what stands.

    Args:
        rule: About dues, a levy or a contribution to circulation.
        balance: What the member stands at.
        received: What the member received of others in the period.
        given: What the member gave to others in the period.
    """
    if rule.type is RuleType.DUES:
        return rule.amount or 0
    if rule.type is RuleType.CIRCULATION:
        return max(0, balance - (rule.above or 0))
    return {LevyBase.RECEIVED: received, LevyBase.GIVEN: given}.get(rule.base or LevyBase.BOTH, received + given)


def amount_due(rule: Rule, base: int) -> int:
    """Give what a member pays of a base: its share rounded down, at most what the rule says.

    Args:
        rule: About dues, a levy or a contribution to circulation.
        base: As `base_of` gives it.
    """
    share = base if rule.per_mille is None else base * rule.per_mille // 1000
    return share if rule.amount is None else min(share, rule.amount)
