"""From the common options to an open connection, and to somebody who signs.

aiohttp is imported only when a command really talks to a node, so that `--help` and completion stay quick.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli import keys
from cli.amounts import CreditUnit
from cli.errors import UsageProblemError
from cli.keys import Signer
from cli.records import Author
from cli.settings import Settings
from protocol.errors import RemoteProtocolError
from protocol.identifiers import from_text, to_text

if TYPE_CHECKING:
    from cli.client import Client


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """A connection to the author's own node, and the author.

    Attributes:
        client: The connection.
        author: Who signs.
        network: The network that the node serves, as its view.
        credit: That network's credit.
    """

    client: Client
    author: Author
    network: dict[str, Any]
    credit: CreditUnit

    async def log_in(self) -> None:
        """Open a session as the author."""
        signer = self.author.signer
        agent = self.author.agent or self.author.home
        await self.client.log_in(seed=signer.sign_seed, public=signer.public, agent=agent)


@asynccontextmanager
async def connected(settings: Settings) -> AsyncIterator[Client]:
    """Open a connection to the node of the options, for reading."""
    from cli.client import Client

    async with Client(settings.node) as client:
        yield client


@asynccontextmanager
async def desk(settings: Settings) -> AsyncIterator[Desk]:
    """Open a connection to the author's own node, as the author of the options.

    Raises:
        UsageProblemError: there is no key, it belongs to no agent, or to another network than the node's.
    """
    signer = load_signer(settings)
    async with connected(settings) as client:
        view = await client.network()
        network = from_text(str(view["id"]))[1]
        if signer.network is not None and signer.network != network:
            raise UsageProblemError(
                f"The key of {signer.name} belongs to {to_text('agent', signer.network)}, and {settings.node} serves "
                f"{view['id']} ({view.get('name', '')}).",
                code="wrong_home",
                next_step="Give the address of your own network's node with --node.",
            )
        yield Desk(
            client=client,
            author=Author(signer=signer, agent=_agent_of(settings, signer), home=network),
            network=view,
            credit=CreditUnit.of_network(network, view.get("unit")),
        )


def load_signer(settings: Settings, path: Path | None = None) -> Signer:
    """Read the key file of the options, asking for its passphrase where it has one."""
    path = path or settings.key_path()
    return keys.load(path, settings.passphrase(path) if keys.is_locked(path) else "")


def as_network(signer: Signer, network: bytes) -> Author:
    """Give the author of what a network itself signs.

    Args:
        signer: the network's record key.
        network: its id, 32 bytes.

    Raises:
        UsageProblemError: the key is that of somebody else.
    """
    if signer.agent not in {None, network}:
        raise UsageProblemError(
            f"The key of {signer.name} is not the network's record key.",
            next_step="Give keys/network.key of the node's folder.",
        )
    return Author(signer=replace(signer, agent=network, network=network), agent=network, home=network)


def _agent_of(settings: Settings, signer: Signer) -> bytes:
    if settings.agent is None:
        return signer.agent_id()
    try:
        return from_text(settings.agent)[1]
    except RemoteProtocolError as error:
        raise UsageProblemError(f"--as: {error.message}.", next_step="Copy the id as it is printed.") from error
