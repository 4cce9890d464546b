"""A host for every node: network namespaces on a bridge, with blackhole routes and lossy links.

The process that makes them has a namespace of its own (`nets.run_inside`), which holds the bridge. So it reaches every
node, whatever is cut between them, and nothing of it is left when it ends. Names and addresses can't meet those of
anybody else.

    this process ── bridge 10.77.0.254 ─┬─ veth ─ vila   10.77.0.1
                                        ├─ veth ─ serra  10.77.0.2
                                        └─ veth ─ regiao 10.77.0.3

A cut is a blackhole route on both sides: connecting fails at once, and what is under way isn't answered. One-way loss
is a rule of nftables at the receiver that drops a share of the sender's packets.
"""

from __future__ import annotations

import asyncio
import subprocess

from cli.demo.federation import Federation
from tests.faults.nets import is_inside

PORT = 8800
BRIDGE = "bridge"
COMMAND_S = 20.0


class Namespaces:
    """The kind of network that runs in the kernel."""

    kind = "namespaces"

    def __init__(self) -> None:
        """Make nothing yet."""
        self._addresses: dict[str, str] = {}
        self._routes: list[tuple[str, str]] = []

    async def open(self, federation: Federation) -> None:
        """Make the bridge and a host for every node."""
        assert is_inside(), "namespaces are made in a namespace of one's own only"
        _run("mount -t tmpfs tmpfs /run")
        _run("ip link set lo up")
        _run(f"ip link add {BRIDGE} type bridge")
        _run(f"ip addr add 10.77.0.254/24 dev {BRIDGE}")
        _run(f"ip link set {BRIDGE} up")
        for number, (name, node) in enumerate(federation.nodes.items(), start=1):
            address = f"10.77.0.{number}"
            self._addresses[name] = address
            node.host, node.port, node.public = address, PORT, ""
            node.prefix = ("nsenter", f"--net=/run/netns/{name}", "--")
            _run(f"ip netns add {name}")
            _run(f"ip link add to-{name} type veth peer name eth0 netns {name}")
            _run(f"ip link set to-{name} master {BRIDGE} up")
            _run(f"ip -n {name} link set lo up")
            _run(f"ip -n {name} addr add {address}/24 dev eth0")
            _run(f"ip -n {name} link set dev eth0 up")
            _nft(name, "add table inet faults")
            _nft(name, "add chain inet faults arriving { type filter hook input priority 0 ; }")

    async def cut(self, one: str, other: str) -> None:
        """Send what either has for the other into a hole."""
        for here, there in ((one, other), (other, one)):
            if (here, there) not in self._routes:
                self._routes.append((here, there))
                await asyncio.to_thread(_run, f"ip -n {here} route add blackhole {self._addresses[there]}/32")

    async def lose(self, source: str, target: str, *, percent: int) -> None:
        """Drop packets at the receiver."""
        share = "" if percent >= 100 else f"numgen random mod 100 < {percent} "
        rule = f"add rule inet faults arriving ip saddr {self._addresses[source]} {share}drop"
        await asyncio.to_thread(_nft, target, rule)

    async def heal(self) -> None:
        """Take routes and rules away."""
        for name in self._addresses:
            await asyncio.to_thread(_nft, name, "flush chain inet faults arriving")
        while self._routes:
            here, there = self._routes.pop()
            await asyncio.to_thread(_run, f"ip -n {here} route del blackhole {self._addresses[there]}/32")

    async def close(self) -> None:
        """Leave the end to the kernel: all of it belongs to this process."""


def _run(words: str) -> None:
    done = subprocess.run(words.split(), capture_output=True, text=True, check=False, timeout=COMMAND_S)
    assert done.returncode == 0, f"{words}: {done.stderr}"


def _nft(name: str, words: str) -> None:
    command = ["nsenter", f"--net=/run/netns/{name}", "--", "nft", *words.split()]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=COMMAND_S)
    assert done.returncode == 0, f"{words}: {done.stderr}"
