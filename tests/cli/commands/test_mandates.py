"""`mutirao mandate`."""

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


def test_a_mandate_is_drawn_on_up_to_its_amount(live: Live, pair: tuple[str, str]) -> None:
    """The payee draws without the payer, and not beyond what is allowed in a month."""
    payer, payee = pair
    words = ["mandate", "allow", live.agents[payee], "40", "--each", "month", "--until", "2030-12-31"]
    mandate = live.json(*words, "--for", "energia", by=payer)["mandate"]
    live.json("mandate", "draw", mandate, "40", "--for", "novembro", by=payee)

    assert "mandate_limit" == live.refused("mandate", "draw", mandate, "0,01", by=payee)["code"]
    assert "not_allowed" == live.refused("mandate", "draw", mandate, "1", by=payer)["code"]
    (view,) = live.json("mandate", "list", by=payer)
    assert (mandate, 4000, "allowed") == (view["id"], view["done"]["amount"], view["state"])
    assert ("month", "energia") == (view["period"], view["text"])
    assert 4000 == int(live.json("ledger", "balance", by=payee)["balance"]["amount"])
    assert "40,00 SB" in live.run("mandate", "list", by=payee).stdout


def test_a_kept_draw_counts_once(live: Live, pair: tuple[str, str], tmp_path: Path) -> None:
    """Sent once more it gets its first answer, and nothing is drawn twice."""
    payer, payee = pair
    words = ["mandate", "allow", live.agents[payee], "40", "--each", "month", "--until", "2030-12-31"]
    mandate = live.json(*words, by=payer)["mandate"]
    kept = tmp_path / "draw.payment"
    live.json("mandate", "draw", mandate, "15", "--keep", str(kept), by=payee)

    assert live.json("pay", "--again", str(kept))["recorded"]["again"] is True
    assert 1500 == int(live.json("ledger", "balance", by=payee)["balance"]["amount"])


def test_a_draw_may_pay_a_request(live: Live, pair: tuple[str, str]) -> None:
    """Both count."""
    payer, payee = pair
    words = ["mandate", "allow", live.agents[payee], "40", "--each", "week", "--until", "2030-12-31"]
    mandate = live.json(*words, by=payer)["mandate"]
    request = live.json("request", "ask", live.agents[payer], "15", "--due", "2030-03-31", by=payee)["request"]

    live.json("mandate", "draw", mandate, "15", "--request", request, by=payee)

    assert [] == live.json("request", "list", by=payee)


def test_either_side_ends_a_mandate(live: Live, pair: tuple[str, str]) -> None:
    """After that nothing can be drawn."""
    payer, payee = pair
    words = ["mandate", "allow", live.agents[payee], "40", "--each", "day", "--until", "2030-12-31"]
    mandate = live.json(*words, by=payer)["mandate"]
    live.json("mandate", "end", mandate, by=payer)

    assert "mandate_ended" == live.refused("mandate", "draw", mandate, "1", by=payee)["code"]
    assert [] == live.json("mandate", "list", by=payee)
    assert "ended" == live.json("mandate", "list", "--all", by=payee)[0]["state"]


def test_a_mandate_ends_within_ten_years(live: Live) -> None:
    """A year mistyped is refused, with a leaf and a reason."""
    words = ["mandate", "allow", live.agents["ana"], "40", "--each", "day", "--until", "2207-12-31"]

    assert "term_too_long" == live.refused(*words, by="bia")["code"]
