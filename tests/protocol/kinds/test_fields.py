"""Shared fields: what text, money, keys and measures may be."""

from __future__ import annotations

import pytest

from protocol.errors import Code, RemoteProtocolError
from protocol.kinds import read_body, to_map
from protocol.kinds.fields import Cost, CostPart, FieldError, Money, check_composition, check_distinct, check_position
from protocol.limits import AMOUNT_MAX, LINE_CHARS_MAX
from tests.builders import bodies, device


def code_of(kind: str, **changes: object) -> Code | None:
    """Give the code that a full body with these changes is refused with, None if it is read."""
    try:
        read_body(kind, {**bodies()[kind], **changes})
    except RemoteProtocolError as error:
        return Code(error.code)
    return None


@pytest.mark.parametrize(
    "text", ["a\nb", "\x00", "a\x1b[2J", "\u202eevil", "a\u2066b", "x\u2028y", "\x85", "", "a" * 121]
)
def test_a_line_holds_no_control_characters(text: str) -> None:
    """A title can't move the cursor, turn the direction of the page, or be empty or endless."""
    assert code_of("offer", title=text) == Code.OUT_OF_RANGE


@pytest.mark.parametrize("text", ["Pão", "日本", "Café — ½ kg", "عربى", "🥖", "a" * LINE_CHARS_MAX])
def test_a_line_may_be_of_any_script(text: str) -> None:
    """Names in any script are names."""
    assert code_of("offer", title=text) is None


def test_notes_have_paragraphs() -> None:
    """Line breaks and tabs are allowed where several lines are, other control characters aren't."""
    assert code_of("offer", about="a\n\tb") is None
    assert code_of("offer", about="a\rb") == Code.OUT_OF_RANGE
    assert code_of("offer", about="a\u202eb") == Code.OUT_OF_RANGE


@pytest.mark.parametrize(
    "unit", ["brl", "BRLX", "R$", "", "agent:", "agent:" + "a" * 51, "agent:" + "a" * 51 + "b", "BRL\n"]
)
def test_a_unit_is_a_currency_or_a_network(unit: str) -> None:
    """Anything but three capitals or the canonical text of an agent's id is no unit."""
    assert code_of("offer", price=[{"unit": unit, "amount": 1}], composition=[]) == Code.OUT_OF_RANGE


@pytest.mark.parametrize("amount", [-1, AMOUNT_MAX + 1, 2**53 - 1])
def test_an_amount_has_bounds(amount: int) -> None:
    """Amounts of prices run from zero to the bound."""
    assert code_of("offer", price=[{"unit": "BRL", "amount": amount}], composition=[]) == Code.OUT_OF_RANGE


def test_a_price_has_one_amount_a_unit() -> None:
    """Two amounts in reais would leave open which is meant."""
    twice = [{"unit": "BRL", "amount": 1}, {"unit": "BRL", "amount": 2}]

    assert code_of("offer", price=twice, composition=[]) == Code.OUT_OF_RANGE
    assert code_of("offer", price=[*twice] * 3, composition=[]) == Code.TOO_MANY


def test_a_composition_explains_at_most_the_price() -> None:
    """The parts may come to less than the price, never to more, in any unit."""
    price = (Money(unit="BRL", amount=100),)
    part = Cost(part=CostPart.WORK, unit="BRL", amount=60)

    check_composition(price, (part,))
    with pytest.raises(FieldError, match="come to 120, the price is 100"):
        check_composition(price, (part, part))
    with pytest.raises(FieldError, match="EUR"):
        check_composition(price, (Cost(part=CostPart.WORK, unit="EUR", amount=1),))


@pytest.mark.parametrize("field", ["sign", "seal"])
@pytest.mark.parametrize("key", [bytes(32), b"\x01" + bytes(31), b"\xff" * 32])
def test_an_unsafe_key_is_refused_where_it_enters(field: str, key: bytes) -> None:
    """Points of small order and encodings that are not canonical are no keys."""
    assert code_of("agent", keys=[{**device("maria"), field: key}]) == Code.BAD_KEY


def test_half_a_position_is_refused() -> None:
    """Latitude and longitude stand together."""
    check_position(None, None)
    check_position(1, 2)
    with pytest.raises(FieldError):
        check_position(1, None)


def test_what_stands_twice_is_named() -> None:
    """The message shows which value it was."""
    with pytest.raises(FieldError, match="roles: member stands there twice"):
        check_distinct(["member", "clerk", "member"], "roles")


def test_defaults_are_left_out_when_written() -> None:
    """A body that says nothing about a field doesn't carry it."""
    assert to_map(Money(unit="BRL", amount=5)) == {"unit": "BRL", "amount": 5}
    assert "note" not in to_map(Cost(part=CostPart.WORK, unit="BRL", amount=60))
