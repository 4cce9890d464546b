"""Mutations of postings, slips, the cash book and closed periods.

Source: docs/spec/04-ledger.md, L-70 to L-95.
"""

from __future__ import annotations

from tests.mutations.mutating import Mutation

CASH = "protocol/ledger/cash.py"
CLOSINGS = "protocol/ledger/closings.py"
POSTINGS = "protocol/ledger/postings.py"
SLIPS = "protocol/ledger/slips.py"

MUTATIONS = (
    Mutation(
        "posting-by-anybody", POSTINGS, "return is_office(instruction, ledger, roles, Role.TREASURER)", "return True"
    ),
    Mutation("posting-of-another-rule", POSTINGS, "if item is None or item.unit != unit:", "if item is None:"),
    Mutation(
        "posting-line-twice",
        POSTINGS,
        "        if _has_twice(body):\n            return LedgerCode.DUPLICATE_LINE\n",
        "",
    ),
    Mutation(
        "posting-taken-twice",
        POSTINGS,
        "if any(draft.item(identifier) is not None for identifier in _once(body, _unit_name(draft, body))):",
        "if not body:",
    ),
    Mutation(
        "posting-taken-once-for-all-periods",
        POSTINGS,
        "item_id(COLLECTION, rule, period, payer)",
        "item_id(COLLECTION, rule, payer)",
    ),
    Mutation(
        "posting-taken-of-one-payer-only",
        POSTINGS,
        "item_id(COLLECTION, rule, period, payer)",
        "item_id(COLLECTION, rule, period)",
    ),
    Mutation(
        "posting-over-its-rule",
        POSTINGS,
        "rule.amount is not None and part.amount > rule.amount",
        "rule.amount is not None and part.amount > rule.amount + 1",
    ),
    Mutation(
        "posting-as-its-rule-refused",
        POSTINGS,
        "rule.amount is not None and part.amount > rule.amount",
        "rule.amount is not None and part.amount >= rule.amount",
    ),
    Mutation(
        "posting-beyond-limits",
        POSTINGS,
        "if body.type not in UNBOUND:\n            low",
        "if body.type is None:\n            low",
    ),
    Mutation(
        "posting-lines-not-added-up",
        POSTINGS,
        "        moved[part.payer] = moved.get(part.payer, 0) - part.amount\n",
        "",
    ),
    Mutation("posting-without-pending", POSTINGS, "payer.limit_low + payer.debits_pending", "payer.limit_low"),
    Mutation(
        "posting-without-auditor",
        POSTINGS,
        "return ONE_AUDITOR if instruction.body.type in BY_MINUTES else None",
        "return None",
    ),
    Mutation("opening-off-zero", POSTINGS, "return LedgerCode.OPENING_NOT_ZERO if total else None", "return None"),
    Mutation(
        "opening-of-an-account-in-use",
        POSTINGS,
        "if account.balance or account.has_pending:",
        "if account.has_pending:",
    ),
    Mutation(
        "opening-difference-without-minutes",
        POSTINGS,
        "account.kind is not AccountKind.MEMBER and body.minutes is None",
        "account is None",
    ),
    Mutation("opening-contested-is-closed", POSTINGS, "state=state, is_open=not agrees", "state=state, is_open=False"),
    Mutation(
        "opening-answered-by-anybody",
        POSTINGS,
        "if instruction.author not in {item.payer, item.payee} - {draft.ledger}:",
        "if item.id is None:",
    ),
    Mutation(
        "fund-that-is-none",
        POSTINGS,
        "if _account(draft, part.payer, unit).kind is not AccountKind.FUND:",
        "if part is None:",
    ),
    Mutation("write-off-beyond-the-debt", POSTINGS, "balance + written[part.payee] > 0:", "balance + part.amount > 0:"),
    Mutation(
        "write-off-exactly-refused",
        POSTINGS,
        "balance + written[part.payee] > 0:",
        "balance + written[part.payee] >= 0:",
    ),
    Mutation(
        "fund-left-by-one-signature",
        SLIPS,
        "LedgerCode.FUND_NEEDS_MINUTES if account is not None and",
        "LedgerCode.FUND_NEEDS_MINUTES if account is None and",
    ),
    Mutation(
        "treasury-by-one-signature",
        SLIPS,
        "and amount > rule.amount else None",
        "and amount > 2 * rule.amount else None",
    ),
    Mutation(
        "treasury-at-the-threshold", SLIPS, "and amount > rule.amount else None", "and amount >= rule.amount else None"
    ),
    Mutation("slip-by-anybody", SLIPS, "return Role.CLERK in roles.get(author, ())", "return True"),
    Mutation(
        "slip-of-who-is-not-assisted", SLIPS, "if not context.has_role(body.payer, Role.ASSISTED):", "if body is None:"
    ),
    Mutation(
        "slip-to-the-clerk", SLIPS, "if body.payee == instruction.author:", "if body.payer == instruction.author:"
    ),
    Mutation("slip-used-twice", SLIPS, "if draft.item(item_id(SLIP, body.slip or 0)) is not None:", "if body is None:"),
    Mutation(
        "slip-beyond-the-cap",
        SLIPS,
        "given + body.amount > rule.amount else None",
        "body.amount > rule.amount else None",
    ),
    Mutation(
        "slip-cap-not-to-be-reached",
        SLIPS,
        "given + body.amount > rule.amount else None",
        "given + body.amount >= rule.amount else None",
    ),
    Mutation("slip-alone", SLIPS, "        return COUNTERSIGNED\n", "        return None\n"),
    Mutation(
        "slip-contested-by-anybody", SLIPS, "if instruction.author != item.payer and not", "if item is None and not"
    ),
    Mutation(
        "slip-contested-twice",
        SLIPS,
        "return LedgerCode.ALREADY_SIGNED if item.state == CONTESTED else None",
        "return None",
    ),
    Mutation("cash-of-nothing", CASH, "if body.amount <= 0:", "if body.amount < 0:"),
    Mutation(
        "cash-short",
        CASH,
        "not incoming and body.amount > held else None",
        "not incoming and body.amount > held + 1 else None",
    ),
    Mutation(
        "cash-to-the-last",
        CASH,
        "not incoming and body.amount > held else None",
        "not incoming and body.amount >= held else None",
    ),
    Mutation("cash-boxes-mixed", CASH, "return item_id(BOX, box, unit)", "return item_id(BOX, unit)"),
    Mutation("cash-units-mixed", CASH, "return item_id(BOX, box, unit)", "return item_id(BOX, box)"),
    Mutation(
        "cash-by-anybody",
        CASH,
        '"""Treasurer and clerk keep the boxes."""\n        return',
        '"""Treasurer and clerk keep the boxes."""\n        return True or',
    ),
    Mutation("count-alone", CASH, "return Signatures(roles=SECOND_PEOPLE, count=1)", "return None"),
    Mutation("count-of-one-person", CASH, "if body.second == instruction.author:", "if body is None:"),
    Mutation("count-after-a-movement", CASH, "box.changed_leaf > act.opened_leaf", "box is None"),
    Mutation("closing-of-the-future", CLOSINGS, "if body.until_ms > context.time_ms:", "if body.until_ms < 0:"),
    Mutation("closing-by-its-own-auditor", CLOSINGS, "if instruction.author in body.auditors:", "if body is None:"),
    Mutation(
        "closing-by-no-auditor",
        CLOSINGS,
        "if not all(context.has_role(auditor, Role.AUDITOR) for auditor in body.auditors):",
        "if body is None:",
    ),
    Mutation(
        "closing-of-the-same-time",
        CLOSINGS,
        "body.until_ms <= closed_until(draft)",
        "body.until_ms < closed_until(draft)",
    ),
    Mutation(
        "closing-unsigned", CLOSINGS, "return Signatures(agents=frozenset(instruction.body.auditors))", "return None"
    ),
    Mutation(
        "period-closed-a-millisecond-short",
        CLOSINGS,
        "any(date <= closed for date in dates_ms)",
        "any(date < closed for date in dates_ms)",
    ),
    Mutation("period-not-closed", CLOSINGS, "any(date <= closed for date in dates_ms)", "closed is None"),
    Mutation("date-in-the-future", CLOSINGS, "date > context.time_ms + DAY_MS", "date > context.time_ms + DAY_MS + 1"),
)
