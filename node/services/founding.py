"""Founding a network: the first records of its own feeds.

Leaf 0 of the trust feed is the network's `agent` (record keys and recovery keys), leaf 1 its first `epoch`, and leaf 0
of the catalog its profile. All three are made and signed here, in one transaction.

Source: DESIGN section 3; docs/concepts/feeds.md.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from node.services.intake import Arrivals, Entrance, store_judged
from node.services.knowledge import Knowledge, Standing
from node.store import meta
from node.store.database import Connection, Database
from node.store.feeds import FeedStore, NewLeaf
from node.store.records import VALID
from protocol import keys
from protocol.errors import StorageError
from protocol.feeds import CATALOG, TRUST, FeedKey
from protocol.limits import SALT_BYTES
from protocol.merkle.leaf import Leaf, encode_leaf
from protocol.record import Header, Record, create, encode_record


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkSeeds:
    """The secret keys that a network begins with, and the public half of the printed recovery secret.

    Attributes:
        record: Signs the network's records, 32 bytes.
        record_sealing: Opens what is sealed for the network, 32 bytes.
        checkpoint: Signs heads.
        cosignature: Signs other networks' heads.
        credential: Signs exported credentials.
        link: Signs AUTH of links.
        recovery_sign: Public signing key of the recovery secret.
        recovery_seal: Public sealing key of the recovery secret.
    """

    record: bytes
    record_sealing: bytes
    checkpoint: bytes
    cosignature: bytes
    credential: bytes
    link: bytes
    recovery_sign: bytes
    recovery_seal: bytes


async def found_network(
    database: Database, feeds: FeedStore, *, trust: list[Record], catalog: list[Record], checkpoint_seed: bytes
) -> bytes:
    """Make a network in an empty data folder out of signed records, and sign heads for it from now on.

    Args:
        database: Without a network.
        feeds: Of that database.
        trust: The network's `agent` and `epoch`.
        catalog: Its profile, if there is one already.
        checkpoint_seed: The secret half of the epoch's checkpoint key, 32 bytes.

    Returns:
        The network's id, 32 bytes.

    Raises:
        StorageError: The folder has a network already, or a record breaks a rule.
    """
    home = trust[0].id

    async def job(connection: Connection) -> None:
        if await meta.get(connection, meta.HOME) is not None:
            raise StorageError("this folder has a network already")
        await meta.put(connection, meta.HOME, home)
        knowledge = Knowledge()
        await _append(connection, feeds, knowledge, FeedKey(home, TRUST, 0), trust)
        knowledge.trust_sizes[home] = len(trust)
        await _append(connection, feeds, knowledge, FeedKey(home, CATALOG, 0), catalog)

    before = feeds.home
    feeds.sign_as(home=home, epoch=0, seed=checkpoint_seed)
    try:
        await database.write(job)
    except BaseException:
        feeds.home = before
        raise
    return home


def first_records(
    seeds: NetworkSeeds, profile: Mapping[str, Any], now_ms: int, random_bytes: Callable[[int], bytes]
) -> tuple[list[Record], list[Record]]:
    """Make and sign the first records of a network.

    Args:
        seeds: The secret keys.
        profile: The body of its profile, without `agent`.
        now_ms: The records' time.
        random_bytes: Gives salts.

    Returns:
        Those of the trust feed (agent, epoch), the first of which has the network's id, and of the catalog (profile).

    Raises:
        LocalProtocolError: A key or the profile can't be encoded.
    """
    public = keys.public_of(seeds.record)

    def signed(kind: str, home: bytes | None, body: Mapping[str, Any]) -> Record:
        header = Header(kind=kind, author=home, key=public, home=home, created_ms=now_ms)
        return create(header, body, seed=seeds.record, salt=random_bytes(SALT_BYTES))

    agent = signed(
        "agent",
        None,
        {
            "type": "network",
            "keys": [{"sign": public, "seal": keys.sealing_public_of(seeds.record_sealing)}],
            "recovery": {"sign": seeds.recovery_sign, "seal": seeds.recovery_seal},
        },
    )
    names = ("checkpoint", "cosignature", "credential", "link")
    epoch_body = {
        "number": 0,
        "keys": {name: keys.public_of(getattr(seeds, name)) for name in names},
        "witnesses": [],
        "inherited": {},
    }
    epoch = signed("epoch", agent.id, epoch_body)
    return [agent, epoch], [signed("profile", agent.id, {**profile, "agent": agent.id})]


async def _append(
    connection: Connection, feeds: FeedStore, knowledge: Knowledge, key: FeedKey, items: list[Record]
) -> None:
    await knowledge.load(connection, ((record, key.network) for record in items))
    judged = []
    leaves = []
    for index, record in enumerate(items):
        keys_at = index if key.name == TRUST else knowledge.trust_sizes.get(key.network, 0)
        standing = Standing(record=record, data=encode_record(record), feed=key, index=index, keys_at=keys_at)
        verdict = knowledge.judge(standing)
        if verdict.state != VALID or verdict.refusal is not None:
            message = verdict.refusal.message if verdict.refusal else "it waits for something"
            raise StorageError(f"the network's {record.header.kind} can't be made: {message}")
        knowledge.settle(standing, verdict)
        judged.append((standing, verdict))
        leaves.append(NewLeaf(record.id, True, encode_leaf(Leaf(record.id, keys_at))))
    await feeds.append(connection, key, leaves)
    state = await feeds.ensure(connection, key)
    rows = [(Entrance(standing, state.sequence), verdict) for standing, verdict in judged]
    await store_judged(connection, knowledge, rows, Arrivals())
