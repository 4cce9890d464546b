"""Orders and events hold what their rules say."""

from __future__ import annotations

from typing import Any

import pytest

from protocol.errors import Code, RemoteProtocolError
from protocol.kinds import read_body
from protocol.kinds.orders import BUYER_ACTIONS, SELLER_ACTIONS, Action
from tests.builders import bodies, named, order_body


def code_of(kind: str, body: dict[str, Any]) -> Code | None:
    """Give the code that a body is refused with, None if it is read."""
    try:
        read_body(kind, body)
    except RemoteProtocolError as error:
        return Code(error.code)
    return None


def test_every_action_is_of_one_side() -> None:
    """Seller and buyer share no action, and no action is nobody's."""
    assert set(Action) == SELLER_ACTIONS | BUYER_ACTIONS
    assert not SELLER_ACTIONS & BUYER_ACTIONS


def test_an_order_has_rows_and_two_sides() -> None:
    """An order asks for something, of somebody else."""
    body = order_body(named("o"), named("o"), seller=named("s"), buyer=named("b"))

    assert code_of("order", body) is None
    assert code_of("order", {**body, "rows": []}) == Code.OUT_OF_RANGE
    assert code_of("order", {**body, "rows": body["rows"] * 61}) == Code.TOO_MANY
    assert code_of("order", {**body, "buyer": named("s")}) == Code.OUT_OF_RANGE


@pytest.mark.parametrize(
    "change", [{"quantity": 0}, {"per": 0}, {"measure": "kg"}, {"title": ""}, {"price": [{"unit": "x", "amount": 1}]}]
)
def test_a_row_has_bounds(change: dict[str, Any]) -> None:
    """Each row is checked as an offer is."""
    body = bodies()["order"]

    assert code_of("order", {**body, "rows": [{**body["rows"][0], **change}]}) == Code.OUT_OF_RANGE


def test_quantities_have_rows() -> None:
    """What is accepted, separated, delivered, received or returned is said row by row."""
    rows = [{"row": 0, "quantity": 1}]
    for action in ("accepted", "separated", "delivered", "received", "returned"):
        assert code_of("event", {"order": named("o"), "action": action, "rows": rows}) is None
        assert code_of("event", {"order": named("o"), "action": action}) == Code.MISSING_FIELD


def test_whole_actions_have_none() -> None:
    """A refusal or cancelling is of the whole order, and corrects nothing."""
    rows = [{"row": 0, "quantity": 1}]
    for action in ("refused", "cancelled"):
        assert code_of("event", {"order": named("o"), "action": action}) is None
        assert code_of("event", {"order": named("o"), "action": action, "rows": rows}) == Code.OUT_OF_RANGE
        assert code_of("event", {"order": named("o"), "action": action, "corrects": named("e")}) == Code.OUT_OF_RANGE


def test_a_row_is_named_once() -> None:
    """Two quantities for one row would leave open which is meant."""
    rows = [{"row": 0, "quantity": 1}, {"row": 0, "quantity": 2}]

    assert code_of("event", {"order": named("o"), "action": "accepted", "rows": rows}) == Code.OUT_OF_RANGE
    assert code_of("event", {"order": named("o"), "action": "accepted", "rows": [{"row": 60, "quantity": 1}]}) == (
        Code.OUT_OF_RANGE
    )
