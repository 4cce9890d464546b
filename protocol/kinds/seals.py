"""Seals and attestations: trust that people who visited have signed for.

A seal says what it promises, who awards it and how many visitors it takes. An attestation is one signed statement
about a thing or an agent: a visit, an award that rests on visits, a revocation, a complaint, a check, a rating.

Source: spec/03-records R-60 to R-62.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from protocol.errors import Code
from protocol.kinds.fields import Body, FieldError, Hash, Id, Line, Note, TimeMs, check_distinct
from protocol.limits import CRITERIA_MAX, VALIDITY_MONTHS_MAX, VISITS_MAX


class AttestationType(StrEnum):
    """What an attestation states."""

    VISIT = "visit"
    AWARD = "award"
    REVOCATION = "revocation"
    COMPLAINT = "complaint"
    CHECK = "check"
    RATING = "rating"


class Result(StrEnum):
    """What a visit or check found."""

    PASS = "pass"
    FAIL = "fail"


_NEEDED = {
    AttestationType.VISIT: ("seal", "result"),
    AttestationType.AWARD: ("seal", "visits", "until_ms"),
    AttestationType.REVOCATION: ("seal", "award", "note"),
    AttestationType.COMPLAINT: ("note",),
    AttestationType.CHECK: ("result",),
    AttestationType.RATING: ("rating",),
}
"""Fields that each type has beside its subject."""

_ONLY = {
    "result": (AttestationType.VISIT, AttestationType.CHECK),
    "visits": (AttestationType.AWARD,),
    "award": (AttestationType.REVOCATION,),
    "rating": (AttestationType.RATING,),
    "until_ms": (AttestationType.AWARD,),
}
"""Fields that only these types have, so that no reader takes a complaint's `result` for a visit's."""


class Seal(Body, frozen=True):
    """A promise that neighbours check.

    Attributes:
        name: What it is called.
        about: What it promises.
        criteria: What visitors look at, at least one.
        commission: The agent that awards and revokes it.
        quorum: Visitors without conflict of interest that an award takes.
        months: How long an award may hold.
    """

    name: Line
    about: Note
    criteria: Annotated[tuple[Note, ...], Meta(min_length=1, max_length=CRITERIA_MAX)]
    commission: Id
    quorum: Annotated[int, Meta(ge=1, le=VISITS_MAX)]
    months: Annotated[int, Meta(ge=1, le=VALIDITY_MONTHS_MAX)]


class Attestation(Body, frozen=True):
    """One signed statement about a thing or an agent.

    Attributes:
        type: What it states.
        subject: The thing or agent that it is about.
        seal: For which seal.
        result: What was found; visits and checks.
        visits: The visits that an award rests on, as record ids.
        award: The award that a revocation ends.
        rating: 1 to 5.
        minutes: SHA-256 of the minutes, which stay with the commission.
        note: In words.
        until_ms: When an award ends.
        conflict: Whether the author has an interest in the subject; such a visit doesn't count.
    """

    type: AttestationType
    subject: Id
    seal: Id | None = None
    result: Result | None = None
    visits: Annotated[tuple[Id, ...], Meta(max_length=VISITS_MAX)] = ()
    award: Id | None = None
    rating: Annotated[int, Meta(ge=1, le=5)] | None = None
    minutes: Hash | None = None
    note: Note | None = None
    until_ms: TimeMs | None = None
    conflict: bool = False

    def __post_init__(self) -> None:
        """Check that the type has its fields and no other type's."""
        for field in _NEEDED[self.type]:
            if not getattr(self, field):
                raise FieldError(Code.MISSING_FIELD, f"{field}: a {self.type} has it")
        for field, types in _ONLY.items():
            if self.type not in types and getattr(self, field):
                raise FieldError(Code.OUT_OF_RANGE, f"{field}: a {self.type} doesn't have it")
        check_distinct(self.visits, "visits")
