"""The faults that a plan can ask for, each under its name: roads, machines, disks, clocks, old copies.

A fault is a function of the federation and its step. To add one, write it here, add it to `ACTIONS`, and let
`tests.simulation.plan` draw it. What came of it is counted as `fault: …` where it happens. Every fault ends by itself:
`Federation.heal` takes all of them back.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tests.simulation.disk import Effect
from tests.simulation.network import Road
from tests.simulation.node import SimulatedNode
from tests.simulation.plan import Step

if TYPE_CHECKING:
    from tests.simulation.federation import Federation

Action = Callable[["Federation", SimulatedNode, Step], None]

REPLAYED_MAX = 32
"""Frames of a road that are remembered to be sent again."""

HANDSHAKE_FRAMES = 4
"""After so many frames of a connection a silent peer says nothing more."""


def _road(federation: Federation, node: SimulatedNode, step: Step) -> Road:
    return federation.roads.road(node.name, step.fields["to"])


def _loss(federation: Federation, node: SimulatedNode, step: Step) -> None:
    _road(federation, node, step).loss = step.fields["value"]


def _duplicates(federation: Federation, node: SimulatedNode, step: Step) -> None:
    _road(federation, node, step).duplicates = step.fields["value"]


def _reordering(federation: Federation, node: SimulatedNode, step: Step) -> None:
    _road(federation, node, step).reordering = step.fields["value"]


def _latency(federation: Federation, node: SimulatedNode, step: Step) -> None:
    _road(federation, node, step).latency_ms = step.fields["value"] or 40
    federation.count("fault: roads slowed", int(bool(step.fields["value"])))


def _one_way(federation: Federation, node: SimulatedNode, step: Step) -> None:
    _road(federation, node, step).is_blocked = bool(step.fields["value"])


def _clog(federation: Federation, node: SimulatedNode, step: Step) -> None:
    road = _road(federation, node, step)
    if step.fields["value"]:
        road.is_clogged = True
    else:
        federation.roads.clear(road)


def _alter(federation: Federation, node: SimulatedNode, step: Step) -> None:
    """Let a node's frames arrive with one bit turned, as from a peer that lies or a wire that fails."""
    share, target = step.fields["value"], step.fields["to"]

    def alter(data: bytes, number: int) -> list[bytes]:
        if federation.chance.unit("alter", node.name, target, number) >= share:
            return [data]
        federation.count("fault: frames altered")
        at = federation.chance.below(len(data) * 8, "bit", node.name, target, number)
        changed = bytearray(data)
        changed[at // 8] ^= 1 << (at % 8)
        return [bytes(changed)]

    _road(federation, node, step).alter = alter if share else None


def _replay(federation: Federation, node: SimulatedNode, step: Step) -> None:
    """Let old frames of a node, also of earlier connections, arrive again behind new ones."""
    share, target = step.fields["value"], step.fields["to"]
    seen: list[bytes] = []

    def replay(data: bytes, number: int) -> list[bytes]:
        seen.append(data)
        del seen[:-REPLAYED_MAX]
        if federation.chance.unit("replay", node.name, target, number, len(seen)) >= share:
            return [data]
        federation.count("fault: frames replayed")
        return [data, seen[federation.chance.below(len(seen), "which", node.name, target, number)]]

    _road(federation, node, step).alter = replay if share else None


def _silence(federation: Federation, node: SimulatedNode, step: Step) -> None:
    """Let a node say nothing more after the handshake, while its connections stay."""

    def drop(data: bytes, number: int) -> list[bytes]:
        if number <= HANDSHAKE_FRAMES:
            return [data]
        federation.count("fault: frames kept silent")
        return []

    _road(federation, node, step).alter = drop if step.fields["value"] else None


def _partition(federation: Federation, _node: SimulatedNode, step: Step) -> None:
    _between(federation, step, is_blocked=True)


def _heal(federation: Federation, _node: SimulatedNode, step: Step) -> None:
    _between(federation, step, is_blocked=False)


def _between(federation: Federation, step: Step, *, is_blocked: bool) -> None:
    group = [name for name in step.fields["group"] if name in federation.nodes]
    for inside in group:
        for outside in federation.nodes:
            if outside not in group:
                federation.roads.road(inside, outside).is_blocked = is_blocked
                federation.roads.road(outside, inside).is_blocked = is_blocked


def _crash(_federation: Federation, node: SimulatedNode, step: Step) -> None:
    node.crash(power=step.fields["power"])


def _crash_at(_federation: Federation, node: SimulatedNode, step: Step) -> None:
    node.crash_at = node.effects + step.fields["effects"]
    node.is_power_loss = step.fields["power"]


def _start(federation: Federation, node: SimulatedNode, _step: Step) -> None:
    federation.start(node)


def _stop(federation: Federation, node: SimulatedNode, _step: Step) -> None:
    if node.running is not None:
        federation.count("fault: nodes stopped")
        node.run(node.stop())


def _full(_federation: Federation, node: SimulatedNode, step: Step) -> None:
    room = step.fields["room"]
    node.disk.room_bytes = None if room < 0 else node.disk.used_bytes() + room


def _failing(_federation: Federation, node: SimulatedNode, step: Step) -> None:
    node.disk.fail_next = Effect(step.fields["effect"])


def _clock(federation: Federation, node: SimulatedNode, step: Step) -> None:
    node.clock.wrong_ms = step.fields["wrong_ms"]
    federation.count("fault: clocks set wrong", int(bool(step.fields["wrong_ms"])))


def _backup(_federation: Federation, node: SimulatedNode, _step: Step) -> None:
    node.backup = node.disk.image()


def _restore(federation: Federation, node: SimulatedNode, step: Step) -> None:
    federation.restore(node, whole=step.fields["whole"])


ACTIONS: dict[str, Action] = {
    "loss": _loss,
    "duplicates": _duplicates,
    "reordering": _reordering,
    "latency": _latency,
    "one_way": _one_way,
    "clog": _clog,
    "alter": _alter,
    "replay": _replay,
    "silence": _silence,
    "partition": _partition,
    "heal": _heal,
    "crash": _crash,
    "crash_at": _crash_at,
    "start": _start,
    "stop": _stop,
    "full": _full,
    "failing": _failing,
    "clock": _clock,
    "backup": _backup,
    "restore": _restore,
}
