"""Items of the ledger; several entries a leaf; sums set aside and soft limits of accounts.

Revision: 0004, after 0003_ledger. SQLite can't change a primary key, so both tables of the ledger are made anew.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

INT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
RANGE = "BETWEEN -9007199254740991 AND 9007199254740991"
KEPT = "number, agent, unit, kind, state, balance, limit_low, limit_high, opened_leaf, changed_leaf"


def upgrade() -> None:
    """Make the tables anew with what they hold, and the new one."""
    for table in ("entry", "account"):  # entries refer to accounts
        op.execute(f"CREATE TABLE {table}_before AS SELECT * FROM {table}")
        op.drop_table(table)
    _make_accounts()
    _make_entries()
    _make_items()
    op.execute(f"INSERT INTO account ({KEPT}, debits_pending, credits_pending) SELECT {KEPT}, 0, 0 FROM account_before")
    op.execute(
        "INSERT INTO entry (account, leaf_index, line, other, debit, credit, balance)"
        " SELECT account, leaf_index, 0, other, debit, credit, balance FROM entry_before"
    )
    for table in ("entry", "account"):
        op.drop_table(f"{table}_before")


def _make_accounts() -> None:
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
        *_whole("account", "debits_pending"),
        *_whole("account", "credits_pending"),
        sa.Column("soft_low", INT),
        sa.Column("soft_high", INT),
        *_whole("account", "opened_leaf"),
        *_whole("account", "changed_leaf"),
        _check("account", "agent_length", "length(agent) = 32"),
        _check("account", "kind_known", "kind IN ('member', 'fund', 'treasury', 'line', 'conversion')"),
        _check("account", "state_known", "state IN ('open', 'closed')"),
        _check("account", "balance_range", f"balance {RANGE}"),
        _check("account", "limit_low_range", "limit_low BETWEEN -9007199254740991 AND 0"),
        _check("account", "limit_high_range", "limit_high BETWEEN 0 AND 9007199254740991"),
        _check("account", "soft_low_range", f"soft_low {RANGE}"),
        _check("account", "soft_high_range", f"soft_high {RANGE}"),
        _check(
            "account",
            "closed_at_zero",
            "state = 'open' OR (balance = 0 AND debits_pending = 0 AND credits_pending = 0)",
        ),
        sqlite_strict=True,
    )
    op.create_index("account_agent_unit", "account", ["agent", "unit"], unique=True)


def _make_entries() -> None:
    op.create_table(
        "entry",
        sa.Column("account", INT, sa.ForeignKey("account.number"), primary_key=True, nullable=False),
        *_whole("entry", "leaf_index", primary_key=True),
        *_whole("entry", "line", primary_key=True),
        sa.Column("other", INT, sa.ForeignKey("account.number"), nullable=False),
        *_whole("entry", "debit"),
        *_whole("entry", "credit"),
        sa.Column("balance", INT, nullable=False),
        _check("entry", "one_side", "(debit = 0) <> (credit = 0)"),
        _check("entry", "balance_range", f"balance {RANGE}"),
        _check("entry", "two_accounts", "account <> other"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def _make_items() -> None:
    op.create_table(
        "item",
        *_identifier("item", "id", primary_key=True, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("is_open", INT, nullable=False),
        *_identifier("item", "made_by", nullable=False),
        *_whole("item", "opened_leaf"),
        *_whole("item", "changed_leaf"),
        sa.Column("amount", INT, nullable=False),
        sa.Column("done", INT, nullable=False),
        sa.Column("until_ms", INT),
        *_identifier("item", "payer"),
        *_identifier("item", "payee"),
        sa.Column("unit", sa.Text),
        sa.Column("signers", sa.LargeBinary, nullable=False),
        _check("item", "is_open_known", "is_open IN (0, 1)"),
        _check("item", "amount_range", f"amount {RANGE}"),
        _check("item", "done_range", f"done {RANGE}"),
        _check("item", "until_ms_range", f"until_ms {RANGE}"),
        _check("item", "signers_length", "length(signers) % 32 = 0"),
        sqlite_strict=True,
    )
    op.create_index("item_open", "item", ["opened_leaf"], sqlite_where=sa.text("is_open = 1"))
    op.create_index("item_payer", "item", ["payer", "opened_leaf"])
    op.create_index("item_payee", "item", ["payee", "opened_leaf"])


def _check(table: str, name: str, rule: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(rule, name=op.f(f"{table}_{name}"))


def _identifier(table: str, name: str, **options: Any) -> list[Any]:
    column = sa.Column(name, sa.LargeBinary, **options)
    return [column, _check(table, f"{name}_length", f"length({name}) = 32")]


def _whole(table: str, name: str, **options: Any) -> list[Any]:
    return [
        sa.Column(name, INT, nullable=False, **options),
        _check(table, f"{name}_range", f"{name} BETWEEN 0 AND 9007199254740991"),
    ]
