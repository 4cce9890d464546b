"""Every rule of judgement has a record that keeps it and one that breaks it, and the first broken rule is given.

Length: all rules are tried in one small world, in the order of their precedence; apart they would build it twice.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from protocol.errors import Code
from protocol.kinds import KINDS, feed_of
from protocol.record import Record
from protocol.rules import Facts, ThingFacts, admit, judge, references
from protocol.trust import KeyRing
from tests import strategies
from tests.builders import NOW_MS, Network, bodies, brl, device, epoch_body, named, order_body, signed

VILA = Network("vila")
SERRA = Network("serra")
MARIA = VILA.member("maria").id
PADARIA = VILA.member("padaria", "enterprise").id
COMMISSION = VILA.member("comissao", "commission").id
BUYER = SERRA.member("buyer").id
OFFER = VILA.by("padaria", "offer", {"title": "Pão", "category": "bread", "measure": "KGM", "price": [brl(650)]})


class World:
    """What two networks know of each other: a fold of valid records, from which the facts are taken."""

    def __init__(self) -> None:
        """Begin with two networks, their members, and one offer."""
        self.rings: dict[bytes, KeyRing] = {VILA.id: KeyRing(), SERRA.id: KeyRing()}
        self.things: dict[bytes, ThingFacts] = {}
        self.take(VILA.agent, VILA.epoch, VILA.member("maria"), VILA.member("padaria", "enterprise"))
        self.take(VILA.member("comissao", "commission"), VILA.membership(MARIA), VILA.membership(PADARIA))
        self.take(SERRA.agent, SERRA.epoch, SERRA.member("buyer"), OFFER)

    def take(self, *records: Record) -> None:
        """Learn valid records."""
        for record in records:
            home = record.header.home or record.id
            if feed_of(record.header.kind) == "trust":
                self.rings[home].apply(self.rings[home].size, record)
            before = self.things.get(record.thing_id)
            facts = ThingFacts(
                thing=record.thing_id,
                kind=record.header.kind,
                author=record.header.author if before is None else before.author,
                network=home,
                current=record.id,
                first=record.thing_id,
                body=record.body_value() if record.has_body else None,
                to=record.header.to,
            )
            self.things[record.thing_id] = self.things[record.id] = facts

    def facts(self, record: Record, *, network: bytes | None = None, feed: str | None = None) -> Facts:
        """Give the facts that the record is judged by."""
        home = network or record.header.home or record.id
        ring = self.rings.get(home, KeyRing())
        author = record.header.author
        return Facts(
            network=home,
            feed=feed or feed_of(record.header.kind) or "catalog",
            network_keys=ring.keys_at(home, ring.size) or frozenset(),
            author_keys=None if author is None else ring.keys_at(author, ring.size),
            author_roles=frozenset() if author is None else ring.roles_at(author, ring.size),
            things={name: self.things[name] for name in references(record) if name in self.things},
        )

    def code(self, record: Record, **where: Any) -> str | None:
        """Give the code of the refusal, None for a valid record."""
        refusal = judge(record, self.facts(record, **where))
        return refusal.code if refusal else None


@pytest.fixture
def world() -> World:
    """Give two networks with members and an offer."""
    return World()


def order_of(*, to: tuple[bytes, ...] = (VILA.id, SERRA.id), by: str = "buyer", **changes: Any) -> Record:
    """Give Serra's order of Vila's bread."""
    body = {**order_body(OFFER.id, OFFER.id, seller=PADARIA, buyer=BUYER), **changes}
    return SERRA.by(by, "order", body, to=to)


def event_of(order: Record, action: str, *, quantity: int = 10_000, **header: Any) -> Record:
    """Give an event of the side whose action it is."""
    rows = [] if action in {"refused", "cancelled"} else [{"row": 0, "quantity": quantity}]
    body = {"order": order.id, "action": action, "rows": rows}
    by_buyer = action in {"received", "cancelled", "returned"}
    network, who = (SERRA, "buyer") if by_buyer else (VILA, "padaria")
    return network.by(who, "event", body, **{"to": order.header.to, **header})


# ------------------------------------------------------------------------------------------------ every kind of record


def test_the_first_records_of_a_network_are_valid() -> None:
    """A network, its epoch and its members need nobody else's word."""
    world = World()

    for record in (VILA.agent, VILA.epoch, VILA.member("maria"), VILA.membership(MARIA, "treasurer")):
        assert world.code(record) is None


@pytest.mark.parametrize("kind", ["item", "place", "offer", "need", "post", "seal"])
def test_a_member_publishes(world: World, kind: str) -> None:
    """What a member says of its own is valid."""
    assert world.code(VILA.by("maria", kind, bodies()[kind])) is None


def test_an_unknown_kind_is_void(world: World) -> None:
    """What a newer program publishes is kept without being believed."""
    poem = VILA.by("maria", "poem", {"text": "…"})

    assert references(poem) == ()
    assert world.code(poem) == Code.UNKNOWN_KIND


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_record_in_another_feed_is_void(world: World, kind: str) -> None:
    """Each kind stands in one feed."""
    record = VILA.by("maria", kind, bodies()[kind])

    assert world.code(record, feed="settlement") == Code.WRONG_FEED


def test_a_replay_at_another_network_is_void(world: World) -> None:
    """A record made for Vila is nothing in Serra's feed."""
    assert world.code(OFFER, network=SERRA.id) == Code.WRONG_HOME
    assert world.code(VILA.agent, network=SERRA.id) == Code.WRONG_HOME
    assert world.code(VILA.member("maria"), network=SERRA.id) == Code.WRONG_HOME


def test_a_body_that_can_t_be_read_is_void(world: World) -> None:
    """The body's own refusal is given, before anything about the author."""
    record = signed("offer", {"title": "x"}, by="nobody", author=named("nobody"), home=VILA.id)
    facts = Facts(
        network=VILA.id,
        feed="catalog",
        network_keys=frozenset(),
        author_keys=None,
        author_roles=frozenset(),
        things={},
    )
    refusal = judge(record, facts)

    assert refusal is not None
    assert refusal.code == Code.MISSING_FIELD


# -------------------------------------------------------------------------------------------------------------- authors


def test_an_unknown_author_is_refused(world: World) -> None:
    """Nobody publishes in a network that doesn't know them, not even with a valid signature."""
    stranger = signed("need", bodies()["need"], by="maria", author=named("stranger"), home=VILA.id)

    assert world.code(stranger) == Code.UNKNOWN_AUTHOR
    assert world.code(signed("need", bodies()["need"], by="maria", author=None, home=VILA.id)) == Code.UNKNOWN_AUTHOR


def test_another_s_key_is_refused(world: World) -> None:
    """A key signs for its own agent only, the network's for the network's records."""
    assert world.code(signed("need", bodies()["need"], by="padaria", author=MARIA, home=VILA.id)) == Code.KEY_NOT_VALID
    assert world.code(signed("need", bodies()["need"], by="vila", author=MARIA, home=VILA.id)) == Code.KEY_NOT_VALID
    forged = signed("membership", {"agent": MARIA, "roles": ["operator"]}, by="maria", author=VILA.id, home=VILA.id)
    assert world.code(forged) == Code.KEY_NOT_VALID


def test_a_first_agent_signs_with_its_own_key(world: World) -> None:
    """Nobody enrols somebody else's keys."""
    record = signed("agent", {"type": "person", "keys": [device("ana")]}, by="maria", author=None, home=VILA.id)

    assert world.code(record) == Code.KEY_NOT_VALID


def test_a_member_can_t_pose_as_a_network(world: World) -> None:
    """Only an agent without a home is a network, and only a network has no home."""
    network = signed("agent", {"type": "network", "keys": [device("ana")]}, by="ana", author=None, home=VILA.id)
    homeless = signed("agent", {"type": "person", "keys": [device("ana")]}, by="ana", author=None, home=None)

    assert world.code(network) == Code.NOT_ALLOWED
    assert world.code(homeless) == Code.NOT_ALLOWED


def test_a_removed_key_stops(world: World) -> None:
    """After a revision without it a key signs nothing more."""
    body = {"type": "person", "keys": [device("maria new")]}
    world.take(VILA.by("maria", "agent", body, thing=MARIA, previous=MARIA))

    assert world.code(VILA.by("maria", "need", bodies()["need"])) == Code.KEY_NOT_VALID
    assert world.code(signed("need", bodies()["need"], by="maria new", author=MARIA, home=VILA.id)) is None


def test_a_network_s_order_comes_with_its_keys(world: World) -> None:
    """Of a network that isn't followed the keys come along in the bundle, and are the ones that count."""
    body = {**order_body(OFFER.id, OFFER.id, seller=PADARIA, buyer=SERRA.id)}
    order = SERRA.by_network("order", body, to=(VILA.id, SERRA.id))
    known = world.facts(order)
    facts = replace(known, network_keys=frozenset(), author_keys=frozenset({order.header.key}))

    assert judge(order, facts) is None


def test_a_revision_without_an_author_is_refused(world: World) -> None:
    """Only the first record of an agent has none."""
    body = {"type": "person", "keys": [device("maria")]}
    record = signed("agent", body, by="maria", author=None, home=VILA.id, thing=MARIA, previous=MARIA)

    assert world.code(record) == Code.UNKNOWN_AUTHOR


# ------------------------------------------------------------------------------------------------------- addressed to


def test_only_trade_is_addressed(world: World) -> None:
    """A public record names no networks, and a trade record names its own."""
    assert world.code(VILA.by("maria", "need", bodies()["need"], to=(SERRA.id,))) == Code.OUT_OF_RANGE
    assert world.code(order_of()) is None
    assert world.code(order_of(to=(VILA.id,))) == Code.OUT_OF_RANGE
    assert world.code(order_of(to=(SERRA.id,))) == Code.OUT_OF_RANGE


# ------------------------------------------------------------------------------------------------------------ revisions


def test_the_author_revises(world: World) -> None:
    """A revision names the thing and the revision that counts."""
    second = VILA.by("padaria", "offer", bodies()["offer"], thing=OFFER.id, previous=OFFER.id)
    assert world.code(second) is None
    world.take(second)

    assert world.code(VILA.by("padaria", "offer", bodies()["offer"], thing=OFFER.id, previous=second.id)) is None


def test_a_stale_revision_is_refused(world: World) -> None:
    """Whoever revises has read the current revision."""
    world.take(VILA.by("padaria", "offer", bodies()["offer"], thing=OFFER.id, previous=OFFER.id))
    late = VILA.by("padaria", "offer", {**bodies()["offer"], "per": 500}, thing=OFFER.id, previous=OFFER.id)

    assert world.code(late) == Code.STALE


def test_nobody_else_revises(world: World) -> None:
    """Not another member, not the network, and not somebody of another network."""
    for network, who in ((VILA, "maria"), (SERRA, "buyer")):
        record = network.by(who, "offer", bodies()["offer"], thing=OFFER.id, previous=OFFER.id)
        assert world.code(record) == Code.NOT_AUTHOR
    record = VILA.by_network("offer", bodies()["offer"], thing=OFFER.id, previous=OFFER.id)
    assert world.code(record) == Code.NOT_AUTHOR


def test_a_revision_is_of_the_same_kind(world: World) -> None:
    """An offer can't turn into a need, nor revise what isn't known."""
    other = VILA.by("padaria", "need", bodies()["need"], thing=OFFER.id, previous=OFFER.id)
    unknown = VILA.by("padaria", "offer", bodies()["offer"], thing=named("x"), previous=named("x"))

    assert world.code(other) == Code.WRONG_KIND
    assert world.code(unknown) == Code.UNKNOWN_THING


def test_what_happened_can_t_be_replaced(world: World) -> None:
    """Orders, events, attestations and instructions have no revisions."""
    order = order_of()
    world.take(order)
    again = SERRA.by("buyer", "order", order.body_value(), to=order.header.to, thing=order.id, previous=order.id)

    assert world.code(again) == Code.NOT_ALLOWED


# ----------------------------------------------------------------------------------------------------------- agents


def test_only_the_network_maps(world: World) -> None:
    """A mapped agent is the network's statement, without keys."""
    assert world.code(VILA.mapped("escola")) is None
    assert world.code(VILA.by("maria", "agent", {"type": "group", "keys": []})) == Code.NOT_ALLOWED
    with_keys = {"type": "group", "keys": [device("escola")]}
    assert world.code(VILA.by_network("agent", with_keys)) == Code.NOT_ALLOWED


def test_a_mapped_agent_is_handed_over_once(world: World) -> None:
    """The network lists the keys of who joins; from then on only the agent itself revises."""
    mapped = VILA.mapped("escola")
    world.take(mapped)
    joined = VILA.by_network(
        "agent", {"type": "public_body", "keys": [device("escola")]}, thing=mapped.id, previous=mapped.id
    )
    assert world.code(joined) is None
    world.take(joined)

    body = {"type": "public_body", "keys": [device("escola"), device("escola 2")]}
    taken_back = VILA.by_network("agent", body, thing=mapped.id, previous=joined.id)
    assert world.code(taken_back) == Code.NOT_AUTHOR
    own = signed("agent", body, by="escola", author=mapped.id, home=VILA.id, thing=mapped.id, previous=joined.id)
    assert world.code(own) is None


def test_an_agent_keeps_type_and_a_key(world: World) -> None:
    """A person doesn't become an enterprise, and nobody locks themselves out."""
    enterprise = VILA.by(
        "maria", "agent", {"type": "enterprise", "keys": [device("maria")]}, thing=MARIA, previous=MARIA
    )
    empty = VILA.by("maria", "agent", {"type": "person", "keys": []}, thing=MARIA, previous=MARIA)

    assert world.code(enterprise) == Code.NOT_ALLOWED
    assert world.code(empty) == Code.NOT_ALLOWED


def test_the_recovery_key_outranks_record_keys(world: World) -> None:
    """It changes a network's keys and epoch; a record key can't change it."""
    changed = {"type": "network", "keys": [device("vila 2")], "recovery": device("vila recovery")}
    header: dict[str, Any] = {"author": VILA.id, "home": VILA.id}
    chain: dict[str, Any] = {"thing": VILA.id, "previous": VILA.id}
    assert world.code(signed("agent", changed, by="vila recovery", **header, **chain)) is None
    assert world.code(signed("agent", changed, by="vila", **header, **chain)) is None

    stolen = {**changed, "recovery": device("thief")}
    assert world.code(signed("agent", stolen, by="vila", **header, **chain)) == Code.NOT_ALLOWED
    dropped = {"type": "network", "keys": [device("vila 2")]}
    assert world.code(signed("agent", dropped, by="vila", **header, **chain)) == Code.NOT_ALLOWED

    assert world.code(signed("epoch", epoch_body("vila b", 1), by="vila recovery", **header)) is None
    assert world.code(signed("membership", {"agent": MARIA, "roles": ["clerk"]}, by="vila recovery", **header)) == (
        Code.KEY_NOT_VALID
    )


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("membership", {"agent": MARIA, "roles": ["operator"]}),
        ("epoch", epoch_body("evil", 1)),
        ("account", {"account": MARIA, "action": "open", "limit_low": -1, "limit_high": 1}),
    ],
)
def test_what_is_the_network_s_to_say(world: World, kind: str, body: dict[str, Any]) -> None:
    """A member can't admit, open accounts, or speak for the node."""
    assert world.code(VILA.by("maria", kind, body)) == Code.NOT_ALLOWED
    assert world.code(VILA.by_network(kind, body)) is None


def test_a_membership_is_of_a_known_agent(world: World) -> None:
    """Nobody is admitted who has no `agent` record; another network can be."""
    assert world.code(VILA.membership(named("ghost"))) == Code.UNKNOWN_THING
    assert world.code(VILA.membership(OFFER.id)) == Code.WRONG_KIND
    assert world.code(VILA.membership(SERRA.id)) is None


def test_a_profile_is_told_by_its_agent(world: World) -> None:
    """Or, while the agent is mapped, by the network that mapped it."""
    mapped = VILA.mapped("escola")
    world.take(mapped)

    def profile(agent: bytes) -> dict[str, Any]:
        return {"agent": agent, "name": "x"}

    assert world.code(VILA.by("maria", "profile", profile(MARIA))) is None
    assert world.code(VILA.by_network("profile", profile(VILA.id))) is None
    assert world.code(VILA.by_network("profile", profile(mapped.id))) is None
    assert world.code(VILA.by("maria", "profile", profile(PADARIA))) == Code.NOT_ALLOWED
    assert world.code(VILA.by_network("profile", profile(MARIA))) == Code.NOT_ALLOWED
    assert world.code(VILA.by("maria", "profile", profile(named("ghost")))) == Code.UNKNOWN_THING


# ---------------------------------------------------------------------------------------------------------- trade


def test_an_order_is_the_buyer_s(world: World) -> None:
    """Nobody orders in another's name, or what isn't the seller's."""
    assert world.code(order_of(buyer=named("other"))) == Code.NOT_ALLOWED
    assert world.code(order_of(seller=MARIA)) == Code.OUT_OF_RANGE
    assert world.code(order_of(offer=named("gone"))) == Code.UNKNOWN_THING
    assert world.code(order_of(offer=MARIA)) == Code.WRONG_KIND


@pytest.mark.parametrize(
    "action", ["accepted", "refused", "separated", "delivered", "received", "cancelled", "returned"]
)
def test_each_side_states_its_own_actions(world: World, action: str) -> None:
    """An event by the side whose action it is, is valid; by the other side or a third it is not."""
    order = order_of()
    world.take(order)
    event = event_of(order, action)
    assert world.code(event) is None

    body = event.body_value()
    for network, who in ((VILA, "padaria"), (SERRA, "buyer"), (VILA, "maria")):
        other = network.by(who, "event", body, to=order.header.to)
        if other.header.author != event.header.author:
            assert world.code(other) == Code.NOT_ALLOWED


def test_an_event_is_of_a_known_order(world: World) -> None:
    """What waits for its order is unknown until then."""
    order = order_of()
    assert world.code(event_of(order, "accepted")) == Code.UNKNOWN_THING
    other = VILA.by("padaria", "event", {"order": OFFER.id, "action": "refused"}, to=(VILA.id,))
    assert world.code(other) == Code.WRONG_KIND


def test_an_event_goes_where_the_order_went(world: World) -> None:
    """Otherwise one of the sides would never hear of it."""
    order = order_of()
    world.take(order)

    assert world.code(event_of(order, "accepted", to=(VILA.id,))) == Code.OUT_OF_RANGE


def test_no_more_is_accepted_than_ordered(world: World) -> None:
    """Weights may come out higher when they are delivered, a promise may not."""
    order = order_of()
    world.take(order)

    assert world.code(event_of(order, "accepted", quantity=10_001)) == Code.OUT_OF_RANGE
    assert world.code(event_of(order, "delivered", quantity=10_150)) is None
    outside = {"order": order.id, "action": "delivered", "rows": [{"row": 1, "quantity": 1}]}
    assert world.code(VILA.by("padaria", "event", outside, to=order.header.to)) == Code.OUT_OF_RANGE


def test_only_one_s_own_event_is_corrected(world: World) -> None:
    """A correction names an event of the same order, action and author."""
    order = order_of()
    delivered = event_of(order, "delivered")
    received = event_of(order, "received")
    world.take(order, delivered, received)

    def correction(of: bytes) -> Record:
        body = {"order": order.id, "action": "delivered", "rows": [{"row": 0, "quantity": 1}], "corrects": of}
        return VILA.by("padaria", "event", body, to=order.header.to)

    assert world.code(correction(delivered.id)) is None
    assert world.code(correction(received.id)) == Code.NOT_ALLOWED
    assert world.code(correction(OFFER.id)) == Code.WRONG_KIND
    assert world.code(correction(named("x"))) == Code.UNKNOWN_THING


# ----------------------------------------------------------------------------------------------------------- seals


def sealed_world(world: World) -> tuple[Record, Record, Record]:
    """Give a seal, a visit and an award of it that the world knows."""
    seal = VILA.by("comissao", "seal", {**bodies()["seal"], "commission": COMMISSION})
    visit = VILA.by("maria", "attestation", {"type": "visit", "subject": PADARIA, "seal": seal.id, "result": "pass"})
    award = VILA.by("comissao", "attestation", award_of(seal, PADARIA, visit))
    world.take(seal, visit)
    assert world.code(visit) is None
    assert world.code(award) is None
    world.take(award)
    return seal, visit, award


def award_of(seal: Record, subject: bytes, visit: Record) -> dict[str, Any]:
    """Give the body of an award."""
    return {"type": "award", "subject": subject, "seal": seal.id, "visits": [visit.id], "until_ms": NOW_MS}


def test_only_the_commission_awards_and_revokes(world: World) -> None:
    """Neither the producer, nor the network, nor another member gives or takes a seal."""
    seal, visit, award = sealed_world(world)
    body = {"type": "revocation", "subject": PADARIA, "seal": seal.id, "award": award.id, "note": "fermento"}

    assert world.code(VILA.by("comissao", "attestation", body)) is None
    assert world.code(VILA.by("maria", "attestation", body)) == Code.NOT_ALLOWED
    assert world.code(VILA.by_network("attestation", body)) == Code.NOT_ALLOWED
    assert world.code(VILA.by("maria", "attestation", award_of(seal, OFFER.id, visit))) == Code.NOT_ALLOWED


def test_a_revocation_fits_its_award(world: World) -> None:
    """It names an award, of the same seal and subject."""
    seal, visit, award = sealed_world(world)

    def revocation(**changes: Any) -> Record:
        body = {"type": "revocation", "subject": PADARIA, "seal": seal.id, "award": award.id, "note": "x", **changes}
        return VILA.by("comissao", "attestation", body)

    assert world.code(revocation(subject=OFFER.id)) == Code.NOT_ALLOWED
    assert world.code(revocation(award=visit.id)) == Code.NOT_ALLOWED
    assert world.code(revocation(award=named("x"))) == Code.UNKNOWN_THING
    assert world.code(revocation(award=OFFER.id)) == Code.WRONG_KIND
    assert world.code(revocation(seal=OFFER.id)) == Code.WRONG_KIND


def test_nobody_attests_themselves(world: World) -> None:
    """A visit, complaint or rating is about somebody else; a check of one's own goods is allowed."""
    seal, _, _ = sealed_world(world)

    def own(**body: Any) -> Record:
        return VILA.by("padaria", "attestation", {"subject": PADARIA, **body})

    assert world.code(own(type="visit", seal=seal.id, result="pass")) == Code.NOT_ALLOWED
    assert world.code(own(type="rating", rating=5)) == Code.NOT_ALLOWED
    assert world.code(own(type="complaint", note="x")) == Code.NOT_ALLOWED
    assert world.code(own(type="check", result="pass")) is None


# ---------------------------------------------------------------------------------------------------- instructions


def test_a_transfer_is_the_payer_s(world: World) -> None:
    """Nobody spends another's credit, or brings an instruction to another ledger."""
    body = {**bodies()["transfer"], "ledger": VILA.id, "payer": MARIA, "payee": PADARIA}

    assert world.code(VILA.by("maria", "transfer", body)) is None
    assert world.code(VILA.by("padaria", "transfer", body)) == Code.NOT_ALLOWED
    assert world.code(VILA.by("maria", "transfer", {**body, "ledger": SERRA.id})) == Code.WRONG_HOME


# --------------------------------------------------------------------------------------------------------- parts


def test_an_erased_body_keeps_the_other_rules(world: World) -> None:
    """Without its body a record is judged by its header; who acts never loses its body."""
    assert world.code(OFFER.without_body()) is None
    assert world.code(VILA.member("maria").without_body()) == Code.MALFORMED
    stranger = signed("need", bodies()["need"], by="x", author=named("stranger"), home=VILA.id)
    assert world.code(stranger.without_body()) == Code.UNKNOWN_AUTHOR
    assert world.code(VILA.by("maria", "need", None)) == Code.MALFORMED


def test_an_event_of_an_erased_order_is_not_judged(world: World) -> None:
    """Who the sides were can't be read any more."""
    order = order_of()
    world.take(order.without_body())

    assert world.code(event_of(order, "accepted")) == Code.UNKNOWN_THING


# ------------------------------------------------------------------------------------------------------ admission


def test_only_members_are_admitted(world: World) -> None:
    """At home, what isn't one's own keys or profile takes an active membership."""
    need = bodies()["need"]
    commission = VILA.by("comissao", "need", need)
    assert admit(VILA.by("maria", "need", need), world.facts(VILA.by("maria", "need", need))) is None
    refusal = admit(commission, world.facts(commission))
    assert refusal is not None
    assert refusal.code == Code.NOT_ADMITTED

    profile = VILA.by("comissao", "profile", {"agent": COMMISSION, "name": "x"})
    assert admit(profile, world.facts(profile)) is None
    assert admit(VILA.member("ana"), world.facts(VILA.member("ana"))) is None
    by_network = VILA.by_network("post", bodies()["post"])
    assert admit(by_network, world.facts(by_network)) is None


def test_a_member_who_left_is_not_admitted(world: World) -> None:
    """When a membership has ended, publishing ends."""
    record = VILA.by("maria", "need", bodies()["need"])
    world.take(VILA.membership(MARIA, state="ended"))

    refusal = admit(record, world.facts(record))
    assert refusal is not None
    assert refusal.code == Code.NOT_ADMITTED


@given(strategies.changed_bodies())
def test_no_body_breaks_judgement(kind_and_body: tuple[str, dict[str, Any]]) -> None:
    """Whatever a body holds, judging it gives a verdict and raises nothing."""
    kind, body = kind_and_body
    record = VILA.by("maria", kind, body)
    facts = Facts(
        network=VILA.id,
        feed=feed_of(kind) or "",
        network_keys=frozenset(),
        author_keys=frozenset({record.header.key}),
        author_roles=frozenset(),
        things={},
    )

    refusal = judge(record, facts)

    assert refusal is None or refusal.next_step
