"""The catalogue's derived tables, and sessions.

Revision: 0002, after 0001_records.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

INT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
CLUSTERED = {"sqlite_strict": True, "sqlite_with_rowid": False}


def upgrade() -> None:
    """Make the tables."""
    _make_things()
    _make_search()
    _make_sessions()


def _id(name: str, **options: Any) -> list[Any]:
    return [
        sa.Column(name, sa.LargeBinary, nullable=False, **options),
        sa.CheckConstraint(f"length({name}) = 32", name=f"{name}_length"),
    ]


def _whole(name: str) -> list[Any]:
    return [
        sa.Column(name, INT, nullable=False),
        sa.CheckConstraint(f"{name} BETWEEN 0 AND 9007199254740991", name=f"{name}_range"),
    ]


def _make_things() -> None:
    op.create_table(
        "thing",
        sa.Column("number", INT, primary_key=True, nullable=False, autoincrement=False),
        *_id("id", unique=True),
        sa.Column("kind", sa.Text, nullable=False),
        *_id("network"),
        *_id("author"),
        sa.Column("current", INT, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("category", sa.Text),
        sa.Column("latitude_e6", INT),
        sa.Column("longitude_e6", INT),
        sa.Column("until_ms", INT),
        sa.Column("rank", INT),
        sa.Column("words", sa.Text),
        sa.CheckConstraint("(rank IS NULL) = (words IS NULL)", name="shelf_whole"),
        sa.CheckConstraint("(latitude_e6 IS NULL) = (longitude_e6 IS NULL)", name="coordinates_whole"),
        sqlite_strict=True,
    )
    op.create_index("thing_author_kind", "thing", ["author", "kind", "number"])
    op.create_index("thing_network_kind", "thing", ["network", "kind", "number"])
    op.create_index("thing_kind", "thing", ["kind", "number"])
    op.create_table(
        "mention",
        *_id("target", primary_key=True),
        sa.Column("role", sa.Text, primary_key=True, nullable=False),
        sa.Column("source", INT, primary_key=True, nullable=False),
        **CLUSTERED,
    )
    op.create_index("mention_source", "mention", ["source"])
    op.create_table(
        "order_state",
        sa.Column("thing", INT, primary_key=True, nullable=False, autoincrement=False),
        sa.Column("state", sa.Text, nullable=False),
        sqlite_strict=True,
    )


def _make_search() -> None:
    op.create_table(
        "posting",
        sa.Column("shelf", INT, primary_key=True, nullable=False),
        sa.Column("term", sa.Text, primary_key=True, nullable=False),
        sa.Column("rank", INT, primary_key=True, nullable=False),
        sa.Column("thing", INT, primary_key=True, nullable=False),
        sa.CheckConstraint("shelf IN (0, 1, 2)", name="shelf_known"),
        **CLUSTERED,
    )


def _make_sessions() -> None:
    op.create_table(
        "session",
        *_id("token_hash", primary_key=True),
        *_id("agent"),
        *_id("key"),
        sa.Column("nonce", sa.LargeBinary, nullable=False, unique=True),
        *_whole("began_ms"),
        *_whole("login_expires_ms"),
        *_whole("expires_ms"),
        sa.Column("checks", sa.LargeBinary, nullable=False),
        **CLUSTERED,
    )
    op.create_index("session_agent", "session", ["agent"])
