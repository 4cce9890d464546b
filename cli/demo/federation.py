"""A small federation: two local networks and their region, each a node of its own.

Source: issue "The spine"; docs/operating/demo.md.

Tests: tests/cli/demo/test_once.py, tests/cli/demo/test_lasting.py
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cli import keys
from cli.client import Client
from cli.connection import as_network
from cli.demo.inside import run_inside
from cli.demo.processes import NodeProcess
from cli.errors import FailedCheckError
from cli.keys import Signer
from cli.records import Author
from protocol.identifiers import from_text, to_text

CONNECT_S = 20.0
NODE_FILE = "node.toml"


@dataclass(frozen=True, slots=True)
class Place:
    """One network of the federation.

    Attributes:
        folder: The name of its folder, and of its tables.
        name: Its name.
    """

    folder: str
    name: str


VILA = Place("vila", "Rede Vila Esperança")
SERRA = Place("serra", "Rede Serra Viva")
REGION = Place("regiao", "Rede Regional Vale e Serra")
PLACES = (VILA, SERRA, REGION)
LINKS = (("vila", "regiao"), ("serra", "regiao"), ("vila", "serra"))


@dataclass(slots=True)
class Member:
    """Somebody who was enrolled, and whose keys the demonstration holds as the member would.

    Attributes:
        place: The folder of the network.
        name: What they are called.
        signer: Their keys.
        key_file: Where these are kept.
    """

    place: str
    name: str
    signer: Signer
    key_file: Path

    @property
    def agent(self) -> bytes:
        """The agent's id, 32 bytes."""
        return self.signer.agent_id()


@dataclass(slots=True)
class Federation:
    """The nodes, and connections to them.

    Attributes:
        directory: Where everything lies.
        nodes: By folder name.
    """

    directory: Path
    nodes: dict[str, NodeProcess] = field(default_factory=dict)
    _clients: dict[str, Client] = field(default_factory=dict)
    _networks: dict[str, bytes] = field(default_factory=dict)

    @classmethod
    def at(cls, directory: Path, places: Iterable[Place], ports: Iterable[int]) -> Federation:
        """Describe a federation; nothing is started yet."""
        nodes = {
            place.folder: NodeProcess(place.folder, directory / place.folder, port)
            for place, port in zip(places, ports, strict=True)
        }
        return cls(directory, nodes)

    def client(self, place: str) -> Client:
        """Give the connection to a node."""
        return self._clients[place]

    def network(self, place: str) -> bytes:
        """Give a network's id, 32 bytes; known once its node has answered."""
        return self._networks[place]

    def member_keys(self, place: str) -> Path:
        """Give the folder of the members' keys, apart from the node's folder."""
        return self.directory / "keys" / place

    async def init(self, places: Iterable[Place]) -> None:
        """Make the folders of nodes that aren't there yet; one after the other, since Alembic keeps global state."""
        for place in places:
            node = self.nodes[place.folder]
            if not (node.directory / NODE_FILE).exists():
                # The settings are written last: a folder without them is what an interrupted start left.
                shutil.rmtree(node.directory, ignore_errors=True)
                words = ["init", str(node.directory), "--name", place.name, "--url", node.public_url]
                words += ["--host", node.host, "--port", str(node.port)]
                if place.folder == REGION.folder:
                    words.append("--region")
                await self.run(*words, "--no-passphrase")

    async def start(self, places: Sequence[str] | None = None) -> None:
        """Start nodes and wait until they are ready."""
        chosen = [self.nodes[place] for place in places or self.nodes]
        for node in chosen:
            node.start()
        async with asyncio.TaskGroup() as group:
            for node in chosen:
                group.create_task(node.wait_until_ready())

    @asynccontextmanager
    async def connections(self) -> AsyncIterator[None]:
        """Keep a connection to every node, logged in as its operator, for the length of a block."""
        try:
            for place in self.nodes:
                await self.connect(place)
            yield
        finally:
            for client in self._clients.values():
                await client.__aexit__(None, None, None)
            self._clients.clear()

    async def connect(self, place: str) -> None:
        """Open the connection to a node anew, as its operator."""
        if (before := self._clients.pop(place, None)) is not None:
            await before.__aexit__(None, None, None)
        client = await Client(self.nodes[place].url).__aenter__()
        self._clients[place] = client
        self._networks[place] = await client.network_id()
        operator = self.author(place)
        await client.log_in(seed=operator.signer.sign_seed, public=operator.signer.public, agent=self._networks[place])

    def network_key(self, place: str) -> Path:
        """Give the file of a network's record key."""
        return self.nodes[place].directory / "keys" / "network.key"

    def author(self, place: str) -> Author:
        """Give the network itself as author."""
        return as_network(keys.load(self.network_key(place), ""), self._networks[place])

    async def link(self, links: Iterable[tuple[str, str]] = LINKS) -> None:
        """Make networks neighbours of each other, and wait until they are connected."""
        pairs = list(links)
        for one, other in pairs:
            for here, there in ((one, other), (other, one)):
                await self.add_peer(here, there)
        await self.wait_connected(pairs)

    async def add_peer(self, here: str, there: str) -> None:
        """Let a node keep a link to another, unless it does already."""
        relation = "region" if there == REGION.folder else "member" if here == REGION.folder else "neighbour"
        if self.network(there) not in await self.neighbours(here):
            other = await self.client(there).network()
            peer = {
                "url": self.nodes[there].public_url,
                "network": other["id"],
                "relation": relation,
                "name": other["name"],
            }
            await self.client(here).post("/peers", peer)

    async def remove_peer(self, here: str, there: str) -> None:
        """Let a node end its link to another."""
        await self.client(here).delete(f"/peers/{to_text('agent', self.network(there))}")

    async def neighbours(self, place: str) -> dict[bytes, str]:
        """Give the networks that a node has links to, with the state of each."""
        views = (await self.client(place).get("/neighbours"))["neighbours"]
        return {from_text(view["network_id"])[1]: str(view["state"]) for view in views}

    async def wait_connected(self, links: Iterable[tuple[str, str]]) -> None:
        """Wait until links are up on both sides.

        Raises:
            FailedCheckError: names the link that isn't.
        """
        for one, other in links:
            for here, there in ((one, other), (other, one)):
                try:
                    async with asyncio.timeout(CONNECT_S):
                        # Another process has no event to wait for.
                        while (await self.neighbours(here)).get(self.network(there)) != "connected":  # noqa: ASYNC110
                            await asyncio.sleep(0.05)
                except TimeoutError as error:
                    raise FailedCheckError(
                        f"{here} doesn't hear {there}.", next_step=f"It said last:\n{self.nodes[here].tail()}"
                    ) from error

    def as_operator(self, place: str) -> list[str]:
        """Give the options by which a command speaks as a network's operator."""
        return ["--node", self.nodes[place].url, "--key", str(self.network_key(place)), "--no-passphrase"]

    async def run(self, *words: str) -> dict[str, Any]:
        """Run one command of this program and give its result.

        Raises:
            FailedCheckError: it didn't end well; what it said is in the message.
        """
        ended = await run_inside(*words)
        if ended.error is not None:
            error = ended.error
            raise FailedCheckError(
                f"`mutirao {' '.join(words[:2])}` ended with {ended.code}: {error.message}",
                code=error.code,
                next_step=error.next_step,
            )
        assert isinstance(ended.value, dict)
        return ended.value

    async def stop(self) -> dict[str, int | None]:
        """Stop every node, all at once.

        Returns:
            The exit code of each.
        """
        codes = await asyncio.gather(*(node.stop() for node in self.nodes.values()))
        return dict(zip(self.nodes, codes, strict=True))
