"""Items and how a book keeps them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from protocol.ledger import Book, Item, item_id, tick
from tests.ledger_builders import LEDGER, UNIT, instruct, named


def an_item(name: str, until_ms: int | None = None) -> Item:
    """Give an open item of a kind that nothing else knows."""
    made = instruct("ana", name)
    return Item(
        id=named(name),
        kind="act",
        state="proposed",
        is_open=True,
        instruction=made,
        opened_leaf=0,
        changed_leaf=0,
        until_ms=until_ms,
    )


def kept(*items: Item) -> Book:
    """Give a book with these open items."""
    return Book.restored(ledger=LEDGER, unit=UNIT, size=1, time_ms=1, keys_at=1, accounts=(), items=items)


def test_names_of_items_do_not_run_together() -> None:
    """Parts of a name are kept apart, and each kind of part."""
    names = [("slip", "17"), ("slip1", "7"), ("slip17",), ("slip", 17), ("slip", b"17")]

    assert len({item_id(*name) for name in names}) == len(names)
    assert all(len(item_id(*name)) == 32 for name in names)


@pytest.mark.parametrize(("now_ms", "ended"), [(9, []), (10, ["a"]), (19, ["a"]), (20, ["a", "c", "b"])])
def test_items_end_in_order_and_on_time(now_ms: int, ended: list[str]) -> None:
    """The earliest first, then by id; one millisecond decides, and what has no time stays."""
    names = sorted("bc", key=named, reverse=True)
    later = dict(zip(("b", "c"), names, strict=True))
    book = kept(an_item("a", 10), an_item(later["b"], 20), an_item(later["c"], 20), an_item("d"))
    draft = book.draft()

    applied = tick(draft, now_ms=now_ms, keys_at=1)
    draft.settle()

    assert [item.id for item in applied.items] == [named(later.get(name, name)) for name in ended]
    assert {item.id for item in book.items()} == {named(name) for name in "abcd"} - {item.id for item in applied.items}
    assert (applied.outcome, book.size) == ("time", 2)


def test_a_dropped_draft_leaves_the_items_as_they_were() -> None:
    """What a failed commit ended goes on."""
    book = kept(an_item("a", 10))
    tick(book.draft(), now_ms=50, keys_at=1)

    assert [item.is_open for item in book.items()] == [True]
    assert book.due_ms == 10


def test_a_draft_shows_items_as_it_has_changed_them() -> None:
    """What it changed comes before what the book has, and closed ones only where they were made known."""
    book, closed = kept(an_item("a")), replace(an_item("b"), is_open=False)
    draft = book.draft()
    draft.put_item(an_item("a").changed(leaf=1, state="other"))
    draft.put_item(replace(an_item("c"), is_open=False))
    draft.know([closed])

    assert [item.state for item in draft.items_of("act")] == ["other"]
    assert [1] == [item.changed_leaf for item in draft.items_of("act")]
    assert draft.item(closed.id) is closed
    assert draft.item(named("nothing")) is None


def test_what_a_draft_makes_ends_in_that_draft() -> None:
    """Time runs for an item from the leaf that made it, also within one batch."""
    draft = kept().draft()
    draft.put_item(an_item("a", 10))
    draft.put_item(an_item("b", 30))

    ended = [[item.id for item in tick(draft, now_ms=now_ms, keys_at=1).items] for now_ms in (9, 10, 29)]

    assert [[], [named("a")], []] == ended


def test_an_item_that_was_ended_takes_no_other_along() -> None:
    """When the earliest was closed before its time, the next one still waits for its own."""
    draft = kept(an_item("a", 10), an_item("b", 30)).draft()
    draft.put_item(an_item("a", 10).changed(leaf=1, is_open=False))

    assert () == tick(draft, now_ms=20, keys_at=1).items


def test_a_draft_counts_what_its_leaves_opened_and_ended() -> None:
    """Of each author, what stands open after the leaf before; ending one makes room within the same batch."""
    draft = kept(an_item("a"), an_item("b")).draft()
    counts = [draft.open_count(named("ana"))]
    for item in (an_item("c"), replace(an_item("a"), is_open=False), replace(an_item("c"), is_open=False)):
        draft.put_item(item)
        counts.append(draft.open_count(named("ana")))

    assert [2, 3, 2, 1] == counts
