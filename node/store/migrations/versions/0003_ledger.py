"""Accounts and entries of the ledger.

Revision: 0003, after 0002_catalogue.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

INT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BALANCE = "balance BETWEEN -9007199254740991 AND 9007199254740991"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "account",
        sa.Column("number", INT, primary_key=True, nullable=False, autoincrement=False),
        sa.Column("agent", sa.LargeBinary, nullable=False),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("balance", INT, nullable=False),
        sa.Column("limit_low", INT, nullable=False),
        sa.Column("limit_high", INT, nullable=False),
        *_whole("account", "opened_leaf"),
        *_whole("account", "changed_leaf"),
        _check("account", "agent_length", "length(agent) = 32"),
        _check("account", "kind_known", "kind IN ('member', 'fund', 'treasury', 'line', 'conversion')"),
        _check("account", "state_known", "state IN ('open', 'closed')"),
        _check("account", "balance_range", BALANCE),
        _check("account", "limit_low_range", "limit_low BETWEEN -9007199254740991 AND 0"),
        _check("account", "limit_high_range", "limit_high BETWEEN 0 AND 9007199254740991"),
        _check("account", "closed_at_zero", "state = 'open' OR balance = 0"),
        sqlite_strict=True,
    )
    op.create_index("account_agent_unit", "account", ["agent", "unit"], unique=True)
    op.create_table(
        "entry",
        sa.Column("account", INT, sa.ForeignKey("account.number"), primary_key=True, nullable=False),
        *_whole("entry", "leaf_index", primary_key=True),
        sa.Column("other", INT, sa.ForeignKey("account.number"), nullable=False),
        *_whole("entry", "debit"),
        *_whole("entry", "credit"),
        sa.Column("balance", INT, nullable=False),
        _check("entry", "one_side", "(debit = 0) <> (credit = 0)"),
        _check("entry", "balance_range", BALANCE),
        _check("entry", "two_accounts", "account <> other"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def _check(table: str, name: str, rule: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(rule, name=op.f(f"{table}_{name}"))


def _whole(table: str, name: str, **options: Any) -> list[Any]:
    return [
        sa.Column(name, INT, nullable=False, **options),
        _check(table, f"{name}_range", f"{name} BETWEEN 0 AND 9007199254740991"),
    ]
