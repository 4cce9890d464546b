"""The session: every message in every state, and two sessions through a pipe in memory."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from protocol.errors import Code, RemoteProtocolError
from protocol.feeds import CATALOG, LEDGER, TRADE, TRUST, FeedKey
from protocol.gossip.codes import ByeCode
from protocol.gossip.effects import Close, Effect, Send
from protocol.gossip.messages import (
    Auth,
    Batch,
    Bye,
    Deliver,
    Delivered,
    Follow,
    Get,
    Heads,
    Message,
    Ping,
    Unknown,
)
from protocol.gossip.session import TRANSITIONS, Session, State
from protocol.limits import HANDSHAKE_TIMEOUT_MS, IDLE_TIMEOUT_MS, PING_INTERVAL_MS
from tests.simulation.spread.memory_net import Link, World
from tests.strategies import gossip_messages

FEED = FeedKey(bytes(32), CATALOG, 0)
PLAIN: tuple[Message, ...] = (
    Follow(()),
    Heads(True, ()),
    Get(request=0, feed=FEED, start=0, records_max=1, bytes_max=1),
    Batch(request=None, feed=FEED, start=0, entries=(), note=b"n", head_size=0, head_root=bytes(32), proof=()),
    Deliver(b""),
    Delivered(()),
    Ping(1, False, bytes(8)),
    Unknown(99),
    Bye("shutdown", ""),
)


def session_in(state: State) -> tuple[Session, Message, Message]:
    """Give a listener's session in a state, and the HELLO and AUTH that fit it."""
    world = World()
    vila, serra = world.node("vila"), world.node("serra")
    dialler, listener = vila.session(serra, host=serra.host), serra.session(vila)
    hello = _sent(dialler.start())[0]
    auth = _sent(dialler.receive(_sent(listener.start())[0], 0))[0]
    if state is not State.WAIT_HELLO:
        listener.receive(hello, 0)
    if state in {State.OPEN, State.CLOSED}:
        listener.receive(auth, 0)
    if state is State.CLOSED:
        listener.close(ByeCode.SHUTDOWN)
    assert listener.state is state
    return listener, hello, auth


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("number", range(len(PLAIN) + 2))
def test_every_message_in_every_state(state: State, number: int) -> None:
    """What the table allows goes on, what it doesn't ends the link with `unexpected`, a closed session is silent."""
    session, hello, auth = session_in(state)
    message = (*PLAIN, hello, auth)[number]

    effects = session.receive(message, 1)

    following = TRANSITIONS[state].get(type(message))
    if state is State.CLOSED:
        assert effects == ()
    elif following is None:
        assert session.state is State.CLOSED
        assert [Bye, Close] == [type(_sent(effects)[0]), type(effects[-1])]
        assert _close(effects).code == ByeCode.UNEXPECTED
    else:
        assert session.state is following


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=60)
@given(st.sampled_from([State.WAIT_HELLO, State.WAIT_AUTH, State.OPEN]), st.lists(gossip_messages(), max_size=8))
def test_no_message_raises(state: State, messages: list[Message]) -> None:
    """Whatever messages come, in whatever order, the answer is effects; once closed, none."""
    session, _, _ = session_in(state)

    for message in messages:
        effects = session.receive(message, 1)
        closes = [effect for effect in effects if isinstance(effect, Close)]
        assert len(closes) == (session.state is State.CLOSED and bool(effects))


def test_two_nodes_hold_the_same() -> None:
    """Through a pipe, both end with the same feeds, sizes and roots; the ledger stays at home."""
    world = World()
    vila, serra = world.node("vila"), world.node("serra")
    for number in range(30):
        vila.replica.offer(number)
    vila.replica.heads[FeedKey(vila.replica.network, LEDGER, 0)] = vila.replica.heads[vila.replica.feed(TRUST)]

    world.link(vila, serra)
    world.run(3000)

    del vila.replica.heads[FeedKey(vila.replica.network, LEDGER, 0)]
    assert vila.roots() == serra.roots()
    assert {feed.name for feed in serra.roots()} == {TRUST, CATALOG}


def test_live_records_travel_in_batches() -> None:
    """Records published one by one cross the link in a few live batches, without a GET."""
    world = World()
    vila, serra = world.node("vila"), world.node("serra")
    vila.replica.offer(0)
    link = world.link(vila, serra)
    world.run(3000)
    before = len(link.dialler.sent)

    for number in range(1, 41):
        vila.offer(number)
        world.run(25)
    world.run(1000)

    sent = link.dialler.sent[before:]
    assert vila.roots() == serra.roots()
    assert all(isinstance(message, Batch) and message.request is None for message in sent)
    assert len(sent) <= 6


def test_a_private_trade_reaches_only_whom_it_names() -> None:
    """A trade record travels to the networks it names; a follower that isn't named sees its id."""
    world = World()
    serra, vila, norte = world.node("serra"), world.node("vila"), world.node("norte")
    world.link(vila, serra)
    world.link(norte, serra)
    world.run(1000)
    order = serra.replica.keys.record_of("order", {"rows": []}, to=[serra.replica.network, vila.replica.network])
    serra.publish(order)

    world.run(2000)

    feed = serra.replica.feed(TRADE)
    assert 0 in vila.replica.feeds[feed].records
    assert order.id in vila.replica.delivered
    assert norte.replica.feeds[feed].leaves == vila.replica.feeds[feed].leaves
    assert norte.replica.feeds[feed].records == {}
    assert norte.replica.delivered == {}


def test_a_delivery_is_sent_again_on_the_next_link() -> None:
    """A bundle that was under way when the connection broke arrives over the next, and is acknowledged once."""
    world = World()
    vila, serra = world.node("vila"), world.node("serra")
    vila.follow = serra.follow = Follow(())
    link = world.link(vila, serra)
    world.run(1000)
    order = vila.replica.keys.record_of("order", {"rows": []}, to=[serra.replica.network])
    vila.publish(order)
    link.cut()
    assert vila.replica.outbox(serra.replica.network) == [order.id]

    world.link(serra, vila)
    world.run(1000)

    assert list(serra.replica.delivered) == [order.id]
    assert vila.replica.outbox(serra.replica.network) == []


def test_pings_show_that_all_has_arrived() -> None:
    """An idle link is asked now and then, costs little, and tells nothing anew."""
    world = World()
    link = world.link(world.node("vila"), world.node("serra"))
    world.run(3000)
    count, size = len(link.dialler.sent), link.dialler.sent_bytes

    world.run(PING_INTERVAL_MS * 10)

    assert {Ping} == {type(message) for message in link.dialler.sent[count:]}
    assert (link.dialler.sent_bytes - size) / (PING_INTERVAL_MS / 100) < 50
    assert link.dialler.closed is None


def test_a_question_is_answered_once() -> None:
    """A peer that says again and again that something was lost is told all of it once."""
    world = World()
    link = world.link(world.node("vila"), world.node("serra"))
    world.run(PING_INTERVAL_MS + 3000)
    session = link.dialler.session
    number = next(message.number for message in link.dialler.sent[::-1] if isinstance(message, Ping))
    session.tick(world.now_ms + PING_INTERVAL_MS)
    false = Ping(number + 1, True, bytes(8))

    told = [len(session.receive(false, world.now_ms)) for _ in range(5)]

    assert told == [2, 0, 0, 0, 0]


def test_a_lost_list_is_told_again() -> None:
    """A frame that never arrived is made good after the next PING."""
    world = World()
    vila, serra = world.node("vila"), world.node("serra")
    link = world.link(vila, serra)
    world.run(3000)
    world.loss = 1.0
    vila.offer(1)
    world.run(500)
    assert vila.roots() != serra.roots()

    world.loss = 0.0
    world.run(2 * PING_INTERVAL_MS)

    assert vila.roots() == serra.roots()
    assert link.dialler.closed is None


def test_a_silent_peer_is_left() -> None:
    """A side that hears nothing closes, during the handshake sooner than later."""
    for state, duration_ms, code in (
        (State.WAIT_HELLO, HANDSHAKE_TIMEOUT_MS, ByeCode.HANDSHAKE_TIMEOUT),
        (State.WAIT_AUTH, HANDSHAKE_TIMEOUT_MS, ByeCode.HANDSHAKE_TIMEOUT),
        (State.OPEN, IDLE_TIMEOUT_MS, ByeCode.IDLE_TIMEOUT),
    ):
        session, _, _ = session_in(state)
        due_ms = session.next_ms()
        assert due_ms is not None
        while session.state is not State.CLOSED:
            due_ms = session.next_ms()
            assert due_ms is not None
            effects = session.tick(due_ms)

        assert due_ms == duration_ms
        assert _close(effects).code == code


def test_a_closed_session_asks_for_nothing() -> None:
    """After the end, answers of the node and the clock are of no effect."""
    session, _, _ = session_in(State.CLOSED)

    assert session.next_ms() is None
    assert session.tick(10**9) == ()
    assert session.heads_changed([FEED], 1) == ()
    assert session.deliveries([bytes(32)]) == ()
    assert session.loaded(0, None, 1) == ()
    assert session.ingested(0, 1, 1) == ()
    assert session.bundle_loaded(bytes(32), b"", 1) == ()
    assert session.accepted(bytes(32)) == ()
    assert session.close(ByeCode.SHUTDOWN) == ()
    assert session.fail(RemoteProtocolError(Code.MALFORMED)) == ()


def test_the_status_tells_how_a_link_stands() -> None:
    """The neighbour's name, its feeds and what lacks are there for the operator."""
    world = World()
    vila, serra = world.node("vila"), world.node("serra")
    link = world.link(vila, serra)
    world.run(2000)
    world.loss = 1.0
    vila.offer(1)

    status = link.dialler.session.status()

    assert status.peer == serra.replica.keys.identity
    assert (status.state, status.lacking_here, status.lacking_there) == (State.OPEN, 0, 1)


def test_what_fails_becomes_a_bye_with_its_code() -> None:
    """A frame, batch or bundle that fails ends the link with its code and a sentence."""
    session, _, _ = session_in(State.OPEN)

    effects = session.fail(RemoteProtocolError(Code.BAD_ROOT, "x" * 9999))

    [bye] = _sent(effects)
    assert isinstance(bye, Bye)
    assert (bye.code, len(bye.text)) == ("bad_root", 512)
    assert session.state is State.CLOSED


def test_a_stranger_reads_why() -> None:
    """A network that is not on the peer list gets BYE not_admitted, and no feed is told."""
    world = World()
    vila, serra = world.node("vila"), world.node("serra")
    serra.admitted = set()

    link = world.link(vila, serra)
    world.run(1000)

    assert link.dialler.closed == Close("not_admitted", ByeCode.NOT_ADMITTED.explanation, is_ours=False)
    assert not any(isinstance(message, Auth | Heads) for message in link.listener.sent)


def test_an_auth_of_another_link_is_refused() -> None:
    """Frames recorded on one link are worth nothing on the next."""
    world = World()
    vila, serra = world.node("vila"), world.node("serra")
    first = world.link(vila, serra)
    world.run(1000)
    old_hello, old_auth = first.dialler.sent[:2]
    session = serra.session(vila)
    session.start()

    session.receive(old_hello, 0)
    effects = session.receive(old_auth, 0)

    assert _close(effects).code == ByeCode.BAD_AUTH


def test_a_host_in_between_is_noticed() -> None:
    """A node that is dialled under another name than its own refuses: somebody passes frames on."""
    world = World()
    vila, serra = world.node("vila"), world.node("serra")

    link = world.link(vila, serra, host="evil.example")
    world.run(1000)

    assert link.listener.closed is not None
    assert link.listener.closed.code == ByeCode.WRONG_HOST


@pytest.mark.parametrize("what", ["record", "note", "proof"])
def test_an_altered_batch_ends_the_link_and_leaves_nothing(what: str) -> None:
    """A batch with one byte changed is refused; nothing of it is stored, and the next link makes up for it."""
    world = World()
    vila, serra = world.node("vila"), world.node("serra")
    for number in range(1500):
        vila.replica.offer(number)
    link = Link(world, vila, serra, serra.host)
    world.links.append(link)
    link.dialler.alter = lambda data: _altered(data, what)
    link.open()
    world.run(20_000)

    assert link.listener.closed is not None
    assert link.listener.closed.code in {"bad_signature", "bad_root", "bad_proof", "malformed", "bad_id"}
    feed = vila.replica.feed(CATALOG)
    if feed in serra.replica.feeds:
        assert serra.replica.feeds[feed].leaves == vila.replica.feeds[feed].leaves[: serra.replica.sizes[feed]]

    world.link(vila, serra)
    world.run(20_000)
    assert vila.roots() == serra.roots()


def test_a_stale_head_changes_nothing() -> None:
    """A batch under an older head than is known adds nothing and is no offence."""
    world = World()
    vila, serra = world.node("vila"), world.node("serra")
    vila.replica.offer(1)
    feed = vila.replica.feed(CATALOG)
    old = vila.replica.load(feed, 0, 10_000, 10, serra.replica.network)
    link = world.link(vila, serra)
    world.run(2000)
    vila.offer(2)
    world.run(2000)
    assert old is not None

    size = serra.replica.ingest(feed, 0, old.entries, old.head.note, old.proof)
    world.run(2000)

    assert size == 2
    assert vila.roots() == serra.roots()
    assert link.dialler.closed is None


def test_follow_may_be_narrow() -> None:
    """A node that follows one network's catalog holds that and its trust feed, and nothing else."""
    world = World()
    vila, serra, norte = world.node("vila"), world.node("serra"), world.node("norte")
    for node in (vila, serra):
        node.replica.offer(1)
    norte.follow = Follow(((vila.replica.network, frozenset({CATALOG})),))
    world.link(vila, serra)
    world.run(2000)

    world.link(norte, serra)
    world.run(2000)

    others = {feed for feed in norte.roots() if feed.network != norte.replica.network}
    assert others == {vila.replica.feed(TRUST), vila.replica.feed(CATALOG)}


def _sent(effects: tuple[Effect, ...]) -> list[Message]:
    return [effect.message for effect in effects if isinstance(effect, Send)]


def _close(effects: tuple[Effect, ...]) -> Close:
    [close] = [effect for effect in effects if isinstance(effect, Close)]
    return close


def _altered(data: bytes, what: str) -> bytes:
    """Change one byte of a BATCH of the catalog: in its first record, its note, or its proof."""
    if data[1] != 6 or b"offer" not in data:
        return data
    places = {"record": data.find(b"bread"), "note": data.rfind(b"/catalog/0 ") + 20, "proof": len(data) - 3}
    changed = bytearray(data)
    changed[places[what]] ^= 1
    return bytes(changed)
