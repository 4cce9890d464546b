"""What readers are shown: the shapes that the API serves as JSON and the pages draw.

One shape a subject, filled by `node.services.catalogue`, `node.services.ledger` and the links. Ids are text
(`offer:bqx…`); times are milliseconds since 1970 UTC; money is whole minor units of a named unit together with what a
reader needs to write it; quantities are thousandths of a measure.
"""

from __future__ import annotations

from msgspec import Struct, field


class MoneyView(Struct, frozen=True, kw_only=True):
    """An amount that can be written for people: 650 with exponent 2 and symbol R$ is "R$ 6,50"."""

    unit: str
    amount: int
    symbol: str
    exponent: int
    is_credit: bool


class AgentRef(Struct, frozen=True, kw_only=True):
    """An agent in one line; `name` is its id's beginning where no profile is here."""

    id: str
    name: str
    type: str
    network_id: str
    network_name: str
    is_mapped: bool = False


class SealRef(Struct, frozen=True, kw_only=True):
    """A seal on a thing or an agent. `state` is valid, pending, revoked or expired."""

    id: str
    name: str
    state: str
    until_ms: int | None = None


class PriceView(Struct, frozen=True, kw_only=True):
    """A price: its parts are charged together, per `per` thousandths of `measure`."""

    parts: list[MoneyView]
    per: int
    measure: str


class CompositionPart(Struct, frozen=True, kw_only=True):
    """One share of a price: inputs, work, transport, network or surplus."""

    part: str
    amount: MoneyView
    note: str | None = None


class ThingRef(Struct, frozen=True, kw_only=True):
    """Any thing in one line. `kind` is offer, need, item, place, post, seal, …"""

    id: str
    kind: str
    title: str


class ThingView(Struct, frozen=True, kw_only=True):
    """Any public thing: `record` is its current revision, which is its first one where `is_first`."""

    id: str
    kind: str
    title: str
    record: str
    author: AgentRef
    network_id: str
    created_ms: int
    is_first: bool


class ListingView(Struct, frozen=True, kw_only=True):
    """An offer or a need, in a list and on its page.

    `distance_m` is from this network's place, None where either place is unknown; `is_local` says that it is of this
    network. `answers` is the need that an offer answers; `answered_by` the offers that answer a need.
    """

    id: str
    record: str
    kind: str
    title: str
    category: str
    about: str | None
    author: AgentRef
    quantity: int | None
    measure: str
    price: PriceView | None
    city: str | None
    distance_m: int | None
    is_local: bool
    created_ms: int
    until_ms: int | None = None
    firmness: str | None = None
    seals: list[SealRef] = field(default_factory=list)
    composition: list[CompositionPart] = field(default_factory=list)
    place: PlaceView | None = None
    answers: ThingRef | None = None
    answered_by: list[ThingRef] = field(default_factory=list)


class PlaceView(Struct, frozen=True, kw_only=True):
    """A pick-up point, fair, shop or warehouse. `city` is that of the profile of whoever stated it."""

    id: str
    name: str
    type: str
    address: str | None = None
    hours: str | None = None
    city: str | None = None
    latitude_e6: int | None = None
    longitude_e6: int | None = None


class PostView(Struct, frozen=True, kw_only=True):
    """A story, guide, campaign or message."""

    id: str
    type: str
    title: str
    text: str
    author: AgentRef
    created_ms: int
    about: ThingRef | None = None


class ListingPage(Struct, frozen=True, kw_only=True):
    """One page of a search; `cursor` asks for the next, None at the end. `total` is None where counting is too dear."""

    listings: list[ListingView]
    cursor: str | None = None
    total: int | None = None


class CategoryCount(Struct, frozen=True, kw_only=True):
    """How many offers and needs stand in a category."""

    id: str
    offers: int
    needs: int


class RevisionRef(Struct, frozen=True, kw_only=True):
    """A thing and its current revision: what a record that revises it has to name.

    Attributes:
        thing: The thing's id.
        previous: The id of the record that holds now.
    """

    thing: str
    previous: str


class AgentView(Struct, frozen=True, kw_only=True):
    """A member, enterprise, group, network or mapped agent, with all that it published."""

    ref: AgentRef
    about: str | None
    city: str | None
    state: str | None
    contact: str | None
    distance_m: int | None
    latitude_e6: int | None = None
    longitude_e6: int | None = None
    roles: list[str] = field(default_factory=list)
    member_since_ms: int | None = None
    membership: RevisionRef | None = None
    seals: list[SealRef] = field(default_factory=list)
    offers: list[ListingView] = field(default_factory=list)
    needs: list[ListingView] = field(default_factory=list)
    posts: list[PostView] = field(default_factory=list)


class AgentPage(Struct, frozen=True, kw_only=True):
    """One page of agents."""

    agents: list[AgentView]
    cursor: str | None = None
    total: int | None = None


class AttestationView(Struct, frozen=True, kw_only=True):
    """A visit, award, check, complaint, rating or revocation. `counts` says whether it counts towards the seal."""

    id: str
    type: str
    author: AgentRef
    created_ms: int
    result: str | None = None
    note: str | None = None
    minutes: str | None = None
    conflict: bool = False
    counts: bool = True


class SealSubjectView(Struct, frozen=True, kw_only=True):
    """What a seal was given to, and how that stands. `visits` count towards `quorum` of the seal."""

    subject: ThingRef
    owner: AgentRef | None
    state: str
    visits: int
    until_ms: int | None = None
    revoked_by: AgentRef | None = None
    revoked_ms: int | None = None
    attestations: list[AttestationView] = field(default_factory=list)


class SealView(Struct, frozen=True, kw_only=True):
    """A seal: what it promises, who gives it, and to what it was given."""

    id: str
    name: str
    about: str | None
    criteria: list[str]
    commission: AgentRef
    quorum: int
    months: int
    network_name: str
    subjects: list[SealSubjectView] = field(default_factory=list)


class OrderRowView(Struct, frozen=True, kw_only=True):
    """One row of an order with its five quantities, each stated by the side that it belongs to; None: not yet."""

    title: str
    measure: str
    price: PriceView
    ordered: int
    accepted: int | None = None
    separated: int | None = None
    delivered: int | None = None
    received: int | None = None


class OrderEventView(Struct, frozen=True, kw_only=True):
    """One step of an order, signed by the side that took it."""

    id: str
    action: str
    author: AgentRef
    created_ms: int
    note: str | None = None


class OrderView(Struct, frozen=True, kw_only=True):
    """An order and how far it is."""

    id: str
    offer: ThingRef
    buyer: AgentRef
    seller: AgentRef
    state: str
    created_ms: int
    to: list[str]
    rows: list[OrderRowView] = field(default_factory=list)
    events: list[OrderEventView] = field(default_factory=list)
    total: list[MoneyView] = field(default_factory=list)


class OrderPage(Struct, frozen=True, kw_only=True):
    """Orders that the reader may see, newest first."""

    orders: list[OrderView]
    cursor: str | None = None


class UnitView(Struct, frozen=True, kw_only=True):
    """A network's own credit unit."""

    unit: str
    name: str
    symbol: str
    exponent: int


class NetworkView(Struct, frozen=True, kw_only=True):
    """A network as its own page shows it."""

    id: str
    name: str
    about: str | None
    url: str
    city: str | None
    state: str | None
    contact: str | None
    colour: str | None
    language: str
    unit: UnitView | None
    latitude_e6: int | None
    longitude_e6: int | None
    members: int
    mapped: int
    offers: int
    needs: int
    version: str = ""


class FeedView(Struct, frozen=True, kw_only=True):
    """One feed as this node holds it; `wanted` is the newest size that anyone told us of."""

    network_id: str
    network_name: str
    name: str
    epoch: int
    size: int
    root: str
    is_own: bool
    wanted: int | None = None


class NeighbourView(Struct, frozen=True, kw_only=True):
    """A neighbour network and how well we hear it.

    `state` is connected, connecting, unreachable or refused; `relation` is neighbour, region or member (of the region
    that this node is); `behind` counts the entries that we know of and don't have yet.
    """

    network_id: str
    name: str
    url: str
    relation: str
    state: str
    since_ms: int | None = None
    behind: int = 0
    last_error: str | None = None
    city: str | None = None
    latitude_e6: int | None = None
    longitude_e6: int | None = None
    offers: int = 0
    needs: int = 0
    feeds: list[FeedView] = field(default_factory=list)


class BalanceView(Struct, frozen=True, kw_only=True):
    """One account in one unit: `limit_low` is how far it may owe (≤ 0), `spendable` is balance - limit_low.

    `warnings` names the soft limits that it stands beyond: `soft_low`, `soft_high`.
    """

    account: AgentRef
    balance: MoneyView
    limit_low: MoneyView
    limit_high: MoneyView
    spendable: MoneyView
    state: str
    kind: str = "member"
    soft_low: MoneyView | None = None
    soft_high: MoneyView | None = None
    warnings: list[str] = field(default_factory=list)


class EntryView(Struct, frozen=True, kw_only=True):
    """One movement seen from an account: `amount` is positive for credit received."""

    transfer: str
    time_ms: int
    other: AgentRef
    amount: MoneyView
    balance_after: MoneyView
    purpose: str | None = None


class StatementView(Struct, frozen=True, kw_only=True):
    """An account's movements, newest first."""

    balance: BalanceView
    entries: list[EntryView] = field(default_factory=list)
    cursor: str | None = None


class LedgerView(Struct, frozen=True, kw_only=True):
    """The ledger as a whole: per unit the sum of all balances, which is always 0."""

    size: int
    root: str
    accounts: int
    transfers: int
    sums: list[MoneyView] = field(default_factory=list)
    volume: list[MoneyView] = field(default_factory=list)


class TrialBalanceView(Struct, frozen=True, kw_only=True):
    """Every account with its debits, credits and balance; for treasurer and auditor."""

    ledger: LedgerView
    balances: list[BalanceView] = field(default_factory=list)
