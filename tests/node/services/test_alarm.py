"""The alarm rings at the right time, once an end has come, and doubts a clock that jumped."""

from __future__ import annotations

import asyncio

import pytest

from node.clock import FixedClock
from node.services.alarm import LOOK_S, Alarm
from protocol.ledger import Book, Item
from protocol.limits import CLOCK_SKEW_MS_MAX
from tests.ledger_builders import LEDGER, UNIT, transfer

START_MS = 1_700_000_000_000


class JumpyClock(FixedClock):
    """A clock whose own count of time goes on by itself."""

    counted_ms = 0

    def monotonic_ms(self) -> int:
        """Give what the machine counted."""
        return self.counted_ms


def book_with(*ends: int) -> Book:
    """Give a book in which holds end at these times."""
    book = Book(ledger=LEDGER, unit=UNIT)
    add(book, *ends)
    return book


def add(book: Book, *ends: int) -> None:
    """Put items that end at these times into a book."""
    draft = book.draft()
    for end in ends:
        made = transfer("ana", "bento", end)
        leaf = book.size
        item = Item(
            id=made.id, kind="hold", state="held", is_open=True, instruction=made, opened_leaf=leaf, changed_leaf=leaf,
            until_ms=end,
        )  # fmt: skip
        draft.put_item(item)
    draft.settle()


def alarm_of(clock: FixedClock, book: Book) -> tuple[Alarm, list[int]]:
    """Give an alarm over a book, and the times at which it rings."""
    rung: list[int] = []
    return Alarm(clock, book, lambda: rung.append(clock.now_ms())), rung


def test_it_is_due_at_the_millisecond() -> None:
    """Not before the end, and then with the last end that has come, not with the clock's time."""
    clock = FixedClock(START_MS)
    alarm, _ = alarm_of(clock, book_with(START_MS + 10, START_MS + 20, START_MS + 90))

    due = []
    for clock.time_ms in (START_MS + 9, START_MS + 10, START_MS + 50):
        due.append(alarm.due_ms())

    assert due == [None, START_MS + 10, START_MS + 20]


def test_a_clock_that_jumped_ahead_is_not_believed() -> None:
    """A day is; more than the machine counted and a day is not, until the clock is right again."""
    clock = JumpyClock(START_MS)
    alarm, _ = alarm_of(clock, book_with(START_MS + 1))

    clock.time_ms = START_MS + CLOCK_SKEW_MS_MAX
    assert alarm.due_ms() == START_MS + 1
    clock.time_ms += 1
    assert alarm.due_ms() is None
    clock.counted_ms = 1
    assert alarm.due_ms() == START_MS + 1


async def test_it_rings_when_it_is_told_to_look() -> None:
    """What is due when the ledger changes is rung for at once; nothing is rung for before."""
    clock = FixedClock(START_MS)
    book = book_with()
    alarm, rung = alarm_of(clock, book)
    task = asyncio.create_task(alarm.run())
    await asyncio.sleep(0)
    assert rung == []

    add(book, START_MS)
    alarm.look_again()
    for _ in range(5):
        await asyncio.sleep(0)

    assert rung == [START_MS]
    alarm.stop()
    await task


@pytest.mark.parametrize(("ends", "wait_s"), [([], None), ([5_000], 5.0), ([10**9], LOOK_S), ([0], 0.0)])
def test_it_waits_for_the_first_end_and_no_longer_than_a_minute(ends: list[int], wait_s: float | None) -> None:
    """A clock may be set meanwhile; where nothing ends by itself it waits to be told."""
    alarm, _ = alarm_of(FixedClock(START_MS), book_with(*(START_MS + end for end in ends)))

    assert alarm._wait_s() == wait_s
