"""Addressed records are sent until they are acknowledged."""

from __future__ import annotations

import pytest

from protocol.errors import Code, RemoteProtocolError
from protocol.gossip.effects import Accept, Acknowledge, LoadBundle, Send
from protocol.gossip.messages import Deliver, Delivered
from protocol.gossip.outbox import Outbox
from protocol.limits import DELIVER_TIMEOUT_MS, DELIVERIES_IN_FLIGHT_MAX, DELIVERIES_PENDING_MAX

IDS = [number.to_bytes(32, "big") for number in range(5000)]


def test_a_record_is_sent_and_acknowledged() -> None:
    """A record goes out as a bundle and leaves the outbox when the peer has it."""
    outbox = Outbox()

    assert outbox.add(IDS[:1]) == [LoadBundle(IDS[0])]
    assert outbox.add(IDS[:1]) == []
    assert outbox.bundle_loaded(IDS[0], b"bundle", 0) == [Send(Deliver(b"bundle"))]
    assert len(outbox) == 1
    assert outbox.on_delivered(Delivered((IDS[0],))) == [Acknowledge((IDS[0],))]
    assert len(outbox) == 0


def test_few_are_on_their_way_at_once() -> None:
    """The next record goes when one is acknowledged, and what waits is bounded."""
    outbox = Outbox()

    assert len(outbox.add(IDS)) == DELIVERIES_IN_FLIGHT_MAX
    assert len(outbox) <= DELIVERIES_IN_FLIGHT_MAX + DELIVERIES_PENDING_MAX
    assert outbox.on_delivered(Delivered((IDS[0],))) == [
        Acknowledge((IDS[0],)),
        LoadBundle(IDS[DELIVERIES_IN_FLIGHT_MAX]),
    ]


def test_what_is_not_acknowledged_is_sent_again() -> None:
    """After some time the bundle is made and sent anew."""
    outbox = Outbox()
    outbox.add(IDS[:1])
    assert outbox.next_ms() is None
    outbox.bundle_loaded(IDS[0], b"bundle", 100)

    assert outbox.next_ms() == 100 + DELIVER_TIMEOUT_MS
    assert outbox.tick(100 + DELIVER_TIMEOUT_MS - 1) == []
    assert outbox.tick(100 + DELIVER_TIMEOUT_MS) == [LoadBundle(IDS[0])]
    assert outbox.tick(100 + DELIVER_TIMEOUT_MS) == []


def test_an_acknowledgement_of_something_else_does_nothing() -> None:
    """A peer can only acknowledge what is on its way to it."""
    assert Outbox().on_delivered(Delivered((IDS[0],))) == []


def test_a_bundle_that_can_not_be_made_is_left() -> None:
    """The outbox goes on with the next."""
    outbox = Outbox()
    outbox.add(IDS[:1])

    assert outbox.bundle_loaded(IDS[0], None, 0) == []
    assert outbox.bundle_loaded(IDS[1], b"late", 0) == []
    assert len(outbox) == 0


def test_bundles_of_the_peer_are_bounded_until_they_are_stored() -> None:
    """A peer that sends more than is allowed at once is refused; each stored one makes room."""
    outbox = Outbox()
    for _ in range(DELIVERIES_IN_FLIGHT_MAX):
        assert outbox.on_deliver(Deliver(b"b")) == [Accept(b"b")]

    with pytest.raises(RemoteProtocolError) as caught:
        outbox.on_deliver(Deliver(b"b"))

    assert Code.TOO_MANY == caught.value.code
    assert outbox.accepted(IDS[0]) == [Send(Delivered((IDS[0],)))]
    assert outbox.on_deliver(Deliver(b"b")) == [Accept(b"b")]
