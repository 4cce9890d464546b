"""Mutations of what a movement asks and moves: limits, amounts, order of refusals, sums.

Source: docs/spec/04-ledger.md.
"""

from __future__ import annotations

from tests.mutations.mutating import Mutation

TRANSFERS = "protocol/ledger/transfers.py"
BOOK = "protocol/ledger/book.py"
REFUSALS = "protocol/ledger/refusals.py"

MUTATIONS = (
    Mutation("low-limit-off-by-one", TRANSFERS, "amount < payer.limit_low", "amount < payer.limit_low - 1"),
    Mutation("low-limit-not-to-be-reached", TRANSFERS, "amount < payer.limit_low", "amount <= payer.limit_low"),
    Mutation("low-limit-ignored", TRANSFERS, "amount < payer.limit_low", "amount < -(2**60)"),
    Mutation(
        "low-limit-without-pending",
        TRANSFERS,
        "payer.balance - payer.debits_pending - amount <",
        "payer.balance - amount <",
    ),
    Mutation("high-limit-off-by-one", TRANSFERS, "amount > payee.limit_high", "amount > payee.limit_high + 1"),
    Mutation("high-limit-not-to-be-reached", TRANSFERS, "amount > payee.limit_high", "amount >= payee.limit_high"),
    Mutation("high-limit-ignored", TRANSFERS, "amount > payee.limit_high", "amount > 2**60"),
    Mutation(
        "high-limit-without-pending",
        TRANSFERS,
        "payee.balance + payee.credits_pending + amount >",
        "payee.balance + amount >",
    ),
    Mutation("limit-of-the-other", TRANSFERS, "amount < payer.limit_low", "amount < payee.limit_low"),
    Mutation("amount-of-nothing", TRANSFERS, "if amount <= 0:", "if amount < 0:"),
    Mutation("amount-below-nothing", TRANSFERS, "if amount <= 0:", "if amount == 0:"),
    Mutation("amount-beyond-the-largest", TRANSFERS, "amount > AMOUNT_MAX", "amount > AMOUNT_MAX + 1"),
    Mutation("amount-largest-refused", TRANSFERS, "amount > AMOUNT_MAX", "amount >= AMOUNT_MAX"),
    Mutation("self-payment", TRANSFERS, "if payer == payee:", "if payer == unit:"),
    Mutation("unit-unknown", TRANSFERS, "if not draft.has_unit(unit):", "if not unit:"),
    Mutation("ledger-of-another", TRANSFERS, "if body.ledger != draft.ledger:", "if not body.ledger:"),
    Mutation(
        "expiry-a-millisecond-late",
        TRANSFERS,
        "body.expires_ms <= context.time_ms",
        "body.expires_ms < context.time_ms",
    ),
    Mutation("payer-closed", TRANSFERS, "if payer.state is AccountState.CLOSED:", "if payer is None:"),
    Mutation("payee-closed", TRANSFERS, "if payee.state is AccountState.CLOSED:", "if payee is None:"),
    Mutation(
        "refusals-balances-before-states",
        TRANSFERS,
        "    if payer.state is AccountState.CLOSED:\n        return LedgerCode.PAYER_CLOSED\n",
        "    if payer.balance - amount < payer.limit_low:\n        return LedgerCode.DEBIT_LIMIT\n"
        "    if payer.state is AccountState.CLOSED:\n        return LedgerCode.PAYER_CLOSED\n",
    ),
    Mutation(
        "refusals-self-before-amount",
        TRANSFERS,
        "    if amount <= 0:\n",
        "    if payer == payee:\n        return LedgerCode.SELF_PAYMENT\n    if amount <= 0:\n",
    ),
    Mutation(
        "refusals-payee-before-payer",
        TRANSFERS,
        "    if payer is None:\n        return LedgerCode.UNKNOWN_PAYER\n",
        "    if draft.account(payee_id, unit) is None:\n        return LedgerCode.UNKNOWN_PAYEE\n"
        "    if payer is None:\n        return LedgerCode.UNKNOWN_PAYER\n",
    ),
    Mutation(
        "refusals-high-before-low",
        TRANSFERS,
        "    if payer.balance - payer.debits_pending - amount",
        "    if payee.balance + amount > payee.limit_high:\n        return LedgerCode.CREDIT_LIMIT\n"
        "    if payer.balance - payer.debits_pending - amount",
    ),
    Mutation("sum-one-side-short", BOOK, "taking.balance + amount)", "taking.balance + amount - 1)"),
    Mutation("sum-turned-around", BOOK, "giving.balance - amount)", "giving.balance + amount)"),
    Mutation("sum-not-asserted", BOOK, "assert not any(moved.values()),", "assert moved is not None,"),
    Mutation("moves-without-a-line", BOOK, "        self._moves.append(Move(debit, credit, amount))\n", ""),
    Mutation(
        "moves-kept-from-leaf-before",
        BOOK,
        "        self._moves = []\n        self._accounts = {}\n        self._items = {}\n\n    def end",
        "        self._accounts = {}\n        self._items = {}\n\n    def end",
    ),
    Mutation(
        "draft-does-not-see-itself",
        BOOK,
        "return self.changed.get((agent, unit)) or self._book.account(agent, unit)",
        "return self._book.account(agent, unit) or self.changed.get((agent, unit))",
    ),
    Mutation(
        "draft-over-another-book", BOOK, "assert self.size == draft.begun_at,", "assert self.size >= draft.begun_at,"
    ),
    Mutation(
        "draft-changes-the-book",
        BOOK,
        "self.changed[credit.key] = credit",
        "self._book._accounts[credit.key] = self.changed[credit.key] = credit",
    ),
    Mutation(
        "sizes-without-refusals",
        "protocol/ledger/apply.py",
        "draft.size = context.index + 1",
        "draft.size = context.index + (refusal is None)",
    ),
    Mutation("time-goes-back", "protocol/ledger/apply.py", "max(draft.time_ms, now_ms)", "now_ms"),
    Mutation(
        "time-not-kept",
        BOOK,
        "        self.time_ms = draft.time_ms\n        self.keys_at = draft.keys_at\n        self.opened",
        "        self.keys_at = draft.keys_at\n        self.opened",
    ),
    Mutation("keys-go-back", "protocol/ledger/apply.py", "assert keys_at >= draft.keys_at,", "assert keys_at >= 0,"),
    Mutation("refusal-codes-swapped", REFUSALS, "return _RANKS[self]", "return len(_RANKS) - _RANKS[self]"),
)
