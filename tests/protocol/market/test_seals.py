"""A seal stands on visits that anybody can count, and falls with its revocation."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.kinds import read_body
from protocol.kinds.seals import Attestation, Seal
from protocol.market.seals import MONTH_MS, Attested, SealState, State, seal_state
from tests.builders import DAY_MS, NOW_MS, named

SEAL, BREAD, BAKERY, COMMISSION = named("seal"), named("bread"), named("bakery"), named("commission")


def seal(quorum: int = 2) -> Seal:
    """Give a seal of a year."""
    body = read_body(
        "seal",
        {
            "name": "Feito na Vila",
            "about": "…",
            "criteria": ["a"],
            "commission": COMMISSION,
            "quorum": quorum,
            "months": 12,
        },
    )
    assert isinstance(body, Seal)
    return body


def attested(name: str, kind: str, by: bytes, created_ms: int = NOW_MS, **fields: Any) -> Attested:
    """Give an attestation about the bread."""
    body = read_body("attestation", {"type": kind, "subject": BREAD, "seal": SEAL, **fields})
    assert isinstance(body, Attestation)
    return Attested(id=named(name), author=by, created_ms=created_ms, body=body)


def visit(who: str, result: str = "pass", **fields: Any) -> Attested:
    """Give a visit."""
    return attested(f"visit {who}", "visit", named(who), result=result, **fields)


def award(*visitors: str, name: str = "award", until_ms: int = NOW_MS + 300 * DAY_MS, **fields: Any) -> Attested:
    """Give an award that rests on these people's visits."""
    visits = [named(f"visit {who}") for who in visitors]
    return attested(name, "award", fields.pop("by", COMMISSION), visits=visits, until_ms=until_ms, **fields)


def state(*items: Attested, now_ms: int = NOW_MS, quorum: int = 2) -> SealState:
    """Say how the seal stands for the bread."""
    return seal_state(SEAL, seal(quorum), BREAD, items, now_ms=now_ms, owner=BAKERY)


def test_nothing_is_nothing() -> None:
    """Without attestations there is no seal."""
    assert state() == SealState(state=State.NONE)


def test_visits_without_an_award_are_pending() -> None:
    """The page can say how many of the quorum have been."""
    found = state(visit("ana"), visit("rui", "fail"))

    assert found.state == State.PENDING
    assert found.visits == (named("visit ana"),)


def test_an_award_with_its_quorum_is_valid_until_its_end() -> None:
    """It holds to the last millisecond before its end."""
    items = (visit("ana"), visit("rui"), award("ana", "rui"))
    until_ms = NOW_MS + 300 * DAY_MS

    assert state(*items).state == State.VALID
    assert state(*items).until_ms == until_ms
    assert state(*items, now_ms=until_ms - 1).state == State.VALID
    assert state(*items, now_ms=until_ms).state == State.EXPIRED


@pytest.mark.parametrize(
    "second",
    [
        None,
        visit("rui", "fail"),
        visit("rui", conflict=True),
        attested("visit rui", "visit", BAKERY, result="pass"),
        attested("visit rui", "visit", COMMISSION, result="pass"),
        attested("visit rui", "visit", named("ana"), result="pass"),
        Attested(
            id=named("visit rui"),
            author=named("rui"),
            created_ms=NOW_MS,
            body=Attestation(type="visit", subject=BREAD, seal=named("other seal"), result="pass"),  # type: ignore[arg-type]
        ),
    ],
    ids=["missing", "failed", "conflict", "owner", "commission", "same visitor", "other seal"],
)
def test_a_visit_that_doesn_t_count(second: Attested | None) -> None:
    """One visitor short of the quorum the award is only a word."""
    items = [visit("ana"), award("ana", "rui"), *([second] if second else [])]

    assert state(*items).state == State.PENDING
    assert state(*items, quorum=1).state == State.VALID


def test_visits_that_the_award_doesn_t_name_don_t_carry_it() -> None:
    """The commission answers for what it names."""
    assert state(visit("ana"), visit("rui"), award("ana")).state == State.PENDING


def test_only_the_commission_s_award_counts() -> None:
    """Somebody else's award is nothing."""
    assert state(visit("ana"), visit("rui"), award("ana", "rui", by=named("ana"))).state == State.PENDING


def test_an_award_can_t_be_longer_than_the_seal() -> None:
    """Twelve months are at most twelve times 31 days."""
    visits = (visit("ana"), visit("rui"))

    assert state(*visits, award("ana", "rui", until_ms=NOW_MS + 12 * MONTH_MS)).state == State.VALID
    assert state(*visits, award("ana", "rui", until_ms=NOW_MS + 12 * MONTH_MS + 1)).state == State.PENDING


def test_a_revocation_ends_the_award() -> None:
    """Only the commission's, only of this award; a new award is a new seal."""
    items = (visit("ana"), visit("rui"), award("ana", "rui"))
    ending = attested("end", "revocation", COMMISSION, award=named("award"), note="x")
    by_other = attested("end", "revocation", named("ana"), award=named("award"), note="x")
    again = award("ana", "rui", name="award 2", created_ms=NOW_MS + DAY_MS)

    assert state(*items, ending).state == State.REVOKED
    assert state(*items, ending).revocation == named("end")
    assert state(*items, by_other).state == State.VALID
    assert state(*items, ending, again).state == State.VALID
    assert state(*items, ending, now_ms=NOW_MS + 400 * DAY_MS).state == State.REVOKED


def test_complaints_are_shown_and_end_nothing() -> None:
    """A complaint is for the commission to answer."""
    complaint = attested("bad", "complaint", named("ze"), note="mofo")

    found = state(visit("ana"), visit("rui"), award("ana", "rui"), complaint)

    assert found.state == State.VALID
    assert found.complaints == (named("bad"),)


def test_other_subjects_are_left_out() -> None:
    """An award of the cake is none of the bread."""
    other = Attested(
        id=named("award"),
        author=COMMISSION,
        created_ms=NOW_MS,
        body=Attestation(type="award", subject=named("cake"), seal=SEAL, visits=(named("v"),), until_ms=NOW_MS + 1),  # type: ignore[arg-type]
    )

    assert state(other) == SealState(state=State.NONE)


items_of = st.lists(
    st.sampled_from(
        [
            visit("ana"),
            visit("rui"),
            visit("eva", "fail"),
            award("ana", "rui"),
            award("ana", name="award 2"),
            award("ana", "rui", name="award 3", until_ms=NOW_MS - 1),
            attested("end", "revocation", COMMISSION, award=named("award"), note="x"),
            attested("bad", "complaint", named("ze"), note="mofo"),
        ]
    )
)


@given(items_of, st.randoms())
def test_arrival_changes_nothing(items: list[Attested], chance: random.Random) -> None:
    """A set of attestations gives one state, in whatever order and however often they come."""
    shuffled = items * 2
    chance.shuffle(shuffled)

    assert state(*items) == state(*shuffled)
