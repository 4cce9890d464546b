"""How a rogue wears a node out: more of everything than anybody needs, bytes that are no message, and silence."""

from __future__ import annotations

import asyncio
import random
from typing import Any

from node.links.peers import host_of
from protocol.feeds import TRUST, FeedKey
from protocol.gossip.handshake import Handshake
from protocol.gossip.heads import FOLLOW_ALL
from protocol.gossip.messages import Delivered, Follow, Get, HeadEntry, Heads, Message, Ping
from protocol.gossip.wire import encode_message
from protocol.limits import HEADS_MAX
from tests.builders import named
from tests.simulation.node import SimulatedNode
from tests.simulation.rogue import Rogue

Fields = dict[str, Any]

CONNECTIONS = 40
"""Connections that a rogue opens at once."""

ROUNDS = 120
"""Times that it asks; what it would have to read then is more than a node may keep for it."""

HEADS_FRAMES = 2
"""Frames full of heads that it sends."""


async def gets(rogue: Rogue, node: SimulatedNode, fields: Fields) -> None:
    """Ask for everything again and again, more at once than is allowed, and read none of it."""
    talk = await rogue.open(node)
    if talk is None or not await talk.send(FOLLOW_ALL):
        return
    feed = FeedKey(node.network.id, TRUST, 0)
    at_once = fields["number"] % 6 + 1
    for _ in range(ROUNDS):
        for _ in range(at_once):
            if not await talk.get(feed):
                return
        await asyncio.sleep(0.05)
    await asyncio.sleep(60)
    await talk.close()


async def heads(rogue: Rogue, node: SimulatedNode, fields: Fields) -> None:
    """Tell of thousands of feeds: own ones of epochs to come, the node's own, or those of networks that don't exist."""
    talk = await rogue.open(node)
    if talk is None:
        return
    number = fields["number"]
    networks = (rogue.network.id, node.network.id, named(f"nobody {number}"))
    network = networks[number % 3]
    is_full = bool(number & 1)
    for frame in range(HEADS_FRAMES):
        first = frame * HEADS_MAX
        entries = (HeadEntry(FeedKey(network, TRUST, first + at), 1 + at, named("h")) for at in range(HEADS_MAX))
        if not await talk.send(Heads(is_full, tuple(entries))):
            return
        await talk.listen_for(0.2)
    await talk.serve()


async def pings(rogue: Rogue, node: SimulatedNode, fields: Fields) -> None:
    """Ask whether the node lives, hundreds of times; answer what was never asked; follow and follow again."""
    talk = await rogue.open(node)
    if talk is None or not await talk.tell():
        return
    for number in range(200):
        message: Message = Ping(number, bool(number & 1), bytes(8))
        if number % 10 == 9:
            message = Follow(((None, frozenset({TRUST})),)) if fields["number"] & 1 else FOLLOW_ALL
        elif number % 10 == 5:
            message = Delivered((named(f"{number}"),))
        if not await talk.send(message):
            return
    await talk.serve()


async def connections(rogue: Rogue, node: SimulatedNode, fields: Fields) -> None:
    """Open many connections at once: some say nothing, some say HELLO, some go all the way."""
    chance = random.Random(fields["number"])
    talks = [talk for talk in [await rogue.dial(node) for _ in range(CONNECTIONS)] if talk is not None]
    for talk in talks:
        match chance.randrange(4):
            case 0:
                await talk.send(Handshake(talk.own(), nonce=rogue.nonce(), host="x", expected=None).hello())
            case 1:
                await talk.shake_hands(host_of(node.url))
            case 2:
                await talk.send(Get(request=0, feed=FeedKey(named("x"), TRUST, 0), start=0, records_max=1, bytes_max=1))
    await asyncio.sleep(chance.choice((1, 20)))
    for talk in talks:
        await talk.close()


async def garbage(rogue: Rogue, node: SimulatedNode, fields: Fields) -> None:
    """Send bytes that are no message, before or after the handshake."""
    talk = await rogue.dial(node)
    chance = random.Random(fields["number"])
    if talk is None or (chance.random() < 0.6 and not await talk.shake_hands(host_of(node.url))):
        return
    whole = encode_message(Heads(True, talk.entries()))
    made = (chance.randbytes(40), whole[:-3], b"", whole + b"\xc0", b"\x9f" * 300_000, b"\x94\x04\xc3")
    for _ in range(3):
        if not await talk.send_bytes(chance.choice(made)):
            return
    await talk.serve()


async def mute(rogue: Rogue, node: SimulatedNode, fields: Fields) -> None:
    """Stop in the middle: before HELLO, before AUTH, or right behind it; or not answer who dials."""
    number = fields["number"] % 4
    if number == 3:
        rogue.is_silent = True
        await asyncio.sleep(20)
        rogue.is_silent = False
        return
    talk = await rogue.dial(node)
    if talk is None:
        return
    if number == 1:
        await talk.send(Handshake(talk.own(), nonce=rogue.nonce(), host="x", expected=None).hello())
    elif number == 2:
        await talk.shake_hands(host_of(node.url))
    while await talk.receive() is not None:
        pass
