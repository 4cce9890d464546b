"""The fold of a trust feed: keys and roles hold from the size after the leaf that lists them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.trust import KeyRing
from tests.builders import Network, device, epoch_body, public

VILA = Network("vila")
MARIA = VILA.member("maria").id


def ring_of(*records: Any) -> KeyRing:
    """Give the ring after these leaves."""
    ring = KeyRing()
    for index, record in enumerate(records):
        ring.apply(index, record)
    return ring


def test_a_key_holds_from_the_size_after_its_leaf() -> None:
    """The leaf that lists a key is no ground for a record at that size."""
    ring = ring_of(VILA.agent, VILA.epoch, VILA.member("maria"))

    assert ring.keys_at(VILA.id, 0) is None
    assert ring.keys_at(VILA.id, 1) == frozenset({public("vila")})
    assert ring.keys_at(MARIA, 2) is None
    assert ring.keys_at(MARIA, 3) == frozenset({public("maria")})
    assert ring.size == 3


def test_a_replaced_key_holds_for_older_records_only() -> None:
    """A revision ends the keys that it leaves out and lets the others go on."""
    body = {"type": "person", "keys": [device("maria"), device("tablet")]}
    second = VILA.by("maria", "agent", body, thing=MARIA, previous=MARIA)
    third = VILA.by("maria", "agent", {"type": "person", "keys": [device("tablet")]}, thing=MARIA, previous=second.id)
    ring = ring_of(VILA.agent, VILA.member("maria"), second, third)

    assert ring.keys_at(MARIA, 2) == frozenset({public("maria")})
    assert ring.keys_at(MARIA, 3) == frozenset({public("maria"), public("tablet")})
    assert ring.keys_at(MARIA, 4) == frozenset({public("tablet")})
    ended = [(item.what, item.from_size, item.until_size) for item in ring.key_intervals() if item.agent == MARIA]
    assert ended == [(public("maria"), 2, 4), (public("tablet"), 3, None)]


def test_roles_end_with_the_membership() -> None:
    """Roles are those of the newest membership, and none after it has ended."""
    ring = ring_of(
        VILA.agent,
        VILA.member("maria"),
        VILA.membership(MARIA, "member", "clerk"),
        VILA.membership(MARIA, "member"),
        VILA.membership(MARIA, state="ended"),
    )

    assert ring.roles_at(MARIA, 2) == frozenset()
    assert ring.roles_at(MARIA, 3) == {"member", "clerk"}
    assert ring.roles_at(MARIA, 4) == {"member"}
    assert ring.roles_at(MARIA, 5) == frozenset()
    assert len(ring.role_intervals()) == 2


def test_a_mapped_agent_is_known_and_has_no_keys() -> None:
    """Known without keys is another thing than unknown."""
    mapped = VILA.mapped("escola")
    ring = ring_of(VILA.agent, mapped)

    assert ring.keys_at(mapped.id, 2) == frozenset()
    assert ring.types[mapped.id] == "public_body"


def test_the_first_epoch_of_a_number_counts() -> None:
    """A second record of the same number changes nothing."""
    ring = ring_of(VILA.agent, VILA.epoch, VILA.by_network("epoch", epoch_body("other")))

    assert ring.epochs[0].keys.link == public("vila link")


def test_void_leaves_only_count_as_size() -> None:
    """A leaf without a valid record moves the size on and nothing else."""
    ring = ring_of(VILA.agent, None, VILA.by("maria", "seal", {}), VILA.member("maria"))

    assert ring.keys_at(MARIA, 3) is None
    assert ring.keys_at(MARIA, 4) == frozenset({public("maria")})


def test_leaves_are_folded_once() -> None:
    """A feed only grows."""
    ring = ring_of(VILA.agent)

    with pytest.raises(ValueError, match="leaf 0"):
        ring.apply(0, VILA.agent)


@given(st.lists(st.sets(st.sampled_from("abcd"), min_size=1), min_size=1, max_size=8))
def test_the_ring_agrees_with_the_list(history: list[set[str]]) -> None:
    """At every size the keys are those of the newest revision before it."""
    ring = ring_of(VILA.agent)
    by: Callable[[str], dict[str, bytes]] = device
    first = VILA.member("maria")
    ring.apply(1, first)
    for index, names in enumerate(history, 2):
        body = {"type": "person", "keys": [by(name) for name in sorted(names)]}
        ring.apply(index, VILA.by("maria", "agent", body, thing=MARIA, previous=first.id))

    assert ring.keys_at(MARIA, 2) == frozenset({public("maria")})
    for size, names in enumerate(history, 3):
        assert ring.keys_at(MARIA, size) == frozenset({public(name) for name in names})
