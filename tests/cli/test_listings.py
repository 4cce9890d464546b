"""Offers and needs from options to bodies, and from views to rows."""

import pytest

from cli.amounts import CreditUnit
from cli.errors import UsageProblemError
from cli.listings import ListingOptions, listing_body, listing_lines, listing_row
from protocol.identifiers import to_text
from protocol.kinds import read_body

CREDIT = CreditUnit.of_network(bytes(32), {"name": "Sabiá", "symbol": "SB", "exponent": 2})
VIEW = {
    "id": to_text("offer", bytes(32)),
    "kind": "offer",
    "title": "Pão",
    "category": "bread",
    "measure": "KGM",
    "quantity": 2500,
    "price": {
        "parts": [{"unit": "BRL", "amount": 900, "symbol": "R$", "exponent": 2, "is_credit": False}],
        "per": 1000,
        "measure": "KGM",
    },
    "author": {"name": "Padaria", "network_name": "Vila"},
    "city": "São Leopoldo",
    "seals": [{"name": "Solidário", "state": "valid"}, {"name": "Antigo", "state": "revoked"}],
}


def test_what_was_said_makes_a_body_that_the_rules_take() -> None:
    """Quantity, measure and a price in two units become whole numbers."""
    options = ListingOptions(
        title="Pão",
        category="pão",
        quantity="2,5 kg",
        prices=("9 BRL", "2 SB"),
        per="kg",
        place=to_text("place", bytes(32)),
    )

    body = listing_body(options, CREDIT)

    read_body("offer", body)
    assert (body["quantity"], body["measure"], body["per"]) == (2500, "KGM", 1000)
    assert body["price"] == [{"unit": "BRL", "amount": 900}, {"unit": CREDIT.unit, "amount": 200}]


def test_without_a_measure_things_are_counted() -> None:
    """What is neither weighed nor measured is counted in units."""
    assert listing_body(ListingOptions(title="Aula", category="tutoring"), CREDIT)["measure"] == "C62"


@pytest.mark.parametrize(
    "options",
    [
        ListingOptions(title="Pão", category="no-such-thing"),
        ListingOptions(title="Pão", category="bread", quantity="much"),
        ListingOptions(title="Pão", category="bread", prices=("9 BRL", "8 BRL")),
        ListingOptions(title="Pão", category="bread", quantity="2 kg", per="litro"),
    ],
)
def test_what_cannot_be_meant_is_a_usage_problem(options: ListingOptions) -> None:
    """An unknown category, an unreadable quantity, a unit twice, two measures."""
    with pytest.raises(UsageProblemError) as caught:
        listing_body(options, CREDIT)

    assert caught.value.next_step


def test_a_view_becomes_a_row_and_a_page() -> None:
    """Only valid seals stand in the row; the page says of each how it stands."""
    row = listing_row(VIEW)

    assert (row["price"], row["quantity"], row["seals"]) == ("9,00 R$ / kg", "2,5 kg", ["Solidário"])
    assert "Seals: Solidário (valid), Antigo (revoked)" in listing_lines(VIEW)
