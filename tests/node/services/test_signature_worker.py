"""The worker process, fed from memory."""

from __future__ import annotations

import io

from node.services.signature_worker import serve
from tests.ledger_builders import signed, transfer_body

GOOD = signed("transfer", "ana", transfer_body("ana", "bento", 1))
OTHER = signed("transfer", "ana", transfer_body("ana", "bento", 2))
ITEM = GOOD.header.key + GOOD.signature + GOOD.id
FORGED = GOOD.header.key + OTHER.signature + GOOD.id


def answered(questions: bytes) -> bytes:
    """Give all answers to some questions."""
    answers = io.BytesIO()
    serve(io.BytesIO(questions), answers)
    return answers.getvalue()


def test_each_signature_has_one_byte() -> None:
    """Sound ones get 1 and all others 0, question by question."""
    first = (3).to_bytes(4) + ITEM + FORGED + ITEM
    second = (1).to_bytes(4) + bytes(128)

    assert bytes([1, 0, 1, 0]) == answered(first + second)


def test_a_question_cut_short_ends_the_worker() -> None:
    """Half a question has no answer: whoever asked is gone."""
    assert b"" == answered((2).to_bytes(4) + ITEM)
    assert b"" == answered(b"\0\0")
