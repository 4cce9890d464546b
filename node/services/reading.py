"""Who may read a record: public ones anybody, addressed ones their parties, ledger instructions their sides and roles.

A trade record goes to the networks that it names; inside them it is shown to its author, to the buyer and the seller
of the order that it is about, and to the network's operator. To everybody else it doesn't exist.
Source: DESIGN section 10; docs/spec/08-http.md section 5.

Tests: tests/node/api/test_access.py
"""

from __future__ import annotations

from dataclasses import dataclass

from node.services.sessions import Session
from node.store import records
from node.store.database import Connection, Database
from node.store.feeds import FeedStore
from node.store.records import StoredRecord
from protocol.errors import Code, RemoteProtocolError
from protocol.feeds import LEDGER
from protocol.kinds import feed_of
from protocol.ledger import read_instruction, rules_of
from protocol.record import Part, Record, decode_record, encode_record

ABOUT_MAX = 2
"""Steps from an instruction to what it is about: a consent to a decision about a hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A record that the reader may see.

    Attributes:
        row: As it is stored.
        record: Decoded.
        feed: Name of the feed that it stands in; None where that feed isn't followed here.
    """

    row: StoredRecord
    record: Record
    feed: str | None

    @property
    def public_data(self) -> bytes:
        """The signed bytes with the sealed part's hash in its place; they verify like the whole record."""
        return without_sealed(self.row.data)


class Reading:
    """Gives records to those who may read them."""

    def __init__(self, database: Database, feeds: FeedStore) -> None:
        """Read from a database."""
        self._database = database
        self._feeds = feeds

    async def find(self, record_id: bytes, session: Session | None) -> Shown:
        """Give a record.

        Args:
            record_id: 32 bytes.
            session: Who asks; None for a stranger.

        Raises:
            RemoteProtocolError: `not_found`, also where the reader may not see it.
        """
        async with self._database.read() as connection:
            row = await records.find_one(connection, record_id)
            if row is not None:
                record = decode_record(row.data)
                if await self._may_read(connection, record, session):
                    key = None if row.feed is None else await self._feeds.key_of(connection, row.feed)
                    return Shown(row=row, record=record, feed=None if key is None else key.name)
        raise RemoteProtocolError(Code.NOT_FOUND, "no record of this id is here for this reader")

    async def _may_read(self, connection: Connection, record: Record, session: Session | None) -> bool:
        header = record.header
        is_private = feed_of(header.kind) == LEDGER
        if not header.to and not is_private:
            return True
        if session is None:
            return False
        if session.agent == header.author or (session.reads_ledger if is_private else session.is_operator):
            return True
        if is_private:
            return session.agent in await self._concerned(connection, record, ABOUT_MAX)
        return session.agent in _parties(record) or session.agent in await self._order_parties(connection, record)

    async def _concerned(self, connection: Connection, record: Record, depth: int) -> set[bytes]:
        """Give whom an instruction concerns: whom it names, and whom that concerns which it refers to."""
        try:
            instruction = read_instruction(record, ledger=record.header.home or b"")
        except RemoteProtocolError:
            return set()
        rules = rules_of(instruction)
        found = {instruction.author, *rules.parties(instruction)}
        for name in rules.references(instruction) if depth else ():
            row = await records.find_one(connection, name)
            if row is not None:
                found |= await self._concerned(connection, decode_record(row.data), depth - 1)
        return found

    async def _order_parties(self, connection: Connection, record: Record) -> set[bytes]:
        """Give buyer and seller of the order that an event is about."""
        named = _body(record).get("order")
        row = await records.find_one(connection, named) if isinstance(named, bytes) else None
        return set() if row is None else _parties(decode_record(row.data))


def without_sealed(data: bytes) -> bytes:
    """Give a record's bytes with the hash of its sealed part, if it has one, in the part's place."""
    record = decode_record(data)
    return encode_record(record.without_sealed()) if isinstance(record.sealed, Part) else data


def _parties(record: Record) -> set[bytes]:
    body = _body(record)
    return {value for name in ("buyer", "seller") if isinstance(value := body.get(name), bytes)}


def _body(record: Record) -> dict[str, object]:
    try:
        return record.body_value()
    except RemoteProtocolError:
        return {}
