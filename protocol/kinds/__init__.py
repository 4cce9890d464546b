"""What a record may say: one module a subject, one class a kind, and this registry.

    trust    agent, epoch, membership, seal, attestation
    catalog  profile, item, need, offer, place, post
    trade    order, event
    ledger   account, transfer, consent, request, mandate, reversal, rule,
             posting, cash, count, closing

A kind that isn't here is no error: its record is kept, forwarded and void until the program is newer.

Source: spec/03-records R-20 to R-29.

>>> feed_of("offer"), feed_of("poem")
('catalog', None)
>>> read_body("post", {"type": "story", "title": "O forno", "text": "Em 2009 …"}).title
'O forno'
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any, TypeVar

import msgspec

from protocol import codec
from protocol.errors import Code, CodeEnum, LocalProtocolError, RemoteProtocolError
from protocol.feeds import CATALOG, LEDGER, TRADE, TRUST
from protocol.kinds.agents import Agent, Epoch, Membership, Profile
from protocol.kinds.cash import Cash, Closing, Count
from protocol.kinds.catalogue import Item, Need, Offer, Place
from protocol.kinds.fields import Body, FieldError, to_map
from protocol.kinds.holds import Hold, Resolution
from protocol.kinds.joint import Consent
from protocol.kinds.ledger import Account, Transfer
from protocol.kinds.orders import Event, Order
from protocol.kinds.postings import Posting, Rule
from protocol.kinds.posts import Post
from protocol.kinds.requests import Mandate, Request, Reversal
from protocol.kinds.seals import Attestation, Seal
from protocol.limits import BODIES_READ_MAX
from protocol.record import Part, Record

__all__ = ["KINDS", "Kind", "feed_of", "read_as", "read_body", "read_record", "to_map"]

B = TypeVar("B", bound=Body)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of record.

    Attributes:
        name: The kind on the wire.
        feed: The feed that its records stand in.
        body: The class of its body.
        valueflows: What it is called on export in Valueflows 1.0, or None where that has no word for it.
        is_revisable: Whether a later record may replace it; what happened can't be replaced.
    """

    name: str
    feed: str
    body: type[Body]
    valueflows: str | None
    is_revisable: bool


_ALL = (
    Kind("agent", TRUST, Agent, None, is_revisable=True),
    Kind("epoch", TRUST, Epoch, None, is_revisable=False),
    Kind("membership", TRUST, Membership, None, is_revisable=True),
    Kind("seal", TRUST, Seal, None, is_revisable=True),
    Kind("attestation", TRUST, Attestation, None, is_revisable=False),
    Kind("profile", CATALOG, Profile, "Agent", is_revisable=True),
    Kind("item", CATALOG, Item, "ResourceSpecification", is_revisable=True),
    Kind("need", CATALOG, Need, "Proposal", is_revisable=True),
    Kind("offer", CATALOG, Offer, "Proposal", is_revisable=True),
    Kind("place", CATALOG, Place, "SpatialThing", is_revisable=True),
    Kind("post", CATALOG, Post, None, is_revisable=True),
    Kind("order", TRADE, Order, "Agreement", is_revisable=False),
    Kind("event", TRADE, Event, "EconomicEvent", is_revisable=False),
    Kind("account", LEDGER, Account, None, is_revisable=False),
    Kind("cash", LEDGER, Cash, None, is_revisable=False),
    Kind("closing", LEDGER, Closing, None, is_revisable=False),
    Kind("consent", LEDGER, Consent, None, is_revisable=False),
    Kind("hold", LEDGER, Hold, "Commitment", is_revisable=False),
    Kind("resolution", LEDGER, Resolution, None, is_revisable=False),
    Kind("mandate", LEDGER, Mandate, None, is_revisable=False),
    Kind("request", LEDGER, Request, None, is_revisable=False),
    Kind("reversal", LEDGER, Reversal, None, is_revisable=False),
    Kind("count", LEDGER, Count, None, is_revisable=False),
    Kind("posting", LEDGER, Posting, None, is_revisable=False),
    Kind("rule", LEDGER, Rule, None, is_revisable=False),
    Kind("transfer", LEDGER, Transfer, "EconomicEvent", is_revisable=False),
)

KINDS = MappingProxyType({kind.name: kind for kind in _ALL})
"""All kinds by name."""

_NAMES: dict[type[Body], str] = {kind.body: kind.name for kind in _ALL}
_MISSING = "Object missing required field "
_DECODERS = {kind.name: msgspec.msgpack.Decoder(kind.body) for kind in _ALL}


def feed_of(kind: str) -> str | None:
    """Give the name of the feed that records of `kind` stand in, None for an unknown kind."""
    found = KINDS.get(kind)
    return found.feed if found else None


def read_body(kind: str, body: Mapping[str, Any]) -> Body:
    """Check a body and give it as a value of its kind's class.

    Args:
        kind: A kind of `KINDS`.
        body: The record's map (`Record.body_value()`).

    Returns:
        The checked value; keys that the class doesn't name are ignored.

    Raises:
        RemoteProtocolError: `unknown_kind`, `wrong_type`, `missing_field`, `out_of_range`, `too_many` or `bad_key`;
            the message begins with the kind and the path of the field, like `offer.price[0].amount`.
    """
    # Read from bytes, not from the map: msgspec takes base64 text for bytes when it converts objects, and never so
    # when it reads MessagePack. A text where an id belongs must stay an error.
    try:
        content = codec.encode(body)
    except LocalProtocolError as error:
        raise RemoteProtocolError(error.code, f"{kind[:32]}: {error.message}") from error
    return _decode(kind, content)


def read_as(body_class: type[B], body: Mapping[str, Any]) -> B:
    """Check a body as `read_body` does, where the kind is known beforehand.

    >>> read_as(Post, {"type": "story", "title": "O forno", "text": "Em 2009 …"}).type
    <PostType.STORY: 'story'>
    """
    value = read_body(_NAMES[body_class], body)
    assert isinstance(value, body_class), f"the class of {_NAMES[body_class]} changed"
    return value


def read_record(record: Record) -> Body:
    """Check the body of a record and give it as a value of its kind's class.

    Raises:
        RemoteProtocolError: As `read_body`; `not_found` where the body is missing, `not_canonical` or `malformed` where
            its bytes are not a canonical map.
    """
    if not isinstance(record.body, Part):
        raise RemoteProtocolError(Code.NOT_FOUND, f"{record.header.kind}: the record's body is not here")
    return _read_content(record.header.kind, record.body.content)


@lru_cache(maxsize=BODIES_READ_MAX)
def _read_content(kind: str, content: bytes) -> Body:
    # A record is asked first what it refers to and then judged: the second reading is this cache's.
    if not isinstance(codec.decode(content), dict):
        raise RemoteProtocolError(Code.WRONG_TYPE, f"{kind}: a record's body is a map")
    return _decode(kind, content)


def _decode(kind: str, content: bytes) -> Body:
    decoder = _DECODERS.get(kind)
    if decoder is None:
        raise RemoteProtocolError(Code.UNKNOWN_KIND, f"{kind[:32]!r} is not a kind that is known here")
    try:
        return decoder.decode(content)
    except msgspec.ValidationError as error:
        raise _explain(kind, error) from error


def _explain(kind: str, error: msgspec.ValidationError) -> RemoteProtocolError:
    """Turn what msgspec says into a code and a message with the field's path."""
    what, _, path = str(error).partition(" - at `$")
    path = path.removesuffix("`")
    code: CodeEnum = Code.OUT_OF_RANGE
    if isinstance(error.__cause__, FieldError):
        code = error.__cause__.code
    elif what.startswith(_MISSING):
        code = Code.MISSING_FIELD
        path, what = f"{path}.{what.removeprefix(_MISSING).strip('`')}", "is missing"
    elif ", got " in what:
        code = Code.WRONG_TYPE
    elif what.startswith("Expected `array` of length <="):
        code = Code.TOO_MANY
    elif "matching regex" in what:
        what = "the text has characters or a form that this field doesn't take"
    return RemoteProtocolError(code, f"{kind}{path}: {what}")
