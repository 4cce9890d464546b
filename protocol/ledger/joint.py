"""Joint acts: an instruction that others must sign too waits as a proposed act until they have consented.

`consent` answers what is named: with the last consent the act is decided again, at that leaf, and posted; whoever it
concerns may end it by not agreeing. A consent may also name what isn't an act, such as a request; the rules of the kind
that made it say what that means.
Source: docs/spec/04-ledger.md, L-47 to L-49.
"""

from __future__ import annotations

from collections.abc import Mapping

from protocol.kinds.agents import Role
from protocol.kinds.joint import Consent
from protocol.ledger.book import Draft
from protocol.ledger.instructions import Instruction
from protocol.ledger.items import ACT, Item
from protocol.ledger.refusals import LedgerCode
from protocol.ledger.rules import Context, Roles, Rules, Signatures

PROPOSED = "proposed"
SIGNED = "signed"
DECLINED = "declined"
DONE = "done"

ACT_LIFE_MS = 30 * 24 * 3600 * 1000
"""How long a proposed act waits for its signatures."""


class ConsentRules(Rules):
    """The rules of `consent`."""

    body = Consent
    outcomes = frozenset({SIGNED, DECLINED})

    def __init__(self, registry: Mapping[type, Rules]) -> None:
        """Look up the rules of what is consented to in a registry by class of body."""
        self._registry = registry

    def is_entitled(self, instruction: Instruction, *, ledger: bytes, roles: Roles) -> bool:
        """Whether it is theirs to answer depends on what they name."""
        return True

    def references(self, instruction: Instruction) -> tuple[bytes, ...]:
        """It looks at what it names."""
        return (instruction.body.instruction,)

    def decide(self, draft: Draft, instruction: Instruction, context: Context) -> LedgerCode | None:
        """Check that it is open, theirs to answer, and can be posted where this is the last consent."""
        item = draft.item(instruction.body.instruction)
        if item is None:
            return LedgerCode.UNKNOWN_ITEM
        rules = self._registry[type(item.instruction.body)]
        if item.kind != ACT:
            return rules.answer_refusal(draft, item, instruction, context)
        if not item.is_open:
            return LedgerCode.ALREADY_ENDED
        wanted = rules.signatures(draft, item.instruction, context)
        author = instruction.author
        is_signer = author in item.signers
        sides = rules.parties(item.instruction)
        if not is_signer and not _may_sign(draft, wanted, sides, author, context):
            return LedgerCode.NOT_YOURS_TO_SIGN
        if not instruction.body.agree:
            return None
        if is_signer:
            return LedgerCode.ALREADY_SIGNED
        if not _is_complete(wanted, (*item.signers, author)):
            return None
        return rules.decide(draft, item.instruction, context)

    def post(self, draft: Draft, instruction: Instruction, context: Context) -> str:
        """Note the consent; post the act with the last one; end it where somebody doesn't agree."""
        item = draft.item(instruction.body.instruction)
        assert item is not None, "a consent was decided without what it names"
        rules = self._registry[type(item.instruction.body)]
        if item.kind != ACT:
            return rules.answered(draft, item, instruction, context)
        if not instruction.body.agree:
            draft.put_item(item.changed(leaf=context.index, is_open=False, state=DECLINED))
            return DECLINED
        signers = (*item.signers, instruction.author)
        wanted = rules.signatures(draft, item.instruction, context)
        if not _is_complete(wanted, signers):
            draft.put_item(item.changed(leaf=context.index, signers=signers))
            return SIGNED
        # The act itself first: its rules may keep an item under the same id.
        draft.put_item(item.changed(leaf=context.index, signers=signers, is_open=False, state=DONE, until_ms=None))
        return rules.post(draft, item.instruction, context)


def proposed(draft: Draft, instruction: Instruction, context: Context) -> str:
    """Keep an instruction as an act that waits for further signatures; return the outcome of its leaf."""
    body = instruction.body
    # spec/04-ledger L-47
    draft.put_item(
        Item(
            id=instruction.id,
            kind=ACT,
            state=PROPOSED,
            is_open=True,
            instruction=instruction,
            opened_leaf=context.index,
            changed_leaf=context.index,
            amount=_amount(body),
            until_ms=context.time_ms + ACT_LIFE_MS,
            payer=getattr(body, "payer", None),
            payee=getattr(body, "payee", None),
            unit=getattr(body, "unit", None),
            signers=(instruction.author,),
        )
    )
    return PROPOSED


def _amount(body: object) -> int:
    amount = getattr(body, "amount", None)
    return amount if isinstance(amount, int) else 0


def _may_sign(
    draft: Draft, wanted: Signatures | None, sides: tuple[bytes, ...], author: bytes, context: Context
) -> bool:
    """Tell whether somebody is one of those who must sign: for themselves, or for an office in others' matters."""
    if wanted is None:
        return False
    if author in wanted.agents:
        return True
    # spec/04-ledger L-48: nobody signs for an office what they are a side of.
    if author in sides or author in wanted.sides:
        return False
    held = context.roles.get(author, frozenset())
    if author == draft.ledger:
        held = held | {Role.TREASURER}
    return bool(held & wanted.roles)


def _is_complete(wanted: Signatures | None, signers: tuple[bytes, ...]) -> bool:
    """Tell whether the author (first) and these others are all that were wanted."""
    if wanted is None:
        return True
    others = [signer for signer in signers[1:] if signer not in wanted.agents]
    return wanted.agents <= set(signers) and len(others) >= wanted.count
