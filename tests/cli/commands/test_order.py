"""`mutirao order`: from placed to received."""

import pytest

from tests.cli.live import Live


@pytest.fixture
def order(live: Live) -> str:
    """An order of 2.5 kg that ana has placed with the bakery."""
    return str(live.json("order", "place", live.offer("Pão de forma"), "2,5 kg", by="ana")["order"])


def test_an_order_is_carried_through(live: Live, order: str) -> None:
    """Each side states its quantities, and both read the same."""
    for step, by in (("accept", "padaria"), ("separate", "padaria"), ("deliver", "padaria"), ("receive", "ana")):
        assert live.json("order", step, order, by=by)["order"] == order
    mine, theirs = (live.json("order", "show", order, by=by) for by in ("ana", "padaria"))

    assert mine == theirs
    assert mine["state"] == "received"
    names = ("ordered", "accepted", "separated", "delivered", "received")
    assert [mine["rows"][0][name] for name in names] == [2500] * 5
    assert order in [row["id"] for row in live.json("order", "list", by="ana")]
    assert "2,5 kg" in live.run("order", "show", order, by="ana").stdout


def test_part_of_an_order_can_be_accepted(live: Live, order: str) -> None:
    """Other quantities are given by row."""
    live.json("order", "accept", order, "--row", "0=1,5", "--note", "Só isto.", by="padaria")

    assert live.json("order", "show", order, by="ana")["rows"][0]["accepted"] == 1500


def test_an_order_can_be_refused_and_cancelled(live: Live) -> None:
    """By the seller and by the buyer, each as a whole."""
    offer = live.offer("Pão doce")
    for step, by, state in (("refuse", "padaria", "refused"), ("cancel", "ana", "cancelled")):
        order = live.json("order", "place", offer, "1 kg", by="ana")["order"]
        live.json("order", step, order, by=by)

        assert live.json("order", "show", order, by="ana")["state"] == state


def test_steps_belong_to_their_sides(live: Live, order: str) -> None:
    """The buyer doesn't accept her own order, and nothing is delivered before it is accepted."""
    assert live.refused("order", "accept", order, by="ana")["code"]
    assert live.refused("order", "deliver", order, by="padaria")["code"] == "too_early"


def test_others_do_not_read_it(live: Live, order: str) -> None:
    """A member who is no party gets the same answer as for an order that isn't there."""
    assert live.refused("order", "show", order, by="bia")["code"] == "not_found"
    assert order not in [row["id"] for row in live.json("order", "list", by="bia")]


def test_the_measure_must_be_the_offers(live: Live) -> None:
    """Litres of bread are a usage problem."""
    offer = live.offer("Pão torrado")

    assert "in kg, not in l." in live.refused("order", "place", offer, "2 litros", by="ana", exit_code=2)["message"]
