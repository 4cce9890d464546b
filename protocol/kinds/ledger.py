"""Instructions to a network's private ledger.

The types here hold an instruction to its shape only. Amounts and limits are any integers of the codec, since an amount
that the ledger doesn't allow is a ranked refusal with a leaf of its own (spec/04-ledger), not a broken record.

Source: spec/03-records R-75 and R-76; spec/04-ledger.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from protocol.errors import Code
from protocol.kinds.fields import Body, FieldError, Id, Money, Note, Unit
from protocol.units import INTEGER_MAX

Integer = Annotated[int, Meta(ge=-INTEGER_MAX, le=INTEGER_MAX)]
"""Any integer of the codec."""

PolicyName = Annotated[str, Meta(pattern=r"\A[a-z][a-z_]{0,23}\Z")]
"""For whom limits are meant: a type of agent, such as `person`, or a name of the assembly's own."""

Step = Annotated[int, Meta(ge=0, le=9)]
"""How often an account was raised: 0 when it is opened."""


class AccountKind(StrEnum):
    """What an account is for. It decides who may move it, not how it adds up."""

    MEMBER = "member"
    FUND = "fund"
    TREASURY = "treasury"
    LINE = "line"
    CONVERSION = "conversion"


class AccountAction(StrEnum):
    """What is done to an account."""

    OPEN = "open"
    LIMIT = "limit"
    CLOSE = "close"


class Account(Body, frozen=True):
    """The network opens, limits or closes an account.

    Attributes:
        account: The agent that it is of.
        action: What is done.
        limit_low: How far it may go below zero, ≤ 0; not when it is closed, nor beside a policy.
        limit_high: How far it may go above zero, ≥ 0; likewise.
        reason: Why, citing the assembly's minutes.
        type: What it is for, `member` where nothing is said; read when it is opened.
        unit: The unit that it counts in; the network's own where nothing is said.
        soft_low: Balance below which its owner is warned.
        soft_high: Balance above which its owner is warned.
        policy: The row of the rule about limits by which it gets its limits.
        step: Which step of that row.
    """

    account: Id
    action: AccountAction
    limit_low: Integer | None = None
    limit_high: Integer | None = None
    reason: Note | None = None
    type: AccountKind | None = None
    unit: Unit | None = None
    soft_low: Integer | None = None
    soft_high: Integer | None = None
    policy: PolicyName | None = None
    step: Step = 0

    def __post_init__(self) -> None:
        """Check what holds between the fields."""
        said = (self.limit_low, self.limit_high, self.soft_low, self.soft_high)
        if self.policy is not None and any(limit is not None for limit in said):
            raise FieldError(Code.OUT_OF_RANGE, "policy: where one is named, the rule says the limits")
        if self.policy is not None or self.action is AccountAction.CLOSE:
            return
        if self.limit_low is None or self.limit_high is None:
            raise FieldError(Code.MISSING_FIELD, "limit_low and limit_high: an account has both")


class Purpose(Body, frozen=True):
    """What a transfer is for.

    Attributes:
        order: The order that it pays.
        request: The request that it pays.
        text: In words.
    """

    order: Id | None = None
    request: Id | None = None
    text: Note | None = None


class Transfer(Body, frozen=True):
    """A payer moves credit.

    Attributes:
        ledger: The network whose ledger it is for.
        payer: Who gives, and signs.
        payee: Who receives.
        amount: Minor units of `unit`.
        unit: The unit of both accounts.
        expires_ms: The ledger takes it only before this time.
        purpose: What it is for.
        nonce: Up to 32 bytes of the author's choosing.
        mandate: The payer's mandate that the payee draws on; then the payee signs.
        official: What was paid beside it in official money, outside the ledger, as the payer states.
        slip: The number of the paper slip on which a clerk signs in the payer's place.
    """

    ledger: Id
    payer: Id
    payee: Id
    amount: Integer
    unit: Unit
    expires_ms: Integer
    purpose: Purpose | None = None
    nonce: Annotated[bytes, Meta(max_length=32)] = b""
    mandate: Id | None = None
    official: Money | None = None
    slip: Annotated[int, Meta(ge=1, le=10**9)] | None = None

    def __post_init__(self) -> None:
        """Check what holds between the fields."""
        check_official(self.official)
        if self.mandate is not None and self.official is not None:
            raise FieldError(Code.OUT_OF_RANGE, "official: who draws on a mandate can't state what the payer paid")
        if self.slip is not None and (self.mandate is not None or self.official is not None):
            raise FieldError(Code.OUT_OF_RANGE, "slip: a clerk signs in the payer's place, and for the credit only")


def check_official(official: Money | None) -> None:
    """Refuse an official part that is none: in a network's credit, or of nothing.

    Raises:
        FieldError: `out_of_range`.
    """
    if official is None:
        return
    if official.unit.startswith("agent:"):
        raise FieldError(Code.OUT_OF_RANGE, "official: credit is moved by the transfer itself; name a currency")
    if official.amount == 0:
        raise FieldError(Code.OUT_OF_RANGE, "official: nothing was paid; leave it out")
