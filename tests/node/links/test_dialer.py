"""The wait between attempts grows, has a bound, and is not the same for all."""

from __future__ import annotations

from node.links.dialer import wait_ms


def test_the_wait_doubles_up_to_its_bound() -> None:
    """Each attempt waits twice as long as the one before, and never longer than the bound."""
    waits = [wait_ms(attempt, wait_ms_min=500, wait_ms_max=60_000, random_byte=255) for attempt in range(1, 40)]

    assert waits[:3] == [500, 1000, 2000]
    assert waits[-1] == 60_000
    assert waits == sorted(waits)


def test_the_wait_is_drawn_from_its_upper_half() -> None:
    """Many nodes that lost one neighbour don't come back at the same moment."""
    waits = {wait_ms(3, wait_ms_min=500, wait_ms_max=60_000, random_byte=byte) for byte in range(256)}

    assert min(waits) == 1000
    assert max(waits) == 2000
    assert len(waits) > 200
