"""Feeds and their heads.

A network's node keeps one append-only Merkle log per feed. A feed is named by network, name and epoch; its head is
the signed note of its newest size and root.

Source: spec/05-merkle; DESIGN of feeds in docs/concepts/feeds.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from protocol.errors import Code, RemoteProtocolError
from protocol.units import INTEGER_MAX

TRUST = "trust"
CATALOG = "catalog"
TRADE = "trade"
SETTLEMENT = "settlement"
LEDGER = "ledger"

FEED_NAMES = (TRUST, CATALOG, TRADE, SETTLEMENT, LEDGER)
"""All feeds of a network; trust first, since it holds the keys that the others are read with."""

PUBLIC_FEED_NAMES = (TRUST, CATALOG, TRADE, SETTLEMENT)
"""The feeds that peers may follow; the ledger is private."""


class FeedKey(NamedTuple):
    """Which feed: the network's 32-byte agent id, a name of `FEED_NAMES`, and the epoch's number from 0."""

    network: bytes
    name: str
    epoch: int


@dataclass(frozen=True, slots=True)
class Head:
    """The newest signed size and root of a feed.

    Attributes:
        feed: Which feed.
        size: Number of leaves.
        root: 32 bytes, RFC 6962 tree hash.
        note: The signed note (C2SP tlog-checkpoint).
    """

    feed: FeedKey
    size: int
    root: bytes
    note: bytes


def feed_from_fields(network: object, name: object, epoch: object) -> FeedKey:
    """Check the three fields of a feed's name as a peer sends them.

    Raises:
        RemoteProtocolError: `wrong_type`.
    """
    if type(network) is not bytes or len(network) != 32:
        raise RemoteProtocolError(Code.WRONG_TYPE, "a feed's network is 32 bytes")
    if type(name) is not str or name not in FEED_NAMES:
        raise RemoteProtocolError(Code.WRONG_TYPE, f"a feed's name is one of {', '.join(FEED_NAMES)}")
    if type(epoch) is not int or not 0 <= epoch <= INTEGER_MAX:
        raise RemoteProtocolError(Code.WRONG_TYPE, "a feed's epoch is an integer from 0")
    return FeedKey(network, name, epoch)
