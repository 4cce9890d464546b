"""Processes of the command, and the ports that they need."""

import json
import socket

import pytest

from cli.demo.processes import HOST, check_ports, environment, free_ports, run_command
from cli.errors import UsageProblemError


async def test_the_very_same_program_is_run() -> None:
    """A command runs to its end, and its code and output come back."""
    done = await run_command("version", "--json")
    wrong = await run_command("no-such-command")

    assert done.code == 0
    assert "version" in json.loads(done.output)
    assert wrong.code == 2


def test_the_callers_settings_stay_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stray MUTIRAO_PORT would put three nodes on one port."""
    monkeypatch.setenv("MUTIRAO_PORT", "9")
    monkeypatch.setenv("KEEP_THIS", "1")

    assert "MUTIRAO_PORT" not in environment()
    assert environment()["KEEP_THIS"] == "1"


def test_a_taken_port_is_named() -> None:
    """The number, and what to do about it."""
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(UsageProblemError, match=f"Port {port}") as caught:
            check_ports([port], option="--port 8811")

    assert "--port 8811" in caught.value.next_step


def test_free_ports_differ() -> None:
    """Each node gets a port of its own."""
    ports = free_ports(4)

    assert len(set(ports)) == 4
    check_ports(ports, option="--port 8811")
