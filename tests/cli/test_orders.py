"""Orders and events as the sides sign them."""

import pytest

from cli import keys
from cli.errors import RefusedError, UsageProblemError
from cli.orders import event_record, order_record, regions_of, rows_given
from cli.records import Author
from protocol.identifiers import to_text
from protocol.kinds import read_body

VILA, SERRA, REGION = b"\x01" * 32, b"\x02" * 32, b"\x03" * 32
OFFER = {
    "id": to_text("offer", b"\x10" * 32),
    "record": to_text("offer", b"\x11" * 32),
    "title": "Pão",
    "measure": "KGM",
    "price": {"parts": [{"unit": "BRL", "amount": 900}], "per": 1000, "measure": "KGM"},
    "author": {"id": to_text("agent", b"\x12" * 32), "network_id": to_text("agent", VILA)},
}
ORDER = {
    "id": to_text("order", b"\x20" * 32),
    "to": [to_text("agent", VILA), to_text("agent", SERRA)],
    "rows": [{"ordered": 2500, "accepted": None, "delivered": None}],
}


def buyer() -> Author:
    """Somebody of Serra."""
    return Author(signer=keys.new_signer("ana"), agent=b"\x30" * 32, home=SERRA)


def test_an_order_copies_its_terms_and_names_its_networks() -> None:
    """It goes to the networks of buyer and seller and to the region, and to nobody else."""
    record = order_record(buyer(), OFFER, 2500, regions=[REGION], note="bem assado")
    body = record.body_value()

    read_body("order", body)
    assert record.header.to == (VILA, SERRA, REGION)
    assert body["rows"] == [
        {"title": "Pão", "measure": "KGM", "quantity": 2500, "price": [{"unit": "BRL", "amount": 900}], "per": 1000}
    ]


def test_an_offer_without_price_can_be_ordered() -> None:
    """A gift has an empty price."""
    record = order_record(buyer(), OFFER | {"price": None}, 1000)

    read_body("order", record.body_value())


def test_an_event_states_what_the_step_before_stated() -> None:
    """Accepting takes what was ordered, unless other quantities are given."""
    whole = event_record(buyer(), ORDER, "accepted").body_value()
    part = event_record(buyer(), ORDER, "accepted", quantities=[(0, 1000)], note="só um").body_value()

    read_body("event", whole)
    assert whole["rows"] == [{"row": 0, "quantity": 2500}]
    assert (part["rows"], part["note"]) == ([{"row": 0, "quantity": 1000}], "só um")
    read_body("event", event_record(buyer(), ORDER, "refused").body_value())


def test_a_step_too_early_is_refused() -> None:
    """What wasn't accepted can't be delivered."""
    with pytest.raises(RefusedError, match="accepted"):
        event_record(buyer(), ORDER, "delivered")


def test_the_region_is_found_among_the_neighbours() -> None:
    """A neighbour network isn't addressed."""
    neighbours = [
        {"network_id": to_text("agent", VILA), "relation": "neighbour"},
        {"network_id": to_text("agent", REGION), "relation": "region"},
    ]

    assert regions_of(neighbours) == [REGION]


def test_rows_are_read_as_they_are_typed() -> None:
    """Row number, sign, quantity."""
    assert rows_given(["0=2,5", "1=3"]) == [(0, 2500), (1, 3000)]
    for wrong in ("0", "x=1", "0=many"):
        with pytest.raises(UsageProblemError):
            rows_given([wrong])
