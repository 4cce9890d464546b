"""What is shown of an item follows from its instruction and from what was done of it."""

from __future__ import annotations

from node.services.ledger_views import due_of, units_of
from tests.ledger_builders import UNIT
from tests.request_builders import DAY_MS, START_MS, Table, allowing, asking, no, reais, transfer


def test_the_next_part_of_a_request_is_shown() -> None:
    """The first day that isn't paid in whole, and what is open of it; nothing once it has ended."""
    table = Table("ana", "bento")
    _, request = table.say("bento", asking("ana", "bento", 50, (10, 20), (20, 30)))
    assert (START_MS + 10 * DAY_MS, 20) == due_of(table.items[request])

    table.say("ana", transfer("ana", "bento", 25, request=request))
    assert (START_MS + 20 * DAY_MS, 25) == due_of(table.items[request])

    table.say("ana", no(request))
    assert due_of(table.items[request]) is None


def test_only_a_request_has_a_day() -> None:
    """A mandate has an end, and nothing to be paid by a day."""
    table = Table("ana", "bento")
    _, mandate = table.say("ana", allowing("ana", "bento", 50))

    assert due_of(table.items[mandate]) is None


def test_the_units_of_credit_and_official_money_are_named() -> None:
    """A request with a part in official money has amounts in both."""
    table = Table("ana", "bento")
    _, request = table.say("bento", asking("ana", "bento", 50, official=reais(650)))
    _, mandate = table.say("ana", allowing("ana", "bento", 50))

    assert (UNIT, "BRL") == units_of(table.items[request])
    assert (UNIT,) == units_of(table.items[mandate])
