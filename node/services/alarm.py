"""The alarm of the ledger: rings when something open has come to its end, so that it ends on a quiet ledger too.

Rules kept here:
- it rings at the end of what ends first, and looks again whenever the ledger changed, at the latest after a minute,
  since a machine's clock may be set;
- a clock that ran more than a day ahead of the machine's own count of time, as a wrong setting does, isn't believed: a
  leaf of that time would let every later payment expire. The next instruction brings the time, or the next start;
- a leaf of time has the time of the last end that has come, not that of the clock.
Source: docs/spec/04-ledger.md L-24, L-57, L-58.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from node.clock import Clock
from protocol.ledger import Book
from protocol.limits import CLOCK_SKEW_MS_MAX

logger = logging.getLogger(__name__)

LOOK_S = 60.0
"""Seconds after which it looks again at the latest."""

RETRY_S = 5.0
"""Seconds after which it rings again where nothing came of it, as with a full disk."""


class Alarm:
    """Rings for ends that have come; runs as a task of the sequencer until it is stopped."""

    def __init__(self, clock: Clock, book: Book, ring: Callable[[], None]) -> None:
        """Set it up.

        Args:
            clock: the node's.
            book: what is durable; its open items end.
            ring: is called when one has come to its end.
        """
        self._clock = clock
        self._book = book
        self._ring = ring
        self._changed = asyncio.Event()
        self._stopped = False
        self._ahead_ms = clock.now_ms() - clock.monotonic_ms()
        self._is_doubted = False

    def due_ms(self) -> int | None:
        """Give the last end that has come, None where none has, or where the clock isn't believed."""
        now_ms = self._clock.now_ms()
        first = self._book.due_ms
        if first is None or first > now_ms or not self._is_believed(now_ms):
            return None
        return max(item.until_ms for item in self._book.items() if item.until_ms and item.until_ms <= now_ms)

    def look_again(self) -> None:
        """Be told that the ledger changed."""
        self._changed.set()

    def stop(self) -> None:
        """End the task."""
        self._stopped = True
        self._changed.set()

    async def run(self) -> None:
        """Ring for every end, until it is stopped."""
        while not self._stopped:
            self._changed.clear()
            wait_s = self._wait_s()
            if wait_s == 0.0:
                self._ring()
                wait_s = RETRY_S
            try:
                async with asyncio.timeout(wait_s):
                    await self._changed.wait()
            except TimeoutError:
                continue

    def _wait_s(self) -> float | None:
        """Give the seconds until it must look, 0 where an end has come, None where nothing ends by itself."""
        first = self._book.due_ms
        if first is None:
            return None
        now_ms = self._clock.now_ms()
        if first > now_ms:
            return min((first - now_ms) / 1000, LOOK_S)
        return 0.0 if self._is_believed(now_ms) else LOOK_S

    def _is_believed(self, now_ms: int) -> bool:
        """Tell whether the clock kept pace with the machine's own count of time since the node started."""
        ran_ahead_ms = now_ms - self._clock.monotonic_ms() - self._ahead_ms
        is_doubted = ran_ahead_ms > CLOCK_SKEW_MS_MAX
        if is_doubted and not self._is_doubted:
            logger.warning(
                "the clock jumped %d hours ahead: nothing ends by itself until the node is started again",
                ran_ahead_ms // 3_600_000,
            )
        self._is_doubted = is_doubted
        return not is_doubted
