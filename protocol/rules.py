"""Whether a record is valid: pure judgement over what is known, the same at home and at every follower.

A home refuses a record that these rules refuse; a follower keeps it, forwards it and counts it as void. Both pass the
facts as they stood at the record's leaf, so both come to the same verdict. The signature has been checked before.

The first rule that a record breaks gives the refusal, in this order:

1. `unknown_kind`;
2. `wrong_feed`: the feed isn't the one of the kind;
3. `wrong_home`: made for another network, such as a replay;
4. the body: `malformed`, `wrong_type`, `missing_field`, `out_of_range`, `too_many`, `bad_key`;
5. the author: `unknown_author`, then `key_not_valid`;
6. the list of networks that it is addressed to: `out_of_range`;
7. a revision: `not_allowed` (this kind has none), `unknown_thing`, `wrong_kind`, `not_author`, `stale`;
8. what its kind asks beyond that: `unknown_thing`, `wrong_kind`, `out_of_range`, `not_allowed`.

Source: spec/03-records R-80 to R-99.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from protocol.errors import Code, Refusal, RemoteProtocolError
from protocol.feeds import TRADE
from protocol.kinds import KINDS, read_as, read_record
from protocol.kinds.agents import Agent, Membership, Profile
from protocol.kinds.fields import Body
from protocol.kinds.ledger import Account, Transfer
from protocol.kinds.orders import SELLER_ACTIONS, Action, Event, Order
from protocol.kinds.seals import Attestation, AttestationType
from protocol.limits import CLOCK_SKEW_MS_MAX
from protocol.record import Record

_SEAL_ACTS = frozenset({AttestationType.VISIT, AttestationType.AWARD, AttestationType.REVOCATION})
_OPEN_TO_ALL = frozenset({"agent", "profile"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ThingFacts:
    """What is known of a thing, or of one record of it, before the judged record's leaf.

    Attributes:
        thing: The thing's id.
        kind: Its kind.
        author: The author of its first record; None for an agent that signed its own.
        network: The network in whose feed it stands.
        current: The revision that counts now.
        first: Its first record.
        body: The body of the record that was asked for (of the current one, where the thing was); None if erased.
        to: The networks that its first record is addressed to; None where that isn't known.
    """

    thing: bytes
    kind: str
    author: bytes | None
    network: bytes
    current: bytes
    first: bytes
    body: Mapping[str, Any] | None
    to: tuple[bytes, ...] | None = None

    @property
    def owner(self) -> bytes:
        """The agent that it belongs to: its author, or the agent itself."""
        return self.thing if self.author is None else self.author


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known where and when a record is judged.

    Attributes:
        network: The network in whose feed the record stands.
        feed: The feed's name.
        network_keys: The network's record keys at the record's `keys_at`.
        author_keys: The author's keys then; None where nobody there has the author's id.
        author_roles: The author's roles then.
        things: What is known of the things and records that it names, by the id that it names them with.
    """

    network: bytes
    feed: str
    network_keys: frozenset[bytes]
    author_keys: frozenset[bytes] | None
    author_roles: frozenset[str]
    things: Mapping[bytes, ThingFacts]


def references(record: Record) -> tuple[bytes, ...]:
    """Give the ids of things and records that judging this one takes.

    What a record names beyond these (an offer's item, a post's subject) is no ground to hold it up: a reader looks it
    up when it shows the record. A follower that lacks one of these waits for it.

    Args:
        record: A record of a known kind.

    Raises:
        RemoteProtocolError: Its body can't be read.
    """
    named: list[bytes | None] = [record.header.thing]
    if record.has_body and record.header.kind in KINDS:
        body = read_record(record)
        named.extend(_named_in(record, body))
    return tuple(dict.fromkeys(name for name in named if name is not None))


def judge(record: Record, facts: Facts) -> Refusal | None:
    """Say whether a record is valid.

    Args:
        record: Its signature has been checked.
        facts: What is known at its leaf; `things` holds all of `references(record)` that are known.

    Returns:
        None if it is valid, or the first refusal in the order of the module's docstring.
    """
    try:
        body = _check_place(record, facts)
        _check_author(record, facts, body)
        _check_addresses(record, facts)
        if record.header.thing is not None:
            _check_revision(record, facts)
        if body is not None:
            _check_kind(record, facts, body)
    except RemoteProtocolError as error:
        return error.refusal()
    return None


def admit(record: Record, facts: Facts) -> Refusal | None:
    """Say whether the home takes a record of this author; asked at home only, besides `judge`.

    Whoever has an id here may keep its own keys and profile; everything else takes an active membership. A follower
    doesn't ask: whom a network admits is the network's business.

    Returns:
        None, or the refusal `not_admitted`.
    """
    author = record.header.author
    # spec/03-records R-95
    if author in {None, facts.network} or record.header.kind in _OPEN_TO_ALL or facts.author_roles:
        return None
    return Refusal.of(Code.NOT_ADMITTED, f"the author of this {record.header.kind} has no active membership here")


def clock_refusal(record: Record, now_ms: int) -> Refusal | None:
    """Say whether a record's time is too far from the home's clock; asked at home only, of records that are new there.

    So whichever of the two clocks has jumped, nothing is written that a later look at the time would regret.

    Args:
        record: Any record.
        now_ms: The home's clock.

    Returns:
        None, or the refusal `clock_far_off`.
    """
    # spec/03-records R-9
    ahead_ms = record.header.created_ms - now_ms
    if abs(ahead_ms) <= CLOCK_SKEW_MS_MAX:
        return None
    hours, where = abs(ahead_ms) // 3_600_000, "ahead of" if ahead_ms > 0 else "behind"
    return Refusal.of(Code.CLOCK_FAR_OFF, f"the record's time is {hours} hours {where} this server's clock")


def _named_in(record: Record, body: Body) -> tuple[bytes | None, ...]:
    match body:
        case Profile():
            return (body.agent,)
        case Membership():
            return (body.agent,)
        case Order():
            return (body.offer,)
        case Event():
            return (body.order, body.corrects)
        case Attestation() if body.type in _SEAL_ACTS:
            return (body.seal, body.award)
        case Account():
            return (body.account,)
        case _ if record.header.kind == "epoch":
            return (record.header.author,)
        case _:
            return ()


def _check_place(record: Record, facts: Facts) -> Body | None:
    """Check kind, feed, home and body; give the body, None where it is missing."""
    header = record.header
    kind = KINDS.get(header.kind)
    if kind is None:
        raise RemoteProtocolError(Code.UNKNOWN_KIND, f"{header.kind!r} is not a kind that is known here")
    if kind.feed != facts.feed:  # spec/03-records R-80
        raise RemoteProtocolError(Code.WRONG_FEED, f"{header.kind} stands in {kind.feed}, not in {facts.feed}")
    home = record.id if header.home is None else header.home
    if home != facts.network:  # spec/03-records R-81
        raise RemoteProtocolError(Code.WRONG_HOME, "the record names another network as its home")
    if isinstance(record.body, bytes) and header.kind not in {"agent", "epoch"}:
        return None  # Missing or erased: the rest of the rules still hold.
    if not record.has_body:
        raise RemoteProtocolError(Code.MALFORMED, f"{header.kind}: the record has no body")
    return read_record(record)


def _check_author(record: Record, facts: Facts, body: Body | None) -> None:
    header = record.header
    if header.author is None:
        _check_self_signed(record, body)
        return
    is_network = header.author == facts.network
    valid = facts.author_keys
    if is_network:  # Of a bundle the author's keys came along; of a feed that is followed both are the same.
        valid = facts.network_keys | (valid or frozenset())
    if valid is None:
        raise RemoteProtocolError(Code.UNKNOWN_AUTHOR, "nobody of this network has the author's id")
    if is_network and header.kind in {"agent", "epoch"}:
        valid |= _recovery_keys(facts, header.thing or header.author)
    if header.key not in valid:  # spec/03-records R-82
        raise RemoteProtocolError(Code.KEY_NOT_VALID, "the key is not one of the author's keys at this time")


def _check_self_signed(record: Record, body: Body | None) -> None:
    """Check the first record of an agent, which lists the key that signs it."""
    header = record.header
    if not isinstance(body, Agent):
        raise RemoteProtocolError(Code.UNKNOWN_AUTHOR, f"a record of kind {header.kind} names its author")
    if header.thing is not None:
        raise RemoteProtocolError(Code.UNKNOWN_AUTHOR, "a revision of an agent names its author")
    if header.key not in {key.sign for key in body.keys}:  # spec/03-records R-83
        raise RemoteProtocolError(Code.KEY_NOT_VALID, "the first record of an agent is signed by a key that it lists")


def _recovery_keys(facts: Facts, network: bytes) -> frozenset[bytes]:
    found = facts.things.get(network)
    recovery = (found.body or {}).get("recovery") if found is not None else None
    return frozenset() if recovery is None else frozenset({recovery["sign"]})


def _check_addresses(record: Record, facts: Facts) -> None:
    to = record.header.to
    if KINDS[record.header.kind].feed != TRADE:
        if to:  # spec/03-records R-84
            raise RemoteProtocolError(Code.OUT_OF_RANGE, "to: only records of the trade feed are addressed")
    elif facts.network not in to:  # The answer is addressed like the order, so it would never come back.
        raise RemoteProtocolError(Code.OUT_OF_RANGE, "to: the home of the record is among the addressed networks")


def _check_revision(record: Record, facts: Facts) -> None:
    header = record.header
    if not KINDS[header.kind].is_revisable:  # spec/03-records R-85
        raise RemoteProtocolError(Code.NOT_ALLOWED, f"a record of kind {header.kind} can't be replaced")
    thing = _thing(facts, header.thing, header.kind, "thing")
    owner = thing.owner
    if header.kind == "agent" and thing.author is not None and (thing.body or {}).get("keys"):
        owner = thing.thing  # A mapped agent that has joined is its own from then on.
    if thing.network != facts.network or header.author != owner:  # spec/03-records R-86
        raise RemoteProtocolError(Code.NOT_AUTHOR, "only its author may revise this thing")
    if header.previous != thing.current:  # spec/03-records R-87
        raise RemoteProtocolError(Code.STALE, "the revision that it replaces is not the current one")


def _check_kind(record: Record, facts: Facts, body: Body) -> None:
    author = record.header.author
    match body:
        case Agent():
            _check_agent(record, facts, body)
        case Profile():
            _check_profile(record, facts, body)
        case Membership() | Account():
            _only_network(record, facts)
            member = body.agent if isinstance(body, Membership) else body.account
            _thing(facts, member, "agent", "agent" if isinstance(body, Membership) else "account")
        case Order():
            _check_order(record, facts, body)
        case Event():
            _check_event(record, facts, body)
        case Attestation():
            _check_attestation(record, facts, body)
        case Transfer():
            if body.ledger != facts.network:
                raise RemoteProtocolError(Code.WRONG_HOME, "transfer.ledger: it is for another network's ledger")
            if body.payer != author:
                raise RemoteProtocolError(Code.NOT_ALLOWED, "transfer.payer: a transfer is signed by its payer")
        case _ if record.header.kind == "epoch":
            _only_network(record, facts)


def _only_network(record: Record, facts: Facts) -> None:
    if record.header.author != facts.network:  # spec/03-records R-88
        raise _not_allowed(f"a record of kind {record.header.kind} is signed by the network itself")


def _check_agent(record: Record, facts: Facts, body: Agent) -> None:
    header = record.header
    if header.author is None:  # spec/03-records R-89
        if (body.type == "network") != (header.home is None):
            raise _not_allowed("agent.type: an agent without a home is a network, and one with a home isn't")
    elif header.thing is None:
        if header.author != facts.network or body.keys:  # spec/03-records R-90
            raise _not_allowed("agent: only the network maps somebody else, and it lists no keys for them")
    else:
        before = facts.things[header.thing].body or {}
        if before.get("type") != body.type:
            raise _not_allowed("agent.type: what an agent is doesn't change")
        if before.get("keys") and not body.keys:
            raise _not_allowed("agent.keys: an agent that has joined keeps at least one key")
        recovery = _recovery_keys(facts, header.thing)
        if recovery and header.key not in recovery and read_as(Agent, before).recovery != body.recovery:
            raise _not_allowed("agent.recovery: only the recovery key changes the recovery key")


def _check_profile(record: Record, facts: Facts, body: Profile) -> None:
    author = record.header.author
    if body.agent == author:
        return
    agent = _thing(facts, body.agent, "agent", "profile.agent")
    # spec/03-records R-91
    if author != facts.network or agent.owner != facts.network or (agent.body or {}).get("keys"):
        raise _not_allowed("profile.agent: it is told by the agent itself, or by the network that mapped it")


def _check_order(record: Record, facts: Facts, body: Order) -> None:
    if record.header.author != body.buyer:  # spec/03-records R-92
        raise _not_allowed("order.buyer: an order is signed by its buyer")
    offer = _thing(facts, body.offer, "offer", "order.offer")
    if offer.owner != body.seller:
        raise RemoteProtocolError(Code.OUT_OF_RANGE, "order.seller: the offer is somebody else's")
    if offer.network not in record.header.to:
        raise RemoteProtocolError(Code.OUT_OF_RANGE, "to: the seller's network is among the addressed networks")


def _check_event(record: Record, facts: Facts, body: Event) -> None:
    author = record.header.author
    found = _thing(facts, body.order, "order", "event.order")
    if found.body is None:
        raise RemoteProtocolError(Code.UNKNOWN_THING, "event.order: its body is gone")
    order = read_as(Order, found.body)
    side = order.seller if body.action in SELLER_ACTIONS else order.buyer
    if author != side:  # spec/03-records R-93
        name = "seller" if body.action in SELLER_ACTIONS else "buyer"
        raise _not_allowed(f"event.action: {body.action} is the {name}'s to say")
    if found.to is not None and found.to != record.header.to:
        raise RemoteProtocolError(Code.OUT_OF_RANGE, "to: an event is addressed to the same networks as its order")
    for stated in body.rows:
        if stated.row >= len(order.rows):
            raise RemoteProtocolError(Code.OUT_OF_RANGE, f"event.rows: the order has no row {stated.row}")
        ordered = order.rows[stated.row].quantity
        if body.action == Action.ACCEPTED and stated.quantity > ordered:
            raise RemoteProtocolError(
                Code.OUT_OF_RANGE, f"event.rows: {stated.quantity} of row {stated.row}, of which {ordered} are ordered"
            )
    if body.corrects is not None:
        earlier = _thing(facts, body.corrects, "event", "event.corrects")
        said = earlier.body or {}
        if earlier.author != author or said.get("order") != body.order or said.get("action") != body.action:
            raise _not_allowed("event.corrects: only an event of one's own, of this order and action, is corrected")


def _check_attestation(record: Record, facts: Facts, body: Attestation) -> None:
    author = record.header.author
    if body.type not in _SEAL_ACTS:
        if body.type != AttestationType.CHECK and body.subject == author:
            raise _not_allowed(f"attestation.subject: nobody states a {body.type} of themselves")
        return
    if body.subject == author:  # spec/03-records R-94
        raise _not_allowed("attestation.subject: nobody visits or awards themselves")
    seal = _thing(facts, body.seal, "seal", "attestation.seal")
    if body.type == AttestationType.VISIT:
        return
    if author != (seal.body or {}).get("commission"):
        raise _not_allowed("attestation: a seal is awarded and revoked by its commission")
    if body.award is not None:
        award = _thing(facts, body.award, "attestation", "attestation.award").body or {}
        same = award.get("seal") == body.seal and award.get("subject") == body.subject
        if award.get("type") != AttestationType.AWARD or not same:
            raise _not_allowed("attestation.award: it is no award of this seal to this subject")


def _thing(facts: Facts, identifier: bytes | None, kind: str, field: str) -> ThingFacts:
    """Give the facts of a thing that is named, of the kind that is needed."""
    found = None if identifier is None else facts.things.get(identifier)
    if found is None:
        raise RemoteProtocolError(Code.UNKNOWN_THING, f"{field}: it is not known here")
    if found.kind != kind:
        raise RemoteProtocolError(Code.WRONG_KIND, f"{field}: it is of kind {found.kind}, {kind} is needed")
    return found


def _not_allowed(message: str) -> RemoteProtocolError:
    return RemoteProtocolError(Code.NOT_ALLOWED, message)
