"""The rules of kind `posting`: many amounts that move in one leaf, all of them or none.

Dues, levies and contributions follow from a rule and are taken once a period of each payer. Opening balances, which the
network's own account passes on, come to zero, and limits don't bind them. Write-offs and payments out of funds cite
minutes. What another system recorded is imported under a rule, and limits don't bind it either.
Source: docs/spec/04-ledger.md, L-79 to L-84.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from protocol.kinds.agents import Role
from protocol.kinds.ledger import AccountKind
from protocol.kinds.postings import (
    BY_MINUTES,
    BY_RULE,
    COLLECTED,
    Posting,
    PostingLine,
    PostingType,
    Rule,
    RuleType,
)
from protocol.ledger.accounts import BALANCE_MAX, Account
from protocol.ledger.book import Draft
from protocol.ledger.charter import ONE_AUDITOR, amount_due, base_of, find_rule
from protocol.ledger.closings import date_refusal
from protocol.ledger.instructions import Instruction
from protocol.ledger.items import Item, item_id
from protocol.ledger.official import CONFIRMED, CONTESTED
from protocol.ledger.refusals import LedgerCode
from protocol.ledger.rules import Context, Roles, Rules, Signatures, is_office
from protocol.ledger.transfers import POSTED, amount_refusal, move_refusal

COLLECTION = "collection"
"""Kind of the items that keep from whom a rule took its part of a period."""

PART = "import_part"
"""Kind of the items that keep which parts of an import are there: their amount is the sum, done the number of rows."""

OPENING = "opening"
"""Kind of the items that stand for opening balances, until their members confirm or contest them."""

UNBOUND = frozenset({PostingType.OPENING, PostingType.IMPORTED})
"""Types that limits don't bind: they bring over what is so already."""

_RULE_OF = {
    PostingType.DUES: RuleType.DUES,
    PostingType.LEVY: RuleType.LEVY,
    PostingType.CIRCULATION: RuleType.CIRCULATION,
    PostingType.IMPORTED: RuleType.IMPORT,
}


@dataclass(frozen=True, slots=True)
class Part:
    """One line with both sides, as it will move.

    Attributes:
        payer: who gives, 32 bytes.
        payee: who receives, 32 bytes.
        amount: minor units.
        line: the line that it comes from.
    """

    payer: bytes
    payee: bytes
    amount: int
    line: PostingLine


class PostingRules(Rules):
    """The rules of `posting`."""

    body = Posting
    outcomes = frozenset({POSTED, CONFIRMED, CONTESTED})

    def is_entitled(self, instruction: Instruction, *, ledger: bytes, roles: Roles) -> bool:
        """Postings are the treasurer's to make."""
        # spec/04-ledger L-79
        return is_office(instruction, ledger, roles, Role.TREASURER)

    def parties(self, instruction: Instruction) -> tuple[bytes, ...]:
        """Both sides read what was written off or paid out; of the others each member sees the own line only."""
        body: Posting = instruction.body
        if body.type not in BY_MINUTES:
            return ()
        sides = (side for line in body.lines for side in (line.payer, line.payee) if side is not None)
        return tuple(dict.fromkeys(sides))

    def references(self, instruction: Instruction) -> tuple[bytes, ...]:
        """It looks at its rule, and at what says that a line was posted before."""
        body: Posting = instruction.body
        rule = () if body.rule is None else (body.rule,)
        # The network's own unit may be named or not; which one it is, only the draft knows.
        return (*rule, *dict.fromkeys((*_once(body, body.unit or ""), *_once(body, ""))))

    def decide(self, draft: Draft, instruction: Instruction, context: Context) -> LedgerCode | None:
        """Check rule and minutes, then every line by itself, then all of them in their order."""
        body: Posting = instruction.body
        unit = body.unit or draft.unit
        rule = None
        if body.type in BY_RULE:
            assert body.rule is not None, "a posting by rule was read without its rule"
            item = find_rule(draft, body.rule, _RULE_OF[body.type])
            if item is None or item.unit != unit:
                return LedgerCode.UNKNOWN_RULE
            rule = item.instruction.body
        parts = tuple(_parts(draft, body, rule))
        for part in parts:
            refusal = amount_refusal(draft, part.payer, part.payee, unit, part.amount)
            if refusal is not None:
                return refusal
        dated = date_refusal(draft, context, *(line.at_ms for line in body.lines if line.at_ms is not None))
        if dated is LedgerCode.DATE_IN_FUTURE:
            return dated
        if _has_twice(body):
            return LedgerCode.DUPLICATE_LINE
        if any(draft.item(identifier) is not None for identifier in _once(body, _unit_name(draft, body))):
            return LedgerCode.ALREADY_POSTED
        for part in parts:
            refusal = move_refusal(draft, part.payer, part.payee, unit, part.amount, limits=False)
            if refusal is not None:
                return refusal
        # spec/04-ledger L-95: what happened in a year that the assembly has closed isn't brought over any more.
        if dated is not None:
            return dated
        return _terms_refusal(draft, body, parts, rule, unit) or _room_refusal(draft, body, parts, unit)

    def signatures(self, draft: Draft, instruction: Instruction, context: Context) -> Signatures | None:
        """What cites minutes itself is signed by an auditor too."""
        # spec/04-ledger L-83
        return ONE_AUDITOR if instruction.body.type in BY_MINUTES else None

    def post(self, draft: Draft, instruction: Instruction, context: Context) -> str:
        """Move every line, and keep what must not happen twice."""
        body: Posting = instruction.body
        unit = body.unit or draft.unit
        item = find_rule(draft, body.rule, _RULE_OF[body.type]) if body.rule is not None else None
        for part in _parts(draft, body, None if item is None else item.instruction.body):
            draft.move(part.payer, part.payee, unit, part.amount, limits=body.type not in UNBOUND)
        lines = body.lines if body.type is not PostingType.IMPORTED else (None,)
        for identifier, line in zip(_once(body, _unit_name(draft, body)), lines, strict=False):
            draft.put_item(_kept(draft, instruction, context, identifier, line))
        return POSTED

    def answer_refusal(self, draft: Draft, item: Item, instruction: Instruction, context: Context) -> LedgerCode | None:
        """An opening balance is its member's to confirm or contest."""
        if item.kind != OPENING:
            return LedgerCode.NOTHING_TO_ANSWER
        if not item.is_open:
            return LedgerCode.ALREADY_ENDED
        if instruction.author not in {item.payer, item.payee} - {draft.ledger}:
            return LedgerCode.NOT_YOURS_TO_SIGN
        return None

    def answered(self, draft: Draft, item: Item, instruction: Instruction, context: Context) -> str:
        """Keep that an opening balance is confirmed, which ends it, or contested, which leaves it open."""
        # spec/04-ledger L-82
        agrees = instruction.body.agree
        state = CONFIRMED if agrees else CONTESTED
        draft.put_item(item.changed(leaf=context.index, state=state, is_open=not agrees))
        return state


def collection_id(rule: bytes, period: str, payer: bytes) -> bytes:
    """Return the id of the item that keeps a rule from taking of a payer twice for a period, 32 bytes."""
    return item_id(COLLECTION, rule, period, payer)


def part_id(rule: bytes, period: str) -> bytes:
    """Return the id of the item that keeps a part of an import from being posted twice, 32 bytes."""
    return item_id(PART, rule, period)


def _parts(draft: Draft, body: Posting, rule: Rule | None) -> Iterator[Part]:
    """Give each line with both its sides: the rule's payee and the network's own account stand where none is said."""
    other = draft.ledger if rule is None or rule.payee is None else rule.payee
    for line in body.lines:
        yield Part(line.payer or other, line.payee or other, line.amount, line)


def _unit_name(draft: Draft, body: Posting) -> str:
    """Give the unit of a posting as its ids name it: nothing for the network's own, said or not."""
    return "" if body.unit in {None, draft.unit} else body.unit or ""


def _once(body: Posting, unit: str) -> Iterator[bytes]:
    """Give the ids of what a posting may do once only: one a line, one for a part of an import, none for the others."""
    if body.type in COLLECTED:
        # spec/04-ledger L-80
        yield from (collection_id(body.rule or b"", body.period or "", line.payer or b"") for line in body.lines)
    elif body.type is PostingType.OPENING:
        yield from (item_id(OPENING, unit, line.payer or line.payee or b"") for line in body.lines)
    elif body.type is PostingType.IMPORTED:
        yield part_id(body.rule or b"", body.period or "")


def _has_twice(body: Posting) -> bool:
    """Tell whether a line stands there twice; an import may have two trades that look alike."""
    if body.type is PostingType.IMPORTED:
        return False
    keys: list[object]
    if body.type in BY_MINUTES:
        keys = [(line.payer, line.payee, line.amount, line.text) for line in body.lines]
    else:
        keys = [line.payer or line.payee for line in body.lines]
    return len(set(keys)) != len(keys)


def _terms_refusal(
    draft: Draft, body: Posting, parts: tuple[Part, ...], rule: Rule | None, unit: str
) -> LedgerCode | None:
    """Return what the type of a posting has against its lines, whose accounts are there."""
    if body.type in COLLECTED:
        assert rule is not None, "a collection was decided without its rule"
        return LedgerCode.OVER_THE_RULE if any(_is_over(draft, rule, part, unit) for part in parts) else None
    if body.type in BY_MINUTES:
        return _fund_refusal(draft, body, parts, unit)
    return _opening_refusal(draft, body, parts, unit) if body.type is PostingType.OPENING else None


def _is_over(draft: Draft, rule: Rule, part: Part, unit: str) -> bool:
    """Tell whether a line takes more than its rule lets it; the base of a levy is the treasurer's to count."""
    if rule.amount is not None and part.amount > rule.amount:
        return True
    if rule.type is not RuleType.CIRCULATION:
        return False
    counted = base_of(rule, balance=_account(draft, part.payer, unit).balance, received=0, given=0)
    return part.amount > amount_due(rule, counted)


def _fund_refusal(draft: Draft, body: Posting, parts: tuple[Part, ...], unit: str) -> LedgerCode | None:
    """Check that funds pay, and that no more is written off than is owed."""
    written: dict[bytes, int] = {}
    for part in parts:
        if _account(draft, part.payer, unit).kind is not AccountKind.FUND:
            return LedgerCode.NOT_A_FUND
        if body.type is PostingType.WRITE_OFF:
            written[part.payee] = written.get(part.payee, 0) + part.amount
            if _account(draft, part.payee, unit).balance + written[part.payee] > 0:
                return LedgerCode.MORE_THAN_DEBT
    return None


def _opening_refusal(draft: Draft, body: Posting, parts: tuple[Part, ...], unit: str) -> LedgerCode | None:
    """Check that opening balances find untouched accounts, come to zero, and cite minutes for what no member has."""
    total = 0
    for part in parts:
        is_above = part.payer == draft.ledger
        account = _account(draft, part.payee if is_above else part.payer, unit)
        if account.balance or account.has_pending:
            return LedgerCode.ACCOUNT_IN_USE
        # spec/04-ledger L-81
        if account.kind is not AccountKind.MEMBER and body.minutes is None:
            return LedgerCode.DIFFERENCE_WITHOUT_MINUTES
        total += part.amount if is_above else -part.amount
    return LedgerCode.OPENING_NOT_ZERO if total else None


def _room_refusal(draft: Draft, body: Posting, parts: tuple[Part, ...], unit: str) -> LedgerCode | None:
    """Check each line after those before it: within limits, or at least within what an account can hold."""
    moved: dict[bytes, int] = {}
    for part in parts:
        payer, payee = _account(draft, part.payer, unit), _account(draft, part.payee, unit)
        gives = payer.balance + moved.get(part.payer, 0) - part.amount
        takes = payee.balance + moved.get(part.payee, 0) + part.amount
        low, high = -BALANCE_MAX, BALANCE_MAX
        if body.type not in UNBOUND:
            low, high = payer.limit_low + payer.debits_pending, payee.limit_high - payee.credits_pending
        if gives < low:
            return LedgerCode.DEBIT_LIMIT
        if takes > high:
            return LedgerCode.CREDIT_LIMIT
        moved[part.payer] = moved.get(part.payer, 0) - part.amount
        moved[part.payee] = moved.get(part.payee, 0) + part.amount
    return None


def _account(draft: Draft, agent: bytes, unit: str) -> Account:
    account = draft.account(agent, unit)
    assert account is not None, "a line was decided before its accounts were found"
    return account


def _kept(
    draft: Draft, instruction: Instruction, context: Context, identifier: bytes, line: PostingLine | None
) -> Item:
    """Give the item that keeps one line of a posting from being posted again."""
    body: Posting = instruction.body
    is_opening = body.type is PostingType.OPENING
    other = draft.ledger if is_opening else None
    is_part = body.type is PostingType.IMPORTED
    return Item(
        id=identifier,
        kind=OPENING if is_opening else PART if is_part else COLLECTION,
        state=POSTED,
        is_open=is_opening,
        instruction=instruction,
        opened_leaf=context.index,
        changed_leaf=context.index,
        amount=sum(each.amount for each in body.lines) if line is None else line.amount,
        done=len(body.lines) if is_part else 0,
        payer=None if line is None else line.payer or other,
        payee=None if line is None else line.payee or other,
        unit=body.unit or draft.unit,
    )
