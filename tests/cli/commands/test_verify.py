"""`mutirao verify data`."""

from pathlib import Path

from tests.cli.commands.test_init import WORDS
from tests.cli.live import command


def test_a_sound_folder_adds_up(elsewhere: Path) -> None:
    """Exit code 0 and a sentence, as often as it is asked."""
    command("init", "rede", *WORDS, "--no-passphrase")
    first, second = (command("verify", "data", "rede") for _ in range(2))

    assert first.exit_code == second.exit_code == 0, first.output + second.output
    assert "adds up" in first.stdout


def test_a_changed_byte_is_found_and_named(elsewhere: Path) -> None:
    """Exit code 1; the file is named."""
    command("init", "rede", *WORDS, "--no-passphrase")
    path = Path("rede/checkpoints")
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    done = command("verify", "data", "rede")

    assert done.exit_code == 1
    assert "checkpoints" in done.stderr


def test_another_folder_is_no_node(elsewhere: Path) -> None:
    """Nothing to verify is not "all is well"."""
    Path("rede").mkdir()

    assert command("verify", "data", "rede").exit_code in {1, 2}
