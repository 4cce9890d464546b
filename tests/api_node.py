"""A node with its HTTP interface in this process, for the tests of the API: real store, real services, no port chosen.

`ApiNode` is a `StoreNode` with catalogue, ledger, sessions and the application; `client` speaks to it over loopback.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer

from node.api.routes import add_api
from node.config import Config
from node.services import Services
from node.services.books import Books
from node.services.cash import CashBook
from node.services.catalogue import Catalogue
from node.services.dues import Dues
from node.services.feeds import Feeds
from node.services.ledger import Ledger
from node.services.names import CatalogueNames
from node.services.peers import Peers
from node.services.reading import Reading
from node.services.sessions import Sessions
from node.store.catalogue import open_catalogue
from protocol.login import Login, sign_login
from tests.builders import named, public
from tests.store_node import StoreNode

URL = "http://vila.example"
BASE = "/api/v1"


class ApiNode(StoreNode):
    """A node whose API answers; use it as a context manager.

    Attributes:
        services: What the handlers use.
        client: Speaks to it.
    """

    def __init__(self, folder: Path, name: str) -> None:
        """Name the folder and the network; nothing is opened yet."""
        super().__init__(folder, name)
        self._nonce = 0

    async def open(self) -> None:
        """Open the store, then everything above it."""
        await super().open()
        await open_catalogue(self.database)
        config = Config(directory=self.folder, url=URL)
        peers = await Peers.open(self.database)
        names = CatalogueNames(self.database)
        ledger = await Ledger.open(self.database, self.feeds, self.signatures, self.clock, names)
        self.publishing.ledger = ledger
        origins = frozenset({URL})
        self.services = Services(
            home=self.network.id,
            config=config,
            clock=self.clock,
            database=self.database,
            feeds=Feeds(self.database, self.feeds),
            publishing=self.publishing,
            reading=Reading(self.database, self.feeds),
            replication=self.replication,
            ledger=ledger,
            books=Books(self.database, self.feeds, ledger, self.clock, names),
            cash=CashBook(self.database, ledger, names, network=self.network.id),
            dues=Dues(self.database, self.feeds, ledger, names),
            catalogue=Catalogue(
                database=self.database, home=self.network.id, config=config, clock=self.clock, peers=peers
            ),
            sessions=Sessions(database=self.database, clock=self.clock, network=self.network.id, origins=origins),
            peers=peers,
        )
        application = web.Application()
        add_api(application, self.services)
        self.client = TestClient(TestServer(application))
        await self.client.start_server()

    async def close(self) -> None:
        """Stop answering, then stop as a node does."""
        await self.client.close()
        await self.services.ledger.close()
        await super().close()

    async def log_in(self, who: str | None = None) -> dict[str, str]:
        """Open a session for a member, or for the network where none is named; give the header that carries it."""
        document, signature = self.login(who)
        token, _ = await self.services.sessions.open(document, signature)
        return {"Authorization": f"Bearer {token}"}

    def login(self, who: str | None = None) -> tuple[bytes, bytes]:
        """Give a login document of a member, or of the network, and its signature."""
        self._nonce += 1
        name = who or self.network.name
        login = Login(
            agent=self.network.member(who).id if who else self.network.id,
            expires_ms=self.clock.now_ms() + 60_000,
            key=public(name),
            network=self.network.id,
            nonce=self._nonce.to_bytes(16),
            origin=URL,
        )
        return sign_login(login, seed=named(name))

    async def get(self, path: str, **arguments: Any) -> Any:
        """Fetch JSON from below /api/v1; the answer must be 200."""
        answer = await self.client.get(BASE + path, **arguments)
        assert answer.status == 200, await answer.text()
        return await answer.json()


async def error_of(answer: ClientResponse) -> tuple[int, str]:
    """Check that an answer has the one error shape; give its status and code."""
    value = await answer.json()
    assert set(value) == {"error"}, value
    assert set(value["error"]) == {"code", "message", "next_step"}, value
    assert all(type(part) is str and part for part in value["error"].values()), value
    return answer.status, value["error"]["code"]
