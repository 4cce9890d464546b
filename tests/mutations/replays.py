"""Mutations of the audit: what a replay compares with each leaf. Source: docs/spec/04-ledger L-10 to L-13, L-40."""

from __future__ import annotations

from tests.mutations.mutating import Mutation

INSTRUCTIONS = "protocol/ledger/instructions.py"
REPLAY = "protocol/ledger/replay.py"
TRANSFERS = "protocol/ledger/transfers.py"

MUTATIONS = (
    Mutation(
        "signed-for-another", TRANSFERS, "return bool(instruction.author == signer_of(instruction.body))", "return True"
    ),
    Mutation("instruction-of-another-home", INSTRUCTIONS, "if header.home != ledger:", "if header.home is None:"),
    Mutation("instruction-revised", INSTRUCTIONS, "if header.thing is not None:", "if header.home is None:"),
    Mutation(
        "instruction-of-a-later-version", INSTRUCTIONS, "if header.version != VERSION:", "if header.version < VERSION:"
    ),
    Mutation("instruction-of-any-kind", INSTRUCTIONS, "if header.kind not in LEDGER_KINDS:", "if not header.kind:"),
    Mutation("replay-outcome-believed", REPLAY, "if applied.outcome != leaf.outcome:", "if not leaf.outcome:"),
    Mutation("replay-time-believed", REPLAY, "if leaf.time_ms < self.book.time_ms:", "if leaf.time_ms < 0:"),
    Mutation(
        "replay-equal-times-refused",
        REPLAY,
        "if leaf.time_ms < self.book.time_ms:",
        "if leaf.time_ms <= self.book.time_ms:",
    ),
    Mutation("replay-keys-believed", REPLAY, "if leaf.keys_at < self.book.keys_at:", "if leaf.keys_at < 0:"),
    Mutation("replay-salt-believed", REPLAY, "if len(leaf.salt) != SALT_BYTES:", "if leaf.salt is None:"),
    Mutation("replay-id-believed", REPLAY, "if record.id != leaf.record_id:", "if record.id is None:"),
    Mutation("replay-id-twice", REPLAY, "if record.id in self._seen:", "if record.id is None:"),
    Mutation(
        "replay-author-believed",
        REPLAY,
        "if not rules_of(instruction).is_entitled(instruction, ledger=book.ledger, roles=roles):",
        "if roles is None:",
    ),
    Mutation(
        "replay-without-time-leaves",
        REPLAY,
        "if leaf.record_id is None and leaf.outcome == TIME:",
        "if leaf.record_id == TIME:",
    ),
    Mutation("replay-skips-nothing", REPLAY, "        self.book.size += 1\n", "        self.book.size += 0\n"),
    Mutation(
        "replay-forgets-items", REPLAY, "        self.items.update((item.id, item) for item in applied.items)\n", ""
    ),
    Mutation(
        "replay-does-not-look-into-acts",
        REPLAY,
        "(*named, *(name for act in acts for name in rules_of(act).references(act)))",
        "named",
    ),
    Mutation(
        "replay-roles-of-acts-unasked",
        REPLAY,
        "(*rules.agents(instruction), *(who for act in named for who in rules_of(act).agents(act)))",
        "rules.agents(instruction)",
    ),
)
