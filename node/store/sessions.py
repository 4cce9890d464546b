"""Who is logged in: one row a session, under the hash of its token.

A session can't be rebuilt from records, so each row carries `checks`. The token itself is never stored. The nonce of
the login stays until no document with it could be accepted any more, so that none is used twice.
Source: docs/spec/08-http.md section 4.

Tests: tests/node/services/test_sessions.py
"""

from dataclasses import dataclass

from sqlalchemy import Column, Index, LargeBinary, RowMapping, Table, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from node.store.rowcheck import with_checks
from node.store.tables import agent_key, agent_role, identifier, metadata, whole

session = Table(
    "session",
    metadata,
    identifier("token_hash", primary_key=True, nullable=False),
    identifier("agent", nullable=False),
    identifier("key", nullable=False),
    Column("nonce", LargeBinary, nullable=False, unique=True),
    whole("began_ms", nullable=False),
    whole("login_expires_ms", nullable=False),
    whole("expires_ms", nullable=False),
    Column("checks", LargeBinary, nullable=False),
    Index("session_agent", "agent"),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRow:
    """A session as it is stored.

    Attributes:
        token_hash: SHA-256 of the token, 32 bytes.
        agent: Who logged in, 32 bytes.
        key: With which key, 32 bytes.
        nonce: The login document's.
        began_ms: When.
        login_expires_ms: Until when the login document was good.
        expires_ms: When the session ends; equal to `began_ms` once it was ended.
    """

    token_hash: bytes
    agent: bytes
    key: bytes
    nonce: bytes
    began_ms: int
    login_expires_ms: int
    expires_ms: int


async def add_session(connection: AsyncConnection, row: SessionRow) -> None:
    """Store a new session."""
    await connection.execute(insert(session).values(with_checks(session, _values(row))))


async def find_session(connection: AsyncConnection, token_hash: bytes) -> SessionRow | None:
    """Give the session of a token, ended ones too."""
    row = (await connection.execute(select(session).where(session.c.token_hash == token_hash))).mappings().first()
    return _read(row) if row is not None else None


async def has_nonce(connection: AsyncConnection, nonce: bytes) -> bool:
    """Tell whether a login with this nonce was accepted and may still be remembered by somebody."""
    return (await connection.execute(select(session.c.nonce).where(session.c.nonce == nonce))).first() is not None


async def end_session(connection: AsyncConnection, row: SessionRow) -> None:
    """End a session; its nonce stays for as long as the login document is good."""
    values = {**_values(row), "expires_ms": row.began_ms}
    query = update(session).where(session.c.token_hash == row.token_hash)
    await connection.execute(query.values(with_checks(session, values)))


async def drop_expired(connection: AsyncConnection, now_ms: int) -> None:
    """Forget sessions that ended and whose login document could not be used again."""
    ended = (session.c.expires_ms <= now_ms, session.c.login_expires_ms <= now_ms)
    await connection.execute(delete(session).where(*ended))


async def count_sessions(connection: AsyncConnection) -> int:
    """Count all rows."""
    return int((await connection.execute(select(func.count()).select_from(session))).scalar_one())


async def sessions_of(connection: AsyncConnection, agent: bytes) -> list[SessionRow]:
    """Give an agent's sessions, the oldest first."""
    query = select(session).where(session.c.agent == agent).order_by(session.c.began_ms, session.c.token_hash)
    return [_read(row) for row in (await connection.execute(query)).mappings()]


async def is_current_key(connection: AsyncConnection, *, network: bytes, agent: bytes, key: bytes) -> bool:
    """Tell whether `key` is one of the agent's signing keys in that network now."""
    query = select(agent_key.c.key).where(
        agent_key.c.network == network,
        agent_key.c.agent == agent,
        agent_key.c.key == key,
        agent_key.c.valid_until.is_(None),
    )
    return (await connection.execute(query)).first() is not None


async def roles_of(connection: AsyncConnection, *, network: bytes, agent: bytes) -> frozenset[str]:
    """Give the roles that the network gives to an agent now."""
    query = select(agent_role.c.role).where(
        agent_role.c.network == network, agent_role.c.agent == agent, agent_role.c.valid_until.is_(None)
    )
    return frozenset((await connection.execute(query)).scalars())


def _values(row: SessionRow) -> dict[str, object]:
    return {name: getattr(row, name) for name in SessionRow.__slots__}


def _read(values: RowMapping) -> SessionRow:
    return SessionRow(**{name: values[name] for name in SessionRow.__slots__})
