"""Seals for readers: what a seal promises, to what it was given, and how that stands now.

How a seal stands is counted by `protocol.market.seals` from the attestations that are here, each time it is read.
Source: spec/09-market MK-20 to MK-25.

Tests: tests/node/services/test_catalogue.py
"""

from collections.abc import Iterable, Mapping
from typing import Final

from node.services.names import agent_refs
from node.services.views import AgentRef, AttestationView, SealRef, SealSubjectView, SealView, ThingRef
from node.store import catalogue_reads as reads
from node.store.catalogue_reads import Thing
from node.store.database import Connection
from protocol.errors import RemoteProtocolError
from protocol.identifiers import to_text
from protocol.kinds import read_body
from protocol.kinds.seals import Attestation, Seal
from protocol.market.seals import Attested, SealState, State, seal_state

_SHOWN: Final = (State.VALID, State.PENDING, State.EXPIRED, State.REVOKED)
"""Seals that a thing shows, the best first; one without any visit isn't shown."""


async def seal_refs(connection: Connection, subjects: Iterable[bytes], *, now_ms: int) -> dict[bytes, list[SealRef]]:
    """Give the seals of things and agents.

    Args:
        connection: Any connection.
        subjects: Things and agents; those without a seal are left out of the answer.
        now_ms: The reader's clock.
    """
    given = await reads.mentioning(connection, subjects, ["attestation.subject"])
    seal_ids = {item.body["seal"] for items in given.values() for item in items if item.body.get("seal")}
    seals = await reads.by_ids(connection, seal_ids)
    owners = await reads.by_ids(connection, given)
    found: dict[bytes, list[SealRef]] = {}
    for subject, items in given.items():
        attested = attested_of(items)
        refs: list[tuple[int, SealRef]] = []
        for seal_id in {item.body.seal for item in attested if item.body.seal is not None}:
            body = seal_body(seals.get(seal_id))
            if body is None:
                continue
            state = seal_state(seal_id, body, subject, attested, now_ms=now_ms, owner=_owner(owners.get(subject)))
            if state.state in _SHOWN:
                ref = SealRef(
                    id=to_text("seal", seal_id), name=body.name, state=str(state.state), until_ms=state.until_ms
                )
                refs.append((_SHOWN.index(state.state), ref))
        if refs:
            found[subject] = [ref for _, ref in sorted(refs, key=lambda pair: (pair[0], pair[1].name))]
    return found


async def seal_views(connection: Connection, seals: list[Thing], *, now_ms: int) -> list[SealView]:
    """Give seals with all that they were given to.

    Args:
        connection: Any connection.
        seals: Things of the kind seal; erased ones are left out.
        now_ms: The reader's clock.
    """
    given = await reads.mentioning(connection, [seal.id for seal in seals], ["attestation.seal"])
    every = [item for items in given.values() for item in items]
    subjects = await reads.by_ids(connection, {item.body["subject"] for item in every if "subject" in item.body})
    bodies = {seal.id: body for seal in seals if (body := seal_body(seal)) is not None}
    names = await agent_refs(
        connection,
        {item.author for item in every}
        | {body.commission for body in bodies.values()}
        | {seal.network for seal in seals}
        | {owner for item in subjects.values() if (owner := _owner(item)) is not None},
    )
    return [
        _seal_view(seal, bodies[seal.id], given.get(seal.id, []), subjects, names, now_ms)
        for seal in seals
        if seal.id in bodies
    ]


def attested_of(things: Iterable[Thing]) -> list[Attested]:
    """Give attestations as the rules read them; erased ones are left out."""
    found: list[Attested] = []
    for item in things:
        try:
            body = read_body("attestation", item.body)
        except RemoteProtocolError:
            continue
        if isinstance(body, Attestation):
            created_ms = item.record.header.created_ms
            found.append(Attested(id=item.id, author=item.author, created_ms=created_ms, body=body))
    return found


def seal_body(item: Thing | None) -> Seal | None:
    """Give a seal's body; None where it isn't here or was erased."""
    if item is None or item.kind != "seal":
        return None
    try:
        body = read_body("seal", item.body)
    except RemoteProtocolError:
        return None
    return body if isinstance(body, Seal) else None


def _owner(item: Thing | None) -> bytes | None:
    """Give whose a thing is; an agent is its own."""
    return None if item is None or item.kind == "agent" else item.author


def _seal_view(
    seal: Thing,
    body: Seal,
    given: list[Thing],
    subjects: Mapping[bytes, Thing],
    names: Mapping[bytes, AgentRef],
    now_ms: int,
) -> SealView:
    attested = attested_of(given)
    order = list(dict.fromkeys(item.body.subject for item in attested))
    views = []
    for subject in order:
        owner = _owner(subjects.get(subject))
        state = seal_state(seal.id, body, subject, attested, now_ms=now_ms, owner=owner)
        own = [item for item in attested if item.body.subject == subject]
        views.append(_subject_view(subject, subjects.get(subject), own, state, names))
    return SealView(
        id=to_text("seal", seal.id),
        name=body.name,
        about=body.about,
        criteria=list(body.criteria),
        commission=names[body.commission],
        quorum=body.quorum,
        months=body.months,
        network_name=names[seal.network].name,
        subjects=views,
    )


def _subject_view(
    subject: bytes, item: Thing | None, own: list[Attested], state: SealState, names: Mapping[bytes, AgentRef]
) -> SealSubjectView:
    counting = {*state.visits, state.award, state.revocation, *state.complaints}
    revocation = next((each for each in own if each.id == state.revocation), None)
    kind = item.kind if item is not None else "thing"
    owner = _owner(item)
    return SealSubjectView(
        subject=ThingRef(id=to_text(kind, subject), kind=kind, title=item.title if item is not None else ""),
        owner=None if owner is None else names[owner],
        state=str(state.state),
        visits=len(state.visits),
        until_ms=state.until_ms,
        revoked_by=None if revocation is None else names[revocation.author],
        revoked_ms=None if revocation is None else revocation.created_ms,
        attestations=[_attestation_view(each, names, counts=each.id in counting) for each in own],
    )


def _attestation_view(item: Attested, names: Mapping[bytes, AgentRef], *, counts: bool) -> AttestationView:
    body = item.body
    return AttestationView(
        id=to_text("attestation", item.id),
        type=str(body.type),
        author=names[item.author],
        created_ms=item.created_ms,
        result=None if body.result is None else str(body.result),
        note=body.note,
        minutes=None if body.minutes is None else body.minutes.hex(),
        conflict=body.conflict,
        counts=counts,
    )
