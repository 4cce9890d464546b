"""Making signed records: the one place of the command line that adds time and randomness to what is said.

Source: DESIGN §4; spec/03-records.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cli.errors import UsageProblemError
from cli.keys import Signer
from protocol import record as records
from protocol.errors import ProtocolError
from protocol.kinds import read_body
from protocol.limits import SALT_BYTES
from protocol.record import Header, Record


def now_ms() -> int:
    """Give this device's clock, in milliseconds since 1970 in UTC."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Somebody in whose name records are made.

    Attributes:
        signer: Whose key signs.
        agent: The author's agent id (32 bytes), None for a first `agent` record.
        home: The network in whose feed the record will stand (32 bytes).
    """

    signer: Signer
    agent: bytes | None
    home: bytes

    def make(
        self,
        kind: str,
        body: Mapping[str, Any],
        *,
        thing: bytes | None = None,
        previous: bytes | None = None,
        to: Iterable[bytes] = (),
    ) -> Record:
        """Make and sign a record.

        Args:
            kind: what it is, such as `offer`.
            body: its map.
            thing: what it revises, with `previous`; None for something new.
            previous: the current revision's id.
            to: the networks that it is addressed to.

        Raises:
            UsageProblemError: it breaks a rule of its kind, or would be larger than a record may be. What the node
                would refuse for its form is refused here, before anything is sent.
        """
        header = Header(
            kind=kind,
            author=self.agent,
            key=self.signer.public,
            home=self.home,
            to=tuple(sorted(set(to))),
            created_ms=now_ms(),
            thing=thing,
            previous=previous,
        )
        try:
            read_body(kind, body)
            return records.create(header, body, seed=self.signer.sign_seed, salt=secrets.token_bytes(SALT_BYTES))
        except ProtocolError as error:
            raise UsageProblemError(
                f"This {kind} can't be published: {error.message}.",
                code=str(error.code),
                next_step=error.code.next_step,
            ) from error


def first_agent(signer: Signer, agent_type: str, home: bytes) -> Record:
    """Make the self-signed record whose id is the agent's id.

    Args:
        signer: the new keys.
        agent_type: person, enterprise, group …
        home: the network that will admit it (32 bytes).
    """
    body = {"type": agent_type, "keys": [{"sign": signer.public, "seal": signer.sealing_public}]}
    return Author(signer=signer, agent=None, home=home).make("agent", body)


def member_of(signer: Signer, *, agent: bytes | None = None, home: bytes | None = None) -> Author:
    """Give the author that a key file speaks for.

    Args:
        signer: the key file.
        agent: an id to use in place of the file's.
        home: a network to use in place of the file's.

    Raises:
        UsageProblemError: neither the file nor the arguments tell.
    """
    home = home or signer.network
    if home is None:
        raise UsageProblemError(
            f"The key of {signer.name} doesn't say to which network it belongs.",
            next_step="Enrol with `mutirao member add`.",
        )
    return Author(signer=signer, agent=agent or signer.agent_id(), home=home)
