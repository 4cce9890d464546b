"""The node's only source of time and randomness; tests put a virtual twin in its place."""

from __future__ import annotations

import os
import time


class Clock:
    """Time and randomness of this machine."""

    def now_ms(self) -> int:
        """Give milliseconds since 1970-01-01 UTC by this machine's clock, which may jump."""
        return time.time_ns() // 1_000_000

    def monotonic_ms(self) -> int:
        """Give milliseconds that only grow, for measuring how long something took."""
        return time.monotonic_ns() // 1_000_000

    def random_bytes(self, count: int) -> bytes:
        """Give `count` bytes from the system's secure source."""
        return os.urandom(count)


class FixedClock(Clock):
    """A clock that stands still until it is moved, with numbered "random" bytes; for tests and the simulator."""

    def __init__(self, now_ms: int = 1_700_000_000_000) -> None:
        """Stand at `now_ms`."""
        self.time_ms = now_ms
        self.drawn = 0

    def now_ms(self) -> int:
        """Give the time it stands at."""
        return self.time_ms

    def monotonic_ms(self) -> int:
        """Give the time it stands at."""
        return self.time_ms

    def random_bytes(self, count: int) -> bytes:
        """Give bytes that differ each time and are the same in every run."""
        self.drawn += 1
        return self.drawn.to_bytes(8, "big").rjust(count, b"\x55")[-count:]
