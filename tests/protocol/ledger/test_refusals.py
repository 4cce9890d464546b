"""The list of refusals."""

from __future__ import annotations

from protocol.errors import Code
from protocol.ledger import LedgerCode, code_of
from protocol.ledger.apply import OUTCOMES
from protocol.merkle.leaf import OUTCOME_CHARS_MAX


def test_codes_are_short_words_of_their_own() -> None:
    """A code fits the leaf, and is neither an outcome nor a code of another subject."""
    values = [code.value for code in LedgerCode]

    assert len(values) == len(set(values))
    assert all(len(value) <= OUTCOME_CHARS_MAX and value.replace("_", "").isalpha() for value in values)
    assert set(values).isdisjoint(OUTCOMES)
    assert set(values).isdisjoint(code.value for code in Code)


def test_every_refusal_says_what_to_do_next() -> None:
    """Each code explains itself and names a next step, in whole sentences."""
    for code in LedgerCode:
        refusal = code.refusal()
        assert refusal.message.endswith(".")
        assert refusal.next_step.endswith(".")


def test_ranks_follow_the_list() -> None:
    """What stands first has rank 0, and a limit comes late: it says most about the other side."""
    assert [0, len(LedgerCode) - 1] == [LedgerCode.WRONG_LEDGER.rank, LedgerCode.TOO_MANY_OPEN.rank]
    assert LedgerCode.CREDIT_LIMIT.rank == len(LedgerCode) - 2


def test_an_outcome_is_read_back_as_its_refusal() -> None:
    """The word in a leaf leads back to the refusal, and an outcome that is none leads nowhere."""
    assert LedgerCode.EXPIRED is code_of("expired")
    assert code_of("posted") is None
