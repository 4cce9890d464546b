"""Instructions: what a signed ledger record asks for, read once into a value.

Two kinds of record carry them. A `transfer` is signed by its payer. An `account` record opens, limits or closes
an account and is signed by the network itself. What a record cannot say at all (a wrong type, a missing field,
somebody else's payment) is an error of its sender and leaves no leaf; what it says and may not have is a
refusal, found by `protocol.ledger.apply`.
Source: docs/spec/04-ledger.md, L-10 to L-14.
"""

from dataclasses import dataclass

from protocol.errors import Code, RemoteProtocolError
from protocol.kinds import read_record
from protocol.kinds.ledger import Account, AccountAction
from protocol.kinds.ledger import Transfer as TransferBody
from protocol.ledger.accounts import AccountKind
from protocol.record import VERSION, Header, Record

LEDGER_KINDS = frozenset({"transfer", "account"})
"""The kinds of record that the ledger feed takes today."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """A payer's instruction to move credit.

    Attributes:
        id: record id, 32 bytes; the idempotency key.
        ledger: network whose ledger it is for.
        payer: agent that gives, and signed.
        payee: agent that receives.
        amount: minor units of `unit`; any integer of the codec, judged later.
        unit: unit of both accounts.
        expires_ms: the leaf must have an earlier time than this.
    """

    id: bytes
    ledger: bytes
    payer: bytes
    payee: bytes
    amount: int
    unit: str
    expires_ms: int


@dataclass(frozen=True, slots=True)
class AccountChange:
    """The network's instruction to open, limit or close an account.

    Attributes:
        id: record id, 32 bytes; the idempotency key.
        account: agent that holds it.
        unit: unit that it counts in.
        kind: what it is for; read only when it opens.
        action: open, limit or close.
        limit_low: new lower limit; None when closing.
        limit_high: new upper limit; None when closing.
    """

    id: bytes
    account: bytes
    unit: str
    kind: AccountKind
    action: AccountAction
    limit_low: int | None
    limit_high: int | None


Instruction = Transfer | AccountChange


def read_instruction(record: Record, *, ledger: bytes, unit: str) -> Instruction:
    """Read the instruction out of a record whose signature was or will be checked.

    Args:
        record: a record of one of `LEDGER_KINDS`, with its body.
        ledger: id of the network whose ledger reads it.
        unit: the network's own credit unit, meant where an `account` record names none.

    Raises:
        RemoteProtocolError: `unknown_version`, `unknown_kind`, `wrong_home`, `not_allowed`, or what
            `protocol.kinds.read_record` raises.
    """
    header = record.header
    if header.version != VERSION:
        raise RemoteProtocolError(Code.UNKNOWN_VERSION, f"version {header.version} of records is not known here")
    if header.home != ledger:
        raise RemoteProtocolError(Code.WRONG_HOME, "the instruction belongs to the ledger of another network")
    # spec/04-ledger L-13: nothing in the ledger is edited; what was asked is answered by a further instruction.
    if header.thing is not None:
        raise RemoteProtocolError(Code.NOT_ALLOWED, "an instruction to the ledger can't be revised; sign a new one")
    if header.kind not in LEDGER_KINDS:
        raise RemoteProtocolError(Code.UNKNOWN_KIND, f"the ledger takes no record of kind {header.kind!r}")
    body = read_record(record)
    if isinstance(body, TransferBody):
        return _transfer(record.id, header, body)
    assert isinstance(body, Account), "the kinds of the ledger have two classes"
    return _account_change(record.id, header, body, unit)


def _transfer(identifier: bytes, header: Header, body: TransferBody) -> Transfer:
    # spec/04-ledger L-11: nobody signs for another member's account.
    if body.payer != header.author:
        raise RemoteProtocolError(Code.NOT_ALLOWED, "a transfer is signed by its payer; this one names another payer")
    return Transfer(identifier, body.ledger, body.payer, body.payee, body.amount, body.unit, body.expires_ms)


def _account_change(identifier: bytes, header: Header, body: Account, unit: str) -> AccountChange:
    # spec/04-ledger L-12: accounts are the network's to open.
    if header.author != header.home:
        raise RemoteProtocolError(Code.NOT_ALLOWED, "an account is opened, limited and closed by the network only")
    try:
        kind = AccountKind(body.type or AccountKind.MEMBER)
    except ValueError as error:
        raise RemoteProtocolError(Code.OUT_OF_RANGE, f"account.type: {body.type!r} is no kind of account") from error
    closing = body.action is AccountAction.CLOSE
    low, high = (None, None) if closing else (body.limit_low, body.limit_high)
    return AccountChange(identifier, body.account, body.unit or unit, kind, body.action, low, high)
