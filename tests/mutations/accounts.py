"""Mutations of accounts: opening, limiting, closing, and what there is room for.

Source: docs/spec/04-ledger.md, L-1 to L-7.
"""

from __future__ import annotations

from tests.mutations.mutating import Mutation

OPENINGS = "protocol/ledger/openings.py"
ACCOUNTS = "protocol/ledger/accounts.py"
BOOK = "protocol/ledger/book.py"

MUTATIONS = (
    Mutation(
        "account-by-anybody", OPENINGS, "return is_office(instruction, ledger, roles, Role.TREASURER)", "return True"
    ),
    Mutation("account-in-money", OPENINGS, "if not unit.startswith(CREDIT_UNIT_PREFIX):", "if not unit:"),
    Mutation(
        "account-of-a-kind-not-in-use",
        OPENINGS,
        "if opening and kind_of(body) not in KINDS_IN_USE:",
        "if kind_of(body) is None:",
    ),
    Mutation(
        "account-opened-twice",
        OPENINGS,
        "return LedgerCode.ACCOUNT_EXISTS if is_open else policies.step_refusal(draft, instruction)",
        "return None",
    ),
    Mutation("account-closed-is-limited", OPENINGS, "if account.state is AccountState.CLOSED:", "if account is None:"),
    Mutation(
        "account-closed-with-balance", OPENINGS, "(account.balance or account.has_pending)", "account.has_pending"
    ),
    Mutation("account-closed-with-pending", OPENINGS, "(account.balance or account.has_pending)", "account.balance"),
    Mutation(
        "account-number-new-when-reopened",
        OPENINGS,
        "before.number if before is not None else draft.opened + 1",
        "draft.opened + 1",
    ),
    Mutation("account-number-given-twice", BOOK, "        self.opened = draft.opened\n\n", "\n"),
    Mutation(
        "account-number-lost-at-restart",
        BOOK,
        "book.opened = max(book.opened, account.number)",
        "book.opened = account.number",
    ),
    Mutation("account-limits-swapped", OPENINGS, '"limit_low": terms.low,', '"limit_low": -terms.high,'),
    Mutation(
        "account-limit-forgets-pending",
        OPENINGS,
        "draft.put(replace(before, **limits))",
        "draft.put(replace(before, debits_pending=0, **limits))",
    ),
    Mutation("account-limit-forgets-warnings", OPENINGS, '"soft_low": terms.soft_low,', '"soft_low": None,'),
    Mutation("limits-above-zero", ACCOUNTS, "<= limit_low <= 0 <= limit_high <=", "<= limit_low <= limit_high <="),
    Mutation(
        "limits-beyond-the-integers-low",
        ACCOUNTS,
        "return -BALANCE_MAX <= limit_low",
        "return -BALANCE_MAX - 1 <= limit_low",
    ),
    Mutation("limits-beyond-the-integers-high", ACCOUNTS, "limit_high <= BALANCE_MAX", "limit_high <= BALANCE_MAX + 1"),
    Mutation(
        "room-to-pay-without-pending",
        ACCOUNTS,
        "self.balance - self.debits_pending - self.limit_low",
        "self.balance - self.limit_low",
    ),
    Mutation(
        "room-to-receive-without-pending",
        ACCOUNTS,
        "self.limit_high - self.balance - self.credits_pending",
        "self.limit_high - self.balance",
    ),
    Mutation("room-below-nothing", ACCOUNTS, "return max(0, self.balance - ", "return (self.balance - "),
    Mutation(
        "pending-of-one-side-only",
        ACCOUNTS,
        "bool(self.debits_pending or self.credits_pending)",
        "bool(self.debits_pending)",
    ),
    Mutation("balance-change-forgets-pending", ACCOUNTS, "            self.debits_pending,\n", "            0,\n"),
    Mutation(
        "limits-missing",
        "protocol/kinds/ledger.py",
        "if self.limit_low is None or self.limit_high is None:",
        "if self.limit_low is None and self.limit_high is None:",
    ),
)
