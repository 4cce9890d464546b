"""`mutirao cash`: official money, in and out, counted and signed."""

from pathlib import Path

import pytest

from tests.cli.live import Live

ROLES = {"caixa": "treasurer", "fiscal": "auditor", "balcao": "clerk"}


@pytest.fixture
def officers(live: Live) -> Live:
    """A network with treasurer, auditor and clerk."""
    for short, role in ROLES.items():
        if short not in live.agents:
            live.enrol(short, short.capitalize(), "--role", "member", "--role", role)
    return live


def test_money_in_and_out_stands_in_the_book(officers: Live) -> None:
    """The box holds the difference; the book says who and what for, as text, CSV and JSON."""
    words = ["--box", "Arroz", "--for", "200 kg de arroz"]
    officers.json("cash", "in", "120,00 BRL", *words, "--who", officers.agents["ana"], "--on", "2026-01-15", by="caixa")
    out = officers.json("cash", "out", "45,50 BRL", *words, "--name", "Moinho", by="balcao")
    book = officers.json("cash", "book", "--box", "Arroz", by="fiscal")
    table = officers.run("cash", "book", "--box", "Arroz", "--format", "csv", by="caixa").stdout

    assert out["held"]["amount"] == 7450
    assert [(line["direction"], line["held"]["amount"]) for line in book["lines"]] == [("in", 12000), ("out", 7450)]
    assert "2026-01-15;Arroz;120,00;" in table
    assert "Moinho" in officers.run("cash", "book", by="caixa").stdout
    assert len(officers.json("cash", "book", "--box", "Arroz", "--to", "2026-01-15", by="caixa")["lines"]) == 1


def test_a_count_is_signed_by_two(officers: Live, tmp_path: Path) -> None:
    """What is missing is shown once the second person has signed; the box stays as the book says."""
    officers.json("cash", "in", "10 BRL", "--box", "Troco", "--for", "troco", "--name", "Tesouraria", by="caixa")
    words = ["cash", "count", "Troco", "9,50 BRL", "--pieces", "4x2,00", "--pieces", "3x0,50", "--note", "faltou moeda"]
    count = officers.json(*words, by="caixa")["count"]
    before = officers.json("cash", "book", "--box", "Troco", by="caixa")
    officers.json("cash", "confirm", count, by="fiscal")
    after = officers.json("cash", "book", "--box", "Troco", by="caixa")
    written = tmp_path / "caixa.csv"
    officers.json("cash", "book", "--box", "Troco", "--format", "csv", "--out", str(written), by="caixa")

    assert ([line["kind"] for line in before["lines"]], after["lines"][-1]["difference"]["amount"]) == (["cash"], -50)
    assert after["boxes"] == before["boxes"]
    assert "9,50 R$ (-0,50 R$)" in officers.run("cash", "book", "--box", "Troco", by="caixa").stdout
    assert "9,50;-0,50;10,00;BRL;Caixa, Fiscal" in written.read_text("utf-8-sig")


def test_a_count_that_is_contested_falls(officers: Live) -> None:
    """The second person says no, and it can't be signed any more."""
    officers.json("cash", "in", "10 BRL", "--box", "Contado", "--for", "troco", "--name", "x", by="caixa")
    count = officers.json("cash", "count", "Contado", "9 BRL", "--second", officers.agents["ana"], by="caixa")["count"]

    assert count in {view["id"] for view in officers.json("consent", "list", by="ana")}
    assert "falls" in officers.run("cash", "confirm", count, "--no", by="ana").stdout
    assert officers.refused("cash", "confirm", count, by="ana")["code"] == "already_ended"


@pytest.mark.parametrize(
    ("words", "by", "code"),
    [
        (["in", "5 credits", "--box", "A", "--for", "x", "--name", "y"], "caixa", "usage"),
        (["in", "5 BRL", "--box", "A", "--for", "x"], "caixa", "usage"),
        (["count", "A", "5 BRL", "--pieces", "much"], "caixa", "usage"),
        (["out", "5 BRL", "--box", "Nada", "--for", "x", "--name", "y"], "caixa", "cash_short"),
        (["in", "0 BRL", "--box", "Nada", "--for", "x", "--name", "y"], "caixa", "amount_not_positive"),
        (["count", "Nada", "5 BRL"], "caixa", "unknown_box"),
        (["in", "5 BRL", "--box", "A", "--for", "x", "--name", "y"], "ana", "not_allowed"),
        (["book"], "ana", "not_yours"),
    ],
)
def test_what_cannot_be_booked_says_why(officers: Live, words: list[str], by: str, code: str) -> None:
    """Each mistake has its code and a next step."""
    error = officers.refused("cash", *words, by=by, exit_code=2 if code == "usage" else 1)

    assert error["code"] == code or code == "usage"
    assert error["next_step"]
