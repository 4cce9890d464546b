"""Instructions: what a signed ledger record asks for, read once into a value.

Two kinds of record carry them. A `transfer` is signed by its payer. An `account` record opens, limits or closes
an account and is signed by the network itself. What a record cannot say at all (a wrong type, a missing field,
somebody else's payment) is an error of its sender and leaves no leaf; what it says and may not have is a
refusal, found by `protocol.ledger.apply`.
Source: docs/spec/04-ledger.md, L-10 to L-14.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from protocol.errors import Code, RemoteProtocolError
from protocol.ledger.accounts import AccountKind
from protocol.record import Record

TRANSFER = "transfer"
ACCOUNT = "account"
LEDGER_KINDS = frozenset({TRANSFER, ACCOUNT})
"""The kinds of record that the ledger feed takes today."""

_AGENT_BYTES = 32
_UNIT_CHARACTERS_MAX = 80
_REASON_CHARACTERS_MAX = 500


class AccountAction(StrEnum):
    """What an `account` record does."""

    OPEN = "open"
    LIMIT = "limit"
    CLOSE = "close"


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
        RemoteProtocolError: UNKNOWN_KIND, WRONG_HOME, MISSING_FIELD, WRONG_TYPE, OUT_OF_RANGE or NOT_ALLOWED.
    """
    header = record.header
    if header.home != ledger:
        raise RemoteProtocolError(Code.WRONG_HOME, "the instruction belongs to the ledger of another network")
    # spec/04-ledger L-13: nothing in the ledger is edited; what was asked is answered by a further instruction.
    if header.thing is not None:
        raise RemoteProtocolError(Code.NOT_ALLOWED, "an instruction to the ledger can't be revised; sign a new one")
    if header.kind == TRANSFER:
        return _read_transfer(record)
    if header.kind == ACCOUNT:
        return _read_account_change(record, ledger, unit)
    raise RemoteProtocolError(Code.UNKNOWN_KIND, f"the ledger takes no record of kind {header.kind!r}")


def _read_transfer(record: Record) -> Transfer:
    body = record.body_value()
    payer = _identifier(body, "payer")
    # spec/04-ledger L-11: nobody signs for another member's account.
    if payer != record.header.author:
        raise RemoteProtocolError(Code.NOT_ALLOWED, "a transfer is signed by its payer; this one names another payer")
    return Transfer(
        record.id,
        _identifier(body, "ledger"),
        payer,
        _identifier(body, "payee"),
        _integer(body, "amount"),
        _unit(body),
        _integer(body, "expires_ms"),
    )


def _read_account_change(record: Record, ledger: bytes, unit: str) -> AccountChange:
    # spec/04-ledger L-12: accounts are the network's to open.
    if record.header.author != ledger:
        raise RemoteProtocolError(Code.NOT_ALLOWED, "an account is opened, limited and closed by the network only")
    body = record.body_value()
    action_text = _text(body, "action", 16)
    try:
        action = AccountAction(action_text)
    except ValueError as error:
        raise RemoteProtocolError(Code.OUT_OF_RANGE, f"action: {action_text!r} is not open, limit or close") from error
    kind_text = _text(body, "type", 16) if "type" in body else AccountKind.MEMBER.value
    try:
        kind = AccountKind(kind_text)
    except ValueError as error:
        raise RemoteProtocolError(Code.OUT_OF_RANGE, f"type: {kind_text!r} is no kind of account") from error
    closing = action is AccountAction.CLOSE
    if "reason" in body:
        _text(body, "reason", _REASON_CHARACTERS_MAX)
    return AccountChange(
        record.id,
        _identifier(body, "account"),
        _unit(body) if "unit" in body else unit,
        kind,
        action,
        None if closing else _integer(body, "limit_low"),
        None if closing else _integer(body, "limit_high"),
    )


def _field(body: Mapping[str, Any], name: str) -> Any:
    try:
        return body[name]
    except KeyError as error:
        raise RemoteProtocolError(Code.MISSING_FIELD, f"{name}: is missing") from error


def _identifier(body: Mapping[str, Any], name: str) -> bytes:
    value = _field(body, name)
    if type(value) is not bytes:
        raise RemoteProtocolError(Code.WRONG_TYPE, f"{name}: is {type(value).__name__}, 32 bytes were wanted")
    if len(value) != _AGENT_BYTES:
        raise RemoteProtocolError(Code.OUT_OF_RANGE, f"{name}: has {len(value)} bytes, 32 were wanted")
    return value


def _integer(body: Mapping[str, Any], name: str) -> int:
    value = _field(body, name)
    # bool is a subclass of int, and true is no amount.
    if type(value) is not int:
        raise RemoteProtocolError(Code.WRONG_TYPE, f"{name}: is {type(value).__name__}, an integer was wanted")
    return value


def _text(body: Mapping[str, Any], name: str, characters_max: int) -> str:
    value = _field(body, name)
    if type(value) is not str:
        raise RemoteProtocolError(Code.WRONG_TYPE, f"{name}: is {type(value).__name__}, text was wanted")
    if not 0 < len(value) <= characters_max:
        raise RemoteProtocolError(Code.OUT_OF_RANGE, f"{name}: has {len(value)} characters, 1 to {characters_max} fit")
    return value


def _unit(body: Mapping[str, Any]) -> str:
    return _text(body, "unit", _UNIT_CHARACTERS_MAX)
