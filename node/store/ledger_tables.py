"""The tables of the ledger: accounts as they stand, and the two entries of every transfer.

Rules kept here:
- every column follows from the leaves and records of the ledger feed, so the audit can name a changed one;
- an entry is one side of a posted transfer: a debit of the payer or a credit of the payee, never both, with the
  balance that it left; refusals have a leaf and no entry;
- balances, limits and amounts stay within ±(2^53 - 1).

An account's number is the ordinal of its opening; it stands in the entries in place of 32 bytes of agent id, which
keeps them small. Entries are clustered by account and leaf: a statement is one range.
Source: docs/spec/04-ledger.md; docs/concepts/mutual-credit.md.
Tests: tests/node/store/test_tables.py, tests/node/store/test_ledger.py
"""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Table, Text

from node.store.tables import Int, identifier, metadata, whole

RANGE = "BETWEEN -9007199254740991 AND 9007199254740991"

account = Table(
    "account",
    metadata,
    Column("number", Int, primary_key=True, nullable=False, autoincrement=False),
    identifier("agent", nullable=False),
    Column("unit", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("balance", Int, nullable=False),
    Column("limit_low", Int, nullable=False),
    Column("limit_high", Int, nullable=False),
    whole("opened_leaf", nullable=False),
    whole("changed_leaf", nullable=False),
    Index("account_agent_unit", "agent", "unit", unique=True),
    CheckConstraint("kind IN ('member', 'fund', 'treasury', 'line', 'conversion')", name="kind_known"),
    CheckConstraint("state IN ('open', 'closed')", name="state_known"),
    CheckConstraint(f"balance {RANGE}", name="balance_range"),
    CheckConstraint("limit_low BETWEEN -9007199254740991 AND 0", name="limit_low_range"),
    CheckConstraint("limit_high BETWEEN 0 AND 9007199254740991", name="limit_high_range"),
    CheckConstraint("state = 'open' OR balance = 0", name="closed_at_zero"),
    sqlite_strict=True,
)

entry = Table(
    "entry",
    metadata,
    Column("account", Int, ForeignKey("account.number"), primary_key=True, nullable=False),
    whole("leaf_index", primary_key=True, nullable=False),
    Column("other", Int, ForeignKey("account.number"), nullable=False),
    whole("debit", nullable=False),
    whole("credit", nullable=False),
    Column("balance", Int, nullable=False),
    CheckConstraint("(debit = 0) <> (credit = 0)", name="one_side"),
    CheckConstraint(f"balance {RANGE}", name="balance_range"),
    CheckConstraint("account <> other", name="two_accounts"),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)
