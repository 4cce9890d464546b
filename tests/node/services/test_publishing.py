"""The home takes what its rules allow, once, durably, and answers everything else with a code."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import nacl.bindings
import pytest
from sqlalchemy import text

from node.services import acceptance
from node.services.intake import PROJECTORS
from node.services.outcomes import Recorded, Refused
from node.store import agents
from node.store.database import Connection
from node.store.engine import DiskFullError
from node.store.projection import Accepted
from protocol.errors import Code, RemoteProtocolError
from protocol.feeds import CATALOG, TRUST
from protocol.record import TAG, Record, encode_record
from tests.builders import DAY_MS, NOW_MS, Network, bodies, device, epoch_body, named, public
from tests.store_node import StoreNode


@pytest.fixture
async def vila(tmp_path: Path) -> AsyncIterator[StoreNode]:
    """Open the node of a network with one member."""
    async with StoreNode(tmp_path, "vila") as node:
        await node.enrol("maria")
        yield node


async def refusal(node: StoreNode, record: Record | bytes) -> str:
    """Submit one record and give the code that it is refused with."""
    data = record if isinstance(record, bytes) else encode_record(record)
    (outcome,) = await node.publishing.submit([data])
    assert isinstance(outcome, Refused), outcome
    return outcome.refusal.code


async def test_a_record_is_taken_once(vila: StoreNode) -> None:
    """The same bytes again give the first answer and no second leaf, at once or later."""
    offer = encode_record(vila.offer("maria", "Geleia"))
    answers = await asyncio.gather(*(vila.publishing.submit([offer]) for _ in range(10)))
    (twice,) = {await _place(vila, [offer, offer])}

    first = [answer for (answer,) in answers if isinstance(answer, Recorded) and not answer.again]
    assert len(first) == 1
    assert {answer.index for (answer,) in answers if isinstance(answer, Recorded)} == {0}
    assert twice == (0, 0)
    assert (await vila.roots())[vila.feed(CATALOG)][0] == 1


async def _place(node: StoreNode, items: list[bytes]) -> tuple[int, ...]:
    return tuple(outcome.index for outcome in await node.publishing.submit(items) if isinstance(outcome, Recorded))


async def test_two_records_of_one_submission_may_build_on_each_other(vila: StoreNode) -> None:
    """A thing and its revision, an agent and what it publishes, come together."""
    first = vila.offer("maria", "Geleia")
    second = vila.network.by(
        "maria", "offer", {**first.body_value(), "title": "Geleia de uva"}, thing=first.id, previous=first.id
    )
    ana = vila.network.member("ana")
    hers = vila.offer("ana", "Bolo")

    taken = await vila.publish(first, second, ana, vila.network.membership(ana.id), hers)

    assert [(outcome.feed, outcome.index) for outcome in taken] == [
        (CATALOG, 0),
        (CATALOG, 1),
        (TRUST, 4),
        (TRUST, 5),
        (CATALOG, 2),
    ]


async def test_only_the_current_revision_is_replaced(vila: StoreNode) -> None:
    """Of two revisions of the same one, the second is stale."""
    first = vila.offer("maria", "Geleia")
    await vila.publish(first)
    one, two = (
        vila.network.by("maria", "offer", {**first.body_value(), "title": title}, thing=first.id, previous=first.id)
        for title in ("Geleia de uva", "Geleia de figo")
    )
    await vila.publish(one)

    assert await refusal(vila, two) == Code.STALE


async def test_a_new_agent_needs_its_membership(vila: StoreNode) -> None:
    """Alone it isn't admitted, nor with a membership that fails; what it publishes beside doesn't help."""
    ana = vila.network.member("ana")
    forged = vila.network.by("maria", "membership", {"agent": ana.id, "roles": ["member"], "state": "active"})
    broken = vila.network.membership(ana.id, thing=ana.id, previous=ana.id)
    assert await refusal(vila, ana) == Code.NOT_ADMITTED
    outcomes = await vila.submit(ana, forged, vila.offer("ana", "Bolo"))
    assert [outcome.refusal.code for outcome in outcomes if isinstance(outcome, Refused)] == [
        Code.NOT_ADMITTED,
        Code.NOT_ALLOWED,
        Code.UNKNOWN_AUTHOR,
    ]
    assert [isinstance(outcome, Refused) for outcome in await vila.submit(ana, broken)] == [True, True]

    await vila.publish(ana, vila.network.membership(ana.id))


async def test_a_mapped_agent_is_taken_from_the_network(vila: StoreNode) -> None:
    """Who hasn't joined is stated by the network alone."""
    (outcome,) = await vila.publish(vila.network.mapped("escola"))

    assert (outcome.feed, outcome.index) == (TRUST, 4)


async def test_who_left_publishes_no_more(vila: StoreNode) -> None:
    """An ended membership leaves an agent its keys and profile, and nothing else."""
    maria = vila.network.member("maria").id
    await vila.publish(vila.network.membership(maria, state="ended", created_ms=NOW_MS + 1))

    assert await refusal(vila, vila.offer("maria", "Geleia")) == Code.NOT_ADMITTED
    await vila.publish(vila.network.by("maria", "profile", {"agent": maria, "name": "Maria"}))


async def test_keys_count_from_the_leaf_that_lists_them(vila: StoreNode) -> None:
    """A removed key signs no more; the intervals say from and until which size each one holds."""
    maria = vila.network.member("maria")
    body = {"type": "person", "keys": [device("maria new")]}
    await vila.publish(vila.network.by("maria", "agent", body, thing=maria.id, previous=maria.id))

    assert await refusal(vila, vila.offer("maria", "Geleia")) == Code.KEY_NOT_VALID
    who = (vila.network.id, maria.id)
    async with vila.database.read() as connection:
        spans = (await agents.keys_of(connection, [who]))[who]
        roles = (await agents.roles_of(connection, [who]))[who]
    assert [tuple(span) for span in spans] == [(public("maria"), 3, 5), (public("maria new"), 5, None)]
    assert [tuple(span) for span in roles] == [("member", 4, None)]


@pytest.mark.parametrize(("hours", "code"), [(23, None), (-23, None), (25, "clock_far_off"), (-25, "clock_far_off")])
async def test_a_clock_far_off_is_told(vila: StoreNode, hours: int, code: str | None) -> None:
    """A device whose clock is more than a day off hears of it; the record's time is no validity otherwise."""
    record = vila.network.by("maria", "post", bodies()["post"], created_ms=NOW_MS + hours * DAY_MS // 24)
    (outcome,) = await vila.submit(record)

    assert (outcome.refusal.code if isinstance(outcome, Refused) else None) == code


async def test_a_record_of_another_network_is_refused(vila: StoreNode) -> None:
    """What was signed for another home can't be replayed here."""
    serra = Network("serra")
    assert await refusal(vila, serra.by("maria", "post", bodies()["post"])) == Code.WRONG_HOME
    assert await refusal(vila, serra.agent) == Code.WRONG_HOME


async def test_hostile_bytes_get_their_code(vila: StoreNode) -> None:
    """Cut, lengthened, oversized and altered bytes are refused one by one; the rest of the submission is taken."""
    good = encode_record(vila.offer("maria", "Geleia"))
    record = vila.offer("maria", "Bolo")
    signature = bytes([record.signature[0] ^ 1]) + record.signature[1:]
    cases = {
        b"": Code.MALFORMED,
        good[:-1]: Code.MALFORMED,
        good + b"\x00": Code.MALFORMED,
        b"x" * 20_000: Code.TOO_LARGE,
        encode_record(replace(record, signature=signature)): Code.BAD_SIGNATURE,
        encode_record(vila.network.by("maria", "poem", {"text": "pão"})): Code.UNKNOWN_KIND,
        encode_record(vila.network.by("maria", "offer", {"title": 7})): Code.WRONG_TYPE,
        encode_record(vila.network.by("maria", "transfer", bodies()["transfer"])): Code.UNAVAILABLE,
    }
    outcomes = await vila.publishing.submit([good, *cases])

    assert isinstance(outcomes[0], Recorded)
    codes = [outcome.refusal.code for outcome in outcomes[1:] if isinstance(outcome, Refused)]
    assert codes[1:] == list(cases.values())[1:]
    assert len(codes) == len(cases)
    with pytest.raises(RemoteProtocolError) as caught:
        await vila.publishing.submit([good] * 101)
    assert caught.value.code == Code.TOO_MANY


async def test_one_record_in_two_forms_is_taken_once(vila: StoreNode) -> None:
    """Another signature over the same id is the same record; one without a part isn't taken, whole or not at all."""
    record = vila.offer("maria", "Geleia")
    again = replace(record, signature=other_signature(record))
    stripped = record.without_body()
    outcomes = await vila.submit(stripped, record, again, stripped)

    assert [outcome.refusal.code if isinstance(outcome, Refused) else outcome.index for outcome in outcomes] == [
        Code.MALFORMED,
        0,
        0,
        Code.MALFORMED,
    ]
    row = await vila.stored(record.id)
    assert row is not None
    assert row.data == encode_record(record)


def other_signature(record: Record) -> bytes:
    """Sign a record's id once more with another nonce, as a device could that draws it at random."""
    order = 2**252 + 27742317777372353535851937790883648493
    digest = hashlib.sha512(named("maria")).digest()
    scalar = int.from_bytes(digest[:32], "little") & ((1 << 254) - 8) | (1 << 254)
    message = TAG.encode() + b"\n" + record.id
    nonce = int.from_bytes(hashlib.sha512(b"another nonce" + message).digest(), "little") % order
    point = nacl.bindings.crypto_scalarmult_ed25519_base_noclamp(nonce.to_bytes(32, "little"))
    challenge = int.from_bytes(hashlib.sha512(point + record.header.key + message).digest(), "little")
    return point + ((nonce + challenge * scalar) % order).to_bytes(32, "little")


async def test_many_submissions_at_once_keep_one_order(vila: StoreNode) -> None:
    """A hundred members' submissions at once give each its own leaf, and a feed without gaps."""
    offers = [vila.offer("maria", f"Geleia {number}") for number in range(100)]
    outcomes = await asyncio.gather(*(vila.submit(offer) for offer in offers))

    places = sorted(outcome.index for (outcome,) in outcomes if isinstance(outcome, Recorded))
    assert places == list(range(100))
    loaded = await vila.replication.load(vila.feed(CATALOG), 0, 1_000_000, 1000, None)
    assert loaded is not None
    assert {record for _, record in loaded.entries} == {encode_record(offer) for offer in offers}


async def test_a_valid_record_is_projected_in_its_transaction(vila: StoreNode) -> None:
    """Projectors see each valid record once; when one fails, the record isn't taken."""
    seen: list[tuple[str, int, int]] = []

    async def note(_connection: Connection, accepted: Accepted) -> None:
        seen.append((accepted.feed, accepted.index, accepted.keys_at))

    async def fail(_connection: Connection, _accepted: Accepted) -> None:
        raise RuntimeError("no room")

    PROJECTORS.append(note)
    try:
        await vila.publish(vila.offer("maria", "Geleia"), vila.offer("maria", "Bolo"))
        await vila.submit(vila.offer("maria", "Bolo"))
        PROJECTORS.append(fail)
        with pytest.raises(RuntimeError, match="no room"):
            await vila.submit(vila.offer("maria", "Pão"))
        PROJECTORS.remove(fail)
    finally:
        PROJECTORS.remove(note)

    assert seen[:2] == [(CATALOG, 0, 4), (CATALOG, 1, 4)]
    assert await vila.state(vila.offer("maria", "Pão")) is None
    (outcome,) = await vila.publish(vila.offer("maria", "Pão"))
    assert (outcome.index, outcome.again) == (2, False)


async def test_a_listener_that_fails_stops_nothing(vila: StoreNode) -> None:
    """What is durable is acknowledged, and the next submission is taken."""

    def fail(_feeds: object, _networks: object) -> None:
        raise RuntimeError("no link")

    vila.publishing.on_change.insert(0, fail)
    await vila.publish(vila.offer("maria", "Geleia"))
    await vila.publish(vila.offer("maria", "Bolo"))

    assert len(vila.told) >= 2


async def test_a_full_disk_refuses_and_goes_on(vila: StoreNode) -> None:
    """Nothing of a refused submission stays, reads go on, and later it is taken."""

    async def limit(connection: Connection, pages: int) -> None:
        await connection.execute(text(f"PRAGMA max_page_count={pages}"))

    big = [vila.offer("maria", f"Geleia {number}", about="x" * 1500) for number in range(90)]
    await vila.database.write(lambda connection: limit(connection, 1))
    with pytest.raises(DiskFullError):
        await vila.submit(*big)
    assert await vila.state(big[0]) is None
    await vila.database.write(lambda connection: limit(connection, 100_000))

    assert [outcome.index for outcome in await vila.publish(*big)] == list(range(90))


async def test_what_was_taken_is_there_after_a_restart(vila: StoreNode) -> None:
    """Closing and opening changes nothing, and the same bytes still get the first answer."""
    offer = vila.offer("maria", "Geleia")
    await vila.publish(offer)
    before = await vila.roots()
    await vila.close()
    await vila.open()

    assert await vila.roots() == before
    (outcome,) = await vila.publish(offer)
    assert (outcome.index, outcome.again) == (0, True)


async def test_a_thing_has_a_bounded_number_of_records(vila: StoreNode, monkeypatch: pytest.MonkeyPatch) -> None:
    """One member can't make every look at an offer slow by changing it ever again."""
    monkeypatch.setattr(acceptance, "REVISIONS_MAX", 4)
    first = last = vila.offer("maria", "Pão")
    outcomes = await vila.submit(first)
    for number in range(4):
        body = {**first.body_value(), "title": f"Pão {number}"}
        last = vila.network.by("maria", "offer", body, thing=first.id, previous=last.id)
        outcomes += await vila.submit(last)

    assert [isinstance(outcome, Recorded) for outcome in outcomes] == [True] * 4 + [False]
    assert [outcome.refusal.code for outcome in outcomes if isinstance(outcome, Refused)] == [Code.TOO_MANY]


async def test_a_second_epoch_is_refused(vila: StoreNode) -> None:
    """An epoch that this node has no keys for would keep it from starting again; nothing of it is recorded."""
    later = vila.network.by_network("epoch", epoch_body("vila 2", 1))
    twin = vila.network.by_network("epoch", epoch_body("vila 3"))

    assert [await refusal(vila, item) for item in (later, twin)] == [Code.NOT_ALLOWED] * 2
    assert (await vila.replication.identity()).epoch == 0
