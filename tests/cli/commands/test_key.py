"""`mutirao key`: keys are made on this side and never sent."""

import json
from pathlib import Path

from cli import keys
from tests.cli.live import Live, command


def test_a_new_key_is_shown_without_its_secrets(elsewhere: Path) -> None:
    """The file is made once; showing it tells name and public key only."""
    made = command("key", "new", "ana.key", "--name", "Ana", "--no-passphrase", "--json")
    shown = command("key", "show", "ana.key")
    secret = keys.load(Path("ana.key"), "").sign_seed

    assert json.loads(made.stdout)["key"].startswith("did:key:z6Mk")
    assert "Ana" in shown.stdout
    assert secret.hex() not in shown.stdout + made.stdout
    assert command("key", "new", "ana.key", "--no-passphrase").exit_code == 2


def test_a_locked_key_takes_its_passphrase_from_the_environment(elsewhere: Path, monkeypatch: object) -> None:
    """Without a terminal and without the variable, the error names both ways."""
    import os

    os.environ["MUTIRAO_PASSPHRASE"] = "correct horse"
    try:
        assert command("key", "new", "ana.key").exit_code == 0
        assert command("key", "show", "ana.key").exit_code == 0
    finally:
        del os.environ["MUTIRAO_PASSPHRASE"]
    refused = command("key", "show", "ana.key")

    assert refused.exit_code == 2
    assert "MUTIRAO_PASSPHRASE" in refused.stderr


def test_who_keeps_their_own_keys_joins_by_request(live: Live, elsewhere: Path) -> None:
    """The request holds no secret; the operator enrols it, and the member signs from then on."""
    command("key", "new", "caio.key", "--name", "Caio", "--no-passphrase")
    asked = live.json("key", "agent", "caio.key", "--type", "person")
    signer = keys.load(Path("caio.key"), "")
    request = Path(asked["request"]).read_text()
    added = live.json("member", "add", "Caio", "--request", asked["request"], by="network")
    done = command("member", "profile", "Caio Prado", "--node", live.node.url, "--key", "caio.key")

    assert signer.sign_seed.hex() not in request
    assert added["agent"] == asked["agent"]
    assert done.exit_code == 0, done.output
    assert live.json("member", "show", asked["agent"])["ref"]["name"] == "Caio Prado"
