"""Books and the drafts over them."""

from __future__ import annotations

import pytest

from protocol.kinds.holds import Hold
from protocol.ledger import Book, apply, tick
from tests.ledger_builders import LEDGER, UNIT, balance, book_of, instruct, named, opening, post, transfer


def test_a_dropped_draft_leaves_the_book_as_it_was() -> None:
    """A batch whose commit failed is forgotten by dropping its draft."""
    book = book_of(opening("ana"), opening("bento"))
    draft = book.draft()
    applied = apply(draft, transfer("ana", "bento", 10), now_ms=5_000, keys_at=1)
    inside = draft.account(named("ana"), UNIT)

    assert applied.outcome == "posted"
    assert inside is not None
    assert (-10, 0) == (inside.balance, balance(book, "ana"))
    assert (2, 1_000) == (book.size, book.time_ms)


def test_instructions_of_one_draft_see_each_other() -> None:
    """The second transfer of a batch finds what the first one left."""
    book = book_of(opening("ana", low=-10), opening("bento"))
    draft = book.draft()

    outcomes = [apply(draft, transfer("ana", "bento", amount), now_ms=5_000, keys_at=1).outcome for amount in (6, 5, 4)]
    draft.settle()

    assert ["posted", "debit_limit", "posted"] == outcomes
    assert (-10, 5) == (balance(book, "ana"), book.size)


def test_a_draft_that_breaks_the_sum_is_not_settled() -> None:
    """The sum of a unit is asserted before a batch reaches the book."""
    book = book_of(opening("ana"), opening("bento"))
    draft = book.draft()
    account = draft.account(named("ana"), UNIT)
    assert account is not None
    draft.put(account.with_balance(1))

    with pytest.raises(AssertionError, match="off zero"):
        draft.settle()


def test_two_drafts_cannot_both_settle() -> None:
    """There is one sequencer: a draft made before another one settled is refused."""
    book = book_of(opening("ana"), opening("bento"))
    first, second = book.draft(), book.draft()
    apply(first, transfer("ana", "bento", 1), now_ms=5_000, keys_at=1)
    apply(second, transfer("ana", "bento", 2), now_ms=5_000, keys_at=1)
    first.settle()

    with pytest.raises(AssertionError, match="the book has"):
        second.settle()


def test_keys_at_never_decreases() -> None:
    """A leaf judged at an older trust feed than the leaf before is a bug of the caller."""
    book = book_of(opening("ana"), opening("bento"))

    with pytest.raises(AssertionError, match="keys_at"):
        apply(book.draft(), transfer("ana", "bento", 1), now_ms=5_000, keys_at=0)


def test_a_book_restored_from_its_accounts_goes_on_alike() -> None:
    """What a restart builds from stored accounts decides like the book that was folded."""
    book = book_of(opening("ana"), opening("bento"))
    post(book, transfer("ana", "bento", 25))

    again = Book.restored(
        ledger=LEDGER,
        unit=UNIT,
        size=book.size,
        time_ms=book.time_ms,
        keys_at=book.keys_at,
        accounts=book.accounts(),
    )
    outcomes = [post(each, opening("carla")).accounts for each in (book, again)]

    assert outcomes[0] == outcomes[1]
    assert list(book.accounts()) == list(again.accounts())


def test_a_thousand_ends_come_in_their_order() -> None:
    """What has come to its end ends with one leaf, the earliest first, then by id; the rest stays open."""
    book = book_of(opening("ana"), opening("bento"))
    draft = book.draft()
    for number in range(1_000):
        hold = hold_until(9_000 - number // 2)
        made = instruct("ana", hold, identifier=named(f"{number}"))
        assert apply(draft, made, now_ms=2_000, keys_at=1).outcome == "held"
    draft.settle()

    draft = book.draft()
    ended = tick(draft, now_ms=8_999, keys_at=1).items
    draft.settle()

    order = [(item.instruction.body.expires_ms, item.id) for item in ended]
    assert (998, order) == (len(order), sorted(order))
    assert (2, 9_000) == (len(list(book.items())), book.due_ms)


def hold_until(expires_ms: int) -> Hold:
    """Give what ana sets aside for bento until a time."""
    return Hold(ledger=LEDGER, payer=named("ana"), payee=named("bento"), amount=1, unit=UNIT, expires_ms=expires_ms)


def test_each_leaf_of_a_draft_has_moves_of_its_own() -> None:
    """What a leaf moved is told with that leaf, and not again with the next."""
    book = book_of(opening("ana"), opening("bento"))
    draft = book.draft()

    moved = [
        [move.amount for move in apply(draft, transfer("ana", "bento", amount), now_ms=5_000, keys_at=1).moves]
        for amount in (6, 5)
    ]

    assert [[6], [5]] == moved


def test_accounts_are_restored_in_any_order() -> None:
    """The next account gets a number that none had, however the stored ones were read."""
    book = book_of(opening("ana"), opening("bento"))

    again = Book.restored(
        ledger=LEDGER, unit=UNIT, size=2, time_ms=1, keys_at=1, accounts=reversed(list(book.accounts()))
    )

    assert [3] == [account.number for account in post(again, opening("carla")).accounts]
