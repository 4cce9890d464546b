"""Addressed records: DELIVER and DELIVERED.

A bundle is sent until the peer says that the record is durably there; on the next link, it begins again. The receiver
takes a bundle any number of times.

Source: spec/06-gossip G-60 to spec/06-gossip G-64; docs/decisions/0006-delivered.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from protocol.errors import Code, RemoteProtocolError
from protocol.gossip.effects import Accept, Acknowledge, Effect, LoadBundle, Send
from protocol.gossip.messages import Deliver, Delivered
from protocol.limits import DELIVER_TIMEOUT_MS, DELIVERIES_IN_FLIGHT_MAX, DELIVERIES_PENDING_MAX


@dataclass(slots=True)
class _Delivery:
    """A record on its way; `sent_ms` is None while its bundle is being made."""

    sent_ms: int | None = None


class Outbox:
    """The deliveries of one link, both ways."""

    __slots__ = ("_accepting", "_in_flight", "_waiting")

    def __init__(self) -> None:
        """Begin with nothing to deliver."""
        self._waiting: dict[bytes, None] = {}
        self._in_flight: dict[bytes, _Delivery] = {}
        self._accepting = 0

    def __len__(self) -> int:
        """Count the records that the peer has not acknowledged."""
        return len(self._waiting) + len(self._in_flight)

    def add(self, record_ids: Iterable[bytes]) -> list[Effect]:
        """Take records to deliver; those known already are passed over."""
        for record_id in record_ids:
            if len(self._waiting) >= DELIVERIES_PENDING_MAX:
                break
            if record_id not in self._in_flight:
                self._waiting.setdefault(record_id)
        return self._advance()

    def bundle_loaded(self, record_id: bytes, bundle: bytes | None, now_ms: int) -> list[Effect]:
        """Take the bundle that a LoadBundle asked for; None where it can't be made, and the record is left."""
        delivery = self._in_flight.get(record_id)
        if delivery is None:
            return []
        if bundle is None:
            del self._in_flight[record_id]
            return self._advance()
        delivery.sent_ms = now_ms
        return [Send(Deliver(bundle))]

    def on_delivered(self, message: Delivered) -> list[Effect]:
        """Take the peer's word; ids that were not on their way are passed over."""
        known = tuple(record_id for record_id in message.record_ids if self._in_flight.pop(record_id, None) is not None)
        return [Acknowledge(known), *self._advance()] if known else []

    def on_deliver(self, message: Deliver) -> list[Effect]:
        """Take a bundle.

        Raises:
            RemoteProtocolError: `too_many` at once.
        """
        if self._accepting >= DELIVERIES_IN_FLIGHT_MAX:
            raise RemoteProtocolError(Code.TOO_MANY, f"more than {DELIVERIES_IN_FLIGHT_MAX} bundles at once")
        self._accepting += 1
        return [Accept(message.bundle)]

    def accepted(self, record_id: bytes) -> list[Effect]:
        """Take the news that a bundle's record is durably here."""
        self._accepting -= 1
        return [Send(Delivered((record_id,)))]

    def tick(self, now_ms: int) -> list[Effect]:
        """Send again what was not acknowledged in time."""
        effects: list[Effect] = []
        for record_id, delivery in self._in_flight.items():
            if delivery.sent_ms is not None and now_ms - delivery.sent_ms >= DELIVER_TIMEOUT_MS:
                delivery.sent_ms = None
                effects.append(LoadBundle(record_id))
        return effects

    def next_ms(self) -> int | None:
        """Say when `tick` has something to do."""
        if not self._in_flight:
            return None
        sent = (delivery.sent_ms for delivery in self._in_flight.values() if delivery.sent_ms is not None)
        earliest = min(sent, default=None)
        return None if earliest is None else earliest + DELIVER_TIMEOUT_MS

    def _advance(self) -> list[Effect]:
        effects: list[Effect] = []
        while self._waiting and len(self._in_flight) < DELIVERIES_IN_FLIGHT_MAX:
            record_id = next(iter(self._waiting))
            del self._waiting[record_id]
            self._in_flight[record_id] = _Delivery()
            effects.append(LoadBundle(record_id))
        return effects
