"""How an order stands: a fold of its events, the same wherever they have arrived in whatever order.

A row keeps five quantities, each signed by the side that states it: ordered (buyer), accepted, separated, delivered
(seller), received (buyer); and what the buyer sent back.

Events of one side stand in that side's feed, so they have an order among themselves; between the sides there is none.
The fold therefore takes first all events of the seller by their leaf, then all of the buyer:

- the seller's first `accepted` or `refused` decides, except that a correction replaces what was accepted;
- `cancelled` counts only where nothing was accepted: whoever has promised and whoever relies on the promise are safe,
  and a cancelling that crosses an acceptance on its way loses;
- `separated`, `delivered`, `received` and `returned` add up over their events and count only for an accepted order;
- an event that corrects an earlier one takes its place, with its own quantities.

An event that doesn't count stays in `ignored` with the reason.

Source: spec/09-market MK-10 to MK-17.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from protocol.errors import Code, Refusal
from protocol.kinds.fields import Money
from protocol.kinds.orders import SELLER_ACTIONS, WHOLE_ACTIONS, Action, Event, Order
from protocol.market.prices import cost, total


class State(StrEnum):
    """How far an order is: the furthest step that anybody has stated."""

    PLACED = "placed"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    ACCEPTED = "accepted"
    SEPARATED = "separated"
    DELIVERED = "delivered"
    RECEIVED = "received"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderEvent:
    """A valid event of the order.

    Attributes:
        id: The record's id.
        author: Who states it.
        index: Its leaf in its home's trade feed.
        body: What it states.
    """

    id: bytes
    author: bytes
    index: int
    body: Event


@dataclass(frozen=True, slots=True, kw_only=True)
class RowState:
    """The quantities of one row, in thousandths of its measure."""

    ordered: int
    accepted: int = 0
    separated: int = 0
    delivered: int = 0
    received: int = 0
    returned: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderState:
    """How an order stands.

    Attributes:
        state: How far it is.
        rows: One for each row of the order.
        due: What the buyer owes for what was delivered (or, before, accepted; or, before, ordered), without what was
            sent back; nothing for an order that was refused or cancelled.
        ignored: Events that don't count, by id, with the reason.
    """

    state: State
    rows: tuple[RowState, ...]
    due: tuple[Money, ...]
    ignored: tuple[tuple[bytes, Refusal], ...] = ()


_NEXT = {
    (State.PLACED, True): frozenset({Action.ACCEPTED, Action.REFUSED}),
    (State.PLACED, False): frozenset({Action.CANCELLED}),
    (State.ACCEPTED, True): frozenset({Action.SEPARATED, Action.DELIVERED}),
    (State.ACCEPTED, False): frozenset({Action.RECEIVED}),
    (State.SEPARATED, True): frozenset({Action.SEPARATED, Action.DELIVERED}),
    (State.SEPARATED, False): frozenset({Action.RECEIVED}),
    (State.DELIVERED, True): frozenset({Action.SEPARATED, Action.DELIVERED}),
    (State.DELIVERED, False): frozenset({Action.RECEIVED}),
    (State.RECEIVED, True): frozenset({Action.SEPARATED, Action.DELIVERED}),
    (State.RECEIVED, False): frozenset({Action.RECEIVED, Action.RETURNED}),
}
"""What the seller (True) or the buyer (False) can say next; nothing once it was refused or cancelled."""

_NOT_ACCEPTED = Refusal.of(Code.CONFLICT, "the order is not accepted")


def fold(order: Order, events: Iterable[OrderEvent]) -> OrderState:
    """Say how an order stands after these events.

    Args:
        order: The order's body.
        events: All valid events of it that are known, in any order. An event that isn't of either side is ignored.

    Returns:
        The state, which is the same for the same set of events.
    """
    known = sorted(set(events), key=lambda event: (event.author != order.seller, event.index, event.id))
    ignored: list[tuple[bytes, Refusal]] = []
    counted = _corrected(order, known, ignored)
    decided: Event | None = None
    sums: dict[Action, dict[int, int]] = {}
    for event in counted:
        body = event.body
        refusal = _why_not(body, decided)
        if refusal is not None:
            ignored.append((event.id, refusal))
        elif body.action in {Action.ACCEPTED, *WHOLE_ACTIONS}:
            decided = body
        if refusal is None:
            quantities = sums.setdefault(body.action, {})
            for stated in body.rows:
                quantities[stated.row] = quantities.get(stated.row, 0) + stated.quantity
    rows = tuple(
        RowState(ordered=row.quantity, **{action.value: sums.get(action, {}).get(place, 0) for action in _QUANTITIES})
        for place, row in enumerate(order.rows)
    )
    state = _state(sums, decided)
    return OrderState(state=state, rows=rows, due=_due(order, rows, state), ignored=tuple(ignored))


def next_actions(state: State, *, is_seller: bool) -> frozenset[Action]:
    """Give what one side can say next; for buttons, and for the home's check of what its member signs."""
    return _NEXT.get((state, is_seller), frozenset())


def conflict(order: Order, events: Iterable[OrderEvent], stated: Event) -> Refusal | None:
    """Say what of that which is known here an event contradicts; asked by its author's home before it takes it.

    Only the home asks this. A follower can't, since it doesn't know what the author's home knew, and counts what comes
    by `fold`. What the other side may have stated without our having heard of it is no contradiction: a buyer with the
    bread in hand can say so before the seller's acceptance has arrived.

    Args:
        order: The order's body.
        events: All valid events of it that are known here.
        stated: The new event.

    Returns:
        The refusal `conflict`, or None where the event may be taken.
    """
    state = fold(order, events).state
    is_open = state is State.PLACED
    is_ended = state in {State.REFUSED, State.CANCELLED}
    match stated.action:
        case Action.REFUSED | Action.CANCELLED:
            fits = is_open
        case Action.ACCEPTED:
            fits = is_open or (stated.corrects is not None and not is_ended)
        case Action.SEPARATED | Action.DELIVERED:
            fits = not is_open and not is_ended
        case Action.RECEIVED | Action.RETURNED:
            fits = not is_ended
    return None if fits else Refusal.of(Code.CONFLICT, f"the order is {state}, so it can't be {stated.action} now")


_QUANTITIES = (Action.ACCEPTED, Action.SEPARATED, Action.DELIVERED, Action.RECEIVED, Action.RETURNED)
_STEPS = (
    (Action.RECEIVED, State.RECEIVED),
    (Action.DELIVERED, State.DELIVERED),
    (Action.SEPARATED, State.SEPARATED),
    (Action.ACCEPTED, State.ACCEPTED),
)


def _corrected(order: Order, known: list[OrderEvent], ignored: list[tuple[bytes, Refusal]]) -> list[OrderEvent]:
    """Put corrections in the place of what they correct; leave out events of neither side or of rows that aren't."""
    counted: dict[bytes, OrderEvent] = {}
    stands_for: dict[bytes, bytes] = {}
    for event in known:
        side = order.seller if event.body.action in SELLER_ACTIONS else order.buyer
        if event.author != side or any(stated.row >= len(order.rows) for stated in event.body.rows):
            ignored.append((event.id, Refusal.of(Code.NOT_ALLOWED, "it is not of this side, or of a row that is not")))
            continue
        corrects = event.body.corrects
        if corrects is None:
            counted[event.id] = event
            continue
        place = stands_for.get(corrects, corrects)
        earlier = counted.get(place)
        if earlier is None or earlier.author != event.author or earlier.body.action != event.body.action:
            ignored.append((event.id, Refusal.of(Code.UNKNOWN_THING, "what it corrects is not among the events")))
            continue
        counted[place] = replace(earlier, body=event.body)
        stands_for[event.id] = place
    return list(counted.values())


def _why_not(body: Event, decided: Event | None) -> Refusal | None:
    """Say why an event doesn't count after what was decided; None if it does."""
    if body.action in {Action.ACCEPTED, Action.REFUSED, Action.CANCELLED}:
        if decided is None:
            return None
        return Refusal.of(Code.CONFLICT, f"the order was {decided.action} before")
    if decided is None or decided.action != Action.ACCEPTED:
        return _NOT_ACCEPTED
    return None


def _state(sums: dict[Action, dict[int, int]], decided: Event | None) -> State:
    if decided is None:
        return State.PLACED
    if decided.action != Action.ACCEPTED:
        return State(decided.action.value)
    if not any(stated.quantity for stated in decided.rows):
        return State.REFUSED  # Nothing of any row is accepted: a refusal in other words.
    return next(state for action, state in _STEPS if action in sums)


def _due(order: Order, rows: tuple[RowState, ...], state: State) -> tuple[Money, ...]:
    if state in {State.REFUSED, State.CANCELLED}:
        return ()
    costs = []
    for row, now in zip(order.rows, rows, strict=True):
        if state is State.PLACED:
            quantity = now.ordered
        elif state in {State.ACCEPTED, State.SEPARATED}:
            quantity = now.accepted
        else:
            quantity = (now.received if state is State.RECEIVED else now.delivered) - now.returned
        costs.append(cost(row.price, per=row.per, quantity=max(quantity, 0)))
    return total(costs)
