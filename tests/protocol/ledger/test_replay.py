"""Folding stored leaves again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from protocol.ledger import Replay, apply, read_instruction, transfer_item
from protocol.merkle.leaf import LedgerLeaf
from protocol.record import Record
from tests.ledger_builders import LEDGER, UNIT, account_body, balance, named, signed, transfer_body


def history() -> list[tuple[LedgerLeaf, Record]]:
    """Give the leaves of a small ledger, as its sequencer writes them: two openings, a payment, a refusal."""
    replay = Replay(ledger=LEDGER, unit=UNIT)
    records = [
        signed("account", "vila", account_body("ana")),
        signed("account", "vila", account_body("bento")),
        signed("transfer", "ana", transfer_body("ana", "bento", 40_00)),
        signed("transfer", "ana", transfer_body("ana", "bento", 90_00)),
    ]
    leaves = []
    for number, record in enumerate(records):
        draft = replay.book.draft()
        instruction = read_instruction(record, ledger=LEDGER)
        applied = apply(draft, instruction, now_ms=1_000 + number, keys_at=1)
        draft.settle()
        leaves.append((LedgerLeaf(record.id, 1, applied.time_ms, applied.outcome, bytes(16)), record))
    assert ["opened", "opened", "posted", "debit_limit"] == [leaf.outcome for leaf, _ in leaves]
    return leaves


def fold(leaves: list[tuple[LedgerLeaf, Record]]) -> tuple[Replay, list[tuple[int, str]]]:
    """Replay leaves; give the replay and (index, field) of all that diverged."""
    replay = Replay(ledger=LEDGER, unit=UNIT)
    wrong = [(each.index, each.field) for leaf, record in leaves for each in replay.step(leaf, record)[1]]
    return replay, wrong


def test_a_true_history_folds_to_the_same_book() -> None:
    """Every leaf follows from those before it, and the balances come out."""
    replay, wrong = fold(history())

    assert wrong == []
    assert (-40_00, 40_00, 4) == (balance(replay.book, "ana"), balance(replay.book, "bento"), replay.book.size)


ALTERED = [
    (2, {"outcome": "debit_limit"}, [(2, "outcome")]),
    (3, {"outcome": "posted"}, [(3, "outcome")]),
    (3, {"outcome": "sunny"}, [(3, "outcome")]),
    (3, {"time_ms": 999}, [(3, "time_ms")]),
    (3, {"keys_at": 0}, [(3, "keys_at")]),
    (2, {"record_id": named("another")}, [(2, "record_id")]),
    (2, {"record_id": None}, [(2, "record_id")]),
    (2, {"salt": bytes(15)}, [(2, "salt")]),
    (3, {"time_ms": 1_002}, []),
]


@pytest.mark.parametrize(("index", "changes", "expected"), ALTERED)
def test_an_altered_leaf_is_named(index: int, changes: dict[str, object], expected: list[tuple[int, str]]) -> None:
    """A leaf that says what the rules don't is reported with its index and field."""
    leaves = history()
    leaf, record = leaves[index]
    leaves[index] = (replace(leaf, **changes), record)  # type: ignore[arg-type]

    assert expected == [each for each in fold(leaves)[1] if each[0] == index]


def test_an_instruction_counts_once() -> None:
    """The same id in a second leaf is reported and moves nothing."""
    leaves = history()
    replay, wrong = fold([*leaves, leaves[2]])

    assert (4, "record_id") in wrong
    assert balance(replay.book, "ana") == -40_00


def test_a_record_that_is_no_instruction_is_reported() -> None:
    """A leaf over somebody else's payment, or over a body that is gone, moves nothing."""
    forged = signed("transfer", "bento", transfer_body("ana", "bento", 1))
    gone = history()[2][1].without_body()
    leaves = history()[:2]
    leaves += [(LedgerLeaf(record.id, 1, 2_000, "posted", bytes(16)), record) for record in (forged, gone)]

    replay, wrong = fold(leaves)

    assert [(2, "record_id"), (3, "record_id")] == wrong
    assert (0, 4) == (balance(replay.book, "ana"), replay.book.size)


def stepped(replay: Replay, record: Record | None, outcome: str, time_ms: int = 3_000) -> list[str]:
    """Fold one more leaf over this record, as an audit does; give the fields that diverge."""
    leaf = LedgerLeaf(None if record is None else record.id, 1, time_ms, outcome, bytes(16))
    named_there = () if record is None else replay.missing(record)
    transfers = [
        transfer_item(instruction, index=2)
        for instruction in [read_instruction(history()[2][1], ledger=LEDGER)]
        if instruction.id in named_there
    ]
    _, wrong = replay.step(leaf, record, transfers=transfers)
    return [each.field for each in wrong]


def test_a_leaf_of_time_alone_lets_what_is_due_end() -> None:
    """It has no record, diverges in nothing, and what ended stays known to be ended."""
    replay, _ = fold(history())
    hold = signed("hold", "ana", hold_body(expires_ms=5_000))
    late = signed("resolution", "ana", {"hold": hold.id, "action": "post"})

    wrong = [stepped(replay, hold, "held"), stepped(replay, None, "time", 5_000)]

    assert [[], []] == wrong
    assert ("expired", 6) == (replay.items[hold.id].state, replay.book.size)
    assert [] == stepped(replay, late, "hold_expired", 5_000)


def test_a_consent_is_judged_with_what_its_act_names() -> None:
    """The transfer behind a proposed reversal is asked for again when the other side agrees."""
    replay, _ = fold(history())
    back = {
        "ledger": LEDGER,
        "transfer": history()[2][1].id,
        "payer": named("bento"),
        "payee": named("ana"),
        "amount": 40_00,
        "unit": UNIT,
    }
    act = signed("reversal", "ana", back)
    answer = signed("consent", "bento", {"instruction": act.id, "agree": True})

    assert [[], []] == [stepped(replay, act, "proposed"), stepped(replay, answer, "reversed")]
    assert balance(replay.book, "ana") == 0


def test_roles_are_asked_for_of_whom_an_item_names() -> None:
    """Whoever answers something is judged with the roles that its own rules ask for."""
    replay, _ = fold(history())
    hold = signed("hold", "ana", hold_body())
    answer = signed("consent", "bento", {"instruction": hold.id, "agree": True})
    stepped(replay, hold, "held")

    assert (named("bento"), named("ana")) == replay.agents(answer)


def hold_body(**changes: object) -> dict[str, object]:
    """Give the body of a hold of ten credits."""
    asked = {"amount": 10_00, "expires_ms": 9_000, "unit": UNIT, "ledger": LEDGER}
    return {**asked, "payer": named("ana"), "payee": named("bento"), **changes}
