"""Movements as a reader sees them: what caused them, in which words, between whom; and which of them a filter wants.

A movement stands in the leaf of a record. Where that record only completes another one (the consent to a posting, the
end of a hold), the other one is what is shown, since it says what the money was for.
Source: docs/spec/04-ledger.md; docs/operating/books.md.

Tests: tests/node/services/test_movements.py
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from node.services.book_views import MovementView
from node.services.names import money
from node.services.views import AgentRef, UnitView
from node.store import books as store
from node.store.books import Movement, Place
from node.store.database import Connection
from protocol.errors import RemoteProtocolError
from protocol.identifiers import to_text
from protocol.market.text import fold
from protocol.record import decode_record

COMPLETES = {"consent": "instruction", "resolution": "hold"}
"""Kinds of records that complete another one, and the field that names it."""

ABOUT = ("order", "request", "mandate", "transfer", "rule")
"""Fields of a record, or of its purpose, that name what it speaks of."""

CAUSES_DEEP = 3
"""How far completions are followed: a consent to a resolution of a hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which movements are wanted; what is None doesn't matter.

    Attributes:
        agent: Only those that this agent gave or received, 32 bytes.
        unit: Only of this unit.
        from_ms: Only from this time on.
        until_ms: Only up to this time.
        kind: Only those caused by a record of this kind, or by a posting of this type.
        text: Only those in whose words, or in the names of whose sides, this stands; case and accents don't matter.
        amount_low: Only of at least so many minor units.
        amount_high: Only of at most so many.
        size: Only those of the first so many leaves.
    """

    agent: bytes | None = None
    unit: str | None = None
    from_ms: int | None = None
    until_ms: int | None = None
    kind: str | None = None
    text: str | None = None
    amount_low: int = 0
    amount_high: int = 2**53
    size: int | None = None

    def fits(self, view: MovementView) -> bool:
        """Tell whether a movement has the kind and the words; the rest is asked of the store."""
        if self.kind is not None and self.kind not in {view.kind, view.type}:
            return False
        if self.text is None:
            return True
        words = " ".join((view.text or "", view.payer.name, view.payee.name))
        return fold(self.text) in fold(words)


class Cause(NamedTuple):
    """The record that says what a movement was for: its id, kind and body; nothing where it isn't here.

    `words` are its own for this movement, else those of the request, mandate or rule that it names.
    """

    record_id: bytes | None
    kind: str
    body: Mapping[str, Any]
    words: str | None = None


async def causes(connection: Connection, rows: Sequence[Movement]) -> dict[Place, Cause]:
    """Give what caused each movement."""
    found = {row.place: Cause(row.record_id, row.kind, {} if row.data is None else body_of(row.data)) for row in rows}
    for _ in range(CAUSES_DEEP):
        named = {
            place: cause.body.get(COMPLETES[cause.kind]) for place, cause in found.items() if cause.kind in COMPLETES
        }
        found |= await _records(connection, named)
    found = {place: cause._replace(words=_words(cause.body, place.line)) for place, cause in found.items()}
    mute = {place: _asked(cause.body) for place, cause in found.items() if cause.words is None}
    for place, asked in (await _records(connection, mute)).items():
        found[place] = found[place]._replace(words=_words(asked.body, 0))
    return found


async def _records(connection: Connection, named: Mapping[Place, object]) -> dict[Place, Cause]:
    """Give the records that stand under these ids, where there are any."""
    wanted = {place: value for place, value in named.items() if isinstance(value, bytes)}
    known = await store.record_data(connection, set(wanted.values()))
    return {
        place: Cause(record_id, known[record_id][0], body_of(known[record_id][1]))
        for place, record_id in wanted.items()
        if record_id in known
    }


def _asked(body: Mapping[str, Any]) -> object:
    """Give the id of the request, the mandate or the rule by which credit was asked for."""
    purpose = body.get("purpose")
    request = purpose.get("request") if isinstance(purpose, Mapping) else None
    return request or body.get("mandate") or body.get("rule")


def _about(body: Mapping[str, Any]) -> list[str]:
    """Give the ids of what a record speaks of: order, request, mandate, rule, the transfer that it reverses."""
    purpose = body.get("purpose")
    places = (body, purpose) if isinstance(purpose, Mapping) else (body,)
    found = [(name, place.get(name)) for name in ABOUT for place in places]
    return [to_text(name, value) for name, value in found if isinstance(value, bytes)]


def view_of(
    row: Movement, cause: Cause, agents: Mapping[bytes, AgentRef], unit: UnitView, *, is_own: bool
) -> MovementView:
    """Give a movement as a reader sees it.

    Args:
        row: As it is stored.
        cause: What caused it.
        agents: Payer and payee among them.
        unit: How its amount is written.
        is_own: It is seen from one agent, whose balance is shown.
    """
    type_ = cause.body.get("type") or ("slip" if "slip" in cause.body else None)
    return MovementView(
        leaf_index=row.place.leaf_index,
        line=row.place.line,
        time_ms=row.time_ms,
        record=None if cause.record_id is None else to_text(cause.kind, cause.record_id),
        kind=cause.kind,
        type=type_ if isinstance(type_, str) else None,
        payer=agents[row.payer.agent],
        payer_account=row.payer.number,
        payee=agents[row.payee.agent],
        payee_account=row.payee.number,
        amount=money(unit, row.amount),
        text=cause.words,
        about=_about(cause.body),
        happened_ms=_happened_ms(cause.body, row.place.line),
        balance_after=money(unit, row.balance) if is_own else None,
    )


def body_of(data: bytes) -> Mapping[str, Any]:
    """Give a record's body; nothing where it was erased."""
    try:
        return decode_record(data).body_value()
    except RemoteProtocolError:
        return {}


def _words(body: Mapping[str, Any], line: int) -> str | None:
    """Give the words that a record has for one of its movements: the line's own, its purpose's, its own, its title."""
    for place in (_line(body, line), body.get("purpose"), body):
        if isinstance(place, str) and place:
            return place
        if isinstance(place, Mapping):
            for name in ("text", "title"):
                if isinstance(place.get(name), str) and place[name]:
                    return str(place[name])
    return None


def _happened_ms(body: Mapping[str, Any], line: int) -> int | None:
    """Give when a line of a posting says that it happened."""
    own = _line(body, line)
    at_ms = own.get("at_ms") if isinstance(own, Mapping) else None
    return at_ms if isinstance(at_ms, int) else None


def _line(body: Mapping[str, Any], line: int) -> object:
    """Give the line of a posting that made one of its movements; a posting moves its lines in their order."""
    lines = body.get("lines")
    return lines[line] if isinstance(lines, list | tuple) and line < len(lines) else None
