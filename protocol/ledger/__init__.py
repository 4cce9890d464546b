"""Mutual credit inside one network: accounts, transfers, refusals and the fold that every balance comes from.

Pure like all of `protocol`: the sequencer in `node.services.ledger`, the audit and the tests call the same
functions. `instructions` reads records, `apply` decides and posts, `book` holds the balances, `refusals` lists
every no, `replay` folds stored leaves again.
Source: docs/spec/04-ledger.md; docs/concepts/mutual-credit.md.
"""

from protocol.kinds.ledger import AccountAction
from protocol.ledger.accounts import AMOUNT_MAX, BALANCE_MAX, Account, AccountKind, AccountState, credit_unit
from protocol.ledger.apply import Applied, apply, decide
from protocol.ledger.book import Book, Draft
from protocol.ledger.instructions import (
    LEDGER_KINDS,
    AccountChange,
    Instruction,
    Transfer,
    read_instruction,
)
from protocol.ledger.refusals import LedgerCode, code_of
from protocol.ledger.replay import Divergence, Replay

__all__ = [
    "AMOUNT_MAX",
    "BALANCE_MAX",
    "LEDGER_KINDS",
    "Account",
    "AccountAction",
    "AccountChange",
    "AccountKind",
    "AccountState",
    "Applied",
    "Book",
    "Divergence",
    "Draft",
    "Instruction",
    "LedgerCode",
    "Replay",
    "Transfer",
    "apply",
    "code_of",
    "credit_unit",
    "decide",
    "read_instruction",
]
