"""`mutirao opening`: the balances of a paper book, off zero and at zero."""

from __future__ import annotations

import pytest

from tests.cli.live import Live


@pytest.fixture(scope="module")
def book(live: Live) -> Live:
    """Three members with new accounts, a fund, the network's own account, a treasurer and minutes."""
    live.enrol("otreasurer", "Olga", "--role", "member", "--role", "treasurer")
    for short in ("o1", "o2", "o3"):
        live.enrol(short, short)
    words = ["member", "add", "Fundo", "--type", "fund", "--key-out", str(live.key("ofund")), "--no-passphrase"]
    live.agents["ofund"] = str(live.json(*words, by="network")["agent"])
    network = str(live.json("status")["network"]["id"]) if "network" in live.json("status") else ""
    limits = ["--low=-900", "--high=900", "--reason", "Ata 30"]
    live.json("ledger", "account", live.agents["ofund"], "open", "--kind", "fund", *limits, by="otreasurer")
    if network:
        live.json("ledger", "account", network, "open", "--kind", "treasury", *limits, by="network")
    (live.root / "ata30.txt").write_text("Ata 30")
    return live


def balance(live: Live, short: str) -> int:
    """The balance of a member in minor units."""
    return int(live.json("ledger", "balance", live.agents[short], by="network")["balance"]["amount"])


def test_a_book_off_zero_waits_for_the_assembly_and_members_confirm(book: Live) -> None:
    """Refused with the difference; posted with an account and minutes; confirmed and contested; never twice."""
    path = book.root / "book.csv"
    rows = [("o1", "120,50"), ("o2", "-400"), ("o3", "0")]
    path.write_text("account;balance\n" + "".join(f"{book.agents[name]};{text}\n" for name, text in rows), "utf-8")
    cited = ["--minutes", "2027-03-14/30", "--minutes-file", str(book.root / "ata30.txt")]
    bears = ["--difference-to", book.agents["ofund"]]

    refused = book.refused("opening", str(path), by="otreasurer")
    assert (refused["code"], refused["details"]["difference"]) == ("opening_not_zero", -27950)
    assert book.refused("opening", str(path), *bears, by="otreasurer")["code"] == "opening_not_zero"
    dry = book.json("opening", str(path), *bears, *cited, "--dry-run", by="otreasurer")
    assert (dry["accounts"], dry["posting"], balance(book, "o1")) == (2, None, 0)
    book.json("opening", str(path), *bears, *cited, by="otreasurer")
    assert [balance(book, name) for name in ("o1", "o2", "o3", "ofund")] == [12050, -40000, 0, 27950]
    assert book.refused("opening", str(path), *bears, *cited, by="otreasurer")["code"] == "already_posted"

    (own,) = [view for view in book.json("consent", "slips", by="o1") if view["kind"] == "opening"]
    book.json("consent", own["id"], by="o1")
    assert not [view for view in book.json("consent", "slips", by="o1") if view["kind"] == "opening"]
    (other,) = [view for view in book.json("consent", "slips", by="o2") if view["kind"] == "opening"]
    book.json("consent", "decline", other["id"], "--for", "eram 300", by="o2")
    assert book.json("consent", "slips", by="o2")[0]["state"] == "contested"


def test_rows_that_are_wrong_are_named(book: Live) -> None:
    """All of them, and nothing is posted."""
    path = book.root / "wrong.csv"
    path.write_text(f"account;balance\n{book.agents['o3']};1\n{book.agents['o3']};x\nzeca;5\n", "utf-8")
    error = book.refused("opening", str(path), by="otreasurer")

    assert [each["line"] for each in error["details"]["problems"]] == [3, 3, 4]
