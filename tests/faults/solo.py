"""One real node with two members, made once and copied for every run of a fault that concerns its disk alone."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from pathlib import Path

from cli.client import Client
from cli.demo.federation import VILA, Federation
from cli.demo.processes import NodeProcess, free_ports
from cli.errors import RefusedError, UnreachableError
from tests.faults.load import People


@dataclass(frozen=True, slots=True)
class Solo:
    """The folder of a node that is off, and the people of its network.

    Attributes:
        directory: The folder; never started again itself.
        port: The port of every copy's node; one runs at a time.
        people: Who may trade there.
        network: Its id as text.
    """

    directory: Path
    port: int
    people: People
    network: str

    @classmethod
    async def make(cls, root: Path) -> Solo:
        """Make a network in a folder below `root`, enrol people, trade a little, and stop cleanly."""
        ports = free_ports(1)
        federation = Federation.at(root, [VILA], ports)
        try:
            await federation.init([VILA])
            await federation.start()
            async with federation.connections():
                client = federation.client(VILA.folder)
                people = await People.of(VILA.folder, client, federation.author(VILA.folder))
                await people.trade(client, 2)
                network = str((await client.network())["id"])
        finally:
            await federation.stop()
        return cls(root / VILA.folder, ports[0], people, network)

    def copy(self, to: Path, *, prefix: tuple[str, ...] = ()) -> tuple[NodeProcess, People]:
        """Copy the folder; give a process for the copy, not started, and people who go on from there.

        Args:
            to: where the copy goes; not there yet.
            prefix: words before the command that runs it.
        """
        shutil.copytree(self.directory, to)
        people = replace(self.people, acknowledged=list(self.people.acknowledged))
        return NodeProcess(to.name, to, self.port, prefix=prefix), people


async def trade_until_it_fails(people: People, url: str, rounds: int) -> tuple[set[str], bool]:
    """Publish and pay, one request after another, as long as the node answers.

    Args:
        people: who.
        url: their node's.
        rounds: each is a request with four offers and one with a payment.

    Returns:
        The codes of refusals on the way, and whether the node answered to the end.
    """
    codes: set[str] = set()
    async with Client(url, total_s=20) as client:
        for _ in range(rounds):
            for records in (people.offers(), [people.transfer()]):
                try:
                    outcomes = await people.send(client, records)
                except RefusedError as error:
                    codes.add(error.code)
                except UnreachableError as error:
                    if error.code != "unavailable":
                        return codes, False
                    codes.add(error.code)
                else:
                    codes |= {outcome.code for outcome in outcomes if outcome.code}
    return codes, True
