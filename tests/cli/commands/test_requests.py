"""`mutirao request`, and paying what was asked."""

from pathlib import Path

import pytest

from tests.cli.live import Live


@pytest.fixture
def pair(live: Live, request: pytest.FixtureRequest) -> tuple[str, str]:
    """Two members who have paid nothing yet."""
    name = request.node.name.replace("test_", "")[:30]
    for role in ("payer", "payee"):
        live.enrol(f"{name}-{role}", role)
    return f"{name}-payer", f"{name}-payee"


def balance(live: Live, short: str) -> int:
    """The balance of a member in minor units."""
    return int(live.json("ledger", "balance", by=short)["balance"]["amount"])


def test_a_request_is_asked_listed_paid_in_part_and_in_whole(live: Live, pair: tuple[str, str]) -> None:
    """The payer sees who asks for what, pays a part, then all that is open."""
    payer, payee = pair
    words = ["request", "ask", live.agents[payer], "30", "--due", "2030-03-31", "--for", "queijo"]
    request = live.json(*words, by=payee)["request"]
    assert [request] == [view["id"] for view in live.json("request", "list", by=payer)]

    live.json("pay", live.agents[payee], "12,50", "--request", request, by=payer)
    assert 1750 == live.json("request", "show", request, by=payer)["open"]
    assert "17,50 SB" in live.run("request", "show", request, by=payee).stdout
    live.json("pay", "--request", request, by=payer)

    assert (balance(live, payer), balance(live, payee)) == (-3000, 3000)
    assert [] == live.json("request", "list", by=payer)
    assert "paid" == live.json("request", "list", "--all", by=payee)[0]["state"]
    assert "request_closed" == live.refused("pay", "--request", request, by=payer)["code"]


def test_instalments_are_shown_until_they_are_paid(live: Live, pair: tuple[str, str]) -> None:
    """The first day is filled first."""
    payer, payee = pair
    parts = ["--instalment", "2030-02-28=20", "--instalment", "2030-01-31=10"]
    request = live.json("request", "ask", live.agents[payer], "30", *parts, by=payee)["request"]
    live.json("pay", live.agents[payee], "15", "--request", request, by=payer)

    (left,) = live.json("request", "show", request, by=payer)["parts"]
    (listed,) = live.json("request", "list", by=payer)
    assert (left["due_ms"], left["amount"]) == (listed["due_ms"], listed["due"]["amount"])

    assert 1500 == left["amount"]
    assert "2030-02-28" in live.run("request", "show", request, by=payer).stdout


def test_a_request_is_declined(live: Live, pair: tuple[str, str]) -> None:
    """Once; others can't."""
    payer, payee = pair
    request = live.json("request", "ask", live.agents[payer], "30", "--due", "2030-03-31", by=payee)["request"]

    assert "not_yours_to_sign" == live.refused("request", "decline", request, by="ana")["code"]
    live.json("request", "decline", request, "--for", "já paguei", by=payer)

    assert "already_ended" == live.refused("request", "decline", request, by=payee)["code"]
    assert "declined" == live.json("request", "list", "--all", by=payer)[0]["state"]


@pytest.mark.parametrize(
    "options",
    [[], ["--due", "2030-03-31", "--instalment", "2030-03-31=30"], ["--instalment", "soon"], ["--instalment", "x=3"]],
)
def test_what_is_asked_has_a_day(live: Live, options: list[str]) -> None:
    """One day, or each instalment its own, and days and amounts that can be read."""
    error = live.refused("request", "ask", live.agents["ana"], "30", *options, by="bia", exit_code=2)

    assert error["next_step"]


def test_the_part_in_official_money_is_stated_and_confirmed(live: Live, pair: tuple[str, str]) -> None:
    """The credit moves, the money is written down beside it and confirmed, and no balance holds it."""
    payer, payee = pair
    paid = live.json("pay", live.agents[payee], "4", "--official", "BRL 6,50", by=payer)["transfer"]

    (stated,) = live.json("ledger", "items", "--kind", "official", by=payee)
    assert (650, "BRL", "stated") == (stated["amount"]["amount"], stated["amount"]["unit"], stated["state"])
    assert not stated["amount"]["is_credit"]
    live.json("consent", paid, "--no", by=payee)
    live.json("consent", paid, by=payee)

    (confirmed,) = live.json("ledger", "items", "--kind", "official", "--all", by=payer)
    assert "confirmed" == confirmed["state"]
    assert (balance(live, payer), balance(live, payee)) == (-400, 400)


def test_credit_is_no_official_money(live: Live) -> None:
    """The part in official money names a currency."""
    error = live.refused("pay", live.agents["ana"], "4", "--official", "6,50", by="bia", exit_code=2)

    assert "BRL" in error["next_step"]


def test_a_payment_of_a_request_can_be_kept(live: Live, pair: tuple[str, str], tmp_path: Path) -> None:
    """Sent once more, it counts once on the request too."""
    payer, payee = pair
    request = live.json("request", "ask", live.agents[payer], "5", "--due", "2030-03-31", by=payee)["request"]
    kept = tmp_path / "kept.payment"
    live.json("pay", "--request", request, "--keep", str(kept), by=payer)

    assert live.json("pay", "--again", str(kept))["recorded"]["again"] is True
    assert balance(live, payer) == -500
