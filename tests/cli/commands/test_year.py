"""`mutirao year`: the assembly closes a period."""

from pathlib import Path

import pytest

from cli.books.words import WORDS
from cli.books.year import BoxRow, Row, Year
from cli.books.year_pages import ASSEMBLY, BOOKS, year_pages
from cli.books.year_words import YEAR_WORDS
from tests.cli.live import Live


def money(amount: int, unit: str = "SB") -> dict[str, object]:
    """An amount as a node shows it."""
    return {"unit": unit, "symbol": unit, "amount": amount, "exponent": 2}


def row(number: int, name: str, *, kind: str = "member", given: int = 0, received: int = 0, closing: int) -> Row:
    """An account that began at zero."""
    amounts = {"opening": money(0), "given": money(given), "received": money(received), "closing": money(closing)}
    return Row(number=number, name=name, kind=kind, **amounts)


def made(**changes: object) -> Year:
    """A period in which two members traded, with a fund and a box."""
    rows = [
        row(1, "Ana <b>", given=500, closing=-500),
        row(2, "Bia", received=400, closing=400),
        row(3, "Fundo", kind="fund", received=100, closing=100),
    ]
    box = BoxRow(
        box="Feira",
        opening=money(0, "R$"),
        incoming=money(900, "R$"),
        outgoing=money(200, "R$"),
        closing=money(700, "R$"),
        counted=money(690, "R$"),
        difference=money(-10, "R$"),
    )
    values: dict[str, object] = {
        "network": "Rede Vila",
        "from_ms": None,
        "until_ms": 1_798_761_599_999,
        "size": 12,
        "root": "ab" * 32,
        "balances": b"\x07" * 32,
        "rows": rows,
        "volume": [money(500)],
        "sums": [money(0)],
        "boxes": [box],
        "cash": [],
    }
    return Year(**{**values, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize("language", sorted(WORDS))
def test_the_pages_speak_three_languages(language: str) -> None:
    """Both pages are whole in each language, fetch nothing and escape names; the assembly's names no member."""
    pages = year_pages(made(), language=language, minutes={"date": "2027-03-14", "number": "12"})

    assert YEAR_WORDS[language].keys() == YEAR_WORDS["en"].keys()
    assert all(f'lang="{language}"' in page and "{" not in page.split("</style>")[1] for page in pages.values())
    assert all("http" not in page and "<script" not in page for page in pages.values())
    assert "Bia" not in pages[ASSEMBLY]
    assert "Fundo" in pages[ASSEMBLY]
    assert "Ana &lt;b&gt;" in pages[BOOKS]
    assert "07" * 32 in pages[BOOKS]
    assert YEAR_WORDS[language]["adds_up"] in pages[ASSEMBLY]


def test_a_sum_off_zero_is_shouted() -> None:
    """Both pages warn, whatever else they say; nothing moved and no box is told too."""
    pages = year_pages(made(sums=[money(3)], volume=[money(0)], boxes=[]), language="en")

    assert all(YEAR_WORDS["en"]["wrong"] in page for page in pages.values())
    assert YEAR_WORDS["en"]["still"] in pages[ASSEMBLY]
    assert YEAR_WORDS["en"]["no_cash"] in pages[ASSEMBLY]


@pytest.fixture
def officers(live: Live) -> Live:
    """A network with a treasurer and two auditors."""
    for short, role in (("ano-caixa", "treasurer"), ("ano-fiscal", "auditor"), ("ano-fiscala", "auditor")):
        if short not in live.agents:
            live.enrol(short, short, "--role", "member", "--role", role)
    return live


def test_a_year_is_closed_by_treasurer_and_auditors(officers: Live, tmp_path: Path) -> None:
    """Pages, proposal, two signatures; afterwards nothing is dated into it, and it stays closed."""
    live = officers
    minutes = tmp_path / "ata.txt"
    minutes.write_text("Ata 12", encoding="utf-8")
    live.json("pay", live.agents["padaria"], "3", by="ana")
    first = live.json("year", "pages", "--until", "now", "--out", str(tmp_path / "before"), by="ano-fiscal")
    auditors = ["--auditor", live.agents["ano-fiscal"], "--auditor", live.agents["ano-fiscala"]]
    words = ["--until", "2020-01-31", "--minutes", "2020-02-01/12", "--minutes-file", str(minutes), *auditors]
    closing = live.json("year", "close", *words, "--pages", str(tmp_path / "ano"), by="ano-caixa")
    states = [live.json("year", "sign", closing["closing"], by=who)["state"] for who in ("ano-fiscal", "ano-fiscala")]
    cash = ["cash", "in", "5 BRL", "--box", "Ano", "--for", "x", "--name", "y", "--on"]

    assert first["files"] == closing["files"] == [ASSEMBLY, BOOKS]
    assert "3,00 SB" in (tmp_path / "before" / BOOKS).read_text("utf-8")
    assert states == ["proposed", "done"]
    assert live.refused(*cash, "2020-01-31", by="ano-caixa")["code"] == "period_closed"
    live.json(*cash, "2020-02-01", by="ano-caixa")
    assert live.refused("year", "close", *words, by="ano-caixa")["code"] == "closing_not_later"
    assert "2020-02-01/12" in live.run("year", "list", by="ana").stdout


def test_an_auditor_may_refuse(officers: Live, tmp_path: Path) -> None:
    """One who doesn't agree ends it; what is unknown, future or half said has its code."""
    live = officers
    minutes = tmp_path / "ata.txt"
    minutes.write_text("Ata 13", encoding="utf-8")
    words = ["--minutes-file", str(minutes), "--auditor", live.agents["ano-fiscal"]]
    cited = ["--minutes", "2020-04-01/13", *words]
    closing = live.json("year", "close", "--until", "2020-03-31", *cited, by="ano-caixa")["closing"]
    answer = live.json("year", "sign", closing, "--no", "--for", "falta a ata", by="ano-fiscal")

    assert answer["state"] == "declined"
    assert live.refused("year", "sign", closing[:-1] + "q", by="ano-fiscal", exit_code=1)["next_step"]
    assert live.refused("year", "close", "--until", "2999-12-31", *cited, by="ano-caixa")["code"] == "date_in_future"
    half = live.refused("year", "close", "--until", "now", "--minutes", "13", *words, by="ano-caixa", exit_code=2)
    assert "2027-03-14/12" in half["next_step"]
