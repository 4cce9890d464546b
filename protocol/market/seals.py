"""How a seal stands for a subject: counted anew from signed attestations by anybody who has them.

An award counts while

- it is of this seal and subject, by the seal's commission (`protocol.rules` has refused others);
- of the visits that it names, at least the quorum are of this seal and subject, found that it passes, and come from
  different visitors without conflict of interest, none of them the subject, its owner or the commission;
- its end has not come, and it ends at most the seal's months (of 31 days) after it was signed;
- no revocation names it.

So an award without its visits is only a word, and a revocation ends it wherever it arrives.

Source: spec/09-market MK-20 to MK-25.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from protocol.kinds.seals import Attestation, AttestationType, Result, Seal

MONTH_MS = 31 * 24 * 3600 * 1000
"""The longest month, so that an award to the same day of a later month is never too long."""


class State(StrEnum):
    """How a seal stands for a subject."""

    NONE = "none"
    PENDING = "pending"
    VALID = "valid"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attested:
    """A valid attestation record.

    Attributes:
        id: The record's id.
        author: Who states it.
        created_ms: When its author says that it was signed.
        body: What it states.
    """

    id: bytes
    author: bytes
    created_ms: int
    body: Attestation


@dataclass(frozen=True, slots=True, kw_only=True)
class SealState:
    """How a seal stands for one subject.

    Attributes:
        state: Pending while there are visits without an award that counts.
        award: The award that decides the state; None where there is none.
        until_ms: When it ends.
        revocation: The record that revoked it.
        visits: The visits that count towards the quorum: of the award, or, while it is pending, all.
        complaints: Complaints about the subject, by id.
    """

    state: State
    award: bytes | None = None
    until_ms: int | None = None
    revocation: bytes | None = None
    visits: tuple[bytes, ...] = ()
    complaints: tuple[bytes, ...] = ()


_PRECEDENCE = (State.VALID, State.REVOKED, State.EXPIRED, State.PENDING)


def seal_state(
    seal_id: bytes,
    seal: Seal,
    subject: bytes,
    attestations: Iterable[Attested],
    *,
    now_ms: int,
    owner: bytes | None = None,
) -> SealState:
    """Say how a seal stands for a subject.

    Args:
        seal_id: The seal, as a thing.
        seal: Its current body.
        subject: The thing or agent.
        attestations: Valid attestations that are known; those of other seals and subjects are left out.
        now_ms: The reader's clock.
        owner: Whose the subject is, where it isn't an agent itself.

    Returns:
        The state, which is the same for the same set of attestations, clock and owner.
    """
    own = sorted(
        {item.id: item for item in attestations if item.body.subject == subject}.values(),
        key=lambda item: (item.created_ms, item.id),
    )
    of_seal = [item for item in own if item.body.seal == seal_id]
    complaints = tuple(item.id for item in own if item.body.type is AttestationType.COMPLAINT)
    outsiders = {subject, owner, seal.commission}
    visits = {item.id: item for item in of_seal if item.body.type is AttestationType.VISIT}
    revoked = {item.body.award: item.id for item in of_seal if _is_by(item, AttestationType.REVOCATION, seal)}
    found: list[SealState] = []
    for award in of_seal:
        if _is_by(award, AttestationType.AWARD, seal):
            counted = counting_visits(award.body.visits, visits, outsiders)
            state = _state_of(seal, award, counted, now_ms)
            if state in {State.VALID, State.EXPIRED} and award.id in revoked:
                state = State.REVOKED
            found.append(
                SealState(
                    state=state,
                    award=None if state is State.PENDING else award.id,
                    until_ms=None if state is State.PENDING else award.body.until_ms,
                    revocation=revoked.get(award.id),
                    visits=counted,
                    complaints=complaints,
                )
            )
    for state in _PRECEDENCE:
        newest = [item for item in found if item.state is state]
        if newest:
            return newest[-1]
    return SealState(
        state=State.PENDING if visits else State.NONE,
        visits=counting_visits(visits, visits, outsiders),
        complaints=complaints,
    )


def counting_visits(
    named: Iterable[bytes], visits: Mapping[bytes, Attested], outsiders: Iterable[bytes | None]
) -> tuple[bytes, ...]:
    """Give the visits that count towards the quorum: each visitor's first one that does.

    Args:
        named: Ids of the visits that are asked about.
        visits: Known visits of one seal and subject, by id.
        outsiders: Agents whose visits don't count.
    """
    barred = set(outsiders)
    visitors: set[bytes] = set()
    counted = []
    for identifier in named:
        visit = visits.get(identifier)
        if visit is None or visit.author in visitors | barred:
            continue
        if visit.body.result is Result.PASS and not visit.body.conflict:
            visitors.add(visit.author)
            counted.append(identifier)
    return tuple(counted)


def _is_by(item: Attested, wanted: AttestationType, seal: Seal) -> bool:
    return item.body.type is wanted and item.author == seal.commission


def _state_of(seal: Seal, award: Attested, counted: tuple[bytes, ...], now_ms: int) -> State:
    until_ms = award.body.until_ms or 0
    if len(counted) < seal.quorum or until_ms > award.created_ms + seal.months * MONTH_MS:
        return State.PENDING
    return State.VALID if now_ms < until_ms else State.EXPIRED
