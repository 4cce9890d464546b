"""An order's state is a fold of its events: the same for every order of arrival, each side's word in its place."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.errors import Code
from protocol.kinds import read_body
from protocol.kinds.fields import Money
from protocol.kinds.orders import BUYER_ACTIONS, SELLER_ACTIONS, Action, Event, Order
from protocol.market.orders import OrderEvent, OrderState, State, conflict, fold, next_actions
from tests.builders import brl, named

SELLER, BUYER, OTHER = named("seller"), named("buyer"), named("other")
ORDER_ID = named("order")


def order() -> Order:
    """Give an order of 10 kg of bread at 6.50 and 2 dozen eggs at 12."""
    body = read_body(
        "order",
        {
            "offer": named("offer"),
            "offer_record": named("offer"),
            "seller": SELLER,
            "buyer": BUYER,
            "rows": [
                {"title": "Pão", "measure": "KGM", "quantity": 10_000, "price": [brl(650)], "per": 1000},
                {"title": "Ovos", "measure": "DZN", "quantity": 2000, "price": [brl(1200)], "per": 1000},
            ],
        },
    )
    assert isinstance(body, Order)
    return body


def event(
    index: int, action: str, *quantities: int, by: bytes | None = None, corrects: int | None = None
) -> OrderEvent:
    """Give an event of the side whose action it is; quantities are of the first rows."""
    author = by or (SELLER if Action(action) in SELLER_ACTIONS else BUYER)
    body: dict[str, Any] = {
        "order": ORDER_ID,
        "action": action,
        "rows": [{"row": row, "quantity": quantity} for row, quantity in enumerate(quantities)],
    }
    if corrects is not None:
        body["corrects"] = named(f"event {author.hex()} {corrects}")
    value = read_body("event", body)
    assert isinstance(value, Event)
    return OrderEvent(id=named(f"event {author.hex()} {index}"), author=author, index=index, body=value)


def state_of(*events: OrderEvent) -> OrderState:
    """Fold these events."""
    return fold(order(), events)


def test_an_order_without_events_is_placed() -> None:
    """What is ordered is due if it is accepted."""
    state = state_of()

    assert state.state == State.PLACED
    assert [row.ordered for row in state.rows] == [10_000, 2000]
    assert state.due == (Money(unit="BRL", amount=8900),)


def test_the_five_quantities() -> None:
    """Each stage keeps the quantity of the side that states it; what was received is what is owed."""
    state = state_of(
        event(0, "accepted", 10_000, 1000),
        event(1, "separated", 9950, 1000),
        event(2, "delivered", 9950, 1000),
        event(0, "received", 9900, 1000),
    )

    assert state.state == State.RECEIVED
    row = state.rows[0]
    assert (row.ordered, row.accepted, row.separated, row.delivered, row.received) == (10_000, 10_000, 9950, 9950, 9900)
    assert state.rows[1].accepted == 1000
    assert state.due == (Money(unit="BRL", amount=6435 + 1200),)


@pytest.mark.parametrize(
    ("actions", "state", "due"),
    [
        (["accepted"], State.ACCEPTED, 6500),
        (["accepted", "separated"], State.SEPARATED, 6500),
        (["accepted", "delivered"], State.DELIVERED, 6500),
        (["accepted", "received"], State.RECEIVED, 6500),
        (["accepted", "separated", "delivered", "received"], State.RECEIVED, 6500),
        (["accepted", "delivered", "received", "returned"], State.RECEIVED, 0),
    ],
)
def test_the_state_is_the_furthest_step(actions: list[str], state: State, due: int) -> None:
    """A step may be left out, and what was sent back isn't owed."""
    events = [event(index, action, 10_000) for index, action in enumerate(actions)]

    assert state_of(*events).state == state
    assert sum(part.amount for part in state_of(*events).due) == due


def test_the_first_answer_of_the_seller_decides() -> None:
    """A later change of mind doesn't count, and says why."""
    refused_first = state_of(event(0, "refused"), event(1, "accepted", 10_000))
    accepted_first = state_of(event(0, "accepted", 10_000), event(1, "refused"))

    assert refused_first.state == State.REFUSED
    assert refused_first.due == ()
    assert accepted_first.state == State.ACCEPTED
    for state in (refused_first, accepted_first):
        assert [refusal.code for _, refusal in state.ignored] == [Code.CONFLICT]


def test_accepting_nothing_is_refusing() -> None:
    """An acceptance of zero of every row promises nothing."""
    assert state_of(event(0, "accepted", 0, 0)).state == State.REFUSED


def test_a_cancelling_that_crosses_an_acceptance_loses() -> None:
    """Where nothing was accepted it counts; otherwise the promise stands, whatever arrived first."""
    cancelled = event(0, "cancelled")

    assert state_of(cancelled).state == State.CANCELLED
    assert state_of(cancelled, event(9, "accepted", 10_000)).state == State.ACCEPTED
    assert state_of(cancelled, event(9, "refused")).state == State.REFUSED


@pytest.mark.parametrize("action", ["separated", "delivered", "received", "returned"])
def test_nothing_moves_before_it_is_accepted(action: str) -> None:
    """An event of a step before its time doesn't count."""
    state = state_of(event(0, action, 10_000))

    assert state.state == State.PLACED
    assert state.ignored[0][1].code == Code.CONFLICT


def test_deliveries_add_up() -> None:
    """Two deliveries of a half are the whole."""
    state = state_of(event(0, "accepted", 10_000), event(1, "delivered", 4000), event(2, "delivered", 6000))

    assert state.rows[0].delivered == 10_000


def test_a_correction_takes_the_place_of_what_it_corrects() -> None:
    """Also a correction of a correction."""
    state = state_of(
        event(0, "accepted", 10_000),
        event(1, "delivered", 4000),
        event(2, "delivered", 5000, corrects=1),
        event(3, "delivered", 5500, corrects=2),
    )
    lowered = state_of(event(0, "accepted", 10_000, 2000), event(1, "accepted", 8000, corrects=0))

    assert state.rows[0].delivered == 5500
    assert (lowered.rows[0].accepted, lowered.rows[1].accepted) == (8000, 0)


def test_a_correction_of_nothing_is_ignored() -> None:
    """What isn't there, or isn't the same action, can't be corrected."""
    state = state_of(
        event(0, "accepted", 10_000), event(1, "delivered", 1, corrects=7), event(2, "delivered", 1, corrects=0)
    )

    assert state.state == State.ACCEPTED
    assert [refusal.code for _, refusal in state.ignored] == [Code.UNKNOWN_THING] * 2


def test_events_of_others_are_ignored() -> None:
    """Neither a third nor the other side states a quantity, and rows that aren't there have none."""
    for stranger in (
        event(0, "accepted", 1, by=OTHER),
        event(0, "accepted", 1, by=BUYER),
        event(0, "accepted", 1, 1, 1),
    ):
        state = state_of(stranger)

        assert state.state == State.PLACED
        assert state.ignored[0][1].code == Code.NOT_ALLOWED


def test_the_same_event_twice_counts_once() -> None:
    """An event may arrive by two ways."""
    state = state_of(event(0, "accepted", 10_000), event(1, "delivered", 4000), event(1, "delivered", 4000))

    assert state.rows[0].delivered == 4000


def test_next_actions_lead_through_an_order() -> None:
    """Each side is offered its own actions only, and none after the end."""
    for state in State:
        assert next_actions(state, is_seller=True) <= SELLER_ACTIONS
        assert next_actions(state, is_seller=False) <= BUYER_ACTIONS
    assert next_actions(State.CANCELLED, is_seller=True) == frozenset()
    assert next_actions(State.REFUSED, is_seller=False) == frozenset()
    assert Action.CANCELLED in next_actions(State.PLACED, is_seller=False)
    assert Action.CANCELLED not in next_actions(State.ACCEPTED, is_seller=False)


def test_what_is_offered_next_counts() -> None:
    """An action that is offered in a state isn't ignored when it is stated."""
    paths = {
        State.PLACED: (),
        State.ACCEPTED: ("accepted",),
        State.SEPARATED: ("accepted", "separated"),
        State.DELIVERED: ("accepted", "delivered"),
        State.RECEIVED: ("accepted", "delivered", "received"),
    }
    for state, path in paths.items():
        before = [event(index, action, 1000) for index, action in enumerate(path)]
        assert state_of(*before).state == state
        for is_seller in (True, False):
            for action in next_actions(state, is_seller=is_seller):
                quantities = () if action in {Action.REFUSED, Action.CANCELLED} else (1000,)
                assert state_of(*before, event(9, action.value, *quantities)).ignored == ()


some_events = st.lists(
    st.tuples(
        st.sampled_from(sorted(action.value for action in Action)),
        st.sampled_from([None, SELLER, BUYER, OTHER]),
        st.integers(0, 12_000),
        st.none() | st.integers(0, 6),
    ),
    max_size=8,
)


@given(some_events, st.randoms())
def test_arrival_changes_nothing(made: list[tuple[str, bytes | None, int, int | None]], chance: random.Random) -> None:
    """A set of events gives one state, in whatever order and however often they come; nothing is owed back."""
    events = []
    for index, (action, by, quantity, corrects) in enumerate(made):
        whole = action in {"refused", "cancelled"}
        events.append(
            event(index, action, *(() if whole else (quantity,)), by=by, corrects=None if whole else corrects)
        )
    state = state_of(*events)
    shuffled = events * 2
    chance.shuffle(shuffled)

    assert state == state_of(*shuffled)
    assert all(part.amount >= 0 for part in state.due)
    assert len(state.rows) == 2


@pytest.mark.parametrize(
    ("path", "fits"),
    [
        ((), {"accepted", "refused", "cancelled", "received", "returned"}),
        (("accepted",), {"separated", "delivered", "received", "returned"}),
        (("accepted", "delivered"), {"separated", "delivered", "received", "returned"}),
        (("accepted", "received"), {"separated", "delivered", "received", "returned"}),
        (("refused",), set()),
        (("cancelled",), set()),
    ],
)
def test_the_home_refuses_what_contradicts(path: tuple[str, ...], fits: set[str]) -> None:
    """Nobody decides twice, delivers what isn't accepted, or goes on after the end; what may be on its way is taken."""
    whole = {"refused", "cancelled"}
    before = [event(index, action, *(() if action in whole else (1000,))) for index, action in enumerate(path)]

    for action in Action:
        new = event(9, action.value, *(() if action.value in whole else (1000,))).body
        refusal = conflict(order(), before, new)
        assert (refusal is None) == (action.value in fits), action
        assert refusal is None or refusal.code == Code.CONFLICT


def test_an_acceptance_can_be_corrected() -> None:
    """After it, and not after the end."""
    new = event(9, "accepted", 500, corrects=0).body

    assert conflict(order(), [event(0, "accepted", 1000), event(1, "delivered", 500)], new) is None
    assert conflict(order(), [event(0, "refused")], new) is not None
