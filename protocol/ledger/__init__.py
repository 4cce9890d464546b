"""Mutual credit inside one network: accounts, transfers, refusals and the fold that every balance comes from.

Pure like all of `protocol`: the sequencer in `node.services.ledger`, the audit and the tests call the same
functions. `instructions` reads records; `rules` says what each kind must answer, and each kind has its own module of
them; `apply` decides and posts; `joint` lets acts wait for signatures; `book` holds balances and `items`; `refusals`
lists every no; `replay` folds stored leaves again.
Source: docs/spec/04-ledger.md; docs/concepts/mutual-credit.md.
"""

from protocol.kinds.ledger import AccountAction, AccountKind
from protocol.ledger.accounts import AMOUNT_MAX, BALANCE_MAX, Account, AccountState, credit_unit
from protocol.ledger.apply import RULES, Applied, apply, decide, rules_of, tick, transfer_item
from protocol.ledger.book import Book, Draft, Move
from protocol.ledger.instructions import LEDGER_KINDS, Instruction, read_instruction
from protocol.ledger.items import Item, item_id
from protocol.ledger.refusals import LedgerCode, code_of
from protocol.ledger.replay import Divergence, Replay, agents_of, references_of
from protocol.ledger.rules import Context, Rules, Signatures

__all__ = [
    "AMOUNT_MAX",
    "BALANCE_MAX",
    "LEDGER_KINDS",
    "RULES",
    "Account",
    "AccountAction",
    "AccountKind",
    "AccountState",
    "Applied",
    "Book",
    "Context",
    "Divergence",
    "Draft",
    "Instruction",
    "Item",
    "LedgerCode",
    "Move",
    "Replay",
    "Rules",
    "Signatures",
    "agents_of",
    "apply",
    "code_of",
    "credit_unit",
    "decide",
    "item_id",
    "read_instruction",
    "references_of",
    "rules_of",
    "tick",
    "transfer_item",
]
