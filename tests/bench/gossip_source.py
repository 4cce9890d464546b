"""The other end of the ingest benchmark: a network in memory that serves its feeds, in a process of its own.

    python -m tests.bench.gossip_source RECORDS

prints one JSON line with its address and ends with its input. Its records depend on their number alone, so that the
measuring process knows them too.
"""

from __future__ import annotations

import asyncio
import json
import sys
from functools import cache

from protocol import keys
from protocol.feeds import CATALOG, TRUST, Head
from protocol.merkle.checkpoint import origin_of, sign_checkpoint
from protocol.merkle.leaf import Leaf, encode_leaf
from protocol.record import Header, Record, create, encode_record
from tests.node.links.loopback import LoopbackNode, peer_of
from tests.simulation.spread.memory_replica import MemoryReplica, NetworkKeys, seed_of

MEMBERS = 200
RECEIVER = "recebedora"
"""Name of the network that measures."""

_ABOUT = (
    "Pão de fermentação natural, farinha do moinho da serra, sem conservantes. Retirada na feira de sábado ou entrega "
    "de bicicleta no bairro; aceitamos metade em crédito da rede."
)


@cache
def members() -> list[tuple[bytes, Record]]:
    """Give seed and first record of each member."""
    source = NetworkKeys("fonte")
    found = []
    for number in range(MEMBERS):
        seed = seed_of("member", number)
        body = {
            "type": "enterprise",
            "keys": [{"sign": keys.public_of(seed), "seal": keys.sealing_public_of(seed_of("seal", number))}],
        }
        home = source.identity.network
        header = Header(kind="agent", author=None, key=keys.public_of(seed), home=home, created_ms=number + 1)
        found.append((seed, create(header, body, seed=seed, salt=seed_of("salt", number)[:16])))
    return found


def offers(count: int) -> list[Record]:
    """Give signed offers of the members in turn, of the size that real ones have."""
    network = NetworkKeys("fonte").identity.network
    people = members()
    made = []
    for number in range(count):
        seed, agent = people[number % MEMBERS]
        header = Header(
            kind="offer", author=agent.id, key=agent.header.key, home=network, created_ms=1_795_000_000_000 + number
        )
        body = {
            "title": f"Pão caseiro número {number}",
            "category": "bread",
            "about": _ABOUT,
            "measure": "KGM",
            "price": [{"unit": "BRL", "amount": 500 + number % 1000}],
            "per": 1000,
        }
        made.append(create(header, body, seed=seed, salt=seed_of("offer", number)[:16]))
    return made


def filled(count: int) -> MemoryReplica:
    """Give the network with its members in the trust feed and `count` offers in the catalog."""
    replica = MemoryReplica("fonte")
    for number, (_, agent) in enumerate(members()):
        body = {"agent": agent.id, "roles": ["member"], "state": "active"}
        replica.publish(agent)
        replica.publish(replica.keys.record_of("membership", body, created_ms=number + 1))
    trust_size = replica.sizes[replica.feed(TRUST)]
    feed = replica.feed(CATALOG)
    replica._append(feed, [(encode_leaf(Leaf(item.id, trust_size)), encode_record(item)) for item in offers(count)])
    root, size = replica.feeds[feed].frontier.root(), replica.sizes[feed]
    note = sign_checkpoint(origin_of(feed), size=size, root=root, seed=replica.keys.checkpoint)
    replica.heads[feed] = Head(feed, size, root, note)
    return replica


async def serve(count: int) -> None:
    """Serve until the input ends."""
    node = LoopbackNode("fonte")
    node.replica.memory = filled(count)
    await node.start()
    receiver = NetworkKeys(RECEIVER).identity.network
    node.links.set_peers([peer_of(receiver)])
    print(json.dumps({"url": node.url}), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await node.stop()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
