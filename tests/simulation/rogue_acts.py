"""What a rogue does to a node, each kind under its name; a step's `number` decides the rest.

To add one, write it here, add it to `ACTS`, and `tests.simulation.plan` draws it.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from node.links.peers import host_of
from protocol.bundle import Bundle, encode_bundle
from protocol.errors import MutiraoError
from protocol.feeds import CATALOG, TRADE, TRUST, FeedKey
from protocol.gossip.heads import FOLLOW_ALL
from protocol.gossip.messages import Auth, Deliver, HeadEntry
from protocol.limits import DELIVERIES_IN_FLIGHT_MAX
from protocol.record import decode_record
from tests.builders import Network, named
from tests.simulation import rogue_floods
from tests.simulation.journal import ViolationError
from tests.simulation.node import SimulatedNode, network_of
from tests.simulation.plan import Step
from tests.simulation.rogue import Rogue
from tests.simulation.rogue_distortions import distortion
from tests.simulation.rogue_history import FACES, History, history_of, odd_history, order_to

if TYPE_CHECKING:
    from tests.simulation.federation import Federation

Fields = dict[str, Any]
Act = Callable[[Rogue, SimulatedNode, Fields], Awaitable[None]]

SYBILS = 3
"""Networks without a node that it carries."""


def act(federation: Federation, node: SimulatedNode, step: Step) -> None:
    """Have a rogue do something to a node, which has it on its list of peers."""
    name, kind = step.fields["name"], step.fields["kind"]
    rogue = federation.rogues.get(name)
    if rogue is None:
        rogue = federation.rogues[name] = Rogue(federation, name)
    federation.count(f"rogue: {kind}")

    async def begin() -> None:
        await rogue.admit(node, is_dialled=step.fields["dialled"])
        try:
            await ACTS[kind](rogue, node, step.fields)
        except MutiraoError:
            federation.count("rogues that could not go on")

    rogue.spawn(begin())


def _others(rogue: Rogue, node: SimulatedNode) -> tuple[str, ...]:
    return tuple(name for name in rogue.federation.nodes if name != node.name)


async def _equivocate(rogue: Rogue, node: SimulatedNode, fields: Fields) -> None:
    """Show this node one face of its feeds; the next may see another."""
    rogue.faces[node.name] = history_of(rogue.name, FACES[fields["number"] % len(FACES)])
    talk = await rogue.open(node)
    if talk is not None and await talk.tell():
        await talk.serve()


async def _stale(rogue: Rogue, node: SimulatedNode, fields: Fields) -> None:
    """Tell a long head, then a shorter one, then another length of another face."""
    talk = await rogue.open(node)
    if talk is None or not await talk.tell():
        return
    await talk.listen_for(2)
    chance = random.Random(fields["number"])
    for _ in range(3):
        talk.sizes = {name: chance.randint(1, talk.history.size(name)) for name in talk.history.feeds}
        if not await talk.tell():
            return
        await talk.listen_for(1)
        talk.history, talk.sizes = history_of(rogue.name, chance.choice(FACES[:3])), {}
    await talk.tell()
    await talk.serve()


async def _odd(rogue: Rogue, node: SimulatedNode, fields: Fields) -> None:
    """Publish records that are void, wait for ever, belong to others, or must not be taken at all."""
    rogue.faces[node.name] = odd_history(rogue.name, fields["number"], tuple(rogue.federation.nodes))
    talk = await rogue.open(node)
    if talk is not None and await talk.tell():
        await talk.serve()


async def _live(rogue: Rogue, node: SimulatedNode, fields: Fields) -> None:
    """Send ranges that nobody asked for, some with gaps, some again, some of other faces."""
    talk = await rogue.open(node)
    if talk is None or not await talk.send(FOLLOW_ALL):
        return
    chance = random.Random(fields["number"])
    for _ in range(12):
        history = history_of(rogue.name, chance.choice(FACES[:3]))
        name = chance.choice((TRUST, CATALOG))
        size = chance.randint(1, history.size(name))
        start = chance.randrange(size)
        batch = history.batch(name, start, chance.randint(1, 8), size)
        if not await talk.send(batch):
            return
        await talk.listen_for(chance.choice((0.01, 0.3)))
    await talk.serve()


async def _forge(rogue: Rogue, node: SimulatedNode, fields: Fields) -> None:
    """Answer GETs for its own feeds with ranges that aren't what the head signs."""
    talk = await rogue.open(node)
    if talk is None:
        return
    talk.distort = distortion(fields["number"])
    if await talk.tell():
        await talk.serve()


async def _relay(rogue: Rogue, node: SimulatedNode, fields: Fields) -> None:
    """Learn the feeds of others, tell more of them than there is, and pass them on altered."""
    talk = await rogue.open(node)
    if talk is None or not await talk.send(FOLLOW_ALL):
        return
    await talk.listen_for(0.5)
    for feed in sorted(talk.heard):
        if feed.network != rogue.network.id and feed not in rogue.learned:
            await talk.get(feed)
            await talk.listen_for(0.3)
    talk.distort = distortion(fields["number"])
    extra = fields["number"] % 3
    told = sorted({**talk.heard, **{feed: batch.head_size for feed, batch in rogue.learned.items()}}.items())
    entries = [HeadEntry(feed, size + extra, named("root")) for feed, size in told if feed.network != rogue.network.id]
    if await talk.tell(tuple(entries)):
        await talk.serve()


async def _claims(rogue: Rogue, node: SimulatedNode, _fields: Fields) -> None:
    """Tell more leaves of everybody's feeds than there are, and never answer for them."""
    talk = await rogue.open(node)
    if talk is None:
        return
    talk.distort = lambda _batch: ()
    networks = [network_of(name).id for name in rogue.federation.nodes]
    entries = [HeadEntry(FeedKey(network, name, 0), 10_000, named("x")) for network in networks for name in _TOLD]
    if await talk.tell(tuple(entries)):
        await talk.serve()


_TOLD = (TRUST, CATALOG, TRADE)


async def _deliver(rogue: Rogue, node: SimulatedNode, fields: Fields) -> None:
    """Send bundles: a right one, and others whose proof, receiver, home or keys are wrong."""
    chance = random.Random(fields["number"])
    history = History(rogue.network, keys=f"{rogue.name} other" if chance.random() < 0.3 else rogue.name)
    ana = rogue.network.member(f"{rogue.name} ana")
    history.add(ana)
    history.add(rogue.network.membership(ana.id))
    other = network_of(chance.choice(_others(rogue, node)))
    bundles = [
        _bundle(history, (node.network, other), fields["number"]),
        _bundle(history, (node.network,), fields["number"] + 1),
    ]
    if chance.random() < 0.6:
        bundles.append(_broken(chance, _bundle(history, (node.network,), fields["number"] + 2), history, other))
    talk = await rogue.open(node)
    if talk is None:
        return
    for bundle in bundles:
        if not await talk.send(Deliver(encode_bundle(bundle))):
            return
    if chance.random() < 0.2:
        for _ in range(DELIVERIES_IN_FLIGHT_MAX + 1):
            await talk.send(Deliver(encode_bundle(bundles[0])))
    await talk.serve()


def _bundle(history: History, receivers: tuple[Network, ...], number: int) -> Bundle:
    record = order_to(history, receivers, number % (1 << 31))
    network = history.network
    epoch = next(data for index, data in history.feeds[TRUST].records.items() if index == 1)
    agents = (network.agent, decode_record(epoch), network.member(f"{network.name} ana"))
    return history.bundle(record, agents=agents)


def _broken(chance: random.Random, bundle: Bundle, history: History, other: Network) -> Bundle:
    match chance.randrange(5):
        case 0:
            return replace(bundle, proof=(*bundle.proof[:-1], named("no hash")))
        case 1:
            return replace(bundle, index=bundle.index + 1)
        case 2:
            return replace(bundle, agents=(other.agent, other.epoch))
        case 3:
            return _bundle(history, (other,), 7)
        case _:
            return replace(bundle, note=bundle.note[:-8] + b"AAAAAA=\n")


async def _impersonate(rogue: Rogue, node: SimulatedNode, fields: Fields) -> None:
    """Say HELLO with the records of an honest network, which are public, and sign with a key of its own.

    Raises:
        ViolationError: The node believes it.
    """
    talk = await rogue.dial(node)
    if talk is None:
        return
    others = _others(rogue, node)
    victim = History(network_of(others[fields["number"] % len(others)]), keys=others[fields["number"] % len(others)])
    own = replace(talk.own(), identity=victim.identity)
    if await talk.shake_hands(host_of(node.url), own=own):
        raise ViolationError("impersonation", f"{node.name} took a rogue for {victim.network.name}")
    await talk.send(Auth("x", bytes(64)))
    await talk.close()


async def _sybils(rogue: Rogue, node: SimulatedNode, fields: Fields) -> None:
    """Carry networks that nobody runs, and first epochs of itself that never were."""
    talk = await rogue.open(node)
    if talk is None:
        return
    carried = [history_of(f"y{(fields['number'] + at) % 8:02}", "a") for at in range(SYBILS)]
    entries: list[HeadEntry] = []
    for history in carried:
        for name in history.feeds:
            head = history.head(name)
            entries.append(HeadEntry(head.feed, head.size, head.root))
            rogue.learned[head.feed] = history.batch(name, 0, 1024)
    if await talk.tell(tuple(entries)):
        await talk.serve()


ACTS: dict[str, Act] = {
    "equivocate": _equivocate,
    "stale": _stale,
    "odd": _odd,
    "live": _live,
    "forge": _forge,
    "relay": _relay,
    "claims": _claims,
    "deliver": _deliver,
    "gets": rogue_floods.gets,
    "heads": rogue_floods.heads,
    "pings": rogue_floods.pings,
    "connections": rogue_floods.connections,
    "garbage": rogue_floods.garbage,
    "mute": rogue_floods.mute,
    "impersonate": _impersonate,
    "sybils": _sybils,
}
"""Every kind of misbehaviour, by name."""
