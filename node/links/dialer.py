"""Dialling one peer, again and again, with a growing wait between.

The wait doubles from `wait_ms_min` to `wait_ms_max` and is drawn at random from its upper half, so that many nodes that
lost one neighbour don't come back at once. A link that opened begins anew with the short wait.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from node.clock import Clock
from node.links.frames import Socket
from node.links.link import NO_FAULT
from node.links.peers import LinkState
from node.links.transport import Transport
from node.services.peers import Peer
from protocol.gossip.effects import Close

logger = logging.getLogger(__name__)


def wait_ms(attempt: int, *, wait_ms_min: int, wait_ms_max: int, random_byte: int) -> int:
    """Give the wait before another attempt.

    Args:
        attempt: How many have failed since a link was open, from 1.
        wait_ms_min: The first wait.
        wait_ms_max: The longest wait.
        random_byte: 0 to 255.
    """
    full = min(wait_ms_max, wait_ms_min << min(attempt - 1, 24))
    return full // 2 + full // 2 * random_byte // 255


class Dialer:
    """Keeps one peer linked.

    Attributes:
        peer: Whom.
        state: How it stands, the link itself apart.
        since_ms: Since when, by the wall clock.
        last_error: Why the last attempt or link ended; None where it was no fault.
    """

    def __init__(
        self,
        peer: Peer,
        *,
        clock: Clock,
        transport: Transport,
        wait_ms_min: int,
        wait_ms_max: int,
        is_linked: Callable[[], bool],
        hold: Callable[[Socket, Peer], Awaitable[Close]],
    ) -> None:
        """Prepare to dial.

        Args:
            peer: Whom; it has an address.
            clock: Time and randomness.
            transport: Opens the connections.
            wait_ms_min: The first wait.
            wait_ms_max: The longest wait.
            is_linked: Whether the peer is linked already.
            hold: Holds a session over an open WebSocket until it ends.
        """
        self.peer = peer
        self.state = LinkState.CONNECTING
        self.since_ms = clock.now_ms()
        self.last_error: str | None = None
        self._clock = clock
        self._transport = transport
        self._waits = (wait_ms_min, wait_ms_max)
        self._is_linked = is_linked
        self._hold = hold
        self._attempt = 0
        self._is_stopped = False
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """Dial at once: the peer's link has ended, or the peer is known to be there."""
        self._wake.set()

    def stop(self) -> None:
        """Let `run` end, once the link that it holds has ended."""
        self._is_stopped = True
        self._wake.set()

    async def run(self) -> None:
        """Dial until stopped."""
        while not self._is_stopped:
            if not self._is_linked():
                await self._dial()
            self._attempt += 1
            first, longest = self._waits
            byte = self._clock.random_bytes(1)[0]
            pause_ms = wait_ms(self._attempt, wait_ms_min=first, wait_ms_max=longest, random_byte=byte)
            try:
                async with asyncio.timeout(pause_ms / 1000):
                    await self._wake.wait()
            except TimeoutError:
                continue
            self._wake.clear()

    def was_open(self) -> None:
        """Note that a link with the peer has opened, by whomever it was dialled."""
        self._attempt = 0
        self.last_error = None

    async def _dial(self) -> None:
        try:
            socket = await self._transport.connect(self.peer.url)
        except (OSError, TimeoutError) as error:
            text = str(error) or type(error).__name__
            if self.last_error != text:
                logger.warning("%s can't be reached: %s; dialling again until it can", self.peer.url, text)
            self.last_error = text
            self._set(LinkState.UNREACHABLE)
            return
        close = await self._hold(socket, self.peer)
        is_fault = close.code not in NO_FAULT
        self.last_error = f"{close.code}: {close.text}" if is_fault else None
        self._set(LinkState.REFUSED if is_fault else LinkState.CONNECTING)

    def _set(self, state: LinkState) -> None:
        if state is not self.state:
            self.state = state
            self.since_ms = self._clock.now_ms()
