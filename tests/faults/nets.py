"""Networks between real nodes that can be cut: what every kind of them offers, and which kind this machine allows.

Two kinds stand behind one interface: network namespaces of the kernel (`namespaces`), and proxies on loopback
(`proxies`) where namespaces aren't allowed. Commands that need namespaces are run again inside fresh ones, of their
own network, mounts and, without root, users: whatever they set up there ends with the process, however that ends.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from typing import Protocol

from cli.demo.federation import Federation

INSIDE = "FAULTS_INSIDE"
"""Set in a process that was run again inside namespaces of its own."""

TRY_S = 10.0
SYSTEM_PATHS = ("/usr/sbin", "/sbin")
"""Where `ip` and `nft` lie, also for users whose PATH leaves that out."""

NEEDED = ("unshare", "nsenter", "ip", "nft")
TRIAL = """
mount -t tmpfs tmpfs /run && ip link set lo up && ip link add trial type bridge && ip netns add one &&
ip link add far type veth peer name near netns one && nsenter --net=/run/netns/one nft add table inet trial
"""
"""What the namespaces kind does, once each: it fails where any of it isn't allowed."""


class Net(Protocol):
    """A network between the nodes of a federation; one side of a fault is a node's name.

    Faults add up until `heal` ends all of them. The way from the drill to the nodes is never touched.
    """

    kind: str
    """A word for the kind, printed with the results."""

    async def open(self, federation: Federation) -> None:
        """Give every node its place: `host`, `port`, `public` and `prefix` are set, and nothing is started yet."""

    async def cut(self, one: str, other: str) -> None:
        """Let nothing pass between two nodes, in neither direction."""

    async def lose(self, source: str, target: str, *, percent: int) -> None:
        """Lose a share of what one node sends to another, chosen by chance; the other direction stays whole."""

    async def heal(self) -> None:
        """End all faults."""

    async def close(self) -> None:
        """Take everything down; never fails."""


def lacking() -> str:
    """Say why namespaces can't be used on this machine; empty where they can."""
    os.environ["PATH"] = os.pathsep.join([os.environ.get("PATH", ""), *SYSTEM_PATHS])
    absent = [name for name in NEEDED if shutil.which(name) is None]
    if absent:
        return f"not installed: {', '.join(absent)}"
    tried = subprocess.run(
        [*unsharing(), "sh", "-c", TRIAL], capture_output=True, text=True, check=False, timeout=TRY_S
    )
    said = tried.stderr.strip().splitlines()
    return "" if tried.returncode == 0 else f"not allowed: {said[-1] if said else tried.returncode}"


def unsharing() -> list[str]:
    """Give the words that run a command in network and mounts of its own, as root there."""
    users = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    return ["unshare", *users, "--net", "--mount", "--propagation", "private"]


def is_inside() -> bool:
    """Whether this process runs in namespaces of its own."""
    return os.environ.get(INSIDE) == "1"


def run_inside(module: str, arguments: Sequence[str]) -> None:
    """Become the same command again, inside namespaces of its own; doesn't return.

    Args:
        module: the module that is run, such as `tests.faults`.
        arguments: its arguments.
    """
    os.environ[INSIDE] = "1"
    sys.stdout.flush()
    words = [*unsharing(), sys.executable, "-m", module, *arguments]
    os.execvp(words[0], words)  # noqa: S606 - our own program
