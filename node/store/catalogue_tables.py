"""The tables that the catalogue is read from; all of them are derived from valid records.

- `thing`: one row a thing (an agent, an offer, a seal, …) as its current revision has it;
- `mention`: which thing names which other, by kind and field (`offer.answers`, `attestation.subject`);
- `posting`: the search index, one row for each word that a thing on a shelf is found by, in the order of ranking;
- `order_state`: how far each order is.

Rules kept here: a row can be computed again from `record.data` alone, so that the audit can compare every column, and
`node.store.catalogue.rebuild` can make all of it anew. That is also why the search index is a plain table and no FTS5
table: the check of FTS5 doesn't read every byte of its shadow tables, and its rows don't come in the order of ranking.
`thing.number` is the sequence of the thing's first record, `thing.current` that of its current revision.
Source: docs/concepts/catalogue.md.

Tests: tests/node/store/test_tables.py
"""

from sqlalchemy import CheckConstraint, Column, Index, Table, Text

from node.store.tables import Int, identifier, metadata

OFFERS = 0
NEEDS = 1
AGENTS = 2
SHELVES = {"offer": OFFERS, "need": NEEDS, "agent": AGENTS}
"""The kinds that can be searched, with the number of their shelf in `posting`."""

thing = Table(
    "thing",
    metadata,
    Column("number", Int, primary_key=True, nullable=False, autoincrement=False),
    identifier("id", nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    identifier("network", nullable=False),
    identifier("author", nullable=False),
    Column("current", Int, nullable=False),
    Column("title", Text, nullable=False),
    Column("category", Text),
    Column("latitude_e6", Int),
    Column("longitude_e6", Int),
    Column("until_ms", Int),
    Column("rank", Int),
    Column("words", Text),
    Index("thing_author_kind", "author", "kind", "number"),
    Index("thing_network_kind", "network", "kind", "number"),
    Index("thing_kind", "kind", "number"),
    CheckConstraint("(rank IS NULL) = (words IS NULL)", name="shelf_whole"),
    CheckConstraint("(latitude_e6 IS NULL) = (longitude_e6 IS NULL)", name="coordinates_whole"),
    sqlite_strict=True,
)

mention = Table(
    "mention",
    metadata,
    identifier("target", primary_key=True, nullable=False),
    Column("role", Text, primary_key=True, nullable=False),
    Column("source", Int, primary_key=True, nullable=False),
    Index("mention_source", "source"),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

posting = Table(
    "posting",
    metadata,
    Column("shelf", Int, primary_key=True, nullable=False),
    Column("term", Text, primary_key=True, nullable=False),
    Column("rank", Int, primary_key=True, nullable=False),
    Column("thing", Int, primary_key=True, nullable=False),
    CheckConstraint("shelf IN (0, 1, 2)", name="shelf_known"),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

order_state = Table(
    "order_state",
    metadata,
    Column("thing", Int, primary_key=True, nullable=False, autoincrement=False),
    Column("state", Text, nullable=False),
    sqlite_strict=True,
)

CATALOGUE_TABLES = (thing, mention, posting, order_state)
