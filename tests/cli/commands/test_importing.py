"""`mutirao import` against a real node."""

from pathlib import Path

from tests.cli.live import Live, command

AGENTS = "key;type;name;credit_low;credit_high\nteca;person;Teca;-100;300\nugo;person;Ugo;-100;300\n"
NEEDS = "key;agent;title;category;measure;quantity\nquero-mel;teca;Mel silvestre;honey;kg;1,5\n"
TRANSFERS = "key;payer;payee;amount\nt1;teca;ugo;12,50\n"


def tables(**texts: str) -> str:
    """Write tables into the current folder's `tables`."""
    Path("tables").mkdir(exist_ok=True)
    for name, text in texts.items():
        Path("tables", f"{name}.csv").write_text(text, encoding="utf-8")
    return "tables"


def test_importing_twice_changes_nothing(live: Live, elsewhere: Path) -> None:
    """The dry run says what the run does; the second run finds everything there."""
    words = ["import", tables(agents=AGENTS, needs=NEEDS, transfers=TRANSFERS), "--member-keys", "keys"]
    foreseen = live.json(*words, "--dry-run", "--no-passphrase", by="network")
    assert not Path("keys").exists()
    first = live.json(*words, "--no-passphrase", by="network")
    second = live.json(*words, "--no-passphrase", by="network")

    assert foreseen | {"dry_run": False} == first
    assert (second["created"], second["unchanged"]) == ({}, sum(first["created"].values()))
    assert len(live.json("need", "list", "silvestre")) == 1
    balance = command("ledger", "balance", "--node", live.node.url, "--key", "keys/ugo.key")
    assert "12,50 SB" in balance.stdout


def test_a_wrong_row_publishes_nothing(live: Live, elsewhere: Path) -> None:
    """Exit code 1; file, line, column and next step stand in the JSON and on standard error."""
    wrong = NEEDS.replace("1,5", "much").replace("quero-mel", "quero-pinhao").replace("silvestre", "de jataí")
    words = ["import", tables(agents=AGENTS, needs=wrong), "--member-keys", "keys", "--no-passphrase"]
    error = live.refused(*words, by="network")
    problem = error["details"]["problems"][0]

    assert (problem["line"], problem["column"]) == (2, "quantity")
    assert "needs.csv, line 2, column quantity" in live.run(*words, by="network").stderr
    assert live.json("need", "list", "jataí") == []
    assert not Path("keys").exists()


def test_a_row_that_the_node_refuses_is_named(live: Live, elsewhere: Path) -> None:
    """The others go on, and the exit code is 1."""
    agents = AGENTS.replace("teca", "vera").replace("ugo", "xico")
    transfers = "key;payer;payee;amount\nt1;vera;xico;100,01\nt2;vera;xico;1\n"
    words = ["import", tables(agents=agents, transfers=transfers), "--member-keys", "keys", "--no-passphrase"]
    done = live.run(*words, by="network")

    assert done.exit_code == 1
    assert "transfers.csv, line 2" in done.stderr
    balance = command("ledger", "balance", "--node", live.node.url, "--key", "keys/xico.key", "--json")
    assert '"amount": 100,' in balance.stdout


def test_only_the_networks_key_imports(live: Live, elsewhere: Path) -> None:
    """A member's key is a usage problem."""
    live.refused("import", tables(agents=AGENTS), "--member-keys", "keys", by="ana", exit_code=2)
