"""`mutirao hold` and `mutirao order pay`, against a real node."""

import pytest

from tests.cli.live import Live


@pytest.fixture
def four(live: Live, request: pytest.FixtureRequest) -> tuple[str, str, str, str]:
    """A payer, a payee and two mediators who have paid nothing yet."""
    name = request.node.name.replace("test_", "")[:30]
    people = tuple(f"{name}-{role}" for role in ("payer", "payee", "first", "second"))
    for one in people:
        live.enrol(one, one)
    return people[0], people[1], people[2], people[3]


def balance(live: Live, short: str) -> tuple[int, int]:
    """The balance of a member, and what it may spend, in minor units."""
    view = live.json("ledger", "balance", by=short)
    return int(view["balance"]["amount"]), int(view["spendable"]["amount"])


def state(live: Live, hold: str, by: str) -> str:
    """The state of a hold as a member reads it."""
    return next(str(each["state"]) for each in live.json("hold", "list", "--all", by=by) if each["id"] == hold)


def test_a_part_is_paid_and_the_rest_is_free(live: Live, four: tuple[str, str, str, str]) -> None:
    """What is set aside can't be spent; both sides see it; then a part moves and the rest is free."""
    payer, payee, *_ = four
    hold = live.json("hold", "add", live.agents[payee], "30", "--for", "arroz", by=payer)["hold"]

    assert balance(live, payer) == (0, 270_00)
    assert [each["id"] for each in live.json("hold", "list", by=payee)] == [hold]
    assert "arroz" in live.run("hold", "list", by=payee).stdout
    live.json("hold", "post", hold, "12,50", by=payer)
    assert (balance(live, payer), balance(live, payee)) == ((-12_50, 287_50), (12_50, 312_50))
    assert live.json("hold", "list", by=payer) == []
    assert state(live, hold, payee) == "posted"
    assert live.refused("hold", "post", hold, by=payer)["code"] == "hold_posted"


def test_the_payee_gives_it_back(live: Live, four: tuple[str, str, str, str]) -> None:
    """The payer can't take it back, the payee can."""
    payer, payee, *_ = four
    hold = live.json("hold", "add", live.agents[payee], "30", by=payer)["hold"]

    assert live.refused("hold", "void", hold, by=payer)["code"] == "not_your_step"
    live.json("hold", "void", hold, "--note", "não tem", by=payee)
    assert (balance(live, payer), state(live, hold, payer)) == ((0, 300_00), "voided")


def test_a_dispute_is_noted(live: Live, four: tuple[str, str, str, str]) -> None:
    """Two mediators are named, or nobody; a dispute is shown, and strangers have no say."""
    payer, payee, first, second = four
    words = ["hold", "add", live.agents[payee], "30", "--mediator", live.agents[first]]
    assert live.refused(*words, by=payer, exit_code=2)["message"]
    hold = live.json(*words, "--mediator", live.agents[second], by=payer)["hold"]

    assert live.json("hold", "dispute", hold, "--note", "veio podre", by=payer)["state"] == "disputed"
    assert live.refused("hold", "post", hold, by="bia")["code"] == "no_part_in_hold"
    minutes = live.root / "ata.txt"
    minutes.write_text("Ata 12", encoding="utf-8")
    cited = ["--minutes", "2027-03-14/12", "--minutes-file", str(minutes)]
    assert live.refused("hold", "void", hold, *cited, by="bia")["code"] == "no_part_in_hold"
    assert live.json("hold", "void", hold, *cited, by="network")["waits"] is True
    live.json("hold", "post", hold, by=payer)
    assert balance(live, payer)[0] == -30_00


def test_two_mediators_decide(live: Live, four: tuple[str, str, str, str]) -> None:
    """One signs, the other finds what waits among what concerns them, agrees, and a part moves."""
    payer, payee, first, second = four
    named = [word for one in (first, second) for word in ("--mediator", live.agents[one])]
    hold = live.json("hold", "add", live.agents[payee], "30", *named, by=payer)["hold"]
    assert live.refused("hold", "post", hold, by=first)["code"] == "hold_not_disputed"
    live.json("hold", "dispute", hold, by=payee)

    assert "mutirao consent resolution:" in live.run("hold", "post", hold, "20", by=first).stdout
    assert balance(live, payer) == (0, 270_00)
    assert [each["id"] for each in live.json("hold", "list", by=second)] == [hold]
    waiting = live.json("hold", "post", hold, "18", by=second)
    assert (waiting["state"], waiting["waits"]) == ("disputed", True)
    live.json("consent", waiting["resolution"], by=first)
    assert (balance(live, payer), balance(live, payee)[0]) == ((-18_00, 282_00), 18_00)
    assert state(live, hold, payer) == "posted"


def test_a_part_of_what_is_mediated_waits_for_the_payee(live: Live, four: tuple[str, str, str, str]) -> None:
    """A cent alone doesn't end what the mediators could give; with the payee's consent it does."""
    payer, payee, first, second = four
    named = [word for one in (first, second) for word in ("--mediator", live.agents[one])]
    hold = live.json("hold", "add", live.agents[payee], "30", *named, by=payer)["hold"]
    part = live.json("hold", "post", hold, "0,01", by=payer)

    assert (part["waits"], balance(live, payer)) == (True, (0, 270_00))
    live.json("consent", part["resolution"], by=payee)
    assert balance(live, payer) == (-1, 299_99)


def test_an_order_is_paid_out_of_what_is_set_aside(live: Live) -> None:
    """The price in credit is set aside with the order, and paid by the same command later, once."""
    offer = live.offer("Pão com crédito", "padaria", "--price", "4 credits")
    order = live.json("order", "place", offer, "2 kg", by="ana")["order"]
    before = balance(live, "ana")

    hold = live.json("order", "pay", order, "--hold", by="ana")
    assert hold["amount"] == 8_00
    assert balance(live, "ana") == (before[0], before[1] - 8_00)
    assert live.refused("order", "pay", order, "--hold", by="ana", exit_code=2)["message"]
    live.json("order", "pay", order, by="ana")
    assert balance(live, "ana") == (before[0] - 8_00, before[1] - 8_00)
    assert state(live, hold["hold"], "ana") == "posted"
