"""The tables that records and feeds are kept in, as SQLAlchemy Core tables.

Rules kept here:
- STRICT tables, NOT NULL and CHECKs, so that SQLite stores what was meant or refuses it;
- whatever is derived from signed bytes can be recomputed from `record.data`, `leaf.data` and `bundle.data`;
- rows that nothing signed can rebuild (`meta`, `delivery`, `peer`) carry `checks` (see node/store/rowcheck.py).

Other parts define their tables on the same `metadata`. The migrations create them; a test compares the two.
Source: DESIGN sections 4, 5 and 11; docs/concepts/feeds.md.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "%(table_name)s_%(column_0_N_name)s",
        "uq": "%(table_name)s_%(column_0_N_name)s_unique",
        "ck": "%(table_name)s_%(constraint_name)s",
        "pk": "%(table_name)s_key",
        "fk": "%(table_name)s_%(column_0_N_name)s_reference",
    }
)

Int = BigInteger().with_variant(Integer(), "sqlite")
"""64-bit integer; SQLite's STRICT tables know it as INTEGER."""

Bytes = LargeBinary

STATES = ("valid", "void", "waiting")


def identifier(name: str, **options: Any) -> Column[bytes]:
    """A column of 32 bytes: a record, thing, agent or network id, a key or a hash."""
    return Column(name, Bytes, CheckConstraint(f"length({name}) = 32", name=f"{name}_length"), **options)


def whole(name: str, **options: Any) -> Column[int]:
    """A column of an integer from 0 to 2**53 - 1: a size, an index or a time in milliseconds."""
    check = CheckConstraint(f"{name} BETWEEN 0 AND 9007199254740991", name=f"{name}_range")
    return Column(name, Int, check, **options)


meta = Table(
    "meta",
    metadata,
    Column("key", Text, primary_key=True, nullable=False),
    Column("value", Bytes, nullable=False),
    Column("checks", Bytes, nullable=False),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

network = Table(
    "network",
    metadata,
    identifier("id", primary_key=True, nullable=False),
    whole("epoch", nullable=False),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

epoch = Table(
    "epoch",
    metadata,
    identifier("network", primary_key=True, nullable=False),
    whole("number", primary_key=True, nullable=False),
    identifier("record_id", nullable=False),
    identifier("checkpoint_key", nullable=False),
    identifier("cosignature_key", nullable=False),
    identifier("credential_key", nullable=False),
    identifier("link_key", nullable=False),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

feed = Table(
    "feed",
    metadata,
    Column("sequence", Int, primary_key=True, nullable=False, autoincrement=True),
    identifier("network", nullable=False),
    Column("name", Text, nullable=False),
    whole("epoch", nullable=False),
    whole("size", nullable=False),
    Column("frontier", Bytes, nullable=False),
    whole("head_size", nullable=False),
    Column("head_note", Bytes),
    whole("seen_size", nullable=False),
    Column("seen_note", Bytes),
    Index("feed_network_name_epoch", "network", "name", "epoch", unique=True),
    CheckConstraint("name IN ('trust', 'catalog', 'trade', 'settlement', 'ledger')", name="name_known"),
    CheckConstraint("head_size <= size", name="head_covered"),
    sqlite_strict=True,
)

record = Table(
    "record",
    metadata,
    Column("sequence", Int, primary_key=True, nullable=False, autoincrement=True),
    identifier("id", nullable=False, unique=True),
    identifier("network", nullable=False),
    Column("kind", Text, nullable=False),
    identifier("author"),
    identifier("thing", nullable=False),
    Column("feed", Int, ForeignKey("feed.sequence")),
    whole("leaf_index"),
    Column("state", Text, nullable=False),
    Column("code", Text),
    Column("data", Bytes, nullable=False),
    CheckConstraint("state IN ('valid', 'void', 'waiting')", name="state_known"),
    CheckConstraint("(state = 'void') = (code IS NOT NULL)", name="code_of_void"),
    CheckConstraint("(feed IS NULL) = (leaf_index IS NULL)", name="place_whole"),
    sqlite_strict=True,
)

# Only revisions: the first record of a thing is found by its id.
Index("record_thing", record.c.thing, sqlite_where=text("thing <> id"), postgresql_where=text("thing <> id"))

# `digest` is the first 4 bytes of the leaf's hash, so that an audit names the row whose data changed.
leaf = Table(
    "leaf",
    metadata,
    Column("feed", Int, ForeignKey("feed.sequence"), primary_key=True, nullable=False),
    whole("leaf_index", primary_key=True, nullable=False),
    identifier("record_id"),
    whole("held", nullable=False),
    Column("data", Bytes, nullable=False),
    Column("digest", Bytes, nullable=False),
    CheckConstraint("held IN (0, 1)", name="held_known"),
    CheckConstraint("held = 0 OR record_id IS NOT NULL", name="held_named"),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

# Leaves whose record isn't here: few at home and in public feeds, all of them in a neighbour's trade feed.
Index("leaf_bare", leaf.c.record_id, sqlite_where=text("held = 0"), postgresql_where=text("held = 0"))

tile = Table(
    "tile",
    metadata,
    Column("feed", Int, ForeignKey("feed.sequence"), primary_key=True, nullable=False),
    Column("level", Int, primary_key=True, nullable=False),
    whole("tile_index", primary_key=True, nullable=False),
    identifier("hash", nullable=False),
    CheckConstraint("level IN (8, 16, 24, 32, 40)", name="level_known"),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

agent_key = Table(
    "agent_key",
    metadata,
    identifier("network", primary_key=True, nullable=False),
    identifier("agent", primary_key=True, nullable=False),
    identifier("key", primary_key=True, nullable=False),
    whole("valid_from", primary_key=True, nullable=False),
    whole("valid_until"),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

agent_role = Table(
    "agent_role",
    metadata,
    identifier("network", primary_key=True, nullable=False),
    identifier("agent", primary_key=True, nullable=False),
    Column("role", Text, primary_key=True, nullable=False),
    whole("valid_from", primary_key=True, nullable=False),
    whole("valid_until"),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

waiting = Table(
    "waiting",
    metadata,
    identifier("record_id", primary_key=True, nullable=False),
    identifier("needs", primary_key=True, nullable=False),
    whole("trust_size", nullable=False),
    Index("waiting_needs", "needs"),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

bundle = Table(
    "bundle",
    metadata,
    identifier("record_id", primary_key=True, nullable=False),
    Column("data", Bytes, nullable=False),
    sqlite_strict=True,
)

delivery = Table(
    "delivery",
    metadata,
    identifier("network", primary_key=True, nullable=False),
    identifier("record_id", primary_key=True, nullable=False),
    whole("acknowledged", nullable=False),
    Column("checks", Bytes, nullable=False),
    CheckConstraint("acknowledged IN (0, 1)", name="acknowledged_known"),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

Index(
    "delivery_open",
    delivery.c.network,
    delivery.c.record_id,
    sqlite_where=text("acknowledged = 0"),
    postgresql_where=text("acknowledged = 0"),
)

peer = Table(
    "peer",
    metadata,
    identifier("network", primary_key=True, nullable=False),
    Column("url", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("relation", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("checks", Bytes, nullable=False),
    CheckConstraint("relation IN ('neighbour', 'region', 'member')", name="relation_known"),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)
