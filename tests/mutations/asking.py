"""Mutations of requests, mandates, reversals and official parts.

Source: docs/spec/04-ledger.md, L-60 to L-69.
"""

from __future__ import annotations

from tests.mutations.mutating import Mutation

LINKED = "protocol/ledger/linked.py"
MANDATES = "protocol/ledger/mandates.py"
OFFICIAL = "protocol/ledger/official.py"
PERIODS = "protocol/ledger/periods.py"
REQUESTS = "protocol/ledger/requests.py"
REVERSALS = "protocol/ledger/reversals.py"

MUTATIONS = (
    Mutation(
        "request-by-its-payer",
        REQUESTS,
        "instruction.author == instruction.body.payee",
        "instruction.author in (instruction.body.payer, instruction.body.payee)",
    ),
    Mutation(
        "request-overdue-a-millisecond-more",
        REQUESTS,
        "OVERDUE_MS_MAX <= context.time_ms",
        "OVERDUE_MS_MAX < context.time_ms",
    ),
    Mutation(
        "request-term-off-by-one", REQUESTS, "context.time_ms + TERM_MS_MAX:", "context.time_ms + TERM_MS_MAX + 1:"
    ),
    Mutation("request-by-limits-of-today", REQUESTS, "body.amount, limits=False)", "body.amount)"),
    Mutation(
        "request-declined-is-withdrawn",
        REQUESTS,
        "DECLINED if instruction.author == item.payer",
        "DECLINED if instruction.author == item.payee",
    ),
    Mutation("request-declined-stays-open", REQUESTS, "is_open=False, state=state", "is_open=True, state=state"),
    Mutation("request-agreed-to", REQUESTS, "if instruction.body.agree:", "if instruction.body is None:"),
    Mutation(
        "request-ended-by-anybody",
        REQUESTS,
        "return None if instruction.author in {item.payer, item.payee} else",
        "return None if item else",
    ),
    Mutation(
        "request-paid-beyond", LINKED, "transfer.amount > item.amount - item.done", "transfer.amount > item.amount"
    ),
    Mutation(
        "request-paid-exactly-refused",
        LINKED,
        "transfer.amount > item.amount - item.done",
        "transfer.amount >= item.amount - item.done",
    ),
    Mutation("request-paid-stays-open", LINKED, "is_open = done < item.amount", "is_open = done <= item.amount"),
    Mutation("request-paid-in-part-is-paid", LINKED, "is_open = done < item.amount", "is_open = False"),
    Mutation("request-paid-twice", LINKED, "    if not item.is_open:\n        return LedgerCode.REQUEST_CLOSED\n", ""),
    Mutation(
        "request-of-other-accounts",
        LINKED,
        "    if not _is_between(transfer, item):\n        return LedgerCode.NOT_AS_REQUESTED\n",
        "",
    ),
    Mutation(
        "request-in-another-unit",
        LINKED,
        "(item.payer, item.payee, item.unit) == (transfer.payer, transfer.payee, transfer.unit)",
        "(item.payer, item.payee) == (transfer.payer, transfer.payee)",
    ),
    Mutation("request-that-is-a-mandate", LINKED, "if item is None or item.kind != REQUEST:", "if item is None:"),
    Mutation("request-parts-forget-what-was-paid", REQUESTS, "        done -= paid\n", ""),
    Mutation(
        "mandate-limit-off-by-one",
        LINKED,
        "item.done + transfer.amount > item.amount",
        "item.done + transfer.amount > item.amount + 1",
    ),
    Mutation(
        "mandate-limit-not-to-be-reached",
        LINKED,
        "item.done + transfer.amount > item.amount",
        "item.done + transfer.amount >= item.amount",
    ),
    Mutation(
        "mandate-limit-of-each-draw",
        LINKED,
        "item.done + transfer.amount > item.amount",
        "transfer.amount > item.amount",
    ),
    Mutation(
        "mandate-ended-is-drawn-on", LINKED, "    if not item.is_open:\n        return LedgerCode.MANDATE_ENDED\n", ""
    ),
    Mutation(
        "mandate-of-other-accounts",
        LINKED,
        "    if not _is_between(transfer, item):\n        return LedgerCode.NOT_AS_MANDATED\n",
        "",
    ),
    Mutation("mandate-that-is-a-request", LINKED, "if item is None or item.kind != MANDATE:", "if item is None:"),
    Mutation(
        "mandate-drawn-by-its-payer",
        LINKED,
        "transfer.payer if transfer.mandate is None else transfer.payee",
        "transfer.payer",
    ),
    Mutation(
        "mandate-draw-not-counted",
        LINKED,
        "        _count_draw(draft, body, body.mandate, context)\n",
        "        pass\n",
    ),
    Mutation(
        "mandate-outlives-its-day",
        LINKED,
        "min(period_end(body.period, context.time_ms), body.until_ms)",
        "period_end(body.period, context.time_ms)",
    ),
    Mutation(
        "mandate-period-never-ends",
        MANDATES,
        "changed(leaf=context.index, done=0, until_ms=body.until_ms)",
        "changed(leaf=context.index, until_ms=body.until_ms)",
    ),
    Mutation(
        "mandate-never-ends",
        MANDATES,
        "if body.until_ms <= context.time_ms:\n            draft",
        "if body.until_ms < context.time_ms:\n            draft",
    ),
    Mutation(
        "mandate-of-another", MANDATES, "return bool(instruction.author == instruction.body.payer)", "return True"
    ),
    Mutation(
        "mandate-ended-stays-open",
        MANDATES,
        "        draft.put_item(item.changed(leaf=context.index, is_open=False, state=ENDED))\n        return ENDED",
        "        draft.put_item(item.changed(leaf=context.index, state=ENDED))\n        return ENDED",
    ),
    Mutation("period-week-from-sunday", PERIODS, "return (day + 3) // 7", "return (day + 4) // 7"),
    Mutation("period-a-day-too-long", PERIODS, "return following * DAY_MS", "return (following + 1) * DAY_MS"),
    Mutation(
        "reversal-by-anybody",
        REVERSALS,
        "return instruction.author in {instruction.body.payer, instruction.body.payee}",
        "return True",
    ),
    Mutation("reversal-alone", REVERSALS, "frozenset({body.payer, body.payee} - {instruction.author})", "frozenset()"),
    Mutation(
        "reversal-twice",
        REVERSALS,
        "    if draft.item(reversed_id(body.transfer)) is not None:\n        return LedgerCode.ALREADY_REVERSED\n",
        "",
    ),
    Mutation(
        "reversal-beyond-the-transfer",
        REVERSALS,
        "if body.amount > transfer.amount:",
        "if body.amount > transfer.amount + 1:",
    ),
    Mutation(
        "reversal-whole-refused", REVERSALS, "if body.amount > transfer.amount:", "if body.amount >= transfer.amount:"
    ),
    Mutation(
        "reversal-the-same-way-again",
        REVERSALS,
        "(transfer.payee, transfer.payer, transfer.unit) != (body.payer, body.payee, body.unit)",
        "{transfer.payee, transfer.payer} != {body.payer, body.payee}",
    ),
    Mutation(
        "reversal-of-what-was-not-posted",
        REVERSALS,
        "if item is None or not _is_posted(item) or not",
        "if item is None or not",
    ),
    Mutation(
        "official-answered-by-its-payer",
        OFFICIAL,
        "if instruction.author != item.payee:",
        "if instruction.author not in {item.payer, item.payee}:",
    ),
    Mutation(
        "official-contested-twice",
        OFFICIAL,
        "if item.state == CONTESTED and not instruction.body.agree:",
        "if item is None:",
    ),
    Mutation("official-contested-is-closed", OFFICIAL, "is_open=not agrees", "is_open=False"),
    Mutation("official-confirmed-stays-open", OFFICIAL, "is_open=not agrees", "is_open=True"),
    Mutation(
        "items-open-without-end",
        "protocol/ledger/apply.py",
        "return draft.open_count(author) < OPEN_ITEMS_MAX",
        "return True",
    ),
    Mutation(
        "items-open-one-too-few",
        "protocol/ledger/apply.py",
        "return draft.open_count(author) < OPEN_ITEMS_MAX",
        "return draft.open_count(author) < OPEN_ITEMS_MAX - 1",
    ),
    Mutation("items-open-counted-without-ends", "protocol/ledger/book.py", "begun - ended", "begun"),
)
