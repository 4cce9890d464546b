"""A run: the nodes of a plan, its steps one after the other, then healing, and what must hold at the end.

    report = run(plan_of(7))        # raises nothing; report.violation says what didn't hold

The same plan gives the same trace, in any process: the trace is a hash of every frame, step, start and crash.
"""

from __future__ import annotations

import asyncio
import gc
import hashlib
import logging
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from node.app import Node
from tests.simulation import faults, rogue_acts, work
from tests.simulation.chance import Chance
from tests.simulation.images import disk_of
from tests.simulation.invariants import INVARIANTS, Invariant, settled
from tests.simulation.journal import Journal, ViolationError
from tests.simulation.loop import DeadlockError, VirtualLoop
from tests.simulation.network import Network as Roads
from tests.simulation.node import SimulatedNode, World, make_task
from tests.simulation.plan import SETTLE_MS, Plan, Step
from tests.simulation.rogue import Rogue

Watch = Callable[[int, tuple[object, ...]], None]
"""Told of everything that the trace is made of: the virtual time in milliseconds, and what."""

LOOK_MS = 5_000
"""How often it is looked whether everything is as it must be, once all faults have ended."""


@dataclass(slots=True)
class Report:
    """What came of a run.

    Attributes:
        plan: What was run.
        violation: The invariant that didn't hold, and how; None where all did.
        invariant: Its name.
        trace: Hash of all that happened, hexadecimal.
        events: How many things happened in virtual time: callbacks of the loop.
        virtual_ms: How much virtual time went by.
        cpu_s: How much processor time it took.
        counts: What happened how often; `fault: …` for faults that came about, `step: …`, `refused: …`, `rogue: …`.
    """

    plan: Plan
    violation: str | None = None
    invariant: str | None = None
    trace: str = ""
    events: int = 0
    virtual_ms: int = 0
    cpu_s: float = 0.0
    counts: Counter[str] = field(default_factory=Counter)


class Federation:
    """The nodes of one run.

    Attributes:
        plan: What is done.
        loop: Time.
        chance: All draws.
        roads: The network.
        nodes: By name, in the order of the plan.
        rogues: Networks that misbehave on purpose, by name, once they have begun.
        journal: What members were told.
        forked: Networks whose node was brought back from an old copy, checkpoint file and all: what they sign from
            then on contradicts what they signed before, until recovery exists.
        aged: Networks whose node runs on an old copy of its database, which has lost what it took from others since.
    """

    def __init__(self, plan: Plan, loop: VirtualLoop, watch: Watch | None = None) -> None:
        """Make the nodes; nothing runs yet."""
        self.plan = plan
        self.loop = loop
        self.chance = Chance(plan.seed)
        self.counts: Counter[str] = Counter()
        self._trace = hashlib.blake2b(digest_size=16)
        self._watch = watch
        self.roads = Roads(loop, self.chance, self.trace)
        world = World(loop, self.chance, self.roads, trace=self.trace)
        self.nodes = {name: SimulatedNode(world, name, disk_of(name)) for name in plan.nodes}
        for node in self.nodes.values():
            node.follow_all = node.name in plan.follow_all
        self.rogues: dict[str, Rogue] = {}
        self.journal = Journal()
        self.forked: set[str] = set()
        self.aged: set[str] = set()
        self.violation: ViolationError | None = None
        self.invariants: list[Invariant] = [make(self) for make in INVARIANTS]
        self._tasks: set[asyncio.Task[Any]] = set()
        for invariant in self.invariants:
            self.roads.on_frame.append(self._checked(invariant.on_frame))

    def count(self, what: str, number: int = 1) -> None:
        """Count something for the report."""
        self.counts[what] += number

    def trace(self, *what: object) -> None:
        """Add an event to the trace."""
        now_ms = self.loop.now_ms()
        self._trace.update(f"{now_ms} {what!r}\n".encode())
        if self._watch is not None:
            self._watch(now_ms, what)

    def counted(self) -> Counter[str]:
        """Give all that was counted, also by the roads, the disks and the journal."""
        found = self.counts + Counter({f"fault: {what}": number for what, number in self.roads.counts.items()})
        for node in self.nodes.values():
            found.update({f"fault: {what}": number for what, number in node.disk.refused.items()})
        return found + Counter({f"refused: {code}": number for code, number in self.journal.refused.items()})

    @property
    def trace_hash(self) -> str:
        """The hash of all that happened so far."""
        return self._trace.hexdigest()

    async def run(self) -> None:
        """Do all of it.

        Raises:
            ViolationError: Something that must hold doesn't.
        """
        for node in self.nodes.values():
            if not await self.start(node):
                raise ViolationError("starts", f"{node.name} did not start: {node.refused}")
        for dialler, listener in self.plan.links:
            await self._link(self.nodes[dialler], self.nodes[listener])
        for step in self.plan.steps:
            await asyncio.sleep(max(0, step.at_ms - self.loop.now_ms()) / 1000)
            self._raise()
            self._do(step)
        await asyncio.sleep(0.5)
        await self.heal()
        await self._settle()

    def start(self, node: SimulatedNode) -> asyncio.Task[bool]:
        """Start a node that is down; give whether it came up."""
        self.trace("start", node.name)
        return self.spawn(self._start(node))

    def restore(self, node: SimulatedNode, *, whole: bool) -> None:
        """Put a node's last backup back, as somebody does whose disk broke, and start it."""
        if node.backup is None:
            return
        node.crash()
        newest = node.disk.image()
        old = {name: file for name, file in node.backup.items() if whole or name != "checkpoints"}
        node.disk.restore({**({} if whole else {"checkpoints": newest["checkpoints"]}), **old})
        self.count("fault: old copies restored" if whole else "fault: old databases restored")
        self.trace("restore", node.name, whole)

        async def begin() -> None:
            if whole and _differs(newest, node):
                self.forked.add(node.name)
                self.journal.forget(node.name)
            self.aged.add(node.name)
            if not await self._start(node) and not whole:
                self.aged.discard(node.name)
                self.count("starts refused")
                node.disk.restore(newest)
                await self._start(node)

        self.spawn(begin())

    async def heal(self) -> None:
        """Take all faults back, and have every node run."""
        self.roads.heal()
        for node in self.nodes.values():
            node.crash_at = None
            node.disk.room_bytes = None
            node.disk.fail_next = None
            node.clock.wrong_ms = 0
        await asyncio.sleep(1)
        self._raise()
        for node in self.nodes.values():
            if node.running is None and not await self.start(node) and node.running is None:
                raise ViolationError("starts", f"{node.name} does not start any more: {node.refused}")
        self.trace("healed")

    def spawn(self, part: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run something beside the plan; what it finds ends the run."""
        task = self.loop.create_task(part)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def note(self, violation: ViolationError) -> None:
        """Keep the first violation; the run ends with it."""
        self.violation = self.violation or violation

    def _raise(self) -> None:
        if self.violation is not None:
            raise self.violation

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if isinstance(error, ViolationError):
            self.note(error)
        elif error is not None:
            self.note(ViolationError("no-exception", "".join(traceback.format_exception(error))))

    async def _start(self, node: SimulatedNode) -> bool:
        await node.stopped.wait()  # its folder is locked: whoever starts services waits for the end of the one before
        if node.running is not None or node.is_starting:
            return node.running is not None
        came_up: bool = await node.start()
        running = _running(node)
        if running is not None:
            self.count("starts")
            self.trace("up", node.name)
            for invariant in self.invariants:
                await invariant.on_start(node)
                running.services.database.after_commit.append(self._on_commit(invariant, node))
        else:
            self.trace("down", node.name, node.refused)
        return came_up

    def _on_commit(self, invariant: Invariant, node: SimulatedNode) -> Any:
        async def check() -> None:
            try:
                invariant.on_commit(node)
            except ViolationError as violation:
                self.note(violation)

        return check

    def _checked(self, call: Any) -> Any:
        def check(*arguments: Any) -> None:
            try:
                call(*arguments)
            except ViolationError as violation:
                self.note(violation)

        return check

    async def _link(self, dialler: SimulatedNode, listener: SimulatedNode) -> None:
        """Let both know each other; only the dialler knows the address."""
        for one, other in ((dialler, listener), (listener, dialler)):
            assert one.running is not None
            known = one.running.services.peers.get(other.network.id)
            url = f"http://unknown-{other.name}.example" if known is None else known.url
            if one is dialler:
                url = other.url
            await one.run(one.running.services.peers.add(other.network.id, url=url, name=other.name))

    def _do(self, step: Step) -> None:
        node = self.nodes.get(step.node)
        if node is None:
            return
        self.count(f"step: {step.action}")
        self.trace("step", step.action, step.node, sorted(step.fields.items()))
        if step.action in faults.ACTIONS:
            faults.ACTIONS[step.action](self, node, step)
        elif step.action == "rogue":
            rogue_acts.act(self, node, step)
        else:
            self.spawn(work.ACTIONS[step.action](self, node, step))

    async def _settle(self) -> None:
        """Wait until everything is as it must be; then hold every invariant against it.

        Raises:
            ViolationError: It is not, although nothing has been in its way for long.
        """
        await work.probe(self)
        wrong = "nothing was looked at"
        for _ in range(SETTLE_MS // LOOK_MS):
            await asyncio.sleep(LOOK_MS / 1000)
            self._raise()
            found = await settled(self)
            if found is None:
                break
            wrong = found
        else:
            raise ViolationError("I1-convergence", wrong)
        for invariant in self.invariants:
            await invariant.at_rest()
        self._raise()

    async def close(self) -> None:
        """Stop every node; nobody watches any more."""
        self._watch = None
        for task in list(self._tasks):
            task.cancel()
        for node in self.nodes.values():
            node.crash()
        await asyncio.sleep(60)


def _running(node: SimulatedNode) -> Node | None:
    return node.running


def _differs(newest: dict[str, Any], node: SimulatedNode) -> bool:
    return bool(newest["checkpoints"].seen != node.disk.files["checkpoints"].seen)


def run(plan: Plan, watch: Watch | None = None) -> Report:
    """Run a plan; give what came of it.

    Args:
        plan: What is done.
        watch: Told of everything as it happens.
    """
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    # What the collector frees closes connections, at moments that depend on what this process did before.
    gc.disable()
    gc.freeze()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The garbage collector is trying")  # a killed process closes nothing
        try:
            return _run(plan, watch)
        finally:
            gc.collect()
            gc.collect()  # what the first one had to finish before
            gc.unfreeze()
            gc.enable()
            logging.disable(before)


def _run(plan: Plan, watch: Watch | None) -> Report:
    report = Report(plan)
    began_s = time.process_time()
    loop = VirtualLoop()
    loop.set_task_factory(make_task)
    federation = Federation(plan, loop, watch)
    try:
        loop.run_until_complete(federation.run())
    except ViolationError as violation:
        report.invariant, report.violation = violation.invariant, str(violation)
    except DeadlockError as error:
        report.invariant, report.violation = "no-deadlock", str(error)
    except Exception as error:  # noqa: BLE001 - whatever goes wrong is what the run is for
        report.invariant, report.violation = "no-exception", "".join(traceback.format_exception(error))
    finally:
        warnings.simplefilter("ignore")  # a killed process closes nothing
        report.trace = federation.trace_hash
        report.virtual_ms = loop.now_ms()
        report.counts = federation.counted()
        report.events = loop.events
        try:
            loop.run_until_complete(federation.close())
        except (DeadlockError, RuntimeError):
            report.counts["closed with tasks left"] += 1
        loop.close()
    report.cpu_s = time.process_time() - began_s
    return report
