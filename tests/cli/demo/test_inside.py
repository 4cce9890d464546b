"""Commands run inside are the commands of the terminal."""

from pathlib import Path

from cli.demo.inside import run_inside


async def test_results_come_back_as_values(tmp_path: Path, capsys: object) -> None:
    """What --json would print is the value, and nothing is printed."""
    ended = await run_inside("key", "new", str(tmp_path / "ana.key"), "--no-passphrase")

    assert ended.code == 0
    assert ended.value["name"] == "ana"
    assert capsys.readouterr() == ("", "")  # type: ignore[attr-defined]


async def test_failures_come_back_with_their_exit_codes() -> None:
    """Usage, unreachable and refused are told apart."""
    usage = await run_inside("pay", "nobody", "3")
    unreachable = await run_inside("status", "--node", "http://127.0.0.1:9")

    assert (usage.code, unreachable.code) == (2, 3)
    assert unreachable.error is not None
    assert unreachable.error.code == "unreachable"
