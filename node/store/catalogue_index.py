"""What the catalogue keeps of a record: pure functions from a body to the columns of a row.

Bodies arrive here checked by `protocol.rules`, so that a field that is there has its type.
Rules kept here: rank is (local first, then distance in kilometres, then price), packed into one integer that sorts so.
Source: docs/concepts/catalogue.md; DESIGN section 9.

Tests: tests/node/store/test_catalogue.py
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from node.store.catalogue_tables import SHELVES
from protocol import categories
from protocol.identifiers import base32
from protocol.kinds.catalogue import ONE
from protocol.kinds.fields import Money
from protocol.limits import TERM_CHARS_MAX, TERMS_PER_THING_MAX
from protocol.market import ranking, text
from protocol.measures import MEASURES

MENTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "profile": ("agent",),
    "membership": ("agent",),
    "offer": ("item", "answers", "place"),
    "need": ("place",),
    "order": ("offer", "seller", "buyer"),
    "event": ("order",),
    "seal": ("commission",),
    "attestation": ("seal", "subject", "award"),
    "post": ("about",),
}
"""Which fields of which kinds name another thing or agent."""

EVERYTHING: Final = ""
"""The term that every thing on a shelf has."""

DISTANCE_KM_MAX: Final = 32_767
"""The distance of what has no known place: behind everything else (half the equator is 20,038 km)."""

_PRICE_BITS: Final = 47
_PRICE_MAX: Final = 2**_PRICE_BITS - 1
_DISTANCE_BITS: Final = 15
_TITLE_CHARS_MAX: Final = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """What a body says, as far as the catalogue's own columns go.

    Attributes:
        title: The title or name; empty for kinds that have none.
        category: The category of an offer or need, the type of an agent, place, post or attestation.
        place: (latitude, longitude) in millionths of a degree.
        until_ms: Until when it is good.
        price_key: What ranks at equal distance; smaller stands first.
        words: The search terms, for kinds on a shelf.
        mentions: (role, target) pairs.
    """

    title: str
    category: str | None
    place: tuple[int, int] | None
    until_ms: int | None
    price_key: int
    words: tuple[str, ...]
    mentions: tuple[tuple[str, bytes], ...]


def describe(kind: str, body: Mapping[str, Any], *, network: bytes, number: int) -> Described:
    """Give the catalogue's columns for a body.

    Args:
        kind: The record's kind.
        body: Its map, checked.
        network: The network whose feed it stands in.
        number: The thing's number; newer needs stand before older ones.
    """
    title = str(body.get("title") or body.get("name") or "")[:_TITLE_CHARS_MAX]
    category = body.get("category") or body.get("type")
    mentioned = tuple(
        dict.fromkeys((f"{kind}.{field}", body[field]) for field in MENTIONS.get(kind, ()) if body.get(field))
    )
    return Described(
        title=title,
        category=category,
        place=coordinates(body),
        until_ms=body.get("until_ms"),
        price_key=_price_key(body) if kind == "offer" else _newest_first(number),
        words=_listing_words(body, network) if kind in ("offer", "need") else (),
        mentions=mentioned,
    )


def agent_words(kind_of_agent: str, profile: Mapping[str, Any] | None, network: bytes) -> tuple[str, ...]:
    """Give the search terms of an agent from its profile.

    Args:
        kind_of_agent: person, enterprise, …
        profile: Its profile's map, None where none is here.
        network: Its home.
    """
    named = [str(profile.get(field) or "") for field in ("name", "city", "about")] if profile else []
    listed = list(profile.get("categories") or ()) if profile else []
    return _bounded([*_fixed_words(listed, network), f"%{kind_of_agent}"], named)


def coordinates(body: Mapping[str, Any]) -> tuple[int, int] | None:
    """Give the place that a profile or place states, in millionths of a degree; None where it lacks a half."""
    latitude, longitude = body.get("latitude_e6"), body.get("longitude_e6")
    return (latitude, longitude) if latitude is not None and longitude is not None else None


def rank_of(*, is_local: bool, distance_km: int | None, price_key: int) -> int:
    """Pack a rank: smaller stands first.

    Args:
        is_local: Whether it is of this node's own network.
        distance_km: From this network's place, None where unknown.
        price_key: See `Described`.

    >>> near = rank_of(is_local=False, distance_km=5, price_key=900)
    >>> far = rank_of(is_local=False, distance_km=80, price_key=1)
    >>> rank_of(is_local=True, distance_km=200, price_key=900) < near < far
    True
    """
    distance = DISTANCE_KM_MAX if distance_km is None else min(distance_km, DISTANCE_KM_MAX - 1)
    return (int(not is_local) << (_DISTANCE_BITS + _PRICE_BITS)) | (distance << _PRICE_BITS) | price_key


def price_key_of(rank: int) -> int:
    """Give the part of a rank that doesn't depend on places."""
    return rank & _PRICE_MAX


def category_term(identifier: str) -> str:
    """Give the term of a category; things have it for their category and for all broader ones."""
    return f"#{''.join(identifier.split())[:TERM_CHARS_MAX]}"


def network_term(network: bytes) -> str:
    """Give the term of a network: what of it fits into a term's length is unique enough to be one."""
    return f"@{base32(network)[:32]}"


def _price_key(body: Mapping[str, Any]) -> int:
    """What an offer costs for a base measure; one without a price stands behind those with one."""
    parts = [Money(unit=part["unit"], amount=part["amount"]) for part in body.get("price") or ()]
    measure = body.get("measure", "")
    if measure not in MEASURES:
        return _PRICE_MAX
    key = ranking.price_key(parts, per=max(1, body.get("per") or ONE), measure=measure)
    return _PRICE_MAX if key is None else min(_PRICE_MAX, max(0, key))


def _newest_first(number: int) -> int:
    return max(0, _PRICE_MAX - number)


def _listing_words(body: Mapping[str, Any], network: bytes) -> tuple[str, ...]:
    listed = [body["category"]] if body.get("category") else []
    return _bounded(_fixed_words(listed, network), [str(body.get(field) or "") for field in ("title", "about")])


def _fixed_words(listed: Iterable[str], network: bytes) -> list[str]:
    """The terms that are no words: everything, the network, categories with all that is above them."""
    found = [EVERYTHING, network_term(network)]
    for identifier in listed:
        above = [category.id for category in categories.path(identifier)] or [identifier]
        found.extend(category_term(name) for name in above)
    return found


def _bounded(fixed: list[str], texts: list[str]) -> tuple[str, ...]:
    words = (word[:TERM_CHARS_MAX] for item in texts for word in text.terms(item))
    return tuple(list(dict.fromkeys([*fixed, *words]))[:TERMS_PER_THING_MAX])


assert set(SHELVES) == {"offer", "need", "agent"}, "describe and agent_words give the words of these kinds"
