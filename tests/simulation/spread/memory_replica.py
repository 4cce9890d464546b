"""A node's feeds in memory: a small, complete twin of the Replication service, over the same Merkle code.

It checks all that makes bytes right or wrong (ids, signatures, folds, proofs, heads); it doesn't judge what records
say. Nothing waits and nothing is lost, so a simulated node is a value.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from protocol import codec, keys
from protocol.errors import Code, RemoteProtocolError
from protocol.feeds import CATALOG, TRADE, TRUST, FeedKey, Head
from protocol.gossip.batches import StoredEntry, batch_of, stored_entries
from protocol.gossip.effects import Load
from protocol.gossip.identity import Identity, identify
from protocol.gossip.messages import Batch
from protocol.merkle.checkpoint import origin_of, parse_checkpoint, sign_checkpoint
from protocol.merkle.leaf import Leaf, decode_leaf, encode_leaf
from protocol.merkle.proofs import consistency_proof, inclusion_proof, verify_consistency, verify_inclusion
from protocol.merkle.tree import Frontier, leaf_hash, node_hash
from protocol.record import Header, Record, create, decode_record, encode_record, verify_record

FEED_OF = {"agent": TRUST, "epoch": TRUST, "membership": TRUST, "order": TRADE, "event": TRADE}
"""The feed of the kinds that tests use; every other kind stands in the catalog."""


def seed_of(*names: object) -> bytes:
    """Give 32 bytes that only `names` decide: keys, salts and nonces of tests."""
    return hashlib.sha256("/".join(str(name) for name in names).encode()).digest()


@dataclass(frozen=True)
class NetworkKeys:
    """All keys of a network, made from its name."""

    name: str
    record: bytes = b""
    checkpoint: bytes = b""
    link: bytes = b""
    identity: Identity = field(init=False)

    def __post_init__(self) -> None:
        """Sign the agent and epoch records."""
        for kind in ("record", "checkpoint", "link"):
            object.__setattr__(self, kind, seed_of(self.name, kind))
        public = keys.public_of(self.record)
        listed = {"sign": public, "seal": keys.sealing_public_of(self.record)}
        agent = create(
            Header(kind="agent", author=None, key=public, home=None, created_ms=1),
            {"type": "network", "keys": [listed]},
            seed=self.record,
            salt=seed_of(self.name, "salt")[:16],
        )
        named = {
            "checkpoint": keys.public_of(self.checkpoint),
            "cosignature": keys.public_of(seed_of(self.name, "cosignature")),
            "credential": keys.public_of(seed_of(self.name, "credential")),
            "link": keys.public_of(self.link),
        }
        epoch = create(
            Header(kind="epoch", author=agent.id, key=public, home=agent.id, created_ms=1),
            {"number": 0, "keys": named, "witnesses": [], "inherited": {}},
            seed=self.record,
            salt=seed_of(self.name, "salt")[:16],
        )
        object.__setattr__(self, "identity", identify(encode_record(agent), encode_record(epoch)))

    def record_of(self, kind: str, body: Mapping[str, Any], *, to: Sequence[bytes] = (), created_ms: int = 2) -> Record:
        """Sign a record as the network itself."""
        return create(
            Header(
                kind=kind,
                author=self.identity.network,
                key=keys.public_of(self.record),
                home=self.identity.network,
                to=tuple(sorted(to)),
                created_ms=created_ms,
            ),
            body,
            seed=self.record,
            salt=seed_of(self.name, kind, created_ms)[:16],
        )


class MemoryFeed:
    """One feed: its leaves, the records that are here, and the hashes of complete subtrees by level."""

    def __init__(self) -> None:
        """Begin empty."""
        self.leaves: list[bytes] = []
        self.records: dict[int, bytes] = {}
        self.levels: list[list[bytes]] = [[]]
        self.frontier = Frontier()

    def append(self, leaf: bytes, record: bytes | None) -> None:
        """Add one leaf."""
        if record is not None:
            self.records[len(self.leaves)] = record
        self.leaves.append(leaf)
        hashed, level = leaf_hash(leaf), 0
        self.frontier.append(hashed)
        self.levels[0].append(hashed)
        while len(self.levels[level]) % 2 == 0:
            hashed = node_hash(*self.levels[level][-2:])
            level += 1
            if level == len(self.levels):
                self.levels.append([])
            self.levels[level].append(hashed)

    def copy(self) -> MemoryFeed:
        """Give an independent copy."""
        made = MemoryFeed()
        made.leaves, made.records = self.leaves[:], dict(self.records)
        made.levels, made.frontier = [level[:] for level in self.levels], self.frontier.copy()
        return made

    def subtree(self, level: int, index: int) -> bytes:
        """Give the hash of a complete subtree."""
        return self.levels[level][index]


@dataclass(frozen=True)
class Loaded:
    """A range of a feed, as the Replication service gives it."""

    start: int
    entries: list[StoredEntry]
    head: Head
    proof: list[bytes]


class MemoryReplica:
    """One node's durable state, with the methods of the Replication service, at once and without waiting."""

    def __init__(self, name: str) -> None:
        """Make the network `name` with its agent and epoch in its trust feed."""
        self.keys = NetworkKeys(name)
        self.network = self.keys.identity.network
        self.feeds: dict[FeedKey, MemoryFeed] = {}
        self.heads: dict[FeedKey, Head] = {}
        self.sizes: dict[FeedKey, int] = {}
        self.delivered: dict[bytes, bytes] = {}
        self.undelivered: dict[bytes, dict[bytes, None]] = {}
        self.identities = {self.network: self.keys.identity}
        for record in (self.keys.identity.agent_record, self.keys.identity.epoch_record):
            self.publish(decode_record(record))

    def feed(self, name: str) -> FeedKey:
        """Name one of the network's own feeds."""
        return FeedKey(self.network, name, 0)

    def publish(self, record: Record) -> FeedKey:
        """Append a record to its feed and sign the head."""
        key = self.feed(FEED_OF.get(record.header.kind, CATALOG))
        trust = self.feeds.get(self.feed(TRUST))
        data = encode_record(record)
        self._append(key, [(encode_leaf(Leaf(record.id, 0 if trust is None else len(trust.leaves))), data)])
        feed = self.feeds[key]
        root, origin = feed.frontier.root(), origin_of(key)
        note = sign_checkpoint(origin, size=len(feed.leaves), root=root, seed=self.keys.checkpoint)
        self.heads[key] = Head(key, len(feed.leaves), root, note)
        for network in record.header.to:
            if network != self.network:
                self.undelivered.setdefault(network, {})[record.id] = None
        return key

    def offer(self, number: int, text: str = "bread") -> FeedKey:
        """Publish one small offer."""
        return self.publish(self.keys.record_of("offer", {"title": f"{text} {number}"}, created_ms=number + 10))

    def load(self, feed: FeedKey, start: int, bytes_max: int, records_max: int, reader: bytes) -> Loaded | None:
        """Read a range; None where it is not here."""
        stored, head = self.feeds.get(feed), self.heads.get(feed)
        if stored is None or head is None or start > head.size:
            return None
        entries: list[StoredEntry] = []
        size = 0
        for index in range(start, min(head.size, start + records_max)):
            record = stored.records.get(index)
            if record is not None and feed.name == TRADE and reader not in decode_record(record).header.to:
                record = None
            size += len(stored.leaves[index]) + len(record or b"")
            if entries and size > bytes_max:
                break
            entries.append((stored.leaves[index], record))
        end = start + len(entries)
        proof = consistency_proof(end, head.size, stored.subtree) if 0 < end < head.size else []
        return Loaded(start, entries, head, proof)

    def ingest(
        self, feed: FeedKey, start: int, entries: Sequence[StoredEntry], note: bytes, proof: Sequence[bytes]
    ) -> int:
        """Verify and append a range; give the feed's size.

        Raises:
            RemoteProtocolError: The bytes fail.
        """
        stored = self.feeds.get(feed) or MemoryFeed()
        here = len(stored.leaves)
        if start > here or start + len(entries) <= here:
            return here
        identity = identity_of(feed, here, entries, self.identities.get(feed.network))
        fresh = entries[here - start :]
        head = check_range(stored, identity, feed, fresh, note, proof)
        self._append(feed, fresh)
        if head is not None:
            self.heads[feed] = head
        self.identities[feed.network] = identity
        return self.sizes[feed]

    def batch(self, load: Load, reader: bytes) -> Batch | None:
        """Read what a session asks to load for the network `reader`."""
        found = self.load(load.feed, load.start, load.bytes_max, load.records_max, reader)
        return None if found is None else batch_of(found.head, found.start, found.entries, found.proof)

    def take(self, batch: Batch) -> int:
        """Verify and append a batch; give the feed's size.

        Raises:
            RemoteProtocolError: The bytes fail.
        """
        return self.ingest(batch.feed, batch.start, stored_entries(batch), batch.note or b"", batch.proof)

    def bundle(self, record_id: bytes) -> bytes | None:
        """Make the bundle of an addressed record; of one that was itself delivered, the bundle that it came in."""
        if record_id in self.delivered:
            return self.delivered[record_id]
        key = self.feed(TRADE)
        feed = self.feeds[key]
        for index, data in feed.records.items():
            if decode_record(data).id == record_id:
                proof = inclusion_proof(index, len(feed.leaves), feed.subtree)
                identity = self.keys.identity
                identity_records = [identity.agent_record, identity.epoch_record]
                return codec.encode([data, feed.leaves[index], index, proof, self.heads[key].note, identity_records])
        return None

    def deliver(self, bundle: bytes) -> bytes:
        """Verify and keep a bundle; give the record's id.

        Raises:
            RemoteProtocolError: The bytes fail, or the record is not for this network.
        """
        fields = codec.decode(bundle)
        if not isinstance(fields, list) or len(fields) != 6:
            raise RemoteProtocolError(Code.MALFORMED, "a bundle is an array of 6")
        data, leaf, index, proof, note, identity_records = fields
        record = decode_record(data)
        verify_record(record)
        identity = identify(*identity_records)
        feed = FeedKey(identity.network, TRADE, identity.epoch)
        checkpoint = parse_checkpoint(note, origin=origin_of(feed), public=identity.checkpoint_key)
        if decode_leaf(leaf).record_id != record.id or record.header.home != identity.network:
            raise RemoteProtocolError(Code.BAD_ID)
        verify_inclusion(
            leaf_hash=leaf_hash(leaf), index=index, size=checkpoint.size, proof=proof, root=checkpoint.root
        )
        if self.network not in record.header.to:
            raise RemoteProtocolError(Code.NOT_ALLOWED, "the record is not addressed to this network")
        if record.id not in self.delivered:
            self.delivered[record.id] = bundle
            for network in record.header.to:
                if network not in {self.network, identity.network}:
                    self.undelivered.setdefault(network, {})[record.id] = None
        return record.id

    def outbox(self, network: bytes) -> list[bytes]:
        """List the records that `network` has not acknowledged."""
        return list(self.undelivered.get(network, ()))

    def acknowledged(self, network: bytes, record_ids: Sequence[bytes]) -> None:
        """Cross records off the outbox of `network`."""
        for record_id in record_ids:
            self.undelivered.get(network, {}).pop(record_id, None)

    def _append(self, feed: FeedKey, entries: Iterable[StoredEntry]) -> None:
        stored = self.feeds.setdefault(feed, MemoryFeed())
        for leaf, record in entries:
            stored.append(leaf, record)
        self.sizes[feed] = len(stored.leaves)


def identity_of(feed: FeedKey, here: int, entries: Sequence[StoredEntry], known: Identity | None) -> Identity:
    """Say whose keys sign the heads of `feed`.

    Args:
        feed: Which feed.
        here: How many of its leaves are here.
        entries: What comes; the beginning of a trust feed proves the network itself.
        known: What is known of the network so far.

    Raises:
        RemoteProtocolError: `unknown_author`, or `bad_identity`.
    """
    if feed.name == TRUST and here == 0:
        first = [record or b"" for _, record in entries[:2]]
        known = identify(*first) if len(first) == 2 else None
    if known is None or known.network != feed.network:
        raise RemoteProtocolError(Code.UNKNOWN_AUTHOR, "the keys of the feed's network are not here")
    return known


def check_range(
    stored: MemoryFeed,
    identity: Identity,
    feed: FeedKey,
    fresh: Sequence[StoredEntry],
    note: bytes,
    proof: Sequence[bytes],
) -> Head | None:
    """Check all that makes the bytes of a range right or wrong; a function of its arguments alone.

    Args:
        stored: The feed as it is here.
        identity: Whose keys sign its heads.
        feed: Which feed.
        fresh: What follows upon it.
        note: The signed head.
        proof: Consistency from the end of `fresh` to the head.

    Returns:
        The head, where the range reaches it.

    Raises:
        RemoteProtocolError: The bytes fail.
    """
    checkpoint = parse_checkpoint(note, origin=origin_of(feed), public=identity.checkpoint_key)
    for leaf, data in fresh:
        if data is not None:
            record = decode_record(data)
            verify_record(record)
            if record.id != decode_leaf(leaf).record_id:
                raise RemoteProtocolError(Code.BAD_ID)
    frontier = stored.frontier.copy()
    for leaf, _ in fresh:
        frontier.append(leaf_hash(leaf))
    if frontier.size == checkpoint.size and frontier.root() != checkpoint.root:
        raise RemoteProtocolError(Code.BAD_ROOT)
    verify_consistency(
        old_size=frontier.size,
        old_root=frontier.root(),
        new_size=checkpoint.size,
        new_root=checkpoint.root,
        proof=list(proof),
    )
    is_reached = frontier.size == checkpoint.size
    return Head(feed, checkpoint.size, checkpoint.root, note) if is_reached else None
