"""Sessions: a login document opens one, once, for whoever holds a current key; nothing else does."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import insert, text, update

from node.clock import FixedClock
from node.services.sessions import Sessions
from node.store.database import Database
from node.store.rowcheck import failing_columns
from node.store.sessions import session
from node.store.tables import agent_key, agent_role
from protocol import keys
from protocol.errors import RemoteProtocolError
from protocol.limits import LOGIN_LIFE_MS_MAX, SESSION_LIFE_MS, SESSIONS_PER_AGENT_MAX
from protocol.login import Login, sign_login

NETWORK = b"n" * 32
MEMBER = b"m" * 32
SEED = bytes(range(32))
NETWORK_SEED = bytes(range(1, 33))
ORIGIN = "http://127.0.0.1:8801"


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """A database that knows one member and the network's own record key."""
    opened = await Database.open(f"sqlite+aiosqlite:///{tmp_path / 'node.sqlite'}")
    rows = [
        {"network": NETWORK, "agent": agent, "key": keys.public_of(seed), "valid_from": 0, "valid_until": None}
        for agent, seed in ((MEMBER, SEED), (NETWORK, NETWORK_SEED))
    ]
    await opened.write(lambda connection: connection.execute(insert(agent_key), rows))
    yield opened
    await opened.close()


@pytest.fixture
def clock() -> FixedClock:
    """A clock that stands."""
    return FixedClock()


@pytest.fixture
def sessions(database: Database, clock: FixedClock) -> Sessions:
    """The service under test."""
    return Sessions(database=database, clock=clock, network=NETWORK, origins=frozenset({ORIGIN}))


def login(clock: FixedClock, *, agent: bytes = MEMBER, seed: bytes = SEED, nonce: int = 1) -> tuple[bytes, bytes]:
    """Make a login document and its signature."""
    document = Login(
        agent=agent,
        expires_ms=clock.now_ms() + 60_000,
        key=keys.public_of(seed),
        network=NETWORK,
        nonce=nonce.to_bytes(16),
        origin=ORIGIN,
    )
    return sign_login(document, seed=seed)


async def test_a_login_opens_a_session_until_it_ends(sessions: Sessions, clock: FixedClock) -> None:
    """The token finds the member until it is ended."""
    token, opened = await sessions.open(*login(clock))

    assert await sessions.find(token) == opened
    assert opened.agent == MEMBER
    assert not opened.is_operator

    await sessions.end(token)

    assert await sessions.find(token) is None


async def test_a_session_ends_by_time(sessions: Sessions, clock: FixedClock) -> None:
    """After its life the token finds nothing."""
    token, _ = await sessions.open(*login(clock))
    clock.time_ms += SESSION_LIFE_MS

    assert await sessions.find(token) is None


async def test_a_session_of_a_clock_ahead_ends_with_it(sessions: Sessions, clock: FixedClock) -> None:
    """A session that was opened while the clock stood at 2040 doesn't hold until then."""
    clock.time_ms += 14 * 365 * 24 * 3600 * 1000
    token, _ = await sessions.open(*login(clock))
    clock.time_ms -= 14 * 365 * 24 * 3600 * 1000

    assert await sessions.find(token) is None


async def test_a_login_is_good_once(sessions: Sessions, clock: FixedClock) -> None:
    """The same document is refused the second time, also after its session was ended."""
    document = login(clock)
    token, _ = await sessions.open(*document)
    await sessions.end(token)

    with pytest.raises(RemoteProtocolError) as caught:
        await sessions.open(*document)

    assert caught.value.code == "login_used"


async def test_an_unknown_key_is_refused(sessions: Sessions, clock: FixedClock) -> None:
    """A key of nobody, or of somebody else, opens nothing."""
    for agent, seed in ((MEMBER, b"x" * 32), (MEMBER, NETWORK_SEED), (b"z" * 32, SEED)):
        with pytest.raises(RemoteProtocolError) as caught:
            await sessions.open(*login(clock, agent=agent, seed=seed))
        assert caught.value.code == "login_unknown_key"


async def test_a_withdrawn_key_ends_its_sessions(sessions: Sessions, database: Database, clock: FixedClock) -> None:
    """As soon as the key is no longer one of the agent's, the token finds nothing."""
    token, _ = await sessions.open(*login(clock))
    await database.write(lambda connection: connection.execute(update(agent_key).values(valid_until=5)))

    assert await sessions.find(token) is None


async def test_the_operator_is_the_network_or_has_the_role(
    sessions: Sessions, database: Database, clock: FixedClock
) -> None:
    """The record key makes an operator; so does the role, from the moment in which it is given."""
    token, member = await sessions.open(*login(clock))
    _, network = await sessions.open(*login(clock, agent=NETWORK, seed=NETWORK_SEED, nonce=2))
    role = {"network": NETWORK, "agent": MEMBER, "role": "operator", "valid_from": 3, "valid_until": None}

    assert network.is_operator
    assert not member.is_operator

    await database.write(lambda connection: connection.execute(insert(agent_role).values(role)))
    found = await sessions.find(token)

    assert found is not None
    assert found.is_operator


async def test_the_oldest_session_gives_way(sessions: Sessions, clock: FixedClock) -> None:
    """One agent keeps a bounded number of sessions; one more ends the oldest."""
    tokens = []
    for number in range(SESSIONS_PER_AGENT_MAX + 1):
        clock.time_ms += 1
        token, _ = await sessions.open(*login(clock, nonce=number))
        tokens.append(token)

    found = [await sessions.find(token) is not None for token in tokens]

    assert found == [False] + [True] * SESSIONS_PER_AGENT_MAX


async def test_expired_rows_are_dropped(sessions: Sessions, database: Database, clock: FixedClock) -> None:
    """Rows of sessions that ended don't pile up."""
    await sessions.open(*login(clock, nonce=1))
    clock.time_ms += SESSION_LIFE_MS + LOGIN_LIFE_MS_MAX
    await sessions.open(*login(clock, nonce=2))

    async with database.read() as connection:
        rows = (await connection.execute(session.select())).all()

    assert len(rows) == 1


@pytest.mark.parametrize("token", ["", "x", "é" * 43, "A" * 43, "A" * 44, "A" * 10_000, "\x00" * 43, "----"])
async def test_anything_else_is_no_token(sessions: Sessions, token: str) -> None:
    """Arbitrary text finds no session and raises nothing."""
    assert await sessions.find(token) is None
    await sessions.end(token)


async def test_the_token_is_not_stored(sessions: Sessions, database: Database, clock: FixedClock) -> None:
    """What lies in the database opens nothing, and its rows carry their checks."""
    token, _ = await sessions.open(*login(clock))
    await sessions.end(token)

    async with database.read() as connection:
        row = (await connection.execute(session.select())).one()
        everything = (await connection.execute(text("SELECT hex(token_hash) || hex(nonce) FROM session"))).scalar_one()

    assert failing_columns(session, dict(row._mapping)) == ()
    assert token.encode().hex().upper() not in everything


async def test_a_session_knows_who_reads_the_ledger(sessions: Sessions, clock: FixedClock) -> None:
    """Operator, treasurer and auditor read all accounts, a plain member doesn't."""
    _, member = await sessions.open(*login(clock))

    assert not member.reads_ledger
    for role in ("operator", "treasurer", "auditor"):
        assert replace(member, roles=frozenset({role})).reads_ledger
