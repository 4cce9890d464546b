"""Disks with a founded network on them, made once a process and copied into every run.

Each network has three members with accounts that may go to -1000 and to 2000, so that payments meet both limits.
"""

from __future__ import annotations

import asyncio
from functools import cache

from node.services.founding import found_network
from node.services.outcomes import Recorded
from node.store.catalogue import open_catalogue
from node.store.database import Database
from node.store.feeds import FeedStore
from protocol.record import encode_record
from tests.builders import named
from tests.simulation.chance import Chance
from tests.simulation.disk import Disk, File
from tests.simulation.loop import VirtualLoop
from tests.simulation.memory_files import MemoryFiles
from tests.simulation.network import Network as Roads
from tests.simulation.node import SimulatedNode, World, make_task, network_of
from tests.simulation.plan import MEMBERS

LIMIT_LOW, LIMIT_HIGH = -1000, 2000


def disk_of(name: str) -> Disk:
    """Give a disk of its own with the network of a name."""
    disk = Disk()
    disk.files = {file: content.copy() for file, content in _image(name).items()}
    return disk


@cache
def _image(name: str) -> dict[str, File]:
    loop = VirtualLoop()
    loop.set_task_factory(make_task)
    try:
        return loop.run_until_complete(_founded(loop, name))
    finally:
        loop.close()


async def _founded(loop: VirtualLoop, name: str) -> dict[str, File]:
    chance = Chance(0)
    world = World(loop, chance, Roads(loop, chance, lambda *_: None))
    network = network_of(name)
    disk = Disk()
    files = MemoryFiles(f"{name}-founding", disk, _no_pause)
    database = await Database.open(f"sqlite+aiosqlite:///{files.folder / 'node.sqlite'}", files)
    await open_catalogue(database)
    feeds = await FeedStore.open(database)
    first = [network.agent, network.epoch]
    await found_network(database, feeds, trust=first, catalog=[], checkpoint_seed=named(f"{name} checkpoint"))
    await database.close()
    feeds.close()
    files.remove()
    node = SimulatedNode(world, name, disk)
    await node.start()
    assert node.running is not None, node.refused
    records = []
    for member in MEMBERS:
        agent = network.member(f"{name} {member}")
        account = {"account": agent.id, "action": "open", "limit_low": LIMIT_LOW, "limit_high": LIMIT_HIGH}
        records += [agent, network.membership(agent.id), network.by_network("account", account)]
    outcomes = await node.running.services.publishing.submit([encode_record(record) for record in records])
    assert all(isinstance(outcome, Recorded) and outcome.void is None for outcome in outcomes), outcomes
    await asyncio.sleep(1)
    await node.stop()
    return node.disk.image()


async def _no_pause(_is_commit: bool) -> None:
    """Wait for nothing."""
