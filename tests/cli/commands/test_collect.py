"""`mutirao dues`, `levy` and `circulation`, with the rules, consents, funds, slips and accounts that go with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.live import Live


@pytest.fixture(scope="module")
def town(live: Live) -> Live:
    """Two members, a fund, a treasurer, an auditor, a clerk and a member without a device."""
    for short, options in (
        ("dalva", ()),
        ("elis", ()),
        ("tereza", ("--role", "member", "--role", "treasurer")),
        ("aurora", ("--role", "member", "--role", "auditor")),
        ("celia", ("--role", "member", "--role", "clerk")),
        ("vo", ("--role", "member", "--role", "assisted")),
    ):
        live.enrol(short, short.capitalize(), *options)
    words = ["member", "add", "Fundo", "--type", "fund", "--key-out", str(live.key("fundo")), "--no-passphrase"]
    live.agents["fundo"] = str(live.json(*words, by="network")["agent"])
    opening = ["--low=-2000", "--high=2000", "--kind", "fund", "--reason", "Ata 11"]
    live.json("ledger", "account", live.agents["fundo"], "open", *opening, by="tereza")
    (live.root / "ata12.txt").write_text("Ata 12: aprovado.")
    return live


def cited(live: Live) -> list[str]:
    """Cite minutes."""
    return ["--minutes", "2027-03-14/12", "--minutes-file", str(live.root / "ata12.txt")]


def rule(live: Live, kind: str, *options: str) -> str:
    """Put a rule in force."""
    identifier = str(live.json("rule", "add", kind, f"Regra {kind}", *cited(live), *options, by="tereza")["rule"])
    assert identifier in {view["id"] for view in live.json("consent", "list", by="aurora")}
    live.json("consent", "give", identifier, by="aurora")
    assert identifier not in {view["id"] for view in live.json("consent", "list", by="aurora")}
    return identifier


def balance(live: Live, short: str) -> int:
    """The balance of a member in minor units, as the network reads it."""
    return int(live.json("ledger", "balance", live.agents[short], by="network")["balance"]["amount"])


def but(live: Live, *shorts: str) -> list[str]:
    """Leave out everybody but these."""
    rows = live.json("ledger", "trial", by="network")
    accounts = rows["accounts"] if isinstance(rows, dict) and "accounts" in rows else rows["balances"]
    kept = {live.agents[short] for short in shorts}
    others = [one["account"]["id"] for one in accounts if one["account"]["id"] not in kept]
    return [word for other in others for word in ("--leave-out", other)]


def test_dues_are_sent_only_when_confirmed(town: Live) -> None:
    """The preview sends nothing; confirmed, each pays; the same again finds nobody left."""
    dues = rule(town, "dues", "--amount", "10", "--payee", town.agents["fundo"])
    words = ["dues", dues, "2027-03", *but(town, "dalva", "elis")]

    preview = town.json(*words, by="tereza")
    assert (preview["members"], preview["total"], preview["postings"]) == (2, 2000, [])
    shown = town.run(*words, by="tereza")
    assert "Dalva" in shown.output
    assert balance(town, "dalva") == 0
    sent = town.json(*words, "--yes", by="tereza")
    assert len(sent["postings"]) == 1
    assert (balance(town, "dalva"), balance(town, "elis"), balance(town, "fundo")) == (-1000, -1000, 2000)
    assert town.json(*words, "--yes", by="tereza")["members"] == 0
    assert balance(town, "dalva") == -1000
    assert town.refused(*words, "--yes", by="dalva")["code"]


def test_who_would_be_over_the_limit_stops_the_batch_or_is_left_out(town: Live) -> None:
    """Nothing is sent for anybody, with the names; or the others pay."""
    dues = rule(town, "dues", "--amount", "295", "--payee", town.agents["fundo"])
    words = ["dues", dues, "2027-04", *but(town, "dalva", "vo"), "--yes"]

    error = town.refused(*words, by="tereza")
    assert (error["code"], error["details"]["over_limit"]) == ("over_limit", [town.agents["dalva"]])
    assert balance(town, "vo") == 0
    assert town.json(*words, "--leave-out-over-limit", by="tereza")["members"] == 1
    assert (balance(town, "vo"), balance(town, "dalva")) == (-29500, -1000)


def test_a_write_off_and_a_payment_out_of_a_fund_wait_for_the_auditor(town: Live) -> None:
    """Proposed by the treasurer, posted with the auditor's signature; declined it moves nothing."""
    fund = town.agents["fundo"]
    words = ["write-off", town.agents["elis"], "4", "--fund", fund, *cited(town)]
    before = balance(town, "elis")
    declined = town.json(*words, by="tereza")["posting"]
    town.json("consent", "decline", declined, "--for", "Falta a conversa", by="aurora")
    proposed = town.json(*words, by="tereza")
    assert (proposed["state"], balance(town, "elis")) == ("proposed", before)
    shown = town.run("consent", "show", proposed["posting"], by="aurora").stdout
    assert "4,00 SB" in shown
    assert town.agents["elis"] in shown
    assert "2027-03-14" in shown
    town.json("consent", "give", proposed["posting"], by="aurora")
    assert balance(town, "elis") == before + 400
    paid = town.json("fund", "pay", fund, town.agents["elis"], "3", *cited(town), "--for", "Lona", by="tereza")
    town.json("consent", "give", paid["posting"], by="aurora")
    assert balance(town, "elis") == before + 700
    assert town.refused("pay", town.agents["elis"], "1", by="fundo")["code"] == "fund_needs_minutes"


def test_a_slip_is_keyed_in_and_countersigned(town: Live) -> None:
    """A number counts once."""
    rule(town, "assisted", "--amount", "3")
    before = balance(town, "elis")
    words = ["slip", "17", town.agents["vo"], town.agents["elis"], "2", "--for", "Ovos"]
    keyed = town.json(*words, by="celia")["transfer"]
    assert town.refused("consent", "give", keyed, by="celia")["code"] == "already_signed"
    town.json("consent", "give", keyed, by="tereza")
    assert balance(town, "elis") == before + 200
    assert town.refused(*words, by="celia")["code"] == "slip_used"
    (shown,) = slips(town)
    town.json("consent", "decline", shown["id"], "--for", "Não assinei", by="aurora")
    assert [view["state"] for view in slips(town)] == ["contested"]


def slips(live: Live) -> list[dict[str, str]]:
    """Give the slips that may be contested, as the auditor sees them."""
    return [view for view in live.json("consent", "slips", by="aurora") if view["kind"] == "slip"]


def test_limits_follow_the_assemblys_rows_and_wide_ones_wait(town: Live) -> None:
    """By policy at once; by name beyond the threshold only with a second officer; a soft limit is said and paid."""
    rule(town, "limits", "--row", "person:-50:200:-30:150", "--row", "person:-150:400:::1:90")
    rule(town, "signatures", "--amount", "1000")
    dalva = town.agents["dalva"]
    change = ["ledger", "account", dalva, "limit", "--reason", "Ata 12"]
    assert town.json(*change, "--policy", "person", by="tereza")["state"] == "done"
    paid = town.json("pay", town.agents["elis"], "21", by="dalva")
    assert paid["warning"]
    assert "30,00" in paid["warning"]
    assert town.refused(*change, "--policy", "person", "--step", "1", by="tereza")["code"] == "step_too_early"
    words = ["member", "add", "Nova", "--key-out", str(town.key("nova")), "--policy", "person", "--no-passphrase"]
    town.agents["nova"] = str(town.json(*words, by="network")["agent"])
    assert town.json("pay", town.agents["elis"], "50", by="nova")["warning"]
    wide = town.json(*change, "--low=-1001", "--high=100", by="tereza")
    assert wide["state"] == "proposed"
    town.json("consent", "give", wide["account"], by="aurora")
    assert town.json("ledger", "balance", dalva, by="network")["limit_low"]["amount"] == -100100


def test_rules_are_listed_with_their_minutes(town: Live) -> None:
    """Members read them too."""
    rules = town.json("rule", "list", by="dalva")

    assert {"dues", "assisted"} <= {view["type"] for view in rules}
    assert {view["minutes"]["number"] for view in rules if view["type"] == "dues"} == {"12"}
    assert "2027-03-14/12" in town.run("rule", "list", by="dalva").stdout


@pytest.mark.parametrize(
    "words",
    [
        ("rule", "add", "dues", "Taxa", "--minutes", "2027-03-14", "--amount", "1"),
        ("rule", "add", "dues", "Taxa", "--minutes", "2027-03-14/12", "--amount", "dez"),
        ("rule", "add", "limits", "Limites", "--minutes", "2027-03-14/12", "--row", "person:-5"),
        ("rule", "add", "limits", "Limites", "--minutes", "2027-03-14/12", "--row", "person:-5:5:::um:2"),
        ("rule", "add", "signatures", "Duas", "--minutes", "2027-03-14/12", "--amount", "10 BRL"),
    ],
)
def test_what_is_typed_wrong_is_said(town: Live, words: tuple[str, ...]) -> None:
    """With a next step, before anything is sent."""
    error = town.refused(*words, "--minutes-file", str(town.root / "ata12.txt"), by="tereza", exit_code=2)

    assert error["next_step"]


def test_accounts_need_limits_or_a_policy(town: Live, elsewhere: Path) -> None:
    """One of both."""
    del elsewhere
    assert town.refused("ledger", "account", town.agents["dalva"], "open", "--reason", "x", by="tereza", exit_code=2)
