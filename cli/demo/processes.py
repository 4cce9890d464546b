"""Real processes of the real command: start, watch, stop and kill nodes.

A node that is started here ends with the program that started it, also when that is killed: the node watches the pipe
that is its standard input. Its environment has none of the caller's settings, so that a stray `MUTIRAO_PORT` can't
join what belongs apart. Source: docs/operating/demo.md.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cli.client import wait_until_ready
from cli.errors import CliError, UsageProblemError

HOST = "127.0.0.1"
READY_S = 30.0
STOP_S = 30.0
COMMAND_S = 60.0
LOG_TAIL_LINES = 12
PORTS_FIRST = 20_000
PORTS_LAST = 32_000
PREFIX = "MUTIRAO_"


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended.

    Attributes:
        code: Its exit code.
        output: What it printed.
        errors: What it said on standard error.
    """

    code: int
    output: str
    errors: str


@dataclass(slots=True)
class NodeProcess:
    """One node, running or not.

    Attributes:
        name: A word for messages.
        directory: Its folder.
        port: The port that it listens on.
        host: The address that it listens on.
        public: Where its neighbours reach it, where that is another address than its own.
        prefix: Words before the command, of a program that runs it in another way and becomes it.
    """

    name: str
    directory: Path
    port: int
    host: str = HOST
    public: str = ""
    prefix: tuple[str, ...] = ()
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://{self.host}:{self.port}"

    @property
    def public_url(self) -> str:
        """The address under which its neighbours reach it."""
        return self.public or self.url

    @property
    def pid(self) -> int | None:
        """Its process's number; None where it doesn't run."""
        return self._process.pid if self._process is not None and self.is_alive else None

    @property
    def is_alive(self) -> bool:
        """Whether the process runs."""
        return self._process is not None and self._process.poll() is None

    @property
    def log(self) -> Path:
        """Where the process says what it does."""
        return self.directory.with_name(self.directory.name + ".output")

    def start(self) -> None:
        """Start the process; `wait_until_ready` waits for it."""
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(  # noqa: S603 - our own command
                [*self.prefix, *command(), "serve", str(self.directory), "--no-passphrase", "--until-input-ends"],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                env=environment(),
                start_new_session=True,  # Ctrl-C reaches the demonstration only, which stops its nodes in order.
            )

    async def wait_until_ready(self) -> None:
        """Wait until the node answers that it is ready.

        Raises:
            CliError: it ended, or isn't ready in time; the end of what it said is in the message.
        """
        try:
            await wait_until_ready(self.url, seconds=READY_S, is_alive=lambda: self.is_alive)
        except CliError as error:
            error.next_step = f"It said last:\n{self.tail()}"
            raise

    async def stop(self) -> int | None:
        """Stop the process cleanly; kill it only when it doesn't stop.

        Returns:
            Its exit code, None where it didn't run.
        """
        process = self._process
        if process is None:
            return None
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(STOP_S):
                while process.poll() is None:  # noqa: ASYNC110 - another process has no event to wait for
                    await asyncio.sleep(0.02)
        except TimeoutError:
            process.kill()
        return await asyncio.to_thread(self._reap)

    async def kill(self) -> None:
        """End the process at once, as a power cut does (`kill -9`)."""
        assert self._process is not None, "a node is started before it is killed"
        self._process.kill()
        await asyncio.to_thread(self._reap)

    def _reap(self) -> int:
        assert self._process is not None
        code = self._process.wait()
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process = None
        return code

    def tail(self) -> str:
        """Give the last lines of what the process said."""
        try:
            lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return ""
        return "\n".join(f"    {line}" for line in lines[-LOG_TAIL_LINES:])


def command() -> list[str]:
    """Give the words that run this very program."""
    return [sys.executable, "-m", "cli"]


def environment(**more: str) -> dict[str, str]:
    """Give the environment for a process of this program: the caller's, without its settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    root = str(Path(__file__).resolve().parents[2])
    paths = [root, *filter(None, [kept.get("PYTHONPATH")])]
    return kept | {"PYTHONPATH": os.pathsep.join(paths), "PYTHONUTF8": "1"} | more


async def run_command(*words: str) -> Done:
    """Run one command of this program to its end.

    Args:
        words: the command's arguments.
    """
    process = await asyncio.create_subprocess_exec(
        *command(),
        *words,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    )
    try:
        async with asyncio.timeout(COMMAND_S):
            output, errors = await process.communicate()
    except (TimeoutError, asyncio.CancelledError):
        process.kill()
        await process.wait()
        raise
    assert process.returncode is not None
    return Done(process.returncode, output.decode(errors="replace"), errors.decode(errors="replace"))


def check_ports(ports: Sequence[int], *, option: str) -> None:
    """See that nobody else listens on the ports.

    Raises:
        UsageProblemError: names the first that is taken.
    """
    for port in ports:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError as error:
                raise UsageProblemError(
                    f"Port {port} of this machine is taken ({error.strerror}).",
                    code="port_taken",
                    next_step=f"Stop the program that uses it (another demo?), or choose other ports: {option}.",
                ) from error


def free_ports(count: int) -> list[int]:
    """Find ports on loopback, one behind the other, that nobody listens on.

    They lie below those that systems give to outgoing connections, so that none is taken before its node starts, or
    while the node is down.
    """
    while True:
        first = PORTS_FIRST + secrets.randbelow(PORTS_LAST - PORTS_FIRST - count)
        ports = list(range(first, first + count))
        if all(_is_free(port) for port in ports):
            return ports


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True
