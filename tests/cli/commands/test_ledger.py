"""`mutirao pay` and `mutirao ledger`."""

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


def test_a_payment_moves_both_balances(live: Live, pair: tuple[str, str]) -> None:
    """What one gives the other gets, and the sum stays zero."""
    payer, payee = pair
    live.json("pay", live.agents[payee], "12,50", "--for", "geleia", by=payer)
    statement = live.json("ledger", "statement", by=payee)

    assert (balance(live, payer), balance(live, payee)) == (-1250, 1250)
    assert [entry["amount"]["amount"] for entry in statement["entries"]] == [1250]
    assert all(one["amount"] == 0 for one in live.json("ledger", "show")["sums"])
    assert "12,50 SB" in live.run("ledger", "balance", by=payee).stdout


def test_too_much_is_refused_with_the_reason(live: Live, pair: tuple[str, str]) -> None:
    """The limit is named, the balance stays, and so does the refusal for the same bytes."""
    payer, payee = pair
    kept = live.root / f"{payer}.payment"
    first = live.refused("pay", live.agents[payee], "300,01", "--keep", str(kept), by=payer)
    again = live.refused("pay", "--again", str(kept))

    assert first["message"]
    assert first["next_step"]
    assert (again["code"], again["message"]) == (first["code"], first["message"])
    assert balance(live, payer) == 0


def test_the_same_payment_twice_counts_once(live: Live, pair: tuple[str, str]) -> None:
    """A kept payment that is sent again gets its first answer."""
    payer, payee = pair
    kept = live.root / f"{payer}.payment"
    live.json("pay", live.agents[payee], "3", "--keep", str(kept), by=payer)
    again = live.json("pay", "--again", str(kept))

    assert again["recorded"]["again"] is True
    assert balance(live, payer) == -300


def test_a_payment_is_kept_when_nobody_answers(live: Live, elsewhere: Path) -> None:
    """The next step tells how to ask what became of it, and doing so pays nobody twice."""
    import shutil

    shutil.copy(live.key("bia"), "bia.key")
    error = live.refused("pay", live.agents["ana"], "potatoes", by="bia", exit_code=2)

    assert error["next_step"]


def test_the_books_are_for_those_who_keep_them(live: Live) -> None:
    """The network reads every account; a member reads her own only."""
    trial = live.json("ledger", "trial", by="network")
    refused = live.refused("ledger", "balance", live.agents["ana"], by="bia")

    assert sum(one["balance"]["amount"] for one in trial["balances"]) == 0
    assert live.agents["ana"] in {one["account"]["id"] for one in trial["balances"]}
    assert refused["code"]
    assert live.refused("ledger", "trial", by="bia")["code"]


def test_limits_are_changed_by_the_network(live: Live, pair: tuple[str, str]) -> None:
    """With a reason; afterwards more can be spent."""
    payer, payee = pair
    words = ["ledger", "account", live.agents[payer], "limit", "--low=-500", "--high=900", "--reason", "Ata 12"]
    live.json(*words, by="network")
    live.json("pay", live.agents[payee], "400", by=payer)

    assert balance(live, payer) == -40000
