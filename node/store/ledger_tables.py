"""The tables of the ledger: accounts as they stand, the two entries of every movement, and items.

Rules kept here:
- every column follows from the leaves and records of the ledger feed, so the audit can name a changed one;
- an entry is one side of a movement: a debit of the payer or a credit of the payee, never both, with the
  balance that it left; a leaf may move several, each a line of it; refusals have a leaf and no entry;
- an item is what the ledger remembers beside balances, open or closed, with who has signed it;
- balances, limits and amounts stay within ±(2^53 - 1).

An account's number is the ordinal of its opening; it stands in the entries in place of 32 bytes of agent id, which
keeps them small. Entries are clustered by account and leaf: a statement is one range.
Source: docs/spec/04-ledger.md; docs/concepts/mutual-credit.md.
Tests: tests/node/store/test_tables.py, tests/node/store/test_ledger.py
"""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Table, Text, text

from node.store.tables import Bytes, Int, identifier, metadata, whole

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
    whole("debits_pending", nullable=False),
    whole("credits_pending", nullable=False),
    Column("soft_low", Int),
    Column("soft_high", Int),
    whole("opened_leaf", nullable=False),
    whole("changed_leaf", nullable=False),
    Index("account_agent_unit", "agent", "unit", unique=True),
    CheckConstraint("kind IN ('member', 'fund', 'treasury', 'line', 'conversion')", name="kind_known"),
    CheckConstraint("state IN ('open', 'closed')", name="state_known"),
    CheckConstraint(f"balance {RANGE}", name="balance_range"),
    CheckConstraint("limit_low BETWEEN -9007199254740991 AND 0", name="limit_low_range"),
    CheckConstraint("limit_high BETWEEN 0 AND 9007199254740991", name="limit_high_range"),
    CheckConstraint(f"soft_low {RANGE}", name="soft_low_range"),
    CheckConstraint(f"soft_high {RANGE}", name="soft_high_range"),
    CheckConstraint(
        "state = 'open' OR (balance = 0 AND debits_pending = 0 AND credits_pending = 0)", name="closed_at_zero"
    ),
    sqlite_strict=True,
)

entry = Table(
    "entry",
    metadata,
    Column("account", Int, ForeignKey("account.number"), primary_key=True, nullable=False),
    whole("leaf_index", primary_key=True, nullable=False),
    whole("line", primary_key=True, nullable=False),
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

item = Table(
    "item",
    metadata,
    identifier("id", primary_key=True, nullable=False),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("is_open", Int, nullable=False),
    identifier("made_by", nullable=False),
    whole("opened_leaf", nullable=False),
    whole("changed_leaf", nullable=False),
    Column("amount", Int, nullable=False),
    Column("done", Int, nullable=False),
    Column("until_ms", Int),
    identifier("payer"),
    identifier("payee"),
    Column("unit", Text),
    Column("signers", Bytes, nullable=False),
    Index("item_open", "opened_leaf", sqlite_where=text("is_open = 1")),
    Index("item_payer", "payer", "opened_leaf"),
    Index("item_payee", "payee", "opened_leaf"),
    CheckConstraint("is_open IN (0, 1)", name="is_open_known"),
    CheckConstraint(f"amount {RANGE}", name="amount_range"),
    CheckConstraint(f"done {RANGE}", name="done_range"),
    CheckConstraint(f"until_ms {RANGE}", name="until_ms_range"),
    CheckConstraint("length(signers) % 32 = 0", name="signers_length"),
    sqlite_strict=True,
)
