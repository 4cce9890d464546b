"""What a rogue makes of its answers to GETs: ranges that aren't what their head signs, or not what was asked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from protocol.gossip.messages import Batch, Message
from tests.builders import named
from tests.simulation.rogue import Distort


def distortion(number: int) -> Distort:
    """Choose what becomes of answers; one kind a talk, so that the shrinker can tell which."""
    return DISTORTIONS[number % len(DISTORTIONS)]


def _altered(batch: Batch) -> Iterable[Message]:
    first = batch.entries[:1]
    return (
        replace(batch, entries=(*(replace(entry, keys_at=entry.keys_at + 1) for entry in first), *batch.entries[1:])),
    )


def _swapped(batch: Batch) -> Iterable[Message]:
    return (replace(batch, entries=batch.entries[::-1]),)


def _repeated(batch: Batch) -> Iterable[Message]:
    return (replace(batch, entries=(*batch.entries[:-1], *batch.entries[:1])),)


def _truncated(batch: Batch) -> Iterable[Message]:
    return (replace(batch, entries=batch.entries[:-1]),)


def _empty(batch: Batch) -> Iterable[Message]:
    return (replace(batch, entries=(), proof=()),)


def _shifted(batch: Batch) -> Iterable[Message]:
    return (replace(batch, start=batch.start + 1, entries=batch.entries[1:]),)


def _bad_proof(batch: Batch) -> Iterable[Message]:
    return (replace(batch, entries=batch.entries[:-1], proof=(named("no hash"), named("none either"))),)


def _bad_note(batch: Batch) -> Iterable[Message]:
    note = batch.note
    return (replace(batch, note=None if note is None else note.replace(b"A", b"B")),)


def _wrong_request(batch: Batch) -> Iterable[Message]:
    return (replace(batch, request=(batch.request or 0) + 1),)


def _twice(batch: Batch) -> Iterable[Message]:
    return (batch, batch)


def _unasked(batch: Batch) -> Iterable[Message]:
    return (replace(batch, request=None), batch)


DISTORTIONS: tuple[Distort, ...] = (
    _altered,
    _swapped,
    _repeated,
    _truncated,
    _empty,
    _shifted,
    _bad_proof,
    _bad_note,
    _wrong_request,
    _twice,
    _unasked,
)
"""What a rogue makes of its answers."""
