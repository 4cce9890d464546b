"""All Hypothesis strategies: values of the codec, bodies of every kind, and ways to break them."""

from __future__ import annotations

import copy
import string
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from protocol.categories import CATEGORIES
from protocol.feeds import FEED_NAMES, FeedKey
from protocol.gossip.messages import (
    Auth,
    Batch,
    Bye,
    Deliver,
    Delivered,
    Entry,
    Follow,
    Get,
    HeadEntry,
    Heads,
    Hello,
    Message,
    Ping,
    Unknown,
)
from protocol.kinds import KINDS
from protocol.kinds.orders import BUYER_ACTIONS, SELLER_ACTIONS, WHOLE_ACTIONS
from protocol.limits import AMOUNT_MAX, FRAME_BYTES_MIN, LINE_CHARS_MAX, QUANTITY_MAX, ROWS_MAX
from protocol.measures import MEASURES
from protocol.merkle.checkpoint import origin_of, sign_checkpoint
from protocol.units import INTEGER_MAX
from tests.builders import bodies

integers = st.integers(-INTEGER_MAX, INTEGER_MAX)
"""Any integer of the codec."""

ids = st.binary(min_size=32, max_size=32)
"""Any id."""


def canonical_values(leaves_max: int = 20) -> st.SearchStrategy[Any]:
    """Any value that has a canonical encoding."""
    scalars = (
        st.none()
        | st.booleans()
        | integers
        | st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
        | st.binary(max_size=40)
    )
    return st.recursive(
        scalars,
        lambda inner: (
            st.lists(inner, max_size=5)
            | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=10), inner, max_size=5)
        ),
        max_leaves=leaves_max,
    )


values = canonical_values(leaves_max=8)
"""Small values that have a canonical encoding."""

letters = string.ascii_letters + string.digits + " ãáàâéêíóõôúçñüÃÇÉ-.,()!?%"

lines = st.text(letters, min_size=1, max_size=LINE_CHARS_MAX)
"""Names and titles."""

notes = st.text(letters + "\n\t", max_size=300)

categories = st.sampled_from(sorted(CATEGORIES))
measures = st.sampled_from(sorted(MEASURES))
amounts = st.integers(0, AMOUNT_MAX)
quantities = st.integers(1, QUANTITY_MAX)
times_ms = st.integers(0, INTEGER_MAX)
units = st.sampled_from(["BRL", "EUR", "UYU", "ARS", "agent:" + "a" * 52])

prices = st.dictionaries(units, amounts, max_size=3).map(
    lambda price: [{"unit": unit, "amount": amount} for unit, amount in price.items()]
)
"""Prices with one amount a unit."""


def _maps(required: dict[str, Any], **optional: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(required, optional=optional)


rows = _maps({"title": lines, "measure": measures, "quantity": quantities, "price": prices, "per": quantities})

offers = _maps(
    {"title": lines, "category": categories, "measure": measures, "price": prices, "per": quantities},
    about=notes,
    quantity=quantities,
    item=ids,
    answers=ids,
    place=ids,
    until_ms=times_ms,
)

needs = _maps(
    {"title": lines, "category": categories, "measure": measures},
    firmness=st.sampled_from(["firm", "recurring", "potential"]),
    about=notes,
    quantity=quantities,
    price=prices,
    per=quantities,
    until_ms=times_ms,
)

orders = _maps(
    {
        "offer": ids,
        "offer_record": ids,
        "seller": ids.map(lambda value: b"s" + value[1:]),
        "buyer": ids.map(lambda value: b"b" + value[1:]),
        "rows": st.lists(rows, min_size=1, max_size=3),
    },
    note=notes,
)

row_quantities = st.dictionaries(
    st.integers(0, ROWS_MAX - 1), st.integers(0, QUANTITY_MAX), min_size=1, max_size=3
).map(lambda stated: [{"row": row, "quantity": quantity} for row, quantity in stated.items()])

events = st.one_of(
    _maps(
        {
            "order": ids,
            "action": st.sampled_from(sorted((SELLER_ACTIONS | BUYER_ACTIONS) - WHOLE_ACTIONS)).map(str.__str__),
            "rows": row_quantities,
        },
        corrects=ids,
        note=notes,
    ),
    _maps({"order": ids, "action": st.sampled_from(sorted(WHOLE_ACTIONS)).map(str.__str__)}, note=notes),
)

posts = _maps(
    {
        "type": st.sampled_from(["story", "message", "guide", "campaign"]),
        "title": lines,
        "text": st.text(letters + "\n", min_size=1, max_size=300),
    },
    about=ids,
)

transfers = _maps(
    {"ledger": ids, "payer": ids, "payee": ids, "amount": integers, "unit": units, "expires_ms": integers},
    purpose=_maps({}, order=ids, text=notes),
    nonce=st.binary(max_size=32),
)

made_bodies: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "offer": offers,
    "need": needs,
    "order": orders,
    "event": events,
    "post": posts,
    "transfer": transfers,
}
"""Bodies that are made anew; the other kinds take the full one of `tests.builders`."""


@st.composite
def valid_bodies(draw: Callable[[st.SearchStrategy[Any]], Any]) -> tuple[str, dict[str, Any]]:
    """Give a kind and a valid body of it."""
    kind = draw(st.sampled_from(sorted(KINDS)))
    made = made_bodies.get(kind, st.just(bodies()[kind]))
    return kind, draw(st.one_of(st.just(bodies()[kind]), made))


@st.composite
def changed_bodies(draw: Callable[[st.SearchStrategy[Any]], Any]) -> tuple[str, dict[str, Any]]:
    """Give a kind and a body of it in which some values, at any depth, were replaced, removed or added."""
    kind = draw(st.sampled_from(sorted(KINDS)))
    body = copy.deepcopy(bodies()[kind])
    for _ in range(draw(st.integers(1, 3))):
        _change(draw, body)
    return kind, body


def _change(draw: Callable[[st.SearchStrategy[Any]], Any], body: dict[str, Any]) -> None:
    """Walk to a random place of the body and change what stands there."""
    here: Any = body
    while True:
        places = sorted(here) if isinstance(here, dict) else list(range(len(here)))
        if not places:
            return
        place = draw(st.sampled_from(places))
        if isinstance(here[place], dict | list) and here[place] and draw(st.booleans()):
            here = here[place]
            continue
        if draw(st.integers(0, 4)) == 0:
            del here[place]
        else:
            here[place] = draw(values)
        return


def gossip_messages() -> st.SearchStrategy[Message]:
    """Any message that a link may carry."""
    integers = st.integers(0, INTEGER_MAX)
    hashes = st.binary(min_size=32, max_size=32)
    feeds = st.builds(FeedKey, hashes, st.sampled_from(FEED_NAMES), integers)
    names = st.frozensets(st.text(st.characters(codec="ascii"), min_size=1, max_size=20), max_size=5)
    scopes = st.lists(st.tuples(st.none() | hashes, names), max_size=4).map(tuple)
    heads = st.lists(st.builds(HeadEntry, feeds, integers, hashes), max_size=6)
    texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=80)
    return st.one_of(
        st.builds(
            Hello,
            version=st.integers(1, INTEGER_MAX),
            agent_record=st.binary(max_size=200),
            epoch_record=st.binary(max_size=200),
            nonce=hashes,
            frame_bytes_max=st.integers(FRAME_BYTES_MIN, INTEGER_MAX),
            gets_max=st.integers(1, INTEGER_MAX),
        ),
        st.builds(
            Auth,
            st.from_regex(r"[a-z0-9-]{1,20}(\.[a-z0-9]{1,5}){0,2}(:[0-9]{1,5})?", fullmatch=True),
            st.binary(min_size=64, max_size=64),
        ),
        st.builds(Follow, scopes),
        st.builds(Heads, st.booleans(), heads.map(_grouped)),
        st.builds(Get, request=integers, feed=feeds, start=integers, records_max=integers, bytes_max=integers),
        gossip_batches(),
        st.builds(Deliver, st.binary(max_size=300)),
        st.builds(Delivered, st.lists(hashes, max_size=5).map(tuple)),
        st.builds(Ping, integers, st.booleans(), st.binary(min_size=8, max_size=8)),
        st.builds(Bye, st.text(st.characters(codec="ascii"), min_size=1, max_size=32), texts),
        st.builds(Unknown, st.integers(11, 127)),
    )


@st.composite
def gossip_batches(draw: st.DrawFn) -> Batch:
    """Any BATCH whose parts fit one another; its note is signed."""
    hashes = st.binary(min_size=32, max_size=32)
    feed = FeedKey(draw(hashes), draw(st.sampled_from(FEED_NAMES)), draw(st.integers(0, 9)))
    request, start = draw(st.none() | st.integers(0, INTEGER_MAX)), draw(st.integers(0, 10**9))
    if draw(st.booleans()):
        return Batch(
            request=request, feed=feed, start=start, entries=(), note=None, head_size=0, head_root=b"", proof=()
        )
    keys_at = st.integers(0, INTEGER_MAX)
    bare = st.builds(Entry, keys_at, st.none(), st.none() | hashes)
    entries = tuple(draw(st.lists(st.builds(Entry, keys_at, st.binary(max_size=300)) | bare, max_size=5)))
    end, root = start + len(entries), draw(hashes)
    size = end + draw(st.integers(0, 3))
    proof = tuple(draw(st.lists(hashes, max_size=4))) if 0 < end < size else ()
    note = sign_checkpoint(origin_of(feed), size=size, root=root, seed=bytes(32))
    return Batch(
        request=request,
        feed=feed,
        start=start,
        entries=entries,
        note=note,
        head_size=size,
        head_root=root,
        proof=proof,
    )


def _grouped(entries: list[HeadEntry]) -> tuple[HeadEntry, ...]:
    """Put the heads of a network together, as the wire does."""
    networks = list(dict.fromkeys(entry.feed.network for entry in entries))
    return tuple(sorted(entries, key=lambda entry: networks.index(entry.feed.network)))
