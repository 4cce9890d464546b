"""Mutations of holds: what is set aside, who ends it, and when it ends by itself.

Source: docs/spec/04-ledger.md, L-50 to L-58.
"""

from __future__ import annotations

from tests.mutations.mutating import Mutation

HOLDS = "protocol/ledger/holds.py"

MUTATIONS = (
    Mutation(
        "hold-of-another",
        HOLDS,
        "return bool(instruction.author == instruction.body.payer)",
        "return bool(instruction.author in {instruction.body.payer, instruction.body.payee})",
    ),
    Mutation("hold-expired-already", HOLDS, "if body.expires_ms <= context.time_ms:", "if body.expires_ms < 0:"),
    Mutation("hold-too-long", HOLDS, "context.time_ms > HOLD_MS_MAX", "context.time_ms > HOLD_MS_MAX + 1"),
    Mutation("hold-longest-refused", HOLDS, "context.time_ms > HOLD_MS_MAX", "context.time_ms >= HOLD_MS_MAX"),
    Mutation(
        "hold-mediator-unknown",
        HOLDS,
        "if not all(context.roles",
        "if not any((1, *context.roles)) and not all(context.roles",
    ),
    Mutation(
        "hold-one-mediator-known", HOLDS, "if not all(context.roles", "if body.mediators and not any(context.roles"
    ),
    Mutation("hold-sets-nothing-aside", HOLDS, "        _reserve(draft, item, body.amount)\n", ""),
    Mutation("hold-credit-not-set-aside", HOLDS, "payee.credits_pending + amount", "payee.credits_pending"),
    Mutation("hold-debit-not-set-aside", HOLDS, "payer.debits_pending + amount", "payer.debits_pending"),
    Mutation("hold-never-freed", HOLDS, "    _reserve(draft, item, -item.amount)\n", ""),
    Mutation(
        "hold-frees-what-is-done",
        HOLDS,
        "_reserve(draft, item, -item.amount)",
        "_reserve(draft, item, -(done or item.amount))",
    ),
    Mutation("hold-ends-twice", HOLDS, "        if not item.is_open:\n            return ENDED[item.state]\n", ""),
    Mutation("hold-stays-open", HOLDS, "state=state, is_open=False, done=done", "state=state, is_open=True, done=done"),
    Mutation("hold-never-expires", HOLDS, "until_ms=body.expires_ms,", "until_ms=None,"),
    Mutation("hold-expires-late", HOLDS, "until_ms=body.expires_ms,", "until_ms=body.expires_ms + 1,"),
    Mutation("hold-posted-whole", HOLDS, "item.amount if body.amount is None else body.amount", "item.amount"),
    Mutation("hold-posted-beyond", HOLDS, "body.amount > item.amount:", "body.amount > item.amount + 1:"),
    Mutation("hold-posted-exactly-refused", HOLDS, "body.amount > item.amount:", "body.amount >= item.amount:"),
    Mutation("hold-posted-for-nothing", HOLDS, "body.amount <= 0:", "body.amount < 0:"),
    Mutation("hold-posted-within-limits-of-today", HOLDS, "amount, limits=False)", "amount, limits=True)"),
    Mutation(
        "hold-done-not-noted",
        HOLDS,
        "_end(draft, item, context, POSTED, done=amount)",
        "_end(draft, item, context, POSTED)",
    ),
    Mutation(
        "hold-stranger-has-a-part",
        HOLDS,
        "if not is_assembly and instruction.author not in {hold.payer,",
        "if not is_assembly and instruction.author in () and {hold.payer,",
    ),
    Mutation("hold-payer-voids", HOLDS, "return action is ResolutionAction.POST\n", "return True\n"),
    Mutation(
        "hold-payee-posts",
        HOLDS,
        "return action is ResolutionAction.VOID or hold.payee_posts_from_ms is not None",
        "return True",
    ),
    Mutation(
        "hold-payee-never-posts",
        HOLDS,
        "return action is ResolutionAction.VOID or hold.payee_posts_from_ms is not None",
        "return action is ResolutionAction.VOID",
    ),
    Mutation(
        "hold-payee-posts-early",
        HOLDS,
        "context.time_ms < hold.payee_posts_from_ms",
        "context.time_ms < hold.payee_posts_from_ms - 1",
    ),
    Mutation(
        "hold-payee-posts-late",
        HOLDS,
        "context.time_ms < hold.payee_posts_from_ms",
        "context.time_ms <= hold.payee_posts_from_ms",
    ),
    Mutation("hold-payee-posts-what-is-disputed", HOLDS, "        if disputed:\n", "        if not hold:\n"),
    Mutation("hold-mediator-disputes", HOLDS, "return author in {hold.payer, hold.payee}", "return True"),
    Mutation(
        "hold-mediator-before-a-dispute",
        HOLDS,
        "return None if disputed else LedgerCode.HOLD_NOT_DISPUTED",
        "return None",
    ),
    Mutation(
        "hold-one-mediator-decides",
        HOLDS,
        "if instruction.author in hold.mediators:\n            # spec",
        "if instruction.author in ():\n            # spec",
    ),
    Mutation(
        "hold-mediator-is-both",
        HOLDS,
        "frozenset(hold.mediators) - {instruction.author}",
        "frozenset({instruction.author})",
    ),
    Mutation("hold-disputed-twice", HOLDS, "return LedgerCode.HOLD_DISPUTED if disputed else None", "return None"),
    Mutation(
        "hold-disputed-expires", HOLDS, "None if item.instruction.body.mediators else item.until_ms", "item.until_ms"
    ),
    Mutation("hold-disputed-for-ever", HOLDS, "None if item.instruction.body.mediators else item.until_ms", "None"),
    Mutation("hold-part-ends-a-claim", HOLDS, "and _is_part(item, body) and _has_claim(hold)", "and item is None"),
    Mutation(
        "hold-part-never-alone", HOLDS, "and _is_part(item, body) and _has_claim(hold)", "and _is_part(item, body)"
    ),
    Mutation(
        "hold-claim-of-time-only",
        HOLDS,
        "hold.payee_posts_from_ms is not None or bool(hold.mediators)",
        "hold.payee_posts_from_ms is not None",
    ),
    Mutation(
        "hold-claim-of-mediators-only",
        HOLDS,
        "hold.payee_posts_from_ms is not None or bool(hold.mediators)",
        "bool(hold.mediators)",
    ),
)
