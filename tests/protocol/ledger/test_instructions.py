"""Reading instructions out of signed records."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.errors import Code, RemoteProtocolError
from protocol.kinds.ledger import Account, Transfer
from protocol.ledger import AccountAction, Instruction, read_instruction
from protocol.record import create
from tests.ledger_builders import LEDGER, UNIT, account_body, named, seed_of, signed, transfer_body


def read(*arguments: Any, **options: Any) -> Instruction:
    """Read the instruction of a record signed as told."""
    return read_instruction(signed(*arguments, **options), ledger=LEDGER)


def test_transfer_is_read_whole() -> None:
    """Every field of a transfer reaches the value, under the id of the record."""
    record = signed("transfer", "ana", transfer_body("ana", "bento", 7))

    instruction = read_instruction(record, ledger=LEDGER)

    body = instruction.body
    assert isinstance(body, Transfer)
    assert (record.id, named("ana")) == (instruction.id, instruction.author)
    assert (LEDGER, named("ana"), named("bento"), 7, UNIT) == (
        body.ledger,
        body.payer,
        body.payee,
        body.amount,
        body.unit,
    )


def test_account_is_read_whole() -> None:
    """The short form names neither unit nor kind; the rules take them for the network's own and a member's."""
    body = read("account", "vila", account_body("ana")).body

    assert isinstance(body, Account)
    assert (None, None, AccountAction.OPEN) == (body.unit, body.type, body.action)


WRONG: list[tuple[str, str, dict[str, Any], Code]] = [
    ("transfer", "ana", transfer_body("ana", "bento", 7, amount=None), Code.MISSING_FIELD),
    ("transfer", "ana", transfer_body("ana", "bento", 7, amount="7"), Code.WRONG_TYPE),
    ("transfer", "ana", transfer_body("ana", "bento", 7, amount=True), Code.WRONG_TYPE),
    ("transfer", "ana", transfer_body("ana", "bento", 7, payee="bento"), Code.WRONG_TYPE),
    ("transfer", "ana", transfer_body("ana", "bento", 7, payee=b"short"), Code.OUT_OF_RANGE),
    ("transfer", "ana", transfer_body("ana", "bento", 7, unit=""), Code.OUT_OF_RANGE),
    ("transfer", "ana", transfer_body("ana", "bento", 7, unit="x" * 81), Code.OUT_OF_RANGE),
    ("account", "vila", account_body("ana", "erase"), Code.OUT_OF_RANGE),
    ("account", "vila", account_body("ana", type="king"), Code.OUT_OF_RANGE),
    ("account", "vila", account_body("ana", limit_low=None), Code.MISSING_FIELD),
    ("account", "vila", account_body("ana", reason=7), Code.WRONG_TYPE),
    ("offer", "ana", {"title": "bread"}, Code.UNKNOWN_KIND),
]


@pytest.mark.parametrize(("kind", "author", "body", "code"), WRONG)
def test_what_is_no_instruction_is_an_error_with_its_code(
    kind: str, author: str, body: dict[str, Any], code: Code
) -> None:
    """What cannot be read leaves no leaf: it is an error of its sender."""
    with pytest.raises(RemoteProtocolError) as caught:
        read(kind, author, body)

    assert caught.value.code is code


def test_an_instruction_for_another_home_is_refused() -> None:
    """A record that was made for another network cannot be replayed here."""
    with pytest.raises(RemoteProtocolError) as caught:
        read("transfer", "ana", transfer_body("ana", "bento", 7), home=named("serra"))

    assert caught.value.code is Code.WRONG_HOME


def test_an_instruction_is_never_revised() -> None:
    """A record that claims to replace an earlier instruction is refused: what was asked stays asked."""
    first = signed("transfer", "ana", transfer_body("ana", "bento", 7))
    header = replace(first.header, thing=first.id, previous=first.id)
    revision = create(header, transfer_body("ana", "bento", 8), seed=seed_of("ana"), salt=bytes(16))

    with pytest.raises(RemoteProtocolError) as caught:
        read_instruction(revision, ledger=LEDGER)

    assert caught.value.code is Code.NOT_ALLOWED


VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**53) + 1, 2**53 - 1), st.binary(max_size=40), st.text("ab:=", max_size=40)
)
FIELDS = st.sampled_from(
    ["ledger", "payer", "payee", "amount", "unit", "expires_ms", "account", "action", "limit_low", "type", "reason"]
)


@given(kind=st.sampled_from(["transfer", "account"]), body=st.dictionaries(FIELDS, VALUES))
def test_any_body_is_read_or_refused(kind: str, body: dict[str, Any]) -> None:
    """Whatever a body holds, the only exception it causes is RemoteProtocolError."""
    record = signed(kind, "vila", body)

    try:
        instruction = read_instruction(record, ledger=LEDGER)
    except RemoteProtocolError:
        return
    assert instruction.id == record.id


def test_a_later_version_is_refused() -> None:
    """Rules that aren't known here are not guessed at."""
    first = signed("transfer", "ana", transfer_body("ana", "bento", 7))
    later = replace(first, header=replace(first.header, version=first.header.version + 1))

    with pytest.raises(RemoteProtocolError) as caught:
        read_instruction(later, ledger=LEDGER)

    assert caught.value.code is Code.UNKNOWN_VERSION
