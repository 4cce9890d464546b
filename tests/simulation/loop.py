"""An asyncio event loop in virtual time: nobody waits, and the same callbacks run in the same order every time.

Where nothing is ready, time moves to the next timer at once. Nothing outside the process can wake the loop, so a
wait that no timer ends is a deadlock, and said so.

Source: https://docs.python.org/3/library/asyncio-eventloop.html; DESIGN section 13, rule 5.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable
from contextvars import Context
from typing import Any, TypeVarTuple

Values = TypeVarTuple("Values")


TURNS_MAX = 1_000_000
"""Turns of the loop in one moment of virtual time; a run needs some thousands in all."""


class DeadlockError(RuntimeError):
    """Everybody waits for somebody, and no timer is set."""


class LivelockError(DeadlockError):
    """So much happens in one moment that the next one never comes."""


class _NoFiles(selectors.BaseSelector):
    """A selector that hears of nothing; waiting moves the clock of its loop."""

    def __init__(self) -> None:
        self.time_s = 0.0
        self._turns = 0
        self._keys: dict[Any, selectors.SelectorKey] = {}

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        """Keep what the loop registers for itself; nothing ever comes of it."""
        key = self._keys[fileobj] = selectors.SelectorKey(fileobj, fileobj, events, data)
        return key

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        """Forget it."""
        return self._keys.pop(fileobj)

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Let `timeout` seconds pass.

        Raises:
            DeadlockError: For ever.
            LivelockError: No time goes by although much happens.
        """
        if timeout is None:
            raise DeadlockError("everybody waits for somebody")
        self._turns += 1
        if timeout > 0:
            self.time_s += timeout
            self._turns = 0
        elif self._turns > TURNS_MAX:
            self._turns = 0
            raise LivelockError(f"{TURNS_MAX} turns of the loop in one moment")
        return []

    def get_map(self) -> Any:
        """Give what is registered."""
        return self._keys


class VirtualLoop(asyncio.SelectorEventLoop):
    """The loop of one simulated world; its time begins at 0 seconds.

    Attributes:
        events: How many callbacks were asked for.
    """

    def __init__(self) -> None:
        """Make a loop that nothing has happened on."""
        self._clock = _NoFiles()
        self.events = 0
        super().__init__(self._clock)

    def time(self) -> float:
        """Give the virtual time in seconds."""
        return self._clock.time_s

    def call_soon(
        self, callback: Callable[[*Values], object], *args: *Values, context: Context | None = None
    ) -> asyncio.Handle:
        """Count a callback, and let it run in its turn."""
        self.events += 1
        return super().call_soon(callback, *args, context=context)

    def now_ms(self) -> int:
        """Give the virtual time in whole milliseconds."""
        # Half a microsecond of rounding must not show as the millisecond before.
        return int(self._clock.time_s * 1000 + 0.0005)
