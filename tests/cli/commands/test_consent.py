"""`mutirao reverse` and `mutirao consent`."""

import pytest

from tests.cli.live import Live


@pytest.fixture
def pair(live: Live, request: pytest.FixtureRequest) -> tuple[str, str]:
    """Two members, the first of whom has paid the second 30."""
    name = request.node.name.replace("test_", "")[:30]
    for role in ("payer", "payee"):
        live.enrol(f"{name}-{role}", role)
    return f"{name}-payer", f"{name}-payee"


def balance(live: Live, short: str) -> int:
    """The balance of a member in minor units."""
    return int(live.json("ledger", "balance", by=short)["balance"]["amount"])


def test_a_payment_is_moved_back_with_both_consents(live: Live, pair: tuple[str, str]) -> None:
    """One proposes, nothing moves, the other agrees."""
    payer, payee = pair
    paid = live.json("pay", live.agents[payee], "30", by=payer)["transfer"]
    reversal = live.json("reverse", paid, "--for", "pago duas vezes", by=payer)["reversal"]
    assert -3000 == balance(live, payer)

    (waiting,) = live.json("ledger", "items", "--kind", "act", by=payee)
    assert reversal == waiting["id"]
    assert "Agreed: reversed." in live.run("consent", reversal, by=payee).stdout

    assert (balance(live, payer), balance(live, payee)) == (0, 0)
    assert "already_reversed" == live.refused("reverse", paid, by=payee)["code"]
    assert "unknown_transfer" == live.refused("reverse", reversal.replace("reversal", "transfer"), by=payer)["code"]


def test_a_part_is_moved_back_at_most_once(live: Live, pair: tuple[str, str]) -> None:
    """Never more than was paid; who declines moves nothing."""
    payer, payee = pair
    paid = live.json("pay", live.agents[payee], "30", by=payer)["transfer"]
    assert "more_than_transferred" == live.refused("reverse", paid, "30,01", by=payee)["code"]

    first = live.json("reverse", paid, "10", by=payee)["reversal"]
    live.json("consent", first, "--no", "--for", "não combinamos", by=payer)
    assert "already_ended" == live.refused("consent", first, by=payer)["code"]
    second = live.json("reverse", paid, "12", by=payee)["reversal"]
    live.json("consent", second, by=payer)

    assert (balance(live, payer), balance(live, payee)) == (-1800, 1800)


def test_nobody_else_proposes_or_agrees(live: Live, pair: tuple[str, str]) -> None:
    """A third member can't even read the payment."""
    payer, payee = pair
    paid = live.json("pay", live.agents[payee], "30", by=payer)["transfer"]
    reversal = live.json("reverse", paid, by=payer)["reversal"]

    assert "not_found" == live.refused("reverse", paid, by="ana")["code"]
    assert "not_yours_to_sign" == live.refused("consent", reversal, by="ana")["code"]


def test_an_unknown_id_is_refused(live: Live) -> None:
    """There is nothing to agree to."""
    wrong = "reversal:" + live.agents["ana"].partition(":")[2]

    assert "unknown_item" == live.refused("consent", wrong, by="ana")["code"]
