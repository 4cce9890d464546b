"""Mutations of joint acts and items: who signs, who counts, what ends and when.

Source: docs/spec/04-ledger.md, L-43 to L-49.
"""

from __future__ import annotations

from tests.mutations.mutating import Mutation

APPLY = "protocol/ledger/apply.py"
BOOK = "protocol/ledger/book.py"
ITEMS = "protocol/ledger/items.py"
JOINT = "protocol/ledger/joint.py"
RULES = "protocol/ledger/rules.py"

MUTATIONS = (
    Mutation(
        "act-without-signatures",
        APPLY,
        "elif is_joint:",
        "elif rules is None:",
    ),
    Mutation("act-of-a-day-less", JOINT, "ACT_LIFE_MS = 30 *", "ACT_LIFE_MS = 29 *"),
    Mutation("act-never-ends", JOINT, "until_ms=context.time_ms + ACT_LIFE_MS,", "until_ms=None,"),
    Mutation(
        "act-signed-by-anybody", JOINT, "if not is_signer and not _may_sign(", "if author is None and not _may_sign("
    ),
    Mutation("act-signed-by-any-role", JOINT, "return bool(held & wanted.roles)", "return bool(held)"),
    Mutation("act-network-has-all-roles", JOINT, "held = held | {Role.TREASURER}", "held = held | wanted.roles"),
    Mutation("act-network-has-no-role", JOINT, "held = held | {Role.TREASURER}", "held = held | frozenset()"),
    Mutation(
        "act-signed-twice-by-its-author",
        JOINT,
        "is_signer = author in item.signers",
        "is_signer = author in item.signers[1:]",
    ),
    Mutation(
        "act-signed-twice-by-another",
        JOINT,
        "is_signer = author in item.signers",
        "is_signer = author == item.signers[0]",
    ),
    Mutation(
        "act-author-counts-as-another", JOINT, "for signer in signers[1:] if signer", "for signer in signers if signer"
    ),
    Mutation(
        "act-payee-counts-for-a-role",
        JOINT,
        "for signer in signers[1:] if signer not in wanted.agents]",
        "for signer in signers[1:]]",
    ),
    Mutation(
        "act-one-of-the-agents-is-enough", JOINT, "wanted.agents <= set(signers)", "bool(wanted.agents & set(signers))"
    ),
    Mutation("act-agents-not-waited-for", JOINT, "return wanted.agents <= set(signers) and len", "return len"),
    Mutation("act-one-role-too-many", JOINT, "len(others) >= wanted.count", "len(others) > wanted.count"),
    Mutation("act-one-role-too-few", JOINT, "len(others) >= wanted.count", "len(others) >= wanted.count - 1"),
    Mutation("act-not-decided-again", JOINT, "return rules.decide(draft, item.instruction, context)", "return None"),
    Mutation(
        "act-decided-too-early",
        JOINT,
        "        if not _is_complete(wanted, (*item.signers, author)):\n            return None\n        return rules",
        "        return rules",
    ),
    Mutation("act-ended-is-answered", JOINT, "if not item.is_open:", "if item.id is None:"),
    Mutation("act-declined-stays-open", JOINT, "is_open=False, state=DECLINED", "is_open=True, state=DECLINED"),
    Mutation(
        "act-declined-by-its-author-refused",
        JOINT,
        "        if not instruction.body.agree:\n            return None\n"
        "        if is_signer:\n            return LedgerCode.ALREADY_SIGNED\n",
        "        if is_signer:\n            return LedgerCode.ALREADY_SIGNED\n"
        "        if not instruction.body.agree:\n            return None\n",
    ),
    Mutation(
        "act-signature-forgotten",
        JOINT,
        "item.changed(leaf=context.index, signers=signers))",
        "item.changed(leaf=context.index))",
    ),
    Mutation(
        "act-done-stays-open",
        JOINT,
        "signers=signers, is_open=False, state=DONE",
        "signers=signers, is_open=True, state=DONE",
    ),
    Mutation(
        "act-leaf-not-noted",
        ITEMS,
        "return replace(self, changed_leaf=leaf, **changes)",
        "return replace(self, **changes)",
    ),
    Mutation("consent-to-what-waits-for-nobody", RULES, "return LedgerCode.NOTHING_TO_ANSWER", "return None"),
    Mutation("items-end-a-millisecond-late", BOOK, "self._due_ms > time_ms", "self._due_ms >= time_ms"),
    Mutation("items-end-latest-first", BOOK, "heapify(self._ends)", "self._ends.sort(reverse=True)"),
    Mutation(
        "items-end-before-their-time",
        BOOK,
        "return found if until_ms <= time_ms else None",
        "return found",
    ),
    Mutation("items-end-a-leaf-late", APPLY, "draft.due(context.time_ms)", "draft.due(draft.time_ms)"),
    Mutation(
        "items-due-forgotten-in-a-batch",
        BOOK,
        "self._due_ms = item.until_ms if self._due_ms is None else min(self._due_ms, item.until_ms)",
        "self._due_ms = self._due_ms",
    ),
    Mutation(
        "items-due-forgotten-by-the-book",
        BOOK,
        "self.due_ms = min((item.until_ms for",
        "self.due_ms = max((item.until_ms for",
    ),
    Mutation("items-closed-stay-in-the-book", BOOK, "            if item.is_open:\n", "            if item.id:\n"),
    Mutation(
        "items-of-the-book-first",
        BOOK,
        "return self.changed_items.get(identifier) or self._book.item(identifier) or",
        "return self._book.item(identifier) or self.changed_items.get(identifier) or",
    ),
    Mutation("items-closed-are-listed", BOOK, "(i for i in found.values() if i.is_open)", "found.values()"),
    Mutation(
        "items-names-run-together", ITEMS, "codec.encode(list(name))", 'b"".join(str(part).encode() for part in name)'
    ),
)
