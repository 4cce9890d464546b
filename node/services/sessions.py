"""Sessions: a signed login document becomes a token, and a token becomes who asks.

Rules kept here: a token is 32 random bytes, given out once and stored as its hash only; a session ends after its time,
on request, or as soon as its key is no longer one of the agent's; roles are read anew at each request, so that taking a
role away works at once. The operator is whoever holds the network's own record key, or a member with that role.
Source: docs/spec/08-http.md section 4.
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass
from typing import Final

from node.clock import Clock
from node.store import sessions as store
from node.store.database import Connection, Database
from protocol.errors import Code, RemoteProtocolError
from protocol.limits import LOGIN_LIFE_MS_MAX, SESSION_LIFE_MS, SESSIONS_MAX, SESSIONS_PER_AGENT_MAX
from protocol.login import Login, LoginCode, check_login, read_login

TOKEN_BYTES: Final = 32
OPERATOR_ROLES: Final = frozenset({"operator"})
LEDGER_ROLES: Final = frozenset({"operator", "treasurer", "auditor"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Who asks.

    Attributes:
        agent: 32 bytes; the network's own id for its operator.
        network: The network that this node serves, 32 bytes.
        roles: The agent's roles in it.
        expires_ms: When the session ends.
    """

    agent: bytes
    network: bytes
    roles: frozenset[str]
    expires_ms: int

    @property
    def is_operator(self) -> bool:
        """Whether this is the network itself or a member with the role operator."""
        return self.agent == self.network or bool(self.roles & OPERATOR_ROLES)

    @property
    def reads_ledger(self) -> bool:
        """Whether all accounts may be read: operator, treasurer, auditor."""
        return self.agent == self.network or bool(self.roles & LEDGER_ROLES)


class Sessions:
    """Opens, finds and ends sessions at one node."""

    def __init__(self, *, database: Database, clock: Clock, network: bytes, origins: frozenset[str]) -> None:
        """Serve one network.

        Args:
            database: Where sessions are kept.
            clock: Time and randomness.
            network: The network's agent id, 32 bytes.
            origins: The addresses (scheme, host, port) under which this node is reached.
        """
        self.network = network
        self.origins = origins
        self._database = database
        self._clock = clock

    def now_ms(self) -> int:
        """Give this node's time, by which a login document expires."""
        return self._clock.now_ms()

    async def open(self, document: bytes, signature: bytes) -> tuple[str, Session]:
        """Begin a session.

        Args:
            document: A login document.
            signature: Its signature, 64 bytes.

        Returns:
            The token, given out this once, and the session.

        Raises:
            RemoteProtocolError: See `protocol.login`; TOO_MANY when the node keeps no more sessions.
        """
        login = read_login(document, signature)
        now_ms = self._clock.now_ms()
        check_login(login, network=self.network, origins=self.origins, now_ms=now_ms)
        token = self._clock.random_bytes(TOKEN_BYTES)
        row = store.SessionRow(
            token_hash=hashlib.sha256(token).digest(),
            agent=login.agent,
            key=login.key,
            nonce=login.nonce,
            began_ms=now_ms,
            login_expires_ms=login.expires_ms,
            expires_ms=now_ms + SESSION_LIFE_MS,
        )

        async def job(connection: Connection) -> frozenset[str]:
            return await self._store(connection, login, row)

        roles = await self._database.write(job)
        session = Session(agent=row.agent, network=self.network, roles=roles, expires_ms=row.expires_ms)
        return base64.urlsafe_b64encode(token).decode().rstrip("="), session

    async def find(self, token: str) -> Session | None:
        """Give the session of a token, None where there is none or it ended.

        Args:
            token: As `open` gave it; anything else is simply unknown.
        """
        token_hash = _token_hash(token)
        if token_hash is None:
            return None
        async with self._database.read() as connection:
            row = await store.find_session(connection, token_hash)
            if row is None or not self._holds(row):
                return None
            if not await store.is_current_key(connection, network=self.network, agent=row.agent, key=row.key):
                return None
            roles = await store.roles_of(connection, network=self.network, agent=row.agent)
        return Session(agent=row.agent, network=self.network, roles=roles, expires_ms=row.expires_ms)

    def _holds(self, row: store.SessionRow) -> bool:
        """Tell whether now lies in a session's time; one of a clock that was ahead would hold for years."""
        return row.began_ms - LOGIN_LIFE_MS_MAX <= self._clock.now_ms() < row.expires_ms

    async def end(self, token: str) -> None:
        """End the session of a token; one that is unknown or ended is left as it is."""
        token_hash = _token_hash(token)
        if token_hash is None:
            return

        async def job(connection: Connection) -> None:
            row = await store.find_session(connection, token_hash)
            if row is not None:
                await store.end_session(connection, row)

        await self._database.write(job)

    async def _store(self, connection: Connection, login: Login, row: store.SessionRow) -> frozenset[str]:
        if not await store.is_current_key(connection, network=self.network, agent=login.agent, key=login.key):
            raise RemoteProtocolError(LoginCode.LOGIN_UNKNOWN_KEY)
        await store.drop_expired(connection, row.began_ms)
        if await store.has_nonce(connection, login.nonce):
            raise RemoteProtocolError(LoginCode.LOGIN_USED)
        if await store.count_sessions(connection) >= SESSIONS_MAX:
            raise RemoteProtocolError(Code.TOO_MANY, f"this node keeps at most {SESSIONS_MAX} sessions")
        own = [old for old in await store.sessions_of(connection, login.agent) if old.expires_ms > row.began_ms]
        for old in own[: max(0, len(own) - SESSIONS_PER_AGENT_MAX + 1)]:
            await store.end_session(connection, old)
        await store.add_session(connection, row)
        return await store.roles_of(connection, network=self.network, agent=login.agent)


def _token_hash(token: str) -> bytes | None:
    try:
        data = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)) if token.isascii() else b""
    except (binascii.Error, ValueError):
        return None
    return hashlib.sha256(data).digest() if len(data) == TOKEN_BYTES else None
