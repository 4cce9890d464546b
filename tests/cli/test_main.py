"""The command as a whole: help, versions, exit codes, completion."""

import json
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from cli.main import COMMANDS, main
from tests.tools import docs


def run(*arguments: str) -> Result:
    """Run the command in this process."""
    return CliRunner().invoke(main, list(arguments))


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_explains_itself(name: str) -> None:
    """--help of every command and of what is below it says something, and names the common options."""
    done = run(name, "--help")

    assert done.exit_code == 0, done.output
    assert "Usage: mutirao" in done.output
    for full_name, command, _ in docs.walk(main, "mutirao"):
        assert command.help, f"{full_name} has no help"
        for parameter in command.params:
            assert not isinstance(parameter, click.Option) or parameter.name, full_name


def test_json_may_stand_before_or_behind() -> None:
    """The common options are taken by the outermost command and by every other."""
    before, behind = run("--json", "version"), run("version", "--json")

    assert json.loads(before.stdout) == json.loads(behind.stdout)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["version"], 0),
        (["no-such-command"], 2),
        (["pay", "nobody", "3"], 2),
        (["offer", "add", "Bread"], 2),
        (["--node", "ftp://x", "status"], 2),
        (["status", "--node", "http://127.0.0.1:9"], 3),
        (["offer", "list", "--node", "http://127.0.0.1:9"], 3),
        (["key", "show", "no-such.key"], 2),
    ],
)
def test_exit_codes(arguments: list[str], code: int) -> None:
    """0 done, 1 refused, 2 usage, 3 unreachable."""
    assert run(*arguments).exit_code == code


def test_an_unreachable_node_says_what_to_do() -> None:
    """The error has the node's address and the next step, also as JSON."""
    done = run("status", "--node", "http://127.0.0.1:9", "--json")

    error = json.loads(done.stdout)["error"]
    assert error["code"] == "unreachable"
    assert "http://127.0.0.1:9" in error["message"]
    assert "mutirao serve" in error["next_step"]


@pytest.mark.parametrize("arguments", [["no-such-command"], ["pay", "nobody"], ["offer", "add"], ["status", "--nod"]])
def test_wrong_usage_is_json_too(arguments: list[str]) -> None:
    """A program that asks for JSON gets it for its own mistakes, in the shape of every other error."""
    done = run(*arguments, "--json")

    error = json.loads(done.stdout)["error"]
    assert (2, "usage") == (done.exit_code, error["code"])
    assert error["message"]
    assert "--help" in error["next_step"]


def test_help_needs_no_network_library() -> None:
    """--help and completion stay quick: aiohttp isn't imported for them."""
    lines = [
        "import sys",
        "from cli.main import main",
        "main(['key', '--help'], standalone_mode=False)",
        "print('aiohttp' in sys.modules)",
    ]
    done = subprocess.run([sys.executable, "-c", "; ".join(lines)], capture_output=True, text=True, check=True)

    assert done.stdout.endswith("False\n")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(shell: str) -> None:
    """Each shell gets lines that call the command back."""
    done = run("completion", shell)

    assert done.exit_code == 0
    assert "_MUTIRAO_COMPLETE" in done.stdout


def test_completion_completes(tmp_path: Path) -> None:
    """What bash asks while `mutirao of` is typed is answered with `offer`."""
    environment = os.environ | {
        "_MUTIRAO_COMPLETE": "bash_complete",
        "COMP_WORDS": "mutirao of",
        "COMP_CWORD": "1",
    }
    done = subprocess.run(
        [sys.executable, "-c", "from cli.main import main; main(prog_name='mutirao')"],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )

    assert done.stdout.strip() == "plain,offer"
