"""Records, feeds and what is derived from them; deliveries and peers.

Revision: 0001, the first.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

INT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
CLUSTERED = {"sqlite_strict": True, "sqlite_with_rowid": False}


def upgrade() -> None:
    """Make the first tables."""
    _make_networks()
    _make_feeds()
    _make_records()
    _make_agents()
    _make_exchange()


def _id(name: str, **options: Any) -> list[Any]:
    options.setdefault("nullable", False)
    return [
        sa.Column(name, sa.LargeBinary, **options),
        sa.CheckConstraint(f"length({name}) = 32", name=f"{name}_length"),
    ]


def _whole(name: str, **options: Any) -> list[Any]:
    options.setdefault("nullable", False)
    return [
        sa.Column(name, INT, **options),
        sa.CheckConstraint(f"{name} BETWEEN 0 AND 9007199254740991", name=f"{name}_range"),
    ]


def _text(name: str, **options: Any) -> list[Any]:
    options.setdefault("nullable", False)
    return [sa.Column(name, sa.Text, **options)]


def _bytes(name: str, **options: Any) -> list[Any]:
    options.setdefault("nullable", False)
    return [sa.Column(name, sa.LargeBinary, **options)]


def _table(name: str, columns: list[list[Any]], *constraints: Any, **options: Any) -> None:
    flat: list[Any] = []
    for parts in columns:
        for part in parts:
            if isinstance(part, sa.CheckConstraint):
                part.name = op.f(f"{name}_{part.name}")
            flat.append(part)
    op.create_table(name, *flat, *constraints, **options)


def _make_networks() -> None:
    _table(
        "meta",
        [_text("key", primary_key=True), _bytes("value"), _bytes("checks")],
        **CLUSTERED,
    )
    _table("network", [_id("id", primary_key=True), _whole("epoch")], **CLUSTERED)
    _table(
        "epoch",
        [
            _id("network", primary_key=True),
            _whole("number", primary_key=True),
            _id("record_id"),
            _id("checkpoint_key"),
            _id("cosignature_key"),
            _id("credential_key"),
            _id("link_key"),
        ],
        **CLUSTERED,
    )


def _make_feeds() -> None:
    _table(
        "feed",
        [
            [sa.Column("sequence", INT, primary_key=True, nullable=False)],
            _id("network"),
            _text("name"),
            _whole("epoch"),
            _whole("size"),
            _bytes("frontier"),
            _whole("head_size"),
            _bytes("head_note", nullable=True),
            _whole("seen_size"),
            _bytes("seen_note", nullable=True),
        ],
        sa.CheckConstraint(
            "name IN ('trust', 'catalog', 'trade', 'settlement', 'ledger')",
            name=op.f("feed_name_known"),
        ),
        sa.CheckConstraint("head_size <= size", name=op.f("feed_head_covered")),
        sqlite_strict=True,
    )
    op.create_index("feed_network_name_epoch", "feed", ["network", "name", "epoch"], unique=True)
    _table(
        "leaf",
        [
            [sa.Column("feed", INT, sa.ForeignKey("feed.sequence"), primary_key=True, nullable=False)],
            _whole("leaf_index", primary_key=True),
            _id("record_id", nullable=True),
            _whole("held"),
            _bytes("data"),
            _bytes("digest"),
        ],
        sa.CheckConstraint("held IN (0, 1)", name=op.f("leaf_held_known")),
        sa.CheckConstraint("held = 0 OR record_id IS NOT NULL", name=op.f("leaf_held_named")),
        **CLUSTERED,
    )
    bare = sa.text("held = 0")
    op.create_index("leaf_bare", "leaf", ["record_id"], sqlite_where=bare, postgresql_where=bare)
    _table(
        "tile",
        [
            [sa.Column("feed", INT, sa.ForeignKey("feed.sequence"), primary_key=True, nullable=False)],
            [sa.Column("level", INT, primary_key=True, nullable=False)],
            _whole("tile_index", primary_key=True),
            _id("hash"),
        ],
        sa.CheckConstraint("level IN (8, 16, 24, 32, 40)", name=op.f("tile_level_known")),
        **CLUSTERED,
    )


def _make_records() -> None:
    _table(
        "record",
        [
            [sa.Column("sequence", INT, primary_key=True, nullable=False)],
            _id("id", unique=True),
            _id("network"),
            _text("kind"),
            _id("author", nullable=True),
            _id("thing"),
            [sa.Column("feed", INT, sa.ForeignKey("feed.sequence"))],
            _whole("leaf_index", nullable=True),
            _text("state"),
            _text("code", nullable=True),
            _bytes("data"),
        ],
        sa.CheckConstraint("state IN ('valid', 'void', 'waiting')", name=op.f("record_state_known")),
        sa.CheckConstraint("(state = 'void') = (code IS NOT NULL)", name=op.f("record_code_of_void")),
        sa.CheckConstraint("(feed IS NULL) = (leaf_index IS NULL)", name=op.f("record_place_whole")),
        sqlite_strict=True,
    )
    revision_only = sa.text("thing <> id")
    op.create_index("record_thing", "record", ["thing"], sqlite_where=revision_only, postgresql_where=revision_only)
    _table(
        "waiting",
        [_id("record_id", primary_key=True), _id("needs", primary_key=True), _whole("trust_size")],
        **CLUSTERED,
    )
    op.create_index("waiting_needs", "waiting", ["needs"])
    _table("bundle", [_id("record_id", primary_key=True), _bytes("data")], sqlite_strict=True)


def _make_agents() -> None:
    _table(
        "agent_key",
        [
            _id("network", primary_key=True),
            _id("agent", primary_key=True),
            _id("key", primary_key=True),
            _whole("valid_from", primary_key=True),
            _whole("valid_until", nullable=True),
        ],
        **CLUSTERED,
    )
    _table(
        "agent_role",
        [
            _id("network", primary_key=True),
            _id("agent", primary_key=True),
            _text("role", primary_key=True),
            _whole("valid_from", primary_key=True),
            _whole("valid_until", nullable=True),
        ],
        **CLUSTERED,
    )


def _make_exchange() -> None:
    _table(
        "delivery",
        [
            _id("network", primary_key=True),
            _id("record_id", primary_key=True),
            _whole("acknowledged"),
            _bytes("checks"),
        ],
        sa.CheckConstraint("acknowledged IN (0, 1)", name=op.f("delivery_acknowledged_known")),
        **CLUSTERED,
    )
    still_open = sa.text("acknowledged = 0")
    op.create_index(
        "delivery_open",
        "delivery",
        ["network", "record_id"],
        sqlite_where=still_open,
        postgresql_where=still_open,
    )
    _table(
        "peer",
        [
            _id("network", primary_key=True),
            _text("url"),
            _text("name"),
            _text("relation"),
            _text("scope"),
            _bytes("checks"),
        ],
        sa.CheckConstraint("relation IN ('neighbour', 'region', 'member')", name=op.f("peer_relation_known")),
        **CLUSTERED,
    )
