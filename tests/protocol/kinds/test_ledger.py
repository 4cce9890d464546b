"""Instructions to the ledger hold their shape; what the ledger allows is the ledger's to say."""

from __future__ import annotations

from typing import Any

from protocol.errors import Code, RemoteProtocolError
from protocol.kinds import read_body
from protocol.kinds.ledger import Transfer
from tests.builders import bodies


def code_of(kind: str, **changes: Any) -> Code | None:
    """Give the code that a full body with these changes is refused with, None if it is read."""
    try:
        read_body(kind, {**bodies()[kind], **changes})
    except RemoteProtocolError as error:
        return Code(error.code)
    return None


def test_an_amount_is_any_integer() -> None:
    """An amount of zero or less is the ledger's refusal, with a leaf, and not a broken record."""
    transfer = read_body("transfer", {**bodies()["transfer"], "amount": -5})

    assert isinstance(transfer, Transfer)
    assert transfer.amount == -5


def test_true_is_no_amount() -> None:
    """A boolean isn't an integer."""
    assert code_of("transfer", amount=True) == Code.WRONG_TYPE


def test_an_open_account_has_limits() -> None:
    """Only closing needs none."""
    assert code_of("account", limit_low=None) == Code.MISSING_FIELD
    assert code_of("account", action="limit", limit_high=None) == Code.MISSING_FIELD
    assert code_of("account", action="close", limit_low=None, limit_high=None) is None
    assert code_of("account", action="burn") == Code.OUT_OF_RANGE


def test_a_nonce_is_short() -> None:
    """A nonce has at most 32 bytes."""
    assert code_of("transfer", nonce=bytes(33)) == Code.OUT_OF_RANGE
