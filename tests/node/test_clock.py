"""Time and randomness come from one place, and stand still in tests."""

from __future__ import annotations

import time

from node.clock import Clock, FixedClock


def test_the_clock_is_this_machines() -> None:
    """The time lies between two readings of the system's clock, and no two draws are the same."""
    clock = Clock()
    before = time.time_ns() // 1_000_000
    now = clock.now_ms()

    assert before <= now <= time.time_ns() // 1_000_000
    assert clock.monotonic_ms() <= clock.monotonic_ms()
    assert clock.random_bytes(32) != clock.random_bytes(32)
    assert len(clock.random_bytes(16)) == 16


def test_a_fixed_clock_repeats() -> None:
    """Two fixed clocks give the same times and the same bytes, and no draw repeats within one."""
    first, second = FixedClock(5), FixedClock(5)

    draws = [first.random_bytes(16) for _ in range(3)]
    assert draws == [second.random_bytes(16) for _ in range(3)]
    assert len(set(draws)) == 3
    assert first.now_ms() == first.monotonic_ms() == 5
