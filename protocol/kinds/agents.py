"""Who acts: agents, the epochs of a network, profiles and memberships.

`agent` and its revisions hold keys only and are never dropped; names and places are in `profile`, which can be erased.
An agent without keys is mapped: known to the network that signed for it, not joined yet.

Source: spec/03-records R-30 to R-35.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, field

from protocol import keys
from protocol.errors import Code
from protocol.feeds import FEED_NAMES
from protocol.kinds.fields import (
    Body,
    Category,
    DeviceKey,
    FieldError,
    Hash,
    Id,
    Key,
    LatitudeE6,
    Line,
    LongitudeE6,
    Note,
    Symbol,
    check_distinct,
    check_key,
    check_position,
)
from protocol.limits import CATEGORIES_PER_AGENT_MAX, DEVICE_KEYS_MAX, ROLES_MAX, WITNESSES_MAX
from protocol.units import INTEGER_MAX


class AgentType(StrEnum):
    """What kind of agent it is."""

    PERSON = "person"
    ENTERPRISE = "enterprise"
    GROUP = "group"
    NETWORK = "network"
    FUND = "fund"
    FORUM = "forum"
    SHOP = "shop"
    PUBLIC_BODY = "public_body"
    COMMISSION = "commission"


class Role(StrEnum):
    """What a member may do in the network beside publishing and paying."""

    MEMBER = "member"
    OPERATOR = "operator"
    TREASURER = "treasurer"
    CLERK = "clerk"
    AUDITOR = "auditor"
    ASSISTED = "assisted"
    COMMISSION = "commission"


class MembershipState(StrEnum):
    """Whether a membership holds."""

    ACTIVE = "active"
    ENDED = "ended"


class Agent(Body, frozen=True):
    """Keys of an agent. The id of the first such record is the agent's id.

    Attributes:
        type: What kind of agent it is.
        keys: Keys of its devices (of a network: record keys of its officers); empty for a mapped agent.
        recovery: The pair made from the printed recovery secret; networks only.
    """

    type: AgentType
    keys: Annotated[tuple[DeviceKey, ...], Meta(max_length=DEVICE_KEYS_MAX)]
    recovery: DeviceKey | None = None

    def __post_init__(self) -> None:
        """Check what holds between the fields."""
        check_distinct((key.sign for key in self.keys), "keys")
        if self.type is AgentType.NETWORK and not self.keys:
            raise FieldError(Code.MISSING_FIELD, "a network lists at least one record key")
        if self.recovery is not None:
            if self.type is not AgentType.NETWORK:
                raise FieldError(Code.OUT_OF_RANGE, "recovery: only a network has it")
            check_distinct((*(key.sign for key in self.keys), self.recovery.sign), "recovery")


class EpochKeys(Body, frozen=True):
    """Keys that a node signs with by itself, each for one purpose.

    Attributes:
        checkpoint: Heads of the feeds.
        cosignature: Heads of other networks, as a witness.
        credential: Credentials that seals are exported as.
        link: AUTH of gossip links.
    """

    checkpoint: Key
    cosignature: Key
    credential: Key
    link: Key

    def __post_init__(self) -> None:
        """Check that all four are safe keys, and different ones."""
        pairs = (
            ("checkpoint", self.checkpoint),
            ("cosignature", self.cosignature),
            ("credential", self.credential),
            ("link", self.link),
        )
        for name, key in pairs:
            check_key(keys.check_public_key, key, name)
        check_distinct((key for _, key in pairs), "keys")


class Witness(Body, frozen=True):
    """A network that cosigns heads.

    Attributes:
        agent: The network.
        key: Its cosignature key.
        name: For people.
    """

    agent: Id
    key: Key
    name: Line | None = None

    def __post_init__(self) -> None:
        """Check that the key is a safe one."""
        check_key(keys.check_public_key, self.key, "key")


class Inherited(Body, frozen=True):
    """What a feed of a later epoch begins with.

    Attributes:
        size: Leaves of the earlier epoch that are kept.
        root: Their root, 32 bytes.
    """

    size: Annotated[int, Meta(ge=0, le=INTEGER_MAX)]
    root: Hash


class Epoch(Body, frozen=True):
    """A stretch of a network's life with one set of node keys.

    Attributes:
        number: From 0.
        keys: The node's keys.
        witnesses: Who cosigns; empty at first.
        inherited: By feed name, for a later epoch.
    """

    number: Annotated[int, Meta(ge=0, le=INTEGER_MAX)]
    keys: EpochKeys
    witnesses: Annotated[tuple[Witness, ...], Meta(max_length=WITNESSES_MAX)] = ()
    inherited: Annotated[dict[str, Inherited], Meta(max_length=len(FEED_NAMES))] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check what holds between the fields."""
        check_distinct((witness.agent for witness in self.witnesses), "witnesses")
        for name in self.inherited:
            if name not in FEED_NAMES:
                raise FieldError(Code.OUT_OF_RANGE, f"inherited: {name[:20]!r} is not the name of a feed")
        if self.number == 0 and self.inherited:
            raise FieldError(Code.OUT_OF_RANGE, "inherited: the first epoch inherits nothing")


class CreditUnit(Body, frozen=True):
    """How a network's community credit is written.

    Attributes:
        name: `sabiá`.
        symbol: `SB`.
        exponent: Decimals of the ordinary form.
    """

    name: Line
    symbol: Symbol
    exponent: Annotated[int, Meta(ge=0, le=6)]


class Profile(Body, frozen=True):
    """What an agent tells of itself; can be erased.

    Attributes:
        agent: Whose profile it is.
        name: What it is called.
        about: Who it is.
        city: Town or city.
        state: State or province.
        latitude_e6: North, in millionths of a degree.
        longitude_e6: East, in millionths of a degree.
        contact: What everybody may see.
        categories: What it deals in.
        unit: Of a network: its community credit.
        colour: Of a network: its colour on pages, `#rrggbb`.
        language: The language that it writes in, like `pt-BR`.
    """

    agent: Id
    name: Line
    about: Note | None = None
    city: Line | None = None
    state: Line | None = None
    latitude_e6: LatitudeE6 | None = None
    longitude_e6: LongitudeE6 | None = None
    contact: Note | None = None
    categories: Annotated[tuple[Category, ...], Meta(max_length=CATEGORIES_PER_AGENT_MAX)] = ()
    unit: CreditUnit | None = None
    colour: Annotated[str, Meta(pattern=r"\A#[0-9a-f]{6}\Z")] | None = None
    language: Annotated[str, Meta(pattern=r"\A[a-z]{2,3}(-[A-Z]{2})?\Z")] | None = None

    def __post_init__(self) -> None:
        """Check what holds between the fields."""
        check_position(self.latitude_e6, self.longitude_e6)
        check_distinct(self.categories, "categories")


class Membership(Body, frozen=True):
    """That an agent belongs to the network, and what it may do there.

    Attributes:
        agent: The member.
        roles: At least one while it is active.
        state: Whether it holds.
    """

    agent: Id
    roles: Annotated[tuple[Role, ...], Meta(max_length=ROLES_MAX)]
    state: MembershipState = MembershipState.ACTIVE

    def __post_init__(self) -> None:
        """Check what holds between the fields."""
        check_distinct(self.roles, "roles")
        if self.state is MembershipState.ACTIVE and not self.roles:
            raise FieldError(Code.MISSING_FIELD, "roles: an active member has at least one")
