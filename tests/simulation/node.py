"""One simulated node: the real services and links of `node`, on a disk, a clock and a network of the simulator.

A node lives on a machine that can be switched off at any effect (a write, a sync, a frame sent): its tasks are
cancelled, its sockets end, and its disk and everything else that they still reach for refuses. Switching it on again
opens the same files as a new process does. Where a start is refused, that is noted, and whoever runs the world decides.

Nothing here stands in for code of the node but time, randomness, files and sockets.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from contextvars import ContextVar, copy_context
from dataclasses import dataclass, field
from typing import Any

from node.app import Node
from node.clock import Clock
from node.config import Config
from node.keystore import EPOCH_SECRETS, NodeKeys
from node.links.frames import Socket
from node.services.signatures import Signatures
from node.store.catalogue import open_catalogue
from node.store.database import Database
from node.store.feeds import FeedStore
from protocol.errors import MutiraoError
from tests.builders import NOW_MS, Network, named
from tests.simulation.chance import Chance
from tests.simulation.disk import Disk, Effect, File
from tests.simulation.loop import VirtualLoop
from tests.simulation.memory_files import MemoryFiles
from tests.simulation.network import Network as Roads

RECONNECT_MS_MAX = 10_000
"""The longest wait between dials; shorter than a real node's, so that a run needn't be as long."""

MACHINE: ContextVar[Machine | None] = ContextVar("machine", default=None)
"""The machine that the running task belongs to."""


class SimulationClock(Clock):
    """A node's clock: virtual time, which can be set wrong, and numbered randomness."""

    def __init__(self, loop: VirtualLoop, chance: Chance, name: str) -> None:
        """Show the right time."""
        self.wrong_ms = 0
        self._loop = loop
        self._chance = chance
        self._name = name
        self._drawn = 0

    def now_ms(self) -> int:
        """Give the time as this node's clock shows it."""
        return NOW_MS + self._loop.now_ms() + self.wrong_ms

    def monotonic_ms(self) -> int:
        """Give the virtual time."""
        return self._loop.now_ms()

    def random_bytes(self, count: int) -> bytes:
        """Give bytes that no other draw gives."""
        self._drawn += 1
        return self._chance.octets(count, "random", self._name, self._drawn)


class Machine:
    """What a node runs on, from one start to the next crash."""

    def __init__(self, node: SimulatedNode, number: int) -> None:
        """Switch on."""
        self.node = node
        self.number = number
        self.is_off = False
        self.calls = 0
        self.tasks: dict[asyncio.Task[Any], None] = {}

    async def pause(self, is_commit: bool) -> None:
        """Wait as a call of the driver waits."""
        world = self.node.world
        self.calls += 1  # its own: what a dead machine's garbage still calls must not shift the draws of the next
        if is_commit:
            await asyncio.sleep(0.001 + 0.01 * world.chance.unit("commit", self.node.name, self.number, self.calls))
        elif self.calls % 8 == 0:
            await asyncio.sleep(0)


@dataclass(slots=True)
class World:
    """What all nodes share.

    Attributes:
        loop: Time.
        chance: All draws.
        roads: The network.
        trace: Adds an event to the trace.
        nodes: By name.
    """

    loop: VirtualLoop
    chance: Chance
    roads: Roads
    trace: Callable[..., None] = lambda *_: None
    nodes: dict[str, SimulatedNode] = field(default_factory=dict)


class SimulatedNode:
    """A node and its machine.

    Attributes:
        network: Makes the network's records.
        clock: Its clock.
        disk: Its disk, through all crashes.
        running: The node while it runs; None while it is down.
        refused: Why its last start was refused; None where it wasn't.
        backup: A copy of its files, once one was made.
        follow_all: Whether it follows all that its neighbours carry.
        is_starting: Whether it is on its way up.
        stopped: Set unless it is on its way down; its folder is locked until it is there.
        crash_at: The effect at which it crashes; None for none.
        on_crash: What a crash at `crash_at` is: by default a killed process.
    """

    def __init__(self, world: World, name: str, image: Disk) -> None:
        """Take a disk with a founded network; nothing runs yet."""
        self.world = world
        self.name = name
        self.url = f"http://{name}.example"
        self.network = network_of(name)
        self.clock = SimulationClock(world.loop, world.chance, name)
        self.disk = image
        self.backup: dict[str, File] | None = None
        self.follow_all = False
        self.is_starting = False
        self.stopped = asyncio.Event()
        self.stopped.set()
        self.running: Node | None = None
        self.refused: str | None = None
        self.effects = 0
        self.starts = 0
        self.crash_at: int | None = None
        self.is_power_loss = False
        self._machine: Machine | None = None
        self._files: MemoryFiles | None = None
        world.nodes[name] = self
        world.roads.add(self)

    @property
    def path(self) -> str:
        """The database's file, as the simulator's SQLite knows it."""
        return "" if self._files is None else str(self._files.folder / "node.sqlite")

    @property
    def is_up(self) -> bool:
        """Whether it listens."""
        return self.running is not None and self.running.links.has_room()

    def start(self) -> asyncio.Task[bool]:
        """Switch the machine on and start the node; gives whether it came up."""
        self.starts += 1
        self.is_starting = True
        self._machine = Machine(self, self.starts)
        self._files = MemoryFiles(f"{self.name}-{self.starts}", self.disk, self._machine.pause)
        self.disk.on_effect = self._on_disk_effect
        return self.run(self._start())

    def run(self, part: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run something as a task of this node: it ends when the machine does."""
        context = copy_context()
        context.run(MACHINE.set, self._machine)
        return self.world.loop.create_task(part, context=context)

    async def _start(self) -> bool:
        try:
            return await self._open()
        except asyncio.CancelledError:
            return False  # it crashed on its way up

    async def _open(self) -> bool:
        assert self._files is not None
        self.refused = None
        config = Config(
            directory=self._files.folder, url=self.url, follow_all=self.follow_all, reconnect_ms_max=RECONNECT_MS_MAX
        )
        try:
            database = await Database.open(config.database_url, self._files)
            try:
                await open_catalogue(database)
                feeds = await FeedStore.open(database)
                node = await Node.build(
                    config,
                    clock=self.clock,
                    database=database,
                    feeds=feeds,
                    signatures=Signatures(workers=0),
                    node_keys=keys_of(self.name),
                    transport=_Transport(self),
                )
            except BaseException:
                await database.close()
                raise
            await node.join()
        except MutiraoError as error:
            self.refused = str(error)
            self._end()
            return False
        self.is_starting = False
        self.running = node
        self.run(self._watch(node))
        return True

    async def _watch(self, node: Node) -> None:
        """End the process when its disk fails, as `node.app` does."""
        try:
            await node.services.database.watch()
        except MutiraoError:
            self.world.loop.call_soon(self.crash)

    async def stop(self) -> None:
        """Stop the node as an operator does."""
        machine, node, self.running = self._machine, self.running, None
        self.stopped.clear()
        if node is not None:
            with contextlib.suppress(MutiraoError):  # the disk failed meanwhile: the process has ended
                await node.stop()
        if machine is not None and not machine.is_off:
            self._end()

    def crash(self, *, power: bool = False) -> None:
        """Kill the process, or cut the machine's power; harmless where it is down."""
        if self._machine is None or self._machine.is_off:
            return
        what = "power losses" if power else "kills"
        self.world.roads.note(f"{what} during a start" if self.is_starting else what)
        self.world.trace("crash", self.name, what)
        self._end()
        self.world.roads.break_connections(self.name, silently=power)
        if power:
            self.disk.lose_power(self.world.chance.stream("power", self.name, self.starts))

    def accept(self, socket: Socket, address: str) -> None:
        """Take a connection from outside."""
        if self.running is not None:
            self.run(self.running.links.take(socket, address=address))

    def begin_effect(self, kind: str) -> None:
        """Count an effect; crash where it was asked for."""
        self.effects += 1
        if self.crash_at is not None and self.effects >= self.crash_at:
            self.crash_at = None
            if kind == "send":
                self.crash(power=self.is_power_loss)
                raise ConnectionResetError("the machine is off")
            self.disk.is_dead = True
            self.world.loop.call_soon(lambda: self.crash(power=self.is_power_loss))

    def _on_disk_effect(self, _number: int, effect: Effect, _name: str) -> None:
        self.begin_effect(effect.value)

    def _end(self) -> None:
        machine, files = self._machine, self._files
        assert machine is not None
        assert files is not None
        machine.is_off = True
        self.running = None
        self.is_starting = False
        self.stopped.set()
        # What still runs keeps a dead disk; the next start has the same files on another one.
        old = self.disk
        self.disk = old.handed_over()
        files.remove()
        current = asyncio.current_task()
        for task in list(machine.tasks):
            if task is not current:
                task.cancel()


class _Transport:
    """Dials through the simulated network."""

    def __init__(self, node: SimulatedNode) -> None:
        self._node = node

    async def start(self) -> None:
        """Be ready."""

    async def connect(self, url: str) -> Socket:
        """Open a connection."""
        return await self._node.world.roads.connect(self._node, url)

    async def close(self) -> None:
        """Open no more."""


def make_task(loop: asyncio.AbstractEventLoop, part: Any, **options: Any) -> asyncio.Task[Any]:
    """Make a task that its machine knows of; the loop's task factory."""
    context = options.get("context")
    machine = MACHINE.get() if context is None else context.get(MACHINE)
    task: asyncio.Task[Any] = asyncio.Task(part, loop=loop, **options)
    if machine is not None:
        machine.tasks[task] = None
        task.add_done_callback(lambda done: machine.tasks.pop(done, None))
        if machine.is_off:
            task.cancel()
    return task


_networks: dict[str, Network] = {}


def network_of(name: str) -> Network:
    """Give the network of a name; the same object each time, as its members are remembered."""
    return _networks.setdefault(name, Network(name))


def keys_of(name: str) -> NodeKeys:
    """Give the keys of a node, as `tests.builders` derives them."""
    epoch = {secret: named(f"{name} {secret}") for secret in EPOCH_SECRETS}
    return NodeKeys(name=name, record=named(name), sealing=named(f"{name} sealing"), epoch=epoch)
