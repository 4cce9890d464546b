"""`mutirao init`, and `mutirao serve` where it refuses."""

import json
import stat
from pathlib import Path

from tests.cli.live import command

WORDS = ["--name", "Rede", "--url", "http://127.0.0.1:8899", "--port", "8899"]


def test_a_network_is_made_in_a_folder(elsewhere: Path) -> None:
    """Id and shares are printed, key files are the owner's only, and the shares are kept nowhere."""
    made = json.loads(command("init", "rede", *WORDS, "--no-passphrase", "--json").stdout)

    assert made["network"].startswith("agent:")
    assert (len(made["shares"]), made["threshold"]) == (3, 2)
    keys = Path("rede/keys")
    assert {stat.S_IMODE(path.stat().st_mode) for path in keys.iterdir()} == {0o600}
    everything = b"".join(path.read_bytes() for path in Path("rede").rglob("*") if path.is_file())
    assert not any(share.encode() in everything for share in made["shares"])


def test_a_folder_is_never_used_twice(elsewhere: Path) -> None:
    """The second init is refused and says how to start the first."""
    assert command("init", "rede", *WORDS, "--no-passphrase").exit_code == 0
    again = command("init", "rede", *WORDS, "--no-passphrase")

    assert again.exit_code == 2
    assert "mutirao serve" in again.stderr


def test_what_cannot_be_an_address_is_refused(elsewhere: Path) -> None:
    """Nothing is made."""
    for url in ("vila.example", "https://vila.example/path", "ftp://vila.example"):
        done = command("init", "rede", "--name", "Rede", "--url", url, "--no-passphrase")

        assert done.exit_code == 2, done.output
    assert not Path("rede").exists()


def test_an_empty_folder_cannot_be_served(elsewhere: Path) -> None:
    """The error says how to make a node."""
    done = command("serve", "rede")

    assert done.exit_code == 2
    assert "mutirao init" in done.stderr


def test_a_passphrase_locks_the_keys(elsewhere: Path) -> None:
    """Without it the node doesn't start."""
    import os

    os.environ["MUTIRAO_PASSPHRASE"] = "correct horse"
    try:
        assert command("init", "rede", *WORDS).exit_code == 0
        os.environ["MUTIRAO_PASSPHRASE"] = "wrong"
        done = command("serve", "rede")
    finally:
        del os.environ["MUTIRAO_PASSPHRASE"]

    assert done.exit_code in {1, 2}
    assert "passphrase" in done.stderr


def test_what_breaks_a_rule_is_refused_before_anything_is_made(elsewhere: Path) -> None:
    """The field or option is named, exit code 2, and no folder is left."""
    for wrong, named in (
        (["--colour", "green"], "colour"),
        (["--unit-symbol", "ABCDEFGHIJ"], "symbol"),
        (["--officers", "2", "--threshold", "3"], "3 of 2 officers"),
    ):
        done = command("init", "rede", *WORDS, *wrong, "--no-passphrase")

        assert (2, True) == (done.exit_code, named in done.stderr), done.output
        assert "verify data" not in done.stderr
    assert not Path("rede").exists()


def test_a_folder_that_cannot_be_made_is_said_in_one_sentence(elsewhere: Path) -> None:
    """A file in the way is named, without a trace."""
    Path("busy").write_text("a file")
    done = command("init", "busy/rede", *WORDS, "--no-passphrase")

    assert 2 == done.exit_code, done.output
    assert "busy/rede can't be written" in done.stderr


def test_one_officer_needs_one_share(elsewhere: Path) -> None:
    """Where nothing is said of the threshold it is never more than the officers."""
    made = json.loads(command("init", "rede", *WORDS, "--officers", "1", "--no-passphrase", "--json").stdout)

    assert (1, 1) == (len(made["shares"]), made["threshold"])
